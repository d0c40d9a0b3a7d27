//! `cast_value`: the elements stored in another type, with rules for those that do not fit.
//!
//! `cast_value` of the Zarr v3 extensions. Configuration, with other members not allowed:
//!
//! - `data_type`, the type of the stored elements, required;
//! - `rounding`: `nearest-even` (by default), `towards-zero`, `towards-positive`, `towards-negative`, `nearest-away`;
//! - `out_of_range`: `clamp`, `wrap` (where integers are stored), or absent: an error;
//! - `scalar_map`: an object of `encode` and `decode`, lists of pairs, written as fill values.
//!
//! An element is cast in the same way in both directions, by the first rule that applies: (1) its entry in the map;
//! (2) its value, if the other type has it; (3) rounding, then `out_of_range`; (4) an error. A float rounded beyond the
//! largest of its type is out of range, and clamps to an infinity.
//!
//! Both types must be integers or floats. What has to be rounded to a float when decoding is `unsupported` with another
//! rounding than `nearest-even`. The specification asks that the fill value survive the way there and back; writers do
//! not check it, and here it need only have an encoding.

use std::borrow::Cow;

use serde_json::Value;

use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::data_type::{DataType, Number, NumberType, parse_data_type_v3, parse_fill_value_v3};
use crate::error::{Error, Result};

pub struct CastValue {
    encoding: Cast,
    decoding: Cast,
}

/// One direction.
struct Cast {
    from: NumberType,
    to: NumberType,
    rounding: Rounding,
    out_of_range: OutOfRange,
    map: Vec<(Number, Vec<u8>)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Rounding {
    NearestEven,
    TowardsZero,
    TowardsPositive,
    TowardsNegative,
    NearestAway,
}

#[derive(Clone, Copy, PartialEq)]
enum OutOfRange {
    Error,
    Clamp,
    Wrap,
}

impl CastValue {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        configuration.only(&["data_type", "rounding", "out_of_range", "scalar_map"])?;
        let stored = configuration.required("data_type", configuration.0.get("data_type"))?;
        let stored = parse_data_type_v3(stored)?;
        let rounding = match configuration.text("rounding")? {
            None | Some("nearest-even") => Rounding::NearestEven,
            Some("towards-zero") => Rounding::TowardsZero,
            Some("towards-positive") => Rounding::TowardsPositive,
            Some("towards-negative") => Rounding::TowardsNegative,
            Some("nearest-away") => Rounding::NearestAway,
            Some(_) => return Err(configuration.invalid("rounding", "one of the five roundings")),
        };
        let out_of_range = match configuration.text("out_of_range")? {
            None => OutOfRange::Error,
            Some("clamp") => OutOfRange::Clamp,
            Some("wrap") if stored.integer_range().is_some() => OutOfRange::Wrap,
            Some(_) => {
                return Err(configuration.invalid("out_of_range", "\"clamp\", or \"wrap\" where integers are stored"));
            }
        };
        let cast = |direction, from: &DataType, to: &DataType| -> Result<Cast> {
            let (from, to) = (NumberType::real(from)?, NumberType::real(to)?);
            let map = scalar_map(configuration, direction, &from, &to)?;
            Ok(Cast { from, to, rounding, out_of_range, map })
        };
        let encoding = cast("encode", &decoded.data_type, &stored)?;
        let decoding = cast("decode", &stored, &decoded.data_type)?;
        if decoding.to.is_float() && rounding != Rounding::NearestEven && digits(&decoding.from) > digits(&decoding.to)
        {
            let (from, to) = (&decoding.from.data_type, &decoding.to.data_type);
            return Err(Error::unsupported(format!("rounding from {from} to {to} other than nearest-even")));
        }
        Ok(Self { encoding, decoding })
    }
}

/// Binary digits that the values of a type have at most.
fn digits(number_type: &NumberType) -> usize {
    match number_type.data_type {
        DataType::Float16 => 11,
        DataType::Float32 => 24,
        DataType::Float64 => 53,
        _ => 8 * number_type.item_len(),
    }
}

