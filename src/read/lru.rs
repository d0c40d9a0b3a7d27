//! Values by key, as many as have room; the one that was not used for longest goes first.

use std::rc::Rc;

/// So many are found without delay by looking at each.
const MAX_COUNT: usize = 1024;

pub struct Lru<V> {
    /// The one that was used last is the last.
    entries: Vec<Entry<V>>,
    len: usize,
    max_len: usize,
}

pub struct Entry<V> {
    key: Rc<str>,
    value: V,
    len: usize,
}

impl<V: Clone> Lru<V> {
    /// Room for so many bytes.
    pub fn new(max_len: usize) -> Self {
        Self { entries: Vec::new(), len: 0, max_len }
    }

    pub fn get(&mut self, key: &str) -> Option<V> {
        let entry = self.remove(key)?;
        let value = entry.value.clone();
        self.push(entry);
        Some(value)
    }

    /// In place of the value that the key had. One that is larger than all the room is not kept.
    pub fn insert(&mut self, key: &Rc<str>, value: V, len: usize) {
        self.remove(key);
        self.push(Entry { key: key.clone(), value, len });
        let mut unused = 0;
        while self.len > self.max_len || self.entries.len() - unused > MAX_COUNT {
            self.len -= self.entries[unused].len;
            unused += 1;
        }
        self.entries.drain(..unused);
    }

    pub fn remove(&mut self, key: &str) -> Option<Entry<V>> {
        let at = self.entries.iter().rposition(|entry| &*entry.key == key)?;
        let entry = self.entries.remove(at);
        self.len -= entry.len;
        Some(entry)
    }

    fn push(&mut self, entry: Entry<V>) {
        self.len += entry.len;
        self.entries.push(entry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn insert(lru: &mut Lru<usize>, key: &str, value: usize, len: usize) {
        lru.insert(&key.into(), value, len);
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut lru = Lru::new(100);
        insert(&mut lru, "a", 1, 40);
        insert(&mut lru, "b", 2, 40);
        assert_eq!(lru.get("a"), Some(1));
        insert(&mut lru, "c", 3, 40);
        assert_eq!([lru.get("a"), lru.get("b"), lru.get("c")], [Some(1), None, Some(3)]);
        insert(&mut lru, "a", 4, 60);
        assert_eq!([lru.get("a"), lru.get("c"), lru.get("d")], [Some(4), Some(3), None]);
        insert(&mut lru, "e", 5, 101);
        assert_eq!((lru.get("e"), lru.len, lru.entries.len()), (None, 0, 0));
    }

    #[test]
    fn there_are_not_too_many() {
        let mut lru = Lru::new(100);
        (0..=MAX_COUNT).for_each(|n| insert(&mut lru, &n.to_string(), n, 0));
        assert_eq!([lru.get("0"), lru.get("1"), lru.get("1024")], [None, Some(1), Some(1024)]);
    }
}
