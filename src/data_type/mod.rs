//! Data types, byte order and fill values.
//!
//! Inside the library an element is always its little-endian bytes: codecs turn what is stored into that form, and the
//! platform that wasm runs on is little-endian as well. An element of variable length is a [`Reference`] into a [`Heap`].
//! Source: Zarr v3 specification, "Data types", and the registered extensions; NumPy type strings for Zarr v2.

mod fill_value;
mod heap;
mod json_form;
mod message_pack;
mod name;
mod number;
mod small_float;
mod structure;

use std::fmt;

pub use fill_value::{default_fill_value, parse_fill_value_v2, parse_fill_value_v3, parse_packed_record};
pub use heap::{Heap, REFERENCE_LEN, Reference};
pub use message_pack::{to_message_pack, write_message_pack};
pub use name::{parse_data_type_name, parse_data_type_v2, parse_data_type_v3};
pub use number::{Number, NumberType};
pub use small_float::SmallFloat;
pub use structure::{Field, Leaf};

/// The type of an array's elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataType {
    Bool,
    /// Integers of 2 and 4 bits lie in a byte each, whose upper bits are ignored.
    Int2,
    Int4,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt2,
    UInt4,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Float16,
    Float32,
    Float64,
    /// `bfloat16` and the floats of 8, 6 and 4 bits.
    SmallFloat(SmallFloat),
    Complex64,
    Complex128,
    /// Pairs of small floats, `float16` among them.
    ComplexSmall(SmallFloat),
    /// Points in time: int64 multiples of the unit since 1970-01-01, −2⁶³ is NaT.
    DateTime64(TimeUnit),
    /// Durations: int64 multiples of the unit, −2⁶³ is NaT.
    TimeDelta64(TimeUnit),
    /// Bytes that end before the NULs that fill up the given length.
    FixedBytes(usize),
    /// As many code points of 4 bytes as given, the text ending before the NULs that fill it up.
    FixedText(usize),
    /// As many bytes as given, without a meaning.
    Raw(usize),
    /// Texts of variable length, in UTF-8.
    Text,
    /// Bytes of variable length.
    Bytes,
    /// Lists of variable length, of elements of one numeric type.
    List(Box<DataType>),
    /// Any JSON value, and bytes; in MessagePack.
    Object,
    /// Records of fields, packed.
    Struct(Vec<Field>),
}

/// Bytes of a code point of fixed-length text.
const CODE_POINT_LEN: usize = 4;

/// The unit of a NumPy time type, such as `ns` or `10s`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeUnit {
    /// One of Y M W D h m s ms us ns ps fs as, or `generic`.
    pub name: String,
    /// How many of the named unit one step is; 1 to 2³¹ − 1.
    pub multiple: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    Little,
    Big,
}

impl DataType {
    /// Bytes of one element as stored and as decoded; of a reference where they vary.
    pub fn item_len(&self) -> usize {
        match self {
            Self::Bool | Self::Int2 | Self::Int4 | Self::Int8 | Self::UInt2 | Self::UInt4 | Self::UInt8 => 1,
            Self::Int16 | Self::UInt16 | Self::Float16 => 2,
            Self::Int32 | Self::UInt32 | Self::Float32 => 4,
            Self::Int64 | Self::UInt64 | Self::Float64 | Self::Complex64 => 8,
            Self::DateTime64(_) | Self::TimeDelta64(_) => 8,
            Self::Complex128 => 16,
            Self::SmallFloat(small) => small.item_len(),
            Self::ComplexSmall(small) => 2 * small.item_len(),
            Self::FixedBytes(len) | Self::Raw(len) => *len,
            Self::FixedText(len) => CODE_POINT_LEN * len,
            Self::Text | Self::Bytes | Self::List(_) | Self::Object => REFERENCE_LEN,
            Self::Struct(fields) => fields.iter().map(Field::byte_len).sum(),
        }
    }

    /// Bytes of the part that a change of byte order reverses: each half of a complex number, each code point. A struct
    /// has one for each of its [leaves](Leaf).
    pub fn component_len(&self) -> usize {
        match self {
            Self::Complex64 | Self::Complex128 | Self::ComplexSmall(_) => self.item_len() / 2,
            Self::FixedText(_) => CODE_POINT_LEN,
            Self::FixedBytes(_) | Self::Raw(_) | Self::Struct(_) => 1,
            _ => self.item_len(),
        }
    }

    /// Whether elements are references, because they differ in length.
    pub fn is_variable(&self) -> bool {
        matches!(self, Self::Text | Self::Bytes | Self::List(_) | Self::Object)
    }

    /// Whether the bytes of elements depend on a byte order.
    pub fn has_byte_order(&self) -> bool {
        match self {
            Self::Struct(fields) => fields.iter().any(|field| field.data_type.has_byte_order()),
            _ => !self.is_variable() && self.component_len() > 1,
        }
    }

    /// The small float that an element, or each half of it, is.
    pub fn small_float(&self) -> Option<SmallFloat> {
        match self {
            Self::Float16 => Some(SmallFloat::Float16),
            Self::SmallFloat(small) | Self::ComplexSmall(small) => Some(*small),
            _ => None,
        }
    }

    /// The largest and smallest value, for integer types.
    pub fn integer_range(&self) -> Option<(i128, i128)> {
        match self {
            Self::Int2 => Some((-2, 1)),
            Self::Int4 => Some((-8, 7)),
            Self::Int8 => Some((i8::MIN.into(), i8::MAX.into())),
            Self::Int16 => Some((i16::MIN.into(), i16::MAX.into())),
            Self::Int32 => Some((i32::MIN.into(), i32::MAX.into())),
            Self::Int64 => Some((i64::MIN.into(), i64::MAX.into())),
            Self::UInt2 => Some((0, 3)),
            Self::UInt4 => Some((0, 15)),
            Self::UInt8 => Some((0, u8::MAX.into())),
            Self::UInt16 => Some((0, u16::MAX.into())),
            Self::UInt32 => Some((0, u32::MAX.into())),
            Self::UInt64 => Some((0, u64::MAX.into())),
            _ => None,
        }
    }
}

/// The public name: that of Zarr v3 where there is one, with the length in bytes for what has a fixed one
/// (`fixed_length_utf32[20]`); NumPy's for times (`datetime64[ns]`).
impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Bool => "bool",
            Self::Int2 => "int2",
            Self::Int4 => "int4",
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::UInt2 => "uint2",
            Self::UInt4 => "uint4",
            Self::UInt8 => "uint8",
            Self::UInt16 => "uint16",
            Self::UInt32 => "uint32",
            Self::UInt64 => "uint64",
            Self::Float16 => "float16",
            Self::Float32 => "float32",
            Self::Float64 => "float64",
            Self::SmallFloat(small) => small.name(),
            Self::Complex64 => "complex64",
            Self::Complex128 => "complex128",
            Self::ComplexSmall(small) => return write!(f, "complex_{}", small.name()),
            Self::DateTime64(unit) => return write!(f, "datetime64{unit}"),
            Self::TimeDelta64(unit) => return write!(f, "timedelta64{unit}"),
            Self::FixedBytes(len) => return write!(f, "null_terminated_bytes[{len}]"),
            Self::FixedText(len) => return write!(f, "fixed_length_utf32[{}]", CODE_POINT_LEN * len),
            Self::Raw(len) => return write!(f, "raw_bytes[{len}]"),
            Self::Text => "string",
            Self::Bytes => "bytes",
            Self::List(data_type) => return write!(f, "list[{data_type}]"),
            Self::Object => "object",
            Self::Struct(_) => "struct",
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
