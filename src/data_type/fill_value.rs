//! Fill values: the JSON encoding of one element, turned into its bytes.
//!
//! Source: Zarr v3 core specification, "Data types", "Permitted fill values"; Zarr v2 specification, "Fill value
//! encoding". The bytes are kept, never a number: the payload of a NaN and the digits of a 64-bit integer survive.
//!
//! Of a type of variable length they are the bytes of the element itself, not of a reference to it.

use half::f16;
use serde_json::{Map, Value};

use super::{ByteOrder, DataType, Field, SmallFloat, to_message_pack};
use crate::error::{Error, Result};
use crate::json::{Text, from_base64};

/// The bytes of a v3 `fill_value`. Strict: an integer has no fraction and lies within its type.
pub fn parse_fill_value_v3(value: &Value, data_type: &DataType) -> Result<Vec<u8>> {
    parse(value, data_type).ok_or_else(|| {
        Error::invalid_metadata(format!("fill_value {value} is not a value of {data_type}", value = Text(value)))
    })
}

/// The bytes of a record that a document gives packed, in base64: fields that say no byte order are in the given one.
pub fn parse_packed_record(value: &Value, data_type: &DataType, byte_order: ByteOrder) -> Result<Vec<u8>> {
    let record = value.as_str().and_then(|text| from_base64(text.as_bytes()));
    let mut record = record.filter(|record| record.len() == data_type.item_len()).ok_or_else(|| {
        let expected = format!("{} bytes in base64", data_type.item_len());
        Error::invalid_metadata(format!(
            "fill_value {value} is not a value of {data_type}, expected {expected}",
            value = Text(value)
        ))
    })?;
    data_type.swap_record(&mut record, byte_order)?;
    Ok(record)
}

fn parse(value: &Value, data_type: &DataType) -> Option<Vec<u8>> {
    if let Some((low, high)) = data_type.integer_range() {
        let number = integer(value).filter(|n| (low..=high).contains(n))?;
        return Some(number.to_le_bytes()[..data_type.item_len()].to_vec());
    }
    match data_type {
        DataType::Bool => match (value.as_bool(), value.as_u64()) {
            (Some(value), _) => Some(vec![u8::from(value)]),
            // zarr-python wrote false so, in v3 documents as well.
            (None, Some(number @ (0 | 1))) => Some(vec![number as u8]),
            _ => None,
        },
        DataType::Float16 => float(value, Float::Small(SmallFloat::Float16)),
        DataType::Float32 => float(value, Float::Single),
        DataType::Float64 => float(value, Float::Double),
        DataType::SmallFloat(small) => float(value, Float::Small(*small)),
        DataType::Complex64 => pair(value, Float::Single),
        DataType::Complex128 => pair(value, Float::Double),
        DataType::ComplexSmall(small) => pair(value, Float::Small(*small)),
        DataType::DateTime64(_) | DataType::TimeDelta64(_) => {
            let steps = match value.as_str() {
                Some("NaT") => Some(i64::MIN),
                _ => value.as_i64(),
            };
            Some(steps?.to_le_bytes().to_vec())
        }
        DataType::FixedBytes(len) => bytes(value).filter(|bytes| bytes.len() <= *len).map(|bytes| padded(bytes, *len)),
        DataType::Raw(len) => bytes(value).filter(|bytes| bytes.len() == *len),
        DataType::FixedText(len) => {
            let code_points = value.as_str()?.chars().flat_map(|c| u32::from(c).to_le_bytes());
            let bytes: Vec<u8> = code_points.collect();
            (bytes.len() <= 4 * len).then(|| padded(bytes, 4 * len))
        }
        DataType::Text => value.as_str().map(|text| text.as_bytes().to_vec()),
        DataType::Bytes => bytes(value),
        DataType::List(_) => None,
        DataType::Object => Some(to_message_pack(value)),
        DataType::Struct(fields) => record(value.as_object()?, fields),
        _ => None,
    }
}

