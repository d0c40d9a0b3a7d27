//! Bytes that stay in JavaScript's memory until their chunk is decoded.

use std::ops::Range;

use js_sys::Uint8Array;

use crate::store::StoredBytes;

#[derive(Clone, Debug)]
pub struct JsBytes(pub Uint8Array);

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
}
