//! Sequences.

use super::write::{Block, backward, block, counts, frame, literals_header, raw, raw_literals, repeated, same_codes};
use super::{content, refusal};

const NO_END: &str = "the sequences end before their stream";

/// A block of one sequence, and of as many literals as it takes.
fn one(literals: &[u8], offset: u32, match_len: u8) -> Block {
    let code = offset.ilog2();
    let sequences = same_codes(1, [literals.len() as u8, code as u8, match_len - 3], &[(offset - (1 << code), code)]);
    block(&[&raw_literals(literals), &sequences])
}

/// A pattern of so many bits.
fn pattern(bits: u32) -> u32 {
    0xaaaa_aaaa >> (32 - bits.max(1)) & ((1 << bits) - 1)
}

#[test]
fn how_many_sequences_there_are_is_told_in_three_ways() {
    // Each is of a literal and a match of it.
    let of = |count: usize, told: &[u8]| {
        let literals: Vec<u8> = (0..count).map(|at| (at % 251) as u8).collect();
        let expected: Vec<u8> = literals.iter().flat_map(|&byte| [byte; 4]).collect();
        let encoded = frame(&[block(&[&raw_literals(&literals), told, &[0x54, 1, 0, 0], &[1]])]);
        assert!(content(&encoded) == expected, "{count}");
    };
    of(1, &[1]);
    of(127, &[127]);
    of(1, &[0x80, 1]);
    of(128, &[0x80, 128]);
    of(0x7eff, &[0xfe, 0xff]);
    of(0x7f00, &[0xff, 0, 0]);
    of(0x7f05, &[0xff, 5, 0]);
    assert_eq!(content(&frame(&[block(&[&raw_literals(b"abc"), &[0x80, 0]])])), b"abc");
}

#[test]
fn many_sequences_each_have_their_own_bits() {
    let before: Vec<u8> = (0..6000_u32).map(|at| ((at * at) >> 5) as u8).collect();
    for count in [63, 64, 65, 128, 129, 1000] {
        let mut expected = before.clone();
        let (mut literals, mut bits) = (vec![], vec![]);
        for at in 0..count {
            // The lengths are 16 or 17 and 51 to 58, the offsets 2045 to 4092.
            let (offset, matched, length) = (at * 331 % 2048, at * 5 % 8, at / 3 % 2);
            bits.extend([(offset, 11), (matched, 3), (length, 1)]);
            let own: Vec<u8> = (0..16 + length).map(|byte| (at * 7 + byte) as u8).collect();
            literals.extend(&own);
            expected.extend(&own);
            for _ in 0..51 + matched {
                expected.push(expected[expected.len() - 2045 - offset as usize]);
            }
        }
        let told = [0x80 | (count >> 8) as u8, count as u8, 0x54, 16, 11, 38];
        let encoded = frame(&[raw(&before), block(&[&raw_literals(&literals), &told, &backward(&bits)])]);
        assert!(content(&encoded) == expected, "{count}");
    }
}

