//! Inputs that somebody made on purpose, each with the error that it deserves.

mod claims;
mod documents;
mod elements;
mod grids;
mod rare;

use std::rc::Rc;

use futures::executor::block_on;
use serde_json::{Value, json};
use zarr_wasm::ErrorCode;
use zarr_wasm::byte_range::ByteRange;
use zarr_wasm::metadata::NodeMetadata;
use zarr_wasm::open::{normalise, open};
use zarr_wasm::read::Array;
use zarr_wasm::selection::{Entry, Selection, Slice};
use zarr_wasm::store::{MemoryStore, Script, ScriptedStore};
use zlib_rs::{Deflate, DeflateFlush, Status};

use crate::counting_allocator::peak_of;
use crate::memory_output::read;

/// Bytes of the one chunk of [`bytes_array`].
const CHUNK_LEN: usize = 1 << 16;

/// What reading a chunk may take besides its bytes.
const MARGIN: usize = 1 << 20;

type Failure = (ErrorCode, String);

/// A v3 document of `uint8` zeros, with changes.
fn document(changes: Value) -> Value {
    let mut document = json!({
        "zarr_format": 3, "node_type": "array", "shape": [8], "data_type": "uint8", "fill_value": 0,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [8]}},
        "chunk_key_encoding": {"name": "default"}, "codecs": ["bytes"],
    });
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    document
}

fn grid(chunk_shape: Value) -> Value {
    json!({"name": "regular", "configuration": {"chunk_shape": chunk_shape}})
}

/// An array that was opened, and the store that it reads from.
struct Opened {
    array: Array<ScriptedStore>,
    store: Rc<ScriptedStore>,
}

impl Opened {
    fn read(&self, entries: &[Entry]) -> Result<Vec<u8>, Failure> {
        let selection = Selection::basic(entries, &self.array.metadata().shape).unwrap();
        block_on(read(&self.array, &selection)).map_err(|error| (error.code(), error.to_string()))
    }

    /// The chunks that were requested whole so far.
    fn requested_chunks(&self) -> Vec<String> {
        let requests = self.store.requests().into_iter().filter(|request| request.key.starts_with('c'));
        requests.inspect(|request| assert_eq!(request.range, ByteRange::Whole)).map(|request| request.key).collect()
    }
}

fn opened(document: &Value, chunks: &[(&str, &[u8])]) -> Result<Opened, Failure> {
    let mut store = MemoryStore::default();
    store.insert("zarr.json", document.to_string().into_bytes());
    chunks.iter().for_each(|(key, bytes)| store.insert(*key, *bytes));
    let store = Rc::new(ScriptedStore::new(store, |_| Script::default()));
    let array = block_on(open(&*store, "")).and_then(|node| match node {
        NodeMetadata::Array(metadata) => Array::new(store.clone(), String::new(), *metadata),
        NodeMetadata::Group(_) => panic!("a group"),
    });
    array.map(|array| Opened { array, store }).map_err(|error| (error.code(), error.to_string()))
}

fn refused(document: &Value) -> Failure {
    opened(document, &[]).err().expect("the document was accepted")
}

/// A failure as the constants of this file write it.
fn failure(code: ErrorCode, text: &str) -> Failure {
    (code, text.to_owned())
}

fn corrupt(text: &str) -> Failure {
    failure(ErrorCode::CorruptChunk, text)
}

/// What becomes of a chunk of 64 KiB behind these codecs, and that it takes no more memory than it may.
fn decode_bomb(codecs: Value, chunk: &[u8]) -> Failure {
    decode_bomb_within(MARGIN, codecs, chunk)
}

fn decode_bomb_within(margin: usize, codecs: Value, chunk: &[u8]) -> Failure {
    let changes = json!({"shape": [CHUNK_LEN], "chunk_grid": grid(json!([CHUNK_LEN])), "codecs": codecs});
    let array = opened(&document(changes), &[("c/0", chunk)]).unwrap();
    let selection = Selection::basic(&[Entry::Index(0)], &[CHUNK_LEN as u64]).unwrap();
    let (outcome, peak) = peak_of(|| block_on(read(&array.array, &selection)));
    assert!(peak < CHUNK_LEN + margin, "{peak} bytes were in use at once");
    let error = outcome.expect_err("the chunk decoded");
    (error.code(), error.to_string())
}

