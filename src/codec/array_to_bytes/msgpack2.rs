//! `msgpack2`: the elements of a chunk in MessagePack.
//!
//! numcodecs' `msgpack2`, in Zarr v2 a filter of object arrays. Configuration: `raw`, with which texts are bytes; the
//! other members (`use_bin_type`, `use_single_float`) matter to a writer only. See [`nested_list`] for the layout.
//! Extension types, of which MessagePack's times are one, are not read.
//!
//! Limits: 16 MiB, lists nested less than 64 times.

use std::borrow::Cow;

use rmpv::Value;
use rmpv::decode::read_value_with_max_depth;

use super::nested_list::{self, MAX_ENCODED_LEN, Nested, Node};
use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Len, Scratch};
use crate::error::{Error, Result};

pub struct MsgPack2 {
    raw: bool,
}

const MAX_DEPTH: usize = 64;

impl MsgPack2 {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        nested_list::check_type(decoded)?;
        Ok(Self { raw: configuration.boolean("raw")?.unwrap_or(false) })
    }
}

impl ArrayToBytes for MsgPack2 {
    fn encoded_len(&self, _: &ChunkSpec) -> Result<Len> {
        Ok(Len::AtMost(MAX_ENCODED_LEN))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let mut rest = &*encoded;
        let parsed = read_value_with_max_depth(&mut rest, MAX_DEPTH);
        let parsed = parsed.map_err(|error| Error::corrupt_chunk(format!("not MessagePack: {error}")))?;
        if !rest.is_empty() {
            return Err(Error::corrupt_chunk(format!("{} bytes after the end", rest.len())));
        }
        let parsed = match parsed {
            // The type and the shape are texts and numbers for us, however they are meant for the elements.
            Value::Array(mut items) if items.len() >= 2 => {
                let trailer = items.split_off(items.len() - 2);
                let items = items.into_iter().map(|item| checked(item, self.raw));
                let mut items = items.collect::<Result<Vec<_>>>()?;
                items.extend(trailer);
                Value::Array(items)
            }
            other => other,
        };
        nested_list::decode(parsed, decoded, scratch).map(Cow::Owned)
    }
}

/// The value with texts as what they are to be, if nothing in it cannot be read.
fn checked(value: Value, raw: bool) -> Result<Value> {
    Ok(match value {
        Value::String(text) if raw => Value::Binary(text.into_bytes()),
        Value::String(text) if text.is_err() => return Err(Error::corrupt_chunk("a text that is not UTF-8")),
        Value::Ext(kind, _) => return Err(Error::unsupported(format!("the MessagePack extension type {kind}"))),
        Value::Array(items) => Value::Array(items.into_iter().map(|item| checked(item, raw)).collect::<Result<_>>()?),
        Value::Map(entries) => {
            let entries = entries.into_iter().map(|(key, value)| Ok((checked(key, raw)?, checked(value, raw)?)));
            Value::Map(entries.collect::<Result<_>>()?)
        }
        other => other,
    })
}

impl Nested for Value {
    fn into_node(self) -> Node<Self> {
        match self {
            Self::Array(items) => Node::List(items),
            other => Node::Leaf(other),
        }
    }

    fn pack(&self) -> Result<Vec<u8>> {
        let mut packed = Vec::new();
        let written = rmpv::encode::write_value(&mut packed, self);
        written.map_err(|error| Error::corrupt_chunk(format!("an element that cannot be written: {error}")))?;
        Ok(packed)
    }

    fn to_json(&self) -> Result<serde_json::Value> {
        let json = match self {
            Self::Nil => Some(serde_json::Value::Null),
            Self::Boolean(value) => Some((*value).into()),
            Self::Integer(integer) => {
                integer.as_u64().map(serde_json::Value::from).or_else(|| integer.as_i64().map(Into::into))
            }
            Self::F32(number) => Some(float(f64::from(*number))),
            Self::F64(number) => Some(float(*number)),
            Self::String(text) => text.as_str().map(Into::into),
            Self::Binary(bytes) => Some(bytes.as_slice().into()),
            Self::Array(items) => Some(items.iter().map(Self::to_json).collect::<Result<_>>()?),
            _ => None,
        };
        json.ok_or_else(|| Error::corrupt_chunk(format!("the element {self}")))
    }
}

