//! JSON as Python writes it: with the bare words `NaN`, `Infinity` and `-Infinity`, which are not JSON but stand in many
//! documents and chunks.

use std::borrow::Cow;

use serde_json::Value;

/// The words and the numbers that they are.
pub const WORDS: [(&str, f64); 3] = [("-Infinity", f64::NEG_INFINITY), ("Infinity", f64::INFINITY), ("NaN", f64::NAN)];

/// Parses JSON; the bare words become strings, with `mark` before them so that they can be told from texts.
pub fn parse(bytes: &[u8], mark: &str) -> serde_json::Result<Value> {
    serde_json::from_slice(bytes).or_else(|error| match quote_bare_words(bytes, mark) {
        Cow::Owned(quoted) => serde_json::from_slice(&quoted),
        Cow::Borrowed(_) => Err(error),
    })
}

/// Puts quotes around the words that stand outside of strings.
fn quote_bare_words<'a>(bytes: &'a [u8], mark: &str) -> Cow<'a, [u8]> {
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
                if let Some((word, _)) = WORDS.iter().find(|(word, _)| bytes[at..].starts_with(word.as_bytes())) {
                    quoted.extend_from_slice(&bytes[copied..at]);
                    quoted.extend_from_slice(format!("\"{mark}{word}\"").as_bytes());
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
    fn bare_words_become_marked_strings() {
        let text = br#"{"fill_value": NaN, "a": [-Infinity, Infinity, 1], "s": "NaN \" Infinity", "Infinity": 2}"#;
        let expected =
            json!({"fill_value": "NaN", "a": ["-Infinity", "Infinity", 1], "s": "NaN \" Infinity", "Infinity": 2});
        assert_eq!(parse(text, "").unwrap(), expected);
        assert_eq!(parse(b"[NaN, \"NaN\"]", "?").unwrap(), json!(["?NaN", "NaN"]));
        assert!(parse(b"[nan]", "").is_err());
    }
}
