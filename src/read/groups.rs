//! Decode groups: chunks that have arrived and are neighbours in the output are decoded together.
//!
//! A chunk never waits for a neighbour: what decoders are too busy for gathers in groups by itself. A group is a slab of the
//! output, whose rows are longer than those of its chunks, so that there are fewer of them to copy; and it costs a decoder
//! one call.

use std::collections::VecDeque;
use std::ops::Range;

use super::{Array, Arrival};
use crate::error::Result;
use crate::plan::Elements;
use crate::selection::{AxisSelection, Selection};
use crate::shape::element_count;
use crate::store::Store;

/// Chunks of a group, at most.
const MOST_CHUNKS: u64 = 1024;

/// Chunks that are as large as this, and have rows in the output as long as that, gain nothing by a copy to a slab.
const LARGE_CHUNK_LEN: u64 = 256 << 10;
const LONG_ROW_LEN: u64 = 16 << 10;

/// Among so many arrivals neighbours are looked for.
const LOOKED_AT: usize = 256;

/// What groups of one read are like.
pub struct Groups {
    /// Extents of the output, one for each axis of the array; `None` where chunks are decoded one by one.
    extents: Option<Vec<u64>>,
    item_len: u64,
    /// Decoded bytes of a group of several chunks, at most.
    most_len: u64,
}

impl Groups {
    pub fn new(selection: &Selection, item_len: usize, most_len: u64) -> Self {
        let extent = |axis: &AxisSelection| match axis {
            AxisSelection::Range(range) => Some(range.count),
            AxisSelection::Indices(_) => None,
        };
        let extents = match selection {
            Selection::Product { axes, .. } => axes.iter().map(extent).collect(),
            Selection::Points { .. } => None,
        };
        Self { extents, item_len: item_len as u64, most_len }
    }

    /// The axis along which others may follow these elements: the innermost that they do not fill.
    fn axis(&self, elements: &Elements) -> Option<usize> {
        let extents = self.extents.as_ref()?;
        (0..extents.len()).rev().find(|&axis| elements.extent(axis).is_some_and(|at| at != (0..extents[axis])))
    }

    /// How many chunks like this one a group has, at most.
    fn most_chunks(&self, chunk_shape: &[u64], elements: &Elements, axis: usize) -> usize {
        let len = |extents: &[u64]| element_count(extents).unwrap_or(u64::MAX).saturating_mul(self.item_len);
        let rows: Vec<u64> =
            (axis..chunk_shape.len()).filter_map(|axis| elements.extent(axis)).map(|at| at.end - at.start).collect();
        let chunk_len = len(chunk_shape);
        if len(&rows) >= LONG_ROW_LEN && chunk_len >= LARGE_CHUNK_LEN {
            return 1;
        }
        (self.most_len / chunk_len.max(1)).min(MOST_CHUNKS) as usize
    }
}

/// The end of a group at which an arrival goes on.
enum End {
    Front,
    Back,
}

impl<S: Store> Array<S> {
    /// A group: the first arrival, and those of its neighbours that are here, in the order of the output.
    pub(super) fn group(
        &self,
        groups: &Groups,
        first: Arrival<S::Bytes>,
        waiting: &mut VecDeque<Result<Arrival<S::Bytes>>>,
    ) -> Vec<Arrival<S::Bytes>> {
        let elements = first.projection.elements.clone();
        let axis = groups.axis(&elements).filter(|_| first.encoded.is_some());
        let Some((axis, mut extent)) = axis.and_then(|axis| Some((axis, elements.extent(axis)?))) else {
            return vec![first];
        };
        let chunk_shape = self.decoded_shape(&first.projection);
        let most = groups.most_chunks(&chunk_shape, &elements, axis);
        let neighbour = |arrival: &Result<Arrival<S::Bytes>>, extent: &mut Range<u64>| {
            let arrival = arrival.as_ref().ok().filter(|arrival| arrival.encoded.is_some())?;
            let other = &arrival.projection.elements;
            let Range { start, end } = other.extent(axis)?;
            let at = if extent.end == start { End::Back } else { End::Front };
            let adjoins = extent.end == start || extent.start == end;
            if !adjoins || !elements.is_beside(other, axis) || self.decoded_shape(&arrival.projection) != chunk_shape {
                return None;
            }
            *extent = extent.start.min(start)..extent.end.max(end);
            Some(at)
        };
        let mut group = vec![first];
        let mut looked_at = 0;
        while group.len() < most && looked_at < waiting.len().min(LOOKED_AT) {
            let end = waiting.get(looked_at).and_then(|arrival| neighbour(arrival, &mut extent));
            let Some(end) = end else {
                looked_at += 1;
                continue;
            };
            if let Some(Ok(arrival)) = waiting.remove(looked_at) {
                match end {
                    End::Front => group.insert(0, arrival),
                    End::Back => group.push(arrival),
                }
            }
            // One that was passed over may follow this one.
            looked_at = 0;
        }
        group
    }
}
