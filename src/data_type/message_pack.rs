//! JSON values in MessagePack, the form in which elements of object arrays lie in a chunk: unlike JSON it has room for
//! NaN, infinities and bytes, so that what comes from any object codec can travel in it.

use serde_json::Value;

/// A JSON value in MessagePack.
pub fn to_message_pack(value: &Value) -> Vec<u8> {
    let mut packed = Vec::new();
    write_message_pack(value, &|_| None, &mut packed);
    packed
}

/// Writes a JSON value in MessagePack. `number` says which texts stand for numbers that JSON does not have.
pub fn write_message_pack(value: &Value, number: &dyn Fn(&str) -> Option<f64>, packed: &mut Vec<u8>) {
    match value {
        Value::Null => packed.push(0xc0),
        Value::Bool(value) => packed.push(0xc2 + u8::from(*value)),
        Value::Number(number) => {
            if let Some(integer) = number.as_u64() {
                packed.push(0xcf);
                packed.extend(integer.to_be_bytes());
            } else if let Some(integer) = number.as_i64() {
                packed.push(0xd3);
                packed.extend(integer.to_be_bytes());
            } else {
                packed.push(0xcb);
                packed.extend(number.as_f64().unwrap_or(f64::NAN).to_be_bytes());
            }
        }
        Value::String(text) => {
            if let Some(number) = number(text) {
                packed.push(0xcb);
                packed.extend(number.to_be_bytes());
                return;
            }
            header(0xdb, text.len(), packed);
            packed.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) => {
            header(0xdd, items.len(), packed);
            items.iter().for_each(|item| write_message_pack(item, number, packed));
        }
        Value::Object(members) => {
            header(0xdf, members.len(), packed);
            for (name, value) in members {
                header(0xdb, name.len(), packed);
                packed.extend_from_slice(name.as_bytes());
                write_message_pack(value, number, packed);
            }
        }
    }
}

/// The 32-bit form of a length; JSON documents are far smaller.
fn header(marker: u8, len: usize, packed: &mut Vec<u8>) {
    packed.push(marker);
    packed.extend((len as u32).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_have_the_forms_of_the_message_pack_specification() {
        assert_eq!(to_message_pack(&json!(null)), [0xc0]);
        assert_eq!(to_message_pack(&json!([true, false])), [0xdd, 0, 0, 0, 2, 0xc3, 0xc2]);
        assert_eq!(to_message_pack(&json!(-2)), [0xd3, 255, 255, 255, 255, 255, 255, 255, 254]);
        assert_eq!(to_message_pack(&json!(u64::MAX)), [0xcf, 255, 255, 255, 255, 255, 255, 255, 255]);
        let mut packed = Vec::new();
        write_message_pack(&json!(["a", "b"]), &|text| (text == "b").then_some(1.5), &mut packed);
        assert_eq!(packed, b"\xdd\0\0\0\x02\xdb\0\0\0\x01a\xcb\x3f\xf8\0\0\0\0\0\0");
        assert_eq!(to_message_pack(&json!(1.5)), [0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]);
        assert_eq!(to_message_pack(&json!({"é": "a"})), b"\xdf\0\0\0\x01\xdb\0\0\0\x02\xc3\xa9\xdb\0\0\0\x01a");
    }
}
