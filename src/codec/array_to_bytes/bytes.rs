//! `bytes`: the elements of a chunk in C order, packed.
//!
//! Zarr v3 core codec `bytes`, in early documents `endian`; what Zarr v2 does without naming it. Configuration: `endian`,
//! `"little"` or `"big"`, required for data types whose parts have more than one byte, without effect on others. The byte
//! order is that of each part of an element: of both halves of a complex number by itself.

use std::borrow::Cow;

use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Len, Scratch};
use crate::data_type::ByteOrder;
use crate::error::{Error, Result};

pub struct Bytes {
    order: ByteOrder,
}

impl Bytes {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        let order = match configuration.text("endian")? {
            Some("little") => ByteOrder::Little,
            Some("big") => ByteOrder::Big,
            Some(_) => return Err(configuration.invalid("endian", "\"little\" or \"big\"")),
            None if decoded.data_type.component_len() == 1 => ByteOrder::Little,
            None => {
                let message = format!("the configuration has no endian, which {} requires", decoded.data_type);
                return Err(Error::invalid_metadata(message));
            }
        };
        Ok(Self { order })
    }
}

impl ArrayToBytes for Bytes {
    fn encoded_len(&self, decoded: &ChunkSpec) -> Result<Len> {
        decoded.byte_len().map(Len::Exact)
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let (found, expected) = (encoded.len(), decoded.byte_len()?);
        if found != expected {
            return Err(Error::corrupt_chunk(format!("{found} bytes, expected {expected}")));
        }
        let component_len = decoded.data_type.component_len();
        if self.order == ByteOrder::Little || component_len == 1 {
            return Ok(encoded);
        }
        let mut bytes = match encoded {
            Cow::Owned(bytes) => bytes,
            Cow::Borrowed(bytes) => {
                let mut copy = scratch.take(bytes.len())?;
                copy.copy_from_slice(bytes);
                copy
            }
        };
        reverse_components(&mut bytes, component_len);
        Ok(Cow::Owned(bytes))
    }
}

/// Reverses the bytes of every component; those of the usual lengths as one number each.
fn reverse_components(bytes: &mut [u8], component_len: usize) {
    fn fixed<const N: usize>(bytes: &mut [u8]) {
        bytes.as_chunks_mut::<N>().0.iter_mut().for_each(|component| component.reverse());
    }
    match component_len {
        2 => fixed::<2>(bytes),
        4 => fixed::<4>(bytes),
        8 => fixed::<8>(bytes),
        _ => bytes.chunks_exact_mut(component_len).for_each(|component| component.reverse()),
    }
}
