//! `vlen-utf8`, `vlen-bytes`, `vlen-array`: elements of variable length, one after the other.
//!
//! The registered Zarr v3 extensions `vlen-utf8` and `vlen-bytes`; numcodecs' `vlen-utf8`, `vlen-bytes` and `vlen-array` in
//! v2, where they are filters of object arrays. Only `vlen-array` has a configuration: `dtype`, the type of the lists'
//! elements, numbers or times.
//!
//! A u32 with the number of elements, then for each a u32 with its length in bytes, and the bytes; all little-endian, the
//! elements in C order. The number must be that of the chunk, every length lie within the bytes, nothing be left over;
//! texts are UTF-8, lists have whole elements.

use std::borrow::Cow;

use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Len, MAX_VARIABLE_LEN, Scratch};
use crate::data_type::{ByteOrder, DataType, NumberType, REFERENCE_LEN};
use crate::error::{Error, Result};

pub struct Vlen {
    content: Content,
}

/// What the bytes of an element are.
enum Content {
    Text,
    Bytes,
    List(List),
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

impl Vlen {
    pub fn utf8(decoded: &ChunkSpec) -> Result<Self> {
        Self::of(Content::Text, decoded, &DataType::Text)
    }

    pub fn bytes(decoded: &ChunkSpec) -> Result<Self> {
        Self::of(Content::Bytes, decoded, &DataType::Bytes)
    }

    /// The layout alone: elements are objects in MessagePack.
    pub fn objects() -> Self {
        Self { content: Content::Bytes }
    }

    pub fn array(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
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
        Self::of(Content::List(list), decoded, &DataType::List(Box::new(data_type)))
    }

    fn of(content: Content, decoded: &ChunkSpec, expected: &DataType) -> Result<Self> {
        match decoded.data_type == *expected {
            true => Ok(Self { content }),
            false => {
                Err(Error::invalid_metadata(format!("elements of type {}, expected {expected}", decoded.data_type)))
            }
        }
    }
}

impl ArrayToBytes for Vlen {
    fn encoded_len(&self, _: &ChunkSpec) -> Result<Len> {
        Ok(Len::AtMost(MAX_VARIABLE_LEN))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let elements = decoded.element_count()?;
        let (found, mut rest) = split_u32(&encoded)?;
        if u64::from(found) != elements {
            return Err(Error::corrupt_chunk(format!("{found} elements, expected {elements}")));
        }
        // Each element takes 4 bytes at least, so that no more references are made than there can be.
        if (rest.len() as u64) < elements.saturating_mul(4) {
            return Err(Error::corrupt_chunk(format!("{} bytes for {elements} elements", rest.len())));
        }
        let mut references = scratch.take(decoded.byte_len()?)?;
        for (at, reference) in references.as_chunks_mut::<REFERENCE_LEN>().0.iter_mut().enumerate() {
            let element = split_element(&mut rest).and_then(|bytes| {
                let checked = self.content.check(bytes)?;
                scratch.heap.push(&checked)
            });
            *reference = element.map_err(|error| error.about(&format!("element {at}")))?.0;
        }
        if !rest.is_empty() {
            return Err(Error::corrupt_chunk(format!("{} bytes after the last element", rest.len())));
        }
        scratch.give(encoded);
        Ok(Cow::Owned(references))
    }
}

impl Content {
    /// The bytes as they go onto the heap.
    fn check<'a>(&self, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>> {
        match self {
            Self::Text => match std::str::from_utf8(bytes) {
                Ok(_) => Ok(bytes.into()),
                Err(error) => Err(Error::corrupt_chunk(format!("not UTF-8 from byte {}", error.valid_up_to()))),
            },
            Self::Bytes => Ok(bytes.into()),
            Self::List(list) => list.check(bytes),
        }
    }
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

fn split_u32(bytes: &[u8]) -> Result<(u32, &[u8])> {
    let (number, rest) = bytes
        .split_first_chunk()
        .ok_or_else(|| Error::corrupt_chunk(format!("{} bytes where a length of 4 is expected", bytes.len())))?;
    Ok((u32::from_le_bytes(*number), rest))
}

/// Takes the bytes of the next element off.
fn split_element<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let (len, after) = split_u32(rest)?;
    let (element, after) = after
        .split_at_checked(len as usize)
        .ok_or_else(|| Error::corrupt_chunk(format!("a length of {len} bytes, of which {} are there", after.len())))?;
    *rest = after;
    Ok(element)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::Reference;
    use crate::error::ErrorCode;
    use serde_json::json;

