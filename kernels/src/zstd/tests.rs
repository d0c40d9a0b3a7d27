//! Frames made by hand: one for each feature and each reason to refuse.

use super::*;

/// A frame that does not tell its content size, with a window of 1 KiB unless another one is given.
fn frame_of(window: u8, blocks: &[Vec<u8>]) -> Vec<u8> {
    let mut frame = [&0xfd2f_b528u32.to_le_bytes()[..], &[0, window]].concat();
    for (at, block) in blocks.iter().enumerate() {
        let mut block = block.clone();
        block[0] |= u8::from(at + 1 == blocks.len());
        frame.extend(block);
    }
    frame
}

fn frame(blocks: &[Vec<u8>]) -> Vec<u8> {
    frame_of(0, blocks)
}

/// A block that is the last one only if it is said so later.
fn block(kind: u32, len: usize, body: &[u8]) -> Vec<u8> {
    [&(kind << 1 | (len as u32) << 3).to_le_bytes()[..3], body].concat()
}

fn raw(body: &[u8]) -> Vec<u8> {
    block(0, body.len(), body)
}

fn compressed(sections: &[&[u8]]) -> Vec<u8> {
    let body = sections.concat();
    block(2, body.len(), &body)
}

/// Literals as they are, or one of them again and again: the length in five bits.
fn literals(bytes: &[u8]) -> Vec<u8> {
    [&[(bytes.len() as u8) << 3], bytes].concat()
}

/// Numbers, each of so many bits, in the order in which they are read; then what marks their begin.
fn stream(numbers: &[(u32, u32)]) -> Vec<u8> {
    let mut bits: Vec<bool> = vec![true];
    for &(number, len) in numbers {
        bits.extend((0..len).rev().map(|at| number >> at & 1 == 1));
    }
    bits.reverse();
    bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |number, bit| number << 1 | u8::from(*bit))).collect()
}

/// Sequences that all have the same codes of literals, offset and match, and these numbers behind the codes.
fn sequences(count: u8, codes: [u8; 3], numbers: &[(u32, u32)]) -> Vec<u8> {
    [&[count, 0b0101_0100][..], &codes, &stream(numbers)].concat()
}

fn decode_in(room: usize, encoded: &[u8]) -> Result<Option<Vec<u8>>, &'static str> {
    let mut decoded = vec![0; room];
    let written = Decoder::default().decode(encoded, &mut decoded)?;
    Ok(written.map(|written| decoded[..written].to_vec()))
}

/// In all rooms: it fits exactly where there is enough.
fn expect(encoded: &[u8], content: &[u8]) {
    for room in 0..content.len() + 40 {
        let expected = (room >= content.len()).then(|| content.to_vec());
        assert_eq!(decode_in(room, encoded), Ok(expected), "in {room} bytes");
    }
}

fn refuse(encoded: &[u8], reason: &str) {
    assert_eq!(decode_in(2000, encoded), Err(reason));
}

#[test]
fn blocks_are_stored_or_of_one_byte() {
    expect(&frame(&[raw(b"abc"), block(1, 5, b"x"), raw(b""), raw(b"z")]), b"abcxxxxxz");
    expect(&[], b"");
}

#[test]
fn frames_follow_each_other_and_skippable_ones_hold_nothing() {
    let skippable = [0x5f, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2];
    let encoded = [&skippable[..], &frame(&[raw(b"abc")]), &skippable, &frame(&[raw(b"de")])].concat();
    expect(&encoded, b"abcde");
}

#[test]
fn content_sizes_are_of_one_two_four_or_eight_bytes() {
    let content = [7; 300];
    let block = [&[1u8 | 1 << 1 | (300u32 << 3) as u8, (300u32 << 3 >> 8) as u8, 0][..], &[7]].concat();
    for (descriptor, size) in [(0x60, &[44, 0][..]), (0xa0, &[44, 1, 0, 0]), (0xe0, &[44, 1, 0, 0, 0, 0, 0, 0])] {
        expect(&[&MAGIC.to_le_bytes()[..4], &[descriptor], size, &block].concat(), &content);
    }
    expect(&[&MAGIC.to_le_bytes()[..4], &[0x20, 2, 0b1_0001, 0, 0, 8, 9]].concat(), &[8, 9]);
    // Behind a window, and with the dictionary that is none.
    expect(&[&MAGIC.to_le_bytes()[..4], &[0x81, 0, 0, 2, 0, 0, 0, 0b1_0001, 0, 0, 8, 9]].concat(), &[8, 9]);
}

