//! CRC-32C (RFC 3720, appendix B.4): polynomial 0x1edc6f41, reflected, eight bytes at a time.
//!
//! The tables are made when they are first needed: random bytes such as theirs would weigh as much in a compressed
//! download as they are long.

use std::sync::OnceLock;

/// The polynomial with its bits reversed.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// Bytes that are looked up at once.
const SLICE: usize = 8;

type Tables = [[u32; 256]; SLICE];

/// Table k has what a byte does to the remainder when k more bytes follow it.
fn tables() -> &'static Tables {
    static TABLES: OnceLock<Box<Tables>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let mut tables = Box::new([[0; 256]; SLICE]);
        let step = |remainder: u32, _| (remainder >> 1) ^ if remainder & 1 == 1 { POLYNOMIAL } else { 0 };
        tables[0] = std::array::from_fn(|byte| (0..8).fold(byte as u32, step));
        for k in 1..SLICE {
            tables[k] = tables[k - 1].map(|shorter| (shorter >> 8) ^ tables[0][(shorter & 0xff) as usize]);
        }
        tables
    })
}

#[inline(never)]
pub fn crc32c(data: &[u8]) -> u32 {
    let tables = tables();
    let (slices, rest) = data.as_chunks::<SLICE>();
    let mut remainder = !0;
    for slice in slices {
        let word = u64::from_le_bytes(*slice) ^ u64::from(remainder);
        remainder = (0..SLICE).fold(0, |sum, at| sum ^ tables[SLICE - 1 - at][(word >> (8 * at)) as usize & 0xff]);
    }
    !rest.iter().fold(remainder, |remainder, byte| (remainder >> 8) ^ tables[0][(remainder as u8 ^ byte) as usize])
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
                assert_eq!(crc32c(&data[start..end]), ::crc32c::crc32c(&data[start..end]), "{start}..{end}");
            }
        }
    }
}
