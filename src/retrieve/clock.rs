//! Time and chance, which no program has of itself.

use std::cell::{Cell, RefCell};

use futures::FutureExt;
use futures::future::{LocalBoxFuture, ready};

pub trait Clock {
    /// Milliseconds since any fixed moment.
    fn now_ms(&self) -> f64;

    fn sleep(&self, ms: f64) -> LocalBoxFuture<'static, ()>;

    /// Anywhere from 0 to 1.
    fn random(&self) -> f64;
}

/// A clock for tests: it stands still but for those who sleep, and notes for how long they do. Chance is always the same.
#[derive(Default)]
pub struct ScriptedClock {
    now_ms: Cell<f64>,
    slept_ms: RefCell<Vec<f64>>,
}

impl ScriptedClock {
    pub fn slept_ms(&self) -> Vec<f64> {
        self.slept_ms.borrow().clone()
    }
}

impl Clock for ScriptedClock {
    fn now_ms(&self) -> f64 {
        self.now_ms.get()
    }

    fn sleep(&self, ms: f64) -> LocalBoxFuture<'static, ()> {
        self.now_ms.set(self.now_ms.get() + ms);
        self.slept_ms.borrow_mut().push(ms);
        ready(()).boxed_local()
    }

    fn random(&self) -> f64 {
        1.0
    }
}
