//! `bz2`: bzip2 streams.
//!
//! `numcodecs.bz2` and the v2 id `bz2`. Configuration: `level`, 1 to 9, of no meaning for a reader. Several streams may
//! follow each other, their contents joined; the CRC of each block and of each stream is checked. Bytes that are no stream
//! are an error, where Python's reader would skip them.
//!
//! Limits: beside the chunk, the decoder takes up to 3.7 MB, by the block size of a stream's header.

use std::borrow::Cow;

use bzip2::{Decompress, Status};

use crate::codec::{BytesToBytes, Configuration, Len, Scratch};
use crate::error::{Error, Result};

pub struct Bz2;

impl Bz2 {
    pub fn new(configuration: &Configuration) -> Result<Self> {
        if let Some(level) = configuration.integer("level")? {
            configuration.in_range("level", level, 1, 9)?;
        }
        Ok(Self)
    }
}

impl BytesToBytes for Bz2 {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded.compressed()
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let guess = encoded.len().saturating_mul(4);
        let decoded = scratch.fill(decoded_len, guess, |_, buffer| decode_streams(&encoded, buffer))?;
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

/// Decodes all streams and answers the length of their contents, or `None` if `decoded` is too short for them.
fn decode_streams(encoded: &[u8], decoded: &mut [u8]) -> Result<Option<usize>> {
    let (mut rest, mut written) = (encoded, 0);
    loop {
        let Some(stream) = decode_stream(rest, &mut decoded[written..])? else { return Ok(None) };
        written += stream.written;
        rest = &rest[stream.read..];
        if rest.is_empty() {
            return Ok(Some(written));
        }
    }
}

/// How far a finished stream went on both sides.
struct Stream {
    read: usize,
    written: usize,
}

fn decode_stream(encoded: &[u8], decoded: &mut [u8]) -> Result<Option<Stream>> {
    let mut stream = Decompress::new(false);
    let (mut read, mut written) = (0, 0);
    loop {
        let status = stream
            .decompress(&encoded[read..], &mut decoded[written..])
            .map_err(|error| Error::corrupt_chunk(error.to_string()))?;
        let before = (read, written);
        // Neither is larger than its slice.
        (read, written) = (stream.total_in() as usize, stream.total_out() as usize);
        match status {
            Status::StreamEnd => return Ok(Some(Stream { read, written })),
            Status::MemNeeded => return Err(Error::out_of_memory("the tables of a bzip2 block are not to be had")),
            // A block may have been completed by the very last byte of room: only a call that gets nowhere is the end.
            _ if (read, written) != before => {}
            // What follows the blocks is at least ten bytes, so that input is left where a block wants more room.
            _ if read < encoded.len() => return Ok(None),
            _ => return Err(Error::corrupt_chunk(format!("the stream ends early, after {written} decoded bytes"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 8 times "zarr", written by Python's bz2 module.
    const STREAM: [u8; 42] = [
        0x42, 0x5a, 0x68, 0x31, 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, 0x2b, 0x06, 0xe6, 0xfa, 0x00, 0x00, 0x0f, 0x81,
        0x80, 0x20, 0x00, 0x10, 0x10, 0x20, 0x00, 0x30, 0xcc, 0x05, 0x41, 0x85, 0x18, 0x38, 0xbb, 0x92, 0x29, 0xc2,
        0x84, 0x81, 0x58, 0x37, 0x37, 0xd0,
    ];

    /// A stream of no blocks.
    const EMPTY: [u8; 14] = [0x42, 0x5a, 0x68, 0x39, 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, 0, 0, 0, 0];

    fn decode(encoded: &[u8], len: Len) -> Result<Vec<u8>> {
        Ok(Bz2.decode(Cow::Borrowed(encoded), len, &mut Scratch::default())?.into_owned())
    }

    fn message(encoded: &[u8], len: Len) -> String {
        decode(encoded, len).unwrap_err().message().to_owned()
    }

    #[test]
    fn streams_are_joined_and_may_be_empty() {
        let encoded = [&EMPTY[..], &STREAM, &STREAM, &EMPTY, &STREAM].concat();
        for len in [Len::Exact(96), Len::AtMost(96), Len::AtMost(1 << 20)] {
            assert_eq!(decode(&encoded, len).unwrap(), b"zarr".repeat(24));
        }
        assert_eq!(decode(&EMPTY, Len::Exact(0)).unwrap(), b"");
    }

    #[test]
    fn a_length_that_is_not_the_expected_one_is_an_error() {
        assert_eq!(message(&STREAM, Len::Exact(31)), "decodes to more than the expected 31 bytes");
        assert_eq!(message(&STREAM, Len::Exact(33)), "decoded to 32 bytes, expected 33");
        assert_eq!(message(&[STREAM, STREAM].concat(), Len::AtMost(32)), "decodes to more than the expected 32 bytes");
    }

    #[test]
    fn a_stream_cut_anywhere_is_an_error() {
        for len in 0..STREAM.len() {
            for expected in [Len::Exact(32), Len::AtMost(100)] {
                let message = message(&STREAM[..len], expected);
                assert!(message.starts_with("the stream ends early, after"), "{len} bytes: {message}");
            }
            assert!(len == 0 || decode(&[&STREAM, &STREAM[..len]].concat(), Len::AtMost(64)).is_err(), "{len} bytes");
        }
    }

    #[test]
    fn a_wrong_checksum_of_a_block_or_of_the_stream_is_an_error() {
        for at in (10..14).chain(37..41) {
            let mut encoded = STREAM;
            encoded[at] ^= 1;
            assert_eq!(message(&encoded, Len::Exact(32)), "bzip2: invalid data", "byte {at}");
        }
    }

    #[test]
    fn what_follows_a_stream_is_another_one() {
        assert_eq!(message(&[&STREAM[..], &[0; 8]].concat(), Len::Exact(32)), "bzip2: bz2 header missing");
    }
}
