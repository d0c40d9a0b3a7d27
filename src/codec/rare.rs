//! The codecs that few arrays use and whose decoders are large: the package has them in a wasm of their own.

use super::array_to_bytes::zfp::{Zfp, zfpy::Zfpy};
use super::array_to_bytes::{json2::Json2, msgpack2::MsgPack2, pcodec::Pcodec};
use super::bytes_to_bytes::{bz2::Bz2, lzma::Lzma};
use super::{ChunkSpec, Codec, Configuration};
use crate::error::Result;
use crate::metadata::CodecMetadata;

/// Makes the codec, as the registry does; `None` for a name that is not known here.
pub fn create(metadata: &CodecMetadata, decoded: &ChunkSpec) -> Result<Option<Codec>> {
    let configuration = Configuration(&metadata.configuration);
    Ok(Some(match metadata.name.as_str() {
        "numcodecs.bz2" => Codec::BytesToBytes(Box::new(Bz2::new(&configuration)?)),
        "numcodecs.lzma" => Codec::BytesToBytes(Box::new(Lzma::new(&configuration)?)),
        "numcodecs.json2" => Codec::ArrayToBytes(Box::new(Json2::new(&configuration, decoded)?)),
        "numcodecs.msgpack2" => Codec::ArrayToBytes(Box::new(MsgPack2::new(&configuration, decoded)?)),
        "numcodecs.pcodec" => Codec::ArrayToBytes(Box::new(Pcodec::new(decoded)?)),
        // The second is the name from before the codec was registered.
        "zfp" | "zarrs.zfp" => Codec::ArrayToBytes(Box::new(Zfp::new(&configuration, decoded)?)),
        "numcodecs.zfpy" => Codec::ArrayToBytes(Box::new(Zfpy::new(decoded)?)),
        _ => return Ok(None),
    }))
}
