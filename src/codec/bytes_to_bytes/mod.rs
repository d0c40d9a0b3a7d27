//! Compressors and checksums.

#[cfg(feature = "rare")]
pub mod base64;
pub mod blosc;
#[cfg(feature = "rare")]
pub mod bz2;
pub mod checksum;
#[cfg(feature = "rare")]
pub mod conditional;
pub mod fletcher32;
pub mod gzip;
#[cfg(feature = "rare")]
pub mod jenkins_lookup3;
pub mod lz4;
#[cfg(feature = "rare")]
pub mod lzma;
pub mod shuffle;
#[cfg(all(feature = "trap", target_arch = "wasm32"))]
pub mod trap;
pub mod zlib;
pub mod zstd;
