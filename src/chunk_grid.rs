//! Which chunk an element lies in (Zarr v3 core specification, "Chunk grids"; the registered extension `rectilinear`).
//!
//! `regular` is the only grid of the core: chunk k covers `k·len .. (k+1)·len` along each axis. In a `rectilinear` grid the
//! chunks along an axis have lengths of their own, given in runs of equal ones; the runs are never expanded, a chunk is
//! found by binary search. In both, the chunks at the far edge are stored in full although they reach beyond the array.

use std::rc::Rc;

use crate::error::{Error, Result};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkGrid {
    axes: Vec<Axis>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Axis {
    /// All chunks are of this length, which is not 0.
    Regular(u64),
    /// Without gaps from 0 on, beyond the last element of the array; at least two.
    Runs(Rc<[Run]>),
}

/// Chunks of equal length, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// Index of the first element.
    start: u64,
    /// Coordinate of the first chunk.
    chunk: u64,
    /// Length of each chunk, not 0.
    len: u64,
}

/// The lengths of chunks along one axis, as a rectilinear grid gives them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edges {
    /// One length for as many chunks as there must be.
    Every(u64),
    /// Lengths, and how often each is repeated.
    Repeated(Vec<(u64, u64)>),
}

/// Where a chunk lies along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChunkSpan {
    /// The chunk coordinate.
    pub chunk: u64,
    /// Index of the chunk's first element.
    pub start: u64,
    /// Extent of the chunk, also where it reaches beyond the array.
    pub len: u64,
}

impl ChunkGrid {
    /// # Errors
    /// `invalid-metadata` where the rank is not that of the array or an extent is zero.
    pub fn regular(chunk_shape: Vec<u64>, rank: usize) -> Result<Self> {
        if chunk_shape.len() != rank {
            let found = chunk_shape.len();
            return Err(Error::invalid_metadata(format!("{chunk_shape:?} has {found} dimensions, the array {rank}")));
        }
        if chunk_shape.contains(&0) {
            return Err(Error::invalid_metadata(format!("{chunk_shape:?} has an extent of 0")));
        }
        Ok(Self { axes: chunk_shape.into_iter().map(Axis::Regular).collect() })
    }

    /// # Errors
    /// `invalid-metadata` where the rank is not that of the array, a length or a repetition is zero, or the chunks do not
    /// reach the end of the array.
    pub fn rectilinear(edges: &[Edges], shape: &[u64]) -> Result<Self> {
        if edges.len() != shape.len() {
            let (found, rank) = (edges.len(), shape.len());
            return Err(Error::invalid_metadata(format!("edges of {found} dimensions, the array has {rank}")));
        }
        let axes = edges.iter().zip(shape).enumerate();
        let axes = axes.map(|(axis, (edges, &extent))| {
            let invalid = |what: String| Error::invalid_metadata(format!("the edges of axis {axis} {what}"));
            match edges {
                Edges::Every(0) => Err(invalid("are 0".into())),
                Edges::Every(len) => Ok(Axis::Regular(*len)),
                Edges::Repeated(edges) => Axis::runs(edges, extent).map_err(invalid),
            }
        });
        Ok(Self { axes: axes.collect::<Result<_>>()? })
    }

    pub fn rank(&self) -> usize {
        self.axes.len()
    }

    /// The shape of all chunks, where they have one in common.
    pub fn chunk_shape(&self) -> Option<Vec<u64>> {
        let lens = self.axes.iter().map(|axis| match axis {
            Axis::Regular(len) => Some(*len),
            Axis::Runs(_) => None,
        });
        lens.collect()
    }

    /// The shape of one chunk.
    pub fn shape_of(&self, chunk: &[u64]) -> Vec<u64> {
        self.axes.iter().zip(chunk).map(|(axis, &chunk)| axis.span_of(chunk).len).collect()
    }

    /// A shape that no chunk exceeds.
    pub fn largest_chunk_shape(&self) -> Vec<u64> {
        self.axes.iter().map(|axis| axis.lens().max().unwrap_or(1)).collect()
    }

    /// The chunk that holds element `index` of an axis.
    pub fn span(&self, axis: usize, index: u64) -> ChunkSpan {
        self.axes[axis].span(index)
    }

    /// Index of the first element of a chunk along an axis, which may be one beyond the last.
    pub fn start(&self, axis: usize, chunk: u64) -> u64 {
        self.axes[axis].span_of(chunk).start
    }

