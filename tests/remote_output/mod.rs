//! Reads into memory the way the engine does it with a decoder elsewhere: the read spec goes there as JSON, every
//! projection as packed words, and where the output was zero before, missing chunks may be left out.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use zarr_wasm::Result;
use zarr_wasm::decode::{Decoder, ReadSpec, pack, unpack};
use zarr_wasm::json;
use zarr_wasm::plan::Elements;
use zarr_wasm::read::{Array, Decode};
use zarr_wasm::selection::Selection;
use zarr_wasm::store::{Caller, Store, StoredBytes};

use crate::placed_output::{PlacedOutput, whole_chunk};

/// So that groups of small chunks come about, and some of them are full.
const MOST_GROUP_LEN: u64 = 512;

struct RemoteOutput {
    spec: ReadSpec,
    /// By the shape of the chunk, and whether it is decoded already.
    decoders: RefCell<HashMap<(Vec<u64>, bool), Decoder>>,
    placed: RefCell<PlacedOutput>,
}

impl<B: StoredBytes + From<Vec<u8>>> Decode<B> for RemoteOutput {
    fn groups_at_once(&self) -> usize {
        3
    }

    fn most_group_len(&self) -> u64 {
        if self.spec.may_join() { MOST_GROUP_LEN } else { 0 }
    }

    async fn decode(&self, chunk_shape: &[u64], chunks: &[(&Elements, Option<B>)], are_decoded: bool) -> Result<()> {
        let packed = pack(chunks.iter().map(|(elements, encoded)| (*elements, encoded.as_ref().map(StoredBytes::len))));
        let encoded: Vec<u8> = chunks.iter().filter_map(|(_, encoded)| encoded.as_ref()).flat_map(B::to_vec).collect();
        let chunks = unpack(&packed, &encoded)?;
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

/// The bytes of a selection, read into an output that is made of `before`.
pub async fn read<S: Store<Bytes: From<Vec<u8>>>>(
    array: &Array<S>,
    selection: &Selection,
    before: u8,
) -> Result<Vec<u8>> {
    let spec = array.read_spec(selection, None);
    let sent = json::text(&spec.to_json());
    let output = RemoteOutput {
        spec: ReadSpec::from_json(&json::parse(sent.as_bytes(), "").unwrap())?,
        decoders: RefCell::default(),
        placed: PlacedOutput::new(&spec, selection.element_count()? as usize, before)?.into(),
    };
    array.read(selection, before == 0 && spec.fills_with_zeros(), &Caller::default(), &output).await?;
    Ok(output.placed.into_inner().into_bytes())
}
