//! Codecs that change the elements of a chunk, their order or their type.

pub mod delta;
pub mod transpose;
