//! Codecs that change the elements of a chunk, their order or their type.

pub mod astype;
pub mod bitround;
mod cast;
pub mod cast_value;
pub mod categorize;
pub mod delta;
pub mod fixedscaleoffset;
pub mod packbits;
pub mod quantize;
pub mod reshape;
pub mod scale_offset;
pub mod transpose;
