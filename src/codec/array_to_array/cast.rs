//! What the codecs share that store elements in another type: a cast of every element.

use std::borrow::Cow;

use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
#[cfg(test)]
use crate::data_type::DataType;
use crate::data_type::{Number, NumberType};
use crate::error::{Error, Result};

/// The types on both sides of a codec: that of the decoded elements and that in which they are stored.
pub struct Conversion {
    pub decoded: NumberType,
    pub stored: NumberType,
}

impl Conversion {
    /// Takes the types from two members of a configuration in numcodecs' manner. What is absent is the type at this
    /// place of the chain; for `stored_key`, the type of the decoded elements. As in numcodecs the type of the decoded
    /// elements is how the chunk's bytes are *seen*: it may be int64 where the array has times.
    pub fn new(
        configuration: &Configuration,
        decoded_key: &str,
        stored_key: &str,
        decoded: &ChunkSpec,
    ) -> Result<Self> {
        let data_type =
            configuration.data_type(decoded_key)?.map_or(decoded.data_type.clone(), |(data_type, _)| data_type);
        let stored_type = configuration.data_type(stored_key)?.map_or(data_type.clone(), |(data_type, _)| data_type);
        if data_type.item_len() != decoded.data_type.item_len() {
            return Err(Error::unsupported(format!("{decoded_key} {data_type} in a chunk of {}", decoded.data_type)));
        }
        Ok(Self { decoded: NumberType::new(&data_type)?, stored: NumberType::new(&stored_type)? })
    }

    /// The encoded side. The fill value is cast and nothing else, whatever the codec does to elements: zarr-python, whose
    /// codecs these are, leaves an inner chunk out of a shard where its *stored* elements are the array's fill value.
    pub fn encoded(&self, decoded: &ChunkSpec) -> ChunkSpec {
        let fill_value = if self.is_identity() {
            decoded.fill_value.clone()
        } else {
            let mut fill_value = vec![0; self.stored.item_len()];
            convert(&decoded.fill_value, &self.decoded, &mut fill_value, &self.stored, |number| number);
            fill_value
        };
        ChunkSpec { shape: decoded.shape.clone(), data_type: self.stored.data_type.clone(), fill_value }
    }

    /// Decodes every element by `decode` and a cast.
    pub fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
        decode: impl Fn(Number) -> Number,
    ) -> Result<Cow<'a, [u8]>> {
        let mut decoded = scratch.take(decoded_spec.byte_len()?)?;
        convert(&encoded, &self.stored, &mut decoded, &self.decoded, decode);
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }

    /// Decodes with nothing but a cast; elements that are stored in their own type keep every bit.
    pub fn cast_decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        if self.is_identity() { Ok(encoded) } else { self.decode(encoded, decoded_spec, scratch, |number| number) }
    }

    fn is_identity(&self) -> bool {
        self.decoded.data_type == self.stored.data_type
    }
}

/// A conversion is a codec by itself: one that does nothing but cast.
impl ArrayToArray for Conversion {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        Ok(self.encoded(decoded))
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        self.cast_decode(encoded, decoded_spec, scratch)
    }
}

/// Converts as many elements as there are.
fn convert(source: &[u8], from: &NumberType, target: &mut [u8], to: &NumberType, map: impl Fn(Number) -> Number) {
    let source = source.chunks_exact(from.item_len());
    for (from_item, to_item) in source.zip(target.chunks_exact_mut(to.item_len())) {
        (to.write)(map((from.read)(from_item)), to_item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast(bytes: &[u8], from: DataType, to: DataType) -> Vec<u8> {
        let (from, to) = (NumberType::new(&from).unwrap(), NumberType::new(&to).unwrap());
        let mut target = vec![0xaa; bytes.len() / from.item_len() * to.item_len()];
        convert(bytes, &from, &mut target, &to, |number| number);
        target
    }

    macro_rules! bytes {
        ($type:ident: $($value:expr),*) => { [$($type::to_le_bytes($value)),*].concat() };
    }

    #[test]
    fn floats_become_integers_as_numpy_casts_them() {
        // numpy.array([300.7, -1.5, -129.9, 3e9]).astype(…)
        let floats = bytes![f64: 300.7, -1.5, -129.9, 3e9];
        assert_eq!(cast(&floats, DataType::Float64, DataType::UInt8), [44, 255, 127, 0]);
        assert_eq!(
            cast(&floats, DataType::Float64, DataType::UInt64),
            bytes![u64: 300, u64::MAX, u64::MAX - 128, 3_000_000_000]
        );
        let beyond = bytes![f64: f64::NAN, 18446744073709549568.0, -0.9];
        assert_eq!(cast(&beyond, DataType::Float64, DataType::UInt64), bytes![u64: 0, 18446744073709549568, 0]);
    }

    #[test]
    fn integers_wrap_and_are_exact() {
        assert_eq!(cast(&bytes![i16: -1, 300], DataType::Int16, DataType::UInt8), [255, 44]);
        assert_eq!(cast(&bytes![u64: u64::MAX], DataType::UInt64, DataType::Int64), bytes![i64: -1]);
        assert_eq!(
            cast(&bytes![i64: -1, i64::MAX], DataType::Int64, DataType::Float64),
            bytes![f64: -1.0, 9223372036854775808.0]
        );
    }

    #[test]
    fn floats_are_rounded_to_nearest_with_ties_to_even() {
        // numpy.array([1.5, 65504, 65519.9, 65520, 1e-8]).astype("f2").view("u2")
        let floats = bytes![f64: 1.5, 65504.0, 65519.9, 65520.0, 1e-8];
        assert_eq!(cast(&floats, DataType::Float64, DataType::Float16), bytes![u16: 15872, 31743, 31743, 31744, 0]);
        // numpy.array([2**24 + 1, 2**63 - 1, 2049]).astype(…).view(…)
        let integers = bytes![i64: (1 << 24) + 1, i64::MAX, 2049];
        assert_eq!(
            cast(&integers, DataType::Int64, DataType::Float32),
            bytes![u32: 1266679808, 1593835520, 1157632000]
        );
        assert_eq!(cast(&integers, DataType::Int64, DataType::Float16), bytes![u16: 31744, 31744, 26624]);
    }

    #[test]
    fn booleans_are_zero_or_not() {
        assert_eq!(cast(&bytes![f32: 0.0, -0.0, 0.5, f32::NAN], DataType::Float32, DataType::Bool), [0, 0, 1, 1]);
        assert_eq!(cast(&[0, 1, 2], DataType::Bool, DataType::Int16), bytes![i16: 0, 1, 1]);
    }
}
