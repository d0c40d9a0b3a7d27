//! `transpose`: the axes of a chunk in another order.
//!
//! Zarr v3 core codec `transpose`; the order F of Zarr v2 is one with all axes reversed. Configuration: `order`, a
//! permutation of the axes: axis i of the encoded chunk is axis `order[i]` of the decoded one.

use std::borrow::Cow;

use zarr_wasm_kernels::strided_copy::{Axis, StridedCopy};

use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::error::Result;
use crate::shape::strides;

pub struct Transpose {
    order: Vec<usize>,
    decoding: StridedCopy,
}

impl Transpose {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        // Whatever follows, a chunk whose axes are moved is decoded as a whole: all of it fits a usize.
        decoded.byte_len()?;
        let order = configuration.required("order", configuration.extents("order")?)?;
        let rank = decoded.shape.len();
        if order.len() != rank || !(0..rank as u64).all(|axis| order.contains(&axis)) {
            return Err(configuration.invalid("order", &format!("a permutation of the {rank} axes")));
        }
        let order: Vec<usize> = order.into_iter().map(|axis| axis as usize).collect();
        let source = strides(&permuted(&decoded.shape, &order));
        let target = strides(&decoded.shape);
        let mut axes = vec![Axis { extent: 1, source: 0, target: 0 }; rank];
        for (i, &axis) in order.iter().enumerate() {
            let extent = decoded.shape[axis] as usize;
            axes[axis] = Axis { extent, source: source[i] as usize, target: target[axis] as usize };
        }
        Ok(Self { order, decoding: StridedCopy::new(axes, decoded.data_type.item_len()) })
    }
}

fn permuted(shape: &[u64], order: &[usize]) -> Vec<u64> {
    order.iter().map(|&axis| shape[axis]).collect()
}

impl ArrayToArray for Transpose {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        Ok(ChunkSpec { shape: permuted(&decoded.shape, &self.order), ..decoded.clone() })
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        _: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        if self.decoding.is_contiguous() {
            return Ok(encoded);
        }
        let mut decoded = scratch.take(encoded.len())?;
        self.decoding.copy(&encoded, &mut decoded);
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::DataType;
    use serde_json::json;

    fn spec(shape: &[u64]) -> ChunkSpec {
        ChunkSpec { shape: shape.to_vec(), data_type: DataType::UInt8, fill_value: vec![0] }
    }

    fn transpose(order: serde_json::Value, shape: &[u64]) -> Result<Transpose> {
        Transpose::new(&Configuration(json!({ "order": order }).as_object().unwrap()), &spec(shape))
    }

    #[test]
    fn axis_i_of_the_encoded_chunk_is_axis_order_i_of_the_decoded_one() {
        let codec = transpose(json!([2, 0, 1]), &[2, 3, 4]).unwrap();
        let (decoded, encoded) = (spec(&[2, 3, 4]), codec.encoded(&spec(&[2, 3, 4])).unwrap());
        assert_eq!(encoded.shape, [4, 2, 3]);
        let bytes: Vec<u8> = (0..24).collect();
        let result = codec.decode(Cow::Borrowed(&bytes), &encoded, &decoded, &mut Scratch::default()).unwrap();
        // numpy.arange(24).reshape(4, 2, 3).transpose(1, 2, 0)
        assert_eq!(result[..], [0, 6, 12, 18, 1, 7, 13, 19, 2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22, 5, 11, 17, 23]);
    }

    #[test]
    fn an_order_that_moves_nothing_copies_nothing() {
        for (order, shape) in [(json!([0, 1]), [2, 3]), (json!([1, 0]), [1, 3]), (json!([1, 0]), [3, 1])] {
            let codec = transpose(order, &shape).unwrap();
            let (decoded, encoded) = (spec(&shape), codec.encoded(&spec(&shape)).unwrap());
            let bytes = vec![7; decoded.byte_len().unwrap()];
            let result = codec.decode(Cow::Borrowed(&bytes), &encoded, &decoded, &mut Scratch::default()).unwrap();
            assert!(matches!(result, Cow::Borrowed(_)));
        }
    }

    #[test]
    fn an_order_that_is_no_permutation_is_an_error() {
        for order in
            [json!([0, 0]), json!([0]), json!([0, 1, 2]), json!([0, 2]), json!([-1, 0]), json!("F"), json!(null)]
        {
            assert!(transpose(order.clone(), &[2, 3]).is_err(), "{order}");
        }
    }
}
