//! `packbits`: the bits of the elements one after the other, without the gaps of whole bytes.
//!
//! Zarr v3 extension `packbits`; `numcodecs.packbits` is another codec, whose bytes begin with their most significant
//! bit. Configuration: `padding_encoding`, `"none"` (by default), `"first_byte"` or `"last_byte"`, where the number of
//! padding bits stands; `first_bit` and `last_bit`, both inclusive, if only a part of each component was stored.
//!
//! Element i has bits i·k to (i+1)·k, and byte j holds bits 8j to 8j + 7, the least significant first, as zarrs has it.
//! What was not stored is zero, above the last bit of a signed integer its sign.

use std::borrow::Cow;

use crate::codec::{ArrayToBytes, ChunkSpec, Configuration, Len, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};

pub struct PackedBits {
    padding: Padding,
    first_bit: u32,
    /// Stored of each component.
    bits: u32,
    /// Whether the last bit is that of a sign, to be repeated above it.
    is_signed: bool,
}

#[derive(PartialEq)]
enum Padding {
    Unwritten,
    FirstByte,
    LastByte,
}

/// Bits that matter of each component of an element.
fn bits_per_component(data_type: &DataType) -> Option<u32> {
    match data_type {
        DataType::Bool => Some(1),
        DataType::Int2 | DataType::UInt2 => Some(2),
        DataType::Int4 | DataType::UInt4 => Some(4),
        DataType::SmallFloat(small) | DataType::ComplexSmall(small) => Some(small.bits()),
        DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::Complex64 | DataType::Complex128 => {
            Some(8 * data_type.component_len() as u32)
        }
        _ => data_type.integer_range().map(|_| 8 * data_type.component_len() as u32),
    }
}

impl PackedBits {
    pub fn new(configuration: &Configuration, decoded: &ChunkSpec) -> Result<Self> {
        let data_type = &decoded.data_type;
        let all = bits_per_component(data_type)
            .ok_or_else(|| Error::unsupported(format!("elements of type {data_type}, expected numbers or bool")))?;
        let bit = |key, default: u32, lowest: u32| match configuration.integer(key)? {
            Some(bit) => Ok(configuration.in_range(key, bit, lowest.into(), (all - 1).into())? as u32),
            None => Ok(default),
        };
        let first_bit = bit("first_bit", 0, 0)?;
        let last_bit = bit("last_bit", all - 1, first_bit)?;
        let padding = match configuration.text("padding_encoding")? {
            None | Some("none") => Padding::Unwritten,
            Some("first_byte") => Padding::FirstByte,
            Some("last_byte") => Padding::LastByte,
            Some(_) => {
                return Err(configuration.invalid("padding_encoding", "\"none\", \"first_byte\" or \"last_byte\""));
            }
        };
        let is_signed = data_type.integer_range().is_some_and(|(lowest, _)| lowest < 0);
        Ok(Self { padding, first_bit, bits: last_bit - first_bit + 1, is_signed })
    }

    /// Bytes of the packed bits, and how many bits of the last one are padding.
    fn packed_len(&self, decoded: &ChunkSpec) -> Result<(usize, u8)> {
        let components = decoded.byte_len()? / decoded.data_type.component_len();
        let bits = components as u64 * u64::from(self.bits);
        // No more than the decoded bytes.
        let len = bits.div_ceil(8);
        Ok((len as usize, (8 * len - bits) as u8))
    }

    /// The bits of a component as they stood in it.
    fn placed(&self, stored: u64) -> u64 {
        let above = u64::BITS - self.bits;
        let left = stored << above;
        let extended = if self.is_signed { (left as i64 >> above) as u64 } else { stored };
        extended << self.first_bit
    }
}

