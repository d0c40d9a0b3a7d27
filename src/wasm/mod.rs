//! The boundary to JavaScript: it converts and delegates, and decides nothing.
//!
//! Two kinds of instances are made of the same module. The *engine* opens, plans and retrieves; its exports are the
//! classes of this file. A *decoder* only decodes; its exports are the functions of `decoder.rs`, plain numbers that need
//! no glue, and it is thrown away when foreign code has trapped in it.

mod abort;
mod convert;
mod error;
mod js_bytes;
mod js_chunk_cache;
mod js_clock;
mod js_codecs;
mod js_decoder;
mod js_transport;

use std::cell::RefCell;
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use crate::byte_range::Portions;
use crate::decode::ReadSpec;
use crate::error::Result;
use crate::metadata::{GroupMetadata, NodeMetadata};
use crate::open::{Wanted, join, normalise, open_member, open_wanted};
use crate::read::{Array, PlannedRequest};
use crate::retrieve::{Limiter, Limits, Queue, RetryPolicy, Traffic};
use crate::scatter::As;
use crate::selection::Selection;
use crate::store::{Caller, RemoteStore, Reply, Request, Store};
use abort::promise_unless_aborted;
use error::to_js;
use js_chunk_cache::JsChunkCache;
use js_clock::JsClock;
use js_codecs::CodecLoader;
use js_decoder::{DecoderObject, JsDecoder, RegionSink, Target};
use js_transport::JsTransport;

/// That of the standard library is more than twice as large.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Bytes in flight, or here and not yet decoded, for the whole library, unless configured otherwise.
const DEFAULT_BYTES_IN_FLIGHT: u64 = 64 << 20;

thread_local! {
    static LIMITS: Rc<Limits> = Limits::new(DEFAULT_BYTES_IN_FLIGHT);
    static TRAFFIC: Traffic = Traffic {
        limiter: LIMITS.with(|limits| Limiter::new(limits, true)),
        stats: Rc::default(),
        clock: Rc::new(JsClock),
    };
}

thread_local! {
    static CHUNKS: RefCell<Option<Rc<JsChunkCache>>> = const { RefCell::new(None) };
}

type AnyStore = RemoteStore<JsTransport>;

/// A store, and the way to what is in it.
#[wasm_bindgen]
pub struct StoreHandle(Rc<Queue<AnyStore>>);

#[wasm_bindgen]
impl StoreHandle {
    /// A store whose requests this transport sends. `missing` are the statuses that mean that there is no such object;
    /// the others are those of [`RetryPolicy`].
    ///
    /// `is_object` says that it is an object of JavaScript's. It may read through the library itself, and would wait for
    /// slots that it holds: so it has slots of its own. `is_layer` says that it is known to: then its requests are counted
    /// where they are sent.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::too_many_arguments, reason = "numbers cross the boundary for nothing, objects do not")]
    pub fn new(
        transport: JsTransport,
        missing: Vec<u16>,
        attempts: u32,
        first_pause_ms: f64,
        longest_pause_ms: f64,
        is_object: bool,
        is_layer: bool,
    ) -> StoreHandle {
        let mut traffic = TRAFFIC.with(Traffic::clone);
        if is_object {
            traffic.limiter = LIMITS.with(|limits| Limiter::new(limits, false));
        }
        if is_layer {
            traffic.stats = Rc::default();
        }
        let policy = RetryPolicy { attempts, first_pause_ms, longest_pause_ms };
        Self(Rc::new(Queue::new(RemoteStore::new(transport, missing), traffic, policy)))
    }

    /// The bytes of an object, `start` and `stop` as in `Transport.send`, and its length where it is known: `[bytes, length]`,
    /// or `undefined` where there is no such object. All of the bytes where a part was asked for and all came.
    pub fn get(&self, key: String, start: f64, stop: f64, signal: Option<AbortSignal>) -> Promise {
        let store = self.0.clone();
        promise_unless_aborted(signal, async move {
            let reply = store.get(Request::of(key, js_transport::range(start, stop), 0)).await?;
            Ok(reply.map_or(JsValue::UNDEFINED, |Reply { bytes, object_len, whole, .. }| {
                let len = object_len.map_or(f64::NAN, |len| len as f64);
                js_sys::Array::of2(&whole.unwrap_or(bytes).into_js(), &len.into()).into()
            }))
        })
    }

