//! Reads into memory: decoding where the test runs, in place of JavaScript's decoder and output.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use zarr_wasm::Result;
use zarr_wasm::decode::{Decoder, ReadSpec};
use zarr_wasm::plan::Elements;
use zarr_wasm::read::{Array, Decode};
use zarr_wasm::selection::Selection;
use zarr_wasm::store::{Caller, Store, StoredBytes};

use crate::placed_output::PlacedOutput;

/// Nothing that was not written stays unnoticed: no expected value is made of this byte alone.
const UNWRITTEN: u8 = 0xA5;

struct MemoryOutput {
    spec: ReadSpec,
    /// By the shape of the chunk.
    decoders: RefCell<HashMap<Vec<u64>, Decoder>>,
    placed: RefCell<PlacedOutput>,
}

impl<B: StoredBytes> Decode<B> for MemoryOutput {
    async fn decode(&self, chunk_shape: &[u64], elements: &Elements, encoded: Option<B>) -> Result<()> {
        let encoded = encoded.map(|bytes| bytes.to_vec());
        let mut decoders = self.decoders.borrow_mut();
        let decoder = match decoders.entry(chunk_shape.to_vec()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(Decoder::new(self.spec.for_chunk(chunk_shape))?),
        };
        self.placed.borrow_mut().place(&decoder.decode(encoded.as_deref(), elements)?);
        Ok(())
    }

    async fn pause(&self) -> Result<()> {
        Ok(())
    }

    fn done(&self, _: u64, _: usize) -> Result<()> {
        Ok(())
    }
}

/// The bytes of a selection, as [`PlacedOutput::into_bytes`] has them.
pub async fn read<S: Store>(array: &Array<S>, selection: &Selection) -> Result<Vec<u8>> {
    let spec = array.read_spec(selection, None);
    let output = MemoryOutput {
        placed: PlacedOutput::new(&spec, selection.element_count()? as usize, UNWRITTEN)?.into(),
        decoders: RefCell::default(),
        spec,
    };
    array.read(selection, false, &Caller::default(), &output).await?;
    Ok(output.placed.into_inner().into_bytes())
}
