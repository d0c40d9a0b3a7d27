//! How many requests may be in flight, and how many bytes may be here or on their way, for everybody who shares the limiter.
//!
//! What is freed is handed to the waiter of the highest priority, of several to the one who came first; it is not thrown
//! open, so that nobody who comes later can snatch it.
//!
//! The bytes of a caller who is away are not counted: all others would wait for that one to come back, which may be when
//! they have ended.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

use super::pace::Pace;
use crate::byte_range::Portions;
use crate::store::Caller;

/// Requests at once where no pace is kept.
const UNPACED: usize = 64;

/// What is set for the whole library; limiters keep it.
pub struct Limits {
    /// Requests at once; found by each limiter itself where it is not set.
    concurrency: Cell<Option<usize>>,
    /// Bytes of the requests in flight, and of those that have arrived and are not yet decoded.
    bytes: Cell<u64>,
    portions: Cell<Portions>,
    limiters: RefCell<Vec<Weak<Limiter>>>,
}

impl Limits {
    pub fn new(bytes: u64) -> Rc<Self> {
        Rc::new(Self {
            concurrency: Cell::new(None),
            bytes: Cell::new(bytes),
            portions: Cell::default(),
            limiters: RefCell::default(),
        })
    }

    /// Changes the limits. What was taken beyond lower ones is not taken back.
    pub fn set(&self, concurrency: Option<usize>, bytes: u64) {
        self.concurrency.set(concurrency.map(|slots| slots.max(1)));
        self.bytes.set(bytes);
        let limiters = self.limiters.borrow().clone();
        limiters.iter().filter_map(Weak::upgrade).for_each(|limiter| limiter.grant());
    }

    pub fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    pub fn concurrency(&self) -> Option<usize> {
        self.concurrency.get()
    }

    pub fn portions(&self) -> Portions {
        self.portions.get()
    }

    pub fn set_portions(&self, portions: Portions) {
        self.portions.set(portions);
    }
}

/// A counting semaphore for one thread.
pub struct Limiter {
    limits: Rc<Limits>,
    pace: Option<RefCell<Pace>>,
    taken: Cell<usize>,
    held: Cell<u64>,
    max_held: Cell<u64>,
    /// In the order in which they came.
    waiters: RefCell<Vec<Rc<Waiter>>>,
}

/// Somebody who waits. Once `granted`, one of the slots counted in `taken` is theirs, and what they asked for of `held`.
struct Waiter {
    caller: Caller,
    bytes: u64,
    granted: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// A slot and bytes, given back when dropped.
pub struct Permit {
    limiter: Rc<Limiter>,
    caller: Caller,
    has_slot: Cell<bool>,
    bytes: Cell<u64>,
}

impl Limiter {
    /// Keeps the limits, and finds out by itself what they leave open if it `has_pace`.
    pub fn new(limits: &Rc<Limits>, has_pace: bool) -> Rc<Self> {
        let limiter = Rc::new(Self {
            limits: limits.clone(),
            pace: has_pace.then(RefCell::default),
            taken: Cell::new(0),
            held: Cell::new(0),
            max_held: Cell::new(0),
            waiters: RefCell::default(),
        });
        let mut limiters = limits.limiters.borrow_mut();
        limiters.retain(|other| other.strong_count() > 0);
        limiters.push(Rc::downgrade(&limiter));
        limiter
    }

    /// Requests that may be in flight at once, now.
    pub fn slots(&self) -> usize {
        let paced = || self.pace.as_ref().map_or(UNPACED, |pace| pace.borrow().limit());
        self.limits.concurrency.get().unwrap_or_else(paced)
    }

    pub fn portions(&self) -> Portions {
        self.limits.portions()
    }

    /// Bytes in flight, or here and not yet decoded.
    pub fn held(&self) -> u64 {
        self.held.get()
    }

    /// The most bytes that were held at once.
    pub fn max_held(&self) -> u64 {
        self.max_held.get()
    }

    /// Waits for a slot, and for room for so many bytes; however many they are, there is room for one. Dropping the future
    /// gives up the place in the queue.
    pub fn acquire(self: &Rc<Self>, caller: &Caller, bytes: u64) -> impl Future<Output = Permit> + use<> {
        let waiter = Waiter { caller: caller.clone(), bytes, granted: Cell::new(false), waker: RefCell::default() };
        Acquire { limiter: self.clone(), waiter: Some(Rc::new(waiter)), is_waiting: false }
    }

    /// A request was answered after so long.
    pub fn answered(&self, took_ms: f64) {
        if let Some(pace) = &self.pace {
            pace.borrow_mut().answered(took_ms, !self.waiters.borrow().is_empty());
            self.grant();
        }
    }

