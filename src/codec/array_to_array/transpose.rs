//! `transpose`: the axes of a chunk in another order.
//!
//! Zarr v3 core codec `transpose`; the order F of Zarr v2 is one with all axes reversed. Configuration: `order`, a
//! permutation of the axes: axis i of the encoded chunk is axis `order[i]` of the decoded one.

use std::borrow::Cow;

use crate::codec::strided_copy::{Axis, StridedCopy};
use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::error::Result;
use crate::shape::strides;

pub struct Transpose {
    order: Vec<usize>,
    decoding: StridedCopy,
}

impl Transpose {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        decoded.element_count()?;
        let order = configuration.required("order", configuration.extents("order")?)?;
        let rank = decoded.shape.len();
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..rank as u64) {
            return Err(configuration.invalid("order", &format!("a permutation of the {rank} axes")));
        }
        let order: Vec<usize> = order.into_iter().map(|axis| axis as usize).collect();
        let source = strides(&permuted(&decoded.shape, &order));
        let target = strides(&decoded.shape);
        // A stride that does not fit a usize belongs to a chunk that is too large to be decoded.
        let mut axes = vec![Axis { extent: 1, source: 0, target: 0 }; rank];
        for (i, &axis) in order.iter().enumerate() {
            let extent = decoded.shape[axis] as usize;
            axes[axis] = Axis { extent, source: source[i] as usize, target: target[axis] as usize };
        }
        Ok(Self { order, decoding: StridedCopy::new(axes, decoded.data_type.item_len()) })
    }
}

fn permuted(shape: &[u64], order: &[usize]) -> Vec<u64> {
    order.iter().map(|&axis| shape[axis]).collect()
}

impl ArrayToArray for Transpose {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        Ok(ChunkSpec { shape: permuted(&decoded.shape, &self.order), ..decoded.clone() })
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        _: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        if self.decoding.is_contiguous() {
            return Ok(encoded);
        }
        let mut decoded = scratch.take(encoded.len())?;
        self.decoding.copy(&encoded, &mut decoded);
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}
