//! A writer of Zarr arrays for tests: slow and obvious, one element at a time, and nothing of the library in it but the
//! store that it writes to.
//!
//! It is more liberal than any writer in use: inner chunks in any order and with gaps, blosc blocks of any length,
//! compressed streams in two parts. All of it is lawful, and none of it may make a difference.

mod blosc;
mod chain;
mod compressor;
mod document;
mod element_type;
mod shard;

use std::ops::Range;

use zarr_wasm::store::MemoryStore;

pub use blosc::{Blosc, InnerCodec, Shuffle};
pub use chain::{ArrayCodec, Chain, Serializer};
pub use compressor::BytesCodec;
pub use element_type::{ElementType, FillValue, Kind, TYPES};
pub use shard::Sharding;

use crate::random::Random;
use chain::Stage;

/// What to write.
#[derive(Clone, Debug)]
pub struct Description {
    pub format: Format,
    pub path: String,
    pub shape: Vec<u64>,
    /// In a regular grid that of every chunk.
    pub chunk_shape: Vec<u64>,
    /// In a rectilinear grid for each axis the length of every chunk; some may lie beyond the array.
    pub edges: Option<Vec<Vec<u64>>>,
    pub element_type: ElementType,
    pub fill_value: FillValue,
    pub chain: Chain,
    pub separator: char,
    /// Ones where the bits of elements are random; 0 elsewhere.
    pub bit_mask: u128,
    pub seed: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Elements laid out in F order where `reversed`: then the chain begins with the transposition that says so.
    V2 { reversed: bool },
    V3 {
        /// Chunk keys in the manner of v2.
        v2_keys: bool,
    },
}

/// What was written.
pub struct Written {
    pub store: MemoryStore,
    /// The bits of every element, in C order.
    pub elements: Vec<u128>,
}

/// Writes chunks of random elements, patches of which have the fill value; chunks that have nothing else may be left out.
pub fn write(description: &Description) -> Written {
    let Description { shape, element_type, chain, .. } = description;
    let mut random = Random::new(description.seed);
    let mut store = MemoryStore::default();
    document::write(description, &mut store);
    let fill = description.fill_value.bits;
    let mut elements = vec![fill; shape.iter().product::<u64>() as usize];
    for chunk in positions(&description.chunk_counts()) {
        let spans: Vec<Range<u64>> = (0..shape.len()).map(|axis| description.span(axis, chunk[axis])).collect();
        let chunk_shape: Vec<u64> = spans.iter().map(|span| span.end - span.start).collect();
        let items = random_chunk(description, &chunk_shape, &mut random);
        for (position, item) in positions(&chunk_shape).zip(&items) {
            let index: Vec<u64> = spans.iter().zip(position).map(|(span, position)| span.start + position).collect();
            if index.iter().zip(shape).all(|(index, extent)| index < extent) {
                elements[linear(&index, shape)] = *item;
            }
        }
        if items.iter().any(|item| *item != fill) || random.one_in(2) {
            let stage = Stage { shape: chunk_shape, element_type: *element_type, fill, items };
            store.insert(description.chunk_key(&chunk), chain.encode(stage, true, &mut random));
        }
    }
    Written { store, elements }
}

fn random_chunk(description: &Description, chunk_shape: &[u64], random: &mut Random) -> Vec<u128> {
    let Description { element_type, fill_value, bit_mask, chain, .. } = description;
    let patch_shape = chain.innermost_shape(chunk_shape);
    let is_missing = random.one_in(6);
    let patch_counts = chunk_counts(chunk_shape, &patch_shape);
    let filled: Vec<bool> = positions(&patch_counts).map(|_| is_missing || random.one_in(4)).collect();
    let items = positions(chunk_shape).map(|position| {
        let patch: Vec<u64> = position.iter().zip(&patch_shape).map(|(position, extent)| position / extent).collect();
        let bits = u128::from(random.number()) << 64 | u128::from(random.number());
        if filled[linear(&patch, &patch_counts)] { fill_value.bits } else { element_type.element(bits & bit_mask) }
    });
    items.collect()
}

impl Description {
    /// Chunks along each axis, also those of a rectilinear grid that lie beyond the array.
    fn chunk_counts(&self) -> Vec<u64> {
        match &self.edges {
            None => chunk_counts(&self.shape, &self.chunk_shape),
            Some(edges) => edges.iter().map(|lens| lens.len() as u64).collect(),
        }
    }

    /// The elements of a chunk along an axis.
    pub fn span(&self, axis: usize, chunk: u64) -> Range<u64> {
        let len = |chunk: u64| self.edges.as_ref().map_or(self.chunk_shape[axis], |edges| edges[axis][chunk as usize]);
        let start = (0..chunk).map(len).sum();
        start..start + len(chunk)
    }

    /// The chunk that holds an element.
    pub fn chunk_of(&self, axis: usize, index: u64) -> u64 {
        (0..).find(|chunk| self.span(axis, *chunk).contains(&index)).unwrap()
    }

    /// The key of a chunk in the store.
    pub fn chunk_key(&self, chunk: &[u64]) -> String {
        let separator = self.separator.to_string();
        let mut parts: Vec<String> = chunk.iter().map(u64::to_string).collect();
        match self.format {
            Format::V3 { v2_keys: false } => parts.insert(0, "c".into()),
            _ if parts.is_empty() => parts.push("0".into()),
            _ => {}
        }
        self.key(&parts.join(&separator))
    }

    fn key(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { [&self.path, name].join("/") }
    }
}

/// Every position of a shape, in C order.
pub fn positions(shape: &[u64]) -> impl Iterator<Item = Vec<u64>> + use<> {
    let shape = shape.to_vec();
    (0..shape.iter().product()).map(move |index: u64| {
        let mut rest = index;
        let mut position: Vec<u64> = shape.iter().rev().map(|extent| (rest % extent, rest /= extent).0).collect();
        position.reverse();
        position
    })
}

/// Where a position comes in C order.
pub fn linear(position: &[u64], shape: &[u64]) -> usize {
    position.iter().zip(shape).fold(0, |index, (position, extent)| index * *extent as usize + *position as usize)
}

pub fn chunk_counts(shape: &[u64], chunk_shape: &[u64]) -> Vec<u64> {
    shape.iter().zip(chunk_shape).map(|(extent, chunk)| extent.div_ceil(*chunk)).collect()
}
