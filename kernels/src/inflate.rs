//! DEFLATE in its two wrappers, by `zlib-rs`.

use zlib_rs::{Inflate, InflateFlush, Status};

/// The format around the compressed data.
#[derive(Clone, Copy)]
pub enum Wrapper {
    /// RFC 1950.
    Zlib,
    /// RFC 1952.
    Gzip,
}

/// How far decoding came on both sides.
pub struct Progress {
    pub read: usize,
    pub written: usize,
    /// Whether the stream is at its end, and was checked against its checksum.
    pub has_ended: bool,
}

/// Decodes one stream from the start of `encoded` to the start of `decoded`; what is wrong with it is a message.
#[inline(never)]
pub fn inflate(wrapper: Wrapper, encoded: &[u8], decoded: &mut [u8]) -> Result<Progress, &'static str> {
    let window_bits = match wrapper {
        Wrapper::Zlib => 15,
        Wrapper::Gzip => 16 + 15,
    };
    // Made anew each time: `reset` would forget that it reads gzip.
    let mut stream = Inflate::new(true, window_bits);
    match stream.decompress(encoded, decoded, InflateFlush::Finish) {
        Ok(status) => Ok(Progress {
            // Neither is larger than its slice.
            read: stream.total_in() as usize,
            written: stream.total_out() as usize,
            has_ended: status == Status::StreamEnd,
        }),
        Err(error) => Err(stream.error_message().unwrap_or(error.as_str())),
    }
}

/// The checksum of gzip.
#[inline(never)]
pub fn crc32(data: &[u8]) -> u32 {
    zlib_rs::crc32::crc32(0, data)
}

/// The checksum of zlib.
#[inline(never)]
pub fn adler32(data: &[u8]) -> u32 {
    zlib_rs::adler32::adler32(1, data)
}
