//! How many requests at once are of use, found by watching how long they take.
//!
//! As long as requests take hardly longer than the fastest did, more of them at once are answered sooner; once they take
//! much longer, they only wait for each other, at the server, on the wire or in the browser. This is what TCP Vegas does
//! (Brakmo and Peterson 1995), with requests for packets.

/// The limit before anything is known.
const START: f64 = 64.0;
pub const FLOOR: usize = 8;
/// Each request in flight may hold a connection.
pub const CEILING: usize = 256;

/// Requests are fast while they take up to so many times as long as the fastest, and some milliseconds.
const FAST: (f64, f64) = (1.5, 5.0);
/// From here on they wait for each other.
const SLOW: (f64, f64) = (3.0, 20.0);
/// The fastest is forgotten so much at every request, because conditions change.
const FORGETTING: f64 = 1.0001;

pub struct Pace {
    limit: f64,
    /// Until requests have been slow once, the limit doubles with every round; then it grows by one.
    is_starting: bool,
    fastest_ms: f64,
    refused_at_ms: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self { limit: START, is_starting: true, fastest_ms: f64::INFINITY, refused_at_ms: f64::NEG_INFINITY }
    }
}

impl Pace {
    pub fn limit(&self) -> usize {
        self.limit as usize
    }

    /// A request was answered after so long. The limit grows only if `is_awaited`: if somebody waited for a slot.
    pub fn answered(&mut self, took_ms: f64, is_awaited: bool) {
        self.fastest_ms = (self.fastest_ms * FORGETTING).min(took_ms);
        let is_beyond = |(times, more): (f64, f64)| took_ms > self.fastest_ms * times + more;
        if is_beyond(SLOW) {
            self.is_starting = false;
            self.limit -= 1.0;
        } else if is_awaited && !is_beyond(FAST) {
            self.limit += if self.is_starting { 1.0 } else { 1.0 / self.limit };
        }
        self.limit = self.limit.clamp(FLOOR as f64, CEILING as f64);
    }

    /// The server asked for less, to a request that was begun at `begun_ms`: half of what it was when it was sent.
    pub fn refused(&mut self, begun_ms: f64, now_ms: f64) {
        self.is_starting = false;
        if begun_ms > self.refused_at_ms {
            self.refused_at_ms = now_ms;
            self.limit = (self.limit / 2.0).max(FLOOR as f64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_doubles_with_every_round_as_long_as_requests_are_fast() {
        let mut pace = Pace::default();
        (0..64).for_each(|_| pace.answered(100.0, true));
        assert_eq!(pace.limit(), 128);
        (0..1000).for_each(|_| pace.answered(110.0, true));
        assert_eq!(pace.limit(), CEILING);
    }

    #[test]
    fn it_does_not_grow_where_nobody_waits() {
        let mut pace = Pace::default();
        (0..64).for_each(|_| pace.answered(100.0, false));
        assert_eq!(pace.limit(), 64);
    }

    #[test]
    fn where_only_six_are_served_at_once_it_falls_until_they_are_not_slow() {
        let mut pace = Pace::default();
        pace.answered(20.0, false);
        // Of `limit` requests that share six connections each takes as long as those before it.
        let mut limits = Vec::new();
        for _ in 0..2000 {
            let rounds = (pace.limit() as f64 / 6.0).ceil();
            pace.answered(20.0 * rounds, true);
            limits.push(pace.limit());
        }
        let settled = &limits[1000..];
        assert!(settled.iter().all(|limit| (8..=24).contains(limit)), "{:?}", settled.last());
    }

    #[test]
    fn a_burst_of_refusals_halves_it_once_and_then_it_grows_slowly() {
        let mut pace = Pace::default();
        (0..40).for_each(|n| pace.refused(f64::from(n), 50.0 + f64::from(n)));
        assert_eq!(pace.limit(), 32);
        pace.refused(200.0, 220.0);
        assert_eq!(pace.limit(), 16);
        (0..17).for_each(|_| pace.answered(10.0, true));
        assert_eq!(pace.limit(), 17);
        (0..10).for_each(|n| pace.refused(300.0 * f64::from(n + 1), 300.0 * f64::from(n + 1)));
        assert_eq!(pace.limit(), FLOOR);
    }
}