fn deflate(window_bits_and_header: (bool, u8), bytes: &[u8]) -> Vec<u8> {
    let (zlib_header, window_bits) = window_bits_and_header;
    let mut encoded = vec![0; bytes.len() / 8 + 64];
    let mut stream = Deflate::new(9, zlib_header, window_bits);
    assert_eq!(stream.compress(bytes, &mut encoded, DeflateFlush::Finish), Ok(Status::StreamEnd));
    encoded.truncate(stream.total_out() as usize);
    encoded
}

#[test]
fn a_gzip_bomb_is_an_error_of_little_memory() {
    let zeros = deflate((false, 15), &vec![0; 8 << 20]);
    let header = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let bomb = [&header[..], &zeros, &[0; 8]].concat();
    let expected = corrupt("c/0: gzip: decodes to more than the expected 65536 bytes");
    assert_eq!(decode_bomb(json!(["bytes", "gzip"]), &bomb), expected);
    // Where only a bound of the size is known, as between two compressors, it is that.
    let expected = corrupt("c/0: gzip: decodes to more than the expected 147456 bytes");
    assert_eq!(decode_bomb(json!(["bytes", "numcodecs.lz4", "gzip"]), &bomb), expected);
}

#[test]
fn a_zlib_bomb_is_an_error_of_little_memory() {
    let bomb = deflate((true, 15), &vec![0; 8 << 20]);
    let expected = corrupt("c/0: numcodecs.zlib: decodes to more than the expected 65536 bytes");
    assert_eq!(decode_bomb(json!(["bytes", "numcodecs.zlib"]), &bomb), expected);
}

#[test]
fn a_chain_of_very_many_compressors_is_refused() {
    let codecs = |count: usize| [vec!["bytes"], vec!["gzip"; count]].concat();
    let document = |count| document(json!({"codecs": codecs(count)}));
    assert!(opened(&document(20), &[]).is_ok());
    let (code, text) = refused(&document(40));
    let expected = "codecs: 40 bytes→bytes codecs, which is too long a chain";
    assert_eq!((code, text.contains(expected)), (ErrorCode::Unsupported, true), "{text}");
}

#[test]
fn a_bomb_behind_a_header_of_bits_is_an_error_of_little_memory() {
    let bomb = [&[1][..], &deflate((true, 15), &vec![0; 8 << 20])].concat();
    let conditional = json!({"name": "conditional", "configuration": {"codecs": ["numcodecs.zlib"]}});
    let expected = corrupt("c/0: numcodecs.zlib: decodes to more than the expected 65536 bytes");
    assert_eq!(decode_bomb(json!(["bytes", conditional]), &bomb), expected);
}

#[test]
fn an_n5_block_that_claims_to_be_huge_is_an_error_of_little_memory() {
    let transpose = json!({"name": "transpose", "configuration": {"order": [0]}});
    let codecs = |compressor: &str| json!([{"name": "n5_default", "configuration": {"codecs": [transpose, "bytes", compressor]}}]);
    let zeros = deflate((true, 15), &vec![0; 8 << 20]);
    let block = |extent: u32| [&[0, 0, 0, 1][..], &extent.to_be_bytes(), &zeros].concat();
    let expected = "c/0: n5_default: a block of shape [4294967295], which is much larger than its chunk of [65536]";
    assert_eq!(decode_bomb(codecs("numcodecs.zlib"), &block(u32::MAX)), failure(ErrorCode::Unsupported, expected));
    let expected = corrupt("c/0: numcodecs.zlib: decodes to more than the expected 65536 bytes");
    assert_eq!(decode_bomb(codecs("numcodecs.zlib"), &block(1 << 16)), expected);
}

/// A Zstandard frame of blocks that each repeat one byte 128 Ki times.
fn zstd_frame(header: &[u8], blocks: usize) -> Vec<u8> {
    let block = |last: bool| ((128u32 << 10) << 3 | 0b010 | u32::from(last)).to_le_bytes();
    let blocks = (1..=blocks).flat_map(|n| [&block(n == blocks)[..3], &[0]].concat());
    [&[0x28, 0xb5, 0x2f, 0xfd], header].concat().into_iter().chain(blocks).collect()
}

