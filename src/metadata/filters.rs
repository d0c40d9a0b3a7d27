//! Filters of numcodecs that act on elements, and how these lie in bytes between them.
//!
//! numcodecs hands on bytes: a filter sees those that it gets as elements of the type that its configuration names, in that
//! type's byte order, whatever they were before. Inside the library elements have one byte order, and are handed on as what
//! they are: the same, where filters see elements in the order in which they are written. Other chains are refused.

use serde_json::Value;

use super::CodecMetadata;
use crate::data_type::{ByteOrder, DataType, Leaf, parse_data_type_v2, parse_data_type_v3};
use crate::error::{Error, Result};

struct ElementFilter {
    name: &'static str,
    /// The member of its configuration that names the type as which it sees elements, if there is one.
    sees: Option<&'static str>,
    /// Those that name the type that it writes: the first that is there.
    writes: &'static [&'static str],
}

const ELEMENT_FILTERS: [ElementFilter; 7] = [
    ElementFilter { name: "numcodecs.delta", sees: Some("dtype"), writes: &["astype", "dtype"] },
    ElementFilter { name: "numcodecs.fixedscaleoffset", sees: Some("dtype"), writes: &["astype", "dtype"] },
    ElementFilter { name: "numcodecs.quantize", sees: Some("dtype"), writes: &["astype", "dtype"] },
    ElementFilter { name: "numcodecs.astype", sees: Some("decode_dtype"), writes: &["encode_dtype"] },
    ElementFilter { name: "numcodecs.bitround", sees: None, writes: &[] },
    ElementFilter { name: "numcodecs.packbits", sees: None, writes: &[] },
    ElementFilter { name: "numcodecs.categorize", sees: None, writes: &["astype"] },
];

/// What elements are at a place of a chain.
pub struct Elements {
    pub data_type: DataType,
    pub byte_order: Option<ByteOrder>,
}

impl Elements {
    /// What a filter makes of them; `None` if it does not act on elements.
    ///
    /// # Errors
    /// `unsupported` if it sees them in another byte order, or in parts of another length.
    pub fn after(&self, filter: &CodecMetadata) -> Result<Option<Self>> {
        let Some(known) = ELEMENT_FILTERS.iter().find(|known| known.name == filter.name) else { return Ok(None) };
        if let Some(member) = known.sees
            && let Some(seen) = named(filter, &[member])?
            && seen.reversed_len() != self.reversed_len()
        {
            let seen = filter.configuration[member].as_str().unwrap_or_default();
            let message = format!("the elements, of {}, seen as {seen}, in another byte order", self.data_type);
            return Err(Error::unsupported(message).in_codec(&filter.name));
        }
        let written = named(filter, known.writes)?;
        Ok(Some(written.unwrap_or_else(|| match known.name {
            "numcodecs.categorize" => Self { data_type: DataType::UInt8, byte_order: None },
            _ => Self { data_type: self.data_type.clone(), ..*self },
        })))
    }

    /// Bytes of the parts that lie in another order than in memory; `None` for records with such parts.
    fn reversed_len(&self) -> Option<usize> {
        match (&self.data_type, self.byte_order) {
            (DataType::Struct(_), _) if self.has_big_fields() => None,
            (data_type, Some(ByteOrder::Big)) => Some(data_type.component_len()),
            _ => Some(1),
        }
    }

    fn has_big_fields(&self) -> bool {
        let is_big = |leaf: &Leaf| leaf.byte_order == Some(ByteOrder::Big) && leaf.data_type.component_len() > 1;
        self.data_type.leaves().is_ok_and(|leaves| leaves.iter().any(is_big))
    }
}

/// The type that the first of these members names.
fn named(filter: &CodecMetadata, members: &[&str]) -> Result<Option<Elements>> {
    let value = members.iter().filter_map(|member| filter.configuration.get(*member)).find(|value| !value.is_null());
    let Some(value @ Value::String(_)) = value else { return Ok(None) };
    let (data_type, byte_order) = match parse_data_type_v3(value) {
        Ok(data_type) => (data_type, None),
        Err(_) => parse_data_type_v2(value).map_err(|error| error.in_codec(&filter.name))?,
    };
    Ok(Some(Elements { data_type, byte_order }))
}

