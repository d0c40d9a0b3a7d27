//! Finding a node: which of the metadata documents are there, and what they say.
//!
//! The candidates of both formats are asked for at once, one round trip, but for one: a document that most nodes do not need
//! is asked for only if there is no node without it. A `zarr.json` wins; else `.zarray` or `.zgroup`, with the attributes of
//! `.zattrs`. Of a group, consolidated metadata are kept: most nodes below it can be opened without a request. Those of v2
//! repeat the `.zgroup` beside them.

use futures::StreamExt;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::json::taken;
use crate::metadata::{ConsolidatedMetadata, GroupMetadata, NodeMetadata, parse_document, v2, v3};
use crate::store::{Request, Store, StoredBytes};

const DOCUMENTS: [&str; 5] = ["zarr.json", ".zarray", ".zgroup", ".zattrs", ".zmetadata"];
const ZARR_JSON: usize = 0;
const ZARRAY: usize = 1;
const ZGROUP: usize = 2;
const ZATTRS: usize = 3;
const ZMETADATA: usize = 4;

const CONSOLIDATED_MEMBER: &str = "consolidated_metadata";

/// Which kind of node is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Any,
    /// Groups are found as well, but without the consolidated metadata of v2, which stand in a document of their own.
    Array,
    /// Arrays are found as well.
    Group,
}

impl Wanted {
    /// The documents to ask for, and the one to ask for if they have no node.
    fn documents(self) -> (&'static [usize], usize) {
        match self {
            Self::Any => (&[ZARR_JSON, ZARRAY, ZATTRS, ZMETADATA], ZGROUP),
            Self::Array => (&[ZARR_JSON, ZARRAY, ZATTRS], ZGROUP),
            Self::Group => (&[ZARR_JSON, ZGROUP, ZATTRS, ZMETADATA], ZARRAY),
        }
    }
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
    let (first, last) = wanted.documents();
    let mut found: Documents = [const { Ok(None) }; 5];
    fetch(store, path, first, &mut found).await;
    let opened = match interpret(path, &found) {
        Ok(Some(node)) => Ok(Some(node)),
        Err(error) if !may_be_missing(&error) => Err(error),
        _ => {
            fetch(store, path, &[last], &mut found).await;
            interpret(path, &found)
        }
    };
    let nothing = || Error::not_found("there is no array or group: none of zarr.json, .zarray and .zgroup exists");
    opened.and_then(|node| node.ok_or_else(nothing)).map_err(|error| error.at_path(&format!("/{path}")))
}

