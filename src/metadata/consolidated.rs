//! Consolidated metadata: the documents of all nodes below a group, in one of the group's own (Zarr v3 core specification,
//! "Group metadata"; for v2 there is no text but zarr-python).
//!
//! - v3: the member `consolidated_metadata` of the group's `zarr.json`, `{"kind": "inline", "metadata": {"a/b": {…}}}`.
//! - v2: the document `.zmetadata` beside the group's, `{"zarr_consolidated_format": 1, "metadata": {"a/b/.zarray": {…}}}`.
//!
//! They are a snapshot of what the store has as well. So what they lack may be there all the same, and where they are not
//! understood the store is asked: that is slower, and never wrong. Each document is interpreted when its node is opened.

use std::rc::Rc;

use serde_json::{Map, Value};

use super::{NodeMetadata, v2, v3};
use crate::error::{Error, Result};
use crate::json::{Text, taken};

/// The documents below one group.
#[derive(Clone, Debug)]
pub struct ConsolidatedMetadata {
    documents: Rc<Map<String, Value>>,
    format: Format,
    /// Key of the document that holds all of them.
    key: Rc<str>,
    /// Path of the group within them; empty, or with a slash at its end.
    prefix: String,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    V2,
    V3,
}

impl ConsolidatedMetadata {
    /// From the member `consolidated_metadata` of the `zarr.json` with this key. Some writers put null there.
    ///
    /// # Errors
    /// `unsupported` for what is not understood and does not say that it need not be.
    pub fn parse_v3(mut member: Value, key: &str) -> Result<Option<Self>> {
        if member.is_null() {
            return Ok(None);
        }
        let is_inline = member.get("kind").and_then(Value::as_str) == Some("inline");
        let documents = member.get_mut("metadata").filter(|_| is_inline).map(Value::take);
        match documents.and_then(|documents| Self::new(documents, Format::V3, key)) {
            None if member.get("must_understand") != Some(&Value::Bool(false)) => Err(Error::unsupported(format!(
                "consolidated_metadata is not understood: {member}",
                member = Text(&member)
            ))),
            understood => Ok(understood),
        }
    }

    /// From the `.zmetadata` with this key; `None` where it is not understood.
    pub fn parse_v2(document: Map<String, Value>, key: &str) -> Option<Self> {
        if document.get("zarr_consolidated_format").and_then(Value::as_u64) != Some(1) {
            return None;
        }
        Self::new(taken(document, "metadata").1?, Format::V2, key)
    }

    fn new(documents: Value, format: Format, key: &str) -> Option<Self> {
        let Value::Object(documents) = documents else { return None };
        let is_inside = |path: &String| !path.split('/').any(|segment| matches!(segment, "" | "." | ".."));
        let is_understood = documents.keys().all(is_inside);
        is_understood.then(|| Self { documents: Rc::new(documents), format, key: key.into(), prefix: String::new() })
    }

    /// The node at a path below the group; `None` where there is none among the documents. A group has its part of them.
    ///
    /// # Errors
    /// As its documents deserve.
    pub fn node(&self, path: &str) -> Result<Option<NodeMetadata>> {
        let path = format!("{}{path}", self.prefix);
        let node = match self.format {
            Format::V2 => self.node_v2(&path),
            Format::V3 => self.node_v3(&path),
        };
        let mut node = node.map_err(|error| error.at_key(&self.key))?;
        if let Some(NodeMetadata::Group(group)) = &mut node {
            group.consolidated = Some(Self { prefix: format!("{path}/"), ..self.clone() });
        }
        Ok(node)
    }

    /// A document of v2 of the group itself, where they repeat it.
    pub fn own_document(&self, name: &str) -> Option<&Map<String, Value>> {
        self.documents.get(name).and_then(Value::as_object)
    }

    /// The nodes right below the group: the name of each, and whether it is an array.
    pub fn children(&self) -> Vec<(&str, bool)> {
        let below =
            self.documents.iter().filter_map(|(key, document)| Some((key.strip_prefix(&self.prefix)?, document)));
        let children = below.filter_map(|(key, document)| match self.format {
            Format::V3 => Some((key, document.get("node_type").and_then(Value::as_str) == Some("array"))),
            Format::V2 => match key.rsplit_once('/')? {
                (path, ".zarray") => Some((path, true)),
                (path, ".zgroup") => Some((path, false)),
                _ => None,
            },
        });
        children.filter(|(path, _)| !path.contains('/')).collect()
    }

