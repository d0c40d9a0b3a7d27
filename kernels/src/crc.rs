//! CRC-32 and CRC-32C: cyclic redundancy checks of 32 bits, reflected, the remainder inverted before and after.
//!
//! Four remainders are computed side by side, each over every fourth word of eight bytes: a lookup waits for the one
//! before it, so that a single one would leave the processor idle. They are joined in the last round.
//!
//! The tables are made when they are first needed: random bytes such as theirs would weigh as much in a compressed
//! download as they are long.

use std::sync::OnceLock;

/// CRC-32C (RFC 3720, appendix B.4).
pub fn crc32c(data: &[u8]) -> u32 {
    static TABLES: OnceLock<Box<Crc>> = OnceLock::new();
    TABLES.get_or_init(|| Crc::new(0x82f6_3b78)).of(data)
}

/// The CRC-32 of gzip (RFC 1952, section 8).
pub fn crc32(data: &[u8]) -> u32 {
    static TABLES: OnceLock<Box<Crc>> = OnceLock::new();
    TABLES.get_or_init(|| Crc::new(0xedb8_8320)).of(data)
}

/// Remainders computed side by side.
const STRANDS: usize = 4;

/// Bytes that are looked up at once.
const WORD: usize = 8;

type Table = [u32; 256];

struct Crc {
    /// What a byte does to the remainder.
    single: Table,
    /// What the byte at this place of a word does to the remainder at the next word of the same strand.
    word: [Table; WORD],
}

impl Crc {
    /// The tables of a polynomial, given with its bits reversed.
    fn new(polynomial: u32) -> Box<Self> {
        let step = |remainder: u32, _| (remainder >> 1) ^ if remainder & 1 == 1 { polynomial } else { 0 };
        let single = std::array::from_fn(|byte| (0..8).fold(byte as u32, step));
        let mut crc = Box::new(Self { single, word: [single; WORD] });
        let mut following = single;
        for distance in 1..STRANDS * WORD {
            following = following.map(|remainder| crc.shift(remainder, 0));
            if let Some(table) = crc.word.get_mut(STRANDS * WORD - 1 - distance) {
                *table = following;
            }
        }
        crc
    }

    #[inline(always)]
    fn shift(&self, remainder: u32, byte: u8) -> u32 {
        (remainder >> 8) ^ self.single[usize::from(remainder as u8 ^ byte)]
    }

    #[inline(never)]
    fn of(&self, data: &[u8]) -> u32 {
        let (words, _) = data.as_chunks::<WORD>();
        let (rounds, _) = words.as_chunks::<STRANDS>();
        let rest = &data[rounds.len() * STRANDS * WORD..];
        let mut remainder = !0;
        if let Some((last, rounds)) = rounds.split_last() {
            let mut strands = [remainder, 0, 0, 0];
            for round in rounds {
                for (strand, word) in strands.iter_mut().zip(round) {
                    let word = u64::from_le_bytes(*word) ^ u64::from(*strand);
                    *strand = (0..WORD).fold(0, |sum, at| sum ^ self.word[at][(word >> (8 * at)) as usize & 0xff]);
                }
            }
            remainder = 0;
            for (strand, word) in strands.into_iter().zip(last) {
                let word = (u64::from_le_bytes(*word) ^ u64::from(strand)).to_le_bytes();
                remainder = word.iter().fold(remainder, |remainder, &byte| self.shift(remainder, byte));
            }
        }
        !rest.iter().fold(remainder, |remainder, &byte| self.shift(remainder, byte))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_standard() {
        let ascending: [u8; 32] = std::array::from_fn(|i| i as u8);
        let descending: [u8; 32] = std::array::from_fn(|i| 31 - i as u8);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(crc32c(&ascending), 0x46dd_794e);
        assert_eq!(crc32c(&descending), 0x113f_db5c);
    }

    #[test]
    fn every_length_has_the_checksum_of_another_implementation() {
        let data: Vec<u8> = (0..300usize).map(|i| (i.wrapping_mul(2654435761) >> 13) as u8).collect();
        for start in 0..9 {
            for end in start..data.len() {
                assert_eq!(crc32(&data[start..end]), zlib_rs::crc32::crc32(0, &data[start..end]), "{start}..{end}");
                assert_eq!(crc32c(&data[start..end]), ::crc32c::crc32c(&data[start..end]), "{start}..{end}");
            }
        }
    }
}
