//! `lz4`: the decoded size as little-endian u32, then one raw LZ4 block.
//!
//! `numcodecs.lz4` and the v2 id `lz4`; neither LZ4 frames nor HDF5's lz4 filter look like this. Configuration:
//! `acceleration`, an integer of no meaning for a reader. The size is 1 to 2³¹ − 1: numcodecs refuses all others.

use std::borrow::Cow;

use lz4_flex::block::decompress_into;

use crate::codec::{BytesToBytes, Configuration, Len, Scratch};
use crate::error::{Error, Result};

pub struct Lz4;

impl Lz4 {
    pub fn new(configuration: &Configuration) -> Result<Self> {
        configuration.integer("acceleration")?;
        Ok(Self)
    }
}

impl BytesToBytes for Lz4 {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded.compressed()
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let Some((prefix, block)) = encoded.split_first_chunk() else {
            let found = encoded.len();
            return Err(Error::corrupt_chunk(format!("{found} bytes, expected at least the 4 of the size")));
        };
        let size = u32::from_le_bytes(*prefix);
        if size == 0 || size > i32::MAX as u32 {
            return Err(Error::corrupt_chunk(format!("the size is {size}, expected 1 to 2^31 - 1")));
        }
        decoded_len.check(size as usize)?;
        let mut decoded = scratch.take(size as usize)?;
        let written = decode_block(block, &mut decoded)?;
        Len::Exact(decoded.len()).check(written)?;
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

/// Decodes a raw LZ4 block and answers how many bytes it holds; more than `decoded` has room for is an error.
pub fn decode_block(block: &[u8], decoded: &mut [u8]) -> Result<usize> {
    decompress_into(block, decoded).map_err(|error| Error::corrupt_chunk(error.to_string()))
}
