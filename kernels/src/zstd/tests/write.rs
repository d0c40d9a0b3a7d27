//! Frames by their parts.

/// `magic` and what follows it in a frame that tells nothing but its window, of 128 KiB.
pub const HEADER: [u8; 6] = [0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3];

/// A block: kind, length in its header, and what follows that.
pub struct Block(pub u32, pub usize, pub Vec<u8>);

pub fn raw(bytes: &[u8]) -> Block {
    Block(0, bytes.len(), bytes.to_vec())
}

pub fn repeated(byte: u8, len: usize) -> Block {
    Block(1, len, vec![byte])
}

/// A compressed block.
pub fn block(parts: &[&[u8]]) -> Block {
    let bytes = parts.concat();
    Block(2, bytes.len(), bytes)
}

pub fn blocks(blocks: &[Block]) -> Vec<u8> {
    let mut written = Vec::new();
    for (at, Block(kind, len, bytes)) in blocks.iter().enumerate() {
        let is_last = u32::from(at + 1 == blocks.len());
        written.extend(&((*len as u32) << 3 | kind << 1 | is_last).to_le_bytes()[..3]);
        written.extend(bytes);
    }
    written
}

pub fn frame(content: &[Block]) -> Vec<u8> {
    [&HEADER[..], &blocks(content)].concat()
}

/// Numbers, each in so many bits, as they are read from the start.
pub fn forward(fields: &[(u32, u32)]) -> Vec<u8> {
    let bits: Vec<u8> =
        fields.iter().flat_map(|&(number, count)| (0..count).map(move |at| (number >> at & 1) as u8)).collect();
    bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

/// Numbers, each in so many bits, as they are read from the end.
pub fn backward(fields: &[(u32, u32)]) -> Vec<u8> {
    let last_first: Vec<_> = fields.iter().rev().copied().chain([(1, 1)]).collect();
    forward(&last_first)
}

/// The description of a finite-state code, section 4.1.1: what `Counts::read` takes.
pub fn counts(log: u32, counts: &[i32]) -> Vec<u8> {
    let mut fields = vec![(log - 5, 4)];
    let mut left = 1 << log;
    let mut at = 0;
    while at < counts.len() {
        let most = left + 1_i32;
        let bits = most.ilog2() + 1;
        let spare = (1 << bits) - 1 - most;
        let value = counts[at] + 1;
        fields.push(match value {
            _ if value < spare => (value as u32, bits - 1),
            _ if value < 1 << (bits - 1) => (value as u32, bits),
            _ => ((value + spare) as u32, bits),
        });
        left -= counts[at].abs();
        at += 1;
        if value == 1 {
            let zeros = counts[at..].iter().take_while(|&&count| count == 0).count();
            fields.extend(vec![(3, 2); zeros / 3]);
            fields.push((zeros as u32 % 3, 2));
            at += zeros;
        }
    }
    forward(&fields)
}

/// The header of literals, section 3.1.1.3.1.1, of which so many bytes follow.
pub fn literals_header(kind: u64, format: u64, len: usize, stored: usize) -> Vec<u8> {
    let (len, stored) = (len as u64, stored as u64);
    let (number, bytes) = match (kind, format) {
        (0 | 1, 0) => (len << 3, 1),
        (0 | 1, _) => (len << 4, 1 + format.div_ceil(2) as usize),
        (_, 0 | 1) => (len << 4 | stored << 14, 3),
        (_, 2) => (len << 4 | stored << 18, 4),
        (_, _) => (len << 4 | stored << 22, 5),
    };
    (number | format << 2 | kind).to_le_bytes()[..bytes].to_vec()
}

pub fn raw_literals(bytes: &[u8]) -> Vec<u8> {
    [&literals_header(0, 3, bytes.len(), 0), bytes].concat()
}

/// Literals with a code (kind 2) or with that of a block before (kind 3).
pub fn coded_literals(kind: u64, format: u64, len: usize, streams: &[u8]) -> Vec<u8> {
    [&literals_header(kind, format, len, streams.len()), streams].concat()
}

/// Weights from 11 to 1, as they are; the last of the twelve, which is not written, is 1. Symbol `n` has `n` zeros and a
/// one; the last two have eleven bits.
pub const STAIRCASE: [u8; 7] = [127 + 11, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10];

/// Symbols in that code.
pub fn huffman_stream(symbols: &[u8]) -> Vec<u8> {
    let code = |symbol: u8| if symbol < 10 { (1, u32::from(symbol) + 1) } else { (u32::from(symbol) - 10, 11) };
    backward(&symbols.iter().map(|&symbol| code(symbol)).collect::<Vec<_>>())
}

/// Four streams behind the lengths of the first three.
pub fn four_streams(streams: [&[u8]; 4]) -> Vec<u8> {
    let lens: Vec<u8> = streams[..3].iter().flat_map(|stream| (stream.len() as u16).to_le_bytes()).collect();
    [&lens, streams.concat().as_slice()].concat()
}

/// Up to 127 sequences that have the same symbols each (of literal length, offset, match length), and these bits.
pub fn same_codes(count: u8, [length, offset, matched]: [u8; 3], bits: &[(u32, u32)]) -> Vec<u8> {
    [&[count, 0b0101_0100, length, offset, matched], backward(bits).as_slice()].concat()
}
