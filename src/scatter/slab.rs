//! Several chunks, put together before they go to the output: rows that are short in each are long in all of them.

use zarr_wasm_kernels::rows::{Side, copy_rows};

use super::reserve;
use super::run::{Run, add_rows};
use super::walk::{Walk, contiguous};
use crate::error::Result;
use crate::plan::{AxisElements, Elements, Region};
use crate::selection::AxisRange;
use crate::shape::element_count;

/// A part of the output, packed in C order. Its buffers are used again for the next one.
#[derive(Default)]
pub struct Slab {
    pub bytes: Vec<u8>,
    pub runs: Vec<Run>,
}

impl Slab {
    /// Makes room for a part of this shape. What was there before stays until it is overwritten.
    pub fn begin(&mut self, shape: &[u64], item_len: usize) -> Result<()> {
        let elements = usize::try_from(element_count(shape)?).unwrap_or(usize::MAX);
        let len = elements.saturating_mul(item_len);
        let more = len.saturating_sub(self.bytes.len());
        reserve(&mut self.bytes, more)?;
        self.bytes.resize(len, 0);
        Ok(())
    }

    /// Copies a chunk to its place, by runs whose target is the slab.
    pub fn take(&mut self, bytes: &[u8], runs: &[Run]) {
        for run in runs {
            let from = Side { first: run.source, step: run.source_step as isize };
            let to = Side { first: run.target as usize, step: run.target_step as isize };
            copy_rows(bytes, from, &mut self.bytes, to, run.len, run.count as usize);
        }
    }

    /// Says which of its bytes go where in the output.
    pub fn place(&mut self, region: &Region, item_len: usize, output_strides: &[u64]) -> Result<()> {
        let all = region.start.iter().zip(&region.shape).map(|(&output_start, &count)| AxisElements::Range {
            within: AxisRange { start: 0, step: 1, count },
            output_start,
        });
        let (elements, mut offsets) = (Elements::Product(all.collect()), Vec::new());
        let Walk { first, target, axes } = Walk::new(&elements, &region.shape, output_strides, &mut offsets)?;
        let row = contiguous(&axes, |axis, len| axis.output.is_stride(len) && axis.chunk.is_stride(len));
        self.runs.clear();
        add_rows(&mut self.runs, &axes[..row.outer], [first, target], row.elements, item_len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slab_has_the_longest_rows_that_the_output_allows() {
        let mut slab = Slab::default();
        let region = Region { start: vec![2, 0, 3], shape: vec![2, 4, 5] };
        slab.begin(&region.shape, 2).unwrap();
        assert_eq!(slab.bytes.len(), 80);
        slab.place(&region, 2, &[45, 9, 1]).unwrap();
        let run = |first: u64| Run {
            source: first as usize * 40,
            source_step: 10,
            target: 2 * (90 + 3 + first * 45),
            target_step: 18,
            len: 10,
            count: 4,
        };
        assert_eq!(slab.runs, [run(0), run(1)]);
        let whole = Region { start: vec![2, 0, 0], shape: vec![2, 4, 5] };
        slab.place(&whole, 2, &[20, 5, 1]).unwrap();
        assert_eq!(slab.runs, [Run::single(0, 80, 80)]);
    }
}
