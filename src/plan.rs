//! Selection × chunk grid → the chunks that hold a selected element, and what goes where.
//!
//! Along each axis the selected indices fall into chunks one after the other. A cursor per axis knows the piece that the
//! current chunk holds and finds the next one from its end, so chunks between two steps are never visited and nothing is
//! enumerated ahead: a plan of a billion chunks costs as much memory as a plan of one. The plan of the array is the
//! product of its axes, in C order.
//!
//! A shard is planned like an array: its projection is the selection, the inner chunks are the grid.

use crate::chunk_grid::ChunkGrid;
use crate::selection::AxisRange;

/// The part of an axis' selection that one chunk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisProjection {
    /// The chunk coordinate.
    pub chunk: u64,
    /// The elements of the chunk: where they start, counted from the chunk's first element, their step and number.
    pub within: AxisRange,
    /// Position of the first of them in the output.
    pub output_start: u64,
    /// Whether every element that the chunk has inside the array is selected, in order.
    pub covered: bool,
}

/// One chunk of a plan: its coordinates, the elements selected from it, and where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkProjection {
    pub axes: Vec<AxisProjection>,
}

impl ChunkProjection {
    pub fn coordinates(&self) -> impl Iterator<Item = u64> + '_ {
        self.axes.iter().map(|axis| axis.chunk)
    }

    /// Whether the selection takes all of the chunk that lies inside the array.
    pub fn is_covered(&self) -> bool {
        self.axes.iter().all(|axis| axis.covered)
    }
}

/// The lazy plan: an iterator over the chunks that a selection touches.
#[derive(Clone, Debug)]
pub struct ChunkPlan {
    axes: Vec<Axis>,
    grid: ChunkGrid,
    /// The next projection, `None` after the last.
    current: Option<Vec<AxisProjection>>,
}

/// What is selected along one axis.
#[derive(Clone, Copy, Debug)]
struct Axis {
    range: AxisRange,
    extent: u64,
    /// Position in the output of the first selected element.
    output_start: u64,
}

impl ChunkPlan {
    /// Plans a selection of an array of shape `shape`.
    pub fn new(ranges: &[AxisRange], shape: &[u64], grid: ChunkGrid) -> Self {
        let axes = ranges.iter().zip(shape).map(|(&range, &extent)| Axis { range, extent, output_start: 0 });
        Self::start(axes.collect(), grid)
    }

    /// Plans the inner chunks of one shard, of which `shard` is the projection.
    pub fn within(shard: &ChunkProjection, shard_shape: &[u64], inner: ChunkGrid) -> Self {
        let axes = shard.axes.iter().zip(shard_shape).map(|(axis, &extent)| Axis {
            range: axis.within,
            extent,
            output_start: axis.output_start,
        });
        Self::start(axes.collect(), inner)
    }

    fn start(axes: Vec<Axis>, grid: ChunkGrid) -> Self {
        let first = axes.iter().enumerate().map(|(axis, state)| state.project(axis, 0, &grid));
        let current = first.collect();
        Self { axes, grid, current }
    }
}

impl Iterator for ChunkPlan {
    type Item = ChunkProjection;

    fn next(&mut self) -> Option<ChunkProjection> {
        let current = self.current.as_mut()?;
        let projection = ChunkProjection { axes: current.clone() };
        let advanced = (0..self.axes.len()).rev().any(|axis| {
            let state = &self.axes[axis];
            let done = current[axis].output_start - state.output_start + current[axis].within.count;
            match state.project(axis, done, &self.grid) {
                Some(next) => {
                    current[axis] = next;
                    true
                }
                None => {
                    // Every axis has a first piece, or there would be no current projection.
                    if let Some(first) = state.project(axis, 0, &self.grid) {
                        current[axis] = first;
                    }
                    false
                }
            }
        });
        if !advanced {
            self.current = None;
        }
        Some(projection)
    }
}

