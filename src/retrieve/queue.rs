//! The bounded queue: a store over a store that has no more requests in flight than its limiter allows.
//!
//! Requests are taken from the batch one at a time, when there is room, so a batch may be an endless iterator. What is in
//! flight already is not asked for again: all who want it share one request, which lives as long as one of them. What
//! fails for a reason that may pass is sent again, after a pause that takes up no slot.

use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures::future::{LocalBoxFuture, Shared, WeakShared, poll_fn};
use futures::{FutureExt, Stream, StreamExt, stream};

use super::clock::Clock;
use super::limiter::{Limiter, Permit};
use super::retry::RetryPolicy;
use super::stats::Stats;
use crate::byte_range::{ByteRange, Portions};
use crate::error::{Error, Result};
use crate::store::{Caller, Held, Outcome, Reply, Request, Store, StoredBytes};

/// Statuses by which servers ask for fewer requests.
const TOO_MANY: [Option<u16>; 2] = [Some(429), Some(503)];

/// What the queues of a library share.
#[derive(Clone)]
pub struct Traffic {
    pub limiter: Rc<Limiter>,
    pub stats: Rc<Stats>,
    pub clock: Rc<dyn Clock>,
}

/// A store whose requests wait for a slot.
pub struct Queue<S: Store>(Rc<Inner<S>>);

struct Inner<S: Store> {
    store: S,
    traffic: Traffic,
    policy: RetryPolicy,
    flights: RefCell<Vec<Flight<S::Bytes>>>,
}

/// What came of a request that may have been made for several, and the permit that it was made by.
type Landed<B> = Result<Option<(Reply<B>, Rc<Permit>)>>;

type Answer<B> = LocalBoxFuture<'static, Landed<B>>;

/// A request that others may join.
struct Flight<B: StoredBytes> {
    key: String,
    range: ByteRange,
    /// As urgent as the most urgent of those who wanted it.
    caller: Caller,
    answer: WeakShared<Answer<B>>,
}

impl<S: Store + 'static> Queue<S> {
    pub fn new(store: S, traffic: Traffic, policy: RetryPolicy) -> Self {
        Self(Rc::new(Inner { store, traffic, policy, flights: RefCell::default() }))
    }

    pub fn store(&self) -> &S {
        &self.0.store
    }

    /// See [`Limiter::set_away`].
    pub fn set_away(&self, caller: &Caller, is_away: bool) {
        self.0.traffic.limiter.set_away(caller, is_away);
    }

    /// Waits until the request may be made, unless it is in flight already.
    async fn permit(&self, request: &Request) -> Permit {
        let Request { caller, room, .. } = request;
        let limiter = &self.0.traffic.limiter;
        match self.flight(request).and_then(|_| Permit::joining(limiter, caller)) {
            Some(permit) => permit,
            None => limiter.acquire(caller, *room).await,
        }
    }

    /// The answer to a request that has a permit. If it is in flight already, slot and room are given back.
    fn answer(&self, request: Request, permit: Permit) -> impl Future<Output = Outcome<S::Bytes>> + use<S> {
        let flight = self.flight(&request);
        if flight.is_some() {
            permit.arrived(0);
        }
        let answer = flight.unwrap_or_else(|| self.begin(request, &permit));
        async move {
            Ok(answer.await?.map(|(mut reply, other)| {
                permit.take(received_len(&reply), &other);
                reply.held = Held::new(permit);
                reply
            }))
        }
    }

    /// The same request, if it is in flight.
    fn flight(&self, request: &Request) -> Option<Shared<Answer<S::Bytes>>> {
        let flights = self.0.flights.borrow();
        let is_same = |flight: &&Flight<S::Bytes>| {
            flight.range == request.range && flight.key == request.key && !request.is_afresh
        };
        let Flight { caller, answer, .. } = flights.iter().find(is_same)?;
        caller.set_priority(caller.priority().max(request.caller.priority()));
        answer.upgrade()
    }

    fn begin(&self, request: Request, permit: &Permit) -> Shared<Answer<S::Bytes>> {
        // Of its own: those who wanted it first may be gone before it ends, or have no room for more.
        let caller = Caller::default();
        caller.set_priority(request.caller.priority());
        let permit = permit.pass_to(&caller);
        let (key, range) = (request.key.clone(), request.range);
        let landing = Landing { inner: self.0.clone(), key: key.clone(), range };
        let request = request.for_caller(&caller);
        let attempts = async move {
            let Landing { inner, .. } = &landing;
            inner.answer(request, permit).await
        };
        let answer = attempts.boxed_local().shared();
        if let Some(weak) = answer.downgrade() {
            self.0.flights.borrow_mut().push(Flight { key, range, caller, answer: weak });
        }
        answer
    }
}

