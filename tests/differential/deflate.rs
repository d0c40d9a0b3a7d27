//! gzip and zlib against miniz_oxide and zlib-rs.
//!
//! What zlib-rs refuses is refused, and for the same reason: it judges as zlib does.

use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use zarr_wasm_kernels::inflate::{Inflated, Stop, Wrapper, inflate};
use zlib_rs::{DeflateConfig, Inflate, InflateFlush, Status, compress_bound, compress_slice};

use crate::mutations::damage_bytes;
use crate::random::Random;
use crate::{contents, decode};

fn compress(content: &[u8], level: i32, window_bits: i32) -> Vec<u8> {
    let mut encoded = vec![0; compress_bound(content.len()) + 32];
    compress_slice(&mut encoded, content, DeflateConfig { window_bits, ..DeflateConfig::new(level) }).0.to_vec()
}

/// A gzip member around miniz_oxide's deflate stream.
fn gzip_by_miniz(content: &[u8]) -> Vec<u8> {
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    member.extend(compress_to_vec(content, 6));
    member.extend(zlib_rs::crc32::crc32(0, content).to_le_bytes());
    member.extend((content.len() as u32).to_le_bytes());
    member
}

fn gzip_encodings(content: &[u8]) -> [Vec<u8>; 4] {
    let halves = content.split_at(content.len() / 2);
    let two_members = [compress(halves.0, 6, 31), gzip_by_miniz(halves.1)].concat();
    [compress(content, 0, 31), compress(content, 6, 31), gzip_by_miniz(content), two_members]
}

fn zlib_encodings(content: &[u8]) -> [Vec<u8>; 4] {
    [compress(content, 0, 15), compress(content, 1, 15), compress(content, 9, 15), compress_to_vec_zlib(content, 6)]
}

#[test]
fn whatever_either_has_encoded_is_decoded() {
    for len in [1, 100, 5000, 300_000] {
        for content in contents(len) {
            for encoded in gzip_encodings(&content) {
                assert!(decode("gzip", &encoded, len).unwrap() == content);
            }
            for encoded in zlib_encodings(&content) {
                assert!(decode("numcodecs.zlib", &encoded, len).unwrap() == content);
                assert!(decompress_to_vec_zlib_with_limit(&encoded, len).unwrap() == content);
            }
        }
    }
}

#[test]
fn damaged_gzip_is_refused_or_harmless() {
    let mut random = Random::new(2);
    let (mut refused, mut harmless) = (0, 0);
    for len in [100, 5000] {
        for content in contents(len) {
            for encoded in gzip_encodings(&content) {
                for _ in 0..200 {
                    match decode("gzip", &damage_bytes(&encoded, &mut random), len) {
                        Ok(decoded) => {
                            assert!(decoded == content, "a wrong checksum was accepted");
                            harmless += 1;
                        }
                        Err(_) => refused += 1,
                    }
                }
            }
        }
    }
    assert!(refused > 4000 && harmless > 100, "{refused} refused, {harmless} harmless");
}

#[test]
fn damaged_zlib_is_judged_as_by_the_other() {
    let mut random = Random::new(3);
    let (mut refused, mut harmless) = (0, 0);
    for len in [100, 5000] {
        for content in contents(len) {
            for encoded in zlib_encodings(&content) {
                for _ in 0..200 {
                    let damaged = damage_bytes(&encoded, &mut random);
                    let other =
                        decompress_to_vec_zlib_with_limit(&damaged, len).ok().filter(|other| other.len() == len);
                    match decode("numcodecs.zlib", &damaged, len) {
                        Ok(decoded) => {
                            assert!(Some(decoded) == other, "accepted what the other decodes differently");
                            harmless += 1;
                        }
                        Err(_) => refused += 1,
                    }
                }
            }
        }
    }
    assert!(refused > 4000 && harmless > 10, "{refused} refused, {harmless} harmless");
}

/// What a decoder says: how far it came, or what is wrong; `None` if it ran out of room or input.
type Judgement = Option<Result<(usize, usize), &'static str>>;

