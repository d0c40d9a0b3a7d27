//! The codecs that exist: the only list of them.
//!
//! Names are those of Zarr v3. The codecs and filters of Zarr v2 appear under the names that zarr-python gives them in
//! v3, `numcodecs.` and their v2 id; `metadata` has renamed them.

use super::array_to_array::{delta::Delta, transpose::Transpose};
use super::array_to_bytes::{bytes::Bytes, sharding_indexed::ShardingIndexed};
use super::bytes_to_bytes::{
    blosc::Blosc, checksum::Checksum, gzip::Gzip, lz4::Lz4, shuffle::Shuffle, zlib::Zlib, zstd::Zstd,
};
use super::{ChunkSpec, Codec, Configuration};
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;

/// Makes the codec for the place in a chain where it receives `decoded`; `None` for one that is not known and says of
/// itself that it need not be (Zarr v3 specification, "Extension points", `must_understand`).
pub fn create(metadata: &CodecMetadata, decoded: &ChunkSpec) -> Result<Option<Codec>> {
    let configuration = Configuration(&metadata.configuration);
    Ok(Some(match metadata.name.as_str() {
        "transpose" => Codec::ArrayToArray(Box::new(Transpose::new(&configuration, decoded)?)),
        "numcodecs.delta" => Codec::ArrayToArray(Box::new(Delta::new(&configuration, decoded)?)),
        // The early name of the codec, in documents from before the specification was final.
        "bytes" | "endian" => Codec::ArrayToBytes(Box::new(Bytes::new(&configuration, decoded)?)),
        "sharding_indexed" => Codec::ArrayToBytes(Box::new(ShardingIndexed::new(&configuration, decoded)?)),
        "blosc" | "numcodecs.blosc" => Codec::BytesToBytes(Box::new(Blosc)),
        "zstd" | "numcodecs.zstd" => Codec::BytesToBytes(Box::new(Zstd::new(&configuration)?)),
        "gzip" | "numcodecs.gzip" => Codec::BytesToBytes(Box::new(Gzip::new(&configuration)?)),
        "numcodecs.zlib" => Codec::BytesToBytes(Box::new(Zlib::new(&configuration)?)),
        "numcodecs.lz4" => Codec::BytesToBytes(Box::new(Lz4::new(&configuration)?)),
        "numcodecs.shuffle" => Codec::BytesToBytes(Box::new(Shuffle::new(&configuration, decoded)?)),
        "crc32c" => Codec::BytesToBytes(Box::new(Checksum::crc32c())),
        "numcodecs.crc32c" | "numcodecs.crc32" | "numcodecs.adler32" => {
            Codec::BytesToBytes(Box::new(Checksum::numcodecs(&metadata.name, &configuration)?))
        }
        _ if !metadata.must_understand => return Ok(None),
        _ => return Err(Error::unsupported("unknown codec")),
    }))
}
