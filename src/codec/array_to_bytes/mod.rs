//! Codecs between the elements of a chunk and bytes.

pub mod bytes;
pub mod shard_index;
pub mod sharding_indexed;
pub mod vlen;
