//! Data types by the names that the two formats give them.
//!
//! v3: core specification, "Data types", and the registered extensions `numpy.datetime64`, `numpy.timedelta64`.
//! v2: NumPy type strings, where the byte order is part of the name (v2 specification, "Data type encoding").

use serde_json::{Map, Value};

use super::{ByteOrder, DataType, TimeUnit};
use crate::error::{Error, Result};

const TIME_UNITS: [&str; 13] = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"];

/// A v3 `data_type`: a name, or an object of name and configuration.
pub fn parse_data_type_v3(value: &Value) -> Result<DataType> {
    let none = Map::new();
    let (name, configuration) = match value {
        Value::String(name) => (name.as_str(), &none),
        Value::Object(object) => {
            let name = object.get("name").and_then(Value::as_str);
            let name = name.ok_or_else(|| Error::invalid_metadata(format!("data_type {value} has no name")))?;
            let configuration = match object.get("configuration") {
                None => &none,
                Some(Value::Object(configuration)) => configuration,
                Some(other) => {
                    let message = format!("data_type {name}: configuration is {other}, expected an object");
                    return Err(Error::invalid_metadata(message));
                }
            };
            (name, configuration)
        }
        other => return Err(Error::invalid_metadata(format!("data_type is {other}, expected a name or an object"))),
    };
    Ok(match name {
        "bool" => DataType::Bool,
        "int8" => DataType::Int8,
        "int16" => DataType::Int16,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "uint8" => DataType::UInt8,
        "uint16" => DataType::UInt16,
        "uint32" => DataType::UInt32,
        "uint64" => DataType::UInt64,
        "float16" => DataType::Float16,
        "float32" => DataType::Float32,
        "float64" => DataType::Float64,
        "complex64" => DataType::Complex64,
        "complex128" => DataType::Complex128,
        "numpy.datetime64" => DataType::DateTime64(time_unit_v3(configuration)?),
        "numpy.timedelta64" => DataType::TimeDelta64(time_unit_v3(configuration)?),
        _ => return Err(Error::unsupported(format!("unknown data type {value}"))),
    })
}

fn time_unit_v3(configuration: &Map<String, Value>) -> Result<TimeUnit> {
    let invalid = |what: &str| Error::invalid_metadata(format!("time data type: {what}"));
    if let Some(key) = configuration.keys().find(|key| !matches!(key.as_str(), "unit" | "scale_factor")) {
        return Err(invalid(&format!("unknown configuration key {key}")));
    }
    let name = configuration.get("unit").and_then(Value::as_str).ok_or_else(|| invalid("unit is missing"))?;
    let multiple = configuration.get("scale_factor").and_then(Value::as_u64);
    let multiple = multiple.ok_or_else(|| invalid("scale_factor is missing or not a positive integer"))?;
    time_unit(name, multiple)
}

fn time_unit(name: &str, multiple: u64) -> Result<TimeUnit> {
    let name = if name == "μs" || name == "µs" { "us" } else { name };
    if name != "generic" && !TIME_UNITS.contains(&name) {
        return Err(Error::unsupported(format!("unknown time unit {name:?}")));
    }
    let multiple = u32::try_from(multiple).ok().filter(|m| (1..=i32::MAX as u32).contains(m));
    let multiple =
        multiple.ok_or_else(|| Error::invalid_metadata("the multiple of a time unit lies outside 1 to 2^31 - 1"))?;
    Ok(TimeUnit { name: name.to_owned(), multiple })
}

