//! `zstd`: Zstandard frames, RFC 8878.
//!
//! Zarr v3 extension `zstd`; `numcodecs.zstd` and the v2 id `zstd` write the same bytes. Configuration: `level`, an
//! integer, and `checksum`, a boolean; both matter to a writer only, since a frame says of itself what it holds.
//!
//! An encoding is any number of frames, their contents one after the other; skippable frames hold nothing. A frame need
//! not tell its content size, and if it does, that is a claim to be checked. Checksums are verified. Dictionaries are
//! not supported: no Zarr writer uses any.

use std::borrow::Cow;

use crate::codec::{BytesToBytes, Configuration, Len, Scratch};
use crate::error::{Error, Result};

pub struct Zstd;

impl Zstd {
    pub fn new(configuration: &Configuration) -> Result<Self> {
        configuration.integer("level")?;
        configuration.boolean("checksum")?;
        Ok(Self)
    }
}

/// The most that a block holds (RFC 8878, 3.1.1.2).
const MAX_BLOCK_LEN: usize = 1 << 17;

/// The most that the blocks of these frames can hold: what a frame claims of its content may be anything, and must not be
/// tried with ever larger buffers.
fn most_content(encoded: &[u8]) -> usize {
    let mut most = 0;
    let mut rest = encoded;
    while frame_content(&mut rest, &mut most).is_some() {}
    most
}

/// Takes a frame off (RFC 8878, 3.1.1 and 3.1.2), and adds what it can hold; `None` where the bytes end, or are none.
fn frame_content(rest: &mut &[u8], most: &mut usize) -> Option<()> {
    let magic = take(rest, 4)?;
    if magic & !0xf == 0x184d_2a50 {
        let len = take(rest, 4)?;
        return skip(rest, len);
    }
    let descriptor = if magic == 0xfd2f_b528 { take(rest, 1)? } else { return None };
    let is_single_segment = descriptor >> 5 & 1;
    let dictionary_len = [0, 1, 2, 4][descriptor & 3];
    let content_len = [is_single_segment, 2, 4, 8][descriptor >> 6];
    skip(rest, 1 - is_single_segment + dictionary_len + content_len)?;
    loop {
        let header = take(rest, 3)?;
        let len = header >> 3;
        let (held, stored) = match header >> 1 & 3 {
            0 => (len, len),
            1 => (len, 1),
            2 => (MAX_BLOCK_LEN, len),
            _ => return None,
        };
        *most = most.saturating_add(held.min(MAX_BLOCK_LEN));
        skip(rest, stored)?;
        if header & 1 == 1 {
            return skip(rest, 4 * (descriptor >> 2 & 1));
        }
    }
}

