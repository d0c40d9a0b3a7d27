//! The compression modes of zfp, which all come down to four limits of a block of 4ⁿ numbers: its least and most bits
//! (`minbits`, `maxbits`), its most bit planes (`maxprec`), and the lowest bit plane by its exponent (`minexp`).
//!
//! Source: zfp 1.0 documentation, "Compression modes".

use std::ops::RangeInclusive;

use zfp_rs::{ZFP_MIN_EXP, ZfpConfig, ZfpScalarType, ZfpStreamAlignment};

use super::stream::Field;
use crate::codec::Configuration;
use crate::error::{Error, Result};

/// The members beside `mode` that a mode has.
fn members(mode: &str) -> Option<&'static [&'static str]> {
    match mode {
        "reversible" => Some(&["mode"]),
        "expert" => Some(&["mode", "minbits", "maxbits", "maxprec", "minexp"]),
        "fixed_accuracy" => Some(&["mode", "tolerance"]),
        "fixed_rate" => Some(&["mode", "rate"]),
        "fixed_precision" => Some(&["mode", "precision"]),
        _ => None,
    }
}

/// The mode that a configuration of `zfp` names.
pub fn parse_mode(configuration: &Configuration, field: Field) -> Result<ZfpConfig> {
    let mode = configuration.required("mode", configuration.text("mode")?)?;
    let members = members(mode).ok_or_else(|| {
        configuration.invalid("mode", "reversible, expert, fixed_accuracy, fixed_rate or fixed_precision")
    })?;
    configuration.only(members)?;
    let number = |key: &str| configuration.required(key, configuration.number(key)?);
    let unsigned = |key: &str| {
        let value = configuration.required(key, configuration.integer(key)?)?;
        configuration.in_range(key, value, 0, u32::MAX.into()).map(|value| value as u32)
    };
    match mode {
        "fixed_accuracy" => Ok(ZfpConfig::fixed_accuracy(number("tolerance")?)),
        "fixed_precision" => Ok(ZfpConfig::fixed_precision(unsigned("precision")?)),
        "fixed_rate" => fixed_rate(number("rate")?, field).ok_or_else(|| {
            configuration.invalid("rate", "a number of bits per element that gives a block 1 to 16658 bits")
        }),
        "expert" => {
            let minexp = configuration.required("minexp", configuration.integer("minexp")?)?;
            let minexp = configuration.in_range("minexp", minexp, i32::MIN.into(), i32::MAX.into())? as i32;
            ZfpConfig::expert(unsigned("minbits")?, unsigned("maxbits")?, unsigned("maxprec")?, minexp)
                .map_err(|_| Error::invalid_metadata("expected minbits up to maxbits, and maxprec from 1 to 64"))
        }
        _ => Ok(ZfpConfig::reversible()),
    }
}

/// `rate` bits for each element of a block of this field's rank.
pub fn fixed_rate(rate: f64, field: Field) -> Option<ZfpConfig> {
    let rank = field.dims.iter().filter(|&&extent| extent > 0).count() as u32;
    ZfpConfig::fixed_rate(rate, field.scalar_type, rank.try_into().ok()?, ZfpStreamAlignment::Unaligned).ok()
}

/// Bytes of a stream without a header whose blocks all have `maxbits` bits: in words of one byte up to words of eight.
pub fn fixed_rate_len(mode: &ZfpConfig, field: Field) -> RangeInclusive<u64> {
    let extents = field.dims.iter().filter(|&&extent| extent > 0);
    let blocks: u64 = extents.map(|&extent| extent.div_ceil(4) as u64).product();
    let bits = blocks.saturating_mul(mode.max_bits().into());
    bits.div_ceil(8)..=bits.div_ceil(64).saturating_mul(8)
}

/// The mode as zfp acts on it.
///
/// A block of floats begins with up to `1 + exponent` bits, whatever `maxbits` is; the rest is for its numbers. zfp takes
/// the difference as an unsigned number: where `maxbits` is even less, which zfpy writes for low rates, numbers have no
/// limit at all.
///
/// # Errors
/// `unsupported` where a reversible mode limits a block so: then it depends on the block whether the difference wraps.
pub fn effective(mode: ZfpConfig, scalar_type: ZfpScalarType) -> Result<ZfpConfig> {
    let is_reversible = mode.min_exp() < ZFP_MIN_EXP;
    let header = match (scalar_type, is_reversible) {
        (ZfpScalarType::I32 | ZfpScalarType::I64, false) => 0,
        (ZfpScalarType::F32, false) => 1 + 8,
        (ZfpScalarType::F64, false) => 1 + 11,
        (ZfpScalarType::I32, true) => 5,
        (ZfpScalarType::I64, true) => 6,
        (ZfpScalarType::F32, true) => 2 + 8 + 5,
        (ZfpScalarType::F64, true) => 2 + 11 + 6,
    };
    if mode.max_bits() >= header {
        return Ok(mode);
    }
    let unlimited = ZfpConfig::expert(mode.min_bits(), u32::MAX, mode.max_prec(), mode.min_exp());
    unlimited.ok().filter(|_| !is_reversible).ok_or_else(|| {
        Error::unsupported(format!("maxbits is {}, expected {header} or more in a reversible mode", mode.max_bits()))
    })
}
