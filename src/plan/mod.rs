//! Selection × chunk grid → the chunks that hold a selected element, and what goes where.
//!
//! A *product* is planned axis by axis ([`axis`]): along each axis the selected elements fall into pieces, one for each
//! chunk, and the plan is the product of these pieces, in C order. Ranges are not enumerated: a cursor for each axis finds
//! the next piece from the end of the current one, so chunks between two steps are never visited, and a plan of a billion
//! chunks costs as much memory as a plan of one. *Points* are sorted by chunk once ([`points`]).
//!
//! A shard is planned like an array: its projection is the selection, the inner chunks are the grid.

mod axis;
mod points;

use std::ops::Range;
use std::rc::Rc;

use crate::chunk_grid::ChunkGrid;
use crate::selection::{AxisRange, Selection};
use crate::shape::strides;
use axis::{AxisPiece, AxisPlan};
use points::PointPlan;

/// One chunk of a plan: its coordinates, the elements selected from it, and where they go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChunkProjection {
    /// Chunk coordinates.
    pub chunk: Vec<u64>,
    pub elements: Elements,
    /// Whether the selection takes all of the chunk that lies inside the array, in whatever order.
    pub is_covered: bool,
}

/// The selected elements of a chunk, counted from its first element, and their positions in the output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elements {
    /// Every combination of the axes' elements.
    Product(Vec<AxisElements>),
    Points(Points),
}

/// The part of an output that one chunk fills, or several together.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    /// For each axis of the array where the part begins and how far it goes.
    pub start: Vec<u64>,
    pub shape: Vec<u64>,
}

impl Elements {
    /// All elements of a chunk of this shape, each at its own place.
    pub fn whole(chunk_shape: &[u64]) -> Self {
        let axis = |&count| AxisElements::Range { within: AxisRange { start: 0, step: 1, count }, output_start: 0 };
        Self::Product(chunk_shape.iter().map(axis).collect())
    }

    /// Between which linear indices of a chunk of this shape they lie, if they lie in it; lists and points may be anywhere.
    pub fn bounds(&self, chunk_shape: &[u64]) -> Range<u64> {
        let mut bounds = 0..1u64;
        for (axis, stride) in strides(chunk_shape).into_iter().enumerate() {
            let along = match self {
                Self::Product(axes) => axes.get(axis),
                Self::Points(_) => None,
            };
            let [first, last] = match along {
                Some(AxisElements::Range { within, .. }) => [within.start, within.index(within.count.wrapping_sub(1))],
                _ => [0, chunk_shape[axis].wrapping_sub(1)],
            };
            bounds.start = bounds.start.wrapping_add(first.min(last).wrapping_mul(stride));
            bounds.end = bounds.end.wrapping_add(first.max(last).wrapping_mul(stride));
        }
        bounds
    }

    /// The region of the output that they fill, if it is one: if they are ranges along all axes.
    pub fn region(&self) -> Option<Region> {
        let Self::Product(axes) = self else { return None };
        let (mut start, mut shape) = (Vec::new(), Vec::new());
        for axis in axes {
            let AxisElements::Range { within, output_start } = axis else { return None };
            start.push(*output_start);
            shape.push(within.count);
        }
        Some(Region { start, shape })
    }

    /// The elements with positions in a region of the output that holds them; `None` for those of no region.
    pub fn in_region(&self, region: &Region) -> Option<Self> {
        let Self::Product(axes) = self else { return None };
        let moved = axes.iter().zip(&region.start).map(|(axis, start)| match axis {
            AxisElements::Range { within, output_start } => {
                Some(AxisElements::Range { within: *within, output_start: output_start.checked_sub(*start)? })
            }
            AxisElements::List { .. } => None,
        });
        moved.collect::<Option<_>>().map(Self::Product)
    }

    /// Where along this axis of the output the elements begin and end, if they are ranges along all axes.
    pub fn extent(&self, axis: usize) -> Option<Range<u64>> {
        let Self::Product(axes) = self else { return None };
        let is_range = |axis: &AxisElements| matches!(axis, AxisElements::Range { .. });
        match axes.get(axis)? {
            AxisElements::Range { within, output_start } if axes.iter().all(is_range) => {
                Some(*output_start..output_start.checked_add(within.count)?)
            }
            _ => None,
        }
    }

