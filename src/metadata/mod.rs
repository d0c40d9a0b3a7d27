//! The metadata documents of both formats, in one normal form.
//!
//! [`v2`] and [`v3`] read the documents; what they make of them is the same [`ArrayMetadata`], in the words of Zarr v3:
//! the `order`, `filters` and `compressor` of a v2 array become the codec chain that says the same. Codec names and
//! configurations are kept as they are; the registry of `codec` interprets them.

mod consolidated;
mod document;
mod filters;
pub mod v2;
pub mod v3;

use serde_json::{Map, Value};

pub use consolidated::ConsolidatedMetadata;
pub use document::parse_document;

use crate::chunk_grid::ChunkGrid;
use crate::chunk_key::ChunkKeyEncoding;
use crate::data_type::{DataType, default_fill_value};
use crate::error::{Error, Result};
use crate::json::{self, Text};
use crate::shape::element_count;

/// What a node of a hierarchy is.
#[derive(Clone, Debug)]
pub enum NodeMetadata {
    Array(Box<ArrayMetadata>),
    Group(GroupMetadata),
}

/// An array of either format.
#[derive(Clone, Debug)]
pub struct ArrayMetadata {
    pub zarr_format: u8,
    pub shape: Vec<u64>,
    pub data_type: DataType,
    pub chunk_grid: ChunkGrid,
    pub chunk_key_encoding: ChunkKeyEncoding,
    /// The bytes of one element; `None` where a v2 document says null and leaves the contents of missing chunks open.
    pub fill_value: Option<Vec<u8>>,
    pub codecs: Vec<CodecMetadata>,
    pub attributes: Map<String, Value>,
    /// `None` where the document does not name dimensions at all.
    pub dimension_names: Option<Vec<Option<String>>>,
}

impl ArrayMetadata {
    /// What missing chunks are filled with, also where that is open.
    pub fn fill_bytes(&self) -> Vec<u8> {
        self.fill_value.clone().unwrap_or_else(|| default_fill_value(&self.data_type))
    }
}

/// A group of either format.
#[derive(Clone, Debug)]
pub struct GroupMetadata {
    pub zarr_format: u8,
    pub attributes: Map<String, Value>,
    /// What is known of the nodes below, without asking for them.
    pub consolidated: Option<ConsolidatedMetadata>,
}

/// A codec as the metadata write it.
#[derive(Clone, Debug, PartialEq)]
pub struct CodecMetadata {
    pub name: String,
    pub configuration: Map<String, Value>,
    pub must_understand: bool,
}

impl CodecMetadata {
    pub fn new(name: impl Into<String>, configuration: Map<String, Value>) -> Self {
        Self { name: name.into(), configuration, must_understand: true }
    }

    /// The codec as [`parse_list`](Self::parse_list) reads it.
    pub fn to_json(&self) -> Value {
        let members = [
            ("name", self.name.as_str().into()),
            ("configuration", self.configuration.clone().into()),
            ("must_understand", self.must_understand.into()),
        ];
        json::object(members).into()
    }

    /// A list of codecs in the form of v3, each a name or an object.
    pub fn parse_list(value: &Value) -> Result<Vec<Self>> {
        let list = value.as_array();
        let list = list.ok_or_else(|| {
            Error::invalid_metadata(format!("codecs is {value}, expected a list", value = Text(value)))
        })?;
        list.iter()
            .map(|value| {
                let extension = v3::Extension::parse("codecs", value)?;
                Ok(Self {
                    name: extension.name,
                    configuration: extension.configuration,
                    must_understand: extension.must_understand,
                })
            })
            .collect()
    }
}

/// The member of an object, or `invalid-metadata` where it is absent.
fn required<'a>(object: &'a Map<String, Value>, member: &str) -> Result<&'a Value> {
    object.get(member).ok_or_else(|| Error::invalid_metadata(format!("the required member {member} is missing")))
}

/// More dimensions than NumPy has are nobody's data, and every codec of a chain keeps the shape.
const MAX_RANK: usize = 64;

/// The shape of an array.
fn shape(document: &Map<String, Value>) -> Result<Vec<u64>> {
    let shape = extents("shape", required(document, "shape")?)?;
    if shape.len() > MAX_RANK {
        return Err(Error::unsupported(format!("shape has {} dimensions, at most {MAX_RANK} are read", shape.len())));
    }
    element_count(&shape)?;
    Ok(shape)
}

/// A list of extents: integers that are not negative.
fn extents(member: &str, value: &Value) -> Result<Vec<u64>> {
    let list = value.as_array().map(|list| list.iter().map(Value::as_u64).collect::<Option<Vec<u64>>>());
    list.flatten().ok_or_else(|| {
        Error::invalid_metadata(format!(
            "{member} is {value}, expected a list of integers that are not negative",
            value = Text(value)
        ))
    })
}
