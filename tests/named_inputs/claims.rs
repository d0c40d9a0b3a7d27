//! Chunks of at most 100 bytes that claim to be of 4 GB, or of as much as might be: `tests/claims.json`, which
//! `tests/node/memory.test.mjs` reads, too.

use std::fs;
use std::path::Path;

use serde_json::Value;
use zarr_wasm::ErrorCode;
use zarr_wasm::codec::{ChunkSpec, Pipeline, Scratch};
use zarr_wasm::data_type::{default_fill_value, parse_data_type_v3};
use zarr_wasm::metadata::CodecMetadata;

use super::MARGIN;
use crate::counting_allocator::peak_of;

#[test]
fn a_chunk_that_claims_4_gb_costs_less_than_a_megabyte_over_its_own_size() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/claims.json");
    let claims: Vec<Value> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert!(claims.len() >= 16);
    for claim in claims {
        let name = &claim["name"];
        let digits = claim["chunk"].as_str().unwrap().as_bytes().as_chunks::<2>().0;
        let byte = |pair: &[u8; 2]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
        let encoded: Vec<u8> = digits.iter().map(byte).collect();
        assert!(encoded.len() <= 100, "{name}");
        let data_type = parse_data_type_v3(&claim["dataType"]).unwrap();
        let shape = serde_json::from_value(claim["shape"].clone()).unwrap();
        let chunk = ChunkSpec { shape, fill_value: default_fill_value(&data_type), data_type };
        let len = chunk.byte_len().unwrap();
        let pipeline = Pipeline::new(&CodecMetadata::parse_list(&claim["codecs"]).unwrap(), chunk).unwrap();
        let (outcome, peak) = peak_of(|| pipeline.decode(&encoded, &mut Scratch::default()).map(|_| ()));
        assert_eq!(outcome.map_err(|error| error.code()), Err(ErrorCode::CorruptChunk), "{name}");
        assert!(peak < len + MARGIN, "{name}: {peak} bytes for a chunk of {len}");
    }
}
