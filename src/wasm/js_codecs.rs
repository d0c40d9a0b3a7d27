//! The codecs that this wasm has not: those of `registerCodec`, and the rare ones of the second wasm.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::error::{caused, describe, from_js};
use super::js_decoder::encode_spec;
use crate::codec::{External, ExternalKind, Found};
use crate::decode::ReadSpec;
use crate::error::{Error, Result};
use crate::read::CodecSource;

/// In the order of `KINDS` of `js/codecs.ts`; the next number is that of the rare codecs.
const KINDS: [ExternalKind; 3] = [ExternalKind::ArrayToArray, ExternalKind::ArrayToBytes, ExternalKind::BytesToBytes];

#[wasm_bindgen]
extern "C" {
    /// `codecLoader` of `js/codec_loader.ts`.
    pub type CodecLoader;

    /// Answers the number of its kind and its id, or `undefined` for a name that nobody has registered.
    #[wasm_bindgen(method, catch)]
    async fn load(this: &CodecLoader, name: &str) -> Result<JsValue, JsValue>;

    /// Types the chain of a read spec in the wasm of the rare codecs, which is here: answers a list of names that are not in
    /// the spec's externals, and perhaps after it an error.
    #[wasm_bindgen(method, catch)]
    async fn check(this: &CodecLoader, spec: Uint8Array) -> Result<JsValue, JsValue>;
}

impl CodecSource for CodecLoader {
    async fn load(&self, name: &str) -> Result<Option<Found>> {
        let found = CodecLoader::load(self, name).await.map_err(|thrown| failure(&thrown))?;
        let Ok(numbers) = found.dyn_into::<Array>() else { return Ok(None) };
        let [kind, id] = [0, 1].map(|at| numbers.get(at).as_f64().unwrap_or(f64::NAN) as u32);
        let external = |&kind| Found::External(External { kind, id });
        Ok(Some(KINDS.get(kind as usize).map_or(Found::Elsewhere, external)))
    }

    async fn check(&self, spec: &ReadSpec) -> (Vec<String>, Result<()>) {
        match CodecLoader::check(self, encode_spec(spec)).await {
            Ok(answer) => {
                let [missed, error] = [0, 1].map(|at| answer.unchecked_ref::<Array>().get(at));
                let missed = missed.unchecked_ref::<Array>().iter().filter_map(|name| name.as_string()).collect();
                (missed, if error.is_undefined() { Ok(()) } else { Err(failure(&error)) })
            }
            Err(thrown) => (Vec::new(), Err(failure(&thrown))),
        }
    }
}

fn failure(thrown: &JsValue) -> Error {
    let unexpected = || caused(Error::store(format!("the codec did not load: {}", describe(thrown))), thrown.clone());
    from_js(thrown).unwrap_or_else(unexpected)
}
