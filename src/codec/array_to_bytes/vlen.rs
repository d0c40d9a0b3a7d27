//! `vlen-utf8`, `vlen-bytes`, and the layout of `vlen-array`: elements of variable length, one after the other.
//!
//! The registered Zarr v3 extensions `vlen-utf8` and `vlen-bytes`; numcodecs' `vlen-utf8` and `vlen-bytes` in v2, where
//! they are filters of object arrays. No configuration.
//!
//! A u32 with the number of elements, then for each a u32 with its length in bytes, and the bytes; all little-endian, the
//! elements in C order. The number must be that of the chunk, every length lie within the bytes, nothing be left over;
//! texts are UTF-8.

use std::borrow::Cow;

use crate::codec::{ArrayToBytes, ChunkSpec, Len, MAX_VARIABLE_LEN, Scratch};
use crate::data_type::{DataType, REFERENCE_LEN};
use crate::error::{Error, Result};

pub struct Vlen {
    content: Box<Content>,
}

/// Makes what goes onto the heap of the bytes of an element.
type Content = dyn Fn(&[u8]) -> Result<Cow<'_, [u8]>>;

impl Vlen {
    pub fn utf8(decoded: &ChunkSpec) -> Result<Self> {
        Self::of(decoded, &DataType::Text, |bytes| match std::str::from_utf8(bytes) {
            Ok(_) => Ok(bytes.into()),
            Err(error) => Err(Error::corrupt_chunk(format!("not UTF-8 from byte {}", error.valid_up_to()))),
        })
    }

    pub fn bytes(decoded: &ChunkSpec) -> Result<Self> {
        Self::of(decoded, &DataType::Bytes, |bytes| Ok(bytes.into()))
    }

    /// The layout alone: elements are objects in MessagePack.
    pub fn objects() -> Self {
        Self { content: Box::new(|bytes| Ok(bytes.into())) }
    }

    /// The layout of elements of this type.
    pub(super) fn of(
        decoded: &ChunkSpec,
        expected: &DataType,
        content: impl Fn(&[u8]) -> Result<Cow<'_, [u8]>> + 'static,
    ) -> Result<Self> {
        match decoded.data_type == *expected {
            true => Ok(Self { content: Box::new(content) }),
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
                let checked = (self.content)(bytes)?;
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

    fn decode(data_type: DataType, encoded: &[u8]) -> Result<Vec<Vec<u8>>> {
        let spec = ChunkSpec { shape: vec![2], fill_value: vec![], data_type };
        let codec = if spec.data_type == DataType::Text { Vlen::utf8(&spec) } else { Vlen::bytes(&spec) }?;
        let mut scratch = Scratch::default();
        let references = codec.decode(Cow::Borrowed(encoded), &spec, &mut scratch)?.into_owned();
        let (references, []) = references.as_chunks() else { panic!() };
        Ok(references.iter().map(|reference| scratch.heap.get(Reference(*reference)).unwrap().to_vec()).collect())
    }

    #[test]
    fn elements_follow_each_other() {
        let encoded = b"\x02\0\0\0\x01\0\0\0a\x02\0\0\0\xc3\xa9";
        assert_eq!(decode(DataType::Text, encoded).unwrap(), [&b"a"[..], "é".as_bytes()]);
        assert_eq!(decode(DataType::Bytes, b"\x02\0\0\0\0\0\0\0\x02\0\0\0\xff\0").unwrap(), [&b""[..], b"\xff\0"]);
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
            let error = decode(DataType::Text, encoded).unwrap_err();
            assert_eq!((error.code(), error.message()), (ErrorCode::CorruptChunk, message));
        }
        assert_eq!(decode(DataType::Text, b"").unwrap_err().code(), ErrorCode::CorruptChunk);
        let spec = ChunkSpec { shape: vec![2], fill_value: vec![0; 4], data_type: DataType::Int32 };
        assert_eq!(Vlen::utf8(&spec).err().unwrap().code(), ErrorCode::InvalidMetadata);
    }
}
