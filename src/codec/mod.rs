//! The codec pipeline: from the stored bytes of a chunk to its elements.
//!
//! A chain is any number of array→array codecs, exactly one array→bytes codec and any number of bytes→bytes codecs, in
//! the order in which a writer applied them (Zarr v3 specification, "Codecs"). Each codec's *decoded* side is known
//! before anything is decoded: [`Pipeline::new`] walks the chain forwards once, from the chunk's shape and data type, and
//! [`Pipeline::decode`] walks it backwards for every chunk, telling each codec the exact size it must produce.
//!
//! Decoded elements lie in C order, packed, little-endian; those of variable length are references into the heap of
//! [`Scratch`].

mod array_to_array;
mod array_to_bytes;
mod bytes_to_bytes;
mod configuration;
mod exchange;
mod external;
#[cfg(feature = "rare")]
mod rare;
mod registry;
mod scratch;

use std::borrow::Cow;
use std::ops::Range;

use external::DecodedElsewhere;

pub use array_to_bytes::shard_index::{IndexLocation, ShardIndex};
pub use array_to_bytes::sharding_indexed::ShardingIndexed;
pub use configuration::Configuration;
pub use exchange::{Answer, Exchange, Place, Question};
pub use external::{External, ExternalKind, Externals, FailedOutside, Found};
pub use scratch::Scratch;

use crate::data_type::{DataType, Heap};
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;
use crate::shape::element_count;

/// No decoded chunk may be larger: the elements of one chunk must fit into the memory of a wasm instance, with room for
/// the stages of decoding.
pub const MAX_CHUNK_LEN: u64 = 1 << 30;

/// Bytes of the elements of a chunk where they are of variable length, and the metadata do not say how long they are.
pub const MAX_VARIABLE_LEN: usize = 1 << 28;

/// How much longer than what the array→bytes codec makes an encoded chunk may be, as a factor and in bytes: each codec
/// after that may lengthen it a little, and a list of hundreds would leave no bound at all.
const MAX_GROWTH: (usize, usize) = (16, 1 << 26);

/// What lies on one side of a codec: a chunk of elements.
#[derive(Clone, Debug, PartialEq)]
pub struct ChunkSpec {
    pub shape: Vec<u64>,
    pub data_type: DataType,
    /// The bytes of one element, what an absent chunk is filled with; where elements are of variable length, its own
    /// bytes and no reference.
    pub fill_value: Vec<u8>,
}

impl ChunkSpec {
    pub fn element_count(&self) -> Result<u64> {
        element_count(&self.shape)
    }

    /// The fill value as it lies in a chunk: its bytes, or a reference to them.
    pub fn fill_element(&self, heap: &mut Heap) -> Result<Cow<'_, [u8]>> {
        Ok(match self.data_type.is_variable() {
            true => Cow::Owned(heap.push(&self.fill_value)?.0.to_vec()),
            false => Cow::Borrowed(&self.fill_value),
        })
    }

    /// Bytes of the decoded chunk, `unsupported` if they are more than [`MAX_CHUNK_LEN`].
    pub fn byte_len(&self) -> Result<usize> {
        let elements = self.element_count().ok();
        let len = elements.and_then(|elements| elements.checked_mul(self.data_type.item_len() as u64));
        match len.filter(|&len| len <= MAX_CHUNK_LEN) {
            Some(len) => Ok(len as usize),
            None => Err(Error::unsupported(format!(
                "a chunk of shape {:?} and type {} is larger than {MAX_CHUNK_LEN} bytes",
                self.shape, self.data_type
            ))),
        }
    }
}

/// How many bytes a stage hands on: a fact, or a bound where a compressor lies between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Len {
    Exact(usize),
    AtMost(usize),
}

impl Len {
    /// The most bytes there can be.
    pub fn bound(self) -> usize {
        match self {
            Self::Exact(len) | Self::AtMost(len) => len,
        }
    }

    /// What a compressor makes of this many bytes: no writer's output is larger than this.
    pub fn compressed(self) -> Self {
        let len = self.bound();
        Self::AtMost(len.saturating_add(len / 4).saturating_add(1 << 16))
    }

    pub fn map(self, f: impl FnOnce(usize) -> usize) -> Self {
        match self {
            Self::Exact(len) => Self::Exact(f(len)),
            Self::AtMost(len) => Self::AtMost(f(len)),
        }
    }

    /// Fails unless `found` bytes are what was promised.
    pub fn check(self, found: usize) -> Result<()> {
        match self {
            Self::Exact(expected) if found != expected => {
                Err(Error::corrupt_chunk(format!("decoded to {found} bytes, expected {expected}")))
            }
            Self::AtMost(most) if found > most => {
                Err(Error::corrupt_chunk(format!("decoded to {found} bytes, expected at most {most}")))
            }
            _ => Ok(()),
        }
    }

