//! The points of a selection, chunk by chunk.
//!
//! 1. Every point gets the linear index of its chunk in the grid.
//! 2. A list of the points is sorted by it; points of one chunk stay in the order of the output.
//! 3. Each chunk is a run of that list.

use std::rc::Rc;

use super::{ChunkProjection, Elements, Points, sorted};
use crate::chunk_grid::ChunkGrid;

#[derive(Clone)]
pub struct PointPlan {
    /// For each axis the index of every point.
    coordinates: Vec<Rc<[u64]>>,
    /// Position in the output of every point.
    output: Vec<u64>,
    grid: ChunkGrid,
    /// Chunk and number of every point that is still to come, the last first.
    rest: Vec<(u64, u64)>,
}

impl PointPlan {
    pub fn new(coordinates: Vec<Rc<[u64]>>, output: Vec<u64>, shape: &[u64], grid: ChunkGrid) -> Self {
        let mut chunks = vec![0u64; output.len()];
        for (axis, indices) in coordinates.iter().enumerate() {
            // A grid has at most as many chunks as the array has elements, which fit.
            let count = grid.chunk_count(axis, shape[axis]);
            chunks.iter_mut().zip(indices.iter()).for_each(|(chunk, &index)| {
                *chunk = *chunk * count + grid.span(axis, index).chunk;
            });
        }
        let mut rest = sorted(chunks.into_iter());
        rest.reverse();
        Self { coordinates, output, grid, rest }
    }

    pub fn chunk_count(&self) -> u64 {
        self.rest.chunk_by(|a, b| a.0 == b.0).count() as u64
    }

    pub fn next(&mut self) -> Option<ChunkProjection> {
        let chunk = self.rest.last()?.0;
        let count = self.rest.iter().rev().take_while(|point| point.0 == chunk).count();
        let points: Vec<usize> =
            self.rest.drain(self.rest.len() - count..).rev().map(|point| point.1 as usize).collect();
        let span = |axis: usize| self.grid.span(axis, self.coordinates[axis][points[0]]);
        let rank = self.coordinates.len();
        let within = (0..rank).map(|axis| {
            let start = span(axis).start;
            points.iter().map(|&point| self.coordinates[axis][point] - start).collect()
        });
        Some(ChunkProjection {
            chunk: (0..rank).map(|axis| span(axis).chunk).collect(),
            elements: Elements::Points(Points {
                within: within.collect(),
                output: points.iter().map(|&point| self.output[point]).collect(),
            }),
            is_covered: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chunk_comes_once_with_its_points_in_output_order() {
        let coordinates: Vec<Rc<[u64]>> = vec![[0, 9, 1, 0].into(), [7, 0, 5, 7].into()];
        let grid = ChunkGrid::regular(vec![4, 4], 2).unwrap();
        let mut plan = PointPlan::new(coordinates, (0..4).collect(), &[10, 8], grid);
        let first = plan.next().unwrap();
        assert_eq!(first.chunk, [0, 1]);
        let points = Points { within: vec![vec![0, 1, 0], vec![3, 1, 3]], output: vec![0, 2, 3] };
        assert_eq!(first.elements, Elements::Points(points));
        let second = plan.next().unwrap();
        assert_eq!(second.chunk, [2, 0]);
        assert_eq!(second.elements, Elements::Points(Points { within: vec![vec![1], vec![0]], output: vec![1] }));
        assert_eq!(plan.next(), None);
    }

    #[test]
    fn a_point_of_a_0d_array_is_in_its_one_chunk() {
        let mut plan = PointPlan::new(vec![], vec![0], &[], ChunkGrid::regular(vec![], 0).unwrap());
        assert_eq!(plan.next().unwrap().chunk, [0; 0]);
        assert_eq!(plan.next(), None);
    }
}
