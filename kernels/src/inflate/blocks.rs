//! The blocks of a deflate stream (RFC 1951, section 3.2.3).
//!
//! The contents of a block are decoded by two loops. The fast one runs while neither side is near its end: it holds 56
//! bits at a time and copies eight bytes at a time, beyond the end of what it copies. The careful one does the rest.

use super::Stop;
use super::bits::Bits;
use super::code::{self, Distances, END_OF_BLOCK, LITERAL, Literals, SPECIAL};

/// The order in which the lengths of the codes for lengths are stored.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Bytes that one round of the fast loop may write: three literals, the longest match and what is copied beyond it.
const ROUND_LEN: usize = 3 + 258 + 8;

const INVALID_LITERAL: Stop = Stop::Wrong("invalid literal/length code");
const INVALID_DISTANCE: Stop = Stop::Wrong("invalid distance code");
const TOO_FAR: Stop = Stop::Wrong("invalid distance too far back");

/// Decodes all blocks from `bits` to the start of `decoded`. Answers how many bytes they hold.
pub fn decode_blocks(bits: &mut Bits, decoded: &mut [u8]) -> Result<usize, Stop> {
    let mut block = Block { literals: Literals::new(), distances: Distances::new(), is_fixed: false };
    let mut written = 0;
    loop {
        let is_last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => copy_stored(bits, decoded, &mut written)?,
            1 => {
                block.use_fixed_codes();
                block.decode(bits, decoded, &mut written)?;
            }
            2 => {
                block.read_codes(bits)?;
                block.decode(bits, decoded, &mut written)?;
            }
            _ => return Err(Stop::Wrong("invalid block type")),
        }
        if is_last {
            return Ok(written);
        }
    }
}

/// Section 3.2.4.
fn copy_stored(bits: &mut Bits, decoded: &mut [u8], written: &mut usize) -> Result<(), Stop> {
    bits.align();
    let (len, inverted) = (bits.take(16)?, bits.take(16)?);
    if len != inverted ^ 0xffff {
        return Err(Stop::Wrong("invalid stored block lengths"));
    }
    bits.align();
    let len = len as usize;
    // A target that is too small is told before an input that is: a longer one may be tried.
    let target = decoded.get_mut(*written..).and_then(|rest| rest.get_mut(..len)).ok_or(Stop::Full)?;
    target.copy_from_slice(bits.take_bytes(len)?);
    *written += len;
    Ok(())
}

/// The codes of a block.
struct Block {
    literals: Literals,
    distances: Distances,
    /// Whether they are the fixed ones: they need not be made again.
    is_fixed: bool,
}

impl Block {
    /// Section 3.2.6.
    fn use_fixed_codes(&mut self) {
        if self.is_fixed {
            return;
        }
        let mut lengths = [8; 288];
        lengths[144..256].fill(9);
        lengths[256..280].fill(7);
        self.literals.fill(&lengths, code::literal_or_length);
        self.distances.fill(&[5; 32], code::distance);
        self.is_fixed = true;
    }

    /// Section 3.2.7.
    fn read_codes(&mut self, bits: &mut Bits) -> Result<(), Stop> {
        self.is_fixed = false;
        let literals = bits.take(5)? as usize + 257;
        let distances = bits.take(5)? as usize + 1;
        let of_lengths = bits.take(4)? as usize + 4;
        if literals > 286 || distances > 30 {
            return Err(Stop::Wrong("too many length or distance symbols"));
        }
        let mut lengths = [0; 19];
        for &symbol in &ORDER[..of_lengths] {
            lengths[symbol] = bits.take(3)? as u8;
        }
        // A code of a single code is no more allowed here than one of none.
        if !self.distances.fill(&lengths, code::code_length) || lengths.iter().filter(|&&len| len > 0).count() < 2 {
            return Err(Stop::Wrong("invalid code lengths set"));
        }

        let mut lengths = [0; 286 + 30];
        let lengths = &mut lengths[..literals + distances];
        let mut at = 0;
        while at < lengths.len() {
            bits.refill();
            let entry = self.distances.look_up_first(bits.held);
            if code::bits(entry) > bits.count {
                return Err(Stop::EndsEarly);
            }
            bits.skip(code::bits(entry));
            let (length, repeats) = match code::value(entry) {
                16 => {
                    let before = at.checked_sub(1).ok_or(Stop::Wrong("invalid bit length repeat"))?;
                    (lengths[before], 3 + bits.take(2)?)
                }
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                length => (length as u8, 1),
            };
            let repeats = repeats as usize;
            let repeated = lengths[at..].get_mut(..repeats).ok_or(Stop::Wrong("invalid bit length repeat"))?;
            repeated.fill(length);
            at += repeats;
        }
        let (of_literals, of_distances) = lengths.split_at(literals);
        if of_literals[256] == 0 {
            return Err(Stop::Wrong("invalid code -- missing end-of-block"));
        }
        if !self.literals.fill(of_literals, code::literal_or_length) {
            return Err(Stop::Wrong("invalid literal/lengths set"));
        }
        if !self.distances.fill(of_distances, code::distance) {
            return Err(Stop::Wrong("invalid distances set"));
        }
        Ok(())
    }

    fn decode(&self, bits: &mut Bits, decoded: &mut [u8], written: &mut usize) -> Result<(), Stop> {
        if self.decode_fast(bits, decoded, written)? { Ok(()) } else { self.decode_carefully(bits, decoded, written) }
    }

