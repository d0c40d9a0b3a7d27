//! `n5_default`: a block of N5 in its default mode, which tells its own shape.
//!
//! Zarr v3 extension `n5_default`, for the format of N5 4.0.0. Configuration: `codecs`, a chain of a `transpose` that
//! reverses all axes, a `bytes` codec that is big-endian, and at most one bytes→bytes codec.
//!
//! 1. The header, all of it big-endian: u16 mode, which is 0; u16 number of dimensions; u32 extent of each.
//! 2. What follows is decoded by the chain, to a chunk of the header's shape.
//! 3. What the block lacks of the chunk has the fill value (Java leaves out what lies beyond the array), and what it has
//!    too much is left away.
//!
//! Limits: a block has at most [`MAX_SURPLUS`] bytes more than the chunk. `lz4` of N5 is another format than that of
//! numcodecs.

use std::borrow::Cow;

use serde_json::Value;
use zarr_wasm_kernels::strided_copy::{Axis, StridedCopy};

use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Externals, Len, Pipeline, Scratch};
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;
use crate::shape::strides;

/// A block's shape is its own claim: only so much beyond the chunk is decoded, to be left away again.
const MAX_SURPLUS: usize = 1 << 19;

/// Bytes of the mode and the number of dimensions.
const HEADER_START_LEN: usize = 4;

pub struct N5Default {
    codecs: Vec<CodecMetadata>,
    externals: Externals,
    /// The chain for a block of the chunk's own shape.
    whole: Pipeline,
}

impl N5Default {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec, externals: &Externals) -> Result<Self> {
        // Whatever the codecs are, a block is decoded as a whole.
        decoded.byte_len()?;
        let codecs = configuration.required("codecs", configuration.list("codecs")?)?;
        let codecs = CodecMetadata::parse_list(&Value::from(codecs.clone()))?;
        let reversed = Value::from_iter((0..decoded.shape.len()).rev());
        let is_n5 = match &codecs[..] {
            [transpose, bytes, rest @ ..] => {
                let is_reversal =
                    transpose.name == "transpose" && transpose.configuration.get("order") == Some(&reversed);
                let is_big = bytes.configuration.get("endian").is_none_or(|endian| endian == "big");
                is_reversal && bytes.name == "bytes" && is_big && rest.len() <= 1
            }
            _ => false,
        };
        if !is_n5 {
            let expected = "a transpose that reverses all axes, bytes that are big-endian, and at most one more";
            return Err(configuration.invalid("codecs", expected));
        }
        let whole = Pipeline::with_externals(&codecs, decoded.clone(), externals)?;
        Ok(Self { codecs, externals: externals.clone(), whole })
    }
}

impl ArrayToBytes for N5Default {
    fn encoded_len(&self, decoded: &ChunkSpec) -> Result<Len> {
        let header_len = HEADER_START_LEN + 4 * decoded.shape.len();
        Ok(Len::AtMost(self.whole.encoded_len().bound().saturating_add(header_len)))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let (shape, data) = split_header(&encoded, decoded.shape.len())?;
        let bytes = if shape == decoded.shape {
            self.whole.decode(data, scratch)?.into_owned()
        } else {
            let block = ChunkSpec { shape, ..decoded.clone() };
            let most = decoded.byte_len()?.saturating_add(MAX_SURPLUS);
            if block.byte_len().is_ok_and(|len| len <= most) {
                let pipeline = Pipeline::with_externals(&self.codecs, block.clone(), &self.externals)?;
                let source = pipeline.decode(data, scratch)?;
                let bytes = fitted(&source, &block, decoded, scratch)?;
                scratch.give(source);
                bytes
            } else {
                let found = block.shape;
                return Err(Error::unsupported(format!(
                    "a block of shape {found:?}, which is much larger than its chunk of {:?}",
                    decoded.shape
                )));
            }
        };
        scratch.give(encoded);
        Ok(Cow::Owned(bytes))
    }
}

