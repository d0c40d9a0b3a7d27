//! Checksums of 32 bits, stored little-endian beside the data: `crc32c`, `crc32`, `adler32`, and what checks those of
//! `fletcher32` and `jenkins_lookup3`, which have files of their own.
//!
//! - `crc32c`, Zarr v3 core codec: CRC-32C (RFC 3720) after the data, no configuration.
//! - `numcodecs.crc32c`, `numcodecs.crc32`, `numcodecs.adler32` and the v2 ids without the prefix: configuration
//!   `location`, `"start"` or `"end"`; by default `end` for crc32c, `start` for the other two.
//!
//! A checksum that does not match is an error.

use std::borrow::Cow;

use zarr_wasm_kernels::adler32::adler32;
use zarr_wasm_kernels::crc::{crc32, crc32c};

use crate::codec::{BytesToBytes, Configuration, Len, Scratch};
use crate::error::{Error, Result};

/// Bytes of a checksum.
const CHECKSUM_LEN: usize = 4;

#[derive(Clone, Copy)]
enum Location {
    Start,
    End,
}

type Compute = dyn Fn(&[u8]) -> u32;

pub struct Checksum {
    compute: Box<Compute>,
    location: Location,
}

impl Checksum {
    /// The codec of Zarr v3.
    pub fn crc32c() -> Self {
        Self::trailing(crc32c)
    }

    /// A checksum after the data.
    pub(super) fn trailing(compute: impl Fn(&[u8]) -> u32 + 'static) -> Self {
        Self { compute: Box::new(compute), location: Location::End }
    }

    /// The codec of numcodecs with this name.
    pub fn numcodecs(name: &str, configuration: &Configuration) -> Result<Self> {
        let (compute, default): (fn(&[u8]) -> u32, _) = match name {
            "numcodecs.crc32c" => (crc32c, Location::End),
            "numcodecs.crc32" => (crc32, Location::Start),
            "numcodecs.adler32" => (adler32, Location::Start),
            _ => return Err(Error::unsupported(format!("unknown checksum {name:?}"))),
        };
        let location = match configuration.text("location")? {
            None => default,
            Some("start") => Location::Start,
            Some("end") => Location::End,
            Some(_) => return Err(configuration.invalid("location", "\"start\" or \"end\"")),
        };
        Ok(Self { compute: Box::new(compute), location })
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codec(name: &str, configuration: serde_json::Value) -> Result<Checksum> {
        Checksum::numcodecs(name, &Configuration(configuration.as_object().unwrap()))
    }

    /// Decodes both a borrowed and an owned encoding.
    fn decode(codec: &Checksum, encoded: &[u8]) -> Result<Vec<u8>> {
        let decode = |encoded| codec.decode(encoded, Len::AtMost(4), &mut Scratch::default()).map(Cow::into_owned);
        let (borrowed, owned) = (decode(Cow::Borrowed(encoded)), decode(Cow::Owned(encoded.to_vec())));
        assert_eq!(borrowed.as_ref().ok(), owned.as_ref().ok());
        borrowed
    }

    /// "zarr" with its checksum at the start, as numcodecs writes it.
    const CRC32: &[u8] = b"\x97\x35\xd1\xcfzarr";
    const ADLER32: &[u8] = b"\xc0\x01\x65\x04zarr";
    /// RFC 3720, B.4: 32 bytes of zeros.
    const CRC32C_OF_ZEROS: u32 = 0x8a9136aa;

    fn at_the_end(encoded: &[u8]) -> Vec<u8> {
        [&encoded[4..], &encoded[..4]].concat()
    }

    #[test]
    fn each_checksum_stands_where_numcodecs_puts_it_unless_told_otherwise() {
        for (name, encoded) in [("numcodecs.crc32", CRC32), ("numcodecs.adler32", ADLER32)] {
            assert_eq!(decode(&codec(name, json!({})).unwrap(), encoded).unwrap(), b"zarr");
            assert_eq!(
                decode(&codec(name, json!({"location": "end"})).unwrap(), &at_the_end(encoded)).unwrap(),
                b"zarr"
            );
            assert!(decode(&codec(name, json!({})).unwrap(), &at_the_end(encoded)).is_err());
        }
        let end = [&b"zarr"[..], &crc32c(b"zarr").to_le_bytes()].concat();
        let start = [&end[4..], &end[..4]].concat();
        assert_eq!(decode(&codec("numcodecs.crc32c", json!({})).unwrap(), &end).unwrap(), b"zarr");
        assert_eq!(decode(&codec("numcodecs.crc32c", json!({"location": "start"})).unwrap(), &start).unwrap(), b"zarr");
        assert_eq!(decode(&Checksum::crc32c(), &end).unwrap(), b"zarr");
        assert!(codec("numcodecs.crc32", json!({"location": "middle"})).is_err());
    }

    #[test]
    fn crc32c_is_that_of_the_specification() {
        assert_eq!(crc32c(&[0; 32]), CRC32C_OF_ZEROS);
    }

    #[test]
    fn any_changed_bit_is_an_error() {
        let codec = codec("numcodecs.crc32", json!({})).unwrap();
        for bit in 0..64 {
            let mut encoded = CRC32.to_vec();
            encoded[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&codec, &encoded).is_err(), "bit {bit}");
        }
        let error = decode(&Checksum::crc32c(), &[0; 5]).unwrap_err();
        assert_eq!(error.message(), "the checksum is 0x527d5351, expected 0x00000000 as stored");
    }

    #[test]
    fn fewer_bytes_than_a_checksum_are_an_error() {
        let error = decode(&Checksum::crc32c(), &[1, 2, 3]).unwrap_err();
        assert_eq!(error.message(), "3 bytes, expected at least the 4 of the checksum");
        assert_eq!(decode(&Checksum::crc32c(), &[0; 4]).unwrap(), b"");
    }
}
