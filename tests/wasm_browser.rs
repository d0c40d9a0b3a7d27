//! The golden cases as wasm, in a browser.
#![cfg(target_arch = "wasm32")]

mod golden_cases;
mod memory_output;
mod placed_output;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn every_golden_case_is_right_in_a_browser() {
    let outcome = golden_cases::run_all().await;
    assert!(outcome.failures.is_empty(), "{}", outcome.failures.join("\n"));
    assert!(outcome.right >= 450, "only {} cases ran", outcome.right);
}
