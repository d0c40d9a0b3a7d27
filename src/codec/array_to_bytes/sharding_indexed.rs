//! `sharding_indexed`: a chunk as a grid of inner chunks, each encoded by itself, and an index of where they lie.
//!
//! Zarr v3 core codec `sharding-indexed`. Configuration: `chunk_shape`, which divides the shard's shape; `codecs`, the
//! chain of the inner chunks; `index_codecs`, the chain of the index, all of fixed size; `index_location`, `"end"` (by
//! default) or `"start"`.
//!
//! The index is an array of u64 of the grid's shape and two more: offset and length of each inner chunk within the
//! shard, both 2⁶⁴ − 1 for one that is missing, which has the fill value. Inner chunks may lie in any order and with
//! gaps, but not in the index. Shards nest.
//!
//! Limits: [`MAX_INNER_CHUNKS`] inner chunks. However entries overlap, each inner chunk decodes to its own exact length,
//! so that a shard makes no more work than its shape says.

use std::borrow::Cow;
use std::ops::Range;

use serde_json::Value;

use crate::codec::strided_copy::{Axis, StridedCopy};
use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Len, Pipeline, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;
use crate::shape::{advance, element_count, strides};

/// Their index alone takes 16 bytes for each.
pub const MAX_INNER_CHUNKS: u64 = 1 << 26;

/// Offset and length of an inner chunk, in the decoded index.
const ENTRY_LEN: usize = 16;

/// Offset and length of a missing inner chunk.
const MISSING: u64 = u64::MAX;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexLocation {
    Start,
    End,
}

pub struct ShardingIndexed {
    inner: Pipeline,
    index: Pipeline,
    index_len: usize,
    index_location: IndexLocation,
    grid_shape: Vec<u64>,
    /// From an inner chunk to its place in the shard, counted from its first element.
    placement: StridedCopy,
}

impl ShardingIndexed {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        decoded.element_count()?;
        let inner_shape = configuration.required("chunk_shape", configuration.extents("chunk_shape")?)?;
        let divides = |(&shard, &inner): (&u64, &u64)| inner != 0 && shard.is_multiple_of(inner);
        if inner_shape.len() != decoded.shape.len() || !decoded.shape.iter().zip(&inner_shape).all(divides) {
            let shard_shape = &decoded.shape;
            return Err(
                configuration.invalid("chunk_shape", &format!("a shape that divides the shard's, {shard_shape:?}"))
            );
        }
        let grid_shape: Vec<u64> = decoded.shape.iter().zip(&inner_shape).map(|(shard, inner)| shard / inner).collect();
        let count = element_count(&grid_shape)?;
        if count > MAX_INNER_CHUNKS {
            return Err(Error::unsupported(format!(
                "{count} inner chunks in a shard, at most {MAX_INNER_CHUNKS} are supported"
            )));
        }
        let index_location = match configuration.text("index_location")? {
            None | Some("end") => IndexLocation::End,
            Some("start") => IndexLocation::Start,
            Some(_) => return Err(configuration.invalid("index_location", "\"start\" or \"end\"")),
        };
        let chain = |key| {
            let codecs = configuration.required(key, configuration.list(key)?)?;
            CodecMetadata::parse_list(&Value::from(codecs.clone()))
        };
        let placement = placement(&inner_shape, decoded);
        let inner_spec = ChunkSpec { shape: inner_shape, ..decoded.clone() };
        let index_spec = ChunkSpec {
            shape: [&grid_shape[..], &[2]].concat(),
            data_type: DataType::UInt64,
            fill_value: MISSING.to_le_bytes().to_vec(),
        };
        let index = Pipeline::new(&chain("index_codecs")?, index_spec)?;
        let Len::Exact(index_len) = index.encoded_len() else {
            return Err(Error::invalid_metadata(
                "the index_codecs have no fixed size, compressors are not allowed there",
            ));
        };
        let inner = Pipeline::new(&chain("codecs")?, inner_spec)?;
        Ok(Self { inner, index, index_len, index_location, grid_shape, placement })
    }

    /// Elements of an inner chunk.
    pub fn inner_shape(&self) -> &[u64] {
        &self.inner.chunk().shape
    }

    /// Inner chunks along each axis of the shard.
    pub fn grid_shape(&self) -> &[u64] {
        &self.grid_shape
    }

    /// The codec chain of the inner chunks.
    pub fn inner(&self) -> &Pipeline {
        &self.inner
    }

    /// Bytes of the encoded index.
    pub fn index_len(&self) -> usize {
        self.index_len
    }

    pub fn index_location(&self) -> IndexLocation {
        self.index_location
    }

    /// Where the index lies in a shard of `shard_len` bytes.
    ///
    /// # Errors
    /// `corrupt-chunk` if the shard is shorter than its index.
    pub fn index_range(&self, shard_len: u64) -> Result<Range<u64>> {
        let index_len = self.index_len as u64;
        let Some(data_len) = shard_len.checked_sub(index_len) else {
            return Err(Error::corrupt_chunk(format!(
                "the shard has {shard_len} bytes, expected at least the {index_len} of its index"
            )));
        };
        Ok(match self.index_location {
            IndexLocation::Start => 0..index_len,
            IndexLocation::End => data_len..shard_len,
        })
    }

    /// Decodes the bytes of the index.
    ///
    /// # Errors
    /// `corrupt-chunk` for a wrong length or checksum.
    pub fn decode_index(&self, bytes: &[u8], scratch: &mut Scratch) -> Result<ShardIndex> {
        let entries = self.index.decode(bytes, scratch)?.into_owned();
        Ok(ShardIndex { entries, index_len: self.index_len as u64, index_location: self.index_location })
    }
}

