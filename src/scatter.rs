//! Decoded chunk → output: which bytes go where.
//!
//! Nothing is copied into the output here: the output may be memory that this code cannot see. The answer is a list of
//! [`Run`]s, each a copy of contiguous bytes. Two ways lead there:
//!
//! 1. *direct*: the runs point into the decoded chunk. So it goes where the selected rows are contiguous in the chunk,
//!    and long, or as long as the rows of the output anyway;
//! 2. *gathered*: the selected elements are first put next to each other in a block, in output order, converted if the
//!    output wants another form. Then every run is as long as the output allows.

use half::f16;

use crate::data_type::DataType;
use crate::error::{Error, Result};
use crate::plan::ChunkProjection;
use crate::shape::strides;

/// Rows of this many bytes are copied straight from the chunk; shorter ones are gathered first.
const DIRECT_ROW_LEN: usize = 1024;

/// A missing chunk is filled from a block of at most this many bytes.
const FILL_BLOCK_LEN: u64 = 1 << 16;

/// One copy of `len` bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// First byte in the source.
    pub source: usize,
    /// First byte in the output.
    pub target: u64,
    pub len: usize,
}

/// What the runs point into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The decoded chunk.
    Chunk,
    /// [`Placement::block`].
    Block,
}

/// The copies that put one chunk into the output. Its buffers are used again for the next chunk.
#[derive(Default)]
pub struct Placement {
    pub runs: Vec<Run>,
    pub block: Vec<u8>,
    gathered: Vec<u8>,
}

/// One axis on both sides, in elements.
#[derive(Clone, Copy, Debug)]
struct Axis {
    count: u64,
    chunk_stride: isize,
    output_stride: u64,
}

impl Placement {
    /// Places the selected elements of a decoded chunk.
    ///
    /// `output_strides` are in elements, one for each axis of the array; that of a dropped axis does not matter.
    pub fn place(
        &mut self,
        chunk: &[u8],
        chunk_shape: &[u64],
        data_type: &DataType,
        projection: &ChunkProjection,
        output_strides: &[u64],
    ) -> Result<Source> {
        let chunk_strides = strides(chunk_shape);
        let mut first = 0usize;
        let mut target = 0u64;
        let mut axes = Vec::with_capacity(projection.axes.len());
        for (axis, projected) in projection.axes.iter().enumerate() {
            let within = projected.within;
            let inside = within.count > 0
                && within.start < chunk_shape[axis]
                && within.index(within.count - 1) < chunk_shape[axis];
            if !inside {
                return Err(Error::invalid_argument(format!(
                    "{within:?} reaches beyond a chunk of shape {chunk_shape:?}"
                )));
            }
            first += (within.start * chunk_strides[axis]) as usize;
            target += projected.output_start * output_strides[axis];
            axes.push(Axis {
                count: within.count,
                chunk_stride: within.step as isize * chunk_strides[axis] as isize,
                output_stride: output_strides[axis],
            });
        }
        axes.retain(|axis| axis.count != 1);
        let item_len = data_type.item_len();
        if *data_type == DataType::Bool {
            check_booleans(chunk)?;
        }
        let in_both = contiguous(&axes, |axis, len| axis.output_stride == len && axis.chunk_stride == len as isize);
        let in_output = contiguous(&axes, |axis, len| axis.output_stride == len);
        let row_len = in_both.elements as usize * item_len;
        let long = in_both.elements == in_output.elements || row_len >= DIRECT_ROW_LEN;
        self.runs.clear();
        if *data_type != DataType::Float16 && long {
            let outer = &axes[..in_both.outer];
            visit(outer, |offset, position| {
                self.runs.push(Run {
                    source: first.wrapping_add_signed(offset) * item_len,
                    target: (target + position) * item_len as u64,
                    len: row_len,
                });
            });
            return Ok(Source::Chunk);
        }
        match item_len {
            1 => gather::<1>(chunk, first, &axes, &mut self.gathered),
            2 => gather::<2>(chunk, first, &axes, &mut self.gathered),
            4 => gather::<4>(chunk, first, &axes, &mut self.gathered),
            8 => gather::<8>(chunk, first, &axes, &mut self.gathered),
            _ => gather::<16>(chunk, first, &axes, &mut self.gathered),
        }
        if *data_type == DataType::Float16 {
            widen(&self.gathered, &mut self.block);
        } else {
            std::mem::swap(&mut self.gathered, &mut self.block);
        }
        let output_item_len = data_type.output_item_len();
        let len = in_output.elements as usize * output_item_len;
        let mut source = 0;
        visit(&axes[..in_output.outer], |_, position| {
            self.runs.push(Run { source, target: (target + position) * output_item_len as u64, len });
            source += len;
        });
        Ok(Source::Block)
    }