#[test]
fn lengths_have_the_numbers_of_the_specification() {
    // Section 3.1.1.3.2.1.1: from the first symbol that has bits, the number and the bits.
    const LITERALS: [(u32, u32); 20] = [
        (16, 1),
        (18, 1),
        (20, 1),
        (22, 1),
        (24, 2),
        (28, 2),
        (32, 3),
        (40, 3),
        (48, 4),
        (64, 6),
        (128, 7),
        (256, 8),
        (512, 9),
        (1024, 10),
        (2048, 11),
        (4096, 12),
        (8192, 13),
        (16384, 14),
        (32768, 15),
        (65536, 16),
    ];
    const MATCHES: [(u32, u32); 21] = [
        (35, 1),
        (37, 1),
        (39, 1),
        (41, 1),
        (43, 2),
        (47, 2),
        (51, 3),
        (59, 3),
        (67, 4),
        (83, 4),
        (99, 5),
        (131, 7),
        (259, 8),
        (515, 9),
        (1027, 10),
        (2051, 11),
        (4099, 12),
        (8195, 13),
        (16387, 14),
        (32771, 15),
        (65539, 16),
    ];
    let plain = |least: u32, count: u32| (least..least + count).map(|number| (number, 0));
    for (symbol, (number, bits)) in plain(0, 16).chain(LITERALS).enumerate() {
        let len = (number + pattern(bits)) as usize;
        let literals = [&literals_header(1, 3, len, 0), &b"x"[..]].concat();
        let sequences = same_codes(1, [symbol as u8, 2, 0], &[(0, 2), (pattern(bits), bits)]);
        let whole = content(&frame(&[raw(b"a"), block(&[&literals, &sequences])]));
        let again = if len == 0 { b'a' } else { b'x' };
        assert!(whole == [vec![b'a'], vec![b'x'; len], vec![again; 3]].concat(), "literal length {symbol}");
    }
    for (symbol, (number, bits)) in plain(3, 32).chain(MATCHES).enumerate() {
        let sequences = same_codes(1, [1, 2, symbol as u8], &[(0, 2), (pattern(bits), bits)]);
        let whole = content(&frame(&[block(&[&raw_literals(b"a"), &sequences])]));
        assert_eq!(whole, vec![b'a'; 1 + (number + pattern(bits)) as usize], "match length {symbol}");
    }
}

#[test]
fn offsets_reach_as_far_back_as_the_frame_goes() {
    let bytes: Vec<u8> = (0..4 << 17_u32).map(|at: u32| (at.wrapping_mul(at) >> 7 ^ at >> 13) as u8).collect();
    let blocks = |last: Block| bytes.chunks(1 << 17).map(raw).chain([last]).collect::<Vec<_>>();
    for code in 2..19 {
        let offset = (1 << code) + pattern(code);
        let from = bytes.len() - offset as usize + 3;
        let matched = if offset > 6 { &bytes[from..from + 3] } else { &[bytes[bytes.len() - 1]; 3] };
        assert!(content_once(&frame(&blocks(one(b"", offset, 3)))) == [&bytes, matched].concat(), "{offset}");
    }
    for code in 19..32 {
        let offset = (1 << code) + pattern(code);
        assert_eq!(refusal(&frame(&blocks(one(b"", offset, 3)))), "a match begins before its frame");
    }
}

/// Too long to be decoded with more and less room, and to be cut.
fn content_once(encoded: &[u8]) -> Vec<u8> {
    super::decode(encoded, 1 << 20).unwrap().unwrap()
}

#[test]
fn a_match_does_not_reach_into_the_frame_before() {
    let before = frame(&[raw(b"abcdefgh")]);
    for (literals, reached) in [(&b""[..], 1), (b"x", 2), (b"xyz", 4), (b"xyz", 100)] {
        let encoded = [&before[..], &frame(&[one(literals, reached + 3, 3)])].concat();
        assert_eq!(refusal(&encoded), "a match begins before its frame");
    }
    // Nor does the last of the recent offsets, which is 8.
    assert_eq!(refusal(&[&before[..], &frame(&[one(b"1234567", 3, 3)])].concat()), "a match begins before its frame");
    assert_eq!(content(&frame(&[one(b"12345678", 3, 3)])), b"12345678123");
}

#[test]
fn recent_offsets_are_kept_in_the_order_of_their_use() {
    // How many literals, the offset as it is written, and the distance that it stands for.
    const MATCHES: [(usize, u32, usize); 19] = [
        (1, 1, 1),
        (1, 2, 4),
        (1, 3, 8),
        (0, 1, 4),
        (0, 2, 1),
        (1, 2, 4),
        (0, 3, 3),
        (1, 13, 10),
        (0, 3, 9),
        (1, 1, 9),
        (0, 10, 7),
        (1, 3, 10),
        (0, 1, 7),
        (0, 1, 10),
        (0, 2, 9),
        (1, 1, 9),
        (1, 4, 1),
        (1, 2, 9),
        (0, 4, 1),
    ];
    let mut expected: Vec<u8> = (0..64).collect();
    let mut blocks = vec![raw(&expected)];
    for (at, (literals, offset, distance)) in MATCHES.into_iter().enumerate() {
        let literals = &[100 + at as u8][..literals];
        blocks.push(one(literals, offset, 5));
        expected.extend(literals);
        (0..5).for_each(|_| expected.push(expected[expected.len() - distance]));
    }
    assert_eq!(content(&frame(&blocks)), expected);
}

