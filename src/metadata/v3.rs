//! Zarr v3 documents: `zarr.json`, of an array or a group (Zarr v3 core specification, "Metadata").

use serde_json::{Map, Value};

use super::{ArrayMetadata, CodecMetadata, GroupMetadata, NodeMetadata, extents, filters, required, shape};
use crate::chunk_grid::{ChunkGrid, Edges};
use crate::chunk_key::ChunkKeyEncoding;
use crate::data_type::{ByteOrder, DataType, parse_data_type_v3, parse_fill_value_v3, parse_packed_record};
use crate::error::{Error, Result};
use crate::json::Text;

const ARRAY_MEMBERS: [&str; 11] = [
    "zarr_format",
    "node_type",
    "shape",
    "data_type",
    "chunk_grid",
    "chunk_key_encoding",
    "fill_value",
    "codecs",
    "attributes",
    "storage_transformers",
    "dimension_names",
];

/// `consolidated_metadata` is tolerated "for historical reasons" and only concerns other nodes: who opens a group takes it
/// out before.
const GROUP_MEMBERS: [&str; 4] = ["zarr_format", "node_type", "attributes", "consolidated_metadata"];

/// Reads a parsed `zarr.json`.
///
/// # Errors
/// `invalid-metadata` for what breaks the specification, `unsupported` for extensions that are not known.
pub fn parse(document: &Map<String, Value>) -> Result<NodeMetadata> {
    let format = required(document, "zarr_format")?;
    if format.as_u64() != Some(3) {
        return Err(Error::unsupported(format!(
            "zarr_format is {format} in a zarr.json, expected 3",
            format = Text(format)
        )));
    }
    match required(document, "node_type")?.as_str() {
        Some("array") => Ok(NodeMetadata::Array(Box::new(parse_array(document)?))),
        Some("group") => {
            understand_members(document, &GROUP_MEMBERS)?;
            let attributes = attributes(document)?;
            Ok(NodeMetadata::Group(GroupMetadata { zarr_format: 3, attributes, consolidated: None }))
        }
        _ => {
            let found = &document["node_type"];
            Err(Error::invalid_metadata(format!(
                "node_type is {found}, expected \"array\" or \"group\"",
                found = Text(found)
            )))
        }
    }
}

fn parse_array(document: &Map<String, Value>) -> Result<ArrayMetadata> {
    understand_members(document, &ARRAY_MEMBERS)?;
    refuse_storage_transformers(document)?;
    let shape = shape(document)?;
    let data_type = parse_data_type_v3(required(document, "data_type")?)?;
    let codecs = CodecMetadata::parse_list(required(document, "codecs")?)?;
    filters::check(&codecs, &data_type)?;
    let fill_value = match (required(document, "fill_value")?, &data_type) {
        (value @ Value::String(_), DataType::Struct(_)) => {
            parse_packed_record(value, &data_type, byte_order(&codecs)?)?
        }
        (value, _) => parse_fill_value_v3(value, &data_type)?,
    };
    Ok(ArrayMetadata {
        zarr_format: 3,
        chunk_grid: chunk_grid(required(document, "chunk_grid")?, &shape)?,
        chunk_key_encoding: chunk_key_encoding(required(document, "chunk_key_encoding")?)?,
        fill_value: Some(fill_value),
        codecs,
        attributes: attributes(document)?,
        dimension_names: dimension_names(document, shape.len())?,
        shape,
        data_type,
    })
}

/// The byte order in which `bytes` stores the elements, within shards or not: a fill value that is given packed, as
/// `structured` once had it, lies as they do. The registered extension leaves it open; TensorStore reads it so.
fn byte_order(codecs: &[CodecMetadata]) -> Result<ByteOrder> {
    for CodecMetadata { name, configuration, .. } in codecs {
        match (name.as_str(), configuration.get("codecs")) {
            ("bytes" | "endian", _) if configuration.get("endian") == Some(&"big".into()) => return Ok(ByteOrder::Big),
            ("sharding_indexed", Some(inner)) => return byte_order(&CodecMetadata::parse_list(inner)?),
            _ => {}
        }
    }
    Ok(ByteOrder::Little)
}

