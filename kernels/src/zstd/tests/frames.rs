//! Frames and blocks.

use super::write::{Block, HEADER, block, blocks, frame, raw, raw_literals, repeated};
use super::{content, decode, refusal, xxh64};

/// A frame with this descriptor and what is behind it in the header.
fn headed(descriptor: u8, fields: &[&[u8]], of: &[Block]) -> Vec<u8> {
    [&HEADER[..4], &[descriptor], &fields.concat(), &blocks(of)].concat()
}

#[test]
fn blocks_follow_each_other() {
    let empty = || block(&[&raw_literals(b""), &[0]]);
    let encoded = [raw(b"abc"), repeated(b'x', 4), raw(b""), repeated(b'y', 0), empty(), raw(b"d"), empty()];
    assert_eq!(content(&frame(&encoded)), b"abcxxxxd");
    assert_eq!(content(&frame(&[raw(b"")])), b"");
}

#[test]
fn a_frame_tells_its_content_size_in_four_ways() {
    for len in [0, 1, 255, 256, 257, 65_535, 65_536, 100_000] {
        let bytes: Vec<u8> = (0..len as u32).map(|number| number as u8).collect();
        for (descriptor, least, most, base, field) in [
            (0b0010_0000, 0, 0xff, 0, 1),
            (0b0110_0000, 256, 0x100ff, 256, 2),
            (0b1010_0000, 0, 0xffff_ffff, 0, 4),
            (0b1110_0000, 0, u64::MAX, 0, 8),
        ] {
            if !(least..=most).contains(&len) {
                continue;
            }
            let told = |len: u64| (len - base).to_le_bytes()[..field].to_vec();
            assert_eq!(content(&headed(descriptor, &[&told(len)], &[raw(&bytes)])), bytes);
            // The same with a window; without one, a single byte does not tell a size.
            if descriptor >> 6 > 0 {
                assert_eq!(content(&headed(descriptor & 0xc0, &[&[7 << 3], &told(len)], &[raw(&bytes)])), bytes);
            }
            let wrong = "the frame does not hold as many bytes as it says";
            if len < most.min(100_000) {
                assert_eq!(refusal(&headed(descriptor, &[&told(len + 1)], &[raw(&bytes)])), wrong);
            }
            if len > least && descriptor >> 6 > 0 {
                assert_eq!(refusal(&headed(descriptor & 0xc0, &[&[7 << 3], &told(len - 1)], &[raw(&bytes)])), wrong);
            }
        }
    }
}

#[test]
fn a_wrong_size_is_told_from_too_little_room() {
    let claims_9 = headed(0b0010_0000, &[&[9]], &[raw(b"abc")]);
    assert_eq!(decode(&claims_9, 3), Err("the frame does not hold as many bytes as it says"));
    assert_eq!(decode(&claims_9, 2), Ok(None));
}

#[test]
fn a_bit_without_use_is_ignored_and_a_reserved_one_is_refused() {
    assert_eq!(content(&headed(0b0001_0000, &[&[0]], &[raw(b"abc")])), b"abc");
    let reserved = "a reserved bit of the frame is set";
    assert_eq!(refusal(&headed(0b0000_1000, &[&[0]], &[raw(b"abc")])), reserved);
}

#[test]
fn dictionaries_are_refused_but_for_the_number_of_none() {
    for (bits, len) in [(1, 1), (2, 2), (3, 4)] {
        assert_eq!(content(&headed(bits, &[&[0], &[0; 4][..len]], &[raw(b"abc")])), b"abc");
        for at in 0..len {
            let mut number = [0; 4];
            number[at] = 1;
            let encoded = headed(bits, &[&[0], &number[..len]], &[raw(b"abc")]);
            assert_eq!(refusal(&encoded), "the frame needs a dictionary");
        }
    }
}

#[test]
fn a_checksum_is_verified() {
    for (bytes, len) in [(vec![], 0), (b"abc".repeat(50), 150)] {
        let checksum = (xxh64(&bytes) as u32).to_le_bytes();
        let good = [headed(0b0010_0100, &[&[len]], &[raw(&bytes)]), checksum.to_vec()].concat();
        assert_eq!(content(&good), bytes);
        for bit in 0..32 {
            let mut bad = good.clone();
            let at = good.len() - 4 + bit / 8;
            bad[at] ^= 1 << (bit % 8);
            assert_eq!(refusal(&bad), "checksum mismatch: the frame decodes to other bytes than were encoded");
        }
    }
}