    /// Places the fill value wherever a missing chunk would have gone.
    pub fn fill(
        &mut self,
        fill_value: &[u8],
        data_type: &DataType,
        projection: &ChunkProjection,
        output_strides: &[u64],
    ) -> Source {
        let output_item_len = data_type.output_item_len();
        let mut target = 0u64;
        let mut axes = Vec::with_capacity(projection.axes.len());
        for (projected, &output_stride) in projection.axes.iter().zip(output_strides) {
            target += projected.output_start * output_stride;
            axes.push(Axis { count: projected.within.count, chunk_stride: 0, output_stride });
        }
        axes.retain(|axis| axis.count != 1);
        let row = contiguous(&axes, |axis, len| axis.output_stride == len);
        let most = FILL_BLOCK_LEN / output_item_len as u64;
        let block_elements = row.elements.min(most);
        self.gathered.clear();
        (0..block_elements).for_each(|_| self.gathered.extend_from_slice(fill_value));
        if *data_type == DataType::Float16 {
            widen(&self.gathered, &mut self.block);
        } else {
            std::mem::swap(&mut self.gathered, &mut self.block);
        }
        self.runs.clear();
        visit(&axes[..row.outer], |_, position| {
            let mut done = 0;
            while done < row.elements {
                let elements = block_elements.min(row.elements - done);
                self.runs.push(Run {
                    source: 0,
                    target: (target + position + done) * output_item_len as u64,
                    len: elements as usize * output_item_len,
                });
                done += elements;
            }
        });
        Source::Block
    }
}

/// The innermost axes that form one run of elements, and how many axes lie outside of it.
struct Contiguous {
    elements: u64,
    outer: usize,
}

fn contiguous(axes: &[Axis], continues: impl Fn(&Axis, u64) -> bool) -> Contiguous {
    let mut run = Contiguous { elements: 1, outer: axes.len() };
    while let Some(axis) = run.outer.checked_sub(1).map(|axis| &axes[axis]) {
        if !continues(axis, run.elements) {
            break;
        }
        run.elements *= axis.count;
        run.outer -= 1;
    }
    run
}

/// Calls `each` with the offsets in the chunk and in the output of every position of `axes`, in C order.
fn visit(axes: &[Axis], mut each: impl FnMut(isize, u64)) {
    let Some((axis, outer)) = axes.split_last() else { return each(0, 0) };
    let mut inner = |offset: isize, position: u64| {
        for k in 0..axis.count {
            each(offset + k as isize * axis.chunk_stride, position + k * axis.output_stride);
        }
    };
    visit(outer, &mut inner as &mut dyn FnMut(isize, u64));
}

/// Copies the selected elements of `N` bytes next to each other.
fn gather<const N: usize>(chunk: &[u8], first: usize, axes: &[Axis], gathered: &mut Vec<u8>) {
    let (items, _) = chunk.as_chunks::<N>();
    gathered.clear();
    gathered.reserve(axes.iter().map(|axis| axis.count).product::<u64>() as usize * N);
    let Some((inner, outer)) = axes.split_last() else {
        return gathered.extend_from_slice(&items[first]);
    };
    visit(outer, |offset, _| {
        let start = first.wrapping_add_signed(offset);
        if inner.chunk_stride == 1 {
            gathered.extend_from_slice(items[start..start + inner.count as usize].as_flattened());
        } else if inner.chunk_stride > 0 {
            let every = items[start..].iter().step_by(inner.chunk_stride as usize);
            every.take(inner.count as usize).for_each(|item| gathered.extend_from_slice(item));
        } else {
            let every = items[..=start].iter().rev().step_by(inner.chunk_stride.unsigned_abs());
            every.take(inner.count as usize).for_each(|item| gathered.extend_from_slice(item));
        }
    });
}

/// float16 → float32, which holds every value of it.
fn widen(halves: &[u8], floats: &mut Vec<u8>) {
    floats.clear();
    floats.reserve(2 * halves.len());
    for half in halves.as_chunks::<2>().0 {
        floats.extend_from_slice(&f16::from_le_bytes(*half).to_f32().to_le_bytes());
    }
}

