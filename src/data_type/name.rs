//! Data types by the names that the two formats give them.
//!
//! v3: core specification, "Data types", the registered extensions, and what zarr-python writes besides
//! (`null_terminated_bytes`, `raw_bytes`, `variable_length_bytes`).
//! v2: NumPy type strings, where the byte order is part of the name, and lists of fields (v2 specification, "Data type
//! encoding").

use serde_json::{Map, Value};

use super::structure::{check_len, structure};
use super::{ByteOrder, DataType, Field, SmallFloat, TimeUnit};
use crate::error::{Error, Result};
use crate::json::Text;

const TIME_UNITS: [&str; 13] = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"];

/// A v3 `data_type`: a name, or an object of name and configuration.
pub fn parse_data_type_v3(value: &Value) -> Result<DataType> {
    let none = Map::new();
    let (name, configuration) = match value {
        Value::String(name) => (name.as_str(), &none),
        Value::Object(object) => {
            let name = object.get("name").and_then(Value::as_str);
            let name = name.ok_or_else(|| {
                Error::invalid_metadata(format!("data_type {value} has no name", value = Text(value)))
            })?;
            let configuration = match object.get("configuration") {
                None => &none,
                Some(Value::Object(configuration)) => configuration,
                Some(other) => {
                    let message =
                        format!("data_type {name}: configuration is {other}, expected an object", other = Text(other));
                    return Err(Error::invalid_metadata(message));
                }
            };
            (name, configuration)
        }
        other => {
            return Err(Error::invalid_metadata(format!(
                "data_type is {other}, expected a name or an object",
                other = Text(other)
            )));
        }
    };
    Ok(match name {
        "bool" => DataType::Bool,
        "int2" => DataType::Int2,
        "int4" => DataType::Int4,
        "int8" => DataType::Int8,
        "int16" => DataType::Int16,
        "int32" => DataType::Int32,
        "int64" => DataType::Int64,
        "uint2" => DataType::UInt2,
        "uint4" => DataType::UInt4,
        "uint8" => DataType::UInt8,
        "uint16" => DataType::UInt16,
        "uint32" => DataType::UInt32,
        "uint64" => DataType::UInt64,
        "float16" => DataType::Float16,
        "float32" => DataType::Float32,
        "float64" => DataType::Float64,
        "complex64" | "complex_float32" => DataType::Complex64,
        "complex128" | "complex_float64" => DataType::Complex128,
        "numpy.datetime64" => DataType::DateTime64(time_unit_v3(configuration)?),
        "numpy.timedelta64" => DataType::TimeDelta64(time_unit_v3(configuration)?),
        "null_terminated_bytes" => DataType::FixedBytes(length_bytes(name, configuration)?),
        "raw_bytes" => DataType::Raw(length_bytes(name, configuration)?),
        "fixed_length_utf32" => match length_bytes(name, configuration)? {
            len if len.is_multiple_of(4) => DataType::FixedText(len / 4),
            len => return Err(Error::invalid_metadata(format!("{name}: length_bytes is {len}, no multiple of 4"))),
        },
        "string" => DataType::Text,
        "bytes" | "variable_length_bytes" | "binary" => DataType::Bytes,
        "struct" | "structured" => structure_v3(name, configuration)?,
        _ => {
            return named(name)
                .ok_or_else(|| Error::unsupported(format!("unknown data type {value}", value = Text(value))));
        }
    })
}

