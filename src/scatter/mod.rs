//! Decoded chunk → output: which bytes go where.
//!
//! Nothing is copied into the output here: the output may be memory that this code cannot see. The answer is a list of
//! [`Run`]s for each [`Column`] of the output, each run a copy of contiguous bytes. Two ways lead there:
//!
//! 1. *direct*: the runs point into the decoded chunk. So it goes where the selected rows are contiguous in the chunk,
//!    and long, or as long as the rows of the output anyway;
//! 2. *gathered*: the selected elements are first put next to each other in a block, in output order, converted if the
//!    output wants another form. Then every run is as long as the output allows.

mod column;
mod convert;
mod run;
mod slab;
mod walk;

use std::ops::Range;

use zarr_wasm_kernels::gather::{Axis, Steps, gather, visit};

pub use column::{As, Column, Form, Holder};
pub use run::Run;
pub use slab::Slab;

use crate::data_type::Heap;
use crate::error::{Error, Result};
use crate::plan::Elements;
use convert::{check_booleans, convert};
use run::add_rows;
use walk::{Walk, contiguous};

/// Rows of this many bytes are copied straight from the chunk; shorter ones are gathered first.
const DIRECT_ROW_LEN: usize = 1024;

/// A missing chunk is filled from a block of at most this many bytes.
const FILL_BLOCK_LEN: u64 = 1 << 16;

/// What the runs point into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The decoded chunk.
    Chunk,
    /// [`Placement::block`].
    Block,
}

/// A decoded chunk.
pub struct DecodedChunk<'a> {
    pub bytes: &'a [u8],
    /// Where the selected elements lie; what other bytes are is not said.
    pub looked_at: Range<usize>,
    pub shape: &'a [u64],
    /// Bytes of an element.
    pub item_len: usize,
}

/// The copies that put one column of one chunk into the output. Its buffers are used again for the next chunk.
#[derive(Default)]
pub struct Placement {
    pub runs: Vec<Run>,
    pub block: Vec<u8>,
    gathered: Vec<u8>,
    /// Linear indices of points.
    offsets: Vec<u64>,
}

impl Placement {
    /// Places a column of the selected elements of a decoded chunk.
    ///
    /// `output_strides` are in elements, one for each axis of the array; that of a dropped axis does not matter, and
    /// points need none.
    pub fn place(
        &mut self,
        chunk: &DecodedChunk,
        column: &Column,
        heap: &mut Heap,
        elements: &Elements,
        output_strides: &[u64],
    ) -> Result<Source> {
        let is_all = column.len == chunk.item_len;
        let as_stored = is_all && matches!(column.form, Form::AsStored | Form::Booleans);
        if as_stored && column.form == Form::Booleans {
            check_booleans(chunk.bytes.get(chunk.looked_at.clone()).unwrap_or_default())?;
        }
        let mut offsets = std::mem::take(&mut self.offsets);
        let walk = Walk::new(elements, chunk.shape, output_strides, &mut offsets)?;
        let Walk { first, target, axes } = &walk;
        let in_both = contiguous(axes, |axis, len| axis.output.is_stride(len) && axis.chunk.is_stride(len));
        let in_output = contiguous(axes, |axis, len| axis.output.is_stride(len));
        let row_len = in_both.elements as usize * chunk.item_len;
        let as_long_as_any = in_both.elements == in_output.elements && !axes.iter().any(Axis::is_list);
        self.runs.clear();
        if as_stored && (as_long_as_any || row_len >= DIRECT_ROW_LEN) {
            add_rows(&mut self.runs, &axes[..in_both.outer], [*first, *target], in_both.elements, chunk.item_len)?;
            self.offsets = offsets;
            return Ok(Source::Chunk);
        }
        // Lists and points may repeat elements: there can be more of them than in the chunk.
        let gathered = axes.iter().try_fold(column.len as u64, |product, axis| product.checked_mul(axis.count));
        let gathered_len = gathered.and_then(|len| usize::try_from(len).ok()).unwrap_or(usize::MAX);
        self.gathered.clear();
        reserve(&mut self.gathered, gathered_len)?;
        if !(is_all && gather(chunk.bytes, column.len, *first, axes, &mut self.gathered)) {
            gather_parts(chunk, column, *first, axes, &mut self.gathered);
        }
        convert(&column.form, column.len, &mut self.gathered, &mut self.block, heap)?;
        // The block is in C order: an axis steps over all that lies further in.
        let mut outer = axes[..in_output.outer].to_vec();
        let mut stride = in_output.elements;
        for axis in outer.iter_mut().rev() {
            axis.chunk = Steps::Stride(stride as i64);
            stride *= axis.count;
        }
        add_rows(&mut self.runs, &outer, [0, *target], in_output.elements, column.output_len())?;
        self.offsets = offsets;
        Ok(Source::Block)
    }

