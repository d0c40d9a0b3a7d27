//! Every codec: the first byte chooses a row of the table, the rest is the encoded chunk.
//!
//! A chunk decodes to its exact length or to an error, whatever the buffers were used for before, in the memory of the
//! chunk and a constant.

use serde_json::Value;
use zarr_wasm::Result;
use zarr_wasm::codec::{ChunkSpec, Pipeline, Scratch};
use zarr_wasm::data_type::{
    DataType, REFERENCE_LEN, Reference, default_fill_value, parse_data_type_name, parse_data_type_v3,
};
use zarr_wasm::metadata::CodecMetadata;

use super::choices::Choices;
use super::{CHUNK_CODES, MARGIN, expect_code};
use crate::counting_allocator::peak_of;

/// The codecs of a chunk (several where one only makes sense behind another), its data type and its shape. Corpora know a
/// row by its place: new ones go to the end. `tests/fuzz.rs` fails if a codec of the registry is missing.
pub const CODECS: &[(&str, &str, &[u64])] = &[
    (r#"["bytes"]"#, "uint8", &[40]),
    (r#"[{"name":"bytes","configuration":{"endian":"big"}}]"#, "complex64", &[3, 4]),
    (r#"[{"name":"endian","configuration":{"endian":"little"}}]"#, "float16", &[7]),
    (r#"["bytes","zstd"]"#, "uint8", &[5000]),
    (r#"["bytes","numcodecs.zstd","zstd"]"#, "uint8", &[300]),
    (r#"["bytes","gzip"]"#, "uint8", &[5000]),
    (r#"["bytes","numcodecs.gzip","gzip"]"#, "uint8", &[300]),
    (r#"["bytes","numcodecs.zlib"]"#, "uint8", &[5000]),
    (r#"["bytes","gzip","numcodecs.zlib"]"#, "uint8", &[300]),
    (r#"["bytes","numcodecs.lz4"]"#, "uint8", &[5000]),
    (r#"["bytes","gzip","numcodecs.lz4"]"#, "uint8", &[300]),
    (r#"["bytes","blosc"]"#, "uint8", &[5000]),
    (r#"["bytes",{"name":"numcodecs.blosc","configuration":{}}]"#, "uint8", &[300]),
    (r#"["bytes","crc32c"]"#, "uint8", &[40]),
    (r#"["bytes",{"name":"numcodecs.crc32c","configuration":{"location":"start"}}]"#, "uint8", &[40]),
    (r#"["bytes","numcodecs.crc32","numcodecs.adler32"]"#, "uint8", &[40]),
    (r#"["bytes","numcodecs.fletcher32"]"#, "uint8", &[41]),
    (r#"["bytes",{"name":"numcodecs.jenkins_lookup3","configuration":{"initval":7}}]"#, "uint8", &[41]),
    (r#"["bytes",{"name":"numcodecs.shuffle","configuration":{"elementsize":5}}]"#, "uint8", &[40]),
    (r#"["bytes","gzip",{"name":"numcodecs.shuffle","configuration":{"elementsize":3}},"gzip"]"#, "uint8", &[40]),
    (r#"["bytes","numcodecs.base64"]"#, "uint8", &[40]),
    (r#"["bytes","gzip","numcodecs.base64"]"#, "uint8", &[40]),
    (r#"[{"name":"transpose","configuration":{"order":[2,0,1]}},"bytes"]"#, "uint8", &[2, 3, 5]),
    (r#"[{"name":"reshape","configuration":{"shape":[[0],-1]}},"bytes"]"#, "uint8", &[2, 3, 5]),
    (r#"[{"name":"cast_value","configuration":{"data_type":"uint8"}},"bytes"]"#, "int16", &[40]),
    (
        r#"[{"name":"cast_value","configuration":{"data_type":"float64","out_of_range":"clamp"}},
        {"name":"bytes","configuration":{"endian":"little"}}]"#,
        "float16",
        &[40],
    ),
    (
        r#"[{"name":"scale_offset","configuration":{"scale":3,"offset":-5}},
        {"name":"bytes","configuration":{"endian":"big"}}]"#,
        "int32",
        &[40],
    ),
    (
        r#"[{"name":"numcodecs.delta","configuration":{"dtype":"<i4","astype":"<i2"}},
        {"name":"bytes","configuration":{"endian":"little"}}]"#,
        "int32",
        &[40],
    ),
    (
        r#"[{"name":"numcodecs.fixedscaleoffset","configuration":{"dtype":"<f4","astype":"|u1","scale":10,"offset":-4}},
        "bytes"]"#,
        "float32",
        &[40],
    ),
    (
        r#"[{"name":"numcodecs.quantize","configuration":{"dtype":"<f8","astype":"<f4","digits":3}},
        {"name":"bytes","configuration":{"endian":"little"}}]"#,
        "float64",
        &[40],
    ),
    (
        r#"[{"name":"numcodecs.astype","configuration":{"encode_dtype":"<f4","decode_dtype":"<i2"}},
        {"name":"bytes","configuration":{"endian":"little"}}]"#,
        "int16",
        &[40],
    ),
    (
        r#"[{"name":"bitround","configuration":{"keepbits":5}},
        {"name":"bytes","configuration":{"endian":"little"}}]"#,
        "float32",
        &[10],
    ),
    (
        r#"[{"name":"numcodecs.bitround","configuration":{"keepbits":5}},
        {"name":"bytes","configuration":{"endian":"little"}}]"#,
        "float64",
        &[10],
    ),
    (r#"["numcodecs.packbits","bytes"]"#, "bool", &[43]),
    (
        r#"[{"name":"sharding_indexed","configuration":{"chunk_shape":[2,3],"codecs":["bytes"],
        "index_codecs":[{"name":"bytes","configuration":{"endian":"little"}}]}}]"#,
        "uint8",
        &[4, 6],
    ),
    (
        r#"[{"name":"sharding_indexed","configuration":{"chunk_shape":[4],"index_location":"start","codecs":["bytes","gzip"],
        "index_codecs":[{"name":"bytes","configuration":{"endian":"big"}}]}},"zstd"]"#,
        "uint8",
        &[8],
    ),
    (r#"["vlen-utf8"]"#, "string", &[3, 4]),
    (r#"["numcodecs.vlen-utf8","gzip"]"#, "string", &[5]),
    (r#"["vlen-bytes"]"#, "variable_length_bytes", &[7]),
    (r#"["numcodecs.vlen-bytes","numcodecs.zstd"]"#, "variable_length_bytes", &[7]),
    (r#"[{"name":"vlen-array","configuration":{"dtype":"<i4"}}]"#, "list[int32]", &[5]),
    (r#"[{"name":"numcodecs.vlen-array","configuration":{"dtype":">f2"}}]"#, "list[float16]", &[5]),
    (r#"[{"name":"numcodecs.categorize","configuration":{"labels":["a","bc"]}},"bytes"]"#, "string", &[7]),
    (r#"["packbits"]"#, "bool", &[43]),
    (
        r#"[{"name":"packbits","configuration":{"first_bit":2,"last_bit":6,"padding_encoding":"first_byte"}}]"#,
        "int16",
        &[9],
    ),
    (
        r#"[{"name":"n5_default","configuration":{"codecs":[{"name":"transpose","configuration":{"order":[1,0]}},{"name":"bytes","configuration":{"endian":"big"}},"gzip"]}}]"#,
        "int16",
        &[3, 4],
    ),
    (r#"["bytes",{"name":"conditional","configuration":{"codecs":["gzip","crc32c"]}}]"#, "uint8", &[300]),
    (r#"["bytes","numcodecs.bz2"]"#, "uint8", &[300]),
    (r#"["bytes","numcodecs.lzma"]"#, "uint8", &[300]),
    (r#"["bytes",{"name":"numcodecs.lzma","configuration":{"format":2}}]"#, "uint8", &[300]),
    (
        r#"["bytes",{"name":"numcodecs.lzma","configuration":{"format":3,"filters":[{"id":3,"dist":2},{"id":33,"preset":1}]}}]"#,
        "uint8",
        &[300],
    ),
    (r#"["numcodecs.pcodec"]"#, "int32", &[300]),
    (r#"["numcodecs.pcodec","zstd"]"#, "float64", &[30]),
    (r#"[{"name":"zfp","configuration":{"mode":"reversible"}}]"#, "float32", &[5, 6]),
    (r#"[{"name":"zfp","configuration":{"mode":"fixed_accuracy","tolerance":0.1}}]"#, "float64", &[3, 4, 5]),
    (r#"[{"name":"zarrs.zfp","configuration":{"mode":"fixed_rate","rate":10}}]"#, "int8", &[19]),
    (r#"["numcodecs.zfpy"]"#, "float32", &[5, 6]),
    (r#"["numcodecs.json2"]"#, "object", &[2, 2]),
    (r#"["numcodecs.msgpack2"]"#, "object", &[2, 2]),
];

/// The tables of bzip2 for a block of 900 kB, which is as long as a header may say.
const BZ2_MARGIN: usize = 4 << 20;

/// What buffers hold that were used before.
const USED: u8 = 0xA5;
/// How long they are at least: long enough for what lies between two codecs.
const USED_LEN: usize = 1 << 14;

pub fn target(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let (codecs, data_type, shape) = choices.of(CODECS);
    check(codecs, data_type, shape, choices.0);
}

/// Decodes a chunk behind these codecs.
pub fn check(codecs: &str, name: &str, shape: &[u64], encoded: &[u8]) {
    let codecs = CodecMetadata::parse_list(&serde_json::from_str(codecs).unwrap()).unwrap();
    let fill_value = default_fill_value(&data_type(name));
    let chunk = ChunkSpec { shape: shape.to_vec(), data_type: data_type(name), fill_value };
    let pipeline = Pipeline::new(&codecs, chunk).unwrap();
    let len = pipeline.chunk().byte_len().unwrap();
    let (decoded, peak) = peak_of(|| decode(&pipeline, encoded, &mut Scratch::default()));
    let margin = if pipeline.codecs().iter().any(|codec| codec.name == "numcodecs.bz2") { BZ2_MARGIN } else { MARGIN };
    assert!(peak <= len + margin, "{peak} bytes for a chunk of {len}");
    let mut used = Scratch::default();
    (0..4).for_each(|_| used.give(vec![USED; 2 * len + USED_LEN].into()));
    let again = decode(&pipeline, encoded, &mut used);
    match (&decoded, &again) {
        (Ok(decoded), Ok(again)) => assert_eq!(decoded, again),
        (Err(error), Err(again)) => {
            expect_code(error, &CHUNK_CODES);
            assert_eq!(error.message(), again.message());
        }
        _ => panic!("{decoded:?}, then {again:?}"),
    }
}

/// The bytes of a chunk; of elements of variable length those that they refer to.
fn decode(pipeline: &Pipeline, encoded: &[u8], scratch: &mut Scratch) -> Result<Vec<u8>> {
    let decoded = pipeline.decode(encoded, scratch)?.into_owned();
    assert_eq!(decoded.len(), pipeline.chunk().byte_len().unwrap());
    if !pipeline.chunk().data_type.is_variable() {
        return Ok(decoded);
    }
    let references = decoded.as_chunks::<REFERENCE_LEN>().0.iter();
    Ok(references.flat_map(|reference| scratch.heap.get(Reference(*reference)).unwrap().to_vec()).collect())
}

/// The type of this name in Zarr v3, or by the public name.
fn data_type(name: &str) -> DataType {
    parse_data_type_v3(&Value::from(name)).or_else(|_| parse_data_type_name(name)).unwrap()
}