/// Where the inner chunks of one shard lie.
#[derive(Clone, Debug)]
pub struct ShardIndex {
    /// Pairs of little-endian u64, in C order of the grid.
    entries: Vec<u8>,
    index_len: u64,
    index_location: IndexLocation,
}

impl ShardIndex {
    /// The bytes of the inner chunk with the C-order index `inner_chunk`, counted from the start of the shard; `None` if
    /// it is missing. A range is never empty.
    ///
    /// # Errors
    /// `corrupt-chunk` for an entry that cannot be true: one half missing, beyond the shard's end (`shard_len`, where
    /// that is known), inside the index.
    pub fn get(&self, inner_chunk: usize, shard_len: Option<u64>) -> Result<Option<Range<u64>>> {
        let entry = self.entries.chunks_exact(ENTRY_LEN).nth(inner_chunk);
        let half =
            |at: usize| entry.and_then(|entry| entry[at..].first_chunk()).map(|&bytes| u64::from_le_bytes(bytes));
        let (Some(offset), Some(len)) = (half(0), half(8)) else {
            let count = self.entries.len() / ENTRY_LEN;
            return Err(Error::corrupt_chunk(format!(
                "the shard index has {count} entries, expected one for inner chunk {inner_chunk}"
            )));
        };
        if (offset, len) == (MISSING, MISSING) {
            return Ok(None);
        }
        // With an index at the end of a shard of unknown length all that is known is that something follows.
        let data = match self.index_location {
            IndexLocation::Start => self.index_len..shard_len.unwrap_or(u64::MAX),
            IndexLocation::End => 0..shard_len.map_or(u64::MAX, |len| len.saturating_sub(self.index_len)),
        };
        let end = offset.checked_add(len).filter(|_| offset != MISSING && len != MISSING && len > 0);
        match end.filter(|&end| offset >= data.start && end <= data.end) {
            Some(end) => Ok(Some(offset..end)),
            None => Err(Error::corrupt_chunk(format!(
                "{len} bytes at {offset} of the shard, expected them within {data:?}"
            ))),
        }
    }
}

impl ArrayToBytes for ShardingIndexed {
    fn encoded_len(&self, _: &ChunkSpec) -> Result<Len> {
        // Gaps are legal, but no writer leaves any in a shard that is encoded further, so this is as good as a bound.
        let count = element_count(&self.grid_shape)? as usize;
        let inner_chunks = count.saturating_mul(self.inner.encoded_len().bound());
        Ok(Len::AtMost(inner_chunks.saturating_add(self.index_len)))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let mut shard = scratch.take(decoded.byte_len()?)?;
        let shard_len = encoded.len() as u64;
        let index_range = self.index_range(shard_len)?;
        // Ranges that were checked against the length of a slice fit a usize.
        let bytes = |range: Range<u64>| &encoded[range.start as usize..range.end as usize];
        let index = self.decode_index(bytes(index_range), scratch).map_err(|error| error.about("shard index"))?;
        let item_len = decoded.data_type.item_len();
        let shard_strides = strides(&decoded.shape);
        let mut position = vec![0; self.grid_shape.len()];
        for inner_chunk in 0..element_count(&self.grid_shape)? as usize {
            let first = position.iter().zip(self.inner_shape()).zip(&shard_strides);
            let first: u64 = first.map(|((index, extent), stride)| index * extent * stride).sum();
            let place = &mut shard[first as usize * item_len..];
            let encoded = index.get(inner_chunk, Some(shard_len));
            let inner =
                encoded.and_then(|range| range.map(|range| self.inner.decode(bytes(range), scratch)).transpose());
            match inner.map_err(|error| error.about(&format!("inner chunk {position:?}")))? {
                Some(inner) => {
                    self.placement.copy(&inner, place);
                    scratch.give(inner);
                }
                None => self.placement.fill(&decoded.fill_value, place),
            }
            advance(&mut position, &self.grid_shape);
        }
        scratch.give(encoded);
        Ok(Cow::Owned(shard))
    }

    fn as_sharding(&self) -> Option<&ShardingIndexed> {
        Some(self)
    }
}

fn placement(inner_shape: &[u64], shard: &ChunkSpec) -> StridedCopy {
    let (source, target) = (strides(inner_shape), strides(&shard.shape));
    // A stride that does not fit a usize belongs to a shard that is too large to be decoded as a whole.
    let axes = inner_shape.iter().zip(source).zip(target).map(|((&extent, source), target)| Axis {
        extent: extent as usize,
        source: source as usize,
        target: target as usize,
    });
    StridedCopy::new(axes, shard.data_type.item_len())
}
