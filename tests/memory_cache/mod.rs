//! Decoded chunks kept in memory, all that were ever decoded, in place of JavaScript's cache.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use zarr_wasm::read::ChunkCache;
use zarr_wasm::store::MemoryBytes;

pub struct MemoryCache {
    /// Bytes of the largest chunk that is kept.
    pub most_len: u64,
    pub hits: Cell<u64>,
    pub misses: Cell<u64>,
    chunks: RefCell<HashMap<String, MemoryBytes>>,
}

impl MemoryCache {
    pub fn new(most_len: u64) -> Self {
        Self { most_len, hits: Cell::new(0), misses: Cell::new(0), chunks: RefCell::default() }
    }

    /// Chunks that are kept.
    pub fn kept(&self) -> usize {
        self.chunks.borrow().len()
    }
}

impl ChunkCache<MemoryBytes> for MemoryCache {
    fn most_len(&self) -> u64 {
        self.most_len
    }

    fn get(&self, key: &str) -> Option<MemoryBytes> {
        let chunk = self.chunks.borrow().get(key).cloned();
        let count = if chunk.is_some() { &self.hits } else { &self.misses };
        count.set(count.get() + 1);
        chunk
    }

    fn has(&self, key: &str) -> bool {
        self.chunks.borrow().contains_key(key)
    }

    fn insert(&self, key: &str, chunk: MemoryBytes) {
        self.chunks.borrow_mut().insert(key.to_owned(), chunk);
    }
}
