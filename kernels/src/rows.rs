//! Copies rows that lie at equal distances on both sides.

use crate::lane::{LANE_LEN, Lane};

/// Rows up to this long are copied lane by lane: a copy of memory would cost more to begin than to do.
const SHORT_LEN: usize = 1024;

/// Where rows of `len` bytes begin on one side, and from row to row.
#[derive(Clone, Copy, Debug)]
pub struct Side {
    pub first: usize,
    pub step: isize,
}

impl Side {
    fn row(self, row: usize) -> usize {
        self.first.wrapping_add_signed(self.step.wrapping_mul(row as isize))
    }
}

/// Copies `count` rows.
#[inline(never)]
pub fn copy_rows(source: &[u8], from: Side, target: &mut [u8], to: Side, len: usize, count: usize) {
    for row in 0..count {
        let source = &source[from.row(row)..][..len];
        let target = &mut target[to.row(row)..][..len];
        if len > SHORT_LEN {
            target.copy_from_slice(source);
        } else {
            copy_short(source, target);
        }
    }
}

#[inline(always)]
fn copy_short(source: &[u8], target: &mut [u8]) {
    let (lanes, rest) = source.as_chunks::<LANE_LEN>();
    let (target_lanes, target_rest) = target.as_chunks_mut::<LANE_LEN>();
    for (from, to) in lanes.iter().zip(target_lanes) {
        Lane::load(from).store(to);
    }
    for (from, to) in rest.iter().zip(target_rest) {
        *to = *from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_go_where_they_belong_and_nothing_else_is_touched() {
        let source: Vec<u8> = (0..5000u32).map(|byte| (byte * 7 + byte / 251) as u8).collect();
        for len in [1, 15, 16, 17, 47, 64, 1023, 1024, 1025] {
            for (count, step, backwards) in [(0, 0, false), (1, 0, false), (3, len + 5, false), (2, len, true)] {
                let from = Side { first: 3, step: len as isize };
                let to = match backwards {
                    false => Side { first: 9, step: step as isize },
                    true => Side { first: 9 + step, step: -(step as isize) },
                };
                let mut target = vec![0xA5; 6000];
                copy_rows(&source, from, &mut target, to, len, count);
                let mut expected = vec![0xA5; 6000];
                for row in 0..count {
                    let at = if backwards { 9 + step * (1 - row) } else { 9 + step * row };
                    expected[at..at + len].copy_from_slice(&source[3 + row * len..][..len]);
                }
                assert_eq!(target, expected, "{count} rows of {len}");
            }
        }
    }
}