#[test]
fn what_a_frame_says_of_itself_is_checked() {
    let with = |header: &[u8], rest: &[u8]| [&MAGIC.to_le_bytes()[..4], header, rest].concat();
    let two_bytes = [0b1_0001, 0, 0, 8, 9];
    refuse(&with(&[0x20, 3], &two_bytes), "the frame does not hold as many bytes as it says");
    refuse(&with(&[0x20, 1], &two_bytes), "the block is too large");
    refuse(&with(&[0x80, 0, 1, 0, 0, 0], &two_bytes), "the frame does not hold as many bytes as it says");
    refuse(&with(&[0x08, 0], &two_bytes), "a reserved bit of the frame is set");
    refuse(&with(&[0x01, 0, 1], &two_bytes), "the frame needs a dictionary");
    refuse(&with(&[0x03, 0, 0, 0, 0, 1], &two_bytes), "the frame needs a dictionary");
    expect(&with(&[0, 21 << 3], &two_bytes), &[8, 9]);
    refuse(&with(&[0, 21 << 3 | 1], &two_bytes), "the frame needs a window that is larger than any writer's");
    refuse(&with(&[0, 0], &[0b111, 0, 0]), "unknown kind of block");
    refuse(&[0; 4], "no frame begins where one is expected");
    refuse(&[&frame(&[raw(b"abc")])[..], b"rest"].concat(), "no frame begins where one is expected");
    // A claim of more than there is room for is judged by what there is.
    let claims_all = [&[0xe0][..], &[255; 8]].concat();
    refuse(&with(&claims_all, &two_bytes), "the frame does not hold as many bytes as it says");
    assert_eq!(decode_in(1, &with(&claims_all, &two_bytes)), Ok(None));
}

#[test]
fn a_checksum_is_verified() {
    let mut encoded = frame(&[raw(b"abc")]);
    encoded[4] |= 1 << 2;
    encoded.extend([0x99, 0x09, 0x77, 0xad]);
    expect(&encoded, b"abc");
    *encoded.last_mut().unwrap() ^= 1;
    refuse(&encoded, "checksum mismatch: the frame decodes to other bytes than were encoded");
}

#[test]
fn what_is_cut_is_refused_and_a_window_bounds_blocks() {
    let encoded = frame(&[compressed(&[&literals(b"abcd"), &sequences(1, [4, 2, 0], &[(3, 2)])])]);
    expect(&encoded, b"abcdabc");
    for len in 1..encoded.len() {
        refuse(&encoded[..len], "the frame ends early");
    }
    refuse(&frame(&[block(1, 1025, b"x")]), "the block is too large");
    expect(&frame_of(1, &[block(1, 1025, b"x")]), &[b'x'; 1025]);
    // A match of 1027 bytes: 3 + 1024.
    let long = compressed(&[&literals(b"a"), &sequences(1, [1, 0, 46], &[(0, 10)])]);
    refuse(&frame(&[long]), "the block holds too much");
}

#[test]
fn literals_are_stored_in_one_two_or_three_bytes_of_length() {
    let content: Vec<u8> = (0..100).collect();
    for header in [vec![0b0100 | 100 << 4 & 0xf0, 100 >> 4], vec![0b1100 | 100 << 4 & 0xf0, 100 >> 4, 0]] {
        expect(&frame(&[compressed(&[&header, &content, &[0]])]), &content);
        let of_one = [&[header[0] | 1], &header[1..], b"x"].concat();
        expect(&frame(&[compressed(&[&of_one, &[0]])]), &[b'x'; 100]);
    }
    refuse(&frame(&[compressed(&[&[0b1100, 0x41, 0], &[0]])]), "the block has too many literals");
    refuse(&frame(&[compressed(&[&literals(b"abc"), &[0, 0]])]), "bytes after the end of the block");
}

