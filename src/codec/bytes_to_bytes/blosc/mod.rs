//! `blosc`: blocks of shuffled elements, compressed by one of five inner codecs.
//!
//! Zarr v3 core codec `blosc`; `numcodecs.blosc` and the v2 id `blosc` write the same bytes: chunks of c-blosc 1, format
//! version 2 (`README_CHUNK_FORMAT.rst` of c-blosc, corrected by its source). Nothing of the configuration (`cname`,
//! `clevel`, `shuffle`, `typesize`, `blocksize`) is needed: the chunk's header has it all, and lawfully differs.
//!
//! 1. The header is read and every field of it checked ([`header`]).
//! 2. A chunk that is merely stored is handed on.
//! 3. Otherwise each block consists of one part, or of one for each byte of an element; every part is a length and that
//!    many bytes, compressed, or stored where the length equals the decoded one.
//! 4. The shuffle of each block is undone ([`unshuffle`](zarr_wasm_kernels::unshuffle)).
//!
//! Blocks are independent of each other: those that hold nothing of what is selected are passed over.
//!
//! Chunks of Blosc2 are refused.

mod header;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use header::{HEADER_LEN, Header, InnerCodec, Shuffle, read_u32};
use zarr_wasm_kernels::unshuffle::{unshuffle_bits, unshuffle_bytes};
use zarr_wasm_kernels::{blosclz, snappy, zstd};

use super::lz4;
use super::zlib::decode_zlib;
use crate::codec::{BytesToBytes, Len, Scratch};
use crate::error::{Error, Result};

pub struct Blosc;