#[test]
fn a_distance_of_nothing_is_refused() {
    // One less than the last offset, which is 1.
    assert_eq!(refusal(&frame(&[raw(b"abc"), one(b"", 3, 3)])), "a match begins before its frame");
    let far_from_ends = block(&[&forty(), &same_codes(1, [0, 1, 0], &[(1, 1)])]);
    assert_eq!(refusal(&frame(&[raw(b"abc"), far_from_ends])), "a match begins before its frame");
}

/// Literals that are all the same.
fn forty() -> Vec<u8> {
    [&literals_header(1, 3, 40, 0), &b"x"[..]].concat()
}

#[test]
fn matches_may_overlap_what_they_write() {
    let mut expected: Vec<u8> = (0..70).collect();
    let mut blocks = vec![raw(&expected)];
    for distance in 1..70_u32 {
        for len in [3, 15, 16, 17, 33, 34] {
            let literals = [distance as u8];
            let code = (distance + 3).ilog2();
            let sequences = same_codes(1, [1, code as u8, len - 3], &[(distance + 3 - (1 << code), code)]);
            // Behind those that repeat is room for copies by lanes.
            for literals in [raw_literals(&literals), [&literals_header(1, 3, 1, 0), &literals[..]].concat()] {
                blocks.push(block(&[&literals, &sequences]));
                expected.push(distance as u8);
                (0..len).for_each(|_| expected.push(expected[expected.len() - distance as usize]));
            }
        }
    }
    assert_eq!(content(&frame(&blocks)), expected);
}

#[test]
fn literals_behind_the_last_sequence_follow_it() {
    let encoded = frame(&[block(&[&raw_literals(b"abcde"), &same_codes(1, [2, 2, 1], &[(1, 2)])])]);
    assert_eq!(content(&encoded), b"abababcde");
}

#[test]
fn sequences_that_take_more_literals_than_there_are_are_refused() {
    let more = "too few literals";
    assert_eq!(refusal(&frame(&[block(&[&raw_literals(b"ab"), &same_codes(1, [3, 2, 0], &[(0, 2)])])])), more);
    assert_eq!(refusal(&frame(&[block(&[&raw_literals(b"abc"), &same_codes(2, [2, 0, 0], &[])])])), more);
    assert_eq!(refusal(&frame(&[block(&[&forty(), &same_codes(3, [15, 0, 0], &[])])])), more);
    assert_eq!(refusal(&frame(&[block(&[&forty(), &same_codes(4, [15, 0, 0], &[])])])), more);
}

#[test]
fn a_block_of_more_than_128_kib_is_refused() {
    let of = |len: usize, bits: u32, more: usize| {
        let literals = [&literals_header(1, 3, 1 + more, 0), &b"x"[..]].concat();
        assert_eq!(65_539 + bits as usize, len);
        frame(&[block(&[&literals, &same_codes(1, [1, 2, 52], &[(0, 2), (bits, 16)])])])
    };
    let most = 1 << 17;
    assert_eq!(content(&of(most - 1, 65_532, 0)), vec![b'x'; most]);
    for (len, bits, more) in
        [(most, 65_533, 0), (most - 1, 65_532, 1), (most + 2, 65_535, 0), (most - 1000, 64_533, 1000)]
    {
        assert_eq!(refusal(&of(len, bits, more)), "the block holds too much");
    }
    assert_eq!(content(&of(most - 1000, 64_533, 999)), vec![b'x'; most]);
    // Nor does it go on until there is no room.
    let many = same_codes(20, [1, 2, 52], &[(0, 2), (0, 16)].repeat(20));
    assert_eq!(refusal(&frame(&[block(&[&raw_literals(&[b'x'; 20]), &many])])), "the block holds too much");
}

