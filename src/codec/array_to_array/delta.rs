//! `delta`: the first element, then the differences between neighbours.
//!
//! `numcodecs.delta` and the v2 id `delta`. Configuration: `dtype`, the type of the decoded elements, and `astype`, the
//! type in which the differences are stored; by default the data type at this place of the chain, and `dtype`.
//!
//! Decoding is a cumulative sum over the whole chunk, computed in `dtype` with wrapping integers; each difference is
//! converted to `dtype` first. As in numcodecs `dtype` is how the chunk's bytes are *seen*: it may be int64 where the
//! array has times. Both must be integers or floats. The byte orders in the type strings are those of the stored bytes
//! and concern the codec `bytes`; a chain that sees elements in another order than they have is refused.

use std::borrow::Cow;

use zarr_wasm_kernels::sums;

use super::cast::Conversion;
use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};

pub struct Delta {
    conversion: Conversion,
    accumulate: fn(&mut [u8]),
}

impl Delta {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        let conversion = Conversion::new(configuration, "dtype", "astype", decoded)?;
        let sums = [&conversion.decoded, &conversion.stored].map(|side| accumulation(&side.data_type));
        let [Some(accumulate), Some(_)] = sums else {
            return Err(Error::unsupported("differences of booleans, expected integers or floats"));
        };
        Ok(Self { conversion, accumulate })
    }
}

impl ArrayToArray for Delta {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        Ok(self.conversion.encoded(decoded))
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        let decoded = self.conversion.cast_decode(encoded, decoded_spec, scratch)?;
        let mut decoded = scratch.own(decoded)?;
        (self.accumulate)(&mut decoded);
        Ok(Cow::Owned(decoded))
    }
}

/// What replaces every element by the sum of itself and all before it, for types that have sums.
fn accumulation(data_type: &DataType) -> Option<fn(&mut [u8])> {
    match data_type {
        DataType::Int8 | DataType::UInt8 => Some(sums::sum_bytes),
        DataType::Int16 | DataType::UInt16 => Some(sums::sum_words),
        DataType::Int32 | DataType::UInt32 => Some(sums::sum_double_words),
        DataType::Int64 | DataType::UInt64 => Some(sums::sum_quad_words),
        DataType::Float16 => Some(sums::sum_float16),
        DataType::Float32 => Some(sums::sum_float32),
        DataType::Float64 => Some(sums::sum_float64),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use half::f16;
    use serde_json::json;

    fn spec(data_type: DataType, fill_value: &[u8]) -> ChunkSpec {
        ChunkSpec { shape: vec![5], data_type, fill_value: fill_value.to_vec() }
    }

    fn delta(configuration: serde_json::Value, decoded: &ChunkSpec) -> Result<Delta> {
        Delta::new(&Configuration(configuration.as_object().unwrap()), decoded)
    }

    /// Decodes both a borrowed and an owned encoding of five elements.
    fn decode(configuration: serde_json::Value, data_type: DataType, encoded: &[u8]) -> Vec<u8> {
        let decoded = spec(data_type.clone(), &vec![0; data_type.item_len()]);
        let codec = delta(configuration, &decoded).unwrap();
        let encoded_spec = codec.encoded(&decoded).unwrap();
        let decode =
            |bytes| codec.decode(bytes, &encoded_spec, &decoded, &mut Scratch::default()).unwrap().into_owned();
        let (borrowed, owned) = (decode(Cow::Borrowed(encoded)), decode(Cow::Owned(encoded.to_vec())));
        assert_eq!(borrowed, owned);
        borrowed
    }

    macro_rules! bytes {
        ($type:ident: $($value:expr),*) => { [$($type::to_le_bytes($value)),*].concat() };
    }

    #[test]
    fn differences_are_summed_in_dtype() {
        // numcodecs.Delta("<i4", "<i2").encode([1, 3, 2, 2, 100])
        let configuration = json!({"dtype": "<i4", "astype": "<i2"});
        assert_eq!(decode(configuration, DataType::Int32, &bytes![i16: 1, 2, -1, 0, 98]), bytes![i32: 1, 3, 2, 2, 100]);
        let configuration = json!({"dtype": "<u4", "astype": "|i1"});
        let decoded = bytes![u32: 5, 4, 3, 3, 130];
        assert_eq!(decode(configuration, DataType::UInt32, &bytes![i8: 5, -1, -1, 0, 127]), decoded);
    }

    #[test]
    fn integers_wrap() {
        let encoded = bytes![i16: i16::MAX, 1, -1, 0, 1];
        let decoded = bytes![i16: i16::MAX, i16::MIN, i16::MAX, i16::MAX, i16::MIN];
        assert_eq!(decode(json!({"dtype": "int16"}), DataType::Int16, &encoded), decoded);
        let encoded = bytes![u64: u64::MAX, 1, u64::MAX, 0, 2];
        assert_eq!(decode(json!({}), DataType::UInt64, &encoded), bytes![u64: u64::MAX, 0, u64::MAX, u64::MAX, 1]);
    }

    #[test]
    fn floats_are_rounded_at_every_step() {
        let encoded = bytes![f32: -0.0, 0.5, 1e10, 1.0, -1e10];
        let decoded = bytes![f32: -0.0, 0.5, 1e10, 1e10, 0.0];
        assert_eq!(decode(json!({"dtype": "<f4"}), DataType::Float32, &encoded), decoded);
        let half = |values: [f32; 5]| values.map(|value| f16::from_f32(value).to_le_bytes()).concat();
        let decoded = half([1.0, 1.0, 2048.0, 2048.0, 2050.0]);
        assert_eq!(decode(json!({"dtype": "<f2"}), DataType::Float16, &half([1.0, 0.0001, 2048.0, 1.0, 2.0])), decoded);
    }

    #[test]
    fn differences_are_converted_to_dtype_before_they_are_summed() {
        let configuration = json!({"dtype": "<i4", "astype": "<f4"});
        let encoded = bytes![f32: 1.5, -2.75, 0.9, 0.9, 3.0];
        assert_eq!(decode(configuration, DataType::Int32, &encoded), bytes![i32: 1, -1, -1, -1, 2]);
        let configuration = json!({"dtype": "<f8", "astype": "<u8"});
        let encoded = bytes![u64: u64::MAX, 0, 0, 0, 0];
        assert_eq!(
            decode(configuration, DataType::Float64, &encoded),
            [18446744073709551616f64.to_le_bytes(); 5].concat()
        );
    }

    #[test]
    fn the_fill_value_goes_through_the_codec() {
        let decoded = spec(DataType::Int32, &300i32.to_le_bytes());
        let encoded = delta(json!({"dtype": "<i4", "astype": "<u2"}), &decoded).unwrap().encoded(&decoded).unwrap();
        assert_eq!(encoded, spec(DataType::UInt16, &300u16.to_le_bytes()));
    }

    #[test]
    fn a_type_of_another_size_or_without_differences_is_unsupported() {
        let decoded = spec(DataType::Int32, &[0; 4]);
        for configuration in
            [json!({"dtype": "<i2"}), json!({"dtype": "<i4", "astype": "|b1"}), json!({"dtype": "<c8"})]
        {
            assert!(delta(configuration.clone(), &decoded).is_err(), "{configuration}");
        }
        assert!(delta(json!({"dtype": "<f4"}), &decoded).is_ok());
    }
}
