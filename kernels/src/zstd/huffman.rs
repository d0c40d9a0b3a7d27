//! Huffman codes of bytes (section 4.2) as tables: the next 11 bits of a stream, looked up, tell the byte that they begin
//! with.

use super::bits::Bits;
use super::fse::{self, Alphabet};
use super::{Input, Stop};

const MAX_BITS: usize = 11;
const TABLE_LEN: usize = 1 << MAX_BITS;
const MAX_SYMBOLS: usize = 256;

/// So many bytes are decoded from what is loaded of a stream at a time.
const ROUND_LEN: usize = 5;

const WEIGHTS: Alphabet = Alphabet { extra_bits: &[0; MAX_BITS + 1], first: 0, max_log: 6 };

const NOT_ENDED: Stop = Stop::Wrong("the literals do not end where their stream does");

pub struct Code {
    /// The lowest eight bits are how many bits the byte's code has, the others are the byte.
    entries: [u16; TABLE_LEN],
    of_weights: fse::Table,
}

impl Default for Code {
    fn default() -> Self {
        Self { entries: [0; TABLE_LEN], of_weights: fse::Table::default() }
    }
}

impl Code {
    /// Makes the table of the code that is described next in the input (section 4.2.1).
    pub fn read(&mut self, input: &mut Input) -> Result<(), Stop> {
        let mut weights = [0; MAX_SYMBOLS];
        let header = input.take(1)? as usize;
        let count = if header < 128 {
            let start = input.at;
            input.take_bytes(header)?;
            self.read_weights(Input { bytes: &input.bytes[..input.at], at: start }, &mut weights)?
        } else {
            let count = header - 127;
            let bytes = input.take_bytes(count.div_ceil(2))?;
            for (pair, byte) in weights.chunks_exact_mut(2).zip(bytes) {
                pair.copy_from_slice(&[byte >> 4, byte & 0xf]);
            }
            count
        };
        self.fill(&mut weights, count)
    }

    /// Section 4.2.1.2. Answers how many there are.
    fn read_weights(&mut self, mut input: Input, weights: &mut [u8; MAX_SYMBOLS]) -> Result<usize, Stop> {
        self.of_weights.read(&mut input, &WEIGHTS)?;
        let mut bits = Bits::new(input.bytes, input.at)?;
        let log = self.of_weights.log as usize;
        // Two states take turns, until there are no bits for the next one of either; then the other one gives the last.
        let (mut state, mut other) = (bits.take(log)?, bits.take(log)?);
        if bits.has_overrun() {
            return Err(Stop::Wrong("a Huffman code without weights"));
        }
        let mut count = 0;
        while !bits.has_overrun() {
            let entry = self.of_weights.entry(state);
            *weights[..MAX_SYMBOLS - 2].get_mut(count).ok_or(TOO_MANY)? = entry.value as u8;
            count += 1;
            state = other;
            other = entry.next_state(&mut bits.load_marked()?);
            bits.skip(fse::state_bits(entry.rest));
        }
        weights[count] = self.of_weights.entry(state).value as u8;
        Ok(count + 1)
    }

    /// Adds the last weight, which is not stored, and makes the table.
    fn fill(&mut self, weights: &mut [u8; MAX_SYMBOLS], count: usize) -> Result<(), Stop> {
        // Of each weight, how many there are, and how many entries they take if the longest code has all bits.
        let mut counts = [0u32; MAX_BITS + 1];
        let mut total = 0u32;
        for &weight in &weights[..count] {
            *counts.get_mut(usize::from(weight)).ok_or(INVALID)? += 1;
            total += 1 << weight >> 1;
        }
        let max_bits = total.checked_ilog2().ok_or(INVALID)? as usize + 1;
        let last = (1u32 << max_bits) - total;
        if max_bits > MAX_BITS || !last.is_power_of_two() {
            return Err(INVALID);
        }
        weights[count] = last.ilog2() as u8 + 1;
        counts[last.ilog2() as usize + 1] += 1;
        // The longest codes come in pairs; that there is one says how many bits they have.
        if counts[1] < 2 {
            return Err(INVALID);
        }

        let spare = MAX_BITS - max_bits;
        let mut starts = [0; MAX_BITS + 1];
        let mut start = 0;
        for weight in 1..=max_bits {
            starts[weight] = start;
            start += (counts[weight] as usize) << (weight - 1 + spare);
        }
        for (symbol, &weight) in weights[..=count].iter().enumerate().filter(|(_, weight)| **weight > 0) {
            let weight = usize::from(weight);
            let start = starts[weight];
            starts[weight] += 1 << (weight - 1 + spare);
            let entry = (symbol << 8 | (max_bits + 1 - weight)) as u16;
            self.entries[start..starts[weight]].fill(entry);
        }
        Ok(())
    }