fn check_booleans(chunk: &[u8]) -> Result<()> {
    match chunk.iter().find(|byte| **byte > 1) {
        None => Ok(()),
        Some(byte) => Err(Error::corrupt_chunk(format!("a bool is stored as {byte}, expected 0 or 1"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chunk_grid::ChunkGrid;
    use crate::plan::ChunkPlan;
    use crate::selection::AxisRange;
    use crate::shape::{advance, ravel};

    /// Scatters every chunk of an array whose elements are their own linear index, and compares with indexing one by one.
    fn check(shape: &[u64], chunk_shape: &[u64], ranges: &[AxisRange]) {
        let output_shape: Vec<u64> = ranges.iter().map(|range| range.count).collect();
        let output_strides = strides(&output_shape);
        let total: u64 = output_shape.iter().product();
        let mut output = vec![0xAAu8; total as usize * 4];
        let mut placement = Placement::default();
        let grid = ChunkGrid::regular(chunk_shape.to_vec(), shape.len()).unwrap();
        for projection in ChunkPlan::new(ranges, shape, grid) {
            let mut chunk = Vec::new();
            let mut position = vec![0; shape.len()];
            loop {
                let index: Vec<u64> = projection
                    .axes
                    .iter()
                    .zip(chunk_shape)
                    .zip(&position)
                    .map(|((axis, len), p)| axis.chunk * len + p)
                    .collect();
                chunk.extend_from_slice(&(ravel(&index, shape) as u32).to_le_bytes());
                if !advance(&mut position, chunk_shape) {
                    break;
                }
            }
            let source = placement.place(&chunk, chunk_shape, &DataType::UInt32, &projection, &output_strides).unwrap();
            let source = if source == Source::Chunk { &chunk } else { &placement.block };
            for run in &placement.runs {
                output[run.target as usize..][..run.len].copy_from_slice(&source[run.source..][..run.len]);
            }
        }
        let mut expected = Vec::new();
        let mut position = vec![0; shape.len()];
        for _ in 0..total {
            let index: Vec<u64> = ranges.iter().zip(&position).map(|(range, &k)| range.index(k)).collect();
            expected.extend_from_slice(&(ravel(&index, shape) as u32).to_le_bytes());
            advance(&mut position, &output_shape);
        }
        assert_eq!(output, expected, "{shape:?} by {chunk_shape:?}, {ranges:?}");
    }

    #[test]
    fn every_way_of_placing_agrees_with_indexing_one_by_one() {
        let all = |count| AxisRange { start: 0, step: 1, count };
        check(&[], &[], &[]);
        check(&[10], &[4], &[all(10)]);
        check(&[10], &[4], &[AxisRange { start: 9, step: -3, count: 4 }]);
        check(&[7, 9], &[3, 4], &[all(7), all(9)]);
        check(
            &[7, 9],
            &[3, 4],
            &[AxisRange { start: 6, step: -1, count: 7 }, AxisRange { start: 1, step: 2, count: 4 }],
        );
        check(&[5, 6, 7], &[2, 3, 7], &[all(5), AxisRange { start: 2, step: 1, count: 3 }, all(7)]);
        check(&[3, 2000], &[2, 1000], &[all(3), all(2000)]);
        check(
            &[3, 2000],
            &[2, 1000],
            &[AxisRange { start: 2, step: -2, count: 2 }, AxisRange { start: 5, step: 1, count: 1900 }],
        );
        check(
            &[4, 4, 4],
            &[2, 2, 2],
            &[all(4), AxisRange { start: 3, step: 1, count: 1 }, AxisRange { start: 3, step: -1, count: 4 }],
        );
    }

    fn whole(shape: &[u64]) -> ChunkProjection {
        let ranges: Vec<_> = shape.iter().map(|&count| AxisRange { start: 0, step: 1, count }).collect();
        ChunkPlan::new(&ranges, shape, ChunkGrid::regular(shape.to_vec(), shape.len()).unwrap()).next().unwrap()
    }

    #[test]
    fn a_chunk_that_is_the_output_is_one_run() {
        let mut placement = Placement::default();
        let source = placement.place(&[0; 24], &[2, 3], &DataType::Float32, &whole(&[2, 3]), &[3, 1]).unwrap();
        assert_eq!((source, placement.runs.as_slice()), (Source::Chunk, &[Run { source: 0, target: 0, len: 24 }][..]));
    }

    #[test]
    fn float16_is_widened_exactly() {
        let halves: Vec<u8> = [0x3c00u16, 0xfbff, 0x0001, 0x7c00].iter().flat_map(|half| half.to_le_bytes()).collect();
        let mut placement = Placement::default();
        placement.place(&halves, &[4], &DataType::Float16, &whole(&[4]), &[1]).unwrap();
        let expected: Vec<u8> =
            [1.0f32, -65504.0, 5.960_464_5e-8, f32::INFINITY].iter().flat_map(|f| f.to_le_bytes()).collect();
        assert_eq!(placement.block, expected);
        assert_eq!(placement.runs, [Run { source: 0, target: 0, len: 16 }]);
    }

    #[test]
    fn a_missing_chunk_is_filled_from_a_bounded_block() {
        let mut placement = Placement::default();
        placement.fill(&7u32.to_le_bytes(), &DataType::UInt32, &whole(&[40_000]), &[1]);
        assert_eq!(placement.block.len(), 65536);
        let covered: Vec<_> = placement.runs.iter().map(|run| (run.source, run.target, run.len)).collect();
        assert_eq!(covered, [(0, 0, 65536), (0, 65536, 65536), (0, 131072, 28928)]);
        assert!(placement.block.as_chunks::<4>().0.iter().all(|item| *item == 7u32.to_le_bytes()));
    }

    #[test]
    fn a_bool_other_than_0_and_1_is_an_error() {
        let mut placement = Placement::default();
        let error = placement.place(&[0, 1, 2], &[3], &DataType::Bool, &whole(&[3]), &[1]).unwrap_err();
        assert_eq!(error.message(), "a bool is stored as 2, expected 0 or 1");
    }
}
