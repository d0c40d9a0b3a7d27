//! The exports of a decoder instance: numbers only, no glue.
//!
//! 1. `decoder_input(len)` makes room for `len` bytes and answers their address, or 0 if there is no memory; the caller
//!    writes the read spec (JSON), the packed projection and the encoded chunk there, one after the other.
//! 2. `decoder_decode(spec_len, projection_len, encoded_len)` decodes the chunk; `decoder_fill(spec_len, projection_len)`
//!    takes the fill value in place of a missing one. Both answer 0, or 1 for an error.
//! 3. `decoder_answer()` and `decoder_answer_len()` say where the answer lies: after 0 a list of runs, seven float64
//!    each (the column; address of the first row, from row to row; offset in the output, from row to row; bytes of a row;
//!    rows), after 1 the error as JSON. It is valid until the next call. `decoder_heap()` is where what the references in
//!    a column of values refer to begins.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use crate::decode::{Decoder, unpack};
use crate::error::{Error, Result};

/// Decoders kept for reads that take turns.
const KEPT_DECODERS: usize = 16;

/// Numbers of one run in an answer.
const RUN_WORDS: usize = 7;

#[derive(Default)]
struct Instance {
    input: Vec<u8>,
    /// Decoders by the spec they were made of, the last used first.
    decoders: Vec<(Vec<u8>, Decoder)>,
    runs: Vec<f64>,
    heap: usize,
    error: Vec<u8>,
    failed: bool,
}

thread_local! {
    static INSTANCE: RefCell<Instance> = RefCell::default();
}

#[wasm_bindgen]
pub fn decoder_input(len: usize) -> usize {
    INSTANCE.with_borrow_mut(|instance| {
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

#[wasm_bindgen]
pub fn decoder_decode(spec_len: usize, projection_len: usize, encoded_len: usize) -> u32 {
    INSTANCE.with_borrow_mut(|instance| instance.run(spec_len, projection_len, Some(encoded_len)))
}

#[wasm_bindgen]
pub fn decoder_fill(spec_len: usize, projection_len: usize) -> u32 {
    INSTANCE.with_borrow_mut(|instance| instance.run(spec_len, projection_len, None))
}

#[wasm_bindgen]
pub fn decoder_answer() -> usize {
    INSTANCE.with_borrow(|instance| match instance.failed {
        true => instance.error.as_ptr() as usize,
        false => instance.runs.as_ptr() as usize,
    })
}

#[wasm_bindgen]
pub fn decoder_answer_len() -> usize {
    INSTANCE.with_borrow(|instance| if instance.failed { instance.error.len() } else { instance.runs.len() })
}

#[wasm_bindgen]
pub fn decoder_heap() -> usize {
    INSTANCE.with_borrow(|instance| instance.heap)
}

impl Instance {
    fn run(&mut self, spec_len: usize, projection_len: usize, encoded_len: Option<usize>) -> u32 {
        let decoded = self.decode(spec_len, projection_len, encoded_len);
        self.failed = decoded.is_err();
        if let Err(error) = decoded {
            self.error = serde_json::to_vec(&error).unwrap_or_default();
        }
        u32::from(self.failed)
    }

    fn decode(&mut self, spec_len: usize, projection_len: usize, encoded_len: Option<usize>) -> Result<()> {
        let total = spec_len + projection_len + encoded_len.unwrap_or(0);
        let input = self.input.get(..total).ok_or_else(|| Error::invalid_argument("the input is shorter than said"))?;
        let (spec, rest) = input.split_at(spec_len);
        let (projection, encoded) = rest.split_at(projection_len);
        let known = self.decoders.iter().position(|(known, _)| known == spec);
        let decoder = match known {
            Some(at) => self.decoders.remove(at),
            None => {
                let parsed = serde_json::from_slice(spec);
                let parsed = parsed.map_err(|error| Error::invalid_argument(format!("read spec: {error}")))?;
                (spec.to_vec(), Decoder::new(parsed)?)
            }
        };
        self.decoders.truncate(KEPT_DECODERS - 1);
        self.decoders.insert(0, decoder);
        let decoder = &mut self.decoders[0].1;
        let placed = decoder.decode(encoded_len.map(|_| encoded), &unpack(projection)?)?;
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
