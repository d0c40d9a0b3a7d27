//! What was requested, for all who share the counters.

use std::cell::Cell;
use std::rc::Rc;

#[derive(Debug, Default)]
pub struct Stats {
    requests: Cell<u64>,
    bytes: Cell<u64>,
    retries: Cell<u64>,
    in_flight: Cell<usize>,
    max_in_flight: Cell<usize>,
}

impl Stats {
    /// Requests begun.
    pub fn requests(&self) -> u64 {
        self.requests.get()
    }

    /// Bytes received.
    pub fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    /// Attempts that were not the first.
    pub fn retries(&self) -> u64 {
        self.retries.get()
    }

    /// Requests under way now.
    pub fn in_flight(&self) -> usize {
        self.in_flight.get()
    }

    /// The most requests that were under way at once.
    pub fn max_in_flight(&self) -> usize {
        self.max_in_flight.get()
    }

    pub(super) fn retried(&self) {
        self.retries.set(self.retries.get() + 1);
    }

    pub(super) fn received(&self, bytes: u64) {
        self.bytes.set(self.bytes.get() + bytes);
    }

    pub(super) fn begin(self: &Rc<Self>) -> InFlight {
        self.requests.set(self.requests.get() + 1);
        self.in_flight.set(self.in_flight.get() + 1);
        self.max_in_flight.set(self.max_in_flight.get().max(self.in_flight.get()));
        InFlight(self.clone())
    }
}

/// Counts a request as under way until it is dropped, whether it was answered or cancelled.
pub struct InFlight(Rc<Stats>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.set(self.0.in_flight.get() - 1);
    }
}