/// The type of a public name: undoes what [`DataType`] displays, except for records.
pub fn parse_data_type_name(name: &str) -> Result<DataType> {
    let base = name.split('[').next().unwrap_or_default();
    let length = || {
        let len = name[base.len()..].trim_matches(['[', ']']).parse();
        check_len(len.map_err(|_| Error::unsupported(format!("unknown data type {name:?}")))?, name)
    };
    match base {
        "datetime64" => time_unit_v2(&name[base.len()..]).map(DataType::DateTime64),
        "timedelta64" => time_unit_v2(&name[base.len()..]).map(DataType::TimeDelta64),
        "null_terminated_bytes" => length().map(DataType::FixedBytes),
        "raw_bytes" => length().map(DataType::Raw),
        "fixed_length_utf32" => length().map(|len| DataType::FixedText(len / 4)),
        "object" => Ok(DataType::Object),
        "list" => {
            let item = name[base.len()..].strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
            parse_data_type_name(item.unwrap_or_default()).map(|item| DataType::List(Box::new(item)))
        }
        _ => parse_data_type_v3(&Value::from(name)),
    }
}

/// The names that are made of others: small floats, pairs of them, and `r` with a number of bits.
fn named(name: &str) -> Option<DataType> {
    if let Some(bits) = name.strip_prefix('r') {
        let bits: u64 = bits.parse().ok().filter(|bits: &u64| bits.is_multiple_of(8))?;
        return check_len(bits / 8, name).ok().map(DataType::Raw);
    }
    match name.strip_prefix("complex_") {
        Some(half) => SmallFloat::from_name(half).map(DataType::ComplexSmall),
        None => SmallFloat::from_name(name).map(DataType::SmallFloat),
    }
}

fn length_bytes(name: &str, configuration: &Map<String, Value>) -> Result<usize> {
    let len = configuration.get("length_bytes").and_then(Value::as_u64);
    let missing = || Error::invalid_metadata(format!("{name}: length_bytes is missing or no positive integer"));
    check_len(len.ok_or_else(missing)?, name)
}

