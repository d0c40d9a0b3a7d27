//! What a block makes of its literals: some of them, then a copy of what was decoded before, and so on (sections
//! 3.1.1.3.2 and 3.1.1.4).

use super::bits::{Bits, shift_out};
use super::fse::{self, Alphabet, Shares, Table};
use super::{Input, Stop};
use crate::copy::{self, ROOM};

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
    /// The last three offsets, the latest one first.
    recent: [u32; 3],
}

impl Sequences {
    /// To be called where a frame begins.
    pub fn forget(&mut self) {
        self.has_codes = false;
        self.recent = [1, 4, 8];
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
            let done = self.execute(&mut bits, count, &mut block);
            // That the stream ends comes first: what is read beyond its end has no meaning.
            if bits.has_overrun() {
                return Err(Stop::Wrong("the sequences go on beyond their stream"));
            }
            done?;
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

    #[inline(never)]
    fn execute(&mut self, stream: &mut Bits, count: usize, block: &mut Block) -> Result<(), Stop> {
        let (of_literals, of_offsets, of_matches) = (&self.literals.table, &self.offsets.table, &self.matches.table);
        let mut literals_state = stream.take(of_literals.log)?;
        let mut offset_state = stream.take(of_offsets.log)?;
        let mut match_state = stream.take(of_matches.log)?;
        // Copies, to be held in registers.
        let mut bits = *stream;
        let (mut used, mut written) = (block.used, block.written);
        let (literals, frame) = (block.literals, &mut *block.frame);
        let mut left = count;
        let done = loop {
            let literals_entry = of_literals.entry(literals_state);
            let offset_entry = of_offsets.entry(offset_state);
            let match_entry = of_matches.entry(match_state);
            let mut held = match bits.load(0) {
                Ok(held) => held,
                Err(stop) => break Err(stop),
            };
            let offset = fse::value(offset_entry).wrapping_add(shift_out(&mut held, offset_entry));
            let match_len = (fse::value(match_entry) + shift_out(&mut held, match_entry)) as usize;
            // The number of bits of all that follows the symbols, and of the next states above.
            let lens = offset_entry.wrapping_add(match_entry).wrapping_add(literals_entry);
            // Of the 57 bits, the states take at most 26.
            if fse::extra_bits(lens) > 31 {
                let skipped = fse::extra_bits(offset_entry) + fse::extra_bits(match_entry);
                held = match bits.load(skipped) {
                    Ok(held) => held,
                    Err(stop) => break Err(stop),
                };
            }
            let literals_len = (fse::value(literals_entry) + shift_out(&mut held, literals_entry)) as usize;

            let [first, second, third] = self.recent;
            let offset = if fse::extra_bits(offset_entry) > 1 {
                self.recent = [offset, first, second];
                offset
            } else {
                let place = offset.wrapping_add(2) + u32::from(literals_len == 0);
                let again = [first, second, third, first.wrapping_sub(1)][place as usize & 3];
                self.recent = [again, if place > 0 { first } else { second }, if place > 1 { second } else { third }];
                again
            };

            left -= 1;
            if left > 0 {
                literals_state =
                    fse::next_state(literals_entry) + shift_out(&mut held, fse::state_bits(literals_entry)) as usize;
                match_state =
                    fse::next_state(match_entry) + shift_out(&mut held, fse::state_bits(match_entry)) as usize;
                offset_state =
                    fse::next_state(offset_entry) + shift_out(&mut held, fse::state_bits(offset_entry)) as usize;
                bits.skip(fse::extra_bits(lens) + fse::extra_bits(lens >> 8));
            } else {
                bits.skip(fse::extra_bits(lens));
            }

            let used_end = used + literals_len;
            let start = written + literals_len;
            let end = start + match_len;
            if used_end > block.len {
                break Err(Stop::Wrong("too few literals"));
            }
            if (offset as usize).wrapping_sub(1) >= start {
                break Err(Stop::Wrong("a match begins before its frame"));
            }
            if end + ROOM <= frame.len() && used_end + ROOM <= literals.len() {
                copy::literals_ahead(literals, used, frame, written, start);
                copy::match_ahead(frame, offset as usize, start, end);
            } else if end <= frame.len() {
                frame[written..start].copy_from_slice(&literals[used..used_end]);
                copy::match_exactly(frame, offset as usize, start, end);
            } else {
                break Err(Stop::Full);
            }
            (used, written) = (used_end, end);
            if left == 0 {
                break Ok(());
            }
        };
        (block.used, block.written) = (used, written);
        *stream = bits;
        done
    }
}

/// What sequences take from and add to.
struct Block<'a> {
    literals: &'a [u8],
    /// So many of them are to be used.
    len: usize,
    used: usize,
    frame: &'a mut [u8],
    written: usize,
}

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
    fn entry(table: &Table, state: usize) -> (u32, usize, u64, usize) {
        let entry = table.entry(state);
        (fse::value(entry), fse::extra_bits(entry), fse::state_bits(entry) & 0xff, fse::next_state(entry))
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