#[test]
fn a_zstd_bomb_is_an_error_of_little_memory() {
    let claims_4_gb = [&[0b1110_0000][..], &(4u64 << 30).to_le_bytes()].concat();
    let claims_64_kib = [&[0b1110_0000][..], &(64u64 << 10).to_le_bytes()].concat();
    let window_of_2_gb = [0, 21 << 3];
    for header in [&claims_4_gb[..], &claims_64_kib, &window_of_2_gb] {
        let bomb = zstd_frame(header, 20);
        assert!(bomb.len() <= 100);
        let (code, text) = decode_bomb(json!(["bytes", "zstd"]), &bomb);
        assert_eq!((code, text.starts_with("c/0: zstd: ")), (ErrorCode::CorruptChunk, true), "{text}");
    }
}

#[test]
fn an_lz4_bomb_is_an_error_of_little_memory() {
    let lz4 = |size: u32, block: &[u8]| [&size.to_le_bytes()[..], block].concat();
    // One literal, then a match of 4 + 15 + 90 · 255 bytes that repeats it.
    let repeats = [&[0x1f, b'z', 1, 0][..], &[255; 90], &[0]].concat();
    let codecs = json!(["bytes", "numcodecs.lz4"]);
    let claimed = corrupt("c/0: numcodecs.lz4: decoded to 2147483647 bytes, expected 65536");
    assert_eq!(decode_bomb(codecs.clone(), &lz4(i32::MAX as u32, &repeats)), claimed);
    let between = corrupt("c/0: numcodecs.lz4: decoded to 2147483647 bytes, expected at most 147456");
    assert_eq!(decode_bomb(json!(["bytes", "gzip", "numcodecs.lz4"]), &lz4(i32::MAX as u32, &repeats)), between);
    let twice = [&repeats[..], &repeats, &repeats].concat();
    let (code, text) = decode_bomb(codecs, &lz4(CHUNK_LEN as u32, &twice));
    assert_eq!((code, text.starts_with("c/0: numcodecs.lz4: ")), (ErrorCode::CorruptChunk, true), "{text}");
}

/// A blosc chunk with one block.
fn blosc(flags: u8, typesize: u8, decoded_len: u32, block_len: u32, part: &[u8]) -> Vec<u8> {
    let len = (16 + 4 + 4 + part.len()) as u32;
    let numbers = [decoded_len, block_len, len, 20, part.len() as u32].map(u32::to_le_bytes);
    [&[2, 1, flags, typesize], numbers.as_flattened(), part].concat()
}

#[test]
fn a_blosc_bomb_is_an_error_of_little_memory() {
    let codecs = || json!(["bytes", {"name": "blosc", "configuration": {}}]);
    let (lz4, blosclz) = (1 << 5, 0);
    let claimed = corrupt("c/0: blosc: decoded to 4294967295 bytes, expected 65536");
    assert_eq!(decode_bomb(codecs(), &blosc(lz4, 1, u32::MAX, u32::MAX, &[0; 70])), claimed);
    let block = corrupt("c/0: blosc: the block length is 4294967295, expected 1 to 65536");
    assert_eq!(decode_bomb(codecs(), &blosc(lz4, 1, 1 << 16, u32::MAX, &[0; 70])), block);
    // A literal, then matches of 2 + 7 + 255 · 300 bytes.
    let repeats = [&[0, b'z', 0xe0][..], &[255; 300], &[0, 0]].concat();
    let part = corrupt("c/0: blosc: block 0 of 1: decodes to more than the expected 65536 bytes");
    assert_eq!(decode_bomb(codecs(), &blosc(blosclz, 1, 1 << 16, 1 << 16, &repeats)), part);
}

#[test]
fn blosc_headers_that_fit_nothing_are_errors() {
    let codecs = || json!(["bytes", {"name": "blosc", "configuration": {}}]);
    let refused = |chunk: &[u8]| decode_bomb(codecs(), chunk);
    let len = CHUNK_LEN as u32;
    let no_blocks = corrupt("c/0: blosc: the block length is 0, expected 1 to 65536");
    assert_eq!(refused(&blosc(0, 1, len, 0, &[0; 9])), no_blocks);
    let no_type = corrupt("c/0: blosc: the typesize is 0, expected 1 to 255");
    assert_eq!(refused(&blosc(0, 0, len, len, &[0; 9])), no_type);
    let many_blocks = corrupt("c/0: blosc: 17 bytes after the header, expected the offsets of 65536 blocks");
    assert_eq!(refused(&blosc(0, 1, len, 1, &[0; 9])), many_blocks);
    // The largest typesize is lawful, however the block is shuffled.
    for flags in [0x01, 0x04, 0x05, 0x11, 0x14] {
        let (code, text) = refused(&blosc(flags, 255, len, len, &[0, 7, 0]));
        assert_eq!(code, ErrorCode::CorruptChunk, "{text}");
    }
}

