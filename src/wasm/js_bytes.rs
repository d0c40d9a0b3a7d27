//! Bytes that stay in JavaScript's memory until their chunk is decoded.

use std::ops::Range;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::error::{Error, Result};
use crate::store::StoredBytes;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = Uint8Array, js_name = Uint8Array)]
    type Room;

    /// Throws where there is no memory for it.
    #[wasm_bindgen(catch, constructor, js_class = "Uint8Array")]
    fn new(len: f64) -> std::result::Result<Room, JsValue>;
}

#[derive(Clone, Debug)]
pub struct JsBytes(pub Uint8Array);

impl JsBytes {
    /// So many zeros.
    ///
    /// # Errors
    /// `out-of-memory`
    pub fn with_len(len: u64) -> Result<Self> {
        let no_memory = |_| Error::out_of_memory(format!("no memory for {len} bytes"));
        Room::new(len as f64).map(|room| Self(room.into())).map_err(no_memory)
    }
}

impl StoredBytes for JsBytes {
    fn len(&self) -> usize {
        self.0.length() as usize
    }

    fn slice(&self, range: Range<usize>) -> Self {
        Self(self.0.subarray(range.start as u32, range.end as u32))
    }

    fn to_vec(&self) -> Vec<u8> {
        self.0.to_vec()
    }

    fn joined(parts: &[Self]) -> Result<Self> {
        let len: u64 = parts.iter().map(|part| u64::from(part.0.length())).sum();
        let whole = Self::with_len(len)?;
        let mut at = 0;
        for JsBytes(part) in parts {
            whole.0.set(part, at);
            at += part.length();
        }
        Ok(whole)
    }
}
