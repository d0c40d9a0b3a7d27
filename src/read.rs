//! The read: joins plan, requests, retrieval and decoding.
//!
//! A read is a stream. The plan is walked lazily; every projection becomes a request, in the case of shards in two stages:
//!
//! 1. a shard that is wanted whole is one request, and its inner chunks are cut out of it;
//! 2. of any other shard the index is requested, then the range of every wanted inner chunk.
//!
//! What arrives is decoded at once, in order of arrival. The first failure drops the stream, and with it everything that
//! is still under way.

use std::rc::Rc;

use futures::future::{OptionFuture, ready};
use futures::stream::{self, LocalBoxStream};
use futures::{StreamExt, TryStreamExt};

use crate::by_shape::ByShape;
use crate::byte_range::ByteRange;
use crate::chunk_grid::ChunkGrid;
use crate::codec::{ChunkSpec, Externals, Found, IndexLocation, Len, Pipeline, Scratch, ShardIndex, ShardingIndexed};
use crate::decode::ReadSpec;
use crate::error::{Error, Result};
use crate::metadata::ArrayMetadata;
use crate::open::join;
use crate::plan::{ChunkPlan, ChunkProjection, Elements};
use crate::retrieve::Limiter;
use crate::scatter::As;
use crate::selection::Selection;
use crate::shape::{element_count, ravel, strides};
use crate::store::{Reply, Request, Store, StoredBytes};

/// Shards that are worked on at once, so that the queue is busy while indices are fetched.
const SHARDS_AT_ONCE: usize = 64;

/// Decoded bytes of the largest shard that is requested as a whole: a reply of more than 4 GiB could not be addressed.
const MAX_WHOLE_SHARD_LEN: u64 = 1 << 31;

/// Decoded bytes of the shards that are held whole at once; a single larger one is read all the same.
const WHOLE_SHARDS_LEN: u64 = 256 << 20;

/// Bytes that an element of variable length is expected to have.
const VARIABLE_LEN: u64 = 64;

/// Chunks that may be in the hands of decoders at once.
const DECODED_AT_ONCE: usize = 8;

/// Decodes arrived chunks into the output of one read.
pub trait Decode<B> {
    /// Decodes one chunk of this shape, or the fill value where the chunk is missing, and places it.
    fn decode(&self, chunk_shape: &[u64], elements: &Elements, encoded: Option<B>) -> impl Future<Output = Result<()>>;

    /// Takes note of a chunk for which nothing is to be done: a read of many such must let others in, too.
    fn pause(&self) -> impl Future<Output = Result<()>>;
}

/// Has codecs that are not known here.
pub trait CodecSource {
    /// Loads the codec of this name; `None` where there is none.
    fn load(&self, name: &str) -> impl Future<Output = Result<Option<Found>>>;

    /// Types the chain where all codecs are known: answers the names that are not in its `externals`, and what was wrong.
    fn check(&self, spec: &ReadSpec) -> impl Future<Output = (Vec<String>, Result<()>)>;
}

/// An array that can be read.
pub struct Array<S> {
    store: Rc<S>,
    path: String,
    metadata: ArrayMetadata,
    /// Typed for the first chunk.
    pipeline: Pipeline,
    /// The sharding codec by the shape of the shard, where inner chunks are read by themselves.
    shardings: ByShape<Rc<ShardingIndexed>>,
    externals: Externals,
    /// Bytes of the largest object that a chunk, or a shard, is expected to be.
    most_encoded: u64,
}

/// A chunk whose bytes have arrived, or that is missing.
struct Arrival<B> {
    projection: ChunkProjection,
    encoded: Option<B>,
    /// Key of the stored object: the chunk's, or that of its shard.
    key: Rc<str>,
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
        Ok(Self { store, path, metadata, pipeline, shardings, externals, most_encoded })
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
    pub async fn read(&self, selection: &Selection, skip_missing: bool, decoder: &impl Decode<S::Bytes>) -> Result<()> {
        let decoded = self.arrivals(selection).map_ok(|Arrival { projection, encoded, key }| async move {
            if skip_missing && encoded.is_none() {
                return decoder.pause().await;
            }
            match self.pipeline.sharding() {
                Some(sharding) => {
                    let decoded = decoder.decode(sharding.inner_shape(), &projection.elements, encoded).await;
                    decoded.map_err(|error| error.at_key(&key).about(&inner_chunk(&projection)))
                }
                None => {
                    let chunk_shape = self.metadata.chunk_grid.shape_of(&projection.chunk);
                    let decoded = decoder.decode(&chunk_shape, &projection.elements, encoded).await;
                    decoded.map_err(|error| error.at_key(&key))
                }
            }
        });
        let ended = decoded.try_buffer_unordered(DECODED_AT_ONCE).try_for_each(|()| ready(Ok(()))).await;
        ended.map_err(|error| error.at_path(&format!("/{}", self.path)))
    }

