//! lzma, read by lzma-rust2, against lzma-rs, in the formats that both have.

use std::io::{Cursor, Error, Result, Write};

use lzma_rust2::{Lzma2Options, Lzma2Writer, LzmaOptions, LzmaWriter, XzOptions, XzWriter};
use serde_json::{Value, json};

use crate::mutations::damage_bytes;
use crate::random::Random;
use crate::{contents, decode};

/// Each with whether it has a checksum.
type Encodings = Vec<(Vec<u8>, bool)>;

/// A format: how the codec is configured, the other decoder of it, and encodings by both.
struct Format {
    configuration: Value,
    decompress: fn(&mut Cursor<&[u8]>, &mut Bounded) -> lzma_rs::error::Result<()>,
    encodings: fn(&[u8]) -> Encodings,
}

fn formats() -> [Format; 3] {
    [
        Format {
            configuration: json!({}),
            decompress: |input, output| lzma_rs::xz_decompress(input, output),
            encodings: |content| {
                let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(6)).unwrap();
                writer.write_all(content).unwrap();
                vec![
                    (writer.finish().unwrap(), true),
                    (by_the_other(|input, output| lzma_rs::xz_compress(input, output), content), false),
                ]
            },
        },
        Format {
            configuration: json!({"format": 2}),
            decompress: |input, output| lzma_rs::lzma_decompress(input, output),
            encodings: |content| {
                let own = |preset, len| {
                    let options = LzmaOptions::with_preset(preset);
                    let mut writer = LzmaWriter::new_use_header(Vec::new(), &options, len).unwrap();
                    writer.write_all(content).unwrap();
                    (writer.finish().unwrap(), false)
                };
                let other = (by_the_other(|input, output| lzma_rs::lzma_compress(input, output), content), false);
                vec![own(4, Some(content.len() as u64)), own(1, None), other]
            },
        },
        Format {
            configuration: json!({"format": 3, "filters": [{"id": 33}]}),
            decompress: |input, output| lzma_rs::lzma2_decompress(input, output),
            encodings: |content| {
                let mut writer = Lzma2Writer::new(Vec::new(), Lzma2Options::with_preset(6));
                writer.write_all(content).unwrap();
                vec![
                    (writer.finish().unwrap(), false),
                    (by_the_other(|input, output| lzma_rs::lzma2_compress(input, output), content), false),
                ]
            },
        },
    ]
}

fn by_the_other(compress: fn(&mut &[u8], &mut Vec<u8>) -> Result<()>, content: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    compress(&mut &content[..], &mut encoded).unwrap();
    encoded
}

/// Takes so many bytes and no more.
struct Bounded {
    bytes: Vec<u8>,
    most: usize,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        if bytes.len() > self.most - self.bytes.len() {
            return Err(Error::other("too many bytes"));
        }
        self.bytes.write(bytes)
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }
}

impl Format {
    fn decode(&self, encoded: &[u8], len: usize) -> zarr_wasm::Result<Vec<u8>> {
        decode(json!({"name": "numcodecs.lzma", "configuration": self.configuration}), encoded, len)
    }

    /// What the other decoder makes of it: exactly `len` bytes, or nothing.
    fn decode_by_the_other(&self, encoded: &[u8], len: usize) -> Option<Vec<u8>> {
        let mut output = Bounded { bytes: Vec::new(), most: len };
        (self.decompress)(&mut Cursor::new(encoded), &mut output).ok()?;
        (output.bytes.len() == len).then_some(output.bytes)
    }
}

#[test]
fn both_decode_what_either_has_encoded() {
    for format in formats() {
        for len in [1, 100, 5000, 150_000] {
            for content in contents(len) {
                for (encoded, _) in (format.encodings)(&content) {
                    assert!(format.decode(&encoded, len).unwrap() == content, "{}", format.configuration);
                    assert!(format.decode_by_the_other(&encoded, len).unwrap() == content, "{}", format.configuration);
                }
            }
        }
    }
}

#[test]
fn damage_is_refused_or_decoded_as_by_the_other() {
    let mut random = Random::new(5);
    let (mut refused, mut harmless) = (0, 0);
    for format in formats() {
        for len in [100, 5000] {
            for content in contents(len) {
                for (encoded, has_checksum) in (format.encodings)(&content) {
                    for _ in 0..200 {
                        let damaged = damage_bytes(&encoded, &mut random);
                        let Ok(decoded) = format.decode(&damaged, len) else {
                            refused += 1;
                            continue;
                        };
                        harmless += 1;
                        if has_checksum {
                            assert!(decoded == content, "a wrong checksum was accepted");
                        } else if let Some(expected) = format.decode_by_the_other(&damaged, len) {
                            assert!(decoded == expected, "{}: decoded to other bytes", format.configuration);
                        }
                    }
                }
            }
        }
    }
    assert!(refused > 5000 && harmless > 500, "{refused} refused, {harmless} harmless");
}
