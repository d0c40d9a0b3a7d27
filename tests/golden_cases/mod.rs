//! The golden cases of tests/fixtures, read through the library by way of a store in memory.
//!
//! The same cases run natively (`tests/golden.rs`) and as wasm in Node and in a browser (`tests/wasm_node.rs`,
//! `tests/wasm_browser.rs`), so the fixtures are part of the test binary.

use std::rc::Rc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use include_dir::{Dir, DirEntry, include_dir};
use serde_json::Value;
use sha2::{Digest, Sha256};
use zarr_wasm::ErrorCode;
use zarr_wasm::metadata::NodeMetadata;
use zarr_wasm::open::open;
use zarr_wasm::read::Array;
use zarr_wasm::selection::{Entry, Selection, Slice};
use zarr_wasm::store::MemoryStore;

use crate::memory_output::read;

static FIXTURES: Dir = include_dir!("$CARGO_MANIFEST_DIR/tests/fixtures");

/// What became of the cases.
pub struct Outcome {
    pub right: usize,
    pub failures: Vec<String>,
}

/// Runs every case of the manifest.
pub async fn run_all() -> Outcome {
    let manifest = FIXTURES.get_file("manifest.json").unwrap().contents();
    let manifest: Value = serde_json::from_slice(manifest).unwrap();
    let store = Rc::new(store());
    let mut outcome = Outcome { right: 0, failures: Vec::new() };
    for case in manifest["cases"].as_array().unwrap() {
        match judge(&store, case).await {
            Ok(()) => outcome.right += 1,
            Err(reason) => outcome.failures.push(format!("{}: {reason}", case["id"].as_str().unwrap())),
        }
    }
    outcome
}

async fn judge(store: &Rc<MemoryStore>, case: &Value) -> Result<(), String> {
    if case["expect"] == "error" {
        return judge_error(store, case).await;
    }
    let path = case["path"].as_str().unwrap();
    let node = open(&**store, path).await.map_err(|error| error.to_string())?;
    match node {
        NodeMetadata::Group(group) => {
            equal("attributes", &plain(&Value::Object(group.attributes)), &case["attributes"])
        }
        NodeMetadata::Array(metadata) => {
            equal("shape", &metadata.shape.clone().into(), &case["shape"])?;
            equal("zarr_format", &metadata.zarr_format.into(), &case["zarr_format"])?;
            let array = Array::new(store.clone(), path.to_owned(), *metadata).map_err(|error| error.to_string())?;
            judge_selection(&array, &[], &case["shape"], &case["full"]).await?;
            for selection in case["selections"].as_array().unwrap() {
                let entries: Vec<Entry> = selection["sel"].as_array().unwrap().iter().map(entry).collect();
                let judged = judge_selection(&array, &entries, &selection["shape"], &selection["data"]).await;
                judged.map_err(|reason| format!("{}: {reason}", selection["sel"]))?;
            }
            Ok(())
        }
    }
}

async fn judge_selection(
    array: &Array<MemoryStore>,
    entries: &[Entry],
    shape: &Value,
    digest: &Value,
) -> Result<(), String> {
    let selection = Selection::basic(entries, &array.metadata().shape).map_err(|error| error.to_string())?;
    equal("shape", &selection.output_shape().into(), shape)?;
    let bytes = read(array, &selection).await.map_err(|error| error.to_string())?;
    match digest["base64"].as_str() {
        Some(expected) if BASE64_STANDARD.decode(expected).unwrap() == bytes => Ok(()),
        Some(expected) => Err(format!("bytes {}, expected {expected}", BASE64_STANDARD.encode(bytes))),
        None => {
            equal("length", &bytes.len().into(), &digest["length"])?;
            let sha256: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
            equal("sha256", &sha256.into(), &digest["sha256"])
        }
    }
}

async fn judge_error(store: &Rc<MemoryStore>, case: &Value) -> Result<(), String> {
    let path = case["path"].as_str().unwrap();
    let opened = match open(&**store, path).await {
        Ok(NodeMetadata::Array(metadata)) => Array::new(store.clone(), path.to_owned(), *metadata),
        Ok(NodeMetadata::Group(_)) => return Err("opened a group".into()),
        Err(error) => Err(error),
    };
    let (stage, error) = match opened {
        Err(error) => ("open", error),
        Ok(array) => {
            let selection = Selection::basic(&[], &array.metadata().shape).map_err(|error| error.to_string())?;
            match read(&array, &selection).await {
                Err(error) => ("read", error),
                Ok(bytes) => return Err(format!("no error, but {} bytes", bytes.len())),
            }
        }
    };
    let Some(expected) = case["stage"].as_str() else { return Err("the case has no stage".into()) };
    let told = format!("{expected} error {error:?}");
    if stage != expected || error.code().as_str() != case["code"] {
        return Err(format!("{stage} error {error:?}, expected {expected} {}", case["code"]));
    }
    // The path holds the case's id, which says what is wrong: it counts only where nothing else could be told.
    let mut text = error.to_string();
    if error.code() != ErrorCode::NotFound {
        text = text.replace(path, "");
    }
    let unmentioned = case["mentions"].as_array().unwrap().iter().find(|part| !text.contains(part.as_str().unwrap()));
    unmentioned.map_or(Ok(()), |part| Err(format!("{told} does not mention {part}")))
}

/// Every file of the fixtures.
fn store() -> MemoryStore {
    let mut store = MemoryStore::default();
    insert(&mut store, &FIXTURES);
    store
}

fn insert(store: &mut MemoryStore, folder: &Dir<'static>) {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(folder) => insert(store, folder),
            DirEntry::File(file) => store.insert(file.path().to_str().unwrap().replace('\\', "/"), file.contents()),
        }
    }
}

fn entry(item: &Value) -> Entry {
    match item {
        Value::Null => Entry::All,
        Value::String(_) => Entry::Ellipsis,
        Value::Number(number) => Entry::Index(number.as_i64().unwrap()),
        slice => Entry::Slice(Slice {
            start: slice["start"].as_i64(),
            stop: slice["stop"].as_i64(),
            step: slice["step"].as_i64(),
        }),
    }
}

/// Attributes in the manifest's form: integers beyond 2⁵³ − 1 as `"n:…"`.
fn plain(value: &Value) -> Value {
    match value {
        Value::Array(list) => list.iter().map(plain).collect(),
        Value::Object(members) => members.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        Value::Number(number) => match number.as_i128() {
            Some(integer) if integer.unsigned_abs() > (1 << 53) - 1 => format!("n:{integer}").into(),
            _ => value.clone(),
        },
        other => other.clone(),
    }
}

fn equal(what: &str, found: &Value, expected: &Value) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what} {found}, expected {expected}")) }
}
