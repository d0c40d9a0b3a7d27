//! Numbers of any integer, float or boolean type, and NumPy's casts between them: what the codecs share that store
//! elements in another type.
//!
//! Casts follow `ndarray.astype`: the fraction of a float is cut off, integers wrap, everything but zero is true. What C
//! leaves undefined (a NaN or a float beyond the integer type) wraps as well, with NaN as zero.

use std::borrow::Cow;
use std::fmt;

use half::f16;

use crate::codec::{ArrayToArray, ChunkSpec, Configuration, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};

/// A value of any of the types, without loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Integer(i128),
    Float(f64),
}

impl Number {
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Integer(value) => value as f64,
            Self::Float(value) => value,
        }
    }

    fn to_integer(self) -> i128 {
        match self {
            Self::Integer(value) => value,
            // The detour is for speed: a conversion to 128 bits is a function call.
            Self::Float(value) if value.abs() < i64::MAX as f64 => (value as i64).into(),
            Self::Float(value) => value as i128,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(value) => write!(f, "{value}"),
            Self::Float(value) => write!(f, "{value}"),
        }
    }
}

/// How elements of one type are read and written.
pub struct NumberType {
    pub data_type: DataType,
    pub read: fn(&[u8]) -> Number,
    /// Casts the number to the type.
    pub write: fn(Number, &mut [u8]),
}

macro_rules! number_type {
    ($data_type:expr, $type:ty, $read:expr, $write:expr) => {
        Ok(NumberType {
            data_type: $data_type.clone(),
            read: |bytes| $read(<$type>::from_le_bytes(bytes.first_chunk().copied().unwrap_or_default())),
            write: |number, bytes| bytes.copy_from_slice(&<$type>::to_le_bytes($write(number))),
        })
    };
    ($data_type:expr, $integer:ty) => {
        number_type!($data_type, $integer, |value: $integer| Number::Integer(value.into()), |number: Number| number
            .to_integer()
            as $integer)
    };
}

impl NumberType {
    /// # Errors
    /// `unsupported` for a type that is none of integers, floats and booleans.
    pub fn new(data_type: &DataType) -> Result<Self> {
        match data_type {
            DataType::Bool => {
                number_type!(
                    data_type,
                    u8,
                    |value: u8| Number::Integer((value != 0).into()),
                    |number: Number| u8::from(number.to_f64() != 0.0)
                )
            }
            DataType::Int8 => number_type!(data_type, i8),
            DataType::Int16 => number_type!(data_type, i16),
            DataType::Int32 => number_type!(data_type, i32),
            DataType::Int64 => number_type!(data_type, i64),
            DataType::UInt8 => number_type!(data_type, u8),
            DataType::UInt16 => number_type!(data_type, u16),
            DataType::UInt32 => number_type!(data_type, u32),
            DataType::UInt64 => number_type!(data_type, u64),
            DataType::Float16 => {
                number_type!(data_type, f16, |value: f16| Number::Float(value.into()), |number| match number {
                    // By way of float32, as NumPy does it.
                    Number::Integer(value) => f16::from_f32(value as f32),
                    Number::Float(value) => f16::from_f64(value),
                })
            }
            DataType::Float32 => {
                number_type!(data_type, f32, |value: f32| Number::Float(value.into()), |number| match number {
                    Number::Integer(value) => value as f32,
                    Number::Float(value) => value as f32,
                })
            }
            DataType::Float64 => number_type!(data_type, f64, Number::Float, Number::to_f64),
            _ => {
                Err(Error::unsupported(format!("elements of type {data_type}, expected integers, floats or booleans")))
            }
        }
    }

    /// # Errors
    /// `unsupported` for a type that is neither an integer nor a float.
    pub fn real(data_type: &DataType) -> Result<Self> {
        match data_type {
            DataType::Bool => Err(Error::unsupported("elements of type bool, expected integers or floats")),
            _ => Self::new(data_type),
        }
    }

    pub fn is_float(&self) -> bool {
        matches!(self.data_type, DataType::Float16 | DataType::Float32 | DataType::Float64)
    }

    pub fn item_len(&self) -> usize {
        self.data_type.item_len()
    }

    /// Rounds a result to what the type, a float, can hold. Arithmetic of two float32 or float16 in float64 that is
    /// rounded after every operation is the arithmetic of the type itself: float64 has more than twice their digits.
    pub fn rounding(&self) -> fn(f64) -> f64 {
        match self.data_type {
            DataType::Float16 => |value| f16::from_f64(value).into(),
            DataType::Float32 => |value| (value as f32).into(),
            _ => |value| value,
        }
    }
}

/// The types on both sides of a codec: that of the decoded elements and that in which they are stored.
pub struct Conversion {
    pub decoded: NumberType,
    pub stored: NumberType,
}

impl Conversion {
    /// Takes the types from two members of a configuration in numcodecs' manner. What is absent is the type at this
    /// place of the chain; for `stored_key`, the type of the decoded elements. As in numcodecs the type of the decoded
    /// elements is how the chunk's bytes are *seen*: it may be int64 where the array has times.
    pub fn new(
        configuration: &Configuration,
        decoded_key: &str,
        stored_key: &str,
        decoded: &ChunkSpec,
    ) -> Result<Self> {
        let data_type =
            configuration.data_type(decoded_key)?.map_or(decoded.data_type.clone(), |(data_type, _)| data_type);
        let stored_type = configuration.data_type(stored_key)?.map_or(data_type.clone(), |(data_type, _)| data_type);
        if data_type.item_len() != decoded.data_type.item_len() {
            return Err(Error::unsupported(format!("{decoded_key} {data_type} in a chunk of {}", decoded.data_type)));
        }
        Ok(Self { decoded: NumberType::new(&data_type)?, stored: NumberType::new(&stored_type)? })
    }