/// The shape that the header of a block tells, and what follows it.
fn split_header(encoded: &[u8], rank: usize) -> Result<(Vec<u64>, &[u8])> {
    let header_len = HEADER_START_LEN + 4 * rank;
    let Some((header, data)) = encoded.split_at_checked(header_len) else {
        let found = encoded.len();
        return Err(Error::corrupt_chunk(format!("{found} bytes, expected at least the {header_len} of the header")));
    };
    let (start, extents) = header.split_at(HEADER_START_LEN);
    let [mode, found_rank] = [[start[0], start[1]], [start[2], start[3]]].map(u16::from_be_bytes);
    if mode != 0 {
        let name = ["default", "varlength", "object"].get(usize::from(mode)).copied().unwrap_or("unknown");
        return Err(Error::unsupported(format!("a block of mode {mode} ({name}), expected 0 (default)")));
    }
    if usize::from(found_rank) != rank {
        return Err(Error::corrupt_chunk(format!("a block of {found_rank} dimensions, expected {rank}")));
    }
    let extents = extents.as_chunks().0.iter().map(|extent| u32::from_be_bytes(*extent).into());
    Ok((extents.collect(), data))
}

/// The elements of a block in a chunk of another shape.
fn fitted(source: &[u8], block: &ChunkSpec, chunk: &ChunkSpec, scratch: &mut Scratch) -> Result<Vec<u8>> {
    let item_len = chunk.data_type.item_len();
    let mut bytes = scratch.take(chunk.byte_len()?)?;
    if bytes.is_empty() {
        return Ok(bytes);
    }
    let all = Axis { extent: bytes.len() / item_len, source: 1, target: 1 };
    StridedCopy::new([all], item_len).fill(&chunk.fill_value, &mut bytes);
    let extents = block.shape.iter().zip(&chunk.shape).map(|(&in_block, &in_chunk)| in_block.min(in_chunk));
    let both = extents.zip(strides(&block.shape).into_iter().zip(strides(&chunk.shape)));
    // Both shapes are those of buffers, so that all of these fit a usize.
    let axes = both.map(|(extent, (source, target))| Axis {
        extent: extent as usize,
        source: source as usize,
        target: target as usize,
    });
    StridedCopy::new(axes, item_len).copy(source, &mut bytes);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::DataType;
    use crate::error::ErrorCode;
    use serde_json::json;

    // zarr-python does not write these blocks: they are laid out by hand, by the text of the extension and of N5.

    fn spec(shape: &[u64], fill: u16) -> ChunkSpec {
        ChunkSpec { shape: shape.to_vec(), data_type: DataType::UInt16, fill_value: fill.to_le_bytes().to_vec() }
    }

    fn chain(rank: usize) -> Value {
        let order: Vec<usize> = (0..rank).rev().collect();
        json!([{"name": "transpose", "configuration": {"order": order}}, {"name": "bytes", "configuration": {"endian": "big"}}])
    }

    fn decode(codecs: Value, spec: &ChunkSpec, encoded: &[u8]) -> Result<Vec<u16>> {
        let configuration = json!({"codecs": codecs});
        let codec = N5Default::new(&Configuration(configuration.as_object().unwrap()), spec, &Externals::default())?;
        let bytes = codec.decode(Cow::Borrowed(encoded), spec, &mut Scratch::default())?;
        Ok(bytes.as_chunks().0.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect())
    }

    /// A block whose elements are these, in the order in which N5 stores them: the first axis varies fastest.
    fn block(mode: u16, extents: &[u32], elements: &[u16]) -> Vec<u8> {
        let start = [mode, extents.len() as u16].map(u16::to_be_bytes);
        let extents = extents.iter().flat_map(|extent| extent.to_be_bytes());
        let elements = elements.iter().flat_map(|element| element.to_be_bytes());
        start.into_iter().flatten().chain(extents).chain(elements).collect()
    }

    #[test]
    fn a_block_of_the_chunks_shape_is_the_chunk() {
        let encoded = block(0, &[2, 3], &[1, 4, 2, 5, 3, 6]);
        assert_eq!(encoded[..14], [0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 0, 1]);
        assert_eq!(decode(chain(2), &spec(&[2, 3], 9), &encoded).unwrap(), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn what_a_block_lacks_is_filled_and_what_is_too_much_left_away() {
        let encoded = block(0, &[2, 3], &[1, 4, 2, 5, 3, 6]);
        assert_eq!(decode(chain(2), &spec(&[3, 4], 9), &encoded).unwrap(), [1, 2, 3, 9, 4, 5, 6, 9, 9, 9, 9, 9]);
        assert_eq!(decode(chain(2), &spec(&[1, 2], 9), &encoded).unwrap(), [1, 2]);
        assert_eq!(decode(chain(2), &spec(&[3, 2], 9), &encoded).unwrap(), [1, 2, 4, 5, 9, 9]);
        assert_eq!(decode(chain(2), &spec(&[2, 2], 9), &block(0, &[0, 5], &[])).unwrap(), [9; 4]);
    }

    #[test]
    fn a_block_may_be_compressed_behind_its_header() {
        // 8 times "zarr", written by Python's gzip module, as 16 elements.
        let member = [
            0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0xff, 0xab, 0x4a, 0x2c, 0x2a, 0xaa, 0xc2, 0x83, 0x01,
            0x3a, 0xe6, 0xce, 0xa6, 0x20, 0x00, 0x00, 0x00,
        ];
        let mut codecs = chain(1);
        codecs.as_array_mut().unwrap().push(json!("gzip"));
        let encoded = [&block(0, &[16], &[])[..], &member].concat();
        let expected: Vec<u16> = [0x7a61, 0x7272].repeat(8);
        assert_eq!(decode(codecs.clone(), &spec(&[16], 0), &encoded).unwrap(), expected);
        let padded = decode(codecs.clone(), &spec(&[18], 0), &encoded).unwrap();
        assert_eq!(padded, [&expected[..], &[0, 0]].concat());
        let claim = [&block(0, &[15], &[])[..], &member].concat();
        let error = decode(codecs, &spec(&[16], 0), &claim).unwrap_err();
        assert_eq!(error.to_string(), "gzip: decodes to more than the expected 30 bytes");
    }

    #[test]
    fn headers_that_do_not_fit_are_errors() {
        let told = |encoded: &[u8]| {
            let error = decode(chain(2), &spec(&[2, 2], 0), encoded).unwrap_err();
            (error.code(), error.to_string())
        };
        let corrupt = |text: &str| (ErrorCode::CorruptChunk, text.to_owned());
        let unsupported = |text: &str| (ErrorCode::Unsupported, text.to_owned());
        let good = block(0, &[2, 2], &[1, 2, 3, 4]);
        assert_eq!(told(&good[..11]), corrupt("11 bytes, expected at least the 12 of the header"));
        assert_eq!(told(&good[..19]), corrupt("bytes: 7 bytes, expected 8"));
        assert_eq!(told(&block(0, &[2, 3], &[1, 2, 3, 4])), corrupt("bytes: 8 bytes, expected 12"));
        assert_eq!(told(&block(0, &[2, 2, 1], &[0; 4])), corrupt("a block of 3 dimensions, expected 2"));
        assert_eq!(
            told(&block(1, &[2, 2], &[0; 4])),
            unsupported("a block of mode 1 (varlength), expected 0 (default)")
        );
        let huge = "a block of shape [4294967295, 4294967295], which is much larger than its chunk of [2, 2]";
        assert_eq!(told(&block(0, &[u32::MAX; 2], &[])), unsupported(huge));
    }

    #[test]
    fn a_chain_that_is_not_that_of_n5_is_refused() {
        let spec = spec(&[2, 2], 0);
        let [transpose, bytes] = [0, 1].map(|i| chain(2)[i].clone());
        let little = json!({"name": "bytes", "configuration": {"endian": "little"}});
        let identity = json!({"name": "transpose", "configuration": {"order": [0, 1]}});
        for codecs in [
            json!([]),
            json!([bytes]),
            json!([transpose, little]),
            json!([identity, bytes]),
            json!([transpose, bytes, "gzip", "crc32c"]),
        ] {
            let error = decode(codecs.clone(), &spec, &[]).unwrap_err();
            let text = format!(
                "codecs is {codecs}, expected a transpose that reverses all axes, bytes that are big-endian, and at most one more"
            );
            assert_eq!((error.code(), error.message()), (ErrorCode::InvalidMetadata, text.as_str()));
        }
    }
}
