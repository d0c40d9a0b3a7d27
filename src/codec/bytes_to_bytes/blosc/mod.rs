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
//! 4. The shuffle of each block is undone ([`unshuffle`]).
//!
//! Chunks of Blosc2 are refused.

mod blosclz;
mod header;
mod lane;
pub mod unshuffle;

use std::borrow::Cow;

use header::{HEADER_LEN, Header, InnerCodec, Shuffle, read_u32};
use unshuffle::{unshuffle_bits, unshuffle_bytes};

use super::lz4;
use super::zlib::decode_zlib;
use super::zstd::ZstdDecoder;
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
        // Blocks are decoded into this one first if they are shuffled.
        let mut shuffled = scratch.take(header.block_len)?;
        for (index, block) in decoded.chunks_mut(header.block_len).enumerate() {
            let shuffle = header.shuffle_of_block(block.len());
            let shuffled = &mut shuffled[..block.len()];
            let target = if shuffle == Shuffle::None { &mut *block } else { &mut *shuffled };
            decode_block(&encoded, &header, index, target, &mut scratch.zstd)
                .map_err(|error| error.about(&format!("block {index} of {}", header.block_count())))?;
            match shuffle {
                Shuffle::None => {}
                Shuffle::Bytes => unshuffle_bytes(shuffled, header.typesize, block),
                Shuffle::Bits => unshuffle_bits(shuffled, header.typesize, block),
            }
        }
        scratch.give(Cow::Owned(shuffled));
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

/// Decodes all parts of a block, still shuffled, into exactly `block`.
fn decode_block(chunk: &[u8], header: &Header, index: usize, block: &mut [u8], zstd: &mut ZstdDecoder) -> Result<()> {
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
fn decode_part(codec: InnerCodec, encoded: &[u8], part: &mut [u8], zstd: &mut ZstdDecoder) -> Result<usize> {
    let written = match codec {
        InnerCodec::Blosclz => Some(blosclz::decode(encoded, part)?),
        InnerCodec::Lz4 => Some(lz4::decode_block(encoded, part)?),
        InnerCodec::Snappy => {
            let decoded = snap::raw::Decoder::new().decompress(encoded, part);
            Some(decoded.map_err(|error| Error::corrupt_chunk(error.to_string()))?)
        }
        InnerCodec::Zlib => decode_zlib(encoded, part)?,
        InnerCodec::Zstd => zstd.decode(encoded, part)?,
    };
    written.ok_or_else(|| Error::corrupt_chunk(format!("decodes to more than the expected {} bytes", part.len())))
}
