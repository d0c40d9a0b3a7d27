//! Codecs from outside the crate: in JavaScript those of `registerCodec`.
//!
//! Of such a codec only its kind is known. Names that the registry does not know are looked for among the [`Externals`]
//! of a chain; the codec made of one is a stage like any other, which takes its answers from the
//! [`Exchange`](super::exchange::Exchange).
//!
//! A codec may also be *elsewhere*: then the chain is not typed beyond it, and is decoded by a build that has the codec.
//!
//! Between elements of variable length and bytes, such a codec answers the layout of `vlen-bytes`, of objects with
//! MessagePack for each.
//!
//! Limits: an array→array codec has the same shape and data type on both sides, and leaves the fill value as it is, as
//! zarr-python does for codecs that say nothing else. Where something has to know how large the encoded side can be, it is
//! assumed to be [`MAX_EXPANSION`] times as large as the decoded one.

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Map, Value};

use super::array_to_bytes::vlen::Vlen;
use super::{ArrayToArray, ArrayToBytes, BytesToBytes, ChunkSpec, Codec, Len, MAX_VARIABLE_LEN, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;

/// Text takes more room than the numbers in it.
const MAX_EXPANSION: usize = 8;

/// The name of the codec between elements and bytes that v2 chains are completed with.
const BYTES: &str = "bytes";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExternalKind {
    ArrayToArray,
    ArrayToBytes,
    BytesToBytes,
}

impl ExternalKind {
    const ALL: [Self; 3] = [Self::ArrayToArray, Self::ArrayToBytes, Self::BytesToBytes];
}

/// A codec outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct External {
    pub kind: ExternalKind,
    /// Tells its owner which one it is.
    pub id: u32,
}

/// What is known of a name that the registry does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    External(External),
    /// Another build of this crate has the codec, and decodes what uses it.
    Elsewhere,
}

/// The codecs outside that a chain uses, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Externals {
    found: Vec<(String, External)>,
    /// Where a chain with these is decoded, they are known.
    elsewhere: Vec<String>,
    /// What was looked for and is not there.
    missed: RefCell<Vec<String>>,
}

impl Externals {
    pub fn insert(&mut self, name: String, found: Found) {
        match found {
            Found::External(external) => self.found.push((name, external)),
            Found::Elsewhere => self.elsewhere.push(name),
        }
    }

    /// Whether a codec of the chain is elsewhere, so that all of it has to be decoded there.
    pub fn are_elsewhere(&self) -> bool {
        !self.elsewhere.is_empty()
    }

    /// Whether decoding asks JavaScript.
    pub fn are_asked(&self) -> bool {
        !self.found.is_empty()
    }

    pub fn have(&self, name: &str) -> bool {
        self.find(name).is_some() || self.is_elsewhere(name)
    }

    /// The names that were looked for in vain since the last call. What chains a codec holds only that codec knows: so the
    /// way to find all names is to type the chain again until there are no new ones.
    pub fn take_missed(&self) -> Vec<String> {
        self.missed.take()
    }

    /// What was found, for [`from_json`](Self::from_json).
    pub fn to_json(&self) -> Value {
        let found = self.found.iter().map(|(name, External { kind, id })| {
            Value::Array(vec![name.as_str().into(), (*kind as u8).into(), (*id).into()])
        });
        Value::Array(found.collect())
    }

    /// Undoes [`to_json`](Self::to_json).
    pub fn from_json(value: &Value) -> Option<Self> {
        let found = value.as_array()?.iter().map(|found| {
            let [name, kind, id] = found.as_array()?.as_slice() else { return None };
            let kind = ExternalKind::ALL.into_iter().find(|known| kind.as_u64() == Some(*known as u64))?;
            Some((name.as_str()?.to_owned(), External { kind, id: id.as_u64()?.try_into().ok()? }))
        });
        Some(Self { found: found.collect::<Option<_>>()?, ..Self::default() })
    }

    pub(super) fn create(&self, metadata: &CodecMetadata, decoded: &ChunkSpec) -> Result<Option<Codec>> {
        if self.is_elsewhere(&metadata.name) {
            return Ok(Some(Codec::Elsewhere));
        }
        let Some(External { kind, id }) = self.find(&metadata.name) else { return Ok(None) };
        let layout = match (kind, &decoded.data_type) {
            (ExternalKind::BytesToBytes, _) => None,
            (_, data_type) if !data_type.is_variable() => None,
            (ExternalKind::ArrayToBytes, DataType::Text) => Some(Vlen::utf8(decoded)?),
            (ExternalKind::ArrayToBytes, DataType::Bytes) => Some(Vlen::bytes(decoded)?),
            (ExternalKind::ArrayToBytes, DataType::Object) => Some(Vlen::objects()),
            (_, data_type) => {
                return Err(Error::unsupported(format!("elements of type {data_type} in a codec from outside")));
            }
        };
        let codec = ExternalCodec { id, metadata: metadata.clone(), layout };
        Ok(Some(match kind {
            ExternalKind::ArrayToArray => Codec::ArrayToArray(Box::new(codec)),
            ExternalKind::ArrayToBytes => Codec::ArrayToBytes(Box::new(codec)),
            ExternalKind::BytesToBytes => Codec::BytesToBytes(Box::new(codec)),
        }))
    }

