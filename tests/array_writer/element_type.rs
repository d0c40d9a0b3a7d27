//! Data types, by what they are called and how many bytes they have.

use serde_json::{Value, json};

use crate::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Integer {
        signed: bool,
    },
    Float,
    Complex,
    /// Multiples of 10 s.
    DateTime,
    TimeDelta,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ElementType {
    /// Of Zarr v3.
    pub name: &'static str,
    /// Of NumPy, without the byte order.
    pub code: &'static str,
    pub kind: Kind,
    /// Bytes of an element.
    pub len: usize,
}

const fn element_type(name: &'static str, code: &'static str, kind: Kind, len: usize) -> ElementType {
    ElementType { name, code, kind, len }
}

const SIGNED: Kind = Kind::Integer { signed: true };
const UNSIGNED: Kind = Kind::Integer { signed: false };

pub const TYPES: [ElementType; 16] = [
    element_type("uint8", "u1", UNSIGNED, 1),
    element_type("bool", "b1", Kind::Bool, 1),
    element_type("int8", "i1", SIGNED, 1),
    element_type("int16", "i2", SIGNED, 2),
    element_type("int32", "i4", SIGNED, 4),
    element_type("int64", "i8", SIGNED, 8),
    element_type("uint16", "u2", UNSIGNED, 2),
    element_type("uint32", "u4", UNSIGNED, 4),
    element_type("uint64", "u8", UNSIGNED, 8),
    element_type("float16", "f2", Kind::Float, 2),
    element_type("float32", "f4", Kind::Float, 4),
    element_type("float64", "f8", Kind::Float, 8),
    element_type("complex64", "c8", Kind::Complex, 8),
    element_type("complex128", "c16", Kind::Complex, 16),
    element_type("numpy.datetime64", "M8[10s]", Kind::DateTime, 8),
    element_type("numpy.timedelta64", "m8[10s]", Kind::TimeDelta, 8),
];

impl ElementType {
    /// An element of this type, of random bits.
    pub fn element(&self, bits: u128) -> u128 {
        match self.kind {
            Kind::Bool => bits & 1,
            _ => bits & self.mask(),
        }
    }

    pub fn mask(&self) -> u128 {
        u128::MAX >> (128 - 8 * self.len)
    }

    /// Bytes of the part whose byte order is reversed.
    fn part_len(&self) -> usize {
        if self.kind == Kind::Complex { self.len / 2 } else { self.len }
    }

    /// An element as it is stored.
    pub fn bytes(&self, element: u128, big: bool) -> Vec<u8> {
        let mut bytes = element.to_le_bytes()[..self.len].to_vec();
        if big {
            bytes.chunks_mut(self.part_len()).for_each(|part| part.reverse());
        }
        bytes
    }

    /// An element as the library gives it out.
    pub fn output_bytes(&self, element: u128) -> Vec<u8> {
        if self.name == "float16" {
            return widened(element as u16).to_le_bytes().to_vec();
        }
        self.bytes(element, false)
    }

    /// For v3 documents.
    pub fn document(&self) -> Value {
        match self.kind {
            Kind::DateTime | Kind::TimeDelta => {
                json!({"name": self.name, "configuration": {"unit": "s", "scale_factor": 10}})
            }
            _ => json!(self.name),
        }
    }

    /// NumPy's type string, for v2 documents and the configurations of filters.
    pub fn type_string(&self, big: bool) -> String {
        let order = match (self.len, big) {
            (1, _) => '|',
            (_, true) => '>',
            (_, false) => '<',
        };
        format!("{order}{}", self.code)
    }
}

/// The bits of a float16 as those of a float32, by the definition of both (IEEE 754); a NaN becomes a quiet one.
fn widened(half: u16) -> u32 {
    let sign = u32::from(half >> 15) << 31;
    let (exponent, mantissa) = (u32::from(half >> 10 & 0x1f), u32::from(half & 0x3ff));
    sign | match (exponent, mantissa) {
        (0, 0) => 0,
        (0, subnormal) => (subnormal as f32 / (1 << 24) as f32).to_bits(),
        (31, 0) => 0x7f80_0000,
        (31, payload) => 0x7fc0_0000 | payload << 13,
        (exponent, mantissa) => (exponent + 127 - 15) << 23 | mantissa << 13,
    }
}

/// What missing chunks are made of.
#[derive(Clone, Debug)]
pub struct FillValue {
    pub document: Value,
    pub bits: u128,
}

/// Floats that float16 has, too: their JSON, and their bits with 16, 32 and 64 bits.
fn floats() -> [(Value, [u64; 3]); 6] {
    [
        (json!(0.0), [0; 3]),
        (json!(-0.0), [1 << 15, 1 << 31, 1 << 63]),
        (json!(-2.5), [0xc100, 0xc020_0000, 0xc004_0000_0000_0000]),
        (json!(1), [0x3c00, 0x3f80_0000, 0x3ff0_0000_0000_0000]),
        (json!("NaN"), [0x7e00, 0x7fc0_0000, 0x7ff8_0000_0000_0000]),
        (json!("-Infinity"), [0xfc00, 0xff80_0000, 0xfff0_0000_0000_0000]),
    ]
}

impl FillValue {
    /// What v2 documents say of contents that are left open; zarr-python reads zeros, and times that are none.
    pub fn open(element_type: &ElementType) -> Self {
        let bits = match element_type.kind {
            Kind::DateTime | Kind::TimeDelta => 1 << 63,
            _ => 0,
        };
        Self { document: Value::Null, bits }
    }

    pub fn random(element_type: &ElementType, random: &mut Random) -> Self {
        if random.one_in(4) {
            return Self::zero(element_type);
        }
        let bits = element_type.element(u128::from(random.number()));
        let signed = (bits as i128) << (128 - 8 * element_type.len) >> (128 - 8 * element_type.len);
        match element_type.kind {
            Kind::Bool => Self { document: json!(bits == 1), bits },
            Kind::Integer { signed: false } => Self { document: json!(bits as u64), bits },
            Kind::Integer { signed: true } => Self { document: json!(signed as i64), bits },
            Kind::DateTime | Kind::TimeDelta if random.one_in(2) => Self { document: json!("NaT"), bits: 1 << 63 },
            Kind::DateTime | Kind::TimeDelta => Self { document: json!(signed as i64), bits },
            Kind::Float => Self::float(element_type.len, random),
            Kind::Complex => {
                let len = element_type.len / 2;
                let (real, imaginary) = (Self::float(len, random), Self::float(len, random));
                let bits = real.bits | imaginary.bits << (8 * len);
                Self { document: json!([real.document, imaginary.document]), bits }
            }
        }
    }

    fn zero(element_type: &ElementType) -> Self {
        let document = match element_type.kind {
            Kind::Bool => json!(false),
            Kind::Float => json!(0.0),
            Kind::Complex => json!([0.0, 0.0]),
            _ => json!(0),
        };
        Self { document, bits: 0 }
    }

    fn float(len: usize, random: &mut Random) -> Self {
        if random.one_in(3) {
            let bits = random.number() >> (64 - 8 * len);
            return Self { document: json!(format!("{bits:#0width$x}", width = 2 + 2 * len)), bits: bits.into() };
        }
        let (document, bits) = floats()[random.below(6)].clone();
        Self { document, bits: bits[len.ilog2() as usize - 1].into() }
    }
}