/// The fields of a `struct` are objects, those of the older `structured` pairs.
fn structure_v3(name: &str, configuration: &Map<String, Value>) -> Result<DataType> {
    let invalid = |what: &Value| {
        Error::invalid_metadata(format!("{name}: {what} is no list of fields, or no field", what = Text(what)))
    };
    let fields = configuration.get("fields").unwrap_or(&Value::Null);
    let fields = fields.as_array().ok_or_else(|| invalid(fields))?.iter().map(|field| {
        let (field_name, data_type) = match field {
            Value::Array(pair) if name == "structured" && pair.len() == 2 => (&pair[0], &pair[1]),
            Value::Object(field_object) if name == "struct" => {
                let member = |key| field_object.get(key).ok_or_else(|| invalid(field));
                (member("name")?, member("data_type")?)
            }
            _ => return Err(invalid(field)),
        };
        let field_name = field_name.as_str().ok_or_else(|| invalid(field))?.to_owned();
        let data_type = parse_data_type_v3(data_type).map_err(|error| error.about(&field_name))?;
        Ok(Field { name: field_name, data_type, shape: Vec::new(), byte_order: None })
    });
    structure(fields.collect::<Result<_>>()?)
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

/// A NumPy type: a string, such as `<f4`, `|b1` or `>M8[10s]`, or a list of fields. The byte order is `None` where it
/// makes no difference, or is not the same for all fields.
pub fn parse_data_type_v2(value: &Value) -> Result<(DataType, Option<ByteOrder>)> {
    match value {
        Value::String(text) => parse_type_string(text),
        Value::Array(fields) => Ok((structure_v2(fields)?, None)),
        other => {
            Err(Error::invalid_metadata(format!("dtype is {other}, expected a string or a list", other = Text(other))))
        }
    }
}

/// A list of `[name, type]` and `[name, type, shape]`.
fn structure_v2(fields: &[Value]) -> Result<DataType> {
    let fields = fields.iter().map(|field| {
        let invalid = || Error::invalid_metadata(format!("dtype: {field} is no field", field = Text(field)));
        let (name, data_type, shape) = match field.as_array().map(Vec::as_slice) {
            Some([Value::String(name), data_type]) => (name, data_type, Vec::new()),
            Some([Value::String(name), data_type, Value::Array(shape)]) => {
                let shape: Option<Vec<u64>> = shape.iter().map(Value::as_u64).collect();
                (name, data_type, shape.ok_or_else(invalid)?)
            }
            // NumPy also takes a number for the extents of one dimension.
            Some([Value::String(name), data_type, extent]) => {
                (name, data_type, vec![extent.as_u64().ok_or_else(invalid)?])
            }
            _ => return Err(invalid()),
        };
        let (data_type, byte_order) = parse_data_type_v2(data_type).map_err(|error| error.about(name))?;
        Ok(Field { name: name.clone(), data_type, shape, byte_order })
    });
    structure(fields.collect::<Result<_>>()?)
}

fn parse_type_string(text: &str) -> Result<(DataType, Option<ByteOrder>)> {
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
        _ => match rest.split_at_checked(1) {
            Some(("S", len)) => DataType::FixedBytes(check_len(len.parse().map_err(|_| unknown())?, text)?),
            Some(("V", len)) => DataType::Raw(check_len(len.parse().map_err(|_| unknown())?, text)?),
            Some(("U", len)) => {
                let len: u64 = len.parse().map_err(|_| unknown())?;
                DataType::FixedText(check_len(len.saturating_mul(4), text)? / 4)
            }
            _ => return Err(unknown()),
        },
    };
    if !data_type.has_byte_order() {
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
        assert_eq!(parse_type_string(">i4").unwrap(), (DataType::Int32, Some(ByteOrder::Big)));
        assert_eq!(parse_type_string("|u1").unwrap(), (DataType::UInt8, None));
        assert_eq!(parse_type_string("<i1").unwrap(), (DataType::Int8, None));
        assert_eq!(parse_type_string("<M8[ns]").unwrap(), (DataType::DateTime64(ns()), Some(ByteOrder::Little)));
        let ten = parse_type_string("<m8[10s]").unwrap().0;
        assert_eq!(ten.to_string(), "timedelta64[10s]");
    }

    #[test]
    fn a_v2_string_without_byte_order_or_meaning_is_refused() {
        assert_eq!(parse_type_string("|i4").unwrap_err().code(), ErrorCode::InvalidMetadata);
        for text in ["", "<", "<f3", "|O", "<M8[parsec]", "<i", "é"] {
            assert_eq!(parse_type_string(text).unwrap_err().code(), ErrorCode::Unsupported, "{text}");
        }
    }

    #[test]
    fn types_with_a_length_have_it_in_their_name() {
        let v2 = |text| parse_type_string(text).unwrap();
        assert_eq!(v2("|S12"), (DataType::FixedBytes(12), None));
        assert_eq!(v2("<S12"), (DataType::FixedBytes(12), None));
        assert_eq!(v2(">U5"), (DataType::FixedText(5), Some(ByteOrder::Big)));
        assert_eq!(v2("|V6"), (DataType::Raw(6), None));
        for text in ["|S0", "<U0", "|V99999999999", "<U6000000", "|Sx", "|S"] {
            assert_eq!(parse_type_string(text).unwrap_err().code(), ErrorCode::Unsupported, "{text}");
        }
        let v3 = |name: &str, len: u64| {
            parse_data_type_v3(&json!({"name": name, "configuration": {"length_bytes": len}})).map(|t| t.to_string())
        };
        assert_eq!(v3("fixed_length_utf32", 20).unwrap(), "fixed_length_utf32[20]");
        assert_eq!(v3("null_terminated_bytes", 3).unwrap(), "null_terminated_bytes[3]");
        assert_eq!(v3("raw_bytes", 3).unwrap(), "raw_bytes[3]");
        assert_eq!(v3("fixed_length_utf32", 5).unwrap_err().code(), ErrorCode::InvalidMetadata);
        assert_eq!(parse_data_type_v3(&json!("r24")).unwrap(), DataType::Raw(3));
        for name in ["r7", "r0", "r", "raw_bytes"] {
            assert!(parse_data_type_v3(&json!(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn names_of_small_floats_are_those_of_the_extensions() {
        let parse = |name: &str| parse_data_type_v3(&json!(name)).unwrap();
        assert_eq!(parse("bfloat16"), DataType::SmallFloat(SmallFloat::BFloat16));
        assert_eq!(parse("float16"), DataType::Float16);
        assert_eq!(parse("complex_float16"), DataType::ComplexSmall(SmallFloat::Float16));
        assert_eq!(parse("complex_float64"), DataType::Complex128);
        for small in SmallFloat::ALL {
            assert_eq!(parse(small.name()).to_string(), small.name());
            let pair = format!("complex_{}", small.name());
            assert_eq!(parse(&pair).to_string(), pair);
        }
    }

    #[test]
    fn public_names_are_read_back() {
        let unit = TimeUnit { name: "s".into(), multiple: 10 };
        for data_type in [
            DataType::Float16,
            DataType::Complex64,
            DataType::SmallFloat(SmallFloat::BFloat16),
            DataType::DateTime64(ns()),
            DataType::TimeDelta64(unit),
            DataType::DateTime64(TimeUnit { name: "generic".into(), multiple: 1 }),
            DataType::FixedBytes(3),
            DataType::FixedText(5),
            DataType::Raw(7),
            DataType::Text,
            DataType::Bytes,
            DataType::Object,
            DataType::List(Box::new(DataType::Int16)),
            DataType::List(Box::new(DataType::DateTime64(ns()))),
        ] {
            assert_eq!(parse_data_type_name(&data_type.to_string()).unwrap(), data_type);
        }
        assert!(parse_data_type_name("raw_bytes[x]").is_err());
        assert!(parse_data_type_name("struct").is_err());
        assert!(parse_data_type_name("list").is_err());
        assert!(parse_data_type_name("list[int16").is_err());
    }

    #[test]
    fn fields_are_objects_pairs_or_numpy_descriptions() {
        let field =
            |name: &str, data_type, byte_order| Field { name: name.into(), data_type, shape: vec![], byte_order };
        let pair = vec![field("a", DataType::Int32, None), field("b", DataType::Bool, None)];
        let objects = json!([{"name": "a", "data_type": "int32"}, {"name": "b", "data_type": {"name": "bool"}}]);
        let v3 =
            |name: &str, fields: Value| parse_data_type_v3(&json!({"name": name, "configuration": {"fields": fields}}));
        assert_eq!(v3("struct", objects).unwrap(), DataType::Struct(pair.clone()));
        assert_eq!(v3("structured", json!([["a", "int32"], ["b", "bool"]])).unwrap(), DataType::Struct(pair));
        for fields in
            [json!([]), json!([["a"]]), json!([{"name": "a"}]), json!(7), json!([["a", "int32"], ["a", "bool"]])]
        {
            assert_eq!(v3("struct", fields.clone()).unwrap_err().code(), ErrorCode::InvalidMetadata, "{fields}");
            assert_eq!(v3("structured", fields).unwrap_err().code(), ErrorCode::InvalidMetadata);
        }
        let v2 = json!([["a", ">i4"], ["in", [["re", "<f4"]]], ["list", "|u1", [2, 3]], ["two", "|b1", 2]]);
        let (DataType::Struct(fields), None) = parse_data_type_v2(&v2).unwrap() else { panic!() };
        assert_eq!(fields[0], field("a", DataType::Int32, Some(ByteOrder::Big)));
        assert_eq!(
            fields[1].data_type,
            DataType::Struct(vec![field("re", DataType::Float32, Some(ByteOrder::Little))])
        );
        assert_eq!((&fields[2].shape[..], &fields[3].shape[..]), (&[2, 3][..], &[2][..]));
        for broken in [json!([["a"]]), json!([["a", "<i4", "x"]]), json!([[1, "<i4"]]), json!({})] {
            assert_eq!(parse_data_type_v2(&broken).unwrap_err().code(), ErrorCode::InvalidMetadata);
        }
    }
}
