//! Bits from the end of a stream to its start, as sequences and Huffman codes are read; section 4.1.

use super::{Result, Stop};

/// A stream read backwards, through a window of 64 bits.
pub struct Bits<'a> {
    bytes: &'a [u8],
    /// Where in `bytes` the window begins.
    at: usize,
    window: u64,
    /// Bits of the window, from its highest, that were taken; more than 64 once the stream was overrun.
    taken: u32,
}

impl<'a> Bits<'a> {
    /// Bits that can be taken after a refill, where so many are left.
    pub const REFILLED: u32 = 57;

    /// The highest bit that is set marks the end.
    pub fn new(bytes: &'a [u8]) -> Result<Self> {
        let Some(&last @ 1..) = bytes.last() else { return Err(Stop::Wrong("a stream of bits has no end")) };
        let at = bytes.len().saturating_sub(8);
        let mut word = [0; 8];
        let held = bytes.len() - at;
        word[..held].copy_from_slice(&bytes[at..]);
        let unused = 64 - 8 * held as u32;
        Ok(Self { bytes, at, window: u64::from_le_bytes(word), taken: unused + last.leading_zeros() + 1 })
    }

    /// Whether a refill will find all it needs.
    #[inline(always)]
    pub fn is_far_from_start(&self) -> bool {
        self.at >= 8
    }

    #[inline(always)]
    pub fn refill(&mut self) {
        let bytes = (self.taken as usize >> 3).min(self.at);
        self.at -= bytes;
        self.taken -= 8 * bytes as u32;
        if let Some(word) = self.bytes.get(self.at..).and_then(|rest| rest.first_chunk()) {
            self.window = u64::from_le_bytes(*word);
        }
    }

    /// The next bits, which stay. Beyond the start of the stream they are unspecified.
    #[inline(always)]
    pub fn peek(&self, count: u32) -> u64 {
        // In two steps, because none may be wanted.
        (self.window << (self.taken & 63)) >> 1 >> ((63 - count) & 63)
    }

    #[inline(always)]
    pub fn skip(&mut self, count: u32) {
        self.taken += count;
    }

    #[inline(always)]
    pub fn take(&mut self, count: u32) -> u64 {
        let bits = self.peek(count);
        self.skip(count);
        bits
    }

    /// Whether more was taken than there is.
    pub fn is_overrun(&self) -> bool {
        self.taken > 64 && self.at == 0
    }

    /// Whether all was taken, and no more.
    pub fn is_at_start(&self) -> bool {
        self.taken == 64 && self.at == 0
    }
}
