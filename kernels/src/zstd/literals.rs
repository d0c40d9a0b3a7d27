//! The bytes of a block that are not copied from before it (section 3.1.1.3.1).

use super::execute::AT_ONCE;
use super::huffman::Code;
use super::{Input, MAX_BLOCK_LEN, Stop};

/// What may be read behind the literals, for being copied faster.
const SLACK: usize = AT_ONCE;

#[derive(Default)]
pub struct Literals {
    code: Code,
    /// Whether the frame has had a code: the next block may use it, too.
    has_code: bool,
    /// Where literals are decoded to; empty before there were any.
    buffer: Vec<u8>,
}

impl Literals {
    /// To be called where a frame begins.
    pub fn forget(&mut self) {
        self.has_code = false;
    }

    /// Takes the section off the input. Answers the literals, with some bytes behind them, and how many they are.
    pub fn read<'a>(&'a mut self, input: &mut Input<'a>, max_len: usize) -> Result<(&'a [u8], usize), Stop> {
        let first = *input.rest().first().ok_or(Stop::EndsEarly)?;
        let (kind, format) = (first & 3, first >> 2 & 3);
        if kind < 2 {
            // Four bits for kind and format, but for the shortest form, of which one bit belongs to the length.
            let header = input.take([1, 2, 1, 3][usize::from(format)])?;
            let len = (header >> if format & 1 == 0 { 3 } else { 4 }) as usize;
            if len > max_len {
                return Err(TOO_MANY);
            }
            if kind == 0 {
                let bytes = input.rest();
                input.take_bytes(len)?;
                return Ok((bytes, len));
            }
            let byte = input.take(1)? as u8;
            let buffer = made(&mut self.buffer);
            buffer[..len].fill(byte);
            return Ok((&buffer[..len + SLACK], len));
        }

        let header = input.take([3, 3, 4, 5][usize::from(format)])?;
        let width = [10, 10, 14, 18][usize::from(format)];
        let field = |at: u32| (header >> at & !(!0 << width)) as usize;
        let (len, encoded_len) = (field(4), field(4 + width));
        if len > max_len {
            return Err(TOO_MANY);
        }
        let start = input.at;
        input.take_bytes(encoded_len)?;
        let mut section = Input { bytes: &input.bytes[..input.at], at: start };
        if kind == 2 {
            self.has_code = false;
            self.code.read(&mut section)?;
            self.has_code = true;
        } else if !self.has_code {
            return Err(Stop::Wrong("literals without a Huffman code"));
        }
        let buffer = made(&mut self.buffer);
        let literals = &mut buffer[..len];
        if format == 0 {
            self.code.decode(section.bytes, section.at, literals)?;
        } else if len < 6 {
            return Err(Stop::Wrong("too few literals for four streams"));
        } else {
            self.code.decode_four(section.bytes, section.at, literals)?;
        }
        Ok((&buffer[..len + SLACK], len))
    }
}

/// Allocated when it is first needed, for any block.
fn made(buffer: &mut Vec<u8>) -> &mut [u8] {
    buffer.resize(MAX_BLOCK_LEN + SLACK, 0);
    buffer
}

const TOO_MANY: Stop = Stop::Wrong("the block has too many literals");
