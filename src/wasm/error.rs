//! Errors across the boundary.
//!
//! To JavaScript an [`Error`] goes as a plain object, `{ zarrError: true, code, message, path?, key?, …, cause? }`, of
//! which TypeScript makes a `ZarrError`; the same form comes back from decoders.

use std::rc::Rc;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::convert::{json_object, number};
use crate::error::Error;

const MARK: &str = "zarrError";

pub fn to_js(error: Error) -> JsValue {
    let object = json_object(&error.to_json());
    set(&object, MARK, &JsValue::TRUE);
    set(&object, "text", &JsValue::from_str(&error.to_string()));
    if let Some(cause) = error.cause().and_then(|cause| cause.downcast_ref::<JsValue>()) {
        set(&object, "cause", cause);
    }
    object
}

/// What a decoder threw: one of our errors, or `None`.
pub fn from_js(value: &JsValue) -> Option<Error> {
    let member = |name: &str| Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
    if !member(MARK).is_truthy() {
        return None;
    }
    let status = number(value, "status").map(|status| status as u16);
    let error = Error::from_members(|name| member(name).as_string(), status)?;
    let cause = member("cause");
    Some(if cause.is_undefined() { error } else { error.caused_by(Rc::new(cause)) })
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