    /// Fails unless `claimed`, which stands in the input, is what was promised. Where that is only a bound, it must also
    /// come out of `encoded_len` bytes that decode to `most_each` at most: no memory is taken for what cannot be there.
    pub fn check_claim(self, claimed: usize, encoded_len: usize, most_each: usize) -> Result<()> {
        self.check(claimed)?;
        match self {
            Self::AtMost(_) if claimed > encoded_len.saturating_mul(most_each) => {
                Err(Error::corrupt_chunk(format!("{encoded_len} bytes cannot decode to {claimed}")))
            }
            _ => Ok(()),
        }
    }
}

/// A codec that changes the elements of a chunk, their order, or their type.
pub trait ArrayToArray {
    /// What the encoded side looks like, given the decoded one; the fill value goes through the codec as well.
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec>;

    /// `encoded` holds exactly the bytes of `encoded_spec`; the answer those of `decoded_spec`.
    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        encoded_spec: &ChunkSpec,
        decoded_spec: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>>;
}

/// The codec between elements and bytes.
pub trait ArrayToBytes {
    fn encoded_len(&self, decoded: &ChunkSpec) -> Result<Len>;

    /// The answer holds exactly the bytes of `decoded`.
    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>>;

    /// The codec as one whose parts can be read by themselves, if it is.
    fn as_sharding(&self) -> Option<&ShardingIndexed> {
        None
    }
}

/// A compressor or checksum.
pub trait BytesToBytes {
    fn encoded_len(&self, decoded: Len) -> Len;

    /// The answer is as long as `decoded_len` says; anything else is an error. Memory for it is taken from `scratch`,
    /// never sized by a number that stands in the input alone.
    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>>;
}

/// A codec made from its metadata.
pub enum Codec {
    ArrayToArray(Box<dyn ArrayToArray>),
    ArrayToBytes(Box<dyn ArrayToBytes>),
    BytesToBytes(Box<dyn BytesToBytes>),
    /// Another build has it; of which kind it is, is not known here.
    Elsewhere,
}

/// One codec with its name and both of its sides.
struct ArrayStage {
    name: String,
    codec: Box<dyn ArrayToArray>,
    decoded: ChunkSpec,
    encoded: ChunkSpec,
}

struct BytesStage {
    name: String,
    codec: Box<dyn BytesToBytes>,
    decoded_len: Len,
}

/// A codec chain, typed for one chunk shape.
pub struct Pipeline {
    codecs: Vec<CodecMetadata>,
    chunk: ChunkSpec,
    array_to_array: Vec<ArrayStage>,
    array_to_bytes: (String, Box<dyn ArrayToBytes>),
    /// The decoded side of the array→bytes codec.
    innermost: ChunkSpec,
    bytes_to_bytes: Vec<BytesStage>,
    encoded_len: Len,
}

impl Pipeline {
    /// Types the chain for chunks like `chunk`.
    ///
    /// # Errors
    /// `unsupported` for a codec that is not known, `invalid-metadata` for a chain in the wrong order or a
    /// configuration that breaks its codec's rules.
    pub fn new(codecs: &[CodecMetadata], chunk: ChunkSpec) -> Result<Self> {
        Self::with_externals(codecs, chunk, &Externals::default())
    }

