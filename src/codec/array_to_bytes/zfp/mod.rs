//! `zfp`: blocks of 4ⁿ numbers, transformed and stored bit plane by bit plane.
//!
//! Zarr v3 extension codec `zfp` (zarr-extensions, `codecs/zfp`). The stream has no header: type and extents are those of
//! the chunk, the mode is in the configuration (`mode.rs`). Chunks of up to four dimensions, none of extent 0. Elements
//! are int32, int64 (times are int64), float32 and float64; (u)int8 and (u)int16 are moved to the top of an int32, but for
//! its sign; the upper half of uint32 and uint64 has no place.
//!
//! Decoding is that of the crate `zfp-rs`.

mod mode;
mod stream;
pub mod zfpy;

use std::borrow::Cow;

use zfp_rs::{ZfpConfig, ZfpScalarType};

use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Len, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};
use mode::{effective, fixed_rate, fixed_rate_len, parse_mode};
use stream::{Field, Stream};

pub struct Zfp {
    field: Field,
    mode: ZfpConfig,
    /// At a fixed rate, zarrs (0.23 and before) gives blocks of every rank as many bits as those of three dimensions.
    mode_in_zarrs: Option<ZfpConfig>,
}

impl Zfp {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        let scalar_type = match decoded.data_type {
            DataType::Int8 | DataType::UInt8 | DataType::Int16 | DataType::UInt16 => ZfpScalarType::I32,
            DataType::Int32 | DataType::UInt32 => ZfpScalarType::I32,
            DataType::Int64 | DataType::UInt64 => ZfpScalarType::I64,
            DataType::DateTime64(_) | DataType::TimeDelta64(_) => ZfpScalarType::I64,
            DataType::Float32 => ZfpScalarType::F32,
            DataType::Float64 => ZfpScalarType::F64,
            _ => {
                let message = format!("{}, zfp has integers, float32 and float64", decoded.data_type);
                return Err(Error::unsupported(message));
            }
        };
        let field = Field::new(scalar_type, &decoded.shape)?;
        let mode = effective(parse_mode(configuration, field)?, scalar_type)?;
        let in_space = Field { dims: [1, 1, 1, 0], ..field };
        let mode_in_zarrs = configuration.number("rate")?.and_then(|rate| fixed_rate(rate, in_space));
        Ok(Self { field, mode, mode_in_zarrs })
    }

    /// The mode that a stream was written in: at a fixed rate its length tells.
    fn mode_of(&self, encoded_len: usize) -> Result<&ZfpConfig> {
        let Some(in_zarrs) = &self.mode_in_zarrs else { return Ok(&self.mode) };
        let is_len_of = |mode: &&ZfpConfig| fixed_rate_len(mode, self.field).contains(&(encoded_len as u64));
        [&self.mode, in_zarrs].into_iter().find(is_len_of).ok_or_else(|| {
            let expected = fixed_rate_len(&self.mode, self.field);
            Error::corrupt_chunk(format!("{encoded_len} bytes, expected {} at this rate", expected.end()))
        })
    }
}

impl ArrayToBytes for Zfp {
    fn encoded_len(&self, _decoded: &ChunkSpec) -> Result<Len> {
        let bounds = [Some(&self.mode), self.mode_in_zarrs.as_ref()];
        let bounds = bounds.into_iter().flatten().map(|mode| self.field.encoded_bound(mode));
        bounds.collect::<Result<Vec<_>>>().map(|bounds| Len::AtMost(bounds.into_iter().fold(0, usize::max)))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let stream = Stream::new(&encoded)?;
        let len = decoded.byte_len()? / decoded.data_type.item_len() * self.field.scalar_type.size();
        let mode = self.mode_of(encoded.len())?;
        let numbers = stream.decode(stream.reader(), mode, self.field, len, scratch)?;
        scratch.give(encoded);
        match decoded.data_type {
            DataType::Int8 => narrow(numbers, scratch, |v| [(v >> 23).clamp(-0x80, 0x7f) as u8]),
            DataType::UInt8 => narrow(numbers, scratch, |v| [((v >> 23) + 0x80).clamp(0, 0xff) as u8]),
            DataType::Int16 => narrow(numbers, scratch, |v| ((v >> 15).clamp(-0x8000, 0x7fff) as i16).to_le_bytes()),
            DataType::UInt16 => {
                narrow(numbers, scratch, |v| (((v >> 15) + 0x8000).clamp(0, 0xffff) as u16).to_le_bytes())
            }
            DataType::UInt32 => Ok(not_negative::<4>(numbers)),
            DataType::UInt64 => Ok(not_negative::<8>(numbers)),
            _ => Ok(numbers),
        }
        .map(Cow::Owned)
    }
}

