//! The decoders against independent ones, on valid and on damaged input.
//!
//! Valid encodings decode to what was encoded, whoever wrote them. Mutations of them (always the same: the seeds are
//! fixed) never panic, and are never accepted as other bytes than a checksum or a second implementation allows.

mod blosc;
mod bz2;
mod deflate;
mod lzma;
#[path = "../mutations/mod.rs"]
mod mutations;
mod pcodec;
#[path = "../random/mod.rs"]
mod random;
mod zstd;

use serde_json::Value;
use zarr_wasm::Result;
use zarr_wasm::codec::{ChunkSpec, Pipeline, Scratch};
use zarr_wasm::data_type::DataType;
use zarr_wasm::metadata::CodecMetadata;

/// Decodes one chunk of `len` bytes.
fn decode(codec: impl Into<Value>, encoded: &[u8], len: usize) -> Result<Vec<u8>> {
    let codecs = CodecMetadata::parse_list(&Value::Array(vec!["bytes".into(), codec.into()]))?;
    let chunk = ChunkSpec { shape: vec![len as u64], data_type: DataType::UInt8, fill_value: vec![0] };
    let decoded = Pipeline::new(&codecs, chunk)?.decode(encoded, &mut Scratch::default())?.into_owned();
    assert_eq!(decoded.len(), len);
    Ok(decoded)
}

/// Contents of the kinds that compressors treat differently, of this length.
fn contents(len: usize) -> [Vec<u8>; 4] {
    let mut random = random::Random::new(len as u64);
    [
        vec![7; len],
        (0..len).map(|i| (i / 100 + i % 7) as u8).collect(),
        (0..len).map(|i| if i % 4 == 3 { 66 } else { random.below(256) as u8 >> (2 * (i % 4)) }).collect(),
        (0..len).map(|_| random.below(256) as u8).collect(),
    ]
}