/// A zfp stream of a header, with this shape of int32 and this mode, and `len` zeros.
fn zfpy(meta: u64, mode: u64, mode_bits: u32, len: usize) -> Vec<u8> {
    let magic = u128::from(u32::from_le_bytes(*b"zfp\x05"));
    let header = magic | u128::from(meta) << 32 | u128::from(mode) << 84;
    let rest = if mode_bits > 44 { (mode >> 44).to_le_bytes() } else { [0; 8] };
    [&header.to_le_bytes()[..], &rest, &vec![0; len]].concat()
}

#[test]
fn a_zfp_stream_of_great_promises_is_an_error_of_little_memory() {
    let items = CHUNK_LEN / 4;
    let refused = |codec: Value, chunk: &[u8]| {
        let changes =
            json!({"data_type": "int32", "shape": [items], "chunk_grid": grid(json!([items])), "codecs": [codec]});
        let array = opened(&document(changes), &[("c/0", chunk)]).unwrap();
        let (outcome, peak) = peak_of(|| array.read(&[]));
        assert!(peak < 2 * CHUNK_LEN + MARGIN, "{peak} bytes were in use at once");
        outcome.expect_err("the chunk decoded")
    };
    let (reversible, in_a_row) = (2176, (items as u64 - 1) << 4);
    let four_dimensions_of_4096 = ((1 << 52) - 1) & !0b11;
    let claimed = "c/0: numcodecs.zfpy: the header says int32 of shape [4096, 4096, 4096, 4096], \
                   expected int32 of shape [16384] or a flat one";
    let chunk = zfpy(four_dimensions_of_4096, reversible, 12, 64);
    assert_eq!(refused(json!("numcodecs.zfpy"), &chunk), corrupt(claimed));
    // Blocks of 32768 bits each, of which there are 64 bytes.
    let all_bits = 0xfff | (0x7fff | 0x7fff << 15 | 63 << 30 | 16495 << 37) << 12;
    let padded = corrupt("c/0: numcodecs.zfpy: the stream ends after 88 bytes, before the end of its blocks");
    assert_eq!(refused(json!("numcodecs.zfpy"), &zfpy(in_a_row, all_bits, 64, 64)), padded);
    let limits = json!({"mode": "expert", "minbits": u32::MAX, "maxbits": u32::MAX, "maxprec": 64, "minexp": i32::MIN});
    let padded = corrupt("c/0: zfp: the stream ends after 100 bytes, before the end of its blocks");
    assert_eq!(refused(json!({"name": "zfp", "configuration": limits}), &[0xff; 100]), padded);
}

#[test]
fn huge_element_sizes_are_errors() {
    let shuffle = |len: u64| json!({"name": "numcodecs.shuffle", "configuration": {"elementsize": len}});
    let expected = corrupt("c/0: numcodecs.shuffle: 65536 bytes, expected a multiple of the element size 2147483647");
    assert_eq!(decode_bomb(json!(["bytes", shuffle(i32::MAX as u64)]), &[1; CHUNK_LEN]), expected);
    let message = "/: numcodecs.shuffle: elementsize is 1099511627776, expected an integer from 0 to 2147483647";
    let refused = refused(&document(json!({"codecs": ["bytes", shuffle(1 << 40)]})));
    assert_eq!(refused, failure(ErrorCode::InvalidMetadata, message.trim_start_matches("/: ")));
}

/// Four inner chunks of two bytes in one shard, whose index holds these entries.
fn read_shard(at_start: bool, entries: [[u64; 2]; 4], selection: &[Entry]) -> Result<Vec<u8>, Failure> {
    let location = if at_start { "start" } else { "end" };
    let bytes = json!({"name": "bytes", "configuration": {"endian": "little"}});
    let configuration =
        json!({"chunk_shape": [2], "codecs": ["bytes"], "index_codecs": [bytes], "index_location": location});
    let codecs = json!([{"name": "sharding_indexed", "configuration": configuration}]);
    let index: Vec<u8> = entries.as_flattened().iter().flat_map(|half| half.to_le_bytes()).collect();
    let data = [1, 2, 3, 4, 5, 6, 7, 8];
    let shard = if at_start { [&index[..], &data].concat() } else { [&data[..], &index].concat() };
    opened(&document(json!({"codecs": codecs})), &[("c/0", &shard)]).unwrap().read(selection)
}

