#![no_main]

libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], len: usize, max_len: usize, seed: u32| {
    zarr_wasm_fuzz::mutate_document(data, len, max_len, seed)
});
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| zarr_wasm_fuzz::targets::run("metadata_v3", bytes));
