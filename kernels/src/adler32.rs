//! Adler-32 (RFC 1950, section 8.2): the checksum of zlib.

const MODULUS: u32 = 65521;

/// Words of eight bytes that are summed at once: as many as leave the sums below in 16 bits.
const WORDS: usize = 16;
const BLOCK_LEN: usize = 8 * WORDS;

/// The bytes of a word with even places, in four numbers of 16 bits.
const EVEN: u64 = 0x00ff_00ff_00ff_00ff;

/// Blocks after which the second sum, unreduced, still fits in 32 bits.
const BETWEEN_REDUCTIONS: usize = 5552 / BLOCK_LEN;

#[inline(never)]
pub fn adler32(data: &[u8]) -> u32 {
    let (mut first, mut second) = (1, 0);
    let (blocks, rest) = data.as_chunks::<BLOCK_LEN>();
    for blocks in blocks.chunks(BETWEEN_REDUCTIONS) {
        for block in blocks {
            let (sum, weighted) = sums(block);
            second += BLOCK_LEN as u32 * first + weighted;
            first += sum;
        }
        first %= MODULUS;
        second %= MODULUS;
    }
    for &byte in rest {
        first += u32::from(byte);
        second += first;
    }
    ((second % MODULUS) << 16) | (first % MODULUS)
}

/// The sum of all bytes, and the sum of the sums of the first one, two, three … of them. By columns: each place of a word
/// has a sum of its own, and a sum of what that was before each word.
#[inline(always)]
fn sums(block: &[u8; BLOCK_LEN]) -> (u32, u32) {
    let (mut columns, mut before) = ([0u64; 2], [0u64; 2]);
    for word in block.as_chunks::<8>().0 {
        let word = u64::from_le_bytes(*word);
        before = [before[0] + columns[0], before[1] + columns[1]];
        columns = [columns[0] + (word & EVEN), columns[1] + (word >> 8 & EVEN)];
    }
    let (mut sum, mut weighted) = (0, 0);
    for place in 0..8 {
        let number = |columns: [u64; 2]| (columns[place % 2] >> (place / 2 * 16)) as u32 & 0xffff;
        sum += number(columns);
        weighted += 8 * number(before) + (8 - place as u32) * number(columns);
    }
    (sum, weighted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sum_overflows() {
        assert_eq!(adler32(b""), 1);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        for len in (0..300).chain([5503, 5504, 5505, 100_000]) {
            let data = vec![0xff; len];
            assert_eq!(adler32(&data), zlib_rs::adler32::adler32(1, &data), "{len} bytes");
        }
    }
}