    /// The server asked for fewer requests, in answer to one that was begun at `begun_ms`.
    pub fn refused(&self, begun_ms: f64, now_ms: f64) {
        if let Some(pace) = &self.pace {
            pace.borrow_mut().refused(begun_ms, now_ms);
        }
    }

    /// The caller goes away, or is back.
    pub fn set_away(&self, caller: &Caller, is_away: bool) {
        match (caller.set_away(is_away), is_away) {
            (false, true) => self.count(0, caller.held()),
            (true, false) => self.count(caller.held(), 0),
            _ => {}
        }
        self.grant();
    }

    fn hold(&self, caller: &Caller, more: u64, less: u64) {
        caller.hold(more, less);
        if !caller.is_away() {
            self.count(more, less);
        }
    }

    fn count(&self, more: u64, less: u64) {
        self.held.set(self.held.get() + more - less);
        self.max_held.set(self.max_held.get().max(self.held.get()));
    }

    fn grant(&self) {
        while self.taken.get() < self.slots() {
            let Some(waiter) = self.next_waiter() else { return };
            self.taken.set(self.taken.get() + 1);
            waiter.caller.begin();
            self.hold(&waiter.caller, waiter.bytes, 0);
            waiter.granted.set(true);
            if let Some(waker) = waiter.waker.take() {
                waker.wake();
            }
        }
    }

    /// Takes the next waiter off, if there is room for what they want: others do not go before them for wanting less, but
    /// who wants no room may. They hold bytes for which those others wait.
    fn next_waiter(&self) -> Option<Rc<Waiter>> {
        let mut waiters = self.waiters.borrow_mut();
        let wants_no_room = |waiter: &Waiter| waiter.bytes == 0;
        let may_begin = |waiter: &Waiter| wants_no_room(waiter) || waiter.caller.may_begin();
        let mut next = most_urgent(&waiters, may_begin)?;
        let (held, wanted) = (self.held.get(), waiters[next].bytes);
        let has_room = held == 0 || wanted == 0 || held.saturating_add(wanted) <= self.limits.bytes.get();
        if !has_room {
            next = most_urgent(&waiters, wants_no_room)?;
        }
        Some(waiters.remove(next))
    }
}

/// The place of the most urgent of those who may go, of several the one who came first.
fn most_urgent(waiters: &[Rc<Waiter>], may_go: impl Fn(&Waiter) -> bool) -> Option<usize> {
    let mut next = None;
    let mut highest = f64::NEG_INFINITY;
    for (at, waiter) in waiters.iter().enumerate() {
        if may_go(waiter) && waiter.caller.priority() > highest {
            highest = waiter.caller.priority();
            next = Some(at);
        }
    }
    next
}

impl Permit {
    /// One more request of the caller, which takes no slot: another has what it is for. `None` if the caller has enough.
    pub fn joining(limiter: &Rc<Limiter>, caller: &Caller) -> Option<Self> {
        caller.may_begin().then(|| Self::without_slot(limiter, caller))
    }

    fn without_slot(limiter: &Rc<Limiter>, caller: &Caller) -> Self {
        caller.begin();
        Self { limiter: limiter.clone(), caller: caller.clone(), has_slot: Cell::new(false), bytes: Cell::new(0) }
    }

    /// Passes slot and bytes on to another caller. What this one keeps is that it has a request under way.
    pub fn pass_to(&self, caller: &Caller) -> Self {
        let other = Self::without_slot(&self.limiter, caller);
        other.has_slot.set(self.has_slot.take());
        other.hold(self.hold(0));
        other
    }

    /// The request has ended with so many bytes: the slot is free, and they are held until the permit is dropped.
    pub fn arrived(&self, bytes: u64) {
        self.hold(bytes);
        self.give_slot_back();
    }

    /// So many bytes are held until this permit is dropped, in place of those of the other. Several may take them: each has
    /// them until it needs them no more.
    pub fn take(&self, bytes: u64, other: &Self) {
        other.hold(0);
        self.arrived(bytes);
    }

    /// Answers how many bytes were held before.
    fn hold(&self, bytes: u64) -> u64 {
        let before = self.bytes.replace(bytes);
        self.limiter.hold(&self.caller, bytes, before);
        before
    }

