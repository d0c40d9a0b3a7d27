//! CRC-32 and CRC-32C: cyclic redundancy checks of 32 bits, reflected, the remainder inverted before and after.
//!
//! Nearly all of the data is folded away, sixteen bytes at a time, by nothing but XOR, as Chorba does (Russell 2024,
//! arXiv:2412.16398). Where remainders are concerned some power of x^128 is the sum of four lower ones and one: so sixteen
//! bytes may be added to those that follow them at five distances, and count no more. What is left in the end is as long as
//! the longest distance; it is looked up in tables, eight bytes at a time.
//!
//! The tables are made when they are first needed: random bytes such as theirs would weigh as much in a compressed
//! download as they are long.

use std::sync::OnceLock;

use crate::lane::{LANE_LEN, Lane};

/// CRC-32C (RFC 3720, appendix B.4).
pub fn crc32c(data: &[u8]) -> u32 {
    static CRC: OnceLock<Box<Crc>> = OnceLock::new();
    CRC.get_or_init(|| Crc::new(0x82f6_3b78, [65, 155, 170, 195, 209])).of(data)
}

/// The CRC-32 of gzip (RFC 1952, section 8).
pub fn crc32(data: &[u8]) -> u32 {
    static CRC: OnceLock<Box<Crc>> = OnceLock::new();
    CRC.get_or_init(|| Crc::new(0xedb8_8320, [17, 80, 118, 124, 203])).of(data)
}

/// The longest distance.
const LONGEST: usize = 209;

/// Lanes that are folded together: none is added to another of them.
const GROUP: usize = 16;

/// Lanes that are folded until those before them are moved.
const BLOCK: usize = 32 * GROUP;

/// What is shorter is not worth it.
const LEAST_FOLDED: usize = 4 * LONGEST * LANE_LEN;

/// Bytes that are looked up at once.
const WORD: usize = 8;

type Table = [u32; 256];

struct Crc {
    /// What the byte at this place of a word does to the remainder after the word.
    word: [Table; WORD],
    /// In lanes, the longest last.
    distances: [usize; 5],
}

impl Crc {
    /// The tables of a polynomial, given with its bits reversed.
    fn new(polynomial: u32, distances: [usize; 5]) -> Box<Self> {
        let mut crc = Box::new(Self { word: [[0; 256]; WORD], distances });
        for byte in 0..=u8::MAX {
            let mut remainder = u32::from(byte);
            for table in crc.word.iter_mut().rev() {
                for _ in 0..8 {
                    remainder = (remainder >> 1) ^ if remainder & 1 == 1 { polynomial } else { 0 };
                }
                table[usize::from(byte)] = remainder;
            }
        }
        crc
    }

    #[inline(never)]
    fn of(&self, data: &[u8]) -> u32 {
        if data.len() < LEAST_FOLDED {
            return !self.look_up(!0, data);
        }
        let (lanes, rest) = data.as_chunks::<LANE_LEN>();
        let remainder = self.look_up(0, self.folded(lanes).as_flattened());
        !self.look_up(remainder, rest)
    }

    /// What is left when all lanes but the last ones have been added to those after them.
    fn folded(&self, lanes: &[[u8; LANE_LEN]]) -> [[u8; LANE_LEN]; LONGEST] {
        let [.., longest] = self.distances;
        let (lanes, rest) = lanes.split_at(lanes.len() - LONGEST);
        // What was folded, behind what was folded before it.
        let mut window = [Lane::default(); LONGEST + BLOCK];
        // Comes to the very first lane: the remainder begins inverted.
        window[LONGEST - longest] = Lane::load(&u128::from(u32::MAX).to_le_bytes());
        for block in lanes.chunks(BLOCK) {
            for (at, group) in (LONGEST..).step_by(GROUP).zip(block.chunks(GROUP)) {
                let (before, after) = window.split_at_mut(at);
                self.add(before, group, after);
            }
            window.copy_within(block.len()..block.len() + LONGEST, 0);
        }
        // The rest is added to nothing.
        window[LONGEST..].fill(Lane::default());
        let mut left = [[0; LANE_LEN]; LONGEST];
        for (at, (group, left)) in (LONGEST..).step_by(GROUP).zip(rest.chunks(GROUP).zip(left.chunks_mut(GROUP))) {
            let mut sums = [Lane::default(); GROUP];
            self.add(&window[..at], group, &mut sums);
            left.iter_mut().zip(sums).for_each(|(left, sum)| sum.store(left));
        }
        left
    }

    /// What lanes are with those that lie at the distances before them; `before` ends where they begin.
    #[inline(always)]
    fn add(&self, before: &[Lane], lanes: &[[u8; LANE_LEN]], sums: &mut [Lane]) {
        let [a, b, c, d, e] = self.distances.map(|distance| &before[before.len() - distance..][..lanes.len()]);
        for (i, (lane, sum)) in lanes.iter().zip(sums).enumerate() {
            *sum = Lane::load(lane).xor(a[i]).xor(b[i]).xor(c[i]).xor(d[i]).xor(e[i]);
        }
    }

    /// The remainder after these bytes.
    #[inline(never)]
    fn look_up(&self, remainder: u32, data: &[u8]) -> u32 {
        let (words, rest) = data.as_chunks::<WORD>();
        let remainder = words.iter().fold(remainder, |remainder, word| {
            let word = u64::from_le_bytes(*word) ^ u64::from(remainder);
            (0..WORD).fold(0, |sum, at| sum ^ self.word[at][(word >> (8 * at)) as usize & 0xff])
        });
        let [.., single] = &self.word;
        let shift = |remainder: u32, byte: &u8| (remainder >> 8) ^ single[usize::from(remainder as u8 ^ byte)];
        rest.iter().fold(remainder, shift)
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
        let data: Vec<u8> = (0..100_000usize).map(|i| (i.wrapping_mul(2654435761) >> 13) as u8).collect();
        let around = |len: usize| len - 20..len + 300;
        let lens = (0..300).chain(around(LEAST_FOLDED)).chain(around(3 * BLOCK * LANE_LEN)).chain([data.len() - 9]);
        for len in lens {
            for start in [0, 1, 3, 8, 9] {
                let data = &data[start..][..len];
                assert_eq!(crc32(data), zlib_rs::crc32::crc32(0, data), "{len} from {start}");
                assert_eq!(crc32c(data), ::crc32c::crc32c(data), "{len} from {start}");
            }
        }
    }
}