    /// An [`ArrayHandle`] or a [`GroupHandle`]; `kind` is `"array"` or `"group"` where the other is of no use.
    /// `codecs` loads codecs that are not known here.
    pub fn open(
        &self,
        path: String,
        kind: Option<String>,
        codecs: CodecLoader,
        signal: Option<AbortSignal>,
    ) -> Promise {
        let store = self.0.clone();
        promise_unless_aborted(signal, async move {
            let path = normalise(&path)?;
            let opened = open_wanted(&*store, &path, wanted(kind)).await;
            handle(&store, path, opened, codecs).await
        })
    }
}

fn wanted(kind: Option<String>) -> Wanted {
    match kind.as_deref() {
        Some("array") => Wanted::Array,
        Some("group") => Wanted::Group,
        _ => Wanted::Any,
    }
}

/// The handle of a node that was opened.
fn handle(
    store: &Rc<Queue<AnyStore>>,
    path: String,
    opened: Result<NodeMetadata>,
    codecs: CodecLoader,
) -> LocalBoxFuture<'_, Result<JsValue>> {
    Box::pin(async move {
        let located = |error| store.located(&path, error);
        match opened.map_err(located)? {
            NodeMetadata::Array(metadata) => {
                let array = Array::loading(store.clone(), path.clone(), *metadata, &codecs).await;
                let mut array = array.map_err(located)?;
                if let Some(cache) = CHUNKS.with_borrow(Clone::clone) {
                    array.keep_in(cache);
                }
                Ok(ArrayHandle(Rc::new(array)).into())
            }
            NodeMetadata::Group(metadata) => {
                let group = Group { store: store.clone(), path, metadata };
                Ok(GroupHandle(Rc::new(group)).into())
            }
        }
    })
}

struct Group {
    store: Rc<Queue<AnyStore>>,
    path: String,
    metadata: GroupMetadata,
}

#[wasm_bindgen]
pub struct GroupHandle(Rc<Group>);

#[wasm_bindgen]
impl GroupHandle {
    /// `{ path, zarrFormat, attrs }`.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        convert::group_info(&self.0.path, &self.0.metadata).map_err(to_js)
    }

    /// The nodes right below the group, a list of `{ path, kind }`; `undefined` without consolidated metadata.
    pub fn children(&self) -> Result<JsValue, JsValue> {
        let Some(consolidated) = &self.0.metadata.consolidated else { return Ok(JsValue::UNDEFINED) };
        convert::children(&consolidated.children()).map_err(to_js)
    }

    /// What [`StoreHandle::open`] answers, for a path below the group.
    pub fn open(
        &self,
        path: String,
        kind: Option<String>,
        codecs: CodecLoader,
        signal: Option<AbortSignal>,
    ) -> Promise {
        let group = self.0.clone();
        promise_unless_aborted(signal, async move {
            let Group { store, path: group_path, metadata } = &*group;
            let path = normalise(&path)?;
            let opened = open_member(&**store, group_path, metadata, &path, wanted(kind)).await;
            handle(store, join(group_path, &path), opened, codecs).await
        })
    }
}

#[wasm_bindgen]
pub struct ArrayHandle(Rc<Array<Queue<AnyStore>>>);

