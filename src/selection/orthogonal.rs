//! Orthogonal selections: every axis by itself, as zarr-python's `oindex` does it. A list of indices may be unsorted and
//! repeat itself; a mask selects where it is true.

use super::basic::{resolve_axis, resolve_each};
use super::entry::{check_listed, resolve_index};
use super::{AxisSelection, Entry, Selection};
use crate::error::{Error, Result};

pub(super) fn resolve(entries: &[Entry], shape: &[u64]) -> Result<Selection> {
    resolve_each(entries, shape, |axis, entry, extent| match entry {
        Entry::Indices(indices) => {
            check_listed(indices.len() as u64)?;
            let resolved = indices.iter().map(|&index| resolve_index(index, axis, extent));
            Ok((AxisSelection::Indices(resolved.collect::<Result<_>>()?), false))
        }
        Entry::Mask(mask) if mask.len() as u64 != extent => {
            let found = mask.len();
            Err(Error::invalid_selection(format!("the mask for axis {axis} has {found} elements, the axis {extent}")))
        }
        Entry::Mask(mask) => {
            check_listed(mask.iter().filter(|selected| **selected).count() as u64)?;
            let selected = mask.iter().zip(0u64..).filter(|(selected, _)| **selected);
            Ok((AxisSelection::Indices(selected.map(|(_, index)| index).collect()), false))
        }
        entry => resolve_axis(entry, axis, extent).map(|(range, dropped)| (AxisSelection::Range(range), dropped)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axes(entries: &[Entry], shape: &[u64]) -> Vec<AxisSelection> {
        match resolve(entries, shape).unwrap() {
            Selection::Product { axes, .. } => axes,
            Selection::Points { .. } => panic!("not a product"),
        }
    }

    #[test]
    fn lists_count_from_either_end_and_keep_their_order() {
        let entries = [Entry::Indices(vec![2, -1, 0, 2]), Entry::Index(1)];
        assert_eq!(axes(&entries, &[4, 4])[0], AxisSelection::Indices([2, 3, 0, 2].into()));
        assert_eq!(resolve(&entries, &[4, 4]).unwrap().output_shape(), [4]);
    }

    #[test]
    fn a_mask_selects_where_it_is_true() {
        let mask = Entry::Mask(vec![false, true, true, false]);
        assert_eq!(axes(&[mask], &[4, 2])[0], AxisSelection::Indices([1, 2].into()));
    }

    #[test]
    fn lists_out_of_range_and_masks_of_another_length_are_refused() {
        let message = |entry| resolve(&[entry], &[3]).unwrap_err().message().to_owned();
        assert_eq!(message(Entry::Indices(vec![0, 3])), "index 3 is out of range for axis 0 with 3 elements");
        assert_eq!(message(Entry::Mask(vec![true])), "the mask for axis 0 has 1 elements, the axis 3");
    }
}
