//! `scale_offset`: elements less an offset, times a factor.
//!
//! `scale_offset` of the Zarr v3 extensions. Configuration: `offset` and `scale`, both optional, written as a fill value of
//! the data type would be; other members are not allowed, nor is a scale of zero. For integers and floats.
//!
//! Decoding is `stored / scale + offset` in the arithmetic of the data type; without any configuration nothing is computed.
//! A scale alone has the offset 0, which makes 0 of −0. A result of either step that an integer type cannot hold (a
//! remainder, an overflow) is an error, for the fill value as well.

use std::borrow::Cow;

use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::data_type::{Number, NumberType};
use crate::error::{Error, Result};

pub struct ScaleOffset {
    elements: NumberType,
    offset: Option<Number>,
    scale: Option<Number>,
}

impl ScaleOffset {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        configuration.only(&["offset", "scale"])?;
        let elements = NumberType::real(&decoded.data_type)?;
        let number = |key| -> Result<Option<Number>> {
            Ok(configuration.scalar(key, &elements.data_type)?.map(|bytes| (elements.read)(&bytes)))
        };
        let scale = number("scale")?;
        let no_offset = (scale.is_some() && elements.is_float()).then_some(Number::Float(0.0));
        let offset = number("offset")?.or(no_offset);
        if scale.is_some_and(|scale| scale.to_f64() == 0.0) {
            return Err(configuration.invalid("scale", "anything but zero"));
        }
        Ok(Self { elements, offset, scale })
    }

    fn encode_number(&self, number: Number) -> Option<Number> {
        let difference = self.step(number, self.offset, |value, offset| value.checked_sub(offset), |a, b| a - b)?;
        self.step(difference, self.scale, |value, scale| value.checked_mul(scale), |a, b| a * b)
    }

    fn decode_number(&self, number: Number) -> Option<Number> {
        let exact = |value: i128, scale| value.checked_rem(scale).filter(|&rest| rest == 0).map(|_| value / scale);
        let quotient = self.step(number, self.scale, exact, |a, b| a / b)?;
        self.step(quotient, self.offset, |value, offset| value.checked_add(offset), |a, b| a + b)
    }

    /// One operation, `None` where its result is no element of the type.
    fn step(
        &self,
        number: Number,
        operand: Option<Number>,
        of_integers: impl Fn(i128, i128) -> Option<i128>,
        of_floats: impl Fn(f64, f64) -> f64,
    ) -> Option<Number> {
        let (low, high) = self.elements.data_type.integer_range().unwrap_or((i128::MIN, i128::MAX));
        match (number, operand) {
            (number, None) => Some(number),
            (Number::Integer(one), Some(Number::Integer(other))) => {
                of_integers(one, other).filter(|result| (low..=high).contains(result)).map(Number::Integer)
            }
            (one, Some(other)) => {
                Some(Number::Float(self.elements.rounding()(of_floats(one.to_f64(), other.to_f64()))))
            }
        }
    }
}

