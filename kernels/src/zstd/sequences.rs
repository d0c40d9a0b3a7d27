//! The sequences of a block, section 3.1.1.3.2: each copies literals, and then what was decoded before.

use super::bits::Bits;
use super::block::Tables;
use super::fse::{Counts, State};
use super::literals::SLACK;
use super::{Result, Stop, take, take_number};

const MAX_LOG: u32 = 9;

/// A kind of numbers: literal lengths, offsets or match lengths.
struct Kind {
    max_log: u32,
    /// Section 3.1.1.3.2.2.
    default_log: u32,
    default_counts: &'static [i16],
    /// What the symbols stand for, section 3.1.1.3.2.1.1: a number, and bits that are added to it.
    symbols: fn(u8) -> (u32, u8),
    symbol_count: usize,
}

const KINDS: [Kind; 3] = [
    Kind {
        max_log: 9,
        default_log: 6,
        default_counts: &[
            4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1,
            -1,
        ],
        symbols: |symbol| {
            const BITS: &[u8] = &[1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
            stepped(symbol, 0, 16, BITS)
        },
        symbol_count: 36,
    },
    Kind {
        max_log: 8,
        default_log: 5,
        default_counts: &[1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1],
        symbols: |symbol| (1 << symbol, symbol),
        symbol_count: 32,
    },
    Kind {
        max_log: 9,
        default_log: 6,
        default_counts: &[
            1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
            1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
        ],
        symbols: |symbol| {
            const BITS: &[u8] = &[1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
            stepped(symbol, 3, 32, BITS)
        },
        symbol_count: 53,
    },
];

/// Symbols below `plain` stand for themselves and `least`; those that follow go on from there, with these bits.
fn stepped(symbol: u8, least: u32, plain: u8, bits: &[u8]) -> (u32, u8) {
    let Some(stepped) = symbol.checked_sub(plain) else { return (least + u32::from(symbol), 0) };
    let (before, after) = bits.split_at(usize::from(stepped));
    let base = before.iter().map(|&bits| 1 << bits).sum::<u32>();
    (least + u32::from(plain) + base, after.first().copied().unwrap_or(0))
}

/// A code: for each state the number that it stands for, the bits that are added to that, and the way to the next state,
/// in one word.
struct Code {
    states: [u64; 1 << MAX_LOG],
    log: u32,
    is_known: bool,
}

impl Default for Code {
    fn default() -> Self {
        Self { states: [0; 1 << MAX_LOG], log: 0, is_known: false }
    }
}

impl Code {
    /// Section 3.1.1.3.2.1: the code in this mode, of which the description is taken off.
    fn read(&mut self, kind: &Kind, mode: u64, encoded: &mut &[u8]) -> Result<()> {
        const UNKNOWN_SYMBOL: Stop = Stop::Wrong("a sequence has a symbol that is not known");
        let mut states = [State::default(); 1 << MAX_LOG];
        self.log = match mode {
            0 => {
                Counts::new(kind.default_log, kind.default_counts).spread(&mut states);
                kind.default_log
            }
            1 => {
                let symbol = take(encoded, 1)?[0];
                if usize::from(symbol) >= kind.symbol_count {
                    return Err(UNKNOWN_SYMBOL);
                }
                states[0] = State { symbol, ..State::default() };
                0
            }
            2 => {
                let counts = Counts::read(encoded, kind.symbol_count, kind.max_log)?;
                counts.spread(&mut states);
                counts.log
            }
            _ if self.is_known => return Ok(()),
            _ => return Err(Stop::Wrong("sequences need the codes of a block before, and there are none")),
        };
        self.is_known = true;
        let symbols: [u64; 64] = std::array::from_fn(|symbol| {
            let (number, bits) = if symbol < kind.symbol_count { (kind.symbols)(symbol as u8) } else { (0, 0) };
            u64::from(number) << 32 | u64::from(bits) << 8
        });
        for (packed, state) in self.states.iter_mut().zip(&states[..1 << self.log]) {
            let number = symbols[usize::from(state.symbol) & 63];
            *packed = number | u64::from(state.base) << 16 | u64::from(state.bits);
        }
        Ok(())
    }

    #[inline(always)]
    fn at(&self, state: u32) -> Packed {
        Packed(self.states[state as usize & ((1 << MAX_LOG) - 1)])
    }
}

#[derive(Clone, Copy)]
struct Packed(u64);

impl Packed {
    #[inline(always)]
    fn number_bits(self) -> u32 {
        self.0 as u32 >> 8 & 0xff
    }

    #[inline(always)]
    fn number(self, bits: &mut Bits) -> usize {
        (self.0 >> 32) as usize + bits.take(self.number_bits()) as usize
    }

    #[inline(always)]
    fn next(self, bits: &mut Bits) -> u32 {
        (self.0 as u32 >> 16) + bits.take(self.0 as u32 & 0xff) as u32
    }
}

/// The codes of literal lengths, offsets and match lengths.
#[derive(Default)]
pub struct Codes([Code; 3]);

impl Codes {
    pub fn forget(&mut self) {
        for code in &mut self.0 {
            code.is_known = false;
        }
    }
}

/// Executes all sequences of a block, which holds up to `max_len` bytes, and answers how many bytes are in `target` then.
pub fn execute(
    mut encoded: &[u8],
    tables: &mut Tables,
    literal_count: usize,
    target: &mut [u8],
    written: usize,
    max_len: usize,
) -> Result<usize> {
    const TOO_LONG: Stop = Stop::Wrong("a block holds more than it may");
    let Tables { codes, offsets, literals, .. } = tables;
    let mut output = Output { target, at: written, literals, taken: 0, literal_count };
    let end = written + max_len;
    let count = read_count(&mut encoded)?;
    if count > 0 {
        let modes = take_number(&mut encoded, 1)?;
        if modes & 3 != 0 {
            return Err(Stop::Wrong("the header of sequences has bits that are reserved"));
        }
        for (code, (kind, shift)) in codes.0.iter_mut().zip(KINDS.iter().zip([6, 4, 2])) {
            code.read(kind, modes >> shift & 3, &mut encoded)?;
        }
        let [lengths, distances, matches] = &codes.0;
        let mut bits = Bits::new(encoded)?;
        let mut states = [lengths, distances, matches].map(|code| bits.take(code.log) as u32);
        for left in (0..count).rev() {
            bits.refill();
            let (length, distance, matched) = (lengths.at(states[0]), distances.at(states[1]), matches.at(states[2]));
            let offset_bits = distance.number_bits();
            let offset = distance.number(&mut bits);
            let match_len = matched.number(&mut bits);
            // With what the states take, no more than a window has; most have so few.
            if offset_bits + matched.number_bits() + length.number_bits() > Bits::REFILLED - 26 {
                bits.refill();
            }
            let literal_len = length.number(&mut bits);
            if left > 0 {
                states = [length.next(&mut bits), states[1], matched.next(&mut bits)];
                states[1] = distance.next(&mut bits);
            }
            let offset = recent(offsets, offset, literal_len == 0)?;
            output.copy_literals(literal_len)?;
            output.copy_match(offset, match_len)?;
            if output.at > end {
                return Err(TOO_LONG);
            }
        }
        if !bits.is_at_start() {
            return Err(Stop::Wrong("the sequences of a block do not end where they must"));
        }
    } else if !encoded.is_empty() {
        return Err(Stop::Wrong("a block has bytes behind its end"));
    }
    output.copy_literals(literal_count - output.taken)?;
    if output.at > end { Err(TOO_LONG) } else { Ok(output.at) }
}

/// Section 3.1.1.3.2.1.
fn read_count(encoded: &mut &[u8]) -> Result<usize> {
    let first = take_number(encoded, 1)? as usize;
    Ok(match first {
        0..128 => first,
        128..255 => ((first - 128) << 8) + take_number(encoded, 1)? as usize,
        _ => take_number(encoded, 2)? as usize + 0x7f00,
    })
}

/// Section 3.1.1.5: the distance that an offset stands for; the lowest stand for recent ones.
#[inline(always)]
fn recent(offsets: &mut [usize; 3], offset: usize, is_shifted: bool) -> Result<usize> {
    let [first, second, third] = *offsets;
    if offset > 3 {
        *offsets = [offset - 3, first, second];
        return Ok(offset - 3);
    }
    match offset + usize::from(is_shifted) {
        1 => {}
        2 => *offsets = [second, first, third],
        3 => *offsets = [third, first, second],
        _ if first == 1 => return Err(Stop::Wrong("a match has no distance")),
        _ => *offsets = [first - 1, first, second],
    }
    Ok(offsets[0])
}

/// Where sequences write to, and what they take literals from.
struct Output<'a> {
    target: &'a mut [u8],
    at: usize,
    literals: &'a [u8],
    taken: usize,
    literal_count: usize,
}

const STEP: usize = SLACK;

impl Output<'_> {
    #[inline(always)]
    fn copy_literals(&mut self, len: usize) -> Result<()> {
        let (from, to) = (self.taken, self.at);
        if len > self.literal_count - from {
            return Err(Stop::Wrong("sequences take more literals than there are"));
        }
        self.taken += len;
        self.at += len;
        // Most are short: then a copy of fixed length, of which the rest is overwritten, is the fastest.
        if len <= STEP
            && let Some(source) = self.literals.get(from..).and_then(|rest| rest.first_chunk::<STEP>())
            && let Some(target) = self.target.get_mut(to..).and_then(|rest| rest.first_chunk_mut())
        {
            *target = *source;
            return Ok(());
        }
        let target = self.target.get_mut(to..self.at).ok_or(Stop::Full)?;
        target.copy_from_slice(&self.literals[from..from + len]);
        Ok(())
    }

    #[inline(always)]
    fn copy_match(&mut self, distance: usize, len: usize) -> Result<()> {
        let to = self.at;
        let Some(from) = to.checked_sub(distance) else {
            return Err(Stop::Wrong("a match begins before its frame"));
        };
        self.at += len;
        if distance >= STEP && self.at + STEP <= self.target.len() {
            for step in (0..len).step_by(STEP) {
                self.target.copy_within(from + step..from + step + STEP, to + step);
            }
            return Ok(());
        }
        if self.at > self.target.len() {
            return Err(Stop::Full);
        }
        repeat(self.target, from, to, len);
        Ok(())
    }
}

/// Copies what may overlap itself: what was copied is copied again, so that every step is twice as long.
fn repeat(target: &mut [u8], from: usize, to: usize, len: usize) {
    let mut done = 0;
    while done < len {
        let step = (to + done - from).min(len - done);
        target.copy_within(from..from + step, to + done);
        done += step;
    }
}