/// The bytes of a v2 `fill_value`, or `None` where it is null and the contents of a missing chunk are undefined.
/// Writers were less strict than those of v3: 0 and 1 stand for booleans, `1.0` and `"1"` for the integer 1, a number for
/// its decimal text, and 0 for nothing.
pub fn parse_fill_value_v2(value: &Value, data_type: &DataType) -> Result<Option<Vec<u8>>> {
    if value.is_null() && *data_type != DataType::Object {
        return Ok(None);
    }
    let lenient = match (data_type, value) {
        (DataType::Bool, _) if value.as_f64() == Some(0.0) => Some(Value::Bool(false)),
        (DataType::Bool, _) if value.as_f64() == Some(1.0) => Some(Value::Bool(true)),
        (_, Value::String(text)) if data_type.integer_range().is_some() => {
            text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from)).ok()
        }
        (_, Value::Number(number)) if data_type.integer_range().is_some() && number.is_f64() => {
            // Beyond 2^53 a float no longer says which integer was meant.
            number.as_f64().filter(|n| n.fract() == 0.0 && n.abs() < 2f64.powi(53)).map(|n| Value::from(n as i64))
        }
        (DataType::Complex64 | DataType::Complex128, Value::Number(_)) => {
            Some(Value::Array(vec![value.clone(), Value::from(0)]))
        }
        (DataType::FixedText(_) | DataType::Text, Value::Number(_)) => Some(Value::from(Text(value).to_string())),
        (DataType::FixedBytes(_), Value::Number(_)) => Some(Value::from(Text(value).to_string().as_bytes())),
        (DataType::Bytes | DataType::List(_), Value::Number(number)) if number.as_u64() == Some(0) => {
            return Ok(Some(Vec::new()));
        }
        (DataType::Raw(_) | DataType::Struct(_), Value::Number(number)) if number.as_u64() == Some(0) => {
            return Ok(Some(vec![0; data_type.item_len()]));
        }
        _ => None,
    };
    if matches!(data_type, DataType::Struct(_)) {
        return parse_packed_record(value, data_type, ByteOrder::Little).map(Some);
    }
    parse_fill_value_v3(lenient.as_ref().unwrap_or(value), data_type).map(Some)
}

/// What missing chunks hold where nothing says it, as zarr-python reads them: nothing, zero, or no time.
pub fn default_fill_value(data_type: &DataType) -> Vec<u8> {
    match data_type {
        DataType::Text | DataType::Bytes | DataType::List(_) => Vec::new(),
        DataType::Object => to_message_pack(&Value::Null),
        DataType::DateTime64(_) | DataType::TimeDelta64(_) => i64::MIN.to_le_bytes().to_vec(),
        _ => vec![0; data_type.item_len()],
    }
}

impl DataType {
    /// Reverses the bytes of a record's fields that are stored in big-endian order: those that say so themselves, and, with
    /// `byte_order`, those that say nothing.
    fn swap_record(&self, record: &mut [u8], byte_order: ByteOrder) -> Result<()> {
        for leaf in self.leaves()? {
            if leaf.byte_order.unwrap_or(byte_order) == ByteOrder::Big {
                let field = &mut record[leaf.offset..][..leaf.count * leaf.data_type.item_len()];
                field.chunks_exact_mut(leaf.data_type.component_len()).for_each(<[u8]>::reverse);
            }
        }
        Ok(())
    }
}

fn integer(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}

/// A float type, by its width.
#[derive(Clone, Copy)]
enum Float {
    Small(SmallFloat),
    Single,
    Double,
}

/// A number, one of the three names, or `"0x…"` with its bits in big-endian order.
fn float(value: &Value, float: Float) -> Option<Vec<u8>> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => match text.as_str() {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            text => return hexadecimal(text, float),
        },
        _ => return None,
    };
    Some(match float {
        Float::Single if number.is_nan() => 0x7fc0_0000u32.to_le_bytes().to_vec(),
        Float::Double if number.is_nan() => 0x7ff8_0000_0000_0000u64.to_le_bytes().to_vec(),
        Float::Single => (number as f32).to_le_bytes().to_vec(),
        Float::Double => number.to_le_bytes().to_vec(),
        Float::Small(SmallFloat::Float16) if !number.is_nan() => f16::from_f64(number).to_le_bytes().to_vec(),
        Float::Small(small) => {
            let bits = match number.is_nan() {
                true => small.nan()?,
                false => small.encode(number),
            };
            let is_outside = number.abs() > small.max_value() && !small.has_infinity();
            if is_outside || (number <= 0.0 && !small.has_zero()) {
                return None;
            }
            bits.to_le_bytes()[..small.item_len()].to_vec()
        }
    })
}