impl ArrayToBytes for PackedBits {
    fn encoded_len(&self, decoded: &ChunkSpec) -> Result<Len> {
        let (len, _) = self.packed_len(decoded)?;
        Ok(Len::Exact(len + usize::from(self.padding != Padding::Unwritten)))
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        self.encoded_len(decoded)?.check(encoded.len())?;
        let (_, padding) = self.packed_len(decoded)?;
        let (found, packed) = match (&self.padding, &encoded[..]) {
            (Padding::FirstByte, [found, packed @ ..]) | (Padding::LastByte, [packed @ .., found]) => (*found, packed),
            (_, packed) => (padding, packed),
        };
        if found != padding {
            return Err(Error::corrupt_chunk(format!("{found} bits of padding, expected {padding}")));
        }
        let mut bytes = scratch.take(decoded.byte_len()?)?;
        let mut packed = packed.iter();
        // What was taken from `packed` and not used: its lowest `held` bits.
        let (mut reservoir, mut held) = (0u128, 0);
        for component in bytes.chunks_exact_mut(decoded.data_type.component_len()) {
            while held < self.bits {
                // There is always a next one: the length was checked.
                reservoir |= u128::from(*packed.next().unwrap_or(&0)) << held;
                held += 8;
            }
            let stored = reservoir as u64 & (u64::MAX >> (u64::BITS - self.bits));
            reservoir >>= self.bits;
            held -= self.bits;
            component.copy_from_slice(&self.placed(stored).to_le_bytes()[..component.len()]);
        }
        scratch.give(encoded);
        Ok(Cow::Owned(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::SmallFloat;
    use serde_json::{Value, json};

    fn spec(data_type: DataType, len: u64) -> ChunkSpec {
        ChunkSpec { shape: vec![len], fill_value: vec![0; data_type.item_len()], data_type }
    }

    fn decode(configuration: Value, spec: &ChunkSpec, encoded: &[u8]) -> Result<Vec<u8>> {
        let codec = PackedBits::new(&Configuration(configuration.as_object().unwrap()), spec)?;
        Ok(codec.decode(Cow::Borrowed(encoded), spec, &mut Scratch::default())?.into_owned())
    }

    fn message(configuration: Value, spec: &ChunkSpec, encoded: &[u8]) -> String {
        decode(configuration, spec, encoded).unwrap_err().message().to_owned()
    }

    #[test]
    fn the_least_significant_bit_comes_first() {
        let spec = spec(DataType::Bool, 10);
        let expected = [1, 0, 0, 0, 0, 0, 0, 1, 0, 1];
        assert_eq!(decode(json!({}), &spec, &[0b1000_0001, 0b10]).unwrap(), expected);
        let first = json!({"padding_encoding": "first_byte"});
        assert_eq!(decode(first, &spec, &[6, 0b1000_0001, 0b10]).unwrap(), expected);
        let last = json!({"padding_encoding": "last_byte"});
        assert_eq!(decode(last, &spec, &[0b1000_0001, 0b10, 6]).unwrap(), expected);
    }

    #[test]
    fn whole_components_are_their_bytes() {
        let bytes: Vec<u8> = (0..48u8).map(|i| i.wrapping_mul(205)).collect();
        for data_type in [DataType::Int8, DataType::UInt16, DataType::Float32, DataType::Int64, DataType::Complex128] {
            let spec = spec(data_type.clone(), 48 / data_type.item_len() as u64);
            assert_eq!(decode(json!({}), &spec, &bytes).unwrap(), bytes, "{data_type}");
        }
    }

    #[test]
    fn a_part_of_each_component_is_shifted_back_and_signed_integers_keep_their_sign() {
        // Bits 4 to 6 of three elements: 5, 3, 6.
        let encoded = [0b10_011_101, 0b1];
        let part = || json!({"first_bit": 4, "last_bit": 6, "padding_encoding": "none"});
        assert_eq!(decode(part(), &spec(DataType::UInt8, 3), &encoded).unwrap(), [0x50, 0x30, 0x60]);
        assert_eq!(decode(part(), &spec(DataType::Int8, 3), &encoded).unwrap(), [0xd0, 0x30, 0xe0]);
        let wide = decode(part(), &spec(DataType::Int32, 3), &encoded).unwrap();
        let expected = [-0x30i32, 0x30, -0x20].map(i32::to_le_bytes);
        assert_eq!(wide, expected.as_flattened());
        // Both halves of a complex number by themselves.
        let complex = decode(json!({"last_bit": 11}), &spec(DataType::Complex64, 1), &[0x34, 0x12, 0xab]).unwrap();
        assert_eq!(complex, [0x34, 0x02, 0, 0, 0xb1, 0x0a, 0, 0]);
    }

    #[test]
    fn small_numbers_take_as_many_bits_as_count() {
        // Bits 0010 1101 0111 0001, from the least significant on.
        let encoded = [0b1011_0100, 0b1000_1110];
        let decoded = |data_type, len| decode(json!({}), &spec(data_type, len), &encoded).unwrap();
        assert_eq!(decoded(DataType::UInt4, 4), [4, 11, 14, 8]);
        assert_eq!(decoded(DataType::Int4, 4), [4, 0xfb, 0xfe, 0xf8]);
        assert_eq!(decoded(DataType::UInt2, 8), [0, 1, 3, 2, 2, 3, 0, 2]);
        assert_eq!(decoded(DataType::Int2, 8), [0, 1, 0xff, 0xfe, 0xfe, 0xff, 0, 0xfe]);
        let sixes = [0b11_0100, 0b11_1010];
        assert_eq!(decoded(DataType::SmallFloat(SmallFloat::Float6E2M3Fn), 2), sixes);
        assert_eq!(decoded(DataType::ComplexSmall(SmallFloat::Float6E3M2Fn), 1), sixes);
        assert_eq!(decoded(DataType::SmallFloat(SmallFloat::Float4E2M1Fn), 4), [4, 11, 14, 8]);
        assert_eq!(decoded(DataType::SmallFloat(SmallFloat::BFloat16), 1), encoded);
        let error = decode(json!({}), &spec(DataType::FixedText(1), 1), &encoded).unwrap_err();
        assert_eq!(error.message(), "elements of type fixed_length_utf32[4], expected numbers or bool");
    }

    #[test]
    fn what_zarrs_has_written_is_read() {
        let encoded = [0xfb, 0xf9, 0xf7, 0xf7, 0xff, 0x1f, 0x40, 0x00, 0x01, 0x03, 0x08, 0x00];
        let decoded = decode(json!({"first_bit": 2, "last_bit": 10}), &spec(DataType::Int16, 10), &encoded).unwrap();
        let expected: Vec<u8> = (-5i16..5).flat_map(|i| (4 * i).to_le_bytes()).collect();
        assert_eq!(decoded, expected);
        let encoded = [
            0x00, 0x00, 0x60, 0xd4, 0x30, 0x18, 0x35, 0x8c, 0xf4, 0x49, 0xc2, 0xa8, 0x61, 0x5e, 0x42, 0x8f, 0xf4, 0x49,
            0xaa, 0x73, 0x55, 0x18, 0x35, 0x6c, 0x77, 0xb7, 0x01, 0x06,
        ];
        let part = json!({"last_bit": 20, "padding_encoding": "last_byte"});
        let decoded = decode(part, &spec(DataType::UInt32, 10), &encoded).unwrap();
        let expected: Vec<u8> = (0..10u32).flat_map(|i| (100_003 * i).to_le_bytes()).collect();
        assert_eq!(decoded, expected);
    }

    #[test]
    fn components_may_lie_anywhere_in_the_bits() {
        // 63 bits each: the first all ones, the second 1.
        let encoded = [&[0xff; 7][..], &[0xff, 0, 0, 0, 0, 0, 0, 0]].concat();
        let decoded = decode(json!({"last_bit": 62}), &spec(DataType::UInt64, 2), &[&encoded[..], &[0]].concat());
        let expected = [u64::MAX >> 1, 1].map(u64::to_le_bytes);
        assert_eq!(decoded.unwrap(), expected.as_flattened());
        let negative = decode(json!({"last_bit": 62}), &spec(DataType::Int64, 1), &[0xff; 8]).unwrap();
        assert_eq!(negative, (-1i64).to_le_bytes());
    }

    #[test]
    fn a_length_or_padding_that_does_not_fit_the_chunk_is_an_error() {
        let ten = spec(DataType::Bool, 10);
        let first = || json!({"padding_encoding": "first_byte"});
        assert_eq!(message(json!({}), &ten, &[0; 3]), "decoded to 3 bytes, expected 2");
        assert_eq!(message(json!({}), &ten, &[]), "decoded to 0 bytes, expected 2");
        assert_eq!(message(first(), &ten, &[7, 0, 0]), "7 bits of padding, expected 6");
        assert_eq!(message(first(), &ten, &[6, 0]), "decoded to 2 bytes, expected 3");
        assert_eq!(decode(first(), &spec(DataType::Bool, 0), &[0]).unwrap(), [0; 0]);
    }

    #[test]
    fn bits_outside_a_component_are_refused() {
        let bytes = spec(DataType::UInt8, 1);
        assert_eq!(message(json!({"last_bit": 8}), &bytes, &[]), "last_bit is 8, expected an integer from 0 to 7");
        let empty = json!({"first_bit": 4, "last_bit": 3});
        assert_eq!(message(empty, &bytes, &[]), "last_bit is 3, expected an integer from 4 to 7");
        let bools = spec(DataType::Bool, 1);
        assert_eq!(message(json!({"first_bit": 1}), &bools, &[]), "first_bit is 1, expected an integer from 0 to 0");
        let padding = json!({"padding_encoding": "both"});
        let expected = "padding_encoding is \"both\", expected \"none\", \"first_byte\" or \"last_byte\"";
        assert_eq!(message(padding, &bytes, &[]), expected);
    }
}
