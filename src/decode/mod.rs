//! One chunk, or a few neighbours, from their stored bytes to the copies that put them into the output.
//!
//! A [`ReadSpec`] says everything that a decoder must know of a read, and can be sent to wherever decoding happens:
//! decoding keeps no other state than buffers, so it can run in another wasm instance, and be thrown away with it.

mod packing;

use std::borrow::Cow;

use crate::codec::{Exchange, Pipeline, Scratch};
use crate::data_type::Heap;
use crate::error::{Error, Result};
use crate::plan::{Elements, Region};
pub use crate::read_spec::ReadSpec;
use crate::scatter::{Column, DecodedChunk, Holder, Placement, Run, Slab, Source};
pub use packing::{pack, unpack};

/// Decodes the chunks of one read.
pub struct Decoder {
    spec: ReadSpec,
    chunks: ChunkDecoder,
    slab: Slab,
}

/// A decoded chunk, placed.
pub struct Placed<'a> {
    /// In the order of [`ReadSpec::columns`].
    pub columns: Vec<PlacedColumn<'a>>,
    /// What references of columns of values refer to.
    pub heap: &'a Heap,
}

/// Bytes, and which of them go where in the output.
pub struct PlacedColumn<'a> {
    pub bytes: &'a [u8],
    pub runs: &'a [Run],
}

impl PlacedColumn<'_> {
    /// Makes the copies, where the output is memory that this code sees.
    pub fn copy_to(&self, output: &mut [u8]) {
        for run in self.runs {
            for (source, target) in run.copies() {
                output[target as usize..][..run.len].copy_from_slice(&self.bytes[source..][..run.len]);
            }
        }
    }
}

/// Types the chain of a spec: answers the names of codecs that are not in `externals`, also of rare ones, which those may
/// replace; and what was wrong.
pub fn check(spec: ReadSpec) -> (Vec<String>, Result<()>) {
    let typed = Pipeline::with_externals(&spec.codecs, spec.chunk, &spec.externals);
    (spec.externals.take_missed(), typed.map(|_| ()))
}

/// A chunk as it is stored, `None` if it is missing, and what is selected of it.
pub struct EncodedChunk<'a> {
    pub encoded: Option<&'a [u8]>,
    pub elements: Elements,
}

impl Decoder {
    pub fn new(spec: ReadSpec) -> Result<Self> {
        let pipeline = Pipeline::with_externals(&spec.codecs, spec.chunk.clone(), &spec.externals)?;
        let columns = spec.columns()?.into_iter().map(|column| (column, Placement::default())).collect();
        let chunks = ChunkDecoder { pipeline, scratch: Scratch::default(), decoded: Vec::new(), columns };
        Ok(Self { spec, chunks, slab: Slab::default() })
    }

    /// What codecs outside are asked and have answered: a chunk that fails with questions is to be decoded again.
    pub fn exchange(&mut self) -> &mut Exchange {
        &mut self.chunks.scratch.exchange
    }

    /// Decodes a chunk and says where its selected elements go; or several that follow each other along one axis of the
    /// output, and then the slab that they are together.
    ///
    /// # Errors
    /// `corrupt-chunk`, naming the codec, for bytes that do not decode to exactly one chunk; `conversion` for elements
    /// that cannot be had in the wanted type; `invalid-argument` for several chunks that are no slab.
    pub fn decode<'a>(&'a mut self, chunks: &'a [EncodedChunk<'a>]) -> Result<Placed<'a>> {
        match chunks {
            [EncodedChunk { encoded, elements }] => self.chunks.decode(*encoded, elements, &self.spec.output_strides),
            several => self.decode_slab(several),
        }
    }

    #[inline(never)]
    fn decode_slab(&mut self, chunks: &[EncodedChunk]) -> Result<Placed<'_>> {
        let no_slab = || Error::invalid_argument(format!("{} chunks that are no slab", chunks.len()));
        let neighbours = Region::of_neighbours(chunks.iter().map(|chunk| &chunk.elements));
        let region = neighbours.ok_or_else(no_slab)?;
        let item_len = match self.chunks.columns.as_slice() {
            [(column, _)] if matches!(column.holder, Holder::Numbers { .. }) => column.output_len(),
            _ => return Err(no_slab()),
        };
        let strides = self.spec.for_region(&region.shape).output_strides;
        self.slab.begin(&region.shape, item_len)?;
        for EncodedChunk { encoded, elements } in chunks {
            let within = elements.in_region(&region).ok_or_else(no_slab)?;
            for PlacedColumn { bytes, runs } in self.chunks.decode(*encoded, &within, &strides)?.columns {
                self.slab.take(bytes, runs);
            }
        }
        self.slab.place(&region, item_len, &self.spec.output_strides)?;
        let slab = PlacedColumn { bytes: &self.slab.bytes, runs: &self.slab.runs };
        Ok(Placed { columns: vec![slab], heap: &self.chunks.scratch.heap })
    }
}

/// Decodes one chunk after the other, with the same buffers.
struct ChunkDecoder {
    pipeline: Pipeline,
    scratch: Scratch,
    decoded: Vec<u8>,
    columns: Vec<(Column, Placement)>,
}

