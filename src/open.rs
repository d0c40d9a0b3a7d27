//! Finding a node: which of the metadata documents are there, and what they say.
//!
//! All candidates of both formats are asked for at once, one round trip. A `zarr.json` wins; else `.zarray` or `.zgroup`,
//! with the attributes of `.zattrs`. Of a group, consolidated metadata are kept: most nodes below it can be opened without
//! a request.

use futures::StreamExt;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::metadata::{ConsolidatedMetadata, GroupMetadata, NodeMetadata, parse_document, v2, v3};
use crate::store::{Request, Store, StoredBytes};

const DOCUMENTS: [&str; 5] = ["zarr.json", ".zarray", ".zgroup", ".zattrs", ".zmetadata"];

const CONSOLIDATED_MEMBER: &str = "consolidated_metadata";

/// Which kind of node is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Any,
    /// Groups are found as well, but without the consolidated metadata of v2, which stand in a document of their own.
    Array,
}

/// Reads the metadata of the node at `path`.
///
/// # Errors
/// `not-found` where there is no node; `invalid-metadata` and `unsupported` as its documents deserve; `store`.
pub async fn open(store: &impl Store, path: &str) -> Result<NodeMetadata> {
    open_wanted(store, path, Wanted::Any).await
}

/// As [`open`], asking for nothing that is not of use.
pub async fn open_wanted(store: &impl Store, path: &str, wanted: Wanted) -> Result<NodeMetadata> {
    let count = if wanted == Wanted::Array { DOCUMENTS.len() - 1 } else { DOCUMENTS.len() };
    let requests = DOCUMENTS[..count].iter().enumerate().map(|(i, name)| (i, Request::whole(join(path, name))));
    let mut found: [Document; 5] = [const { Ok(None) }; 5];
    let mut replies = std::pin::pin!(store.get_many(requests));
    while let Some((i, outcome)) = replies.next().await {
        let key = join(path, DOCUMENTS[i]);
        found[i] = outcome.map(|reply| reply.map(|reply| reply.bytes.to_vec())).map_err(|error| error.at_key(&key));
    }
    interpret(path, found).map_err(|error| error.at_path(&format!("/{path}")))
}

/// Reads the metadata of the node at `path` below a group: from its consolidated metadata, if it is there.
///
/// # Errors
/// As [`open`].
pub async fn open_member(
    store: &impl Store,
    group_path: &str,
    group: &GroupMetadata,
    path: &str,
    wanted: Wanted,
) -> Result<NodeMetadata> {
    let whole_path = join(group_path, path);
    let known = group.consolidated.as_ref().map_or(Ok(None), |consolidated| consolidated.node(path));
    match known.map_err(|error| error.at_path(&format!("/{whole_path}")))? {
        Some(node) => Ok(node),
        None => open_wanted(store, &whole_path, wanted).await,
    }
}

type Document = Result<Option<Vec<u8>>>;

fn interpret(path: &str, [zarr_json, zarray, zgroup, zattrs, zmetadata]: [Document; 5]) -> Result<NodeMetadata> {
    let is_v2 = matches!(zarray, Ok(Some(_))) || matches!(zgroup, Ok(Some(_)));
    match zarr_json {
        Ok(None) => {}
        Ok(Some(bytes)) => return v3_node(path, &bytes).map_err(|error| error.at_key(&join(path, DOCUMENTS[0]))),
        Err(error) if is_v2 && may_be_missing(&error) => {}
        Err(error) => return Err(error),
    }
    if let Some(bytes) = zarray? {
        let attributes = attributes(path, zattrs)?;
        let array = parse(path, DOCUMENTS[1], &bytes, |document| v2::parse_array(document, attributes))?;
        return Ok(NodeMetadata::Array(Box::new(array)));
    }
    if let Some(bytes) = zgroup? {
        let attributes = attributes(path, zattrs)?;
        let mut group = parse(path, DOCUMENTS[2], &bytes, |document| v2::parse_group(document, attributes))?;
        group.consolidated = consolidated_v2(path, zmetadata)?;
        return Ok(NodeMetadata::Group(group));
    }
    Err(Error::not_found("there is no array or group: none of zarr.json, .zarray and .zgroup exists"))
}

/// A bucket that may not be listed answers 403 for what it does not have: no reason to refuse a v2 node.
fn may_be_missing(error: &Error) -> bool {
    error.place().status == Some(403)
}

