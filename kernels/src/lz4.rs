//! LZ4 blocks, by `lz4_flex`.

pub use lz4_flex::block::DecompressError;

/// Decodes a block and answers how many bytes it holds; more than there is room for is an error.
#[inline(never)]
pub fn decode(encoded: &[u8], decoded: &mut [u8]) -> Result<usize, DecompressError> {
    lz4_flex::block::decompress_into(encoded, decoded)
}