/// A header of compressed literals: kind, format, both lengths.
fn huffman_header(kind: u64, format: u64, len: u64, encoded_len: usize) -> Vec<u8> {
    let (width, bytes) = [(10, 3), (10, 3), (14, 4), (18, 5)][format as usize];
    (kind | format << 2 | len << 4 | (encoded_len as u64) << (4 + width)).to_le_bytes()[..bytes].to_vec()
}

/// Weights 2, 1 and, not stored, 1: the codes of the bytes 0 to 2 are 1, 00 and 01.
const WEIGHTS: [u8; 2] = [129, 0x21];

const CODES: [(u32, u32); 3] = [(1, 1), (0, 2), (1, 2)];

fn huffman_stream(bytes: &[u8]) -> Vec<u8> {
    stream(&bytes.iter().map(|byte| CODES[usize::from(*byte)]).collect::<Vec<_>>())
}

/// Four streams behind the lengths of three.
fn huffman_streams(bytes: &[u8]) -> Vec<u8> {
    let mut quarters: Vec<Vec<u8>> = bytes.chunks(bytes.len().div_ceil(4)).map(huffman_stream).collect();
    quarters.resize(4, vec![1]);
    let lens = quarters[..3].iter().flat_map(|quarter| (quarter.len() as u16).to_le_bytes());
    lens.chain(quarters.concat()).collect()
}

fn huffman(kind: u64, format: u64, len: usize, encoded: &[u8]) -> Vec<u8> {
    compressed(&[&huffman_header(kind, format, len as u64, encoded.len()), encoded, &[0]])
}

#[test]
fn literals_are_huffman_codes_in_one_stream_or_four() {
    for len in [1, 6, 7, 8, 9, 19, 20, 21, 100, 333] {
        let content: Vec<u8> = (0..len).map(|at| (at * at / 3 % 3) as u8).collect();
        let one = huffman(2, 0, len, &[&WEIGHTS, &huffman_stream(&content)[..]].concat());
        let again = huffman(3, 0, len, &huffman_stream(&content));
        expect(&frame(&[one.clone(), again.clone()]), &[&content[..], &content].concat());
        refuse(&[frame(&[one]), frame(&[again])].concat(), "literals without a Huffman code");
        for format in if len < 6 { 0..0 } else { 1..4 } {
            let four = huffman(2, format, len, &[&WEIGHTS, &huffman_streams(&content)[..]].concat());
            let again = huffman(3, format, len, &huffman_streams(&content));
            expect(&frame(&[four, again]), &[&content[..], &content].concat());
        }
    }
}

#[test]
fn huffman_codes_and_their_streams_are_checked() {
    let with = |weights: &[u8], rest: &[u8]| frame(&[huffman(2, 0, 3, &[weights, rest].concat())]);
    expect(&with(&WEIGHTS, &huffman_stream(&[0, 1, 2])), &[0, 1, 2]);
    for bytes in [&[0, 1][..], &[0, 1, 2, 0], &[1, 1]] {
        refuse(&with(&WEIGHTS, &huffman_stream(bytes)), "the literals do not end where their stream does");
    }
    refuse(&with(&WEIGHTS, &[1, 0]), "a bit stream has no end");
    refuse(&with(&WEIGHTS, &[]), "a bit stream has no end");
    // No weight; the sum and the longest code too large; what is missing is no power of two; the longest code alone.
    for weights in [&[128, 0x00][..], &[128, 0xc0], &[129, 0xbb], &[130, 0x22, 0x10], &[128, 0x20]] {
        refuse(&with(weights, &[1]), "an invalid Huffman code");
    }
    // Weights as a code of 32 states, one of which is the second symbol's and 31 the first's, without bits for a state.
    refuse(&with(&[3, 0xe0, 0x0f, 1], &[1]), "a Huffman code without weights");
    let too_few = frame(&[huffman(2, 1, 5, &[&WEIGHTS, &huffman_streams(&[0; 8])[..]].concat())]);
    refuse(&too_few, "too few literals for four streams");
}

