//! The golden cases as wasm, in Node.
#![cfg(target_arch = "wasm32")]

mod golden_cases;
mod memory_output;
mod placed_output;

use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn every_golden_case_is_right_in_node() {
    let outcome = golden_cases::run_all().await;
    assert!(outcome.failures.is_empty(), "{}", outcome.failures.join("\n"));
    assert!(outcome.right >= 450, "only {} cases ran", outcome.right);
}
