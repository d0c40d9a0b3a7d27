//! What is fuzzed: each target is a function of bytes that panics where something is not as it must be.
//!
//! No panic in the library is one of these things; the others stand with each target. The same functions run with the
//! committed corpus, and with mutations of it, in `tests/fuzz.rs`.

mod blosc;
mod choices;
mod codecs;
mod metadata;
mod pipeline;
mod round_trip;
mod selection;
mod shard_index;

use zarr_wasm::{Error, ErrorCode};

pub type Target = fn(&[u8]);

/// Every target, by the name of its program and of its folder in the corpus.
pub const TARGETS: [(&str, Target); 8] = [
    ("blosc", blosc::target),
    ("codecs", codecs::target),
    ("metadata_v2", metadata::v2),
    ("metadata_v3", metadata::v3),
    ("pipeline", pipeline::target),
    ("round_trip", round_trip::target),
    ("selection", selection::target),
    ("shard_index", shard_index::target),
];

pub use codecs::CODECS;

/// Runs the target of this name.
pub fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS.iter().find(|(known, _)| *known == name).expect("a target of this name");
    target(bytes);
}

/// What a piece of decoding may take besides what the metadata promise.
const MARGIN: usize = 1 << 20;

/// What damage to a chunk may lead to.
const CHUNK_CODES: [ErrorCode; 3] = [ErrorCode::CorruptChunk, ErrorCode::Unsupported, ErrorCode::Conversion];

#[track_caller]
fn expect_code(error: &Error, codes: &[ErrorCode]) {
    assert!(codes.contains(&error.code()) && !error.message().is_empty(), "{error:?}");
}
