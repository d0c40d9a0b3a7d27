//! Damage to JSON.

use serde_json::{Map, Value, json};

use crate::random::Random;

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
