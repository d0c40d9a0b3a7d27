//! `packbits`: eight booleans in a byte.
//!
//! `numcodecs.packbits` and the v2 id `packbits`, for booleans only; without configuration. The codec `packbits` of the
//! Zarr v3 extensions is another one.
//!
//! The encoded side is a list of uint8: the number of bits that pad the last byte, then the bits in C order, the most
//! significant of each byte first. A number of padding bits that does not fit the chunk is an error.

use std::borrow::Cow;

use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};

pub struct PackBits;

impl PackBits {
    pub fn new(_: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        if decoded.data_type != DataType::Bool {
            return Err(Error::unsupported(format!("elements of type {}, expected bool", decoded.data_type)));
        }
        Ok(Self)
    }
}

impl ArrayToArray for PackBits {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        let bytes = decoded.element_count()?.div_ceil(8);
        // The fill value stays: zarr-python leaves an inner chunk out of a shard where its bytes are 0 or 1, as that is.
        Ok(ChunkSpec { shape: vec![1 + bytes], data_type: DataType::UInt8, fill_value: decoded.fill_value.clone() })
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        let mut decoded = scratch.take(decoded_spec.byte_len()?)?;
        let padding = decoded.len().div_ceil(8) * 8 - decoded.len();
        match encoded.split_first() {
            Some((&found, bits)) if usize::from(found) == padding => {
                for (byte, elements) in bits.iter().zip(decoded.chunks_mut(8)) {
                    for (i, element) in elements.iter_mut().enumerate() {
                        *element = byte >> (7 - i) & 1;
                    }
                }
            }
            found => {
                let found = found.map_or(0, |(&found, _)| found);
                return Err(Error::corrupt_chunk(format!("{found} bits of padding, expected {padding}")));
            }
        }
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    fn spec(shape: &[u64]) -> ChunkSpec {
        ChunkSpec { shape: shape.to_vec(), data_type: DataType::Bool, fill_value: vec![0] }
    }

    fn decode(shape: &[u64], encoded: &[u8]) -> Result<Vec<u8>> {
        let decoded = spec(shape);
        let codec = PackBits::new(&Configuration(&Map::new()), &decoded)?;
        let encoded_spec = codec.encoded(&decoded)?;
        assert_eq!(encoded_spec.byte_len()?, encoded.len());
        let decoded = codec.decode(Cow::Borrowed(encoded), &encoded_spec, &decoded, &mut Scratch::default())?;
        Ok(decoded.into_owned())
    }

    #[test]
    fn the_most_significant_bit_comes_first() {
        // numcodecs.PackBits().encode([1, 0, 0, 0, 0, 0, 0, 0, 1, 1])
        assert_eq!(decode(&[2, 5], &[6, 0x80, 0xc0]).unwrap(), [1, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
        assert_eq!(decode(&[8], &[0, 0x93]).unwrap(), [1, 0, 0, 1, 0, 0, 1, 1]);
        assert_eq!(decode(&[], &[7, 0x80]).unwrap(), [1]);
        assert_eq!(decode(&[0], &[0]).unwrap(), [0; 0]);
    }

    #[test]
    fn padding_that_does_not_fit_the_chunk_is_an_error() {
        let error = decode(&[10], &[5, 0, 0]).unwrap_err();
        assert_eq!(error.message(), "5 bits of padding, expected 6");
        assert!(decode(&[10], &[14, 0, 0]).is_err());
        assert!(decode(&[8], &[8, 0]).is_err());
    }

    #[test]
    fn the_encoded_side_is_a_list_of_bytes() {
        let codec = PackBits;
        let encoded = codec.encoded(&spec(&[3, 7])).unwrap();
        assert_eq!(encoded, ChunkSpec { shape: vec![4], data_type: DataType::UInt8, fill_value: vec![0] });
        assert!(codec.encoded(&spec(&[u64::MAX, 2])).is_err());
    }

    #[test]
    fn only_booleans_are_packed() {
        let bytes = ChunkSpec { data_type: DataType::UInt8, ..spec(&[8]) };
        assert!(PackBits::new(&Configuration(&Map::new()), &bytes).is_err());
    }
}
