//! blosclz, c-blosc's own LZ77 format (`blosc/blosclz.c`), a relative of FastLZ level 2.
//!
//! A stream is a row of instructions, each with a control byte `c`; the first one has only its low five bits:
//!
//! - c < 32: the next c + 1 bytes are literal.
//! - c ≥ 32: a match. The length is 2 + (c >> 5); where c >> 5 is 7, bytes are added to it up to and including the first
//!   one that is not 255. The distance is 1 + (c & 31) · 256 + the next byte; where both of those are all ones, it is
//!   8192 + the big-endian u16 that follows.
//!
//! A match may reach into itself: then it repeats. The stream ends after an instruction.

use std::fmt;

use crate::copy;

/// Literals of an instruction, at most.
const MOST_LITERALS: usize = 32;

/// What is wrong with a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Error {
    /// It ends within an instruction.
    Truncated,
    /// A match reaches `distance` bytes back, before the first of the `written` ones.
    TooFar { distance: usize, written: usize },
    /// It decodes to more bytes than there is room for.
    TooLong { room: usize },
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the stream ends within an instruction"),
            Self::TooFar { distance, written } => {
                write!(f, "a match reaches {distance} bytes back, expected 1 to {written}")
            }
            Self::TooLong { room } => write!(f, "decodes to more than the expected {room} bytes"),
        }
    }
}

/// Decodes `encoded` into `decoded` and answers how many bytes it holds; more than there is room for is an error.
#[inline(never)]
pub fn decode(encoded: &[u8], decoded: &mut [u8]) -> Result<usize, Error> {
    let (mut read, mut written) = (0, 0);
    while let Some(&control) = encoded.get(read) {
        let control = usize::from(if read == 0 { control & 31 } else { control });
        read += 1;
        if control < 32 {
            let len = control + 1;
            let literals = encoded.get(read..read + len).ok_or(Error::Truncated)?;
            let room = room(decoded, written, len)?;
            match (encoded[read..].first_chunk::<MOST_LITERALS>(), room.first_chunk_mut()) {
                (Some(from), Some(to)) => *to = *from,
                _ => room[..len].copy_from_slice(literals),
            }
            read += len;
            written += len;
            continue;
        }
        let mut next = || {
            let byte = encoded.get(read).copied().map(usize::from);
            read += 1;
            byte.ok_or(Error::Truncated)
        };
        let mut len = 2 + (control >> 5);
        if control >> 5 == 7 {
            loop {
                let more = next()?;
                // At most 255 times the length of the input, which is less than 2^32: no overflow in a usize of 32 bits
                // because a length beyond the output ends the loop.
                len += more;
                if more != 255 || len > decoded.len() {
                    break;
                }
            }
        }
        let (high, low) = (control & 31, next()?);
        let distance = match (high, low) {
            (31, 255) => 8192 + 256 * next()? + next()?,
            _ => 1 + 256 * high + low,
        };
        room(decoded, written, len)?;
        if distance > written {
            return Err(Error::TooFar { distance, written });
        }
        copy::a_match(decoded, distance, written, written + len);
        written += len;
    }
    Ok(written)
}

