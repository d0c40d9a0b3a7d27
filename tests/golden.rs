//! The golden cases, natively.
#![cfg(not(target_arch = "wasm32"))]

mod golden_cases;
mod memory_output;
mod placed_output;

use futures::executor::block_on;

#[test]
fn every_golden_case_is_right() {
    let outcome = block_on(golden_cases::run_all());
    assert!(
        outcome.failures.is_empty(),
        "{} of {} cases failed:\n{}",
        outcome.failures.len(),
        outcome.right + outcome.failures.len(),
        outcome.failures.join("\n")
    );
    assert!(outcome.right >= 680, "only {} cases ran", outcome.right);
}