/// Bytes that came, also those that were not asked for.
fn received_len<B: StoredBytes>(reply: &Reply<B>) -> u64 {
    reply.whole.as_ref().unwrap_or(&reply.bytes).len() as u64
}

/// Ends a flight, whether it was answered or everybody left it.
struct Landing<S: Store> {
    inner: Rc<Inner<S>>,
    key: String,
    range: ByteRange,
}

impl<S: Store> Drop for Landing<S> {
    fn drop(&mut self) {
        let mut flights = self.inner.flights.borrow_mut();
        if let Some(at) = flights.iter().position(|flight| flight.range == self.range && flight.key == self.key) {
            flights.swap_remove(at);
        }
    }
}

type Attempted<B> = Result<(Option<Reply<B>>, Permit)>;

impl<S: Store> Inner<S> {
    async fn answer(&self, request: Request, permit: Permit) -> Landed<S::Bytes> {
        let parts = self.traffic.limiter.portions().parts(request.range);
        let (reply, permit) = match parts.filter(|_| self.store.serves_ranges()) {
            Some(ranges) => {
                permit.give_slot_back();
                (self.in_parts(&request, ranges).await?, permit)
            }
            None => self.attempts(request, Some(permit)).await?,
        };
        Ok(reply.map(|reply| {
            permit.arrived(received_len(&reply));
            (reply, Rc::new(permit))
        }))
    }

    /// Parts of a range side by side, each with a slot and attempts of its own, put together. Of the room for their bytes
    /// somebody has taken care.
    async fn in_parts(&self, request: &Request, ranges: Vec<ByteRange>) -> Outcome<S::Bytes> {
        let parts = ranges.into_iter().map(|range| Request { range, room: 0, ..request.clone() });
        let mut parts: Vec<_> = parts.map(|part| (self.attempts(part, None), None)).collect();
        let all_arrived = |context: &mut Context<'_>| {
            for (answer, arrived) in parts.iter_mut().filter(|(_, arrived)| arrived.is_none()) {
                if let Poll::Ready(answer) = answer.poll_unpin(context) {
                    *arrived = Some(answer?.0.map(|reply| (reply.bytes, reply.object_len)));
                }
            }
            if parts.iter().any(|(_, arrived)| arrived.is_none()) { Poll::Pending } else { Poll::Ready(Ok(())) }
        };
        poll_fn(all_arrived).await?;
        let parts: Vec<Option<_>> = parts.into_iter().filter_map(|(_, arrived)| arrived).collect();
        let (mut bytes, mut lens) = (Vec::new(), Vec::new());
        for part in &parts {
            lens.push(part.as_ref().map(|(_, object_len)| *object_len));
            bytes.extend(part.as_ref().map(|(bytes, _)| S::Bytes::clone(bytes)));
        }
        if lens.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(Error::store(format!("the object changed while {} were received in parts", request.range)));
        }
        match lens.first() {
            Some(Some(object_len)) => Ok(Some(Reply::new(S::Bytes::joined(&bytes)?, *object_len))),
            _ => Ok(None),
        }
    }

    /// Sends a request until it is answered; the permit is that of the last attempt.
    fn attempts(&self, request: Request, mut permit: Option<Permit>) -> LocalBoxFuture<'_, Attempted<S::Bytes>> {
        let Traffic { limiter, stats, clock } = &self.traffic;
        Box::pin(async move {
            let mut attempt = 1;
            loop {
                let permit = match permit.take() {
                    Some(permit) => permit,
                    None => limiter.acquire(&request.caller, request.room).await,
                };
                let begun_ms = clock.now_ms();
                let in_flight = stats.begin();
                let outcome = self.store.get(request.clone()).await;
                drop(in_flight);
                let error = match outcome {
                    Ok(reply) => {
                        limiter.answered(clock.now_ms() - begun_ms);
                        stats.received(reply.as_ref().map_or(0, received_len));
                        return Ok((reply, permit));
                    }
                    Err(error) => error,
                };
                if TOO_MANY.contains(&error.place().status) {
                    limiter.refused(begun_ms, clock.now_ms());
                }
                drop(permit);
                let pause = error.retry().and_then(|retry| self.policy.pause_ms(attempt, retry, clock.random()));
                let Some(pause_ms) = pause else { return Err(after(attempt, error)) };
                clock.sleep(pause_ms).await;
                stats.retried();
                attempt += 1;
            }
        })
    }
}

