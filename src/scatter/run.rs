//! The copies themselves.

use zarr_wasm_kernels::gather::{Axis, Steps, visit};

use super::reserve;
use crate::error::Result;

/// Copies of `len` bytes at equal distances: rows of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First byte in the source, and from one row to the next.
    pub source: usize,
    pub source_step: i64,
    /// First byte in the output, and from one row to the next.
    pub target: u64,
    pub target_step: i64,
    pub len: usize,
    /// How many rows.
    pub count: u64,
}

impl Run {
    pub(super) fn single(source: usize, target: u64, len: usize) -> Self {
        Self { source, source_step: 0, target, target_step: 0, len, count: 1 }
    }

    /// The copies, one by one: first byte in the source, first byte in the output.
    pub fn copies(self) -> impl Iterator<Item = (usize, u64)> {
        (0..self.count as i64).map(move |k| {
            let source = self.source.wrapping_add_signed((k * self.source_step) as isize);
            (source, self.target.wrapping_add_signed(k * self.target_step))
        })
    }
}

/// Adds the runs that copy rows of `row` elements, one for each position of `axes`, from and to the given elements.
pub fn add_rows(
    runs: &mut Vec<Run>,
    axes: &[Axis],
    [first, target]: [u64; 2],
    row: u64,
    item_len: usize,
) -> Result<()> {
    let len = row as usize * item_len;
    let bytes = |elements: i64| elements * item_len as i64;
    let at =
        |offset: i64, position: u64| (bytes(first as i64 + offset) as usize, bytes((target + position) as i64) as u64);
    let Some((inner, outer)) = axes.split_last() else {
        let (source, target) = at(0, 0);
        runs.push(Run::single(source, target, len));
        return Ok(());
    };
    let each = if inner.is_list() { inner.count } else { 1 };
    let most = outer.iter().fold(each, |product, axis| product.saturating_mul(axis.count));
    reserve(runs, usize::try_from(most).unwrap_or(usize::MAX))?;
    visit(outer, |offset, position| match (inner.chunk, inner.output) {
        (Steps::Stride(source_step), Steps::Stride(target_step)) => {
            let (source, target) = at(offset, position);
            let (source_step, target_step) = (bytes(source_step), bytes(target_step));
            runs.push(Run { source, source_step, target, target_step, len, count: inner.count });
        }
        _ => (0..inner.count).for_each(|k| {
            let position = position.wrapping_add_signed(inner.output.at(k));
            let (source, target) = at(offset + inner.chunk.at(k), position);
            match runs.last_mut() {
                // It goes on on both sides.
                Some(last)
                    if last.count == 1
                        && last.source + last.len == source
                        && last.target + last.len as u64 == target =>
                {
                    last.len += len;
                }
                _ => runs.push(Run::single(source, target, len)),
            }
        }),
    });
    Ok(())
}