/// A NumPy type string, such as `<f4`, `|b1` or `>M8[10s]`. The byte order is `None` where it makes no difference.
pub fn parse_data_type_v2(text: &str) -> Result<(DataType, Option<ByteOrder>)> {
    let unknown = || Error::unsupported(format!("unknown data type {text:?}"));
    let (order, rest) = match text.as_bytes().first() {
        Some(b'<' | b'=') => (Some(ByteOrder::Little), &text[1..]),
        Some(b'>') => (Some(ByteOrder::Big), &text[1..]),
        Some(b'|') => (None, &text[1..]),
        _ => (None, text),
    };
    let data_type = match rest {
        "b1" => DataType::Bool,
        "i1" => DataType::Int8,
        "i2" => DataType::Int16,
        "i4" => DataType::Int32,
        "i8" => DataType::Int64,
        "u1" => DataType::UInt8,
        "u2" => DataType::UInt16,
        "u4" => DataType::UInt32,
        "u8" => DataType::UInt64,
        "f2" => DataType::Float16,
        "f4" => DataType::Float32,
        "f8" => DataType::Float64,
        "c8" => DataType::Complex64,
        "c16" => DataType::Complex128,
        _ if rest.starts_with("M8") => DataType::DateTime64(time_unit_v2(&rest[2..])?),
        _ if rest.starts_with("m8") => DataType::TimeDelta64(time_unit_v2(&rest[2..])?),
        _ => return Err(unknown()),
    };
    if data_type.item_len() == 1 {
        return Ok((data_type, None));
    }
    match order {
        Some(order) => Ok((data_type, Some(order))),
        None => Err(Error::invalid_metadata(format!("the data type {text:?} says no byte order"))),
    }
}

/// `[ns]`, `[10s]`, or nothing for NumPy's unit-less times.
fn time_unit_v2(text: &str) -> Result<TimeUnit> {
    if text.is_empty() {
        return time_unit("generic", 1);
    }
    let inner = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let inner = inner.ok_or_else(|| Error::unsupported(format!("unknown time unit {text:?}")))?;
    let digits = inner.len() - inner.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (multiple, name) = inner.split_at(digits);
    let multiple = match multiple {
        "" => 1,
        digits => digits.parse().unwrap_or(u64::MAX),
    };
    time_unit(name, multiple)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use serde_json::json;

    fn ns() -> TimeUnit {
        TimeUnit { name: "ns".into(), multiple: 1 }
    }

    #[test]
    fn v3_names_may_be_objects() {
        assert_eq!(parse_data_type_v3(&json!("uint16")).unwrap(), DataType::UInt16);
        assert_eq!(parse_data_type_v3(&json!({"name": "float64"})).unwrap(), DataType::Float64);
        let time = json!({"name": "numpy.datetime64", "configuration": {"unit": "ns", "scale_factor": 1}});
        assert_eq!(parse_data_type_v3(&time).unwrap(), DataType::DateTime64(ns()));
    }

    #[test]
    fn an_unknown_v3_type_is_unsupported_and_named() {
        let error = parse_data_type_v3(&json!("int7")).unwrap_err();
        assert_eq!((error.code(), error.message()), (ErrorCode::Unsupported, "unknown data type \"int7\""));
        let extra = json!({"name": "numpy.timedelta64", "configuration": {"unit": "s", "scale_factor": 1, "x": 0}});
        assert_eq!(parse_data_type_v3(&extra).unwrap_err().code(), ErrorCode::InvalidMetadata);
    }

    #[test]
    fn v2_strings_carry_the_byte_order() {
        assert_eq!(parse_data_type_v2(">i4").unwrap(), (DataType::Int32, Some(ByteOrder::Big)));
        assert_eq!(parse_data_type_v2("|u1").unwrap(), (DataType::UInt8, None));
        assert_eq!(parse_data_type_v2("<i1").unwrap(), (DataType::Int8, None));
        assert_eq!(parse_data_type_v2("<M8[ns]").unwrap(), (DataType::DateTime64(ns()), Some(ByteOrder::Little)));
        let ten = parse_data_type_v2("<m8[10s]").unwrap().0;
        assert_eq!(ten.to_string(), "timedelta64[10s]");
    }

    #[test]
    fn a_v2_string_without_byte_order_or_meaning_is_refused() {
        assert_eq!(parse_data_type_v2("|i4").unwrap_err().code(), ErrorCode::InvalidMetadata);
        for text in ["", "<", "<f3", "|O", "<M8[parsec]", "<i", "é"] {
            assert_eq!(parse_data_type_v2(text).unwrap_err().code(), ErrorCode::Unsupported, "{text}");
        }
    }
}
