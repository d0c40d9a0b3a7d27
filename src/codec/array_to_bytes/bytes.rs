//! `bytes`: the elements of a chunk in C order, packed.
//!
//! Zarr v3 core codec `bytes`, in early documents `endian`; what Zarr v2 does without naming it. Configuration: `endian`,
//! `"little"` or `"big"`, required for data types whose parts have more than one byte, without effect on others. The byte
//! order is that of each part of an element: of both halves of a complex number, of every code point, and of every field
//! by itself. Fields whose type says a byte order, as in Zarr v2, have that one. Not for elements of variable length.

use std::borrow::Cow;

use zarr_wasm_kernels::byte_order::reverse_components;

use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Len, Scratch};
use crate::data_type::{ByteOrder, DataType};
use crate::error::{Error, Result};

pub struct Bytes {
    order: ByteOrder,
}

impl Bytes {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        if decoded.data_type.is_variable() {
            let message = format!("elements of type {}, which are of variable length", decoded.data_type);
            return Err(Error::invalid_metadata(message));
        }
        let order = match configuration.text("endian")? {
            Some("little") => ByteOrder::Little,
            Some("big") => ByteOrder::Big,
            Some(_) => return Err(configuration.invalid("endian", "\"little\" or \"big\"")),
            // zarr-python wrote structs without it.
            None if matches!(decoded.data_type, DataType::Struct(_)) => ByteOrder::Little,
            None if !decoded.data_type.has_byte_order() => ByteOrder::Little,
            None => {
                let message = format!("the configuration has no endian, which {} requires", decoded.data_type);
                return Err(Error::invalid_metadata(message));
            }
        };
        Ok(Self { order })
    }
}

impl ArrayToBytes for Bytes {
    fn encoded_len(&self, decoded: &ChunkSpec) -> Result<Len> {
        decoded.byte_len().map(Len::Exact)
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let (found, expected) = (encoded.len(), decoded.byte_len()?);
        if found != expected {
            return Err(Error::corrupt_chunk(format!("{found} bytes, expected {expected}")));
        }
        if let DataType::Struct(_) = decoded.data_type {
            return self.decode_records(encoded, decoded, scratch);
        }
        let component_len = decoded.data_type.component_len();
        if self.order == ByteOrder::Little || component_len == 1 {
            return Ok(encoded);
        }
        let mut bytes = scratch.own(encoded)?;
        reverse_components(&mut bytes, component_len);
        Ok(Cow::Owned(bytes))
    }
}

impl Bytes {
    fn decode_records<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        decoded: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        let mut leaves = decoded.data_type.leaves()?;
        leaves.retain(|leaf| {
            leaf.byte_order.unwrap_or(self.order) == ByteOrder::Big && leaf.data_type.component_len() > 1
        });
        if leaves.is_empty() {
            return Ok(encoded);
        }
        let mut bytes = scratch.own(encoded)?;
        for record in bytes.chunks_exact_mut(decoded.data_type.item_len()) {
            for leaf in &leaves {
                let field = &mut record[leaf.offset..][..leaf.count * leaf.data_type.item_len()];
                reverse_components(field, leaf.data_type.component_len());
            }
        }
        Ok(Cow::Owned(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::parse_data_type_v2;
    use crate::error::ErrorCode;
    use serde_json::json;

    fn decode(configuration: serde_json::Value, data_type: DataType, encoded: &[u8]) -> Result<Vec<u8>> {
        let spec = ChunkSpec { shape: vec![2], fill_value: vec![0; data_type.item_len()], data_type };
        let codec = Bytes::new(&Configuration(configuration.as_object().unwrap()), &spec)?;
        let decode = |encoded| codec.decode(encoded, &spec, &mut Scratch::default()).map(Cow::into_owned);
        let (borrowed, owned) = (decode(Cow::Borrowed(encoded)), decode(Cow::Owned(encoded.to_vec())));
        assert_eq!(borrowed.as_ref().ok(), owned.as_ref().ok());
        borrowed
    }

    #[test]
    fn big_endian_components_are_reversed_each_by_itself() {
        let big = || json!({"endian": "big"});
        assert_eq!(decode(big(), DataType::UInt16, b"0123").unwrap(), b"1032");
        assert_eq!(decode(big(), DataType::Float32, b"01234567").unwrap(), b"32107654");
        assert_eq!(decode(big(), DataType::Int64, b"0123456789abcdef").unwrap(), b"76543210fedcba98");
        assert_eq!(decode(big(), DataType::Complex64, b"0123456789abcdef").unwrap(), b"32107654ba98fedc");
        assert_eq!(decode(big(), DataType::UInt8, b"01").unwrap(), b"01");
    }

    #[test]
    fn little_endian_bytes_are_handed_on() {
        assert_eq!(decode(json!({"endian": "little"}), DataType::UInt16, b"0123").unwrap(), b"0123");
        assert_eq!(decode(json!({}), DataType::Bool, b"01").unwrap(), b"01");
    }

    #[test]
    fn every_field_of_a_record_has_a_byte_order_of_its_own() {
        let fields = json!([["a", ">i2"], ["b", "<i2"], ["c", "|S3"], ["d", [["re", ">f4", [2]]]]]);
        let data_type = parse_data_type_v2(&fields).unwrap().0;
        let records = b"01ab---0123456789AB---abcdefgh";
        assert_eq!(
            decode(json!({}), data_type, records).unwrap(),
            b"10ab---32107654".iter().chain(b"98AB---dcbahgfe").copied().collect::<Vec<_>>()
        );
        let fields = json!({"name": "struct", "configuration": {"fields": [
            {"name": "a", "data_type": "int16"}, {"name": "b", "data_type": "uint8"}]}});
        let data_type = crate::data_type::parse_data_type_v3(&fields).unwrap();
        assert_eq!(decode(json!({"endian": "big"}), data_type.clone(), b"01-23-").unwrap(), b"10-32-");
        assert_eq!(decode(json!({}), data_type, b"01-23-").unwrap(), b"01-23-");
    }

    #[test]
    fn code_points_are_reversed_each_by_itself_and_references_are_refused() {
        assert_eq!(decode(json!({"endian": "big"}), DataType::FixedText(1), b"01234567").unwrap(), b"32107654");
        assert_eq!(decode(json!({}), DataType::FixedBytes(3), b"012345").unwrap(), b"012345");
        assert_eq!(decode(json!({}), DataType::Text, b"").unwrap_err().code(), ErrorCode::InvalidMetadata);
    }

    #[test]
    fn endian_is_required_where_it_matters() {
        let error = decode(json!({}), DataType::UInt16, b"0123").unwrap_err();
        assert_eq!(
            (error.code(), error.message()),
            (ErrorCode::InvalidMetadata, "the configuration has no endian, which uint16 requires")
        );
        let error = decode(json!({"endian": "middle"}), DataType::UInt8, b"01").unwrap_err();
        assert_eq!(error.message(), "endian is \"middle\", expected \"little\" or \"big\"");
    }

    #[test]
    fn a_length_that_is_not_that_of_the_chunk_is_an_error() {
        for encoded in [&b""[..], b"012", b"01234"] {
            let error = decode(json!({"endian": "little"}), DataType::UInt16, encoded).unwrap_err();
            assert_eq!(error.message(), format!("{} bytes, expected 4", encoded.len()));
        }
    }
}