    fn node_v3(&self, path: &str) -> Result<Option<NodeMetadata>> {
        self.document(path)?.map(|document| v3::parse(document).map_err(|error| error.about(path))).transpose()
    }

    fn node_v2(&self, path: &str) -> Result<Option<NodeMetadata>> {
        let [array, group, attributes] = [".zarray", ".zgroup", ".zattrs"].map(|name| format!("{path}/{name}"));
        let attributes = self.document(&attributes)?.cloned().unwrap_or_default();
        if let Some(document) = self.document(&array)? {
            let metadata = v2::parse_array(document, attributes).map_err(|error| error.about(&array))?;
            return Ok(Some(NodeMetadata::Array(Box::new(metadata))));
        }
        let Some(document) = self.document(&group)? else { return Ok(None) };
        let metadata = v2::parse_group(document, attributes).map_err(|error| error.about(&group))?;
        Ok(Some(NodeMetadata::Group(metadata)))
    }

    fn document(&self, name: &str) -> Result<Option<&Map<String, Value>>> {
        match self.documents.get(name) {
            None => Ok(None),
            Some(Value::Object(document)) => Ok(Some(document)),
            Some(other) => {
                Err(Error::invalid_metadata(format!("{name} is {other}, expected an object", other = Text(other))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use serde_json::json;

    fn array_v3() -> Value {
        json!({"zarr_format": 3, "node_type": "array", "shape": [4], "data_type": "int64", "codecs": ["bytes"],
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [2]}}, "chunk_key_encoding": "default",
            "fill_value": 9_007_199_254_740_993_i64})
    }

    fn v3(documents: Value) -> ConsolidatedMetadata {
        let member = json!({"kind": "inline", "must_understand": false, "metadata": documents});
        ConsolidatedMetadata::parse_v3(member, "g/zarr.json").unwrap().unwrap()
    }

    fn v2(documents: Value) -> ConsolidatedMetadata {
        let document = json!({"zarr_consolidated_format": 1, "metadata": documents});
        ConsolidatedMetadata::parse_v2(document.as_object().unwrap().clone(), "g/.zmetadata").unwrap()
    }

    fn group(consolidated: &ConsolidatedMetadata, path: &str) -> super::super::GroupMetadata {
        match consolidated.node(path).unwrap() {
            Some(NodeMetadata::Group(group)) => group,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_group_of_v3_has_its_part_of_the_documents() {
        let documents = v3(json!({"a": {"zarr_format": 3, "node_type": "group", "attributes": {"n": 1}},
            "a/b": {"zarr_format": 3, "node_type": "group"}, "a/b/c": array_v3()}));
        let a = group(&documents, "a");
        assert_eq!(a.attributes["n"], 1);
        let a = a.consolidated.unwrap();
        assert!(matches!(a.node("b/c").unwrap(), Some(NodeMetadata::Array(_))));
        let b = group(&a, "b").consolidated.unwrap();
        let Some(NodeMetadata::Array(c)) = b.node("c").unwrap() else { panic!("not an array") };
        assert_eq!(c.fill_value.unwrap(), 9_007_199_254_740_993_i64.to_le_bytes());
        assert!(b.node("a").unwrap().is_none());
        assert!(b.node("d").unwrap().is_none());
        assert_eq!(documents.children(), [("a", false)]);
        assert_eq!(b.children(), [("c", true)]);
    }

    #[test]
    fn a_node_of_v2_is_made_of_its_documents() {
        let array = json!({"zarr_format": 2, "shape": [4], "chunks": [2], "dtype": "<i8", "compressor": null,
            "filters": null, "fill_value": 9_007_199_254_740_993_i64, "order": "C"});
        let documents =
            v2(json!({".zgroup": {"zarr_format": 2}, "a/.zgroup": {"zarr_format": 2}, "a/b/.zarray": array,
            "a/b/.zattrs": {"units": "K"}, "c/.zattrs": {}}));
        let a = group(&documents, "a");
        assert_eq!(a.attributes, Map::new());
        let Some(NodeMetadata::Array(b)) = a.consolidated.unwrap().node("b").unwrap() else { panic!("not an array") };
        assert_eq!(b.fill_value.unwrap(), 9_007_199_254_740_993_i64.to_le_bytes());
        assert_eq!(b.attributes["units"], "K");
        assert!(documents.node("c").unwrap().is_none());
        assert!(documents.node("b").unwrap().is_none());
        assert_eq!(documents.children(), [("a", false)]);
        assert_eq!(group(&documents, "a").consolidated.unwrap().children(), [("b", true)]);
        let siblings = v2(json!({"a/.zgroup": {}, "a.b/.zarray": {}, "a/c/.zarray": {}, "Z/.zattrs": {}}));
        assert_eq!(siblings.children(), [("a.b", true), ("a", false)]);
    }

    #[test]
    fn a_document_inside_is_as_strict_as_one_of_its_own() {
        let mut unknown = array_v3();
        unknown["extra"] = json!(1);
        let documents = v3(json!({"a": unknown, "b": 7, "c": {"zarr_format": 2, "shape": []}}));
        let refused = |path| documents.node(path).unwrap_err();
        for (path, code, message) in [
            ("a", ErrorCode::Unsupported, "a: unknown member \"extra\", which does not say \"must_understand\": false"),
            ("b", ErrorCode::InvalidMetadata, "b is 7, expected an object"),
            ("c", ErrorCode::Unsupported, "c: zarr_format is 2 in a zarr.json, expected 3"),
        ] {
            let error = refused(path);
            assert_eq!((error.code(), error.message()), (code, message));
            assert_eq!(error.place().key.as_deref(), Some("g/zarr.json"));
        }
        let documents = v2(json!({"a/.zarray": {"zarr_format": 2}, "b/.zgroup": {}, "c/.zgroup": [], "c/.zattrs": 1}));
        for (path, message) in [
            ("a", "a/.zarray: the required member shape is missing"),
            ("b", "b/.zgroup: the required member zarr_format is missing"),
            ("c", "c/.zattrs is 1, expected an object"),
        ] {
            assert_eq!(documents.node(path).unwrap_err().message(), message);
        }
    }

    #[test]
    fn what_is_not_understood_is_ignored_only_where_it_says_that_it_may_be() {
        let parse = |member: Value| ConsolidatedMetadata::parse_v3(member, "zarr.json");
        assert!(parse(Value::Null).unwrap().is_none());
        assert!(parse(json!({"kind": "inline", "metadata": {}})).unwrap().is_some());
        for member in [
            json!({"kind": "parquet", "metadata": {}}),
            json!({"metadata": {}}),
            json!({"kind": "inline"}),
            json!({"kind": "inline", "metadata": [1]}),
            json!({"kind": "inline", "metadata": {"a/../b": {}}}),
            json!({"kind": "inline", "metadata": {"": {}}}),
            json!({"kind": "inline", "metadata": {"/a": {}}}),
            json!({"kind": "inline", "metadata": {"a//b": {}}}),
        ] {
            let error = parse(member.clone()).unwrap_err();
            assert_eq!(error.code(), ErrorCode::Unsupported, "{member}");
            assert!(error.message().starts_with("consolidated_metadata is not understood: {"), "{error}");
            let mut tolerant = member.clone();
            tolerant["must_understand"] = false.into();
            assert!(parse(tolerant).unwrap().is_none(), "{member}");
        }
        assert!(parse(json!("inline")).is_err());
    }

    #[test]
    fn a_zmetadata_that_is_not_understood_is_ignored() {
        let parse =
            |document: Value| ConsolidatedMetadata::parse_v2(document.as_object().unwrap().clone(), ".zmetadata");
        for document in [
            json!({"metadata": {}}),
            json!({"zarr_consolidated_format": 2, "metadata": {}}),
            json!({"zarr_consolidated_format": 1}),
            json!({"zarr_consolidated_format": 1, "metadata": []}),
            json!({"zarr_consolidated_format": 1, "metadata": {"../a/.zarray": {}}}),
            json!({"zarr_consolidated_format": 1, "metadata": {"a//.zarray": {}}}),
        ] {
            assert!(parse(document.clone()).is_none(), "{document}");
        }
    }
}
