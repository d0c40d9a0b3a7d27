//! Floats of 16 bits and less, by the numbers that define them.
//!
//! Zarr v3 core `float16`, and the registered extensions `bfloat16`, `float8_*`, `float6_*` and `float4_*`. Each is
//! stored in whole bytes; the upper bits of those of 6 and 4 bits are ignored. All values of all of them are values of
//! float32.

/// A float type whose values float32 holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmallFloat {
    Float16,
    BFloat16,
    Float8E3M4,
    Float8E4M3,
    Float8E5M2,
    Float8E4M3B11Fnuz,
    Float8E4M3Fnuz,
    Float8E5M2Fnuz,
    Float8E8M0Fnu,
    Float6E2M3Fn,
    Float6E3M2Fn,
    Float4E2M1Fn,
}

/// Which bit patterns are not plain numbers.
#[derive(Clone, Copy, PartialEq)]
enum Specials {
    /// The largest exponent is infinity, or NaN, as in IEEE 754.
    Ieee,
    /// One NaN, in the place of negative zero.
    NanForNegativeZero,
    /// All numbers are finite.
    None,
    /// No sign and no zero: an exponent by itself, of which the last one is NaN.
    Exponent,
}

/// What defines a type.
struct Layout {
    name: &'static str,
    exponent_bits: u32,
    mantissa_bits: u32,
    bias: i32,
    specials: Specials,
}

impl SmallFloat {
    pub const ALL: [Self; 12] = [
        Self::Float16,
        Self::BFloat16,
        Self::Float8E3M4,
        Self::Float8E4M3,
        Self::Float8E5M2,
        Self::Float8E4M3B11Fnuz,
        Self::Float8E4M3Fnuz,
        Self::Float8E5M2Fnuz,
        Self::Float8E8M0Fnu,
        Self::Float6E2M3Fn,
        Self::Float6E3M2Fn,
        Self::Float4E2M1Fn,
    ];

    const fn layout(self) -> Layout {
        let (name, exponent_bits, mantissa_bits, bias, specials) = match self {
            Self::Float16 => ("float16", 5, 10, 15, Specials::Ieee),
            Self::BFloat16 => ("bfloat16", 8, 7, 127, Specials::Ieee),
            Self::Float8E3M4 => ("float8_e3m4", 3, 4, 3, Specials::Ieee),
            Self::Float8E4M3 => ("float8_e4m3", 4, 3, 7, Specials::Ieee),
            Self::Float8E5M2 => ("float8_e5m2", 5, 2, 15, Specials::Ieee),
            Self::Float8E4M3B11Fnuz => ("float8_e4m3b11fnuz", 4, 3, 11, Specials::NanForNegativeZero),
            Self::Float8E4M3Fnuz => ("float8_e4m3fnuz", 4, 3, 8, Specials::NanForNegativeZero),
            Self::Float8E5M2Fnuz => ("float8_e5m2fnuz", 5, 2, 16, Specials::NanForNegativeZero),
            Self::Float8E8M0Fnu => ("float8_e8m0fnu", 8, 0, 127, Specials::Exponent),
            Self::Float6E2M3Fn => ("float6_e2m3fn", 2, 3, 1, Specials::None),
            Self::Float6E3M2Fn => ("float6_e3m2fn", 3, 2, 3, Specials::None),
            Self::Float4E2M1Fn => ("float4_e2m1fn", 2, 1, 1, Specials::None),
        };
        Layout { name, exponent_bits, mantissa_bits, bias, specials }
    }

