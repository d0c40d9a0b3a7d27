//! What a block makes of its literals: some of them, then a copy of what was decoded before, and so on (section
//! 3.1.1.3.2).

use super::bits::{self, Bits, WINDOW_BITS};
use super::execute::{Block, Sequence};
use super::fse::{self, Alphabet, Shares, Table};
use super::{Input, Stop};
use crate::lane::{LANE_LEN, Lane};

/// A field of a sequence: what its symbols mean, and how often they occur unless told.
struct Field {
    alphabet: Alphabet,
    shares: Shares,
    log: u32,
}

static LITERALS: Field = Field {
    alphabet: Alphabet {
        extra_bits: &[
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14,
            15, 16,
        ],
        first: 0,
        max_log: 9,
    },
    shares: fse::shares(&[
        4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1,
    ]),
    log: 6,
};

/// An offset is three less than its value, and values of three and less mean earlier offsets: so the first is −2.
static OFFSETS: Field = Field {
    alphabet: Alphabet {
        extra_bits: &[
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
            29, 30, 31,
        ],
        first: 1u32.wrapping_sub(3),
        max_log: 8,
    },
    shares: fse::shares(&[1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1]),
    log: 5,
};

static MATCHES: Field = Field {
    alphabet: Alphabet {
        extra_bits: &[
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1,
            2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
        ],
        first: 3,
        max_log: 9,
    },
    shares: fse::shares(&[
        1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1,
    ]),
    log: 6,
};

/// The code of a field.
#[derive(Default)]
struct Code {
    table: Table,
    state: u32,
    /// Whether the table is the one of the field's own shares: it need not be made again.
    is_predefined: bool,
}

impl Code {
    fn read(&mut self, field: &Field, mode: u64, has_before: bool, input: &mut Input) -> Result<(), Stop> {
        match mode {
            0 if self.is_predefined => return Ok(()),
            0 => self.table.fill(&field.alphabet, &field.shares, field.log),
            3 if has_before => return Ok(()),
            3 => return Err(Stop::Wrong("no table to use again")),
            _ => self.is_predefined = false,
        }
        match mode {
            1 => self.table.fill_one(&field.alphabet, input.take(1)? as usize),
            2 => self.table.read(input, &field.alphabet),
            _ => {
                self.is_predefined = true;
                Ok(())
            }
        }
    }
}

#[derive(Default)]
pub struct Sequences {
    literals: Code,
    offsets: Code,
    matches: Code,
    /// Whether the frame has had codes: the next block may use them, too.
    has_codes: bool,
    /// The last three offsets, the latest one first: numbers of four bytes.
    recent: Lane,
}

impl Sequences {
    /// To be called where a frame begins.
    pub fn forget(&mut self) {
        self.has_codes = false;
        self.recent = Lane::load(&[1, 0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0]);
    }

    /// Takes the section off the input and does what it says. Of `literals`, so many are to be used.
    pub fn decode(
        &mut self,
        input: &mut Input,
        (literals, len): (&[u8], usize),
        frame: &mut [u8],
        written: &mut usize,
    ) -> Result<(), Stop> {
        let count = read_count(input)?;
        let mut used = 0;
        if count > 0 {
            let modes = input.take(1)?;
            if modes & 3 != 0 {
                return Err(Stop::Wrong("a reserved bit of the sequences is set"));
            }
            let has_before = self.has_codes;
            self.has_codes = false;
            self.literals.read(&LITERALS, modes >> 6, has_before, input)?;
            self.offsets.read(&OFFSETS, modes >> 4 & 3, has_before, input)?;
            self.matches.read(&MATCHES, modes >> 2 & 3, has_before, input)?;
            self.has_codes = true;
            let mut bits = Bits::new(input.bytes, input.at)?;
            let mut block = Block { literals, len, used, frame, written: *written };
            self.read_first_states(&mut bits)?;
            let mut sequences = [Sequence::default(); AT_A_TIME];
            let mut left = count;
            while left > 0 {
                let sequences = &mut sequences[..left.min(AT_A_TIME)];
                left -= sequences.len();
                self.read(&mut bits, sequences, left == 0);
                // That the stream ends comes first: what is read beyond its end has no meaning.
                if bits.has_overrun() {
                    return Err(Stop::Wrong("the sequences go on beyond their stream"));
                }
                block.execute(sequences)?;
            }
            if !bits.has_ended() {
                return Err(Stop::Wrong("the sequences end before their stream"));
            }
            (used, *written) = (block.used, block.written);
        } else if !input.rest().is_empty() {
            return Err(Stop::Wrong("bytes after the end of the block"));
        }
        let literals = &literals[used..len];
        let target = frame[*written..].get_mut(..literals.len()).ok_or(Stop::Full)?;
        target.copy_from_slice(literals);
        *written += literals.len();
        Ok(())
    }

    fn read_first_states(&mut self, stream: &mut Bits) -> Result<(), Stop> {
        for code in [&mut self.literals, &mut self.offsets, &mut self.matches] {
            code.state = stream.take(code.table.log as usize)?;
        }
        Ok(())
    }

