//! The bounded queue: a store over a store that has no more requests in flight than its limiter allows.
//!
//! Requests are taken from the batch one at a time, when a slot is free, so a batch may be an endless iterator.

use std::cell::Cell;
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use futures::{FutureExt, Stream, StreamExt, stream};

use super::Limiter;
use super::limiter::Permit;
use crate::store::{Outcome, Request, Store, StoredBytes};

/// What passed through a queue, or through all that share the counters.
#[derive(Debug, Default)]
pub struct Stats {
    requests: Cell<u64>,
    bytes: Cell<u64>,
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

    /// Requests under way now.
    pub fn in_flight(&self) -> usize {
        self.in_flight.get()
    }

    /// The most requests that were under way at once.
    pub fn max_in_flight(&self) -> usize {
        self.max_in_flight.get()
    }

    fn begin(self: &Rc<Self>) -> InFlight {
        self.requests.set(self.requests.get() + 1);
        self.in_flight.set(self.in_flight.get() + 1);
        self.max_in_flight.set(self.max_in_flight.get().max(self.in_flight.get()));
        InFlight(self.clone())
    }
}

/// Counts a request as under way until it is dropped, whether it was answered or cancelled.
struct InFlight(Rc<Stats>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.set(self.0.in_flight.get() - 1);
    }
}

/// A store whose requests wait for a slot.
pub struct Queue<S> {
    store: S,
    limiter: Rc<Limiter>,
    stats: Rc<Stats>,
}

impl<S: Store> Queue<S> {
    pub fn new(store: S, limiter: Rc<Limiter>, stats: Rc<Stats>) -> Self {
        Self { store, limiter, stats }
    }

    pub fn store(&self) -> &S {
        &self.store
    }

    /// Boxed, so that it is compiled once and not for every type of tag.
    fn answer(&self, request: Request, permit: Permit) -> LocalBoxFuture<'_, Outcome<S::Bytes>> {
        let answer = async move {
            let in_flight = self.stats.begin();
            let outcome = self.store.get(request).await;
            if let Ok(Some(reply)) = &outcome {
                self.stats.bytes.set(self.stats.bytes.get() + reply.bytes.len() as u64);
            }
            drop((in_flight, permit));
            outcome
        };
        answer.boxed_local()
    }
}

impl<S: Store> Store for Queue<S> {
    type Bytes = S::Bytes;

    fn get_many<'a, T: 'a>(
        &'a self,
        requests: impl Iterator<Item = (T, Request)> + 'a,
    ) -> impl Stream<Item = (T, Outcome<S::Bytes>)> + 'a {
        stream::iter(requests)
            .then(move |(tag, request)| async move { (tag, request, self.limiter.acquire().await) })
            .map(move |(tag, request, permit)| {
                let answer = self.answer(request, permit);
                async move { (tag, answer.await) }
            })
            .buffer_unordered(usize::MAX)
    }

    async fn get(&self, request: Request) -> Outcome<S::Bytes> {
        let permit = self.limiter.acquire().await;
        self.answer(request, permit).await
    }

    fn has_ranges(&self) -> bool {
        self.store.has_ranges()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{MemoryStore, Script, ScriptedStore};
    use futures::executor::block_on;

    fn scripted() -> ScriptedStore {
        let mut objects = MemoryStore::default();
        (0..100).for_each(|i| objects.insert(i.to_string(), vec![0u8; i]));
        ScriptedStore::new(objects, |request| Script {
            turns: request.key.parse::<u32>().map_or(0, |i| 1 + i * 7 % 11),
            fault: None,
        })
    }

    fn requests(n: usize) -> impl Iterator<Item = (usize, Request)> {
        (0..n).map(|i| (i, Request::whole(i.to_string())))
    }

    #[test]
    fn two_batches_together_stay_within_the_limit() {
        let (limiter, stats) = (Limiter::new(5), Rc::new(Stats::default()));
        let queue = Queue::new(scripted(), limiter, stats.clone());
        let both = futures::future::join(
            queue.get_many(requests(100)).collect::<Vec<_>>(),
            queue.get_many(requests(50)).collect::<Vec<_>>(),
        );
        let (first, second) = block_on(both);
        assert_eq!((first.len(), second.len()), (100, 50));
        assert!(first.iter().all(|(i, outcome)| outcome.as_ref().unwrap().as_ref().unwrap().bytes.len() == *i));
        assert_eq!(queue.store().max_in_flight(), 5);
        assert_eq!((stats.requests(), stats.max_in_flight(), stats.in_flight()), (150, 5, 0));
        assert_eq!(stats.bytes(), 4950 + 1225);
    }

    #[test]
    fn a_dropped_batch_leaves_nothing_in_flight_and_frees_its_slots() {
        let (limiter, stats) = (Limiter::new(3), Rc::new(Stats::default()));
        let queue = Queue::new(scripted(), limiter.clone(), stats.clone());
        let mut batch = Box::pin(queue.get_many(requests(100)));
        block_on(batch.next());
        assert!(stats.in_flight() > 0);
        drop(batch);
        assert_eq!((queue.store().in_flight(), stats.in_flight()), (0, 0));
        assert_eq!(block_on(queue.get_many(requests(10)).collect::<Vec<_>>()).len(), 10);
    }

    #[test]
    fn an_endless_batch_is_taken_one_request_at_a_time() {
        let queue = Queue::new(scripted(), Limiter::new(4), Rc::new(Stats::default()));
        let endless = (0..).map(|i: usize| (i, Request::whole((i % 10).to_string())));
        let taken: Vec<_> = block_on(queue.get_many(endless).take(20).collect());
        assert_eq!(taken.len(), 20);
        assert!(queue.store().requests().len() <= 24);
    }
}
