//! Data types, by what they are called and how many bytes they have.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
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
    /// Integers of 4 bits, the upper bits of whose bytes are ignored.
    Nibble,
    BrainFloat,
    /// Of one byte a letter, filled up with NULs.
    Letters,
    /// Of one u32 a letter, filled up with NULs.
    CodePoints,
    Raw,
    /// Of variable length; made of the bits of an element.
    Text,
    /// Two bytes of an integer; in a record of its own a text of 3 and a float16; a boolean.
    Record,
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

pub const TYPES: [ElementType; 23] = [
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
    element_type("int4", "", Kind::Nibble, 1),
    element_type("bfloat16", "", Kind::BrainFloat, 2),
    element_type("null_terminated_bytes", "S5", Kind::Letters, 5),
    element_type("fixed_length_utf32", "U3", Kind::CodePoints, 12),
    element_type("raw_bytes", "V3", Kind::Raw, 3),
    element_type("string", "O", Kind::Text, 3),
    element_type("struct", "", Kind::Record, 8),
];

/// Where the fields of records lie, and the bytes of what is reversed in them.
const FIELDS: [(usize, usize, usize); 4] = [(0, 2, 2), (2, 3, 1), (5, 2, 2), (7, 1, 1)];

impl ElementType {
    /// An element of this type, of random bits.
    pub fn element(&self, bits: u128) -> u128 {
        match self.kind {
            Kind::Bool => bits & 1,
            Kind::Letters => bits & 0x7f_7f7f_7f7f,
            Kind::CodePoints => bits & 0xff_0000_00ff_0000_00ff,
            Kind::Record => bits & 0x01ff_ff7f_7f7f_ffff,
            _ => bits & self.mask(),
        }
    }

    /// Whether Zarr v2 has the type.
    pub fn is_of_v2(&self) -> bool {
        !matches!(self.kind, Kind::Nibble | Kind::BrainFloat)
    }

    pub fn is_variable(&self) -> bool {
        self.kind == Kind::Text
    }

    pub fn mask(&self) -> u128 {
        u128::MAX >> (128 - 8 * self.len)
    }

    /// Bytes of the part whose byte order is reversed.
    fn part_len(&self) -> usize {
        match self.kind {
            Kind::Complex => self.len / 2,
            Kind::CodePoints => 4,
            Kind::Letters | Kind::Raw => 1,
            _ => self.len,
        }
    }

    /// An element as it is stored.
    pub fn bytes(&self, element: u128, big: bool) -> Vec<u8> {
        let mut bytes = element.to_le_bytes()[..self.len].to_vec();
        match self.kind {
            Kind::Text => return with_length(text_of(element).as_bytes()),
            Kind::Record if big => {
                for (at, len, part) in FIELDS {
                    bytes[at..at + len].chunks_mut(part).for_each(|part| part.reverse());
                }
                return bytes;
            }
            _ => {}
        }
        if big {
            bytes.chunks_mut(self.part_len()).for_each(|part| part.reverse());
        }
        bytes
    }

    /// Elements as the library gives them out: of records one field after the other.
    pub fn output_bytes(&self, elements: &[u128]) -> Vec<u8> {
        let Kind::Record = self.kind else {
            return elements.iter().flat_map(|element| self.element_output(*element)).collect();
        };
        let field = |(at, len, _): (usize, usize, usize)| {
            let stored = move |element: &u128| element.to_le_bytes()[at..at + len].to_vec();
            elements.iter().map(stored).flat_map(move |bytes| match at {
                2 => with_length(trimmed(&bytes)),
                5 => widened(u16::from_le_bytes([bytes[0], bytes[1]])).to_le_bytes().to_vec(),
                _ => bytes,
            })
        };
        FIELDS.into_iter().flat_map(field).collect()
    }

    fn element_output(&self, element: u128) -> Vec<u8> {
        match self.kind {
            Kind::Float if self.len == 2 => widened(element as u16).to_le_bytes().to_vec(),
            Kind::Nibble => vec![((element as i8) << 4 >> 4) as u8],
            Kind::BrainFloat => {
                let float = (element as u32) << 16;
                let is_nan = float & 0x7fff_ffff > 0x7f80_0000;
                (float | if is_nan { 0x40_0000 } else { 0 }).to_le_bytes().to_vec()
            }
            Kind::Letters => with_length(trimmed(&self.bytes(element, false))),
            Kind::CodePoints => with_length(self.letters(element).as_bytes()),
            _ => self.bytes(element, false),
        }
    }

    /// The text of code points that end before the padding.
    fn letters(&self, element: u128) -> String {
        let text: String = (0..self.len / 4).map(|at| (element >> (32 * at)) as u8 as char).collect();
        text.trim_end_matches('\0').to_owned()
    }

