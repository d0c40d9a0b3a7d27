//! Zstandard frames (RFC 8878), without dictionaries.
//!
//! The contents are in one piece, so that no window is kept: matches may reach back to the start of their frame even
//! where that is further than the window.

mod bits;
mod execute;
mod fse;
mod huffman;
mod literals;
mod sequences;
#[cfg(test)]
mod tests;
mod xxh64;

use literals::Literals;
use sequences::Sequences;
use xxh64::xxh64;

const MAGIC: u64 = 0xfd2f_b528;
/// Of skippable frames, but for the lowest four bits.
const SKIPPABLE_MAGIC: u64 = 0x184d_2a50;

/// The most that a block holds, if the window is not even smaller.
const MAX_BLOCK_LEN: usize = 1 << 17;

/// The largest window that libzstd writes or accepts.
const MAX_WINDOW_LEN: u64 = 1 << 31;

/// The magic number, the shortest descriptors and the header of a block: what precedes the contents of any block.
const LEAST_BEFORE: usize = 9;

/// Why frames cannot be decoded.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stop {
    /// They hold more than there is room for.
    Full,
    EndsEarly,
    /// What is wrong with them.
    Wrong(&'static str),
}

const WRONG_LEN: Stop = Stop::Wrong("the frame does not hold as many bytes as it says");

/// The tables and buffers that decoding needs, kept for the next frames.
#[derive(Default)]
pub struct Decoder(Box<State>);

#[derive(Default)]
struct State {
    literals: Literals,
    sequences: Sequences,
}

impl Decoder {
    /// Decodes all frames of `encoded` and answers how many bytes they hold, or `None` if that is more than `decoded`
    /// has room for; what is wrong with them is a message. Nothing is allocated by what a frame claims: contents go
    /// straight into `decoded`.
    #[inline(never)]
    pub fn decode(&mut self, encoded: &[u8], decoded: &mut [u8]) -> Result<Option<usize>, &'static str> {
        match self.0.decode_frames(Input { bytes: encoded, at: 0 }, decoded) {
            Ok(written) => Ok(Some(written)),
            Err(Stop::Full) => Ok(None),
            Err(Stop::EndsEarly) => Err("the frame ends early"),
            Err(Stop::Wrong(what)) => Err(what),
        }
    }
}

impl State {
    fn decode_frames(&mut self, mut input: Input, decoded: &mut [u8]) -> Result<usize, Stop> {
        let mut written = 0;
        while input.at < input.bytes.len() {
            let magic = input.take(4)?;
            if magic & !0xf == SKIPPABLE_MAGIC {
                let len = input.take(4)?;
                input.take_bytes(len as usize)?;
            } else if magic == MAGIC {
                written += self.decode_frame(&mut input, &mut decoded[written..])?;
            } else {
                return Err(Stop::Wrong("no frame begins where one is expected"));
            }
        }
        Ok(written)
    }

    /// Decodes what follows the magic number to the start of `room`.
    fn decode_frame(&mut self, input: &mut Input, room: &mut [u8]) -> Result<usize, Stop> {
        let header = Header::read(input)?;
        let (mut frame, mut too_much) = (room, Stop::Full);
        if let Some(len) = header.content_len
            && len <= frame.len() as u64
        {
            frame = &mut frame[..len as usize];
            too_much = WRONG_LEN;
        }
        self.literals.forget();
        self.sequences.forget();
        let mut written = 0;
        loop {
            let block = input.take(3)? as usize;
            let (kind, len) = (block >> 1 & 3, block >> 3);
            if len > header.max_block_len {
                return Err(Stop::Wrong("the block is too large"));
            }
            // A target that is too small is told before an input that is: a longer one may be tried.
            match kind {
                0 => {
                    let target = frame[written..].get_mut(..len).ok_or(too_much)?;
                    target.copy_from_slice(input.take_bytes(len)?);
                    written += len;
                }
                1 => {
                    let target = frame[written..].get_mut(..len).ok_or(too_much)?;
                    target.fill(input.take(1)? as u8);
                    written += len;
                }
                2 => {
                    let mut end = frame.len();
                    let mut stop = too_much;
                    if end - written > header.max_block_len {
                        end = written + header.max_block_len;
                        stop = Stop::Wrong("the block holds too much");
                    }
                    let start = input.at;
                    input.take_bytes(len)?;
                    let block = &input.bytes[start - LEAST_BEFORE..input.at];
                    match self.decode_block(block, header.max_block_len, &mut frame[..end], &mut written) {
                        Err(Stop::Full) => return Err(stop),
                        done => done?,
                    }
                }
                _ => return Err(Stop::Wrong("unknown kind of block")),
            }
            if block & 1 == 1 {
                break;
            }
        }
        if header.content_len.is_some_and(|len| len != written as u64) {
            return Err(WRONG_LEN);
        }
        if header.has_checksum && input.take(4)? != xxh64(&frame[..written]) & 0xffff_ffff {
            return Err(Stop::Wrong("checksum mismatch: the frame decodes to other bytes than were encoded"));
        }
        Ok(written)
    }

    /// Section 3.1.1.3. `block` has [`LEAST_BEFORE`] bytes more than the block, before it.
    fn decode_block(
        &mut self,
        block: &[u8],
        max_len: usize,
        frame: &mut [u8],
        written: &mut usize,
    ) -> Result<(), Stop> {
        let mut input = Input { bytes: block, at: LEAST_BEFORE };
        let literals = self.literals.read(&mut input, max_len)?;
        self.sequences.decode(&mut input, literals, frame, written)
    }
}

/// What precedes the blocks of a frame (section 3.1.1.1).
struct Header {
    content_len: Option<u64>,
    max_block_len: usize,
    has_checksum: bool,
}

impl Header {
    fn read(input: &mut Input) -> Result<Self, Stop> {
        let descriptor = input.take(1)? as usize;
        if descriptor & 1 << 3 != 0 {
            return Err(Stop::Wrong("a reserved bit of the frame is set"));
        }
        let is_single_segment = descriptor >> 5 & 1 == 1;
        let mut window_len = 0;
        if !is_single_segment {
            let window = input.take(1)?;
            window_len = (8 + (window & 7)) << (7 + (window >> 3));
            if window_len > MAX_WINDOW_LEN {
                return Err(Stop::Wrong("the frame needs a window that is larger than any writer's"));
            }
        }
        if input.take([0, 1, 2, 4][descriptor & 3])? != 0 {
            return Err(Stop::Wrong("the frame needs a dictionary"));
        }
        let content_len = match descriptor >> 6 {
            0 if is_single_segment => Some(input.take(1)?),
            0 => None,
            1 => Some(input.take(2)? + 256),
            2 => Some(input.take(4)?),
            _ => Some(input.take(8)?),
        };
        if is_single_segment {
            window_len = content_len.unwrap_or_default();
        }
        let max_block_len = window_len.min(MAX_BLOCK_LEN as u64) as usize;
        Ok(Self { content_len, max_block_len, has_checksum: descriptor >> 2 & 1 == 1 })
    }
}

/// Bytes, and how many of them have been read.
struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    /// A little-endian number of up to eight bytes.
    fn take(&mut self, len: usize) -> Result<u64, Stop> {
        Ok(self.take_bytes(len)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn take_bytes(&mut self, len: usize) -> Result<&'a [u8], Stop> {
        let bytes = self.rest().get(..len).ok_or(Stop::EndsEarly)?;
        self.at += len;
        Ok(bytes)
    }

    fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }
}
