//! JSON as Zarr documents hold it.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::json;

/// No document is read that is larger: a parsed one takes several times its length in memory.
const MAX_DOCUMENT_LEN: usize = 32 << 20;

/// One JSON object.
///
/// Bare words of Python, such as `NaN`, are read as the strings that Zarr uses for these values.
pub fn parse_document(bytes: &[u8]) -> Result<Map<String, Value>> {
    if bytes.len() > MAX_DOCUMENT_LEN {
        return Err(Error::unsupported(format!(
            "the document has {} bytes, at most {MAX_DOCUMENT_LEN} are read",
            bytes.len()
        )));
    }
    match json::parse(bytes, "") {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bare_words_of_python_become_the_strings_of_zarr() {
        let document = parse_document(br#"{"fill_value": NaN}"#).unwrap();
        assert_eq!(Value::Object(document), json!({"fill_value": "NaN"}));
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