#[test]
fn entries_of_a_shard_index_that_cannot_be_true_are_errors() {
    const MISSING: u64 = u64::MAX;
    let backwards = [Entry::Slice(Slice { step: Some(-1), ..Slice::default() })];
    for (at_start, data, entry) in [
        (false, "0..8", [7, 2]),
        (false, "0..8", [8, 2]),
        (false, "0..8", [0, 9]),
        (false, "0..8", [1 << 63, 2]),
        (false, "0..8", [MISSING - 1, 2]),
        (false, "0..8", [2, MISSING - 1]),
        (false, "0..8", [MISSING, 2]),
        (false, "0..8", [0, MISSING]),
        (false, "0..8", [4, 0]),
        (true, "64..72", [63, 2]),
        (true, "64..72", [0, 2]),
        (true, "64..72", [71, 2]),
        (true, "64..72", [MISSING, 2]),
    ] {
        let good = if at_start { [64, 2] } else { [0, 2] };
        let message = format!(
            "c/0: inner chunk [2]: {} bytes at {} of the shard, expected them within {data}",
            entry[1], entry[0]
        );
        let entries = [good, good, entry, good];
        for selection in [&[][..], &backwards, &[Entry::Index(5)]] {
            assert_eq!(read_shard(at_start, entries, selection), Err(corrupt(&message)), "{entry:?}, {selection:?}");
        }
        // What is not wanted is not looked at.
        assert_eq!(read_shard(at_start, entries, &[Entry::Index(1)]), Ok(vec![2]));
    }
}

#[test]
fn an_inner_chunk_of_another_length_is_an_error() {
    let error = corrupt("c/0: bytes: inner chunk [1]: 3 bytes, expected 2");
    assert_eq!(read_shard(false, [[0, 2], [2, 3], [4, 2], [6, 2]], &[]), Err(error));
}

#[test]
fn entries_of_a_shard_index_may_overlap() {
    let entries = [[0, 2], [1, 2], [0, 2], [6, 2]];
    assert_eq!(read_shard(false, entries, &[]), Ok(vec![1, 2, 2, 3, 1, 2, 7, 8]));
    assert_eq!(read_shard(false, entries, &[Entry::Index(3)]), Ok(vec![3]));
}

#[test]
fn a_bool_that_is_neither_0_nor_1_is_an_error() {
    let changes = json!({"data_type": "bool", "fill_value": false});
    let array = opened(&document(changes), &[("c/0", &[0, 1, 1, 0, 255, 0, 0, 0])]).unwrap();
    assert_eq!(array.read(&[]), Err(corrupt("c/0: a bool is stored as 255, expected 0 or 1")));
}

#[test]
fn an_array_without_elements_may_be_huge_along_its_other_axes() {
    let changes = json!({"shape": [0, 1u64 << 40, 1u64 << 40], "chunk_grid": grid(json!([1, 1024, 1024]))});
    let array = opened(&document(changes), &[]).unwrap();
    assert_eq!(array.read(&[]), Ok(vec![]));
    assert_eq!(array.read(&[Entry::All, Entry::Index(-1)]), Ok(vec![]));
    assert_eq!(array.requested_chunks(), Vec::<String>::new());
}

#[test]
fn shapes_of_more_elements_than_there_are_numbers_for_are_refused() {
    let shape = json!([1u64 << 40, 1u64 << 40]);
    let error =
        failure(ErrorCode::Unsupported, "zarr.json: shape [1099511627776, 1099511627776] has more than 2^64 elements");
    let changes = json!({"shape": shape, "chunk_grid": grid(json!([1, 1]))});
    assert_eq!(refused(&document(changes)), error);
    let error = failure(
        ErrorCode::Unsupported,
        "bytes: a chunk of shape [1099511627776, 1099511627776] and type uint8 is larger than 1073741824 bytes",
    );
    assert_eq!(refused(&document(json!({"shape": [1, 1], "chunk_grid": grid(shape)}))), error);
}

