//! Reads Zarr arrays: plans which chunks a selection needs, retrieves them with a bounded concurrent queue, decodes
//! them, and places the selected elements into one output.
//!
//! The modules, in the order in which a read passes through them (ARCHITECTURE.md tells the same as seven steps):
//!
//! 1. [`metadata`] turns the documents of either Zarr format into one normal form;
//! 2. [`selection`] turns what the user asked for into literal indices;
//! 3. [`plan`] crosses the selection with the [`chunk_grid`];
//! 4. [`chunk_key`] and [`byte_range`] say what has to be requested;
//! 5. [`store`] and [`retrieve`] bring the bytes;
//! 6. [`codec`] decodes them;
//! 7. [`scatter`] says where the elements of a chunk go.
//!
//! [`read`] joins the steps. Everything but `wasm` is plain Rust that runs and is tested natively; `wasm` is the
//! boundary to JavaScript and the only module that knows of it.

pub mod by_shape;
pub mod byte_range;
pub mod chunk_grid;
pub mod chunk_key;
pub mod codec;
pub mod data_type;
pub mod decode;
/// The exports of a decoder: of both wasm files, and all that the second one has. They lie in the folder of all exports.
#[cfg(target_arch = "wasm32")]
#[path = "wasm/decoder.rs"]
mod decoder;
pub mod error;
pub mod json;
pub mod metadata;
pub mod open;
pub mod plan;
pub mod read;
mod read_spec;
pub mod retrieve;
pub mod scatter;
pub mod selection;
pub mod shape;
pub mod store;
#[cfg(all(target_arch = "wasm32", feature = "engine"))]
mod wasm;

pub use error::{Error, ErrorCode, Result};
