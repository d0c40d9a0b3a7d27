//! Frames made by hand: one for each thing that they can say, and for each that they must not.

mod codes;
mod frames;
mod literals;
mod sequences;
mod write;

use super::Decoder;
use super::xxh64::xxh64;

/// Decodes with room for so many bytes.
fn decode(encoded: &[u8], room: usize) -> Result<Option<Vec<u8>>, &'static str> {
    let mut decoded = vec![0xa5; room];
    let len = Decoder::default().decode(encoded, &mut decoded)?;
    Ok(len.map(|len| decoded[..len].to_vec()))
}

/// What one frame holds: the same with little room and with much, with too little nothing, and where it is cut an error.
fn content(frame: &[u8]) -> Vec<u8> {
    let content = decode(frame, 1 << 20).unwrap().unwrap();
    let len = content.len();
    for room in len..len + 40 {
        assert!(decode(frame, room).unwrap().unwrap() == content, "room for {room} bytes, of which {len} are needed");
    }
    for room in len.saturating_sub(40)..len {
        assert_eq!(decode(frame, room), Ok(None), "room for {room} bytes of {len}");
    }
    for cut in 1..frame.len().min(400) {
        assert!(decode(&frame[..cut], len).is_err(), "cut after {cut} bytes of {}", frame.len());
    }
    content
}

/// What is wrong with it.
fn refusal(encoded: &[u8]) -> &'static str {
    decode(encoded, 1 << 20).unwrap_err()
}

#[test]
fn checksums_are_those_of_xxh64() {
    assert_eq!(xxh64(b""), 0xef46_db37_51d8_e999);
    assert_eq!(xxh64(b"a"), 0xd24e_c4f1_a98c_6e5b);
    assert_eq!(xxh64(b"Nobody inspects the spammish repetition"), 0xfbce_a83c_8a37_8bf1);
}

#[test]
fn a_decoder_forgets_the_frame_before_even_if_it_failed() {
    use write::{block, coded_literals, frame, huffman_stream, raw, raw_literals, same_codes};
    let mut decoder = Decoder::default();
    let mut decoded = [0; 100];
    let literals = coded_literals(2, 0, 3, &[&write::STAIRCASE[..], &huffman_stream(&[0, 1, 2])].concat());
    let sequences = same_codes(1, [3, 2, 0], &[(0, 2)]);
    let good = frame(&[block(&[&literals, &sequences])]);
    assert_eq!(decoder.decode(&good, &mut decoded), Ok(Some(6)));
    assert_eq!(decoded[..6], [0, 1, 2, 2, 2, 2]);
    let reserved = frame(&[block(&[&literals, &sequences]), block(&[&raw_literals(b""), &[1, 0x57]])]);
    assert_eq!(decoder.decode(&reserved, &mut decoded), Err("a reserved bit of the sequences is set"));
    let treeless = frame(&[block(&[&coded_literals(3, 0, 3, &huffman_stream(&[0, 1, 2])), &[0]])]);
    let none = "literals without a Huffman code";
    assert_eq!(decoder.decode(&treeless, &mut decoded), Err(none));
    let repeated = frame(&[block(&[&raw_literals(b"abc"), &[1, 0b1101_0100, 2, 0], &[4]])]);
    let none = "no table to use again";
    assert_eq!(decoder.decode(&repeated, &mut decoded), Err(none));
    // The second of the recent offsets is 4 again, not the one of the frame before.
    let recent = frame(&[raw(b"abcdefgh"), block(&[&raw_literals(b""), &same_codes(1, [0, 0, 0], &[])])]);
    assert_eq!(decoder.decode(&recent, &mut decoded), Ok(Some(11)));
    assert_eq!(decoded[..11], *b"abcdefghefg");
}
