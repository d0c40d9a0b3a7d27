//! Codec chains, and what they do to the elements of a chunk before they are bytes.

use serde_json::{Value, json};

use super::element_type::{ElementType, Kind};
use super::{BytesCodec, Sharding, linear, positions};
use crate::random::Random;

#[derive(Clone, Debug)]
pub struct Chain {
    pub array_to_array: Vec<ArrayCodec>,
    pub serializer: Serializer,
    pub bytes_to_bytes: Vec<BytesCodec>,
}

#[derive(Clone, Debug)]
pub enum ArrayCodec {
    /// Axis i of what is stored is axis `order[i]` of what was there.
    Transpose(Vec<usize>),
    /// Differences of integers, stored in a type that is at least as wide.
    Delta { decoded: ElementType, stored: ElementType },
}

#[derive(Clone, Debug)]
pub enum Serializer {
    Bytes { big: bool },
    Sharding(Box<Sharding>),
}

/// A chunk on its way through a chain.
pub struct Stage {
    pub shape: Vec<u64>,
    pub element_type: ElementType,
    pub fill: u128,
    pub items: Vec<u128>,
}

impl Chain {
    /// Encodes a chunk. `is_last` says that nothing will encode the bytes further: then a shard may have gaps.
    pub fn encode(&self, stage: Stage, is_last: bool, random: &mut Random) -> Vec<u8> {
        let stage = self.array_to_array.iter().fold(stage, |stage, codec| codec.encode(stage));
        let bytes = match &self.serializer {
            Serializer::Bytes { .. } if stage.element_type.is_variable() => {
                let count = (stage.items.len() as u32).to_le_bytes();
                let elements = stage.items.iter().flat_map(|item| stage.element_type.bytes(*item, false));
                count.into_iter().chain(elements).collect()
            }
            Serializer::Bytes { big } => {
                stage.items.iter().flat_map(|item| stage.element_type.bytes(*item, *big)).collect()
            }
            Serializer::Sharding(sharding) => {
                sharding.encode(&stage, is_last && self.bytes_to_bytes.is_empty(), random)
            }
        };
        self.bytes_to_bytes.iter().fold(bytes, |bytes, codec| codec.encode(&bytes, random))
    }

    /// The chain's codecs in a v3 document.
    pub fn document(&self, element_type: &ElementType) -> Value {
        let serializer = match &self.serializer {
            Serializer::Bytes { .. } if element_type.is_variable() => json!("vlen-utf8"),
            Serializer::Bytes { big } if self.stored_type(element_type).len > 1 => {
                json!({"name": "bytes", "configuration": {"endian": if *big { "big" } else { "little" }}})
            }
            Serializer::Bytes { .. } => json!("bytes"),
            Serializer::Sharding(sharding) => sharding.document(&self.stored_type(element_type)),
        };
        let before = self.array_to_array.iter().map(ArrayCodec::document);
        let after = self.bytes_to_bytes.iter().map(BytesCodec::document);
        before.chain([serializer]).chain(after).collect()
    }

    /// The type of the elements that are serialized.
    pub fn stored_type(&self, element_type: &ElementType) -> ElementType {
        self.array_to_array.iter().fold(*element_type, |element_type, codec| match codec {
            ArrayCodec::Transpose(_) => element_type,
            ArrayCodec::Delta { stored, .. } => *stored,
        })
    }

    /// The shape of the smallest part that is encoded by itself.
    pub fn innermost_shape(&self, chunk_shape: &[u64]) -> Vec<u64> {
        let Serializer::Sharding(sharding) = &self.serializer else { return chunk_shape.to_vec() };
        let mut shape = sharding.codecs.innermost_shape(&sharding.inner_shape);
        for codec in self.array_to_array.iter().rev() {
            if let ArrayCodec::Transpose(order) = codec {
                let stored = shape.clone();
                order.iter().zip(stored).for_each(|(axis, extent)| shape[*axis] = extent);
            }
        }
        shape
    }
}

impl ArrayCodec {
    fn encode(&self, decoded: Stage) -> Stage {
        match self {
            Self::Transpose(order) => {
                let shape: Vec<u64> = order.iter().map(|axis| decoded.shape[*axis]).collect();
                let items = positions(&shape).map(|stored| {
                    let mut position = vec![0; order.len()];
                    order.iter().zip(stored).for_each(|(axis, index)| position[*axis] = index);
                    decoded.items[linear(&position, &decoded.shape)]
                });
                Stage { items: items.collect(), shape, ..decoded }
            }
            Self::Delta { decoded: element_type, stored } => {
                let widened = |difference: u128| {
                    let unused = 128 - 8 * element_type.len;
                    let value = match element_type.kind {
                        Kind::Integer { signed: true } => ((difference << unused) as i128 >> unused) as u128,
                        _ => difference & element_type.mask(),
                    };
                    value & stored.mask()
                };
                let before = [0].iter().chain(&decoded.items);
                let items = decoded.items.iter().zip(before).map(|(item, before)| widened(item.wrapping_sub(*before)));
                Stage {
                    items: items.collect(),
                    element_type: *stored,
                    fill: widened(decoded.fill),
                    shape: decoded.shape.clone(),
                }
            }
        }
    }

    fn document(&self) -> Value {
        match self {
            Self::Transpose(order) => json!({"name": "transpose", "configuration": {"order": order}}),
            Self::Delta { decoded, stored } => {
                let (dtype, astype) = (decoded.type_string(false), stored.type_string(false));
                json!({"name": "numcodecs.delta", "configuration": {"dtype": dtype, "astype": astype}})
            }
        }
    }
}