    fn arrivals<'a>(&'a self, selection: &Selection) -> Arrivals<'a, S::Bytes> {
        let plan = ChunkPlan::new(selection, &self.metadata.shape, self.metadata.chunk_grid.clone());
        match self.pipeline.sharding() {
            None => self.chunks(plan).boxed_local(),
            Some(first) => {
                let held = Limiter::new(self.whole_shards_at_once());
                let shards = stream::iter(plan).map(move |shard| self.inner_chunks(first, shard, &held));
                shards.flatten_unordered(SHARDS_AT_ONCE).boxed_local()
            }
        }
    }

    /// Decoded bytes of a shard; never 0.
    fn shard_len(&self, shard_shape: &[u64]) -> u64 {
        let item_len = self.metadata.data_type.item_len() as u64;
        element_count(shard_shape).unwrap_or(u64::MAX).saturating_mul(item_len).max(1)
    }

    /// Whole shards that may be here at once, waiting for their inner chunks to be decoded.
    fn whole_shards_at_once(&self) -> usize {
        let largest = self.shard_len(&self.metadata.chunk_grid.largest_chunk_shape());
        (WHOLE_SHARDS_LEN / largest).clamp(1, SHARDS_AT_ONCE as u64) as usize
    }

    /// The sharding codec for a shard of this shape, from that of another.
    fn sharding(&self, other: &ShardingIndexed, shard_shape: &[u64]) -> Result<Rc<ShardingIndexed>> {
        self.shardings.get(shard_shape, || {
            let sharding = other.for_shard(shard_shape).map_err(|error| error.in_codec("sharding_indexed"))?;
            Ok(Rc::new(sharding))
        })
    }

    fn chunks<'a>(&'a self, plan: ChunkPlan) -> Arrivals<'a, S::Bytes> {
        let requests = plan.map(|projection| {
            let key = self.chunk_key(&projection);
            ((projection, key.clone()), Request::of(&*key, ByteRange::Whole, self.most_encoded))
        });
        let arrivals = self.store.get_many(requests).map(|((projection, key), outcome)| match outcome {
            Ok(reply) => Ok(Arrival { projection, encoded: reply.map(|reply| reply.bytes), key }),
            Err(error) => Err(error.at_key(&key)),
        });
        arrivals.boxed_local()
    }

    fn inner_chunks<'a>(
        &'a self,
        first: &'a ShardingIndexed,
        shard: ChunkProjection,
        held: &Rc<Limiter>,
    ) -> Arrivals<'a, S::Bytes> {
        let key = self.chunk_key(&shard);
        let shard_shape = self.metadata.chunk_grid.shape_of(&shard.chunk);
        let is_covered = shard.is_covered && self.shard_len(&shard_shape) <= MAX_WHOLE_SHARD_LEN;
        let is_whole = is_covered || !self.store.has_ranges();
        let permit = is_whole.then(|| held.acquire());
        let located = async move {
            let sharding = self.sharding(first, &shard_shape).map_err(|error| error.at_key(&key))?;
            let permit = OptionFuture::from(permit).await;
            let range = if is_whole { ByteRange::Whole } else { index_range(&sharding) };
            let outcome = self.store.get(Request::of(&*key, range, self.most_encoded)).await;
            let arrivals = match outcome {
                Err(error) if is_whole => Err(error),
                Err(error) => Err(error.about("shard index")),
                Ok(None) => Ok(missing(shard, &key)),
                Ok(Some(reply)) if is_whole => cut(sharding, shard, &shard_shape, reply.bytes, &key),
                Ok(Some(Reply { whole: Some(object), .. })) => cut(sharding, shard, &shard_shape, object, &key),
                Ok(Some(reply)) => self.request_parts(sharding, shard, &shard_shape, reply, &key),
            };
            let arrivals = arrivals.map_err(|error| error.at_key(&key))?;
            // The shard counts as held as long as the stream of its inner chunks is there.
            Ok(arrivals.map(move |arrival| {
                let _held = &permit;
                arrival
            }))
        };
        stream::once(located).try_flatten().boxed_local()
    }

    /// The inner chunks of a shard of which the index is here: first what is missing, or wrong in the index, for which
    /// nothing is requested; then a range for each of the others.
    fn request_parts<'a>(
        &'a self,
        sharding: Rc<ShardingIndexed>,
        shard: ChunkProjection,
        shard_shape: &[u64],
        reply: Reply<S::Bytes>,
        key: &Rc<str>,
    ) -> Result<Arrivals<'a, S::Bytes>> {
        let index = Rc::new(decode_index(&sharding, &reply.bytes)?);
        let plan = inner_plan(&sharding, &shard, shard_shape)?;
        let locate_in = move |index: &ShardIndex, projection: &ChunkProjection| {
            locate(&sharding, index, projection, reply.object_len)
        };
        let locate_again = locate_in.clone();
        let (shared_index, shared_key) = (index.clone(), key.clone());
        let at_hand = plan.clone().filter_map(move |projection| match locate_in(&shared_index, &projection) {
            Ok(Some(_)) => None,
            Ok(None) => Some(Ok(Arrival { projection, encoded: None, key: shared_key.clone() })),
            Err(error) => Some(Err(error.at_key(&shared_key))),
        });
        let shared_key = key.clone();
        let requests = plan.filter_map(move |projection| {
            let range = locate_again(&index, &projection).ok().flatten()?;
            let range = ByteRange::Range { start: range.start, stop: range.end };
            Some((projection, Request::of(&*shared_key, range, 0)))
        });
        let key = key.clone();
        let fetched = self.store.get_many(requests).map(move |(projection, outcome)| {
            let about = |error: Error| error.at_key(&key).about(&inner_chunk(&projection));
            let vanished = || Error::store("the shard was there when its index was read, and is gone");
            let reply = outcome.and_then(|reply| reply.ok_or_else(vanished)).map_err(about)?;
            Ok(Arrival { projection, encoded: Some(reply.bytes), key: key.clone() })
        });
        Ok(stream::iter(at_hand).chain(fetched).boxed_local())
    }

    fn chunk_key(&self, projection: &ChunkProjection) -> Rc<str> {
        join(&self.path, &self.metadata.chunk_key_encoding.key(projection.chunk.iter().copied())).into()
    }
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

