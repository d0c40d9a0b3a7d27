//! `zstd`: Zstandard frames, RFC 8878.
//!
//! Zarr v3 extension `zstd`; `numcodecs.zstd` and the v2 id `zstd` write the same bytes. Configuration: `level`, an
//! integer, and `checksum`, a boolean; both matter to a writer only, since a frame says of itself what it holds.
//!
//! An encoding is any number of frames, their contents one after the other; skippable frames hold nothing. A frame need
//! not tell its content size, and if it does, that is a claim to be checked. Checksums are verified. Dictionaries are
//! not supported: no Zarr writer uses any.

use std::borrow::Cow;

use structured_zstd::decoding::errors::FrameDecoderError;
use structured_zstd::decoding::{ContentChecksum, FrameDecoder};

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

impl BytesToBytes for Zstd {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded.compressed()
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        if encoded.is_empty() {
            return Err(Error::corrupt_chunk("0 bytes, expected a frame"));
        }
        let guess = encoded.len().saturating_mul(4);
        let decoded = scratch.fill(decoded_len, guess, |scratch, buffer| scratch.zstd.decode(&encoded, buffer))?;
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

/// The crate's decoder, kept for its tables, with the one setting that must not be forgotten: by default it computes
/// checksums and accepts a wrong one.
pub struct ZstdDecoder(FrameDecoder);

impl Default for ZstdDecoder {
    fn default() -> Self {
        let mut decoder = FrameDecoder::new();
        decoder.set_content_checksum(ContentChecksum::Verify);
        Self(decoder)
    }
}

impl ZstdDecoder {
    /// Decodes all frames of `encoded` and answers how many bytes they hold, or `None` if that is more than `decoded`
    /// has room for. Nothing is allocated by what a frame claims: contents go straight into `decoded`.
    pub fn decode(&mut self, encoded: &[u8], decoded: &mut [u8]) -> Result<Option<usize>> {
        match self.0.decode_all(encoded, decoded) {
            Ok(written) => Ok(Some(written)),
            Err(FrameDecoderError::TargetTooSmall) => Ok(None),
            Err(error) => Err(Error::corrupt_chunk(error.to_string())),
        }
    }
}
