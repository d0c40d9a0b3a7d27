//! `shuffle`: the bytes of all elements by their position in the element, first all first bytes, and so on.
//!
//! `numcodecs.shuffle` and the v2 id `shuffle`; HDF5's filter of that name writes the same. Configuration: `elementsize`,
//! the width in bytes, by default that of the data type; it need not be that of the data type. A length that is no
//! multiple of the width is an error, as in numcodecs.

use std::borrow::Cow;

use super::blosc::unshuffle::unshuffle_bytes;
use crate::codec::{BytesToBytes, ChunkSpec, Configuration, Len, Scratch};
use crate::error::{Error, Result};

pub struct Shuffle {
    element_len: usize,
}

impl Shuffle {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        let element_len = match configuration.integer("elementsize")? {
            Some(len) => configuration.in_range("elementsize", len, 0, i32::MAX.into())? as usize,
            None => decoded.data_type.item_len(),
        };
        Ok(Self { element_len })
    }
}

impl BytesToBytes for Shuffle {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let len = encoded.len();
        decoded_len.check(len)?;
        if self.element_len <= 1 {
            return Ok(encoded);
        }
        if !len.is_multiple_of(self.element_len) {
            let expected = self.element_len;
            return Err(Error::corrupt_chunk(format!(
                "{len} bytes, expected a multiple of the element size {expected}"
            )));
        }
        let mut decoded = scratch.take(len)?;
        unshuffle_bytes(&encoded, self.element_len, &mut decoded);
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}
