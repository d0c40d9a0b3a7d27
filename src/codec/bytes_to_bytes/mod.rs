//! Compressors and checksums.

pub mod blosc;
pub mod checksum;
pub mod gzip;
pub mod lz4;
pub mod shuffle;
pub mod zlib;
pub mod zstd;
