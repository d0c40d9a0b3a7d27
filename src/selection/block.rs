//! Block selections: integers and slices that count chunks, as zarr-python's `blocks` does it. An integer selects a chunk
//! and keeps the axis; of a sharded array the chunks counted are the shards.

use super::basic::{resolve_each, resolve_slice};
use super::entry::resolve_index;
use super::{AxisRange, AxisSelection, Entry, Selection};
use crate::chunk_grid::ChunkGrid;
use crate::error::{Error, Result};

pub(super) fn resolve(entries: &[Entry], shape: &[u64], grid: &ChunkGrid) -> Result<Selection> {
    resolve_each(entries, shape, |axis, entry, extent| {
        let chunk_count = grid.chunk_count(axis, extent);
        let (first, count) = match entry {
            Entry::Index(index) => (resolve_index(*index, axis, chunk_count)?, 1),
            Entry::Slice(slice) if !matches!(slice.step, None | Some(1)) => {
                return Err(Error::invalid_selection(format!("the step of the blocks along axis {axis} is not 1")));
            }
            Entry::Slice(slice) => {
                let range = resolve_slice(*slice, axis, chunk_count)?;
                (range.start, range.count)
            }
            Entry::All | Entry::Ellipsis => (0, chunk_count),
            Entry::Indices(_) | Entry::Mask(_) => {
                return Err(Error::invalid_selection(format!("the entry for axis {axis} is a list, blocks have none")));
            }
        };
        // The last chunk may reach beyond the array; no chunk begins there.
        let start = grid.start(axis, first);
        let stop = grid.start(axis, first + count).min(extent);
        let range = AxisRange { start: if count == 0 { 0 } else { start }, step: 1, count: stop.saturating_sub(start) };
        Ok((AxisSelection::Range(range), false))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk_grid::Edges;
    use crate::selection::Slice;

    fn regular() -> ChunkGrid {
        ChunkGrid::regular(vec![4], 1).unwrap()
    }

    fn range(entry: Entry, grid: &ChunkGrid) -> (u64, u64) {
        match resolve(&[entry], &[10], grid).unwrap() {
            Selection::Product { axes, .. } => match axes[0] {
                AxisSelection::Range(AxisRange { start, count, .. }) => (start, count),
                AxisSelection::Indices(_) => panic!("not a range"),
            },
            Selection::Points { .. } => panic!("not a product"),
        }
    }

    #[test]
    fn blocks_are_whole_chunks_clipped_to_the_array() {
        let grid = regular();
        assert_eq!(range(Entry::Index(1), &grid), (4, 4));
        assert_eq!(range(Entry::Index(-1), &grid), (8, 2));
        assert_eq!(range(slice(1, 3), &grid), (4, 6));
        assert_eq!(range(slice(2, 2), &grid), (0, 0));
        assert_eq!(range(Entry::All, &grid), (0, 10));
    }

    fn slice(start: i64, stop: i64) -> Entry {
        Entry::Slice(Slice { start: Some(start), stop: Some(stop), step: None })
    }

    #[test]
    fn blocks_of_a_rectilinear_grid_have_lengths_of_their_own() {
        let grid = ChunkGrid::rectilinear(&[Edges::Repeated(vec![(3, 1), (1, 2), (7, 1)])], &[10]).unwrap();
        assert_eq!(range(Entry::Index(0), &grid), (0, 3));
        assert_eq!(range(Entry::Index(2), &grid), (4, 1));
        assert_eq!(range(Entry::Index(-1), &grid), (5, 5));
        assert_eq!(range(slice(1, 3), &grid), (3, 2));
        assert_eq!(range(slice(1, 9), &grid), (3, 7));
        assert_eq!(range(Entry::All, &grid), (0, 10));
        assert!(resolve(&[Entry::Index(4)], &[10], &grid).is_err());
    }

    #[test]
    fn steps_lists_and_blocks_outside_of_the_grid_are_refused() {
        let stepped = Entry::Slice(Slice { step: Some(2), ..Slice::default() });
        for entry in [Entry::Index(3), stepped, Entry::Indices(vec![0])] {
            assert!(resolve(&[entry], &[10], &regular()).is_err());
        }
    }
}
