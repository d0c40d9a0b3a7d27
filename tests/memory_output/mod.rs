//! Reads into memory: decoding where the test runs, in place of JavaScript's decoder and output.

use std::cell::RefCell;

use zarr_wasm::Result;
use zarr_wasm::decode::Decoder;
use zarr_wasm::plan::Elements;
use zarr_wasm::read::{Array, Decode};
use zarr_wasm::selection::Selection;
use zarr_wasm::store::{Store, StoredBytes};

/// Nothing that was not written stays unnoticed: no expected value is made of this byte alone.
const UNWRITTEN: u8 = 0xA5;

struct MemoryOutput {
    decoder: RefCell<Decoder>,
    bytes: RefCell<Vec<u8>>,
}

impl<B: StoredBytes> Decode<B> for MemoryOutput {
    async fn decode(&self, elements: &Elements, encoded: Option<B>) -> Result<()> {
        let encoded = encoded.map(|bytes| bytes.to_vec());
        let mut decoder = self.decoder.borrow_mut();
        decoder.decode(encoded.as_deref(), elements)?.copy_to(&mut self.bytes.borrow_mut());
        Ok(())
    }

    async fn pause(&self) -> Result<()> {
        Ok(())
    }
}

/// The bytes of a selection.
pub async fn read<S: Store>(array: &Array<S>, selection: &Selection) -> Result<Vec<u8>> {
    let item_len = array.metadata().data_type.output_item_len();
    let output = MemoryOutput {
        decoder: Decoder::new(array.read_spec(selection))?.into(),
        bytes: vec![UNWRITTEN; selection.element_count()? as usize * item_len].into(),
    };
    array.read(selection, false, &output).await?;
    Ok(output.bytes.into_inner())
}