#[test]
fn matches_repeat_what_is_nearer_than_they_are_long() {
    for offset in 1..=31u32 {
        let before: Vec<u8> = (1..=offset as u8).collect();
        let code = (offset + 3).ilog2();
        let number = (offset + 3 - (1 << code), code);
        // Code 42 is a length of 99 and a number of five bits.
        let repeat = compressed(&[&literals(b""), &sequences(1, [0, code as u8, 42], &[number, (1, 5)])]);
        let content: Vec<u8> = before.iter().copied().cycle().take(before.len() + 100).collect();
        expect(&frame(&[raw(&before), repeat]), &content);
    }
}

#[test]
fn offsets_are_repeated_by_their_place_among_the_last_three() {
    // The first are 1, 4 and 8. Offset codes 0 and 1 with their numbers mean values 1 to 3; matches are of three bytes.
    let with = |literal: u8, code: u8, number: u32| {
        let of_literals = literals(&b"x"[..usize::from(literal)]);
        let numbers = [(number, u32::from(code))];
        frame(&[raw(b"abcdefgh"), compressed(&[&of_literals, &sequences(1, [literal, code, 0], &numbers)])])
    };
    expect(&with(1, 0, 0), b"abcdefghxxxx");
    expect(&with(1, 1, 0), b"abcdefghxfgh");
    expect(&with(1, 1, 1), b"abcdefghxbcd");
    expect(&with(0, 0, 0), b"abcdefghefg");
    expect(&with(0, 1, 0), b"abcdefghabc");
    // One less than the latest, which is 1.
    refuse(&with(0, 1, 1), "a match begins before its frame");

    // An own one of two; the third; the second, which is two by now; one less than that; the second.
    let fields =
        [(b"1" as &[u8], 2, (1, 2)), (b"2", 1, (1, 1)), (b"3", 1, (0, 1)), (b"", 1, (1, 1)), (b"4", 1, (0, 1))];
    let blocks = fields.map(|(literal, code, number)| {
        compressed(&[&literals(literal), &sequences(1, [literal.len() as u8, code, 0], &[number])])
    });
    expect(&frame(&[&[raw(b"abcdefgh")], &blocks[..]].concat()), b"abcdefgh1h1h2h1h3h3hhhh4h4h");
}

#[test]
fn codes_are_used_again_within_their_frame() {
    let own = compressed(&[&literals(b"ab"), &sequences(1, [1, 0, 0], &[])]);
    let again = compressed(&[&literals(b"cd"), &[1, 0b1111_1100, 1]]);
    expect(&frame(&[own.clone(), again.clone()]), b"aaaabccccd");
    refuse(&[frame(&[own]), frame(std::slice::from_ref(&again))].concat(), "no table to use again");
    refuse(&frame(&[again]), "no table to use again");
}

#[test]
fn sequences_are_checked() {
    let with = |section: &[u8]| frame(&[raw(b"abcd"), compressed(&[&literals(b"xy"), section])]);
    expect(&with(&sequences(1, [1, 2, 0], &[(3, 2)])), b"abcdxbcdy");
    refuse(&with(&sequences(1, [1, 3, 0], &[(1, 3)])), "a match begins before its frame");
    expect(&with(&sequences(1, [1, 3, 0], &[(0, 3)])), b"abcdxabcy");
    refuse(&with(&sequences(1, [3, 2, 0], &[(3, 2)])), "too few literals");
    refuse(&with(&sequences(1, [1, 2, 0], &[(3, 3)])), "the sequences end before their stream");
    refuse(&with(&sequences(1, [1, 2, 0], &[(1, 1)])), "the sequences go on beyond their stream");
    refuse(&with(&sequences(100, [1, 20, 0], &[(1, 1)])), "the sequences go on beyond their stream");
    refuse(&with(&[1, 0b0101_0101, 1, 2, 0, 1]), "a reserved bit of the sequences is set");
    for codes in [[36, 2, 0], [1, 32, 0], [1, 2, 53]] {
        refuse(&with(&sequences(1, codes, &[])), "an unknown symbol");
    }
    refuse(&with(&[1, 0b0101_0100, 1, 2, 0]), "a bit stream has no end");
    refuse(&with(&[1, 0b1001_0100, 0x05]), "a table is too large");
    refuse(&with(&[1, 0b1001_0100, 0x00]), "the frame ends early");
    refuse(&with(&[255, 0]), "the frame ends early");
}
