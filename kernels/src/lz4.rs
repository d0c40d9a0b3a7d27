//! LZ4 blocks (`lz4_Block_format.md` of LZ4).
//!
//! A block is a row of sequences: a token, literals, and a match. The high half of the token is the number of literals,
//! the low half that of the bytes of the match beyond four; a half that is 15 goes on in bytes that are added to it, up to
//! and including the first one that is not 255. Between the literals and what the length of the match goes on in stands its
//! distance, a little-endian u16. A match may reach into itself: then it repeats. The last sequence ends with its literals.

pub use crate::blosclz::Error;
use crate::copy;
use crate::lane::LANE_LEN;

/// A half of a token that is not all of a length.
const LONG: usize = 15;

/// Half of a token that is the length of a match that is no longer than a lane, at most.
const SHORT: usize = LANE_LEN - 4;

/// Bytes of a token, literals and a distance, at most, where the literals are few; a lane of literals fits in.
const SHORT_READ: usize = 1 + LANE_LEN + 2;

/// What such a sequence writes at most, with what its copies write beyond it.
const SHORT_WRITTEN: usize = 2 * LANE_LEN;

/// Decodes a block and answers how many bytes it holds; more than there is room for is an error.
#[inline(never)]
pub fn decode(encoded: &[u8], decoded: &mut [u8]) -> Result<usize, Error> {
    let (mut read, mut written) = (0, 0);
    loop {
        short_sequences(encoded, decoded, &mut read, &mut written);
        let token = usize::from(*encoded.get(read).ok_or(Error::Truncated)?);
        read += 1;
        let literals = length(encoded, &mut read, token >> 4)?;
        copy_literals(encoded, read, decoded, written, literals)?;
        read += literals;
        written += literals;
        if read == encoded.len() {
            return Ok(written);
        }
        let distance = encoded[read..].first_chunk().ok_or(Error::Truncated)?;
        let distance = usize::from(u16::from_le_bytes(*distance));
        read += 2;
        if distance.wrapping_sub(1) >= written {
            return Err(Error::TooFar { distance, written });
        }
        let len = length(encoded, &mut read, token & LONG)?.saturating_add(4);
        let room = decoded.len() - written;
        if len > room {
            return Err(Error::TooLong { room: decoded.len() });
        }
        let end = written + len;
        copy::a_match(decoded, distance, written, end);
        written = end;
    }
}

/// Decodes sequences as long as their literals and matches are each no more than a lane, nothing is wrong with them and no
/// end is near: of these there are many, and little is to be asked for each.
#[inline(always)]
fn short_sequences(encoded: &[u8], decoded: &mut [u8], read: &mut usize, written: &mut usize) {
    let (Some(read_limit), Some(written_limit)) =
        (encoded.len().checked_sub(SHORT_READ), decoded.len().checked_sub(SHORT_WRITTEN))
    else {
        return;
    };
    let (mut from, mut to) = (*read, *written);
    while from <= read_limit && to <= written_limit {
        let sequence = &encoded[from..from + SHORT_READ];
        let token = usize::from(sequence[0]);
        let (literals, len) = (token >> 4, token & 15);
        if literals == LONG || len > SHORT {
            break;
        }
        decoded[to..to + LANE_LEN].copy_from_slice(&sequence[1..1 + LANE_LEN]);
        let distance = usize::from(u16::from_le_bytes([sequence[1 + literals], sequence[2 + literals]]));
        let start = to + literals;
        let back = start.wrapping_sub(distance);
        if back >= start {
            break;
        }
        copy::short_ahead(decoded, distance, back, start);
        from += 3 + literals;
        to = start + 4 + len;
    }
    (*read, *written) = (from, to);
}

/// The length that begins with this half of a token.
#[inline(always)]
fn length(encoded: &[u8], read: &mut usize, half: usize) -> Result<usize, Error> {
    let mut length = half;
    if half == LONG {
        // At most 255 times the length of the input.
        loop {
            let more = *encoded.get(*read).ok_or(Error::Truncated)?;
            *read += 1;
            length = length.saturating_add(usize::from(more));
            if more != 255 {
                break;
            }
        }
    }
    Ok(length)
}

