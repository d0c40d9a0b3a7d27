//! Raw Snappy, by `snap`.

/// Decodes a stream and answers how many bytes it holds; more than there is room for is an error.
#[inline(never)]
pub fn decode(encoded: &[u8], decoded: &mut [u8]) -> Result<usize, snap::Error> {
    snap::raw::Decoder::new().decompress(encoded, decoded)
}
