//! The exports of a decoder instance: numbers only, no glue.
//!
//! 1. `decoder_input(len)` makes room for `len` bytes and answers their address, or 0 if there is no memory; the caller
//!    writes the read spec (JSON), the packed chunks (`decode/packing.rs`) and their bytes there, one after the other.
//! 2. `decoder_decode(spec_len, packed_len, encoded_len)` decodes them, and answers 0, 1 for an error, 2 where codecs
//!    outside are needed, 3 for an error that one of them answered.
//! 3. `decoder_answer()` and `decoder_answer_len()` say where the answer lies: after 0 a list of runs, seven float64
//!    each (the column; address of the first row, from row to row; offset in the output, from row to row; bytes of a row;
//!    rows), after 1 and 3 the error as JSON, after 2 a list of questions as JSON. It is valid until the next call.
//!    `decoder_heap()` is where what the references in a column of values refer to begins.
//!
//! `decoder_check(spec_len)`, of the wasm with the rare codecs, types the chain of a read spec; its answer is JSON,
//! `{ missed, error? }`.
//!
//! After 2 the same call is repeated with all answers that the chunk got so far, supplied immediately before it: for each
//! its place, number by number, by `decoder_place(inner_chunk)`; then `decoder_supply(len, failed)` makes room for the
//! decoded bytes, or for the message of an error.

use std::cell::RefCell;

use serde_json::Value;

use crate::codec::{Answer, FailedOutside, Place, Question};
use crate::decode::{Decoder, ReadSpec, unpack};
use crate::error::{Error, Result};
use crate::json;

/// Decoders kept for reads that take turns.
const KEPT_DECODERS: usize = 16;

/// Numbers of one run in an answer.
const RUN_WORDS: usize = 7;

const DONE: u32 = 0;
const FAILED: u32 = 1;
const ASKING: u32 = 2;
const FAILED_OUTSIDE: u32 = 3;

/// An answer of a codec outside: bytes, or the message of an error.
struct Supplied {
    place: Place,
    bytes: Vec<u8>,
    failed: bool,
}

#[derive(Default)]
struct Instance {
    input: Vec<u8>,
    /// Decoders by the spec they were made of, the last used first.
    decoders: Vec<(Vec<u8>, Decoder)>,
    runs: Vec<f64>,
    heap: usize,
    /// An error or questions, as JSON.
    text: Vec<u8>,
    status: u32,
    place: Place,
    supplied: Vec<Supplied>,
    /// Their bytes are read by JavaScript.
    questions: Vec<Question>,
}

thread_local! {
    static INSTANCE: RefCell<Instance> = RefCell::default();
}