    /// What decoders must know of them.
    pub fn to_decode(&self) -> Self {
        Self { found: self.found.clone(), ..Self::default() }
    }

    /// Takes note of a name that is not here.
    pub(super) fn miss(&self, name: &str) {
        let mut missed = self.missed.borrow_mut();
        if !missed.iter().any(|missed| missed == name) {
            missed.push(name.to_owned());
        }
    }

    fn is_elsewhere(&self, name: &str) -> bool {
        self.elsewhere.iter().any(|elsewhere| elsewhere == name)
    }

    fn find(&self, name: &str) -> Option<External> {
        self.found.iter().find(|(found, _)| found == name).map(|(_, external)| *external)
    }

    fn kind(&self, metadata: Option<&CodecMetadata>) -> Option<ExternalKind> {
        self.find(&metadata?.name).map(|external| external.kind)
    }

    /// A chain that was made of a v2 document, which does not say what its filters act on: one that was not known was taken
    /// for one that acts on bytes, and has a `bytes` codec before it. Those that act on elements move before that one, and
    /// one between elements and bytes takes its place.
    pub fn arrange(&self, codecs: &[CodecMetadata]) -> Vec<CodecMetadata> {
        let mut codecs = codecs.to_vec();
        if let Some(mut at) = codecs.iter().position(|codec| codec.name == BYTES) {
            while self.kind(codecs.get(at + 1)) == Some(ExternalKind::ArrayToArray) {
                codecs.swap(at, at + 1);
                at += 1;
            }
            if self.kind(codecs.get(at + 1)) == Some(ExternalKind::ArrayToBytes) {
                codecs.remove(at);
            }
        }
        codecs
    }
}

/// In place of the rest of a chain that is decoded elsewhere.
pub(super) struct DecodedElsewhere;

impl ArrayToBytes for DecodedElsewhere {
    /// Where the chain is decoded, what follows this one is typed.
    fn encoded_len(&self, _: &ChunkSpec) -> Result<Len> {
        Ok(Len::AtMost(usize::MAX))
    }

    fn decode<'a>(&self, _: Cow<'a, [u8]>, _: &ChunkSpec, _: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        Err(Error::unsupported("a codec that is not in this build"))
    }
}

/// The cause of an error that a codec outside answered.
pub struct FailedOutside;

struct ExternalCodec {
    id: u32,
    metadata: CodecMetadata,
    /// How elements of variable length are answered.
    layout: Option<Vlen>,
}

impl ExternalCodec {
    fn decode_elements<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        decoded: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        let Some(layout) = &self.layout else {
            return self.ask(encoded, Some(decoded), Len::Exact(decoded.byte_len()?), scratch);
        };
        let answered = self.ask(encoded, Some(decoded), Len::AtMost(MAX_VARIABLE_LEN), scratch)?;
        layout.decode(answered, decoded, scratch)
    }

    fn ask<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        elements: Option<&ChunkSpec>,
        decoded_len: Len,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        match scratch.exchange.answer() {
            Some(Ok(decoded)) => {
                scratch.give(encoded);
                Ok(Cow::Owned(decoded))
            }
            Some(Err(failure)) => Err(failure.caused_by(Rc::new(FailedOutside))),
            None => {
                let mut call = Map::new();
                call.insert("id".into(), self.id.into());
                call.insert("configuration".into(), self.metadata.configuration.clone().into());
                if let Some(ChunkSpec { shape, data_type, .. }) = elements {
                    call.insert("shape".into(), shape.clone().into());
                    call.insert("dtype".into(), data_type.to_string().into());
                }
                if let Len::Exact(len) = decoded_len {
                    call.insert("decodedLength".into(), len.into());
                }
                call.insert("maxDecodedLength".into(), decoded_len.bound().into());
                let encoded = scratch.own(encoded)?;
                scratch.exchange.ask(call, encoded);
                Err(Error::corrupt_chunk("the codec has not answered"))
            }
        }
    }
}