    /// Places a column of the fill value, an element as it lies in a chunk, wherever a missing chunk would have gone.
    pub fn fill(
        &mut self,
        fill_element: &[u8],
        column: &Column,
        heap: &mut Heap,
        elements: &Elements,
        output_strides: &[u64],
    ) -> Result<Source> {
        let Walk { target, axes, .. } = Walk::of_output(elements, output_strides);
        let item_len = column.output_len();
        let row = contiguous(&axes, |axis, len| axis.output.is_stride(len));
        let block_elements = row.elements.min((FILL_BLOCK_LEN / item_len as u64).max(1));
        let part = &fill_element[column.offset..][..column.len];
        self.gathered.clear();
        self.gathered.extend_from_slice(part);
        convert(&column.form, column.len, &mut self.gathered, &mut self.block, heap)?;
        reserve(&mut self.block, block_elements as usize * item_len)?;
        (1..block_elements).for_each(|_| self.block.extend_from_within(..item_len));
        self.runs.clear();
        let outer = &axes[..row.outer];
        // Rows that are longer than the block take it several times, and then the part of it that is left to do.
        let (times, rest) = (row.elements / block_elements, row.elements % block_elements);
        let pieces = Axis { count: times, chunk: Steps::Stride(0), output: Steps::Stride(block_elements as i64) };
        let axes = if times == 1 { outer.to_vec() } else { [outer, &[pieces]].concat() };
        add_rows(&mut self.runs, &axes, [0, target], block_elements, item_len)?;
        if rest > 0 {
            add_rows(&mut self.runs, outer, [0, target + times * block_elements], rest, item_len)?;
        }
        Ok(Source::Block)
    }
}

fn reserve<T>(list: &mut Vec<T>, additional: usize) -> Result<()> {
    let refused = |_| Error::out_of_memory(format!("no memory to place {additional} parts of a chunk"));
    list.try_reserve(additional).map_err(refused)
}