    /// For v3 documents.
    pub fn document(&self) -> Value {
        match self.kind {
            Kind::DateTime | Kind::TimeDelta => {
                json!({"name": self.name, "configuration": {"unit": "s", "scale_factor": 10}})
            }
            Kind::Letters | Kind::CodePoints | Kind::Raw => {
                json!({"name": self.name, "configuration": {"length_bytes": self.len}})
            }
            Kind::Record => {
                let field = |name, data_type: Value| json!({"name": name, "data_type": data_type});
                let text = json!({"name": "null_terminated_bytes", "configuration": {"length_bytes": 3}});
                let fields = json!([field("text", text), field("half", json!("float16"))]);
                let inner = json!({"name": "struct", "configuration": {"fields": fields}});
                let fields = [field("number", json!("int16")), field("inner", inner), field("is", json!("bool"))];
                json!({"name": "struct", "configuration": {"fields": fields}})
            }
            _ => json!(self.name),
        }
    }

    /// For v2 documents.
    pub fn document_v2(&self, big: bool) -> Value {
        let Kind::Record = self.kind else { return json!(self.type_string(big)) };
        let order = if big { '>' } else { '<' };
        let inner = json!([["text", "|S3"], ["half", format!("{order}f2")]]);
        json!([["number", format!("{order}i2")], ["inner", inner], ["is", "|b1"]])
    }

    /// NumPy's type string, for v2 documents and the configurations of filters.
    pub fn type_string(&self, big: bool) -> String {
        let order = match (self.len, big) {
            _ if self.kind == Kind::Text => '|',
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

/// A text of up to 5 characters of one to four bytes.
fn text_of(element: u128) -> String {
    (0..element % 6).map(|at| ['a', '\0', 'é', '\u{feff}', '🙂'][(element >> (3 + 3 * at)) as usize % 5]).collect()
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    &bytes[..bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)]
}

fn with_length(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_le_bytes(), bytes].concat()
}

/// What missing chunks are made of.
#[derive(Clone, Debug)]
pub struct FillValue {
    pub document: Value,
    /// In v2 documents, where it is not the same: for little-endian and for big-endian elements.
    pub document_v2: Option<[Value; 2]>,
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
        Self::new(Value::Null, bits)
    }

    fn new(document: Value, bits: u128) -> Self {
        Self { document, document_v2: None, bits }
    }

    pub fn random(element_type: &ElementType, random: &mut Random) -> Self {
        let is_zero = random.one_in(4);
        let bits = if is_zero { 0 } else { element_type.element(u128::from(random.number())) };
        let base64 = |big| json!(BASE64_STANDARD.encode(element_type.bytes(bits, big)));
        match element_type.kind {
            Kind::Nibble => return Self::new(json!((bits as i8) << 4 >> 4), bits),
            Kind::BrainFloat => return Self::new(json!(format!("{bits:#06x}")), bits),
            Kind::Letters | Kind::Raw => return Self::new(base64(false), bits),
            Kind::CodePoints => return Self::new(json!(element_type.letters(bits)), bits),
            Kind::Text => return Self::new(json!(text_of(bits)), bits),
            Kind::Record => {
                let text = BASE64_STANDARD.encode(&bits.to_le_bytes()[2..5]);
                let half = format!("{:#06x}", bits >> 40 & 0xffff);
                let inner = json!({"text": text, "half": half});
                let record = json!({"number": bits as i16, "inner": inner, "is": bits >> 56 == 1});
                return Self { document_v2: Some([base64(false), base64(true)]), ..Self::new(record, bits) };
            }
            _ if is_zero => return Self::zero(element_type),
            _ => {}
        }
        let signed = (bits as i128) << (128 - 8 * element_type.len) >> (128 - 8 * element_type.len);
        match element_type.kind {
            Kind::Bool => Self::new(json!(bits == 1), bits),
            Kind::Integer { signed: false } => Self::new(json!(bits as u64), bits),
            Kind::DateTime | Kind::TimeDelta if random.one_in(2) => Self::new(json!("NaT"), 1 << 63),
            Kind::Float => Self::float(element_type.len, random),
            Kind::Complex => {
                let len = element_type.len / 2;
                let (real, imaginary) = (Self::float(len, random), Self::float(len, random));
                let bits = real.bits | imaginary.bits << (8 * len);
                Self::new(json!([real.document, imaginary.document]), bits)
            }
            _ => Self::new(json!(signed as i64), bits),
        }
    }

    fn zero(element_type: &ElementType) -> Self {
        let document = match element_type.kind {
            Kind::Bool => json!(false),
            Kind::Float => json!(0.0),
            Kind::Complex => json!([0.0, 0.0]),
            _ => json!(0),
        };
        Self::new(document, 0)
    }

    fn float(len: usize, random: &mut Random) -> Self {
        if random.one_in(3) {
            let bits = random.number() >> (64 - 8 * len);
            return Self::new(json!(format!("{bits:#0width$x}", width = 2 + 2 * len)), bits.into());
        }
        let (document, bits) = floats()[random.below(6)].clone();
        Self::new(document, bits[len.ilog2() as usize - 1].into())
    }
}