fn missing<'a, B: 'a>(shard: ChunkProjection, key: &Rc<str>) -> Arrivals<'a, B> {
    stream::iter([Ok(Arrival { projection: shard, encoded: None, key: key.clone() })]).boxed_local()
}

/// The inner chunks of a shard that is here.
fn cut<'a, B: StoredBytes + 'a>(
    sharding: Rc<ShardingIndexed>,
    shard: ChunkProjection,
    shard_shape: &[u64],
    object: B,
    key: &Rc<str>,
) -> Result<Arrivals<'a, B>> {
    let object_len = object.len() as u64;
    let place = sharding.index_range(object_len).map_err(|error| error.about("shard index"))?;
    let index = decode_index(&sharding, &object.slice(place.start as usize..place.end as usize))?;
    let key = key.clone();
    let arrivals = inner_plan(&sharding, &shard, shard_shape)?.map(move |projection| {
        let range = locate(&sharding, &index, &projection, Some(object_len)).map_err(|error| error.at_key(&key))?;
        let encoded = range.map(|range| object.slice(range.start as usize..range.end as usize));
        Ok(Arrival { projection, encoded, key: key.clone() })
    });
    Ok(stream::iter(arrivals).boxed_local())
}

fn inner_plan(sharding: &ShardingIndexed, shard: &ChunkProjection, shard_shape: &[u64]) -> Result<ChunkPlan> {
    let inner = ChunkGrid::regular(sharding.inner_shape().to_vec(), shard_shape.len())?;
    Ok(ChunkPlan::within(shard, shard_shape, inner))
}

fn index_range(sharding: &ShardingIndexed) -> ByteRange {
    let index_len = sharding.index_len() as u64;
    match sharding.index_location() {
        IndexLocation::Start => ByteRange::Range { start: 0, stop: index_len },
        IndexLocation::End => ByteRange::Suffix(index_len),
    }
}

fn decode_index(sharding: &ShardingIndexed, bytes: &impl StoredBytes) -> Result<ShardIndex> {
    sharding.decode_index(&bytes.to_vec(), &mut Scratch::default()).map_err(|error| error.about("shard index"))
}

/// Where an inner chunk lies in its shard; `None` if it is missing.
fn locate(
    sharding: &ShardingIndexed,
    index: &ShardIndex,
    projection: &ChunkProjection,
    object_len: Option<u64>,
) -> Result<Option<std::ops::Range<u64>>> {
    let range = index.get(ravel(&projection.chunk, sharding.grid_shape()) as usize, object_len);
    range.map_err(|error| error.about(&inner_chunk(projection)))
}

fn inner_chunk(projection: &ChunkProjection) -> String {
    format!("inner chunk {:?}", projection.chunk)
}
