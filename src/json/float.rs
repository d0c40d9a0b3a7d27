//! Floats from decimal numbers and back, exactly, with integers of any length in place of tables: the tables of the fast
//! algorithms would be a large part of the download, and documents hold few floats.

use std::cmp::Ordering;
use std::iter;

/// Digits of a number that are looked at: the middle between two floats has at most 767, so of those behind these it only
/// matters whether all are zero.
const MAX_DIGITS: usize = 800;

/// Ten to these powers and less is a float exactly.
const EXACT_POWER: u32 = 22;

/// Digits that tell any float from its neighbours.
const ENOUGH_DIGITS: u32 = 17;

/// The float64 that is nearest to the decimal `digits` times ten to `exponent`, of two the even one; infinity beyond the
/// largest.
pub fn nearest(digits: impl Iterator<Item = u8>, exponent: i64) -> f64 {
    let mut significand = Natural::from(0);
    let mut kept = 0;
    let mut dropped = 0i64;
    let mut is_exact = true;
    for digit in digits {
        if kept == MAX_DIGITS {
            dropped += 1;
            is_exact &= digit == b'0';
        } else {
            significand.multiply(10, u64::from(digit - b'0'));
            kept += usize::from(!significand.0.is_empty());
        }
    }
    let mut exponent = exponent.saturating_add(dropped);
    if !is_exact {
        significand.multiply(10, 1);
        exponent = exponent.saturating_sub(1);
        kept += 1;
    }
    match exponent.saturating_add(kept as i64) {
        _ if kept == 0 => 0.0,
        ..-330 => 0.0,
        311.. => f64::INFINITY,
        _ => scaled(significand, exponent as i32),
    }
}

/// `significand`, which is not 0, times ten to `exponent`.
fn scaled(significand: Natural, exponent: i32) -> f64 {
    let power = exponent.unsigned_abs();
    if let [small @ ..=0x1f_ffff_ffff_ffff] = significand.0[..]
        && power <= EXACT_POWER
    {
        let power = (0..power).fold(1.0, |power, _| 10.0 * power);
        return if exponent < 0 { small as f64 / power } else { small as f64 * power };
    }
    let (mut numerator, mut denominator) = (significand, Natural::from(1));
    if exponent < 0 { &mut denominator } else { &mut numerator }.multiply_by_tens(power);
    // The quotient shall have 62 or 63 bits.
    let shift = 62 + denominator.bits() as i32 - numerator.bits() as i32;
    if shift < 0 { &mut denominator } else { &mut numerator }.shift(shift.unsigned_abs());
    let (quotient, is_exact) = divide(numerator, denominator);
    let highest = quotient.ilog2() as i32 - shift;
    let lowest = (highest - 52).max(-1074);
    let dropped = (lowest + shift) as u32;
    if dropped > 63 {
        return 0.0;
    }
    let mut mantissa = quotient >> dropped;
    let (rest, half) = (quotient & ((1 << dropped) - 1), 1 << (dropped - 1));
    let is_above_half = rest > half || rest == half && !is_exact;
    mantissa += u64::from(is_above_half || rest == half && mantissa % 2 == 1);
    // A mantissa with its highest bit adds one to the exponent, one that was rounded up to the next power another.
    let bits = mantissa + ((i64::from(lowest) + 1074) << 52) as u64;
    f64::from_bits(bits.min(f64::INFINITY.to_bits()))
}

/// The quotient, which is less than 2⁶³, and whether there is no remainder.
fn divide(mut numerator: Natural, mut denominator: Natural) -> (u64, bool) {
    let align = denominator.bits().wrapping_neg() % 64;
    numerator.shift(align);
    denominator.shift(align);
    let last = denominator.0.len() - 1;
    let word = |at: usize| u128::from(numerator.0.get(at).copied().unwrap_or(0));
    // Of a denominator with its highest bit set one word is enough to be wrong by 2 at most, and never too low.
    let mut quotient = ((word(last + 1) << 64 | word(last)) / u128::from(denominator.0[last])) as u64;
    loop {
        let mut product = denominator.clone();
        product.multiply(quotient, 0);
        match product.cmp(&numerator) {
            Ordering::Greater => quotient -= 1,
            order => return (quotient, order == Ordering::Equal),
        }
    }
}

