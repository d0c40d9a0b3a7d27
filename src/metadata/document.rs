//! JSON as Zarr documents hold it.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// No document is read that is larger: a parsed one takes several times its length in memory.
const MAX_DOCUMENT_LEN: usize = 32 << 20;

/// One JSON object.
///
/// Python's `json` module writes the bare words `NaN`, `Infinity` and `-Infinity`, which are not JSON but stand in many
/// documents. They are read as the strings that Zarr uses for these values.
pub fn parse_document(bytes: &[u8]) -> Result<Map<String, Value>> {
    if bytes.len() > MAX_DOCUMENT_LEN {
        return Err(Error::unsupported(format!(
            "the document has {} bytes, at most {MAX_DOCUMENT_LEN} are read",
            bytes.len()
        )));
    }
    let parsed = serde_json::from_slice(bytes).or_else(|error| match quote_bare_words(bytes) {
        Cow::Owned(quoted) => serde_json::from_slice(&quoted),
        Cow::Borrowed(_) => Err(error),
    });
    match parsed {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Error::invalid_metadata(format!("the document is {}, expected a JSON object", beginning(bytes)))),
        Err(_) if bytes.trim_ascii().is_empty() => Err(Error::invalid_metadata("the document is empty, expected JSON")),
        Err(error) if bytes.trim_ascii_start().starts_with(b"<") => Err(Error::invalid_metadata(format!(
            "the document is not JSON but begins with {} ({error}): does the server answer with a page for what it does not have?",
            beginning(bytes)
        ))),
        Err(error) => Err(Error::invalid_metadata(format!("the document is not JSON: {error}"))),
    }
}

fn beginning(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
    format!("{:?}", text.trim())
}

/// Puts quotes around the words that stand outside of strings.
fn quote_bare_words(bytes: &[u8]) -> Cow<'_, [u8]> {
    const WORDS: [&[u8]; 3] = [b"-Infinity", b"Infinity", b"NaN"];
    let mut quoted = Vec::new();
    let mut copied = 0;
    let mut at = 0;
    let mut in_string = false;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if in_string => at += 1,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            _ => {
                if let Some(word) = WORDS.iter().find(|word| bytes[at..].starts_with(word)) {
                    quoted.extend_from_slice(&bytes[copied..at]);
                    quoted.push(b'"');
                    quoted.extend_from_slice(word);
                    quoted.push(b'"');
                    at += word.len();
                    copied = at;
                    continue;
                }
            }
        }
        at += 1;
    }
    if copied == 0 {
        return Cow::Borrowed(bytes);
    }
    quoted.extend_from_slice(&bytes[copied..]);
    Cow::Owned(quoted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bare_words_of_python_become_the_strings_of_zarr() {
        let document = br#"{"fill_value": NaN, "a": [-Infinity, Infinity, 1], "s": "NaN \" Infinity", "Infinity": 2}"#;
        let expected =
            json!({"fill_value": "NaN", "a": ["-Infinity", "Infinity", 1], "s": "NaN \" Infinity", "Infinity": 2});
        assert_eq!(Value::Object(parse_document(document).unwrap()), expected);
    }

    #[test]
    fn what_is_not_a_json_object_is_refused_with_a_reason() {
        let message = |bytes: &[u8]| parse_document(bytes).unwrap_err().message().to_owned();
        assert_eq!(message(b" \n"), "the document is empty, expected JSON");
        assert_eq!(message(b"[1]"), "the document is \"[1]\", expected a JSON object");
        assert!(
            message(b"<!doctype html><p>Not here")
                .starts_with("the document is not JSON but begins with \"<!doctype html>")
        );
        assert!(message(b"{\"a\": nope}").starts_with("the document is not JSON: "));
        assert!(message(b"{\"a\": \xff}").starts_with("the document is not JSON: "));
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_stack_overflow() {
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse_document(deep.as_bytes()).is_err());
    }
}
