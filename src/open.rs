//! Finding a node: which of the metadata documents are there, and what they say.
//!
//! All candidates of both formats are asked for at once, one round trip. A `zarr.json` wins; else `.zarray` or `.zgroup`,
//! with the attributes of `.zattrs`.

use futures::StreamExt;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::metadata::{NodeMetadata, parse_document, v2, v3};
use crate::store::{Request, Store, StoredBytes};

const DOCUMENTS: [&str; 4] = ["zarr.json", ".zarray", ".zgroup", ".zattrs"];

/// Reads the metadata of the node at `path`.
///
/// # Errors
/// `not-found` where there is no node; `invalid-metadata` and `unsupported` as its documents deserve; `store`.
pub async fn open(store: &impl Store, path: &str) -> Result<NodeMetadata> {
    let requests = DOCUMENTS.iter().enumerate().map(|(i, name)| (i, Request::whole(join(path, name))));
    let mut found: [Document; 4] = [const { Ok(None) }; 4];
    let mut replies = std::pin::pin!(store.get_many(requests));
    while let Some((i, outcome)) = replies.next().await {
        let key = join(path, DOCUMENTS[i]);
        found[i] = outcome.map(|reply| reply.map(|reply| reply.bytes.to_vec())).map_err(|error| error.at_key(&key));
    }
    let [zarr_json, zarray, zgroup, zattrs] = found;
    interpret(path, zarr_json, zarray, zgroup, zattrs).map_err(|error| error.at_path(&format!("/{path}")))
}

type Document = Result<Option<Vec<u8>>>;

fn interpret(
    path: &str,
    zarr_json: Document,
    zarray: Document,
    zgroup: Document,
    zattrs: Document,
) -> Result<NodeMetadata> {
    let is_v2 = matches!(zarray, Ok(Some(_))) || matches!(zgroup, Ok(Some(_)));
    match zarr_json {
        Ok(None) => {}
        Ok(Some(bytes)) => return parse(path, DOCUMENTS[0], &bytes, v3::parse),
        // A bucket that may not be listed answers 403 for what it does not have: no reason to refuse the v2 node.
        Err(error) if error.place().status == Some(403) && is_v2 => {}
        Err(error) => return Err(error),
    }
    if let Some(bytes) = zarray? {
        let attributes = attributes(path, zattrs)?;
        let array = parse(path, DOCUMENTS[1], &bytes, |document| v2::parse_array(document, attributes))?;
        return Ok(NodeMetadata::Array(Box::new(array)));
    }
    if let Some(bytes) = zgroup? {
        let attributes = attributes(path, zattrs)?;
        return parse(path, DOCUMENTS[2], &bytes, |document| v2::parse_group(document, attributes))
            .map(NodeMetadata::Group);
    }
    Err(Error::not_found("there is no array or group: none of zarr.json, .zarray and .zgroup exists"))
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

/// The key of `name` below a node.
pub fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
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
        assert_eq!((scripted.requests().len(), scripted.max_in_flight()), (4, 4));
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
