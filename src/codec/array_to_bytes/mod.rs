//! Codecs between the elements of a chunk and bytes.

pub mod bytes;
#[cfg(feature = "rare")]
pub mod json2;
#[cfg(feature = "rare")]
pub mod msgpack2;
#[cfg(feature = "rare")]
pub mod n5_default;
#[cfg(feature = "rare")]
mod nested_list;
#[cfg(feature = "rare")]
pub mod packbits;
#[cfg(feature = "rare")]
pub mod pcodec;
pub mod shard_index;
pub mod sharding_indexed;
pub mod vlen;
#[cfg(feature = "rare")]
pub mod vlen_array;
#[cfg(feature = "rare")]
pub mod zfp;
