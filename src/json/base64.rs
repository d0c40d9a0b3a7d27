//! Base64, as documents have bytes in it: RFC 4648, section 4, with padding and without line breaks.

/// The bytes that a text stands for; `None` for any other text, also for one whose last character has bits that it needs
/// not have: of each text there is one.
pub fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let (groups, rest) = text.as_chunks::<4>();
    let (last, whole) = groups.split_last().filter(|_| rest.is_empty()).map_or((None, groups), |(l, w)| (Some(l), w));
    if last.is_none() && !text.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(groups.len() * 3);
    for group in whole {
        bytes.extend_from_slice(&number(group)?.to_be_bytes()[1..]);
    }
    if let Some(&[a, b, c, d]) = last {
        let (group, len) = match (c, d) {
            (b'=', b'=') => ([a, b, b'A', b'A'], 1),
            (_, b'=') => ([a, b, c, b'A'], 2),
            _ => ([a, b, c, d], 3),
        };
        let [_, bits @ ..] = number(&group)?.to_be_bytes();
        let (last, unused) = bits.split_at(len);
        if unused.iter().any(|bits| *bits != 0) {
            return None;
        }
        bytes.extend_from_slice(last);
    }
    Some(bytes)
}

/// The 24 bits of four characters.
fn number(group: &[u8; 4]) -> Option<u32> {
    group.iter().try_fold(0, |number, &character| {
        let bits = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        Some(number << 6 | u32::from(bits))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::base64::Engine;
    use ::base64::engine::general_purpose::STANDARD;

    #[test]
    fn every_text_is_what_the_crate_takes_it_for() {
        let bytes: Vec<u8> = (0..=255).collect();
        for len in 0..bytes.len() {
            assert_eq!(from_base64(STANDARD.encode(&bytes[len..]).as_bytes()).unwrap(), &bytes[len..]);
        }
        // All texts of four characters that matter, in one place after another.
        let characters = b"AQZaz09+/=-_ \n\x00\xff";
        for index in 0..characters.len().pow(4) {
            let text = [0, 1, 2, 3].map(|place| characters[index / characters.len().pow(place) % characters.len()]);
            for text in [&text[..], &[text, text].concat(), &text[..3]] {
                assert_eq!(from_base64(text), STANDARD.decode(text).ok(), "{text:?}");
            }
        }
    }
}
