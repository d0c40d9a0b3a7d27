//! Requests as JavaScript sends them: see `js/transport.ts`.
//!
//! What is under way has a number, by which JavaScript answers; a promise for each request would cost more than many a
//! request itself.

use std::cell::RefCell;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::error::{caused, describe, from_js};
use super::js_bytes::JsBytes;
use crate::byte_range::ByteRange;
use crate::error::{Error, Result};
use crate::store::{Answer, Asked, ContentRange, Transport};

#[wasm_bindgen]
extern "C" {
    /// `Transport` of `js/transport.ts`.
    #[derive(Clone)]
    pub type JsTransport;

    #[wasm_bindgen(method, catch)]
    #[allow(clippy::too_many_arguments, reason = "numbers cross the boundary for nothing, objects do not")]
    fn send(
        this: &JsTransport,
        id: u32,
        key: &str,
        start: f64,
        stop: f64,
        most: f64,
        is_afresh: bool,
    ) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    fn cancel(this: &JsTransport, id: u32);

    #[wasm_bindgen(method)]
    pub fn release(this: &JsTransport, body: &Uint8Array);

    #[wasm_bindgen(method)]
    fn location(this: &JsTransport, key: &str) -> Option<String>;

    #[wasm_bindgen(method, js_name = hasRanges)]
    fn has_ranges(this: &JsTransport) -> bool;

    #[wasm_bindgen(method, js_name = hasFreeSuffixes)]
    fn has_free_suffixes(this: &JsTransport) -> bool;
}

type Settled = Result<Answer<JsBytes>>;

/// A request under way.
#[derive(Default)]
struct Pending {
    settled: Option<Settled>,
    waker: Option<Waker>,
}

/// Requests by their numbers, none of which is used again: what comes late for one that was cancelled finds nobody.
#[derive(Default)]
struct Table {
    pending: Vec<(u32, Pending)>,
    last: u32,
}

impl Table {
    /// There are so few that looking at each is no slower than a tree.
    fn position(&self, id: u32) -> Option<usize> {
        self.pending.iter().position(|(other, _)| *other == id)
    }
}

thread_local! {
    static TABLE: RefCell<Table> = RefCell::default();
}

fn begin() -> u32 {
    TABLE.with_borrow_mut(|table| {
        table.last = table.last.wrapping_add(1);
        table.pending.push((table.last, Pending::default()));
        table.last
    })
}

fn settle_with(id: u32, settled: Settled) {
    let waker = TABLE.with_borrow_mut(|table| {
        let at = table.position(id)?;
        let pending = &mut table.pending[at].1;
        pending.settled = Some(settled);
        pending.waker.take()
    });
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The answer to a request. `first`, `last` and `object_len` are those of its Content-Range; what is not known is NaN.
#[wasm_bindgen]
#[allow(clippy::too_many_arguments, reason = "numbers cross the boundary for nothing, objects do not")]
pub fn settle(
    id: u32,
    status: u16,
    body: Uint8Array,
    body_len: f64,
    first: f64,
    last: f64,
    object_len: f64,
    retry_after_ms: f64,
) {
    let known = |number: f64| (number >= 0.0).then_some(number as u64);
    let content_range = match (known(first), known(last)) {
        (Some(first), Some(last)) => Some(ContentRange { first, last, object_len: known(object_len) }),
        _ => None,
    };
    let answer = Answer {
        status,
        body: body.into(),
        body_len: known(body_len),
        content_range,
        retry_after_ms: Some(retry_after_ms).filter(|ms| ms.is_finite()),
    };
    settle_with(id, Ok(answer));
}

/// The failure of a request; `is_transient` says that the next attempt may succeed.
#[wasm_bindgen]
pub fn fail(id: u32, thrown: JsValue, is_transient: bool) {
    let error = failure(thrown);
    settle_with(id, Err(if is_transient { error.transient(None) } else { error }));
}

fn failure(thrown: JsValue) -> Error {
    let unexpected = || caused(Error::store(format!("request failed: {}", describe(&thrown))), thrown.clone());
    from_js(&thrown).unwrap_or_else(unexpected)
}

impl Transport for JsTransport {
    type Bytes = JsBytes;

    fn send(&self, key: &str, asked: Asked) -> impl Future<Output = Settled> {
        let (range, most, is_afresh) = match asked {
            Asked::Body { range, most, is_afresh } => (Some(range), most, is_afresh),
            Asked::Length => (None, 0, false),
        };
        let (start, stop) = bounds(range);
        let id = begin();
        if let Err(thrown) = JsTransport::send(self, id, key, start, stop, most as f64, is_afresh) {
            settle_with(id, Err(failure(thrown)));
        }
        Sent { transport: self, id, is_settled: false }
    }

    fn location(&self, key: &str) -> Option<String> {
        JsTransport::location(self, key)
    }

    fn has_ranges(&self) -> bool {
        JsTransport::has_ranges(self)
    }

    fn has_free_suffixes(&self) -> bool {
        JsTransport::has_free_suffixes(self)
    }
}

/// A range as slices are written: a negative start counts from the end, NaN is no range at all.
pub fn bounds(range: Option<ByteRange>) -> (f64, f64) {
    match range {
        Some(ByteRange::Whole) => (0.0, f64::INFINITY),
        Some(ByteRange::Range { start, stop }) => (start as f64, stop as f64),
        Some(ByteRange::Suffix(len)) => (-(len as f64), f64::INFINITY),
        None => (f64::NAN, f64::NAN),
    }
}

/// What [`bounds`] answers as a range again.
pub fn range(start: f64, stop: f64) -> ByteRange {
    match (start, stop) {
        _ if start < 0.0 => ByteRange::Suffix(-start as u64),
        _ if stop < f64::INFINITY => ByteRange::Range { start: start as u64, stop: stop as u64 },
        _ => ByteRange::Whole,
    }
}

/// A request that was sent, and is cancelled unless it was settled.
struct Sent<'a> {
    transport: &'a JsTransport,
    id: u32,
    is_settled: bool,
}

impl Future for Sent<'_> {
    type Output = Settled;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Settled> {
        let settled = TABLE.with_borrow_mut(|table| {
            let at = table.position(self.id)?;
            let pending = &mut table.pending[at].1;
            pending.waker = Some(context.waker().clone());
            pending.settled.take()
        });
        let Some(settled) = settled else { return Poll::Pending };
        self.is_settled = true;
        Poll::Ready(settled.map(|answer| Answer { body: answer.body.lent_by(self.transport), ..answer }))
    }
}

impl Drop for Sent<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            self.transport.cancel(self.id);
        }
        TABLE.with_borrow_mut(|table| table.position(self.id).map(|at| table.pending.swap_remove(at)));
    }
}
