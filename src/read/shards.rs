//! The inner chunks of a shard, as they arrive.
//!
//! 1. A shard of which most is wanted is one request, and its inner chunks are cut out of it.
//! 2. Of any other the index is requested, unless it is remembered, then the ranges of the wanted inner chunks, neighbours
//!    together.
//! 3. A very large shard is read in the second way also if all of it is wanted: in ranges side by side.

use std::ops::Range;
use std::rc::Rc;

use futures::{FutureExt, StreamExt, stream};

use super::chunk_cache::ArrayCache;
use super::ranges::{Merged, merge};
use super::{Array, Arrival, Arrivals, PlannedRequest};
use crate::byte_range::ByteRange;
use crate::chunk_grid::ChunkGrid;
use crate::codec::{IndexLocation, Scratch, ShardIndex, ShardingIndexed};
use crate::error::{Error, ErrorCode, Result};
use crate::plan::{ChunkPlan, ChunkProjection};
use crate::shape::{element_count, ravel};
use crate::store::{Caller, Held, Reply, Request, Store, StoredBytes};

/// Decoded bytes of the largest shard that is requested as a whole.
const MAX_WHOLE_SHARD_LEN: u64 = 64 << 20;

/// For a compressed shard, room is set aside for one of so many of the bytes that it can have; what it has counts when it is
/// here. With room for all of them, too few shards would be on their way at once.
const EXPECTED_OF: u64 = 2;

/// If all but one of so many inner chunks are wanted, the shard is requested as a whole.
const MOST_OF: u64 = 4;

/// The index of a shard, and what came with it.
pub struct LocatedIndex {
    index: ShardIndex,
    object_len: Option<u64>,
}

impl LocatedIndex {
    /// Where an inner chunk lies in its shard; `None` if it is missing.
    pub fn locate(&self, sharding: &ShardingIndexed, projection: &ChunkProjection) -> Result<Option<Range<u64>>> {
        self.index.get(ravel(&projection.chunk, sharding.grid_shape()) as usize, self.object_len)
    }
}

/// One shard that is read.
#[derive(Clone)]
struct Shard {
    projection: ChunkProjection,
    sharding: Rc<ShardingIndexed>,
    shape: Vec<u64>,
    key: Rc<str>,
    caller: Caller,
    /// What is remembered of it, and what caches have, was wrong.
    is_afresh: bool,
    /// The inner chunks that are wanted, where some are at hand already; else all of the projection.
    wanted: Option<Vec<ChunkProjection>>,
}

impl<S: Store> Array<S> {
    /// Decoded bytes of a shard.
    fn shard_len(&self, shard_shape: &[u64]) -> u64 {
        let item_len = self.metadata.data_type.item_len() as u64;
        element_count(shard_shape).unwrap_or(u64::MAX).saturating_mul(item_len)
    }

    /// The sharding codec for a shard of this shape, from that of another.
    fn sharding(&self, other: &ShardingIndexed, shard_shape: &[u64]) -> Result<Rc<ShardingIndexed>> {
        self.shardings.get(shard_shape, || {
            let sharding = other.for_shard(shard_shape).map_err(|error| error.in_codec("sharding_indexed"))?;
            Ok(Rc::new(sharding))
        })
    }

