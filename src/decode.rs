//! One chunk, from its stored bytes to the copies that put it into the output.
//!
//! A [`ReadSpec`] says everything that a decoder must know of a read, and can be sent to wherever decoding happens:
//! decoding keeps no other state than buffers, so it can run in another wasm instance, and be thrown away with it.

use std::borrow::Cow;

use crate::codec::{Exchange, Pipeline, Scratch};
use crate::data_type::Heap;
use crate::error::{Error, Result};
use crate::plan::{AxisElements, Elements, Points};
pub use crate::read_spec::ReadSpec;
use crate::scatter::{Column, DecodedChunk, Placement, Run, Source};
use crate::selection::AxisRange;

/// Decodes the chunks of one read.
pub struct Decoder {
    spec: ReadSpec,
    pipeline: Pipeline,
    scratch: Scratch,
    decoded: Vec<u8>,
    columns: Vec<(Column, Placement)>,
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

impl Decoder {
    pub fn new(spec: ReadSpec) -> Result<Self> {
        let pipeline = Pipeline::with_externals(&spec.codecs, spec.chunk.clone(), &spec.externals)?;
        let columns = spec.columns()?.into_iter().map(|column| (column, Placement::default())).collect();
        Ok(Self { spec, pipeline, scratch: Scratch::default(), decoded: Vec::new(), columns })
    }

    /// What codecs outside are asked and have answered: a chunk that fails with questions is to be decoded again.
    pub fn exchange(&mut self) -> &mut Exchange {
        &mut self.scratch.exchange
    }

    /// Decodes a chunk and says where its selected elements go; a missing one (`None`) is its fill value.
    ///
    /// # Errors
    /// `corrupt-chunk`, naming the codec, for bytes that do not decode to exactly one chunk; `conversion` for elements
    /// that cannot be had in the wanted type.
    pub fn decode<'a>(&'a mut self, encoded: Option<&'a [u8]>, elements: &Elements) -> Result<Placed<'a>> {
        let Self { spec, pipeline, scratch, decoded, columns } = self;
        let strides = &spec.output_strides;
        scratch.heap.clear();
        let Some(encoded) = encoded else {
            let fill_element = spec.chunk.fill_element(&mut scratch.heap)?;
            for (column, placement) in columns.iter_mut() {
                placement.fill(&fill_element, column, &mut scratch.heap, elements, strides)?;
            }
            let block =
                |(_, placement): &'a (_, Placement)| PlacedColumn { bytes: &placement.block, runs: &placement.runs };
            return Ok(Placed { columns: columns.iter().map(block).collect(), heap: &scratch.heap });
        };
        scratch.give(std::mem::take(decoded).into());
        let bytes = match pipeline.decode(encoded, scratch)? {
            Cow::Borrowed(bytes) => bytes,
            Cow::Owned(bytes) => {
                *decoded = bytes;
                decoded
            }
        };
        let chunk = DecodedChunk { bytes, shape: &spec.chunk.shape, item_len: spec.chunk.data_type.item_len() };
        let mut sources = Vec::with_capacity(columns.len());
        for (column, placement) in columns.iter_mut() {
            sources.push(placement.place(chunk, column, &mut scratch.heap, elements, strides)?);
        }
        let placed = sources.into_iter().zip(columns.iter()).map(|(source, (_, placement))| PlacedColumn {
            bytes: if source == Source::Chunk { bytes } else { &placement.block },
            runs: &placement.runs,
        });
        Ok(Placed { columns: placed.collect(), heap: &scratch.heap })
    }
}

/// Marks in a [packed](pack) projection.
const PRODUCT: u64 = 0;
const POINTS: u64 = 1;
const RANGE: u64 = 0;
const LIST: u64 = 1;

/// Elements as the little-endian 64-bit words that travel to a decoder:
///
/// - `PRODUCT`, rank, then for each axis `RANGE`, start, step, count, output start; or `LIST`, count, the indices, the
///   positions in the output;
/// - `POINTS`, rank, count, then for each axis the indices, then the positions in the output.
pub fn pack(elements: &Elements) -> Vec<u8> {
    let mut words = Vec::new();
    match elements {
        Elements::Product(axes) => {
            words.extend([PRODUCT, axes.len() as u64]);
            for axis in axes {
                match axis {
                    AxisElements::Range { within: AxisRange { start, step, count }, output_start } => {
                        words.extend([RANGE, *start, *step as u64, *count, *output_start]);
                    }
                    AxisElements::List { within, output } => {
                        words.extend([LIST, within.len() as u64]);
                        words.extend_from_slice(within);
                        words.extend_from_slice(output);
                    }
                }
            }
        }
        Elements::Points(Points { within, output }) => {
            words.extend([POINTS, within.len() as u64, output.len() as u64]);
            within.iter().for_each(|axis| words.extend_from_slice(axis));
            words.extend_from_slice(output);
        }
    }
    words.into_iter().flat_map(u64::to_le_bytes).collect()
}

/// Undoes [`pack`].
pub fn unpack(bytes: &[u8]) -> Result<Elements> {
    let (words, rest) = bytes.as_chunks::<8>();
    let mut words = Words(words);
    let elements = words.elements().filter(|_| rest.is_empty() && words.0.is_empty());
    elements.ok_or_else(|| Error::invalid_argument(format!("{} bytes are no packed projection", bytes.len())))
}

/// What is left to be unpacked.
struct Words<'a>(&'a [[u8; 8]]);

