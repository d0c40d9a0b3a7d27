//! Reads into memory: decoding where the test runs, in place of JavaScript's decoder and output.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use zarr_wasm::Result;
use zarr_wasm::decode::{Decoder, EncodedChunk, ReadSpec};
use zarr_wasm::plan::Elements;
use zarr_wasm::read::{Array, Decode};
use zarr_wasm::selection::Selection;
use zarr_wasm::store::{Caller, Store, StoredBytes};

use crate::placed_output::{PlacedOutput, whole_chunk};

/// Nothing that was not written stays unnoticed: no expected value is made of this byte alone.
const UNWRITTEN: u8 = 0xA5;

struct MemoryOutput {
    spec: ReadSpec,
    /// By the shape of the chunk, and whether it is decoded already.
    decoders: RefCell<HashMap<(Vec<u64>, bool), Decoder>>,
    placed: RefCell<PlacedOutput>,
}

impl<B: StoredBytes + From<Vec<u8>>> Decode<B> for MemoryOutput {
    fn groups_at_once(&self) -> usize {
        3
    }

    fn most_group_len(&self) -> u64 {
        0
    }

    async fn decode(&self, chunk_shape: &[u64], chunks: &[(&Elements, Option<B>)], are_decoded: bool) -> Result<()> {
        let encoded: Vec<_> = chunks.iter().map(|(_, encoded)| encoded.as_ref().map(B::to_vec)).collect();
        let chunks = chunks.iter().zip(&encoded).map(|((elements, _), encoded)| EncodedChunk {
            encoded: encoded.as_deref(),
            elements: (*elements).clone(),
        });
        let chunks: Vec<_> = chunks.collect();
        let mut decoders = self.decoders.borrow_mut();
        let decoder = match decoders.entry((chunk_shape.to_vec(), are_decoded)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let spec = self.spec.for_chunk(chunk_shape);
                new.insert(Decoder::new(if are_decoded { spec.of_whole() } else { spec })?)
            }
        };
        self.placed.borrow_mut().place(&decoder.decode(&chunks)?);
        Ok(())
    }

    async fn decode_whole(&self, chunk_shape: &[u64], encoded: B) -> Result<B> {
        whole_chunk(&self.spec.for_chunk(chunk_shape), &encoded.to_vec()).map(B::from)
    }

    async fn pause(&self) -> Result<()> {
        Ok(())
    }

    fn done(&self, _: u64, _: usize) -> Result<()> {
        Ok(())
    }
}

/// The bytes of a selection, as [`PlacedOutput::into_bytes`] has them.
pub async fn read<S: Store<Bytes: From<Vec<u8>>>>(array: &Array<S>, selection: &Selection) -> Result<Vec<u8>> {
    let spec = array.read_spec(selection, None);
    let output = MemoryOutput {
        placed: PlacedOutput::new(&spec, selection.element_count()? as usize, UNWRITTEN)?.into(),
        decoders: RefCell::default(),
        spec,
    };
    array.read(selection, false, &Caller::default(), &output).await?;
    Ok(output.placed.into_inner().into_bytes())
}
