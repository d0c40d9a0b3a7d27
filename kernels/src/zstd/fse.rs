//! Finite state entropy codes as tables (section 4.1): the state is the place of an entry, which tells a symbol, and where
//! the next state is to be found.

use super::{Input, Stop};

/// What an entry says of a symbol, and of the state after it.
#[derive(Clone, Copy, Default)]
pub struct Entry {
    /// What the symbol is worth if the bits that follow it are zero.
    pub value: u32,
    /// From the lowest bit: six bits, how many bits follow the symbol; six bits, how many bits follow for the next state;
    /// nine bits, what the next state is if these are zero; nine bits, the most that these are.
    pub rest: u32,
}

/// How many bits follow the symbol, or all symbols if `rest` is a sum.
pub const fn extra_bits(rest: u32) -> usize {
    (rest & 63) as usize
}

/// How many bits follow for the next state, or for all if `rest` is a sum.
pub const fn state_bits(rest: u32) -> usize {
    (rest >> 6 & 63) as usize
}

impl Entry {
    /// The next state, or a number that is equal modulo [`LEN`]. Its bits are the highest ones of `held`, which are made
    /// the lowest ones.
    #[inline(always)]
    pub fn next_state(self, held: &mut u64) -> u32 {
        *held = held.rotate_left(self.rest >> 6);
        (self.rest >> 12) + (self.rest >> 21 & *held as u32)
    }
}

const MAX_LOG: u32 = 9;
const LEN: usize = 1 << MAX_LOG;
const MAX_SYMBOLS: usize = 53;

/// Symbols and what they mean.
pub struct Alphabet {
    /// How many bits follow each symbol. Its value begins where that of the symbol before it ends.
    pub extra_bits: &'static [u8],
    /// The value of the first symbol.
    pub first: u32,
    /// A table of this alphabet has at most two to this power entries.
    pub max_log: u32,
}

/// How many of the states each symbol has; −1 is one of those at the end of the table.
pub type Shares = [i16; MAX_SYMBOLS];

/// Those of the first symbols; the others have none.
pub const fn shares(of_first: &[i16]) -> Shares {
    let mut shares = [0; MAX_SYMBOLS];
    shares.split_at_mut(of_first.len()).0.copy_from_slice(of_first);
    shares
}

pub struct Table {
    entries: [Entry; LEN],
    /// The number of states is two to this power.
    pub log: u32,
}

impl Default for Table {
    fn default() -> Self {
        Self { entries: [Entry::default(); LEN], log: 0 }
    }
}

impl Table {
    #[inline(always)]
    pub fn entry(&self, state: u32) -> Entry {
        self.entries[state as usize % LEN]
    }

    /// Makes the table that is described next in the input.
    pub fn read(&mut self, input: &mut Input, alphabet: &Alphabet) -> Result<(), Stop> {
        let mut shares = [0; MAX_SYMBOLS];
        let log = read_shares(input, alphabet, &mut shares)?;
        self.fill(alphabet, &shares, log);
        Ok(())
    }

    /// Makes the table of one state, which is of this symbol.
    pub fn fill_one(&mut self, alphabet: &Alphabet, symbol: usize) -> Result<(), Stop> {
        if symbol >= alphabet.extra_bits.len() {
            return Err(UNKNOWN_SYMBOL);
        }
        let mut shares = [0; MAX_SYMBOLS];
        shares[symbol] = 1;
        self.fill(alphabet, &shares, 0);
        Ok(())
    }

    /// Makes the table of `shares`, whose sum is two to the power of `log` (section 4.1.1).
    pub fn fill(&mut self, alphabet: &Alphabet, shares: &Shares, log: u32) {
        self.log = log;
        let len = 1 << log;
        let mut symbols = [0u8; LEN];
        let mut end = len;
        for (symbol, _) in shares.iter().enumerate().filter(|(_, share)| **share < 0) {
            end -= 1;
            symbols[end % LEN] = symbol as u8;
        }
        let mut at = 0;
        for (symbol, &share) in shares.iter().enumerate() {
            for _ in 0..share {
                symbols[at % LEN] = symbol as u8;
                at = next_place(at, len);
                while at >= end {
                    at = next_place(at, len);
                }
            }
        }

        let mut values = [Entry::default(); MAX_SYMBOLS];
        let mut value = alphabet.first;
        for (symbol, &bits) in alphabet.extra_bits.iter().enumerate() {
            values[symbol] = Entry { value, rest: u32::from(bits) };
            value = value.wrapping_add(1 << bits);
        }
        let mut next = shares.map(|share| share.unsigned_abs());
        for (entry, &symbol) in self.entries[..len].iter_mut().zip(&symbols) {
            let number = &mut next[usize::from(symbol)];
            let bits = log - number.checked_ilog2().unwrap_or_default();
            let state = (u32::from(*number) << bits) - len as u32;
            *entry = values[usize::from(symbol)];
            entry.rest |= bits << 6 | state << 12 | ((1 << bits) - 1) << 21;
            *number += 1;
        }
    }
}

