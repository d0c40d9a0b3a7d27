//! Damage: to bytes, and to JSON.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// Bytes with one to three things done to them.
pub fn damage_bytes(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..1 + random.below(3) {
        damage_once(&mut damaged, random);
    }
    damaged
}

fn damage_once(bytes: &mut Vec<u8>, random: &mut Random) {
    let run = |bytes: &[u8], random: &mut Random| {
        let start = random.below(bytes.len() + 1);
        let longest = (bytes.len() - start).min(if random.one_in(2) { 8 } else { 64 });
        start..start + random.below(longest + 1)
    };
    match random.below(9) {
        0 => bytes.truncate(random.below(bytes.len() + 1)),
        1 => bytes.truncate(bytes.len().saturating_sub(1 + random.below(8))),
        2 => {
            let more = 1 + random.below(40);
            let byte = [0, 0xff, random.number() as u8][random.below(3)];
            bytes.extend(std::iter::repeat_n(byte, more));
        }
        3 | 4 if !bytes.is_empty() => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        // Where headers are, most of what can go wrong goes wrong.
        5 if !bytes.is_empty() => {
            let at = random.below(bytes.len().min(24));
            bytes[at] = [0, 1, 0x7f, 0x80, 0xff, random.number() as u8][random.below(6)];
        }
        6 => {
            let byte = [0, 0xff][random.below(2)];
            let run = run(bytes, random);
            bytes[run].fill(byte);
        }
        7 => {
            let (from, to) = (run(bytes, random), random.below(bytes.len() + 1));
            let spliced = bytes[from].to_vec();
            bytes.splice(to..to, spliced);
        }
        _ => drop(bytes.drain(run(bytes, random))),
    }
}

/// A document with one to three of its values replaced, removed, repeated or renamed.
pub fn damage_document(document: &Value, random: &mut Random) -> Value {
    let mut damaged = document.clone();
    for _ in 0..[1, 1, 2, 3][random.below(4)] {
        let donor = any_value(document, random).clone();
        damage_value(&mut damaged, donor, random);
    }
    damaged
}

/// A value from anywhere in a document.
fn any_value<'a>(value: &'a Value, random: &mut Random) -> &'a Value {
    let inner: Vec<&Value> = match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(members) => members.values().collect(),
        _ => return value,
    };
    if inner.is_empty() || random.one_in(4) { value } else { any_value(inner[random.below(inner.len())], random) }
}

fn damage_value(value: &mut Value, donor: Value, random: &mut Random) {
    match value {
        Value::Array(list) if !list.is_empty() && !random.one_in(5) => {
            let at = random.below(list.len());
            match random.below(6) {
                0 => drop(list.remove(at)),
                1 => list.insert(at, list[at].clone()),
                _ => damage_value(&mut list[at], donor, random),
            }
        }
        Value::Object(members) if !members.is_empty() && !random.one_in(8) => {
            let name = members.keys().nth(random.below(members.len())).unwrap().clone();
            match random.below(7) {
                0 => drop(members.remove(&name)),
                1 => rename(members, &name, random),
                _ => damage_value(&mut members[&name], donor, random),
            }
        }
        // Other numbers of the right size often make a document that is lawful, and no longer fits its chunks.
        Value::Number(_) if random.one_in(2) => *value = json!(random.below(12)),
        value => *value = if random.one_in(4) { donor } else { strange_value(random) },
    }
}

fn rename(members: &mut Map<String, Value>, name: &str, random: &mut Random) {
    let names = ["", "must_understand", "configuration", "name", "codecs", "chunk_shape", "novelty"];
    if let Some(value) = members.remove(name) {
        members.insert(names[random.below(names.len())].to_owned(), value);
    }
}

fn strange_value(random: &mut Random) -> Value {
    if random.one_in(20) {
        return (0..100).fold(Value::Null, |inner, _| json!([inner]));
    }
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(1),
        json!(3),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(i64::MIN),
        json!(i32::MAX),
        json!(1u64 << 32),
        json!(1u64 << 63),
        json!(u64::MAX),
        json!(""),
        json!("NaN"),
        json!("0x"),
        json!("\u{0}é\u{1F4A5}"),
        json!("<M8[99999999999999999999s]"),
        json!([]),
        json!({}),
        json!({"name": "bytes"}),
        json!({"name": "sharding_indexed"}),
        json!({"id": "zlib"}),
        json!([u64::MAX, u64::MAX]),
        json!([1u64 << 32, 1u64 << 32, 0]),
        json!([1, 0, 2]),
        json!(vec![1; 200]),
    ];
    values[random.below(values.len())].clone()
}
