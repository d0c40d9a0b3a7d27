//! A store with scripted latency and faults, for testing what lies above it without a network.
//!
//! Time is counted in *turns*: how often a waiting request was polled. A request is in flight from its first poll until
//! it has an answer or is dropped, and the store keeps the exact count, now and at most.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::Stream;

use super::memory::MemoryBytes;
use super::{MemoryStore, Outcome, Request, Store, answer_each};
use crate::error::Error;

/// How a store answers a request.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Polls before the answer is there.
    pub turns: u32,
    /// The failure that takes the place of an answer.
    pub fault: Option<Error>,
}

/// A [`MemoryStore`] behind a script.
pub struct ScriptedStore {
    objects: MemoryStore,
    script: Box<dyn Fn(&Request) -> Script>,
    requests: RefCell<Vec<Request>>,
    in_flight: Cell<usize>,
    max_in_flight: Cell<usize>,
}

impl ScriptedStore {
    pub fn new(objects: MemoryStore, script: impl Fn(&Request) -> Script + 'static) -> Self {
        Self {
            objects,
            script: Box::new(script),
            requests: RefCell::default(),
            in_flight: Cell::new(0),
            max_in_flight: Cell::new(0),
        }
    }

    /// Every request so far, in the order in which they were begun.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.borrow().clone()
    }

    pub fn in_flight(&self) -> usize {
        self.in_flight.get()
    }

    pub fn max_in_flight(&self) -> usize {
        self.max_in_flight.get()
    }
}

impl Store for ScriptedStore {
    type Bytes = MemoryBytes;

    fn get_many<'a, T: 'a>(
        &'a self,
        requests: impl Iterator<Item = (T, Request)> + 'a,
    ) -> impl Stream<Item = (T, Outcome<MemoryBytes>)> + 'a {
        answer_each(requests, |request| Answer { store: self, script: (self.script)(&request), request, begun: false })
    }
}

/// A request under way.
struct Answer<'a> {
    store: &'a ScriptedStore,
    script: Script,
    request: Request,
    begun: bool,
}

impl Future for Answer<'_> {
    type Output = Outcome<MemoryBytes>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let store = self.store;
        if !self.begun {
            self.begun = true;
            store.requests.borrow_mut().push(self.request.clone());
            store.in_flight.set(store.in_flight.get() + 1);
            store.max_in_flight.set(store.max_in_flight.get().max(store.in_flight.get()));
        }
        if self.script.turns > 0 {
            self.script.turns -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(match self.script.fault.take() {
            Some(fault) => Err(fault),
            None => store.objects.lookup(&self.request),
        })
    }
}

impl Drop for Answer<'_> {
    fn drop(&mut self) {
        if self.begun {
            self.store.in_flight.set(self.store.in_flight.get() - 1);
        }
    }
}
