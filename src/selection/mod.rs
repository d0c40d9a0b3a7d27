//! What the user selects, turned once into literal indices.
//!
//! Dialects (negative indices, open-ended slices, `"..."`, too few entries) end here: behind [`Selection`] there are only
//! half-open ranges with a step, inside the array.

mod basic;

pub use basic::{Entry, Slice};

use crate::error::Result;
use crate::shape::element_count;

/// The selected elements along one axis of the array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AxisRange {
    /// Index of the first selected element.
    pub start: u64,
    /// Distance to the next; negative steps walk downwards.
    pub step: i64,
    /// How many there are.
    pub count: u64,
}

impl AxisRange {
    /// Index of selected element `k`, which must be below `count`.
    pub fn index(&self, k: u64) -> u64 {
        self.start.wrapping_add_signed(self.step.wrapping_mul(k as i64))
    }
}

/// A selection of an array, resolved against its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// One range for each axis of the array.
    pub axes: Vec<AxisRange>,
    /// Axes that an integer entry has removed from the result.
    pub dropped: Vec<bool>,
}

impl Selection {
    /// Resolves integers, slices, `null` and `"..."` (zarr-python's basic selection).
    ///
    /// # Errors
    /// `invalid-selection` for an index out of range, a step of 0, too many entries, or more than one ellipsis.
    pub fn basic(entries: &[Entry], shape: &[u64]) -> Result<Self> {
        basic::resolve(entries, shape)
    }

    /// Shape of the result: the counts of the axes that are not dropped.
    pub fn output_shape(&self) -> Vec<u64> {
        let kept = self.axes.iter().zip(&self.dropped).filter(|(_, dropped)| !**dropped);
        kept.map(|(axis, _)| axis.count).collect()
    }

    /// Number of selected elements.
    pub fn element_count(&self) -> Result<u64> {
        element_count(&self.output_shape())
    }
}
