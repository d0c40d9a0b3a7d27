//! `msgpack2`: the elements of a chunk in MessagePack.
//!
//! numcodecs' `msgpack2`, in Zarr v2 a filter of object arrays. Configuration: `raw`, with which texts are bytes; the
//! other members (`use_bin_type`, `use_single_float`) matter to a writer only. See [`nested_list`] for the layout.
//! Extension types, of which MessagePack's times are one, are not read.
//!
//! Limits: 16 MiB, values nested at most 128 deep.

use std::borrow::Cow;

use super::nested_list::{self, MAX_ENCODED_LEN};
use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Len, Scratch};
use crate::error::Result;

pub struct MsgPack2 {
    raw: bool,
}

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
        let elements = nested_list::decode(&encoded, self.raw, decoded, scratch)?;
        scratch.give(encoded);
        Ok(Cow::Owned(elements))
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
    fn every_kind_of_number_is_read() {
        let encoded = b"\x9c\x05\xff\xcc\xff\xcd\x01\0\xce\0\x01\0\0\xcf\0\0\0\x01\0\0\0\0\xd0\x80\xd1\xff\x7f\xd2\xff\xff\0\0\xd3\xff\xff\xff\xff\0\0\0\0\xa3<i8\x91\x0a";
        let (decoded, _) = decode(&[10], DataType::Int64, false, encoded).unwrap();
        let expected = [5, -1, 255, 256, 1 << 16, 1 << 32, -128, -129, -(1 << 16), -(1i64 << 32)];
        assert_eq!(decoded, expected.map(i64::to_le_bytes).concat());
        let (decoded, _) =
            decode(&[1], DataType::Complex64, false, b"\x93\x92\x01\xca\xff\xc0\0\0\xa3<c8\x91\x01").unwrap();
        assert_eq!(decoded, [0x3f80_0000u32, 0x7fc0_0000].map(u32::to_le_bytes).concat());
        let (decoded, _) =
            decode(&[1], DataType::FixedBytes(2), false, b"\x93\xc4\x02\x07\xff\xa3|S2\x91\x01").unwrap();
        assert_eq!(decoded, [7, 255]);
        let shape = [&b"\x93\xc0\xa2|O\xdc\x01\0"[..], &[0; 256]].concat();
        assert_eq!(decode(&[1], DataType::Object, false, &shape).err().unwrap().code(), ErrorCode::CorruptChunk);
        let long = [&b"\x93\xc5\x01\0"[..], &[0; 256], b"\xa2i1\x91\x01"].concat();
        assert_eq!(
            decode(&[1], DataType::Int8, false, &long).err().unwrap().message(),
            "a value of 259 bytes for 1 numbers"
        );
    }

    #[test]
    fn an_element_may_be_a_long_list() {
        let nil = [0xc0; 1000];
        let list = [&b"\x93\xdc\x03\xe8"[..], &nil, b"\xa2|O\x91\x01"].concat();
        let element = &list[1..1004];
        assert_eq!(objects(&[1], false, &list), [element]);
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
            (b"\x93\xc1\xa2|O\x91\x01", ErrorCode::CorruptChunk),
            (b"\x93\xc0\xa2|O\x91\x02", ErrorCode::CorruptChunk),
            (&deep, ErrorCode::CorruptChunk),
            (&[&b"\x93"[..], &deep, b"\xa2|O\x91\x01"].concat(), ErrorCode::Unsupported),
        ] {
            assert_eq!(decode(&[1], DataType::Object, false, encoded).err().unwrap().code(), code, "{encoded:?}");
        }
    }
}