async fn fetch(store: &impl Store, path: &str, documents: &[usize], found: &mut Documents) {
    let requests = documents.iter().map(|&at| (at, Request::whole(key(path, at))));
    let mut replies = std::pin::pin!(store.get_many(requests));
    while let Some((at, outcome)) = replies.next().await {
        let bytes = outcome.map(|reply| reply.map(|reply| reply.bytes.to_vec()));
        found[at] = bytes.map_err(|error| error.at_key(&key(path, at)));
    }
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

/// What came of each document; nothing of one that was not asked for.
type Documents = [Result<Option<Vec<u8>>>; 5];

/// The bytes of a document.
fn bytes_of(found: &Documents, at: usize) -> Result<Option<&[u8]>> {
    found[at].as_ref().map(Option::as_deref).map_err(Error::clone)
}

/// The node that the documents are of; `None` if they are of none.
fn interpret(path: &str, found: &Documents) -> Result<Option<NodeMetadata>> {
    let is_v2 = [ZARRAY, ZGROUP].iter().any(|&at| matches!(found[at], Ok(Some(_))));
    match bytes_of(found, ZARR_JSON) {
        Ok(None) => {}
        Ok(Some(bytes)) => return v3_node(path, bytes).map(Some).map_err(|error| error.at_key(&key(path, ZARR_JSON))),
        Err(error) if is_v2 && may_be_missing(&error) => {}
        Err(error) => return Err(error),
    }
    if let Some(bytes) = bytes_of(found, ZARRAY)? {
        let attributes = attributes(path, found)?;
        let array = parse(path, ZARRAY, bytes, |document| v2::parse_array(document, attributes))?;
        return Ok(Some(NodeMetadata::Array(Box::new(array))));
    }
    let zgroup = bytes_of(found, ZGROUP)?;
    let consolidated = match consolidated_v2(path, found) {
        Err(_) if zgroup.is_none() => None,
        consolidated => consolidated?,
    };
    let repeated = |at: usize| consolidated.as_ref().and_then(|consolidated| consolidated.own_document(DOCUMENTS[at]));
    let group = match (zgroup, repeated(ZGROUP)) {
        (Some(bytes), _) => {
            let attributes = attributes(path, found)?;
            parse(path, ZGROUP, bytes, |document| v2::parse_group(document, attributes))?
        }
        (None, Some(document)) => {
            let attributes = match (&found[ZATTRS], repeated(ZATTRS)) {
                (Ok(None), Some(repeated)) => repeated.clone(),
                _ => attributes(path, found)?,
            };
            v2::parse_group(document, attributes).map_err(|error| error.at_key(&key(path, ZMETADATA)))?
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(NodeMetadata::Group(GroupMetadata { consolidated, ..group })))
}

/// A bucket that may not be listed answers 403 for what it does not have: no reason to refuse a v2 node.
fn may_be_missing(error: &Error) -> bool {
    error.place().status == Some(403)
}

fn v3_node(path: &str, bytes: &[u8]) -> Result<NodeMetadata> {
    let document = parse_document(bytes)?;
    // Left where it is, it would be a member that an array cannot have.
    let is_group = document.get("node_type").and_then(Value::as_str) == Some("group");
    let (document, consolidated) = if is_group { taken(document, CONSOLIDATED_MEMBER) } else { (document, None) };
    let mut node = v3::parse(&document)?;
    if let (NodeMetadata::Group(group), Some(member)) = (&mut node, consolidated) {
        group.consolidated = ConsolidatedMetadata::parse_v3(member, &key(path, ZARR_JSON))?;
    }
    Ok(node)
}

/// Whatever is wrong with a `.zmetadata`, the documents that it repeats are there.
fn consolidated_v2(path: &str, found: &Documents) -> Result<Option<ConsolidatedMetadata>> {
    match bytes_of(found, ZMETADATA) {
        Ok(bytes) => {
            let document = bytes.and_then(|bytes| parse_document(bytes).ok());
            Ok(document.and_then(|document| ConsolidatedMetadata::parse_v2(document, &key(path, ZMETADATA))))
        }
        Err(error) if may_be_missing(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn attributes(path: &str, found: &Documents) -> Result<Map<String, Value>> {
    match bytes_of(found, ZATTRS)? {
        None => Ok(Map::new()),
        Some(bytes) => parse(path, ZATTRS, bytes, |document| Ok(document.clone())),
    }
}

fn parse<T>(path: &str, at: usize, bytes: &[u8], read: impl FnOnce(&Map<String, Value>) -> Result<T>) -> Result<T> {
    parse_document(bytes).and_then(|document| read(&document)).map_err(|error| error.at_key(&key(path, at)))
}

fn key(path: &str, at: usize) -> String {
    join(path, DOCUMENTS[at])
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

    const V3_GROUP: &str = r#"{"zarr_format": 3, "node_type": "group"}"#;

    /// The names of the documents that opening `a` asks for, and how many of them at once.
    fn asked(documents: &[(&str, &str)], wanted: Wanted) -> (Vec<String>, usize) {
        let scripted = ScriptedStore::new(store(documents), |_| Script { turns: 3, fault: None });
        block_on(open_wanted(&scripted, "a", wanted)).unwrap();
        let names = scripted.requests().into_iter().map(|request| request.key["a/".len()..].to_owned());
        (names.collect(), scripted.max_in_flight())
    }

    #[test]
    fn a_node_is_found_in_one_round_trip_of_at_most_four_requests() {
        let zmetadata = r#"{"zarr_consolidated_format": 1, "metadata": {".zgroup": {"zarr_format": 2}}}"#;
        let any: &[&str] = &["zarr.json", ".zarray", ".zattrs", ".zmetadata"];
        let array: &[&str] = &["zarr.json", ".zarray", ".zattrs"];
        let group: &[&str] = &["zarr.json", ".zgroup", ".zattrs", ".zmetadata"];
        for (document, wanted, expected) in [
            (("a/zarr.json", V3_GROUP), Wanted::Any, any),
            (("a/zarr.json", V3_GROUP), Wanted::Array, array),
            (("a/zarr.json", V3_GROUP), Wanted::Group, group),
            (("a/.zarray", ZARRAY), Wanted::Any, any),
            (("a/.zarray", ZARRAY), Wanted::Array, array),
            (("a/.zmetadata", zmetadata), Wanted::Any, any),
            (("a/.zgroup", r#"{"zarr_format": 2}"#), Wanted::Group, group),
        ] {
            assert_eq!(
                asked(&[document], wanted),
                (expected.iter().map(|&name| name.into()).collect(), expected.len())
            );
        }
    }

    #[test]
    fn a_document_that_most_nodes_do_not_need_is_asked_for_if_nothing_else_is_there() {
        for (document, wanted, last) in [
            (("a/.zgroup", r#"{"zarr_format": 2}"#), Wanted::Any, ".zgroup"),
            (("a/.zgroup", r#"{"zarr_format": 2}"#), Wanted::Array, ".zgroup"),
            (("a/.zarray", ZARRAY), Wanted::Group, ".zarray"),
        ] {
            let (names, _) = asked(&[document, ("a/.zmetadata", "{}")], wanted);
            assert_eq!(names[wanted.documents().0.len()..], [last]);
        }
    }

    #[test]
    fn a_group_that_only_its_zmetadata_tell_of_has_their_attributes_unless_it_has_some_of_its_own() {
        let zmetadata = r#"{"zarr_consolidated_format": 1,
            "metadata": {".zgroup": {"zarr_format": 2}, ".zattrs": {"from": "zmetadata"}, "b/.zgroup": {"zarr_format": 2}}}"#;
        for (zattrs, from) in [(None, "zmetadata"), (Some((".zattrs", r#"{"from": "zattrs"}"#)), "zattrs")] {
            let documents: Vec<_> = zattrs.into_iter().chain([(".zmetadata", zmetadata)]).collect();
            let Ok(NodeMetadata::Group(group)) = block_on(open(&store(&documents), "")) else { panic!("no group") };
            assert_eq!((&group.attributes["from"], group.zarr_format), (&Value::from(from), 2));
            assert_eq!(group.consolidated.unwrap().children(), [("b", false)]);
        }
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
        let group = V3_GROUP;
        let root = format!(
            r#"{{"zarr_format": 3, "node_type": "group",
                "consolidated_metadata": {{"kind": "inline", "must_understand": false, "metadata": {{"a": {group}}}}}}}"#
        );
        let v3 = [("g/zarr.json", root.as_str()), ("g/later/zarr.json", group)];
        for documents in [&v2[..], &v3] {
            assert!(matches!(member(documents, "a"), (Ok(_), 0)));
            assert!(matches!(member(documents, "later"), (Ok(_), 4)));
            let (error, requests) = member(documents, "nowhere");
            assert_eq!((error.unwrap_err().code(), requests), (ErrorCode::NotFound, 5));
        }
    }

    #[test]
    fn the_store_is_asked_where_a_zmetadata_is_broken() {
        for broken in ["", "<html>", "[]", r#"{"metadata": {"a/.zarray": 1}}"#] {
            let documents = [ZGROUP, ("g/.zmetadata", broken), ("g/a/.zarray", ZARRAY)];
            assert!(matches!(member(&documents, "a"), (Ok(NodeMetadata::Array(_)), 4)), "{broken}");
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
        let both = store(&[("zarr.json", V3_GROUP), (".zarray", ZARRAY)]);
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
