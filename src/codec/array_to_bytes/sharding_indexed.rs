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
use std::rc::Rc;

use serde_json::Value;

use super::shard_index::{IndexLocation, MISSING, ShardIndex};
use zarr_wasm_kernels::strided_copy::{Axis, StridedCopy};

use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Externals, Len, Pipeline, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;
use crate::shape::{advance, element_count, strides};

/// Their index alone takes 16 bytes for each.
pub const MAX_INNER_CHUNKS: u64 = 1 << 22;

pub struct ShardingIndexed {
    inner: Rc<Pipeline>,
    index: Pipeline,
    index_len: usize,
    index_location: IndexLocation,
    grid_shape: Vec<u64>,
}

impl ShardingIndexed {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec, externals: &Externals) -> Result<Self> {
        let inner_shape = configuration.required("chunk_shape", configuration.extents("chunk_shape")?)?;
        let grid_shape = grid_shape(&decoded.shape, &inner_shape)?;
        let index_location = match configuration.text("index_location")? {
            None | Some("end") => IndexLocation::End,
            Some("start") => IndexLocation::Start,
            Some(_) => return Err(configuration.invalid("index_location", "\"start\" or \"end\"")),
        };
        let chain = |key| {
            let codecs = configuration.required(key, configuration.list(key)?)?;
            CodecMetadata::parse_list(&Value::from(codecs.clone()))
        };
        let inner_spec = ChunkSpec { shape: inner_shape, ..decoded.clone() };
        let (index, index_len) = index_pipeline(&chain("index_codecs")?, &grid_shape)?;
        let inner = Rc::new(Pipeline::with_externals(&chain("codecs")?, inner_spec, externals)?);
        Ok(Self { inner, index, index_len, index_location, grid_shape })
    }

    /// The same codec for a shard of another shape.
    ///
    /// # Errors
    /// `invalid-metadata` and `unsupported`, as for the first shape.
    pub fn for_shard(&self, shard_shape: &[u64]) -> Result<Self> {
        let grid_shape = grid_shape(shard_shape, self.inner_shape())?;
        let (index, index_len) = index_pipeline(self.index.codecs(), &grid_shape)?;
        Ok(Self { inner: self.inner.clone(), index, index_len, index_location: self.index_location, grid_shape })
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
        Ok(ShardIndex::new(entries, self.index_len as u64, self.index_location))
    }

    /// From an inner chunk to its place in a shard with these strides, counted from its first element.
    fn placement(&self, shard_strides: &[u64]) -> StridedCopy {
        let inner = self.inner.chunk();
        let axes = inner.shape.iter().zip(strides(&inner.shape)).zip(shard_strides);
        // The shard is about to be decoded as a whole, so that all of these fit a usize.
        let axes = axes.map(|((&extent, source), &target)| Axis {
            extent: extent as usize,
            source: source as usize,
            target: target as usize,
        });
        StridedCopy::new(axes, inner.data_type.item_len())
    }
}

/// Inner chunks along each axis of a shard.
fn grid_shape(shard_shape: &[u64], inner_shape: &[u64]) -> Result<Vec<u64>> {
    element_count(shard_shape)?;
    let divides = |(&shard, &inner): (&u64, &u64)| inner != 0 && shard.is_multiple_of(inner);
    if inner_shape.len() != shard_shape.len() || !shard_shape.iter().zip(inner_shape).all(divides) {
        return Err(Error::invalid_metadata(format!(
            "chunk_shape is {inner_shape:?}, expected a shape that divides the shard's, {shard_shape:?}"
        )));
    }
    let grid_shape: Vec<u64> = shard_shape.iter().zip(inner_shape).map(|(shard, inner)| shard / inner).collect();
    match element_count(&grid_shape)? {
        ..=MAX_INNER_CHUNKS => Ok(grid_shape),
        count => Err(Error::unsupported(format!(
            "{count} inner chunks in a shard, at most {MAX_INNER_CHUNKS} are supported"
        ))),
    }
}

