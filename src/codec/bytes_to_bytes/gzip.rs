//! `gzip`: RFC 1952 members.
//!
//! Zarr v3 core codec `gzip`; `numcodecs.gzip` and the v2 id `gzip` write the same bytes. Configuration: `level`, −1 to 9,
//! of no meaning for a reader.
//!
//! Several members may follow each other, their contents joined; CRC-32 and length of each are checked. Zero bytes after
//! a member are padding, as in Python's reader; anything else there must be another member.

use std::borrow::Cow;

use super::zlib::{Wrapper, inflate};
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
