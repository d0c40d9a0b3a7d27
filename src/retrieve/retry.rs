//! When a request that failed is sent again.

use crate::error::Retry;

/// A server that asks for a longer pause than this gets none: whoever waits would rather know.
const LONGEST_PAUSE_MS: f64 = 60_000.0;

/// Exponential backoff with jitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryPolicy {
    /// At least one.
    pub attempts: u32,
    /// Pause after the first attempt, at most; it doubles with each.
    pub first_pause_ms: f64,
    pub longest_pause_ms: f64,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self { attempts: 5, first_pause_ms: 200.0, longest_pause_ms: 10_000.0 }
    }
}

impl RetryPolicy {
    /// Milliseconds to wait after this attempt, counted from 1; `None` if it was the last. `chance` is from 0 to 1.
    pub fn pause_ms(&self, attempt: u32, retry: Retry, chance: f64) -> Option<f64> {
        let asked = retry.after_ms.unwrap_or(0.0);
        if attempt >= self.attempts || asked > LONGEST_PAUSE_MS {
            return None;
        }
        let doubled = self.first_pause_ms * 2f64.powi(attempt as i32 - 1);
        let pause = doubled.min(self.longest_pause_ms) * (0.5 + chance / 2.0);
        Some(pause.max(asked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY_TIME: Retry = Retry { after_ms: None };

    #[test]
    fn pauses_double_up_to_the_longest_and_are_spread_over_their_upper_half() {
        let policy = RetryPolicy { attempts: 5, first_pause_ms: 100.0, longest_pause_ms: 300.0 };
        let pauses = |chance| (1..=5).map(|attempt| policy.pause_ms(attempt, ANY_TIME, chance)).collect::<Vec<_>>();
        assert_eq!(pauses(1.0), [Some(100.0), Some(200.0), Some(300.0), Some(300.0), None]);
        assert_eq!(pauses(0.0), [Some(50.0), Some(100.0), Some(150.0), Some(150.0), None]);
    }

    #[test]
    fn a_server_that_says_when_is_not_asked_before_and_not_at_all_if_that_is_long() {
        let policy = RetryPolicy::default();
        let after = |after_ms| policy.pause_ms(1, Retry { after_ms: Some(after_ms) }, 1.0);
        assert_eq!(
            [after(0.0), after(3000.0), after(60_000.0), after(60_001.0)],
            [Some(200.0), Some(3000.0), Some(60_000.0), None]
        );
    }
}
