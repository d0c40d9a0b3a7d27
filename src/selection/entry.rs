//! The entries of a selection, as the user wrote them, and the axes that they stand for.

use crate::error::{Error, Result};

/// One entry of a selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    Index(i64),
    Slice(Slice),
    /// `null`: the whole axis.
    All,
    /// `"..."`: as many whole axes as are missing.
    Ellipsis,
    /// Indices one by one, negative ones counted from the end.
    Indices(Vec<i64>),
    /// One truth value for each element of the axis.
    Mask(Vec<bool>),
}

/// Python's `slice(start, stop, step)`; `None` is the natural end for the sign of the step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Slice {
    pub start: Option<i64>,
    pub stop: Option<i64>,
    pub step: Option<i64>,
}

/// One entry for each of `rank` axes: an ellipsis becomes as many whole axes as are missing, and without one they are
/// appended.
///
/// # Errors
/// `invalid-selection` for more entries than axes, or more than one ellipsis.
pub(super) fn complete(entries: &[Entry], rank: usize) -> Result<Vec<&Entry>> {
    let ellipses = entries.iter().filter(|entry| **entry == Entry::Ellipsis).count();
    let given = entries.len() - ellipses;
    if ellipses > 1 {
        return Err(Error::invalid_selection(format!("{ellipses} ellipses, expected at most one")));
    }
    if given > rank {
        return Err(Error::invalid_selection(format!("{given} entries, the array has {rank} dimensions")));
    }
    let missing = rank - given;
    let with_ellipsis = entries.iter().chain((ellipses == 0).then_some(&Entry::Ellipsis));
    let completed = with_ellipsis.flat_map(|entry| match entry {
        Entry::Ellipsis => vec![&Entry::All; missing],
        entry => vec![entry],
    });
    Ok(completed.collect())
}

/// Elements that are selected one by one are kept as numbers, and there is an end to memory.
const MAX_LISTED: u64 = 1 << 24;

/// Refuses lists that are too long to be planned.
pub(super) fn check_listed(count: u64) -> Result<()> {
    if count <= MAX_LISTED {
        return Ok(());
    }
    let message = format!("{count} elements one by one, at most {MAX_LISTED} are selected at once");
    Err(Error::unsupported(message))
}

/// An index that may count from the end, as one that counts from the start.
///
/// # Errors
/// `invalid-selection` where it lies outside of the axis.
pub(super) fn resolve_index(index: i64, axis: usize, extent: u64) -> Result<u64> {
    let from_start = if index < 0 { i128::from(index) + i128::from(extent) } else { i128::from(index) };
    if !(0..i128::from(extent)).contains(&from_start) {
        let message = format!("index {index} is out of range for axis {axis} with {extent} elements");
        return Err(Error::invalid_selection(message));
    }
    Ok(from_start as u64)
}
