//! `astype`: the elements stored in another type.
//!
//! `numcodecs.astype` and the v2 id `astype`. Configuration: `encode_dtype`, the type of the stored elements, required;
//! `decode_dtype`, that of the decoded ones, by default the data type at this place of the chain. Decoding is NumPy's
//! cast. Both must be integers, floats or booleans: complex numbers and times are `unsupported`. The byte orders in the
//! type strings are those of the stored bytes and concern the codec `bytes`.

use super::cast::Conversion;
use crate::codec::{ChunkSpec, Configuration};
use crate::error::Result;

pub fn astype(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Conversion> {
    configuration.required("encode_dtype", configuration.text("encode_dtype")?)?;
    Conversion::new(configuration, "decode_dtype", "encode_dtype", decoded)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::codec::{ArrayToArray, Scratch};
    use crate::data_type::DataType;
    use serde_json::json;

    fn codec(configuration: serde_json::Value, decoded: &ChunkSpec) -> Result<Box<dyn ArrayToArray>> {
        Ok(Box::new(astype(&Configuration(configuration.as_object().unwrap()), decoded)?))
    }

    fn spec(data_type: DataType, fill_value: &[u8]) -> ChunkSpec {
        ChunkSpec { shape: vec![3], data_type, fill_value: fill_value.to_vec() }
    }

    fn decode(configuration: serde_json::Value, decoded: &ChunkSpec, encoded: &[u8]) -> Vec<u8> {
        let codec = codec(configuration, decoded).unwrap();
        let encoded_spec = codec.encoded(decoded).unwrap();
        codec.decode(Cow::Borrowed(encoded), &encoded_spec, decoded, &mut Scratch::default()).unwrap().into_owned()
    }

    #[test]
    fn elements_are_cast_from_encode_dtype_to_decode_dtype() {
        let decoded = spec(DataType::Int64, &[0; 8]);
        let configuration = json!({"encode_dtype": "|i1", "decode_dtype": "<i8"});
        assert_eq!(decode(configuration, &decoded, &[100, 0x80, 0xff]), [100, -128, -1].map(i64::to_le_bytes).concat());
        let configuration = json!({"encode_dtype": "float64"});
        let decoded = spec(DataType::Int16, &[0; 2]);
        let encoded = [2.9, -2.9, 32767.0].map(f64::to_le_bytes).concat();
        assert_eq!(decode(configuration, &decoded, &encoded), [2, -2, i16::MAX].map(i16::to_le_bytes).concat());
    }

    #[test]
    fn elements_that_are_stored_in_their_own_type_keep_every_bit() {
        let decoded = spec(DataType::Float32, &0x7fc00001u32.to_le_bytes());
        let configuration = json!({"encode_dtype": ">f4", "decode_dtype": "<f4"});
        let encoded = [0x7f800001u32, 0xffc12345, 1].map(u32::to_le_bytes).concat();
        assert_eq!(decode(configuration.clone(), &decoded, &encoded), encoded);
        assert_eq!(codec(configuration, &decoded).unwrap().encoded(&decoded).unwrap(), decoded);
    }

    #[test]
    fn the_fill_value_goes_through_the_codec() {
        let decoded = spec(DataType::Float64, &(-7.0f64).to_le_bytes());
        let encoded = codec(json!({"encode_dtype": "<i2"}), &decoded).unwrap().encoded(&decoded).unwrap();
        assert_eq!(encoded, spec(DataType::Int16, &(-7i16).to_le_bytes()));
    }

    #[test]
    fn types_that_are_absent_unknown_or_of_another_length_are_refused() {
        let decoded = spec(DataType::Float64, &[0; 8]);
        for configuration in [
            json!({}),
            json!({"encode_dtype": "<c8"}),
            json!({"encode_dtype": "<M8[s]"}),
            json!({"encode_dtype": "<f4", "decode_dtype": "<f4"}),
            json!({"encode_dtype": 4}),
        ] {
            assert!(codec(configuration.clone(), &decoded).is_err(), "{configuration}");
        }
    }
}
