//! Bits that are read from the last byte to the first, and from the highest bit of each byte to the lowest.

use super::Stop;

const OVERRUN: Stop = Stop::Wrong("a bit stream goes on beyond its begin");

#[derive(Clone, Copy)]
pub struct Bits<'a> {
    /// The stream, and bytes before it: at least eight, so that all of the stream can be loaded eight bytes at a time.
    bytes: &'a [u8],
    /// The number of the bit before the stream.
    before: usize,
    /// The number of the next bit. Reading beyond the end of the stream makes it smaller than `before`, which
    /// [`Bits::load_marked`] notices only where the bytes end, and a window never: so [`Bits::has_ended`] must be asked, and
    /// [`Bits::has_overrun`] before the next window.
    next: usize,
}

impl<'a> Bits<'a> {
    /// Of the stream between `start` and the end of `bytes`. Its highest bit that is set marks where the bits begin.
    pub fn new(bytes: &'a [u8], start: usize) -> Result<Self, Stop> {
        let stream = bytes.get(start..).unwrap_or_default();
        let mark = stream.last().and_then(|byte| byte.checked_ilog2()).ok_or(Stop::Wrong("a bit stream has no end"))?;
        Ok(Self { bytes, before: 8 * start - 1, next: 8 * (bytes.len() - 1) + mark as usize - 1 })
    }

    #[inline(always)]
    pub fn skip(&mut self, len: usize) {
        self.next = self.next.wrapping_sub(len);
    }

    /// The next 56 bits or more, the first one highest, and after them one that is set: how many zeros are below it in the
    /// end tells how many bits were shifted out.
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
    pub fn take(&mut self, len: usize) -> Result<u32, Stop> {
        let held = self.load_marked()?.rotate_left(len as u32);
        self.skip(len);
        Ok(lowest(held, len as u32))
    }

    /// The bytes up to that of the next bit, unless they are too few.
    pub fn window(&self) -> Option<&'a Window> {
        self.bytes[..self.next / 8 + 1].last_chunk()
    }

    /// The same where they are too few: zeros are before them.
    #[cold]
    pub fn first_window(&self) -> Window {
        let mut window = [0; WINDOW_LEN];
        let bytes = &self.bytes[..self.next / 8 + 1];
        window[WINDOW_LEN - bytes.len()..].copy_from_slice(bytes);
        window
    }

    /// Where the next bit is in the window, for [`load`].
    pub fn in_window(&self) -> usize {
        WINDOW_BITS - 8 + self.next % 8
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

/// A part of a stream from which any bits can be loaded without asking where it begins.
pub type Window = [u8; WINDOW_LEN];
const WINDOW_LEN: usize = WINDOW_BITS / 8 + 7;
/// Those that can be the first one of what is loaded.
pub const WINDOW_BITS: usize = 1 << 13;

/// 57 bits or more, the first one highest: the one of this number, counted from the eighth byte, and those before it.
#[inline(always)]
pub fn load(window: &Window, number: usize) -> u64 {
    let start = number / 8 % (WINDOW_BITS / 8);
    let mut word = [0; 8];
    word.copy_from_slice(&window[start..start + 8]);
    u64::from_le_bytes(word) << (!number & 7)
}

/// The lowest bits: as many as the lowest five bits of `len` say.
#[inline(always)]
pub fn lowest(held: u64, len: u32) -> u32 {
    held as u32 & !(!0 << (len & 31))
}
