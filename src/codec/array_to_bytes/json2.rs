//! `json2`: the elements of a chunk as JSON.
//!
//! numcodecs' `json2`, in Zarr v2 a filter of object arrays. Of its configuration only `encoding` matters to a reader, and
//! only UTF-8 is read. See [`nested_list`] for the layout. The bare words `NaN`, `Infinity` and `-Infinity` are numbers.
//!
//! Limits: 16 MiB of JSON, of [`MAX_VALUES`] values; integers beyond 64 bits become floats, as everywhere in JSON.

use std::borrow::Cow;

use super::nested_list::{self, MAX_ENCODED_LEN};
use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Len, Scratch};
use crate::data_type::write_message_pack;
use crate::error::{Error, Result};
use crate::json;

pub struct Json2;

/// Parsed, the smallest value of two bytes takes more than ten times as much.
const MAX_VALUES: usize = 1 << 20;

/// Stands before the bare words, which are strings once they are parsed: a character that is none, so that no text
/// begins with it.
const MARK: char = '\u{10ffff}';

impl Json2 {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        match configuration.text("encoding")? {
            None | Some("utf-8" | "utf8" | "UTF-8") => {}
            Some(_) => return Err(configuration.invalid("encoding", "\"utf-8\"")),
        }
        nested_list::check_type(decoded)?;
        Ok(Self)
    }
}

impl ArrayToBytes for Json2 {
    fn encoded_len(&self, _: &ChunkSpec) -> Result<Len> {
        Ok(Len::AtMost(MAX_ENCODED_LEN))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let is_marked = |text: &[u8]| encoded.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text));
        if is_marked(MARK.to_string().as_bytes()) || is_marked(br"\udbff\udfff") {
            return Err(Error::unsupported("the character U+10FFFF in JSON"));
        }
        // Every value but the first of a list follows a comma.
        let values = encoded.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count();
        if values > MAX_VALUES {
            return Err(Error::unsupported(format!(
                "{values} values or more in a chunk, at most {MAX_VALUES} are read"
            )));
        }
        let parsed = json::parse(&encoded, &MARK.to_string());
        let parsed = parsed.map_err(|error| Error::corrupt_chunk(format!("not JSON: {error}")))?;
        let mut packed = Vec::new();
        write_message_pack(&parsed, &number, &mut packed);
        drop(parsed);
        let elements = nested_list::decode(&packed, false, decoded, scratch)?;
        scratch.give(encoded);
        Ok(Cow::Owned(elements))
    }
}

/// The number that a marked word is.
fn number(text: &str) -> Option<f64> {
    let word = text.strip_prefix(MARK)?;
    json::WORDS.into_iter().find(|(known, _)| *known == word).map(|(_, number)| number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::{DataType, Reference};
    use crate::error::ErrorCode;
    use serde_json::{Value, json};

    fn decode(shape: &[u64], data_type: DataType, encoded: &str) -> Result<(Vec<u8>, Scratch)> {
        let spec = ChunkSpec { shape: shape.to_vec(), fill_value: vec![], data_type };
        let codec = Json2::new(&Configuration(&serde_json::Map::new()), &spec)?;
        let mut scratch = Scratch::default();
        let decoded = codec.decode(encoded.as_bytes().into(), &spec, &mut scratch)?.into_owned();
        Ok((decoded, scratch))
    }

    fn objects(shape: &[u64], encoded: &str) -> Vec<Vec<u8>> {
        let (decoded, scratch) = decode(shape, DataType::Object, encoded).unwrap();
        let references = decoded.as_chunks().0.iter();
        references.map(|reference| scratch.heap.get(Reference(*reference)).unwrap().to_vec()).collect()
    }

    fn packed(value: Value) -> Vec<u8> {
        crate::data_type::to_message_pack(&value)
    }

    #[test]
    fn elements_may_be_any_value_in_lists_as_deep_as_the_shape() {
        let nested = r#"[[["a"],[1]],[[null],[{"k": [2]}]],"|O",[2,2]]"#;
        assert_eq!(
            objects(&[2, 2], nested),
            [json!(["a"]), json!([1]), json!([null]), json!([{"k": [2]}])].map(packed)
        );
        assert_eq!(objects(&[], r#"["one","|O",[]]"#), [packed(json!("one"))]);
        assert_eq!(objects(&[0], r#"["|O",[0]]"#).len(), 0);
    }

    #[test]
    fn bare_words_are_numbers_and_texts_that_look_like_them_are_not() {
        let elements = objects(&[3], r#"[NaN, "NaN", {"a": -Infinity}, "|O", [3]]"#);
        assert_eq!(elements[0], [&[0xcb][..], &f64::NAN.to_be_bytes()].concat());
        assert_eq!(elements[1], packed(json!("NaN")));
        let infinity = [&b"\x81\xa1a\xcb"[..], &f64::NEG_INFINITY.to_be_bytes()].concat();
        assert_eq!(elements[2], infinity);
        let error = decode(&[1], DataType::Object, r#"["\uDBFF\udfff", "|O", [1]]"#).err().unwrap();
        assert_eq!(error.code(), ErrorCode::Unsupported);
    }

    #[test]
    fn elements_of_other_types_are_read_as_fill_values_are() {
        let (decoded, _) = decode(&[2], DataType::FixedText(2), r#"["a", "é", "<U2", [2]]"#).unwrap();
        assert_eq!(decoded, b"a\0\0\0\0\0\0\0\xe9\0\0\0\0\0\0\0");
        let (decoded, _) = decode(&[2], DataType::Float32, r#"[NaN, 1, "<f4", [2]]"#).unwrap();
        assert_eq!(decoded, [0x7fc0_0000u32, 0x3f80_0000].map(u32::to_le_bytes).concat());
        assert!(decode(&[1], DataType::Int8, r#"[128, "|i1", [1]]"#).is_err());
    }

    #[test]
    fn more_values_than_are_read_are_refused_before_they_take_memory() {
        let many = format!("[{}\"|O\",[1]]", "0,".repeat(MAX_VALUES));
        assert_eq!(decode(&[1], DataType::Object, &many).err().unwrap().code(), ErrorCode::Unsupported);
    }

    #[test]
    fn what_is_no_chunk_of_the_shape_is_an_error() {
        for (encoded, message) in [
            ("", "not JSON: expected a value at byte 0"),
            ("7", "no list"),
            ("[[2]]", "a list without the type and shape at its end"),
            (r#"["a", "b", "|O", [1, 2]]"#, "a chunk of shape [1,2], expected [2]"),
            (r#"["a", "|O", [2]]"#, "a list of 1 items, expected 2"),
            (r#"["a", "b", "c", "|O", [2]]"#, "a list of 3 items, expected 2"),
        ] {
            let error = decode(&[2], DataType::Object, encoded).err().unwrap();
            assert_eq!((error.code(), error.message()), (ErrorCode::CorruptChunk, message));
        }
        let error = decode(&[1, 1], DataType::Object, r#"["a", "|O", [1, 1]]"#).err().unwrap();
        assert_eq!(error.message(), "an element where a list is expected");
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(decode(&[1], DataType::Object, &deep).err().unwrap().code(), ErrorCode::CorruptChunk);
    }
}
