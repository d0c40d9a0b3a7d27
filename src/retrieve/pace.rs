//! How many requests at once are of use, found by watching how long they take.
//!
//! As long as requests take hardly longer than they did at their fastest, more of them at once are answered sooner; once
//! they take much longer, they only wait for each other, at the server, on the wire or in the browser. This is what TCP
//! Vegas does (Brakmo and Peterson 1995), with requests for packets.
//!
//! Single requests say little: some come out of a cache, and a few always take ten times as long as others. So answers are
//! looked at in rounds, and a round is as fast as a quarter of its answers.

/// The limit before anything is known.
const START: f64 = 64.0;
pub const FLOOR: usize = 8;
/// Each request in flight may hold a connection.
pub const CEILING: usize = 256;

/// Answers of a round.
const ROUND: usize = 16;

/// A round is fast while it takes up to so many times as long as the fastest, and some milliseconds.
const FAST: (f64, f64) = (1.5, 5.0);
/// From here on requests wait for each other.
const SLOW: (f64, f64) = (3.0, 20.0);
/// What is left of the limit then.
const LOWERED: f64 = 0.75;
/// The fastest is forgotten so much with every round, because conditions change.
const FORGETTING: f64 = 1.0003;

pub struct Pace {
    limit: f64,
    /// Until a round has been slow, the limit doubles with every fast one; then it grows by one for as many answers.
    is_starting: bool,
    /// Of this round.
    took_ms: Vec<f64>,
    /// So many answers are still to come to requests that were sent under another limit.
    outdated: usize,
    fastest_ms: f64,
    refused_at_ms: f64,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            limit: START,
            is_starting: true,
            took_ms: Vec::with_capacity(ROUND),
            outdated: 0,
            fastest_ms: f64::INFINITY,
            refused_at_ms: f64::NEG_INFINITY,
        }
    }
}

impl Pace {
    pub fn limit(&self) -> usize {
        self.limit as usize
    }

    /// A request was answered after so long. The limit grows only if `is_awaited`: if somebody waited for a slot.
    pub fn answered(&mut self, took_ms: f64, is_awaited: bool) {
        if self.outdated > 0 {
            self.outdated -= 1;
            return;
        }
        self.took_ms.push(took_ms);
        if self.took_ms.len() == ROUND {
            self.took_ms.sort_unstable_by(f64::total_cmp);
            let round_ms = self.took_ms[ROUND / 4];
            self.took_ms.clear();
            self.end_round(round_ms, is_awaited);
        }
    }

    fn end_round(&mut self, round_ms: f64, is_awaited: bool) {
        self.fastest_ms = (self.fastest_ms * FORGETTING).min(round_ms);
        let is_beyond = |(times, more): (f64, f64)| round_ms > self.fastest_ms * times + more;
        if is_beyond(SLOW) {
            self.is_starting = self.limit() == FLOOR;
            if self.is_starting {
                // So few do not wait for each other: these are others than those that were fast.
                self.fastest_ms = round_ms;
            }
            self.change(self.limit * LOWERED);
        } else if is_awaited && !is_beyond(FAST) {
            if self.is_starting {
                self.change(self.limit * 2.0);
            } else {
                self.limit = (self.limit + ROUND as f64 / self.limit).min(CEILING as f64);
            }
        }
    }

    /// The server asked for less, to a request that was begun at `begun_ms`: half of what it was when it was sent.
    pub fn refused(&mut self, begun_ms: f64, now_ms: f64) {
        self.is_starting = false;
        if begun_ms > self.refused_at_ms {
            self.refused_at_ms = now_ms;
            self.change(self.limit / 2.0);
        }
    }

