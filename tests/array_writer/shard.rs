//! Shards: inner chunks in any order, some of them missing, and their index.

use serde_json::{Value, json};

use super::chain::{Chain, Stage};
use super::element_type::{ElementType, TYPES};
use super::{chunk_counts, linear, positions};
use crate::random::Random;

/// Offset and length of an inner chunk that is missing.
const MISSING: u128 = u64::MAX as u128;

#[derive(Clone, Debug)]
pub struct Sharding {
    pub inner_shape: Vec<u64>,
    pub codecs: Chain,
    pub index_codecs: Chain,
    pub index_at_start: bool,
}

impl Sharding {
    pub fn encode(&self, shard: &Stage, is_last: bool, random: &mut Random) -> Vec<u8> {
        let grid = chunk_counts(&shard.shape, &self.inner_shape);
        let mut index: Vec<u128> = vec![MISSING; 2 * grid.iter().product::<u64>() as usize];
        // Its length does not depend on what stands in it.
        let index_len = self.encode_index(&grid, index.clone(), random).len();
        let before_data = if self.index_at_start { index_len } else { 0 };
        let mut data: Vec<u8> = Vec::new();
        let mut left: Vec<Vec<u64>> = positions(&grid).collect();
        while !left.is_empty() {
            let inner_chunk = left.swap_remove(random.below(left.len()));
            let items: Vec<u128> = positions(&self.inner_shape)
                .map(|position| {
                    let inside = inner_chunk.iter().zip(&self.inner_shape).zip(position);
                    let inside: Vec<u64> =
                        inside.map(|((index, extent), position)| index * extent + position).collect();
                    shard.items[linear(&inside, &shard.shape)]
                })
                .collect();
            if items.iter().all(|item| *item == shard.fill) && !random.one_in(3) {
                continue;
            }
            if is_last && random.one_in(3) {
                let gap = 1 + random.below(20);
                data.extend((0..gap).map(|_| random.number() as u8));
            }
            let stage = Stage { shape: self.inner_shape.clone(), items, ..*shard };
            let encoded = self.codecs.encode(stage, is_last, random);
            let entry = 2 * linear(&inner_chunk, &grid);
            index[entry] = (before_data + data.len()) as u128;
            index[entry + 1] = encoded.len() as u128;
            data.extend(encoded);
        }
        let index = self.encode_index(&grid, index, random);
        if self.index_at_start { [index, data].concat() } else { [data, index].concat() }
    }

    fn encode_index(&self, grid: &[u64], items: Vec<u128>, random: &mut Random) -> Vec<u8> {
        let stage = Stage { shape: [grid, &[2]].concat(), element_type: uint64(), fill: MISSING, items };
        self.index_codecs.encode(stage, true, random)
    }

    pub fn document(&self, element_type: &ElementType) -> Value {
        let mut configuration = json!({
            "chunk_shape": self.inner_shape,
            "codecs": self.codecs.document(element_type),
            "index_codecs": self.index_codecs.document(&uint64()),
        });
        if self.index_at_start {
            configuration["index_location"] = "start".into();
        }
        json!({"name": "sharding_indexed", "configuration": configuration})
    }
}

fn uint64() -> ElementType {
    *TYPES.iter().find(|element_type| element_type.name == "uint64").unwrap()
}