/// An extension point's value: a bare name, or an object (specification 3.1, "Extension definitions").
pub struct Extension {
    pub name: String,
    pub configuration: Map<String, Value>,
    pub must_understand: bool,
}

impl Extension {
    pub fn parse(member: &str, value: &Value) -> Result<Self> {
        let invalid = |what: String| Error::invalid_metadata(format!("{member}: {what}"));
        let object = match value {
            Value::String(name) => {
                return Ok(Self { name: name.clone(), configuration: Map::new(), must_understand: true });
            }
            Value::Object(object) => object,
            other => return Err(invalid(format!("{other} is neither a name nor an object", other = Text(other)))),
        };
        let name = object.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| invalid(format!("{value} has no name", value = Text(value))))?.to_owned();
        let configuration = match object.get("configuration") {
            None => Map::new(),
            Some(Value::Object(configuration)) => configuration.clone(),
            Some(other) => {
                return Err(invalid(format!(
                    "the configuration of {name} is {other}, expected an object",
                    other = Text(other)
                )));
            }
        };
        let must_understand = match object.get("must_understand") {
            None => true,
            Some(Value::Bool(must_understand)) => *must_understand,
            Some(other) => {
                return Err(invalid(format!(
                    "must_understand of {name} is {other}, expected true or false",
                    other = Text(other)
                )));
            }
        };
        Ok(Self { name, configuration, must_understand })
    }
}

fn chunk_grid(value: &Value, shape: &[u64]) -> Result<ChunkGrid> {
    let Extension { name, configuration, .. } = Extension::parse("chunk_grid", value)?;
    match name.as_str() {
        "regular" => {
            understand_configuration("the chunk grid regular", &configuration, &["chunk_shape"])?;
            let chunk_shape = extents("chunk_shape", required(&configuration, "chunk_shape")?)?;
            ChunkGrid::regular(chunk_shape, shape.len()).map_err(|error| error.about("chunk_shape"))
        }
        "rectilinear" => {
            understand_configuration("the chunk grid rectilinear", &configuration, &["kind", "chunk_shapes"])?;
            let kind = required(&configuration, "kind")?;
            if kind.as_str() != Some("inline") {
                return Err(Error::unsupported(format!(
                    "kind of the chunk grid is {kind}, expected \"inline\"",
                    kind = Text(kind)
                )));
            }
            let value = required(&configuration, "chunk_shapes")?;
            let edges = value.as_array().and_then(|axes| axes.iter().map(edges).collect::<Option<Vec<_>>>());
            let edges = edges.ok_or_else(|| {
                Error::invalid_metadata(format!(
                    "chunk_shapes is {value}, expected for each dimension an integer or a list of integers and pairs of integers", value = Text(value)))
            })?;
            ChunkGrid::rectilinear(&edges, shape).map_err(|error| error.about("chunk_shapes"))
        }
        _ => Err(Error::unsupported(format!("unknown chunk grid {name:?}"))),
    }
}

/// The edges of the chunks along one axis: one length for all, or a list of lengths and `[length, repetitions]`.
fn edges(value: &Value) -> Option<Edges> {
    let Value::Array(list) = value else { return value.as_u64().map(Edges::Every) };
    let runs = list.iter().map(|entry| match entry {
        Value::Array(pair) => match pair.as_slice() {
            [len, count] => Some((len.as_u64()?, count.as_u64()?)),
            _ => None,
        },
        len => Some((len.as_u64()?, 1)),
    });
    runs.collect::<Option<_>>().map(Edges::Repeated)
}

