//! The inner loops of decoding: pure functions over slices.
//!
//! A crate of its own because cargo optimises by the crate: this one and the decompressors behind it for speed, all else
//! for a small download. It knows nothing of metadata, codecs and the errors that users see. No function is inlined into
//! its callers, which would compile it for size as well.

pub mod adler32;
pub mod blosclz;
pub mod byte_order;
mod copy;
pub mod crc;
pub mod gather;
pub mod inflate;
mod lane;
pub mod lz4;
pub mod rows;
pub mod snappy;
pub mod strided_copy;
pub mod sums;
pub mod unshuffle;
pub mod zstd;