    /// The encoded side. The fill value is cast and nothing else, whatever the codec does to elements: zarr-python, whose
    /// codecs these are, leaves an inner chunk out of a shard where its *stored* elements are the array's fill value.
    pub fn encoded(&self, decoded: &ChunkSpec) -> ChunkSpec {
        let fill_value = if self.is_identity() {
            decoded.fill_value.clone()
        } else {
            let mut fill_value = vec![0; self.stored.item_len()];
            convert(&decoded.fill_value, &self.decoded, &mut fill_value, &self.stored, |number| number);
            fill_value
        };
        ChunkSpec { shape: decoded.shape.clone(), data_type: self.stored.data_type.clone(), fill_value }
    }

    /// Decodes every element by `decode` and a cast.
    pub fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
        decode: impl Fn(Number) -> Number,
    ) -> Result<Cow<'a, [u8]>> {
        let mut decoded = scratch.take(decoded_spec.byte_len()?)?;
        convert(&encoded, &self.stored, &mut decoded, &self.decoded, decode);
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }

    /// Decodes with nothing but a cast; elements that are stored in their own type keep every bit.
    pub fn cast_decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        if self.is_identity() { Ok(encoded) } else { self.decode(encoded, decoded_spec, scratch, |number| number) }
    }

    fn is_identity(&self) -> bool {
        self.decoded.data_type == self.stored.data_type
    }
}

/// A conversion is a codec by itself: one that does nothing but cast.
impl ArrayToArray for Conversion {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        Ok(self.encoded(decoded))
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        self.cast_decode(encoded, decoded_spec, scratch)
    }
}

/// Converts as many elements as there are.
fn convert(source: &[u8], from: &NumberType, target: &mut [u8], to: &NumberType, map: impl Fn(Number) -> Number) {
    let source = source.chunks_exact(from.item_len());
    for (from_item, to_item) in source.zip(target.chunks_exact_mut(to.item_len())) {
        (to.write)(map((from.read)(from_item)), to_item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cast(bytes: &[u8], from: DataType, to: DataType) -> Vec<u8> {
        let (from, to) = (NumberType::new(&from).unwrap(), NumberType::new(&to).unwrap());
        let mut target = vec![0xaa; bytes.len() / from.item_len() * to.item_len()];
        convert(bytes, &from, &mut target, &to, |number| number);
        target
    }

    macro_rules! bytes {
        ($type:ident: $($value:expr),*) => { [$($type::to_le_bytes($value)),*].concat() };
    }

    #[test]
    fn floats_become_integers_as_numpy_casts_them() {
        // numpy.array([300.7, -1.5, -129.9, 3e9]).astype(…)
        let floats = bytes![f64: 300.7, -1.5, -129.9, 3e9];
        assert_eq!(cast(&floats, DataType::Float64, DataType::UInt8), [44, 255, 127, 0]);
        assert_eq!(
            cast(&floats, DataType::Float64, DataType::UInt64),
            bytes![u64: 300, u64::MAX, u64::MAX - 128, 3_000_000_000]
        );
        let beyond = bytes![f64: f64::NAN, 18446744073709549568.0, -0.9];
        assert_eq!(cast(&beyond, DataType::Float64, DataType::UInt64), bytes![u64: 0, 18446744073709549568, 0]);
    }

    #[test]
    fn integers_wrap_and_are_exact() {
        assert_eq!(cast(&bytes![i16: -1, 300], DataType::Int16, DataType::UInt8), [255, 44]);
        assert_eq!(cast(&bytes![u64: u64::MAX], DataType::UInt64, DataType::Int64), bytes![i64: -1]);
        assert_eq!(
            cast(&bytes![i64: -1, i64::MAX], DataType::Int64, DataType::Float64),
            bytes![f64: -1.0, 9223372036854775808.0]
        );
    }

    #[test]
    fn floats_are_rounded_to_nearest_with_ties_to_even() {
        // numpy.array([1.5, 65504, 65519.9, 65520, 1e-8]).astype("f2").view("u2")
        let floats = bytes![f64: 1.5, 65504.0, 65519.9, 65520.0, 1e-8];
        assert_eq!(cast(&floats, DataType::Float64, DataType::Float16), bytes![u16: 15872, 31743, 31743, 31744, 0]);
        // numpy.array([2**24 + 1, 2**63 - 1, 2049]).astype(…).view(…)
        let integers = bytes![i64: (1 << 24) + 1, i64::MAX, 2049];
        assert_eq!(
            cast(&integers, DataType::Int64, DataType::Float32),
            bytes![u32: 1266679808, 1593835520, 1157632000]
        );
        assert_eq!(cast(&integers, DataType::Int64, DataType::Float16), bytes![u16: 31744, 31744, 26624]);
    }

    #[test]
    fn booleans_are_zero_or_not() {
        assert_eq!(cast(&bytes![f32: 0.0, -0.0, 0.5, f32::NAN], DataType::Float32, DataType::Bool), [0, 0, 1, 1]);
        assert_eq!(cast(&[0, 1, 2], DataType::Bool, DataType::Int16), bytes![i16: 0, 1, 1]);
    }
}
