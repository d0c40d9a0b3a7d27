//! Selections and their plans: arrays of any extents, entries of any kind.
//!
//! A selection is refused, or every chunk of its plan lies in the grid, comes once, and has the elements that the
//! selection means at their places in the output; together they are all of them. The same holds for the inner chunks of
//! a shard, and for what is packed for a decoder.

use std::collections::HashSet;

use zarr_wasm::ErrorCode;
use zarr_wasm::chunk_grid::{ChunkGrid, Edges};
use zarr_wasm::decode::{pack, unpack};
use zarr_wasm::plan::{AxisElements, ChunkPlan, ChunkProjection, Elements};
use zarr_wasm::selection::{AxisSelection, Coordinates, Entry, Selection, Slice};
use zarr_wasm::shape::element_count;

use super::choices::Choices;
use super::expect_code;

/// Plans of fewer elements are walked to their end, of others only the beginning.
const WALKED: u64 = 500;

/// Elements of one projection that are looked at one by one.
const LISTED: u64 = 5000;

pub fn target(bytes: &[u8]) {
    // What comes from elsewhere as packed chunks is that, or is refused.
    let (packed, encoded) = bytes.split_at(bytes.len() / 16 * 8);
    for encoded in [&[], encoded] {
        if let Ok(chunks) = unpack(packed, encoded) {
            let lens = chunks.iter().map(|chunk| (&chunk.elements, chunk.encoded.map(<[u8]>::len)));
            assert_eq!(pack(lens), packed);
        }
    }
    let mut choices = Choices(bytes);
    let rank = choices.below(4);
    let shape: Vec<u64> = (0..rank).map(|_| choices.number()).collect();
    let inner_shape: Vec<u64> = (0..rank).map(|_| choices.number().max(1)).collect();
    let grid = match choices.is() {
        true => rectilinear(&mut choices, &shape, &inner_shape),
        false => ChunkGrid::regular(multiples(&mut choices, &inner_shape), rank).unwrap(),
    };
    let selection = match selection(&mut choices, &shape, &grid) {
        Err(error) => return expect_code(&error, &[ErrorCode::InvalidSelection, ErrorCode::Unsupported]),
        Ok(selection) => selection,
    };
    // Without a count of its elements there is no output for it, and no array has such a shape.
    let (Ok(count), Ok(_)) = (selection.element_count(), element_count(&shape)) else { return };
    let plan = ChunkPlan::new(&selection, &shape, grid.clone());
    let shards = walk(plan, count, |shard| check(shard, &selection, &shape, &grid, &vec![0; rank]));
    let inner_grid = ChunkGrid::regular(inner_shape, rank).unwrap();
    for shard in shards.iter().take(3) {
        let inner = ChunkPlan::within(shard, &grid.shape_of(&shard.chunk), inner_grid.clone());
        let origin = starts(&grid, &shard.chunk);
        walk(inner, selected(shard), |chunk| check(chunk, &selection, &shape, &inner_grid, &origin));
    }
}

/// Shards of some inner chunks, all alike.
fn multiples(choices: &mut Choices, inner_shape: &[u64]) -> Vec<u64> {
    inner_shape.iter().map(|inner| inner.checked_mul(1 + choices.below(5) as u64).unwrap_or(*inner)).collect()
}

/// Shards of some inner chunks, of two lengths along each axis that are repeated until the axis ends.
fn rectilinear(choices: &mut Choices, shape: &[u64], inner_shape: &[u64]) -> ChunkGrid {
    let edges: Vec<Edges> = shape
        .iter()
        .zip(inner_shape)
        .map(|(extent, inner)| {
            let len = inner.saturating_mul(1 + choices.below(3) as u64);
            let first = 1 + choices.below(4) as u64;
            Edges::Repeated(vec![(len, first), (*inner, (extent / inner).max(1).saturating_add(1))])
        })
        .collect();
    let regular = || ChunkGrid::regular(inner_shape.to_vec(), shape.len()).unwrap();
    ChunkGrid::rectilinear(&edges, shape).unwrap_or_else(|_| regular())
}

/// Where a chunk begins.
fn starts(grid: &ChunkGrid, chunk: &[u64]) -> Vec<u64> {
    chunk.iter().enumerate().map(|(axis, index)| grid.start(axis, *index)).collect()
}

fn selection(choices: &mut Choices, shape: &[u64], grid: &ChunkGrid) -> zarr_wasm::Result<Selection> {
    match choices.below(5) {
        0 => {
            let count = choices.below(20);
            let list = |extent: &u64, choices: &mut Choices| (0..count).map(|_| index(choices, *extent)).collect();
            let lists =
                shape.iter().map(|extent| Coordinates { indices: list(extent, choices), shape: vec![count as u64] });
            Selection::vectorized(&lists.collect::<Vec<_>>(), shape)
        }
        1 => {
            let mask: Vec<u8> = choices.0.iter().map(|byte| byte & 1).collect();
            Selection::mask(&mask, shape, shape)
        }
        2 => Selection::blocks(&entries(choices, shape), shape, grid),
        3 => Selection::orthogonal(&entries(choices, shape), shape),
        _ => Selection::basic(&entries(choices, shape), shape),
    }
}

