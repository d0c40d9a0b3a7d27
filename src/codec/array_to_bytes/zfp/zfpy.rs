//! `numcodecs.zfpy`: a zfp stream with its full header.
//!
//! Source: numcodecs `zfpy`, whose `mode`, `tolerance`, `rate`, `precision` and `compression_kwargs` are for writing only;
//! zfp 1.0 documentation, "Stream header": the bytes `zfp` and the version 5, the type and extents, the mode. Elements are
//! int32, int64 (times are int64), float32 and float64.

use std::borrow::Cow;

use zfp_rs::{ZfpConfig, ZfpHeaderMask, ZfpScalarType};

use super::mode::effective;
use super::stream::{Field, Stream};
use crate::codec::{ArrayToBytes, ChunkSpec, Len, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};

pub struct Zfpy {
    scalar_type: ZfpScalarType,
}

impl Zfpy {
    pub fn new(decoded: &ChunkSpec) -> Result<Self> {
        let scalar_type = match decoded.data_type {
            DataType::Int32 => ZfpScalarType::I32,
            DataType::Int64 | DataType::DateTime64(_) | DataType::TimeDelta64(_) => ZfpScalarType::I64,
            DataType::Float32 => ZfpScalarType::F32,
            DataType::Float64 => ZfpScalarType::F64,
            _ => {
                let message = format!("{}, zfpy has int32, int64, float32 and float64", decoded.data_type);
                return Err(Error::unsupported(message));
            }
        };
        Ok(Self { scalar_type })
    }

    /// What a header may say: the chunk's own shape, or its elements in a row, as early versions of numcodecs write
    /// them, and all behind a filter that flattens; only these where the chunk has more dimensions than zfp.
    fn fields(&self, decoded: &ChunkSpec) -> Result<[Field; 2]> {
        let flat = Field::new(self.scalar_type, &[decoded.element_count()?])?;
        Ok([Field::new(self.scalar_type, &decoded.shape).unwrap_or(flat), flat])
    }
}