/// Refuses chains of v3, within shards or not, whose filters see elements in another byte order.
pub fn check(codecs: &[CodecMetadata], data_type: &DataType) -> Result<()> {
    let mut elements = Elements { data_type: data_type.clone(), byte_order: None };
    for codec in codecs {
        match codec.configuration.get("codecs") {
            Some(inner) if codec.name == "sharding_indexed" => {
                return check(&CodecMetadata::parse_list(inner)?, &elements.data_type);
            }
            _ => elements = elements.after(codec)?.unwrap_or(elements),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::error::ErrorCode;

    fn after(data_type: &str, id: &str, configuration: Value) -> Result<Option<Elements>> {
        let (data_type, byte_order) = parse_data_type_v2(&json!(data_type))?;
        let filter = CodecMetadata::new(format!("numcodecs.{id}"), configuration.as_object().unwrap().clone());
        Elements { data_type, byte_order }.after(&filter)
    }

    #[test]
    fn filters_write_the_type_that_they_name() {
        let written = |data_type, id, configuration| {
            let elements = after(data_type, id, configuration).unwrap().unwrap();
            (elements.data_type, elements.byte_order)
        };
        let big = Some(ByteOrder::Big);
        assert_eq!(written(">i4", "delta", json!({"dtype": ">i4", "astype": ">i2"})), (DataType::Int16, big));
        assert_eq!(written("<i4", "delta", json!({"dtype": "int32"})), (DataType::Int32, None));
        assert_eq!(written(">f8", "bitround", json!({"keepbits": 3})), (DataType::Float64, big));
        assert_eq!(written("<M8[s]", "delta", json!({"dtype": "<i8", "astype": null})).0, DataType::Int64);
        assert_eq!(written(">U1", "categorize", json!({"labels": ["a"]})), (DataType::UInt8, None));
        assert!(after(">i4", "shuffle", json!({"elementsize": 4})).unwrap().is_none());
    }

    #[test]
    fn elements_are_not_seen_in_another_byte_order() {
        for (data_type, dtype) in
            [(">i4", "<i4"), ("<i4", ">i4"), (">c8", ">i8"), (">U2", ">i8"), ("|S4", ">i4"), ("<i4", ">f4")]
        {
            let error = after(data_type, "delta", json!({"dtype": dtype})).map(|_| ()).unwrap_err();
            assert_eq!(
                (error.code(), error.place().codec.as_deref()),
                (ErrorCode::Unsupported, Some("numcodecs.delta"))
            );
        }
        for (data_type, dtype) in [(">i4", ">f4"), ("<c8", "<i8"), ("|S4", "<i4"), ("|u1", "|i1"), (">u1", "<u1")] {
            assert!(after(data_type, "delta", json!({"dtype": dtype})).is_ok(), "{data_type} as {dtype}");
        }
        let error =
            after(">i4", "astype", json!({"decode_dtype": "<i4", "encode_dtype": "<i2"})).map(|_| ()).unwrap_err();
        assert_eq!(error.message(), "the elements, of int32, seen as <i4, in another byte order");
    }

    #[test]
    fn records_are_seen_as_they_lie_in_memory() {
        let seen = |field: &str| {
            let (data_type, byte_order) = parse_data_type_v2(&json!([["a", field]])).unwrap();
            let filter = CodecMetadata::new("numcodecs.delta", json!({"dtype": "<i4"}).as_object().unwrap().clone());
            Elements { data_type, byte_order }.after(&filter).is_ok()
        };
        assert!(seen("<i4") && !seen(">i4"));
    }

    #[test]
    fn within_chains_of_v3_and_shards_too() {
        let delta = |dtype: &str| json!({"name": "numcodecs.delta", "configuration": {"dtype": dtype}});
        let sharded = |codec| json!([{"name": "sharding_indexed", "configuration": {"codecs": [codec, "bytes"]}}]);
        let checked = |codecs: Value| check(&CodecMetadata::parse_list(&codecs).unwrap(), &DataType::Int32);
        assert!(checked(json!([delta("<i4"), "bytes"])).is_ok());
        assert!(checked(json!([delta(">i4"), "bytes"])).is_err());
        assert!(checked(sharded(delta("<i4"))).is_ok());
        assert!(checked(sharded(delta(">i4"))).is_err());
    }
}
