//! What the fuzz targets share: see README.md.

#[path = "../../tests/array_drafts/mod.rs"]
pub mod array_drafts;
#[path = "../../tests/array_writer/mod.rs"]
pub mod array_writer;
#[path = "../../tests/counting_allocator/mod.rs"]
pub mod counting_allocator;
#[path = "../../tests/document_mutations/mod.rs"]
pub mod document_mutations;
#[path = "../../tests/memory_output/mod.rs"]
pub mod memory_output;
#[path = "../../tests/placed_output/mod.rs"]
pub mod placed_output;
#[path = "../../tests/random/mod.rs"]
pub mod random;
pub mod targets;

use random::Random;

/// A mutator of libFuzzer for documents: changes values of what is JSON, else bytes. Answers the new length.
pub fn mutate_document(data: &mut [u8], len: usize, max_len: usize, seed: u32) -> usize {
    let mut random = Random::new(seed.into());
    if let Ok(document) = serde_json::from_slice(&data[..len])
        && !random.one_in(4)
    {
        let damaged = document_mutations::damage_document(&document, &mut random).to_string();
        if damaged.len() <= max_len {
            data[..damaged.len()].copy_from_slice(damaged.as_bytes());
            return damaged.len();
        }
    }
    libfuzzer_sys::fuzzer_mutate(data, len, max_len)
}
