//! blosc chunks in all their variants, by a writer made of the definitions.

use crate::mutations::damage_bytes;
use crate::random::Random;
use crate::{contents, decode};

#[derive(Clone, Copy, Debug)]
struct Variant {
    /// 0 blosclz, 1 lz4, 2 snappy, 3 zlib, 4 zstd.
    codec: u8,
    /// 0 none, 1 bytes, 2 bits.
    shuffle: u8,
    is_split: bool,
    typesize: usize,
    block_len: usize,
}

fn variants() -> Vec<Variant> {
    let mut variants = Vec::new();
    for codec in 0..5 {
        for shuffle in 0..3 {
            for typesize in [1, 2, 3, 4, 8, 16, 17, 255] {
                for (is_split, block_len) in
                    [(true, 128 * typesize), (false, 128 * typesize), (false, 100 * typesize), (true, 3000)]
                {
                    variants.push(Variant { codec, shuffle, is_split, typesize, block_len });
                }
            }
        }
    }
    variants
}

fn encode(content: &[u8], variant: Variant) -> Vec<u8> {
    let Variant { codec, shuffle, is_split, typesize, block_len } = variant;
    let block_len = block_len.min(content.len());
    // c-blosc splits no block into unequal parts.
    let is_split = is_split && block_len.is_multiple_of(typesize);
    let flags = codec << 5 | [0, 1, 4][shuffle as usize] | if is_split { 0 } else { 0x10 };
    let blocks: Vec<Vec<u8>> = content
        .chunks(block_len)
        .map(|block| {
            let shuffled = match shuffle {
                1 => shuffle_bytes(block, typesize),
                2 => shuffle_bits(block, typesize),
                _ => block.to_vec(),
            };
            let splits = is_split && typesize <= 16 && block_len / typesize >= 128 && block.len() == block_len;
            let parts = if splits { typesize } else { 1 };
            shuffled
                .chunks(block.len() / parts)
                .flat_map(|part| {
                    let compressed = compress(codec, part);
                    let stored = if compressed.len() < part.len() { &compressed[..] } else { part };
                    [&(stored.len() as u32).to_le_bytes(), stored].concat()
                })
                .collect()
        })
        .collect();
    let mut chunk = vec![2, 1, flags, typesize as u8];
    let table_end = 16 + 4 * blocks.len();
    let len = table_end + blocks.iter().map(Vec::len).sum::<usize>();
    for field in [content.len(), block_len, len] {
        chunk.extend((field as u32).to_le_bytes());
    }
    let mut offset = table_end;
    for block in &blocks {
        chunk.extend((offset as u32).to_le_bytes());
        offset += block.len();
    }
    chunk.extend(blocks.concat());
    chunk
}

fn shuffle_bytes(block: &[u8], typesize: usize) -> Vec<u8> {
    let count = block.len() / typesize;
    let planes = (0..typesize).flat_map(|byte| (0..count).map(move |i| block[i * typesize + byte]));
    planes.chain(block[count * typesize..].iter().copied()).collect()
}

fn shuffle_bits(block: &[u8], typesize: usize) -> Vec<u8> {
    let count = block.len() / typesize;
    if count == 0 || !count.is_multiple_of(8) {
        return block.to_vec();
    }
    let mut shuffled = block.to_vec();
    shuffled[..count * typesize].fill(0);
    for i in 0..count {
        for bit in 0..8 * typesize {
            shuffled[(bit * count + i) / 8] |= (block[i * typesize + bit / 8] >> (bit % 8) & 1) << (i % 8);
        }
    }
    shuffled
}

fn compress(codec: u8, part: &[u8]) -> Vec<u8> {
    match codec {
        0 => compress_blosclz(part),
        1 => lz4_flex::block::compress(part),
        2 => snap::raw::Encoder::new().compress_vec(part).unwrap(),
        3 => miniz_oxide::deflate::compress_to_vec_zlib(part, 6),
        _ => ruzstd::encoding::compress_to_vec(part, ruzstd::encoding::CompressionLevel::Fastest),
    }
}

/// Literal runs, and matches of what stands just before: runs of one byte.
fn compress_blosclz(part: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    let mut at = 0;
    while at < part.len() {
        let run = |at: usize| part[at..].iter().take_while(|&&byte| byte == part[at]).count();
        let literals = (at..part.len()).take(32).take_while(|&i| run(i) < 6).count().max(1);
        encoded.push(literals as u8 - 1);
        encoded.extend(&part[at..at + literals]);
        at += literals;
        let Some(repeated) = part.get(at).filter(|&&byte| byte == part[at - 1]).map(|_| run(at)).filter(|&len| len > 2)
        else {
            continue;
        };
        at += repeated;
        if repeated < 9 {
            encoded.extend([((repeated - 2) << 5) as u8, 0]);
        } else {
            encoded.push(7 << 5);
            encoded.extend(vec![255; (repeated - 9) / 255]);
            encoded.extend([((repeated - 9) % 255) as u8, 0]);
        }
    }
    encoded
}

// As wasm too: unshuffling has code of its own there.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
#[cfg_attr(not(target_arch = "wasm32"), test)]
fn every_variant_is_decoded() {
    for len in [7, 640, 5003] {
        for content in contents(len) {
            for variant in variants() {
                let decoded = decode("blosc", &encode(&content, variant), len);
                assert!(decoded.as_ref().ok() == Some(&content), "{variant:?}, {len} bytes: {:?}", decoded.err());
            }
        }
    }
}

#[test]
fn damage_never_panics_and_never_changes_the_length() {
    let mut random = Random::new(4);
    let (mut refused, mut accepted) = (0, 0);
    for content in contents(3001) {
        for variant in variants() {
            let encoded = encode(&content, variant);
            for _ in 0..12 {
                match decode("blosc", &damage_bytes(&encoded, &mut random), content.len()) {
                    Ok(decoded) => accepted += usize::from(decoded.len() == content.len()),
                    Err(_) => refused += 1,
                }
            }
        }
    }
    assert!(refused > 10_000 && accepted > 1000, "{refused} refused, {accepted} accepted");
}