    /// Chunks along an axis of `extent` elements.
    pub fn chunk_count(&self, axis: usize, extent: u64) -> u64 {
        extent.checked_sub(1).map_or(0, |last| self.span(axis, last).chunk + 1)
    }

    /// Lengths of the chunks along an axis of `extent` elements, and how many chunks of each follow each other.
    pub fn edges(&self, axis: usize, extent: u64) -> Vec<(u64, u64)> {
        let count = self.chunk_count(axis, extent);
        match &self.axes[axis] {
            Axis::Regular(len) => vec![(*len, count)],
            Axis::Runs(runs) => {
                let ends = runs.iter().skip(1).map(|run| run.chunk).chain([count]);
                runs.iter().zip(ends).map(|(run, end)| (run.len, end - run.chunk)).collect()
            }
        }
    }
}

impl Axis {
    /// Of what lies beyond the array nothing is kept; runs of one length are joined.
    fn runs(edges: &[(u64, u64)], extent: u64) -> Result<Self, String> {
        let mut runs: Vec<Run> = Vec::new();
        let (mut start, mut chunk) = (0u64, 0u64);
        for &(len, count) in edges {
            if len == 0 || count == 0 {
                return Err(format!("have {len} repeated {count} times, expected integers from 1 on"));
            }
            let follows = runs.last().is_some_and(|last| last.len == len);
            if !follows && (start < extent || runs.is_empty()) {
                runs.push(Run { start, chunk, len });
            }
            // Only what begins inside of the array has a place among the runs, and those places are exact.
            start = start.saturating_add(len.saturating_mul(count));
            chunk = chunk.saturating_add(count);
        }
        match runs.as_slice() {
            [] => Err("are none".into()),
            _ if start < extent => Err(format!("sum to {start}, the array has {extent} elements along it")),
            [run] => Ok(Self::Regular(run.len)),
            _ => Ok(Self::Runs(runs.into())),
        }
    }

    fn span(&self, index: u64) -> ChunkSpan {
        let within = |run: Run| {
            let chunks = (index - run.start) / run.len;
            ChunkSpan { chunk: run.chunk + chunks, start: run.start + chunks * run.len, len: run.len }
        };
        within(self.run(|run| run.start <= index))
    }

    fn span_of(&self, chunk: u64) -> ChunkSpan {
        let run = self.run(|run| run.chunk <= chunk);
        let start = (chunk - run.chunk).saturating_mul(run.len).saturating_add(run.start);
        ChunkSpan { chunk, start, len: run.len }
    }

    /// The last run that begins before something.
    fn run(&self, begins_before: impl Fn(&Run) -> bool) -> Run {
        match self {
            Self::Regular(len) => Run { start: 0, chunk: 0, len: *len },
            // The first one begins before everything.
            Self::Runs(runs) => runs[runs.partition_point(begins_before).saturating_sub(1)],
        }
    }

