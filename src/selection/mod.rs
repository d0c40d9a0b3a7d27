//! What the user selects, turned once into literal indices.
//!
//! Dialects (negative indices, open-ended slices, `"..."`, too few entries, masks, broadcasting) end here: behind
//! [`Selection`] there are only indices inside the array.

mod basic;
mod block;
mod entry;
mod orthogonal;
mod vectorized;

use std::rc::Rc;

pub use entry::{Entry, Slice};
pub use vectorized::Coordinates;

use crate::chunk_grid::ChunkGrid;
use crate::error::Result;
use crate::shape::element_count;

/// A range of elements along one axis.
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

/// The selected elements along one axis of the array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AxisSelection {
    Range(AxisRange),
    /// One by one, in the order of the output; repeats are allowed.
    Indices(Rc<[u64]>),
}

impl AxisSelection {
    pub fn count(&self) -> u64 {
        match self {
            Self::Range(range) => range.count,
            Self::Indices(indices) => indices.len() as u64,
        }
    }
}

/// A selection of an array, resolved against its shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Every combination of what is selected along each axis: basic, orthogonal and block selections.
    Product {
        axes: Vec<AxisSelection>,
        /// Axes that an integer entry has removed from the result.
        dropped: Vec<bool>,
    },
    /// Single elements: vectorized selections and masks.
    Points {
        /// For each axis of the array the index of every point, in the C order of the output.
        coordinates: Vec<Rc<[u64]>>,
        /// Shape of the output.
        shape: Vec<u64>,
    },
}

impl Selection {
    /// Resolves integers, slices, `null` and `"..."` (zarr-python's basic selection).
    ///
    /// # Errors
    /// `invalid-selection` for an index out of range, a step of 0, too many entries, more than one ellipsis, or an entry
    /// that only other kinds of selections have.
    pub fn basic(entries: &[Entry], shape: &[u64]) -> Result<Self> {
        basic::resolve(entries, shape)
    }

    /// Resolves what [`Selection::basic`] does, and lists of indices and masks along single axes (zarr-python's
    /// `oindex`).
    ///
    /// # Errors
    /// `invalid-selection`; also for a mask that is not as long as its axis.
    pub fn orthogonal(entries: &[Entry], shape: &[u64]) -> Result<Self> {
        orthogonal::resolve(entries, shape)
    }

    /// Resolves coordinates of points, one array for each axis, broadcast against each other (zarr-python's `vindex`).
    ///
    /// # Errors
    /// `invalid-selection` for an index out of range, or arrays that are not one for each axis or do not broadcast.
    pub fn vectorized(coordinates: &[Coordinates], shape: &[u64]) -> Result<Self> {
        vectorized::resolve(coordinates, shape)
    }

    /// Selects the elements where a mask of the array's shape is not 0, in C order.
    ///
    /// # Errors
    /// `invalid-selection` for a mask of another shape.
    pub fn mask(mask: &[u8], mask_shape: &[u64], shape: &[u64]) -> Result<Self> {
        vectorized::resolve_mask(mask, mask_shape, shape)
    }

    /// Resolves integers and slices that count chunks (of a sharded array: shards), as zarr-python's `blocks` does.
    ///
    /// # Errors
    /// `invalid-selection` as for [`Selection::basic`], and for a step other than 1.
    pub fn blocks(entries: &[Entry], shape: &[u64], grid: &ChunkGrid) -> Result<Self> {
        block::resolve(entries, shape, grid)
    }

    /// Shape of the result.
    pub fn output_shape(&self) -> Vec<u64> {
        match self {
            Self::Product { axes, dropped } => {
                let kept = axes.iter().zip(dropped).filter(|(_, dropped)| !**dropped);
                kept.map(|(axis, _)| axis.count()).collect()
            }
            Self::Points { shape, .. } => shape.clone(),
        }
    }

    /// Number of selected elements.
    pub fn element_count(&self) -> Result<u64> {
        element_count(&self.output_shape())
    }
}