/// `zarrs.default_suffix` is not registered; zarrs writes it (zarrs#241).
fn chunk_key_encoding(value: &Value) -> Result<ChunkKeyEncoding> {
    let Extension { name, configuration, .. } = Extension::parse("chunk_key_encoding", value)?;
    let separator = |default| match configuration.get("separator") {
        None => Ok(default),
        Some(value) => separator("the separator of chunk_key_encoding", value),
    };
    let known: &[&str] = match name.as_str() {
        "default" | "v2" => &["separator"],
        "zarrs.default_suffix" => &["separator", "suffix"],
        _ => return Err(Error::unsupported(format!("unknown chunk key encoding {name:?}"))),
    };
    understand_configuration(&format!("the chunk key encoding {name}"), &configuration, known)?;
    match name.as_str() {
        "v2" => Ok(ChunkKeyEncoding::V2 { separator: separator('.')? }),
        "default" => Ok(ChunkKeyEncoding::Default { separator: separator('/')?, suffix: String::new() }),
        _ => Ok(ChunkKeyEncoding::Default { separator: separator('/')?, suffix: suffix(&configuration)? }),
    }
}

fn suffix(configuration: &Map<String, Value>) -> Result<String> {
    let value = required(configuration, "suffix").map_err(|error| error.about("chunk_key_encoding"))?;
    let suffix = value.as_str().filter(|suffix| !suffix.contains('/'));
    suffix.map(str::to_owned).ok_or_else(|| {
        Error::invalid_metadata(format!(
            "the suffix of chunk_key_encoding is {value}, expected text without a slash",
            value = Text(value)
        ))
    })
}

/// A member that is not known might move chunks to other keys or places, where reading goes on: as missing ones.
fn understand_configuration(of: &str, configuration: &Map<String, Value>, known: &[&str]) -> Result<()> {
    match configuration.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(Error::unsupported(format!("unknown member {name:?} in the configuration of {of}"))),
    }
}

/// A separator of chunk keys, in either format.
pub(super) fn separator(member: &str, value: &Value) -> Result<char> {
    match value.as_str() {
        Some("/") => Ok('/'),
        Some(".") => Ok('.'),
        _ => Err(Error::invalid_metadata(format!("{member} is {value}, expected \"/\" or \".\"", value = Text(value)))),
    }
}

fn attributes(document: &Map<String, Value>) -> Result<Map<String, Value>> {
    match document.get("attributes") {
        None => Ok(Map::new()),
        Some(Value::Object(attributes)) => Ok(attributes.clone()),
        Some(other) => {
            Err(Error::invalid_metadata(format!("attributes is {other}, expected an object", other = Text(other))))
        }
    }
}

fn dimension_names(document: &Map<String, Value>, rank: usize) -> Result<Option<Vec<Option<String>>>> {
    let invalid = |value: &Value| {
        Error::invalid_metadata(format!(
            "dimension_names is {value}, expected {rank} entries, each a string or null",
            value = Text(value)
        ))
    };
    let Some(value) = document.get("dimension_names") else { return Ok(None) };
    let list = value.as_array().filter(|list| list.len() == rank).ok_or_else(|| invalid(value))?;
    let names = list.iter().map(|name| match name {
        Value::Null => Ok(None),
        Value::String(name) => Ok(Some(name.clone())),
        _ => Err(invalid(value)),
    });
    names.collect::<Result<_>>().map(Some)
}

/// A member that is not known must say that it need not be understood ("Extension points").
fn understand_members(document: &Map<String, Value>, known: &[&str]) -> Result<()> {
    for (name, value) in document {
        let may_be_ignored = value.get("must_understand") == Some(&Value::Bool(false));
        if !known.contains(&name.as_str()) && !may_be_ignored {
            return Err(Error::unsupported(format!(
                "unknown member {name:?}, which does not say \"must_understand\": false"
            )));
        }
    }
    Ok(())
}

