//! Bytes that stay in JavaScript's memory until their chunk is decoded.

use std::cell::Cell;
use std::ops::Range;
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::js_transport::JsTransport;
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

/// A part of some memory.
#[derive(Clone)]
pub struct JsBytes {
    memory: Rc<Memory>,
    range: Range<u32>,
}

struct Memory {
    bytes: Uint8Array,
    /// Who can use the memory again when nobody refers to it any more.
    lender: Cell<Option<JsTransport>>,
}

impl Drop for Memory {
    fn drop(&mut self) {
        if let Some(lender) = self.lender.take() {
            lender.release(&self.bytes);
        }
    }
}

impl From<Uint8Array> for JsBytes {
    fn from(bytes: Uint8Array) -> Self {
        Self { range: 0..bytes.length(), memory: Rc::new(Memory { bytes, lender: Cell::default() }) }
    }
}

impl JsBytes {
    /// So many zeros.
    ///
    /// # Errors
    /// `out-of-memory`
    pub fn with_len(len: u64) -> Result<Self> {
        let no_memory = |_| Error::out_of_memory(format!("no memory for {len} bytes"));
        Room::new(len as f64).map(|room| Uint8Array::from(room).into()).map_err(no_memory)
    }

    /// What `lender` gets back.
    pub fn lent_by(self, lender: &JsTransport) -> Self {
        self.memory.lender.set(Some(lender.clone()));
        self
    }

    /// For as long as there are these bytes.
    pub fn view(&self) -> Uint8Array {
        self.memory.bytes.subarray(self.range.start, self.range.end)
    }

    /// For as long as JavaScript likes.
    pub fn into_js(self) -> Uint8Array {
        self.memory.lender.take();
        self.view()
    }
}

impl StoredBytes for JsBytes {
    fn len(&self) -> usize {
        self.range.len()
    }

    fn slice(&self, range: Range<usize>) -> Self {
        let start = self.range.start;
        Self { memory: self.memory.clone(), range: start + range.start as u32..start + range.end as u32 }
    }

    fn to_vec(&self) -> Vec<u8> {
        self.view().to_vec()
    }

    fn joined(parts: &[Self]) -> Result<Self> {
        let len: u64 = parts.iter().map(|part| part.len() as u64).sum();
        let whole = Self::with_len(len)?;
        let mut at = 0;
        for part in parts {
            whole.memory.bytes.set(&part.view(), at);
            at += part.range.len() as u32;
        }
        Ok(whole)
    }
}