#[test]
fn chunks_larger_than_the_limit_are_refused_and_shards_are_not() {
    let error = failure(
        ErrorCode::Unsupported,
        "bytes: a chunk of shape [1073741825] and type uint8 is larger than 1073741824 bytes",
    );
    let large = json!({"shape": [1u64 << 40], "chunk_grid": grid(json!([(1 << 30) + 1]))});
    assert_eq!(refused(&document(large)), error);
    let endian = json!({"name": "bytes", "configuration": {"endian": "little"}});
    let sharding = |inner: u64| {
        let configuration = json!({"chunk_shape": [inner], "codecs": ["bytes"], "index_codecs": [endian]});
        let codecs = json!([{"name": "sharding_indexed", "configuration": configuration}]);
        json!({"shape": [1u64 << 40], "chunk_grid": grid(json!([1u64 << 40])), "codecs": codecs})
    };
    assert_eq!(opened(&document(sharding(1 << 20)), &[]).unwrap().array.shard_shape(), Some(vec![1 << 40]));
    let error = failure(
        ErrorCode::Unsupported,
        "sharding_indexed: 1099511627776 inner chunks in a shard, at most 4194304 are supported",
    );
    assert_eq!(refused(&document(sharding(1))), error);
}

#[test]
fn one_element_of_a_billion_chunks_is_one_request() {
    let changes = json!({"shape": [1_000_000_000], "chunk_grid": grid(json!([1])), "fill_value": 7});
    let array = opened(&document(changes), &[("c/123456789", &[9])]).unwrap();
    let (found, peak) = peak_of(|| array.read(&[Entry::Index(123_456_789)]));
    assert_eq!(found, Ok(vec![9]));
    assert_eq!(array.requested_chunks(), ["c/123456789"]);
    assert!(peak < MARGIN, "{peak} bytes");
    let every = Slice { step: Some(400_000_000), ..Slice::default() };
    assert_eq!(array.read(&[Entry::Slice(every)]), Ok(vec![7, 7, 7]));
    assert_eq!(array.requested_chunks().len(), 4);
}

#[test]
fn paths_do_not_lead_out_of_their_store() {
    for path in ["..", "../x", "a/../../x", "a/..", "./x", "/../etc/passwd"] {
        let error = normalise(path).unwrap_err();
        let message = format!("the path {path:?} has a segment \".\" or \"..\"");
        assert_eq!((error.code(), error.message()), (ErrorCode::InvalidArgument, message.as_str()));
    }
}

#[test]
fn json_too_deep_for_the_stack_is_an_error() {
    let deep = format!("{{\"zarr_format\": {}{}}}", "[".repeat(1 << 20), "]".repeat(1 << 20));
    let mut store = MemoryStore::default();
    store.insert("zarr.json", deep.into_bytes());
    let error = block_on(open(&store, "")).unwrap_err();
    let message = "the document is not JSON: expected no value so deep at byte 143";
    assert_eq!((error.code(), error.message()), (ErrorCode::InvalidMetadata, message));
}

#[test]
fn shards_may_nest_as_deep_as_json() {
    let nested = |depth: usize| {
        let endian = json!({"name": "bytes", "configuration": {"endian": "little"}});
        (0..depth).fold(json!(["bytes"]), |codecs, _| {
            let configuration = json!({"chunk_shape": [8], "codecs": codecs, "index_codecs": [endian]});
            json!([{"name": "sharding_indexed", "configuration": configuration}])
        })
    };
    let array = opened(&document(json!({"codecs": nested(40), "fill_value": 7})), &[]).unwrap();
    assert_eq!(array.read(&[Entry::Index(3)]), Ok(vec![7]));
    let too_deep = refused(&document(json!({"codecs": nested(50)})));
    let message = "zarr.json: the document is not JSON: expected no value so deep at byte 2038";
    assert_eq!(too_deep, failure(ErrorCode::InvalidMetadata, message));
}

#[test]
fn a_document_of_100_mb_is_refused() {
    let mut store = MemoryStore::default();
    store.insert("zarr.json", vec![b' '; 100_000_000]);
    let error = block_on(open(&store, "")).unwrap_err();
    let message = "the document has 100000000 bytes, at most 33554432 are read";
    assert_eq!((error.code(), error.message()), (ErrorCode::Unsupported, message));
}
