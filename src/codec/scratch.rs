//! Buffers and decoder states that go from one chunk to the next, so that decoding does not allocate once it has
//! warmed up.

use std::borrow::Cow;
use std::ops::Range;

use zarr_wasm_kernels::zstd;

use super::Len;
use super::exchange::Exchange;
use crate::data_type::Heap;
use crate::error::{Error, Result};

/// Buffers kept for reuse: few, because a pipeline needs one or two at a time.
const KEPT: usize = 4;

/// Where only a bound of the decoded length is known, the first buffer is at least this long.
const FIRST_GUESS: usize = 4096;

/// A small stack of used buffers, the one decoder whose state is costly to make, the elements of variable length of the
/// chunk that is being decoded, and what codecs outside are asked about it.
#[derive(Default)]
pub struct Scratch {
    free: Vec<Vec<u8>>,
    pub heap: Heap,
    /// Which of the bytes that a bytes→bytes codec makes are looked at, if not all: it may make only these, at their places.
    pub(super) wanted: Option<Range<usize>>,
    pub(super) zstd: zstd::Decoder,
    pub exchange: Exchange,
}

impl Scratch {
    /// A buffer of `len` bytes with *unspecified contents*: whoever takes it writes all of it.
    ///
    /// # Errors
    /// `out-of-memory` where there is none left; an allocation never aborts.
    pub fn take(&mut self, len: usize) -> Result<Vec<u8>> {
        let fitting = (0..self.free.len()).filter(|&at| self.free[at].capacity() >= len);
        let mut buffer = match fitting.min_by_key(|&at| self.free[at].capacity()) {
            Some(at) => self.free.swap_remove(at),
            None => {
                // A fresh allocation in place of a kept buffer: growing that one would copy contents that nobody wants.
                drop(self.free.pop());
                let mut buffer = Vec::new();
                buffer
                    .try_reserve_exact(len)
                    .map_err(|_| Error::out_of_memory(format!("{len} bytes for decoding are not to be had")))?;
                buffer
            }
        };
        buffer.resize(len, 0);
        Ok(buffer)
    }

    /// The bytes in a buffer that may be written to: their own, or a copy of borrowed ones.
    pub fn own(&mut self, bytes: Cow<'_, [u8]>) -> Result<Vec<u8>> {
        match bytes {
            Cow::Owned(bytes) => Ok(bytes),
            Cow::Borrowed(bytes) => {
                let mut copy = self.take(bytes.len())?;
                copy.copy_from_slice(bytes);
                Ok(copy)
            }
        }
    }

    /// Hands a buffer back.
    pub fn give(&mut self, buffer: Cow<'_, [u8]>) {
        if let Cow::Owned(buffer) = buffer
            && self.free.len() < KEPT
            && buffer.capacity() > 0
        {
            self.free.push(buffer);
        }
    }

    /// The buffer that `decode` fills: of the length that is known, or, where only a bound is, of lengths that grow from
    /// `guess` towards it. `decode` answers how much it wrote, or `None` if the buffer is too short for its result.
    ///
    /// # Errors
    /// Those of `decode`, and `corrupt-chunk` where the result is not as long as `decoded_len` says.
    pub fn fill(
        &mut self,
        decoded_len: Len,
        guess: usize,
        mut decode: impl FnMut(&mut Self, &mut [u8]) -> Result<Option<usize>>,
    ) -> Result<Vec<u8>> {
        let most = decoded_len.bound();
        let mut len = match decoded_len {
            Len::Exact(len) => len,
            Len::AtMost(most) => guess.max(FIRST_GUESS).min(most),
        };
        loop {
            let mut buffer = self.take(len)?;
            if let Some(written) = decode(self, &mut buffer)? {
                decoded_len.check(written)?;
                buffer.truncate(written);
                return Ok(buffer);
            }
            self.give(Cow::Owned(buffer));
            if len == most {
                return Err(Error::corrupt_chunk(format!("decodes to more than the expected {most} bytes")));
            }
            len = len.saturating_mul(4).min(most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_handed_back_is_used_again() {
        let mut scratch = Scratch::default();
        let buffer = scratch.take(100).unwrap();
        let address = buffer.as_ptr();
        scratch.give(Cow::Owned(buffer));
        let again = scratch.take(60).unwrap();
        assert_eq!((again.as_ptr(), again.len()), (address, 60));
    }

    #[test]
    fn the_smallest_buffer_that_fits_is_taken() {
        let mut scratch = Scratch::default();
        let buffers = [300, 100, 200].map(|len| scratch.take(len).unwrap());
        let addresses = buffers.each_ref().map(|buffer| buffer.as_ptr());
        buffers.into_iter().for_each(|buffer| scratch.give(Cow::Owned(buffer)));
        let again = [150, 50, 250].map(|len| scratch.take(len).unwrap());
        assert_eq!(again.each_ref().map(|buffer| buffer.as_ptr()), [addresses[2], addresses[1], addresses[0]]);
    }

    #[test]
    fn what_cannot_be_allocated_is_an_error() {
        assert!(Scratch::default().take(isize::MAX as usize).is_err());
    }

    /// Stands for a decoder whose result has 10 000 bytes; notes the lengths it was offered.
    fn offered(decoded_len: Len, guess: usize) -> (Vec<usize>, Result<usize>) {
        let mut lens = Vec::new();
        let result = Scratch::default().fill(decoded_len, guess, |_, buffer| {
            lens.push(buffer.len());
            Ok((buffer.len() >= 10_000).then_some(10_000))
        });
        (lens, result.map(|buffer| buffer.len()))
    }

    #[test]
    fn a_known_length_is_offered_once() {
        let (lens, result) = offered(Len::Exact(10_000), 0);
        assert_eq!((lens, result.unwrap()), (vec![10_000], 10_000));
        let (_, result) = offered(Len::Exact(10_001), 0);
        assert_eq!(result.unwrap_err().message(), "decoded to 10000 bytes, expected 10001");
        let (lens, result) = offered(Len::Exact(9_999), 0);
        assert_eq!(
            (lens, result.unwrap_err().message()),
            (vec![9_999], "decodes to more than the expected 9999 bytes")
        );
    }

    #[test]
    fn a_bound_is_approached_from_the_guess_and_never_passed() {
        let (lens, result) = offered(Len::AtMost(1 << 30), 5_000);
        assert_eq!((lens, result.unwrap()), (vec![5_000, 20_000], 10_000));
        let (lens, result) = offered(Len::AtMost(9_000), 0);
        assert_eq!((lens, result.is_err()), (vec![4096, 9_000], true));
        let (lens, _) = offered(Len::AtMost(100), 5_000);
        assert_eq!(lens, [100]);
    }
}
