//! JSON as Python writes it: with the bare words `NaN`, `Infinity` and `-Infinity`, which are not JSON but stand in many
//! documents and chunks.
//!
//! The values are those of serde_json. Its parser and its writer, which can do much more, would be a tenth of the download;
//! the tests hold ours against them.

mod base64;
mod float;
mod parser;
mod writer;

pub use base64::from_base64;
pub use float::text as float_text;
pub use parser::{SyntaxError, parse};
pub use writer::{Text, object, object_text, taken, text};

/// The words and the numbers that they are.
pub const WORDS: [(&str, f64); 3] = [("-Infinity", f64::NEG_INFINITY), ("Infinity", f64::INFINITY), ("NaN", f64::NAN)];

#[cfg(test)]
mod tests;
