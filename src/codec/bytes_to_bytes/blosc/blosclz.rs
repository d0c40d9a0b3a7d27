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

use crate::error::{Error, Result};

/// Matches and literal runs are copied in pieces of this many bytes where there is room to write past their end.
const PIECE: usize = 16;

/// Decodes `encoded` into `decoded` and answers how many bytes it holds; more than there is room for is an error.
pub fn decode(encoded: &[u8], decoded: &mut [u8]) -> Result<usize> {
    let truncated = || Error::corrupt_chunk("the stream ends within an instruction");
    let (mut read, mut written) = (0, 0);
    while let Some(&control) = encoded.get(read) {
        let control = usize::from(if read == 0 { control & 31 } else { control });
        read += 1;
        if control < 32 {
            let len = control + 1;
            let literals = encoded.get(read..read + len).ok_or_else(truncated)?;
            let room = room(decoded, written, len)?;
            match (encoded[read..].first_chunk::<{ 2 * PIECE }>(), room.first_chunk_mut::<{ 2 * PIECE }>()) {
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
            byte.ok_or_else(truncated)
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
            return Err(Error::corrupt_chunk(format!(
                "a match reaches {distance} bytes back, expected at most {written}"
            )));
        }
        copy_match(decoded, written - distance, written, len);
        written += len;
    }
    Ok(written)
}

/// What of `decoded` is still to be written, if it has room for `len` bytes.
fn room(decoded: &mut [u8], written: usize, len: usize) -> Result<&mut [u8]> {
    let expected = decoded.len();
    let room = &mut decoded[written..];
    if len > room.len() {
        return Err(Error::corrupt_chunk(format!("decodes to more than the expected {expected} bytes")));
    }
    Ok(room)
}

/// Copies `len` bytes from `from` to the later `to`, repeating what lies between them where they are nearer than `len`.
fn copy_match(decoded: &mut [u8], from: usize, to: usize, len: usize) {
    let end = to + len;
    if to - from >= PIECE && decoded.len() - end >= PIECE {
        // Never reads what it has not yet written, and writes at most a piece too much, which the next instructions
        // overwrite.
        for at in (0..len).step_by(PIECE) {
            let mut piece = [0; PIECE];
            piece.copy_from_slice(&decoded[from + at..][..PIECE]);
            decoded[to + at..][..PIECE].copy_from_slice(&piece);
        }
        return;
    }
    let mut written = to;
    while written < end {
        let len = (written - from).min(end - written);
        decoded.copy_within(from..from + len, written);
        written += len;
    }
}