    /// The name of the data type.
    pub fn name(self) -> &'static str {
        self.layout().name
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|small| small.name() == name)
    }

    /// Bytes of a stored number.
    pub const fn item_len(self) -> usize {
        match self {
            Self::Float16 | Self::BFloat16 => 2,
            _ => 1,
        }
    }

    /// Bits that count: sign, exponent and mantissa.
    pub const fn bits(self) -> u32 {
        let Layout { exponent_bits, mantissa_bits, specials, .. } = self.layout();
        match specials {
            Specials::Exponent => exponent_bits,
            _ => 1 + exponent_bits + mantissa_bits,
        }
    }

    /// Binary digits of a number, the hidden one included.
    pub const fn digits(self) -> u32 {
        self.layout().mantissa_bits + 1
    }

    /// The number that these bits are; bits beyond those of the type are ignored.
    pub fn decode(self, bits: u16) -> f32 {
        let Layout { exponent_bits, mantissa_bits, bias, specials, .. } = self.layout();
        let top = (1 << exponent_bits) - 1;
        let exponent = i32::from(bits >> mantissa_bits) & top;
        let mantissa = bits & ((1 << mantissa_bits) - 1);
        let is_negative = specials != Specials::Exponent && bits >> (exponent_bits + mantissa_bits) & 1 == 1;
        let magnitude = match specials {
            Specials::Ieee if exponent == top && mantissa == 0 => f32::INFINITY,
            // The payload of the NaN stays in its place, at the upper end of the mantissa.
            Specials::Ieee if exponent == top => {
                f32::from_bits(0x7f80_0000 | u32::from(mantissa) << (23 - mantissa_bits))
            }
            Specials::NanForNegativeZero if is_negative && exponent == 0 && mantissa == 0 => return f32::NAN,
            Specials::Exponent if exponent == top => return f32::NAN,
            Specials::Exponent => power_of_two(exponent - bias),
            _ if exponent == 0 => f32::from(mantissa) * power_of_two(1 - bias - mantissa_bits as i32),
            _ => f32::from(mantissa | 1 << mantissa_bits) * power_of_two(exponent - bias - mantissa_bits as i32),
        };
        if is_negative { -magnitude } else { magnitude }
    }

    /// The bits of the nearest number, ties to even. Beyond the largest it is infinity, or the largest where there is no
    /// infinity; a NaN is the type's own, or zero where it has none.
    pub fn encode(self, value: f64) -> u16 {
        let Layout { exponent_bits, mantissa_bits, bias, specials, .. } = self.layout();
        if value.is_nan() {
            return self.nan().unwrap_or(0);
        }
        let negative = match specials {
            Specials::Exponent => 0,
            _ => u16::from(value.is_sign_negative()) << (exponent_bits + mantissa_bits),
        };
        let largest = match specials {
            Specials::Ieee => (((1 << exponent_bits) - 1) << mantissa_bits) - 1,
            Specials::Exponent => (1 << exponent_bits) - 2,
            _ => (1 << (exponent_bits + mantissa_bits)) - 1,
        };
        let smallest_exponent = match specials {
            Specials::Exponent => -bias,
            _ => 1 - bias,
        };
        let magnitude = value.abs();
        // In units of the last place at this magnitude, which is exact: only the exponent changes.
        let exponent = (((magnitude.to_bits() >> 52) as i32) - 1023).max(smallest_exponent);
        let units = magnitude / 2f64.powi(exponent - mantissa_bits as i32);
        let units = units.round_ties_even().min(f64::from(1u32 << 24)) as i64;
        // With the hidden digit in place of the exponent's lowest bit a carry out of the mantissa does the right thing.
        let hidden = match specials {
            Specials::Exponent => 0,
            _ => 1,
        };
        let patterns = (i64::from(exponent - smallest_exponent) << mantissa_bits) + units
            - if hidden == 0 { 1 << mantissa_bits } else { 0 };
        let bits = match specials {
            Specials::Ieee => patterns.clamp(0, largest + 1),
            _ => patterns.clamp(0, largest),
        };
        match specials {
            // There is no negative zero.
            Specials::NanForNegativeZero if bits == 0 => 0,
            _ => negative | bits as u16,
        }
    }

    /// The largest finite number.
    pub fn max_value(self) -> f64 {
        let largest = match self.layout().specials {
            Specials::Ieee => self.encode(f64::INFINITY) - 1,
            _ => self.encode(f64::INFINITY),
        };
        self.decode(largest).into()
    }

    /// The bits of the NaN that the specification names, where the type has one.
    pub fn nan(self) -> Option<u16> {
        let Layout { exponent_bits, mantissa_bits, specials, .. } = self.layout();
        match specials {
            Specials::Ieee => Some(((1 << (exponent_bits + 1)) - 1) << (mantissa_bits - 1)),
            Specials::NanForNegativeZero => Some(1 << (exponent_bits + mantissa_bits)),
            Specials::Exponent => Some((1 << exponent_bits) - 1),
            Specials::None => None,
        }
    }

    /// Whether zero is a value, and numbers have a sign.
    pub fn has_zero(self) -> bool {
        self.layout().specials != Specials::Exponent
    }

    /// Whether there are infinities.
    pub fn has_infinity(self) -> bool {
        self.layout().specials == Specials::Ieee
    }
}

/// 2 to the power of −149 … 127, exact.
fn power_of_two(exponent: i32) -> f32 {
    2f64.powi(exponent) as f32
}

#[cfg(test)]
mod tests {
    use half::{bf16, f16};

    use super::*;