fn scalar_map(
    configuration: &Configuration,
    direction: &str,
    from: &NumberType,
    to: &NumberType,
) -> Result<Vec<(Number, Vec<u8>)>> {
    let invalid = || configuration.invalid("scalar_map", "an object of \"encode\" and \"decode\", lists of pairs");
    let directions = match configuration.0.get("scalar_map") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Object(directions)) => directions,
        Some(_) => return Err(invalid()),
    };
    if directions.keys().any(|key| key != "encode" && key != "decode") {
        return Err(invalid());
    }
    let pairs = match directions.get(direction) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(pairs) => pairs.as_array().ok_or_else(invalid)?,
    };
    let scalar = |value: &Value, number_type: &NumberType| {
        parse_fill_value_v3(value, &number_type.data_type).map_err(|error| error.about("scalar_map"))
    };
    let pair = |pair: &Value| match pair.as_array().map(Vec::as_slice) {
        Some([input, output]) => Ok(((from.read)(&scalar(input, from)?), scalar(output, to)?)),
        _ => Err(invalid()),
    };
    pairs.iter().map(pair).collect()
}

impl Cast {
    /// Casts one element; `None` where no rule gives it a value.
    fn apply(&self, source: &[u8], target: &mut [u8]) -> Option<()> {
        let number = (self.from.read)(source);
        if let Some((_, mapped)) = self.map.iter().find(|(input, _)| same(*input, number)) {
            target.copy_from_slice(mapped);
            return Some(());
        }
        match self.to.data_type.integer_range() {
            Some((low, high)) => (self.to.write)(Number::Integer(self.integer(number, low, high)?), target),
            None => {
                (self.to.write)(number, target);
                let result = (self.to.read)(target);
                let overflows = number.to_f64().is_finite() && result.to_f64().is_infinite();
                if overflows && self.out_of_range != OutOfRange::Clamp
                    || !same(number, result) && self.rounding != Rounding::NearestEven
                {
                    return None;
                }
            }
        }
        Some(())
    }

    /// A number of the range; with `wrap`, one that writing brings into it.
    fn integer(&self, number: Number, low: i128, high: i128) -> Option<i128> {
        let value = match number {
            Number::Integer(value) => value,
            Number::Float(value) => {
                let rounded = match self.rounding {
                    Rounding::NearestEven => value.round_ties_even(),
                    Rounding::TowardsZero => value.trunc(),
                    Rounding::TowardsPositive => value.ceil(),
                    Rounding::TowardsNegative => value.floor(),
                    Rounding::NearestAway => value.round(),
                };
                match self.out_of_range {
                    _ if value.is_nan() => return None,
                    OutOfRange::Wrap if value.is_infinite() => return None,
                    // Exact, and it fits 128 bits: no type has more than 64.
                    OutOfRange::Wrap => (rounded % 2f64.powi(64)) as i128,
                    _ => rounded as i128,
                }
            }
        };
        match self.out_of_range {
            OutOfRange::Wrap => Some(value),
            OutOfRange::Clamp => Some(value.clamp(low, high)),
            OutOfRange::Error => Some(value).filter(|value| (low..=high).contains(value)),
        }
    }
}

/// Whether two numbers are the same value, NaN that of all NaNs.
fn same(one: Number, other: Number) -> bool {
    match (one, other) {
        (Number::Integer(one), Number::Integer(other)) => one == other,
        (Number::Float(one), Number::Float(other)) => one == other || one.is_nan() && other.is_nan(),
        (Number::Integer(integer), Number::Float(float)) | (Number::Float(float), Number::Integer(integer)) => {
            float.fract() == 0.0 && float as i128 == integer
        }
    }
}

