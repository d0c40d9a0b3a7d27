//! zstd against ruzstd and structured-zstd.

use structured_zstd::decoding::{ContentChecksum, FrameDecoder};
use structured_zstd::encoding::{CompressionLevel, FrameCompressor};

use crate::mutations::damage_bytes;
use crate::random::Random;
use crate::{contents, decode};

const LEVELS: [CompressionLevel; 5] = [
    CompressionLevel::Uncompressed,
    CompressionLevel::Fastest,
    CompressionLevel::Default,
    CompressionLevel::Better,
    CompressionLevel::Best,
];

fn encodings(content: &[u8]) -> Vec<(Vec<u8>, bool)> {
    let mut encodings = Vec::new();
    for level in LEVELS {
        for (has_checksum, has_size) in [(true, true), (false, true), (true, false)] {
            let mut compressor: FrameCompressor = FrameCompressor::new(level);
            compressor.set_content_checksum(has_checksum);
            compressor.set_content_size_flag(has_size);
            encodings.push((compressor.compress_independent_frame(content), has_checksum));
        }
    }
    encodings.push((ruzstd::encoding::compress_to_vec(content, ruzstd::encoding::CompressionLevel::Fastest), true));
    encodings
}

/// What ruzstd makes of it: exactly `len` bytes, or nothing.
fn decode_by_ruzstd(encoded: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut decoder = ruzstd::decoding::FrameDecoder::new();
    let mut decoded = vec![0; len];
    let written = decoder.decode_all(encoded, &mut decoded).ok()?;
    // It computes the checksum and leaves the comparison to its caller.
    let checksums = (decoder.get_checksum_from_data(), decoder.get_calculated_checksum());
    let is_right = checksums.0.is_none() || checksums.0 == checksums.1;
    (written == len && is_right).then_some(decoded)
}

/// What structured-zstd makes of it: the same.
fn decode_by_structured_zstd(encoded: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut decoder = FrameDecoder::new();
    decoder.set_content_checksum(ContentChecksum::Verify);
    let mut decoded = vec![0; len];
    let written = decoder.decode_all(encoded, &mut decoded).ok()?;
    (written == len).then_some(decoded)
}

#[test]
fn all_decode_what_any_has_encoded() {
    for len in [1, 100, 5000, 300_000] {
        for content in contents(len) {
            for (encoded, _) in encodings(&content) {
                assert!(decode("zstd", &encoded, len).unwrap() == content);
                assert!(decode_by_ruzstd(&encoded, len).unwrap() == content);
                assert!(decode_by_structured_zstd(&encoded, len).unwrap() == content);
            }
        }
    }
}

#[test]
fn every_level_is_decoded() {
    for content in contents(20_000) {
        for level in -7..=22 {
            let mut compressor: FrameCompressor = FrameCompressor::new(CompressionLevel::Level(level));
            let encoded = compressor.compress_independent_frame(&content);
            assert!(decode("zstd", &encoded, content.len()).unwrap() == content, "level {level}");
        }
    }
}

#[test]
fn frames_are_decoded_one_after_the_other() {
    const SKIPPABLE: [u8; 11] = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let contents = contents(5000);
    let frames: Vec<_> =
        contents.iter().flat_map(|content| encodings(content).into_iter().map(|(frame, _)| frame)).collect();
    let each = frames.len() / contents.len();
    let expected: Vec<u8> = contents.iter().flat_map(|content| content.repeat(each)).collect();
    assert!(decode("zstd", &frames.concat(), expected.len()).unwrap() == expected);
    assert!(decode("zstd", &frames.join(&SKIPPABLE[..]), expected.len()).unwrap() == expected);
}

#[test]
fn damage_is_refused_or_decoded_as_by_the_others() {
    let mut random = Random::new(1);
    let (mut refused, mut harmless) = (0, 0);
    for len in [100, 5000] {
        for content in contents(len) {
            for (encoded, has_checksum) in encodings(&content) {
                for _ in 0..200 {
                    let damaged = damage_bytes(&encoded, &mut random);
                    let Ok(decoded) = decode("zstd", &damaged, len) else {
                        refused += 1;
                        continue;
                    };
                    harmless += 1;
                    let others = [decode_by_ruzstd(&damaged, len), decode_by_structured_zstd(&damaged, len)];
                    if has_checksum {
                        assert!(decoded == content, "a wrong checksum was accepted");
                    } else {
                        let mut others = others.iter().flatten().peekable();
                        assert!(others.peek().is_some(), "accepted what both others refuse: {damaged:02x?}");
                        assert!(others.all(|other| *other == decoded), "decoded to other bytes");
                    }
                }
            }
        }
    }
    assert!(refused > 10_000 && harmless > 500, "{refused} refused, {harmless} harmless");
}
