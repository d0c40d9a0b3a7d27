//! Time and chance as JavaScript has them.

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use wasm_bindgen::prelude::*;

use crate::retrieve::Clock;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;

    #[wasm_bindgen(js_namespace = Math)]
    fn random() -> f64;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, ms: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: &JsValue);
}

pub struct JsClock;

impl Clock for JsClock {
    fn now_ms(&self) -> f64 {
        now()
    }

    fn sleep(&self, ms: f64) -> LocalBoxFuture<'static, ()> {
        let (sender, woken) = oneshot::channel();
        let callback = Closure::once(move || {
            // Nobody listens any more if the sleeper has gone in the meantime.
            let _ = sender.send(());
        });
        let timer = Timer { id: set_timeout(callback.as_ref(), ms), _callback: callback };
        async move {
            let _timer = timer;
            // The callback, which has the other end, lives as long as the timer.
            let _ = woken.await;
        }
        .boxed_local()
    }

    fn random(&self) -> f64 {
        random()
    }
}

/// Cleared when dropped: nothing waits for what nobody wants any more.
struct Timer {
    id: JsValue,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for Timer {
    fn drop(&mut self) {
        clear_timeout(&self.id);
    }
}
