//! A zfp stream and the field of numbers that is decoded from it.
//!
//! The stream is a string of bits, the first ones in the lowest bits of little-endian words. zfp as most people build it
//! writes whole words of 64 bits, but may also be built for words of a byte, so any length is lawful.

use std::fmt;

use zfp_rs::{ZfpBitStreamRef, ZfpConfig, ZfpDecompressionError, ZfpFieldMut, ZfpScalar, ZfpScalarType};

use crate::codec::Scratch;
use crate::error::{Error, Result};

/// Numbers of any type of zfp may stand at multiples of this.
const ALIGNMENT: usize = 8;

/// What zfp decodes to: one of its four types, and up to four extents, the fastest first and 0 behind the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    pub scalar_type: ZfpScalarType,
    pub dims: [usize; 4],
}

impl Field {
    /// The field of a chunk; one without dimensions is a list of one element.
    ///
    /// # Errors
    /// `unsupported` for more than four dimensions and for extents of 0.
    pub fn new(scalar_type: ZfpScalarType, shape: &[u64]) -> Result<Self> {
        let mut dims = [0; 4];
        let fastest_first = shape.iter().rev().chain(shape.is_empty().then_some(&1));
        let mut places = dims.iter_mut();
        for &extent in fastest_first {
            match (places.next(), usize::try_from(extent)) {
                (Some(place), Ok(extent)) if extent > 0 => *place = extent,
                _ => {
                    let message = format!("a chunk of shape {shape:?}, zfp has 1 to 4 dimensions, none of extent 0");
                    return Err(Error::unsupported(message));
                }
            }
        }
        Ok(Self { scalar_type, dims })
    }

    /// The most bytes that a stream of this field has, with a header.
    pub fn encoded_bound(&self, config: &ZfpConfig) -> Result<usize> {
        config
            .maximum_size(self.scalar_type, self.dims)
            .ok_or_else(|| Error::unsupported(format!("{self} is too large")))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.scalar_type {
            ZfpScalarType::I32 => "int32",
            ZfpScalarType::I64 => "int64",
            ZfpScalarType::F32 => "float32",
            ZfpScalarType::F64 => "float64",
        };
        let slowest_first: Vec<usize> = self.dims.into_iter().rev().filter(|&extent| extent > 0).collect();
        write!(f, "{name} of shape {slowest_first:?}")
    }
}

/// The words of a stream, which ends where the last of them ends: so a read beyond the stream is one beyond the words.
pub struct Stream {
    words: Vec<u64>,
    encoded_len: usize,
}

impl Stream {
    pub fn new(encoded: &[u8]) -> Result<Self> {
        let (first, whole) = encoded.as_rchunks::<8>();
        let mut words = Vec::new();
        words
            .try_reserve_exact(whole.len() + 1)
            .map_err(|_| Error::out_of_memory(format!("{} bytes for decoding are not to be had", encoded.len())))?;
        if !first.is_empty() {
            words.push(first.iter().rfold(0, |word, &byte| word << 8 | u64::from(byte)) << (64 - 8 * first.len()));
        }
        words.extend(whole.iter().map(|word| u64::from_le_bytes(*word)));
        Ok(Self { words, encoded_len: encoded.len() })
    }

    /// Reads from the first bit on.
    pub fn reader(&self) -> ZfpBitStreamRef<'_> {
        let mut reader = ZfpBitStreamRef::from_words(&self.words);
        reader.seek_read(8 * (8 * self.words.len() - self.encoded_len) as u64);
        reader
    }

    /// Decodes `field`, whose elements have `len` bytes altogether, from where `reader` stands.
    pub fn decode(
        &self,
        mut reader: ZfpBitStreamRef<'_>,
        config: &ZfpConfig,
        field: Field,
        len: usize,
        scratch: &mut Scratch,
    ) -> Result<Vec<u8>> {
        let mut buffer = scratch.take(len.saturating_add(ALIGNMENT))?;
        let start = buffer.as_ptr().align_offset(ALIGNMENT).min(ALIGNMENT);
        let Some(output) = buffer.get_mut(start..start + len) else {
            return Err(Error::out_of_memory(format!("{len} bytes for decoding are not to be had")));
        };
        match field.scalar_type {
            ZfpScalarType::I32 => self.decode_numbers::<i32>(&mut reader, config, field, output)?,
            ZfpScalarType::I64 => self.decode_numbers::<i64>(&mut reader, config, field, output)?,
            ZfpScalarType::F32 => self.decode_numbers::<f32>(&mut reader, config, field, output)?,
            ZfpScalarType::F64 => self.decode_numbers::<f64>(&mut reader, config, field, output)?,
        }
        if start > 0 {
            buffer.copy_within(start..start + len, 0);
        }
        buffer.truncate(len);
        Ok(buffer)
    }

    fn decode_numbers<T: ZfpScalar>(
        &self,
        reader: &mut ZfpBitStreamRef<'_>,
        config: &ZfpConfig,
        field: Field,
        output: &mut [u8],
    ) -> Result<()> {
        let numbers = bytemuck::try_cast_slice_mut::<u8, T>(output);
        let numbers = numbers.map_err(|error| Error::out_of_memory(format!("memory for numbers: {error}")))?;
        let mut numbers = ZfpFieldMut::new(numbers, field.dims)
            .map_err(|error| Error::unsupported(format!("zfp does not decode {field}: {error}")))?;
        match reader.decompress(config, &mut numbers) {
            // Padding of the last block that is not there was skipped, not read.
            Ok(end) if end <= reader.capacity() => Ok(()),
            Ok(_) | Err(ZfpDecompressionError::Truncated { .. }) => {
                let message = format!("the stream ends after {} bytes, before the end of its blocks", self.encoded_len);
                Err(Error::corrupt_chunk(message))
            }
            Err(error) => Err(Error::corrupt_chunk(format!("the stream does not decode: {error}"))),
        }
    }
}