    /// Whether the end of the block was met; else either side is near its end.
    fn decode_fast(&self, source: &mut Bits, decoded: &mut [u8], total: &mut usize) -> Result<bool, Stop> {
        let Some(limit) = decoded.len().checked_sub(ROUND_LEN) else { return Ok(false) };
        // Copies, to be held in registers.
        let (mut bits, mut written) = (*source, *total);
        let has_ended = loop {
            if written > limit || !bits.refill_fast() {
                break false;
            }
            let mut entry = self.literals.look_up_first(bits.held);
            if entry & LITERAL != 0 {
                bits.skip(code::bits(entry));
                decoded[written] = (entry >> 16) as u8;
                written += 1;
                entry = self.literals.look_up_first(bits.held);
                if entry & LITERAL != 0 {
                    bits.skip(code::bits(entry));
                    decoded[written] = (entry >> 16) as u8;
                    written += 1;
                    entry = self.literals.look_up_first(bits.held);
                    if entry & LITERAL != 0 {
                        bits.skip(code::bits(entry));
                        decoded[written] = (entry >> 16) as u8;
                        written += 1;
                        continue;
                    }
                }
                if !bits.refill_fast() {
                    break false;
                }
            }
            if entry & SPECIAL != 0 {
                if entry & code::SECOND_TABLE == code::SECOND_TABLE {
                    entry = self.literals.look_up_second(entry, bits.held);
                }
                if entry & LITERAL != 0 {
                    bits.skip(code::bits(entry));
                    decoded[written] = (entry >> 16) as u8;
                    written += 1;
                    continue;
                }
                if entry & SPECIAL != 0 {
                    if entry & END_OF_BLOCK != END_OF_BLOCK {
                        return Err(INVALID_LITERAL);
                    }
                    bits.skip(code::bits(entry));
                    break true;
                }
            }
            let length = number(entry, bits.held);
            bits.skip(code::bits(entry));
            let entry = self.distances.look_up(bits.held);
            if entry & SPECIAL != 0 {
                return Err(INVALID_DISTANCE);
            }
            let distance = number(entry, bits.held);
            bits.skip(code::bits(entry));
            let from = written.checked_sub(distance).ok_or(TOO_FAR)?;
            let end = written + length;
            if distance >= 8 {
                copy_ahead(decoded, from, written, end);
            } else {
                repeat_ahead(decoded, distance, written, end);
            }
            written = end;
        };
        (*source, *total) = (bits, written);
        // Bits of bytes that will be taken again.
        source.held &= !(!0 << source.count);
        Ok(has_ended)
    }

    fn decode_carefully(&self, bits: &mut Bits, decoded: &mut [u8], written: &mut usize) -> Result<(), Stop> {
        loop {
            bits.refill();
            let entry = self.literals.look_up(bits.held);
            if code::bits(entry) > bits.count {
                return Err(Stop::EndsEarly);
            }
            if entry & LITERAL != 0 {
                bits.skip(code::bits(entry));
                *decoded.get_mut(*written).ok_or(Stop::Full)? = (entry >> 16) as u8;
                *written += 1;
                continue;
            }
            if entry & SPECIAL != 0 {
                if entry & END_OF_BLOCK != END_OF_BLOCK {
                    return Err(INVALID_LITERAL);
                }
                bits.skip(code::bits(entry));
                return Ok(());
            }
            let length = number(entry, bits.held);
            bits.skip(code::bits(entry));
            let entry = self.distances.look_up(bits.held);
            if code::bits(entry) > bits.count {
                return Err(Stop::EndsEarly);
            }
            if entry & SPECIAL != 0 {
                return Err(INVALID_DISTANCE);
            }
            let distance = number(entry, bits.held);
            bits.skip(code::bits(entry));
            let from = written.checked_sub(distance).ok_or(TOO_FAR)?;
            if decoded.len() - *written < length {
                return Err(Stop::Full);
            }
            for at in from..from + length {
                decoded[*written] = decoded[at];
                *written += 1;
            }
        }
    }
}

/// The length or distance: the least one, plus the number behind the code.
#[inline(always)]
fn number(entry: u32, held: u64) -> usize {
    let with_code = held & !(!0 << code::bits(entry));
    code::value(entry) + (with_code >> code::code_bits(entry)) as usize
}

/// Copies up to seven bytes more than those before `end`; the distance is at least eight.
#[inline(always)]
fn copy_ahead(decoded: &mut [u8], mut from: usize, mut to: usize, end: usize) {
    while to < end {
        decoded.copy_within(from..from + 8, to);
        from += 8;
        to += 8;
    }
}

/// The same for distances below eight: the bytes before `to` again and again, as many of them at a time as fit.
#[inline(always)]
fn repeat_ahead(decoded: &mut [u8], distance: usize, mut to: usize, end: usize) {
    let start = to - distance;
    let Some(bytes) = decoded[start..].first_chunk::<8>() else { return };
    let mut width = 8 * distance as u32;
    let mut pattern = u64::from_le_bytes(*bytes) & !(!0 << width);
    while width < 64 {
        pattern |= pattern << width;
        width *= 2;
    }
    let step = 8 - 8 % distance;
    while to < end {
        decoded[to..to + 8].copy_from_slice(&pattern.to_le_bytes());
        to += step;
    }
}