fn entries(choices: &mut Choices, shape: &[u64]) -> Vec<Entry> {
    let given = choices.below(shape.len() + 2);
    (0..given).map(|at| entry(choices, shape.get(at).copied().unwrap_or(9))).collect()
}

fn entry(choices: &mut Choices, extent: u64) -> Entry {
    let bound = |choices: &mut Choices| choices.is().then(|| index(choices, extent));
    match choices.below(8) {
        0 => Entry::All,
        1 => Entry::Ellipsis,
        2 => Entry::Index(index(choices, extent)),
        3 => Entry::Indices((0..choices.below(10)).map(|_| index(choices, extent)).collect()),
        4 => Entry::Mask((0..extent.min(1000)).map(|_| choices.is()).collect()),
        _ => Entry::Slice(Slice { start: bound(choices), stop: bound(choices), step: bound(choices) }),
    }
}

/// Mostly within the axis, or from its end.
fn index(choices: &mut Choices, extent: u64) -> i64 {
    let number = choices.number();
    match choices.below(4) {
        0 => number as i64,
        1 => -((number % extent.max(1)) as i64).wrapping_add(1),
        _ => (number % extent.max(1)) as i64,
    }
}

/// Checks the chunks of a plan, all of them if it is short; answers those that it checked.
fn walk(plan: ChunkPlan, count: u64, check: impl Fn(&ChunkProjection)) -> Vec<ChunkProjection> {
    let walked: Vec<ChunkProjection> = plan.take(WALKED as usize + 1).collect();
    walked.iter().for_each(check);
    let distinct: HashSet<&[u64]> = walked.iter().map(|projection| projection.chunk.as_slice()).collect();
    assert_eq!(distinct.len(), walked.len(), "a chunk comes twice");
    if count <= WALKED {
        assert_eq!(walked.iter().map(selected).sum::<u64>(), count, "of {walked:?}");
    }
    walked
}

/// How many elements are selected from a chunk.
fn selected(projection: &ChunkProjection) -> u64 {
    match &projection.elements {
        Elements::Product(axes) => axes.iter().map(axis_count).product(),
        Elements::Points(points) => points.output.len() as u64,
    }
}

fn axis_count(axis: &AxisElements) -> u64 {
    match axis {
        AxisElements::Range { within, .. } => within.count,
        AxisElements::List { within, .. } => within.len() as u64,
    }
}

/// Every element of a chunk of a grid that begins at `origin` is the one that the selection means.
fn check(projection: &ChunkProjection, selection: &Selection, shape: &[u64], grid: &ChunkGrid, origin: &[u64]) {
    let packed = pack([(&projection.elements, None)].into_iter());
    let [chunk] = unpack(&packed, &[]).unwrap().try_into().ok().unwrap();
    assert_eq!(chunk.elements, projection.elements);
    assert!(selected(projection) > 0);
    let (chunk_shape, start) = (grid.shape_of(&projection.chunk), starts(grid, &projection.chunk));
    let check = |axis: usize, within: u64, expected: u64| {
        assert!(within < chunk_shape[axis] && expected < shape[axis], "{projection:?}");
        assert_eq!(origin[axis] + start[axis] + within, expected, "axis {axis} of {projection:?}");
    };
    match (&projection.elements, selection) {
        (Elements::Product(elements), Selection::Product { axes, .. }) => {
            assert_eq!(elements.len(), axes.len());
            for (axis, (elements, selected)) in elements.iter().zip(axes).enumerate() {
                let mut before = None;
                for (within, output) in pairs(elements) {
                    assert!(before < Some(output), "positions ascend: {elements:?}");
                    before = Some(output);
                    let meant = match selected {
                        AxisSelection::Range(range) => range.index(output),
                        AxisSelection::Indices(indices) => indices[output as usize],
                    };
                    check(axis, within, meant);
                }
            }
        }
        (Elements::Points(points), Selection::Points { coordinates, .. }) => {
            assert!(points.output.is_sorted_by(|a, b| a < b));
            for (axis, (within, coordinates)) in points.within.iter().zip(coordinates).enumerate() {
                assert_eq!(within.len(), points.output.len());
                within
                    .iter()
                    .zip(&points.output)
                    .for_each(|(within, at)| check(axis, *within, coordinates[*at as usize]));
            }
        }
        _ => panic!("{projection:?} of {selection:?}"),
    }
}

/// Index in the chunk and position in the output of the elements along an axis: of many, the first and the last.
fn pairs(axis: &AxisElements) -> Vec<(u64, u64)> {
    match axis {
        AxisElements::Range { within, output_start } => {
            let all = (0..within.count.min(LISTED)).chain(within.count.checked_sub(1).filter(|last| *last >= LISTED));
            all.map(|k| (within.index(k), output_start + k)).collect()
        }
        AxisElements::List { within, output } => within.iter().copied().zip(output.iter().copied()).collect(),
    }
}
