//! `vlen-array`: elements that are lists of numbers or times.
//!
//! numcodecs' `vlen-array`, in v2 a filter of object arrays. Configuration: `dtype`, the type of the lists' elements.
//!
//! The layout is that of [`vlen`](super::vlen); lists have whole elements.

use std::borrow::Cow;

use super::vlen::Vlen;
use crate::codec::{ChunkSpec, Configuration};
use crate::data_type::{ByteOrder, DataType, NumberType};
use crate::error::{Error, Result};

pub fn vlen_array(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Vlen> {
    let (data_type, order) = configuration.required("dtype", configuration.data_type("dtype")?)?;
    let widened = match data_type {
        DataType::Float16 => Some((NumberType::new(&data_type)?, NumberType::new(&DataType::Float32)?)),
        DataType::Complex64 | DataType::Complex128 | DataType::DateTime64(_) | DataType::TimeDelta64(_) => None,
        _ => NumberType::new(&data_type).map(|_| None)?,
    };
    let list = List {
        item_len: data_type.item_len(),
        component_len: data_type.component_len(),
        order: order.unwrap_or(ByteOrder::Little),
        is_bool: data_type == DataType::Bool,
        widened,
    };
    Vlen::of(decoded, &DataType::List(Box::new(data_type)), move |bytes| list.check(bytes))
}

/// Elements of a list.
struct List {
    item_len: usize,
    component_len: usize,
    order: ByteOrder,
    is_bool: bool,
    /// Small numbers are held in float32, as everywhere in the output.
    widened: Option<(NumberType, NumberType)>,
}

impl List {
    fn check<'a>(&self, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>> {
        if !bytes.len().is_multiple_of(self.item_len) {
            let message = format!("a list of {} bytes, of elements of {}", bytes.len(), self.item_len);
            return Err(Error::corrupt_chunk(message));
        }
        if let Some(byte) = bytes.iter().find(|byte| self.is_bool && **byte > 1) {
            return Err(Error::corrupt_chunk(format!("a bool is stored as {byte}, expected 0 or 1")));
        }
        let mut bytes = Cow::Borrowed(bytes);
        if self.order == ByteOrder::Big {
            bytes.to_mut().chunks_exact_mut(self.component_len).for_each(<[u8]>::reverse);
        }
        let Some((from, to)) = &self.widened else { return Ok(bytes) };
        let mut widened = vec![0; bytes.len() / self.item_len * to.item_len()];
        for (item, target) in bytes.chunks_exact(self.item_len).zip(widened.chunks_exact_mut(to.item_len())) {
            (to.write)((from.read)(item), target);
        }
        Ok(widened.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{ArrayToBytes, Scratch};
    use crate::data_type::Reference;
    use serde_json::json;

    fn decode(data_type: DataType, dtype: &str, encoded: &[u8]) -> Result<Vec<Vec<u8>>> {
        let data_type = DataType::List(Box::new(data_type));
        let spec = ChunkSpec { shape: vec![2], fill_value: vec![], data_type };
        let codec = vlen_array(&Configuration(json!({"dtype": dtype}).as_object().unwrap()), &spec)?;
        let mut scratch = Scratch::default();
        let references = codec.decode(Cow::Borrowed(encoded), &spec, &mut scratch)?.into_owned();
        let (references, []) = references.as_chunks() else { panic!() };
        Ok(references.iter().map(|reference| scratch.heap.get(Reference(*reference)).unwrap().to_vec()).collect())
    }

    #[test]
    fn lists_are_little_endian_and_small_floats_widened() {
        let encoded = b"\x02\0\0\0\x04\0\0\0\x00\x01\x00\x02\0\0\0\0";
        assert_eq!(decode(DataType::Int16, ">i2", encoded).unwrap(), [&b"\x01\0\x02\0"[..], b""]);
        let encoded = b"\x02\0\0\0\x02\0\0\0\x00\x3c\0\0\0\0";
        assert_eq!(decode(DataType::Float16, "<f2", encoded).unwrap()[0], 1f32.to_le_bytes());
    }

    #[test]
    fn lists_of_what_cannot_be_are_errors() {
        let message = |data_type, dtype, encoded| decode(data_type, dtype, encoded).unwrap_err().message().to_owned();
        let found = message(DataType::Int16, "<i2", b"\x02\0\0\0\x01\0\0\0a\0\0\0\0");
        assert_eq!(found, "element 0: a list of 1 bytes, of elements of 2");
        let found = message(DataType::Bool, "|b1", b"\x02\0\0\0\x01\0\0\0\x01\x01\0\0\0\x02");
        assert_eq!(found, "element 1: a bool is stored as 2, expected 0 or 1");
        let found = message(DataType::Int16, "<i4", b"");
        assert_eq!(found, "elements of type list[int16], expected list[int32]");
    }
}