    /// The slot is free, and the bytes are held as before.
    pub fn give_slot_back(&self) {
        if self.has_slot.take() {
            self.limiter.taken.set(self.limiter.taken.get() - 1);
        }
        self.limiter.grant();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.hold(0);
        self.caller.end();
        self.give_slot_back();
    }
}

struct Acquire {
    limiter: Rc<Limiter>,
    /// Until the permit is there.
    waiter: Option<Rc<Waiter>>,
    is_waiting: bool,
}

impl Acquire {
    fn permit(limiter: &Rc<Limiter>, waiter: &Waiter) -> Permit {
        Permit {
            limiter: limiter.clone(),
            caller: waiter.caller.clone(),
            has_slot: Cell::new(true),
            bytes: Cell::new(waiter.bytes),
        }
    }
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit> {
        let Some(waiter) = self.waiter.clone() else { return Poll::Pending };
        if !self.is_waiting {
            self.is_waiting = true;
            self.limiter.waiters.borrow_mut().push(waiter.clone());
            self.limiter.grant();
        }
        if waiter.granted.get() {
            self.waiter = None;
            return Poll::Ready(Self::permit(&self.limiter, &waiter));
        }
        *waiter.waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(waiter) = self.waiter.take() else { return };
        if waiter.granted.get() {
            // It was handed over, but nobody is left to use it.
            drop(Self::permit(&self.limiter, &waiter));
        } else {
            self.limiter.waiters.borrow_mut().retain(|other| !Rc::ptr_eq(other, &waiter));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    const PLENTY: u64 = 1 << 40;

    fn limited(slots: usize, bytes: u64) -> (Rc<Limits>, Rc<Limiter>) {
        let limits = Limits::new(bytes);
        limits.set(Some(slots), bytes);
        let limiter = Limiter::new(&limits, false);
        (limits, limiter)
    }

    type Waiting = Pin<Box<dyn Future<Output = Permit>>>;

    fn waiting(limiter: &Rc<Limiter>, caller: &Caller, bytes: u64) -> Waiting {
        let mut waiting: Waiting = Box::pin(limiter.acquire(caller, bytes));
        assert!(waiting.as_mut().now_or_never().is_none());
        waiting
    }

    fn granted(waiting: &mut Waiting) -> Option<Permit> {
        waiting.as_mut().now_or_never()
    }

    fn with_priority(priority: f64) -> Caller {
        let caller = Caller::default();
        caller.set_priority(priority);
        caller
    }

    fn any() -> Caller {
        Caller::default()
    }

    #[test]
    fn slots_are_handed_out_in_the_order_of_asking() {
        let (_, limiter) = limited(1, PLENTY);
        let first = limiter.acquire(&any(), 1).now_or_never().unwrap();
        let mut second = waiting(&limiter, &any(), 1);
        let mut third = waiting(&limiter, &any(), 1);
        drop(first);
        assert!(limiter.acquire(&any(), 1).now_or_never().is_none(), "a late comer does not snatch the freed slot");
        assert!(granted(&mut third).is_none());
        drop(granted(&mut second).unwrap());
        assert!(granted(&mut third).is_some());
        assert_eq!((limiter.held(), limiter.max_held()), (0, 1));
    }

    #[test]
    fn the_highest_priority_goes_first_also_if_it_was_raised_later() {
        let (_, limiter) = limited(1, PLENTY);
        let first = limiter.acquire(&any(), 1).now_or_never().unwrap();
        let low = with_priority(-1.0);
        let mut raised = waiting(&limiter, &low, 1);
        let mut usual = waiting(&limiter, &any(), 1);
        let mut urgent = waiting(&limiter, &with_priority(2.0), 1);
        drop(first);
        assert!(granted(&mut raised).is_none() && granted(&mut usual).is_none());
        let second = granted(&mut urgent).unwrap();
        low.set_priority(0.5);
        drop(second);
        assert!(granted(&mut usual).is_none());
        drop(granted(&mut raised).unwrap());
        assert!(granted(&mut usual).is_some());
    }

    #[test]
    fn who_has_enough_in_flight_lets_others_go_first() {
        let (_, limiter) = limited(3, PLENTY);
        let modest = with_priority(1.0);
        modest.set_slots(1);
        let first = limiter.acquire(&modest, 1).now_or_never().unwrap();
        let mut second = waiting(&limiter, &modest, 1);
        let other = limiter.acquire(&any(), 1).now_or_never().unwrap();
        first.arrived(1);
        assert!(granted(&mut second).is_none(), "it is not decoded yet");
        drop(first);
        assert!(granted(&mut second).is_some());
        drop(other);
        assert_eq!(limiter.held(), 0);
    }

    #[test]
    fn bytes_of_who_is_away_take_no_room_from_others() {
        let (_, limiter) = limited(10, 100);
        let (slow, quick) = (with_priority(1.0), any());
        let arrived = limiter.acquire(&slow, 60).now_or_never().unwrap();
        let mut second = waiting(&limiter, &slow, 60);
        let mut other = waiting(&limiter, &quick, 60);
        limiter.set_away(&slow, true);
        assert!(granted(&mut second).is_none(), "nobody would take it");
        let other = granted(&mut other).unwrap();
        arrived.arrived(50);
        assert_eq!((limiter.held(), limiter.max_held(), slow.held()), (60, 60, 50));
        limiter.set_away(&slow, true);
        limiter.set_away(&slow, false);
        assert_eq!(limiter.held(), 110);
        drop(other);
        assert!(granted(&mut second).is_none());
        drop(arrived);
        drop(granted(&mut second).unwrap());
        assert_eq!((limiter.held(), slow.held()), (0, 0));
    }

    #[test]
    fn a_waiter_who_leaves_loses_nothing_for_the_others() {
        let (_, limiter) = limited(1, PLENTY);
        let first = limiter.acquire(&any(), 1).now_or_never().unwrap();
        let granted_but_gone = waiting(&limiter, &any(), 1);
        let gone = waiting(&limiter, &any(), 1);
        let mut last = waiting(&limiter, &any(), 1);
        drop(gone);
        drop(first);
        drop(granted_but_gone);
        assert!(granted(&mut last).is_some());
        assert_eq!(limiter.held(), 0);
    }

    #[test]
    fn bytes_are_held_until_the_permit_is_dropped_and_the_first_object_may_be_of_any_size() {
        let (_, limiter) = limited(10, 100);
        let large = limiter.acquire(&any(), 1000).now_or_never().unwrap();
        let mut next = waiting(&limiter, &any(), 60);
        large.arrived(50);
        assert!(granted(&mut next).is_none(), "110 bytes would be held");
        large.arrived(40);
        let next = granted(&mut next).unwrap();
        assert_eq!((limiter.held(), limiter.max_held()), (100, 1000));
        // Nobody goes before another for wanting less.
        let mut much = waiting(&limiter, &any(), 90);
        let mut little = waiting(&limiter, &any(), 1);
        drop(large);
        assert!(granted(&mut much).is_none() && granted(&mut little).is_none());
        drop(next);
        let much = granted(&mut much).unwrap();
        assert!(granted(&mut little).is_some());
        drop(much);
        assert_eq!(limiter.held(), 0);
    }

    #[test]
    fn who_wants_no_more_room_waits_for_nobody_who_does() {
        let (_, limiter) = limited(10, 100);
        let caller = any();
        caller.set_slots(1);
        let first = limiter.acquire(&caller, 100).now_or_never().unwrap();
        let mut urgent = waiting(&limiter, &with_priority(1.0), 1);
        let again = limiter.acquire(&caller, 0).now_or_never().unwrap();
        drop((first, again));
        drop(granted(&mut urgent).unwrap());
        let (limits, limiter) = limited(1, 100);
        let _first = limiter.acquire(&any(), 1).now_or_never().unwrap();
        let mut again = waiting(&limiter, &any(), 0);
        let mut urgent = waiting(&limiter, &with_priority(1.0), 1);
        limits.set(Some(2), 100);
        assert!(granted(&mut again).is_none(), "there is room for who is more urgent");
        assert!(granted(&mut urgent).is_some());
    }

    #[test]
    fn a_slot_is_free_as_soon_as_its_bytes_are_here() {
        let (_, limiter) = limited(1, 100);
        let first = limiter.acquire(&any(), 10).now_or_never().unwrap();
        let mut second = waiting(&limiter, &any(), 10);
        first.arrived(10);
        let second = granted(&mut second).unwrap();
        assert_eq!(limiter.held(), 20);
        drop((first, second));
        assert_eq!(limiter.held(), 0);
    }

    #[test]
    fn two_limiters_keep_the_same_limits_with_slots_of_their_own() {
        let (limits, limiter) = limited(1, PLENTY);
        let beside = Limiter::new(&limits, false);
        let _first = limiter.acquire(&any(), 1).now_or_never().unwrap();
        let _second = beside.acquire(&any(), 1).now_or_never().unwrap();
        let mut third = waiting(&beside, &any(), 1);
        limits.set(Some(2), PLENTY);
        assert!(granted(&mut third).is_some());
    }

    #[test]
    fn a_pace_is_kept_unless_the_limit_is_set() {
        let limits = Limits::new(PLENTY);
        let limiter = Limiter::new(&limits, true);
        let permits: Vec<_> = (0..64).map(|_| limiter.acquire(&any(), 1).now_or_never().unwrap()).collect();
        let mut more = waiting(&limiter, &any(), 1);
        (0..16).for_each(|_| limiter.answered(10.0));
        assert_eq!(limiter.slots(), 128);
        assert!(granted(&mut more).is_some());
        drop(permits);
        limiter.refused(20.0, 30.0);
        assert_eq!(limiter.slots(), 64);
        limits.set(Some(7), PLENTY);
        assert_eq!(limiter.slots(), 7);
    }
}