fn pair(value: &Value, part: Float) -> Option<Vec<u8>> {
    let parts = value.as_array().filter(|parts| parts.len() == 2)?;
    let parts: Option<Vec<_>> = parts.iter().map(|value| float(value, part)).collect();
    Some(parts?.concat())
}

fn hexadecimal(text: &str, float: Float) -> Option<Vec<u8>> {
    let len = match float {
        Float::Small(small) => small.item_len(),
        Float::Single => 4,
        Float::Double => 8,
    };
    let digits = text.strip_prefix("0x")?;
    if digits.len() != 2 * len || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let bits = u64::from_str_radix(digits, 16).ok()?;
    Some(bits.to_le_bytes()[..len].to_vec())
}

/// Bytes: in base64, or a list of numbers.
fn bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => from_base64(text.as_bytes()),
        Value::Array(list) => list.iter().map(|byte| u8::try_from(byte.as_u64()?).ok()).collect(),
        _ => None,
    }
}

fn padded(mut bytes: Vec<u8>, len: usize) -> Vec<u8> {
    bytes.resize(len, 0);
    bytes
}

/// A record, from an object that has every field.
fn record(members: &Map<String, Value>, fields: &[Field]) -> Option<Vec<u8>> {
    if members.len() != fields.len() {
        return None;
    }
    let each = fields.iter().map(|field| parse(members.get(&field.name)?, &field.data_type));
    Some(each.collect::<Option<Vec<_>>>()?.concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::{parse_data_type_v2, parse_data_type_v3};
    use crate::error::ErrorCode;
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::json;

    fn v3(value: Value, data_type: DataType) -> Vec<u8> {
        parse_fill_value_v3(&value, &data_type).unwrap()
    }

    #[test]
    fn integers_beyond_2_to_the_53_are_exact() {
        let value: Value = serde_json::from_str("9007199254740993").unwrap();
        assert_eq!(v3(value, DataType::Int64), 9007199254740993i64.to_le_bytes());
        let value: Value = serde_json::from_str("18446744073709551615").unwrap();
        assert_eq!(v3(value, DataType::UInt64), u64::MAX.to_le_bytes());
    }

    #[test]
    fn hexadecimal_floats_keep_their_bits() {
        assert_eq!(v3(json!("0x7fc00001"), DataType::Float32), 0x7fc00001u32.to_le_bytes());
        assert_eq!(v3(json!("0xfc01"), DataType::Float16), 0xfc01u16.to_le_bytes());
        assert!(parse_fill_value_v3(&json!("0x7fc0000"), &DataType::Float32).is_err());
        assert!(parse_fill_value_v3(&json!("0x+fc00000"), &DataType::Float32).is_err());
    }

    #[test]
    fn named_floats_and_negative_zero() {
        assert_eq!(v3(json!("NaN"), DataType::Float32), 0x7fc00000u32.to_le_bytes());
        assert_eq!(v3(json!("-Infinity"), DataType::Float64), f64::NEG_INFINITY.to_le_bytes());
        assert_eq!(v3(serde_json::from_str("-0.0").unwrap(), DataType::Float32), (-0.0f32).to_le_bytes());
        assert_eq!(
            v3(json!([1.5, "NaN"]), DataType::Complex64),
            [1.5f32.to_le_bytes(), 0x7fc00000u32.to_le_bytes()].concat()
        );
    }

    #[test]
    fn small_floats_are_rounded_within_what_they_have() {
        let v3 = |value: Value, small| parse_fill_value_v3(&value, &DataType::SmallFloat(small)).ok();
        assert_eq!(v3(json!(0.3), SmallFloat::BFloat16), Some(vec![0x9a, 0x3e]));
        assert_eq!(v3(json!(0.3), SmallFloat::Float4E2M1Fn), Some(vec![0x1]));
        assert_eq!(v3(json!(-7), SmallFloat::Float4E2M1Fn), None);
        assert_eq!(v3(json!("NaN"), SmallFloat::Float6E2M3Fn), None);
        assert_eq!(v3(json!("Infinity"), SmallFloat::Float8E5M2Fnuz), None);
        assert_eq!(v3(json!("-Infinity"), SmallFloat::Float8E5M2), Some(vec![0xfc]));
        // There is neither zero nor a sign.
        assert_eq!(v3(json!(0.25), SmallFloat::Float8E8M0Fnu), Some(vec![0x7d]));
        for value in [json!(0), json!(-1)] {
            assert_eq!(v3(value, SmallFloat::Float8E8M0Fnu), None);
        }
    }

    #[test]
    fn values_outside_the_type_are_refused() {
        for (value, data_type) in [
            (json!(128), DataType::Int8),
            (json!(-1), DataType::UInt8),
            (json!(1.5), DataType::Int32),
            (json!(1.0), DataType::Int32),
            (json!("NaN"), DataType::Int32),
            (json!(null), DataType::Float32),
            (json!(2), DataType::Bool),
            (json!(1.0), DataType::Bool),
            (json!("one"), DataType::Float64),
            (json!([1]), DataType::Complex64),
        ] {
            assert!(parse_fill_value_v3(&value, &data_type).is_err(), "{value} as {data_type}");
        }
    }

    #[test]
    fn v2_is_lenient_where_writers_were() {
        let v2 = |value, data_type| parse_fill_value_v2(&value, &data_type).unwrap();
        assert_eq!(v2(json!(null), DataType::Int32), None);
        assert_eq!(v2(json!(1.0), DataType::Int16), Some(vec![1, 0]));
        assert_eq!(v2(json!("-1"), DataType::Int16), Some(vec![255, 255]));
        assert_eq!(v2(json!(1), DataType::Bool), Some(vec![1]));
        assert!(parse_fill_value_v2(&json!(1.5), &DataType::Int16).is_err());
        assert!(parse_fill_value_v2(&json!(1e300), &DataType::Int64).is_err());
    }

    #[test]
    fn records_are_objects_or_packed() {
        let pair = json!({"name": "struct", "configuration": {"fields": [
            {"name": "a", "data_type": "int16"}, {"name": "b", "data_type": "uint8"}]}});
        let pair = parse_data_type_v3(&pair).unwrap();
        assert_eq!(v3(json!({"b": 2, "a": 1}), pair.clone()), [1, 0, 2]);
        for value in [json!({"a": 1}), json!({"a": 1, "b": 2, "c": 3}), json!({"a": 1, "b": 256}), json!("AQAC")] {
            assert!(parse_fill_value_v3(&value, &pair).is_err(), "{value}");
        }
        let packed = |text: &str, order| parse_packed_record(&json!(text), &pair, order);
        assert_eq!(packed("AQAC", ByteOrder::Little).unwrap(), [1, 0, 2]);
        assert_eq!(packed("AAEC", ByteOrder::Big).unwrap(), [1, 0, 2]);
        for text in ["AQA=", "AQACAw==", "?"] {
            assert_eq!(packed(text, ByteOrder::Big).unwrap_err().code(), ErrorCode::InvalidMetadata);
        }
    }

    #[test]
    fn fields_of_v2_have_byte_orders_of_their_own() {
        let fields = parse_data_type_v2(&json!([["a", ">i2"], ["b", "<i2"], ["c", [["d", ">u2", 2]]]])).unwrap().0;
        let v2 = |value| parse_fill_value_v2(&value, &fields);
        let packed = STANDARD.encode([1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(v2(json!(packed)).unwrap().unwrap(), [2, 1, 3, 4, 6, 5, 8, 7]);
        assert_eq!(v2(json!(0)).unwrap().unwrap(), [0; 8]);
        assert_eq!(v2(json!(null)).unwrap(), None);
        assert!(v2(json!({"a": 1, "b": 2, "c": {"d": 3}})).is_err());
    }

    #[test]
    fn times_have_nat() {
        let unit = crate::data_type::TimeUnit { name: "ns".into(), multiple: 1 };
        assert_eq!(v3(json!("NaT"), DataType::DateTime64(unit.clone())), i64::MIN.to_le_bytes());
        assert_eq!(v3(json!(-1), DataType::TimeDelta64(unit)), (-1i64).to_le_bytes());
    }

    #[test]
    fn booleans_may_be_0_and_1() {
        for (value, bits) in [(json!(true), 1), (json!(false), 0), (json!(1), 1), (json!(0), 0)] {
            assert_eq!(v3(value, DataType::Bool), [bits]);
        }
    }
}
