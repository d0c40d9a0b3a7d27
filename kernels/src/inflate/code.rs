//! Prefix codes as tables (RFC 1951, section 3.2.2): the next bits of the stream, looked up, tell what they begin with.
//!
//! A table has an entry for each value of the first few bits. Where longer codes begin with these, the entry leads to a
//! second table behind the first, with an entry for each value of the bits that follow.

/// What some bits begin with. From the lowest bit: eight bits, how many they are, of the code and the number behind it;
/// four bits, how many the code has alone; the kind; from bit 16, the value: a literal byte, the least length or
/// distance, or where the second table begins.
pub type Entry = u32;

/// The highest bit, so that a comparison with zero finds it.
pub const LITERAL: Entry = 1 << 31;
/// Neither a literal nor a length or distance. Alone: no code begins so.
pub const SPECIAL: Entry = 1 << 15;
pub const SECOND_TABLE: Entry = SPECIAL | 1 << 14;
pub const END_OF_BLOCK: Entry = SPECIAL | 1 << 13;

pub const fn value(entry: Entry) -> usize {
    (entry >> 16 & 0x7fff) as usize
}

/// Bits of the code and of the number behind it.
pub const fn bits(entry: Entry) -> u32 {
    entry & 0xff
}

/// Bits of the code; where it leads to a second table, bits that this one is indexed with.
pub const fn code_bits(entry: Entry) -> u32 {
    entry >> 8 & 0xf
}

const LONGEST: usize = 15;
const MOST_SYMBOLS: usize = 288;

/// A table of 2^`BITS` entries and the second tables behind it, `LEN` in all: as many as any complete code of its
/// symbols, of at most 15 bits, needs.
pub struct Table<const BITS: u32, const LEN: usize>(pub [Entry; LEN]);

/// Of literals and lengths.
pub type Literals = Table<11, 2342>;
/// Of distances; the lengths of codes, of at most 7 bits, fit as well.
pub type Distances = Table<8, 402>;

impl<const BITS: u32, const LEN: usize> Table<BITS, LEN> {
    pub const fn new() -> Self {
        Self([SPECIAL; LEN])
    }

    /// What the bits begin with, by the first table and the second.
    #[inline(always)]
    pub fn look_up(&self, bits: u64) -> Entry {
        let entry = self.look_up_first(bits);
        if entry & SECOND_TABLE == SECOND_TABLE { self.look_up_second(entry, bits) } else { entry }
    }

    #[inline(always)]
    pub fn look_up_first(&self, bits: u64) -> Entry {
        self.0[bits as usize & ((1 << BITS) - 1)]
    }

    #[inline(always)]
    pub fn look_up_second(&self, entry: Entry, bits: u64) -> Entry {
        self.0[value(entry) + ((bits >> BITS) as usize & !(!0 << code_bits(entry)))]
    }

    /// Makes the table of the code whose symbols have codes of these lengths; 0 is a symbol without one. `false` if the
    /// code has too many codes, or too few: a single one of one bit, or none, is enough.
    pub fn fill(&mut self, lengths: &[u8], meaning: fn(usize) -> Entry) -> bool {
        fill(&mut self.0, BITS, lengths, meaning)
    }
}

/// The same for every size of table: its code is worth having once. That no index is out of bounds follows from `LEN`
/// being enough for complete codes, and the lengths being at most [`LONGEST`].
fn fill(table: &mut [Entry], first_bits: u32, lengths: &[u8], meaning: fn(usize) -> Entry) -> bool {
    let mut counts = [0; LONGEST + 1];
    lengths.iter().for_each(|&length| counts[usize::from(length)] += 1);
    counts[0] = 0;

    let mut starts = [0; LONGEST + 1];
    let (mut free, mut longest) = (1i32, 0);
    for length in 1..=LONGEST {
        starts[length] = starts[length - 1] + counts[length - 1];
        free = 2 * free - counts[length] as i32;
        if free < 0 {
            return false;
        }
        if counts[length] > 0 {
            longest = length;
        }
    }
    if free > 0 {
        if longest > 1 {
            return false;
        }
        table[..1 << first_bits].fill(SPECIAL | 1);
    }

    let mut sorted = [0u16; MOST_SYMBOLS];
    for (symbol, &length) in lengths.iter().enumerate().filter(|(_, length)| **length > 0) {
        sorted[starts[usize::from(length)]] = symbol as u16;
        starts[usize::from(length)] += 1;
    }

    // The code of the next symbol, its first bit lowest.
    let mut code = 0usize;
    let first_len = 1 << first_bits;
    let (mut prefix, mut second, mut end) = (None, 0..0, first_len);
    let mut symbols = sorted.iter();
    for length in 1..=longest {
        for left in (1..=counts[length]).rev() {
            let Some(&symbol) = symbols.next() else { break };
            let mut entries = 0..first_len;
            let mut shift = 0;
            if length as u32 > first_bits {
                shift = first_bits;
                if prefix != Some(code % first_len) {
                    // As many bits as make room for the codes that begin like this one: the next ones in order.
                    let mut bits = length - first_bits as usize;
                    let mut used = left;
                    while used < 1 << bits {
                        bits += 1;
                        used = 2 * used + counts[first_bits as usize + bits];
                    }
                    prefix = Some(code % first_len);
                    second = end..end + (1 << bits);
                    end = second.end;
                    table[code % first_len] = SECOND_TABLE | (second.start as u32) << 16 | (bits as u32) << 8;
                }
                entries = second.clone();
            }
            let entry = meaning(usize::from(symbol)) + 0x101 * length as u32;
            for at in (entries.start + (code >> shift)..entries.end).step_by(1 << (length as u32 - shift)) {
                table[at] = entry;
            }
            // Plus one from the other end: the ones before the first zero fall, and it becomes one.
            let ones = (1 << length) - 1;
            let zero = (code ^ ones).checked_ilog2().map_or(0, |place| 1 << place);
            code = code & (usize::max(zero, 1) - 1) | zero;
        }
    }
    true
}

/// Of the symbols of literals and lengths (section 3.2.5).
pub fn literal_or_length(symbol: usize) -> Entry {
    let length = symbol.wrapping_sub(257) as u32;
    match symbol {
        0..256 => LITERAL | (symbol as u32) << 16,
        256 => END_OF_BLOCK,
        257..265 => (length + 3) << 16,
        265..285 => {
            let extra = length / 4 - 1;
            (((4 + length % 4) << extra) + 3) << 16 | extra
        }
        285 => 258 << 16,
        _ => SPECIAL,
    }
}

/// Of the symbols of distances.
pub fn distance(symbol: usize) -> Entry {
    let distance = symbol as u32;
    match symbol {
        0..4 => (distance + 1) << 16,
        4..30 => {
            let extra = distance / 2 - 1;
            (((2 + distance % 2) << extra) + 1) << 16 | extra
        }
        _ => SPECIAL,
    }
}

/// Of the symbols of the lengths of codes.
pub fn code_length(symbol: usize) -> Entry {
    (symbol as u32) << 16
}