/// A storage transformer changes the keys and bytes of the whole array, and none is registered.
fn refuse_storage_transformers(document: &Map<String, Value>) -> Result<()> {
    let list = match document.get("storage_transformers") {
        None => return Ok(()),
        Some(Value::Array(list)) => list,
        Some(other) => {
            return Err(Error::invalid_metadata(format!(
                "storage_transformers is {other}, expected a list",
                other = Text(other)
            )));
        }
    };
    match list.first() {
        None => Ok(()),
        Some(first) => {
            let name = Extension::parse("storage_transformers", first)?.name;
            Err(Error::unsupported(format!("unknown storage transformer {name:?}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use serde_json::json;

    fn document() -> Map<String, Value> {
        let value = json!({
            "zarr_format": 3, "node_type": "array", "shape": [10, 20], "data_type": "int32",
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [5, 10]}},
            "chunk_key_encoding": {"name": "default"}, "fill_value": 0,
            "codecs": ["bytes", {"name": "zstd", "configuration": {"level": 3}}],
        });
        value.as_object().unwrap().clone()
    }

    fn with(member: &str, value: Value) -> Result<NodeMetadata> {
        let mut document = document();
        document.insert(member.into(), value);
        parse(&document)
    }

    #[test]
    fn an_array_with_short_hand_names() {
        let NodeMetadata::Array(array) = parse(&document()).unwrap() else { panic!("not an array") };
        assert_eq!(array.chunk_grid.chunk_shape(), Some(vec![5, 10]));
        assert_eq!(array.chunk_key_encoding, ChunkKeyEncoding::Default { separator: '/', suffix: String::new() });
        assert_eq!(array.fill_value, Some(vec![0; 4]));
        assert_eq!(array.codecs[0], CodecMetadata::new("bytes", Map::new()));
        assert_eq!(array.codecs[1].configuration["level"], 3);
        assert_eq!(array.dimension_names, None);
    }

    #[test]
    fn every_required_member_is_required() {
        for member in [
            "zarr_format",
            "node_type",
            "shape",
            "data_type",
            "chunk_grid",
            "chunk_key_encoding",
            "fill_value",
            "codecs",
        ] {
            let mut document = document();
            document.remove(member);
            let error = parse(&document).unwrap_err();
            let message = format!("the required member {member} is missing");
            assert_eq!((error.code(), error.message()), (ErrorCode::InvalidMetadata, message.as_str()));
        }
    }

    #[test]
    fn a_packed_fill_value_lies_as_the_elements_do() {
        let fill_value = |codecs: Value| {
            let mut document = document();
            let fields = json!({"name": "structured", "configuration": {"fields": [["a", "int16"], ["b", "uint8"]]}});
            document.insert("data_type".into(), fields);
            document.insert("fill_value".into(), json!("AQID"));
            document.insert("codecs".into(), codecs);
            let NodeMetadata::Array(array) = parse(&document).unwrap() else { panic!("not an array") };
            array.fill_value.unwrap()
        };
        let bytes = |endian: &str| json!([{"name": "bytes", "configuration": {"endian": endian}}]);
        assert_eq!(fill_value(json!(["bytes"])), [1, 2, 3]);
        assert_eq!(fill_value(bytes("little")), [1, 2, 3]);
        assert_eq!(fill_value(bytes("big")), [2, 1, 3]);
        let sharded = json!({"name": "sharding_indexed", "configuration": {"codecs": bytes("big")}});
        assert_eq!(fill_value(json!(["transpose", sharded])), [2, 1, 3]);
    }

    #[test]
    fn unknown_members_are_refused_unless_they_may_be_ignored() {
        assert!(with("extra", json!({"must_understand": false})).is_ok());
        for value in [json!({"must_understand": true}), json!("text"), json!({})] {
            assert_eq!(with("extra", value).unwrap_err().code(), ErrorCode::Unsupported);
        }
    }

    #[test]
    fn storage_transformers_are_refused_and_named() {
        assert!(with("storage_transformers", json!([])).is_ok());
        let error = with("storage_transformers", json!([{"name": "indirect"}])).unwrap_err();
        assert_eq!(error.message(), "unknown storage transformer \"indirect\"");
    }

    #[test]
    fn shapes_that_no_array_has_are_refused() {
        for shape in [json!([-1, 2]), json!([1.5, 2]), json!("2x2"), json!([1u64 << 40, 1u64 << 40]), json!([1])] {
            assert!(with("shape", shape).is_err());
        }
        let error = with("shape", json!(vec![1; 65])).unwrap_err();
        assert_eq!(error.message(), "shape has 65 dimensions, at most 64 are read");
        let grid = json!({"name": "regular", "configuration": {"chunk_shape": [0, 1]}});
        assert_eq!(with("chunk_grid", grid).unwrap_err().code(), ErrorCode::InvalidMetadata);
        let grid = json!({"name": "spiral"});
        assert_eq!(with("chunk_grid", grid).unwrap_err().code(), ErrorCode::Unsupported);
    }

    fn rectilinear(chunk_shapes: Value) -> Result<ChunkGrid> {
        let configuration = json!({"kind": "inline", "chunk_shapes": chunk_shapes});
        match with("chunk_grid", json!({"name": "rectilinear", "configuration": configuration}))? {
            NodeMetadata::Array(array) => Ok(array.chunk_grid),
            NodeMetadata::Group(_) => panic!("not an array"),
        }
    }

    #[test]
    fn a_rectilinear_grid_has_edges_and_runs_of_them() {
        let grid = rectilinear(json!([[[1, 3], 3, [2, 2]], 7])).unwrap();
        assert_eq!(grid.edges(0, 10), [(1, 3), (3, 1), (2, 2)]);
        assert_eq!(grid.edges(1, 20), [(7, 3)]);
    }

    #[test]
    fn rectilinear_grids_that_break_the_rules_are_refused() {
        for shapes in [
            json!([[[1, 3], 3], 7]),
            json!([[10]]),
            json!([[10], [20], [1]]),
            json!([[10], []]),
            json!([[10], 0]),
            json!([[10], [20, 0]]),
            json!([[10], [[20, 0]]]),
            json!([[10], [[20, 1, 1]]]),
            json!([[10], [[20]]]),
            json!([[10], [[[20, 1], 1]]]),
            json!([[10], [-20]]),
            json!([[10], [20.5]]),
            json!([[10], [[20, -1]]]),
            json!([[10], [18446744073709551616.0]]),
            json!([[10], "20"]),
            json!([[10], null]),
            json!(7),
            json!({}),
        ] {
            let error = rectilinear(shapes.clone()).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidMetadata, "{shapes}");
            assert!(error.message().starts_with("chunk_shapes"), "{error}");
        }
    }

    #[test]
    fn other_kinds_of_grids_are_refused_by_name() {
        let refused = |value: Value| {
            let error = with("chunk_grid", value).unwrap_err();
            (error.code(), error.message().to_owned())
        };
        let unsupported = |message: &str| (ErrorCode::Unsupported, message.to_owned());
        for name in ["rectangular", "zarrs.regular_bounded", "spiral"] {
            let grid = json!({"name": name, "configuration": {"chunk_shape": [5, 10]}, "must_understand": false});
            assert_eq!(refused(grid), unsupported(&format!("unknown chunk grid {name:?}")));
        }
        let grid = json!({"name": "rectilinear", "configuration": {"kind": "array", "chunk_shapes": []}});
        assert_eq!(refused(grid), unsupported("kind of the chunk grid is \"array\", expected \"inline\""));
        let grid = json!({"name": "regular", "configuration": {"chunk_shape": [5, 10], "bounded": true}});
        let message = "unknown member \"bounded\" in the configuration of the chunk grid regular";
        assert_eq!(refused(grid), unsupported(message));
        let missing = refused(json!({"name": "rectilinear", "configuration": {"chunk_shapes": [[10], [20]]}}));
        assert_eq!(missing, (ErrorCode::InvalidMetadata, "the required member kind is missing".into()));
    }

    fn keys(value: Value) -> Result<ChunkKeyEncoding> {
        match with("chunk_key_encoding", value)? {
            NodeMetadata::Array(array) => Ok(array.chunk_key_encoding),
            NodeMetadata::Group(_) => panic!("not an array"),
        }
    }

    #[test]
    fn chunk_key_encodings_are_names_or_objects() {
        let default = |separator, suffix: &str| ChunkKeyEncoding::Default { separator, suffix: suffix.into() };
        assert_eq!(keys(json!("default")).unwrap(), default('/', ""));
        assert_eq!(keys(json!("v2")).unwrap(), ChunkKeyEncoding::V2 { separator: '.' });
        assert_eq!(keys(json!({"name": "v2", "configuration": {}})).unwrap(), ChunkKeyEncoding::V2 { separator: '.' });
        let suffixed = |configuration| keys(json!({"name": "zarrs.default_suffix", "configuration": configuration}));
        assert_eq!(suffixed(json!({"suffix": ".tiff"})).unwrap(), default('/', ".tiff"));
        assert_eq!(suffixed(json!({"suffix": "", "separator": "."})).unwrap(), default('.', ""));
    }

    #[test]
    fn chunk_key_encodings_that_are_not_understood_are_refused() {
        let refused = |value: Value| {
            let error = keys(value).unwrap_err();
            (error.code(), error.message().to_owned())
        };
        let named = |name: &str, configuration: Value| json!({"name": name, "configuration": configuration});
        for (value, code, message) in [
            (json!("spiral"), ErrorCode::Unsupported, "unknown chunk key encoding \"spiral\""),
            (
                json!({"name": "spiral", "must_understand": false}),
                ErrorCode::Unsupported,
                "unknown chunk key encoding \"spiral\"",
            ),
            (
                named("default", json!({"suffix": ".tiff"})),
                ErrorCode::Unsupported,
                "unknown member \"suffix\" in the configuration of the chunk key encoding default",
            ),
            (
                json!("zarrs.default_suffix"),
                ErrorCode::InvalidMetadata,
                "chunk_key_encoding: the required member suffix is missing",
            ),
            (
                named("zarrs.default_suffix", json!({"suffix": "/../../x"})),
                ErrorCode::InvalidMetadata,
                "the suffix of chunk_key_encoding is \"/../../x\", expected text without a slash",
            ),
            (
                named("zarrs.default_suffix", json!({"suffix": 1})),
                ErrorCode::InvalidMetadata,
                "the suffix of chunk_key_encoding is 1, expected text without a slash",
            ),
            (
                named("v2", json!({"separator": "-"})),
                ErrorCode::InvalidMetadata,
                "the separator of chunk_key_encoding is \"-\", expected \"/\" or \".\"",
            ),
            (json!(7), ErrorCode::InvalidMetadata, "chunk_key_encoding: 7 is neither a name nor an object"),
        ] {
            assert_eq!(refused(value), (code, message.to_owned()));
        }
    }

    #[test]
    fn dimension_names_are_strings_or_null_and_as_many_as_dimensions() {
        assert!(with("dimension_names", json!(["x", null])).is_ok());
        assert!(with("dimension_names", json!(["x"])).is_err());
        assert!(with("dimension_names", json!(["x", 1])).is_err());
    }

    #[test]
    fn a_group_tolerates_consolidated_metadata() {
        let group = json!({"zarr_format": 3, "node_type": "group", "attributes": {"a": 1},
            "consolidated_metadata": {"kind": "inline", "metadata": {}}});
        let NodeMetadata::Group(group) = parse(group.as_object().unwrap()).unwrap() else { panic!("not a group") };
        assert_eq!(group.attributes["a"], 1);
    }
}
