//! Chunk coordinates → the key of the stored object (Zarr v3 core specification, "Chunk key encodings").

use std::fmt::Write;

/// `default`: `c/1/23/45`, with `c` alone for a 0-d array; `v2`: `1.23.45`, with `0` for a 0-d array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChunkKeyEncoding {
    Default { separator: char },
    V2 { separator: char },
}

impl ChunkKeyEncoding {
    pub fn key(self, chunk: impl Iterator<Item = u64>) -> String {
        let (mut key, separator) = match self {
            Self::Default { separator } => (String::from("c"), separator),
            Self::V2 { separator } => (String::new(), separator),
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
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_both_encodings_and_separators() {
        let key = |encoding: ChunkKeyEncoding, chunk: &[u64]| encoding.key(chunk.iter().copied());
        assert_eq!(key(ChunkKeyEncoding::Default { separator: '/' }, &[1, 23, 45]), "c/1/23/45");
        assert_eq!(key(ChunkKeyEncoding::Default { separator: '.' }, &[1, 23]), "c.1.23");
        assert_eq!(key(ChunkKeyEncoding::Default { separator: '/' }, &[]), "c");
        assert_eq!(key(ChunkKeyEncoding::V2 { separator: '.' }, &[1, 23, 45]), "1.23.45");
        assert_eq!(key(ChunkKeyEncoding::V2 { separator: '/' }, &[0, 7]), "0/7");
        assert_eq!(key(ChunkKeyEncoding::V2 { separator: '.' }, &[]), "0");
    }
}