/// Copies parts of the selected elements next to each other, of whatever length.
fn gather_parts(chunk: &DecodedChunk, column: &Column, first: u64, axes: &[Axis], gathered: &mut Vec<u8>) {
    visit(axes, |offset, _| {
        let element = first.wrapping_add_signed(offset) as usize * chunk.item_len;
        gathered.extend_from_slice(&chunk.bytes[element + column.offset..][..column.len]);
    });
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::chunk_grid::ChunkGrid;
    use crate::data_type::DataType;
    use crate::plan::AxisElements;
    use crate::plan::ChunkPlan;
    use crate::selection::{AxisRange, AxisSelection, Selection};
    use crate::shape::{advance, ravel, strides};

    /// The only column of a type that is no record.
    fn column(data_type: DataType) -> Column {
        Column::all(&data_type, None).unwrap().remove(0)
    }

    fn place(
        placement: &mut Placement,
        bytes: &[u8],
        shape: &[u64],
        data_type: DataType,
        elements: &Elements,
        strides: &[u64],
    ) -> Result<Source> {
        let chunk = DecodedChunk { bytes, looked_at: 0..bytes.len(), shape, item_len: data_type.item_len() };
        placement.place(&chunk, &column(data_type), &mut Heap::default(), elements, strides)
    }

    fn fill(placement: &mut Placement, value: &[u8], data_type: DataType, elements: &Elements, strides: &[u64]) {
        placement.fill(value, &column(data_type), &mut Heap::default(), elements, strides).unwrap();
    }

    /// Scatters every chunk of an array whose elements are their own linear index, and compares with `expected`.
    fn check_selection(shape: &[u64], chunk_shape: &[u64], selection: &Selection, expected: &[u64]) {
        let output_strides = match selection {
            Selection::Product { .. } => strides(&selection.output_shape()),
            Selection::Points { .. } => vec![],
        };
        let mut output = vec![0xAAu8; expected.len() * 4];
        let mut placement = Placement::default();
        let grid = ChunkGrid::regular(chunk_shape.to_vec(), shape.len()).unwrap();
        for projection in ChunkPlan::new(selection, shape, grid) {
            let mut chunk = Vec::new();
            let mut position = vec![0; shape.len()];
            loop {
                let origin = projection.chunk.iter().zip(chunk_shape).map(|(chunk, len)| chunk * len);
                let index: Vec<u64> = origin.zip(&position).map(|(origin, p)| origin + p).collect();
                chunk.extend_from_slice(&(ravel(&index, shape) as u32).to_le_bytes());
                if !advance(&mut position, chunk_shape) {
                    break;
                }
            }
            let elements = &projection.elements;
            let source =
                place(&mut placement, &chunk, chunk_shape, DataType::UInt32, elements, &output_strides).unwrap();
            let source = if source == Source::Chunk { &chunk } else { &placement.block };
            for run in &placement.runs {
                for (from, to) in run.copies() {
                    output[to as usize..][..run.len].copy_from_slice(&source[from..][..run.len]);
                }
            }
        }
        let found: Vec<u64> = output.as_chunks().0.iter().map(|item| u32::from_le_bytes(*item).into()).collect();
        assert_eq!(found, expected, "{shape:?} by {chunk_shape:?}, {selection:?}");
    }

    /// What the product of these indices selects, one by one.
    fn product(shape: &[u64], indices: &[Vec<u64>]) -> Vec<u64> {
        let output_shape: Vec<u64> = indices.iter().map(|axis| axis.len() as u64).collect();
        let mut position = vec![0; shape.len()];
        let each = (0..output_shape.iter().product()).map(|_| {
            let index: Vec<u64> = indices.iter().zip(&position).map(|(axis, &k)| axis[k as usize]).collect();
            advance(&mut position, &output_shape);
            ravel(&index, shape)
        });
        each.collect()
    }

    fn check(shape: &[u64], chunk_shape: &[u64], ranges: &[AxisRange]) {
        let indices: Vec<Vec<u64>> =
            ranges.iter().map(|range| (0..range.count).map(|k| range.index(k)).collect()).collect();
        let expected = product(shape, &indices);
        let dropped = vec![false; shape.len()];
        let axes = ranges.iter().copied().map(AxisSelection::Range).collect();
        check_selection(shape, chunk_shape, &Selection::Product { axes, dropped: dropped.clone() }, &expected);
        let axes = indices.iter().map(|axis| AxisSelection::Indices(axis.as_slice().into())).collect();
        check_selection(shape, chunk_shape, &Selection::Product { axes, dropped }, &expected);
    }

    #[test]
    fn lists_along_some_axes_and_points_agree_with_indexing_one_by_one() {
        let shape = [7, 9, 5];
        let lists = [vec![6, 0, 0, 3], vec![8, 1, 2, 3, 1], vec![4, 3]];
        for listed in [[true, true, true], [true, false, false], [false, true, false], [false, false, true]] {
            let all = |extent| AxisSelection::Range(AxisRange { start: 0, step: 1, count: extent });
            let (axes, indices) = (0..3)
                .map(|axis| match listed[axis] {
                    true => (AxisSelection::Indices(lists[axis].as_slice().into()), lists[axis].clone()),
                    false => (all(shape[axis]), (0..shape[axis]).collect()),
                })
                .unzip::<_, _, Vec<_>, Vec<_>>();
            let selection = Selection::Product { axes, dropped: vec![false; 3] };
            check_selection(&shape, &[3, 4, 2], &selection, &product(&shape, &indices));
        }
        let coordinates: Vec<Rc<[u64]>> = vec![[6, 0, 6, 1, 2].into(), [8, 0, 8, 1, 1].into(), [4, 0, 4, 1, 1].into()];
        let expected: Vec<u64> =
            (0..5).map(|k| ravel(&coordinates.iter().map(|axis| axis[k]).collect::<Vec<_>>(), &shape)).collect();
        check_selection(&shape, &[3, 4, 2], &Selection::Points { coordinates, shape: vec![5] }, &expected);
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

    fn whole(shape: &[u64]) -> Elements {
        let whole =
            |&count: &u64| AxisElements::Range { within: AxisRange { start: 0, step: 1, count }, output_start: 0 };
        Elements::Product(shape.iter().map(whole).collect())
    }

    #[test]
    fn a_chunk_that_is_the_output_is_one_run() {
        let mut placement = Placement::default();
        let source = place(&mut placement, &[0; 24], &[2, 3], DataType::Float32, &whole(&[2, 3]), &[3, 1]).unwrap();
        assert_eq!((source, placement.runs.as_slice()), (Source::Chunk, &[Run::single(0, 0, 24)][..]));
    }

    #[test]
    fn a_column_is_one_run_however_long_it_is() {
        let column =
            |extent| AxisElements::Range { within: AxisRange { start: 0, step: 1, count: extent }, output_start: 0 };
        let mut placement = Placement::default();
        // A chunk of one column, of an output of three: first all of the first two axes, which join.
        let elements = Elements::Product(vec![column(4), column(5), column(1)]);
        let source = place(&mut placement, &[0; 20], &[4, 5, 1], DataType::UInt8, &elements, &[15, 3, 1]).unwrap();
        let run = Run { source: 0, source_step: 1, target: 0, target_step: 3, len: 1, count: 20 };
        assert_eq!((source, placement.runs.as_slice()), (Source::Chunk, &[run][..]));
        fill(&mut placement, &[7], DataType::UInt8, &elements, &[15, 3, 1]);
        assert_eq!(placement.runs, [Run { source_step: 0, ..run }]);
    }

    #[test]
    fn a_list_that_fills_consecutive_positions_is_one_run() {
        let list = AxisElements::List { within: [5, 5, 0].into(), output: [4, 5, 6].into() };
        let mut placement = Placement::default();
        fill(&mut placement, &[7], DataType::UInt8, &Elements::Product(vec![list.clone()]), &[1]);
        assert_eq!(placement.runs, [Run::single(0, 4, 3)]);
        let source =
            place(&mut placement, &[0, 1, 2, 3, 4, 5], &[6], DataType::UInt8, &Elements::Product(vec![list]), &[1]);
        assert_eq!((source.unwrap(), placement.runs.as_slice()), (Source::Block, &[Run::single(0, 4, 3)][..]));
        assert_eq!(placement.block, [5, 5, 0]);
    }

    #[test]
    fn float16_is_widened_exactly() {
        let halves: Vec<u8> = [0x3c00u16, 0xfbff, 0x0001, 0x7c00].iter().flat_map(|half| half.to_le_bytes()).collect();
        let mut placement = Placement::default();
        place(&mut placement, &halves, &[4], DataType::Float16, &whole(&[4]), &[1]).unwrap();
        let expected: Vec<u8> =
            [1.0f32, -65504.0, 5.960_464_5e-8, f32::INFINITY].iter().flat_map(|f| f.to_le_bytes()).collect();
        assert_eq!(placement.block, expected);
        assert_eq!(placement.runs, [Run::single(0, 0, 16)]);
    }

    #[test]
    fn a_missing_chunk_is_filled_from_a_bounded_block() {
        let mut placement = Placement::default();
        fill(&mut placement, &7u32.to_le_bytes(), DataType::UInt32, &whole(&[40_000]), &[1]);
        assert_eq!(placement.block.len(), 65536);
        let copies = placement.runs.iter().flat_map(|run| run.copies().map(|(from, to)| (from, to, run.len)));
        assert_eq!(copies.collect::<Vec<_>>(), [(0, 0, 65536), (0, 65536, 65536), (0, 131072, 28928)]);
        assert!(placement.block.as_chunks::<4>().0.iter().all(|item| *item == 7u32.to_le_bytes()));
    }

    #[test]
    fn a_bool_other_than_0_and_1_is_an_error() {
        let mut placement = Placement::default();
        let error = place(&mut placement, &[0, 1, 2], &[3], DataType::Bool, &whole(&[3]), &[1]).unwrap_err();
        assert_eq!(error.message(), "a bool is stored as 2, expected 0 or 1");
    }
}
