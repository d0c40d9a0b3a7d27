//! One chunk, from its stored bytes to the copies that put it into the output.
//!
//! A [`ReadSpec`] says everything that a decoder must know of a read, and can be sent to wherever decoding happens:
//! decoding keeps no other state than buffers, so it can run in another wasm instance, and be thrown away with it.

use serde::{Deserialize, Serialize};

use crate::codec::{ChunkSpec, Pipeline, Scratch};
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;
use crate::plan::{AxisElements, Elements, Points};
use crate::scatter::{Placement, Run, Source};
use crate::selection::AxisRange;

/// What all chunks of one read have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadSpec {
    pub codecs: Vec<CodecMetadata>,
    pub chunk: ChunkSpec,
    /// C-order strides of the output in elements, one for each axis of the array, 0 where the axis is dropped; none for
    /// points.
    pub output_strides: Vec<u64>,
}

/// Decodes the chunks of one read.
pub struct Decoder {
    spec: ReadSpec,
    pipeline: Pipeline,
    scratch: Scratch,
    decoded: Vec<u8>,
    placement: Placement,
}

/// A decoded chunk: bytes, and which of them go where in the output.
pub struct Placed<'a> {
    pub bytes: &'a [u8],
    pub runs: &'a [Run],
}

impl Placed<'_> {
    /// Makes the copies, where the output is memory that this code sees.
    pub fn copy_to(&self, output: &mut [u8]) {
        for run in self.runs {
            for (source, target) in run.copies() {
                output[target as usize..][..run.len].copy_from_slice(&self.bytes[source..][..run.len]);
            }
        }
    }
}

impl Decoder {
    pub fn new(spec: ReadSpec) -> Result<Self> {
        let pipeline = Pipeline::new(&spec.codecs, spec.chunk.clone())?;
        Ok(Self { spec, pipeline, scratch: Scratch::default(), decoded: Vec::new(), placement: Placement::default() })
    }

    /// Decodes a chunk and says where its selected elements go; a missing one (`None`) is its fill value.
    ///
    /// # Errors
    /// `corrupt-chunk`, naming the codec, for bytes that do not decode to exactly one chunk.
    pub fn decode<'a>(&'a mut self, encoded: Option<&'a [u8]>, elements: &Elements) -> Result<Placed<'a>> {
        let ChunkSpec { shape, data_type, fill_value } = &self.spec.chunk;
        let strides = &self.spec.output_strides;
        let Some(encoded) = encoded else {
            self.placement.fill(fill_value, data_type, elements, strides)?;
            return Ok(Placed { bytes: &self.placement.block, runs: &self.placement.runs });
        };
        self.scratch.give(std::mem::take(&mut self.decoded).into());
        let chunk = match self.pipeline.decode(encoded, &mut self.scratch)? {
            std::borrow::Cow::Borrowed(bytes) => bytes,
            std::borrow::Cow::Owned(bytes) => {
                self.decoded = bytes;
                &self.decoded
            }
        };
        let bytes = match self.placement.place(chunk, shape, data_type, elements, strides)? {
            Source::Chunk => chunk,
            Source::Block => &self.placement.block,
        };
        Ok(Placed { bytes, runs: &self.placement.runs })
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
    }
}
