//! Objects in memory: for tests, and the simplest example of a store.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use futures::{Stream, stream};

use super::{Outcome, Reply, Request, Store, StoredBytes, too_short};
use crate::error::Result;

#[derive(Clone, Debug, Default)]
pub struct MemoryStore {
    objects: HashMap<String, Rc<[u8]>>,
}

impl MemoryStore {
    pub fn insert(&mut self, key: impl Into<String>, bytes: impl Into<Rc<[u8]>>) {
        self.objects.insert(key.into(), bytes.into());
    }

    pub(super) fn lookup(&self, request: &Request) -> Outcome<MemoryBytes> {
        let Some(object) = self.objects.get(&request.key) else { return Ok(None) };
        let object_len = object.len() as u64;
        let range = request.range.within(object_len).ok_or_else(|| too_short(request.range, object_len))?;
        let bytes = MemoryBytes { object: object.clone(), range: range.start as usize..range.end as usize };
        Ok(Some(Reply::new(bytes, Some(object_len))))
    }
}

impl Store for MemoryStore {
    type Bytes = MemoryBytes;

    fn get_many<'a, T: 'a>(
        &'a self,
        requests: impl Iterator<Item = (T, Request)> + 'a,
    ) -> impl Stream<Item = (T, Outcome<MemoryBytes>)> + 'a {
        stream::iter(requests.map(|(tag, request)| (tag, self.lookup(&request))))
    }
}

/// A part of an object in memory.
#[derive(Clone, Debug)]
pub struct MemoryBytes {
    object: Rc<[u8]>,
    range: Range<usize>,
}

impl From<Vec<u8>> for MemoryBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self { range: 0..bytes.len(), object: bytes.into() }
    }
}

impl StoredBytes for MemoryBytes {
    fn len(&self) -> usize {
        self.range.len()
    }

    fn slice(&self, range: Range<usize>) -> Self {
        let start = self.range.start;
        Self { object: self.object.clone(), range: start + range.start..start + range.end }
    }

    fn to_vec(&self) -> Vec<u8> {
        self.object[self.range.clone()].to_vec()
    }

    fn joined(parts: &[Self]) -> Result<Self> {
        let object: Rc<[u8]> = parts.iter().flat_map(|part| &part.object[part.range.clone()]).copied().collect();
        let range = 0..object.len();
        Ok(Self { object, range })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::byte_range::ByteRange;
    use futures::executor::block_on;

    fn get(range: ByteRange) -> Outcome<MemoryBytes> {
        let mut store = MemoryStore::default();
        store.insert("a", *b"0123456789");
        block_on(store.get(Request::of("a", range, 10)))
    }

    #[test]
    fn a_range_of_an_object_is_exact_or_an_error() {
        let text = |range| get(range).unwrap().unwrap().bytes.to_vec();
        assert_eq!(text(ByteRange::Range { start: 2, stop: 5 }), b"234");
        assert_eq!(text(ByteRange::Suffix(3)), b"789");
        assert!(get(ByteRange::Range { start: 8, stop: 11 }).is_err());
        assert!(get(ByteRange::Suffix(11)).is_err());
    }

    #[test]
    fn a_missing_key_is_a_value() {
        let store = MemoryStore::default();
        assert!(block_on(store.get(Request::whole("b"))).unwrap().is_none());
    }

    #[test]
    fn a_slice_of_a_slice_counts_from_its_own_start() {
        let bytes = get(ByteRange::Range { start: 2, stop: 9 }).unwrap().unwrap().bytes;
        assert_eq!(bytes.slice(1..5).slice(2..4).to_vec(), b"56");
    }
}
