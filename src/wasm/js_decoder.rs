//! Decoding as JavaScript does it: in another instance, here or in a worker.

use futures::future::LocalBoxFuture;
use js_sys::{Array, Function, Promise, Set, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::convert;
use super::error::{caused, describe, from_js};
use super::js_bytes::JsBytes;
use crate::by_shape::ByShape;
use crate::decode::{ReadSpec, pack};
use crate::error::{Error, Result};
use crate::json;
use crate::plan::{Elements, Region};
use crate::read::Decode;
use crate::shape::element_count;
use crate::store::StoredBytes;

#[wasm_bindgen]
extern "C" {
    /// `Decoder` of `js/decoder.ts`.
    pub type DecoderObject;

    #[wasm_bindgen(method, getter, js_name = groupsAtOnce)]
    fn groups_at_once(this: &DecoderObject) -> usize;

    #[wasm_bindgen(method, getter, js_name = mostGroupLength)]
    fn most_group_length(this: &DecoderObject) -> f64;

    /// Decodes a group of chunks: the packed ones, and the bytes of those that are not missing.
    #[wasm_bindgen(method, catch)]
    fn decode(
        this: &DecoderObject,
        spec: &Uint8Array,
        chunks: &Uint8Array,
        encoded: Vec<Uint8Array>,
        output: &JsValue,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn pause(this: &DecoderObject) -> Result<JsValue, JsValue>;

    /// `RegionSink` of `js/stream.ts`.
    pub type RegionSink;

    /// Makes an output for a region, once there is room for one more; or a promise of it.
    #[wasm_bindgen(method, catch)]
    fn begin(this: &RegionSink, start: Vec<f64>, shape: Vec<f64>) -> Result<JsValue, JsValue>;

    /// Hands over the region of an output.
    #[wasm_bindgen(method)]
    fn end(this: &RegionSink, output: &JsValue);
}

/// Chunks whose codecs from outside may be at work at once: these can be asynchronous.
const CHUNKS_OF_EXTERNALS: usize = 8;

/// Where decoded chunks go.
pub enum Target {
    /// To their places in an `Output` of `js/decoder.ts`.
    Output(JsValue),
    /// Each to one of its own.
    Regions(RegionSink),
}

/// The decoder of one read.
pub struct JsDecoder {
    object: DecoderObject,
    spec: ReadSpec,
    /// The spec as JSON, by the shape of the chunk; and the same for chunks that are decoded already, and for decoding them.
    encoded_specs: ByShape<Uint8Array>,
    decoded_specs: ByShape<Uint8Array>,
    whole_specs: ByShape<Uint8Array>,
    target: Target,
    /// Called with numbers of chunks and of bytes.
    done: Option<Function>,
}

impl JsDecoder {
    pub fn new(object: DecoderObject, spec: ReadSpec, target: Target, done: Option<Function>) -> Self {
        let [encoded_specs, decoded_specs, whole_specs] = std::array::from_fn(|_| ByShape::default());
        Self { object, spec, encoded_specs, decoded_specs, whole_specs, target, done }
    }

    fn decode_to(
        &self,
        spec: &Uint8Array,
        chunks: &[(&Elements, Option<JsBytes>)],
        output: &JsValue,
    ) -> LocalBoxFuture<'static, Result<JsValue>> {
        let lens = chunks.iter().map(|(elements, encoded)| (*elements, encoded.as_ref().map(StoredBytes::len)));
        let packed = Uint8Array::from(pack(lens).as_slice());
        let encoded = chunks.iter().filter_map(|(_, encoded)| encoded.as_ref()).map(JsBytes::view).collect();
        settled(self.object.decode(spec, &packed, encoded, output))
    }
}

/// As decoders read it, for such shapes.
fn encoded_spec(specs: &ByShape<Uint8Array>, shapes: &[u64], spec: &dyn Fn() -> ReadSpec) -> Result<Uint8Array> {
    specs.get(shapes, || Ok(encode_spec(&spec())))
}

/// As decoders read it.
pub fn encode_spec(spec: &ReadSpec) -> Uint8Array {
    Uint8Array::from(json::text(&spec.to_json()).as_bytes())
}

impl Decode<JsBytes> for JsDecoder {
    fn groups_at_once(&self) -> usize {
        if self.spec.externals.are_asked() { CHUNKS_OF_EXTERNALS } else { self.object.groups_at_once() }
    }

    fn most_group_len(&self) -> u64 {
        match &self.target {
            Target::Output(_) if self.spec.may_join() => self.object.most_group_length() as u64,
            _ => 0,
        }
    }

    async fn decode(
        &self,
        chunk_shape: &[u64],
        chunks: &[(&Elements, Option<JsBytes>)],
        are_decoded: bool,
    ) -> Result<()> {
        let specs = if are_decoded { &self.decoded_specs } else { &self.encoded_specs };
        let spec_of = || {
            let spec = self.spec.for_chunk(chunk_shape);
            if are_decoded { spec.of_whole() } else { spec }
        };
        match (&self.target, chunks) {
            (Target::Regions(sink), [(elements, encoded)]) => {
                let region = elements.region();
                let placed = region.and_then(|region| Some((elements.in_region(&region)?, region)));
                let Some((elements, Region { start, shape })) = placed else {
                    return Err(Error::invalid_selection("only slices and integers are streamed"));
                };
                let shapes = [chunk_shape, &shape].concat();
                let spec = encoded_spec(specs, &shapes, &|| spec_of().for_region(&shape))?;
                // Of the axes that the result has.
                let numbers = |extents: &[u64]| {
                    let kept = extents.iter().zip(&self.spec.output_strides).filter(|(_, stride)| **stride != 0);
                    kept.map(|(&extent, _)| extent as f64).collect()
                };
                let output = settled(sink.begin(numbers(&start), numbers(&shape))).await?;
                self.decode_to(&spec, &[(&elements, encoded.clone())], &output).await?;
                sink.end(&output);
            }
            (Target::Output(output), _) => {
                let spec = encoded_spec(specs, chunk_shape, &spec_of)?;
                self.decode_to(&spec, chunks, output).await?;
            }
            (Target::Regions(_), _) => return Err(Error::invalid_argument("a region is that of one chunk")),
        }
        Ok(())
    }

    async fn decode_whole(&self, chunk_shape: &[u64], encoded: JsBytes) -> Result<JsBytes> {
        let spec = encoded_spec(&self.whole_specs, chunk_shape, &|| self.spec.for_chunk(chunk_shape).whole())?;
        let len = element_count(chunk_shape)?.saturating_mul(self.spec.chunk.data_type.item_len() as u64);
        let chunk = JsBytes::with_len(len)?;
        let column = convert::object(&[("bytes", chunk.view().into())])?;
        let output = convert::object(&[
            ("columns", Array::of1(&column).into()),
            ("ended", false.into()),
            ("writing", Set::new(&JsValue::UNDEFINED).into()),
        ])?;
        self.decode_to(&spec, &[(&Elements::whole(chunk_shape), Some(encoded))], &output).await?;
        Ok(chunk)
    }

    async fn pause(&self) -> Result<()> {
        settled(self.object.pause()).await.map(|_| ())
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
///
/// Boxed, because it is waited for in several places.
fn settled(answer: Result<JsValue, JsValue>) -> LocalBoxFuture<'static, Result<JsValue>> {
    Box::pin(async {
        let answer = match answer {
            Ok(answer) => match answer.dyn_into::<Promise>() {
                Ok(promise) => JsFuture::from(promise).await,
                Err(done) => Ok(done),
            },
            thrown => thrown,
        };
        answer.map_err(|thrown| {
            let unexpected =
                || caused(Error::corrupt_chunk(format!("decoding failed: {}", describe(&thrown))), thrown.clone());
            from_js(&thrown).unwrap_or_else(unexpected)
        })
    })
}