impl BytesToBytes for Blosc {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded.compressed()
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let header = Header::parse(&encoded, decoded_len)?;
        if header.decoded_len == 0 {
            return Ok(Cow::Borrowed(&[]));
        }
        if header.is_stored {
            return Ok(match encoded {
                Cow::Borrowed(chunk) => Cow::Borrowed(&chunk[HEADER_LEN..]),
                Cow::Owned(mut chunk) => {
                    chunk.drain(..HEADER_LEN);
                    Cow::Owned(chunk)
                }
            });
        }
        let mut decoded = scratch.take(header.decoded_len)?;
        // Blocks that are shuffled are decoded into this one first.
        let mut shuffled = match header.shuffle {
            Shuffle::None => Vec::new(),
            Shuffle::Bytes | Shuffle::Bits => scratch.take(header.block_len)?,
        };
        for (index, block) in decoded.chunks_mut(header.block_len).enumerate() {
            let start = index * header.block_len;
            let is_apart = |wanted: &Range<usize>| start >= wanted.end || start + block.len() <= wanted.start;
            if scratch.wanted.as_ref().is_some_and(is_apart) {
                continue;
            }
            let mut decode = |target: &mut [u8]| {
                decode_block(&encoded, &header, index, target, &mut scratch.zstd)
                    .map_err(|error| error.about(&format!("block {index} of {}", header.block_count())))
            };
            let shuffle = header.shuffle_of_block(block.len());
            if shuffle == Shuffle::None {
                decode(block)?;
                continue;
            }
            let shuffled = &mut shuffled[..block.len()];
            decode(shuffled)?;
            if shuffle == Shuffle::Bytes {
                unshuffle_bytes(shuffled, header.typesize, block);
            } else {
                unshuffle_bits(shuffled, header.typesize, block);
            }
        }
        scratch.give(Cow::Owned(shuffled));
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

/// Decodes all parts of a block, still shuffled, into exactly `block`.
fn decode_block(chunk: &[u8], header: &Header, index: usize, block: &mut [u8], zstd: &mut zstd::Decoder) -> Result<()> {
    let parts = header.part_count(block.len());
    if !block.len().is_multiple_of(parts) {
        let len = block.len();
        return Err(Error::corrupt_chunk(format!("{len} bytes cannot be split into {parts} equal parts")));
    }
    let mut position = header.block_offset(chunk, index)?;
    for part in block.chunks_exact_mut(block.len() / parts) {
        let rest = chunk.get(position..).unwrap_or_default();
        let Some(len) = read_u32(rest, 0) else {
            return Err(Error::corrupt_chunk(format!(
                "a part at byte {position} lies beyond the {} of the chunk",
                chunk.len()
            )));
        };
        let Some(encoded) = rest[4..].get(..len as usize) else {
            let left = rest.len() - 4;
            return Err(Error::corrupt_chunk(format!(
                "a part at byte {position} has {len} bytes, expected at most the {left} left"
            )));
        };
        if encoded.len() == part.len() {
            part.copy_from_slice(encoded);
        } else {
            let written = decode_part(header.codec, encoded, part, zstd)?;
            Len::Exact(part.len()).check(written)?;
        }
        // Both lie within the chunk.
        position += 4 + encoded.len();
    }
    Ok(())
}

/// Decodes one part and answers its length; one that `part` has no room for is an error.
fn decode_part(codec: InnerCodec, encoded: &[u8], part: &mut [u8], zstd: &mut zstd::Decoder) -> Result<usize> {
    let corrupt = |error: &dyn fmt::Display| Error::corrupt_chunk(error.to_string());
    let written = match codec {
        InnerCodec::Blosclz => Some(blosclz::decode(encoded, part).map_err(|error| corrupt(&error))?),
        InnerCodec::Lz4 => Some(lz4::decode_block(encoded, part)?),
        InnerCodec::Snappy => Some(snappy::decode(encoded, part).ok_or_else(|| corrupt(&"no valid Snappy block"))?),
        InnerCodec::Zlib => decode_zlib(encoded, part)?,
        InnerCodec::Zstd => zstd.decode(encoded, part).map_err(|error| corrupt(&error))?,
    };
    written.ok_or_else(|| Error::corrupt_chunk(format!("decodes to more than the expected {} bytes", part.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    // numpy.arange(32, dtype="<i4").repeat(2), written by numcodecs.
    const BLOSCLZ: [u8; 98] = [
        0x02, 0x01, 0x11, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x62, 0x00, 0x00, 0x00, 0x14, 0x00,
        0x00, 0x00, 0x4a, 0x00, 0x00, 0x00, 0x3f, 0x00, 0x00, 0x01, 0x01, 0x02, 0x02, 0x03, 0x03, 0x04, 0x04, 0x05,
        0x05, 0x06, 0x06, 0x07, 0x07, 0x08, 0x08, 0x09, 0x09, 0x0a, 0x0a, 0x0b, 0x0b, 0x0c, 0x0c, 0x0d, 0x0d, 0x0e,
        0x0e, 0x0f, 0x0f, 0x1f, 0x10, 0x10, 0x11, 0x11, 0x12, 0x12, 0x13, 0x13, 0x14, 0x14, 0x15, 0x15, 0x16, 0x16,
        0x17, 0x17, 0x18, 0x18, 0x19, 0x19, 0x1a, 0x1a, 0x1b, 0x1b, 0x1c, 0x1c, 0x1d, 0x1d, 0x1e, 0x1e, 0x1f, 0x1f,
        0x00, 0x00, 0xe0, 0xb4, 0x00, 0x01, 0x00, 0x00,
    ];
    const LZ4: [u8; 59] = [
        0x02, 0x01, 0x34, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x3b, 0x00, 0x00, 0x00, 0x14, 0x00,
        0x00, 0x00, 0x23, 0x00, 0x00, 0x00, 0x13, 0xcc, 0x01, 0x00, 0x13, 0xf0, 0x01, 0x00, 0x23, 0x00, 0xff, 0x02,
        0x00, 0x23, 0x00, 0xff, 0x04, 0x00, 0x40, 0x00, 0x00, 0xff, 0xff, 0x0c, 0x00, 0x0f, 0x02, 0x00, 0xbe, 0x50,
        0x00, 0x00, 0x00, 0x00, 0x00,
    ];
    const ZLIB: [u8; 85] = [
        0x02, 0x01, 0x70, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x55, 0x00, 0x00, 0x00, 0x14, 0x00,
        0x00, 0x00, 0x3d, 0x00, 0x00, 0x00, 0x78, 0xda, 0x2d, 0xc3, 0x45, 0x0e, 0x83, 0x00, 0x00, 0x00, 0x30, 0xdc,
        0x6d, 0x43, 0x36, 0xfc, 0xff, 0xbf, 0xe4, 0x40, 0x9b, 0x34, 0x08, 0x5e, 0xa1, 0x91, 0xb1, 0x89, 0xa9, 0x99,
        0xb9, 0x85, 0xa5, 0x95, 0xb5, 0x8d, 0xad, 0x9d, 0xbd, 0x83, 0x1f, 0xbf, 0x8e, 0x4e, 0xce, 0x2e, 0xfe, 0xfc,
        0xbb, 0xba, 0xb9, 0x7b, 0x78, 0x7a, 0x79, 0xfb, 0x00, 0x4e, 0x4f, 0x03, 0xe1,
    ];
    const ZSTD: [u8; 66] = [
        0x02, 0x01, 0x94, 0x04, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x42, 0x00, 0x00, 0x00, 0x14, 0x00,
        0x00, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x28, 0xb5, 0x2f, 0xfd, 0x60, 0x00, 0x00, 0x05, 0x01, 0x00, 0xa0, 0xcc,
        0xf0, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0xff, 0x00, 0x00, 0xff, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff,
        0x00, 0x04, 0x00, 0x54, 0x97, 0x1a, 0x37, 0x3b, 0xc8, 0x2c, 0x03, 0x42,
    ];

    fn decode(encoded: &[u8], len: Len) -> Result<Vec<u8>> {
        let decode = |encoded| Blosc.decode(encoded, len, &mut Scratch::default()).map(Cow::into_owned);
        let (borrowed, owned) = (decode(Cow::Borrowed(encoded)), decode(Cow::Owned(encoded.to_vec())));
        assert_eq!(borrowed.as_ref().ok(), owned.as_ref().ok());
        borrowed
    }

    fn message(encoded: &[u8], len: usize) -> String {
        decode(encoded, Len::Exact(len)).unwrap_err().message().to_owned()
    }

    /// A chunk of one block, 256 bytes that are not shuffled, in one part: the length it claims, and its bytes.
    fn chunk_of_part(codec: u8, claimed_len: u32, part: &[u8]) -> Vec<u8> {
        let mut chunk = vec![2, 1, codec << 5 | 0x10, 1];
        for field in [256, 256, 24 + part.len() as u32, 20, claimed_len] {
            chunk.extend(field.to_le_bytes());
        }
        chunk.extend(part);
        chunk
    }

    #[test]
    fn chunks_of_numcodecs_decode() {
        let expected: Vec<u8> = (0..64).flat_map(|i| (i / 2i32).to_le_bytes()).collect();
        for encoded in [&BLOSCLZ[..], &LZ4, &ZLIB, &ZSTD] {
            assert_eq!(decode(encoded, Len::Exact(256)).unwrap(), expected);
            assert_eq!(decode(encoded, Len::AtMost(300)).unwrap(), expected);
        }
    }

    #[test]
    fn blocks_without_wanted_bytes_are_passed_over() {
        // Three blocks of 100, 100 and 56 bytes, of sevens and eights and nines; the second one cannot be decoded.
        let parts = [vec![7; 100], vec![0xff; 5], vec![9; 56]];
        let mut chunk = vec![2, 1, 1 << 5 | 0x10, 1];
        let mut offset = 28;
        [256, 100, 28 + 12 + 161].iter().for_each(|field| chunk.extend(u32::to_le_bytes(*field)));
        for part in &parts {
            chunk.extend(u32::to_le_bytes(offset));
            offset += 4 + part.len() as u32;
        }
        for part in &parts {
            chunk.extend((part.len() as u32).to_le_bytes());
            chunk.extend(part);
        }
        let decode = |wanted: Range<usize>| {
            let mut scratch = Scratch::default();
            scratch.wanted = Some(wanted);
            Blosc.decode(Cow::Borrowed(&chunk), Len::Exact(256), &mut scratch).map(Cow::into_owned)
        };
        assert_eq!(decode(0..100).unwrap()[..100], [7; 100]);
        assert_eq!(decode(200..256).unwrap()[200..], [9; 56]);
        for wanted in [0..101, 199..256, 150..151, 0..usize::MAX] {
            assert!(decode(wanted.clone()).unwrap_err().message().starts_with("block 1 of 3: "), "{wanted:?}");
        }
    }

    #[test]
    fn a_stored_chunk_is_not_shuffled_whatever_its_flags_say() {
        let stored = [2, 1, 0x33, 4, 8, 0, 0, 0, 8, 0, 0, 0, 24, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7];
        assert_eq!(decode(&stored, Len::Exact(8)).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    #[test]
    fn an_empty_chunk_is_empty() {
        let empty = [2, 1, 0x33, 1, 0, 0, 0, 0, 1, 0, 0, 0, 16, 0, 0, 0];
        assert_eq!(decode(&empty, Len::AtMost(8)).unwrap(), b"");
        assert_eq!(message(&empty, 8), "decoded to 0 bytes, expected 8");
    }

    #[test]
    fn a_chunk_cut_anywhere_is_an_error() {
        for encoded in [&BLOSCLZ[..], &LZ4, &ZLIB, &ZSTD] {
            for len in 0..encoded.len() {
                let mut cut = encoded[..len].to_vec();
                assert!(decode(&cut, Len::Exact(256)).is_err(), "{len} bytes");
                // Also if its header says so.
                if let Some(field) = cut.get_mut(12..16) {
                    field.copy_from_slice(&(len as u32).to_le_bytes());
                    assert!(decode(&cut, Len::Exact(256)).is_err(), "{len} bytes");
                }
            }
        }
    }

    #[test]
    fn a_part_lies_within_the_chunk() {
        let chunk = chunk_of_part(1, 5, &[0; 4]);
        assert_eq!(message(&chunk, 256), "block 0 of 1: a part at byte 20 has 5 bytes, expected at most the 4 left");
        let chunk = chunk_of_part(1, u32::MAX, &[0; 4]);
        assert_eq!(
            message(&chunk, 256),
            "block 0 of 1: a part at byte 20 has 4294967295 bytes, expected at most the 4 left"
        );
        let mut chunk = chunk_of_part(1, 0, &[]);
        chunk[16] = 22;
        assert_eq!(message(&chunk, 256), "block 0 of 1: a part at byte 22 lies beyond the 24 of the chunk");
    }

    #[test]
    fn a_part_decodes_to_exactly_its_length() {
        let content = vec![7; 300];
        let compress = |codec, len: usize| match codec {
            // A literal run of one byte and a match.
            0 => vec![0, 7, 7 << 5, (len - 10) as u8, 0],
            1 => lz4_flex::block::compress(&content[..len]),
            2 => snap::raw::Encoder::new().compress_vec(&content[..len]).unwrap(),
            3 => {
                let config = zlib_rs::DeflateConfig::new(5);
                zlib_rs::compress_slice(&mut [0; 100], &content[..len], config).0.to_vec()
            }
            _ => {
                let level = structured_zstd::encoding::CompressionLevel::Fastest;
                structured_zstd::encoding::compress_slice_to_vec(&content[..len], level)
            }
        };
        for codec in 0..5 {
            for len in [255, 256, 257] {
                let part = compress(codec, len);
                let decoded = decode(&chunk_of_part(codec, part.len() as u32, &part), Len::Exact(256));
                assert_eq!(decoded.ok(), (len == 256).then(|| vec![7; 256]), "codec {codec}, {len} bytes");
            }
        }
        assert_eq!(
            message(&chunk_of_part(0, 5, &[0, 7, 7 << 5, 245, 0]), 256),
            "block 0 of 1: decoded to 255 bytes, expected 256"
        );
    }

    #[test]
    fn parts_that_would_leave_bytes_of_the_block_unwritten_are_an_error() {
        let mut chunk = chunk_of_part(1, 0, &[]);
        // Split by a typesize of three.
        chunk[2..4].copy_from_slice(&[0x20, 3]);
        chunk[4..8].copy_from_slice(&1000u32.to_le_bytes());
        chunk[8..12].copy_from_slice(&1000u32.to_le_bytes());
        assert_eq!(message(&chunk, 1000), "block 0 of 1: 1000 bytes cannot be split into 3 equal parts");
    }
}
