//! Finite-state entropy codes, section 4.1: how they are described, and the tables that decode them.

use super::{Result, Stop};

/// A state of a code: what it stands for, and how to come to the next one.
#[derive(Clone, Copy, Default)]
pub struct State {
    pub symbol: u8,
    /// Bits to be taken.
    pub bits: u8,
    /// What they are added to.
    pub base: u16,
}

/// How often each symbol occurs; −1 stands for less than once.
pub struct Counts {
    counts: [i16; Self::MAX_SYMBOLS],
    len: usize,
    pub log: u32,
}

impl Counts {
    /// Symbols of weights and lengths are fewer.
    const MAX_SYMBOLS: usize = 64;

    pub fn new(log: u32, counts: &[i16]) -> Self {
        let mut all = [0; Self::MAX_SYMBOLS];
        all[..counts.len()].copy_from_slice(counts);
        Self { counts: all, len: counts.len(), log }
    }

    /// Section 4.1.1: takes a description off. It has up to `max_len` symbols, and up to 2 to the power of `max_log`
    /// states.
    pub fn read(encoded: &mut &[u8], max_len: usize, max_log: u32) -> Result<Self> {
        const WRONG: Stop = Stop::Wrong("the description of a code is not valid");
        let mut position = 0;
        let peek = |position: usize, count: u32| {
            let bytes = encoded.get(position / 8..).unwrap_or_default();
            let word = bytes.iter().take(4).rev().fold(0, |word, &byte| word << 8 | u32::from(byte));
            word >> (position % 8) & ((1 << count) - 1)
        };
        let log = 5 + peek(0, 4);
        position += 4;
        if log > max_log {
            return Err(WRONG);
        }
        let mut counts = [0; Self::MAX_SYMBOLS];
        let mut len = 0;
        let mut left = 1i32 << log;
        while left > 0 {
            let most = left as u32 + 1;
            let bits = 32 - most.leading_zeros();
            // The lower values, of which there is no need for so many bits, have one less.
            let spare = (1 << bits) - 1 - most;
            let long = peek(position, bits);
            let short = long & ((1 << (bits - 1)) - 1);
            let value = if short < spare {
                position += bits as usize - 1;
                short
            } else {
                position += bits as usize;
                if long > short { long - spare } else { long }
            };
            let count = value as i16 - 1;
            *counts[..max_len].get_mut(len).ok_or(WRONG)? = count;
            len += 1;
            left -= i32::from(count.abs());
            let mut repeats = if count == 0 { 3 } else { 0 };
            while repeats == 3 {
                repeats = peek(position, 2);
                position += 2;
                len += repeats as usize;
            }
        }
        *encoded = encoded.get(position.div_ceil(8)..).ok_or(Stop::EndsEarly)?;
        if left < 0 || len > max_len {
            return Err(WRONG);
        }
        Ok(Self { counts, len, log })
    }

    /// Section 4.1.2: the states in the order of their numbers. There are 2 to the power of `log`, for which `states` has
    /// room.
    pub fn spread(&self, states: &mut [State]) {
        let size = 1usize << self.log;
        let states = &mut states[..size];
        let mut next = [0u16; Self::MAX_SYMBOLS];
        let mut end = size;
        let counts = self.counts[..self.len].iter().zip(0u8..);
        for (&count, symbol) in counts.clone() {
            next[usize::from(symbol)] = count.unsigned_abs();
            if count < 0 {
                end -= 1;
                states[end].symbol = symbol;
            }
        }
        let mut at = 0;
        for (&count, symbol) in counts {
            for _ in 0..count.max(0) {
                states[at].symbol = symbol;
                at = (at + size / 2 + size / 8 + 3) % size;
                while at >= end {
                    at = (at + size / 2 + size / 8 + 3) % size;
                }
            }
        }
        for state in states {
            let next = &mut next[usize::from(state.symbol)];
            let bits = self.log - next.ilog2();
            state.bits = bits as u8;
            state.base = ((u32::from(*next) << bits) - size as u32) as u16;
            *next += 1;
        }
    }
}