    pub(super) fn inner_chunks<'a>(
        &'a self,
        first: &'a ShardingIndexed,
        projection: ChunkProjection,
        caller: Caller,
    ) -> Arrivals<'a, S::Bytes> {
        let failed = |error| stream::iter([Err(error)]).boxed_local();
        let shard = self.shard(first, projection, caller).and_then(|mut shard| {
            let at_hand = self.set_aside(&mut shard, ArrayCache::get)?;
            Ok((at_hand, shard))
        });
        let (at_hand, shard) = match shard {
            Ok(shard) => shard,
            Err(error) => return failed(error),
        };
        let (key, sharding) = (shard.key.clone(), shard.sharding.clone());
        let at_hand = at_hand.into_iter().map(move |(projection, chunk)| {
            Ok(Arrival::decoded(projection, chunk, key.clone(), Some(sharding.clone())))
        });
        let located = async move {
            let again = Shard { is_afresh: true, ..shard.clone() };
            let located = match self.locate_inner_chunks(shard).await {
                Err(error) if error.code() == ErrorCode::CorruptChunk && self.store.is_remote() => {
                    self.locate_inner_chunks(again.clone()).await
                }
                located => located,
            };
            let located = located.map_err(|error| self.store.located(&again.key, error.at_key(&again.key)));
            located.unwrap_or_else(failed)
        };
        stream::iter(at_hand).chain(located.flatten_stream()).boxed_local()
    }

    /// Takes the inner chunks that are cached out of those that are wanted of a shard.
    fn set_aside<T>(
        &self,
        shard: &mut Shard,
        look_up: impl Fn(&ArrayCache<S::Bytes>, &str, &ChunkProjection) -> Option<T>,
    ) -> Result<Vec<(ChunkProjection, T)>> {
        let (mut at_hand, mut wanted) = (Vec::new(), Vec::new());
        let Some(cache) = self.cache() else { return Ok(at_hand) };
        for projection in shard.plan()? {
            match look_up(cache, &shard.key, &projection) {
                Some(found) => at_hand.push((projection, found)),
                None => wanted.push(projection),
            }
        }
        if !at_hand.is_empty() {
            shard.wanted = Some(wanted);
        }
        Ok(at_hand)
    }

    /// Whether the shard is requested as a whole.
    fn is_whole(&self, shard: &Shard) -> Result<bool> {
        let count = element_count(shard.sharding.grid_shape())?;
        let is_covered = shard.wanted.is_none() && shard.projection.is_covered;
        let most_is_wanted = is_covered || shard.wanted_count()? >= count - count / MOST_OF;
        let is_small = self.shard_len(&shard.shape) <= MAX_WHOLE_SHARD_LEN;
        Ok(most_is_wanted && is_small || !self.store.has_ranges())
    }

    /// The requests that a read of the shard would make.
    pub(super) fn planned_requests_of_shard(
        &self,
        first: &ShardingIndexed,
        projection: ChunkProjection,
        planned: &mut Vec<PlannedRequest>,
    ) -> Result<()> {
        let mut shard = self.shard(first, projection, Caller::default())?;
        self.set_aside(&mut shard, |cache, key, projection| cache.has(key, projection).then_some(()))?;
        let chunks = shard.wanted_count()?;
        if chunks == 0 {
            return Ok(());
        }
        let key = shard.key.clone();
        let mut add = |range, chunks| planned.push(PlannedRequest { key: key.clone(), range, chunks });
        if self.is_whole(&shard)? {
            add(Some(ByteRange::Whole), chunks);
            return Ok(());
        }
        let remembered = self.indices.borrow_mut().get(&shard.key);
        let Some(index) = remembered else {
            add(Some(index_range(&shard.sharding)), 0);
            add(None, chunks);
            return Ok(());
        };
        let mut parts = Vec::new();
        for projection in shard.take_wanted()? {
            if let Some(range) = index.locate(&shard.sharding, &projection)? {
                parts.push((range, projection));
            }
        }
        for Merged { range, parts } in merge(parts, self.store.portions()) {
            add(Some(ByteRange::Range { start: range.start, stop: range.end }), parts.len() as u64);
        }
        Ok(())
    }

    fn shard(&self, first: &ShardingIndexed, projection: ChunkProjection, caller: Caller) -> Result<Shard> {
        let key = self.chunk_key(&projection);
        let shape = self.metadata.chunk_grid.shape_of(&projection.chunk);
        let sharding = self.sharding(first, &shape).map_err(|error| error.at_key(&key))?;
        Ok(Shard { projection, sharding, shape, key, caller, is_afresh: false, wanted: None })
    }

    async fn locate_inner_chunks(&self, shard: Shard) -> Result<Arrivals<'_, S::Bytes>> {
        if shard.wanted_count()? == 0 {
            return Ok(stream::empty().boxed_local());
        }
        if self.is_whole(&shard)? {
            let mut request = shard.request(ByteRange::Whole, self.most_encoded);
            if !shard.sharding.inner().is_copy() {
                request.room /= EXPECTED_OF;
            }
            return match self.store.get(request).await? {
                None => shard.missing(),
                Some(reply) => shard.cut(reply.bytes, reply.held),
            };
        }
        let remembered = self.indices.borrow_mut().get(&shard.key);
        let index = match remembered {
            Some(index) if !shard.is_afresh => index,
            _ => {
                let range = index_range(&shard.sharding);
                let reply = self.store.get(shard.request(range, self.most_encoded)).await;
                match reply.map_err(|error| error.about("shard index"))? {
                    None => return shard.missing(),
                    Some(Reply { whole: Some(object), held, .. }) => return shard.cut(object, held),
                    Some(reply) => self.remember(&shard.sharding, &shard.key, reply)?,
                }
            }
        };
        self.request_parts(shard, &index)
    }

    /// The index, asked for by this request; `None` if there is no such shard.
    pub(super) async fn fetch_index(
        &self,
        sharding: &ShardingIndexed,
        request: Request,
    ) -> Result<Option<Rc<LocatedIndex>>> {
        let key: Rc<str> = request.key.as_str().into();
        let reply = self.store.get(request).await.map_err(|error| error.about("shard index"))?;
        reply.map(|reply| self.remember(sharding, &key, reply)).transpose()
    }

    fn remember(&self, sharding: &ShardingIndexed, key: &Rc<str>, reply: Reply<S::Bytes>) -> Result<Rc<LocatedIndex>> {
        let index = decode_index(sharding, &reply.bytes)?;
        let index = Rc::new(LocatedIndex { index, object_len: reply.object_len });
        self.indices.borrow_mut().insert(key, index.clone(), sharding.index_len());
        Ok(index)
    }

    /// First what is missing, for which nothing is requested; then the others. What is wrong in the index is an error of all.
    fn request_parts(&self, mut shard: Shard, index: &LocatedIndex) -> Result<Arrivals<'_, S::Bytes>> {
        let (mut at_hand, mut parts) = (Vec::new(), Vec::new());
        for projection in shard.take_wanted()? {
            let about = |error: Error| error.about(&inner_chunk(&projection));
            match index.locate(&shard.sharding, &projection).map_err(about)? {
                Some(range) => parts.push((range, projection)),
                None => at_hand.push(Ok(shard.arrival(projection, None, Held::default()))),
            }
        }
        let shard = Rc::new(shard);
        let of_requests = shard.clone();
        let requests = merge(parts, self.store.portions()).into_iter().map(move |merged| {
            let range = ByteRange::Range { start: merged.range.start, stop: merged.range.end };
            let request = of_requests.request(range, 0);
            (merged, request)
        });
        let object_len = index.object_len;
        let fetched = self.store.get_many(requests).map(move |(merged, outcome)| {
            let about = |error: Error| match merged.parts.as_slice() {
                [(_, alone)] => error.at_key(&shard.key).about(&inner_chunk(alone)),
                several => error.at_key(&shard.key).about(&format!("{} inner chunks", several.len())),
            };
            let vanished = || Error::store("the shard was there when its index was read, and is gone");
            let unchanged = |reply: Reply<S::Bytes>| match (object_len, reply.object_len) {
                (Some(before), Some(now)) if before != now => {
                    Err(Error::store(format!("the shard has {now} bytes, it had {before} when its index was read")))
                }
                _ => Ok(reply),
            };
            let reply = outcome.and_then(|reply| reply.ok_or_else(vanished)).and_then(unchanged).map_err(about);
            stream::iter(match reply {
                Ok(reply) => shard.split(merged, &reply),
                Err(error) => {
                    // Perhaps the shard is another by now.
                    self.indices.borrow_mut().remove(&shard.key);
                    vec![Err(error)]
                }
            })
        });
        Ok(stream::iter(at_hand).chain(fetched.flatten()).boxed_local())
    }
}