impl ArrayToArray for ScaleOffset {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        let mut fill_value = decoded.fill_value.clone();
        let number = self.encode_number((self.elements.read)(&fill_value)).ok_or_else(|| {
            Error::invalid_metadata(format!("the scaled fill value is no {}", self.elements.data_type))
        })?;
        (self.elements.write)(number, &mut fill_value);
        Ok(ChunkSpec { fill_value, ..decoded.clone() })
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        _: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        if self.offset.is_none() && self.scale.is_none() {
            return Ok(encoded);
        }
        let mut decoded = scratch.own(encoded)?;
        for (at, element) in decoded.chunks_exact_mut(self.elements.item_len()).enumerate() {
            let stored = (self.elements.read)(element);
            let number = self.decode_number(stored).ok_or_else(|| {
                let data_type = &self.elements.data_type;
                Error::corrupt_chunk(format!("element {at}, stored as {stored}, is no {data_type} when scaled back"))
            })?;
            (self.elements.write)(number, element);
        }
        Ok(Cow::Owned(decoded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::DataType;
    use serde_json::json;

    fn spec(data_type: DataType, fill_value: &[u8]) -> ChunkSpec {
        ChunkSpec { shape: vec![3], data_type, fill_value: fill_value.to_vec() }
    }

    fn codec(configuration: serde_json::Value, decoded: &ChunkSpec) -> Result<ScaleOffset> {
        ScaleOffset::new(&Configuration(configuration.as_object().unwrap()), decoded)
    }

    fn decode(configuration: serde_json::Value, data_type: DataType, encoded: &[u8]) -> Result<Vec<u8>> {
        let decoded = spec(data_type.clone(), &vec![0; data_type.item_len()]);
        let codec = codec(configuration, &decoded)?;
        Ok(codec.decode(Cow::Borrowed(encoded), &decoded, &decoded, &mut Scratch::default())?.into_owned())
    }

    #[test]
    fn floats_are_divided_and_added_in_their_own_type() {
        let configuration = || json!({"offset": 0.3, "scale": 7});
        let encoded = [1.0, 2.0, 1000.0].map(f32::to_le_bytes).concat();
        let decoded = decode(configuration(), DataType::Float32, &encoded).unwrap();
        // numpy.array([1, 2, 1000], "f4") / numpy.float32(7) + numpy.float32(0.3)
        assert_eq!(decoded, [1055047212u32, 1058402656, 1125066811].map(u32::to_le_bytes).concat());
        let encoded = [1.0, 2.0, 1000.0].map(|value| half::f16::from_f32(value).to_le_bytes()).concat();
        let decoded = decode(configuration(), DataType::Float16, &encoded).unwrap();
        assert_eq!(decoded, [14102u16, 14512, 22649].map(u16::to_le_bytes).concat());
        let encoded = [f64::INFINITY, -0.0, 1.0].map(f64::to_le_bytes).concat();
        let decoded = decode(json!({"offset": "-Infinity", "scale": 0.5}), DataType::Float64, &encoded).unwrap();
        assert!(f64::from_le_bytes(decoded[..8].try_into().unwrap()).is_nan());
        assert_eq!(decoded[8..], [f64::NEG_INFINITY; 2].map(f64::to_le_bytes).concat());
    }

    #[test]
    fn integers_are_exact() {
        let configuration = json!({"offset": -5, "scale": -3});
        assert_eq!(decode(configuration, DataType::Int8, &[6, 0, 0x82]).unwrap(), [0xf9, 0xfb, 37]);
        let configuration = json!({"offset": u64::MAX - 1, "scale": 2});
        let encoded = [2u64, 0, 2].map(u64::to_le_bytes).concat();
        let decoded = [u64::MAX, u64::MAX - 1, u64::MAX].map(u64::to_le_bytes).concat();
        assert_eq!(decode(configuration, DataType::UInt64, &encoded).unwrap(), decoded);
    }

    #[test]
    fn a_step_that_leaves_the_integers_of_the_type_is_an_error() {
        let error = decode(json!({"scale": 3}), DataType::Int16, &[9, 0, 10, 0, 9, 0]).unwrap_err();
        assert_eq!(error.message(), "element 1, stored as 10, is no int16 when scaled back");
        assert!(decode(json!({"offset": 1}), DataType::UInt8, &[0, 1, 255]).is_err());
        // −128 / −1 is no int8, though −128 / −1 − 10 would be.
        assert!(decode(json!({"offset": -10, "scale": -1}), DataType::Int8, &[0x80, 0, 0]).is_err());
        assert!(decode(json!({"scale": -1}), DataType::Int64, &i64::MIN.to_le_bytes()).is_err());
    }

    #[test]
    fn without_configuration_nothing_changes() {
        let decoded = decode(json!({}), DataType::Float32, &[0, 0, 0, 0x80]).unwrap();
        assert_eq!(decoded, [0, 0, 0, 0x80]);
    }

    #[test]
    fn to_a_scaled_float_the_absent_offset_is_added() {
        let encoded = [-0.0f32, -3.0, f32::NEG_INFINITY].map(f32::to_le_bytes).concat();
        let decoded = decode(json!({"scale": 2}), DataType::Float32, &encoded).unwrap();
        assert_eq!(decoded, [0.0f32, -1.5, f32::NEG_INFINITY].map(f32::to_le_bytes).concat());
    }

    #[test]
    fn the_fill_value_goes_through_the_codec() {
        let decoded = spec(DataType::Int16, &7i16.to_le_bytes());
        let encoded = codec(json!({"offset": 10, "scale": 100}), &decoded).unwrap().encoded(&decoded).unwrap();
        assert_eq!(encoded, spec(DataType::Int16, &(-300i16).to_le_bytes()));
        let decoded = spec(DataType::UInt8, &[7]);
        assert!(codec(json!({"offset": 10}), &decoded).unwrap().encoded(&decoded).is_err());
    }

    #[test]
    fn configurations_that_are_not_of_the_type_are_refused() {
        let decoded = spec(DataType::UInt8, &[0]);
        for configuration in [
            json!({"offset": -1}),
            json!({"offset": 1.5}),
            json!({"scale": 0}),
            json!({"scale": null}),
            json!({"scale": 1, "other": 1}),
        ] {
            assert!(codec(configuration.clone(), &decoded).is_err(), "{configuration}");
        }
        assert!(codec(json!({"scale": -0.0}), &spec(DataType::Float64, &[0; 8])).is_err());
        assert!(codec(json!({}), &spec(DataType::Bool, &[0])).is_err());
        assert!(codec(json!({}), &spec(DataType::Complex64, &[0; 8])).is_err());
    }
}
