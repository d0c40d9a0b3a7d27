//! `shuffle`: the bytes of all elements by their position in the element, first all first bytes, and so on.
//!
//! `numcodecs.shuffle` and the v2 id `shuffle`; HDF5's filter of that name writes the same. Configuration: `elementsize`,
//! the width in bytes, by default that of the data type; it need not be that of the data type. A length that is no
//! multiple of the width is an error, as in numcodecs.

use std::borrow::Cow;

use zarr_wasm_kernels::unshuffle::unshuffle_bytes;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::DataType;
    use serde_json::json;

    fn decode(configuration: serde_json::Value, encoded: &[u8]) -> Result<Vec<u8>> {
        let spec = ChunkSpec { shape: vec![4], data_type: DataType::Int16, fill_value: vec![0; 2] };
        let codec = Shuffle::new(&Configuration(configuration.as_object().unwrap()), &spec)?;
        let len = Len::Exact(encoded.len());
        Ok(codec.decode(Cow::Borrowed(encoded), len, &mut Scratch::default())?.into_owned())
    }

    #[test]
    fn the_width_is_that_of_the_configuration_or_else_of_the_data_type() {
        assert_eq!(decode(json!({"elementsize": 4}), b"01234567").unwrap(), b"02461357");
        assert_eq!(decode(json!({}), b"01234567").unwrap(), b"04152637");
    }

    #[test]
    fn a_width_of_one_byte_or_none_changes_nothing() {
        assert_eq!(decode(json!({"elementsize": 1}), b"0123456").unwrap(), b"0123456");
        assert_eq!(decode(json!({"elementsize": 0}), b"0123456").unwrap(), b"0123456");
    }

    #[test]
    fn a_length_that_is_no_multiple_of_the_width_is_an_error() {
        let error = decode(json!({"elementsize": 4}), b"0123456").unwrap_err();
        assert_eq!(error.message(), "7 bytes, expected a multiple of the element size 4");
        assert!(decode(json!({"elementsize": -1}), b"").is_err());
    }
}