/// Integers of `N` bytes out of int32.
fn narrow<const N: usize>(numbers: Vec<u8>, scratch: &mut Scratch, from: impl Fn(i32) -> [u8; N]) -> Result<Vec<u8>> {
    let (numbers_in, _) = numbers.as_chunks::<4>();
    let mut elements = scratch.take(numbers_in.len() * N)?;
    let (elements_out, _) = elements.as_chunks_mut::<N>();
    elements_out.iter_mut().zip(numbers_in).for_each(|(element, number)| *element = from(i32::from_le_bytes(*number)));
    scratch.give(Cow::Owned(numbers));
    Ok(elements)
}

/// Little-endian integers of `N` bytes, the negative ones replaced by 0.
fn not_negative<const N: usize>(mut numbers: Vec<u8>) -> Vec<u8> {
    let (elements, _) = numbers.as_chunks_mut::<N>();
    elements.iter_mut().filter(|element| element[N - 1] >= 0x80).for_each(|element| *element = [0; N]);
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use serde_json::{Value, json};

    fn decode(configuration: Value, data_type: DataType, shape: &[u64], encoded: &[u8]) -> Result<Vec<u8>> {
        let spec = ChunkSpec { shape: shape.to_vec(), fill_value: vec![0; data_type.item_len()], data_type };
        let codec = Zfp::new(&Configuration(configuration.as_object().unwrap()), &spec)?;
        assert!(encoded.len() <= codec.encoded_len(&spec)?.bound());
        codec.decode(Cow::Borrowed(encoded), &spec, &mut Scratch::default()).map(Cow::into_owned)
    }

    fn refusal(configuration: Value, data_type: DataType, shape: &[u64]) -> (ErrorCode, String) {
        let error = decode(configuration, data_type, shape, &[]).unwrap_err();
        (error.code(), error.message().to_owned())
    }

    fn floats(bytes: &[u8]) -> Vec<f32> {
        bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
    }

    // The streams of these tests are libzfp's, and so are the elements.

    const ROWS: [f32; 8] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    const ROWS_AT_RATE_4: [u8; 8] = [0x07, 0x71, 0x48, 0x34, 0x08, 0, 0, 0];
    const REVERSIBLE: [u8; 8] = [0x1f, 0, 0, 0x80, 0xe8, 0xe3, 0x08, 0];

    #[test]
    fn expert_mode_has_four_limits() {
        let mode = json!({"mode": "expert", "minbits": 0, "maxbits": 100, "maxprec": 20, "minexp": -4});
        let stream = [7, 0x68, 0x8b, 0x44, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let expected: Vec<u8> = (0..16).flat_map(|i| f64::from(i).to_le_bytes()).collect();
        assert_eq!(decode(mode, DataType::Float64, &[4, 4], &stream).unwrap(), expected);
    }

    #[test]
    fn a_rate_is_that_of_the_rank_or_that_of_zarrs() {
        let rate = || json!({"mode": "fixed_rate", "rate": 4});
        let by_rank = decode(rate(), DataType::Float32, &[2, 4], &ROWS_AT_RATE_4).unwrap();
        let by_zarrs = [&ROWS_AT_RATE_4[..], &[0; 24]].concat();
        let by_zarrs = decode(rate(), DataType::Float32, &[2, 4], &by_zarrs).unwrap();
        assert_eq!((floats(&by_rank), floats(&by_zarrs)), (ROWS.to_vec(), ROWS.to_vec()));
        for len in [0, 7, 9, 16, 31, 33] {
            let error = decode(rate(), DataType::Float32, &[2, 4], &vec![0; len]).unwrap_err();
            assert_eq!(error.message(), format!("{len} bytes, expected 8 at this rate"));
        }
    }

    #[test]
    fn a_budget_below_the_header_of_a_block_is_no_limit() {
        let mode = json!({"mode": "expert", "minbits": 4, "maxbits": 4, "maxprec": 64, "minexp": -1074});
        let stream = [0x01, 0xad, 0x2e, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let decoded = decode(mode, DataType::Float32, &[8], &stream).unwrap();
        assert_eq!(floats(&decoded), [1.0, 1.25, 1.5, 1.75, 0.0, 0.0, 0.0, 0.0]);
        let reversible = json!({"mode": "expert", "minbits": 4, "maxbits": 4, "maxprec": 64, "minexp": -1075});
        let message = "maxbits is 4, expected 15 or more in a reversible mode".to_owned();
        assert_eq!(refusal(reversible, DataType::Float32, &[8]), (ErrorCode::Unsupported, message));
    }

    #[test]
    fn narrow_integers_are_moved_down_and_clamped() {
        let decode = |precision: u32, data_type, stream: [u8; 2]| {
            let stream = [&stream[..], &[0; 6]].concat();
            decode(json!({"mode": "fixed_precision", "precision": precision}), data_type, &[4], &stream).unwrap()
        };
        assert_eq!(decode(3, DataType::UInt8, [0x72, 0x03]), [0, 208, 48, 16]);
        assert_eq!(decode(2, DataType::Int8, [0x12, 0]), [0x80, 0x7f, 0x7f, 0x80]);
        assert_eq!(decode(5, DataType::Int16, [0xb2, 0x0b]), [0x00, 0x80, 0xff, 0x7f, 0, 0, 0, 0]);
        assert_eq!(decode(2, DataType::UInt16, [0x12, 0]), [0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0]);
    }

    #[test]
    fn unsigned_integers_are_never_negative() {
        let reversible = || json!({"mode": "reversible"});
        let stream = [&[0xff, 0x3e], &[0; 13][..], &[0x44, 0x60], &[0; 7]].concat();
        let decoded = decode(reversible(), DataType::UInt32, &[4], &stream).unwrap();
        assert_eq!(decoded, [0, 0, 1, 1 << 30].map(u32::to_le_bytes).concat());
        let decoded = decode(reversible(), DataType::Int32, &[4], &stream).unwrap();
        assert_eq!(decoded, [-1 << 30, 0, 1, 1 << 30].map(i32::to_le_bytes).concat());
        let stream = [&[0xff, 0xf5], &[0; 30][..], &[0xc8], &[0; 7]].concat();
        let decoded = decode(reversible(), DataType::UInt64, &[4], &stream).unwrap();
        assert_eq!(decoded, [0, 0, 1, 2].map(u64::to_le_bytes).concat());
    }

    #[test]
    fn a_stream_may_end_with_the_byte_of_its_last_bit_but_not_before() {
        for (len, is_good) in [(8, true), (7, true), (6, false), (5, false), (1, false), (0, false)] {
            let decoded = decode(json!({"mode": "reversible"}), DataType::Int32, &[3], &REVERSIBLE[..len]);
            let message = format!("the stream ends after {len} bytes, before the end of its blocks");
            match decoded {
                Ok(decoded) => assert_eq!((decoded, is_good), ([7, -1, 3].map(i32::to_le_bytes).concat(), true)),
                Err(error) => assert_eq!((error.message(), is_good), (message.as_str(), false)),
            }
        }
    }

    #[test]
    fn a_stream_without_the_padding_of_its_last_block_is_an_error() {
        let decode = |len: usize| {
            let padded = json!({"mode": "expert", "minbits": 128, "maxbits": 200, "maxprec": 64, "minexp": -1074});
            decode(padded, DataType::Float32, &[4], &vec![0; len])
        };
        assert_eq!(decode(16).unwrap(), [0; 16]);
        for len in [8, 15] {
            let message = format!("the stream ends after {len} bytes, before the end of its blocks");
            assert_eq!(decode(len).unwrap_err().message(), message);
        }
    }

    #[test]
    fn modes_have_their_members_and_no_others() {
        for (configuration, message) in [
            (json!({}), "the configuration has no mode"),
            (json!({"mode": "fixed_rate"}), "the configuration has no rate"),
            (json!({"mode": "reversible", "write_header": true}), "unknown configuration key write_header"),
            (
                json!({"mode": "fixed_precision", "precision": -1}),
                "precision is -1, expected an integer from 0 to 4294967295",
            ),
            (
                json!({"mode": "fixed_rate", "rate": 0}),
                "rate is 0, expected a number of bits per element that gives a block 1 to 16658 bits",
            ),
            (
                json!({"mode": "expert", "minbits": 9, "maxbits": 8, "maxprec": 64, "minexp": 0}),
                "expected minbits up to maxbits, and maxprec from 1 to 64",
            ),
            (
                json!({"mode": "lossless"}),
                "mode is \"lossless\", expected reversible, expert, fixed_accuracy, fixed_rate or fixed_precision",
            ),
        ] {
            let expected = (ErrorCode::InvalidMetadata, message.to_owned());
            assert_eq!(refusal(configuration, DataType::Int32, &[3]), expected);
        }
    }

    #[test]
    fn chunks_that_zfp_has_no_field_for_are_refused() {
        for (data_type, shape, message) in [
            (
                DataType::Int32,
                &[1; 5][..],
                "a chunk of shape [1, 1, 1, 1, 1], zfp has 1 to 4 dimensions, none of extent 0",
            ),
            (DataType::Int32, &[3, 0], "a chunk of shape [3, 0], zfp has 1 to 4 dimensions, none of extent 0"),
            (DataType::Float16, &[3], "float16, zfp has integers, float32 and float64"),
            (DataType::Complex64, &[3], "complex64, zfp has integers, float32 and float64"),
        ] {
            let expected = (ErrorCode::Unsupported, message.to_owned());
            assert_eq!(refusal(json!({"mode": "reversible"}), data_type, shape), expected);
        }
    }
}