/// A code of two symbols that have 16 states each: the first of the one and of the other, from which a bit leads to the
/// states 0 and 1, both of the one.
const FIRST: (u32, u32) = (0, 3);

/// Three of those: 1 and 2 literals, offsets of two bits and of three, matches of 3 and 4 bytes.
fn own_codes() -> Vec<u8> {
    [counts(5, &[0, 16, 16]), counts(5, &[0, 0, 16, 16]), counts(5, &[16, 16])].concat()
}

#[test]
fn codes_are_described_and_used_again() {
    let (a, b) = FIRST;
    // States, then for each sequence the bits of its offset, and those to the next states but for the last.
    let fields = [(b, 5), (a, 5), (a, 5), (1, 2), (0, 1), (1, 1), (0, 1), (2, 2)];
    let first = [&[2, 0b1010_1000][..], &own_codes(), &backward(&fields)].concat();
    let again = [&[1, 0b1111_1100][..], &backward(&[(a, 5), (b, 5), (b, 5), (0b101, 3)])].concat();
    let none = block(&[&raw_literals(b"-"), &[0]]);
    let blocks = [block(&[&raw_literals(b"abc"), &first]), none, raw(b"+"), block(&[&raw_literals(b"Z!"), &again])];
    // ab, 3 from 2 back; c, 3 from 3 back; then Z, 4 from 10 back.
    assert_eq!(content(&frame(&blocks)), b"ababacbac-+Zabac!");
}

#[test]
fn codes_of_one_symbol_and_those_of_the_specification_are_used_again() {
    // Literal lengths have one symbol, offsets are as specified, match lengths are described.
    let mixed = [&[1, 0b0100_1000, 1][..], &counts(5, &[16, 16]), &backward(&[(0, 5), (0, 5)])].concat();
    let again = [&[1, 0b1111_1100][..], &backward(&[(0, 5), (3, 5)])].concat();
    let blocks = [block(&[&raw_literals(b"a"), &mixed]), block(&[&raw_literals(b"b"), &again])];
    // The first of the states of offsets is of symbol 0: the last offset, 1.
    assert_eq!(content(&frame(&blocks)), b"aaaabbbbb");
}

#[test]
fn codes_of_the_specification_need_no_description() {
    // The first states: no literals, the last offset (the second, because of that), matches of 3.
    let predefined = [&[1, 0][..], &backward(&[(0, 6), (0, 5), (0, 6)])].concat();
    let predefined = || block(&[&raw_literals(b""), &predefined]);
    assert_eq!(content(&frame(&[raw(b"abcd"), predefined()])), b"abcdabc");
    // And after others.
    assert_eq!(content(&frame(&[raw(b"abcd"), predefined(), one(b"x", 4, 5), predefined()])), b"abcdabcxxxxxxxxx");
}

#[test]
fn codes_to_be_used_again_must_be_there() {
    let none = "no table to use again";
    for shift in [6, 4, 2] {
        let modes = 0x54 | 3 << shift;
        let sequences = [&[1, modes, 0, 2][..], &[4]].concat();
        assert_eq!(refusal(&frame(&[raw(b"abc"), block(&[&raw_literals(b"abc"), &sequences])])), none);
    }
}

#[test]
fn reserved_bits_of_modes_are_refused() {
    let reserved = "a reserved bit of the sequences is set";
    for bits in 1..4 {
        let sequences = [1, 0x54 | bits, 1, 2, 0, 4];
        assert_eq!(refusal(&frame(&[block(&[&raw_literals(b"a"), &sequences])])), reserved);
    }
}