impl Shard {
    fn plan(&self) -> Result<ChunkPlan> {
        let inner = ChunkGrid::regular(self.sharding.inner_shape().to_vec(), self.shape.len())?;
        Ok(ChunkPlan::within(&self.projection, &self.shape, inner))
    }

    /// The inner chunks that are wanted, once.
    fn take_wanted(&mut self) -> Result<Box<dyn Iterator<Item = ChunkProjection>>> {
        Ok(match self.wanted.take() {
            Some(wanted) => Box::new(wanted.into_iter()),
            None => Box::new(self.plan()?),
        })
    }

    fn wanted_count(&self) -> Result<u64> {
        Ok(match &self.wanted {
            Some(wanted) => wanted.len() as u64,
            None => self.plan()?.chunk_count(),
        })
    }

    fn request(&self, range: ByteRange, most: u64) -> Request {
        Request { is_afresh: self.is_afresh, ..Request::of(&*self.key, range, most).for_caller(&self.caller) }
    }

    fn arrival<B>(&self, projection: ChunkProjection, encoded: Option<B>, held: Held) -> Arrival<B> {
        let sharding = Some(self.sharding.clone());
        let key = self.key.clone();
        Arrival { projection, encoded, is_decoded: false, key, sharding, chunk_count: 1, _held: held }
    }