impl Words<'_> {
    fn elements(&mut self) -> Option<Elements> {
        match self.word()? {
            PRODUCT => {
                let rank = self.word()?;
                (0..rank).map(|_| self.axis()).collect::<Option<_>>().map(Elements::Product)
            }
            POINTS => {
                let (rank, count) = (self.word()?, self.word()?);
                // Without points any rank would fit into no words.
                if count == 0 {
                    return None;
                }
                let within = (0..rank).map(|_| self.list(count)).collect::<Option<_>>()?;
                Some(Elements::Points(Points { within, output: self.list(count)? }))
            }
            _ => None,
        }
    }

    fn axis(&mut self) -> Option<AxisElements> {
        match self.word()? {
            RANGE => {
                let (start, step, count) = (self.word()?, self.word()? as i64, self.word()?);
                Some(AxisElements::Range { within: AxisRange { start, step, count }, output_start: self.word()? })
            }
            LIST => {
                let count = self.word()?;
                Some(AxisElements::List { within: self.list(count)?.into(), output: self.list(count)?.into() })
            }
            _ => None,
        }
    }

    fn word(&mut self) -> Option<u64> {
        let (word, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*word))
    }

    fn list(&mut self, count: u64) -> Option<Vec<u64>> {
        let (list, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(list.iter().map(|word| u64::from_le_bytes(*word)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::ChunkSpec;
    use crate::data_type::DataType;
    use crate::metadata::CodecMetadata;

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
            assert_eq!(decoder.decode(Some(&encoded), &elements).unwrap().heap.bytes(), text.as_bytes());
            assert_eq!(decoder.decode(None, &elements).unwrap().heap.bytes(), b"fill");
        }
    }

    #[test]
    fn elements_survive_packing() {
        let range = AxisElements::Range { within: AxisRange { start: 7, step: -2, count: 3 }, output_start: 1 << 40 };
        let list = AxisElements::List { within: [3, 1].into(), output: [0, 9].into() };
        let points = Points { within: vec![vec![1, 2], vec![3, 4]], output: vec![5, 6] };
        for elements in [Elements::Product(vec![range, list]), Elements::Product(vec![]), Elements::Points(points)] {
            let packed = pack(&elements);
            assert_eq!(unpack(&packed).unwrap(), elements);
            assert!(unpack(&packed[1..]).is_err());
            assert!(unpack(&packed[..packed.len() - 8]).is_err());
            assert!(unpack(&[&packed[..], &[0; 8]].concat()).is_err());
        }
        assert!(unpack(&[2; 16]).is_err());
        let no_points = [POINTS, u64::MAX, 0].map(u64::to_le_bytes);
        assert!(unpack(no_points.as_flattened()).is_err());
    }
}
