//! Documents with one thing wrong in them.

use zarr_wasm::Error;
use zarr_wasm::open::{Wanted, open_member};

use super::*;
use crate::document_mutations::damage_document;
use crate::random::Random;

/// What opening a store with this one document says.
fn open_bytes(name: &str, bytes: &[u8]) -> Result<NodeMetadata, Failure> {
    let mut store = MemoryStore::default();
    store.insert(name, bytes);
    block_on(open(&store, "")).map_err(|error| (error.code(), error.message().to_owned()))
}

fn without(document: &Value, member: &str) -> Value {
    let mut document = document.clone();
    document.as_object_mut().unwrap().remove(member);
    document
}

fn v2_document(changes: Value) -> Value {
    let mut document = json!({"zarr_format": 2, "shape": [8], "chunks": [8], "dtype": "|u1", "compressor": null,
        "filters": null, "fill_value": 0, "order": "C"});
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

#[test]
fn every_required_member_of_both_formats_is_required() {
    for (name, document, optional) in [
        ("zarr.json", document(json!({})), &[][..]),
        (".zarray", v2_document(json!({"dimension_separator": "/"})), &["dimension_separator"]),
        (".zgroup", json!({"zarr_format": 2}), &[]),
        ("zarr.json", json!({"zarr_format": 3, "node_type": "group", "attributes": {}}), &["attributes"]),
    ] {
        for member in document.as_object().unwrap().keys() {
            let outcome = open_bytes(name, without(&document, member).to_string().as_bytes());
            if optional.contains(&member.as_str()) {
                assert!(outcome.is_ok(), "{name} without {member}");
            } else {
                let message = format!("the required member {member} is missing");
                assert_eq!(outcome.unwrap_err(), (ErrorCode::InvalidMetadata, message), "{name}");
            }
        }
    }
}

/// One value of each kind of JSON.
fn kinds() -> [Value; 7] {
    [json!(null), json!(true), json!(1), json!(-1.5), json!("text"), json!([[]]), json!({"a": 1})]
}

#[test]
fn a_member_of_another_json_type_is_refused_by_name() {
    let refused = |name: &str, document: &Value, member: &str, good: &[&str]| {
        for value in kinds().into_iter().filter(|value| !good.contains(&value.to_string().as_str())) {
            let mut changed = document.clone();
            changed[member] = value.clone();
            let (code, message) = open_bytes(name, changed.to_string().as_bytes()).unwrap_err();
            let has_code = matches!(code, ErrorCode::InvalidMetadata | ErrorCode::Unsupported);
            assert!(has_code && message.contains(member), "{member} {value}: {message}");
        }
    };
    // An unknown name is told by itself.
    let names = "\"text\"";
    let array = document(json!({}));
    for (member, good) in [
        ("zarr_format", ""),
        ("node_type", ""),
        ("shape", ""),
        ("chunk_grid", names),
        ("chunk_key_encoding", names),
        ("fill_value", "1"),
        ("storage_transformers", ""),
        ("dimension_names", ""),
        ("attributes", "{\"a\":1}"),
    ] {
        refused("zarr.json", &array, member, &[good]);
    }
    refused("zarr.json", &json!({"zarr_format": 3, "node_type": "group"}), "attributes", &["{\"a\":1}"]);
    let array = v2_document(json!({}));
    for member in ["zarr_format", "shape", "chunks", "order", "dimension_separator"] {
        refused(".zarray", &array, member, &[]);
    }
    refused(".zarray", &array, "fill_value", &["null", "1"]);
    refused(".zarray", &array, "filters", &["null", "[[]]"]);
    for changes in [json!({"filters": [[]]}), json!({"compressor": 7}), json!({"compressor": {"id": 7}})] {
        let (code, message) = open_bytes(".zarray", v2_document(changes).to_string().as_bytes()).unwrap_err();
        assert_eq!(code, ErrorCode::InvalidMetadata);
        assert!(message.ends_with("is neither a filter nor a compressor: expected an object with an id"), "{message}");
    }
}

#[test]
fn other_formats_and_drafts_are_unsupported() {
    let draft = "https://purl.org/zarr/spec/protocol/core/3.0";
    for format in [json!(1), json!(4), json!(-3), json!("3"), json!(3.5), json!(draft), json!([3])] {
        let message = format!("zarr_format is {format} in a zarr.json, expected 3");
        let refused = open_bytes("zarr.json", document(json!({"zarr_format": format})).to_string().as_bytes());
        assert_eq!(refused.unwrap_err(), (ErrorCode::Unsupported, message));
        let refused = open_bytes(".zarray", v2_document(json!({"zarr_format": format})).to_string().as_bytes());
        assert_eq!(refused.unwrap_err(), (ErrorCode::Unsupported, format!("zarr_format is {format}, expected 2")));
    }
}

#[test]
fn extents_that_are_no_counts_are_refused_in_every_list_of_them() {
    for extent in [json!(-1), json!(8.5), json!(8.0), json!(1e300), json!("8"), json!(null), json!([8])] {
        for changes in [json!({"shape": [extent]}), json!({"chunk_grid": grid(json!([extent]))})] {
            let (code, message) = refused(&document(changes));
            assert_eq!(code, ErrorCode::InvalidMetadata);
            assert!(message.ends_with("expected a list of integers that are not negative"), "{message}");
        }
        for changes in [json!({"shape": [extent]}), json!({"chunks": [extent]})] {
            let refused = open_bytes(".zarray", v2_document(changes).to_string().as_bytes());
            assert_eq!(refused.unwrap_err().0, ErrorCode::InvalidMetadata);
        }
    }
    // One more than the largest number of 64 bits.
    let text = document(json!({})).to_string().replace("\"shape\":[8]", "\"shape\":[18446744073709551616]");
    assert_eq!(open_bytes("zarr.json", text.as_bytes()).unwrap_err().0, ErrorCode::InvalidMetadata);
}

#[test]
fn chunks_of_another_rank_or_without_extent_are_refused() {
    let invalid = |message: &str| failure(ErrorCode::InvalidMetadata, message);
    let rank = |shape: Value| refused(&document(json!({"chunk_grid": grid(shape)})));
    assert_eq!(rank(json!([8, 1])), invalid("zarr.json: chunk_shape: [8, 1] has 2 dimensions, the array 1"));
    assert_eq!(rank(json!([])), invalid("zarr.json: chunk_shape: [] has 0 dimensions, the array 1"));
    assert_eq!(rank(json!([0])), invalid("zarr.json: chunk_shape: [0] has an extent of 0"));
    for chunks in [json!([8, 1]), json!([]), json!([0])] {
        let refused = open_bytes(".zarray", v2_document(json!({"chunks": chunks})).to_string().as_bytes());
        assert_eq!(refused.unwrap_err().0, ErrorCode::InvalidMetadata);
    }
}

#[test]
fn what_is_not_understood_is_refused_even_if_it_says_that_it_need_not_be() {
    let unknown = json!({"name": "spiral", "must_understand": false});
    for (member, value) in [
        ("data_type", unknown.clone()),
        ("chunk_grid", unknown.clone()),
        ("chunk_key_encoding", unknown.clone()),
        ("storage_transformers", json!([unknown])),
    ] {
        let (code, message) = refused(&document(json!({member: value})));
        assert!(code == ErrorCode::Unsupported && message.contains("\"spiral\""), "{message}");
    }
    // Of codecs that have no effect on what is read it makes sense.
    assert!(opened(&document(json!({"codecs": ["bytes", unknown]})), &[]).is_ok());
}

#[test]
fn extensions_are_names_or_objects_with_a_name() {
    let grid = json!({"name": "regular", "configuration": {"chunk_shape": [8]}});
    for (changes, message) in [
        (json!({"chunk_grid": 7}), "zarr.json: chunk_grid: 7 is neither a name nor an object"),
        (json!({"chunk_grid": {}}), "zarr.json: chunk_grid: {} has no name"),
        (json!({"chunk_grid": {"name": 7}}), "zarr.json: chunk_grid: {\"name\":7} has no name"),
        (json!({"chunk_grid": "regular"}), "zarr.json: the required member chunk_shape is missing"),
        (
            json!({"chunk_grid": {"name": "regular", "configuration": [8]}}),
            "zarr.json: chunk_grid: the configuration of regular is [8], expected an object",
        ),
        (
            json!({"chunk_grid": {"name": "regular", "must_understand": "no"}}),
            "zarr.json: chunk_grid: must_understand of regular is \"no\", expected true or false",
        ),
        (json!({"codecs": [7]}), "zarr.json: codecs: 7 is neither a name nor an object"),
        (json!({"codecs": "bytes"}), "zarr.json: codecs is \"bytes\", expected a list"),
        (json!({"storage_transformers": [[]]}), "zarr.json: storage_transformers: [] is neither a name nor an object"),
    ] {
        assert_eq!(refused(&document(changes)), failure(ErrorCode::InvalidMetadata, message));
    }
    assert!(opened(&document(json!({"chunk_grid": grid})), &[]).is_ok());
}

#[test]
fn unknown_members_of_groups_and_arrays_are_refused_unless_they_may_be_ignored() {
    let group = json!({"zarr_format": 3, "node_type": "group"});
    for mut document in [document(json!({})), group] {
        for value in kinds().into_iter().chain([json!({"must_understand": true}), json!({"must_understand": 0})]) {
            document["_extra"] = value.clone();
            let (code, message) = open_bytes("zarr.json", document.to_string().as_bytes()).unwrap_err();
            assert_eq!(code, ErrorCode::Unsupported, "{value}");
            assert_eq!(message, "unknown member \"_extra\", which does not say \"must_understand\": false");
        }
        document["_extra"] = json!({"must_understand": false, "name": "extra"});
        assert!(open_bytes("zarr.json", document.to_string().as_bytes()).is_ok());
    }
    // In v2 anybody may add members.
    assert!(open_bytes(".zarray", v2_document(json!({"_NCZARR_ARRAY": {}})).to_string().as_bytes()).is_ok());
}

#[test]
fn a_document_cut_anywhere_is_an_error() {
    let text = document(json!({})).to_string();
    for len in 0..text.len() {
        assert_eq!(open_bytes("zarr.json", &text.as_bytes()[..len]).unwrap_err().0, ErrorCode::InvalidMetadata);
    }
}

#[test]
fn attributes_of_v2_are_an_object_of_at_most_32_mb() {
    let open_with = |attributes: &[u8]| {
        let mut store = MemoryStore::default();
        store.insert(".zarray", v2_document(json!({})).to_string().into_bytes());
        store.insert(".zattrs", attributes);
        block_on(open(&store, "")).map_err(|error| (error.code(), error.to_string()))
    };
    assert!(open_with(b"{}").is_ok());
    let message = ".zattrs: the document is \"[]\", expected a JSON object";
    assert_eq!(open_with(b"[]").unwrap_err(), failure(ErrorCode::InvalidMetadata, message));
    let message = ".zattrs: the document has 33554433 bytes, at most 33554432 are read";
    assert_eq!(open_with(&[b' '; (32 << 20) + 1]).unwrap_err(), failure(ErrorCode::Unsupported, message));
}

/// A group of either format whose consolidated metadata hold a group and an array below it.
fn consolidated(name: &str) -> Value {
    let group = json!({"zarr_format": 3, "node_type": "group", "attributes": {"level": 1}});
    match name {
        "zarr.json" => {
            let metadata = json!({"a": group, "a/b": document(json!({"attributes": {"level": 2}}))});
            let mut root = group;
            root["consolidated_metadata"] = json!({"kind": "inline", "must_understand": false, "metadata": metadata});
            root
        }
        _ => json!({"zarr_consolidated_format": 1, "metadata": {".zgroup": {"zarr_format": 2},
            "a/.zgroup": {"zarr_format": 2}, "a/b/.zarray": v2_document(json!({})), "a/b/.zattrs": {"level": 2}}}),
    }
}

#[test]
fn damaged_consolidated_metadata_are_an_error_or_not_used() {
    let mut opened = 0;
    for (name, seed) in ["zarr.json", ".zmetadata"].iter().flat_map(|name| (0..1500).map(move |seed| (*name, seed))) {
        let damaged = damage_document(&consolidated(name), &mut Random::new(seed)).to_string();
        let mut store = MemoryStore::default();
        store.insert(".zgroup", *br#"{"zarr_format": 2}"#);
        store.insert(name, damaged.as_bytes());
        let codes = [ErrorCode::InvalidMetadata, ErrorCode::Unsupported, ErrorCode::NotFound];
        let refused = |error: Error| assert!(codes.contains(&error.code()), "{damaged}: {error:?}");
        let Ok(NodeMetadata::Group(group)) = block_on(open(&store, "")).inspect_err(|error| refused(error.clone()))
        else {
            continue;
        };
        for path in ["a/b", "a"] {
            match block_on(open_member(&store, "", &group, path, Wanted::Any)) {
                Ok(_) => opened += 1,
                Err(error) => refused(error),
            }
        }
    }
    assert!(opened > 500, "only {opened} opened");
}
