//! What was encoded decodes to what it was: the first bytes choose a codec, the rest is the chunk.

use serde_json::json;
use zarr_wasm::codec::{ChunkSpec, Pipeline, Scratch};
use zarr_wasm::data_type::DataType;
use zarr_wasm::metadata::CodecMetadata;

use super::choices::Choices;
use crate::array_writer::{Blosc, BytesCodec, InnerCodec, Shuffle};
use crate::random::Random;

pub fn target(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut random = Random::new(choices.u16().into());
    let codec = codec(&mut choices);
    let mut elements = choices.0.to_vec();
    if let BytesCodec::Shuffle { element_len } = codec {
        elements.truncate(elements.len() / element_len * element_len);
    }
    if elements.is_empty() {
        return;
    }
    let encoded = codec.encode(&elements, &mut random);
    let codecs = CodecMetadata::parse_list(&json!(["bytes", codec.document()])).unwrap();
    let chunk = ChunkSpec { shape: vec![elements.len() as u64], data_type: DataType::UInt8, fill_value: vec![0] };
    let pipeline = Pipeline::new(&codecs, chunk).unwrap();
    let decoded = pipeline.decode(&encoded, &mut Scratch::default());
    assert_eq!(decoded.expect("a chunk that was just encoded"), elements, "{codec:?}");
}

fn codec(choices: &mut Choices) -> BytesCodec {
    let inner = [InnerCodec::Blosclz, InnerCodec::Lz4, InnerCodec::Snappy, InnerCodec::Zlib, InnerCodec::Zstd];
    match choices.below(10) {
        0 => BytesCodec::Crc32c,
        1 => BytesCodec::Checksum { id: choices.of(&["crc32c", "crc32", "adler32"]), at_start: choices.is() },
        2 => BytesCodec::Gzip,
        3 => BytesCodec::Zlib,
        4 => BytesCodec::Zstd,
        5 => BytesCodec::Lz4,
        6 => BytesCodec::Shuffle { element_len: 1 + choices.below(16) },
        _ => BytesCodec::Blosc(Blosc {
            inner: choices.of(&inner),
            shuffle: choices.of(&[Shuffle::None, Shuffle::Bytes, Shuffle::Bits]),
            typesize: 1 + choices.below(255),
            block_len: 1 + usize::from(choices.u16()) % 4000,
            split: choices.is(),
        }),
    }
}
