//! Elements of variable length.
//!
//! Where elements differ in length, what lies in a chunk is a [`Reference`] for each: 8 bytes that can be moved about like
//! any other element. What they refer to lies in the [`Heap`] of whoever decodes the chunk, and stays where it is.

use crate::error::{Error, Result};

/// Bytes of a reference.
pub const REFERENCE_LEN: usize = 8;

/// Bytes in a heap. No number in the metadata bounds what elements of variable length take, and in a shard many inner
/// chunks may lie in the same few bytes.
const MAX_HEAP_LEN: usize = 1 << 30;

/// The bytes of elements, one after the other.
#[derive(Default)]
pub struct Heap(Vec<u8>);

/// Where the bytes of an element lie in a heap: offset and length, u32 each, little-endian.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference(pub [u8; REFERENCE_LEN]);

impl Heap {
    pub fn clear(&mut self) {
        self.0.clear();
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Puts the bytes of an element on the heap.
    ///
    /// # Errors
    /// `unsupported` beyond 1 GiB, `out-of-memory` where there is no room for it.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Reference> {
        self.push_within(bytes, MAX_HEAP_LEN)
    }

    fn push_within(&mut self, bytes: &[u8], max_len: usize) -> Result<Reference> {
        let offset = self.0.len();
        if bytes.len() > max_len - offset {
            return Err(Error::unsupported(format!("the elements of a chunk take more than {max_len} bytes")));
        }
        let refused = |_| Error::out_of_memory(format!("no memory for elements of {} bytes", offset + bytes.len()));
        self.0.try_reserve(bytes.len()).map_err(refused)?;
        self.0.extend_from_slice(bytes);
        // Both are far below 2^32.
        let reference = offset as u64 | (bytes.len() as u64) << 32;
        Ok(Reference(reference.to_le_bytes()))
    }

    /// The bytes of an element.
    pub fn get(&self, Reference(reference): Reference) -> Option<&[u8]> {
        let reference = u64::from_le_bytes(reference);
        self.0.get(reference as u32 as usize..)?.get(..(reference >> 32) as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heap_has_an_end() {
        let mut heap = Heap::default();
        heap.push_within(b"abc", 5).unwrap();
        heap.push_within(b"de", 5).unwrap();
        heap.push_within(b"", 5).unwrap();
        let error = heap.push_within(b"f", 5).unwrap_err();
        assert_eq!(error.message(), "the elements of a chunk take more than 5 bytes");
        assert_eq!(heap.bytes(), b"abcde");
    }

    #[test]
    fn what_was_pushed_is_found_again() {
        let mut heap = Heap::default();
        let [one, none, other] = [&b"one"[..], b"", b"other"].map(|bytes| heap.push(bytes).unwrap());
        assert_eq!(heap.bytes(), b"oneother");
        assert_eq!(other, Reference([3, 0, 0, 0, 5, 0, 0, 0]));
        assert_eq!([one, none, other].map(|reference| heap.get(reference).unwrap()), [&b"one"[..], b"", b"other"]);
        assert_eq!(heap.get(Reference([4, 0, 0, 0, 5, 0, 0, 0])), None);
        assert_eq!(heap.get(Reference([255; 8])), None);
        heap.clear();
        assert_eq!(heap.get(one), None);
    }
}
