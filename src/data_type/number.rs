//! Numbers of any integer, float or boolean type, and NumPy's casts between them.
//!
//! Casts follow `ndarray.astype`: the fraction of a float is cut off, integers wrap, everything but zero is true. What C
//! leaves undefined (a NaN or a float beyond the integer type) wraps as well, with NaN as zero.

use std::fmt;

use half::f16;

use super::{DataType, SmallFloat};
use crate::error::{Error, Result};
use crate::json::float_text;

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
            // As JSON writes it: the standard library's way would be 8 kB more to download.
            Self::Float(value) if value.is_nan() => f.write_str("NaN"),
            Self::Float(value) if value.is_infinite() => f.write_str(if *value < 0.0 { "-inf" } else { "inf" }),
            Self::Float(value) => {
                let text = float_text(*value);
                f.write_str(text.strip_suffix(".0").unwrap_or(&text))
            }
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

/// Functions for each of some small floats.
macro_rules! small_types {
    ($small:expr, $($kind:ident)*) => {
        match $small {
            $(SmallFloat::$kind => (
                |bytes| Number::Float(SmallFloat::$kind.decode(stored_bits(bytes)).into()),
                |number, bytes| {
                    let bits = SmallFloat::$kind.encode(number.to_f64()).to_le_bytes();
                    bytes.copy_from_slice(&bits[..SmallFloat::$kind.item_len()]);
                },
            ),)*
        }
    };
}

/// The bits of a number of one or two bytes.
fn stored_bits(bytes: &[u8]) -> u16 {
    bytes.iter().rev().fold(0, |bits, byte| bits << 8 | u16::from(*byte))
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
            DataType::Int2 => {
                number_type!(data_type, i8, |value: i8| Number::Integer((value << 6 >> 6).into()), |number: Number| {
                    (number.to_integer() as i8) << 6 >> 6
                })
            }
            DataType::Int4 => {
                number_type!(data_type, i8, |value: i8| Number::Integer((value << 4 >> 4).into()), |number: Number| {
                    (number.to_integer() as i8) << 4 >> 4
                })
            }
            DataType::UInt2 => {
                number_type!(data_type, u8, |value: u8| Number::Integer((value & 0x3).into()), |number: Number| number
                    .to_integer()
                    as u8
                    & 0x3)
            }
            DataType::UInt4 => {
                number_type!(data_type, u8, |value: u8| Number::Integer((value & 0xf).into()), |number: Number| number
                    .to_integer()
                    as u8
                    & 0xf)
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
            DataType::SmallFloat(small) => Ok(Self::small(data_type, *small)),
            _ => {
                Err(Error::unsupported(format!("elements of type {data_type}, expected integers, floats or booleans")))
            }
        }
    }

    fn small(data_type: &DataType, small: SmallFloat) -> Self {
        type Functions = (fn(&[u8]) -> Number, fn(Number, &mut [u8]));
        let (read, write): Functions = small_types!(small, Float16 BFloat16 Float8E3M4 Float8E4M3 Float8E5M2
            Float8E4M3B11Fnuz Float8E4M3Fnuz Float8E5M2Fnuz Float8E8M0Fnu Float6E2M3Fn Float6E3M2Fn Float4E2M1Fn);
        Self { data_type: data_type.clone(), read, write }
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
        matches!(self.data_type, DataType::Float32 | DataType::Float64) || self.data_type.small_float().is_some()
    }

    pub fn item_len(&self) -> usize {
        self.data_type.item_len()
    }

    /// Rounds results to what the type, a float, can hold. Arithmetic of two float32 or smaller ones in float64 that is
    /// rounded after every operation is the arithmetic of the type itself: float64 has more than twice their digits.
    pub fn rounding(&self) -> impl Fn(f64) -> f64 {
        let small = self.data_type.small_float();
        let is_float32 = self.data_type == DataType::Float32;
        move |value| match small {
            Some(SmallFloat::Float16) => f16::from_f64(value).into(),
            Some(small) => small.decode(small.encode(value)).into(),
            None if is_float32 => (value as f32).into(),
            None => value,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upper_bits_of_small_integers_are_ignored() {
        let read = |data_type, byte: u8| (NumberType::new(&data_type).unwrap().read)(&[byte]);
        assert_eq!(read(DataType::Int2, 0b1010_1101), Number::Integer(1));
        assert_eq!(read(DataType::Int2, 0b0101_0110), Number::Integer(-2));
        assert_eq!(read(DataType::UInt2, 0b0101_0110), Number::Integer(2));
        assert_eq!(read(DataType::Int4, 0b0101_1000), Number::Integer(-8));
        assert_eq!(read(DataType::UInt4, 0b1111_1000), Number::Integer(8));
    }

    #[test]
    fn small_floats_are_read_and_written_in_their_own_bits() {
        let bfloat = NumberType::new(&DataType::SmallFloat(SmallFloat::BFloat16)).unwrap();
        assert_eq!((bfloat.read)(&[0x80, 0x3f]), Number::Float(1.0));
        let mut written = [0; 2];
        (bfloat.write)(Number::Integer(-2), &mut written);
        assert_eq!(written, [0x00, 0xc0]);
        assert_eq!(bfloat.rounding()(1.001), 1.0);
        assert!(NumberType::new(&DataType::Complex64).is_err());
    }
}
