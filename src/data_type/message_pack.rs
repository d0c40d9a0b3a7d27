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
            if let Some(small) = number.as_u64().filter(|integer| *integer < 0x80) {
                packed.push(small as u8);
            } else if let Some(integer) = number.as_u64() {
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
            header([0xa0, 0xdb], 32, text.len(), packed);
            packed.extend_from_slice(text.as_bytes());
        }
        Value::Array(items) => {
            header([0x90, 0xdd], 16, items.len(), packed);
            items.iter().for_each(|item| write_message_pack(item, number, packed));
        }
        Value::Object(members) => {
            header([0x80, 0xdf], 16, members.len(), packed);
            for (name, value) in members {
                header([0xa0, 0xdb], 32, name.len(), packed);
                packed.extend_from_slice(name.as_bytes());
                write_message_pack(value, number, packed);
            }
        }
    }
}

/// The shortest and the longest form of a length: what is packed is no longer than the JSON. Documents are far smaller than
/// 4 GiB.
fn header([short, long]: [u8; 2], end_of_short: usize, len: usize, packed: &mut Vec<u8>) {
    if len < end_of_short {
        packed.push(short | len as u8);
        return;
    }
    packed.push(long);
    packed.extend((len as u32).to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_have_the_forms_of_the_message_pack_specification() {
        assert_eq!(to_message_pack(&json!(null)), [0xc0]);
        assert_eq!(to_message_pack(&json!([true, false])), [0x92, 0xc3, 0xc2]);
        assert_eq!(to_message_pack(&json!(-2)), [0xd3, 255, 255, 255, 255, 255, 255, 255, 254]);
        assert_eq!(to_message_pack(&json!(u64::MAX)), [0xcf, 255, 255, 255, 255, 255, 255, 255, 255]);
        let mut packed = Vec::new();
        write_message_pack(&json!(["a", "b"]), &|text| (text == "b").then_some(1.5), &mut packed);
        assert_eq!(packed, b"\x92\xa1a\xcb\x3f\xf8\0\0\0\0\0\0");
        assert_eq!(to_message_pack(&json!(1.5)), [0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0]);
        assert_eq!(to_message_pack(&json!({"é": "a"})), b"\x81\xa2\xc3\xa9\xa1a");
        assert_eq!(to_message_pack(&json!([127, 128])), [0x92, 127, 0xcf, 0, 0, 0, 0, 0, 0, 0, 128]);
        let long = "a".repeat(32);
        assert_eq!(to_message_pack(&json!(long)), [&[0xdb, 0, 0, 0, 32][..], long.as_bytes()].concat());
        assert_eq!(to_message_pack(&Value::from(vec![(); 16])), [&[0xdd, 0, 0, 0, 16][..], &[0xc0; 16]].concat());
    }
}
