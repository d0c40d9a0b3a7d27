//! Retrieval: what stands between a read and its store.

mod limiter;
mod queue;

pub use limiter::Limiter;
pub use queue::{Queue, Stats};
