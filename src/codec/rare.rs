//! The codecs that few arrays use: in the package only the second wasm has them.

use serde_json::Value;

use super::array_to_array::{
    astype::astype, bitround::BitRound, cast_value::CastValue, categorize::Categorize, delta::Delta,
    fixedscaleoffset::FixedScaleOffset, packbits::PackBits, quantize::quantize, reshape::Reshape,
    scale_offset::ScaleOffset,
};
use super::array_to_bytes::zfp::{Zfp, zfpy::Zfpy};
use super::array_to_bytes::{
    json2::Json2, msgpack2::MsgPack2, n5_default::N5Default, packbits::PackedBits, pcodec::Pcodec,
    vlen_array::vlen_array,
};
use super::bytes_to_bytes::{
    base64::Base64, bz2::Bz2, conditional::Conditional, jenkins_lookup3::jenkins_lookup3, lzma::Lzma,
};
use super::{BytesToBytes, ChunkSpec, Codec, Configuration, Externals, registry};
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;

/// Makes the codec, as the registry does; `None` for a name that is not known here.
pub fn create(metadata: &CodecMetadata, decoded: &ChunkSpec, externals: &Externals) -> Result<Option<Codec>> {
    let configuration = Configuration(&metadata.configuration);
    Ok(Some(match metadata.name.as_str() {
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
        "vlen-array" | "numcodecs.vlen-array" => Codec::ArrayToBytes(Box::new(vlen_array(&configuration, decoded)?)),
        "packbits" => Codec::ArrayToBytes(Box::new(PackedBits::new(&configuration, decoded)?)),
        "n5_default" => Codec::ArrayToBytes(Box::new(N5Default::new(&configuration, decoded, externals)?)),
        "numcodecs.json2" => Codec::ArrayToBytes(Box::new(Json2::new(&configuration, decoded)?)),
        "numcodecs.msgpack2" => Codec::ArrayToBytes(Box::new(MsgPack2::new(&configuration, decoded)?)),
        "numcodecs.pcodec" => Codec::ArrayToBytes(Box::new(Pcodec::new(decoded)?)),
        // The second is the name from before the codec was registered.
        "zfp" | "zarrs.zfp" => Codec::ArrayToBytes(Box::new(Zfp::new(&configuration, decoded)?)),
        "numcodecs.zfpy" => Codec::ArrayToBytes(Box::new(Zfpy::new(decoded)?)),
        "numcodecs.base64" => Codec::BytesToBytes(Box::new(Base64)),
        "numcodecs.bz2" => Codec::BytesToBytes(Box::new(Bz2::new(&configuration)?)),
        "numcodecs.jenkins_lookup3" => Codec::BytesToBytes(Box::new(jenkins_lookup3(&configuration)?)),
        "numcodecs.lzma" => Codec::BytesToBytes(Box::new(Lzma::new(&configuration)?)),
        "conditional" => {
            let codecs = bytes_to_bytes(&configuration, decoded, externals)?;
            Codec::BytesToBytes(Box::new(Conditional::new(&configuration, codecs)?))
        }
        _ => return Ok(None),
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
            match registry::create(&metadata, decoded, externals).map_err(|error| error.in_codec(&metadata.name))? {
                Some(Codec::BytesToBytes(codec)) => Ok((metadata.name, codec)),
                _ => Err(Error::invalid_metadata(format!("codecs: {} is no known bytes→bytes codec", metadata.name))),
            }
        })
        .collect()
}