#[wasm_bindgen]
impl ArrayHandle {
    /// What is known of the array without reading it; see `ArrayInfo` in TypeScript.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        convert::array_info(&self.0).map_err(to_js)
    }

    /// Whether reads take the decoder that has the rare codecs.
    #[wasm_bindgen(js_name = isRare)]
    pub fn is_rare(&self) -> bool {
        self.0.is_decoded_elsewhere()
    }

    /// Resolves a basic selection.
    pub fn select(&self, selection: JsValue) -> Result<ReadHandle, JsValue> {
        let entries = convert::entries(&selection);
        self.resolved(entries.and_then(|entries| Selection::basic(&entries, self.shape())))
    }

    /// Resolves an orthogonal selection.
    #[wasm_bindgen(js_name = selectOrthogonal)]
    pub fn select_orthogonal(&self, selection: JsValue) -> Result<ReadHandle, JsValue> {
        let entries = convert::entries(&selection);
        self.resolved(entries.and_then(|entries| Selection::orthogonal(&entries, self.shape())))
    }

    /// Resolves the coordinates of points: a list of `{ indices, shape }`.
    #[wasm_bindgen(js_name = selectPoints)]
    pub fn select_points(&self, coordinates: JsValue) -> Result<ReadHandle, JsValue> {
        let coordinates = convert::coordinates(&coordinates);
        self.resolved(coordinates.and_then(|coordinates| Selection::vectorized(&coordinates, self.shape())))
    }

    /// Selects the elements where the mask is not 0.
    #[wasm_bindgen(js_name = selectMask)]
    pub fn select_mask(&self, mask: &[u8], mask_shape: &[f64]) -> Result<ReadHandle, JsValue> {
        let mask_shape = convert::shape(mask_shape);
        self.resolved(mask_shape.and_then(|mask_shape| Selection::mask(mask, &mask_shape, self.shape())))
    }

    /// Resolves a selection that counts chunks.
    #[wasm_bindgen(js_name = selectBlocks)]
    pub fn select_blocks(&self, selection: JsValue) -> Result<ReadHandle, JsValue> {
        let grid = &self.0.metadata().chunk_grid;
        let entries = convert::entries(&selection);
        self.resolved(entries.and_then(|entries| Selection::blocks(&entries, self.shape(), grid)))
    }
}

impl ArrayHandle {
    fn shape(&self) -> &[u64] {
        &self.0.metadata().shape
    }

    fn resolved(&self, selection: Result<Selection>) -> Result<ReadHandle, JsValue> {
        let selection = selection.map_err(|error| to_js(error.at_path(&format!("/{}", self.0.path()))))?;
        Ok(ReadHandle { array: self.0.clone(), selection, wanted: None, caller: Caller::default() })
    }
}

/// A selection that can be read.
#[wasm_bindgen]
pub struct ReadHandle {
    array: Rc<Array<Queue<AnyStore>>>,
    selection: Selection,
    wanted: Option<As>,
    caller: Caller,
}

#[wasm_bindgen]
impl ReadHandle {
    /// Shape of the result.
    pub fn shape(&self) -> Vec<f64> {
        self.selection.output_shape().into_iter().map(|extent| extent as f64).collect()
    }

    /// Asks for the elements in another type than their own; `round` allows for numbers that it does not hold.
    pub fn want(&mut self, name: &str, round: bool) -> Result<(), JsValue> {
        self.wanted = Some(As::parse(name, round).map_err(to_js)?);
        Ok(())
    }

    /// How urgent the read is, also while it runs: the higher the sooner.
    #[wasm_bindgen(js_name = setPriority)]
    pub fn set_priority(&self, priority: f64) {
        self.caller.set_priority(priority);
    }

    /// How many objects of the read may be in flight, or here and not yet decoded, at once.
    #[wasm_bindgen(js_name = setConcurrency)]
    pub fn set_concurrency(&self, concurrency: u32) {
        self.caller.set_slots(concurrency as usize);
    }

    /// Whether nobody is there to take what comes: until somebody is, nothing more is requested, and what is here takes no
    /// room from other reads.
    #[wasm_bindgen(js_name = setAway)]
    pub fn set_away(&self, is_away: bool) {
        self.array.store().set_away(&self.caller, is_away);
    }

    /// Chunks that are decoded for it.
    #[wasm_bindgen(js_name = chunkCount)]
    pub fn chunk_count(&self) -> f64 {
        self.array.chunk_count(&self.selection) as f64
    }

    /// Bytes that decoders which are not the caller's thread make for it; 0 where there is nothing to decode, or where only
    /// that thread can.
    #[wasm_bindgen(js_name = decodedBytes)]
    pub fn decoded_bytes(&self) -> f64 {
        if self.spec().may_join() { self.array.decoded_len(&self.selection) as f64 } else { 0.0 }
    }

