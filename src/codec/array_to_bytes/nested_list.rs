//! What `json2` and `msgpack2` have in common: a chunk as a list in a list in a list.
//!
//! Both store the elements of a chunk in nested lists, one level for each dimension; behind the outermost list's items
//! stand NumPy's type and the chunk's shape. Of a chunk without dimensions that is its only element, the type, and `[]`.
//! The elements lie in logical order, in Zarr v2 also where the order of the array is F.

use serde_json::Value;

use Node::{Leaf, List};

use crate::codec::{ChunkSpec, Scratch};
use crate::data_type::{DataType, parse_fill_value_v2};
use crate::error::{Error, Result};

/// Bytes of an encoded chunk; parsed, it takes several times as much.
pub const MAX_ENCODED_LEN: usize = 1 << 24;

/// A parsed value, as seen by its level.
pub enum Node<T> {
    List(Vec<T>),
    Leaf(T),
}

/// A value of one of the two formats.
pub trait Nested: Sized {
    /// The items of a list, or the value itself where it is none.
    fn into_node(self) -> Node<Self>;

    /// The value in MessagePack.
    fn pack(&self) -> Result<Vec<u8>>;

    /// The value in JSON, for elements of other types than objects.
    fn to_json(&self) -> Result<Value>;
}

/// Refuses elements that are stored in another way: of the types of variable length only objects.
pub fn check_type(decoded: &ChunkSpec) -> Result<()> {
    match &decoded.data_type {
        DataType::Object => Ok(()),
        other if other.is_variable() => Err(Error::unsupported(format!("elements of type {other}"))),
        _ => Ok(()),
    }
}

/// Decodes the elements of a parsed chunk.
pub fn decode<T: Nested>(parsed: T, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Vec<u8>> {
    let List(mut items) = parsed.into_node() else { return Err(Error::corrupt_chunk("no list")) };
    let (Some(shape), Some(_)) = (items.pop(), items.pop()) else {
        return Err(Error::corrupt_chunk("a list without the type and shape at its end"));
    };
    let shape = shape.to_json()?;
    if shape != Value::from(decoded.shape.as_slice()) {
        return Err(Error::corrupt_chunk(format!("a chunk of shape {shape}, expected {:?}", decoded.shape)));
    }
    // The elements are there already, so that their number needs no other bound.
    let elements =
        flatten(items, decoded.shape.get(1..).unwrap_or_default(), decoded.shape.first().copied().unwrap_or(1))?;
    let mut bytes = scratch.take(decoded.byte_len()?)?;
    for (element, target) in elements.iter().zip(bytes.chunks_exact_mut(decoded.data_type.item_len())) {
        match decoded.data_type {
            DataType::Object => target.copy_from_slice(&scratch.heap.push(&element.pack()?)?.0),
            _ => target.copy_from_slice(&of_fixed_length(&element.to_json()?, &decoded.data_type)?),
        }
    }
    Ok(bytes)
}

/// An element of a type that is none of objects, written as a fill value is.
fn of_fixed_length(value: &Value, data_type: &DataType) -> Result<Vec<u8>> {
    let element = parse_fill_value_v2(value, data_type).ok().flatten();
    element.ok_or_else(|| Error::corrupt_chunk(format!("the element {value} is no value of {data_type}")))
}

/// The elements of lists of lists, in order; `count` items are expected, of this shape each.
fn flatten<T: Nested>(items: Vec<T>, shape: &[u64], count: u64) -> Result<Vec<T>> {
    if items.len() as u64 != count {
        return Err(Error::corrupt_chunk(format!("a list of {} items, expected {count}", items.len())));
    }
    let Some((&inner_count, inner_shape)) = shape.split_first() else { return Ok(items) };
    let mut elements = Vec::new();
    for item in items {
        match item.into_node() {
            List(inner) => elements.extend(flatten(inner, inner_shape, inner_count)?),
            Leaf(_) => return Err(Error::corrupt_chunk("an element where a list is expected")),
        }
    }
    Ok(elements)
}
