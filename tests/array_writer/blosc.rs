//! Chunks of c-blosc 1, of blocks of any length in any order.

use serde_json::{Value, json};

use super::compressor;
use crate::random::Random;

/// Shorter matches are not worth it.
const SHORTEST_MATCH: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InnerCodec {
    Blosclz,
    Lz4,
    Snappy,
    Zlib,
    Zstd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shuffle {
    None,
    Bytes,
    Bits,
}

#[derive(Clone, Debug)]
pub struct Blosc {
    pub inner: InnerCodec,
    pub shuffle: Shuffle,
    /// Bytes of what is shuffled as an element, 1 to 255.
    pub typesize: usize,
    /// The most bytes of a block.
    pub block_len: usize,
    /// Whether each byte of an element is compressed by itself.
    pub split: bool,
}

impl Blosc {
    pub fn configuration(&self) -> Value {
        let cname = match self.inner {
            InnerCodec::Blosclz => "blosclz",
            InnerCodec::Lz4 => "lz4",
            InnerCodec::Snappy => "snappy",
            InnerCodec::Zlib => "zlib",
            InnerCodec::Zstd => "zstd",
        };
        let shuffle = match self.shuffle {
            Shuffle::None => "noshuffle",
            Shuffle::Bytes => "shuffle",
            Shuffle::Bits => "bitshuffle",
        };
        json!({"cname": cname, "clevel": 5, "shuffle": shuffle, "typesize": self.typesize, "blocksize": 0})
    }

    pub fn encode(&self, bytes: &[u8], random: &mut Random) -> Vec<u8> {
        // c-blosc takes whole elements to a block wherever one fits in.
        let block_len = self.block_len.min(bytes.len());
        let block_len = if block_len < self.typesize { block_len } else { block_len - block_len % self.typesize };
        let is_stored = random.one_in(8);
        let splits = self.split && self.typesize <= 16 && block_len / self.typesize >= 128;
        let flags = (self.inner as u8) << 5
            | match self.shuffle {
                Shuffle::None => 0,
                Shuffle::Bytes => 0x01,
                Shuffle::Bits => 0x04,
            }
            | if is_stored { 0x02 } else { 0 }
            | if self.split { 0 } else { 0x10 };
        let blocks: Vec<&[u8]> = bytes.chunks(block_len).collect();
        let data = if is_stored {
            bytes.to_vec()
        } else {
            let mut offsets = vec![0u32; blocks.len()];
            let mut data = Vec::new();
            let mut left: Vec<usize> = (0..blocks.len()).collect();
            while !left.is_empty() {
                let index = left.swap_remove(random.below(left.len()));
                offsets[index] = (16 + 4 * blocks.len() + data.len()) as u32;
                let parts = if splits && blocks[index].len() == block_len { self.typesize } else { 1 };
                self.encode_block(blocks[index], parts, &mut data, random);
            }
            [offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect(), data].concat()
        };
        let lens = [bytes.len(), block_len, 16 + data.len()].map(|len| (len as u32).to_le_bytes());
        [&[2, 1, flags, self.typesize as u8], lens.as_flattened(), &data].concat()
    }

    fn encode_block(&self, block: &[u8], parts: usize, data: &mut Vec<u8>, random: &mut Random) {
        let shuffled = match self.shuffle {
            Shuffle::Bytes => shuffle_bytes(block, self.typesize),
            Shuffle::Bits if (block.len() / self.typesize).is_multiple_of(8) => shuffle_bits(block, self.typesize),
            _ => block.to_vec(),
        };
        for part in shuffled.chunks(block.len() / parts) {
            let compressed = match self.inner {
                InnerCodec::Blosclz => blosclz(part),
                InnerCodec::Lz4 => lz4_flex::block::compress(part),
                InnerCodec::Snappy => snap::raw::Encoder::new().compress_vec(part).unwrap(),
                InnerCodec::Zlib => compressor::zlib(part),
                InnerCodec::Zstd => compressor::zstd(part, random),
            };
            // A part as long as what it decodes to is taken for stored, and nothing longer is ever written.
            let encoded = if compressed.len() < part.len() { &compressed } else { part };
            data.extend((encoded.len() as u32).to_le_bytes());
            data.extend(encoded);
        }
    }
}

/// Plane j has byte j of all elements; the bytes after the last whole element stay.
fn shuffle_bytes(block: &[u8], typesize: usize) -> Vec<u8> {
    let count = block.len() / typesize;
    let mut shuffled = block.to_vec();
    for element in 0..count {
        for byte in 0..typesize {
            shuffled[byte * count + element] = block[element * typesize + byte];
        }
    }
    shuffled
}

/// Row j has bit j of all elements, eight to a byte.
fn shuffle_bits(block: &[u8], typesize: usize) -> Vec<u8> {
    let count = block.len() / typesize;
    let mut shuffled = block.to_vec();
    shuffled[..count * typesize].fill(0);
    for element in 0..count {
        for bit in 0..8 * typesize {
            let value = block[element * typesize + bit / 8] >> (bit % 8) & 1;
            shuffled[bit * (count / 8) + element / 8] |= value << (element % 8);
        }
    }
    shuffled
}

/// Greedy: at each place the longest match among the last bytes, else a literal.
fn blosclz(part: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    let mut literals = Vec::new();
    let mut at = 0;
    while at < part.len() {
        let match_len = |distance: usize| (at..part.len()).take_while(|i| part[*i] == part[*i - distance]).count();
        let nearest = (1..=at.min(300)).max_by_key(|distance| match_len(*distance).min(600));
        let (distance, len) = nearest.map_or((0, 0), |distance| (distance, match_len(distance).min(600)));
        if len < SHORTEST_MATCH {
            literals.push(part[at]);
            at += 1;
            continue;
        }
        flush_literals(&mut literals, &mut encoded);
        let (high, low) = ((distance - 1) / 256, (distance - 1) % 256);
        if len < 9 {
            encoded.push(((len - 2) << 5 | high) as u8);
        } else {
            encoded.push((7 << 5 | high) as u8);
            encoded.extend(std::iter::repeat_n(255, (len - 9) / 255));
            encoded.push(((len - 9) % 255) as u8);
        }
        encoded.push(low as u8);
        at += len;
    }
    flush_literals(&mut literals, &mut encoded);
    encoded
}

fn flush_literals(literals: &mut Vec<u8>, encoded: &mut Vec<u8>) {
    for run in literals.chunks(32) {
        encoded.push((run.len() - 1) as u8);
        encoded.extend(run);
    }
    literals.clear();
}
