//! DEFLATE (RFC 1951) in its two wrappers.
//!
//! A stream is judged as zlib judges it: codes must be complete, but for a single distance code of one bit; distances
//! reach no further back than the stream goes.

mod bits;
mod blocks;
mod code;

use bits::Bits;

use crate::adler32::adler32;
use crate::crc::crc32;

/// The format around the compressed data.
#[derive(Clone, Copy)]
pub enum Wrapper {
    /// RFC 1950.
    Zlib,
    /// RFC 1952.
    Gzip,
}

/// How far a stream went on both sides; it was checked against its checksum.
pub struct Inflated {
    pub read: usize,
    pub written: usize,
}

/// Why there is no such end.
#[derive(Clone, Copy)]
pub enum Stop {
    /// The stream holds more than there is room for.
    Full,
    EndsEarly,
    /// What is wrong with the stream.
    Wrong(&'static str),
}

/// Decodes one stream from the start of `encoded` to the start of `decoded`. What is behind its contents in `decoded` is
/// unspecified afterwards.
#[inline(never)]
pub fn inflate(wrapper: Wrapper, encoded: &[u8], decoded: &mut [u8]) -> Result<Inflated, Stop> {
    let mut bits = Bits::new(encoded);
    match wrapper {
        Wrapper::Zlib => read_zlib_header(&mut bits)?,
        Wrapper::Gzip => read_gzip_header(&mut bits)?,
    }
    let written = blocks::decode_blocks(&mut bits, decoded)?;
    bits.align();
    let contents = &decoded[..written];
    match wrapper {
        Wrapper::Zlib => expect(&mut bits, adler32(contents).swap_bytes(), "incorrect data check")?,
        Wrapper::Gzip => {
            expect(&mut bits, crc32(contents), "incorrect data check")?;
            expect(&mut bits, written as u32, "incorrect length check")?;
        }
    }
    bits.align();
    Ok(Inflated { read: bits.at, written })
}

fn expect(bits: &mut Bits, number: u32, otherwise: &'static str) -> Result<(), Stop> {
    if bits.take(32)? == number { Ok(()) } else { Err(Stop::Wrong(otherwise)) }
}

/// RFC 1950, section 2.2.
fn read_zlib_header(bits: &mut Bits) -> Result<(), Stop> {
    let (method, flags) = (bits.take(8)?, bits.take(8)?);
    if (method << 8 | flags) % 31 != 0 {
        return Err(Stop::Wrong("incorrect header check"));
    }
    if method & 0xf != 8 {
        return Err(Stop::Wrong("unknown compression method"));
    }
    if method >> 4 > 7 {
        return Err(Stop::Wrong("invalid window size"));
    }
    if flags & 0x20 != 0 {
        return Err(Stop::Wrong("the stream needs a dictionary"));
    }
    Ok(())
}

/// RFC 1952, section 2.3.
fn read_gzip_header(bits: &mut Bits) -> Result<(), Stop> {
    const HAS_CRC: u32 = 1 << 1;
    const HAS_EXTRA: u32 = 1 << 2;
    const HAS_NAME: u32 = 1 << 3;
    const HAS_COMMENT: u32 = 1 << 4;
    const RESERVED: u32 = 7 << 5;

    if bits.take(16)? != 0x8b1f {
        return Err(Stop::Wrong("incorrect header check"));
    }
    if bits.take(8)? != 8 {
        return Err(Stop::Wrong("unknown compression method"));
    }
    let flags = bits.take(8)?;
    if flags & RESERVED != 0 {
        return Err(Stop::Wrong("unknown header flags set"));
    }
    bits.align();
    // The time, and what the writer was.
    bits.take_bytes(6)?;
    if flags & HAS_EXTRA != 0 {
        let len = bits.take(16)?;
        bits.align();
        bits.take_bytes(len as usize)?;
    }
    for flag in [HAS_NAME, HAS_COMMENT] {
        if flags & flag != 0 {
            let rest = bits.input.get(bits.at..).unwrap_or_default();
            let len = rest.iter().position(|&byte| byte == 0).ok_or(Stop::EndsEarly)?;
            bits.take_bytes(len + 1)?;
        }
    }
    if flags & HAS_CRC != 0 {
        let crc = crc32(&bits.input[..bits.at]) & 0xffff;
        if bits.take(16)? != crc {
            return Err(Stop::Wrong("header crc mismatch"));
        }
        bits.align();
    }
    Ok(())
}
