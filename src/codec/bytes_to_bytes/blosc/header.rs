//! The 16 bytes at the start of a blosc chunk and the table of block offsets after them.
//!
//! | byte | content |
//! |---|---|
//! | 0 | format version, 2 |
//! | 1 | version of the inner codec's format, 1 |
//! | 2 | flags: 0x01 byte shuffle, 0x02 stored, 0x04 bit shuffle, 0x08 reserved, 0x10 blocks are not split, bits 5–7 inner codec |
//! | 3 | typesize: bytes of an element |
//! | 4, 8, 12 | u32: decoded length, block length, length of the whole chunk |
//! | 16 … | unless stored: for each block the u32 offset of its first byte, counted from the start of the chunk |
//!
//! Everything here is a claim of the input: [`Header::parse`] accepts what fits together, fits the length of the input
//! and the length that the caller expects, before anything is allocated.

use crate::codec::Len;
use crate::error::{Error, Result};

pub const HEADER_LEN: usize = 16;
const FORMAT_VERSION: u8 = 2;
const INNER_VERSION: u8 = 1;

const BYTE_SHUFFLE: u8 = 0x01;
const STORED: u8 = 0x02;
const BIT_SHUFFLE: u8 = 0x04;
const RESERVED: u8 = 0x08;
const NOT_SPLIT: u8 = 0x10;

/// Blocks are split for elements of at most this many bytes …
const MAX_SPLITS: usize = 16;
/// … and if each part has at least this many (`MIN_BUFFERSIZE` of c-blosc).
const MIN_PART_LEN: usize = 128;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InnerCodec {
    Blosclz,
    /// Of lz4 and of lz4hc.
    Lz4,
    Snappy,
    Zlib,
    Zstd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shuffle {
    None,
    Bytes,
    Bits,
}

#[derive(Debug)]
pub struct Header {
    pub codec: InnerCodec,
    pub shuffle: Shuffle,
    /// The data follow the header as they are, whatever the shuffle flags say.
    pub is_stored: bool,
    is_split: bool,
    pub typesize: usize,
    pub decoded_len: usize,
    /// Decoded bytes of every block but the last, which may be shorter.
    pub block_len: usize,
}

impl Header {
    /// Reads the header of `chunk`, which must decode to `decoded_len`.
    pub fn parse(chunk: &[u8], decoded_len: Len) -> Result<Self> {
        let corrupt = |message: String| Err(Error::corrupt_chunk(message));
        let Some(&[version, inner_version, flags, typesize, ..]) = chunk.first_chunk::<HEADER_LEN>() else {
            return corrupt(format!("{} bytes, expected at least the {HEADER_LEN} of the header", chunk.len()));
        };
        let field = |at| read_u32(chunk, at).unwrap_or_default() as usize;
        let header = Self {
            codec: match flags >> 5 {
                0 => InnerCodec::Blosclz,
                1 => InnerCodec::Lz4,
                2 => InnerCodec::Snappy,
                3 => InnerCodec::Zlib,
                4 => InnerCodec::Zstd,
                other => return corrupt(format!("the inner codec is {other}, expected 0 to 4")),
            },
            shuffle: match flags {
                // With both flags c-blosc takes the bytes, unless there is only one.
                _ if flags & BYTE_SHUFFLE != 0 && typesize > 1 => Shuffle::Bytes,
                _ if flags & BIT_SHUFFLE != 0 => Shuffle::Bits,
                _ => Shuffle::None,
            },
            is_stored: flags & STORED != 0,
            is_split: flags & NOT_SPLIT == 0,
            typesize: typesize.into(),
            decoded_len: field(4),
            block_len: field(8),
        };
        if version > FORMAT_VERSION {
            return Err(Error::unsupported(format!(
                "blosc format version {version}, that of Blosc2, expected {FORMAT_VERSION}"
            )));
        }
        if version != FORMAT_VERSION {
            return corrupt(format!("the format version is {version}, expected {FORMAT_VERSION}"));
        }
        if flags & RESERVED != 0 {
            return corrupt(format!("the flags are {flags:#04x}, expected bit 0x08 to be clear"));
        }
        let chunk_len = field(12);
        if chunk_len != chunk.len() {
            return corrupt(format!("{} bytes, expected {chunk_len} as the header says", chunk.len()));
        }
        decoded_len.check(header.decoded_len)?;
        if header.decoded_len == 0 {
            // c-blosc looks at nothing else in an empty chunk.
            return Ok(header);
        }
        if header.typesize == 0 {
            return corrupt("the typesize is 0, expected 1 to 255".to_owned());
        }
        if header.block_len == 0 || header.block_len > header.decoded_len {
            return corrupt(format!("the block length is {}, expected 1 to {}", header.block_len, header.decoded_len));
        }
        let data_len = chunk.len() - HEADER_LEN;
        if header.is_stored {
            if data_len != header.decoded_len {
                return corrupt(format!("{data_len} stored bytes, expected {}", header.decoded_len));
            }
        } else if inner_version != INNER_VERSION {
            return corrupt(format!(
                "the version of the inner codec's format is {inner_version}, expected {INNER_VERSION}"
            ));
        } else if header.block_count() > data_len / 4 {
            return corrupt(format!(
                "{data_len} bytes after the header, expected the offsets of {} blocks",
                header.block_count()
            ));
        }
        Ok(header)
    }

    pub fn block_count(&self) -> usize {
        self.decoded_len.div_ceil(self.block_len)
    }

    /// Where in `chunk` the block begins.
    pub fn block_offset(&self, chunk: &[u8], index: usize) -> Result<usize> {
        let table_end = HEADER_LEN + 4 * self.block_count();
        let offset = read_u32(chunk, HEADER_LEN + 4 * index).unwrap_or_default() as usize;
        if offset < table_end || offset >= chunk.len() {
            let len = chunk.len();
            return Err(Error::corrupt_chunk(format!("the offset is {offset}, expected {table_end} to {len}")));
        }
        Ok(offset)
    }

    /// How many parts a block of this decoded length has.
    pub fn part_count(&self, block_len: usize) -> usize {
        let is_split = self.is_split
            && self.typesize <= MAX_SPLITS
            && self.block_len / self.typesize >= MIN_PART_LEN
            && block_len == self.block_len;
        if is_split { self.typesize } else { 1 }
    }

    /// What was done to a block of this length: bits are shuffled in groups of eight elements or not at all.
    pub fn shuffle_of_block(&self, block_len: usize) -> Shuffle {
        match self.shuffle {
            Shuffle::Bits if block_len < self.typesize || !(block_len / self.typesize).is_multiple_of(8) => {
                Shuffle::None
            }
            shuffle => shuffle,
        }
    }
}

/// The little-endian u32 at byte `at`, if there is one.
pub fn read_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}
