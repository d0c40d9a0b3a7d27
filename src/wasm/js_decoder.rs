//! Decoding as JavaScript does it: in another instance, here or in a worker.

use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::error::{caused, describe, from_js};
use super::js_bytes::JsBytes;
use crate::by_shape::ByShape;
use crate::decode::{ReadSpec, pack};
use crate::error::{Error, Result};
use crate::json;
use crate::plan::Elements;
use crate::read::Decode;

#[wasm_bindgen]
extern "C" {
    /// `Decoder` of `js/decoder.ts`.
    pub type DecoderObject;

    #[wasm_bindgen(method, catch)]
    fn decode(
        this: &DecoderObject,
        spec: &Uint8Array,
        projection: &Uint8Array,
        encoded: Option<&Uint8Array>,
        output: &JsValue,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn pause(this: &DecoderObject) -> Result<JsValue, JsValue>;
}

/// The decoder of one read.
pub struct JsDecoder {
    object: DecoderObject,
    spec: ReadSpec,
    /// The spec as JSON, by the shape of the chunk.
    encoded_specs: ByShape<Uint8Array>,
    /// `Output` of `js/decoder.ts`.
    output: JsValue,
    /// Called with numbers of chunks and of bytes.
    done: Option<Function>,
}

impl JsDecoder {
    pub fn new(object: DecoderObject, spec: ReadSpec, output: JsValue, done: Option<Function>) -> Self {
        Self { object, spec, encoded_specs: ByShape::default(), output, done }
    }

    fn encoded_spec(&self, chunk_shape: &[u64]) -> Result<Uint8Array> {
        self.encoded_specs.get(chunk_shape, || Ok(encode_spec(&self.spec.for_chunk(chunk_shape))))
    }
}

/// As decoders read it.
pub fn encode_spec(spec: &ReadSpec) -> Uint8Array {
    Uint8Array::from(json::text(&spec.to_json()).as_bytes())
}

impl Decode<JsBytes> for JsDecoder {
    async fn decode(&self, chunk_shape: &[u64], elements: &Elements, encoded: Option<JsBytes>) -> Result<()> {
        let spec = self.encoded_spec(chunk_shape)?;
        let projection = Uint8Array::from(pack(elements).as_slice());
        let encoded = encoded.as_ref().map(|bytes| &bytes.0);
        settled(self.object.decode(&spec, &projection, encoded, &self.output)).await
    }

    async fn pause(&self) -> Result<()> {
        settled(self.object.pause()).await
    }

    fn done(&self, chunks: u64, bytes: usize) -> Result<()> {
        let Some(done) = &self.done else { return Ok(()) };
        let called = done.call2(&JsValue::NULL, &(chunks as f64).into(), &(bytes as f64).into());
        let thrown = |thrown: JsValue| {
            caused(Error::invalid_argument(format!("onProgress failed: {}", describe(&thrown))), thrown)
        };
        called.map(|_| ()).map_err(thrown)
    }
}

/// What a method of the decoder did, at once or later.
async fn settled(answer: Result<JsValue, JsValue>) -> Result<()> {
    let answer = match answer {
        Ok(answer) => match answer.dyn_into::<Promise>() {
            Ok(promise) => JsFuture::from(promise).await,
            Err(done) => Ok(done),
        },
        thrown => thrown,
    };
    answer.map(|_| ()).map_err(|thrown| {
        let unexpected =
            || caused(Error::corrupt_chunk(format!("decoding failed: {}", describe(&thrown))), thrown.clone());
        from_js(&thrown).unwrap_or_else(unexpected)
    })
}
