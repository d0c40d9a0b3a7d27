//! Compressors and checksums. Deflate, LZ4 and Zstandard come from crates; what stands around them, and every checksum,
//! is written out.

use serde_json::{Value, json};
use structured_zstd::encoding::{CompressionLevel, compress_slice_to_vec};
use zlib_rs::{Deflate, DeflateFlush, Status};

use super::blosc::Blosc;
use crate::random::Random;

#[derive(Clone, Debug)]
pub enum BytesCodec {
    /// The codec of v3, which has no configuration.
    Crc32c,
    Checksum {
        id: &'static str,
        at_start: bool,
    },
    Gzip,
    Zlib,
    Zstd,
    Lz4,
    Shuffle {
        element_len: usize,
    },
    Blosc(Blosc),
}

impl BytesCodec {
    /// The id that numcodecs gives the codec.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Crc32c => "crc32c",
            Self::Checksum { id, .. } => id,
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Zstd => "zstd",
            Self::Lz4 => "lz4",
            Self::Shuffle { .. } => "shuffle",
            Self::Blosc(_) => "blosc",
        }
    }

    pub fn configuration(&self) -> Value {
        match self {
            Self::Crc32c | Self::Lz4 => json!({}),
            Self::Checksum { at_start, .. } => json!({"location": if *at_start { "start" } else { "end" }}),
            Self::Gzip | Self::Zlib => json!({"level": 6}),
            Self::Zstd => json!({"level": 1, "checksum": false}),
            Self::Shuffle { element_len } => json!({"elementsize": element_len}),
            Self::Blosc(blosc) => blosc.configuration(),
        }
    }

    /// In a v3 document.
    pub fn document(&self) -> Value {
        match self {
            Self::Crc32c => json!("crc32c"),
            Self::Gzip | Self::Zstd | Self::Blosc(_) => {
                json!({"name": self.id(), "configuration": self.configuration()})
            }
            _ => json!({"name": format!("numcodecs.{}", self.id()), "configuration": self.configuration()}),
        }
    }

    pub fn encode(&self, bytes: &[u8], random: &mut Random) -> Vec<u8> {
        match self {
            Self::Crc32c => [bytes, &crc32c(bytes).to_le_bytes()].concat(),
            Self::Checksum { id, at_start } => {
                let checksum = match *id {
                    "crc32" => crc32(bytes),
                    "adler32" => adler32(bytes),
                    _ => crc32c(bytes),
                };
                let checksum = checksum.to_le_bytes();
                if *at_start { [&checksum, bytes].concat() } else { [bytes, &checksum].concat() }
            }
            Self::Gzip => in_two_parts(bytes, random, gzip),
            Self::Zlib => zlib(bytes),
            Self::Zstd => in_two_parts(bytes, random, zstd),
            Self::Lz4 => [&(bytes.len() as u32).to_le_bytes(), &lz4_flex::block::compress(bytes)[..]].concat(),
            Self::Shuffle { element_len } => shuffle(bytes, *element_len),
            Self::Blosc(blosc) => blosc.encode(bytes, random),
        }
    }
}

/// Members and frames may follow each other, their contents joined; one may be empty.
fn in_two_parts(bytes: &[u8], random: &mut Random, compress: fn(&[u8], &mut Random) -> Vec<u8>) -> Vec<u8> {
    if random.one_in(3) {
        let (first, second) = bytes.split_at(random.below(bytes.len() + 1));
        return [compress(first, random), compress(second, random)].concat();
    }
    compress(bytes, random)
}

/// All first bytes of the elements, then all second ones, and so on. A length that is no multiple is left as it is by
/// nobody: the caller does not ask for it.
fn shuffle(bytes: &[u8], element_len: usize) -> Vec<u8> {
    (0..element_len).flat_map(|plane| bytes.iter().skip(plane).step_by(element_len)).copied().collect()
}

/// RFC 1952, with or without a file name.
fn gzip(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let (flags, name) = if random.one_in(2) { (0x08, &b"name\0"[..]) } else { (0, &b""[..]) };
    let header = [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 255];
    let lengths = [crc32(bytes).to_le_bytes(), (bytes.len() as u32).to_le_bytes()].concat();
    [&header, name, &deflate(bytes), &lengths].concat()
}

/// RFC 1950.
pub fn zlib(bytes: &[u8]) -> Vec<u8> {
    [&[0x78, 0x9c], &deflate(bytes)[..], &adler32(bytes).to_be_bytes()].concat()
}

/// Of one of two encoders; that of ruzstd writes a checksum, too.
pub fn zstd(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    match random.below(4) {
        0 => ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest),
        1 => ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Uncompressed),
        _ => compress_slice_to_vec(bytes, CompressionLevel::Fastest),
    }
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = vec![0; bytes.len() + bytes.len() / 8 + 64];
    let mut stream = Deflate::new(1, false, 15);
    assert_eq!(stream.compress(bytes, &mut encoded, DeflateFlush::Finish), Ok(Status::StreamEnd));
    encoded.truncate(stream.total_out() as usize);
    encoded
}

/// A reflected CRC of 32 bits, one bit at a time.
fn crc(bytes: &[u8], polynomial: u32) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { crc >> 1 ^ polynomial } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc)))
}

/// RFC 3720, Castagnoli's polynomial.
fn crc32c(bytes: &[u8]) -> u32 {
    crc(bytes, 0x82f6_3b78)
}

fn crc32(bytes: &[u8]) -> u32 {
    crc(bytes, 0xedb8_8320)
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    b << 16 | a
}
