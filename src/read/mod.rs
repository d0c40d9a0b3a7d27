//! The read: joins plan, requests, retrieval and decoding.
//!
//! A read is a stream. The plan is walked lazily; every projection becomes a request, in the case of shards as `shards.rs`
//! says. What arrives is decoded at once, in order of arrival. The first failure drops the stream, and with it everything that
//! is still under way.

mod chunk_cache;
mod groups;
mod inbox;
mod lru;
mod ranges;
mod shards;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::StreamExt;
use futures::future::LocalBoxFuture;
use futures::stream::{self, LocalBoxStream};

use crate::by_shape::ByShape;
use crate::byte_range::ByteRange;
use crate::chunk_grid::ChunkGrid;
use crate::codec::{ChunkSpec, Externals, Found, Len, Pipeline, ShardingIndexed};
use crate::decode::ReadSpec;
use crate::error::{Error, ErrorCode, Result};
use crate::metadata::ArrayMetadata;
use crate::open::join;
use crate::plan::{ChunkPlan, ChunkProjection, Elements};
use crate::scatter::As;
use crate::selection::Selection;
use crate::shape::{element_count, strides};
use crate::store::{Caller, Held, Request, Store, StoredBytes};
use chunk_cache::ArrayCache;
pub use chunk_cache::ChunkCache;
use groups::Groups;
use inbox::decode_all;
use lru::Lru;
use shards::{LocatedIndex, index_range, inner_chunk};

/// Shards that are worked on at once, so that the queue is busy while indices are fetched.
const SHARDS_AT_ONCE: usize = 64;

/// Bytes of the shard indices that an array remembers.
const REMEMBERED_INDICES_LEN: usize = 16 << 20;

/// Requests that a plan lists, at most.
const MOST_PLANNED: usize = 1 << 20;

/// Bytes that an element of variable length is expected to have.
const VARIABLE_LEN: u64 = 64;

/// Decodes arrived chunks into the output of one read.
pub trait Decode<B> {
    /// Groups of chunks that may be in its hands at once; it may be more of them later.
    fn groups_at_once(&self) -> usize;

    /// Decoded bytes of a group of several chunks, at most; 0 where it decodes them one by one.
    fn most_group_len(&self) -> u64;

    /// Decodes a chunk of this shape, or the fill value where the chunk is missing, and places it; or several that follow
    /// each other along one axis of the output.
    ///
    /// Chunks that `are_decoded` are what [`decode_whole`](Self::decode_whole) answered.
    fn decode(
        &self,
        chunk_shape: &[u64],
        chunks: &[(&Elements, Option<B>)],
        are_decoded: bool,
    ) -> impl Future<Output = Result<()>>;

    /// Decodes all of a chunk of this shape: its elements in C order, as they lie in memory.
    fn decode_whole(&self, chunk_shape: &[u64], encoded: B) -> impl Future<Output = Result<B>>;

    /// Takes note of a chunk for which nothing is to be done: a read of many such must let others in, too.
    fn pause(&self) -> impl Future<Output = Result<()>>;

    /// So many chunks are done, for which so many bytes had been received.
    fn done(&self, chunks: u64, bytes: usize) -> Result<()>;
}

/// Has codecs that are not known here.
pub trait CodecSource {
    /// Loads the codec of this name; `None` where there is none.
    fn load(&self, name: &str) -> impl Future<Output = Result<Option<Found>>>;

    /// Types the chain where all codecs are known: answers the names that are not in its `externals`, and what was wrong.
    fn check(&self, spec: &ReadSpec) -> impl Future<Output = (Vec<String>, Result<()>)>;
}

/// An array that can be read.
pub struct Array<S: Store> {
    store: Rc<S>,
    path: String,
    metadata: ArrayMetadata,
    /// Typed for the first chunk.
    pipeline: Pipeline,
    /// The sharding codec by the shape of the shard, where inner chunks are read by themselves.
    shardings: ByShape<Rc<ShardingIndexed>>,
    externals: Externals,
    indices: RefCell<Lru<Rc<LocatedIndex>>>,
    cache: Option<ArrayCache<S::Bytes>>,
    /// Bytes of the largest object that a chunk, or a shard, is expected to be.
    most_encoded: u64,
}