/// The order in which the states are given to the symbols.
fn next_place(at: usize, len: usize) -> usize {
    (at + (len >> 1) + (len >> 3) + 3) & (len - 1)
}

const UNKNOWN_SYMBOL: Stop = Stop::Wrong("an unknown symbol");

/// Answers the power of two that the shares sum up to.
fn read_shares(input: &mut Input, alphabet: &Alphabet, shares: &mut Shares) -> Result<u32, Stop> {
    let shares = &mut shares[..alphabet.extra_bits.len()];
    let bytes = input.rest();
    let mut bits = 0;
    let log = bits_at(bytes, bits, 4) + 5;
    bits += 4;
    if log > alphabet.max_log {
        return Err(Stop::Wrong("a table is too large"));
    }
    let mut left = 1u32 << log;
    let mut symbol = 0;
    while left > 0 {
        // One of 0 to left + 1: the first ones take one bit less.
        let width = (left + 1).ilog2();
        let shorter = (2 << width) - 2 - left;
        let mut number = bits_at(bytes, bits, width);
        bits += width as usize;
        if number >= shorter {
            if bits_at(bytes, bits, 1) == 1 {
                number += (1 << width) - shorter;
            }
            bits += 1;
        }
        let share = number as i16 - 1;
        *shares.get_mut(symbol).ok_or(UNKNOWN_SYMBOL)? = share;
        symbol += 1;
        left -= u32::from(share.unsigned_abs());
        if share == 0 {
            symbol += skip_zeros(bytes, &mut bits);
        }
    }
    input.take_bytes(bits.div_ceil(8))?;
    Ok(log)
}

/// How many more symbols have no states: the sum of all numbers of two bits, the last of which is below three.
fn skip_zeros(bytes: &[u8], at: &mut usize) -> usize {
    let mut sum = 0;
    loop {
        let zeros = bits_at(bytes, *at, 2) as usize;
        *at += 2;
        sum += zeros;
        if zeros < 3 {
            return sum;
        }
    }
}

/// The number in up to 16 bits, the lowest bit of each byte being its first. Beyond the end are zeros.
fn bits_at(bytes: &[u8], at: usize, len: u32) -> u32 {
    let bytes = bytes.get(at / 8..).unwrap_or_default().iter().take(3);
    let word = bytes.rev().fold(0, |word, &byte| word << 8 | u32::from(byte));
    word >> (at % 8) & !(!0 << len)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALPHABET: Alphabet = Alphabet { extra_bits: &[0; 5], first: 0, max_log: 5 };

    fn read(number: u32, len: usize) -> Result<(Shares, u32, usize), Stop> {
        let mut input = Input { bytes: &number.to_le_bytes()[..len], at: 0 };
        let mut shares = [0; MAX_SYMBOLS];
        let log = read_shares(&mut input, &ALPHABET, &mut shares)?;
        Ok((shares, log, input.at))
    }

    #[test]
    fn shares_are_numbers_of_as_few_bits_as_what_is_left_needs() {
        // 32 states: 20 of the first symbol, none of two, one at the end of the fourth, 11 of the fifth.
        let number = 21 << 4 | 1 << 9 | 1 << 12 | 15 << 17;
        assert_eq!(read(number, 4), Ok((shares(&[20, 0, 0, -1, 11]), 5, 3)));
        // Beyond the end are zeros: more symbols of one state.
        assert_eq!(read(number, 2), Err(UNKNOWN_SYMBOL));
        assert_eq!(read(number | 1, 4), Err(Stop::Wrong("a table is too large")));
        // Three symbols without states instead of one: the last two are the sixth and the seventh.
        assert_eq!(read(number | 3 << 12, 4), Err(UNKNOWN_SYMBOL));
    }
}