    /// Decodes the stream between `start` and the end of `bytes`.
    pub fn decode(&self, bytes: &[u8], start: usize, decoded: &mut [u8]) -> Result<(), Stop> {
        self.decode_rest(Bits::new(bytes, start)?, decoded)
    }

    /// Decodes four streams, each of which holds a quarter (section 3.1.1.3.1.6).
    #[inline(never)]
    pub fn decode_four(&self, bytes: &[u8], start: usize, decoded: &mut [u8]) -> Result<(), Stop> {
        let mut input = Input { bytes, at: start };
        let lens = [input.take(2)?, input.take(2)?, input.take(2)?];
        let mut streams = [Bits::new(bytes, bytes.len() - 1); 4];
        for (stream, len) in streams.iter_mut().zip(lens) {
            let start = input.at;
            input.take_bytes(len as usize)?;
            *stream = Bits::new(&bytes[..input.at], start);
        }
        let [a, b, c, _] = streams;
        let (mut a, mut b, mut c, mut d) = (a?, b?, c?, Bits::new(bytes, input.at)?);

        let quarter = decoded.len().div_ceil(4);
        let mut quarters = decoded.chunks_mut(quarter);
        let mut next = || quarters.next().unwrap_or_default();
        let (to_a, to_b, to_c, to_d) = (next(), next(), next(), next());
        let rounds = to_d.len() / ROUND_LEN;
        let (to_a, rest_a) = to_a.split_at_mut(rounds * ROUND_LEN);
        let (to_b, rest_b) = to_b.split_at_mut(rounds * ROUND_LEN);
        let (to_c, rest_c) = to_c.split_at_mut(rounds * ROUND_LEN);
        let (to_d, rest_d) = to_d.split_at_mut(rounds * ROUND_LEN);
        let to_ab = to_a.as_chunks_mut::<ROUND_LEN>().0.iter_mut().zip(to_b.as_chunks_mut::<ROUND_LEN>().0);
        let to_cd = to_c.as_chunks_mut::<ROUND_LEN>().0.iter_mut().zip(to_d.as_chunks_mut::<ROUND_LEN>().0);
        for ((to_a, to_b), (to_c, to_d)) in to_ab.zip(to_cd) {
            let mut held = [a.load_marked()?, b.load_marked()?, c.load_marked()?, d.load_marked()?];
            for at in 0..ROUND_LEN {
                to_a[at] = self.next(&mut held[0]);
                to_b[at] = self.next(&mut held[1]);
                to_c[at] = self.next(&mut held[2]);
                to_d[at] = self.next(&mut held[3]);
            }
            a.skip_shifted(held[0]);
            b.skip_shifted(held[1]);
            c.skip_shifted(held[2]);
            d.skip_shifted(held[3]);
        }
        self.decode_rest(a, rest_a)?;
        self.decode_rest(b, rest_b)?;
        self.decode_rest(c, rest_c)?;
        self.decode_rest(d, rest_d)
    }

    #[inline(never)]
    fn decode_rest(&self, mut bits: Bits, decoded: &mut [u8]) -> Result<(), Stop> {
        for round in decoded.chunks_mut(ROUND_LEN) {
            let mut held = bits.load_marked()?;
            for byte in round {
                *byte = self.next(&mut held);
            }
            bits.skip_shifted(held);
        }
        if bits.has_ended() { Ok(()) } else { Err(NOT_ENDED) }
    }

    #[inline(always)]
    fn next(&self, held: &mut u64) -> u8 {
        let entry = self.entries[(*held >> (64 - MAX_BITS)) as usize];
        *held = held.wrapping_shl(u32::from(entry));
        (entry >> 8) as u8
    }
}

const INVALID: Stop = Stop::Wrong("an invalid Huffman code");
const TOO_MANY: Stop = Stop::Wrong("a Huffman code of too many symbols");
