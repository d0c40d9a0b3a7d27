//! Bits that are read from the last byte to the first, and from the highest bit of each byte to the lowest.

use super::Stop;

const OVERRUN: Stop = Stop::Wrong("a bit stream goes on beyond its begin");

#[derive(Clone, Copy)]
pub struct Bits<'a> {
    /// The stream, and bytes before it: at least eight, so that all of the stream can be loaded eight bytes at a time.
    bytes: &'a [u8],
    /// The number of the bit before the stream.
    before: usize,
    /// The number of the next bit. Reading beyond the end of the stream makes it smaller than `before`, which is not
    /// noticed before the bytes end; so [`Bits::has_ended`] must be asked.
    next: usize,
}

impl<'a> Bits<'a> {
    /// Of the stream between `start` and the end of `bytes`. Its highest bit that is set marks where the bits begin.
    pub fn new(bytes: &'a [u8], start: usize) -> Result<Self, Stop> {
        let stream = bytes.get(start..).unwrap_or_default();
        let mark = stream.last().and_then(|byte| byte.checked_ilog2()).ok_or(Stop::Wrong("a bit stream has no end"))?;
        Ok(Self { bytes, before: 8 * start - 1, next: 8 * (bytes.len() - 1) + mark as usize - 1 })
    }

    /// The next 57 bits or more, the first one highest, after having skipped some.
    #[inline(always)]
    pub fn load(&self, skipped: usize) -> Result<u64, Stop> {
        let next = self.next.wrapping_sub(skipped);
        let start = (next >> 3).wrapping_sub(7);
        let word = self.bytes.get(start..).and_then(<[u8]>::first_chunk::<8>).ok_or(OVERRUN)?;
        Ok(u64::from_le_bytes(*word) << (!next & 7))
    }

    #[inline(always)]
    pub fn skip(&mut self, len: usize) {
        self.next = self.next.wrapping_sub(len);
    }

    /// The same as [`Bits::load`], with the last bit replaced by one that is set: how many zeros are below it in the end
    /// tells how many bits were shifted out. There are 56 before it.
    #[inline(always)]
    pub fn load_marked(&self) -> Result<u64, Stop> {
        let start = (self.next >> 3).wrapping_sub(7);
        let word = self.bytes.get(start..).and_then(<[u8]>::first_chunk::<8>).ok_or(OVERRUN)?;
        Ok((u64::from_le_bytes(*word) | 1) << (!self.next & 7))
    }

    /// Skips what has been shifted out of what [`Bits::load_marked`] has given.
    #[inline(always)]
    pub fn skip_shifted(&mut self, marked: u64) {
        self.next = (self.next | 7).wrapping_sub(marked.trailing_zeros() as usize);
    }

    /// The number in the next bits, at most 31.
    pub fn take(&mut self, len: u32) -> Result<usize, Stop> {
        let mut held = self.load(0)?;
        self.skip(len as usize);
        Ok(shift_out(&mut held, u64::from(len)) as usize)
    }

    /// Whether all bits have been read, and none beyond.
    pub fn has_ended(&self) -> bool {
        self.next == self.before
    }

    /// Whether bits beyond the end have been read.
    pub fn has_overrun(&self) -> bool {
        (self.next as isize) < self.before as isize
    }
}

/// The number in the highest bits of `held`, which are shifted out of it: as many as the lowest six bits of `len` say, at
/// most 32.
#[inline(always)]
pub fn shift_out(held: &mut u64, len: u64) -> u32 {
    let number = (*held >> 1).wrapping_shr(!len as u32);
    *held = held.wrapping_shl(len as u32);
    number as u32
}
