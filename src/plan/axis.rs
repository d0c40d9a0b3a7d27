//! The pieces of one axis' selection, one for each chunk that holds a part of it.

use std::rc::Rc;

use super::{AxisElements, sorted};
use crate::chunk_grid::ChunkGrid;
use crate::selection::{AxisRange, AxisSelection};

/// The part of an axis' selection that one chunk holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AxisPiece {
    /// The chunk coordinate.
    pub chunk: u64,
    pub elements: AxisElements,
    /// Whether these are all elements that the chunk has inside the array, in whatever order.
    pub is_covered: bool,
    /// How to find the next piece: elements of a range that are done, or pieces of a list.
    done: u64,
}

#[derive(Clone)]
pub enum AxisPlan {
    /// Pieces are found one from the other.
    Range { range: AxisRange, extent: u64, output_start: u64 },
    /// Pieces by ascending chunk, made once.
    List(Vec<AxisPiece>),
}

impl AxisPlan {
    pub fn new(selected: &AxisSelection, axis: usize, extent: u64, grid: &ChunkGrid) -> Self {
        match selected {
            AxisSelection::Range(range) => Self::Range { range: *range, extent, output_start: 0 },
            AxisSelection::Indices(indices) => Self::list(
                indices.iter().zip(0..).map(|(&index, output)| (index, output)).collect(),
                axis,
                extent,
                grid,
            ),
        }
    }

    /// Of the elements of a shard.
    pub fn within(elements: &AxisElements, axis: usize, extent: u64, grid: &ChunkGrid) -> Self {
        match elements {
            AxisElements::Range { within, output_start } => {
                Self::Range { range: *within, extent, output_start: *output_start }
            }
            AxisElements::List { within, output } => {
                Self::list(within.iter().copied().zip(output.iter().copied()).collect(), axis, extent, grid)
            }
        }
    }

    pub fn first(&self, axis: usize, grid: &ChunkGrid) -> Option<AxisPiece> {
        self.piece(0, axis, grid)
    }

    pub fn after(&self, piece: &AxisPiece, axis: usize, grid: &ChunkGrid) -> Option<AxisPiece> {
        self.piece(piece.done, axis, grid)
    }

    pub fn len(&self, axis: usize, grid: &ChunkGrid) -> u64 {
        match self {
            Self::List(pieces) => pieces.len() as u64,
            Self::Range { range, .. } if range.count == 0 => 0,
            Self::Range { range, .. } => {
                let [first, last] = [range.index(0), range.index(range.count - 1)].map(|index| grid.span(axis, index));
                if grid.chunk_shape().is_none() {
                    return std::iter::successors(self.first(axis, grid), |piece| self.after(piece, axis, grid)).count()
                        as u64;
                }
                // Steps within a chunk leave no chunk out, others meet each only once.
                if range.step.unsigned_abs() >= first.len { range.count } else { first.chunk.abs_diff(last.chunk) + 1 }
            }
        }
    }

    fn piece(&self, done: u64, axis: usize, grid: &ChunkGrid) -> Option<AxisPiece> {
        match self {
            Self::Range { range, extent, output_start } => {
                (done < range.count).then(|| piece_of_range(range, *extent, *output_start, done, axis, grid))
            }
            Self::List(pieces) => pieces.get(done as usize).cloned(),
        }
    }

    /// Of pairs of an index and its position in the output. Within a chunk they keep their order.
    fn list(pairs: Vec<(u64, u64)>, axis: usize, extent: u64, grid: &ChunkGrid) -> Self {
        let chunk = |pair: &(u64, u64)| grid.span(axis, pair.0).chunk;
        let order = sorted(pairs.iter().map(chunk));
        let pairs: Vec<_> = order.into_iter().map(|(_, at)| pairs[at as usize]).collect();
        let pieces = pairs.chunk_by(|a, b| chunk(a) == chunk(b)).zip(1..).map(|(pairs, done)| {
            let span = grid.span(axis, pairs[0].0);
            let mut distinct = sorted(pairs.iter().map(|pair| pair.0));
            distinct.dedup_by_key(|(index, _)| *index);
            let is_covered = distinct.len() as u64 == span.len.min(extent - span.start);
            let elements = elements(pairs, span.start);
            AxisPiece { chunk: span.chunk, elements, is_covered, done }
        });
        Self::List(pieces.collect())
    }
}