#[test]
fn symbols_beyond_the_last_are_refused() {
    let unknown = "an unknown symbol";
    for codes in [[36, 2, 0], [0, 32, 0], [0, 2, 53], [255, 2, 0], [0, 255, 0], [0, 2, 255]] {
        assert_eq!(refusal(&frame(&[raw(b"abc"), block(&[&raw_literals(b""), &same_codes(1, codes, &[])])])), unknown);
    }
    let too_large = "a table is too large";
    for (modes, log, count) in [(0b1000_0000, 6, 36), (0b0010_0000, 5, 32), (0b0000_1000, 6, 53)] {
        let described = |log: u32, symbol: usize| {
            let mut shape = vec![0; symbol + 1];
            shape[symbol] = 1 << log;
            let sequences = [&[1, modes][..], &counts(log, &shape), &[0xff; 10]].concat();
            refusal(&frame(&[repeated(b'x', 1000), block(&[&raw_literals(b""), &sequences])]))
        };
        assert_ne!(described(log, count - 1), unknown);
        assert_eq!(described(log, count), unknown);
        let most = if count == 32 { 8 } else { 9 };
        assert_ne!(described(most, 1), too_large);
        assert_eq!(described(most + 1, 1), too_large);
    }
}

#[test]
fn bits_must_be_taken_to_the_last() {
    let sequences = |bits: &[u8]| frame(&[block(&[&raw_literals(b"ab"), &[2, 0x54, 1, 2, 0], bits])]);
    assert_eq!(content(&sequences(&backward(&[(0, 2), (1, 2)]))), b"aaaababa");
    assert_eq!(refusal(&sequences(&backward(&[(0, 2), (1, 2), (0, 1)]))), NO_END);
    for bits in [backward(&[(0, 2), (0, 1)]), backward(&[(0, 2)]), backward(&[])] {
        assert_eq!(refusal(&sequences(&bits)), "the sequences go on beyond their stream");
    }
    assert_eq!(refusal(&sequences(&[&[0], &backward(&[(0, 2), (1, 2)])[..]].concat())), NO_END);
    assert_eq!(refusal(&sequences(&[])), "a bit stream has no end");
    assert_eq!(refusal(&sequences(&[0x10, 0])), "a bit stream has no end");
    assert_eq!(refusal(&frame(&[block(&[&raw_literals(b"ab"), &[0, 0]])])), "bytes after the end of the block");
    assert_eq!(refusal(&frame(&[block(&[&raw_literals(b"ab"), &[0x80, 0, 0]])])), "bytes after the end of the block");
}

#[test]
fn a_header_that_is_cut_is_refused() {
    for header in [&[][..], &[0x80], &[0xff], &[0xff, 0], &[1], &[1, 0x54], &[1, 0x54, 1], &[1, 0x54, 1, 2]] {
        assert_eq!(refusal(&frame(&[block(&[&raw_literals(b"ab"), header])])), "the frame ends early");
    }
}

#[test]
fn a_sequence_may_have_more_bits_than_are_held_at_once() {
    // Symbols of one state each, from which all bits of the next one are taken: 17, 16 and 15 bits, and 26 for states.
    let rare = |log: u32, symbol: usize| {
        let mut shape = vec![0; symbol + 1];
        (shape[0], shape[1], shape[symbol]) = ((1 << log) - 2, -1, -1);
        counts(log, &shape)
    };
    let codes = [rare(9, 34), rare(8, 17), rare(9, 52)].concat();
    let (literal_len, match_len) = (32_768 + pattern(12), 65_539 + pattern(13));
    let states = [(510, 9), (254, 8), (510, 9)];
    let first = [(pattern(17), 17), (pattern(13), 16), (pattern(12), 15), (511, 9), (511, 9), (255, 8)];
    // The second one: a literal, the offset before, which is 1, and four bytes.
    let fields = [&states[..], &first, &[(0, 1)]].concat();
    let sequences = [&[2, 0b1010_1000][..], &codes, &backward(&fields)].concat();
    let literals = [&literals_header(1, 3, literal_len as usize + 1, 0), &b"x"[..]].concat();
    let blocks = [repeated(b'x', 1 << 17), repeated(b'y', 1 << 17), block(&[&literals, &sequences])];
    let from = (1 << 18) + literal_len as usize - ((1 << 17) + pattern(17) as usize - 3);
    let mut expected = [vec![b'x'; 1 << 17], vec![b'y'; 1 << 17], vec![b'x'; literal_len as usize]].concat();
    expected.extend_from_within(from..from + match_len as usize);
    expected.extend([b'x'; 5]);
    assert!(content(&frame(&blocks)) == expected);
}
