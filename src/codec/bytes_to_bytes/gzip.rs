//! `gzip`: RFC 1952 members.
//!
//! Zarr v3 core codec `gzip`; `numcodecs.gzip` and the v2 id `gzip` write the same bytes. Configuration: `level`, −1 to 9,
//! of no meaning for a reader.
//!
//! Several members may follow each other, their contents joined; CRC-32 and length of each are checked. Zero bytes after
//! a member are padding, as in Python's reader; anything else there must be another member.

use std::borrow::Cow;

use zarr_wasm_kernels::inflate::Wrapper;

use super::zlib::inflate;
use crate::codec::{BytesToBytes, Configuration, Len, Scratch};
use crate::error::Result;

pub struct Gzip;

impl Gzip {
    pub fn new(configuration: &Configuration) -> Result<Self> {
        if let Some(level) = configuration.integer("level")? {
            configuration.in_range("level", level, -1, 9)?;
        }
        Ok(Self)
    }
}

impl BytesToBytes for Gzip {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded.compressed()
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let guess = encoded.len().saturating_mul(4);
        let decoded = scratch.fill(decoded_len, guess, |_, buffer| decode_members(&encoded, buffer))?;
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

/// Decodes all members and answers the length of their contents, or `None` if `decoded` is too short for them.
fn decode_members(encoded: &[u8], decoded: &mut [u8]) -> Result<Option<usize>> {
    let (mut rest, mut written) = (encoded, 0);
    loop {
        let Some(member) = inflate(Wrapper::Gzip, rest, &mut decoded[written..])? else { return Ok(None) };
        written += member.written;
        rest = &rest[member.read..];
        let padding = rest.iter().position(|&byte| byte != 0);
        match padding {
            Some(padding) => rest = &rest[padding..],
            None => return Ok(Some(written)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 8 times "zarr", written by Python's gzip module.
    const MEMBER: [u8; 26] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xab, 0x4a, 0x2c, 0x2a, 0xaa, 0xc2, 0x83, 0x01,
        0x3a, 0xe6, 0xce, 0xa6, 0x20, 0x00, 0x00, 0x00,
    ];

    fn decode(encoded: &[u8], len: Len) -> Result<Vec<u8>> {
        Ok(Gzip.decode(Cow::Borrowed(encoded), len, &mut Scratch::default())?.into_owned())
    }

    #[test]
    fn members_are_joined_and_zeros_are_padding() {
        let encoded = [&MEMBER[..], &MEMBER, &[0; 5], &MEMBER, &[0; 3]].concat();
        assert_eq!(decode(&encoded, Len::Exact(96)).unwrap(), b"zarr".repeat(24));
        assert_eq!(decode(&encoded, Len::AtMost(1 << 20)).unwrap(), b"zarr".repeat(24));
        assert!(decode(&encoded, Len::Exact(95)).is_err());
        assert!(decode(&encoded, Len::Exact(97)).is_err());
    }

    #[test]
    fn a_member_may_be_empty() {
        const EMPTY: [u8; 20] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let encoded = [&EMPTY[..], &MEMBER, &EMPTY].concat();
        assert_eq!(decode(&encoded, Len::Exact(32)).unwrap(), b"zarr".repeat(8));
        assert_eq!(decode(&EMPTY, Len::AtMost(32)).unwrap(), b"");
    }

    #[test]
    fn a_wrong_checksum_or_length_of_any_member_is_an_error() {
        for at in 18..26 {
            let mut encoded = [MEMBER, MEMBER].concat();
            encoded[at] ^= 1;
            assert!(decode(&encoded, Len::Exact(64)).is_err(), "byte {at}");
            encoded[at] ^= 1;
            encoded[26 + at] ^= 1;
            assert!(decode(&encoded, Len::Exact(64)).is_err(), "byte {at} of the second member");
        }
    }

    #[test]
    fn rubbish_after_a_member_is_an_error() {
        let error = decode(&[&MEMBER[..], b"rubbish"].concat(), Len::Exact(32)).unwrap_err();
        assert_eq!(error.message(), "incorrect header check");
    }

    #[test]
    fn a_member_cut_anywhere_is_an_error() {
        for len in 0..MEMBER.len() {
            assert!(decode(&MEMBER[..len], Len::Exact(32)).is_err(), "{len} bytes");
            assert!(decode(&MEMBER[..len], Len::AtMost(32)).is_err(), "{len} bytes");
            let second = [&MEMBER[..], &MEMBER[..len]].concat();
            assert_eq!(decode(&second, Len::AtMost(64)).is_err(), len > 0, "{len} bytes of the second member");
        }
    }
}
