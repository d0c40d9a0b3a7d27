//! gzip and zlib, read by zlib-rs, against miniz_oxide.

use miniz_oxide::deflate::{compress_to_vec, compress_to_vec_zlib};
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;
use zlib_rs::{DeflateConfig, compress_bound, compress_slice};

use crate::mutations::damage_bytes;
use crate::random::Random;
use crate::{contents, decode};

fn compress(content: &[u8], level: i32, window_bits: i32) -> Vec<u8> {
    let mut encoded = vec![0; compress_bound(content.len()) + 32];
    compress_slice(&mut encoded, content, DeflateConfig { window_bits, ..DeflateConfig::new(level) }).0.to_vec()
}

/// A gzip member around miniz_oxide's deflate stream.
fn gzip_by_miniz(content: &[u8]) -> Vec<u8> {
    let mut member = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    member.extend(compress_to_vec(content, 6));
    member.extend(zlib_rs::crc32::crc32(0, content).to_le_bytes());
    member.extend((content.len() as u32).to_le_bytes());
    member
}

fn gzip_encodings(content: &[u8]) -> [Vec<u8>; 4] {
    let halves = content.split_at(content.len() / 2);
    let two_members = [compress(halves.0, 6, 31), gzip_by_miniz(halves.1)].concat();
    [compress(content, 0, 31), compress(content, 6, 31), gzip_by_miniz(content), two_members]
}

fn zlib_encodings(content: &[u8]) -> [Vec<u8>; 4] {
    [compress(content, 0, 15), compress(content, 1, 15), compress(content, 9, 15), compress_to_vec_zlib(content, 6)]
}

#[test]
fn whatever_either_has_encoded_is_decoded() {
    for len in [1, 100, 5000, 300_000] {
        for content in contents(len) {
            for encoded in gzip_encodings(&content) {
                assert!(decode("gzip", &encoded, len).unwrap() == content);
            }
            for encoded in zlib_encodings(&content) {
                assert!(decode("numcodecs.zlib", &encoded, len).unwrap() == content);
                assert!(decompress_to_vec_zlib_with_limit(&encoded, len).unwrap() == content);
            }
        }
    }
}

#[test]
fn damaged_gzip_is_refused_or_harmless() {
    let mut random = Random::new(2);
    let (mut refused, mut harmless) = (0, 0);
    for len in [100, 5000] {
        for content in contents(len) {
            for encoded in gzip_encodings(&content) {
                for _ in 0..200 {
                    match decode("gzip", &damage_bytes(&encoded, &mut random), len) {
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
    assert!(refused > 4000 && harmless > 100, "{refused} refused, {harmless} harmless");
}

#[test]
fn damaged_zlib_is_judged_as_by_the_other() {
    let mut random = Random::new(3);
    let (mut refused, mut harmless) = (0, 0);
    for len in [100, 5000] {
        for content in contents(len) {
            for encoded in zlib_encodings(&content) {
                for _ in 0..200 {
                    let damaged = damage_bytes(&encoded, &mut random);
                    let other =
                        decompress_to_vec_zlib_with_limit(&damaged, len).ok().filter(|other| other.len() == len);
                    match decode("numcodecs.zlib", &damaged, len) {
                        Ok(decoded) => {
                            assert!(Some(decoded) == other, "accepted what the other decodes differently");
                            harmless += 1;
                        }
                        Err(_) => refused += 1,
                    }
                }
            }
        }
    }
    assert!(refused > 4000 && harmless > 10, "{refused} refused, {harmless} harmless");
}