#[unsafe(no_mangle)]
pub extern "C" fn decoder_input(len: usize) -> usize {
    INSTANCE.with_borrow_mut(|instance| {
        instance.place.clear();
        instance.supplied.clear();
        // Only the room is needed: what was there before is overwritten, or lies behind the input.
        if instance.input.len() < len {
            instance.input = Vec::new();
            if instance.input.try_reserve_exact(len).is_err() {
                return 0;
            }
            instance.input.resize(len, 0);
        }
        instance.input.as_mut_ptr() as usize
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn decoder_decode(spec_len: usize, packed_len: usize, encoded_len: usize) -> u32 {
    INSTANCE.with_borrow_mut(|instance| instance.run(spec_len, packed_len, encoded_len))
}

#[cfg(feature = "rare")]
#[unsafe(no_mangle)]
pub extern "C" fn decoder_check(spec_len: usize) {
    INSTANCE.with_borrow_mut(|instance| {
        let spec = instance.input.get(..spec_len).unwrap_or_default();
        let (missed, checked) = parsed(spec).map_or_else(|error| (Vec::new(), Err(error)), crate::decode::check);
        let mut answer = json::object([("missed", missed.into())]);
        if let Err(error) = checked {
            answer.insert("error".to_owned(), error.to_json().into());
        }
        instance.text = json::object_text(&answer).into();
        // Anything but DONE: the answer is a text.
        instance.status = FAILED;
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn decoder_answer() -> usize {
    INSTANCE.with_borrow(|instance| match instance.status {
        DONE => instance.runs.as_ptr() as usize,
        _ => instance.text.as_ptr() as usize,
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn decoder_answer_len() -> usize {
    INSTANCE.with_borrow(|instance| match instance.status {
        DONE => instance.runs.len(),
        _ => instance.text.len(),
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn decoder_place(inner_chunk: u32) {
    INSTANCE.with_borrow_mut(|instance| instance.place.push(inner_chunk));
}

#[unsafe(no_mangle)]
pub extern "C" fn decoder_supply(len: usize, failed: bool) -> usize {
    INSTANCE.with_borrow_mut(|instance| {
        let mut bytes = Vec::new();
        if bytes.try_reserve_exact(len).is_err() {
            return 0;
        }
        bytes.resize(len, 0);
        let address = bytes.as_mut_ptr() as usize;
        instance.supplied.push(Supplied { place: std::mem::take(&mut instance.place), bytes, failed });
        address
    })
}

impl Supplied {
    fn answer(self) -> (Place, Answer) {
        let answer = match self.failed {
            true => Err(Error::corrupt_chunk(String::from_utf8_lossy(&self.bytes))),
            false => Ok(self.bytes),
        };
        (self.place, answer)
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn decoder_heap() -> usize {
    INSTANCE.with_borrow(|instance| instance.heap)
}

/// Not inlined: what is called for every chunk is compiled once more by the engine that runs it, with all that is in it.
#[inline(never)]
fn made(spec: &[u8]) -> Result<Decoder> {
    Decoder::new(parsed(spec)?)
}

fn parsed(spec: &[u8]) -> Result<ReadSpec> {
    let parsed = json::parse(spec, "").map_err(|error| Error::invalid_argument(format!("read spec: {error}")))?;
    ReadSpec::from_json(&parsed)
}

impl Instance {
    fn run(&mut self, spec_len: usize, packed_len: usize, encoded_len: usize) -> u32 {
        let decoded = self.decode(spec_len, packed_len, encoded_len);
        // The decoder that was used last stands first.
        let first = self.decoders.first_mut();
        self.questions = first.map(|(_, decoder)| decoder.exchange().take_questions()).unwrap_or_default();
        self.status = match &decoded {
            Ok(()) => DONE,
            Err(_) if !self.questions.is_empty() => ASKING,
            Err(error) if error.cause().is_some_and(|cause| cause.is::<FailedOutside>()) => FAILED_OUTSIDE,
            Err(_) => FAILED,
        };
        if let Err(error) = decoded {
            self.say(error);
        }
        self.status
    }

    #[inline(never)]
    fn say(&mut self, error: Error) {
        let text = if self.status == ASKING { self.asked() } else { json::object_text(&error.to_json()) };
        self.text = text.into();
    }

    fn asked(&self) -> String {
        let asked = self.questions.iter().map(|Question { place, call, encoded }| {
            let members = [
                ("place", place.as_slice().into()),
                ("call", call.clone().into()),
                ("address", (encoded.as_ptr() as usize).into()),
                ("length", encoded.len().into()),
            ];
            Value::from(json::object(members))
        });
        json::text(&asked.collect())
    }

    fn decode(&mut self, spec_len: usize, packed_len: usize, encoded_len: usize) -> Result<()> {
        let answers = std::mem::take(&mut self.supplied).into_iter().map(Supplied::answer);
        let total = spec_len + packed_len + encoded_len;
        let input = self.input.get(..total).ok_or_else(|| Error::invalid_argument("the input is shorter than said"))?;
        let (spec, rest) = input.split_at(spec_len);
        let (packed, encoded) = rest.split_at(packed_len);
        let chunks = unpack(packed, encoded)?;
        let known = self.decoders.iter().position(|(known, _)| known == spec);
        let decoder = match known {
            Some(at) => self.decoders.remove(at),
            None => (spec.to_vec(), made(spec)?),
        };
        self.decoders.truncate(KEPT_DECODERS - 1);
        self.decoders.insert(0, decoder);
        let decoder = &mut self.decoders[0].1;
        decoder.exchange().begin(answers);
        let placed = decoder.decode(&chunks)?;
        self.heap = placed.heap.bytes().as_ptr() as usize;
        self.runs.clear();
        for (column, placed) in placed.columns.iter().enumerate() {
            let base = placed.bytes.as_ptr() as usize;
            let refused = |_| Error::out_of_memory("no memory to place a chunk");
            self.runs.try_reserve(RUN_WORDS * placed.runs.len()).map_err(refused)?;
            for run in placed.runs {
                self.runs.extend([
                    column as f64,
                    (base + run.source) as f64,
                    run.source_step as f64,
                    run.target as f64,
                    run.target_step as f64,
                    run.len as f64,
                    run.count as f64,
                ]);
            }
        }
        Ok(())
    }
}
