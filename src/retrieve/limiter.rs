//! How many requests may be in flight, for everybody who shares the limiter.
//!
//! A freed slot is handed to the waiter who came first, not thrown open: nobody who comes later can snatch it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};

/// A counting semaphore for one thread.
pub struct Limiter {
    limit: Rc<Limit>,
    taken: Cell<usize>,
    waiters: RefCell<VecDeque<Rc<Waiter>>>,
}

/// A limit, and those who keep it.
struct Limit {
    slots: Cell<usize>,
    limiters: RefCell<Vec<Weak<Limiter>>>,
}

/// Somebody who waits for a slot. Once `granted`, one of the slots counted in `taken` is theirs.
#[derive(Default)]
struct Waiter {
    granted: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

/// A slot, given back when dropped.
pub struct Permit(Rc<Limiter>);

impl Limiter {
    /// `limit` slots; at least one.
    pub fn new(limit: usize) -> Rc<Self> {
        Self::keeping(Rc::new(Limit { slots: Cell::new(limit.max(1)), limiters: RefCell::default() }))
    }

    /// A limiter with slots of its own, as many as this one has, now and whenever that is changed.
    pub fn beside(&self) -> Rc<Self> {
        Self::keeping(self.limit.clone())
    }

    fn keeping(limit: Rc<Limit>) -> Rc<Self> {
        let limiter = Rc::new(Self { limit, taken: Cell::new(0), waiters: RefCell::default() });
        let mut limiters = limiter.limit.limiters.borrow_mut();
        limiters.retain(|other| other.strong_count() > 0);
        limiters.push(Rc::downgrade(&limiter));
        drop(limiters);
        limiter
    }

    /// Changes the number of slots. Slots already taken beyond a lower limit are not taken back.
    pub fn set_limit(&self, limit: usize) {
        self.limit.slots.set(limit.max(1));
        let limiters = self.limit.limiters.borrow().clone();
        limiters.iter().filter_map(Weak::upgrade).for_each(|limiter| limiter.grant());
    }

    /// Waits for a slot. Dropping the future gives up the place in the queue.
    pub fn acquire(self: &Rc<Self>) -> impl Future<Output = Permit> + use<> {
        Acquire { limiter: self.clone(), waiter: None }
    }

    fn grant(&self) {
        while self.taken.get() < self.limit.slots.get() {
            let Some(waiter) = self.waiters.borrow_mut().pop_front() else { return };
            self.taken.set(self.taken.get() + 1);
            waiter.granted.set(true);
            if let Some(waker) = waiter.waker.take() {
                waker.wake();
            }
        }
    }

    fn release(&self) {
        self.taken.set(self.taken.get() - 1);
        self.grant();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.release();
    }
}

struct Acquire {
    limiter: Rc<Limiter>,
    waiter: Option<Rc<Waiter>>,
}

impl Future for Acquire {
    type Output = Permit;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Permit> {
        let waiter = match &self.waiter {
            Some(waiter) => waiter.clone(),
            None => {
                let waiter = Rc::new(Waiter::default());
                self.limiter.waiters.borrow_mut().push_back(waiter.clone());
                self.waiter = Some(waiter.clone());
                self.limiter.grant();
                waiter
            }
        };
        if waiter.granted.get() {
            self.waiter = None;
            return Poll::Ready(Permit(self.limiter.clone()));
        }
        *waiter.waker.borrow_mut() = Some(context.waker().clone());
        Poll::Pending
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        let Some(waiter) = self.waiter.take() else { return };
        if waiter.granted.get() {
            // The slot was handed over, but nobody is left to use it.
            self.limiter.release();
        } else {
            self.limiter.waiters.borrow_mut().retain(|other| !Rc::ptr_eq(other, &waiter));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    #[test]
    fn slots_are_handed_out_in_the_order_of_asking() {
        let limiter = Limiter::new(1);
        let first = limiter.acquire().now_or_never().unwrap();
        let (mut second, mut third) = (Box::pin(limiter.acquire()), Box::pin(limiter.acquire()));
        assert!(second.as_mut().now_or_never().is_none());
        assert!(third.as_mut().now_or_never().is_none());
        drop(first);
        assert!(limiter.acquire().now_or_never().is_none(), "a late comer does not snatch the freed slot");
        assert!(third.as_mut().now_or_never().is_none());
        let second = second.as_mut().now_or_never().unwrap();
        drop(second);
        assert!(third.as_mut().now_or_never().is_some());
    }

    #[test]
    fn a_waiter_who_leaves_loses_nothing_for_the_others() {
        let limiter = Limiter::new(1);
        let first = limiter.acquire().now_or_never().unwrap();
        let mut granted = Box::pin(limiter.acquire());
        let mut waiting = Box::pin(limiter.acquire());
        let mut last = Box::pin(limiter.acquire());
        assert!(granted.as_mut().now_or_never().is_none());
        assert!(waiting.as_mut().now_or_never().is_none());
        assert!(last.as_mut().now_or_never().is_none());
        drop(waiting);
        drop(first);
        drop(granted);
        assert!(last.as_mut().now_or_never().is_some());
    }

    #[test]
    fn a_limiter_beside_another_has_the_same_limit_and_other_slots() {
        let limiter = Limiter::new(1);
        let beside = limiter.beside();
        let _first = limiter.acquire().now_or_never().unwrap();
        let _second = beside.acquire().now_or_never().unwrap();
        let mut third = Box::pin(beside.acquire());
        assert!(third.as_mut().now_or_never().is_none());
        limiter.set_limit(2);
        assert!(third.as_mut().now_or_never().is_some());
    }

    #[test]
    fn a_higher_limit_lets_waiters_in() {
        let limiter = Limiter::new(1);
        let _first = limiter.acquire().now_or_never().unwrap();
        let mut second = Box::pin(limiter.acquire());
        assert!(second.as_mut().now_or_never().is_none());
        limiter.set_limit(2);
        assert!(second.as_mut().now_or_never().is_some());
    }
}
