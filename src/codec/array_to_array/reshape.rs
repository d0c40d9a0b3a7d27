//! `reshape`: the elements of a chunk in another shape, in the same C order.
//!
//! `reshape` of the Zarr v3 extensions. Configuration: `shape`, a list with one entry for each axis of the encoded chunk:
//! a positive extent; a list of axes of the decoded chunk, whose extents are multiplied; or −1, at most once, for what
//! is left. All axes in lists must stand in increasing order, and what lies left and right of such an entry must have as
//! many elements as what lies left and right of its axes: so each list names what really becomes that axis.

use std::borrow::Cow;

use serde_json::Value;

use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::error::Result;
use crate::shape::element_count;

pub struct Reshape {
    shape: Vec<u64>,
}

impl Reshape {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        let entries = configuration.required("shape", configuration.list("shape")?)?;
        let elements = decoded.element_count()?;
        let lists = entries.iter().map(|entry| axes(configuration, entry)).collect::<Result<Vec<_>>>()?;
        let named: Vec<usize> = lists.iter().flatten().flatten().copied().collect();
        if !named.is_sorted_by(|one, next| one < next) || named.last().is_some_and(|&axis| axis >= decoded.shape.len())
        {
            let expected = format!("lists of the {} axes in increasing order", decoded.shape.len());
            return Err(configuration.invalid("shape", &expected));
        }
        let mut shape = Vec::new();
        let mut rest = None;
        for (at, (entry, axes)) in entries.iter().zip(&lists).enumerate() {
            shape.push(match (axes, entry.as_u64()) {
                (Some(axes), _) => element_count(&axes.iter().map(|&axis| decoded.shape[axis]).collect::<Vec<_>>())?,
                (None, Some(extent)) if extent > 0 => extent,
                (None, None) if entry.as_i64() == Some(-1) && rest.is_none() => {
                    rest = Some(at);
                    1
                }
                _ => return Err(configuration.invalid("shape", "positive extents, lists of axes, and -1 once")),
            });
        }
        if let Some(at) = rest {
            shape[at] = elements.checked_div(element_count(&shape)?).unwrap_or(0);
        }
        let mismatch = || configuration.invalid("shape", &format!("one that fits a chunk {:?}", decoded.shape));
        if element_count(&shape)? != elements || (rest.is_some() && elements == 0) {
            return Err(mismatch());
        }
        for (at, axes) in lists.iter().enumerate() {
            if let Some([first, .., last] | [first @ last]) = axes.as_deref()
                && (element_count(&shape[..at])? != element_count(&decoded.shape[..*first])?
                    || element_count(&shape[at + 1..])? != element_count(&decoded.shape[last + 1..])?)
            {
                return Err(mismatch());
            }
        }
        Ok(Self { shape })
    }
}

/// The axes that an entry of `shape` lists; `None` for one that is no list.
fn axes(configuration: &Configuration, entry: &Value) -> Result<Option<Vec<usize>>> {
    let Value::Array(list) = entry else { return Ok(None) };
    let axes: Option<Vec<usize>> = list.iter().map(|axis| usize::try_from(axis.as_u64()?).ok()).collect();
    axes.map(Some).ok_or_else(|| configuration.invalid("shape", "lists of axes"))
}

impl ArrayToArray for Reshape {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        Ok(ChunkSpec { shape: self.shape.clone(), ..decoded.clone() })
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        _: &ChunkSpec,
        _: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        Ok(encoded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::DataType;
    use serde_json::json;

    fn reshaped(shape: Value, decoded: &[u64]) -> Result<Vec<u64>> {
        let spec = ChunkSpec { shape: decoded.to_vec(), data_type: DataType::UInt8, fill_value: vec![7] };
        let configuration = json!({ "shape": shape });
        let codec = Reshape::new(&Configuration(configuration.as_object().unwrap()), &spec)?;
        let encoded = codec.encoded(&spec)?;
        assert_eq!((encoded.data_type, encoded.fill_value), (DataType::UInt8, vec![7]));
        Ok(encoded.shape)
    }

    #[test]
    fn an_axis_is_an_extent_a_product_of_axes_or_what_is_left() {
        assert_eq!(reshaped(json!([[0, 1], [2], 3]), &[100, 50, 64, 3]).unwrap(), [5000, 64, 3]);
        assert_eq!(reshaped(json!([6, -1]), &[3, 4, 5]).unwrap(), [6, 10]);
        assert_eq!(reshaped(json!([-1]), &[3, 4, 5]).unwrap(), [60]);
        assert_eq!(reshaped(json!([[], [0], 1]), &[3]).unwrap(), [1, 3, 1]);
        assert_eq!(reshaped(json!([]), &[1, 1]).unwrap(), [0; 0]);
        assert_eq!(reshaped(json!([[0], [1, 2]]), &[0, 4, 5]).unwrap(), [0, 20]);
        assert_eq!(reshaped(json!([[0, 1], 10, [3, 4]]), &[2, 3, 10, 4, 5]).unwrap(), [6, 10, 20]);
    }

    #[test]
    fn a_shape_that_does_not_fit_is_an_error() {
        for shape in [
            json!([3, 4]),
            json!([7, -1]),
            json!([120, -1]),
            json!([-1, -1]),
            json!([0, -1]),
            json!([1.5]),
            json!([[1], [0], 5]),
            json!([[1, 0], 5]),
            json!([[0, 0], 5]),
            json!([[3], 60]),
            json!([4, [1], 5]),
            json!([4, 3, [1]]),
            json!([["0"], 20]),
            json!([u64::MAX, u64::MAX]),
            json!(60),
            json!(null),
        ] {
            assert!(reshaped(shape.clone(), &[3, 4, 5]).is_err(), "{shape}");
        }
        assert!(reshaped(json!([-1]), &[0, 4]).is_err());
    }

    #[test]
    fn decoding_changes_nothing() {
        let codec = Reshape { shape: vec![4] };
        let spec = ChunkSpec { shape: vec![2, 2], data_type: DataType::UInt8, fill_value: vec![0] };
        let encoded = codec.encoded(&spec).unwrap();
        let decoded = codec.decode(Cow::Borrowed(b"0123"), &encoded, &spec, &mut Scratch::default()).unwrap();
        assert!(matches!(decoded, Cow::Borrowed(b"0123")));
    }
}
