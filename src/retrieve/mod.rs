//! Retrieval: what stands between a read and its store.

mod clock;
mod limiter;
mod pace;
mod queue;
mod retry;
mod stats;

pub use clock::{Clock, ScriptedClock};
pub use limiter::{Limiter, Limits};
pub use queue::{Queue, Traffic};
pub use retry::RetryPolicy;
pub use stats::Stats;
