//! Decoded chunks as JavaScript keeps them.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::js_bytes::JsBytes;
use crate::read::ChunkCache;

#[wasm_bindgen]
extern "C" {
    /// `ChunkCache` of `js/chunk_cache.ts`.
    pub type JsChunkCache;

    #[wasm_bindgen(method, getter, js_name = mostLength)]
    fn most_length(this: &JsChunkCache) -> f64;

    #[wasm_bindgen(method)]
    fn get(this: &JsChunkCache, key: &str) -> Option<Uint8Array>;

    #[wasm_bindgen(method)]
    fn has(this: &JsChunkCache, key: &str) -> bool;

    #[wasm_bindgen(method)]
    fn set(this: &JsChunkCache, key: &str, chunk: &Uint8Array);
}

impl ChunkCache<JsBytes> for JsChunkCache {
    fn most_len(&self) -> u64 {
        self.most_length() as u64
    }

    fn get(&self, key: &str) -> Option<JsBytes> {
        JsChunkCache::get(self, key).map(JsBytes::from)
    }

    fn has(&self, key: &str) -> bool {
        JsChunkCache::has(self, key)
    }

    fn insert(&self, key: &str, chunk: JsBytes) {
        self.set(key, &chunk.into_js());
    }
}
