//! Zstandard frames (RFC 8878). Section numbers here are those of the RFC.
//!
//! Contents go straight into the target, which is the window as well: how large a window a frame asks for does not matter,
//! and nothing is allocated by what it claims.

mod bits;
mod block;
mod fse;
mod huffman;
mod literals;
mod sequences;
mod xxh64;

use block::{Block, Tables};
use xxh64::xxh64;

/// Why decoding ends before the end.
enum Stop {
    /// The frames hold more than there is room for.
    Full,
    EndsEarly,
    /// What is wrong.
    Wrong(&'static str),
}

type Result<T> = std::result::Result<T, Stop>;

/// The tables of a decoder: kept, because making them anew for every frame would cost more than many a frame.
#[derive(Default)]
pub struct Decoder(Box<Tables>);

impl Decoder {
    /// Decodes all frames of `encoded` and answers how many bytes they hold, or `None` if that is more than `decoded`
    /// has room for; what is wrong with them is a message.
    #[inline(never)]
    pub fn decode(&mut self, encoded: &[u8], decoded: &mut [u8]) -> std::result::Result<Option<usize>, &'static str> {
        let mut rest = encoded;
        let mut written = 0;
        while !rest.is_empty() {
            match self.decode_frame(&mut rest, &mut decoded[written..]) {
                Ok(len) => written += len,
                Err(Stop::Full) => return Ok(None),
                Err(Stop::EndsEarly) => return Err("the frame ends early"),
                Err(Stop::Wrong(what)) => return Err(what),
            }
        }
        Ok(Some(written))
    }

    /// Section 3.1: takes a frame off, and answers how many bytes it holds.
    fn decode_frame(&mut self, encoded: &mut &[u8], target: &mut [u8]) -> Result<usize> {
        const SKIPPABLE: u64 = 0x184d_2a50;
        const MAGIC: u64 = 0xfd2f_b528;
        let magic = take_number(encoded, 4)?;
        if magic & !0xf == SKIPPABLE {
            let len = take_number(encoded, 4)?;
            take(encoded, len as usize)?;
            return Ok(0);
        }
        if magic != MAGIC {
            return Err(Stop::Wrong("no frame begins where one is expected"));
        }
        let header = Header::read(encoded)?;
        self.0.begin_frame();
        let mut written = 0;
        loop {
            let block = Block::read(encoded, header.max_block_len)?;
            written = block.decode(&mut self.0, target, written)?;
            if block.is_last {
                break;
            }
        }
        let Some(content) = target.get(..written) else { return Err(Stop::Full) };
        if header.content_len.is_some_and(|len| len != written as u64) {
            return Err(Stop::Wrong("the frame does not hold as many bytes as it says"));
        }
        if header.has_checksum && take_number(encoded, 4)? as u32 != xxh64(content) as u32 {
            return Err(Stop::Wrong("checksum mismatch: the frame decodes to other bytes than were encoded"));
        }
        Ok(written)
    }
}

/// What the header of a frame says, section 3.1.1.1.
struct Header {
    content_len: Option<u64>,
    max_block_len: usize,
    has_checksum: bool,
}

impl Header {
    fn read(encoded: &mut &[u8]) -> Result<Self> {
        const MAX_BLOCK_LEN: u64 = 1 << 17;
        let descriptor = take_number(encoded, 1)?;
        if descriptor & 8 != 0 {
            return Err(Stop::Wrong("the header of a frame has a bit that is reserved"));
        }
        let is_single_segment = descriptor >> 5 & 1 == 1;
        let mut window_len = 0;
        if !is_single_segment {
            let window = take_number(encoded, 1)?;
            let base = 1 << (10 + (window >> 3));
            window_len = base + base / 8 * (window & 7);
        }
        if take_number(encoded, [0, 1, 2, 4][descriptor as usize & 3])? != 0 {
            return Err(Stop::Wrong("the frame needs a dictionary"));
        }
        let content_len = match descriptor >> 6 {
            0 if !is_single_segment => None,
            0 => Some(take_number(encoded, 1)?),
            1 => Some(take_number(encoded, 2)? + 256),
            2 => Some(take_number(encoded, 4)?),
            _ => Some(take_number(encoded, 8)?),
        };
        if is_single_segment {
            window_len = content_len.unwrap_or(0);
        }
        let max_block_len = window_len.min(MAX_BLOCK_LEN) as usize;
        Ok(Self { content_len, max_block_len, has_checksum: descriptor & 4 != 0 })
    }
}

fn take<'a>(bytes: &mut &'a [u8], len: usize) -> Result<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(len).ok_or(Stop::EndsEarly)?;
    *bytes = rest;
    Ok(taken)
}

/// A little-endian number of up to eight bytes.
fn take_number(bytes: &mut &[u8], len: usize) -> Result<u64> {
    Ok(take(bytes, len)?.iter().rev().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}

#[cfg(test)]
mod tests;
