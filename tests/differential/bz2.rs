//! bz2, read by libbz2-rs, against bzip2-rs, which shares no code with it.

use std::io::Read;

use bzip2::Compression;
use bzip2::read::BzEncoder;
use bzip2_rs::DecoderReader;

use crate::mutations::damage_bytes;
use crate::random::Random;
use crate::{contents, decode};

const CODEC: &str = "numcodecs.bz2";

fn encodings(content: &[u8]) -> [Vec<u8>; 2] {
    [1, 9].map(|level| {
        let mut encoded = Vec::new();
        BzEncoder::new(content, Compression::new(level)).read_to_end(&mut encoded).unwrap();
        encoded
    })
}

fn decode_by_the_other(encoded: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::new();
    DecoderReader::new(encoded).read_to_end(&mut decoded).ok().map(|_| decoded)
}

#[test]
fn both_decode_what_was_encoded() {
    let mut given_up = 0;
    for len in [1, 100, 5000, 150_000] {
        for content in contents(len) {
            let [first, second] = encodings(&content);
            for encoded in [&first, &second] {
                assert!(decode(CODEC, encoded, len).unwrap() == content);
                match decode_by_the_other(encoded) {
                    Some(decoded) => assert!(decoded == content),
                    None => given_up += 1,
                }
            }
            assert!(decode(CODEC, &[first, second].concat(), 2 * len).unwrap() == content.repeat(2));
        }
    }
    // The other one takes a full block of 100 kB that does not compress for truncated.
    assert_eq!(given_up, 1);
}

#[test]
fn damage_is_refused_or_harmless() {
    let mut random = Random::new(4);
    let (mut refused, mut harmless) = (0, 0);
    for len in [100, 5000] {
        for content in contents(len) {
            for encoded in encodings(&content) {
                for _ in 0..300 {
                    match decode(CODEC, &damage_bytes(&encoded, &mut random), len) {
                        Ok(decoded) => {
                            assert!(decoded == content, "a wrong checksum was accepted");
                            harmless += 1;
                        }
                        Err(_) => refused += 1,
                    }
                }
            }
        }
    }
    assert!(refused > 4000 && harmless > 20, "{refused} refused, {harmless} harmless");
}
