//! Literals and their codes.

use super::write::{
    STAIRCASE, backward, block, coded_literals, counts, four_streams, frame, huffman_stream, literals_header,
    raw_literals,
};
use super::{content, refusal};

/// A frame of one block of these literals and no sequences.
fn only(literals: &[u8]) -> Vec<u8> {
    frame(&[block(&[literals, &[0]])])
}

/// Symbols of the staircase.
fn symbols(len: usize) -> Vec<u8> {
    (0..len as u32).map(|at| (at.wrapping_mul(at) % 71 % 12) as u8).collect()
}

fn in_four(symbols: &[u8]) -> Vec<u8> {
    let quarter = symbols.len().div_ceil(4);
    let part = |at: usize| huffman_stream(&symbols[at * quarter..symbols.len().min((at + 1) * quarter)]);
    four_streams([&part(0), &part(1), &part(2), &part(3)])
}

fn with_staircase(streams: &[u8]) -> Vec<u8> {
    [&STAIRCASE, streams].concat()
}

const ENDS_ELSEWHERE: &str = "the literals do not end where their stream does";
const WRONG_WEIGHTS: &str = "an invalid Huffman code";

#[test]
fn raw_and_repeated_literals_have_headers_of_three_lengths() {
    for (format, most) in [(0, 31), (1, 4095), (3, 100_000)] {
        for len in [0, 1, 30, 31, 32, 4095, 4096, 100_000] {
            if len <= most {
                let bytes = symbols(len);
                assert_eq!(content(&only(&[&literals_header(0, format, len, 0), &bytes[..]].concat())), bytes);
                assert_eq!(content(&only(&[&literals_header(1, format, len, 0), &b"x"[..]].concat())), vec![b'x'; len]);
            }
        }
    }
    assert_eq!(refusal(&only(&[&literals_header(0, 3, 10, 0), &b"12345678"[..]].concat())), "the frame ends early");
}

#[test]
fn coded_literals_are_in_one_stream_or_in_four() {
    for len in [0, 1, 4, 5, 6, 100, 1000, 1023] {
        let symbols = symbols(len);
        let stream = with_staircase(&huffman_stream(&symbols));
        assert_eq!(content(&only(&coded_literals(2, 0, len, &stream))), symbols);
    }
    for (format, lens) in [(1, &[7, 100, 1023][..]), (2, &[8, 1000, 16_383]), (3, &[10, 11, 12, 13, 50_000])] {
        for &len in lens {
            let symbols = symbols(len);
            assert_eq!(content(&only(&coded_literals(2, format, len, &with_staircase(&in_four(&symbols))))), symbols);
        }
    }
}

#[test]
fn the_last_of_four_streams_may_be_of_no_literals() {
    for len in [6, 9] {
        let symbols = symbols(len);
        assert_eq!(content(&only(&coded_literals(2, 1, len, &with_staircase(&in_four(&symbols))))), symbols);
    }
}

#[test]
fn four_streams_of_too_few_literals_are_refused() {
    let streams =
        four_streams([&huffman_stream(&[1]), &huffman_stream(&[1]), &huffman_stream(&[]), &huffman_stream(&[])]);
    for len in [0, 1, 2, 3, 4, 5] {
        let encoded = only(&coded_literals(2, 1, len, &with_staircase(&streams)));
        assert_eq!(refusal(&encoded), "too few literals for four streams");
    }
}

#[test]
fn a_code_is_used_again_whatever_is_between() {
    let first = coded_literals(2, 0, 5, &with_staircase(&huffman_stream(&[0, 11, 2, 10, 4])));
    let again = coded_literals(3, 0, 3, &huffman_stream(&[9, 11, 0]));
    let in_four = coded_literals(3, 1, 8, &in_four(&[1, 2, 3, 4, 5, 6, 7, 8]));
    let blocks = [
        block(&[&first, &[0]]),
        block(&[&raw_literals(b"abc"), &[0]]),
        super::write::raw(b"d"),
        block(&[&again, &[0]]),
        block(&[&in_four, &[0]]),
    ];
    assert_eq!(content(&frame(&blocks)), b"\x00\x0b\x02\x0a\x04abcd\x09\x0b\x00\x01\x02\x03\x04\x05\x06\x07\x08");
    let none = "literals without a Huffman code";
    assert_eq!(refusal(&only(&again)), none);
}

