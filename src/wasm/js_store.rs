//! Any JavaScript object with zarrita's store contract: `get(key, { signal })`, perhaps `getRange(key, { offset, length } |
//! { suffixLength }, { signal })`, both answering bytes or `undefined`, or a promise of them. Keys begin with a slash.
//! A `Map` is such an object.

use js_sys::{ArrayBuffer, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::abort::RequestGuard;
use super::convert::object;
use super::error::{caused, describe, from_js};
use super::js_bytes::JsBytes;
use crate::byte_range::ByteRange;
use crate::error::{Error, Result};
use crate::store::{Outcome, Reply, Request, StoredBytes, too_short};

pub struct JsStore {
    object: JsValue,
}

impl JsStore {
    /// # Errors
    /// `invalid-argument` for an object without a method `get`.
    pub fn new(object: JsValue) -> Result<Self> {
        let store = Self { object };
        store.method("get").map(|_| ())?;
        Ok(store)
    }

    /// Looked up for every request: objects may change.
    fn method(&self, name: &str) -> Result<Function> {
        let method = Reflect::get(&self.object, &JsValue::from_str(name)).ok();
        let method = method.and_then(|method| method.dyn_into::<Function>().ok());
        method.ok_or_else(|| Error::invalid_argument(format!("the store has no method {name}")))
    }

    /// Whether parts of an object cost less than the whole of it.
    pub fn has_ranges(&self) -> bool {
        self.method("getRange").is_ok()
    }

    pub async fn request(&self, request: Request) -> Outcome<JsBytes> {
        let key = JsValue::from_str(&format!("/{}", request.key));
        let failed = |thrown: JsValue| {
            let unexpected =
                || caused(Error::store(format!("the store failed: {}", describe(&thrown))), thrown.clone());
            from_js(&thrown).unwrap_or_else(unexpected)
        };
        let (guard, signal) = RequestGuard::new().map_err(failed)?;
        let options = object(&[("signal", signal.into())])?;
        let (answer, asked) = match (self.method("getRange"), range_argument(request.range)?) {
            (Ok(get_range), Some(range)) => (get_range.call3(&self.object, &key, &range, &options), request.range),
            _ => (self.method("get")?.call2(&self.object, &key, &options), ByteRange::Whole),
        };
        // Bytes, a promise of them, or anything else that can be awaited.
        let answer = JsFuture::from(Promise::resolve(&answer.map_err(failed)?)).await.map_err(failed)?;
        guard.complete();
        let Some(bytes) = bytes(&answer)? else { return Ok(None) };
        let found = bytes.len() as u64;
        if asked == request.range && asked != ByteRange::Whole {
            if asked.known_len() != Some(found) {
                return Err(Error::store(format!("{asked} were asked for, {found} bytes came")));
            }
            return Ok(Some(Reply { bytes, object_len: None, whole: None }));
        }
        let place = request.range.within(found).ok_or_else(|| too_short(request.range, found))?;
        let bytes = bytes.slice(place.start as usize..place.end as usize);
        Ok(Some(Reply { bytes, object_len: Some(found), whole: None }))
    }
}

fn range_argument(range: ByteRange) -> Result<Option<JsValue>> {
    match range {
        ByteRange::Whole => Ok(None),
        ByteRange::Range { start, stop } => {
            object(&[("offset", (start as f64).into()), ("length", ((stop - start) as f64).into())]).map(Some)
        }
        ByteRange::Suffix(len) => object(&[("suffixLength", (len as f64).into())]).map(Some),
    }
}

/// What a store may answer: bytes in any of their usual forms, or nothing.
fn bytes(answer: &JsValue) -> Result<Option<JsBytes>> {
    if answer.is_undefined() || answer.is_null() {
        return Ok(None);
    }
    if let Some(bytes) = answer.dyn_ref::<Uint8Array>() {
        return Ok(Some(JsBytes(bytes.clone())));
    }
    if let Some(buffer) = answer.dyn_ref::<ArrayBuffer>() {
        return Ok(Some(JsBytes(Uint8Array::new(buffer))));
    }
    Err(Error::store(format!("the store answered {}, expected a Uint8Array or undefined", describe(answer))))
}