/// A decimal that is nearer to a finite float than to any other, in the form of JSON: the shortest, of a power of two
/// perhaps one with a digit more.
pub fn text(float: f64) -> String {
    let sign = if float.is_sign_negative() { "-" } else { "" };
    let float = float.abs();
    if float == 0.0 {
        return format!("{sign}0.0");
    }
    let (digits, exponent) = shortest(float);
    let digits = digits.to_string();
    let len = digits.len() as i32;
    let zeros = |count: i32| "0".repeat(count as usize);
    match len + exponent {
        point @ ..=16 if exponent >= 0 => format!("{sign}{digits}{}.0", zeros(point - len)),
        point @ 1..=16 => {
            let (whole, fraction) = digits.split_at(point as usize);
            format!("{sign}{whole}.{fraction}")
        }
        point @ -4..=0 => format!("{sign}0.{}{digits}", zeros(-point)),
        point => {
            let (first, fraction) = digits.split_at(1);
            let dot = if fraction.is_empty() { "" } else { "." };
            format!("{sign}{first}{dot}{fraction}e{:+}", point - 1)
        }
    }
}

/// The digits of a positive float, and the power of ten that they are multiplied by.
fn shortest(float: f64) -> (u64, i32) {
    let (mantissa, power) = match (float.to_bits() >> 52, float.to_bits() & ((1 << 52) - 1)) {
        (0, mantissa) => (mantissa, -1074),
        (exponent, mantissa) => (mantissa | 1 << 52, exponent as i32 - 1075),
    };
    // The power of ten below the power of two below the float: the float has as many digits, or one more.
    let tens = ((mantissa.ilog2() as i32 + power) * 78_913) >> 18;
    let candidates = [tens, tens + 1].map(|tens| {
        let tens = tens + 1 - ENOUGH_DIGITS as i32;
        let (mut numerator, mut denominator) = (Natural::from(2 * mantissa), Natural::from(1));
        if tens > 0 { &mut denominator } else { &mut numerator }.multiply_by_tens(tens.unsigned_abs());
        if power < 0 { &mut denominator } else { &mut numerator }.shift(power.unsigned_abs());
        (divide(numerator, denominator), tens)
    });
    let limit = 2 * 10u64.pow(ENOUGH_DIGITS);
    let ((twice, is_exact), tens) = candidates.into_iter().find(|((twice, _), _)| *twice < limit).unwrap_or_default();
    let rounded = (0..ENOUGH_DIGITS).rev().map(|dropped| {
        let unit = 10u64.pow(dropped);
        let (digits, rest) = ((twice + unit) / (2 * unit), (twice + unit) % (2 * unit));
        // In the middle between two the even one is taken.
        (digits - u64::from(is_exact && rest == 0 && digits % 2 == 1), tens + dropped as i32)
    });
    let mut rounded = rounded.filter(|(digits, _)| *digits > 0);
    let found = rounded.find(|&(digits, tens)| scaled(Natural::from(digits), tens) == float);
    let (mut digits, mut tens) = found.unwrap_or((twice.div_ceil(2), tens));
    while digits % 10 == 0 && digits > 0 {
        digits /= 10;
        tens += 1;
    }
    (digits, tens)
}

/// A natural number: its words of 64 bits, the lowest first, the last not 0.
#[derive(Clone, PartialEq, Eq)]
struct Natural(Vec<u64>);

impl From<u64> for Natural {
    fn from(value: u64) -> Self {
        Self(iter::once(value).filter(|&word| word != 0).collect())
    }
}

impl Natural {
    fn multiply(&mut self, factor: u64, add: u64) {
        let mut carry = u128::from(add);
        for word in &mut self.0 {
            carry += u128::from(*word) * u128::from(factor);
            *word = carry as u64;
            carry >>= 64;
        }
        if carry != 0 {
            self.0.push(carry as u64);
        }
    }

    fn multiply_by_tens(&mut self, mut power: u32) {
        while power > 0 {
            let step = power.min(19);
            self.multiply(10u64.pow(step), 0);
            power -= step;
        }
    }

    fn shift(&mut self, bits: u32) {
        self.multiply(1 << (bits % 64), 0);
        self.0.splice(..0, iter::repeat_n(0, bits as usize / 64));
    }

    fn bits(&self) -> u32 {
        let unused = self.0.last().map_or(0, |word| word.leading_zeros());
        64 * self.0.len() as u32 - unused
    }

    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}
