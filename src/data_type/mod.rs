//! Data types, byte order and fill values.
//!
//! Inside the library an element is always its little-endian bytes: codecs turn what is stored into that form, and the
//! platform that wasm runs on is little-endian as well. Source: Zarr v3 specification, "Data types" and the extensions
//! registered for `numpy.datetime64` and `numpy.timedelta64`; NumPy type strings for Zarr v2.

mod fill_value;
mod name;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use fill_value::{parse_fill_value_v2, parse_fill_value_v3};
pub use name::{parse_data_type_v2, parse_data_type_v3};

/// The type of an array's elements.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DataType {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float16,
    Float32,
    Float64,
    Complex64,
    Complex128,
    /// Points in time: int64 multiples of the unit since 1970-01-01, −2⁶³ is NaT.
    DateTime64(TimeUnit),
    /// Durations: int64 multiples of the unit, −2⁶³ is NaT.
    TimeDelta64(TimeUnit),
}

/// The unit of a NumPy time type, such as `ns` or `10s`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimeUnit {
    /// One of Y M W D h m s ms us ns ps fs as, or `generic`.
    pub name: String,
    /// How many of the named unit one step is; 1 to 2³¹ − 1.
    pub multiple: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ByteOrder {
    Little,
    Big,
}

impl DataType {
    /// Bytes of one element as stored and as decoded.
    pub fn item_len(&self) -> usize {
        match self {
            Self::Bool | Self::Int8 | Self::UInt8 => 1,
            Self::Int16 | Self::UInt16 | Self::Float16 => 2,
            Self::Int32 | Self::UInt32 | Self::Float32 => 4,
            Self::Int64 | Self::UInt64 | Self::Float64 | Self::Complex64 => 8,
            Self::DateTime64(_) | Self::TimeDelta64(_) => 8,
            Self::Complex128 => 16,
        }
    }

    /// Bytes of the part that a change of byte order reverses: each half of a complex number by itself.
    pub fn component_len(&self) -> usize {
        match self {
            Self::Complex64 | Self::Complex128 => self.item_len() / 2,
            _ => self.item_len(),
        }
    }

    /// Bytes of one element in the output that JavaScript sees: float16 is widened to float32.
    pub fn output_item_len(&self) -> usize {
        match self {
            Self::Float16 => 4,
            _ => self.item_len(),
        }
    }

    /// The largest and smallest value, for integer types.
    pub fn integer_range(&self) -> Option<(i128, i128)> {
        match self {
            Self::Int8 => Some((i8::MIN.into(), i8::MAX.into())),
            Self::Int16 => Some((i16::MIN.into(), i16::MAX.into())),
            Self::Int32 => Some((i32::MIN.into(), i32::MAX.into())),
            Self::Int64 => Some((i64::MIN.into(), i64::MAX.into())),
            Self::UInt8 => Some((0, u8::MAX.into())),
            Self::UInt16 => Some((0, u16::MAX.into())),
            Self::UInt32 => Some((0, u32::MAX.into())),
            Self::UInt64 => Some((0, u64::MAX.into())),
            _ => None,
        }
    }
}

/// The public name: that of Zarr v3 where there is one, NumPy's for times (`datetime64[ns]`).
impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Bool => "bool",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::UInt8 => "uint8",
            Self::UInt16 => "uint16",
            Self::UInt32 => "uint32",
            Self::UInt64 => "uint64",
            Self::Float16 => "float16",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::Complex64 => "complex64",
            Self::Complex128 => "complex128",
            Self::DateTime64(unit) => return write!(f, "datetime64{unit}"),
            Self::TimeDelta64(unit) => return write!(f, "timedelta64{unit}"),
        };
        f.write_str(name)
    }
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name.as_str(), self.multiple) {
            ("generic", _) => Ok(()),
            (name, 1) => write!(f, "[{name}]"),
            (name, multiple) => write!(f, "[{multiple}{name}]"),
        }
    }
}
