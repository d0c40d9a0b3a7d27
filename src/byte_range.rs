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
    fn a_range_lies_within_an_object_or_not_at_all() {
        let range = ByteRange::Range { start: 4, stop: 8 };
        assert_eq!(range.within(8), Some(4..8));
        assert_eq!(range.within(7), None);
        assert_eq!(ByteRange::Suffix(3).within(8), Some(5..8));
        assert_eq!(ByteRange::Suffix(9).within(8), None);
        assert_eq!(ByteRange::Whole.within(8), Some(0..8));
    }
}
