//! Checksums of 32 bits, stored little-endian beside the data: `crc32c`, `crc32`, `adler32`.
//!
//! - `crc32c`, Zarr v3 core codec: CRC-32C (RFC 3720) after the data, no configuration.
//! - `numcodecs.crc32c`, `numcodecs.crc32`, `numcodecs.adler32` and the v2 ids without the prefix: configuration
//!   `location`, `"start"` or `"end"`; by default `end` for crc32c, `start` for the other two.
//!
//! A checksum that does not match is an error.

use std::borrow::Cow;

use crate::codec::{BytesToBytes, Configuration, Len, Scratch};
use crate::error::{Error, Result};

/// Bytes of a checksum.
const CHECKSUM_LEN: usize = 4;

#[derive(Clone, Copy)]
enum Location {
    Start,
    End,
}

pub struct Checksum {
    compute: fn(&[u8]) -> u32,
    location: Location,
}

impl Checksum {
    /// The codec of Zarr v3.
    pub fn crc32c() -> Self {
        Self { compute: crc32c::crc32c, location: Location::End }
    }

    /// The codec of numcodecs with this name.
    pub fn numcodecs(name: &str, configuration: &Configuration) -> Result<Self> {
        let (compute, default): (fn(&[u8]) -> u32, _) = match name {
            "numcodecs.crc32c" => (crc32c::crc32c, Location::End),
            "numcodecs.crc32" => (|data| zlib_rs::crc32::crc32(0, data), Location::Start),
            "numcodecs.adler32" => (|data| zlib_rs::adler32::adler32(1, data), Location::Start),
            _ => return Err(Error::unsupported(format!("unknown checksum {name:?}"))),
        };
        let location = match configuration.text("location")? {
            None => default,
            Some("start") => Location::Start,
            Some("end") => Location::End,
            Some(_) => return Err(configuration.invalid("location", "\"start\" or \"end\"")),
        };
        Ok(Self { compute, location })
    }
}

impl BytesToBytes for Checksum {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded.map(|len| len.saturating_add(CHECKSUM_LEN))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, _: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let parts = match self.location {
            Location::Start => encoded.split_first_chunk::<CHECKSUM_LEN>().map(|(stored, data)| (data, stored)),
            Location::End => encoded.split_last_chunk::<CHECKSUM_LEN>(),
        };
        let Some((data, stored)) = parts else {
            let found = encoded.len();
            return Err(Error::corrupt_chunk(format!(
                "{found} bytes, expected at least the {CHECKSUM_LEN} of the checksum"
            )));
        };
        decoded_len.check(data.len())?;
        let (stored, computed) = (u32::from_le_bytes(*stored), (self.compute)(data));
        if stored != computed {
            return Err(Error::corrupt_chunk(format!(
                "the checksum is {computed:#010x}, expected {stored:#010x} as stored"
            )));
        }
        let len = data.len();
        Ok(match (encoded, self.location) {
            (Cow::Borrowed(bytes), Location::Start) => Cow::Borrowed(&bytes[CHECKSUM_LEN..]),
            (Cow::Borrowed(bytes), Location::End) => Cow::Borrowed(&bytes[..len]),
            (Cow::Owned(mut bytes), location) => {
                match location {
                    Location::Start => drop(bytes.drain(..CHECKSUM_LEN)),
                    Location::End => bytes.truncate(len),
                }
                Cow::Owned(bytes)
            }
        })
    }
}
