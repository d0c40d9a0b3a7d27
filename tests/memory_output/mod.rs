//! Reads into memory: decoding where the test runs, in place of JavaScript's decoder and output.

use std::cell::RefCell;

use zarr_wasm::Result;
use zarr_wasm::decode::Decoder;
use zarr_wasm::plan::Elements;
use zarr_wasm::read::{Array, Decode};
use zarr_wasm::selection::Selection;
use zarr_wasm::store::{Store, StoredBytes};

use crate::placed_output::PlacedOutput;

/// Nothing that was not written stays unnoticed: no expected value is made of this byte alone.
const UNWRITTEN: u8 = 0xA5;

struct MemoryOutput {
    decoder: RefCell<Decoder>,
    placed: RefCell<PlacedOutput>,
}

impl<B: StoredBytes> Decode<B> for MemoryOutput {
    async fn decode(&self, elements: &Elements, encoded: Option<B>) -> Result<()> {
        let encoded = encoded.map(|bytes| bytes.to_vec());
        let mut decoder = self.decoder.borrow_mut();
        self.placed.borrow_mut().place(&decoder.decode(encoded.as_deref(), elements)?);
        Ok(())
    }

    async fn pause(&self) -> Result<()> {
        Ok(())
    }
}

/// The bytes of a selection, as [`PlacedOutput::into_bytes`] has them.
pub async fn read<S: Store>(array: &Array<S>, selection: &Selection) -> Result<Vec<u8>> {
    let spec = array.read_spec(selection, None);
    let output = MemoryOutput {
        placed: PlacedOutput::new(&spec, selection.element_count()? as usize, UNWRITTEN)?.into(),
        decoder: Decoder::new(spec)?.into(),
    };
    array.read(selection, false, &output).await?;
    Ok(output.placed.into_inner().into_bytes())
}
