//! Documents → `ArrayMetadata` → `Pipeline`.
//!
//! A document is refused with a code that says so, or it makes an array: one whose chunks decode to their exact length or
//! are refused, whose fill value is one element, and that can be handed to a decoder as JSON. Opening takes memory in
//! proportion to the document.

use std::rc::Rc;

use futures::executor::block_on;
use zarr_wasm::codec::{Pipeline, Scratch};
use zarr_wasm::decode::ReadSpec;
use zarr_wasm::json;
use zarr_wasm::metadata::NodeMetadata;
use zarr_wasm::open::open;
use zarr_wasm::read::Array;
use zarr_wasm::selection::{Entry, Selection};
use zarr_wasm::store::MemoryStore;
use zarr_wasm::{ErrorCode, Result};

use super::{CHUNK_CODES, MARGIN, expect_code};
use crate::counting_allocator::peak_of;

/// What damage to a document may lead to when it is opened.
const DOCUMENT_CODES: [ErrorCode; 2] = [ErrorCode::InvalidMetadata, ErrorCode::Unsupported];

/// Memory that one byte of JSON may take, parsed and copied.
const MEMORY_PER_BYTE: usize = 500;

/// Chunks are decoded up to this length: larger ones say nothing new and take their time.
const DECODED_LEN: usize = 1 << 16;

pub fn v2(document: &[u8]) {
    check(".zarray", document);
}

pub fn v3(document: &[u8]) {
    check("zarr.json", document);
}

fn check(key: &str, document: &[u8]) {
    let mut store = MemoryStore::default();
    store.insert(key, document);
    let (array, peak) = peak_of(|| open_array(store));
    assert!(peak <= MARGIN + MEMORY_PER_BYTE * document.len(), "{peak} bytes for {}", document.len());
    match array {
        Err(error) => expect_code(&error, &DOCUMENT_CODES),
        Ok(None) => {}
        Ok(Some(array)) => decode_something(&array),
    }
}

fn open_array(store: MemoryStore) -> Result<Option<Array<MemoryStore>>> {
    match block_on(open(&store, ""))? {
        NodeMetadata::Array(metadata) => Array::new(Rc::new(store), String::new(), *metadata).map(Some),
        NodeMetadata::Group(_) => Ok(None),
    }
}

fn decode_something(array: &Array<MemoryStore>) {
    let shape = &array.metadata().shape;
    let whole = Selection::basic(&vec![Entry::All; shape.len()], shape).unwrap();
    let spec = array.read_spec(&whole, None);
    let sent = json::text(&spec.to_json());
    let received = json::parse(sent.as_bytes(), "").unwrap();
    assert_eq!(ReadSpec::from_json(&received).unwrap(), spec);
    if !spec.chunk.data_type.is_variable() {
        assert_eq!(spec.chunk.fill_value.len(), spec.chunk.data_type.item_len());
    }
    let pipeline = Pipeline::new(&spec.codecs, spec.chunk.clone()).unwrap();
    let Some(len) = spec.chunk.byte_len().ok().filter(|len| *len <= DECODED_LEN) else { return };
    let encoded_len = pipeline.encoded_len().bound().min(2 * DECODED_LEN);
    for encoded in [vec![], vec![0; encoded_len], vec![1; encoded_len]] {
        match pipeline.decode(&encoded, &mut Scratch::default()) {
            Err(error) => expect_code(&error, &CHUNK_CODES),
            Ok(decoded) => assert_eq!(decoded.len(), len),
        }
    }
}
