//! Zarr v2 documents: `.zarray`, `.zgroup`, `.zattrs` (Zarr v2 specification; numcodecs for filters and compressors).
//!
//! A v2 chunk was written by: laying its elements out in C or F order, applying the `filters` in their order, then the
//! `compressor`. The same chain in the words of v3: a `transpose` that reverses all axes where the order is F; the
//! filters that act on elements; a codec from elements to bytes; the filters that act on bytes; the compressor. The codec
//! from elements to bytes is `bytes`, with the byte order that the last filter on elements wrote, unless one of the filters
//! is such a codec itself.

use serde_json::{Map, Value};

use super::filters::Elements;
use super::v3::separator;
use super::{ArrayMetadata, CodecMetadata, GroupMetadata, extents, required, shape};
use crate::chunk_grid::ChunkGrid;
use crate::chunk_key::ChunkKeyEncoding;
use crate::data_type::{ByteOrder, DataType, parse_data_type_v2, parse_fill_value_v2};
use crate::error::{Error, Result};
use crate::json::{Text, object, taken};

/// The codecs of numcodecs that make bytes of elements, be they filter or compressor.
const ELEMENTS_TO_BYTES: [&str; 7] = ["vlen-utf8", "vlen-bytes", "vlen-array", "json2", "msgpack2", "pcodec", "zfpy"];

/// Those of them that write numbers, and refuse big-endian ones.
const LITTLE_ENDIAN_ONLY: [&str; 2] = ["pcodec", "zfpy"];

/// The member that says how chunk keys are joined.
const SEPARATOR: &str = "dimension_separator";

/// Reads a parsed `.zarray`, with the attributes that `.zattrs` gave.
///
/// # Errors
/// `invalid-metadata` for what breaks the specification, `unsupported` for types that are not known.
pub fn parse_array(document: &Map<String, Value>, attributes: Map<String, Value>) -> Result<ArrayMetadata> {
    check_format(document)?;
    let shape = shape(document)?;
    let chunks = extents("chunks", required(document, "chunks")?)?;
    let chunk_grid = ChunkGrid::regular(chunks, shape.len()).map_err(|error| error.about("chunks"))?;
    let filters = filters(document)?;
    let (data_type, byte_order) = match required(document, "dtype")? {
        Value::String(text) if text == "|O" => (object_type(&filters)?, None),
        other => parse_data_type_v2(other)?,
    };
    let separator = document.get(SEPARATOR).map_or(Ok('.'), |value| separator(SEPARATOR, value))?;
    Ok(ArrayMetadata {
        zarr_format: 2,
        chunk_grid,
        chunk_key_encoding: ChunkKeyEncoding::V2 { separator },
        fill_value: parse_fill_value_v2(required(document, "fill_value")?, &data_type)?,
        codecs: codecs(document, filters, shape.len(), Elements { data_type: data_type.clone(), byte_order })?,
        attributes,
        dimension_names: None,
        shape,
        data_type,
    })
}

/// Reads a parsed `.zgroup`.
pub fn parse_group(document: &Map<String, Value>, attributes: Map<String, Value>) -> Result<GroupMetadata> {
    check_format(document)?;
    Ok(GroupMetadata { zarr_format: 2, attributes, consolidated: None })
}

fn check_format(document: &Map<String, Value>) -> Result<()> {
    match required(document, "zarr_format")? {
        format if format.as_u64() == Some(2) => Ok(()),
        format => Err(Error::unsupported(format!("zarr_format is {format}, expected 2", format = Text(format)))),
    }
}

/// The filters and the compressor, in the order in which they were applied.
fn filters(document: &Map<String, Value>) -> Result<Vec<CodecMetadata>> {
    let filters = match required(document, "filters")? {
        Value::Null => &[],
        Value::Array(filters) => filters.as_slice(),
        other => {
            return Err(Error::invalid_metadata(format!(
                "filters is {other}, expected a list or null",
                other = Text(other)
            )));
        }
    };
    let compressor = match required(document, "compressor")? {
        Value::Null => None,
        compressor => Some(compressor),
    };
    filters.iter().chain(compressor).map(numcodec).collect()
}

