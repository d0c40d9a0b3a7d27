//! `quantize`: floats rounded to a number of decimal digits, stored perhaps as narrower floats.
//!
//! `numcodecs.quantize` and the v2 id `quantize`. Configuration: `digits`, an integer that only the writer needed, but
//! required as in numcodecs; `dtype`, the type of the decoded elements, by default the data type at this place of the
//! chain; `astype`, that of the stored ones, by default `dtype`. Both must be floats. Decoding is a cast.

use super::cast::Conversion;
use crate::codec::{ChunkSpec, Configuration};
use crate::error::{Error, Result};

pub fn quantize(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Conversion> {
    configuration.required("digits", configuration.integer("digits")?)?;
    let conversion = Conversion::new(configuration, "dtype", "astype", decoded)?;
    for side in [&conversion.decoded, &conversion.stored] {
        if !side.is_float() {
            return Err(Error::unsupported(format!("elements of type {}, expected floats", side.data_type)));
        }
    }
    Ok(conversion)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;
    use crate::codec::{ArrayToArray, Scratch};
    use crate::data_type::DataType;
    use half::f16;
    use serde_json::json;

    fn spec() -> ChunkSpec {
        ChunkSpec { shape: vec![3], data_type: DataType::Float64, fill_value: 2.5f64.to_le_bytes().to_vec() }
    }

    fn codec(configuration: serde_json::Value) -> Result<Box<dyn ArrayToArray>> {
        Ok(Box::new(quantize(&Configuration(configuration.as_object().unwrap()), &spec())?))
    }

    #[test]
    fn stored_floats_are_widened_and_nothing_else() {
        let codec = codec(json!({"digits": 1, "dtype": "<f8", "astype": "<f2"})).unwrap();
        let encoded_spec = codec.encoded(&spec()).unwrap();
        assert_eq!(encoded_spec.data_type, DataType::Float16);
        assert_eq!(encoded_spec.fill_value, f16::from_f32(2.5).to_le_bytes());
        let encoded = [0.0625, -1.9375, f32::INFINITY].map(|value| f16::from_f32(value).to_le_bytes()).concat();
        let decoded = codec.decode(Cow::Borrowed(&encoded), &encoded_spec, &spec(), &mut Scratch::default()).unwrap();
        assert_eq!(decoded[..], [0.0625, -1.9375, f64::INFINITY].map(f64::to_le_bytes).concat());
    }

    #[test]
    fn without_astype_nothing_changes() {
        let codec = codec(json!({"digits": -1})).unwrap();
        assert_eq!(codec.encoded(&spec()).unwrap(), spec());
        let decoded = codec.decode(Cow::Borrowed(&[7; 24]), &spec(), &spec(), &mut Scratch::default()).unwrap();
        assert!(matches!(decoded, Cow::Borrowed([7, ..])));
    }

    #[test]
    fn anything_but_floats_and_absent_digits_are_refused() {
        for configuration in [
            json!({}),
            json!({"digits": 1.5}),
            json!({"digits": 1, "astype": "<i4"}),
            json!({"digits": 1, "dtype": "<i8", "astype": "<f8"}),
            json!({"digits": 1, "dtype": "<f4"}),
        ] {
            assert!(codec(configuration.clone()).is_err(), "{configuration}");
        }
    }
}
