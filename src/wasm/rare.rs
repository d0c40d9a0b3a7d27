//! The exports of the wasm with the rare codecs, for `js/rare_module.ts`: numbers only, no glue.
//!
//! 1. `rare_input(len)` makes room for `len` bytes and answers their address, or 0 if there is no memory; the caller writes
//!    the call (JSON) and the encoded bytes there, one after the other.
//! 2. `rare_decode(call_len, encoded_len)` decodes them and answers 0, or 1 for an error.
//! 3. `rare_answer()` and `rare_answer_len()` say where the decoded bytes lie, or the error as JSON. They are valid until
//!    the next call.

use std::borrow::Cow;
use std::cell::RefCell;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::codec::{ChunkSpec, Codec, Len, Scratch, rare};
use crate::data_type::{DataType, Heap, REFERENCE_LEN, Reference, parse_data_type_name};
use crate::error::{Error, Result};
use crate::metadata::CodecMetadata;

/// The name of a codec and what JavaScript is told of a call.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Call {
    name: String,
    configuration: Map<String, Value>,
    shape: Option<Vec<u64>>,
    dtype: Option<String>,
    decoded_length: Option<usize>,
    max_decoded_length: usize,
}

#[derive(Default)]
struct Instance {
    input: Vec<u8>,
    answer: Vec<u8>,
    scratch: Scratch,
}

thread_local! {
    static INSTANCE: RefCell<Instance> = RefCell::default();
}

#[unsafe(no_mangle)]
pub extern "C" fn rare_input(len: usize) -> usize {
    INSTANCE.with_borrow_mut(|instance| {
        instance.input = Vec::new();
        if instance.input.try_reserve_exact(len).is_err() {
            return 0;
        }
        instance.input.resize(len, 0);
        instance.input.as_mut_ptr() as usize
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn rare_decode(call_len: usize, encoded_len: usize) -> u32 {
    INSTANCE.with_borrow_mut(|instance| {
        instance.scratch.give(std::mem::take(&mut instance.answer).into());
        let decoded = instance.decode(call_len, encoded_len);
        let failed = decoded.is_err();
        instance.answer = decoded.unwrap_or_else(|error| serde_json::to_vec(&error.to_json()).unwrap_or_default());
        u32::from(failed)
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn rare_answer() -> usize {
    INSTANCE.with_borrow(|instance| instance.answer.as_ptr() as usize)
}

#[unsafe(no_mangle)]
pub extern "C" fn rare_answer_len() -> usize {
    INSTANCE.with_borrow(|instance| instance.answer.len())
}

impl Instance {
    fn decode(&mut self, call_len: usize, encoded_len: usize) -> Result<Vec<u8>> {
        let input = self.input.get(..call_len + encoded_len);
        let input = input.ok_or_else(|| Error::invalid_argument("the input is shorter than said"))?;
        let (call, encoded) = input.split_at(call_len);
        let call: Call =
            serde_json::from_slice(call).map_err(|error| Error::invalid_argument(format!("call: {error}")))?;
        let decoded_len = call.decoded_length.map_or(Len::AtMost(call.max_decoded_length), Len::Exact);
        let elements = elements(call.shape, call.dtype)?;
        let metadata = CodecMetadata::new(call.name, call.configuration);
        let encoded = Cow::Borrowed(encoded);
        self.scratch.heap.clear();
        let decoded = match rare::create(&metadata, &elements)? {
            Some(Codec::BytesToBytes(codec)) => codec.decode(encoded, decoded_len, &mut self.scratch)?,
            Some(Codec::ArrayToBytes(codec)) => codec.decode(encoded, &elements, &mut self.scratch)?,
            _ => return Err(Error::unsupported("unknown codec")),
        };
        if elements.data_type.is_variable() {
            return laid_out(&decoded, &self.scratch.heap);
        }
        self.scratch.own(decoded)
    }
}

/// Elements of variable length as JavaScript's codecs answer them: in the layout of `vlen-bytes`.
fn laid_out(references: &[u8], heap: &Heap) -> Result<Vec<u8>> {
    let references = references.as_chunks::<REFERENCE_LEN>().0;
    let mut bytes = Vec::new();
    let len = 4 + 4 * references.len() + heap.bytes().len();
    bytes.try_reserve_exact(len).map_err(|_| Error::out_of_memory(format!("no memory for {len} bytes of elements")))?;
    bytes.extend_from_slice(&(references.len() as u32).to_le_bytes());
    for reference in references {
        let element = heap.get(Reference(*reference)).unwrap_or_default();
        bytes.extend_from_slice(&(element.len() as u32).to_le_bytes());
        bytes.extend_from_slice(element);
    }
    Ok(bytes)
}

/// What the codec decodes to; the elements of bytes are bytes.
fn elements(shape: Option<Vec<u64>>, dtype: Option<String>) -> Result<ChunkSpec> {
    let data_type = dtype.map_or(Ok(DataType::UInt8), |name| parse_data_type_name(&name))?;
    let fill_value = vec![0; data_type.item_len()];
    Ok(ChunkSpec { shape: shape.unwrap_or_default(), data_type, fill_value })
}
