//! The literals of a block, section 3.1.1.3.1.

use super::block::Tables;
use super::huffman::Huffman;
use super::{Result, Stop, take, take_number};

/// Bytes behind the literals that may be read along with them.
pub const SLACK: usize = 16;

/// Takes the literals off into the buffer of the tables, and answers how many they are.
pub fn read(encoded: &mut &[u8], tables: &mut Tables, max_block_len: usize) -> Result<usize> {
    let first = usize::from(*encoded.first().ok_or(Stop::EndsEarly)?);
    let (kind, format) = (first & 3, first >> 2 & 3);
    let is_compressed = kind >= 2;
    let header_len = match (is_compressed, format) {
        (false, 0 | 2) => 1,
        (false, 1) => 2,
        (false, _) | (true, 0 | 1) => 3,
        (true, format) => format + 2,
    };
    let header = take_number(encoded, header_len)?;
    // Compressed literals have two numbers of so many bits, the others one.
    let bits = if is_compressed { [10, 10, 14, 18][format] } else { 20 };
    let shift = if !is_compressed && header_len == 1 { 3 } else { 4 };
    let number = |shift: u32| (header >> shift) as usize & ((1 << bits) - 1);
    let len = number(shift);
    if len > max_block_len {
        return Err(Stop::Wrong("a block has more literals than it may have"));
    }
    let Tables { huffman, literals, .. } = tables;
    literals.resize(literals.len().max(len + SLACK), 0);
    let target = &mut literals[..len];
    match kind {
        0 => target.copy_from_slice(take(encoded, len)?),
        1 => target.fill(take(encoded, 1)?[0]),
        _ => {
            let streams = take(encoded, number(4 + bits))?;
            decode(huffman, streams, kind == 2, format == 0, target)?;
        }
    }
    Ok(len)
}

fn decode(huffman: &mut Huffman, mut encoded: &[u8], has_code: bool, is_alone: bool, target: &mut [u8]) -> Result<()> {
    if has_code {
        huffman.read(&mut encoded)?;
    } else if !huffman.is_known() {
        return Err(Stop::Wrong("literals need the code of a block before, and there is none"));
    }
    if is_alone {
        return huffman.decode(encoded, target);
    }
    let lens = [take_number(&mut encoded, 2)?, take_number(&mut encoded, 2)?, take_number(&mut encoded, 2)?];
    let [a, b, c] = lens.map(|len| len as usize);
    let streams = [take(&mut encoded, a)?, take(&mut encoded, b)?, take(&mut encoded, c)?, encoded];
    huffman.decode_four(streams, target)
}
