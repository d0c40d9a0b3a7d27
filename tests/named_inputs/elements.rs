//! Elements that are too long, too many, too deep, or not there.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::*;

const UTF8: &str = "vlen-utf8";

fn texts(shape: u64, codecs: Value) -> Value {
    let changes =
        json!({"shape": [shape], "chunk_grid": grid(json!([shape])), "data_type": "string", "codecs": codecs});
    let mut document = document(changes);
    document["fill_value"] = json!("x".repeat(1000));
    document
}

/// What becomes of a chunk of 8 texts whose header claims 256 MiB.
fn claim(codec: &str, chunk: &[u8]) -> String {
    let array = opened(&texts(8, json!([UTF8, codec])), &[("c/0", chunk)]).unwrap();
    let (outcome, peak) = peak_of(|| array.read(&[Entry::Index(0)]));
    assert!(peak < MARGIN, "{peak} bytes were in use at once");
    let (code, message) = outcome.unwrap_err();
    assert_eq!(code, ErrorCode::CorruptChunk);
    message
}

#[test]
fn headers_claim_no_more_for_texts_than_their_bytes_can_hold() {
    const CLAIMED: u32 = 1 << 28;
    let lz4 = [&CLAIMED.to_le_bytes()[..], &[0x1f, b'z', 1, 0, 200, 0]].concat();
    assert!(claim("numcodecs.lz4", &lz4).starts_with("c/0: numcodecs.lz4: "));
    let blosc = blosc(0x31, 1, CLAIMED, CLAIMED, &[0; 20]);
    assert!(claim("blosc", &blosc).starts_with("c/0: blosc: "));
    let zstd = zstd_frame(&[&[0b1010_0000][..], &CLAIMED.to_le_bytes()].concat(), 1);
    assert!(claim("zstd", &zstd).starts_with("c/0: zstd: "));
}

#[test]
fn missing_inner_chunks_of_texts_have_their_fill_value_once() {
    const COUNT: u64 = 1 << 16;
    let index: Vec<u8> = vec![255; 16 * COUNT as usize];
    let sharding = json!({"name": "sharding_indexed", "configuration": {
        "chunk_shape": [1], "codecs": [UTF8], "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
    }});
    // A transposition in front, so that the shard is decoded as a whole.
    let codecs = json!([{"name": "transpose", "configuration": {"order": [0]}}, sharding]);
    let array = opened(&texts(COUNT, codecs), &[("c/0", &index)]).unwrap();
    let (outcome, peak) = peak_of(|| array.read(&[Entry::Index(-1)]));
    assert_eq!(outcome.unwrap(), [&1000u32.to_le_bytes()[..], "x".repeat(1000).as_bytes()].concat());
    // The index once more, and 8 bytes for each element, twice.
    assert!(peak < 3 * index.len() + MARGIN, "{peak} bytes were in use at once");
}

#[test]
fn elements_of_no_bytes_or_too_many_are_refused() {
    for name in ["null_terminated_bytes", "raw_bytes", "fixed_length_utf32"] {
        let with_len = |len: u64| {
            let data_type = json!({"name": name, "configuration": {"length_bytes": len}});
            let fill_value = if name == "raw_bytes" { BASE64_STANDARD.encode([0; 4]) } else { String::new() };
            document(json!({"data_type": data_type, "fill_value": fill_value}))
        };
        assert_eq!(refused(&with_len(0)).0, ErrorCode::Unsupported);
        for len in [(1 << 24) + 4, 1 << 40, u64::MAX - 3] {
            assert_eq!(refused(&with_len(len)).0, ErrorCode::Unsupported, "{name} of {len} bytes");
        }
    }
    // 16 MiB are read, 128 times as much in one chunk is not.
    let data_type = json!({"name": "null_terminated_bytes", "configuration": {"length_bytes": 1 << 24}});
    let changes = json!({"data_type": data_type, "fill_value": "", "chunk_grid": grid(json!([128])), "shape": [128]});
    assert_eq!(refused(&document(changes)).0, ErrorCode::Unsupported);
}

#[test]
fn elements_longer_than_the_block_of_fill_values_are_filled_one_by_one() {
    let fill: Vec<u8> = (0..100_001u32).map(|at| (at % 251) as u8).collect();
    let data_type = json!({"name": "raw_bytes", "configuration": {"length_bytes": fill.len()}});
    let document = document(json!({"data_type": data_type, "fill_value": BASE64_STANDARD.encode(&fill)}));
    let found = opened(&document, &[]).unwrap().read(&[Entry::Slice(Slice { step: Some(-3), ..Slice::default() })]);
    assert_eq!(found.unwrap(), fill.repeat(3));
}

#[test]
fn records_too_deep_or_of_too_many_fields_are_refused() {
    let v2 = |dtype: Value| {
        let mut store = MemoryStore::default();
        let document = json!({"zarr_format": 2, "shape": [1], "chunks": [1], "dtype": dtype, "compressor": null,
            "filters": null, "fill_value": null, "order": "C"});
        store.insert(".zarray", document.to_string().into_bytes());
        block_on(open(&store, "")).map(|_| ()).map_err(|error| error.code())
    };
    let nested = |depth: usize| (0..depth).fold(json!("<i4"), |inner, _| json!([["in", inner]]));
    assert_eq!(v2(nested(16)), Ok(()));
    assert_eq!(v2(nested(17)), Err(ErrorCode::Unsupported));
    assert_eq!(v2(nested(60)), Err(ErrorCode::Unsupported));
    let many = |count: usize| (0..count).map(|at| json!([at.to_string(), "|u1"])).collect::<Value>();
    assert_eq!(v2(many(4096)), Ok(()));
    assert_eq!(v2(many(10_000)), Err(ErrorCode::Unsupported));
    assert_eq!(v2(json!([["a", "<f8", [1u64 << 40, 1u64 << 40]]])), Err(ErrorCode::Unsupported));
    assert_eq!(v2(json!([["a", "<f8", [0, u64::MAX, u64::MAX]]])), Err(ErrorCode::Unsupported));
}
