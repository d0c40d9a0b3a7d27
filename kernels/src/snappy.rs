//! Raw Snappy, by `snap`.

/// Decodes a stream and answers how many bytes it holds; `None` for what is none, and for more than there is room for.
#[inline(never)]
pub fn decode(encoded: &[u8], decoded: &mut [u8]) -> Option<usize> {
    snap::raw::Decoder::new().decompress(encoded, decoded).ok()
}