impl ArrayToArray for CastValue {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        let Cast { from, to, .. } = &self.encoding;
        let mut fill_value = vec![0; to.item_len()];
        self.encoding.apply(&decoded.fill_value, &mut fill_value).ok_or_else(|| {
            let fill_value = (from.read)(&decoded.fill_value);
            Error::invalid_metadata(format!("the fill value {fill_value} cannot be cast to {}", to.data_type))
        })?;
        Ok(ChunkSpec { shape: decoded.shape.clone(), data_type: to.data_type.clone(), fill_value })
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        let Cast { from, to, .. } = &self.decoding;
        let mut decoded = scratch.take(decoded_spec.byte_len()?)?;
        let elements = encoded.chunks_exact(from.item_len()).zip(decoded.chunks_exact_mut(to.item_len()));
        for (at, (stored, element)) in elements.enumerate() {
            self.decoding.apply(stored, element).ok_or_else(|| {
                let stored = (from.read)(stored);
                Error::corrupt_chunk(format!("element {at}, stored as {stored}, cannot be cast to {}", to.data_type))
            })?;
        }
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec(data_type: DataType) -> ChunkSpec {
        ChunkSpec { shape: vec![4], fill_value: vec![0; data_type.item_len()], data_type }
    }

    fn codec(configuration: Value, decoded: &ChunkSpec) -> Result<CastValue> {
        CastValue::new(&Configuration(configuration.as_object().unwrap()), decoded)
    }

    fn decode(configuration: Value, data_type: DataType, encoded: &[u8]) -> Result<Vec<u8>> {
        let decoded = spec(data_type);
        let codec = codec(configuration, &decoded)?;
        let encoded_spec = codec.encoded(&decoded)?;
        Ok(codec.decode(Cow::Borrowed(encoded), &encoded_spec, &decoded, &mut Scratch::default())?.into_owned())
    }

    macro_rules! bytes {
        ($type:ident: $($value:expr),*) => { [$($type::to_le_bytes($value)),*].concat() };
    }

    #[test]
    fn values_that_both_types_have_are_kept() {
        let decoded = decode(json!({"data_type": "uint8"}), DataType::Float64, &[0, 1, 127, 255]).unwrap();
        assert_eq!(decoded, bytes![f64: 0.0, 1.0, 127.0, 255.0]);
        let encoded = bytes![f32: f32::NAN, -0.0, f32::NEG_INFINITY, 0.1];
        let decoded = decode(json!({"data_type": "float32"}), DataType::Float64, &encoded).unwrap();
        assert!(f64::from_le_bytes(decoded[..8].try_into().unwrap()).is_nan());
        assert_eq!(decoded[8..], bytes![f64: -0.0, f64::NEG_INFINITY, f64::from(0.1f32)]);
    }