#[test]
fn a_stream_that_does_not_end_with_its_last_literal_is_refused() {
    let symbols = symbols(60);
    let stream = huffman_stream(&symbols);
    let overrun = only(&coded_literals(2, 0, 1000, &with_staircase(&stream)));
    assert_eq!(refusal(&overrun), "a bit stream goes on beyond its begin");
    for len in [58, 59, 61, 62] {
        assert_eq!(refusal(&only(&coded_literals(2, 0, len, &with_staircase(&stream)))), ENDS_ELSEWHERE, "{len}");
    }
    // A byte more at its start, and a byte less.
    assert_eq!(
        refusal(&only(&coded_literals(2, 0, 60, &with_staircase(&[&[0], &stream[..]].concat())))),
        ENDS_ELSEWHERE
    );
    assert_eq!(refusal(&only(&coded_literals(2, 0, 60, &with_staircase(&stream[1..])))), ENDS_ELSEWHERE);
    let good = huffman_stream(&[7; 50]);
    let bad = [[&[0], &good[..]].concat(), good[1..].to_vec()];
    for at in 0..4 {
        for bad in &bad {
            let mut streams = [&good[..]; 4];
            streams[at] = bad;
            let encoded = with_staircase(&four_streams(streams));
            assert_eq!(refusal(&only(&coded_literals(2, 1, 200, &encoded))), ENDS_ELSEWHERE);
        }
    }
}

#[test]
fn a_stream_without_an_end_is_refused() {
    let no_end = "a bit stream has no end";
    for stream in [&[][..], &[0], &[0xff, 0]] {
        assert_eq!(refusal(&only(&coded_literals(2, 0, 1, &with_staircase(stream)))), no_end);
        let good = huffman_stream(&[1, 1]);
        for at in 0..4 {
            let mut streams = [&good[..]; 4];
            streams[at] = stream;
            assert_eq!(refusal(&only(&coded_literals(2, 1, 8, &with_staircase(&four_streams(streams))))), no_end);
        }
    }
}

#[test]
fn streams_longer_than_what_is_there_are_refused() {
    let streams = in_four(&symbols(100));
    for at in [1, 3, 5] {
        let mut longer = streams.clone();
        longer[at] = 0xff;
        assert_eq!(refusal(&only(&coded_literals(2, 1, 100, &with_staircase(&longer)))), "the frame ends early");
    }
    assert_eq!(refusal(&only(&coded_literals(2, 1, 100, &with_staircase(&streams[..5])))), "the frame ends early");
    let literals = [&literals_header(2, 0, 3, 50), &with_staircase(&huffman_stream(&[1, 2, 3]))[..]].concat();
    assert_eq!(refusal(&only(&literals)), "the frame ends early");
}

#[test]
fn the_example_of_the_specification() {
    // Section 4.2.1: weights 4, 3, 2, 0, 1 and the last of them, 1.
    // Whatever the half byte is that is left.
    for left in 0..16 {
        let tree = [127 + 5, 0x43, 0x20, 0x10 | left];
        let stream = backward(&[(1, 1), (0b0000, 4), (0b0001, 4), (0b01, 2), (0b001, 3)]);
        assert_eq!(content(&only(&coded_literals(2, 0, 5, &[&tree[..], &stream].concat()))), [0, 4, 5, 1, 2]);
    }
}

/// What is said of a code with these weights, as they are.
fn refused_weights(weights: &[u8]) -> &'static str {
    let nibbles = weights.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).unwrap_or(&0));
    let tree: Vec<u8> = [127 + weights.len() as u8].into_iter().chain(nibbles).collect();
    refusal(&only(&coded_literals(2, 0, 1, &[&tree[..], &[2]].concat())))
}

#[test]
fn weights_that_make_no_code_are_refused() {
    // None but zeros; more bits than 11, by one weight or by all; what is missing is no power of two; no code is of the
    // most bits.
    assert_eq!(refused_weights(&[0]), WRONG_WEIGHTS);
    assert_eq!(refused_weights(&[0; 128]), WRONG_WEIGHTS);
    assert_eq!(refused_weights(&[12, 1]), WRONG_WEIGHTS);
    assert_eq!(refused_weights(&[11, 11, 1]), WRONG_WEIGHTS);
    assert_eq!(refused_weights(&[11, 11, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]), WRONG_WEIGHTS);
    assert_eq!(refused_weights(&[4, 1, 1, 1]), WRONG_WEIGHTS);
    assert_eq!(refused_weights(&[2]), WRONG_WEIGHTS);
    assert_eq!(refused_weights(&[2, 2, 2]), WRONG_WEIGHTS);
}

