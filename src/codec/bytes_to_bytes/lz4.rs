//! `lz4`: the decoded size as little-endian u32, then one raw LZ4 block.
//!
//! `numcodecs.lz4` and the v2 id `lz4`; neither LZ4 frames nor HDF5's lz4 filter look like this. Configuration:
//! `acceleration`, an integer of no meaning for a reader. The size is 1 to 2³¹ − 1: numcodecs refuses all others.

use std::borrow::Cow;

use zarr_wasm_kernels::lz4;

use crate::codec::{BytesToBytes, Configuration, Len, Scratch};
use crate::error::{Error, Result};

/// A byte of a block lengthens what it decodes to by no more.
pub const MOST_EACH: usize = 255;

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
        decoded_len.check_claim(size as usize, block.len(), MOST_EACH)?;
        let mut decoded = scratch.take(size as usize)?;
        let written = decode_block(block, &mut decoded)?;
        Len::Exact(decoded.len()).check(written)?;
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

/// Decodes a raw LZ4 block and answers how many bytes it holds; more than `decoded` has room for is an error.
pub fn decode_block(block: &[u8], decoded: &mut [u8]) -> Result<usize> {
    lz4::decode(block, decoded).map_err(|error| Error::corrupt_chunk(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 8 times "zarr", written by numcodecs.
    const ENCODED: [u8; 18] =
        [0x20, 0x00, 0x00, 0x00, 0x4f, 0x7a, 0x61, 0x72, 0x72, 0x04, 0x00, 0x04, 0x50, 0x72, 0x7a, 0x61, 0x72, 0x72];

    fn decode(encoded: &[u8], len: Len) -> Result<Vec<u8>> {
        Ok(Lz4.decode(Cow::Borrowed(encoded), len, &mut Scratch::default())?.into_owned())
    }

    fn with_size(size: u32) -> Vec<u8> {
        [&size.to_le_bytes(), &ENCODED[4..]].concat()
    }

    #[test]
    fn a_block_decodes_to_its_prefixed_size() {
        assert_eq!(decode(&ENCODED, Len::Exact(32)).unwrap(), b"zarr".repeat(8));
        assert_eq!(decode(&ENCODED, Len::AtMost(40)).unwrap(), b"zarr".repeat(8));
    }

    #[test]
    fn the_prefix_must_be_the_expected_size_and_the_true_one() {
        let message = |encoded: &[u8], len| decode(encoded, len).unwrap_err().message().to_owned();
        assert_eq!(message(&ENCODED, Len::Exact(33)), "decoded to 32 bytes, expected 33");
        assert_eq!(message(&with_size(33), Len::Exact(33)), "decoded to 32 bytes, expected 33");
        assert!(decode(&with_size(31), Len::Exact(31)).is_err());
        assert_eq!(message(&with_size(0), Len::AtMost(32)), "the size is 0, expected 1 to 2^31 - 1");
        assert_eq!(
            message(&with_size(1 << 31), Len::AtMost(usize::MAX)),
            "the size is 2147483648, expected 1 to 2^31 - 1"
        );
        assert_eq!(message(&with_size(1 << 30), Len::AtMost(32)), "decoded to 1073741824 bytes, expected at most 32");
    }

    #[test]
    fn a_block_cut_anywhere_is_an_error() {
        for len in 0..ENCODED.len() {
            assert!(decode(&ENCODED[..len], Len::Exact(32)).is_err(), "{len} bytes");
        }
    }
}
