//! The index of a shard: what it says lies in the shard and outside of the index, is missing, or is an error.

use serde_json::json;
use zarr_wasm::codec::{ChunkSpec, Pipeline, Scratch};
use zarr_wasm::data_type::DataType;
use zarr_wasm::metadata::CodecMetadata;

use super::choices::Choices;
use super::{CHUNK_CODES, MARGIN, expect_code};
use crate::array_writer::BytesCodec;
use crate::counting_allocator::peak_of;
use crate::random::Random;

pub fn target(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let (endian, location) = (choices.of(&["little", "big"]), choices.of(&["start", "end"]));
    let (has_checksum, mut shard_len) = (choices.is(), choices.number());
    let inner_chunks = 1 + choices.below(12);
    let mut index_codecs = vec![json!({"name": "bytes", "configuration": {"endian": endian}})];
    index_codecs.extend(has_checksum.then(|| json!("crc32c")));
    let codecs = json!([{"name": "sharding_indexed", "configuration": {
        "chunk_shape": [2], "codecs": ["bytes"], "index_codecs": index_codecs, "index_location": location}}]);
    let codecs = CodecMetadata::parse_list(&codecs).unwrap();
    let chunk = ChunkSpec { shape: vec![2 * inner_chunks as u64], data_type: DataType::UInt8, fill_value: vec![0] };
    let pipeline = Pipeline::new(&codecs, chunk).unwrap();
    let sharding = pipeline.sharding().unwrap();
    let mut encoded = choices.0.to_vec();
    // A checksum that fits: random bytes never have one.
    if has_checksum && encoded.len() == 16 * inner_chunks {
        encoded = BytesCodec::Crc32c.encode(&encoded, &mut Random::new(0));
    }
    let (index, peak) = peak_of(|| sharding.decode_index(&encoded, &mut Scratch::default()));
    assert!(peak <= encoded.len() + MARGIN, "{peak} bytes");
    let index = match index {
        Err(error) => return expect_code(&error, &CHUNK_CODES),
        Ok(index) => index,
    };
    assert_eq!(encoded.len(), sharding.index_len());
    shard_len = shard_len.saturating_add(encoded.len() as u64);
    let index_range = sharding.index_range(shard_len).unwrap();
    for inner_chunk in 0..inner_chunks {
        let (known, unknown) = (index.get(inner_chunk, Some(shard_len)), index.get(inner_chunk, None));
        match &known {
            Err(error) => expect_code(error, &CHUNK_CODES),
            Ok(None) => assert_eq!(unknown.as_ref().ok(), Some(&None)),
            Ok(Some(range)) => {
                assert!(range.start < range.end && range.end <= shard_len, "{range:?} of {shard_len}");
                assert!(range.end <= index_range.start || range.start >= index_range.end, "{range:?} in the index");
                assert_eq!(unknown.unwrap().as_ref(), Some(range));
            }
        }
    }
    assert!(index.get(inner_chunks, Some(shard_len)).is_err());
}
