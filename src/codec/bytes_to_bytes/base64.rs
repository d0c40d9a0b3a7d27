//! `base64`: bytes as text.
//!
//! `numcodecs.base64` and the v2 id `base64`: RFC 4648, section 4, with padding and without line breaks, as numcodecs
//! writes it. No configuration. Anything else in the text is an error.

use std::borrow::Cow;

use crate::codec::{BytesToBytes, Len, Scratch};
use crate::error::{Error, Result};
use crate::json::from_base64;

pub struct Base64;

impl BytesToBytes for Base64 {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded.map(|len| len.div_ceil(3).saturating_mul(4))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        self.encoded_len(decoded_len).check(encoded.len()).map_err(|_| {
            let (found, expected) = (encoded.len(), self.encoded_len(decoded_len).bound());
            let most = if matches!(decoded_len, Len::AtMost(_)) { "at most " } else { "" };
            Error::corrupt_chunk(format!("{found} characters, expected {most}{expected}"))
        })?;
        let decoded = from_base64(&encoded).ok_or_else(|| Error::corrupt_chunk("this is no base64"))?;
        decoded_len.check(decoded.len())?;
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoded: &[u8], decoded_len: Len) -> Result<Vec<u8>> {
        Ok(Base64.decode(Cow::Borrowed(encoded), decoded_len, &mut Scratch::default())?.into_owned())
    }

    #[test]
    fn text_becomes_bytes() {
        for (encoded, decoded) in [
            (&b""[..], &b""[..]),
            (b"eg==", b"z"),
            (b"emE=", b"za"),
            (b"emFy", b"zar"),
            (b"emFycg==", b"zarr"),
            (b"+/8A", b"\xfb\xff\x00"),
        ] {
            assert_eq!(decode(encoded, Len::Exact(decoded.len())).unwrap(), decoded);
            assert_eq!(decode(encoded, Len::AtMost(100)).unwrap(), decoded);
            assert_eq!(Base64.encoded_len(Len::Exact(decoded.len())), Len::Exact(encoded.len()));
        }
        assert_eq!(Base64.encoded_len(Len::AtMost(usize::MAX)), Len::AtMost(usize::MAX));
    }

    #[test]
    fn text_of_another_length_is_an_error() {
        let error = decode(b"emFycg==", Len::Exact(3)).unwrap_err();
        assert_eq!(error.message(), "8 characters, expected 4");
        let error = decode(b"emFycg==", Len::AtMost(3)).unwrap_err();
        assert_eq!(error.message(), "8 characters, expected at most 4");
        assert_eq!(decode(b"emE=", Len::Exact(1)).unwrap_err().message(), "decoded to 2 bytes, expected 1");
        assert!(decode(b"emE=", Len::AtMost(1)).is_err());
    }

    #[test]
    fn text_that_numcodecs_does_not_write_is_an_error() {
        for encoded in [&b"emE"[..], b"emF*", b"em\nF", b"em==", b"-_8A", b"====", b"em=E"] {
            assert!(decode(encoded, Len::AtMost(3)).is_err(), "{encoded:?}");
        }
    }
}