impl ChunkDecoder {
    #[inline(never)]
    fn decode<'a>(
        &'a mut self,
        encoded: Option<&'a [u8]>,
        elements: &Elements,
        output_strides: &[u64],
    ) -> Result<Placed<'a>> {
        let Self { pipeline, scratch, decoded, columns } = self;
        let chunk = pipeline.chunk();
        scratch.heap.clear();
        let Some(encoded) = encoded else {
            let fill_element = chunk.fill_element(&mut scratch.heap)?;
            for (column, placement) in columns.iter_mut() {
                placement.fill(&fill_element, column, &mut scratch.heap, elements, output_strides)?;
            }
            let block =
                |(_, placement): &'a (_, Placement)| PlacedColumn { bytes: &placement.block, runs: &placement.runs };
            return Ok(Placed { columns: columns.iter().map(block).collect(), heap: &scratch.heap });
        };
        scratch.give(std::mem::take(decoded).into());
        let item_len = chunk.data_type.item_len();
        let selected = elements.bounds(&chunk.shape);
        let [start, end] = [selected.start, selected.end].map(|element| (element as usize).wrapping_mul(item_len));
        let bytes = match pipeline.decode_part(encoded, start..end, scratch)? {
            Cow::Borrowed(bytes) => bytes,
            Cow::Owned(bytes) => {
                *decoded = bytes;
                decoded
            }
        };
        let chunk = DecodedChunk { bytes, looked_at: start..end, shape: &chunk.shape, item_len };
        let mut sources = Vec::with_capacity(columns.len());
        for (column, placement) in columns.iter_mut() {
            sources.push(placement.place(&chunk, column, &mut scratch.heap, elements, output_strides)?);
        }
        let placed = sources.into_iter().zip(columns.iter()).map(|(source, (_, placement))| PlacedColumn {
            bytes: if source == Source::Chunk { bytes } else { &placement.block },
            runs: &placement.runs,
        });
        Ok(Placed { columns: placed.collect(), heap: &scratch.heap })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::ChunkSpec;
    use crate::data_type::DataType;
    use crate::metadata::CodecMetadata;
    use crate::plan::AxisElements;
    use crate::selection::AxisRange;

    #[test]
    fn the_heap_holds_one_chunk_at_a_time() {
        let chunk = ChunkSpec { shape: vec![1], data_type: DataType::Text, fill_value: b"fill".to_vec() };
        let codecs = vec![CodecMetadata::new("vlen-utf8", Default::default())];
        let spec = ReadSpec { codecs, chunk, output_strides: vec![1], wanted: None, externals: Default::default() };
        let mut decoder = Decoder::new(spec).unwrap();
        let within = AxisRange { start: 0, step: 1, count: 1 };
        let elements = Elements::Product(vec![AxisElements::Range { within, output_start: 0 }]);
        for text in ["one", "two", "three"] {
            let encoded = [&[1, 0, 0, 0, text.len() as u8, 0, 0, 0], text.as_bytes()].concat();
            for (encoded, expected) in [(Some(&encoded[..]), text), (None, "fill")] {
                let chunk = EncodedChunk { encoded, elements: elements.clone() };
                assert_eq!(decoder.decode(&[chunk]).unwrap().heap.bytes(), expected.as_bytes());
            }
        }
    }

    /// As `blosc` writes bytes that it cannot compress, in blocks.
    fn in_blocks(bytes: &[u8], block_len: usize) -> Vec<u8> {
        let blocks = bytes.chunks(block_len);
        let starts = 16 + 4 * blocks.len();
        let len = starts + 4 * blocks.len() + bytes.len();
        let mut chunk = vec![2, 1, 1 << 5 | 0x10, 1];
        let numbers = [bytes.len(), block_len, len].into_iter();
        let offsets = (0..blocks.len()).map(|index| starts + index * (4 + block_len));
        numbers.chain(offsets).for_each(|number| chunk.extend((number as u32).to_le_bytes()));
        for block in blocks {
            chunk.extend((block.len() as u32).to_le_bytes());
            chunk.extend(block);
        }
        chunk
    }

    #[test]
    fn of_blocks_of_a_chunk_those_with_selected_elements_are_decoded() {
        let axis =
            |start, step, count| AxisElements::Range { within: AxisRange { start, step, count }, output_start: 0 };
        let list = |indices: [u64; 2]| AxisElements::List { within: indices.into(), output: [0, 1].into() };
        let selections = [
            (vec![axis(0, 1, 1), axis(0, 1, 6)], vec![0, 1, 2, 3, 4, 5], [6, 1]),
            (vec![axis(3, -2, 2), axis(5, -5, 2)], vec![23, 18, 11, 6], [2, 1]),
            (vec![axis(0, 1, 4), axis(3, 1, 1)], vec![3, 9, 15, 21], [1, 1]),
            (vec![list([2, 0]), axis(1, 1, 2)], vec![13, 14, 1, 2], [2, 1]),
        ];
        let elements: Vec<u8> = (0..24u16).flat_map(u16::to_be_bytes).collect();
        let other = in_blocks(&[0xff; 48], 48);
        for block_len in [10, 12, 24, 48] {
            let chunk = in_blocks(&elements, block_len);
            for (axes, expected, output_strides) in selections.clone() {
                let big = serde_json::json!({"endian": "big"}).as_object().unwrap().clone();
                let codecs = vec![CodecMetadata::new("bytes", big), CodecMetadata::new("blosc", Default::default())];
                let spec = ChunkSpec { shape: vec![4, 6], data_type: DataType::UInt16, fill_value: vec![0; 2] };
                let output_strides = output_strides.to_vec();
                let spec =
                    ReadSpec { codecs, chunk: spec, output_strides, wanted: None, externals: Default::default() };
                let mut decoder = Decoder::new(spec).unwrap();
                let elements = Elements::Product(axes);
                let mut output = vec![0; 2 * expected.len()];
                for encoded in [&other, &chunk] {
                    let chunk = EncodedChunk { encoded: Some(encoded), elements: elements.clone() };
                    decoder.decode(&[chunk]).unwrap().columns[0].copy_to(&mut output);
                }
                let values: Vec<u16> = output.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
                assert_eq!(values, expected, "blocks of {block_len}");
            }
        }
    }
}