    /// As [`Pipeline::new`]; `externals` has the codecs that are not known here.
    pub fn with_externals(codecs: &[CodecMetadata], chunk: ChunkSpec, externals: &Externals) -> Result<Self> {
        let mut spec = chunk.clone();
        let mut array_to_array = Vec::new();
        let mut array_to_bytes: Option<(String, Box<dyn ArrayToBytes>)> = None;
        let mut bytes_to_bytes = Vec::new();
        let mut len = Len::Exact(0);
        for metadata in codecs {
            let name = metadata.name.clone();
            let codec = registry::create(metadata, &spec, externals).map_err(|error| error.in_codec(&name))?;
            match (codec, &array_to_bytes) {
                (Some(Codec::ArrayToArray(codec)), None) => {
                    let encoded = codec.encoded(&spec).map_err(|error| error.in_codec(&name))?;
                    encoded.byte_len()?;
                    let decoded = std::mem::replace(&mut spec, encoded.clone());
                    array_to_array.push(ArrayStage { name, codec, decoded, encoded });
                }
                (Some(Codec::ArrayToBytes(codec)), None) => {
                    len = codec.encoded_len(&spec).map_err(|error| error.in_codec(&name))?;
                    array_to_bytes = Some((name, codec));
                }
                (Some(Codec::BytesToBytes(codec)), Some(_)) => {
                    let decoded_len = len;
                    len = codec.encoded_len(decoded_len);
                    bytes_to_bytes.push(BytesStage { name, codec, decoded_len });
                }
                (None, _) => {}
                (Some(Codec::Elsewhere), _) => {
                    array_to_bytes = Some((name, Box::new(DecodedElsewhere)));
                    bytes_to_bytes.clear();
                    break;
                }
                (Some(Codec::BytesToBytes(_)), None) => {
                    return Err(Error::invalid_metadata(format!("codecs: {name} stands before any array→bytes codec")));
                }
                (Some(_), Some((other, _))) => {
                    return Err(Error::invalid_metadata(format!(
                        "codecs: {name} stands after {other}, which is an array→bytes codec"
                    )));
                }
            }
        }
        let serialised = bytes_to_bytes.first().map_or(len, |stage: &BytesStage| stage.decoded_len).bound();
        if len.bound() > serialised.saturating_mul(MAX_GROWTH.0).saturating_add(MAX_GROWTH.1) {
            let count = bytes_to_bytes.len();
            return Err(Error::unsupported(format!("codecs: {count} bytes→bytes codecs, which is too long a chain")));
        }
        let array_to_bytes = array_to_bytes
            .ok_or_else(|| Error::invalid_metadata("codecs: no array→bytes codec, exactly one is required"))?;
        let codecs = codecs.to_vec();
        let pipeline =
            Self { codecs, chunk, array_to_array, array_to_bytes, innermost: spec, bytes_to_bytes, encoded_len: len };
        // A shard may be larger than what can be decoded at once: its inner chunks are decoded one by one.
        if pipeline.sharding().is_none() {
            pipeline.chunk.byte_len()?;
        }
        Ok(pipeline)
    }

    /// The chain as the metadata write it.
    pub fn codecs(&self) -> &[CodecMetadata] {
        &self.codecs
    }

    /// What the pipeline decodes to.
    pub fn chunk(&self) -> &ChunkSpec {
        &self.chunk
    }

    /// Whether chunks are stored as they are.
    pub fn is_copy(&self) -> bool {
        self.bytes_to_bytes.is_empty() && self.is_in_place()
    }

    /// Whether elements have their bytes where they have their places in the chunk.
    fn is_in_place(&self) -> bool {
        self.array_to_array.is_empty() && self.array_to_bytes.0 == "bytes"
    }

    /// Size of an encoded chunk, exact if no compressor is in the chain.
    pub fn encoded_len(&self) -> Len {
        self.encoded_len
    }

    /// The sharding codec, if the chain is nothing else: only then can inner chunks be read by themselves.
    pub fn sharding(&self) -> Option<&ShardingIndexed> {
        let alone = self.array_to_array.is_empty() && self.bytes_to_bytes.is_empty();
        self.array_to_bytes.1.as_sharding().filter(|_| alone)
    }

    /// Decodes one chunk to exactly the bytes of [`Pipeline::chunk`].
    ///
    /// # Errors
    /// `corrupt-chunk`, naming the codec, for bytes that are not an encoding of such a chunk.
    pub fn decode<'a>(&self, encoded: &'a [u8], scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        self.decode_part(encoded, 0..usize::MAX, scratch)
    }

    /// As [`Pipeline::decode`], of which only the `wanted` bytes are looked at: what the others are does not matter. Codecs
    /// that compress in blocks decode the ones that are needed.
    pub fn decode_part<'a>(
        &self,
        encoded: &'a [u8],
        wanted: Range<usize>,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        let mut bytes = Cow::Borrowed(encoded);
        for (index, stage) in self.bytes_to_bytes.iter().enumerate().rev() {
            scratch.wanted = (index == 0 && self.is_in_place()).then(|| wanted.clone());
            bytes = stage
                .codec
                .decode(bytes, stage.decoded_len, scratch)
                .and_then(|bytes| stage.decoded_len.check(bytes.len()).map(|()| bytes))
                .map_err(|error| error.in_codec(&stage.name))?;
        }
        let (name, codec) = &self.array_to_bytes;
        bytes = codec
            .decode(bytes, &self.innermost, scratch)
            .and_then(|bytes| Len::Exact(self.innermost.byte_len()?).check(bytes.len()).map(|()| bytes))
            .map_err(|error| error.in_codec(name))?;
        for stage in self.array_to_array.iter().rev() {
            bytes = stage
                .codec
                .decode(bytes, &stage.encoded, &stage.decoded, scratch)
                .and_then(|bytes| Len::Exact(stage.decoded.byte_len()?).check(bytes.len()).map(|()| bytes))
                .map_err(|error| error.in_codec(&stage.name))?;
        }
        Ok(bytes)
    }
}
