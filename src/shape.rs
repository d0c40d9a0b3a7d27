//! Index arithmetic: half-open, `u64`, checked. Everything that multiplies extents or adds offsets does it here, so that
//! a hostile shape is an error and never a wrapped number.

use crate::error::{Error, Result};

/// Number of elements of a shape; 1 for a 0-d array.
pub fn element_count(shape: &[u64]) -> Result<u64> {
    // A zero anywhere makes the product zero, even where the other extents alone would overflow.
    if shape.contains(&0) {
        return Ok(0);
    }
    shape
        .iter()
        .try_fold(1u64, |product, &extent| product.checked_mul(extent))
        .ok_or_else(|| Error::unsupported(format!("shape {shape:?} has more than 2^64 elements")))
}

/// C-order strides in elements, for a shape whose element count is known to fit. Only those of a shape without elements
/// may be too large for a number, and then nobody needs them.
pub fn strides(shape: &[u64]) -> Vec<u64> {
    let mut strides = vec![1u64; shape.len()];
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis].saturating_mul(shape[axis].max(1));
    }
    strides
}

/// Position of C-order linear index `index` in a shape.
#[cfg(test)]
pub fn unravel(mut index: u64, shape: &[u64]) -> Vec<u64> {
    let mut position = vec![0; shape.len()];
    for axis in (0..shape.len()).rev() {
        position[axis] = index % shape[axis];
        index /= shape[axis];
    }
    position
}

/// C-order linear index of a position that lies within the shape.
pub fn ravel(position: &[u64], shape: &[u64]) -> u64 {
    position.iter().zip(shape).fold(0, |index, (&p, &extent)| index * extent + p)
}

/// Counts through all positions of a shape in C order; `false` after the last.
pub fn advance(position: &mut [u64], shape: &[u64]) -> bool {
    for axis in (0..shape.len()).rev() {
        position[axis] += 1;
        if position[axis] < shape[axis] {
            return true;
        }
        position[axis] = 0;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_that_overflow_are_errors() {
        assert_eq!(element_count(&[]).unwrap(), 1);
        assert_eq!(element_count(&[3, 4]).unwrap(), 12);
        assert_eq!(element_count(&[u64::MAX, 2, 0]).unwrap(), 0);
        assert!(element_count(&[1 << 32, 1 << 32]).is_err());
    }

    #[test]
    fn strides_are_in_elements_and_c_order() {
        assert_eq!(strides(&[2, 3, 4]), [12, 4, 1]);
        assert_eq!(strides(&[]), [0; 0]);
        assert_eq!(strides(&[0, 1 << 40, 1 << 40]), [u64::MAX, 1 << 40, 1]);
    }

    #[test]
    fn ravel_undoes_unravel() {
        let shape = [2, 3, 4];
        for index in 0..24 {
            assert_eq!(ravel(&unravel(index, &shape), &shape), index);
        }
    }

    #[test]
    fn advance_visits_every_position_once_in_c_order() {
        let shape = [2, 3];
        let mut position = [0, 0];
        let mut seen = vec![ravel(&position, &shape)];
        while advance(&mut position, &shape) {
            seen.push(ravel(&position, &shape));
        }
        assert_eq!(seen, [0, 1, 2, 3, 4, 5]);
        assert!(!advance(&mut [], &[]));
    }
}