/// Copies literals that are long, or stand near an end.
fn copy_literals(encoded: &[u8], read: usize, decoded: &mut [u8], written: usize, len: usize) -> Result<(), Error> {
    let (rest, room) = (encoded.len() - read, decoded.len() - written);
    if len > rest {
        return Err(Error::Truncated);
    }
    if len > room {
        return Err(Error::TooLong { room: decoded.len() });
    }
    copy::literals(encoded, read, decoded, written, len);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sequence with these halves of the token, and what follows it.
    fn sequence(literals: usize, len: usize, rest: &[&[u8]]) -> Vec<u8> {
        [&[(literals << 4 | len) as u8][..], &rest.concat()].concat()
    }

    fn decoded(encoded: &[u8], room: usize) -> Result<Vec<u8>, Error> {
        let mut decoded = vec![0xaa; room];
        let len = decode(encoded, &mut decoded)?;
        assert!(decoded.iter().skip(len + 2 * LANE_LEN).all(|byte| *byte == 0xaa));
        decoded.truncate(len);
        Ok(decoded)
    }

    #[test]
    fn literals_are_copied_and_matches_repeat() {
        let end = sequence(1, 0, &[b"."]);
        for distance in 1..=40usize {
            for len in [4, 5, 18, 19, 32, 33, 100, 300] {
                let literals: Vec<u8> = (0..40).map(|byte| byte * 3).collect();
                let more = if len < 19 {
                    vec![]
                } else {
                    [vec![255; (len - 19) / 255], vec![((len - 19) % 255) as u8]].concat()
                };
                let token = sequence(15, (len - 4).min(15), &[&[25], &literals]);
                let block = [&token[..], &(distance as u16).to_le_bytes(), &more, &end].concat();
                let mut expected = literals.clone();
                (0..len).for_each(|_| expected.push(expected[expected.len() - distance]));
                expected.push(b'.');
                for room in [0, 1, 15, 16, 31, 32, 33, 200] {
                    assert_eq!(decoded(&block, expected.len() + room).unwrap(), expected, "{distance}, {len}, {room}");
                }
                assert_eq!(decoded(&block, expected.len() - 1), Err(Error::TooLong { room: expected.len() - 1 }));
                for cut in 0..block.len() {
                    assert!(decoded(&block[..cut], 1000).is_err() || cut == 42, "{cut}");
                }
            }
        }
        assert_eq!(decoded(&[0], 0).unwrap(), b"");
    }

    #[test]
    fn short_sequences_far_from_the_end_are_those_of_the_format() {
        let first: Vec<u8> = (0..40).map(|byte| byte * 3).collect();
        let last: Vec<u8> = (0..60).map(|byte| 255 - byte).collect();
        for literals_len in 0..15usize {
            for len in 4..19usize {
                for distance in 1..=40usize {
                    let literals: Vec<u8> = (0..literals_len as u8).map(|byte| 200 + byte).collect();
                    let block = [
                        sequence(15, 0, &[&[25], &first, &40u16.to_le_bytes()]),
                        sequence(literals_len, len - 4, &[&literals, &(distance as u16).to_le_bytes()]),
                        sequence(15, 0, &[&[45], &last]),
                    ];
                    let mut expected = [&first[..], &first[..4], &literals].concat();
                    (0..len).for_each(|_| expected.push(expected[expected.len() - distance]));
                    expected.extend(&last);
                    assert_eq!(
                        decoded(&block.concat(), expected.len()).unwrap(),
                        expected,
                        "{literals_len}, {len}, {distance}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_match_begins_within_what_was_decoded() {
        let block = |distance: u16| sequence(2, 0, &[b"ab", &distance.to_le_bytes(), &sequence(0, 0, &[])]);
        assert_eq!(decoded(&block(2), 6).unwrap(), b"ababab");
        for distance in [0, 3, u16::MAX] {
            let distance_found = usize::from(distance);
            // Near the end of the input, and far from it.
            for more in [0, 40] {
                let error = decoded(&[block(distance), vec![0; more]].concat(), 100).unwrap_err();
                assert_eq!(error, Error::TooFar { distance: distance_found, written: 2 });
            }
        }
        assert_eq!(
            Error::TooFar { distance: 0, written: 2 }.to_string(),
            "a match reaches 0 bytes back, expected 1 to 2"
        );
    }

    #[test]
    fn what_it_decodes_is_what_another_implementation_compressed() {
        let mut state = 1u32;
        let mut random = move |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) % below
        };
        for len in [0, 1, 12, 13, 100, 5_000, 100_000] {
            for variety in [1, 2, 17, 256] {
                let bytes: Vec<u8> =
                    (0..len).map(|at| if at % 97 < 60 { random(variety) as u8 } else { at as u8 / 7 }).collect();
                let encoded = lz4_flex::block::compress(&bytes);
                assert_eq!(decoded(&encoded, len).unwrap(), bytes);
                assert_eq!(decoded(&encoded, len + 100).unwrap(), bytes);
            }
        }
    }
}
