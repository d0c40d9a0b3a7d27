//! Ranges of one object that are better requested together.

use std::ops::Range;

use crate::byte_range::Portions;

/// Ranges next to each other, and the one that is requested for all of them.
pub struct Merged<T> {
    pub range: Range<u64>,
    pub parts: Vec<(Range<u64>, T)>,
}

/// Merges neighbours, in the order of their places. Ranges may overlap, and be the same.
pub fn merge<T>(parts: Vec<(Range<u64>, T)>, portions: Portions) -> Vec<Merged<T>> {
    let mut places: Vec<(u64, u64)> = parts.iter().map(|(range, _)| range.start).zip(0..).collect();
    places.sort_unstable();
    let mut parts: Vec<Option<(Range<u64>, T)>> = parts.into_iter().map(Some).collect();
    let mut merged: Vec<Merged<T>> = Vec::new();
    for (_, at) in places {
        let Some(part) = parts.get_mut(at as usize).and_then(Option::take) else { continue };
        let range = part.0.clone();
        match merged.last_mut() {
            Some(last)
                if range.start <= last.range.end.saturating_add(portions.max_gap)
                    && range.end.max(last.range.end) - last.range.start <= portions.max_len =>
            {
                last.range.end = last.range.end.max(range.end);
                last.parts.push(part);
            }
            _ => merged.push(Merged { range, parts: vec![part] }),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_GAP: u64 = 100;
    const MAX_LEN: u64 = 10_000;

    fn merged(ranges: &[Range<u64>]) -> Vec<(Range<u64>, Vec<usize>)> {
        let parts = ranges.iter().cloned().zip(0..).collect();
        let merged = merge(parts, Portions { max_gap: MAX_GAP, max_len: MAX_LEN }).into_iter();
        merged.map(|merged| (merged.range, merged.parts.into_iter().map(|(_, at)| at).collect())).collect()
    }

    #[test]
    fn neighbours_are_merged_in_the_order_of_their_places() {
        assert_eq!(merged(&[10..20, 0..10, 20..30]), [(0..30, vec![1, 0, 2])]);
        assert_eq!(merged(&[]), []);
    }

    #[test]
    fn a_gap_is_received_for_nothing_only_if_it_is_small() {
        assert_eq!(merged(&[0..1, 1 + MAX_GAP..9 + MAX_GAP]), [(0..9 + MAX_GAP, vec![0, 1])]);
        assert_eq!(merged(&[0..1, 2 + MAX_GAP..9 + MAX_GAP]), [(0..1, vec![0]), (2 + MAX_GAP..9 + MAX_GAP, vec![1])]);
    }

    #[test]
    fn ranges_may_overlap_and_be_the_same() {
        assert_eq!(merged(&[5..20, 0..30, 5..20]), [(0..30, vec![1, 0, 2])]);
    }

    #[test]
    fn a_merged_range_is_not_too_large_but_a_single_one_may_be() {
        let half = MAX_LEN / 2;
        assert_eq!(
            merged(&[0..half, half..2 * half, 2 * half..2 * half + 1]),
            [(0..2 * half, vec![0, 1]), (2 * half..2 * half + 1, vec![2])]
        );
        assert_eq!(merged(&[0..3 * half, 3 * half..4 * half]), [(0..3 * half, vec![0]), (3 * half..4 * half, vec![1])]);
    }
}
