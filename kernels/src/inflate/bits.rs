//! The bits of a stream, from the lowest of each byte to the highest (RFC 1951, section 3.1.1).

use super::Stop;

#[derive(Clone, Copy)]
pub struct Bits<'a> {
    pub input: &'a [u8],
    /// Where the bytes begin that are not in `held` yet.
    pub at: usize,
    /// The next bits, the first one lowest. Above `count` are none, or those that the next bytes will put there.
    pub held: u64,
    pub count: u32,
}

impl<'a> Bits<'a> {
    pub fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0, held: 0, count: 0 }
    }

    /// Holds at least 56 bits afterwards; `false` near the end of the input, where nothing is done.
    #[inline(always)]
    pub fn refill_fast(&mut self) -> bool {
        let Some(word) = self.input.get(self.at..).and_then(<[u8]>::first_chunk::<8>) else { return false };
        self.held |= u64::from_le_bytes(*word) << self.count;
        self.at += (63 - self.count as usize) >> 3;
        self.count |= 56;
        true
    }

    /// Holds at least 56 bits afterwards, or all there are.
    pub fn refill(&mut self) {
        while self.count < 56
            && let Some(&byte) = self.input.get(self.at)
        {
            self.held |= u64::from(byte) << self.count;
            self.at += 1;
            self.count += 8;
        }
    }

    /// Bits above those that were held are not to be trusted: whoever calls this has compared `len` with `count`, or
    /// holds at least 56.
    #[inline(always)]
    pub fn skip(&mut self, len: u32) {
        self.held = self.held.wrapping_shr(len);
        self.count -= len;
    }

    /// The number in the next `len` bits, at most 32.
    pub fn take(&mut self, len: u32) -> Result<u32, Stop> {
        self.refill();
        if self.count < len {
            return Err(Stop::EndsEarly);
        }
        let number = self.held & !(!0 << len);
        self.skip(len);
        Ok(number as u32)
    }

    /// Goes to where the next byte begins, and holds no bits afterwards.
    pub fn align(&mut self) {
        self.at -= self.count as usize / 8;
        (self.held, self.count) = (0, 0);
    }

    /// The next `len` bytes; to be called at the begin of a byte.
    pub fn take_bytes(&mut self, len: usize) -> Result<&'a [u8], Stop> {
        let bytes = self.input.get(self.at..).and_then(|rest| rest.get(..len)).ok_or(Stop::EndsEarly)?;
        self.at += len;
        Ok(bytes)
    }
}