/// Takes a little-endian number of up to four bytes off.
fn take(rest: &mut &[u8], len: usize) -> Option<usize> {
    let (number, after) = rest.split_at_checked(len)?;
    *rest = after;
    Some(number.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}

fn skip(rest: &mut &[u8], len: usize) -> Option<()> {
    *rest = rest.get(len..)?;
    Some(())
}

impl BytesToBytes for Zstd {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded.compressed()
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        if encoded.is_empty() {
            return Err(Error::corrupt_chunk("0 bytes, expected a frame"));
        }
        let guess = encoded.len().saturating_mul(4);
        let decoded_len = match decoded_len {
            Len::Exact(len) => Len::Exact(len),
            Len::AtMost(most) => Len::AtMost(most.min(most_content(&encoded))),
        };
        let decoded = scratch.fill(decoded_len, guess, |scratch, buffer| {
            scratch.zstd.decode(&encoded, buffer).map_err(Error::corrupt_chunk)
        })?;
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 8 times "zarr", written by numcodecs with a checksum.
    const FRAME: [u8; 23] = [
        0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x20, 0x55, 0x00, 0x00, 0x20, 0x7a, 0x61, 0x72, 0x72, 0x01, 0x00, 0x33, 0x8e,
        0x08, 0x51, 0x4c, 0xb1, 0x21,
    ];

    /// A skippable frame of three bytes.
    const SKIPPABLE: [u8; 11] = [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, b'x', b'y', b'z'];

    /// A frame of one raw block, which does not tell its content size.
    const UNSIZED: [u8; 12] = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x00, 0x19, 0x00, 0x00, b'a', b'b', b'c'];

    fn content() -> Vec<u8> {
        b"zarr".repeat(8)
    }

    fn decode(encoded: &[u8], len: Len) -> Result<Vec<u8>> {
        Ok(Zstd.decode(Cow::Borrowed(encoded), len, &mut Scratch::default())?.into_owned())
    }

    #[test]
    fn frames_follow_each_other_and_skippable_ones_hold_nothing() {
        let encoded = [&SKIPPABLE[..], &FRAME, &UNSIZED, &SKIPPABLE, &FRAME].concat();
        let expected = [&content()[..], b"abc", &content()].concat();
        assert_eq!(decode(&encoded, Len::Exact(67)).unwrap(), expected);
        assert_eq!(decode(&encoded, Len::AtMost(1000)).unwrap(), expected);
    }

    #[test]
    fn what_blocks_can_hold_bounds_what_a_frame_claims() {
        let block = |kind: u32, len: u32, last: u32| (len << 3 | kind << 1 | last).to_le_bytes()[..3].to_vec();
        let claims_1_mib = [&[0x28, 0xb5, 0x2f, 0xfd, 0b1010_0000][..], &(1u32 << 20).to_le_bytes()].concat();
        let repeated = [claims_1_mib, block(1, 1000, 0), vec![b'a'], block(0, 3, 1), b"xyz".to_vec()].concat();
        assert_eq!(most_content(&repeated), 1003);
        assert_eq!(most_content(&repeated[..repeated.len() - 3]), 1003);
        assert_eq!(most_content(&[&SKIPPABLE[..], &UNSIZED, &SKIPPABLE, &UNSIZED].concat()), 6);
        assert_eq!(most_content(&FRAME), MAX_BLOCK_LEN);
        assert_eq!(most_content(b"zarr"), 0);
        let error = decode(&repeated, Len::AtMost(1 << 28)).unwrap_err();
        assert_eq!(error.message(), "the frame does not hold as many bytes as it says");
    }

    #[test]
    fn a_skippable_frame_that_is_cut_is_an_error() {
        for len in [4, 0x7fff_ffff, 0xffff_fff8, 0xffff_ffff_u32] {
            let skippable = [&SKIPPABLE[..4], &len.to_le_bytes(), b"xyz"].concat();
            let error = decode(&[&FRAME[..], &skippable].concat(), Len::Exact(32)).unwrap_err();
            assert_eq!(error.message(), "the frame ends early", "{len} bytes");
        }
    }

    #[test]
    fn a_wrong_checksum_is_an_error() {
        let mut encoded = FRAME;
        encoded[22] ^= 1;
        let error = decode(&encoded, Len::Exact(32)).unwrap_err();
        assert!(error.message().contains("checksum mismatch"), "{error}");
    }

    #[test]
    fn a_length_that_is_not_the_expected_one_is_an_error() {
        let error = decode(&FRAME, Len::Exact(33)).unwrap_err();
        assert_eq!(error.message(), "decoded to 32 bytes, expected 33");
        for encoded in [&FRAME[..], &[UNSIZED; 11].concat()] {
            let error = decode(encoded, Len::Exact(31)).unwrap_err();
            assert_eq!(error.message(), "decodes to more than the expected 31 bytes");
        }
    }

    #[test]
    fn a_frame_cut_anywhere_is_an_error() {
        for len in 0..FRAME.len() {
            assert!(decode(&FRAME[..len], Len::AtMost(32)).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn a_claimed_content_size_allocates_nothing() {
        // A single-segment frame that claims 2^30 bytes.
        let claim = [&[0x28, 0xb5, 0x2f, 0xfd, 0xa0][..], &(1u32 << 30).to_le_bytes(), &[0x19, 0, 0, 1, 2, 3]].concat();
        let error = decode(&claim, Len::AtMost(50)).unwrap_err();
        assert_eq!(error.message(), "the frame does not hold as many bytes as it says");
    }

    #[test]
    fn what_follows_the_last_frame_must_be_a_frame() {
        assert!(decode(&[&FRAME[..], &[0; 4]].concat(), Len::Exact(32)).is_err());
    }
}