impl Axis {
    /// The piece that begins with selected element `k`; `None` behind the last.
    fn project(&self, axis: usize, k: u64, grid: &ChunkGrid) -> Option<AxisProjection> {
        let AxisRange { step, count, .. } = self.range;
        if k >= count {
            return None;
        }
        let index = self.range.index(k);
        let span = grid.span(axis, index);
        let offset = index - span.start;
        let distance = step.unsigned_abs();
        let reachable = if step > 0 { (span.len - 1 - offset) / distance } else { offset / distance };
        let count = (count - k).min(reachable.saturating_add(1));
        Some(AxisProjection {
            chunk: span.chunk,
            within: AxisRange { start: offset, step, count },
            output_start: self.output_start + k,
            // From the first element on, as many as there are: that leaves no room for a step.
            covered: offset == 0 && count == span.len.min(self.extent - span.start),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn plan(ranges: &[AxisRange], shape: &[u64], chunk_shape: &[u64]) -> ChunkPlan {
        ChunkPlan::new(ranges, shape, ChunkGrid::regular(chunk_shape.to_vec(), shape.len()).unwrap())
    }

    /// Every (array index, output index) pair of one axis, in the chunk that holds it: looked at one by one.
    fn obvious(range: AxisRange, chunk_len: u64) -> BTreeMap<u64, Vec<(u64, u64)>> {
        let mut chunks: BTreeMap<u64, Vec<(u64, u64)>> = BTreeMap::new();
        for k in 0..range.count {
            let index = range.index(k);
            chunks.entry(index / chunk_len).or_default().push((index % chunk_len, k));
        }
        chunks
    }

    #[test]
    fn one_axis_agrees_with_looking_at_every_element() {
        for extent in 1..12u64 {
            for chunk_len in 1..6u64 {
                for start in 0..extent {
                    for step in [-5i64, -3, -2, -1, 1, 2, 3, 5] {
                        let room = if step > 0 { extent - 1 - start } else { start };
                        let most = room / step.unsigned_abs() + 1;
                        for count in 1..=most {
                            let range = AxisRange { start, step, count };
                            let found: BTreeMap<_, Vec<_>> = plan(&[range], &[extent], &[chunk_len])
                                .map(|projection| {
                                    let axis = projection.axes[0];
                                    let pairs =
                                        (0..axis.within.count).map(|k| (axis.within.index(k), axis.output_start + k));
                                    let whole = chunk_len.min(extent - axis.chunk * chunk_len);
                                    let covers = (0..whole).map(|i| (i, axis.output_start + i)).eq(pairs.clone());
                                    assert_eq!(axis.covered, covers);
                                    (axis.chunk, pairs.collect())
                                })
                                .collect();
                            assert_eq!(found, obvious(range, chunk_len), "{range:?} of {extent} by {chunk_len}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn chunks_come_in_c_order_and_only_those_touched() {
        let ranges = [AxisRange { start: 0, step: 10, count: 3 }, AxisRange { start: 3, step: 1, count: 2 }];
        let chunks: Vec<Vec<u64>> = plan(&ranges, &[100, 8], &[1, 4]).map(|p| p.coordinates().collect()).collect();
        assert_eq!(chunks, [[0, 0], [0, 1], [10, 0], [10, 1], [20, 0], [20, 1]]);
    }

    #[test]
    fn an_empty_selection_touches_nothing_and_a_0d_array_has_one_chunk() {
        let nothing = [AxisRange { start: 0, step: 1, count: 0 }, AxisRange { start: 0, step: 1, count: 2 }];
        assert_eq!(plan(&nothing, &[4, 4], &[2, 2]).count(), 0);
        assert_eq!(plan(&[], &[], &[]).map(|p| p.axes.len()).collect::<Vec<_>>(), [0]);
    }

    #[test]
    fn a_plan_of_10_to_the_18_chunks_is_lazy() {
        let all = AxisRange { start: 0, step: 1, count: 1 << 30 };
        let mut plan = plan(&[all, all], &[1 << 30, 1 << 30], &[1, 1]);
        assert_eq!(plan.nth(3).unwrap().coordinates().collect::<Vec<_>>(), [0, 3]);
    }

    #[test]
    fn inner_chunks_keep_the_place_of_their_shard_in_the_output() {
        let range = AxisRange { start: 5, step: 2, count: 6 }; // 5 7 | 9 11 13 15: shards of 8
        let shards: Vec<_> = plan(&[range], &[20], &[8]).collect();
        let inner = ChunkPlan::within(&shards[1], &[8], ChunkGrid::regular(vec![4], 1).unwrap());
        let pieces: Vec<_> = inner.map(|p| (p.axes[0].chunk, p.axes[0].within, p.axes[0].output_start)).collect();
        assert_eq!(
            pieces,
            [(0, AxisRange { start: 1, step: 2, count: 2 }, 2), (1, AxisRange { start: 1, step: 2, count: 2 }, 4)]
        );
    }
}
