//! `fletcher32`: HDF5's variant of the Fletcher checksum, after the data.
//!
//! `numcodecs.fletcher32` and the v2 id `fletcher32`; HDF5's filter of that name writes the same. No configuration.
//!
//! Unlike in the textbook, the words of 16 bits are big-endian, an odd last byte is the high one of a word, and the sums
//! are folded by adding their carries, so that a sum which is not zero never becomes zero.

use super::checksum::Checksum;

/// As many words as can be summed before the second sum, of at most n (n + 1) / 2 words, leaves 32 bits.
const WORDS: usize = 360;

pub fn fletcher32() -> Checksum {
    Checksum::trailing(checksum)
}

fn checksum(data: &[u8]) -> u32 {
    let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut sum1, mut sum2) = (0u32, 0u32);
    for block in data.chunks(2 * WORDS) {
        for word in block.chunks(2) {
            sum1 += u32::from(word[0]) << 8 | word.get(1).map_or(0, |&low| low.into());
            sum2 += sum1;
        }
        (sum1, sum2) = (fold(sum1), fold(sum2));
    }
    // One fold of 32 bits may leave a carry, a second never does.
    (sum1, sum2) = (fold(sum1), fold(sum2));
    sum2 << 16 | sum1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{BytesToBytes, Len, Scratch};
    use std::borrow::Cow;

    /// All checksums: the last four bytes of numcodecs.Fletcher32().encode(…).
    #[test]
    fn checksums_are_those_of_numcodecs() {
        let counting: Vec<u8> = (0..=255).cycle().take(2048).collect();
        for (data, stored) in [
            (&b"a"[..], 0x61006100),
            (b"ab", 0x61626162),
            (b"abc", 0x25c5c462),
            (b"abcde", 0x4ff029c7),
            (b"abcdef", 0x50562a2d),
            (b"zarr", 0x6735ecd3),
            (&counting, 0x282e01fe),
            (&[0xff; 2], 0xffffffff),
            (&[0xff; 1442], 0xffffffff),
            (&[0; 2], 0),
        ] {
            assert_eq!(checksum(data), stored, "{data:?}");
        }
        assert_eq!(checksum(b""), 0);
    }

    #[test]
    fn the_sums_of_the_largest_words_do_not_overflow() {
        assert_eq!(checksum(&vec![0xff; 1 << 20]), 0xffffffff);
        assert_eq!(checksum(&[0xff; 4 * WORDS + 1]), 0xff00ff00);
    }

    #[test]
    fn a_checksum_that_does_not_match_is_an_error() {
        let codec = fletcher32();
        let decode = |encoded| codec.decode(Cow::Borrowed(encoded), Len::Exact(4), &mut Scratch::default());
        assert_eq!(decode(b"zarr\xd3\xec\x35\x67").unwrap()[..], *b"zarr");
        assert!(decode(b"zarR\xd3\xec\x35\x67").is_err());
        assert_eq!(codec.encoded_len(Len::Exact(4)), Len::Exact(8));
    }
}
