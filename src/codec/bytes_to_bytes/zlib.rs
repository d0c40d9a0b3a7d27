//! `zlib`: one RFC 1950 stream with its Adler-32, and the deflate decoder that `gzip` and blosc share.
//!
//! `numcodecs.zlib` and the v2 id `zlib`; HDF5's "gzip" filter writes the same. Configuration: `level`, −1 to 9, of no
//! meaning for a reader. Bytes after the stream are an error.

use std::borrow::Cow;

use zarr_wasm_kernels::inflate::{self, Inflated, Stop, Wrapper};

use crate::codec::{BytesToBytes, Configuration, Len, Scratch};
use crate::error::{Error, Result};

pub struct Zlib;

impl Zlib {
    pub fn new(configuration: &Configuration) -> Result<Self> {
        if let Some(level) = configuration.integer("level")? {
            configuration.in_range("level", level, -1, 9)?;
        }
        Ok(Self)
    }
}

impl BytesToBytes for Zlib {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded.compressed()
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let guess = encoded.len().saturating_mul(4);
        let decoded = scratch.fill(decoded_len, guess, |_, buffer| decode_zlib(&encoded, buffer))?;
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

/// Decodes the one stream that `encoded` is and answers its length, or `None` if `decoded` is too short for it.
pub fn decode_zlib(encoded: &[u8], decoded: &mut [u8]) -> Result<Option<usize>> {
    let Some(stream) = inflate(Wrapper::Zlib, encoded, decoded)? else { return Ok(None) };
    if stream.read < encoded.len() {
        let rest = encoded.len() - stream.read;
        return Err(Error::corrupt_chunk(format!("{rest} bytes follow the end of the stream, expected none")));
    }
    Ok(Some(stream.written))
}

/// Decodes the stream at the start of `encoded`, with the checks of its wrapper; `None` if `decoded` is too short for it.
pub fn inflate(wrapper: Wrapper, encoded: &[u8], decoded: &mut [u8]) -> Result<Option<Inflated>> {
    match inflate::inflate(wrapper, encoded, decoded) {
        Ok(inflated) => Ok(Some(inflated)),
        Err(Stop::Full) => Ok(None),
        Err(Stop::EndsEarly) => Err(Error::corrupt_chunk("the stream ends early")),
        Err(Stop::Wrong(what)) => Err(Error::corrupt_chunk(what)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 8 times "zarr", written by numcodecs.
    const STREAM: [u8; 14] = [0x78, 0x9c, 0xab, 0x4a, 0x2c, 0x2a, 0xaa, 0xc2, 0x83, 0x01, 0xe6, 0xb8, 0x0d, 0xf9];

    fn decode(encoded: &[u8], len: Len) -> Result<Vec<u8>> {
        Ok(Zlib.decode(Cow::Borrowed(encoded), len, &mut Scratch::default())?.into_owned())
    }

    fn message(encoded: &[u8], len: Len) -> String {
        decode(encoded, len).unwrap_err().message().to_owned()
    }

    #[test]
    fn a_stream_decodes_to_a_known_length_or_within_a_bound() {
        assert_eq!(decode(&STREAM, Len::Exact(32)).unwrap(), b"zarr".repeat(8));
        assert_eq!(decode(&STREAM, Len::AtMost(1 << 20)).unwrap(), b"zarr".repeat(8));
    }

    #[test]
    fn a_bound_far_above_the_first_guess_is_reached() {
        let content = vec![7; 1 << 20];
        let mut buffer = vec![0; 1 << 16];
        let (encoded, _) = zlib_rs::compress_slice(&mut buffer, &content, zlib_rs::DeflateConfig::new(9));
        assert_eq!(decode(encoded, Len::AtMost(1 << 21)).unwrap(), content);
    }

    #[test]
    fn a_length_that_is_not_the_expected_one_is_an_error() {
        assert_eq!(message(&STREAM, Len::Exact(31)), "decodes to more than the expected 31 bytes");
        assert_eq!(message(&STREAM, Len::Exact(33)), "decoded to 32 bytes, expected 33");
        assert_eq!(message(&STREAM, Len::AtMost(31)), "decodes to more than the expected 31 bytes");
    }

    #[test]
    fn a_stream_cut_anywhere_is_an_error() {
        for len in 0..STREAM.len() {
            assert!(message(&STREAM[..len], Len::Exact(32)).starts_with("the stream ends early"), "{len} bytes");
        }
    }

    #[test]
    fn a_wrong_checksum_or_bytes_after_the_end_are_errors() {
        let mut wrong = STREAM;
        wrong[13] ^= 1;
        assert_eq!(message(&wrong, Len::Exact(32)), "incorrect data check");
        let longer = [&STREAM[..], &[0, 0]].concat();
        assert_eq!(message(&longer, Len::Exact(32)), "2 bytes follow the end of the stream, expected none");
    }
}