/// What of `decoded` is still to be written, if it has room for `len` bytes.
fn room(decoded: &mut [u8], written: usize, len: usize) -> Result<&mut [u8], Error> {
    let expected = decoded.len();
    let room = &mut decoded[written..];
    if len > room.len() {
        return Err(Error::TooLong { room: expected });
    }
    Ok(room)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream that begins with the 40 literals 0 to 39, two instructions, and ends with `instructions`.
    fn stream(instructions: &[u8]) -> Vec<u8> {
        let literals: Vec<u8> = (0..40).collect();
        [&[31][..], &literals[..32], &[7], &literals[32..], instructions].concat()
    }

    fn decoded(instructions: &[u8], len: usize) -> Result<Vec<u8>, Error> {
        let mut decoded = vec![0xee; len];
        let written = decode(&stream(instructions), &mut decoded)?;
        decoded.truncate(written);
        Ok(decoded[40.min(written)..].to_vec())
    }

    fn message(instructions: &[u8], len: usize) -> String {
        decoded(instructions, len).unwrap_err().to_string()
    }

    #[test]
    fn literals_and_matches_near_and_far() {
        assert_eq!(decoded(&[], 40).unwrap(), b"");
        // A match of 3 bytes, 10 back.
        assert_eq!(decoded(&[1 << 5, 9], 43).unwrap(), [30, 31, 32]);
        // A match of 9 + 1 bytes, 40 back, with room for wide copies and without.
        for len in [50, 100] {
            assert_eq!(decoded(&[7 << 5, 1, 39], len).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        }
        assert_eq!(decoded(&[2, 7, 8, 9], 100).unwrap(), [7, 8, 9]);
    }

    #[test]
    fn a_match_that_reaches_into_itself_repeats() {
        assert_eq!(decoded(&[2 << 5, 1], 44).unwrap(), [38, 39, 38, 39]);
        let repeated: Vec<u8> = (22..40).cycle().take(9 + 255 + 36).collect();
        for len in [340, 1000] {
            assert_eq!(decoded(&[7 << 5, 255, 36, 17], len).unwrap(), repeated);
        }
    }

    #[test]
    fn the_first_control_byte_is_always_a_literal_run() {
        let mut decoded = [0; 3];
        assert_eq!(decode(&[7 << 5 | 2, 1, 2, 3], &mut decoded).unwrap(), 3);
        assert_eq!(decoded, [1, 2, 3]);
    }

    #[test]
    fn the_longest_distances_have_two_more_bytes() {
        // After the 40 literals 9000 times 39, then four bytes from 8192 + 0x0340 = 9040 − 16 back, and four from 8191.
        let run = 9000 - 9;
        let mut instructions = vec![7 << 5];
        instructions.extend(vec![255; run / 255]);
        instructions.extend([(run % 255) as u8, 0]);
        instructions.extend([2 << 5 | 31, 255, 0x03, 0x40, 2 << 5 | 31, 254]);
        let expected = [vec![39; 9000], vec![16, 17, 18, 19], vec![39; 4]].concat();
        assert_eq!(decoded(&instructions, 10_000).unwrap(), expected);
    }

    #[test]
    fn more_than_there_is_room_for_is_an_error() {
        assert_eq!(message(&[], 39), "decodes to more than the expected 39 bytes");
        assert_eq!(message(&[1 << 5, 9], 42), "decodes to more than the expected 42 bytes");
        // Length bytes without end, which a 32-bit sum would not survive.
        let endless = [&[7 << 5][..], &vec![255; 20_000_000]].concat();
        assert_eq!(message(&endless, 100), "decodes to more than the expected 100 bytes");
    }

    #[test]
    fn a_match_from_before_the_start_is_an_error() {
        assert_eq!(message(&[1 << 5, 40], 100), "a match reaches 41 bytes back, expected 1 to 40");
        assert_eq!(message(&[1 << 5 | 31, 255, 255, 255], 100), "a match reaches 73727 bytes back, expected 1 to 40");
    }

    #[test]
    fn a_stream_that_ends_within_an_instruction_is_an_error() {
        for cut in [&[1][..], &[1, 7], &[1 << 5], &[7 << 5], &[7 << 5, 255], &[7 << 5, 3], &[31 | 1 << 5, 255, 0]] {
            assert_eq!(message(cut, 100), "the stream ends within an instruction", "{cut:?}");
        }
        assert_eq!(decode(&[], &mut [0; 8]).unwrap(), 0);
    }

    /// The definition, byte by byte; `None` for whatever is wrong.
    fn decode_slowly(encoded: &[u8], room: usize) -> Option<Vec<u8>> {
        let (mut input, mut decoded) = (encoded.iter().map(|&byte| usize::from(byte)), Vec::new());
        while let Some(control) = input.next() {
            let control = if decoded.is_empty() { control & 31 } else { control };
            if control < 32 {
                for _ in 0..control + 1 {
                    decoded.push(input.next()? as u8);
                }
            } else {
                let mut len = control / 32 - 1;
                if len == 6 {
                    loop {
                        let more = input.next()?;
                        len += more;
                        if more != 255 {
                            break;
                        }
                    }
                }
                let low = input.next()?;
                let mut distance = control % 32 * 256 + low + 1;
                if distance == 8192 {
                    distance = input.next()? * 256 + input.next()? + 8192;
                }
                for _ in 0..len + 3 {
                    decoded.push(*decoded.get(decoded.len().checked_sub(distance)?)?);
                }
            }
            if decoded.len() > room {
                return None;
            }
        }
        Some(decoded)
    }

    #[test]
    fn random_streams_decode_like_the_definition() {
        let mut state = 1u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) % below
        };
        let mut decoded_streams = 0;
        for _ in 0..3000 {
            let mut encoded = stream(&[]);
            for _ in 0..random(30) {
                if random(3) == 0 {
                    encoded.push(random(32) as u8);
                    encoded.extend((0..=encoded[encoded.len() - 1]).map(|_| random(256) as u8));
                } else {
                    // The lengths of most matches are short, their distances such that some reach too far.
                    let (len, distance) = (1 + random(7), random(50));
                    encoded.push((len << 5) as u8);
                    encoded.extend((len == 7).then(|| random(200) as u8));
                    encoded.push(distance as u8);
                }
            }
            encoded.truncate(encoded.len() - random(2) as usize);
            let room = 200 + random(3000) as usize;
            let mut decoded = vec![0xee; room];
            let fast = decode(&encoded, &mut decoded).ok().map(|len| decoded[..len].to_vec());
            assert_eq!(fast, decode_slowly(&encoded, room));
            decoded_streams += usize::from(fast.is_some());
        }
        assert!((1000..2500).contains(&decoded_streams), "{decoded_streams} of 3000 streams were valid");
    }
}
