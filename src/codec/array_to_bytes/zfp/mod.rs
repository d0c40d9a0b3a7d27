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
