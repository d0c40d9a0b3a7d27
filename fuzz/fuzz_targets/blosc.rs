#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| zarr_wasm_fuzz::targets::run("blosc", bytes));