fn judge(wrapper: Wrapper, encoded: &[u8], decoded: &mut [u8]) -> Judgement {
    match inflate(wrapper, encoded, decoded) {
        Ok(Inflated { read, written }) => Some(Ok((read, written))),
        Err(Stop::Full | Stop::EndsEarly) => None,
        Err(Stop::Wrong(what)) => Some(Err(what)),
    }
}

fn judge_by_zlib_rs(wrapper: Wrapper, encoded: &[u8], decoded: &mut [u8]) -> (Judgement, usize) {
    let mut stream = Inflate::new(true, if matches!(wrapper, Wrapper::Gzip) { 31 } else { 15 });
    let judgement = match stream.decompress(encoded, decoded, InflateFlush::Finish) {
        Ok(Status::StreamEnd) => Some(Ok((stream.total_in() as usize, stream.total_out() as usize))),
        Ok(_) => None,
        Err(error) => Some(Err(stream.error_message().unwrap_or(error.as_str()))),
    };
    (judgement, stream.total_out() as usize)
}

/// Both come to the same judgement, and to the same bytes as far as zlib-rs comes.
fn agree(wrapper: Wrapper, encoded: &[u8], len: usize) -> Judgement {
    let (mut ours, mut theirs) = (vec![0xaa; len], vec![0xaa; len]);
    let judgement = judge(wrapper, encoded, &mut ours);
    let (other, written) = judge_by_zlib_rs(wrapper, encoded, &mut theirs);
    let is_same = match (judgement, other) {
        // What it says of an error at which it had written something before.
        (Some(Err(_)), Some(Err("repeated call with bad state"))) => true,
        // zlib goes on where no code length has a code, to find that the end of the block has none.
        (Some(Err("invalid code lengths set")), Some(Err("invalid code -- missing end-of-block"))) => true,
        // Where input or room end, it looks no further.
        (Some(Err(_)), None) => true,
        _ => judgement == other,
    };
    assert!(is_same, "{judgement:?} is not {other:?}: {encoded:02x?}");
    if judgement.is_some() {
        assert!(ours[..written] == theirs[..written], "{encoded:02x?}");
    }
    judgement
}

#[test]
fn a_lack_of_input_or_room_is_told_wherever_it_begins() {
    for content in contents(700) {
        let zlib = zlib_encodings(&content).map(|encoded| (Wrapper::Zlib, encoded));
        let gzip = gzip_encodings(&content[..300]).map(|encoded| (Wrapper::Gzip, encoded));
        for (wrapper, encoded) in zlib.into_iter().chain(gzip) {
            let mut decoded = vec![0; 700];
            let Ok(Inflated { read, written }) = inflate(wrapper, &encoded, &mut decoded) else { panic!() };
            for len in 0..read {
                let stop = inflate(wrapper, &encoded[..len], &mut decoded).err();
                assert!(matches!(stop, Some(Stop::EndsEarly)), "{len} of {read} bytes");
            }
            for len in 0..written {
                let stop = inflate(wrapper, &encoded, &mut decoded[..len]).err();
                assert!(matches!(stop, Some(Stop::Full)), "room for {len} of {written} bytes");
            }
        }
    }
}

#[test]
fn damage_is_judged_as_by_zlib() {
    let mut random = Random::new(4);
    for len in [1, 100, 5000] {
        for content in contents(len) {
            for _ in 0..50 {
                for encoded in gzip_encodings(&content) {
                    agree(Wrapper::Gzip, &damage_bytes(&encoded, &mut random), len);
                }
                for encoded in zlib_encodings(&content) {
                    agree(Wrapper::Zlib, &damage_bytes(&encoded, &mut random), len);
                }
            }
        }
    }
}