/// What the elements of an object array are: the codec that makes bytes of them says it.
///
/// # Errors
/// `unsupported` for pickled objects, which only Python can read, and only by running what they say.
fn object_type(filters: &[CodecMetadata]) -> Result<DataType> {
    for CodecMetadata { name, configuration, .. } in filters {
        return Ok(match &name["numcodecs.".len()..] {
            "vlen-utf8" | "categorize" => DataType::Text,
            "vlen-bytes" => DataType::Bytes,
            "vlen-array" => {
                let none = || Error::invalid_metadata("vlen-array: the configuration has no dtype");
                let (data_type, _) = parse_data_type_v2(configuration.get("dtype").ok_or_else(none)?)?;
                DataType::List(Box::new(data_type))
            }
            "json2" | "msgpack2" => DataType::Object,
            "pickle" => return Err(Error::unsupported("pickled objects: reading them runs what they say")),
            _ => continue,
        });
    }
    Err(Error::unsupported("data type \"|O\" without a codec that is known to say what the objects are"))
}

fn codecs(
    document: &Map<String, Value>,
    filters: Vec<CodecMetadata>,
    rank: usize,
    mut elements: Elements,
) -> Result<Vec<CodecMetadata>> {
    let mut codecs = Vec::new();
    match required(document, "order")?.as_str() {
        Some("C") => {}
        Some("F") if rank < 2 => {}
        Some("F") => codecs.push(codec("transpose", [("order", Value::from_iter((0..rank).rev()))])),
        _ => {
            let order = Text(&document["order"]);
            return Err(Error::invalid_metadata(format!("order is {order}, expected \"C\" or \"F\"")));
        }
    }
    let mut on_bytes = false;
    for filter in filters {
        let id = &filter.name["numcodecs.".len()..];
        let makes_bytes = ELEMENTS_TO_BYTES.contains(&id);
        match elements.after(&filter)? {
            Some(_) if on_bytes => {
                return Err(Error::unsupported(format!("the filter {id} after one that acts on bytes")));
            }
            None if makes_bytes && on_bytes => {
                return Err(Error::unsupported(format!("{id} after a filter that acts on bytes")));
            }
            None if LITTLE_ENDIAN_ONLY.contains(&id) && elements.byte_order == Some(ByteOrder::Big) => {
                return Err(Error::unsupported(format!("{id} with big-endian elements, which it cannot write")));
            }
            Some(written) => elements = written,
            None if !on_bytes => {
                if !makes_bytes {
                    codecs.push(bytes(elements.byte_order));
                }
                on_bytes = true;
            }
            None => {}
        }
        codecs.push(filter);
    }
    if !on_bytes {
        codecs.push(bytes(elements.byte_order));
    }
    // These write lists in lists, which have the order of the indices whatever the order in memory.
    let is_nested = |codec: &CodecMetadata| matches!(&*codec.name, "numcodecs.json2" | "numcodecs.msgpack2");
    if codecs.first().is_some_and(|codec| codec.name == "transpose") && codecs.get(1).is_some_and(is_nested) {
        codecs.remove(0);
    }
    Ok(codecs)
}

fn bytes(byte_order: Option<ByteOrder>) -> CodecMetadata {
    match byte_order {
        None => codec("bytes", []),
        Some(ByteOrder::Little) => codec("bytes", [("endian", "little".into())]),
        Some(ByteOrder::Big) => codec("bytes", [("endian", "big".into())]),
    }
}

/// `{"id": …, …}` under the name that zarr-python gives the same codec in v3.
fn numcodec(value: &Value) -> Result<CodecMetadata> {
    let invalid = || {
        Error::invalid_metadata(format!(
            "{value} is neither a filter nor a compressor: expected an object with an id",
            value = Text(value)
        ))
    };
    let (mut configuration, id) = taken(value.as_object().ok_or_else(invalid)?.clone(), "id");
    let Some(Value::String(id)) = id else { return Err(invalid()) };
    if id == "shuffle" {
        // numcodecs' own default; in v3, zarr-python takes the item size of the array instead.
        configuration.entry("elementsize").or_insert(4.into());
    }
    Ok(CodecMetadata::new(format!("numcodecs.{id}"), configuration))
}

