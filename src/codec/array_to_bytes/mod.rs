//! Codecs between the elements of a chunk and bytes.

pub mod bytes;
pub mod n5_default;
pub mod packbits;
#[cfg(feature = "rare")]
pub mod pcodec;
pub mod shard_index;
pub mod sharding_indexed;
pub mod vlen;
#[cfg(feature = "rare")]
pub mod zfp;
