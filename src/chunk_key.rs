//! Chunk coordinates → the key of the stored object (Zarr v3 core specification, "Chunk key encodings").

use std::fmt::Write;

/// `default`: `c/1/23/45`, with `c` alone for a 0-d array, and a suffix in the variant of zarrs; `v2`: `1.23.45`, with `0`
/// for a 0-d array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChunkKeyEncoding {
    Default {
        separator: char,
        /// Follows the last coordinate; it has no slash, so that no key leads out of its array.
        suffix: String,
    },
    V2 {
        separator: char,
    },
}

impl ChunkKeyEncoding {
    pub fn key(&self, chunk: impl Iterator<Item = u64>) -> String {
        let (mut key, separator, suffix) = match self {
            Self::Default { separator, suffix } => (String::from("c"), *separator, suffix.as_str()),
            Self::V2 { separator } => (String::new(), *separator, ""),
        };
        for coordinate in chunk {
            if !key.is_empty() {
                key.push(separator);
            }
            // Writing to a String cannot fail.
            let _ = write!(key, "{coordinate}");
        }
        if key.is_empty() {
            key.push('0');
        }
        key + suffix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn default(separator: char, suffix: &str) -> ChunkKeyEncoding {
        ChunkKeyEncoding::Default { separator, suffix: suffix.into() }
    }

    #[test]
    fn keys_of_both_encodings_and_separators() {
        let key = |encoding: ChunkKeyEncoding, chunk: &[u64]| encoding.key(chunk.iter().copied());
        assert_eq!(key(default('/', ""), &[1, 23, 45]), "c/1/23/45");
        assert_eq!(key(default('.', ""), &[1, 23]), "c.1.23");
        assert_eq!(key(default('/', ""), &[]), "c");
        assert_eq!(key(ChunkKeyEncoding::V2 { separator: '.' }, &[1, 23, 45]), "1.23.45");
        assert_eq!(key(ChunkKeyEncoding::V2 { separator: '/' }, &[0, 7]), "0/7");
        assert_eq!(key(ChunkKeyEncoding::V2 { separator: '.' }, &[]), "0");
    }

    #[test]
    fn a_suffix_follows_the_last_coordinate() {
        let key = |encoding: ChunkKeyEncoding, chunk: &[u64]| encoding.key(chunk.iter().copied());
        assert_eq!(key(default('/', ".tiff"), &[1, 23, 45]), "c/1/23/45.tiff");
        assert_eq!(key(default('.', ".tiff"), &[1, 23, 45]), "c.1.23.45.tiff");
        assert_eq!(key(default('/', ".tiff"), &[]), "c.tiff");
    }
}
