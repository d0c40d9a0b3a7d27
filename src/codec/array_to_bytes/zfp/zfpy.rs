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
            let [own, flat] = fields;
            return Err(Error::corrupt_chunk(format!("the header says {found}, expected {own} or {flat}")));
        }
        let mode = effective(mode, found.scalar_type)?;
        let bytes = stream.decode(reader, &mode, found, decoded.byte_len()?, scratch)?;
        scratch.give(encoded);
        Ok(Cow::Owned(bytes))
    }
}
