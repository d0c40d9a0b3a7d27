//! Errors across the boundary.
//!
//! To JavaScript an [`Error`] goes as a plain object, `{ zarrError: true, code, message, path?, key?, …, cause? }`, of
//! which TypeScript makes a `ZarrError`; the same form comes back from decoders.

use std::rc::Rc;

use js_sys::Reflect;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::error::Error;

const MARK: &str = "zarrError";

pub fn to_js(error: Error) -> JsValue {
    let text = error.to_string();
    match error.serialize(&Serializer::new().serialize_maps_as_objects(true)) {
        Ok(object) => {
            set(&object, MARK, &JsValue::TRUE);
            set(&object, "text", &JsValue::from_str(&text));
            if let Some(cause) = error.cause().and_then(|cause| cause.downcast_ref::<JsValue>()) {
                set(&object, "cause", cause);
            }
            object
        }
        Err(_) => JsValue::from_str(&text),
    }
}

/// What a decoder threw: one of our errors, or `None`.
pub fn from_js(value: &JsValue) -> Option<Error> {
    let marked = Reflect::get(value, &JsValue::from_str(MARK)).is_ok_and(|mark| mark.is_truthy());
    let error: Error = marked.then(|| serde_wasm_bindgen::from_value(value.clone()).ok())??;
    match Reflect::get(value, &JsValue::from_str("cause")) {
        Ok(cause) if !cause.is_undefined() => Some(error.caused_by(Rc::new(cause))),
        _ => Some(error),
    }
}

/// The text of whatever JavaScript threw, or handed in.
pub fn describe(value: &JsValue) -> String {
    match value.dyn_ref::<js_sys::Error>() {
        Some(error) => {
            // Node's fetch says no more than that it failed, and keeps the reason one level down.
            let cause = error.cause().dyn_into::<js_sys::Error>().map(|cause| String::from(cause.message()));
            let reason =
                cause.ok().filter(|reason| !reason.is_empty()).map_or(String::new(), |reason| format!(" ({reason})"));
            String::from(error.to_string()) + &reason
        }
        None => {
            let text = format!("{value:?}");
            let bare = text.strip_prefix("JsValue(").and_then(|text| text.strip_suffix(')'));
            bare.unwrap_or(&text).to_owned()
        }
    }
}

/// A failure that JavaScript caused, with what it threw as the cause.
pub fn caused(error: Error, thrown: JsValue) -> Error {
    error.caused_by(Rc::new(thrown))
}

fn set(object: &JsValue, member: &str, value: &JsValue) {
    // Setting a member of a plain object does not fail.
    let _ = Reflect::set(object, &JsValue::from_str(member), value);
}