/// A float as fill values are written.
fn float(number: f64) -> serde_json::Value {
    match number {
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        number if number.is_nan() => "NaN".into(),
        number => number.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::{DataType, Reference};
    use crate::error::ErrorCode;
    use serde_json::json;

    fn decode(shape: &[u64], data_type: DataType, raw: bool, encoded: &[u8]) -> Result<(Vec<u8>, Scratch)> {
        let spec = ChunkSpec { shape: shape.to_vec(), fill_value: vec![], data_type };
        let codec = MsgPack2::new(&Configuration(json!({"raw": raw}).as_object().unwrap()), &spec)?;
        let mut scratch = Scratch::default();
        let decoded = codec.decode(encoded.into(), &spec, &mut scratch)?.into_owned();
        Ok((decoded, scratch))
    }

    fn objects(shape: &[u64], raw: bool, encoded: &[u8]) -> Vec<Vec<u8>> {
        let (decoded, scratch) = decode(shape, DataType::Object, raw, encoded).unwrap();
        let references = decoded.as_chunks().0.iter();
        references.map(|reference| scratch.heap.get(Reference(*reference)).unwrap().to_vec()).collect()
    }

    #[test]
    fn elements_may_be_any_value_in_lists_as_deep_as_the_shape() {
        assert_eq!(objects(&[2], false, b"\x94\xa1a\xc4\x01\xff\xa2|O\x91\x02"), [&b"\xa1a"[..], b"\xc4\x01\xff"]);
        let nested = b"\x94\x91\x01\x91\x81\xa1k\x02\xa2|O\x92\x02\x01";
        assert_eq!(objects(&[2, 1], false, nested), [&b"\x01"[..], b"\x81\xa1k\x02"]);
    }

    #[test]
    fn raw_texts_are_bytes() {
        assert_eq!(objects(&[1], true, b"\x93\xa1\xff\xa2|O\x91\x01"), [b"\xc4\x01\xff"]);
        let error = decode(&[1], DataType::Object, false, b"\x93\xa1\xff\xa2|O\x91\x01").err().unwrap();
        assert_eq!(error.message(), "a text that is not UTF-8");
    }

    #[test]
    fn elements_of_other_types_are_read_as_fill_values_are() {
        let (decoded, _) =
            decode(&[2], DataType::FixedText(1), false, b"\x94\xa1a\xa2\xc3\xa9\xa3<U1\x91\x02").unwrap();
        assert_eq!(decoded, b"a\0\0\0\xe9\0\0\0");
        let (decoded, _) = decode(&[1], DataType::Float64, false, b"\x93\xca\x7f\x80\0\0\xa3<f8\x91\x01").unwrap();
        assert_eq!(decoded, f64::INFINITY.to_le_bytes());
    }

    #[test]
    fn what_is_no_chunk_of_the_shape_is_an_error() {
        let deep = [&[0x91; 1000][..], &[1]].concat();
        for (encoded, code) in [
            (&b""[..], ErrorCode::CorruptChunk),
            (b"\x93\x01", ErrorCode::CorruptChunk),
            (b"\xdd\xff\xff\xff\xff\x01", ErrorCode::CorruptChunk),
            (b"\xdb\xff\xff\xff\xff\x01", ErrorCode::CorruptChunk),
            (b"\x93\x01\xa2|O\x91\x02", ErrorCode::CorruptChunk),
            (b"\x93\x01\xa2|O\x91\x01\x00", ErrorCode::CorruptChunk),
            (b"\x93\xd4\x05\x00\xa2|O\x91\x01", ErrorCode::Unsupported),
            (&deep, ErrorCode::CorruptChunk),
        ] {
            assert_eq!(decode(&[1], DataType::Object, false, encoded).err().unwrap().code(), code, "{encoded:?}");
        }
    }
}
