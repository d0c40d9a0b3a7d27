//! Basic selections: integers and slices, as NumPy understands them.
//!
//! 1. An integer counts from the end when negative, must lie within the axis, and drops it.
//! 2. A slice is clipped to the axis exactly as Python's `slice.indices` does, for steps of either sign.

use super::entry::{complete, resolve_index};
use super::{AxisRange, AxisSelection, Entry, Selection, Slice};
use crate::error::{Error, Result};

pub(super) fn resolve(entries: &[Entry], shape: &[u64]) -> Result<Selection> {
    resolve_each(entries, shape, |axis, entry, extent| {
        resolve_axis(entry, axis, extent).map(|(range, dropped)| (AxisSelection::Range(range), dropped))
    })
}

/// Resolves every entry by itself, by the rule of one kind of selection.
pub(super) fn resolve_each(
    entries: &[Entry],
    shape: &[u64],
    resolve: impl Fn(usize, &Entry, u64) -> Result<(AxisSelection, bool)>,
) -> Result<Selection> {
    let completed = complete(entries, shape.len())?;
    let resolved = completed.into_iter().zip(shape).enumerate();
    let resolved = resolved.map(|(axis, (entry, &extent))| resolve(axis, entry, extent));
    let (axes, dropped) = resolved.collect::<Result<Vec<_>>>()?.into_iter().unzip();
    Ok(Selection::Product { axes, dropped })
}

/// The range of an entry, and whether it drops its axis.
pub(super) fn resolve_axis(entry: &Entry, axis: usize, extent: u64) -> Result<(AxisRange, bool)> {
    match entry {
        Entry::Index(index) => Ok((AxisRange { start: resolve_index(*index, axis, extent)?, step: 1, count: 1 }, true)),
        Entry::Slice(slice) => Ok((resolve_slice(*slice, axis, extent)?, false)),
        Entry::All | Entry::Ellipsis => Ok((AxisRange { start: 0, step: 1, count: extent }, false)),
        Entry::Indices(_) | Entry::Mask(_) => Err(Error::invalid_selection(format!(
            "the entry for axis {axis} is a list: only orthogonal and vectorized selections (oindex, vindex) have them"
        ))),
    }
}