    /// Whether these and the others fill the same part of the output but for this axis.
    pub fn is_beside(&self, other: &Self, axis: usize) -> bool {
        let (Self::Product(these), Self::Product(others)) = (self, other) else { return false };
        let place = |elements: &AxisElements| match elements {
            AxisElements::Range { within, output_start } => Some((*output_start, within.count)),
            AxisElements::List { .. } => None,
        };
        let mut pairs = these.iter().zip(others).enumerate().filter(|(along, _)| *along != axis);
        these.len() == others.len() && pairs.all(|(_, (one, other))| place(one).is_some() && place(one) == place(other))
    }
}

impl Region {
    /// The region that elements fill which follow each other along one axis.
    pub fn of_neighbours<'a>(mut all: impl Iterator<Item = &'a Elements>) -> Option<Self> {
        let first = all.next()?;
        let mut region = first.region()?;
        let mut along = None;
        for elements in all {
            let rank = region.start.len();
            let ends = |axis: usize| region.start[axis].checked_add(region.shape[axis]);
            let follows = |axis: &usize| elements.extent(*axis).map(|extent| extent.start) == ends(*axis);
            let axis = match along {
                Some(axis) => Some(axis).filter(follows),
                None => (0..rank).find(|axis| first.is_beside(elements, *axis) && follows(axis)),
            };
            let axis = axis.filter(|axis| first.is_beside(elements, *axis))?;
            let extent = elements.extent(axis)?;
            region.shape[axis] += extent.end - extent.start;
            along = Some(axis);
        }
        Some(region)
    }
}

/// The selected elements of a chunk along one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AxisElements {
    /// They follow each other in the output, from `output_start` on.
    Range { within: AxisRange, output_start: u64 },
    /// One by one, with the position in the output of each.
    List { within: Rc<[u64]>, output: Rc<[u64]> },
}

/// Single elements of a chunk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Points {
    /// For each axis the index of every point.
    pub within: Vec<Vec<u64>>,
    /// Position of every point in the output, counted in elements in C order; ascending.
    pub output: Vec<u64>,
}

/// The lazy plan: an iterator over the chunks that a selection touches, each of them once.
#[derive(Clone)]
pub enum ChunkPlan {
    Product(ProductPlan),
    Points(PointPlan),
}

impl ChunkPlan {
    /// Plans a selection of an array of shape `shape`.
    pub fn new(selection: &Selection, shape: &[u64], grid: ChunkGrid) -> Self {
        match selection {
            Selection::Product { axes, .. } => {
                let axes = axes.iter().zip(shape).enumerate();
                let axes = axes.map(|(axis, (selected, &extent))| AxisPlan::new(selected, axis, extent, &grid));
                Self::Product(ProductPlan::new(axes.collect(), grid))
            }
            Selection::Points { coordinates, .. } => {
                let count = selection.output_shape().iter().product();
                Self::Points(PointPlan::new(coordinates.clone(), (0..count).collect(), shape, grid))
            }
        }
    }

    /// How many chunks there are, of a plan that was not begun.
    pub fn chunk_count(&self) -> u64 {
        match self {
            Self::Product(plan) => plan.chunk_count(),
            Self::Points(plan) => plan.chunk_count(),
        }
    }

    /// Plans the inner chunks of one shard, of which `shard` is the projection.
    pub fn within(shard: &ChunkProjection, shard_shape: &[u64], inner: ChunkGrid) -> Self {
        match &shard.elements {
            Elements::Product(axes) => {
                let axes = axes.iter().zip(shard_shape).enumerate();
                let axes = axes.map(|(axis, (elements, &extent))| AxisPlan::within(elements, axis, extent, &inner));
                Self::Product(ProductPlan::new(axes.collect(), inner))
            }
            Elements::Points(points) => {
                let coordinates = points.within.iter().map(|axis| Rc::from(axis.as_slice())).collect();
                Self::Points(PointPlan::new(coordinates, points.output.clone(), shard_shape, inner))
            }
        }
    }
}

impl Iterator for ChunkPlan {
    type Item = ChunkProjection;

    fn next(&mut self) -> Option<ChunkProjection> {
        match self {
            Self::Product(plan) => plan.next(),
            Self::Points(plan) => plan.next(),
        }
    }
}

/// The plan of a product: counts through the pieces of all axes.
#[derive(Clone)]
pub struct ProductPlan {
    axes: Vec<AxisPlan>,
    grid: ChunkGrid,
    /// The next pieces, `None` after the last.
    current: Option<Vec<AxisPiece>>,
}

impl ProductPlan {
    fn new(axes: Vec<AxisPlan>, grid: ChunkGrid) -> Self {
        let current = axes.iter().enumerate().map(|(axis, plan)| plan.first(axis, &grid)).collect();
        Self { axes, grid, current }
    }

