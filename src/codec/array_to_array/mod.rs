//! Codecs that change the elements of a chunk, their order or their type.

#[cfg(feature = "rare")]
pub mod astype;
#[cfg(feature = "rare")]
pub mod bitround;
#[cfg(feature = "rare")]
mod cast;
#[cfg(feature = "rare")]
pub mod cast_value;
#[cfg(feature = "rare")]
pub mod categorize;
#[cfg(feature = "rare")]
pub mod delta;
#[cfg(feature = "rare")]
pub mod fixedscaleoffset;
#[cfg(feature = "rare")]
pub mod packbits;
#[cfg(feature = "rare")]
pub mod quantize;
#[cfg(feature = "rare")]
pub mod reshape;
#[cfg(feature = "rare")]
pub mod scale_offset;
pub mod transpose;