#[test]
fn weights_that_are_not_compressed_are_of_up_to_129_symbols() {
    let tree = [&[255][..], &[0; 63], &[0x01]].concat();
    let stream = backward(&[(0, 1), (1, 1)]);
    assert_eq!(content(&only(&coded_literals(2, 0, 2, &[&tree[..], &stream].concat()))), [127, 128]);
}

#[test]
fn compressed_weights_are_of_up_to_256_symbols() {
    // From its first state a bit leads a weight of 1 to itself.
    let tree = |bits| compressed(&[vec![(0, 5); 2], vec![(0, 1); bits]].concat());
    let stream = backward(&[(200, 8), (0, 8), (255, 8)]);
    assert_eq!(content(&only(&coded_literals(2, 0, 3, &[tree(253), stream.clone()].concat()))), [200, 0, 255]);
    assert_eq!(
        refusal(&only(&coded_literals(2, 0, 3, &[tree(254), stream].concat()))),
        "a Huffman code of too many symbols"
    );
}

/// Weights in a code of 16 states for a weight of 1 and 16 for 2: from the `n`th state of a weight one bit leads to the
/// states 2 `n` and 2 `n` + 1. Of weight 1 are 0, 1, 2, 5, ..., of 2 are 3, 4, 7, ....
fn compressed(fields: &[(u32, u32)]) -> Vec<u8> {
    let weights = [counts(5, &[0, 16, 16]), backward(fields)].concat();
    [&[weights.len() as u8], &weights[..]].concat()
}

#[test]
fn weights_are_compressed() {
    // States 0 and 3, then from 0 to 1: weights 1, 2, 1, and the last is 3.
    let tree = compressed(&[(0, 5), (3, 5), (1, 1)]);
    let stream = backward(&[(0b000, 3), (0b001, 3), (0b01, 2), (0b1, 1), (0b001, 3)]);
    assert_eq!(content(&only(&coded_literals(2, 0, 5, &[&tree[..], &stream].concat()))), [0, 2, 1, 3, 2]);
    // Without that bit: weights 1, 2, and the last is 1.
    let tree = compressed(&[(0, 5), (3, 5)]);
    let stream = backward(&[(0b00, 2), (0b01, 2), (0b1, 1)]);
    assert_eq!(content(&only(&coded_literals(2, 0, 3, &[&tree[..], &stream].concat()))), [0, 2, 1]);
    // Not even two states.
    let tree = compressed(&[(0, 5), (3, 4)]);
    assert_eq!(
        refusal(&only(&coded_literals(2, 0, 5, &[&tree[..], &stream].concat()))),
        "a Huffman code without weights"
    );
}

#[test]
fn compressed_weights_do_not_go_on_for_ever() {
    // A code of one weight takes no bits from one state to the next.
    let weights = [counts(5, &[0, 32]), backward(&[(0, 5), (0, 5)])].concat();
    let tree = [&[weights.len() as u8], &weights[..]].concat();
    assert_eq!(
        refusal(&only(&coded_literals(2, 0, 1, &[&tree[..], &[2]].concat()))),
        "a Huffman code of too many symbols"
    );
}

#[test]
fn a_description_of_compressed_weights_is_that_of_a_small_code() {
    let refused = |description: Vec<u8>| {
        let weights = [description, backward(&[(0, 7), (0, 7)])].concat();
        let tree = [&[weights.len() as u8], &weights[..]].concat();
        refusal(&only(&coded_literals(2, 0, 1, &[&tree[..], &[2]].concat())))
    };
    assert_eq!(refused(counts(7, &[0, 64, 64])), "a table is too large");
    assert_eq!(refused(counts(5, &[&[0; 16][..], &[32]].concat())), "an unknown symbol");
    assert_eq!(refusal(&only(&coded_literals(2, 0, 1, &[0]))), "an unknown symbol");
}
