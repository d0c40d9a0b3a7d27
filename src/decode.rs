//! One chunk, from its stored bytes to the copies that put it into the output.
//!
//! A [`ReadSpec`] says everything that a decoder must know of a read, and can be sent to wherever decoding happens:
//! decoding keeps no other state than buffers, so it can run in another wasm instance, and be thrown away with it.

use serde::{Deserialize, Serialize};

use crate::codec::{ChunkSpec, Pipeline, Scratch};
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;
use crate::plan::{AxisProjection, ChunkProjection};
use crate::scatter::{Placement, Run, Source};
use crate::selection::AxisRange;

/// What all chunks of one read have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadSpec {
    pub codecs: Vec<CodecMetadata>,
    pub chunk: ChunkSpec,
    /// C-order strides of the output in elements, one for each axis of the array; 0 where the axis is dropped.
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

impl Decoder {
    pub fn new(spec: ReadSpec) -> Result<Self> {
        let pipeline = Pipeline::new(&spec.codecs, spec.chunk.clone())?;
        Ok(Self { spec, pipeline, scratch: Scratch::default(), decoded: Vec::new(), placement: Placement::default() })
    }

    /// Decodes a chunk and says where its selected elements go; a missing one (`None`) is its fill value.
    ///
    /// # Errors
    /// `corrupt-chunk`, naming the codec, for bytes that do not decode to exactly one chunk.
    pub fn decode<'a>(&'a mut self, encoded: Option<&'a [u8]>, projection: &ChunkProjection) -> Result<Placed<'a>> {
        let ChunkSpec { shape, data_type, fill_value } = &self.spec.chunk;
        let strides = &self.spec.output_strides;
        let Some(encoded) = encoded else {
            self.placement.fill(fill_value, data_type, projection, strides);
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
        let bytes = match self.placement.place(chunk, shape, data_type, projection, strides)? {
            Source::Chunk => chunk,
            Source::Block => &self.placement.block,
        };
        Ok(Placed { bytes, runs: &self.placement.runs })
    }
}

/// Words of one axis in a [`packed`](pack) projection.
const AXIS_WORDS: usize = 4;

/// A projection as the little-endian 64-bit words that travel to a decoder: for each axis start, step, count and output
/// start. The chunk's coordinates are not needed there.
pub fn pack(projection: &ChunkProjection) -> Vec<u8> {
    let words = projection.axes.iter().flat_map(|AxisProjection { within, output_start, .. }| {
        [within.start, within.step as u64, within.count, *output_start]
    });
    words.flat_map(u64::to_le_bytes).collect()
}

/// Undoes [`pack`].
pub fn unpack(bytes: &[u8]) -> Result<ChunkProjection> {
    let (words, rest) = bytes.as_chunks::<8>();
    let (axes, left_over) = words.as_chunks::<AXIS_WORDS>();
    if !rest.is_empty() || !left_over.is_empty() {
        return Err(Error::invalid_argument(format!("a packed projection has {} bytes", bytes.len())));
    }
    let axes = axes.iter().map(|axis| {
        let [start, step, count, output_start] = axis.map(u64::from_le_bytes);
        let within = AxisRange { start, step: step as i64, count };
        AxisProjection { chunk: 0, within, output_start, covered: false }
    });
    Ok(ChunkProjection { axes: axes.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projection_survives_packing() {
        let axis = |start, step| AxisProjection {
            chunk: 0,
            within: AxisRange { start, step, count: 3 },
            output_start: 1 << 40,
            covered: false,
        };
        let projection = ChunkProjection { axes: vec![axis(7, -2), axis(0, 1)] };
        assert_eq!(unpack(&pack(&projection)).unwrap(), projection);
        assert!(unpack(&[0; 31]).is_err());
        assert!(unpack(&[0; 24]).is_err());
    }
}