fn codec<const N: usize>(name: &str, configuration: [(&str, Value); N]) -> CodecMetadata {
    CodecMetadata::new(name, object(configuration))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use serde_json::json;

    fn parse(changes: Value) -> Result<ArrayMetadata> {
        let mut document = json!({"zarr_format": 2, "shape": [10, 20], "chunks": [5, 10], "dtype": "<i4",
            "compressor": null, "filters": null, "fill_value": 0, "order": "C"});
        for (key, value) in changes.as_object().unwrap() {
            document[key] = value.clone();
        }
        parse_array(document.as_object().unwrap(), Map::new())
    }

    fn chain(changes: Value) -> Value {
        let codecs = parse(changes).unwrap().codecs;
        codecs.iter().map(|codec| json!([codec.name, codec.configuration])).collect()
    }

    #[test]
    fn order_filters_and_compressor_become_a_chain() {
        assert_eq!(chain(json!({})), json!([["bytes", {"endian": "little"}]]));
        assert_eq!(
            chain(
                json!({"order": "F", "dtype": ">f8", "filters": [{"id": "shuffle"}], "compressor": {"id": "zlib", "level": 1}})
            ),
            json!([["transpose", {"order": [1, 0]}], ["bytes", {"endian": "big"}],
                ["numcodecs.shuffle", {"elementsize": 4}], ["numcodecs.zlib", {"level": 1}]])
        );
        assert_eq!(chain(json!({"filters": [], "dtype": "|u1"})), json!([["bytes", {}]]));
    }

    #[test]
    fn the_bytes_codec_has_the_byte_order_that_the_last_element_filter_wrote() {
        let delta = json!({"id": "delta", "dtype": "<i4", "astype": ">i2"});
        assert_eq!(
            chain(json!({"filters": [delta], "compressor": {"id": "zstd"}})),
            json!([["numcodecs.delta", {"dtype": "<i4", "astype": ">i2"}], ["bytes", {"endian": "big"}], ["numcodecs.zstd", {}]])
        );
        let delta = json!({"id": "delta", "dtype": ">i4"});
        assert_eq!(chain(json!({"dtype": ">i4", "filters": [delta]}))[1], json!(["bytes", {"endian": "big"}]));
    }

    #[test]
    fn a_codec_from_elements_to_bytes_stands_where_the_bytes_codec_would() {
        for id in ["pcodec", "zfpy"] {
            let codec = || json!({"id": id, "level": 8});
            let name = format!("numcodecs.{id}");
            assert_eq!(
                chain(json!({"filters": [{"id": "delta", "dtype": "<i4"}, codec()], "compressor": {"id": "zstd"}})),
                json!([["numcodecs.delta", {"dtype": "<i4"}], [name, {"level": 8}], ["numcodecs.zstd", {}]])
            );
            assert_eq!(chain(json!({"compressor": codec()})), json!([[name, {"level": 8}]]));
            let error = parse(json!({"dtype": ">i4", "compressor": codec()})).unwrap_err();
            assert_eq!(error.message(), format!("{id} with big-endian elements, which it cannot write"));
            let error = parse(json!({"filters": [{"id": "zlib"}], "compressor": codec()})).unwrap_err();
            assert_eq!(error.message(), format!("{id} after a filter that acts on bytes"));
        }
    }

    #[test]
    fn a_filter_that_writes_bytes_has_no_byte_order() {
        let astype = json!({"id": "astype", "encode_dtype": "|b1", "decode_dtype": ">f4"});
        assert_eq!(
            chain(json!({"dtype": ">f4", "filters": [astype, {"id": "packbits"}, {"id": "fletcher32"}]})),
            json!([["numcodecs.astype", {"encode_dtype": "|b1", "decode_dtype": ">f4"}], ["numcodecs.packbits", {}],
                ["bytes", {}], ["numcodecs.fletcher32", {}]])
        );
    }

    #[test]
    fn a_null_fill_value_leaves_the_contents_open() {
        assert_eq!(parse(json!({"fill_value": null})).unwrap().fill_value, None);
        assert_eq!(parse(json!({"fill_value": null})).unwrap().fill_bytes(), [0; 4]);
    }

    #[test]
    fn broken_documents_are_refused() {
        for changes in [
            json!({"order": "K"}),
            json!({"dtype": 7}),
            json!({"compressor": {"level": 1}}),
            json!({"filters": {}}),
            json!({"dimension_separator": "-"}),
            json!({"chunks": [5]}),
            json!({"shape": [-1, 2]}),
        ] {
            assert_eq!(parse(changes).unwrap_err().code(), ErrorCode::InvalidMetadata);
        }
        for changes in
            [json!({"zarr_format": 9}), json!({"dtype": "|O"}), json!({"dtype": "|O", "filters": [{"id": "pickle"}]})]
        {
            assert_eq!(parse(changes).unwrap_err().code(), ErrorCode::Unsupported);
        }
    }
}
