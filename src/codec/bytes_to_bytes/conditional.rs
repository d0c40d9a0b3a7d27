//! `conditional`: codecs that a writer applied or left out, chunk by chunk.
//!
//! Zarr v3 extension `conditional`. Configuration: `codecs`, a list of bytes→bytes codecs; `header_bits`, a multiple of 8
//! that is no less than their number, by default the smallest such.
//!
//! A chunk begins with these bits, the least significant of each byte first; where bit i is 1, codec i of the list was
//! applied to what follows. Bits without a codec are reserved: one that is 1 is an error.

use std::borrow::Cow;

use crate::codec::{BytesToBytes, Configuration, Len, Scratch};
use crate::error::{Error, Result};

/// A header of more bits is nobody's data.
const MAX_HEADER_BITS: i64 = 1 << 16;

pub struct Conditional {
    /// With their names.
    codecs: Vec<(String, Box<dyn BytesToBytes>)>,
    header_len: usize,
}

impl Conditional {
    pub fn new(configuration: &Configuration, codecs: Vec<(String, Box<dyn BytesToBytes>)>) -> Result<Self> {
        let needed = codecs.len().next_multiple_of(8) as i64;
        let bits = configuration.integer("header_bits")?.unwrap_or(needed);
        if bits % 8 != 0 || !(needed..=MAX_HEADER_BITS).contains(&bits) {
            let expected = format!("a multiple of 8 from {needed} to {MAX_HEADER_BITS}");
            return Err(configuration.invalid("header_bits", &expected));
        }
        Ok(Self { codecs, header_len: bits as usize / 8 })
    }
}

impl BytesToBytes for Conditional {
    fn encoded_len(&self, decoded: Len) -> Len {
        let data = self.codecs.iter().fold(decoded, |len, (_, codec)| {
            let applied = codec.encoded_len(len);
            if applied == len { len } else { Len::AtMost(applied.bound().max(len.bound())) }
        });
        data.map(|len| len.saturating_add(self.header_len))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let Some((header, _)) = encoded.split_at_checked(self.header_len) else {
            let (found, expected) = (encoded.len(), self.header_len);
            return Err(Error::corrupt_chunk(format!("{found} bytes, expected at least the {expected} of the header")));
        };
        let is_set = |bit: usize| header[bit / 8] >> (bit % 8) & 1 == 1;
        if let Some(bit) = (self.codecs.len()..8 * self.header_len).find(|&bit| is_set(bit)) {
            let count = self.codecs.len();
            return Err(Error::corrupt_chunk(format!(
                "bit {bit} of the header is set, expected only bits of {count} codecs"
            )));
        }
        let mut len = decoded_len;
        let mut applied = Vec::new();
        for (_, (name, codec)) in self.codecs.iter().enumerate().filter(|&(bit, _)| is_set(bit)) {
            applied.push((name, codec, len));
            len = codec.encoded_len(len);
        }
        let mut bytes = match encoded {
            Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[self.header_len..]),
            Cow::Owned(mut bytes) => {
                bytes.drain(..self.header_len);
                Cow::Owned(bytes)
            }
        };
        for (name, codec, len) in applied.into_iter().rev() {
            bytes = codec
                .decode(bytes, len, scratch)
                .and_then(|bytes| len.check(bytes.len()).map(|()| bytes))
                .map_err(|error| error.in_codec(name))?;
        }
        decoded_len.check(bytes.len())?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::super::checksum::Checksum;
    use super::super::gzip::Gzip;
    use super::*;
    use serde_json::{Map, Value, json};

    // There is no other implementation: these bytes are laid out by hand, by the text of the extension. What gzip and
    // crc32c made of them is written by Python.
    const DATA: [u8; 4] = *b"zarr";
    const GZIPPED: [u8; 24] =
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff, 0xab, 0x4a, 0x2c, 0x2a, 2, 0, 0x97, 0x35, 0xd1, 0xcf, 4, 0, 0, 0];
    const CHECKSUM: [u8; 4] = [0xd1, 0xd8, 0x7c, 0x1f];
    const GZIPPED_CHECKSUM: [u8; 4] = [0x64, 0xcc, 0xbd, 0xe6];

    fn codec(configuration: Value) -> Result<Conditional> {
        let configuration: Map<String, Value> = configuration.as_object().unwrap().clone();
        let gzip = Gzip::new(&Configuration(&Map::new()))?;
        let codecs: Vec<(String, Box<dyn BytesToBytes>)> =
            vec![("gzip".into(), Box::new(gzip)), ("crc32c".into(), Box::new(Checksum::crc32c()))];
        Conditional::new(&Configuration(&configuration), codecs)
    }

    /// Decodes both a borrowed and an owned encoding.
    fn decode(configuration: Value, parts: &[&[u8]]) -> Result<Vec<u8>> {
        let (codec, encoded) = (codec(configuration)?, parts.concat());
        let decode = |encoded| codec.decode(encoded, Len::Exact(4), &mut Scratch::default()).map(Cow::into_owned);
        let (borrowed, owned) = (decode(Cow::Borrowed(&encoded)), decode(Cow::Owned(encoded.clone())));
        assert_eq!(borrowed.as_ref().ok(), owned.as_ref().ok());
        borrowed
    }

    fn message(parts: &[&[u8]]) -> String {
        decode(json!({}), parts).unwrap_err().to_string()
    }

    #[test]
    fn the_codecs_whose_bits_are_set_are_undone_in_reverse() {
        assert_eq!(decode(json!({}), &[&[0b00], &DATA]).unwrap(), DATA);
        assert_eq!(decode(json!({}), &[&[0b01], &GZIPPED]).unwrap(), DATA);
        assert_eq!(decode(json!({}), &[&[0b10], &DATA, &CHECKSUM]).unwrap(), DATA);
        assert_eq!(decode(json!({}), &[&[0b11], &GZIPPED, &GZIPPED_CHECKSUM]).unwrap(), DATA);
    }

    #[test]
    fn the_header_may_have_room_for_more_codecs() {
        assert_eq!(decode(json!({"header_bits": 24}), &[&[0b01, 0, 0], &GZIPPED]).unwrap(), DATA);
        for bits in [-8, 0, 12, 1 << 17] {
            let error = codec(json!({"header_bits": bits})).err().unwrap();
            assert_eq!(error.message(), format!("header_bits is {bits}, expected a multiple of 8 from 8 to 65536"));
        }
    }

    #[test]
    fn the_length_is_as_exact_as_the_codecs_allow() {
        assert_eq!(codec(json!({})).unwrap().encoded_len(Len::Exact(8)), Len::AtMost(8 + 2 + (1 << 16) + 4 + 1));
        let none = Conditional::new(&Configuration(&Map::new()), Vec::new()).unwrap();
        assert_eq!(none.encoded_len(Len::Exact(8)), Len::Exact(8));
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        assert_eq!(message(&[]), "0 bytes, expected at least the 1 of the header");
        assert_eq!(message(&[&[0b100], &DATA]), "bit 2 of the header is set, expected only bits of 2 codecs");
        assert_eq!(message(&[&[0], &DATA[1..]]), "decoded to 3 bytes, expected 4");
        assert_eq!(message(&[&[0b01], &DATA]), "gzip: incorrect header check");
        assert_eq!(
            message(&[&[0b10], &DATA, &[0; 4]]),
            "crc32c: the checksum is 0x1f7cd8d1, expected 0x00000000 as stored"
        );
    }
}
