//! The same of the codecs that few arrays use.

use std::io::{Read, Write};

use bzip2::Compression;
use bzip2::read::BzEncoder;
use lzma_rust2::{Lzma2Options, Lzma2Writer, LzmaOptions, LzmaWriter, XzOptions, XzWriter};
use pco::data_types::NumberType;
use serde_json::json;

use super::{corrupt, decode_bomb, decode_bomb_within};

/// The tables of a bzip2 block of 900 kB, which is the least that it can be decoded with.
const BZ2_MARGIN: usize = 4 << 20;

static ZEROS: [u8; 1 << 20] = [0; 1 << 20];

#[test]
fn a_bz2_bomb_is_an_error_of_bounded_memory() {
    let mut bomb = Vec::new();
    BzEncoder::new(&ZEROS[..], Compression::best()).read_to_end(&mut bomb).unwrap();
    assert!(bomb.len() <= 100);
    let expected = corrupt("c/0: numcodecs.bz2: decodes to more than the expected 65536 bytes");
    assert_eq!(decode_bomb_within(BZ2_MARGIN, json!(["bytes", "numcodecs.bz2"]), &bomb), expected);
}

#[test]
fn an_lzma_bomb_is_an_error_of_little_memory() {
    let codecs = |configuration| json!(["bytes", {"name": "numcodecs.lzma", "configuration": configuration}]);
    let expected = corrupt("c/0: numcodecs.lzma: decodes to more than the expected 65536 bytes");

    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(0)).unwrap();
    writer.write_all(&ZEROS).unwrap();
    let mut xz = writer.finish().unwrap();
    // A dictionary of 4 GiB less one byte, in the header of the block, which has a checksum of its own.
    xz[16] = 40;
    let checksum = zlib_rs::crc32::crc32(0, &xz[12..20]);
    xz[20..24].copy_from_slice(&checksum.to_le_bytes());
    assert_eq!(decode_bomb(codecs(json!({})), &xz), expected);

    let mut writer = LzmaWriter::new_use_header(Vec::new(), &LzmaOptions::with_preset(0), None).unwrap();
    writer.write_all(&ZEROS).unwrap();
    let mut alone = writer.finish().unwrap();
    alone[1..5].copy_from_slice(&0xffff_fff0u32.to_le_bytes());
    assert_eq!(decode_bomb(codecs(json!({"format": 2})), &alone), expected);
    alone[5..13].copy_from_slice(&(4u64 << 30).to_le_bytes());
    assert_eq!(decode_bomb(codecs(json!({"format": 2})), &alone), expected);

    let mut writer = Lzma2Writer::new(Vec::new(), Lzma2Options::with_preset(0));
    writer.write_all(&ZEROS).unwrap();
    let filters = json!([{"id": 33, "dict_size": 3 << 29}]);
    assert_eq!(decode_bomb(codecs(json!({"format": 3, "filters": filters})), &writer.finish().unwrap()), expected);
}

/// A file of pco with one chunk of so many elements, whose tables begin with these bytes.
fn pco(count: u32, tables: &[u8]) -> Vec<u8> {
    let header = [b'p', b'c', b'o', b'!', 3, 0, 0x83, 0x02, 4, 1];
    let chunk = [&[NumberType::U8 as u8][..], &(count - 1).to_le_bytes()[..3], tables, &[0; 70]];
    [&header[..], &chunk.concat()].concat()
}

#[test]
fn sizes_that_pco_claims_are_errors_of_little_memory() {
    let codecs = || json!(["numcodecs.pcodec"]);
    let refused = |chunk: &[u8]| {
        let (code, text) = decode_bomb(codecs(), chunk);
        (code, text.trim_start_matches("c/0: numcodecs.pcodec: ").to_owned())
    };
    assert_eq!(refused(&pco(1 << 24, &[])), corrupt("more than the expected 65536 elements"));
    let dictionary = (((1u32 << 25) - 1) << 4 | 4).to_le_bytes();
    assert_eq!(refused(&pco(1 << 16, &dictionary)), corrupt("74 bytes, expected a dictionary of 33554431"));
    let window = (2u16 << 4 | 23 << 8).to_le_bytes();
    assert_eq!(refused(&pco(1 << 16, &window)), corrupt("a window of 2^24 elements, expected at most 65536"));
    // The most bins that there can be, of which the first follow.
    let bins = (14u32 << 8 | (1 << 14) << 12).to_le_bytes();
    let (_, text) = refused(&pco(1 << 16, &bins));
    assert!(text.starts_with("pco "), "{text}");
}

#[test]
fn a_message_pack_bomb_is_an_error_of_little_memory() {
    // As a tree of values these would take 40 bytes each.
    let list = [&[0xdd, 0, 3, 0, 0][..], &[0xc0; 3 << 16]].concat();
    let codecs = || json!(["numcodecs.msgpack2"]);
    let expected = corrupt("c/0: numcodecs.msgpack2: a list of 196606 items, expected 65536");
    assert_eq!(decode_bomb(codecs(), &list), expected);
    let element = [&[0xdd, 0, 1, 0, 2][..], &list].concat();
    let expected = corrupt("c/0: numcodecs.msgpack2: a value of 196613 bytes for 1 numbers");
    assert_eq!(decode_bomb(codecs(), &element), expected);
}
