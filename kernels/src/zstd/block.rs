//! The blocks of a frame, section 3.1.1.2.

use super::huffman::Huffman;
use super::sequences::{self, Codes};
use super::{Result, Stop, literals, take, take_number};

/// What one block leaves to the next, and room for literals.
#[derive(Default)]
pub struct Tables {
    pub huffman: Huffman,
    pub codes: Codes,
    /// The last offsets of matches, the latest first.
    pub offsets: [usize; 3],
    pub literals: Vec<u8>,
}

impl Tables {
    pub fn begin_frame(&mut self) {
        self.huffman.forget();
        self.codes.forget();
        self.offsets = [1, 4, 8];
    }
}

pub struct Block<'a> {
    pub is_last: bool,
    content: Content<'a>,
    max_len: usize,
}

enum Content<'a> {
    Raw(&'a [u8]),
    Repeated { byte: u8, len: usize },
    Compressed(&'a [u8]),
}

impl<'a> Block<'a> {
    /// Takes a block off, which holds up to `max_len` bytes.
    pub fn read(encoded: &mut &'a [u8], max_len: usize) -> Result<Self> {
        let header = take_number(encoded, 3)? as usize;
        let len = header >> 3;
        if len > max_len {
            return Err(Stop::Wrong("a block is longer than it may be"));
        }
        let content = match header >> 1 & 3 {
            0 => Content::Raw(take(encoded, len)?),
            1 => Content::Repeated { byte: take(encoded, 1)?[0], len },
            2 => Content::Compressed(take(encoded, len)?),
            _ => return Err(Stop::Wrong("a block is of a kind that is reserved")),
        };
        Ok(Self { is_last: header & 1 == 1, content, max_len })
    }

    /// Decodes the block to `target`, of which `written` bytes are those before it, and answers how many are then.
    pub fn decode(&self, tables: &mut Tables, target: &mut [u8], written: usize) -> Result<usize> {
        let room = |len: usize| target.len().checked_sub(written).is_some_and(|room| len <= room);
        match self.content {
            Content::Raw(bytes) if room(bytes.len()) => {
                target[written..][..bytes.len()].copy_from_slice(bytes);
                Ok(written + bytes.len())
            }
            Content::Repeated { byte, len } if room(len) => {
                target[written..][..len].fill(byte);
                Ok(written + len)
            }
            Content::Compressed(mut encoded) => {
                let literal_count = literals::read(&mut encoded, tables, self.max_len)?;
                // No block writes beyond its own end, so that what it holds is known even where there is less room.
                sequences::execute(encoded, tables, literal_count, target, written, self.max_len)
            }
            _ => Err(Stop::Full),
        }
    }
}