fn after(attempts: u32, error: Error) -> Error {
    if attempts == 1 { error } else { error.about(&format!("after {attempts} attempts")) }
}

impl<S: Store + 'static> Store for Queue<S> {
    type Bytes = S::Bytes;

    fn get_many<'a, T: 'a>(
        &'a self,
        requests: impl Iterator<Item = (T, Request)> + 'a,
    ) -> impl Stream<Item = (T, Outcome<S::Bytes>)> + 'a {
        stream::iter(requests)
            .then(move |(tag, request)| async move {
                let permit = self.permit(&request).await;
                (tag, request, permit)
            })
            .map(move |(tag, request, permit)| {
                let answer = self.answer(request, permit);
                async move { (tag, answer.await) }
            })
            .buffer_unordered(usize::MAX)
    }

    async fn get(&self, request: Request) -> Outcome<S::Bytes> {
        let permit = self.permit(&request).await;
        self.answer(request, permit).await
    }

    fn has_ranges(&self) -> bool {
        self.0.store.has_ranges()
    }

    fn portions(&self) -> Portions {
        self.0.traffic.limiter.portions()
    }

    fn location(&self, key: &str) -> Option<String> {
        self.0.store.location(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use crate::retrieve::{Limits, ScriptedClock};
    use crate::store::Caller;
    use crate::store::{MemoryBytes, MemoryStore, Script, ScriptedStore};
    use futures::executor::block_on;
    use futures::future::{join, join_all};
    use std::cell::Cell;

    struct Scene {
        queue: Queue<ScriptedStore>,
        clock: Rc<ScriptedClock>,
        limiter: Rc<Limiter>,
        stats: Rc<Stats>,
    }

    /// A hundred objects, each as long as its name says, behind a queue of so many slots.
    fn scene(slots: usize, script: impl Fn(&Request) -> Script + 'static) -> Scene {
        let mut objects = MemoryStore::default();
        (0..100).for_each(|i| objects.insert(i.to_string(), vec![0u8; i]));
        let limits = Limits::new(1 << 40);
        limits.set(Some(slots), 1 << 40);
        queued(objects, &limits, script)
    }

    fn queued(objects: MemoryStore, limits: &Rc<Limits>, script: impl Fn(&Request) -> Script + 'static) -> Scene {
        let (limiter, stats, clock) =
            (Limiter::new(limits, false), Rc::<Stats>::default(), Rc::<ScriptedClock>::default());
        let traffic = Traffic { limiter: limiter.clone(), stats: stats.clone(), clock: clock.clone() };
        let queue = Queue::new(ScriptedStore::new(objects, script), traffic, RetryPolicy::default());
        Scene { queue, clock, limiter, stats }
    }

    /// Objects take different times.
    fn slow(request: &Request) -> Script {
        Script { turns: request.key.parse::<u32>().map_or(0, |i| 1 + i * 7 % 11), fault: None }
    }

    fn requests(keys: std::ops::Range<usize>) -> impl Iterator<Item = (usize, Request)> {
        keys.map(|i| (i, Request::whole(i.to_string())))
    }

    #[test]
    fn two_batches_together_stay_within_the_limit() {
        let Scene { queue, stats, limiter, .. } = scene(5, slow);
        let both = join(
            queue.get_many(requests(0..60)).collect::<Vec<_>>(),
            queue.get_many(requests(60..100)).collect::<Vec<_>>(),
        );
        let (first, second) = block_on(both);
        assert_eq!((first.len(), second.len()), (60, 40));
        let is_right = |(i, outcome): &(usize, Outcome<MemoryBytes>)| {
            outcome.as_ref().unwrap().as_ref().unwrap().bytes.len() == *i
        };
        assert!(first.iter().chain(&second).all(is_right));
        assert_eq!(queue.store().max_in_flight(), 5);
        assert_eq!((stats.requests(), stats.max_in_flight(), stats.in_flight()), (100, 5, 0));
        assert_eq!((stats.bytes(), limiter.held()), (4950, 4950));
        drop((first, second));
        assert_eq!(limiter.held(), 0);
    }

    #[test]
    fn a_dropped_batch_leaves_nothing_in_flight_and_frees_its_slots() {
        let Scene { queue, stats, limiter, .. } = scene(3, slow);
        let mut batch = Box::pin(queue.get_many(requests(0..100)));
        drop(block_on(batch.next()));
        assert!(stats.in_flight() > 0);
        drop(batch);
        assert_eq!((queue.store().in_flight(), stats.in_flight(), limiter.held()), (0, 0, 0));
        assert_eq!(block_on(queue.get_many(requests(0..10)).collect::<Vec<_>>()).len(), 10);
    }

    #[test]
    fn an_endless_batch_is_taken_as_it_is_needed() {
        let Scene { queue, .. } = scene(4, slow);
        let endless = (0usize..).map(|i| (i, Request::whole((i % 100).to_string())));
        let first: Vec<_> = block_on(queue.get_many(endless).take(5).collect());
        assert_eq!(first.len(), 5);
        assert!(queue.store().requests().len() <= 10);
    }

    #[test]
    fn what_is_in_flight_is_shared_and_lives_as_long_as_one_wants_it() {
        let Scene { queue, stats, .. } = scene(9, slow);
        let mut first = Box::pin(queue.get(Request::whole("50")));
        let mut second = Box::pin(queue.get(Request::whole("50")));
        let other = Request::of("50", ByteRange::Range { start: 0, stop: 9 }, 0);
        assert!(first.as_mut().now_or_never().is_none());
        assert!(second.as_mut().now_or_never().is_none());
        assert_eq!((queue.store().requests().len(), stats.in_flight()), (1, 1));
        drop(first);
        assert_eq!(stats.in_flight(), 1);
        let (second, other) = block_on(join(second, queue.get(other)));
        assert_eq!((second.unwrap().unwrap().bytes.len(), other.unwrap().unwrap().bytes.len()), (50, 9));
        assert_eq!(queue.store().requests().len(), 2);
        block_on(queue.get(Request::whole("50"))).unwrap();
        assert_eq!(queue.store().requests().len(), 3, "what has ended is no longer shared");
        assert!(queue.0.flights.borrow().is_empty());
        let mut gone = Box::pin(queue.get(Request::whole("50")));
        assert!(gone.as_mut().now_or_never().is_none());
        drop(gone);
        assert!(queue.0.flights.borrow().is_empty());
    }

    #[test]
    fn what_is_in_flight_is_joined_although_all_slots_are_taken() {
        let Scene { queue, stats, limiter, .. } = scene(1, slow);
        let mut first = Box::pin(queue.get(Request::whole("50")));
        assert!(first.as_mut().now_or_never().is_none());
        let (first, batch) = block_on(join(first, queue.get_many(requests(50..52)).collect::<Vec<_>>()));
        assert_eq!((first.unwrap().unwrap().bytes.len(), batch.len()), (50, 2));
        assert_eq!((stats.requests(), stats.max_in_flight()), (2, 1));
        drop(batch);
        assert_eq!(limiter.held(), 0);
    }

    #[test]
    fn overlapping_batches_ask_once_for_each_object_also_if_most_must_wait() {
        for slots in [2, 7, 16] {
            let Scene { queue, stats, limiter, .. } = scene(slots, slow);
            let all = || queue.get_many(requests(0..100)).collect::<Vec<_>>();
            let (first, second) = block_on(join(all(), all()));
            assert_eq!((first.len(), second.len(), stats.requests()), (100, 100, 100));
            assert!(stats.max_in_flight() <= slots);
            // Whoever has the bytes holds them.
            assert_eq!(limiter.held(), 2 * 4950);
            drop(first);
            assert_eq!(limiter.held(), 4950);
            drop(second);
            assert_eq!(limiter.held(), 0);
        }
    }

    #[test]
    fn what_others_do_with_shared_answers_takes_nothing_from_who_has_few() {
        let Scene { queue, limiter, stats, .. } = scene(9, slow);
        let batch = || {
            let caller = Caller::default();
            caller.set_slots(2);
            let requests = requests(0..20).map(move |(i, request)| (i, request.for_caller(&caller)));
            Box::pin(queue.get_many(requests))
        };
        let (mut keeping, mut reading) = (batch(), batch());
        let (mut kept, mut read) = (Vec::new(), 0);
        for _ in 0..1000 {
            kept.extend(keeping.next().now_or_never());
            read += reading.next().now_or_never().flatten().map_or(0, |_| 1);
        }
        assert_eq!((kept.len(), read, stats.requests()), (2, 20, 20));
        drop((kept, keeping));
        assert_eq!(limiter.held(), 0);
    }

    #[test]
    fn of_two_who_wait_to_send_the_same_one_does() {
        let Scene { queue, stats, limiter, .. } = scene(2, slow);
        // The first two take 2 and 5 turns: one who waits has the slot of the first, and is still waiting for the answer, 11
        // turns later, when the other has the slot of the second.
        let get = |key: &str| queue.get(Request::whole(key));
        let answers = block_on(join_all([get("8"), get("10"), get("3"), get("3")]));
        let lens = answers.into_iter().map(|outcome| outcome.unwrap().unwrap().bytes.len());
        assert_eq!(lens.collect::<Vec<_>>(), [8, 10, 3, 3]);
        assert_eq!((stats.requests(), stats.max_in_flight(), limiter.held()), (3, 2, 0));
    }

    #[test]
    fn what_is_shared_is_as_urgent_as_the_most_urgent_of_those_who_want_it() {
        let Scene { queue, .. } = scene(1, failing(1, Error::store("status 500").transient(None)));
        let get = |key: &str, priority| {
            let caller = Caller::default();
            caller.set_priority(priority);
            Box::pin(queue.get(Request::whole(key).for_caller(&caller)))
        };
        let (mut low, mut usual, mut joined) = (get("7", -1.0), get("8", 0.0), get("7", 1.0));
        assert!(low.as_mut().now_or_never().is_none());
        assert!(usual.as_mut().now_or_never().is_none());
        assert!(joined.as_mut().now_or_never().is_none());
        let outcomes = block_on(join(join(low, usual), joined));
        assert!(outcomes.0.0.is_ok() && outcomes.0.1.is_ok() && outcomes.1.is_ok());
        let keys: Vec<_> = queue.store().requests().into_iter().map(|request| request.key).collect();
        assert_eq!(keys, ["7", "8", "7", "8"]);
    }

    /// Fails so often for every key, each time with this.
    fn failing(times: usize, fault: Error) -> impl Fn(&Request) -> Script {
        let attempts: RefCell<Vec<String>> = RefCell::default();
        move |request| {
            let before = attempts.borrow().iter().filter(|key| **key == request.key).count();
            attempts.borrow_mut().push(request.key.clone());
            Script { turns: 1, fault: (before < times).then(|| fault.clone()) }
        }
    }

    #[test]
    fn what_may_pass_is_tried_again_after_pauses_that_double() {
        let fault = || Error::store("status 500").with_status(500).transient(None);
        let Scene { queue, clock, stats, .. } = scene(1, failing(4, fault()));
        assert_eq!(block_on(queue.get(Request::whole("7"))).unwrap().unwrap().bytes.len(), 7);
        assert_eq!(clock.slept_ms(), [200.0, 400.0, 800.0, 1600.0]);
        assert_eq!((stats.requests(), stats.retries(), stats.in_flight()), (5, 4, 0));
        let Scene { queue, limiter, .. } = scene(1, failing(5, fault()));
        let error = block_on(queue.get(Request::whole("7"))).unwrap_err();
        assert_eq!((error.code(), error.message()), (ErrorCode::Store, "after 5 attempts: status 500"));
        assert_eq!((error.place().status, limiter.held()), (Some(500), 0));
    }

    #[test]
    fn a_pause_takes_up_no_slot_and_is_as_long_as_the_server_says() {
        let fault = Error::store("status 429").with_status(429).transient(Some(5000.0));
        let Scene { queue, clock, .. } = scene(1, failing(1, fault));
        assert_eq!(block_on(queue.get_many(requests(0..3)).collect::<Vec<_>>()).len(), 3);
        assert_eq!(clock.slept_ms(), [5000.0; 3]);
        assert_eq!(queue.store().max_in_flight(), 1);
    }

    /// Bytes that tell their places, behind a queue that asks for parts of 10.
    fn scene_of_parts(slots: usize, bytes: u64, script: impl Fn(&Request) -> Script + 'static) -> Scene {
        let mut objects = MemoryStore::default();
        objects.insert("a", (0..=255).collect::<Vec<u8>>());
        let limits = Limits::new(bytes);
        limits.set(Some(slots), bytes);
        limits.set_portions(Portions { max_gap: 0, max_len: 10 });
        queued(objects, &limits, script)
    }

    const LONG: ByteRange = ByteRange::Range { start: 3, stop: 103 };

    fn long() -> Request {
        Request::of("a", LONG, 0)
    }

    #[test]
    fn a_long_range_comes_in_parts_side_by_side() {
        let Scene { queue, stats, limiter, .. } = scene_of_parts(4, 1000, |_| Script { turns: 5, fault: None });
        let (one, other) = block_on(join(queue.get(long()), queue.get(long())));
        let (one, other) = (one.unwrap().unwrap(), other.unwrap().unwrap());
        assert_eq!((one.bytes.to_vec(), one.object_len), ((3..103).collect(), Some(256)));
        assert_eq!((stats.requests(), stats.max_in_flight(), stats.bytes()), (10, 4, 100));
        assert_eq!((limiter.held(), limiter.max_held()), (200, 200), "each has them for itself");
        drop(one);
        assert_eq!(limiter.held(), 100);
        drop(other);
        assert_eq!(limiter.held(), 0);
    }

    #[test]
    fn parts_need_no_room_beside_that_of_the_whole() {
        let Scene { queue, limiter, .. } = scene_of_parts(2, 150, |_| Script { turns: 3, fault: None });
        let (long, short) = (queue.get(long()), queue.get(Request::of("a", ByteRange::Range { start: 0, stop: 9 }, 0)));
        let others = queue.get(Request::of("a", ByteRange::Range { start: 100, stop: 200 }, 0));
        // Of one who may have one request at a time.
        let modest = Caller::default();
        modest.set_slots(1);
        let last = queue.get(Request::of("a", ByteRange::Range { start: 56, stop: 256 }, 0).for_caller(&modest));
        let take = |outcome: Outcome<MemoryBytes>| outcome.unwrap().unwrap().bytes.to_vec();
        let found = block_on(join_all([long, others, short, last].map(|answer| answer.map(take))));
        let expected: [Vec<u8>; 4] = [(3..103).collect(), (100..200).collect(), (0..9).collect(), (56..=255).collect()];
        assert_eq!(found, expected);
        assert_eq!(limiter.held(), 0);
    }

    #[test]
    fn a_part_that_fails_for_a_reason_that_may_pass_is_sent_again_alone() {
        let failed = Cell::new(false);
        let script = move |request: &Request| {
            let fails = request.range == ByteRange::Range { start: 33, stop: 43 } && !failed.replace(true);
            Script { turns: 1, fault: fails.then(|| Error::store("status 500").transient(None)) }
        };
        let Scene { queue, stats, .. } = scene_of_parts(4, 1000, script);
        assert_eq!(block_on(queue.get(long())).unwrap().unwrap().bytes.len(), 100);
        assert_eq!((stats.requests(), stats.retries()), (11, 1));
    }

    #[test]
    fn the_first_part_that_fails_is_the_end_of_the_others() {
        let script = |request: &Request| {
            let fails = request.range == ByteRange::Range { start: 13, stop: 23 };
            Script { turns: if fails { 1 } else { 100 }, fault: fails.then(|| Error::store("no")) }
        };
        let Scene { queue, stats, limiter, .. } = scene_of_parts(4, 1000, script);
        assert_eq!(block_on(queue.get(long())).unwrap_err().message(), "no");
        assert_eq!((stats.requests(), stats.in_flight(), limiter.held()), (4, 0, 0));
    }

    #[test]
    fn parts_of_an_object_are_missing_all_together() {
        let Scene { queue, limiter, .. } = scene_of_parts(4, 1000, |_| Script::default());
        let missing = block_on(queue.get(Request { key: "b".into(), ..long() })).unwrap();
        assert!(missing.is_none());
        assert_eq!(limiter.held(), 0);
    }

    #[test]
    fn what_does_not_pass_is_not_tried_again() {
        let Scene { queue, clock, .. } = scene(1, failing(1, Error::store("status 403").with_status(403)));
        assert_eq!(block_on(queue.get(Request::whole("7"))).unwrap_err().message(), "status 403");
        assert!(clock.slept_ms().is_empty());
    }
}