/// A chunk whose bytes have arrived, or that is missing.
struct Arrival<B> {
    projection: ChunkProjection,
    encoded: Option<B>,
    /// It comes from the cache.
    is_decoded: bool,
    /// Key of the stored object: the chunk's, or that of its shard.
    key: Rc<str>,
    /// Of an inner chunk, or of a shard that is missing as a whole.
    sharding: Option<Rc<ShardingIndexed>>,
    /// How many chunks it is: a missing shard has many.
    chunk_count: u64,
    /// Kept until the bytes are decoded.
    _held: Held,
}

/// A request that a read would make.
#[derive(Debug, PartialEq)]
pub struct PlannedRequest {
    pub key: Rc<str>,
    /// `None` stands for ranges that only the index of the shard will tell.
    pub range: Option<ByteRange>,
    /// Chunks that are decoded from the answer.
    pub chunks: u64,
}

type Arrivals<'a, B> = LocalBoxStream<'a, Result<Arrival<B>>>;

impl<S: Store> Array<S> {
    /// # Errors
    /// `unsupported` and `invalid-metadata` for codecs that cannot be used on such chunks.
    pub fn new(store: Rc<S>, path: String, metadata: ArrayMetadata) -> Result<Self> {
        Self::with_externals(store, path, metadata, &Externals::default())
    }

    /// As [`Array::new`], with the codecs that `source` has for names that are not known here.
    ///
    /// # Errors
    /// Also those of `source`.
    pub async fn loading(
        store: Rc<S>,
        path: String,
        metadata: ArrayMetadata,
        source: &impl CodecSource,
    ) -> Result<Self> {
        let mut externals = Externals::default();
        let mut absent = Vec::new();
        loop {
            let mut array = Self::with_externals(store.clone(), path.clone(), metadata.clone(), &externals);
            let mut missed = externals.take_missed();
            if let Ok(typed) = &array
                && externals.are_elsewhere()
            {
                let (more, checked) = source.check(&typed.spec_of(&typed.pipeline)).await;
                missed.extend(more);
                array = checked.map_err(|error| error.at_path(&format!("/{path}"))).and(array);
            }
            missed.retain(|name| !absent.contains(name) && !externals.have(name));
            if missed.is_empty() {
                return array;
            }
            for name in missed {
                let found = source.load(&name).await;
                match found.map_err(|error| error.in_codec(&name).at_path(&format!("/{path}")))? {
                    Some(found) => externals.insert(name, found),
                    None => absent.push(name),
                }
            }
        }
    }

    fn with_externals(store: Rc<S>, path: String, mut metadata: ArrayMetadata, externals: &Externals) -> Result<Self> {
        if metadata.zarr_format == 2 {
            metadata.codecs = externals.arrange(&metadata.codecs);
        }
        let chunk = ChunkSpec {
            shape: metadata.chunk_grid.shape_of(&vec![0; metadata.shape.len()]),
            data_type: metadata.data_type.clone(),
            fill_value: metadata.fill_bytes(),
        };
        let pipeline = Pipeline::with_externals(&metadata.codecs, chunk, externals);
        let pipeline = pipeline.map_err(|error| error.at_path(&format!("/{path}")))?;
        let most_encoded = most_encoded(&metadata, &pipeline);
        let (shardings, externals) = (ByShape::default(), externals.clone());
        let indices = RefCell::new(Lru::new(REMEMBERED_INDICES_LEN));
        Ok(Self { store, path, metadata, pipeline, shardings, externals, indices, cache: None, most_encoded })
    }

    pub fn store(&self) -> &S {
        &self.store
    }

