//! Values as JSON, without space.

use std::fmt;

use serde_json::{Map, Value};

use super::float;

/// A value that is displayed as JSON.
pub struct Text<'a>(pub &'a Value);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(self.0))
    }
}

/// A value as JSON.
pub fn text(value: &Value) -> String {
    let mut text = String::new();
    write(value, &mut text);
    text
}

/// An object as JSON.
pub fn object_text(members: &Map<String, Value>) -> String {
    let mut text = String::new();
    write_object(members, &mut text);
    text
}

/// An object of these members.
pub fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(name.to_owned(), value);
    }
    object
}

/// An object without this member, and the member. Maps can do this themselves, by code that nothing else needs.
pub fn taken(object: Map<String, Value>, name: &str) -> (Map<String, Value>, Option<Value>) {
    let (mut others, mut member) = (Map::new(), None);
    for (key, value) in object {
        if key == name {
            member = Some(value);
        } else {
            others.insert(key, value);
        }
    }
    (others, member)
}

fn write(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(integer), _) => text.push_str(&integer.to_string()),
            (None, Some(integer)) => text.push_str(&integer.to_string()),
            (None, None) => text.push_str(&float::text(number.as_f64().unwrap_or_default())),
        },
        Value::String(string) => write_string(string, text),
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { "," });
                write(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => write_object(members, text),
    }
}

fn write_object(members: &Map<String, Value>, text: &mut String) {
    text.push('{');
    for (at, (name, value)) in members.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { "," });
        write_string(name, text);
        text.push(':');
        write(value, text);
    }
    text.push('}');
}

fn write_string(string: &str, text: &mut String) {
    text.push('"');
    for character in string.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\x08' => text.push_str("\\b"),
            '\x0c' => text.push_str("\\f"),
            '\0'..='\x1f' => text.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => text.push(character),
        }
    }
    text.push('"');
}
