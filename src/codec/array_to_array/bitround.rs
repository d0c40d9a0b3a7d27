//! `bitround`: floats of which the writer kept only some bits of the mantissa.
//!
//! `bitround` of the Zarr v3 extensions; `numcodecs.bitround`, a deprecated alias, and the v2 id `bitround`.
//! Configuration: `keepbits`, required. The registered codec takes integers from 1 and, beside floats, complex numbers,
//! integers and times; that of numcodecs takes those from 0 to the width of the mantissa, and floats only.
//!
//! Decoding changes nothing. Nor is the fill value rounded: an inner chunk that a shard lacks held exactly that value.

use std::borrow::Cow;

use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};

pub struct BitRound;

impl BitRound {
    /// The codec of the Zarr v3 extensions.
    pub fn registered(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        if decoded.data_type == DataType::Bool {
            return Err(Error::unsupported("elements of type bool, which have no bits to round"));
        }
        Self::checked(configuration, 1, i64::MAX)
    }

    /// The codec of numcodecs.
    pub fn numcodecs(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        let mantissa = match decoded.data_type {
            DataType::Float16 => 10,
            DataType::Float32 => 23,
            DataType::Float64 => 52,
            _ => {
                return Err(Error::unsupported(format!("elements of type {}, expected floats", decoded.data_type)));
            }
        };
        Self::checked(configuration, 0, mantissa)
    }

    fn checked(configuration: &Configuration, low: i64, high: i64) -> Result<Self> {
        let bits = configuration.required("keepbits", configuration.integer("keepbits")?)?;
        configuration.in_range("keepbits", bits, low, high).map(|_| Self)
    }
}

impl ArrayToArray for BitRound {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        Ok(decoded.clone())
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        _: &ChunkSpec,
        _: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        Ok(encoded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn spec(data_type: DataType) -> ChunkSpec {
        ChunkSpec { shape: vec![2], fill_value: vec![0; data_type.item_len()], data_type }
    }

    #[test]
    fn decoding_changes_nothing() {
        let (configuration, spec) = (json!({"keepbits": 3}), spec(DataType::Float32));
        let codec = BitRound::registered(&Configuration(configuration.as_object().unwrap()), &spec).unwrap();
        assert_eq!(codec.encoded(&spec).unwrap(), spec);
        let decoded = codec.decode(Cow::Borrowed(b"01234567"), &spec, &spec, &mut Scratch::default()).unwrap();
        assert!(matches!(decoded, Cow::Borrowed(b"01234567")));
    }

    #[test]
    fn each_codec_has_its_own_limits() {
        let accepted = |keepbits: serde_json::Value, data_type: DataType| {
            let object = json!({ "keepbits": keepbits });
            let (configuration, spec) = (Configuration(object.as_object().unwrap()), spec(data_type));
            (BitRound::registered(&configuration, &spec).is_ok(), BitRound::numcodecs(&configuration, &spec).is_ok())
        };
        assert_eq!(accepted(json!(0), DataType::Float32), (false, true));
        assert_eq!(accepted(json!(23), DataType::Float32), (true, true));
        assert_eq!(accepted(json!(24), DataType::Float32), (true, false));
        assert_eq!(accepted(json!(11), DataType::Float16), (true, false));
        assert_eq!(accepted(json!(-1), DataType::Float64), (false, false));
        assert_eq!(accepted(json!(5), DataType::Int32), (true, false));
        assert_eq!(accepted(json!(5), DataType::Bool), (false, false));
        assert_eq!(accepted(json!(null), DataType::Float64), (false, false));
    }
}