    fn decode(data_type: DataType, dtype: &str, encoded: &[u8]) -> Result<Vec<Vec<u8>>> {
        let spec = ChunkSpec { shape: vec![2], fill_value: vec![], data_type };
        let configuration = json!({"dtype": dtype});
        let codec = match spec.data_type {
            DataType::Text => Vlen::utf8(&spec),
            DataType::Bytes => Vlen::bytes(&spec),
            _ => Vlen::array(&Configuration(configuration.as_object().unwrap()), &spec),
        }?;
        let mut scratch = Scratch::default();
        let references = codec.decode(Cow::Borrowed(encoded), &spec, &mut scratch)?.into_owned();
        let (references, []) = references.as_chunks() else { panic!() };
        Ok(references.iter().map(|reference| scratch.heap.get(Reference(*reference)).unwrap().to_vec()).collect())
    }

    fn list(data_type: DataType) -> DataType {
        DataType::List(Box::new(data_type))
    }

    #[test]
    fn elements_follow_each_other() {
        let encoded = b"\x02\0\0\0\x01\0\0\0a\x02\0\0\0\xc3\xa9";
        assert_eq!(decode(DataType::Text, "", encoded).unwrap(), [&b"a"[..], "é".as_bytes()]);
        assert_eq!(decode(DataType::Bytes, "", b"\x02\0\0\0\0\0\0\0\x02\0\0\0\xff\0").unwrap(), [&b""[..], b"\xff\0"]);
    }

    #[test]
    fn lists_are_little_endian_and_small_floats_widened() {
        let encoded = b"\x02\0\0\0\x04\0\0\0\x00\x01\x00\x02\0\0\0\0";
        assert_eq!(decode(list(DataType::Int16), ">i2", encoded).unwrap(), [&b"\x01\0\x02\0"[..], b""]);
        let encoded = b"\x02\0\0\0\x02\0\0\0\x00\x3c\0\0\0\0";
        assert_eq!(decode(list(DataType::Float16), "<f2", encoded).unwrap()[0], 1f32.to_le_bytes());
    }

    #[test]
    fn what_does_not_add_up_is_an_error() {
        for (encoded, message) in [
            (&b""[..], "0 bytes where a length of 4 is expected"),
            (b"\x01\0\0\0\0\0\0\0", "1 elements, expected 2"),
            (b"\x02\0\0\0\0\0\0\0", "4 bytes for 2 elements"),
            (b"\x02\0\0\0\0\0\0\0\x03\0\0\0ab", "element 1: a length of 3 bytes, of which 2 are there"),
            (b"\x02\0\0\0\0\0\0\0\xff\xff\xff\xffab", "element 1: a length of 4294967295 bytes, of which 2 are there"),
            (b"\x02\0\0\0\x01\0\0\0a\0\0\0", "element 1: 3 bytes where a length of 4 is expected"),
            (b"\x02\0\0\0\0\0\0\0\0\0\0\0!", "1 bytes after the last element"),
            (b"\x02\0\0\0\x02\0\0\0a\xe9\0\0\0\0", "element 0: not UTF-8 from byte 1"),
        ] {
            let error = decode(DataType::Text, "", encoded).unwrap_err();
            assert_eq!((error.code(), error.message()), (ErrorCode::CorruptChunk, message));
        }
        let error = decode(list(DataType::Int16), "<i2", b"\x02\0\0\0\x01\0\0\0a\0\0\0\0").unwrap_err();
        assert_eq!(error.message(), "element 0: a list of 1 bytes, of elements of 2");
        let error = decode(list(DataType::Bool), "|b1", b"\x02\0\0\0\x01\0\0\0\x01\x01\0\0\0\x02").unwrap_err();
        assert_eq!(error.message(), "element 1: a bool is stored as 2, expected 0 or 1");
        assert_eq!(decode(DataType::Text, "", b"").unwrap_err().code(), ErrorCode::CorruptChunk);
        let spec = ChunkSpec { shape: vec![2], fill_value: vec![0; 4], data_type: DataType::Int32 };
        assert_eq!(Vlen::utf8(&spec).err().unwrap().code(), ErrorCode::InvalidMetadata);
    }
}
