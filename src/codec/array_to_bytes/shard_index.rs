//! The index of a shard: where its inner chunks lie (Zarr v3 core codec `sharding-indexed`, "Binary shard format").

use std::ops::Range;

use crate::error::{Error, Result};

/// Offset and length of an inner chunk.
const ENTRY_LEN: usize = 16;

/// Offset and length of a missing inner chunk.
pub const MISSING: u64 = u64::MAX;

/// On which side of the inner chunks the index lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndexLocation {
    Start,
    End,
}

/// Where the inner chunks of one shard lie.
#[derive(Clone, Debug)]
pub struct ShardIndex {
    /// Pairs of little-endian u64, in C order of the grid.
    entries: Vec<u8>,
    index_len: u64,
    index_location: IndexLocation,
}

impl ShardIndex {
    /// The index with these decoded entries, which lies encoded in `index_len` bytes of the shard.
    pub fn new(entries: Vec<u8>, index_len: u64, index_location: IndexLocation) -> Self {
        Self { entries, index_len, index_location }
    }

    /// The bytes of the inner chunk with the C-order index `inner_chunk`, counted from the start of the shard; `None` if
    /// it is missing. A range is never empty.
    ///
    /// # Errors
    /// `corrupt-chunk` for an entry that cannot be true: one half missing, beyond the shard's end (`shard_len`, where
    /// that is known), inside the index.
    pub fn get(&self, inner_chunk: usize, shard_len: Option<u64>) -> Result<Option<Range<u64>>> {
        let entry = self.entries.chunks_exact(ENTRY_LEN).nth(inner_chunk);
        let half =
            |at: usize| entry.and_then(|entry| entry[at..].first_chunk()).map(|&bytes| u64::from_le_bytes(bytes));
        let (Some(offset), Some(len)) = (half(0), half(8)) else {
            let count = self.entries.len() / ENTRY_LEN;
            return Err(Error::corrupt_chunk(format!(
                "the shard index has {count} entries, expected one for inner chunk {inner_chunk}"
            )));
        };
        if (offset, len) == (MISSING, MISSING) {
            return Ok(None);
        }
        // With an index at the end of a shard of unknown length all that is known is that something follows.
        let data = match self.index_location {
            IndexLocation::Start => self.index_len..shard_len.unwrap_or(u64::MAX),
            IndexLocation::End => 0..shard_len.map_or(u64::MAX, |len| len.saturating_sub(self.index_len)),
        };
        let end = offset.checked_add(len).filter(|_| offset != MISSING && len != MISSING && len > 0);
        match end.filter(|&end| offset >= data.start && end <= data.end) {
            Some(end) => Ok(Some(offset..end)),
            None => Err(Error::corrupt_chunk(format!(
                "{len} bytes at {offset} of the shard, expected them within {data:?}"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(index_location: IndexLocation, entries: &[u64]) -> ShardIndex {
        let entries: Vec<u8> = entries.iter().flat_map(|half| half.to_le_bytes()).collect();
        ShardIndex::new(entries, 36, index_location)
    }

    fn message(index_location: IndexLocation, entry: [u64; 2], shard_len: Option<u64>) -> String {
        index(index_location, &entry).get(0, shard_len).unwrap_err().message().to_owned()
    }

    #[test]
    fn an_entry_is_a_range_or_missing() {
        let index = index(IndexLocation::End, &[10, 12, MISSING, MISSING]);
        assert_eq!(index.get(0, Some(58)).unwrap(), Some(10..22));
        assert_eq!(index.get(1, Some(58)).unwrap(), None);
        assert_eq!(
            index.get(2, None).unwrap_err().message(),
            "the shard index has 2 entries, expected one for inner chunk 2"
        );
    }

    #[test]
    fn a_range_lies_within_the_shard_and_outside_the_index() {
        use IndexLocation::{End, Start};
        let expected = "12 bytes at 11 of the shard, expected them within 0..22";
        assert_eq!(message(End, [11, 12], Some(58)), expected);
        let expected = "12 bytes at 35 of the shard, expected them within 36..58";
        assert_eq!(message(Start, [35, 12], Some(58)), expected);
        let expected = "12 bytes at 47 of the shard, expected them within 36..58";
        assert_eq!(message(Start, [47, 12], Some(58)), expected);
        assert_eq!(index(Start, &[46, 12]).get(0, Some(58)).unwrap(), Some(46..58));
        assert!(index(End, &[0, 1]).get(0, Some(30)).is_err());
    }

    #[test]
    fn half_an_entry_missing_or_no_bytes_or_more_than_there_are_numbers_for_is_an_error() {
        for entry in [[MISSING, 12], [0, MISSING], [0, 0], [MISSING - 5, 12], [MISSING - 12, 12 + 1]] {
            for shard_len in [None, Some(58)] {
                assert!(index(IndexLocation::End, &entry).get(0, shard_len).is_err(), "{entry:?}");
            }
        }
    }

    #[test]
    fn without_the_length_of_the_shard_less_is_known() {
        let far = [1 << 40, 12];
        assert_eq!(index(IndexLocation::End, &far).get(0, None).unwrap(), Some(1 << 40..(1 << 40) + 12));
        assert_eq!(index(IndexLocation::Start, &far).get(0, None).unwrap(), Some(1 << 40..(1 << 40) + 12));
        assert!(index(IndexLocation::Start, &[35, 12]).get(0, None).is_err());
    }
}