    /// Reads the next sequences, and the states behind each but the last one of all.
    #[inline(never)]
    fn read(&mut self, stream: &mut Bits, sequences: &mut [Sequence], are_last: bool) {
        let first;
        let window = match stream.window() {
            Some(window) => window,
            None => {
                first = stream.first_window();
                &first
            }
        };
        let start = stream.in_window();
        let mut next = start;
        let (of_literals, of_offsets, of_matches) = (&self.literals.table, &self.offsets.table, &self.matches.table);
        let (mut literals_state, mut offset_state, mut match_state) =
            (self.literals.state, self.offsets.state, self.matches.state);
        let mut recent = self.recent;
        let mut sum = 0;
        for sequence in sequences {
            let literals = of_literals.entry(literals_state);
            let offset = of_offsets.entry(offset_state);
            let matched = of_matches.entry(match_state);
            let mut held = bits::load(window, next).rotate_left(offset.rest);
            // Where bits follow an offset, its value is two to the power of their number, less three.
            let value = offset.value.wrapping_add(held as u32 & offset.value.wrapping_add(2));
            (sequence.literals_len, sequence.match_len) = (literals.value, matched.value);
            let lens = literals.rest.wrapping_add(matched.rest);
            sum = lens.wrapping_add(offset.rest);
            // Most lengths are short, and no bits follow them.
            if fse::extra_bits(lens) > 0 {
                held = held.rotate_left(matched.rest);
                sequence.match_len += bits::lowest(held, matched.rest);
                // Of the 57 bits, the states take at most 26.
                if fse::extra_bits(sum) > 31 {
                    let skipped = fse::extra_bits(offset.rest) + fse::extra_bits(matched.rest);
                    held = bits::load(window, next.wrapping_sub(skipped));
                }
                held = held.rotate_left(literals.rest);
                sequence.literals_len += bits::lowest(held, literals.rest);
            }
            literals_state = literals.next_state(&mut held);
            match_state = matched.next_state(&mut held);
            offset_state = offset.next_state(&mut held);
            next = next.wrapping_sub(fse::extra_bits(sum) + fse::state_bits(sum));

            // Without a branch: which offsets are earlier ones, nothing foretells.
            recent = recent.with_last(value);
            if value | sequence.literals_len == 0 {
                recent = with_one_less(recent);
            }
            let order = (value.wrapping_add(2) + u32::from(sequence.literals_len == 0)).min(3);
            recent = recent.pick(Lane::load(&ORDERS[order as usize % 4]));
            sequence.offset = recent.first();
        }
        if are_last {
            next = next.wrapping_add(fse::state_bits(sum));
        }
        stream.skip(start.wrapping_sub(next));
        self.recent = recent;
        (self.literals.state, self.offsets.state, self.matches.state) = (literals_state, offset_state, match_state);
    }
}

/// A new offset behind the recent ones: the latest one, less one. This is rare; a call keeps it out of what is done for
/// each sequence.
#[cold]
#[inline(never)]
fn with_one_less(recent: Lane) -> Lane {
    recent.with_last(recent.first().wrapping_sub(1))
}

/// Three recent offsets and a new one behind them are put in order of use: the first, the second, the third or the new one
/// is now the latest.
const ORDERS: [[u8; LANE_LEN]; 4] =
    [bytes_of([0, 1, 2]), bytes_of([1, 0, 2]), bytes_of([2, 0, 1]), bytes_of([3, 0, 1])];

const fn bytes_of(numbers: [u8; 3]) -> [u8; LANE_LEN] {
    let mut bytes = [0; LANE_LEN];
    let mut at = 0;
    while at < 4 * numbers.len() {
        bytes[at] = 4 * numbers[at / 4] + at as u8 % 4;
        at += 1;
    }
    bytes
}

/// So many sequences are read, then executed: each of the two loops is small enough to keep its variables in registers.
const AT_A_TIME: usize = 64;

/// The most bits that a sequence takes: lengths of 16 bits each, an offset of 31, and states.
const MAX_BITS: usize = 16 + 16 + 31 + 9 + 9 + 8;
const _: () = assert!(AT_A_TIME * MAX_BITS <= WINDOW_BITS - 8);

/// How many sequences there are.
fn read_count(input: &mut Input) -> Result<usize, Stop> {
    let first = input.take(1)? as usize;
    Ok(match first {
        0..128 => first,
        128..255 => (first - 128) << 8 | input.take(1)? as usize,
        _ => input.take(2)? as usize + 0x7f00,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Value, bits behind it, bits of the next state and what it is without them.
    fn entry(table: &Table, state: u32) -> (u32, usize, usize, u32) {
        let entry = table.entry(state);
        (entry.value, fse::extra_bits(entry.rest), fse::state_bits(entry.rest), entry.next_state(&mut 0) % 512)
    }

    #[test]
    fn the_predefined_codes_are_those_of_the_rfc() {
        let table = |field: &Field| {
            let mut table = Table::default();
            table.fill(&field.alphabet, &field.shares, field.log);
            table
        };
        let literals = table(&LITERALS);
        let first = [(0, 0, 4, 0), (0, 0, 4, 16), (1, 0, 5, 32), (3, 0, 5, 0), (4, 0, 5, 0), (6, 0, 5, 0)];
        assert_eq!([0, 1, 2, 3, 4, 5].map(|state| entry(&literals, state)), first);
        let last = [(65536, 16, 6, 0), (32768, 15, 6, 0), (16384, 14, 6, 0), (8192, 13, 6, 0)];
        assert_eq!([60, 61, 62, 63].map(|state| entry(&literals, state)), last);
        let matches = table(&MATCHES);
        assert_eq!([0, 1].map(|state| entry(&matches, state)), [(3, 0, 6, 0), (4, 0, 4, 0)]);
        assert_eq!(entry(&matches, 57), (65539, 16, 6, 0));
        let offsets = table(&OFFSETS);
        assert_eq!(entry(&offsets, 0), (1u32.wrapping_sub(3), 0, 5, 0));
        assert_eq!(entry(&offsets, 31), ((1 << 24) - 3, 24, 5, 0));
    }
}
