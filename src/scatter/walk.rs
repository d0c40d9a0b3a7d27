//! How the selected elements lie in a chunk and in the output: axis by axis, neighbouring ones joined where together they
//! are one.

use zarr_wasm_kernels::gather::{Axis, Steps};

use crate::error::{Error, Result};
use crate::plan::{AxisElements, Elements, Points};
use crate::shape::strides;

/// Where the selected elements of a chunk begin on both sides, and how the axes walk on from there.
pub struct Walk<'a> {
    pub first: u64,
    pub target: u64,
    pub axes: Vec<Axis<'a>>,
}

impl<'a> Walk<'a> {
    /// `offsets` gets the linear index in the chunk of every point.
    pub fn new(
        elements: &'a Elements,
        chunk_shape: &[u64],
        output_strides: &[u64],
        offsets: &'a mut Vec<u64>,
    ) -> Result<Self> {
        let chunk_strides = strides(chunk_shape);
        let mut walk = Self { first: 0, target: 0, axes: Vec::new() };
        match elements {
            Elements::Product(axes) => {
                for (axis, elements) in axes.iter().enumerate() {
                    check_inside(elements, chunk_shape[axis])?;
                    walk.push(elements, chunk_strides[axis], output_strides[axis]);
                }
            }
            Elements::Points(Points { within, output }) => {
                offsets.clear();
                offsets.resize(output.len(), 0);
                for (axis, indices) in within.iter().enumerate() {
                    for (offset, &index) in offsets.iter_mut().zip(indices) {
                        if index >= chunk_shape[axis] {
                            return Err(outside(chunk_shape[axis]));
                        }
                        *offset += index * chunk_strides[axis];
                    }
                }
                let output = walk.output_steps(output, 1);
                walk.axes.push(Axis { count: offsets.len() as u64, chunk: Steps::List(offsets, 1), output });
            }
        }
        Ok(walk)
    }

    /// The walk through the output alone.
    pub fn of_output(elements: &'a Elements, output_strides: &[u64]) -> Self {
        let mut walk = Self { first: 0, target: 0, axes: Vec::new() };
        match elements {
            Elements::Product(axes) => {
                axes.iter().zip(output_strides).for_each(|(elements, &stride)| walk.push(elements, 0, stride));
            }
            Elements::Points(Points { output, .. }) => {
                let count = output.len() as u64;
                let output = walk.output_steps(output, 1);
                walk.axes.push(Axis { count, chunk: Steps::Stride(0), output });
            }
        }
        walk
    }

    fn push(&mut self, elements: &'a AxisElements, chunk_stride: u64, output_stride: u64) {
        match elements {
            AxisElements::Range { within, output_start } => {
                self.first += within.start * chunk_stride;
                self.target += output_start * output_stride;
                // The step of a single element may be anything.
                if within.count != 1 {
                    let chunk = Steps::Stride(within.step.wrapping_mul(chunk_stride as i64));
                    self.join(Axis { count: within.count, chunk, output: Steps::Stride(output_stride as i64) });
                }
            }
            AxisElements::List { within, output } => {
                let output = self.output_steps(output, output_stride);
                // A fill value stands nowhere in particular.
                let chunk = if chunk_stride == 0 { Steps::Stride(0) } else { Steps::List(within, chunk_stride) };
                self.axes.push(Axis { count: within.len() as u64, chunk, output });
            }
        }
    }

    /// Positions in the output, as a stride where they follow each other.
    fn output_steps(&mut self, output: &'a [u64], stride: u64) -> Steps<'a> {
        match output.first() {
            Some(first) if output.iter().zip(*first..).all(|(position, expected)| *position == expected) => {
                self.target += first * stride;
                Steps::Stride(stride as i64)
            }
            _ => Steps::List(output, stride),
        }
    }

    /// Adds an axis further in, to the one before it where together they are one.
    fn join(&mut self, axis: Axis<'a>) {
        if let Some(last) = self.axes.last_mut()
            && last.chunk.continues(&axis.chunk, axis.count)
            && last.output.continues(&axis.output, axis.count)
        {
            *last = Axis { count: last.count * axis.count, ..axis };
        } else {
            self.axes.push(axis);
        }
    }
}

fn check_inside(elements: &AxisElements, extent: u64) -> Result<()> {
    let is_inside = match elements {
        AxisElements::Range { within, .. } => {
            within.count > 0 && within.start < extent && within.index(within.count - 1) < extent
        }
        AxisElements::List { within, output } => {
            within.len() == output.len() && within.iter().all(|index| *index < extent)
        }
    };
    if is_inside { Ok(()) } else { Err(outside(extent)) }
}

fn outside(extent: u64) -> Error {
    Error::invalid_argument(format!("a projection reaches beyond the {extent} elements of a chunk"))
}

/// The innermost axes that form one run of elements, and how many axes lie outside of it.
pub struct Contiguous {
    pub elements: u64,
    pub outer: usize,
}

pub fn contiguous(axes: &[Axis], continues: impl Fn(&Axis, u64) -> bool) -> Contiguous {
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