    /// Before the first was taken.
    fn chunk_count(&self) -> u64 {
        let pieces = self.axes.iter().enumerate().map(|(axis, plan)| plan.len(axis, &self.grid));
        pieces.fold(1, u64::saturating_mul)
    }

    fn next(&mut self) -> Option<ChunkProjection> {
        let pieces = self.current.as_mut()?;
        let projection = ChunkProjection {
            chunk: pieces.iter().map(|piece| piece.chunk).collect(),
            elements: Elements::Product(pieces.iter().map(|piece| piece.elements.clone()).collect()),
            is_covered: pieces.iter().all(|piece| piece.is_covered),
        };
        let advanced = (0..self.axes.len()).rev().any(|axis| {
            let plan = &self.axes[axis];
            match plan.after(&pieces[axis], axis, &self.grid) {
                Some(next) => {
                    pieces[axis] = next;
                    true
                }
                None => {
                    // Every axis has a first piece, or there would be no current ones.
                    if let Some(first) = plan.first(axis, &self.grid) {
                        pieces[axis] = first;
                    }
                    false
                }
            }
        });
        if !advanced {
            self.current = None;
        }
        Some(projection)
    }
}

/// Numbers in ascending order, each with its position; equal ones stay as they were. All sorting is done here, because
/// every type that is sorted is another kilobyte to download.
fn sorted(numbers: impl Iterator<Item = u64>) -> Vec<(u64, u64)> {
    let mut pairs: Vec<(u64, u64)> = numbers.zip(0..).collect();
    pairs.sort_unstable();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::selection::AxisSelection;

    fn plan(ranges: &[AxisRange], shape: &[u64], chunk_shape: &[u64]) -> ChunkPlan {
        let axes: Vec<_> = ranges.iter().copied().map(AxisSelection::Range).collect();
        let selection = Selection::Product { dropped: vec![false; axes.len()], axes };
        ChunkPlan::new(&selection, shape, ChunkGrid::regular(chunk_shape.to_vec(), shape.len()).unwrap())
    }

    #[test]
    fn chunks_come_in_c_order_and_only_those_touched() {
        let ranges = [AxisRange { start: 0, step: 10, count: 3 }, AxisRange { start: 3, step: 1, count: 2 }];
        let chunks: Vec<Vec<u64>> = plan(&ranges, &[100, 8], &[1, 4]).map(|projection| projection.chunk).collect();
        assert_eq!(chunks, [[0, 0], [0, 1], [10, 0], [10, 1], [20, 0], [20, 1]]);
    }

    #[test]
    fn an_empty_selection_touches_nothing_and_a_0d_array_has_one_chunk() {
        let nothing = [AxisRange { start: 0, step: 1, count: 0 }, AxisRange { start: 0, step: 1, count: 2 }];
        assert_eq!(plan(&nothing, &[4, 4], &[2, 2]).count(), 0);
        assert_eq!(plan(&[], &[], &[]).map(|projection| projection.chunk).collect::<Vec<_>>(), [[0; 0]]);
    }

    #[test]
    fn a_plan_of_10_to_the_18_chunks_is_lazy() {
        let all = AxisRange { start: 0, step: 1, count: 1 << 30 };
        let mut plan = plan(&[all, all], &[1 << 30, 1 << 30], &[1, 1]);
        assert_eq!(plan.nth(3).unwrap().chunk, [0, 3]);
    }

    #[test]
    fn the_length_of_a_plan_is_that_of_its_walk() {
        let range = |start, step, count| AxisRange { start, step, count };
        let mut ranges = vec![range(0, 1, 0), range(0, 1, 20), range(19, -1, 20), range(3, 7, 3), range(18, -9, 3)];
        ranges.extend((1..6).flat_map(|step| (0..4).map(move |start| range(start, step, 4))));
        for &range in &ranges {
            for chunk_len in [1, 3, 4, 20, 64] {
                let plan = plan(&[range, AxisRange { start: 1, step: 1, count: 3 }], &[20, 4], &[chunk_len, 2]);
                assert_eq!(plan.chunk_count(), plan.clone().count() as u64, "{range:?} in chunks of {chunk_len}");
            }
        }
        let points = vec![Rc::from([0, 9, 1, 0]), Rc::from([7, 0, 5, 7])];
        let selection = Selection::Points { coordinates: points, shape: vec![4] };
        let plan = ChunkPlan::new(&selection, &[10, 8], ChunkGrid::regular(vec![4, 4], 2).unwrap());
        assert_eq!(plan.chunk_count(), 2);
    }

    #[test]
    fn bounds_are_the_first_and_the_last_element() {
        let range =
            |start, step, count| AxisElements::Range { within: AxisRange { start, step, count }, output_start: 0 };
        let list = AxisElements::List { within: Rc::from([2, 0, 1]), output: Rc::from([0, 1, 2]) };
        let bounds = |axes: Vec<AxisElements>| Elements::Product(axes).bounds(&[4, 5]);
        assert_eq!(bounds(vec![range(1, 1, 1), range(0, 1, 5)]), 5..10);
        assert_eq!(bounds(vec![range(3, -1, 2), range(4, -2, 2)]), 12..20);
        assert_eq!(bounds(vec![list, range(3, 1, 1)]), 3..19);
        assert_eq!(Elements::whole(&[4, 5]).bounds(&[4, 5]), 0..20);
        assert_eq!(Elements::whole(&[]).bounds(&[]), 0..1);
        let points = Points { within: vec![vec![1, 2], vec![4, 0]], output: vec![0, 1] };
        assert_eq!(Elements::Points(points).bounds(&[4, 5]), 0..20);
    }

    #[test]
    fn ranges_fill_a_region_and_lists_do_not() {
        let range =
            |start, output_start| AxisElements::Range { within: AxisRange { start, step: -2, count: 3 }, output_start };
        let elements = Elements::Product(vec![range(7, 5), range(4, 0)]);
        let region = elements.region().unwrap();
        assert_eq!(region, Region { start: vec![5, 0], shape: vec![3, 3] });
        assert_eq!(elements.in_region(&region), Some(Elements::Product(vec![range(7, 0), range(4, 0)])));
        let list = AxisElements::List { within: [1].into(), output: [0].into() };
        assert_eq!(Elements::Product(vec![range(7, 5), list]).region(), None);
        assert_eq!(Elements::Points(Points { within: vec![vec![1]], output: vec![0] }).region(), None);
    }

    #[test]
    fn neighbours_along_one_axis_are_a_region_and_others_are_none() {
        let range =
            |output_start, count| AxisElements::Range { within: AxisRange { start: 1, step: 2, count }, output_start };
        let at = |rows: (u64, u64), columns: (u64, u64)| {
            Elements::Product(vec![range(rows.0, rows.1), range(columns.0, columns.1)])
        };
        let together = |all: &[Elements]| Region::of_neighbours(all.iter()).map(|region| (region.start, region.shape));
        let region = |start: [u64; 2], shape: [u64; 2]| Some((start.to_vec(), shape.to_vec()));
        let [one, two, three] = [at((4, 3), (0, 5)), at((4, 3), (5, 5)), at((4, 3), (10, 2))];
        assert_eq!(together(&[one.clone(), two.clone(), three.clone()]), region([4, 0], [3, 12]));
        assert_eq!(together(&[one.clone(), at((7, 2), (0, 5))]), region([4, 0], [5, 5]));
        // Not in their order, with a gap, along two axes, of another extent, with a list, and alone.
        assert_eq!(together(&[two.clone(), one.clone()]), None);
        assert_eq!(together(&[one.clone(), three.clone()]), None);
        assert_eq!(together(&[one.clone(), two.clone(), at((7, 3), (5, 5))]), None);
        assert_eq!(together(&[one.clone(), at((4, 2), (5, 5))]), None);
        let list = AxisElements::List { within: [1].into(), output: [5].into() };
        assert_eq!(together(&[one.clone(), Elements::Product(vec![range(4, 3), list])]), None);
        assert_eq!(together(std::slice::from_ref(&one)), region([4, 0], [3, 5]));
        assert_eq!(together(&[]), None);
        assert_eq!(two.in_region(&Region { start: vec![4, 0], shape: vec![3, 12] }), Some(at((0, 3), (5, 5))));
        assert_eq!(one.in_region(&Region { start: vec![5, 0], shape: vec![3, 12] }), None);
    }

    #[test]
    fn inner_chunks_keep_the_place_of_their_shard_in_the_output() {
        let range = AxisRange { start: 5, step: 2, count: 6 }; // 5 7 | 9 11 13 15: shards of 8
        let shards: Vec<_> = plan(&[range], &[20], &[8]).collect();
        let inner = ChunkPlan::within(&shards[1], &[8], ChunkGrid::regular(vec![4], 1).unwrap());
        let piece =
            |output_start| AxisElements::Range { within: AxisRange { start: 1, step: 2, count: 2 }, output_start };
        let pieces: Vec<_> = inner.map(|projection| (projection.chunk, projection.elements)).collect();
        assert_eq!(
            pieces,
            [(vec![0], Elements::Product(vec![piece(2)])), (vec![1], Elements::Product(vec![piece(4)]))]
        );
    }
}
