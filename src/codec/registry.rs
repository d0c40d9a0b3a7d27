//! The codecs that exist: the only list of them.
//!
//! Names are those of Zarr v3. The codecs and filters of Zarr v2 appear under the names that zarr-python gives them in
//! v3, `numcodecs.` and their v2 id; `metadata` has renamed them.

use serde_json::Value;

use super::array_to_array::{
    astype::astype, bitround::BitRound, cast_value::CastValue, categorize::Categorize, delta::Delta,
    fixedscaleoffset::FixedScaleOffset, packbits::PackBits, quantize::quantize, reshape::Reshape,
    scale_offset::ScaleOffset, transpose::Transpose,
};
use super::array_to_bytes::{
    bytes::Bytes, n5_default::N5Default, packbits::PackedBits, sharding_indexed::ShardingIndexed, vlen::Vlen,
};
use super::bytes_to_bytes::{
    base64::Base64, blosc::Blosc, checksum::Checksum, conditional::Conditional, fletcher32::fletcher32, gzip::Gzip,
    jenkins_lookup3::jenkins_lookup3, lz4::Lz4, shuffle::Shuffle, zlib::Zlib, zstd::Zstd,
};
use super::{BytesToBytes, ChunkSpec, Codec, Configuration, Externals};
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;

/// Makes the codec for the place in a chain where it receives `decoded`; `None` for one that is not known and says of
/// itself that it need not be (Zarr v3 specification, "Extension points", `must_understand`).
pub fn create(metadata: &CodecMetadata, decoded: &ChunkSpec, externals: &Externals) -> Result<Option<Codec>> {
    let configuration = Configuration(&metadata.configuration);
    Ok(Some(match metadata.name.as_str() {
        "transpose" => Codec::ArrayToArray(Box::new(Transpose::new(&configuration, decoded)?)),
        "reshape" => Codec::ArrayToArray(Box::new(Reshape::new(&configuration, decoded)?)),
        "cast_value" => Codec::ArrayToArray(Box::new(CastValue::new(&configuration, decoded)?)),
        "scale_offset" => Codec::ArrayToArray(Box::new(ScaleOffset::new(&configuration, decoded)?)),
        "numcodecs.delta" => Codec::ArrayToArray(Box::new(Delta::new(&configuration, decoded)?)),
        "numcodecs.fixedscaleoffset" => Codec::ArrayToArray(Box::new(FixedScaleOffset::new(&configuration, decoded)?)),
        "numcodecs.quantize" => Codec::ArrayToArray(Box::new(quantize(&configuration, decoded)?)),
        "numcodecs.astype" => Codec::ArrayToArray(Box::new(astype(&configuration, decoded)?)),
        "bitround" => Codec::ArrayToArray(Box::new(BitRound::registered(&configuration, decoded)?)),
        "numcodecs.bitround" => Codec::ArrayToArray(Box::new(BitRound::numcodecs(&configuration, decoded)?)),
        "numcodecs.categorize" => Codec::ArrayToArray(Box::new(Categorize::new(&configuration, decoded)?)),
        "numcodecs.packbits" => Codec::ArrayToArray(Box::new(PackBits::new(&configuration, decoded)?)),
        // The early name of the codec, in documents from before the specification was final.
        "bytes" | "endian" => Codec::ArrayToBytes(Box::new(Bytes::new(&configuration, decoded)?)),
        "sharding_indexed" => Codec::ArrayToBytes(Box::new(ShardingIndexed::new(&configuration, decoded, externals)?)),
        "vlen-utf8" | "numcodecs.vlen-utf8" => Codec::ArrayToBytes(Box::new(Vlen::utf8(decoded)?)),
        "vlen-bytes" | "numcodecs.vlen-bytes" => Codec::ArrayToBytes(Box::new(Vlen::bytes(decoded)?)),
        "vlen-array" | "numcodecs.vlen-array" => Codec::ArrayToBytes(Box::new(Vlen::array(&configuration, decoded)?)),
        "packbits" => Codec::ArrayToBytes(Box::new(PackedBits::new(&configuration, decoded)?)),
        "n5_default" => Codec::ArrayToBytes(Box::new(N5Default::new(&configuration, decoded, externals)?)),
        "blosc" | "numcodecs.blosc" => Codec::BytesToBytes(Box::new(Blosc)),
        "zstd" | "numcodecs.zstd" => Codec::BytesToBytes(Box::new(Zstd::new(&configuration)?)),
        "gzip" | "numcodecs.gzip" => Codec::BytesToBytes(Box::new(Gzip::new(&configuration)?)),
        "numcodecs.zlib" => Codec::BytesToBytes(Box::new(Zlib::new(&configuration)?)),
        "numcodecs.lz4" => Codec::BytesToBytes(Box::new(Lz4::new(&configuration)?)),
        "numcodecs.shuffle" => Codec::BytesToBytes(Box::new(Shuffle::new(&configuration, decoded)?)),
        "numcodecs.base64" => Codec::BytesToBytes(Box::new(Base64)),
        "numcodecs.fletcher32" => Codec::BytesToBytes(Box::new(fletcher32())),
        "numcodecs.jenkins_lookup3" => Codec::BytesToBytes(Box::new(jenkins_lookup3(&configuration)?)),
        #[cfg(all(feature = "trap", target_arch = "wasm32"))]
        "test.trap" => Codec::BytesToBytes(Box::new(super::bytes_to_bytes::trap::Trap)),
        "crc32c" => Codec::BytesToBytes(Box::new(Checksum::crc32c())),
        "numcodecs.crc32c" | "numcodecs.crc32" | "numcodecs.adler32" => {
            Codec::BytesToBytes(Box::new(Checksum::numcodecs(&metadata.name, &configuration)?))
        }
        "conditional" => {
            let codecs = bytes_to_bytes(&configuration, decoded, externals)?;
            Codec::BytesToBytes(Box::new(Conditional::new(&configuration, codecs)?))
        }
        _ => {
            let unlisted = match create_rare(metadata, decoded)? {
                None => externals.create(metadata, decoded)?,
                rare => rare,
            };
            let is_error = unlisted.is_none() && metadata.must_understand;
            return if is_error { Err(Error::unsupported("unknown codec")) } else { Ok(unlisted) };
        }
    }))
}

/// The bytes→bytes codecs that stand in the `codecs` of another one, with their names.
fn bytes_to_bytes(
    configuration: &Configuration,
    decoded: &ChunkSpec,
    externals: &Externals,
) -> Result<Vec<(String, Box<dyn BytesToBytes>)>> {
    let list = configuration.required("codecs", configuration.list("codecs")?)?;
    let codecs = CodecMetadata::parse_list(&Value::from(list.clone()))?.into_iter();
    codecs
        .map(|metadata| {
            match create(&metadata, decoded, externals).map_err(|error| error.in_codec(&metadata.name))? {
                Some(Codec::BytesToBytes(codec)) => Ok((metadata.name, codec)),
                _ => Err(Error::invalid_metadata(format!("codecs: {} is no known bytes→bytes codec", metadata.name))),
            }
        })
        .collect()
}

#[cfg(feature = "rare")]
use super::rare::create as create_rare;

#[cfg(not(feature = "rare"))]
fn create_rare(_: &CodecMetadata, _: &ChunkSpec) -> Result<Option<Codec>> {
    Ok(None)
}
