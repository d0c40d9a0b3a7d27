//! `fixedscaleoffset`: floats as multiples of a step, counted from an offset.
//!
//! `numcodecs.fixedscaleoffset` and the v2 id `fixedscaleoffset`. Configuration: `offset` and `scale`, numbers, required;
//! `dtype`, the type of the decoded elements, by default the data type at this place of the chain; `astype`, that of the
//! stored ones, by default `dtype`. Both must be integers, floats or booleans. The byte orders in the type strings are
//! those of the stored bytes and concern the codec `bytes`.
//!
//! Decoding is `stored / scale + offset`, as NumPy computes it: in the type of the stored elements where that is a
//! float, to which the two numbers are rounded first, and in float64 otherwise; then a cast to `dtype`. The fill value is
//! cast, not scaled (see [`Conversion::encoded`]).

use std::borrow::Cow;

use super::cast::Conversion;
use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::data_type::Number;
use crate::error::Result;

pub struct FixedScaleOffset {
    offset: f64,
    scale: f64,
    conversion: Conversion,
}

impl FixedScaleOffset {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        let offset = configuration.required("offset", configuration.number("offset")?)?;
        let scale = configuration.required("scale", configuration.number("scale")?)?;
        Ok(Self { offset, scale, conversion: Conversion::new(configuration, "dtype", "astype", decoded)? })
    }
}

impl ArrayToArray for FixedScaleOffset {
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
        let round = self.conversion.stored.rounding();
        let (offset, scale) = (round(self.offset), round(self.scale));
        self.conversion.decode(encoded, decoded_spec, scratch, |number| {
            Number::Float(round(round(number.to_f64() / scale) + offset))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::DataType;
    use serde_json::json;

    fn spec(data_type: DataType, fill_value: &[u8]) -> ChunkSpec {
        ChunkSpec { shape: vec![4], data_type, fill_value: fill_value.to_vec() }
    }

    fn codec(configuration: serde_json::Value, decoded: &ChunkSpec) -> Result<FixedScaleOffset> {
        FixedScaleOffset::new(&Configuration(configuration.as_object().unwrap()), decoded)
    }

    fn decode(configuration: serde_json::Value, data_type: DataType, encoded: &[u8]) -> Vec<u8> {
        let decoded = spec(data_type.clone(), &vec![0; data_type.item_len()]);
        let codec = codec(configuration, &decoded).unwrap();
        let encoded_spec = codec.encoded(&decoded).unwrap();
        codec.decode(Cow::Borrowed(encoded), &encoded_spec, &decoded, &mut Scratch::default()).unwrap().into_owned()
    }

    macro_rules! bytes {
        ($type:ident: $($value:expr),*) => { [$($type::to_le_bytes($value)),*].concat() };
    }

    /// All results: numcodecs.FixedScaleOffset(…).decode(…).
    #[test]
    fn stored_integers_are_scaled_in_float64() {
        let configuration = json!({"offset": 0.3, "scale": 0.1, "dtype": "<f4", "astype": "<i2"});
        let decoded = decode(configuration, DataType::Float32, &bytes![i16: 1, -2, 1000, 32767]);
        assert_eq!(decoded, bytes![u32: 1092930765, 3248331162, 1176256819, 1218445002]);
        let configuration = json!({"offset": 10, "scale": 1_000_000_000_000u64});
        let encoded = bytes![i64: 1 << 62, 1_000_000_000_000, -1_000_000_000_000_000, 5];
        assert_eq!(decode(configuration, DataType::Int64, &encoded), bytes![i64: 4611696, 11, -990, 10]);
        let configuration = json!({"offset": 1000, "scale": 10});
        let encoded = bytes![u64: u64::MAX, 10, (1 << 60) + 1, 55];
        assert_eq!(
            decode(configuration, DataType::UInt64, &encoded),
            bytes![u64: 1844674407370956288, 1001, 115292150460685696, 1005]
        );
    }

    #[test]
    fn stored_floats_are_scaled_in_their_own_type() {
        let encoded = bytes![f32: 1.0, 2.0, 1000.0, 5.0];
        let decoded = decode(json!({"offset": 0.3, "scale": 7}), DataType::Float32, &encoded);
        assert_eq!(decoded, bytes![u32: 1055047212, 1058402656, 1125066811, 1065473054]);
        let encoded = [1.0, 2.0, 1000.0, 5.0].map(|value| half::f16::from_f32(value).to_le_bytes()).concat();
        let decoded = decode(json!({"offset": 0.3, "scale": 7}), DataType::Float16, &encoded);
        assert_eq!(decoded, bytes![u16: 14102, 14512, 22649, 15375]);
    }

    #[test]
    fn decoded_integers_are_cut_off() {
        let configuration = json!({"offset": 1000.5, "scale": 10, "dtype": "<i4", "astype": "<i2"});
        let decoded = decode(configuration, DataType::Int32, &bytes![i16: 1, -2, 1000, -32767]);
        assert_eq!(decoded, bytes![i32: 1000, 1000, 1100, -2276]);
    }

    #[test]
    fn the_fill_value_is_cast_but_not_scaled() {
        let decoded = spec(DataType::Float64, &7.5f64.to_le_bytes());
        let configuration = json!({"offset": 1000, "scale": 10, "dtype": "<f8", "astype": "<u2"});
        let encoded = codec(configuration, &decoded).unwrap().encoded(&decoded).unwrap();
        assert_eq!(encoded, spec(DataType::UInt16, &7u16.to_le_bytes()));
    }

    #[test]
    fn numbers_that_are_absent_or_none_and_other_types_are_refused() {
        let decoded = spec(DataType::Float64, &[0; 8]);
        for configuration in [
            json!({"offset": 1}),
            json!({"scale": 1}),
            json!({"offset": "1", "scale": 1}),
            json!({"offset": 1, "scale": 1, "astype": "<c8"}),
            json!({"offset": 1, "scale": 1, "dtype": "<f4"}),
        ] {
            assert!(codec(configuration.clone(), &decoded).is_err(), "{configuration}");
        }
    }

    #[test]
    fn a_scale_of_zero_divides_as_floats_do() {
        let configuration = json!({"offset": 0, "scale": 0, "dtype": "<f4", "astype": "|i1"});
        let decoded = decode(configuration, DataType::Float32, &[1, 0xff, 0, 2]);
        assert_eq!(decoded[..8], bytes![f32: f32::INFINITY, f32::NEG_INFINITY]);
        assert!(f32::from_le_bytes(decoded[8..12].try_into().unwrap()).is_nan());
    }
}
