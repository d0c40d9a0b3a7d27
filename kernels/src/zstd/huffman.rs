//! Huffman codes of literals, section 4.2.

use super::bits::Bits;
use super::fse::{Counts, State};
use super::{Result, Stop, take};

/// Bits of the longest code.
const MAX_LOG: u32 = 11;

/// Symbols that are decoded between two refills.
const AT_ONCE: usize = (Bits::REFILLED / MAX_LOG) as usize;

/// By the next bits of a stream: the symbol, and in the higher byte the bits of its code.
pub struct Huffman {
    table: [u16; 1 << MAX_LOG],
    /// Bits that tell all codes apart; 0 where there is no code yet.
    log: u32,
}

impl Default for Huffman {
    fn default() -> Self {
        Self { table: [0; 1 << MAX_LOG], log: 0 }
    }
}

impl Huffman {
    pub fn forget(&mut self) {
        self.log = 0;
    }

    pub fn is_known(&self) -> bool {
        self.log > 0
    }

    /// Takes the description of a code off, section 4.2.1.
    pub fn read(&mut self, encoded: &mut &[u8]) -> Result<()> {
        let mut weights = [0; 256];
        let header = take(encoded, 1)?[0];
        let count = if let Some(count) = header.checked_sub(127) {
            let nibbles = take(encoded, usize::from(count).div_ceil(2))?;
            let nibbles = nibbles.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
            weights[..usize::from(count)].iter_mut().zip(nibbles).for_each(|(weight, nibble)| *weight = nibble);
            usize::from(count)
        } else {
            compressed_weights(take(encoded, usize::from(header))?, &mut weights)?
        };
        self.build(weights, count)
    }

    /// Section 4.2.1.3: the last weight is what makes the sum a power of two.
    fn build(&mut self, mut weights: [u8; 256], count: usize) -> Result<()> {
        const WRONG: Stop = Stop::Wrong("the weights of a code are not valid");
        self.log = 0;
        let slots = |weight: u8| 1u32 << weight >> 1;
        if weights.iter().any(|&weight| u32::from(weight) > MAX_LOG) {
            return Err(WRONG);
        }
        let sum: u32 = weights.iter().map(|&weight| slots(weight)).sum();
        let log = if sum == 0 { 0 } else { sum.ilog2() + 1 };
        let left = (1u32 << log) - sum;
        if !(1..=MAX_LOG).contains(&log) || !left.is_power_of_two() {
            return Err(WRONG);
        }
        *weights.get_mut(count).ok_or(WRONG)? = left.ilog2() as u8 + 1;
        // Codes of the most bits go in pairs, of which there is at least one.
        let longest = weights.iter().filter(|&&weight| weight == 1).count();
        if longest < 2 || longest % 2 == 1 {
            return Err(WRONG);
        }
        let mut at = 0;
        for weight in 1..=log as u8 {
            let bits = (log + 1 - u32::from(weight)) as u16;
            for (symbol, _) in weights.iter().enumerate().filter(|&(_, &other)| other == weight) {
                let end = at + slots(weight) as usize;
                self.table[at..end].fill(bits << 8 | symbol as u16);
                at = end;
            }
        }
        self.log = log;
        Ok(())
    }

    #[inline(always)]
    fn symbol(&self, bits: &mut Bits) -> u8 {
        let entry = self.table[bits.peek(self.log) as usize & ((1 << MAX_LOG) - 1)];
        bits.skip(u32::from(entry >> 8));
        entry as u8
    }

    /// Decodes one stream, which holds exactly so many symbols.
    pub fn decode(&self, encoded: &[u8], target: &mut [u8]) -> Result<()> {
        self.finish(Bits::new(encoded)?, target)
    }

    fn finish(&self, mut bits: Bits, target: &mut [u8]) -> Result<()> {
        for symbols in target.chunks_mut(AT_ONCE) {
            bits.refill();
            for symbol in symbols {
                *symbol = self.symbol(&mut bits);
            }
            if bits.is_overrun() {
                break;
            }
        }
        if bits.is_at_start() { Ok(()) } else { Err(Stop::Wrong("a stream of literals does not end where it must")) }
    }

    /// Decodes four streams, section 4.2.2, with one step of each after the other: none waits for the one before.
    pub fn decode_four(&self, encoded: [&[u8]; 4], target: &mut [u8]) -> Result<()> {
        let quarter = target.len().div_ceil(4).max(1);
        let mut quarters = target.chunks_mut(quarter);
        let mut next = || quarters.next().ok_or(Stop::Wrong("four streams hold too few literals"));
        let [first, second, third, fourth] = [next()?, next()?, next()?, next()?];
        let [a, b, c, d] = encoded;
        let [mut a, mut b, mut c, mut d] = [Bits::new(a)?, Bits::new(b)?, Bits::new(c)?, Bits::new(d)?];
        let mut done = 0;
        let both = first.chunks_exact_mut(AT_ONCE).zip(second.chunks_exact_mut(AT_ONCE));
        let others = third.chunks_exact_mut(AT_ONCE).zip(fourth.chunks_exact_mut(AT_ONCE));
        for ((first, second), (third, fourth)) in both.zip(others) {
            let is_far = a.is_far_from_start() && b.is_far_from_start();
            if !(is_far && c.is_far_from_start() && d.is_far_from_start()) {
                break;
            }
            a.refill();
            b.refill();
            c.refill();
            d.refill();
            for at in 0..AT_ONCE {
                first[at] = self.symbol(&mut a);
                second[at] = self.symbol(&mut b);
                third[at] = self.symbol(&mut c);
                fourth[at] = self.symbol(&mut d);
            }
            done += AT_ONCE;
        }
        for (bits, quarter) in [(a, first), (b, second), (c, third), (d, fourth)] {
            self.finish(bits, &mut quarter[done..])?;
        }
        Ok(())
    }
}

/// Section 4.2.1.2: weights in a code of their own, with two states that take turns. Answers how many they are.
fn compressed_weights(mut encoded: &[u8], weights: &mut [u8; 256]) -> Result<usize> {
    const WEIGHTS: usize = 16;
    const MAX_LOG: u32 = 6;
    let mut states = [State::default(); 1 << MAX_LOG];
    let counts = Counts::read(&mut encoded, WEIGHTS, MAX_LOG)?;
    counts.spread(&mut states);
    let mut bits = Bits::new(encoded)?;
    let mut numbers = [bits.take(counts.log), bits.take(counts.log)];
    if bits.is_overrun() {
        return Err(Stop::Wrong("the weights of a code are not valid"));
    }
    // The last symbol is that of the state that has no bits left to go on; and one weight is not written.
    for at in 0..254 {
        let number = &mut numbers[at % 2];
        let state = states[*number as usize & ((1 << MAX_LOG) - 1)];
        weights[at] = state.symbol;
        bits.refill();
        *number = u64::from(state.base) + bits.take(u32::from(state.bits));
        if bits.is_overrun() {
            weights[at + 1] = states[numbers[(at + 1) % 2] as usize & ((1 << MAX_LOG) - 1)].symbol;
            return Ok(at + 2);
        }
    }
    Err(Stop::Wrong("a code has too many weights"))
}
