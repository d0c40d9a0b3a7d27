//! Whole chunks: an array that is written and read again, with some bytes of one of its chunks changed.
//!
//! The first bytes are a seed for the drafts of `tests/property.rs`, the rest says what to change. Unchanged, every element
//! is what was written; changed, a read is an error that names the chunk, or as many elements as were selected.

use std::rc::Rc;

use futures::StreamExt;
use futures::executor::block_on;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use zarr_wasm::metadata::NodeMetadata;
use zarr_wasm::open::open;
use zarr_wasm::read::Array;
use zarr_wasm::selection::{Coordinates, Selection};
use zarr_wasm::store::{MemoryStore, Request, Store, StoredBytes};

use super::choices::Choices;
use super::{CHUNK_CODES, expect_code};
use crate::array_drafts::{self, SelectionDraft};
use crate::array_writer::{Description, Kind, Written, write};
use crate::memory_output::read;

/// The most elements that are written one by one.
const MOST_ELEMENTS: u64 = 3000;

/// Bytes that say of one byte of the chunk where it is and how it changes.
const CHANGE_LEN: usize = 3;

pub fn target(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&choices.u32().to_le_bytes());
    let changes: Vec<(u16, u8)> = (0..choices.0.len() / CHANGE_LEN).map(|_| (choices.u16(), choices.byte())).collect();
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let Ok(draft) = (array_drafts::selection(), array_drafts::array()).new_tree(&mut runner) else { return };
    let (selection, array) = draft.current();
    let description = array.describe();
    if description.chunk_shape.iter().product::<u64>() > MOST_ELEMENTS {
        return;
    }
    let Written { mut store, elements } = write(&description);
    let place = changes.iter().map(|(at, _)| u64::from(*at)).sum::<u64>();
    let chunk: Vec<u64> = (0..description.shape.len())
        .map(|axis| description.chunk_of(axis, place % description.shape[axis].max(1)))
        .collect();
    let key = description.chunk_key(&chunk);
    let is_changed = change(&mut store, &key, &changes);
    let array = opened(&store, &description);
    let all = Selection::basic(&[], &description.shape).unwrap();
    match block_on(read(&array, &all)) {
        Ok(found) if is_changed => check_len(&found, &description, elements.len()),
        Ok(found) => assert_eq!(found, description.element_type.output_bytes(&elements), "{description:?}"),
        Err(error) if is_changed => {
            expect_code(&error, &CHUNK_CODES);
            assert_eq!(error.place().key.as_ref(), Some(&key));
        }
        Err(error) => panic!("{error:?} of {description:?}"),
    }
    for selection in selections(&selection, &description.shape) {
        match block_on(read(&array, &selection)) {
            Ok(found) => {
                check_len(&found, &description, selection.element_count().unwrap() as usize);
            }
            Err(error) => {
                assert!(is_changed, "{error:?} of {description:?}");
                expect_code(&error, &CHUNK_CODES);
            }
        }
    }
}

/// A selection along axes, and one of points.
fn selections(draft: &SelectionDraft, shape: &[u64]) -> [Selection; 2] {
    let lists = draft.points(shape).into_iter();
    let coordinates = lists.map(|indices| Coordinates { shape: vec![indices.len() as u64], indices });
    let points = Selection::vectorized(&coordinates.collect::<Vec<_>>(), shape).unwrap();
    [Selection::orthogonal(&draft.entries(shape), shape).unwrap(), points]
}

/// Changes bytes of a chunk; whether that made a difference.
fn change(store: &mut MemoryStore, key: &str, changes: &[(u16, u8)]) -> bool {
    let request = Request::whole(key);
    let (_, outcome) = block_on(store.get_many([((), request)].into_iter()).next()).expect("one answer");
    let Some(reply) = outcome.unwrap() else { return false };
    let chunk = reply.bytes.to_vec();
    let mut changed = chunk.clone();
    for (at, byte) in changes {
        match changed.len() {
            0 => changed.push(*byte),
            len => changed[usize::from(*at) % len] ^= byte,
        }
    }
    let is_changed = changed != chunk;
    store.insert(key, changed);
    is_changed
}

fn opened(store: &MemoryStore, description: &Description) -> Array<MemoryStore> {
    match block_on(open(store, &description.path)).unwrap() {
        NodeMetadata::Array(metadata) => {
            Array::new(Rc::new(store.clone()), description.path.clone(), *metadata).unwrap()
        }
        NodeMetadata::Group(_) => panic!("a group"),
    }
}

/// Whether it is so many elements; texts have the length that damage gave them, and 4 bytes that say it.
fn check_len(found: &[u8], description: &Description, count: usize) {
    let element_type = &description.element_type;
    match element_type.kind {
        Kind::Letters | Kind::CodePoints | Kind::Text | Kind::Record => assert!(found.len() >= 4 * count),
        _ => assert_eq!(found.len(), count * element_type.output_bytes(&[0]).len()),
    }
}