/// The piece that begins with element `k` of the range.
fn piece_of_range(
    range: &AxisRange,
    extent: u64,
    output_start: u64,
    k: u64,
    axis: usize,
    grid: &ChunkGrid,
) -> AxisPiece {
    let index = range.index(k);
    let span = grid.span(axis, index);
    let offset = index - span.start;
    let distance = range.step.unsigned_abs();
    let reachable = if range.step > 0 { (span.len - 1 - offset) / distance } else { offset / distance };
    let count = (range.count - k).min(reachable.saturating_add(1));
    AxisPiece {
        chunk: span.chunk,
        elements: AxisElements::Range {
            within: AxisRange { start: offset, step: range.step, count },
            output_start: output_start + k,
        },
        // As many as there are: that leaves no room for a step.
        is_covered: count == span.len.min(extent - span.start),
        done: k + count,
    }
}

/// A list as a range where it is one, which is copied faster: indices at equal distances whose outputs follow each other.
fn elements(pairs: &[(u64, u64)], chunk_start: u64) -> AxisElements {
    let (first, output_start) = pairs[0];
    let step = pairs.get(1).map_or(1, |second| second.0.wrapping_sub(first) as i64);
    let range = AxisRange { start: first - chunk_start, step, count: pairs.len() as u64 };
    let is_range = step != 0
        && pairs.iter().zip(0..).all(|(pair, k)| {
            let expected = first.wrapping_add_signed(step.wrapping_mul(k as i64));
            *pair == (expected, output_start + k)
        });
    if is_range {
        return AxisElements::Range { within: range, output_start };
    }
    AxisElements::List {
        within: pairs.iter().map(|pair| pair.0 - chunk_start).collect::<Rc<[u64]>>(),
        output: pairs.iter().map(|pair| pair.1).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    type Pieces = BTreeMap<u64, Vec<(u64, u64)>>;

    /// Every (index within the chunk, output index) pair, in the chunk that holds it: looked at one by one.
    fn obvious(indices: &[u64], chunk_len: u64) -> Pieces {
        let mut chunks = Pieces::new();
        for (&index, k) in indices.iter().zip(0..) {
            chunks.entry(index / chunk_len).or_default().push((index % chunk_len, k));
        }
        chunks
    }

    fn pairs(elements: &AxisElements) -> Vec<(u64, u64)> {
        match elements {
            AxisElements::Range { within, output_start } => {
                (0..within.count).map(|k| (within.index(k), output_start + k)).collect()
            }
            AxisElements::List { within, output } => within.iter().copied().zip(output.iter().copied()).collect(),
        }
    }

    fn check(selected: &AxisSelection, indices: &[u64], extent: u64, chunk_len: u64) {
        let grid = ChunkGrid::regular(vec![chunk_len], 1).unwrap();
        let plan = AxisPlan::new(selected, 0, extent, &grid);
        let mut found = Pieces::new();
        let mut next = plan.first(0, &grid);
        while let Some(piece) = next {
            let pairs = pairs(&piece.elements);
            let whole = chunk_len.min(extent - piece.chunk * chunk_len);
            let distinct: BTreeSet<u64> = pairs.iter().map(|pair| pair.0).collect();
            let covers = distinct.into_iter().eq(0..whole);
            assert_eq!(piece.is_covered, covers, "{selected:?} of {extent} by {chunk_len}: {piece:?}");
            next = plan.after(&piece, 0, &grid);
            assert!(found.insert(piece.chunk, pairs).is_none());
        }
        assert_eq!(found, obvious(indices, chunk_len), "{selected:?} of {extent} by {chunk_len}");
    }

    #[test]
    fn ranges_agree_with_looking_at_every_element() {
        for extent in 1..12u64 {
            for chunk_len in 1..6u64 {
                for start in 0..extent {
                    for step in [-5i64, -3, -2, -1, 1, 2, 3, 5] {
                        let room = if step > 0 { extent - 1 - start } else { start };
                        for count in 1..=room / step.unsigned_abs() + 1 {
                            let range = AxisRange { start, step, count };
                            let indices: Vec<u64> = (0..count).map(|k| range.index(k)).collect();
                            check(&AxisSelection::Range(range), &indices, extent, chunk_len);
                            check(&AxisSelection::Indices(indices.as_slice().into()), &indices, extent, chunk_len);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn lists_agree_with_looking_at_every_element() {
        for indices in [&[][..], &[3], &[3, 3, 3], &[9, 0, 5, 5, 1], &[0, 1, 2, 4, 5, 6], &[7, 6, 5, 0, 1, 2, 3]] {
            for chunk_len in 1..6 {
                check(&AxisSelection::Indices(indices.into()), indices, 10, chunk_len);
            }
        }
    }
}
