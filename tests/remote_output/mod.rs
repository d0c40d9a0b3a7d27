//! Reads into memory the way the engine does it with a decoder elsewhere: the read spec goes there as JSON, every
//! projection as packed words, and where the output was zero before, missing chunks may be left out.

use std::cell::RefCell;

use zarr_wasm::Result;
use zarr_wasm::decode::{Decoder, pack, unpack};
use zarr_wasm::plan::Elements;
use zarr_wasm::read::{Array, Decode};
use zarr_wasm::selection::Selection;
use zarr_wasm::store::{Store, StoredBytes};

struct RemoteOutput {
    decoder: RefCell<Decoder>,
    bytes: RefCell<Vec<u8>>,
}

impl<B: StoredBytes> Decode<B> for RemoteOutput {
    async fn decode(&self, elements: &Elements, encoded: Option<B>) -> Result<()> {
        let projection = unpack(&pack(elements))?;
        let encoded = encoded.map(|bytes| bytes.to_vec());
        let mut decoder = self.decoder.borrow_mut();
        decoder.decode(encoded.as_deref(), &projection)?.copy_to(&mut self.bytes.borrow_mut());
        Ok(())
    }

    async fn pause(&self) -> Result<()> {
        Ok(())
    }
}

/// The bytes of a selection, read into an output that is made of `before`.
pub async fn read<S: Store>(array: &Array<S>, selection: &Selection, before: u8) -> Result<Vec<u8>> {
    let spec = serde_json::to_vec(&array.read_spec(selection)).unwrap();
    let len = selection.element_count()? as usize * array.metadata().data_type.output_item_len();
    let output = RemoteOutput {
        decoder: Decoder::new(serde_json::from_slice(&spec).unwrap())?.into(),
        bytes: vec![before; len].into(),
    };
    array.read(selection, before == 0, &output).await?;
    Ok(output.bytes.into_inner())
}