fn v3_node(path: &str, bytes: &[u8]) -> Result<NodeMetadata> {
    let mut document = parse_document(bytes)?;
    // Left where it is, it would be a member that an array cannot have.
    let is_group = document.get("node_type").and_then(Value::as_str) == Some("group");
    let consolidated = if is_group { document.remove(CONSOLIDATED_MEMBER) } else { None };
    let mut node = v3::parse(&document)?;
    if let (NodeMetadata::Group(group), Some(member)) = (&mut node, consolidated) {
        group.consolidated = ConsolidatedMetadata::parse_v3(member, &join(path, DOCUMENTS[0]))?;
    }
    Ok(node)
}

/// Whatever is wrong with a `.zmetadata`, the documents that it repeats are there.
fn consolidated_v2(path: &str, document: Document) -> Result<Option<ConsolidatedMetadata>> {
    match document {
        Ok(None) => Ok(None),
        Ok(Some(bytes)) => {
            let document = parse_document(&bytes).ok();
            Ok(document.and_then(|document| ConsolidatedMetadata::parse_v2(document, &join(path, DOCUMENTS[4]))))
        }
        Err(error) if may_be_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn attributes(path: &str, document: Document) -> Result<Map<String, Value>> {
    match document? {
        None => Ok(Map::new()),
        Some(bytes) => parse(path, DOCUMENTS[3], &bytes, |document| Ok(document.clone())),
    }
}

fn parse<T>(path: &str, name: &str, bytes: &[u8], read: impl FnOnce(&Map<String, Value>) -> Result<T>) -> Result<T> {
    parse_document(bytes).and_then(|document| read(&document)).map_err(|error| error.at_key(&join(path, name)))
}

/// The key of `name` below a node; either may be empty.
pub fn join(path: &str, name: &str) -> String {
    let slash = if path.is_empty() || name.is_empty() { "" } else { "/" };
    format!("{path}{slash}{name}")
}

/// A path in its one normal form: no slash at either end, no empty segments (Zarr v2 specification, "Logical storage
/// paths").
///
/// # Errors
/// `invalid-argument` for a segment `.` or `..`: no path leads out of its store.
pub fn normalise(path: &str) -> Result<String> {
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    if segments.iter().any(|segment| matches!(*segment, "." | "..")) {
        return Err(Error::invalid_argument(format!("the path {path:?} has a segment \".\" or \"..\"")));
    }
    Ok(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::store::{MemoryStore, Script, ScriptedStore};
    use futures::executor::block_on;

    const ZARRAY: &str = r#"{"zarr_format": 2, "shape": [4], "chunks": [2], "dtype": "|u1", "compressor": null,
        "filters": null, "fill_value": 0, "order": "C"}"#;

    fn store(documents: &[(&str, &str)]) -> MemoryStore {
        let mut store = MemoryStore::default();
        documents.iter().for_each(|(key, text)| store.insert(*key, text.as_bytes()));
        store
    }

    #[test]
    fn all_documents_are_asked_for_in_one_round_trip() {
        let scripted = ScriptedStore::new(store(&[("a/.zarray", ZARRAY)]), |_| Script { turns: 3, fault: None });
        assert!(matches!(block_on(open(&scripted, "a")), Ok(NodeMetadata::Array(_))));
        assert_eq!((scripted.requests().len(), scripted.max_in_flight()), (5, 5));
        assert!(matches!(block_on(open_wanted(&scripted, "a", Wanted::Array)), Ok(NodeMetadata::Array(_))));
        assert_eq!(
            scripted.requests()[5..],
            ["zarr.json", ".zarray", ".zgroup", ".zattrs"].map(|name| Request::whole(join("a", name)))
        );
    }

    /// The group at `g` of a store, what is there at a path below it, and how many requests that took.
    fn member(documents: &[(&str, &str)], path: &str) -> (Result<NodeMetadata>, usize) {
        let scripted = ScriptedStore::new(store(documents), |_| Script::default());
        let Ok(NodeMetadata::Group(group)) = block_on(open(&scripted, "g")) else { panic!("no group") };
        let before = scripted.requests().len();
        let member = block_on(open_member(&scripted, "g", &group, path, Wanted::Any));
        (member, scripted.requests().len() - before)
    }

    const ZGROUP: (&str, &str) = ("g/.zgroup", r#"{"zarr_format": 2}"#);

    #[test]
    fn a_member_in_consolidated_metadata_takes_no_request_and_one_that_came_later_does() {
        let zmetadata = format!(r#"{{"zarr_consolidated_format": 1, "metadata": {{"a/.zarray": {ZARRAY}}}}}"#);
        let v2 = [ZGROUP, ("g/.zmetadata", &zmetadata), ("g/later/.zarray", ZARRAY)];
        let group = r#"{"zarr_format": 3, "node_type": "group"}"#;
        let root = format!(
            r#"{{"zarr_format": 3, "node_type": "group",
                "consolidated_metadata": {{"kind": "inline", "must_understand": false, "metadata": {{"a": {group}}}}}}}"#
        );
        let v3 = [("g/zarr.json", root.as_str()), ("g/later/zarr.json", group)];
        for documents in [&v2[..], &v3] {
            assert!(matches!(member(documents, "a"), (Ok(_), 0)));
            assert!(matches!(member(documents, "later"), (Ok(_), 5)));
            let (error, requests) = member(documents, "nowhere");
            assert_eq!((error.unwrap_err().code(), requests), (ErrorCode::NotFound, 5));
        }
    }

    #[test]
    fn the_store_is_asked_where_a_zmetadata_is_broken() {
        for broken in ["", "<html>", "[]", r#"{"metadata": {"a/.zarray": 1}}"#] {
            let documents = [ZGROUP, ("g/.zmetadata", broken), ("g/a/.zarray", ZARRAY)];
            assert!(matches!(member(&documents, "a"), (Ok(NodeMetadata::Array(_)), 5)), "{broken}");
        }
    }

    #[test]
    fn a_zmetadata_that_fails_is_a_failure_unless_it_may_be_missing() {
        let failing = |status| {
            ScriptedStore::new(store(&[ZGROUP]), move |request| Script {
                turns: 0,
                fault: (request.key == "g/.zmetadata").then(|| Error::store("no").with_status(status)),
            })
        };
        assert!(block_on(open(&failing(403), "g")).is_ok());
        let error = block_on(open(&failing(500), "g")).unwrap_err();
        assert_eq!(error.place().key.as_deref(), Some("g/.zmetadata"));
    }

    #[test]
    fn a_broken_document_inside_of_another_names_both() {
        let root = r#"{"zarr_format": 3, "node_type": "group",
            "consolidated_metadata": {"kind": "inline", "metadata": {"a/b": {"zarr_format": 3}}}}"#;
        let error = member(&[("g/zarr.json", root)], "a/b").0.unwrap_err();
        let expected = "/g/a/b: g/zarr.json: a/b: the required member node_type is missing";
        assert_eq!((error.code(), error.to_string().as_str()), (ErrorCode::InvalidMetadata, expected));
    }

    #[test]
    fn an_array_has_no_consolidated_metadata() {
        let array = r#"{"zarr_format": 3, "node_type": "array", "consolidated_metadata": {}}"#;
        let error = block_on(open(&store(&[("zarr.json", array)]), "")).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Unsupported);
    }

    #[test]
    fn v3_wins_over_v2_and_attributes_come_from_zattrs() {
        let group = r#"{"zarr_format": 3, "node_type": "group"}"#;
        let both = store(&[("zarr.json", group), (".zarray", ZARRAY)]);
        assert!(matches!(block_on(open(&both, "")), Ok(NodeMetadata::Group(group)) if group.zarr_format == 3));
        let v2 = store(&[(".zarray", ZARRAY), (".zattrs", r#"{"units": "K"}"#)]);
        assert!(matches!(block_on(open(&v2, "")), Ok(NodeMetadata::Array(array)) if array.attributes["units"] == "K"));
    }

    #[test]
    fn nothing_there_is_not_found_and_a_failure_is_a_failure() {
        assert_eq!(block_on(open(&store(&[]), "a")).unwrap_err().code(), ErrorCode::NotFound);
        let failing = |status: u16, key: &'static str| {
            ScriptedStore::new(store(&[(".zarray", ZARRAY)]), move |request| Script {
                turns: 0,
                fault: (request.key == key).then(|| Error::store("no").with_status(status)),
            })
        };
        assert_eq!(block_on(open(&failing(500, "zarr.json"), "")).unwrap_err().code(), ErrorCode::Store);
        assert!(block_on(open(&failing(403, "zarr.json"), "")).is_ok());
        assert_eq!(block_on(open(&failing(403, ".zattrs"), "")).unwrap_err().place().status, Some(403));
    }

    #[test]
    fn a_broken_document_is_named() {
        let error = block_on(open(&store(&[("a/zarr.json", "<html>")]), "a")).unwrap_err();
        assert_eq!(error.place().key.as_deref(), Some("a/zarr.json"));
        assert_eq!(error.code(), ErrorCode::InvalidMetadata);
    }

    #[test]
    fn paths_have_one_form_and_do_not_lead_out() {
        assert_eq!(normalise("/a//b/").unwrap(), "a/b");
        assert_eq!(normalise("").unwrap(), "");
        assert_eq!(normalise("a b#?%41").unwrap(), "a b#?%41");
        assert!(normalise("a/../b").is_err());
        assert!(normalise("./a").is_err());
    }
}
