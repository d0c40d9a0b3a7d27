//! Decoded chunks that are kept for later reads.
//!
//! A chunk is looked for before anything is requested for it. What is kept is all of it, in the form in which its elements lie
//! once they are decoded, whatever part of it a read wants and in which type: so it is decoded for the cache first, and then
//! placed from there as if it had been stored without compression ([`ReadSpec::whole`](crate::decode::ReadSpec::whole),
//! [`ReadSpec::of_whole`](crate::decode::ReadSpec::of_whole)). Elements of variable length are not kept: they lie elsewhere.

use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Array, Arrival};
use crate::codec::ShardingIndexed;
use crate::plan::ChunkProjection;
use crate::shape::element_count;
use crate::store::{Held, Store};

/// Where decoded chunks are kept, of all arrays.
pub trait ChunkCache<B> {
    /// Bytes of the largest chunk that it takes; 0 where it takes none.
    fn most_len(&self) -> u64;

    fn get(&self, key: &str) -> Option<B>;

    /// As `get`, of no importance for what is thrown out first.
    fn has(&self, key: &str) -> bool;

    fn insert(&self, key: &str, chunk: B);
}

/// The part of a cache that one array has.
pub(super) struct ArrayCache<B> {
    cache: Rc<dyn ChunkCache<B>>,
    /// No other has had it: what is open in different ways may be different.
    array: u64,
}

static ARRAYS: AtomicU64 = AtomicU64::new(0);

impl<B> ArrayCache<B> {
    pub fn new(cache: Rc<dyn ChunkCache<B>>) -> Self {
        Self { cache, array: ARRAYS.fetch_add(1, Ordering::Relaxed) }
    }

    /// Of the chunk, or inner chunk, of a stored object.
    fn key(&self, object: &str, projection: &ChunkProjection) -> String {
        format!("{} {object} {:?}", self.array, projection.chunk)
    }

    pub fn get(&self, object: &str, projection: &ChunkProjection) -> Option<B> {
        self.cache.get(&self.key(object, projection))
    }

    pub fn has(&self, object: &str, projection: &ChunkProjection) -> bool {
        self.cache.has(&self.key(object, projection))
    }

    pub fn insert(&self, object: &str, projection: &ChunkProjection, chunk: B) {
        self.cache.insert(&self.key(object, projection), chunk);
    }
}

impl<S: Store> Array<S> {
    /// Decoded chunks are kept from now on.
    pub fn keep_in(&mut self, cache: Rc<dyn ChunkCache<S::Bytes>>) {
        self.cache = Some(ArrayCache::new(cache));
    }

    /// The cache, if it takes chunks of this array now.
    pub(super) fn cache(&self) -> Option<&ArrayCache<S::Bytes>> {
        let cache = self.cache.as_ref().filter(|_| !self.metadata.data_type.is_variable())?;
        let shape = self.read_chunk_shape().unwrap_or_else(|| self.metadata.chunk_grid.largest_chunk_shape());
        let len = element_count(&shape).ok()?.checked_mul(self.metadata.data_type.item_len() as u64)?;
        (len <= cache.cache.most_len()).then_some(cache)
    }
}

impl<B> Arrival<B> {
    /// A chunk that is decoded already.
    pub(super) fn decoded(
        projection: ChunkProjection,
        chunk: B,
        key: Rc<str>,
        sharding: Option<Rc<ShardingIndexed>>,
    ) -> Self {
        Self {
            projection,
            encoded: Some(chunk),
            is_decoded: true,
            key,
            sharding,
            chunk_count: 1,
            _held: Held::default(),
        }
    }
}