#[test]
fn every_field_of_a_gzip_header_is_read() {
    let member = gzip_by_miniz(b"content");
    for flags in 0..=255u8 {
        let mut header = member[..10].to_vec();
        header[3] = flags;
        if flags & 4 != 0 {
            header.extend([3, 0, 1, 0, 2]);
        }
        for _ in 0..(flags >> 3 & 1) + (flags >> 4 & 1) {
            header.extend(b"name\0");
        }
        let mut right = header.clone();
        if flags & 2 != 0 {
            right.extend(&zlib_rs::crc32::crc32(0, &header).to_le_bytes()[..2]);
        }
        right.extend(&member[10..]);
        let expected = if flags & 0xe0 == 0 { Ok((right.len(), 7)) } else { Err("unknown header flags set") };
        assert_eq!(agree(Wrapper::Gzip, &right, 100), Some(expected), "flags {flags:#x}");
        for at in 0..right.len() {
            agree(Wrapper::Gzip, &right[..at], 100);
            let mut wrong = right.clone();
            wrong[at] ^= 1 << (flags % 8);
            agree(Wrapper::Gzip, &wrong, 100);
        }
    }
}

/// Bits, from the lowest of each byte to the highest.
#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    len: usize,
}

impl BitWriter {
    fn put(&mut self, number: u64, len: usize) {
        for at in 0..len {
            if self.len.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= ((number >> at & 1) as u8) << (self.len % 8);
            self.len += 1;
        }
    }
}

/// Lengths of a complete code of this many symbols, at random ones of `all`, the longest of `longest` bits.
fn random_code(symbols: usize, all: usize, longest: u8, random: &mut Random) -> Vec<u8> {
    let mut leaves = vec![0u8];
    // Deep trees and flat ones.
    let at_the_end = random.below(4);
    while leaves.len() < symbols {
        let at = if random.below(4) < at_the_end { leaves.len() - 1 } else { random.below(leaves.len()) };
        if leaves[at] < longest {
            leaves[at] += 1;
            leaves.push(leaves[at]);
        }
    }
    let mut lengths = vec![0; all];
    for leaf in leaves {
        let free = (0..all).filter(|&at| lengths[at] == 0).collect::<Vec<_>>();
        lengths[free[random.below(free.len())]] = leaf;
    }
    lengths
}

/// A stream of blocks with codes that no compressor would choose, right and wrong ones, and random contents.
fn random_blocks(random: &mut Random) -> Vec<u8> {
    let mut writer = BitWriter::default();
    writer.put(0x9c78, 16);
    for _ in 0..1 + random.below(3) {
        let (literals, distances) = (257 + random.below(30), 1 + random.below(30));
        writer.put(u64::from(random.one_in(2)), 1);
        writer.put(2, 2);
        writer.put(literals as u64 - 257, 5);
        writer.put(distances as u64 - 1, 5);
        // All sixteen lengths have codes of four bits: the reverse of themselves.
        writer.put(15, 4);
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
            writer.put(if symbol < 16 { 4 } else { 0 }, 3);
        }
        let used = 2 + random.below(literals - 1);
        let mut lengths = random_code(used, literals, 15, random);
        if lengths[256] == 0 && !random.one_in(8) {
            let used = lengths.iter().position(|&len| len > 0).unwrap();
            lengths.swap(256, used);
        }
        let used = 1 + random.below(distances);
        lengths.extend(random_code(used, distances, 15, random));
        if random.one_in(8) {
            let at = random.below(lengths.len());
            lengths[at] = random.below(16) as u8;
        }
        for length in lengths {
            writer.put(u64::from(length.reverse_bits() >> 4), 4);
        }
        for _ in 0..random.below(300) {
            writer.put(random.number(), 64);
        }
    }
    writer.bytes
}

#[test]
fn codes_that_nobody_chooses_are_judged_as_by_zlib() {
    let mut random = Random::new(5);
    let mut seen = std::collections::BTreeMap::new();
    for _ in 0..1000 {
        let len = 1 << random.below(16);
        let judgement = agree(Wrapper::Zlib, &random_blocks(&mut random), len);
        *seen.entry(judgement.map(|judgement| judgement.map(drop))).or_insert(0) += 1;
    }
    for what in [
        "incorrect data check",
        "invalid block type",
        "invalid code -- missing end-of-block",
        "invalid distance code",
        "invalid distance too far back",
        "invalid distances set",
        "invalid literal/lengths set",
    ] {
        assert!(seen.contains_key(&Some(Err(what))), "{what} in none of {seen:?}");
    }
}
