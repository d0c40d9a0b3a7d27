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

use super::lz4;
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

impl InnerCodec {
    /// The most that one byte decodes to: by the longest match of each format, of zstd a block that repeats one byte.
    fn most_each(self) -> usize {
        match self {
            Self::Blosclz | Self::Lz4 => lz4::MOST_EACH,
            Self::Snappy => 64,
            Self::Zlib => 1032,
            Self::Zstd => 1 << 15,
        }
    }
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
        } else {
            decoded_len.check_claim(header.decoded_len, data_len, header.codec.most_each())?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    /// A chunk of 1000 elements of four bytes, byte-shuffled, in blocks of 2048 bytes that are compressed by lz4 without
    /// being split; the blocks themselves are not needed here.
    fn chunk() -> Vec<u8> {
        let mut chunk = vec![2, 1, 0x31, 4];
        for field in [4000u32, 2048, 40, 24, 32] {
            chunk.extend(field.to_le_bytes());
        }
        chunk.resize(40, 0);
        chunk
    }

    fn parse(at: usize, bytes: &[u8], decoded_len: Len) -> Result<Header> {
        let mut chunk = chunk();
        chunk[at..at + bytes.len()].copy_from_slice(bytes);
        Header::parse(&chunk, decoded_len)
    }

    fn message(at: usize, bytes: &[u8]) -> String {
        let error = parse(at, bytes, Len::AtMost(usize::MAX)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::CorruptChunk);
        error.message().to_owned()
    }

    #[test]
    fn a_header_is_read() {
        let header = parse(0, &[], Len::Exact(4000)).unwrap();
        assert_eq!((header.codec, header.shuffle, header.is_stored), (InnerCodec::Lz4, Shuffle::Bytes, false));
        assert_eq!((header.typesize, header.decoded_len, header.block_len, header.block_count()), (4, 4000, 2048, 2));
        assert_eq!(header.block_offset(&chunk(), 1).unwrap(), 32);
    }

    #[test]
    fn every_field_is_checked() {
        assert_eq!(message(0, &[1]), "the format version is 1, expected 2");
        assert_eq!(message(1, &[0]), "the version of the inner codec's format is 0, expected 1");
        assert_eq!(message(2, &[0xb1]), "the inner codec is 5, expected 0 to 4");
        assert_eq!(message(2, &[0x39]), "the flags are 0x39, expected bit 0x08 to be clear");
        assert_eq!(message(3, &[0]), "the typesize is 0, expected 1 to 255");
        assert_eq!(message(8, &[0; 4]), "the block length is 0, expected 1 to 4000");
        assert_eq!(message(8, &4001u32.to_le_bytes()), "the block length is 4001, expected 1 to 4000");
        assert_eq!(message(8, &u32::MAX.to_le_bytes()), "the block length is 4294967295, expected 1 to 4000");
        assert_eq!(message(8, &500u32.to_le_bytes()), "24 bytes after the header, expected the offsets of 8 blocks");
        assert_eq!(message(12, &39u32.to_le_bytes()), "40 bytes, expected 39 as the header says");
        assert_eq!(message(12, &u32::MAX.to_le_bytes()), "40 bytes, expected 4294967295 as the header says");
        assert_eq!(message(2, &[0x33]), "24 stored bytes, expected 4000");
    }

    #[test]
    fn the_decoded_length_must_be_the_expected_one() {
        let error = parse(4, &3999u32.to_le_bytes(), Len::Exact(4000)).unwrap_err();
        assert_eq!(error.message(), "decoded to 3999 bytes, expected 4000");
        let error = parse(4, &u32::MAX.to_le_bytes(), Len::AtMost(4000)).unwrap_err();
        assert_eq!(error.message(), "decoded to 4294967295 bytes, expected at most 4000");
    }

    #[test]
    fn chunks_of_blosc2_are_unsupported() {
        let error = parse(0, &[5], Len::Exact(4000)).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unsupported);
        assert_eq!(error.message(), "blosc format version 5, that of Blosc2, expected 2");
    }

    #[test]
    fn fewer_bytes_than_a_header_are_an_error() {
        for len in 0..16 {
            let error = Header::parse(&chunk()[..len], Len::Exact(4000)).unwrap_err();
            assert_eq!(error.message(), format!("{len} bytes, expected at least the 16 of the header"));
        }
    }

    #[test]
    fn a_block_offset_lies_behind_the_table_and_within_the_chunk() {
        for offset in [0, 23, 40, u32::MAX] {
            let mut chunk = chunk();
            chunk[20..24].copy_from_slice(&offset.to_le_bytes());
            let header = Header::parse(&chunk, Len::Exact(4000)).unwrap();
            assert!(header.block_offset(&chunk, 0).is_ok());
            let error = header.block_offset(&chunk, 1).unwrap_err();
            assert_eq!(error.message(), format!("the offset is {offset}, expected 24 to 40"));
        }
    }

    #[test]
    fn blocks_are_split_by_typesize_if_they_are_whole_and_large_enough() {
        let parts = |flags, typesize, block_len: u32| {
            let mut chunk = chunk();
            chunk[2..4].copy_from_slice(&[flags, typesize]);
            chunk[8..12].copy_from_slice(&block_len.to_le_bytes());
            let header = Header::parse(&chunk, Len::Exact(4000)).unwrap();
            (header.part_count(header.block_len), header.part_count(header.block_len - 1))
        };
        assert_eq!(parts(0x21, 4, 2048), (4, 1));
        assert_eq!(parts(0x31, 4, 2048), (1, 1));
        assert_eq!(parts(0x21, 16, 2048), (16, 1));
        assert_eq!(parts(0x21, 16, 2047), (1, 1));
        assert_eq!(parts(0x21, 17, 4000), (1, 1));
    }

    #[test]
    fn shuffles_are_undone_only_where_they_were_done() {
        let shuffle = |flags, typesize, block_len| {
            let header = parse(2, &[flags, typesize], Len::Exact(4000)).unwrap();
            header.shuffle_of_block(block_len)
        };
        assert_eq!(shuffle(0x31, 4, 2048), Shuffle::Bytes);
        assert_eq!(shuffle(0x35, 4, 2048), Shuffle::Bytes);
        assert_eq!(shuffle(0x31, 1, 2048), Shuffle::None);
        assert_eq!(shuffle(0x30, 4, 2048), Shuffle::None);
        assert_eq!(shuffle(0x34, 4, 2048), Shuffle::Bits);
        assert_eq!(shuffle(0x34, 1, 2048), Shuffle::Bits);
        assert_eq!(shuffle(0x34, 4, 2044), Shuffle::None);
        assert_eq!(shuffle(0x34, 4, 3), Shuffle::None);
    }
}
