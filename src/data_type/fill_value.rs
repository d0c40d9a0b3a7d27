//! Fill values: the JSON encoding of one element, turned into its bytes.
//!
//! Source: Zarr v3 core specification, "Data types", "Permitted fill values"; Zarr v2 specification, "Fill value
//! encoding". The bytes are kept, never a number: the payload of a NaN and the digits of a 64-bit integer survive.

use half::f16;
use serde_json::Value;

use super::DataType;
use crate::error::{Error, Result};

/// The bytes of a v3 `fill_value`. Strict: an integer has no fraction and lies within its type.
pub fn parse_fill_value_v3(value: &Value, data_type: &DataType) -> Result<Vec<u8>> {
    let invalid = || Error::invalid_metadata(format!("fill_value {value} is not a value of {data_type}"));
    if let Some((low, high)) = data_type.integer_range() {
        let number = integer(value).filter(|n| (low..=high).contains(n)).ok_or_else(invalid)?;
        return Ok(number.to_le_bytes()[..data_type.item_len()].to_vec());
    }
    match data_type {
        DataType::Bool => value.as_bool().map(|b| vec![u8::from(b)]).ok_or_else(invalid),
        DataType::Float16 | DataType::Float32 | DataType::Float64 => {
            float(value, data_type.item_len()).ok_or_else(invalid)
        }
        DataType::Complex64 | DataType::Complex128 => {
            let parts = value.as_array().filter(|parts| parts.len() == 2).ok_or_else(invalid)?;
            let parts: Option<Vec<_>> = parts.iter().map(|part| float(part, data_type.component_len())).collect();
            Ok(parts.ok_or_else(invalid)?.concat())
        }
        DataType::DateTime64(_) | DataType::TimeDelta64(_) => {
            let steps = match value.as_str() {
                Some("NaT") => Some(i64::MIN),
                _ => value.as_i64(),
            };
            Ok(steps.ok_or_else(invalid)?.to_le_bytes().to_vec())
        }
        _ => Err(invalid()),
    }
}

/// The bytes of a v2 `fill_value`, or `None` where it is null and the contents of a missing chunk are undefined.
/// Writers were less strict than those of v3: 0 and 1 stand for booleans, `1.0` and `"1"` for the integer 1.
pub fn parse_fill_value_v2(value: &Value, data_type: &DataType) -> Result<Option<Vec<u8>>> {
    if value.is_null() {
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
        _ => None,
    };
    parse_fill_value_v3(lenient.as_ref().unwrap_or(value), data_type).map(Some)
}

fn integer(value: &Value) -> Option<i128> {
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from))
}

/// A float of `len` bytes: a number, one of the three names, or `"0x…"` with its bits in big-endian order.
fn float(value: &Value, len: usize) -> Option<Vec<u8>> {
    let number = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => match text.as_str() {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            text => return hexadecimal(text, len),
        },
        _ => return None,
    };
    Some(match len {
        2 if number.is_nan() => 0x7e00u16.to_le_bytes().to_vec(),
        4 if number.is_nan() => 0x7fc0_0000u32.to_le_bytes().to_vec(),
        8 if number.is_nan() => 0x7ff8_0000_0000_0000u64.to_le_bytes().to_vec(),
        2 => f16::from_f64(number).to_le_bytes().to_vec(),
        4 => (number as f32).to_le_bytes().to_vec(),
        _ => number.to_le_bytes().to_vec(),
    })
}

fn hexadecimal(text: &str, len: usize) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    if digits.len() != 2 * len || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let bits = u64::from_str_radix(digits, 16).ok()?;
    Some(bits.to_le_bytes()[..len].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn values_outside_the_type_are_refused() {
        for (value, data_type) in [
            (json!(128), DataType::Int8),
            (json!(-1), DataType::UInt8),
            (json!(1.5), DataType::Int32),
            (json!(1.0), DataType::Int32),
            (json!("NaN"), DataType::Int32),
            (json!(null), DataType::Float32),
            (json!(1), DataType::Bool),
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
    fn times_have_nat() {
        let unit = crate::data_type::TimeUnit { name: "ns".into(), multiple: 1 };
        assert_eq!(v3(json!("NaT"), DataType::DateTime64(unit.clone())), i64::MIN.to_le_bytes());
        assert_eq!(v3(json!(-1), DataType::TimeDelta64(unit)), (-1i64).to_le_bytes());
    }
}