fn largest_encoded(decoded: Len) -> Len {
    Len::AtMost(decoded.bound().saturating_mul(MAX_EXPANSION).saturating_add(1 << 16))
}

impl ArrayToArray for ExternalCodec {
    fn encoded(&self, decoded: &ChunkSpec) -> Result<ChunkSpec> {
        Ok(decoded.clone())
    }

    fn decode<'a>(
        &self,
        encoded: Cow<'a, [u8]>,
        _: &ChunkSpec,
        decoded: &ChunkSpec,
        scratch: &mut Scratch,
    ) -> Result<Cow<'a, [u8]>> {
        self.decode_elements(encoded, decoded, scratch)
    }
}

impl ArrayToBytes for ExternalCodec {
    fn encoded_len(&self, decoded: &ChunkSpec) -> Result<Len> {
        match self.layout {
            Some(_) => Ok(Len::AtMost(MAX_VARIABLE_LEN)),
            None => Ok(largest_encoded(Len::Exact(decoded.byte_len()?))),
        }
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        self.decode_elements(encoded, decoded, scratch)
    }
}

impl BytesToBytes for ExternalCodec {
    fn encoded_len(&self, decoded: Len) -> Len {
        largest_encoded(decoded)
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        self.ask(encoded, None, decoded_len, scratch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{Pipeline, Question};
    use crate::data_type::DataType;
    use crate::error::ErrorCode;
    use serde_json::json;

    fn externals() -> Externals {
        let mut externals = Externals::default();
        let kinds = [
            ("elements", ExternalKind::ArrayToArray),
            ("text", ExternalKind::ArrayToBytes),
            ("not", ExternalKind::BytesToBytes),
        ];
        for (id, (name, kind)) in (7..).zip(kinds) {
            externals.insert(name.into(), Found::External(External { kind, id }));
        }
        externals
    }

    fn chain(codecs: &Value) -> Vec<CodecMetadata> {
        CodecMetadata::parse_list(codecs).unwrap()
    }

    fn bytes_of(shape: &[u64]) -> ChunkSpec {
        ChunkSpec { shape: shape.to_vec(), data_type: DataType::UInt8, fill_value: vec![9] }
    }

    fn pipeline(codecs: &Value, shape: &[u64]) -> Pipeline {
        Pipeline::with_externals(&chain(codecs), bytes_of(shape), &externals()).unwrap()
    }

    /// Decodes as long as there are questions, with `answer` for each; also says how often and how many they were.
    fn decode(
        pipeline: &Pipeline,
        encoded: &[u8],
        answer: impl Fn(&Question) -> Result<Vec<u8>>,
    ) -> (Result<Vec<u8>>, Vec<usize>) {
        let mut scratch = Scratch::default();
        let (mut answers, mut asked) = (Vec::new(), Vec::new());
        loop {
            scratch.exchange.begin(answers.clone());
            let decoded = pipeline.decode(encoded, &mut scratch).map(Cow::into_owned);
            let questions = scratch.exchange.take_questions();
            if questions.is_empty() {
                return (decoded, asked);
            }
            assert!(decoded.is_err());
            asked.push(questions.len());
            answers.extend(questions.iter().map(|question| (question.place.clone(), answer(question))));
            answers.sort_by_key(|(place, _)| place.clone());
        }
    }

    fn not(question: &Question) -> Result<Vec<u8>> {
        Ok(question.encoded.iter().map(|byte| !byte).collect())
    }

    #[test]
    fn a_stage_asks_with_what_it_knows_and_hands_on_the_answer() {
        let configured = json!([{"name": "elements", "configuration": {"n": 1}}, "bytes", "not", "not"]);
        let pipeline = pipeline(&configured, &[2, 2]);
        let (decoded, asked) = decode(&pipeline, b"abcd", |question| {
            let call = Value::from(question.call.clone());
            assert_eq!(question.place, [0u32; 0]);
            if call["id"] == 7 {
                let expected = json!({"id": 7, "configuration": {"n": 1}, "shape": [2, 2], "dtype": "uint8",
                    "decodedLength": 4, "maxDecodedLength": 4});
                assert_eq!(call, expected);
                return Ok(question.encoded.iter().map(|byte| byte - 1).collect());
            }
            let expected = match call.get("decodedLength") {
                Some(_) => json!({"id": 9, "configuration": {}, "decodedLength": 4, "maxDecodedLength": 4}),
                None => json!({"id": 9, "configuration": {}, "maxDecodedLength": 4 * 8 + (1 << 16)}),
            };
            assert_eq!(call, expected);
            not(question)
        });
        assert_eq!((&decoded.unwrap()[..], asked), (&b"`abc"[..], vec![1, 1, 1]));
    }

    #[test]
    fn an_answer_of_another_length_and_a_failure_are_errors_of_the_codec() {
        let pipeline = pipeline(&json!(["text"]), &[4]);
        let error = decode(&pipeline, b"x", |_| Ok(vec![0; 5])).0.unwrap_err();
        assert_eq!(error.to_string(), "text: decoded to 5 bytes, expected 4");
        assert!(error.cause().is_none());
        let error = decode(&pipeline, b"x", |_| Err(Error::unsupported("no"))).0.unwrap_err();
        assert_eq!((error.to_string().as_str(), error.code()), ("text: no", ErrorCode::Unsupported));
        assert!(error.cause().unwrap().is::<FailedOutside>());
    }

    #[test]
    fn elements_of_variable_length_are_answered_as_vlen_bytes() {
        let texts = ChunkSpec { shape: vec![2], data_type: DataType::Text, fill_value: vec![] };
        let typed = |codecs: Value| Pipeline::with_externals(&chain(&codecs), texts.clone(), &externals());
        let pipeline = typed(json!(["text"])).unwrap();
        let mut scratch = Scratch::default();
        assert!(pipeline.decode(b"x", &mut scratch).is_err());
        let question = scratch.exchange.take_questions().remove(0);
        let expected = json!({"id": 8, "configuration": {}, "shape": [2], "dtype": "string",
            "maxDecodedLength": MAX_VARIABLE_LEN});
        assert_eq!(Value::from(question.call), expected);
        let answer = b"\x02\0\0\0\x01\0\0\0a\x02\0\0\0bc".to_vec();
        scratch.exchange.begin([(vec![], Ok(answer))]);
        assert_eq!(pipeline.decode(b"x", &mut scratch).unwrap().len(), 16);
        assert_eq!(scratch.heap.bytes(), b"abc");
        scratch.exchange.begin([(vec![], Ok(vec![2, 0, 0, 0]))]);
        let error = pipeline.decode(b"x", &mut scratch).unwrap_err();
        assert_eq!(error.to_string(), "text: 0 bytes for 2 elements");
        let error = typed(json!(["elements", "text"])).err().unwrap();
        assert_eq!(error.to_string(), "elements: elements of type string in a codec from outside");
    }

    /// A shard of inner chunks of two bytes, which lie at these offsets.
    fn shard(content: &[u8], offsets: &[u64]) -> Vec<u8> {
        let index = offsets.iter().flat_map(|offset| [offset.to_le_bytes(), 2u64.to_le_bytes()].concat());
        content.iter().copied().chain(index).collect()
    }

    fn sharded(codecs: &Value) -> Value {
        json!([{"name": "sharding_indexed", "configuration": {
            "chunk_shape": [2],
            "codecs": codecs,
            "index_codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
        }}])
    }

    #[test]
    fn all_inner_chunks_of_a_shard_ask_at_once_and_each_gets_its_own_answers() {
        let pipeline = pipeline(&sharded(&json!(["text", "not"])), &[6]);
        let content = shard(b"badcfe", &[4, 2, 0]);
        let (decoded, asked) = decode(&pipeline, &content, |question| {
            assert_eq!(question.place.len(), 1);
            match question.call["id"].as_u64() {
                // What it is asked depends on the answer of the other one, at the same place.
                Some(8) => Ok(vec![!question.encoded[0], question.place[0] as u8]),
                _ => not(question),
            }
        });
        assert_eq!((&decoded.unwrap()[..], asked), (&b"f\0d\x01b\x02"[..], vec![3, 3]));
        let error = decode(&pipeline, &content, |question| match question.place[..] {
            [0] => Ok(vec![0; 2]),
            _ => Err(Error::corrupt_chunk("no")),
        });
        assert_eq!(error.0.unwrap_err().to_string(), "not: inner chunk [1]: no");
    }

    #[test]
    fn inner_chunks_that_overlap_do_not_multiply_the_questions() {
        let pipeline = pipeline(&sharded(&json!(["bytes", "not"])), &[100]);
        let content = shard(b"ab", &[0; 50]);
        assert_eq!(decode(&pipeline, &content, not).0.unwrap(), [!b'a', !b'b'].repeat(50));
        let mut long = sharded(&json!(["bytes", "not"]));
        long[0]["configuration"]["chunk_shape"] = json!([50]);
        let pipeline = self::pipeline(&long, &[100]);
        let entries = [0u64, 90, 0, 90].map(u64::to_le_bytes).concat();
        let error = decode(&pipeline, &[&[0; 90][..], &entries].concat(), not).0.unwrap_err();
        let message = "the inner chunks overlap, which codecs from outside do not allow";
        assert_eq!((error.code(), error.message()), (ErrorCode::CorruptChunk, message));
    }

    #[test]
    fn names_that_are_missed_are_known_wherever_they_stand() {
        let externals = externals();
        let optional = json!({"name": "optional", "must_understand": false});
        let codecs = sharded(&json!(["bytes", optional, "unknown", "beyond"]));
        let error = Pipeline::with_externals(&chain(&codecs), bytes_of(&[4]), &externals).err().unwrap();
        assert_eq!(error.to_string(), "unknown: unknown codec");
        assert_eq!(externals.take_missed(), ["optional", "unknown"]);
        assert_eq!(externals.take_missed(), [""; 0]);
        let mut externals = externals;
        externals.insert("unknown".into(), Found::External(External { kind: ExternalKind::BytesToBytes, id: 3 }));
        assert!(Pipeline::with_externals(&chain(&codecs), bytes_of(&[4]), &externals).is_err());
        assert_eq!(externals.take_missed(), ["optional", "beyond"]);
        // A shard index is read by the engine, which asks nobody.
        let mut index = sharded(&json!(["bytes"]));
        index[0]["configuration"]["index_codecs"] = json!(["bytes", "not"]);
        assert!(Pipeline::with_externals(&chain(&index), bytes_of(&[4]), &externals).is_err());
    }

    #[test]
    fn a_chain_is_not_typed_beyond_a_codec_that_is_elsewhere_and_inner_chunks_can_be_read_all_the_same() {
        let mut externals = externals();
        assert!(!externals.are_elsewhere());
        externals.insert("far".into(), Found::Elsewhere);
        assert!(externals.are_elsewhere());
        let typed = |codecs: Value| Pipeline::with_externals(&chain(&codecs), bytes_of(&[4]), &externals);
        let beyond = typed(json!(["not", "far"])).err().unwrap();
        assert_eq!(beyond.message(), "codecs: not stands before any array→bytes codec");
        for codecs in [json!(["far", "unknown"]), json!(["elements", "far", "bytes"]), json!(["bytes", "far", "not"])] {
            let pipeline = typed(codecs.clone()).unwrap();
            assert_eq!((pipeline.codecs(), pipeline.chunk()), (&chain(&codecs)[..], &bytes_of(&[4])));
            assert!(pipeline.sharding().is_none());
        }
        let shard = typed(sharded(&json!(["far", "bytes", "beyond"]))).unwrap();
        let inner = shard.sharding().unwrap().inner();
        assert_eq!((inner.codecs().len(), &inner.chunk().shape[..]), (3, &[2][..]));
        let mut around = sharded(&json!(["bytes"]));
        around.as_array_mut().unwrap().push("far".into());
        assert!(typed(around).unwrap().sharding().is_none());
        assert_eq!(externals.take_missed(), [""; 0]);
        let error = typed(json!(["far"])).unwrap().decode(&[0; 4], &mut Scratch::default()).unwrap_err();
        assert_eq!(error.to_string(), "far: a codec that is not in this build");
        // Where it is decoded, the codec is known.
        assert_eq!(externals.to_json(), self::externals().to_json());
    }

    #[test]
    fn in_a_chain_of_v2_the_codecs_on_elements_move_before_bytes() {
        let arranged = |names: &[&str]| {
            let codecs = externals().arrange(&chain(&json!(names)));
            codecs.into_iter().map(|codec| codec.name).collect::<Vec<_>>()
        };
        assert_eq!(arranged(&["x", "bytes", "zstd"]), ["x", "bytes", "zstd"]);
        assert_eq!(
            arranged(&["x", "bytes", "elements", "elements", "not"]),
            ["x", "elements", "elements", "bytes", "not"]
        );
        assert_eq!(arranged(&["bytes", "elements", "text", "not"]), ["elements", "text", "not"]);
        assert_eq!(arranged(&["bytes", "not", "elements"]), ["bytes", "not", "elements"]);
        assert_eq!(arranged(&["text"]), ["text"]);
    }

    #[test]
    fn what_travels_to_a_decoder_is_what_was_found() {
        let externals = externals();
        let json = externals.to_json();
        assert_eq!(json[0], json!(["elements", 0, 7]));
        assert_eq!(Externals::from_json(&json).unwrap(), externals);
        assert_eq!(Externals::from_json(&json!([["elements", 3, 7]])), None);
        assert_eq!(Externals::from_json(&json!([["elements", 0]])), None);
    }
}