impl ArrayToBytes for Zfpy {
    fn encoded_len(&self, decoded: &ChunkSpec) -> Result<Len> {
        let [own, flat] = self.fields(decoded)?;
        let longest = ZfpConfig::reversible();
        Ok(Len::AtMost(own.encoded_bound(&longest)?.max(flat.encoded_bound(&longest)?)))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let stream = Stream::new(&encoded)?;
        let mut reader = stream.reader();
        let header = reader
            .read_header(ZfpHeaderMask::FULL)
            .map_err(|error| Error::corrupt_chunk(format!("not a zfp stream with a header: {error}")))?;
        let (Some(found), Some(mode)) = (header.metadata, header.config) else {
            return Err(Error::corrupt_chunk("the zfp header is not complete"));
        };
        let found = Field { scalar_type: found.scalar_type, dims: found.dims };
        let fields = self.fields(decoded)?;
        if !fields.contains(&found) {
            return Err(Error::corrupt_chunk(format!("the header says {found}, expected {} or a flat one", fields[0])));
        }
        let mode = effective(mode, found.scalar_type)?;
        let bytes = stream.decode(reader, &mode, found, decoded.byte_len()?, scratch)?;
        scratch.give(encoded);
        Ok(Cow::Owned(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn decode(data_type: DataType, shape: &[u64], encoded: &[u8]) -> Result<Vec<u8>> {
        let spec = ChunkSpec { shape: shape.to_vec(), fill_value: vec![0; data_type.item_len()], data_type };
        let codec = Zfpy::new(&spec)?;
        assert!(encoded.len() <= codec.encoded_len(&spec)?.bound());
        codec.decode(Cow::Borrowed(encoded), &spec, &mut Scratch::default()).map(Cow::into_owned)
    }

    /// libzfp's int32 [[7, -1, 3], [1, 2, 3]], reversible.
    const ROWS: [u8; 32] = [
        b'z', b'f', b'p', 5, 0x24, 0, 0, 0x10, 0, 0, 0, 0x88, 0x1f, 0, 0, 0x80, 0xc0, 0xca, 0xdb, 0xfd, 0x72, 0x51,
        0x15, 0x4a, 0x41, 0x89, 0x28, 0, 0, 0, 0, 0,
    ];
    /// The same in a row.
    const FLAT: [u8; 32] = [
        b'z', b'f', b'p', 5, 0x50, 0, 0, 0, 0, 0, 0, 0x88, 0x1f, 0, 0, 0x80, 0xe8, 0xa3, 0x8c, 0x0f, 0, 0, 0, 0xb6,
        0x0c, 0, 0, 0, 0, 0, 0, 0,
    ];

    #[test]
    fn the_header_has_the_shape_of_the_chunk_or_is_flat() {
        let expected = [7, -1, 3, 1, 2, 3].map(i32::to_le_bytes).concat();
        assert_eq!(decode(DataType::Int32, &[2, 3], &ROWS).unwrap(), expected);
        assert_eq!(decode(DataType::Int32, &[2, 3], &FLAT).unwrap(), expected);
        assert_eq!(decode(DataType::Int32, &[6], &FLAT).unwrap(), expected);
        assert_eq!(decode(DataType::Int32, &[1, 1, 2, 3, 1, 1], &FLAT).unwrap(), expected);
        let message = "the header says int32 of shape [2, 3], expected int32 of shape [6] or a flat one";
        assert_eq!(decode(DataType::Int32, &[1, 1, 2, 3, 1], &ROWS).unwrap_err().message(), message);
        let message = "the header says int32 of shape [2, 3], expected int32 of shape [3, 2] or a flat one";
        assert_eq!(decode(DataType::Int32, &[3, 2], &ROWS).unwrap_err().message(), message);
        let message = "the header says int32 of shape [6], expected float32 of shape [7] or a flat one";
        assert_eq!(decode(DataType::Float32, &[7], &FLAT).unwrap_err().message(), message);
    }

    #[test]
    fn a_budget_below_the_header_of_a_block_is_no_limit() {
        // zfpy's [1, 1.25, 1.5, 1.75, 0, 0, 0, 0] at a rate of 1.
        let mut stream = [0; 32];
        stream[..12].copy_from_slice(&[b'z', b'f', b'p', 5, 0x72, 0, 0, 0, 0, 0, 0x30, 0]);
        stream[12..16].copy_from_slice(&[0x01, 0xad, 0x2e, 0]);
        let expected = [1.0, 1.25, 1.5, 1.75, 0.0, 0.0, 0.0, 0.0].map(f32::to_le_bytes).concat();
        assert_eq!(decode(DataType::Float32, &[8], &stream).unwrap(), expected);
    }

    #[test]
    fn what_has_no_header_of_zfp_is_an_error() {
        for (at, byte) in [(0, b'x'), (3, 4)] {
            let mut stream = ROWS;
            stream[at] = byte;
            let error = decode(DataType::Int32, &[2, 3], &stream).unwrap_err();
            let message = "not a zfp stream with a header: invalid ZFP header magic";
            assert_eq!((error.code(), error.message()), (ErrorCode::CorruptChunk, message));
        }
        assert_eq!(decode(DataType::Int32, &[2, 3], &[]).unwrap_err().code(), ErrorCode::CorruptChunk);
    }

    #[test]
    fn a_header_of_a_stream_that_ends_is_an_error() {
        for len in 4..27 {
            let error = decode(DataType::Int32, &[2, 3], &ROWS[..len]).unwrap_err();
            assert_eq!(error.code(), ErrorCode::CorruptChunk, "{len}: {error}");
        }
        assert!(decode(DataType::Int32, &[2, 3], &ROWS[..27]).is_ok());
    }

    #[test]
    fn types_that_zfpy_does_not_write_are_refused() {
        for data_type in [DataType::UInt32, DataType::Int16, DataType::Float16, DataType::Bool] {
            let error = decode(data_type.clone(), &[3], &[]).unwrap_err();
            let message = format!("{data_type}, zfpy has int32, int64, float32 and float64");
            assert_eq!((error.code(), error.message()), (ErrorCode::Unsupported, message.as_str()));
        }
    }
}