/// The chain of the index, and the bytes of an encoded one.
fn index_pipeline(codecs: &[CodecMetadata], grid_shape: &[u64]) -> Result<(Pipeline, usize)> {
    let spec = ChunkSpec {
        shape: [grid_shape, &[2]].concat(),
        data_type: DataType::UInt64,
        fill_value: MISSING.to_le_bytes().to_vec(),
    };
    let index = Pipeline::new(codecs, spec)?;
    match index.encoded_len() {
        Len::Exact(len) => Ok((index, len)),
        Len::AtMost(_) => {
            Err(Error::invalid_metadata("the index_codecs have no fixed size, compressors are not allowed there"))
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
        let placement = self.placement(&shard_strides);
        let fill_element = decoded.fill_element(&mut scratch.heap)?;
        let mut position = vec![0; self.grid_shape.len()];
        let mut waiting = None;
        let mut waiting_len = 0;
        for inner_chunk in 0..element_count(&self.grid_shape)? as usize {
            let first = position.iter().zip(self.inner_shape()).zip(&shard_strides);
            let first: u64 = first.map(|((index, extent), stride)| index * extent * stride).sum();
            let place = &mut shard[first as usize * item_len..];
            let encoded = index.get(inner_chunk, Some(shard_len));
            let asked = scratch.exchange.asked();
            scratch.exchange.enter(inner_chunk as u32);
            let inner = encoded.and_then(|range| {
                let Some(range) = range else { return Ok(None) };
                let len = range.end - range.start;
                let decoded = self.inner.decode(bytes(range), scratch);
                waiting_len += if scratch.exchange.asked() > asked { len } else { 0 };
                decoded.map(Some)
            });
            scratch.exchange.leave();
            match inner.map_err(|error| error.about(&format!("inner chunk {position:?}"))) {
                Ok(Some(inner)) => {
                    placement.copy(&inner, place);
                    scratch.give(inner);
                }
                Ok(None) => placement.fill(&fill_element, place),
                // What waits for a codec outside does not hold up the next: all of them are asked for at once.
                Err(error) if scratch.exchange.asked() > asked => waiting = Some(error),
                Err(error) => return Err(error),
            }
            // Every question keeps its bytes: entries that overlap would let few bytes become very many.
            if waiting_len > shard_len {
                scratch.exchange.take_questions();
                return Err(Error::corrupt_chunk("the inner chunks overlap, which codecs from outside do not allow"));
            }
            advance(&mut position, &self.grid_shape);
        }
        if let Some(error) = waiting {
            return Err(error);
        }
        scratch.give(encoded);
        Ok(Cow::Owned(shard))
    }

    fn as_sharding(&self) -> Option<&ShardingIndexed> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use serde_json::json;

    /// A shard of shape (4, 6), uint16, fill value 258, with inner chunks (2, 3).
    fn spec() -> ChunkSpec {
        ChunkSpec { shape: vec![4, 6], data_type: DataType::UInt16, fill_value: 258u16.to_le_bytes().to_vec() }
    }

    fn configuration() -> Value {
        json!({
            "chunk_shape": [2, 3],
            "codecs": [{"name": "bytes", "configuration": {"endian": "big"}}],
            "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}, "crc32c"],
        })
    }

    /// The codec with one member of its configuration changed.
    fn sharding(key: &str, value: Value) -> Result<ShardingIndexed> {
        let mut configuration = configuration();
        configuration[key] = value;
        ShardingIndexed::new(&Configuration(configuration.as_object().unwrap()), &spec(), &Externals::default())
    }

    fn index(entries: &[(u64, u64)]) -> Vec<u8> {
        let mut index: Vec<u8> =
            entries.iter().flat_map(|(offset, len)| [offset.to_le_bytes(), len.to_le_bytes()].concat()).collect();
        index.extend(zarr_wasm_kernels::crc::crc32c(&index).to_le_bytes());
        index
    }

    /// Two inner chunks, stored out of order with a gap between; (0, 0) and (1, 1) are missing.
    const DATA: [u8; 26] = *b"\x0a0\x0a1\x0a2\x0a3\x0a4\x0a5--\x0b0\x0b1\x0b2\x0b3\x0b4\x0b5";
    const NONE: (u64, u64) = (MISSING, MISSING);

    fn shard_with_index_at_the_end(entries: &[(u64, u64)]) -> Vec<u8> {
        [&DATA[..], &index(entries)].concat()
    }

    fn decode(codec: &ShardingIndexed, shard: &[u8]) -> Result<Vec<u16>> {
        let decoded = codec.decode(Cow::Borrowed(shard), &spec(), &mut Scratch::default())?;
        Ok(decoded.as_chunks().0.iter().map(|&item| u16::from_le_bytes(item)).collect())
    }

    fn expected() -> Vec<u16> {
        let [a, b] = [0x0a30, 0x0b30];
        [
            [258, 258, 258, b, b + 1, b + 2],
            [258, 258, 258, b + 3, b + 4, b + 5],
            [a, a + 1, a + 2, 258, 258, 258],
            [a + 3, a + 4, a + 5, 258, 258, 258],
        ]
        .concat()
    }

    #[test]
    fn inner_chunks_go_to_their_places_and_missing_ones_have_the_fill_value() {
        let codec = sharding("index_location", json!("end")).unwrap();
        assert_eq!((codec.index_len(), codec.grid_shape(), codec.inner_shape()), (68, &[2, 2][..], &[2, 3][..]));
        let shard = shard_with_index_at_the_end(&[NONE, (14, 12), (0, 12), NONE]);
        assert_eq!(decode(&codec, &shard).unwrap(), expected());
    }

    #[test]
    fn with_an_index_at_the_start_offsets_include_it() {
        let codec = sharding("index_location", json!("start")).unwrap();
        let shard = [&index(&[NONE, (82, 12), (68, 12), NONE])[..], &DATA].concat();
        assert_eq!(decode(&codec, &shard).unwrap(), expected());
    }

    #[test]
    fn inner_chunks_may_be_one_element_wide() {
        let spec = ChunkSpec { shape: vec![2, 3], data_type: DataType::UInt8, fill_value: vec![9] };
        let mut configuration = configuration();
        configuration["chunk_shape"] = json!([2, 1]);
        configuration["index_codecs"] = json!([{"name": "bytes", "configuration": {"endian": "big"}}]);
        let codec =
            ShardingIndexed::new(&Configuration(configuration.as_object().unwrap()), &spec, &Externals::default())
                .unwrap();
        let entries = [0, 2, MISSING, MISSING, 2, 2];
        let shard = [&b"acbd"[..], &entries.map(u64::to_be_bytes).concat()].concat();
        let decoded = codec.decode(Cow::Borrowed(&shard), &spec, &mut Scratch::default()).unwrap();
        assert_eq!(decoded[..], *b"a\x09bc\x09d");
    }

    #[test]
    fn shards_nest() {
        let inner = json!([{"name": "sharding_indexed", "configuration": {
            "chunk_shape": [1, 3],
            "codecs": [{"name": "bytes", "configuration": {"endian": "big"}}],
            "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}, "crc32c"],
        }}]);
        let codec = sharding("codecs", inner).unwrap();
        assert_eq!(codec.inner().sharding().unwrap().grid_shape(), [2, 1]);
        // Of the one inner shard the second row is missing.
        let inner_shard = [&DATA[..6], &index(&[(0, 6), NONE])].concat();
        let len = inner_shard.len() as u64;
        let shard = [&inner_shard[..], &index(&[NONE, NONE, NONE, (0, len)])].concat();
        let mut expected = vec![258; 24];
        expected[15..18].copy_from_slice(&[0x0a30, 0x0a31, 0x0a32]);
        assert_eq!(decode(&codec, &shard).unwrap(), expected);
    }

    #[test]
    fn entries_that_cannot_be_true_are_errors() {
        let codec = sharding("index_location", json!("end")).unwrap();
        for (offset, len) in [
            (MISSING, 12),
            (0, MISSING),
            (0, 0),
            (u64::MAX - 5, 12),
            (15, 12),
            (26, 12),
            (1 << 40, 12),
            (0, 27),
            (94, 12),
        ] {
            let shard = shard_with_index_at_the_end(&[NONE, NONE, NONE, (offset, len)]);
            let error = decode(&codec, &shard).unwrap_err();
            assert_eq!(error.code(), ErrorCode::CorruptChunk);
            let expected =
                format!("inner chunk [1, 1]: {len} bytes at {offset} of the shard, expected them within 0..26");
            assert_eq!(error.message(), expected);
        }
        let codec = sharding("index_location", json!("start")).unwrap();
        for offset in [0, 67, 83] {
            let shard = [&index(&[(offset, 12), NONE, NONE, NONE])[..], &DATA].concat();
            let expected =
                format!("inner chunk [0, 0]: 12 bytes at {offset} of the shard, expected them within 68..94");
            assert_eq!(decode(&codec, &shard).unwrap_err().message(), expected);
        }
    }

    #[test]
    fn a_damaged_or_missing_index_is_an_error() {
        let codec = sharding("index_location", json!("end")).unwrap();
        let mut shard = shard_with_index_at_the_end(&[NONE, (14, 12), (0, 12), NONE]);
        let error = decode(&codec, &shard[..67]).unwrap_err();
        assert_eq!(error.message(), "the shard has 67 bytes, expected at least the 68 of its index");
        shard[30] ^= 1;
        let error = decode(&codec, &shard).unwrap_err();
        assert!(error.message().starts_with("shard index: the checksum is"), "{error}");
        assert_eq!(error.place().codec.as_deref(), Some("crc32c"));
    }

    #[test]
    fn a_failure_inside_names_the_inner_chunk_and_the_codec() {
        let codec = sharding("index_location", json!("end")).unwrap();
        let error = decode(&codec, &shard_with_index_at_the_end(&[NONE, (14, 11), NONE, NONE])).unwrap_err();
        assert_eq!(error.to_string(), "bytes: inner chunk [0, 1]: 11 bytes, expected 12");
    }

    #[test]
    fn a_configuration_that_breaks_the_rules_is_invalid() {
        let bytes = json!({"name": "bytes", "configuration": {"endian": "little"}});
        for (key, value) in [
            ("chunk_shape", json!([2, 4])),
            ("chunk_shape", json!([2])),
            ("chunk_shape", json!([0, 3])),
            ("chunk_shape", json!([4, 12])),
            ("chunk_shape", Value::Null),
            ("codecs", Value::Null),
            ("codecs", json!([])),
            ("index_codecs", Value::Null),
            ("index_codecs", json!([bytes, "gzip"])),
            ("index_location", json!("middle")),
        ] {
            let error = sharding(key, value.clone()).err().unwrap();
            assert_eq!(error.code(), ErrorCode::InvalidMetadata, "{key} {value}: {error}");
        }
    }

    #[test]
    fn more_inner_chunks_than_can_be_indexed_are_unsupported() {
        let spec = |rows| ChunkSpec { shape: vec![rows, 6], ..spec() };
        let shard = |rows| {
            ShardingIndexed::new(
                &Configuration(configuration().as_object().unwrap()),
                &spec(rows),
                &Externals::default(),
            )
            .err()
        };
        assert!(shard(1 << 22).is_none());
        let error = shard((1 << 22) + 2).unwrap();
        assert_eq!(error.code(), ErrorCode::Unsupported);
        assert_eq!(error.message(), "4194306 inner chunks in a shard, at most 4194304 are supported");
        assert!(shard(1 << 63).is_some());
    }
}