    pub fn metadata(&self) -> &ArrayMetadata {
        &self.metadata
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    /// Shape of the smallest part that is read by itself: the inner chunk of a sharded array, else the chunk. `None` where
    /// chunks have different shapes.
    pub fn read_chunk_shape(&self) -> Option<Vec<u64>> {
        match self.pipeline.sharding() {
            Some(sharding) => Some(sharding.inner_shape().to_vec()),
            None => self.metadata.chunk_grid.chunk_shape(),
        }
    }

    /// Shape of the shards, where inner chunks are read by themselves and shards have one shape.
    pub fn shard_shape(&self) -> Option<Vec<u64>> {
        self.pipeline.sharding().and_then(|_| self.metadata.chunk_grid.chunk_shape())
    }

    /// What decoders must know of a read of `selection`, whose elements are wanted in another type than their own or not. The
    /// shape is that of the first chunk: see [`ReadSpec::for_chunk`].
    pub fn read_spec(&self, selection: &Selection, wanted: Option<As>) -> ReadSpec {
        let spec = self.spec_of(self.pipeline.sharding().map_or(&self.pipeline, ShardingIndexed::inner));
        let output_strides = match selection {
            Selection::Product { dropped, .. } => {
                let mut kept = strides(&selection.output_shape()).into_iter();
                dropped.iter().map(|&dropped| if dropped { 0 } else { kept.next().unwrap_or(0) }).collect()
            }
            Selection::Points { .. } => Vec::new(),
        };
        ReadSpec { output_strides, wanted, ..spec }
    }

    /// All that there is to know of a read but what is selected.
    fn spec_of(&self, pipeline: &Pipeline) -> ReadSpec {
        ReadSpec {
            codecs: pipeline.codecs().to_vec(),
            chunk: pipeline.chunk().clone(),
            output_strides: Vec::new(),
            wanted: None,
            externals: self.externals.to_decode(),
        }
    }

    /// Whether chunks are decoded by a build that has more codecs than this one.
    pub fn is_decoded_elsewhere(&self) -> bool {
        self.externals.are_elsewhere()
    }

    /// Reads a selection: `decoder` receives every chunk that holds a part of it, except, with `skip_missing`, those that
    /// are missing.
    ///
    /// # Errors
    /// `store` and `corrupt-chunk`, naming the key. The first failure ends the read.
    pub async fn read(
        &self,
        selection: &Selection,
        skip_missing: bool,
        caller: &Caller,
        decoder: &impl Decode<S::Bytes>,
    ) -> Result<()> {
        // What is decoded for the cache is so one by one.
        let most_group_len = if self.cache().is_some() { 0 } else { decoder.most_group_len() };
        let groups = Groups::new(selection, self.metadata.data_type.item_len(), most_group_len);
        let decode = |group: Vec<Arrival<S::Bytes>>| async move {
            match group.as_slice() {
                [Arrival { encoded: None, .. }] if skip_missing => decoder.pause().await,
                [alone] => self.decode(alone, caller, decoder).await,
                several => self.decode_group(several, caller, decoder).await,
            }?;
            group.iter().try_for_each(|Arrival { chunk_count, encoded, is_decoded, .. }| {
                let received = encoded.as_ref().filter(|_| !is_decoded);
                decoder.done(*chunk_count, received.map_or(0, StoredBytes::len))
            })
        };
        let group = |first, waiting: &mut VecDeque<_>| self.group(&groups, first, waiting);
        let ended = decode_all(self.arrivals(selection, caller), || decoder.groups_at_once(), group, decode).await;
        ended.map_err(|error| error.at_path(&format!("/{}", self.path)))
    }

    /// Shape of what a projection is decoded from: an inner chunk, or a chunk.
    fn decoded_shape(&self, projection: &ChunkProjection) -> Vec<u64> {
        match self.pipeline.sharding() {
            Some(sharding) => sharding.inner_shape().to_vec(),
            None => self.metadata.chunk_grid.shape_of(&projection.chunk),
        }
    }

    /// Decodes neighbours together; if that fails one by one, so that the one to blame is known.
    async fn decode_group(
        &self,
        group: &[Arrival<S::Bytes>],
        caller: &Caller,
        decoder: &impl Decode<S::Bytes>,
    ) -> Result<()> {
        let shape = group.first().map(|first| self.decoded_shape(&first.projection)).unwrap_or_default();
        let chunks = group.iter().map(|arrival| (&arrival.projection.elements, arrival.encoded.clone())).collect();
        if decoded(decoder, &shape, chunks, false).await.is_ok() {
            return Ok(());
        }
        for arrival in group {
            self.decode(arrival, caller, decoder).await?;
        }
        Ok(())
    }

    /// Decodes a chunk that has arrived. What cannot be decoded may have been damaged on its way: it is asked for again,
    /// once.
    async fn decode(
        &self,
        arrival: &Arrival<S::Bytes>,
        caller: &Caller,
        decoder: &impl Decode<S::Bytes>,
    ) -> Result<()> {
        let Arrival { projection, sharding, key, .. } = arrival;
        let chunk_shape = self.decoded_shape(projection);
        let decode =
            |encoded, is_decoded| self.decode_through_cache(arrival, &chunk_shape, encoded, is_decoded, decoder);
        let located = |error: Error| {
            let error = self.store.located(key, error.at_key(key));
            if sharding.is_some() { error.about(&inner_chunk(projection)) } else { error }
        };
        let decoded = decode(arrival.encoded.clone(), arrival.is_decoded).await;
        match decoded {
            Err(error) if error.code() == ErrorCode::CorruptChunk && self.store.is_remote() => {
                let again = self.fetch_again(arrival, caller).await.map_err(located)?;
                decode(again, false).await.map_err(located)
            }
            decoded => decoded.map_err(located),
        }
    }

    /// Decodes all of a chunk that the cache is to keep, and what is wanted of it from there.
    async fn decode_through_cache(
        &self,
        arrival: &Arrival<S::Bytes>,
        chunk_shape: &[u64],
        encoded: Option<S::Bytes>,
        is_decoded: bool,
        decoder: &impl Decode<S::Bytes>,
    ) -> Result<()> {
        let Arrival { projection, key, .. } = arrival;
        let place = |chunk, is_decoded| decoded(decoder, chunk_shape, vec![(&projection.elements, chunk)], is_decoded);
        match (encoded, self.cache()) {
            (Some(encoded), Some(cache)) if !is_decoded => {
                let chunk = decoder.decode_whole(chunk_shape, encoded).await?;
                place(Some(chunk.clone()), true).await?;
                cache.insert(key, projection, chunk);
                Ok(())
            }
            (encoded, _) => place(encoded, is_decoded).await,
        }
    }

    async fn fetch_again(&self, arrival: &Arrival<S::Bytes>, caller: &Caller) -> Result<Option<S::Bytes>> {
        let Arrival { projection, sharding, key, .. } = arrival;
        let request = |range| Request::of(&**key, range, self.most_encoded).for_caller(caller).afresh();
        let Some(sharding) = sharding else {
            let reply = self.store.get(request(ByteRange::Whole)).await?;
            return Ok(reply.map(|reply| reply.bytes));
        };
        let Some(index) = self.fetch_index(sharding, request(index_range(sharding))).await? else { return Ok(None) };
        let Some(range) = index.locate(sharding, projection)? else { return Ok(None) };
        let reply = self.store.get(request(ByteRange::Range { start: range.start, stop: range.end })).await?;
        Ok(reply.map(|reply| reply.bytes))
    }

    /// What a read of this selection would request, in the order in which it would; nothing is.
    ///
    /// # Errors
    /// Those of a shard that its inner chunks do not divide, or whose remembered index is wrong; `invalid-selection` for more
    /// requests than can be listed.
    pub fn planned_requests(&self, selection: &Selection) -> Result<Vec<PlannedRequest>> {
        let mut planned = Vec::new();
        for projection in ChunkPlan::new(selection, &self.metadata.shape, self.metadata.chunk_grid.clone()) {
            if planned.len() >= MOST_PLANNED {
                let message =
                    format!("a plan of more than {MOST_PLANNED} requests, expected a smaller part of the array");
                return Err(Error::invalid_selection(message));
            }
            match self.pipeline.sharding() {
                Some(first) => self.planned_requests_of_shard(first, projection, &mut planned)?,
                None => {
                    let key = self.chunk_key(&projection);
                    if !self.cache().is_some_and(|cache| cache.has(&key, &projection)) {
                        planned.push(PlannedRequest { key, range: Some(ByteRange::Whole), chunks: 1 });
                    }
                }
            }
        }
        Ok(planned)
    }

    /// Chunks that a read of this selection decodes: inner chunks where the array is sharded in a regular grid.
    pub fn chunk_count(&self, selection: &Selection) -> u64 {
        let inner = self.pipeline.sharding().filter(|_| self.metadata.chunk_grid.chunk_shape().is_some());
        let inner =
            inner.map(|sharding| ChunkGrid::regular(sharding.inner_shape().to_vec(), self.metadata.shape.len()));
        let grid = inner.and_then(Result::ok).unwrap_or_else(|| self.metadata.chunk_grid.clone());
        ChunkPlan::new(selection, &self.metadata.shape, grid).chunk_count()
    }

    /// Bytes of the chunks that a read of this selection decodes; 0 where they are stored as they are.
    pub fn decoded_len(&self, selection: &Selection) -> u64 {
        let inner = self.pipeline.sharding();
        let pipeline = inner.map_or(&self.pipeline, ShardingIndexed::inner);
        if pipeline.is_copy() {
            return 0;
        }
        let shape = inner
            .map_or_else(|| self.metadata.chunk_grid.largest_chunk_shape(), |sharding| sharding.inner_shape().to_vec());
        let elements = element_count(&shape).unwrap_or(u64::MAX);
        let chunk_len = elements.saturating_mul(self.metadata.data_type.item_len() as u64);
        self.chunk_count(selection).saturating_mul(chunk_len)
    }

    fn arrivals<'a>(&'a self, selection: &Selection, caller: &Caller) -> Arrivals<'a, S::Bytes> {
        let plan = ChunkPlan::new(selection, &self.metadata.shape, self.metadata.chunk_grid.clone());
        let caller = caller.clone();
        match self.pipeline.sharding() {
            None => self.chunks(plan, caller).boxed_local(),
            Some(first) => {
                let shards = stream::iter(plan).map(move |shard| self.inner_chunks(first, shard, caller.clone()));
                shards.flatten_unordered(SHARDS_AT_ONCE).boxed_local()
            }
        }
    }

    fn chunks<'a>(&'a self, plan: ChunkPlan, caller: Caller) -> Arrivals<'a, S::Bytes> {
        let cache = self.cache();
        let at_hand = Rc::new(RefCell::new(VecDeque::new()));
        let found = at_hand.clone();
        let requests = plan.filter_map(move |projection| {
            let key = self.chunk_key(&projection);
            if let Some(chunk) = cache.and_then(|cache| cache.get(&key, &projection)) {
                found.borrow_mut().push_back(Ok(Arrival::decoded(projection, chunk, key, None)));
                return None;
            }
            let request = Request::of(&*key, ByteRange::Whole, self.most_encoded).for_caller(&caller);
            Some(((projection, key), request))
        });
        let arrivals = self.store.get_many(requests).map(|((projection, key), outcome)| match outcome {
            Ok(reply) => {
                let (encoded, held) = reply.map(|reply| (reply.bytes, reply.held)).unzip();
                Ok(Arrival {
                    projection,
                    encoded,
                    is_decoded: false,
                    key,
                    sharding: None,
                    chunk_count: 1,
                    _held: held.unwrap_or_default(),
                })
            }
            Err(error) => Err(error.at_key(&key)),
        });
        if cache.is_none() {
            return arrivals.boxed_local();
        }
        let mut arrivals = arrivals.boxed_local().fuse();
        // The plan is walked, and what is at hand found, only when there is room for one more request.
        let next = move |context: &mut Context<'_>| match arrivals.poll_next_unpin(context) {
            Poll::Ready(Some(arrived)) => Poll::Ready(Some(arrived)),
            waits_or_ends => at_hand.borrow_mut().pop_front().map_or(waits_or_ends, |found| Poll::Ready(Some(found))),
        };
        stream::poll_fn(next).boxed_local()
    }

    fn chunk_key(&self, projection: &ChunkProjection) -> Rc<str> {
        join(&self.path, &self.metadata.chunk_key_encoding.key(projection.chunk.iter().copied())).into()
    }
}

/// In one place, and boxed, because decoding is the largest part of a read, and compiled for each.
fn decoded<'a, B: 'a>(
    decoder: &'a impl Decode<B>,
    chunk_shape: &'a [u64],
    chunks: Vec<(&'a Elements, Option<B>)>,
    are_decoded: bool,
) -> LocalBoxFuture<'a, Result<()>> {
    Box::pin(async move { decoder.decode(chunk_shape, &chunks, are_decoded).await })
}

/// What no writer's object of such a chunk is larger than; of elements of variable length a guess.
fn most_encoded(metadata: &ArrayMetadata, pipeline: &Pipeline) -> u64 {
    let data_type = &metadata.data_type;
    let item_len = if data_type.is_variable() { VARIABLE_LEN } else { data_type.item_len() as u64 };
    let elements = element_count(&metadata.chunk_grid.largest_chunk_shape()).unwrap_or(u64::MAX);
    let len = usize::try_from(elements.saturating_mul(item_len)).unwrap_or(usize::MAX);
    let index_len = pipeline.sharding().map_or(0, ShardingIndexed::index_len);
    Len::AtMost(len.saturating_add(index_len)).compressed().bound() as u64
}
