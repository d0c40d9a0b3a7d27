//! The codecs that every wasm has; `rare` lists the others.
//!
//! Names are those of Zarr v3. The codecs and filters of Zarr v2 appear under the names that zarr-python gives them in
//! v3, `numcodecs.` and their v2 id; `metadata` has renamed them.

use super::array_to_array::transpose::Transpose;
use super::array_to_bytes::{bytes::Bytes, sharding_indexed::ShardingIndexed, vlen::Vlen};
use super::bytes_to_bytes::{
    blosc::Blosc, checksum::Checksum, fletcher32::fletcher32, gzip::Gzip, lz4::Lz4, shuffle::Shuffle, zlib::Zlib,
    zstd::Zstd,
};
use super::{ChunkSpec, Codec, Configuration, Externals};
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;

/// Makes the codec for the place in a chain where it receives `decoded`; `None` for one that is not known and says of
/// itself that it need not be (Zarr v3 specification, "Extension points", `must_understand`).
pub fn create(metadata: &CodecMetadata, decoded: &ChunkSpec, externals: &Externals) -> Result<Option<Codec>> {
    let configuration = Configuration(&metadata.configuration);
    Ok(Some(match metadata.name.as_str() {
        "transpose" => Codec::ArrayToArray(Box::new(Transpose::new(&configuration, decoded)?)),
        // The early name of the codec, in documents from before the specification was final.
        "bytes" | "endian" => Codec::ArrayToBytes(Box::new(Bytes::new(&configuration, decoded)?)),
        "sharding_indexed" => Codec::ArrayToBytes(Box::new(ShardingIndexed::new(&configuration, decoded, externals)?)),
        "vlen-utf8" | "numcodecs.vlen-utf8" => Codec::ArrayToBytes(Box::new(Vlen::utf8(decoded)?)),
        "vlen-bytes" | "numcodecs.vlen-bytes" => Codec::ArrayToBytes(Box::new(Vlen::bytes(decoded)?)),
        "blosc" | "numcodecs.blosc" => Codec::BytesToBytes(Box::new(Blosc)),
        "zstd" | "numcodecs.zstd" => Codec::BytesToBytes(Box::new(Zstd::new(&configuration)?)),
        "gzip" | "numcodecs.gzip" => Codec::BytesToBytes(Box::new(Gzip::new(&configuration)?)),
        "numcodecs.zlib" => Codec::BytesToBytes(Box::new(Zlib::new(&configuration)?)),
        "numcodecs.lz4" => Codec::BytesToBytes(Box::new(Lz4::new(&configuration)?)),
        "numcodecs.shuffle" => Codec::BytesToBytes(Box::new(Shuffle::new(&configuration, decoded)?)),
        "numcodecs.fletcher32" => Codec::BytesToBytes(Box::new(fletcher32())),
        #[cfg(all(feature = "trap", target_arch = "wasm32"))]
        "test.trap" => Codec::BytesToBytes(Box::new(super::bytes_to_bytes::trap::Trap)),
        "crc32c" => Codec::BytesToBytes(Box::new(Checksum::crc32c())),
        "numcodecs.crc32c" | "numcodecs.crc32" | "numcodecs.adler32" => {
            Codec::BytesToBytes(Box::new(Checksum::numcodecs(&metadata.name, &configuration)?))
        }
        _ => return unlisted(metadata, decoded, externals),
    }))
}

/// A codec from outside, or one of the rare ones, which may be replaced by one from outside.
fn unlisted(metadata: &CodecMetadata, decoded: &ChunkSpec, externals: &Externals) -> Result<Option<Codec>> {
    if let Some(codec) = externals.create(metadata, decoded)? {
        return Ok(Some(codec));
    }
    externals.miss(&metadata.name);
    #[cfg(feature = "rare")]
    if let Some(codec) = super::rare::create(metadata, decoded, externals)? {
        return Ok(Some(codec));
    }
    if metadata.must_understand { Err(Error::unsupported("unknown codec")) } else { Ok(None) }
}