pub(super) fn resolve_slice(slice: Slice, axis: usize, extent: u64) -> Result<AxisRange> {
    let step = slice.step.unwrap_or(1);
    if step == 0 {
        return Err(Error::invalid_selection(format!("the step of the slice for axis {axis} is 0")));
    }
    let (extent, wide_step) = (i128::from(extent), i128::from(step));
    // A negative step may run down to just before the first element.
    let (lowest, highest) = if step > 0 { (0, extent) } else { (-1, extent - 1) };
    let bound = |bound: Option<i64>, open: i128| match bound.map(i128::from) {
        None => open,
        Some(bound) if bound < 0 => (bound + extent).clamp(lowest, highest),
        Some(bound) => bound.clamp(lowest, highest),
    };
    let (open_start, open_stop) = if step > 0 { (0, extent) } else { (extent - 1, -1) };
    let (start, stop) = (bound(slice.start, open_start), bound(slice.stop, open_stop));
    let distance = if step > 0 { stop - start } else { start - stop };
    let count = if distance <= 0 { 0 } else { (distance - 1) / wide_step.abs() + 1 };
    if count == 0 {
        return Ok(AxisRange { start: 0, step: 1, count: 0 });
    }
    Ok(AxisRange { start: start as u64, step, count: count as u64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice(start: Option<i64>, stop: Option<i64>, step: Option<i64>) -> Entry {
        Entry::Slice(Slice { start, stop, step })
    }

    fn indices(entry: Entry, extent: u64) -> Vec<u64> {
        let range = resolve_axis(&entry, 0, extent).unwrap().0;
        (0..range.count).map(|k| range.index(k)).collect()
    }

    /// Python's rule written as a loop over everything a slice could mean.
    fn obvious(start: Option<i64>, stop: Option<i64>, step: i64, extent: i64) -> Vec<u64> {
        let natural = |bound: i64| if bound < 0 { bound + extent } else { bound };
        let mut index = match start {
            Some(start) if step > 0 => natural(start).max(0),
            Some(start) => natural(start).min(extent - 1),
            None if step > 0 => 0,
            None => extent - 1,
        };
        let stop = match stop {
            Some(stop) if step > 0 => natural(stop).min(extent),
            Some(stop) => natural(stop).max(-1),
            None if step > 0 => extent,
            None => -1,
        };
        let mut indices = Vec::new();
        while if step > 0 { index < stop } else { index > stop } {
            indices.push(index as u64);
            index += step;
        }
        indices
    }

    #[test]
    fn slices_follow_python_for_every_small_combination() {
        let bounds: Vec<Option<i64>> = std::iter::once(None).chain((-7..=7).map(Some)).collect();
        for extent in 0..5 {
            for &start in &bounds {
                for &stop in &bounds {
                    for step in [-3, -2, -1, 1, 2, 3] {
                        let found = indices(slice(start, stop, Some(step)), extent as u64);
                        assert_eq!(found, obvious(start, stop, step, extent), "{start:?}:{stop:?}:{step} of {extent}");
                    }
                }
            }
        }
    }

    #[test]
    fn extreme_bounds_do_not_overflow() {
        assert_eq!(indices(slice(Some(i64::MIN), Some(i64::MAX), Some(i64::MAX)), 3), [0]);
        assert_eq!(indices(slice(Some(i64::MAX), Some(i64::MIN), Some(i64::MIN)), 3), [2]);
    }

    #[test]
    fn integers_drop_their_axis_and_may_be_negative() {
        let selection = resolve(&[Entry::Index(-1), Entry::All], &[3, 4]).unwrap();
        let Selection::Product { axes, .. } = &selection else { panic!("not a product") };
        assert_eq!(axes[0], AxisSelection::Range(AxisRange { start: 2, step: 1, count: 1 }));
        assert_eq!(selection.output_shape(), [4]);
        let error = resolve(&[Entry::Index(3)], &[3]).unwrap_err();
        assert_eq!(error.message(), "index 3 is out of range for axis 0 with 3 elements");
        assert!(resolve(&[Entry::Index(-4)], &[3]).is_err());
        assert!(resolve(&[Entry::Index(0)], &[0]).is_err());
    }

    #[test]
    fn missing_entries_are_whole_axes() {
        let shape = [2, 3, 4];
        assert_eq!(resolve(&[], &shape).unwrap().output_shape(), [2, 3, 4]);
        assert_eq!(resolve(&[Entry::Index(0)], &shape).unwrap().output_shape(), [3, 4]);
        assert_eq!(resolve(&[Entry::Ellipsis, Entry::Index(0)], &shape).unwrap().output_shape(), [2, 3]);
        let both_ends = [Entry::Index(0), Entry::Ellipsis, Entry::Index(0)];
        assert_eq!(resolve(&both_ends, &shape).unwrap().output_shape(), [3]);
        let nothing_left = [Entry::All, Entry::All, Entry::Ellipsis, Entry::All];
        assert_eq!(resolve(&nothing_left, &shape).unwrap().output_shape(), [2, 3, 4]);
    }

    #[test]
    fn too_many_entries_ellipses_and_a_zero_step_are_refused() {
        assert_eq!(
            resolve(&[Entry::All, Entry::All], &[3]).unwrap_err().message(),
            "2 entries, the array has 1 dimensions"
        );
        assert!(resolve(&[Entry::Ellipsis, Entry::Ellipsis], &[3]).is_err());
        assert!(resolve(&[slice(None, None, Some(0))], &[3]).is_err());
        assert!(resolve(&[Entry::Indices(vec![0])], &[3]).is_err());
    }
}
