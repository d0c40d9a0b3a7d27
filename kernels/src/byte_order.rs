//! Byte order.

use crate::lane::{LANE_LEN, Lane};

/// Reverses the bytes of every component; several at a time where their length divides that of a lane. Bytes after the last
/// whole component stay.
#[inline(never)]
pub fn reverse_components(bytes: &mut [u8], component_len: usize) {
    let mut rest = bytes;
    if LANE_LEN.is_multiple_of(component_len) {
        let positions = Lane::load(&std::array::from_fn(|i| (i ^ (component_len - 1)) as u8));
        let (lanes, after) = rest.as_chunks_mut::<LANE_LEN>();
        lanes.iter_mut().for_each(|lane| Lane::load(lane).pick(positions).store(lane));
        rest = after;
    }
    rest.chunks_exact_mut(component_len).for_each(|component| component.reverse());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_of_every_whole_component_are_reversed() {
        for (component_len, expected) in [
            (2, [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14, 17, 16, 19, 18, 21, 20, 22]),
            (3, [2, 1, 0, 5, 4, 3, 8, 7, 6, 11, 10, 9, 14, 13, 12, 17, 16, 15, 20, 19, 18, 21, 22]),
            (4, [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 19, 18, 17, 16, 20, 21, 22]),
            (8, [7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8, 16, 17, 18, 19, 20, 21, 22]),
            (16, [15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 16, 17, 18, 19, 20, 21, 22]),
        ] {
            let mut bytes: [u8; 23] = std::array::from_fn(|i| i as u8);
            reverse_components(&mut bytes, component_len);
            assert_eq!(bytes, expected);
        }
    }
}
