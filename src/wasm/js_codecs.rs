//! The codecs that JavaScript has: those of `registerCodec`.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::error::{caused, describe, from_js};
use crate::codec::{External, ExternalKind};
use crate::error::{Error, Result};

/// In the order of `KINDS` of `js/codecs.ts`.
const KINDS: [ExternalKind; 3] = [ExternalKind::ArrayToArray, ExternalKind::ArrayToBytes, ExternalKind::BytesToBytes];

#[wasm_bindgen]
extern "C" {
    /// `loader` of `js/codecs.ts`.
    pub type CodecLoader;

    /// Answers the number of its kind and its id, or `undefined` for a name that nobody has registered.
    #[wasm_bindgen(method, catch)]
    async fn load(this: &CodecLoader, name: &str) -> Result<JsValue, JsValue>;
}

impl CodecLoader {
    pub async fn external(&self, name: &str) -> Result<Option<External>> {
        let failed = |thrown: JsValue| {
            let unexpected =
                || caused(Error::store(format!("the codec did not load: {}", describe(&thrown))), thrown.clone());
            from_js(&thrown).unwrap_or_else(unexpected)
        };
        let found = self.load(name).await.map_err(failed)?;
        let Ok(numbers) = found.dyn_into::<Array>() else { return Ok(None) };
        let [kind, id] = [0, 1].map(|at| numbers.get(at).as_f64().unwrap_or(f64::NAN) as u32);
        Ok(KINDS.get(kind as usize).map(|&kind| External { kind, id }))
    }
}
