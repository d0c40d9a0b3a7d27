//! Parts of a stored object.

use std::fmt;

/// What is wanted of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    Whole,
    /// Half-open, and never empty: HTTP cannot ask for nothing.
    Range {
        start: u64,
        stop: u64,
    },
    /// The last bytes of the object, however long it is.
    Suffix(u64),
}

impl ByteRange {
    /// The number of bytes asked for, where it is known.
    pub fn known_len(self) -> Option<u64> {
        match self {
            Self::Whole => None,
            Self::Range { start, stop } => Some(stop - start),
            Self::Suffix(len) => Some(len),
        }
    }

    /// Where the range lies in an object of `object_len` bytes; `None` if the object is too short for it.
    pub fn within(self, object_len: u64) -> Option<std::ops::Range<u64>> {
        match self {
            Self::Whole => Some(0..object_len),
            Self::Range { start, stop } => (stop <= object_len).then_some(start..stop),
            Self::Suffix(len) => object_len.checked_sub(len).map(|start| start..object_len),
        }
    }
}

/// A range has no more parts, however long it is: its length may be no more than a claim.
const MOST_PARTS: u64 = 64;

/// In what portions objects are requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portions {
    /// Bytes between two ranges that are requested along with them. On a fast wire a request costs the time of about as many
    /// as by default; on a slow one, where latency is what costs, it is few that are received for nothing.
    pub max_gap: u64,
    /// Neighbouring ranges are requested together up to so many bytes; a range that alone has twice as many or more is
    /// requested in parts, side by side. A connection that carries 100 MB/s, which object stores do, takes 80 ms for the
    /// default: a few times the latency that every part costs.
    pub max_len: u64,
}

impl Default for Portions {
    fn default() -> Self {
        Self { max_gap: 32 << 10, max_len: 8 << 20 }
    }
}

impl Portions {
    /// The parts of a range that is requested in parts: of equal lengths, but for the last.
    pub fn parts(self, range: ByteRange) -> Option<Vec<ByteRange>> {
        let ByteRange::Range { start, stop } = range else { return None };
        let (len, max_len) = (stop - start, self.max_len.max(1));
        if len / 2 < max_len {
            return None;
        }
        let part_len = len.div_ceil(len.div_ceil(max_len).min(MOST_PARTS));
        let starts = (0..len.div_ceil(part_len)).map(|part| start + part * part_len);
        Some(starts.map(|start| ByteRange::Range { start, stop: stop.min(start.saturating_add(part_len)) }).collect())
    }
}

/// For messages, as half-open bounds.
impl fmt::Display for ByteRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole => f.write_str("the whole object"),
            Self::Range { start, stop } => write!(f, "bytes {start}..{stop}"),
            Self::Suffix(len) => write!(f, "the last {len} bytes"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_range_are_of_equal_lengths_and_no_longer_than_they_may_be() {
        let portions = Portions { max_gap: 0, max_len: 10 };
        let parts = |start, stop| portions.parts(ByteRange::Range { start, stop });
        let ranges = |bounds: &[u64]| {
            let ranges = bounds.windows(2).map(|bounds| ByteRange::Range { start: bounds[0], stop: bounds[1] });
            Some(ranges.collect::<Vec<_>>())
        };
        assert_eq!(parts(7, 26), None);
        assert_eq!(parts(7, 27), ranges(&[7, 17, 27]));
        assert_eq!(parts(0, 21), ranges(&[0, 7, 14, 21]));
        assert_eq!(parts(0, 35), ranges(&[0, 9, 18, 27, 35]));
        assert_eq!(parts(u64::MAX - 20, u64::MAX), ranges(&[u64::MAX - 20, u64::MAX - 10, u64::MAX]));
        assert_eq!([ByteRange::Whole, ByteRange::Suffix(100)].map(|range| portions.parts(range)), [None, None]);
        let [first, .., last] = parts(0, u64::MAX).unwrap()[..] else { panic!("one part") };
        assert_eq!((first.known_len(), last.known_len()), (Some(1 << 58), Some((1 << 58) - 1)));
        assert_eq!(
            Portions { max_gap: 0, max_len: 0 }.parts(ByteRange::Range { start: 0, stop: 2 }),
            ranges(&[0, 1, 2])
        );
    }

    #[test]
    fn a_range_lies_within_an_object_or_not_at_all() {
        let range = ByteRange::Range { start: 4, stop: 8 };
        assert_eq!(range.within(8), Some(4..8));
        assert_eq!(range.within(7), None);
        assert_eq!(ByteRange::Suffix(3).within(8), Some(5..8));
        assert_eq!(ByteRange::Suffix(9).within(8), None);
        assert_eq!(ByteRange::Whole.within(8), Some(0..8));
    }
}
