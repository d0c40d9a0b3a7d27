//! `jenkins_lookup3`: Bob Jenkins' hash `lookup3` (`hashlittle`, 2006, public domain), after the data.
//!
//! `numcodecs.jenkins_lookup3` and the v2 id `jenkins_lookup3`; HDF5 protects its metadata with the same. Configuration:
//! `initval`, an integer of 32 bits, by default 0. The parameter `prefix` of numcodecs has no form in JSON; anything but
//! null is `unsupported`.
//!
//! 1. Three words of state begin as 0xdeadbeef + length + `initval`.
//! 2. Of every 12 bytes but the last, three little-endian words are added to the state, which is then mixed.
//! 3. The last 1 to 12 bytes are added, padded by zeros, and the state is mixed in another way; the last word of it is
//!    the hash. Without data that word is the hash as it began.

use super::checksum::Checksum;
use crate::codec::Configuration;
use crate::error::{Error, Result};
use crate::json::Text;

pub fn jenkins_lookup3(configuration: &Configuration) -> Result<Checksum> {
    let initval = configuration.integer("initval")?.unwrap_or(0);
    let initval = configuration.in_range("initval", initval, 0, u32::MAX.into())? as u32;
    match configuration.0.get("prefix") {
        None | Some(serde_json::Value::Null) => Ok(Checksum::trailing(move |data| hash(data, initval))),
        Some(prefix) => Err(Error::unsupported(format!("prefix {prefix}", prefix = Text(prefix)))),
    }
}

fn hash(data: &[u8], initval: u32) -> u32 {
    // The length counts modulo 2³², as the algorithm has it.
    let mut state = [0xdeadbeef_u32.wrapping_add(data.len() as u32).wrapping_add(initval); 3];
    let mut blocks = data.chunks(12).peekable();
    while let Some(block) = blocks.next() {
        for (at, &byte) in block.iter().enumerate() {
            let word = &mut state[at / 4];
            *word = word.wrapping_add(u32::from(byte) << (8 * (at % 4)));
        }
        state = if blocks.peek().is_some() { mixed(state) } else { finished(state) };
    }
    state[2]
}

fn mixed([mut a, mut b, mut c]: [u32; 3]) -> [u32; 3] {
    let step = |x: &mut u32, y: &mut u32, z: u32, by: u32| {
        *x = x.wrapping_sub(*y) ^ y.rotate_left(by);
        *y = y.wrapping_add(z);
    };
    step(&mut a, &mut c, b, 4);
    step(&mut b, &mut a, c, 6);
    step(&mut c, &mut b, a, 8);
    step(&mut a, &mut c, b, 16);
    step(&mut b, &mut a, c, 19);
    step(&mut c, &mut b, a, 4);
    [a, b, c]
}

fn finished([mut a, mut b, mut c]: [u32; 3]) -> [u32; 3] {
    let step = |x: &mut u32, y: u32, by: u32| *x = (*x ^ y).wrapping_sub(y.rotate_left(by));
    step(&mut c, b, 14);
    step(&mut a, c, 11);
    step(&mut b, a, 25);
    step(&mut c, b, 16);
    step(&mut a, c, 4);
    step(&mut b, a, 14);
    step(&mut c, b, 24);
    [a, b, c]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{BytesToBytes, Len, Scratch};
    use serde_json::json;
    use std::borrow::Cow;

    #[test]
    fn hashes_are_those_of_lookup3() {
        // The first two stand in lookup3.c, the others are the last four bytes that numcodecs writes.
        for (data, initval, expected) in [
            (&b"Four score and seven years ago"[..], 0, 0x17770551),
            (b"Four score and seven years ago", 1, 0xcd628161),
            (b"Four score and seven years ago", u32::MAX, 0xa8932d25),
            (b"", 0, 0xdeadbeef),
            (b"", 1, 0xdeadbef0),
            (b"a", 0, 0x58d68708),
            (b"zarr", 1, 0x4fefe8f4),
            (b"123456789012", 0, 0xb578f5b0),
            (b"1234567890123", 0, 0xde86d9f5),
        ] {
            assert_eq!(hash(data, initval), expected, "{data:?} {initval}");
        }
    }

    #[test]
    fn the_hash_stands_after_the_data_and_is_checked() {
        let decode = |configuration: serde_json::Value, encoded: &'static [u8]| {
            let codec = jenkins_lookup3(&Configuration(configuration.as_object().unwrap()))?;
            codec.decode(Cow::Borrowed(encoded), Len::Exact(4), &mut Scratch::default())
        };
        let encoded = b"zarr\xf4\xe8\xef\x4f";
        assert_eq!(decode(json!({"initval": 1, "prefix": null}), encoded).unwrap()[..], *b"zarr");
        assert!(decode(json!({}), encoded).is_err());
        for refused in [json!({"initval": -1}), json!({"initval": 1u64 << 32}), json!({"prefix": "HDF"})] {
            assert!(decode(refused, encoded).is_err());
        }
    }
}
