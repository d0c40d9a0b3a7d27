//! Vectorized selections: one point after the other, as zarr-python's `vindex` does it.
//!
//! 1. The coordinate arrays, one for each axis, are broadcast against each other: the result has their common shape.
//! 2. Every point is the combination of what stands at its place in each of them.
//!
//! A mask of the array's shape selects the points where it is not 0, in C order.

use std::rc::Rc;

use super::Selection;
use super::entry::{check_listed, resolve_index};
use crate::error::{Error, Result};
use crate::shape::{advance, element_count, strides};

/// The indices along one axis, of any shape; negative ones count from the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coordinates {
    pub indices: Vec<i64>,
    pub shape: Vec<u64>,
}

pub(super) fn resolve(coordinates: &[Coordinates], shape: &[u64]) -> Result<Selection> {
    if coordinates.len() != shape.len() {
        return Err(Error::invalid_selection(format!(
            "{} coordinate arrays, expected one for each of the {} dimensions",
            coordinates.len(),
            shape.len()
        )));
    }
    let common = broadcast_shape(coordinates)?;
    check_listed(element_count(&common)?)?;
    let resolved = coordinates.iter().zip(shape).enumerate().map(|(axis, (coordinates, &extent))| {
        let indices = coordinates.indices.iter().map(|&index| resolve_index(index, axis, extent));
        broadcast(indices.collect::<Result<_>>()?, &coordinates.shape, &common)
    });
    Ok(Selection::Points { coordinates: resolved.collect::<Result<_>>()?, shape: common })
}

pub(super) fn resolve_mask(mask: &[u8], mask_shape: &[u64], shape: &[u64]) -> Result<Selection> {
    if mask_shape != shape || mask.len() as u64 != element_count(shape)? {
        return Err(Error::invalid_selection(format!(
            "a mask of shape {mask_shape:?} with {} elements, expected the array's shape {shape:?}",
            mask.len()
        )));
    }
    let count = mask.iter().filter(|value| **value != 0).count();
    check_listed(count as u64)?;
    let mut coordinates = vec![Vec::with_capacity(count); shape.len()];
    let mut position = vec![0; shape.len()];
    for value in mask {
        if *value != 0 {
            coordinates.iter_mut().zip(&position).for_each(|(axis, &index)| axis.push(index));
        }
        advance(&mut position, shape);
    }
    Ok(Selection::Points { coordinates: coordinates.into_iter().map(Rc::from).collect(), shape: vec![count as u64] })
}

/// NumPy's rule: aligned at the last axis, extents are equal, or 1 and repeated.
fn broadcast_shape(coordinates: &[Coordinates]) -> Result<Vec<u64>> {
    let rank = coordinates.iter().map(|coordinates| coordinates.shape.len()).max().unwrap_or(0);
    let mut common = vec![1; rank];
    for Coordinates { indices, shape } in coordinates {
        if element_count(shape)? != indices.len() as u64 {
            let found = indices.len();
            return Err(Error::invalid_selection(format!("{found} coordinates, expected those of shape {shape:?}")));
        }
        for (common, &extent) in common[rank - shape.len()..].iter_mut().zip(shape) {
            if *common == 1 {
                *common = extent;
            } else if extent != 1 && extent != *common {
                let shapes: Vec<_> = coordinates.iter().map(|coordinates| &coordinates.shape).collect();
                return Err(Error::invalid_selection(format!("coordinates of shapes {shapes:?} do not broadcast")));
            }
        }
    }
    Ok(common)
}

fn broadcast(indices: Rc<[u64]>, shape: &[u64], common: &[u64]) -> Result<Rc<[u64]>> {
    if shape == common {
        return Ok(indices);
    }
    let lead = common.len() - shape.len();
    let mut steps = vec![0; common.len()];
    for (axis, stride) in strides(shape).into_iter().enumerate() {
        steps[lead + axis] = if shape[axis] == 1 { 0 } else { stride };
    }
    let mut position = vec![0; common.len()];
    let repeated = (0..element_count(common)?).map(|_| {
        let at: u64 = position.iter().zip(&steps).map(|(position, step)| position * step).sum();
        advance(&mut position, common);
        indices[at as usize]
    });
    Ok(repeated.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(indices: &[i64], shape: &[u64]) -> Coordinates {
        Coordinates { indices: indices.to_vec(), shape: shape.to_vec() }
    }

    fn points(selection: Selection) -> (Vec<Vec<u64>>, Vec<u64>) {
        match selection {
            Selection::Points { coordinates, shape } => (coordinates.iter().map(|axis| axis.to_vec()).collect(), shape),
            Selection::Product { .. } => panic!("not points"),
        }
    }

    #[test]
    fn coordinates_broadcast_as_in_numpy() {
        let column = array(&[0, -1], &[2, 1]);
        let row = array(&[5, 6, 7], &[3]);
        let resolved = points(resolve(&[column, row], &[4, 8]).unwrap());
        assert_eq!(resolved, (vec![vec![0, 0, 0, 3, 3, 3], vec![5, 6, 7, 5, 6, 7]], vec![2, 3]));
        let scalars = points(resolve(&[array(&[1], &[]), array(&[2], &[])], &[4, 8]).unwrap());
        assert_eq!(scalars, (vec![vec![1], vec![2]], vec![]));
        let nothing = points(resolve(&[array(&[], &[0]), array(&[2], &[])], &[4, 8]).unwrap());
        assert_eq!(nothing, (vec![vec![], vec![]], vec![0]));
    }

    #[test]
    fn coordinates_that_do_not_fit_are_refused() {
        let pair = array(&[0, 1], &[2]);
        let message = |given: &[Coordinates]| resolve(given, &[4, 8]).unwrap_err().message().to_owned();
        assert_eq!(
            message(std::slice::from_ref(&pair)),
            "1 coordinate arrays, expected one for each of the 2 dimensions"
        );
        let triple = array(&[0, 1, 2], &[3]);
        assert_eq!(message(&[pair.clone(), triple]), "coordinates of shapes [[2], [3]] do not broadcast");
        assert_eq!(message(&[pair, array(&[8], &[1])]), "index 8 is out of range for axis 1 with 8 elements");
        assert_eq!(message(&[array(&[0], &[2]), array(&[0], &[1])]), "1 coordinates, expected those of shape [2]");
    }

    #[test]
    fn more_points_than_fit_into_memory_are_refused_before_they_are_made() {
        let column = Coordinates { indices: vec![0; 5000], shape: vec![5000, 1] };
        let row = Coordinates { indices: vec![0; 5000], shape: vec![5000] };
        let error = resolve(&[column, row], &[4, 8]).unwrap_err();
        assert_eq!(error.message(), "25000000 elements one by one, at most 16777216 are selected at once");
    }

    #[test]
    fn a_mask_selects_in_c_order() {
        let selected = points(resolve_mask(&[0, 1, 1, 0, 0, 1], &[2, 3], &[2, 3]).unwrap());
        assert_eq!(selected, (vec![vec![0, 0, 1], vec![1, 2, 2]], vec![3]));
        assert!(resolve_mask(&[0, 1, 1], &[3], &[2, 3]).is_err());
        assert!(resolve_mask(&[0, 1], &[2, 3], &[2, 3]).is_err());
    }
}