    fn lens(&self) -> impl Iterator<Item = u64> {
        let (one, many) = match self {
            Self::Regular(len) => (Some(*len), &[][..]),
            Self::Runs(runs) => (None, &runs[..]),
        };
        one.into_iter().chain(many.iter().map(|run| run.len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(edges: &[(u64, u64)], extent: u64) -> Result<ChunkGrid> {
        ChunkGrid::rectilinear(&[Edges::Repeated(edges.to_vec())], &[extent])
    }

    #[test]
    fn an_element_lies_in_the_chunk_of_its_quotient() {
        let grid = ChunkGrid::regular(vec![4], 1).unwrap();
        assert_eq!(grid.span(0, 3), ChunkSpan { chunk: 0, start: 0, len: 4 });
        assert_eq!(grid.span(0, 4), ChunkSpan { chunk: 1, start: 4, len: 4 });
        assert_eq!(grid.span(0, u64::MAX), ChunkSpan { chunk: u64::MAX / 4, start: u64::MAX / 4 * 4, len: 4 });
        assert_eq!((grid.chunk_count(0, 9), grid.chunk_count(0, 8), grid.chunk_count(0, 0)), (3, 2, 0));
        assert_eq!((grid.start(0, 2), grid.start(0, u64::MAX)), (8, u64::MAX));
    }

    #[test]
    fn a_wrong_rank_and_an_empty_extent_are_refused() {
        assert!(ChunkGrid::regular(vec![4], 2).is_err());
        assert!(ChunkGrid::regular(vec![4, 0], 2).is_err());
        assert!(ChunkGrid::regular(vec![], 0).is_ok());
    }

    #[test]
    fn an_element_of_a_rectilinear_grid_lies_where_looking_at_every_chunk_says() {
        for edges in [&[(1, 3), (3, 1)][..], &[(3, 1), (5, 1), (2, 1)], &[(2, 2), (1, 4), (2, 3)], &[(4, 1), (1, 9)]] {
            let lens: Vec<u64> = edges.iter().flat_map(|&(len, count)| vec![len; count as usize]).collect();
            for extent in 1..=lens.iter().sum() {
                let grid = runs(edges, extent).unwrap();
                let mut start = 0;
                let mut chunks = 0;
                for (chunk, &len) in (0..).zip(&lens) {
                    for index in start..(start + len).min(extent) {
                        assert_eq!(grid.span(0, index), ChunkSpan { chunk, start, len }, "{edges:?}, {extent}");
                        assert_eq!((grid.start(0, chunk), grid.shape_of(&[chunk])), (start, vec![len]));
                        chunks = chunk + 1;
                    }
                    start += len;
                }
                assert_eq!(grid.chunk_count(0, extent), chunks);
                let listed = grid.edges(0, extent).into_iter();
                let listed: Vec<u64> = listed.flat_map(|(len, count)| vec![len; count as usize]).collect();
                assert_eq!(listed, lens[..chunks as usize]);
            }
        }
    }

    #[test]
    fn runs_are_not_expanded_whatever_they_say() {
        let grid = runs(&[(1, 1_000_000_000_000), (7, 1_000_000_000_000)], 3_000_000_000_000).unwrap();
        let span = ChunkSpan { chunk: 1_000_000_000_001, start: 1_000_000_000_007, len: 7 };
        assert_eq!(grid.span(0, 1_000_000_000_010), span);
        assert_eq!(grid.chunk_count(0, 3_000_000_000_000), 1_285_714_285_715);
        // Sums beyond 2^64 reach every array.
        let grid = runs(&[(2, 1), (u64::MAX, u64::MAX), (1, u64::MAX)], u64::MAX).unwrap();
        assert_eq!(grid.span(0, u64::MAX - 1), ChunkSpan { chunk: 1, start: 2, len: u64::MAX });
        assert_eq!(grid.edges(0, u64::MAX), [(2, 1), (u64::MAX, 1)]);
    }

    #[test]
    fn chunks_that_all_have_one_shape_are_a_regular_grid() {
        for edges in [&[(4, 3)][..], &[(4, 1), (4, 2)], &[(4, 3), (1, 1), (2, 5)]] {
            assert_eq!(runs(edges, 12).unwrap(), ChunkGrid::regular(vec![4], 1).unwrap());
        }
        assert_eq!(runs(&[(4, 1), (2, 1)], 0).unwrap().chunk_shape(), Some(vec![4]));
        assert_eq!(runs(&[(4, 3), (1, 1)], 13).unwrap().chunk_shape(), None);
        let grid = ChunkGrid::rectilinear(&[Edges::Every(3), Edges::Repeated(vec![(2, 1), (5, 1)])], &[9, 7]).unwrap();
        assert_eq!((grid.chunk_shape(), grid.largest_chunk_shape()), (None, vec![3, 5]));
        assert_eq!((grid.shape_of(&[7, 0]), grid.shape_of(&[0, 1])), (vec![3, 2], vec![3, 5]));
    }

    #[test]
    fn edges_that_no_array_has_are_refused() {
        let message = |edges: &[(u64, u64)]| runs(edges, 10).unwrap_err().message().to_owned();
        assert_eq!(message(&[(3, 3)]), "the edges of axis 0 sum to 9, the array has 10 elements along it");
        assert_eq!(message(&[]), "the edges of axis 0 are none");
        assert_eq!(
            message(&[(10, 1), (0, 1)]),
            "the edges of axis 0 have 0 repeated 1 times, expected integers from 1 on"
        );
        assert_eq!(message(&[(10, 0)]), "the edges of axis 0 have 10 repeated 0 times, expected integers from 1 on");
        let message =
            |edges: &[Edges], shape: &[u64]| ChunkGrid::rectilinear(edges, shape).unwrap_err().message().to_owned();
        assert_eq!(message(&[Edges::Every(0)], &[1]), "the edges of axis 0 are 0");
        assert_eq!(message(&[Edges::Every(1)], &[1, 1]), "edges of 1 dimensions, the array has 2");
    }
}