    /// All of the shard is missing: its fill value goes where its inner chunks would.
    fn missing<'a, B: 'a>(self) -> Result<Arrivals<'a, B>> {
        if self.wanted.is_some() {
            return Err(Error::store("the shard was there when some of it was read before, and is gone"));
        }
        let chunk_count = self.plan()?.chunk_count();
        let Self { projection, key, .. } = self;
        let (encoded, is_decoded, sharding) = (None, false, None);
        let arrival = Arrival { projection, encoded, is_decoded, key, sharding, chunk_count, _held: Held::default() };
        Ok(stream::iter([Ok(arrival)]).boxed_local())
    }

    /// The inner chunks of a shard that is here.
    fn cut<'a, B: StoredBytes + 'a>(mut self, object: B, held: Held) -> Result<Arrivals<'a, B>> {
        let object_len = object.len() as u64;
        let place = self.sharding.index_range(object_len).map_err(|error| error.about("shard index"))?;
        let index = decode_index(&self.sharding, &object.slice(place.start as usize..place.end as usize))?;
        let index = LocatedIndex { index, object_len: Some(object_len) };
        let located = self.take_wanted()?.map(|projection| {
            let range = index.locate(&self.sharding, &projection);
            let range = range.map_err(|error| error.about(&inner_chunk(&projection)))?;
            Ok((projection, range))
        });
        let located = located.collect::<Result<Vec<_>>>()?;
        let arrivals = located.into_iter().map(move |(projection, range)| {
            let encoded = range.map(|range| object.slice(range.start as usize..range.end as usize));
            Ok(self.arrival(projection, encoded, held.clone()))
        });
        Ok(stream::iter(arrivals).boxed_local())
    }

    /// The inner chunks that were requested together.
    fn split<B: StoredBytes>(&self, merged: Merged<ChunkProjection>, reply: &Reply<B>) -> Vec<Result<Arrival<B>>> {
        let Merged { range, parts } = merged;
        let cut = |part: Range<u64>| {
            let [start, end] = [part.start - range.start, part.end - range.start];
            reply.bytes.slice(start as usize..end as usize)
        };
        let arrivals = parts
            .into_iter()
            .map(|(part, projection)| Ok(self.arrival(projection, Some(cut(part)), reply.held.clone())));
        arrivals.collect()
    }
}

pub(super) fn index_range(sharding: &ShardingIndexed) -> ByteRange {
    let index_len = sharding.index_len() as u64;
    match sharding.index_location() {
        IndexLocation::Start => ByteRange::Range { start: 0, stop: index_len },
        IndexLocation::End => ByteRange::Suffix(index_len),
    }
}

fn decode_index(sharding: &ShardingIndexed, bytes: &impl StoredBytes) -> Result<ShardIndex> {
    sharding.decode_index(&bytes.to_vec(), &mut Scratch::default()).map_err(|error| error.about("shard index"))
}

pub(super) fn inner_chunk(projection: &ChunkProjection) -> String {
    format!("inner chunk {:?}", projection.chunk)
}