    /// What the read would request: for each request its key, start and stop as in `Transport.send`, NaN where they are not
    /// known yet, and the number of chunks.
    pub fn plan(&self) -> Result<Vec<JsValue>, JsValue> {
        let path = format!("/{}", self.array.path());
        let planned = self.array.planned_requests(&self.selection).map_err(|error| to_js(error.at_path(&path)))?;
        let mut values = Vec::new();
        for PlannedRequest { key, range, chunks } in planned {
            let (start, stop) = js_transport::bounds(range);
            values.push(JsValue::from_str(&key));
            values.extend([start, stop, chunks as f64].map(JsValue::from_f64));
        }
        Ok(values)
    }

    /// What the result consists of: see `ColumnInfo` of `js/columns.ts`.
    pub fn columns(&self) -> Result<JsValue, JsValue> {
        let columns = self.spec().columns().and_then(|columns| convert::columns(&columns));
        columns.map_err(|error| to_js(error.at_path(&format!("/{}", self.array.path()))))
    }

    /// Reads into `output`, an `Output` of `js/decoder.ts`. `output_is_zero` says that its bytes are all zero now. `done` is
    /// called for chunks that are, with their number and how many bytes were received for them.
    pub fn read(
        &self,
        output: JsValue,
        output_is_zero: bool,
        decoder: DecoderObject,
        done: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Promise {
        self.read_to(Target::Output(output), output_is_zero, decoder, done, signal)
    }

    /// Reads region by region.
    pub fn stream(
        &self,
        sink: RegionSink,
        decoder: DecoderObject,
        done: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Promise {
        self.read_to(Target::Regions(sink), false, decoder, done, signal)
    }
}

impl ReadHandle {
    fn read_to(
        &self,
        target: Target,
        output_is_zero: bool,
        decoder: DecoderObject,
        done: Option<Function>,
        signal: Option<AbortSignal>,
    ) -> Promise {
        let (array, selection, spec) = (self.array.clone(), self.selection.clone(), self.spec());
        let caller = self.caller.clone();
        promise_unless_aborted(signal, async move {
            let skip_missing = output_is_zero && spec.fills_with_zeros();
            let decoder = JsDecoder::new(decoder, spec, target, done);
            array.read(&selection, skip_missing, &caller, &decoder).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    fn spec(&self) -> ReadSpec {
        self.array.read_spec(&self.selection, self.wanted.clone())
    }
}

/// Changes settings of the whole library: requests at once, 0 where the library is to find out, and those of `LEAST_BYTES`
/// in TypeScript; not finite where that is to stay as it is.
#[wasm_bindgen]
pub fn configure(concurrency: f64, bytes: &[f64]) {
    LIMITS.with(|limits| {
        let Portions { max_gap, max_len } = limits.portions();
        let set = |at: usize, before: u64| {
            bytes.get(at).filter(|number| number.is_finite()).map_or(before, |&number| number as u64)
        };
        limits.set_portions(Portions { max_gap: set(1, max_gap), max_len: set(2, max_len) });
        let concurrency = if concurrency.is_finite() { Some(concurrency as usize) } else { limits.concurrency() };
        limits.set(concurrency.filter(|&slots| slots > 0), set(0, limits.bytes()));
    });
}

/// Where decoded chunks are kept, of arrays that are opened from now on.
#[wasm_bindgen(js_name = setChunkCache)]
pub fn set_chunk_cache(cache: JsChunkCache) {
    CHUNKS.set(Some(Rc::new(cache)));
}

/// Counters of the whole library since it was loaded: see `Stats` in TypeScript.
#[wasm_bindgen]
pub fn stats() -> Result<JsValue, JsValue> {
    let members = TRAFFIC.with(|Traffic { limiter, stats, .. }| {
        [
            ("requests", stats.requests() as f64),
            ("bytes", stats.bytes() as f64),
            ("retries", stats.retries() as f64),
            ("inFlight", stats.in_flight() as f64),
            ("maxInFlight", stats.max_in_flight() as f64),
            ("bytesInFlight", limiter.held() as f64),
            ("maxBytesInFlight", limiter.max_held() as f64),
            ("concurrency", limiter.slots() as f64),
        ]
    });
    convert::object(&members.map(|(name, count)| (name, JsValue::from_f64(count)))).map_err(to_js)
}
