//! Which chunk an element lies in (Zarr v3 core specification, "Chunk grids").
//!
//! `regular` is the only grid of the core: chunk k covers `k·len .. (k+1)·len` along each axis, and the chunks at the far
//! edge are stored in full although they reach beyond the array.

use crate::error::{Error, Result};

/// A regular chunk grid: the chunk's extent along each axis, none of them zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkGrid {
    chunk_shape: Vec<u64>,
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
        Ok(Self { chunk_shape })
    }

    pub fn chunk_shape(&self) -> &[u64] {
        &self.chunk_shape
    }

    /// The chunk that holds element `index` of an axis.
    pub fn span(&self, axis: usize, index: u64) -> ChunkSpan {
        let len = self.chunk_shape[axis];
        let chunk = index / len;
        ChunkSpan { chunk, start: chunk * len, len }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_lies_in_the_chunk_of_its_quotient() {
        let grid = ChunkGrid::regular(vec![4], 1).unwrap();
        assert_eq!(grid.span(0, 3), ChunkSpan { chunk: 0, start: 0, len: 4 });
        assert_eq!(grid.span(0, 4), ChunkSpan { chunk: 1, start: 4, len: 4 });
        assert_eq!(grid.span(0, u64::MAX), ChunkSpan { chunk: u64::MAX / 4, start: u64::MAX / 4 * 4, len: 4 });
    }

    #[test]
    fn a_wrong_rank_and_an_empty_extent_are_refused() {
        assert!(ChunkGrid::regular(vec![4], 2).is_err());
        assert!(ChunkGrid::regular(vec![4, 0], 2).is_err());
        assert!(ChunkGrid::regular(vec![], 0).is_ok());
    }
}
