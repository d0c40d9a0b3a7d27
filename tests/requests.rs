//! What a read requests, to the last request, with the queue between it and a scripted store.
#![cfg(not(target_arch = "wasm32"))]

mod memory_cache;
mod memory_output;
mod placed_output;

use std::rc::Rc;

use futures::executor::block_on;
use futures::join;
use serde_json::json;
use zarr_wasm::byte_range::ByteRange;
use zarr_wasm::metadata::NodeMetadata;
use zarr_wasm::open::open;
use zarr_wasm::read::Array;
use zarr_wasm::retrieve::{Limiter, Limits, Queue, RetryPolicy, ScriptedClock, Traffic};
use zarr_wasm::selection::{Entry, Selection, Slice};
use zarr_wasm::store::{MemoryStore, Request, Script, ScriptedStore};

use memory_cache::MemoryCache;
use memory_output::read;

const ELEMENTS: u8 = 64;
/// Each of 8 inner chunks of 2 elements of one byte.
const SHARD_LEN: usize = 16;
const INNER_LEN: usize = 2;
const INDEX_LEN: u64 = 128;

/// An array of 4 shards of uint8 that count up.
fn objects() -> MemoryStore {
    let bytes = json!({"name": "bytes"});
    let sharding = json!({"name": "sharding_indexed", "configuration": {"chunk_shape": [INNER_LEN], "codecs": [bytes],
        "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}]}});
    let document = json!({"zarr_format": 3, "node_type": "array", "shape": [ELEMENTS], "data_type": "uint8",
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [SHARD_LEN]}}, "fill_value": 0,
        "chunk_key_encoding": {"name": "default"}, "codecs": [sharding]});
    let mut objects = MemoryStore::default();
    objects.insert("zarr.json", document.to_string().into_bytes());
    for (shard, elements) in elements(0..ELEMENTS).chunks(SHARD_LEN).enumerate() {
        let entries = (0..SHARD_LEN / INNER_LEN).flat_map(|inner| [inner * INNER_LEN, INNER_LEN]);
        let index = entries.flat_map(|number| (number as u64).to_le_bytes());
        objects.insert(format!("c/{shard}"), elements.iter().copied().chain(index).collect::<Vec<_>>());
    }
    objects
}

fn elements(range: std::ops::Range<u8>) -> Vec<u8> {
    range.collect()
}

struct Scene {
    array: Array<Queue<ScriptedStore>>,
    queue: Rc<Queue<ScriptedStore>>,
    opened: usize,
}

fn scene() -> Scene {
    let limits = Limits::new(1 << 30);
    limits.set(Some(8), 1 << 30);
    let limiter = Limiter::new(&limits, false);
    let traffic = Traffic { limiter, stats: Rc::default(), clock: Rc::<ScriptedClock>::default() };
    let store = ScriptedStore::new(objects(), |_| Script { turns: 3, fault: None });
    let queue = Rc::new(Queue::new(store, traffic, RetryPolicy::default()));
    let Ok(NodeMetadata::Array(metadata)) = block_on(open(&*queue, "")) else { panic!("no array") };
    let opened = queue.store().requests().len();
    Scene { array: Array::new(queue.clone(), String::new(), *metadata).unwrap(), queue, opened }
}

fn cached_scene(most_len: u64) -> (Scene, Rc<MemoryCache>) {
    let mut scene = scene();
    let cache = Rc::new(MemoryCache::new(most_len));
    scene.array.keep_in(cache.clone());
    (scene, cache)
}

impl Scene {
    fn select(&self, range: std::ops::Range<u8>) -> Selection {
        let slice = Slice { start: Some(range.start.into()), stop: Some(range.end.into()), step: None };
        Selection::basic(&[Entry::Slice(slice)], &[ELEMENTS.into()]).unwrap()
    }

    /// Reads the ranges at the same time and answers what was requested since the last time, sorted.
    fn requested(&mut self, ranges: [std::ops::Range<u8>; 2]) -> Vec<(String, ByteRange)> {
        let [first, second] = ranges.clone().map(|range| self.select(range));
        let found = block_on(async { join!(read(&self.array, &first), read(&self.array, &second)) });
        assert_eq!([found.0.unwrap(), found.1.unwrap()], ranges.map(elements));
        let requests = self.queue.store().requests();
        let new = requests[std::mem::replace(&mut self.opened, requests.len())..].iter();
        let mut new: Vec<_> = new.map(|Request { key, range, .. }| (key.clone(), *range)).collect();
        new.sort_by_key(|(key, range)| (key.clone(), range.to_string()));
        new
    }
}

fn range(shard: u8, start: u64, stop: u64) -> (String, ByteRange) {
    (format!("c/{shard}"), ByteRange::Range { start, stop })
}

fn index(shard: u8) -> (String, ByteRange) {
    (format!("c/{shard}"), ByteRange::Suffix(INDEX_LEN))
}

fn whole(shard: u8) -> (String, ByteRange) {
    (format!("c/{shard}"), ByteRange::Whole)
}

#[test]
fn overlapping_reads_at_the_same_time_request_each_shard_once() {
    assert_eq!(scene().requested([0..64, 16..48]), [0, 1, 2, 3].map(whole));
    assert_eq!(scene().requested([0..32, 16..64]), [0, 1, 2, 3].map(whole));
}

#[test]
fn parts_of_shards_are_an_index_for_each_and_neighbours_together_and_the_second_time_no_index() {
    let mut scene = scene();
    // Inner chunks 3..7 of shard 0, and 4 of shard 2.
    let ranges = || [7..13, 41..42];
    assert_eq!(scene.requested(ranges()), [range(0, 6, 14), index(0), range(2, 8, 10), index(2)]);
    assert_eq!(scene.requested(ranges()), [range(0, 6, 14), range(2, 8, 10)]);
}

#[test]
fn parts_that_are_wanted_twice_at_the_same_time_are_requested_once() {
    assert_eq!(scene().requested([5..9, 5..9]), [range(0, 4, 10), index(0)]);
}

#[test]
fn inner_chunks_in_the_cache_are_not_requested() {
    let (mut scene, cache) = cached_scene(2);
    // Inner chunks 3..7 of shard 0, and 4 of shard 2.
    let ranges = || [7..13, 41..42];
    assert_eq!(scene.requested(ranges()), [range(0, 6, 14), index(0), range(2, 8, 10), index(2)]);
    assert_eq!((cache.hits.get(), cache.misses.get()), (0, 5));
    assert_eq!(scene.requested(ranges()), []);
    assert_eq!((cache.hits.get(), cache.misses.get()), (5, 5));
    // Of a shard that is wanted whole what is left, with what lies between.
    assert_eq!(scene.requested([0..16, 14..16]), [range(0, 0, 16)]);
    assert_eq!(scene.requested([0..16, 0..0]), []);
    let planned = scene.array.planned_requests(&scene.select(14..34)).unwrap();
    let planned: Vec<_> = planned.into_iter().map(|request| (request.key.to_string(), request.range)).collect();
    assert_eq!(planned, [whole(1), range(2, 0, 2)].map(|(key, range)| (key, Some(range))));
}

#[test]
fn a_cache_that_is_too_small_for_a_chunk_is_not_looked_into() {
    let (mut scene, cache) = cached_scene(1);
    assert_eq!(scene.requested([7..13, 7..13]), [range(0, 6, 14), index(0)]);
    assert_eq!(scene.requested([7..13, 7..13]), [range(0, 6, 14)]);
    assert_eq!((cache.hits.get(), cache.misses.get(), cache.kept()), (0, 0, 0));
}