#[test]
fn frames_follow_each_other_and_skippable_ones_hold_nothing() {
    let frames = [frame(&[raw(b"abc")]), frame(&[repeated(b'x', 2)])];
    for kind in 0x50..0x60 {
        for len in [0, 1, 300] {
            let skippable = [&[kind, 0x2a, 0x4d, 0x18], &(len as u32).to_le_bytes()[..], &vec![kind; len]].concat();
            assert_eq!(decode(&skippable, 0), Ok(Some(vec![])));
            let all = [&skippable[..], &frames[0], &skippable, &skippable, &frames[1], &skippable].concat();
            assert_eq!(decode(&all, 5), Ok(Some(b"abcxx".to_vec())));
            assert_eq!(decode(&all, 4), Ok(None));
            if len > 0 {
                assert_eq!(decode(&all[..all.len() - 1], 5), Err("the frame ends early"));
            }
        }
    }
}

#[test]
fn what_begins_otherwise_is_no_frame() {
    let bytes = frame(&[raw(b"abc")]);
    for bit in 0..32 {
        let mut other = bytes.clone();
        other[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(refusal(&other), "no frame begins where one is expected");
        assert_eq!(refusal(&[&bytes[..], &other].concat()), "no frame begins where one is expected");
    }
    for magic in [[0x4f, 0x2a, 0x4d, 0x18], [0x60, 0x2a, 0x4d, 0x18]] {
        assert_eq!(refusal(&[magic, [0; 4]].concat()), "no frame begins where one is expected");
    }
    assert_eq!(refusal(&[&bytes[..], &[0]].concat()), "the frame ends early");
}

#[test]
fn a_block_is_no_longer_than_the_window_and_128_kib() {
    let too_long = "the block is too large";
    let of = |window: u8, block: Block| [&HEADER[..4], &[0, window], &blocks(&[block])].concat();
    // Windows of 1 KiB, of 1 KiB and 7/8, of as much as a block, and of more.
    for (window, most) in [(0, 1024), (7, 1920), (7 << 3, 1 << 17), (7 << 3 | 1, 1 << 17), (21 << 3, 1 << 17)] {
        assert_eq!(content(&of(window, repeated(b'x', most))), vec![b'x'; most]);
        assert_eq!(content(&of(window, raw(&vec![b'x'; most]))), vec![b'x'; most]);
        for kind in 0..3 {
            assert_eq!(refusal(&of(window, Block(kind, most + 1, vec![0; most + 1]))), too_long);
        }
        let literals = |len: usize| block(&[&(1 | 3 << 2 | len << 4).to_le_bytes()[..3], b"x", &[0]]);
        assert_eq!(content(&of(window, literals(most))), vec![b'x'; most]);
        assert_eq!(refusal(&of(window, literals(most + 1))), "the block has too many literals");
    }
    assert_eq!(refusal(&headed(0b0010_0000, &[&[3]], &[raw(b"abcd")])), too_long);
}

#[test]
fn a_window_is_of_2_gib_at_most() {
    for window in 0..=0xff {
        let decoded = decode(&[&HEADER[..4], &[0, window], &blocks(&[raw(b"abc")])].concat(), 3);
        if window <= 21 << 3 {
            assert_eq!(decoded, Ok(Some(b"abc".to_vec())), "{window}");
        } else {
            assert_eq!(decoded, Err("the frame needs a window that is larger than any writer's"), "{window}");
        }
    }
}

#[test]
fn blocks_of_the_reserved_kind_are_refused() {
    assert_eq!(refusal(&frame(&[raw(b"abc"), Block(3, 0, vec![])])), "unknown kind of block");
}

#[test]
fn a_compressed_block_of_nothing_is_refused() {
    assert_eq!(refusal(&frame(&[block(&[])])), "the frame ends early");
    assert_eq!(refusal(&frame(&[block(&[&[0]])])), "the frame ends early");
    assert_eq!(content(&frame(&[block(&[&[0], &[0]])])), b"");
}