    #[test]
    fn each_rounding_rounds_its_way() {
        let encoded = bytes![f64: 2.5, -2.5, 3.5, -1.2];
        for (rounding, expected) in [
            ("nearest-even", [2, -2, 4, -1]),
            ("towards-zero", [2, -2, 3, -1]),
            ("towards-positive", [3, -2, 4, -1]),
            ("towards-negative", [2, -3, 3, -2]),
            ("nearest-away", [3, -3, 4, -1]),
        ] {
            let configuration = json!({"data_type": "float64", "rounding": rounding});
            let decoded = decode(configuration, DataType::Int16, &encoded).unwrap();
            assert_eq!(decoded, expected.map(i16::to_le_bytes).concat(), "{rounding}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_an_error_is_clamped_or_wraps() {
        let error = decode(json!({"data_type": "int16"}), DataType::UInt8, &bytes![i16: 7, 256, 0, 0]).unwrap_err();
        assert_eq!(error.message(), "element 1, stored as 256, cannot be cast to uint8");
        let encoded = bytes![i16: -1, 256, 255, 1000];
        let configuration = |out_of_range| json!({"data_type": "int16", "out_of_range": out_of_range});
        assert_eq!(decode(configuration("clamp"), DataType::UInt8, &encoded).unwrap(), [0, 255, 255, 255]);
        assert_eq!(decode(configuration("wrap"), DataType::UInt8, &encoded).unwrap(), [255, 0, 255, 232]);
        let encoded = bytes![f32: f32::INFINITY, -1e30, 254.5, f32::NEG_INFINITY];
        let configuration = json!({"data_type": "float32", "out_of_range": "clamp"});
        assert_eq!(decode(configuration, DataType::UInt8, &encoded).unwrap(), [255, 0, 254, 0]);
    }

    #[test]
    fn floats_beyond_the_largest_of_their_type_are_out_of_range() {
        let half = |value: f32| half::f16::from_f32(value).to_le_bytes();
        let encoded = bytes![f64: 65519.9, 65520.0, -1e300, f64::INFINITY];
        let configuration = json!({"data_type": "float64", "out_of_range": "clamp"});
        let infinite = f32::INFINITY;
        let expected = [half(65504.0), half(infinite), half(-infinite), half(infinite)].concat();
        assert_eq!(decode(configuration, DataType::Float16, &encoded).unwrap(), expected);
        let error = decode(json!({"data_type": "float64"}), DataType::Float16, &encoded).unwrap_err();
        assert_eq!(error.message(), "element 1, stored as 65520, cannot be cast to float16");
    }

    #[test]
    fn nan_has_no_integer_unless_it_is_mapped() {
        let encoded = bytes![f32: f32::NAN, 1.0, 2.0, 3.0];
        for out_of_range in [Value::Null, json!("clamp")] {
            let configuration = json!({"data_type": "float32", "out_of_range": out_of_range});
            assert!(decode(configuration, DataType::Int32, &encoded).is_err());
        }
        let map = json!({"decode": [["NaN", -9], [2, 20], [2, 21]], "encode": [[0, "NaN"]]});
        let configuration = json!({"data_type": "float32", "scalar_map": map});
        let decoded = decode(configuration.clone(), DataType::Int32, &encoded).unwrap();
        assert_eq!(decoded, bytes![i32: -9, 1, 20, 3]);
        let encoded = codec(configuration, &spec(DataType::Int32)).unwrap().encoded(&spec(DataType::Int32)).unwrap();
        assert_eq!(encoded, ChunkSpec { fill_value: 0x7fc00000u32.to_le_bytes().to_vec(), ..spec(DataType::Float32) });
    }

    #[test]
    fn the_fill_value_is_cast_and_must_have_an_encoding() {
        let decoded = ChunkSpec { fill_value: bytes![f64: 300.5], ..spec(DataType::Float64) };
        let encoded = |configuration| codec(configuration, &decoded)?.encoded(&decoded);
        assert_eq!(encoded(json!({"data_type": "int16"})).unwrap().fill_value, 300i16.to_le_bytes());
        assert_eq!(encoded(json!({"data_type": "uint8", "out_of_range": "wrap"})).unwrap().fill_value, [44]);
        let error = encoded(json!({"data_type": "uint8"})).unwrap_err();
        assert_eq!(error.message(), "the fill value 300.5 cannot be cast to uint8");
        let huge = ChunkSpec { fill_value: bytes![f64: -2f64.powi(70) - 2f64.powi(20)], ..decoded.clone() };
        let wrapped = codec(json!({"data_type": "uint32", "out_of_range": "wrap"}), &huge).unwrap().encoded(&huge);
        assert_eq!(wrapped.unwrap().fill_value, i32::to_le_bytes(-1 << 20));
    }

    #[test]
    fn configurations_that_have_no_meaning_are_refused() {
        for configuration in [
            json!({}),
            json!({"data_type": "bool"}),
            json!({"data_type": "complex64"}),
            json!({"data_type": "int8", "rounding": "up"}),
            json!({"data_type": "float32", "out_of_range": "wrap"}),
            json!({"data_type": "int8", "more": 1}),
            json!({"data_type": "int8", "scalar_map": {"decode": [[1000, 1]]}}),
            json!({"data_type": "int8", "scalar_map": {"decode": [[1]]}}),
            json!({"data_type": "int8", "scalar_map": {"both": []}}),
            json!({"data_type": "float64", "rounding": "towards-zero"}),
            json!({"data_type": "int32", "rounding": "nearest-away"}),
        ] {
            assert!(codec(configuration.clone(), &spec(DataType::Float32)).is_err(), "{configuration}");
        }
        assert!(codec(json!({"data_type": "int16", "rounding": "nearest-away"}), &spec(DataType::Float32)).is_ok());
    }
}
