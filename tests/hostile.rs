//! Whatever stands in a store: no panic, no wrong answer, no more memory than the metadata ask for.
#![cfg(not(target_arch = "wasm32"))]

mod counting_allocator;
mod document_mutations;
mod fixture_arrays;
mod memory_output;
mod mutations;
mod named_inputs;
mod placed_output;
mod random;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use futures::executor::block_on;
use zarr_wasm::codec::{ChunkSpec, Pipeline, Scratch};
use zarr_wasm::metadata::{ArrayMetadata, NodeMetadata};
use zarr_wasm::open::open;
use zarr_wasm::read::Array;
use zarr_wasm::scatter::Holder;
use zarr_wasm::selection::{Entry, Selection, Slice};
use zarr_wasm::store::MemoryStore;
use zarr_wasm::{Error, ErrorCode, Result};

use fixture_arrays::{FixtureArray, fixture_arrays};
use mutations::damage_bytes;
use random::Random;

/// How often each chunk is damaged and decoded, each shard is damaged and read in parts.
const DECODED: usize = 40;
const READ_IN_PARTS: usize = 40;

const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// What damage to a chunk may lead to.
const CHUNK_CODES: [ErrorCode; 3] = [ErrorCode::CorruptChunk, ErrorCode::Unsupported, ErrorCode::Conversion];

fn metadata(array: &FixtureArray) -> ArrayMetadata {
    match block_on(open(&array.store, "")).unwrap() {
        NodeMetadata::Array(metadata) => *metadata,
        NodeMetadata::Group(_) => panic!("{} is a group", array.path),
    }
}

fn pipeline(metadata: &ArrayMetadata) -> Pipeline {
    let chunk = ChunkSpec {
        shape: metadata.chunk_grid.shape_of(&vec![0; metadata.shape.len()]),
        data_type: metadata.data_type.clone(),
        fill_value: metadata.fill_bytes(),
    };
    Pipeline::new(&metadata.codecs, chunk).unwrap()
}

/// Whether a checksum covers all that the chunk decodes to: then damage is found out, or it did not matter.
fn is_checked(metadata: &ArrayMetadata, chunk: &[u8]) -> bool {
    let names: Vec<&str> = metadata.codecs.iter().map(|codec| codec.name.trim_start_matches("numcodecs.")).collect();
    let has_checksum =
        |name: &&str| matches!(*name, "crc32c" | "crc32" | "adler32" | "jenkins_lookup3" | "gzip" | "zlib" | "bz2");
    // Bit 2 of the descriptor, which follows the magic number, of the one frame that there is.
    let frames = chunk.windows(4).filter(|bytes| *bytes == ZSTD_MAGIC).count();
    let zstd_has =
        matches!(chunk, [a, b, c, d, descriptor, ..] if [*a, *b, *c, *d] == ZSTD_MAGIC && descriptor & 4 != 0);
    names.iter().any(has_checksum) || names.last() == Some(&"zstd") && frames == 1 && zstd_has
}

/// The elements of a chunk, and what those of variable length refer to.
fn decode(pipeline: &Pipeline, chunk: &[u8], scratch: &mut Scratch) -> Result<(Vec<u8>, Vec<u8>)> {
    scratch.heap.clear();
    let elements = pipeline.decode(chunk, scratch)?.into_owned();
    Ok((elements, scratch.heap.bytes().to_vec()))
}

/// Adds what went wrong, if anything did; a panic did.
fn judge(failures: &mut Vec<String>, about: impl Fn() -> String, work: impl FnOnce() -> Result<(), String>) {
    let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("panicked".into()));
    failures.extend(outcome.err().map(|reason| format!("{}: {reason}", about())));
}

fn expect_code(error: &Error, codes: &[ErrorCode]) -> Result<(), String> {
    if codes.contains(&error.code()) && !error.message().is_empty() { Ok(()) } else { Err(format!("{error:?}")) }
}

#[test]
fn a_damaged_chunk_decodes_to_an_error_or_to_exactly_one_chunk() {
    let mut failures = Vec::new();
    let (mut decoded, mut checked) = (0, 0);
    for array in fixture_arrays() {
        let metadata = metadata(&array);
        if metadata.chunk_grid.chunk_shape().is_none() {
            // Each of its chunks has a pipeline of its own.
            continue;
        }
        let pipeline = pipeline(&metadata);
        let mut scratch = Scratch::default();
        for (key, chunk) in array.chunks.iter().take(3) {
            let (good, good_heap) = decode(&pipeline, chunk, &mut scratch).unwrap();
            for _ in 0..DECODED {
                let damaged = damage_bytes(chunk, &mut Random::new(decoded));
                let is_checked = is_checked(&metadata, chunk) && is_checked(&metadata, &damaged);
                let about = || format!("{}/{key}, seed {decoded}", array.path);
                judge(&mut failures, about, || match decode(&pipeline, &damaged, &mut scratch) {
                    Err(error) => expect_code(&error, &CHUNK_CODES),
                    Ok((bytes, _)) if bytes.len() != good.len() => Err(format!("{} bytes", bytes.len())),
                    // The CRC-32C of four bytes 0xff is 0xffffffff.
                    Ok(found)
                        if is_checked
                            && found != (good.clone(), good_heap.clone())
                            && damaged.iter().any(|byte| *byte != 0xff) =>
                    {
                        Err("wrong bytes in spite of a checksum".into())
                    }
                    Ok(_) => Ok(()),
                });
                decoded += 1;
                checked += usize::from(is_checked);
            }
        }
    }
    assert!(failures.is_empty(), "{} of {decoded} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(decoded >= 10_000 && checked >= 2_000, "only {decoded} chunks, {checked} with a checksum");
}

#[test]
fn a_damaged_shard_reads_in_parts_as_an_error_or_as_many_elements() {
    let mut failures = Vec::new();
    let mut read = 0;
    for array in fixture_arrays() {
        let metadata = metadata(&array);
        // Backwards, so that no shard is wanted as a whole.
        let backwards = Entry::Slice(Slice { step: Some(-1), ..Slice::default() });
        let selection = Selection::basic(&vec![backwards; metadata.shape.len()], &metadata.shape).unwrap();
        let open = |store: MemoryStore| Array::new(Rc::new(store), String::new(), metadata.clone()).unwrap();
        if open(array.store.clone()).shard_shape().is_none() || metadata.shape.is_empty() {
            continue;
        }
        let columns = open(array.store.clone()).read_spec(&selection, None).columns().unwrap();
        let has_values = columns.iter().any(|column| matches!(column.holder, Holder::Values(_)));
        let good = block_on(memory_output::read(&open(array.store.clone()), &selection)).unwrap();
        for (key, shard) in array.chunks.iter().take(2) {
            for _ in 0..READ_IN_PARTS {
                let damaged = open(array.changed(key, &damage_bytes(shard, &mut Random::new(read))));
                let about = || format!("{}/{key}, seed {read}", array.path);
                judge(&mut failures, about, || match block_on(memory_output::read(&damaged, &selection)) {
                    Err(error) if error.place().key.as_ref() == Some(key) => expect_code(&error, &CHUNK_CODES),
                    Err(error) => Err(format!("{error:?}")),
                    Ok(bytes) if bytes.len() != good.len() && !has_values => Err(format!("{} bytes", bytes.len())),
                    Ok(_) => Ok(()),
                });
                read += 1;
            }
        }
    }
    assert!(failures.is_empty(), "{} of {read} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(read >= 1_000, "only {read} reads");
}