    fn change(&mut self, limit: f64) {
        let before = self.limit;
        self.limit = limit.clamp(FLOOR as f64, CEILING as f64);
        if self.limit != before {
            self.outdated = before as usize;
            self.took_ms.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Requests one after the other, as many at once as the limit allows; answers how many that was after each.
    struct Simulation {
        pace: Pace,
        now_ms: f64,
        /// When those in flight were begun, and when they end.
        in_flight: Vec<(f64, f64)>,
        state: u32,
    }

    impl Simulation {
        fn new() -> Self {
            Self { pace: Pace::default(), now_ms: 0.0, in_flight: Vec::new(), state: 1 }
        }

        /// Numbers from 0 to 1 that are the same in every run.
        fn random(&mut self) -> f64 {
            self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(self.state >> 8) / f64::from(1 << 24)
        }

        /// Time that has a median, and a long tail.
        fn long_tailed_ms(&mut self, median_ms: f64) -> f64 {
            let normal: f64 = (0..12).map(|_| self.random()).sum::<f64>() - 6.0;
            median_ms * (0.7 * normal).exp()
        }

        fn run(&mut self, requests: usize, mut end_ms: impl FnMut(&mut Self) -> f64) -> Vec<usize> {
            let mut limits = Vec::new();
            while limits.len() < requests {
                while self.in_flight.len() < self.pace.limit() {
                    let end = end_ms(self);
                    self.in_flight.push((self.now_ms, end));
                }
                let ends = self.in_flight.iter().map(|(_, end)| *end).enumerate();
                let (next, _) = ends.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
                let (begun, end) = self.in_flight.swap_remove(next);
                self.now_ms = end;
                self.pace.answered(end - begun, true);
                limits.push(self.pace.limit());
            }
            limits
        }

        /// A server that works on so many requests at once.
        fn run_served_by(&mut self, workers: usize, service_ms: f64, requests: usize) -> Vec<usize> {
            let mut free_at = vec![self.now_ms; workers];
            self.run(requests, move |simulation| {
                let next = free_at.iter_mut().min_by(|a, b| a.total_cmp(b)).unwrap();
                *next = next.max(simulation.now_ms) + service_ms;
                *next
            })
        }
    }

    fn lowest(limits: &[usize]) -> usize {
        limits.iter().copied().min().unwrap()
    }

    fn highest(limits: &[usize]) -> usize {
        limits.iter().copied().max().unwrap()
    }

    #[test]
    fn the_limit_doubles_with_every_round_as_long_as_requests_are_fast() {
        let mut simulation = Simulation::new();
        let limits = simulation.run(1000, |simulation| simulation.now_ms + 100.0);
        // Those in flight when it was doubled say nothing of the new limit.
        assert_eq!(limits.iter().position(|limit| *limit == 128), Some(15));
        assert_eq!(limits.iter().position(|limit| *limit == CEILING), Some(15 + 64 + 16));
        assert_eq!(simulation.pace.limit(), CEILING);
    }

    #[test]
    fn it_does_not_grow_where_nobody_waits() {
        let mut pace = Pace::default();
        (0..64).for_each(|_| pace.answered(100.0, false));
        assert_eq!(pace.limit(), 64);
    }

    #[test]
    fn where_few_are_served_at_once_it_falls_until_they_are_not_slow_and_stays_there() {
        for (workers, service_ms, expected) in [(1, 10.0, 17), (1, 100.0, 12), (6, 20.0, 22), (32, 50.0, 96)] {
            let limits = Simulation::new().run_served_by(workers, service_ms, 20_000);
            assert_eq!((lowest(&limits[1000..]), highest(&limits[1000..])), (expected, expected));
        }
        let limits = Simulation::new().run_served_by(100, 20.0, 20_000);
        assert_eq!(lowest(&limits[1000..]), CEILING);
    }

    #[test]
    fn times_that_differ_by_themselves_do_not_lower_it() {
        let long_tailed = |simulation: &mut Simulation| simulation.now_ms + simulation.long_tailed_ms(100.0);
        let limits = Simulation::new().run(20_000, long_tailed);
        assert_eq!((lowest(&limits), limits[19_999]), (64, CEILING));
    }

    #[test]
    fn what_comes_out_of_a_cache_is_no_measure_for_what_does_not() {
        let mut simulation = Simulation::new();
        simulation.run(500, |simulation| simulation.now_ms + 2.0);
        let limits = simulation.run(2000, |simulation| simulation.now_ms + 100.0);
        assert_eq!((lowest(&limits), limits[1999]), (FLOOR, CEILING));
        for share in [0.1, 0.3, 0.5] {
            let mixed =
                |simulation: &mut Simulation| simulation.now_ms + if simulation.random() < share { 2.0 } else { 100.0 };
            let limits = Simulation::new().run(10_000, mixed);
            assert!(limits.iter().sum::<usize>() >= 60 * limits.len());
        }
    }

    #[test]
    fn a_burst_of_refusals_halves_it_once_and_then_it_grows_slowly() {
        let mut pace = Pace::default();
        (0..40).for_each(|n| pace.refused(f64::from(n), 50.0 + f64::from(n)));
        assert_eq!(pace.limit(), 32);
        pace.refused(200.0, 220.0);
        assert_eq!(pace.limit(), 16);
        // Those that were in flight before, and a round.
        (0..32 + 15).for_each(|_| pace.answered(10.0, true));
        assert_eq!(pace.limit(), 16);
        pace.answered(10.0, true);
        assert_eq!(pace.limit(), 17);
        (0..10).for_each(|n| pace.refused(300.0 * f64::from(n + 1), 300.0 * f64::from(n + 1)));
        assert_eq!(pace.limit(), FLOOR);
    }
}
