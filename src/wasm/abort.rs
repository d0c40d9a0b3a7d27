//! Signals that end our work.

use futures::channel::oneshot;
use futures::future::{Either, LocalBoxFuture, select};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::AbortSignal;

use super::error::to_js;
use crate::error::Result;

/// Does the work, unless the signal comes first: then the work is dropped, which cancels its requests, and the promise
/// rejects with the reason of the signal.
pub fn promise_unless_aborted(
    signal: Option<AbortSignal>,
    work: impl Future<Output = Result<JsValue>> + 'static,
) -> Promise {
    // Boxed, so that what drives a promise is there once.
    future_to_promise(unless_aborted(signal, Box::pin(work)))
}

async fn unless_aborted(
    signal: Option<AbortSignal>,
    work: LocalBoxFuture<'static, Result<JsValue>>,
) -> Result<JsValue, JsValue> {
    let Some(signal) = signal else { return work.await.map_err(to_js) };
    if signal.aborted() {
        return Err(signal.reason());
    }
    let listener = Listener::new(&signal)?;
    // The listener is asked first: aborted work that was waiting for a slot must not use the one it is given just then.
    match select(listener, work).await {
        Either::Left(_) => Err(signal.reason()),
        Either::Right((done, _)) => done.map_err(to_js),
    }
}

/// Resolves when the signal is aborted; no longer listens once it is dropped.
struct Listener {
    signal: AbortSignal,
    closure: Closure<dyn FnMut()>,
    aborted: oneshot::Receiver<()>,
}

impl Listener {
    fn new(signal: &AbortSignal) -> Result<Self, JsValue> {
        let (sender, aborted) = oneshot::channel();
        let mut sender = Some(sender);
        let closure = Closure::new(move || {
            if let Some(sender) = sender.take() {
                // Nobody listens any more if the work was done in the meantime.
                let _ = sender.send(());
            }
        });
        signal.add_event_listener_with_callback("abort", closure.as_ref().unchecked_ref())?;
        Ok(Self { signal: signal.clone(), closure, aborted })
    }
}

impl Future for Listener {
    type Output = ();

    fn poll(mut self: std::pin::Pin<&mut Self>, context: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        std::pin::Pin::new(&mut self.aborted).poll(context).map(|_| ())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Removing a listener that is there does not fail.
        let _ = self.signal.remove_event_listener_with_callback("abort", self.closure.as_ref().unchecked_ref());
    }
}
