//! The good arrays of tests/fixtures, each with a store of its own.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use zarr_wasm::store::MemoryStore;

/// One array: its chunks, by their keys below the array, and a store that has all of it.
pub struct FixtureArray {
    pub path: String,
    /// All of them but the documents.
    pub chunks: BTreeMap<String, Vec<u8>>,
    pub store: MemoryStore,
}

impl FixtureArray {
    /// The store with one object changed.
    pub fn changed(&self, key: &str, bytes: &[u8]) -> MemoryStore {
        let mut store = self.store.clone();
        store.insert(key, bytes);
        store
    }
}

pub fn fixture_arrays() -> Vec<FixtureArray> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let manifest: Value = serde_json::from_slice(&fs::read(root.join("manifest.json")).unwrap()).unwrap();
    let cases = manifest["cases"].as_array().unwrap().iter();
    let arrays = cases.filter(|case| case["expect"] == "ok" && case["shape"].is_array());
    arrays
        .map(|case| {
            let path = case["path"].as_str().unwrap().to_owned();
            let mut objects = BTreeMap::new();
            collect(&root.join(&path), "", &mut objects);
            let mut store = MemoryStore::default();
            objects.iter().for_each(|(key, bytes)| store.insert(key.as_str(), bytes.as_slice()));
            let is_document = |key: &String| key == "zarr.json" || key.starts_with(".z");
            objects.retain(|key, _| !is_document(key));
            FixtureArray { path, chunks: objects, store }
        })
        .collect()
}

fn collect(folder: &Path, prefix: &str, objects: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let key = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{key}/"), objects);
        } else {
            objects.insert(key, fs::read(path).unwrap());
        }
    }
}
