//! The output of a read in memory, column by column, in place of JavaScript's typed arrays and lists.

use zarr_wasm::Result;
use zarr_wasm::data_type::{REFERENCE_LEN, Reference};
use zarr_wasm::decode::{Decoder, EncodedChunk, Placed, ReadSpec};
use zarr_wasm::plan::Elements;
use zarr_wasm::scatter::Holder;
use zarr_wasm::shape::element_count;

pub struct PlacedOutput {
    columns: Vec<PlacedColumn>,
}

struct PlacedColumn {
    /// The numbers; of a column of values the references that came last.
    bytes: Vec<u8>,
    values: Option<Vec<Option<Vec<u8>>>>,
}

/// All of a chunk, decoded: see `Decode::decode_whole`.
pub fn whole_chunk(spec: &ReadSpec, encoded: &[u8]) -> Result<Vec<u8>> {
    let shape = &spec.chunk.shape;
    let mut chunk = vec![0; element_count(shape)? as usize * spec.chunk.data_type.item_len()];
    let mut decoder = Decoder::new(spec.whole())?;
    let chunks = [EncodedChunk { encoded: Some(encoded), elements: Elements::whole(shape) }];
    let placed = decoder.decode(&chunks)?;
    placed.columns[0].copy_to(&mut chunk);
    Ok(chunk)
}

impl PlacedOutput {
    /// Room for so many elements, every byte of which is `before`.
    pub fn new(spec: &ReadSpec, count: usize, before: u8) -> Result<Self> {
        let columns = spec.columns()?.into_iter().map(|column| PlacedColumn {
            bytes: vec![before; count * column.output_len()],
            values: matches!(column.holder, Holder::Values(_)).then(|| vec![None; count]),
        });
        Ok(Self { columns: columns.collect() })
    }

    pub fn place(&mut self, placed: &Placed) {
        for (column, source) in self.columns.iter_mut().zip(&placed.columns) {
            source.copy_to(&mut column.bytes);
            let Some(values) = &mut column.values else { continue };
            let references = column.bytes.as_chunks::<REFERENCE_LEN>().0;
            for run in source.runs {
                for (_, target) in run.copies() {
                    for at in target as usize / REFERENCE_LEN..(target as usize + run.len) / REFERENCE_LEN {
                        values[at] = Some(placed.heap.get(Reference(references[at])).unwrap().to_vec());
                    }
                }
            }
        }
    }

    /// One column after the other: numbers as they are, every value with its length before it, as u32. Of objects the
    /// values are in MessagePack.
    pub fn into_bytes(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for column in self.columns {
            let Some(values) = column.values else {
                bytes.extend(column.bytes);
                continue;
            };
            for value in values {
                let value = value.expect("a value that nothing was placed in");
                bytes.extend((value.len() as u32).to_le_bytes());
                bytes.extend(value);
            }
        }
        bytes
    }
}