    #[test]
    fn sixteen_bits_agree_with_another_implementation() {
        for bits in 0..=u16::MAX {
            let (half, brain) = (f16::from_bits(bits).to_f32(), bf16::from_bits(bits).to_f32());
            let (found_half, found_brain) = (SmallFloat::Float16.decode(bits), SmallFloat::BFloat16.decode(bits));
            assert!(found_half == half || half.is_nan() && found_half.is_nan(), "{bits:#x}");
            assert!(found_brain == brain || brain.is_nan() && found_brain.is_nan(), "{bits:#x}");
            if !half.is_nan() {
                assert_eq!(SmallFloat::Float16.encode(half.into()), bits);
            }
            if !brain.is_nan() {
                assert_eq!(SmallFloat::BFloat16.encode(brain.into()), bits);
            }
        }
        for value in [1.0009765, 2049.0, 65519.9, 65520.0, 1e-8, 3e-8, -5.960464e-8, 0.333333333, 1e300, -1e-300] {
            assert_eq!(SmallFloat::Float16.encode(value), f16::from_f64(value).to_bits(), "{value}");
            assert_eq!(SmallFloat::BFloat16.encode(value), bf16::from_f64(value).to_bits(), "{value}");
        }
    }

    #[test]
    fn every_number_is_encoded_as_the_bits_it_was_decoded_from() {
        for small in SmallFloat::ALL {
            for bits in 0..1u32 << small.bits() {
                let bits = bits as u16;
                let value = small.decode(bits);
                match value.is_nan() {
                    true => assert_eq!(small.decode(small.nan().unwrap()).to_bits() & 0x7fc0_0000, 0x7fc0_0000),
                    false => assert_eq!(small.encode(value.into()), bits, "{} {bits:#x} {value}", small.name()),
                }
            }
        }
    }

    #[test]
    fn the_numbers_are_those_of_the_specification() {
        let cases: [(SmallFloat, &[(u16, f32)]); 8] = [
            (SmallFloat::Float8E3M4, &[(0x30, 1.0), (0x6f, 15.5), (0x01, 1.0 / 64.0), (0xf0, f32::NEG_INFINITY)]),
            (SmallFloat::Float8E4M3, &[(0x38, 1.0), (0x77, 240.0), (0x78, f32::INFINITY), (0x81, -1.0 / 512.0)]),
            (SmallFloat::Float8E5M2, &[(0x3c, 1.0), (0x7b, 57344.0), (0x7c, f32::INFINITY)]),
            (SmallFloat::Float8E4M3Fnuz, &[(0x40, 1.0), (0x7f, 240.0), (0xff, -240.0)]),
            (SmallFloat::Float8E4M3B11Fnuz, &[(0x58, 1.0), (0x7f, 30.0)]),
            (SmallFloat::Float8E8M0Fnu, &[(0x00, 5.877_472e-39), (0x7f, 1.0), (0xfe, 1.701_411_8e38)]),
            (SmallFloat::Float6E2M3Fn, &[(0x08, 1.0), (0x1f, 7.5), (0x3f, -7.5), (0x01, 0.125), (0xc8, 1.0)]),
            (SmallFloat::Float4E2M1Fn, &[(0x2, 1.0), (0x7, 6.0), (0xf, -6.0), (0x1, 0.5)]),
        ];
        for (small, values) in cases {
            for &(bits, value) in values {
                assert_eq!(small.decode(bits), value, "{} {bits:#x}", small.name());
            }
        }
        let nans: Vec<Option<u16>> = SmallFloat::ALL.into_iter().map(SmallFloat::nan).collect();
        let some = |bits: &[u16]| bits.iter().copied().map(Some).collect::<Vec<_>>();
        assert_eq!(nans[..9], some(&[0x7e00, 0x7fc0, 0x78, 0x7c, 0x7e, 0x80, 0x80, 0x80, 0xff]));
        assert_eq!(nans[9..], [None, None, None]);
    }

    #[test]
    fn what_lies_beyond_the_largest_is_infinity_or_the_largest() {
        assert_eq!(SmallFloat::Float8E4M3.encode(1e9), 0x78);
        assert_eq!(SmallFloat::Float8E4M3.encode(-247.9), 0xf7);
        assert_eq!(SmallFloat::Float8E4M3.encode(-248.0), 0xf8);
        assert_eq!(SmallFloat::Float8E4M3Fnuz.encode(f64::NEG_INFINITY), 0xff);
        assert_eq!(SmallFloat::Float4E2M1Fn.encode(100.0), 0x7);
        assert_eq!((SmallFloat::Float4E2M1Fn.max_value(), SmallFloat::Float8E4M3.max_value()), (6.0, 240.0));
        assert_eq!(SmallFloat::Float8E5M2Fnuz.encode(-0.0), 0);
    }
}
