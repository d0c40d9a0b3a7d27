//! `categorize`: texts of a fixed list, stored as numbers.
//!
//! numcodecs' `categorize`, in Zarr v2 a filter. Configuration: `labels`, the texts; `astype`, the integer type of the
//! stored numbers, by default `uint8`; `dtype`, the type of the decoded elements, which is the array's.
//!
//! The number i + 1 is the label i; zero, and every number without a label, is the empty text.

use std::borrow::Cow;

use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::data_type::{DataType, Number, NumberType};
use crate::error::{Error, Result};

pub struct Categorize {
    labels: Vec<String>,
    stored: NumberType,
}

impl Categorize {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        let labels = configuration.required("labels", configuration.list("labels")?)?;
        let labels: Option<Vec<String>> = labels.iter().map(|label| label.as_str().map(str::to_owned)).collect();
        let labels = labels.ok_or_else(|| configuration.invalid("labels", "a list of texts"))?;
        let stored = configuration.data_type("astype")?.map_or(DataType::UInt8, |(data_type, _)| data_type);
        if stored.integer_range().is_none() {
            return Err(configuration.invalid("astype", "an integer type"));
        }
        match decoded.data_type {
            DataType::Text => {}
            DataType::FixedText(len) => {
                if let Some(label) = labels.iter().find(|label| label.chars().count() > len) {
                    return Err(Error::invalid_metadata(format!(
                        "the label {label:?} is longer than {len} characters"
                    )));
                }
            }
            _ => return Err(Error::unsupported(format!("elements of type {}, expected text", decoded.data_type))),
        }
        Ok(Self { labels, stored: NumberType::new(&stored)? })
    }
}

impl ArrayToArray for Categorize {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        let fill_value = match decoded.data_type {
            DataType::FixedText(_) => without_padding(&decoded.fill_value),
            _ => &decoded.fill_value,
        };
        let is_fill = |label: &String| element(label, &decoded.data_type).eq(fill_value.iter().copied());
        let number = self.labels.iter().position(is_fill).map_or(0, |at| at as i128 + 1);
        let mut fill_value = vec![0; self.stored.item_len()];
        (self.stored.write)(Number::Integer(number), &mut fill_value);
        Ok(ChunkSpec { shape: decoded.shape.clone(), data_type: self.stored.data_type.clone(), fill_value })
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        let data_type = &decoded_spec.data_type;
        let labels: Vec<&str> = [""].into_iter().chain(self.labels.iter().map(String::as_str)).collect();
        let mut references = Vec::new();
        if data_type.is_variable() {
            for label in &labels {
                references.push(scratch.heap.push(label.as_bytes())?.0);
            }
        }
        let mut decoded = scratch.take(decoded_spec.byte_len()?)?;
        let numbers = encoded.chunks_exact(self.stored.item_len());
        for (number, target) in numbers.zip(decoded.chunks_exact_mut(data_type.item_len())) {
            let number = match (self.stored.read)(number) {
                Number::Integer(number) => usize::try_from(number).unwrap_or(0),
                Number::Float(_) => 0,
            };
            let at = if number < labels.len() { number } else { 0 };
            match references.get(at) {
                Some(reference) => target.copy_from_slice(reference),
                None => {
                    let padded = element(labels[at], data_type).chain(std::iter::repeat(0));
                    target.iter_mut().zip(padded).for_each(|(target, byte)| *target = byte);
                }
            }
        }
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

/// A label as an element of the array, without the padding, of which there may be megabytes.
fn element(label: &str, data_type: &DataType) -> impl Iterator<Item = u8> {
    let code_points = matches!(data_type, DataType::FixedText(_));
    let (wide, narrow) = if code_points { (label, "") } else { ("", label) };
    wide.chars().flat_map(|c| u32::from(c).to_le_bytes()).chain(narrow.bytes())
}

fn without_padding(code_points: &[u8]) -> &[u8] {
    let end = code_points.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &code_points[..end.next_multiple_of(4)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::Reference;
    use serde_json::json;

    fn spec(data_type: DataType, fill_value: &[u8]) -> ChunkSpec {
        ChunkSpec { shape: vec![4], data_type, fill_value: fill_value.to_vec() }
    }

    fn codec(decoded: &ChunkSpec, astype: &str) -> Result<Categorize> {
        let configuration = json!({"labels": ["red", "blau", "é"], "dtype": "|O", "astype": astype});
        Categorize::new(&Configuration(configuration.as_object().unwrap()), decoded)
    }

    #[test]
    fn numbers_are_labels_and_the_rest_is_empty() {
        let decoded = spec(DataType::Text, b"blau");
        let codec = codec(&decoded, "|u1").unwrap();
        let encoded_spec = codec.encoded(&decoded).unwrap();
        assert_eq!((&encoded_spec.data_type, &encoded_spec.fill_value[..]), (&DataType::UInt8, &[2][..]));
        let mut scratch = Scratch::default();
        let references = codec.decode(vec![3, 0, 1, 4].into(), &encoded_spec, &decoded, &mut scratch).unwrap();
        let texts = references.as_chunks().0.iter().map(|reference| scratch.heap.get(Reference(*reference)).unwrap());
        assert_eq!(texts.collect::<Vec<_>>(), ["é".as_bytes(), b"", b"red", b""]);
    }

    #[test]
    fn labels_may_be_texts_of_fixed_length_and_numbers_of_any_integer_type() {
        let decoded = spec(DataType::FixedText(4), &[0; 16]);
        let codec = codec(&decoded, "<i2").unwrap();
        let encoded_spec = codec.encoded(&decoded).unwrap();
        let encoded = vec![1, 0, 255, 255, 3, 0, 0, 1];
        let elements = codec.decode(encoded.into(), &encoded_spec, &decoded, &mut Scratch::default()).unwrap();
        let text = |at: usize| elements[16 * at..][..16].iter().map(|&byte| byte as char).collect::<String>();
        assert_eq!(text(0), "r\0\0\0e\0\0\0d\0\0\0\0\0\0\0");
        assert_eq!([text(1), text(3)], ["\0".repeat(16), "\0".repeat(16)]);
        assert_eq!(text(2), format!("é{}", "\0".repeat(15)));
    }

    #[test]
    fn other_types_and_longer_labels_are_refused() {
        assert!(codec(&spec(DataType::Int32, &[0; 4]), "|u1").is_err());
        assert!(codec(&spec(DataType::FixedText(3), &[0; 12]), "|u1").is_err());
        assert!(codec(&spec(DataType::Text, b""), "<f4").is_err());
    }
}
