//! Blosc behind a header that is consistent with itself, which random bytes hardly ever are.

use super::choices::Choices;
use super::codecs::check;

const HEADER_LEN: usize = 16;

pub fn target(bytes: &[u8]) {
    let mut choices = Choices(bytes);
    let flags = choices.byte();
    let typesize = choices.byte().max(1);
    let len = 1 + u32::from(choices.u16() % 6000);
    let block_len = 1 + choices.u32() % len;
    let blocks = len.div_ceil(block_len) as usize;
    let is_stored = flags & 2 != 0;
    let mut body = Vec::new();
    if !is_stored {
        // Places of the blocks: after each other, with lengths of one byte; and some of them anywhere.
        let data_start = (HEADER_LEN + 4 * blocks) as u32;
        let mut at = data_start;
        for _ in 0..blocks {
            body.extend(at.to_le_bytes());
            at += u32::from(choices.byte());
        }
    }
    body.extend_from_slice(choices.0);
    let encoded_len = (HEADER_LEN + body.len()) as u32;
    let numbers = [len, block_len, encoded_len].map(u32::to_le_bytes);
    let encoded = [&[2, 1, flags, typesize], numbers.as_flattened(), &body].concat();
    check(r#"["bytes","blosc"]"#, "uint8", &[len.into()], &encoded);
}
