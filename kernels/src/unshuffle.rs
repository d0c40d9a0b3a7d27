//! Undoes the two shuffles.
//!
//! *Byte shuffle*: the buffer holds one plane for each byte of an element; plane j has byte j of all elements.
//! *Bit shuffle*: each of these planes is stored as eight rows; row k has bit k of the plane's bytes, eight elements to a
//! byte, least significant bit first.
//!
//! Both are interleavings: of planes into elements, and of eight rows into words whose 8 × 8 bits then only have to be
//! transposed.

use crate::lane::{LANE_LEN, Lane};

/// Bytes of planes that are made at a time when bits are unshuffled: small enough for the nearest cache.
const TILE_LEN: usize = 4096;

/// Undoes the byte shuffle of elements of `typesize` bytes. The bytes after the last whole element are copied.
#[inline(never)]
pub fn unshuffle_bytes(shuffled: &[u8], typesize: usize, elements: &mut [u8]) {
    let count = shuffled.len() / typesize;
    let (planes, rest) = shuffled.split_at(count * typesize);
    let (elements, elements_rest) = elements.split_at_mut(count * typesize);
    interleave(planes, typesize, elements);
    elements_rest.copy_from_slice(rest);
}

/// Undoes the bit shuffle of elements of `typesize` bytes, whose count is a multiple of eight. The bytes after the last
/// whole element are copied.
#[inline(never)]
pub fn unshuffle_bits(shuffled: &[u8], typesize: usize, elements: &mut [u8]) {
    let count = shuffled.len() / typesize;
    let (rows, rest) = shuffled.split_at(count * typesize);
    let (elements, elements_rest) = elements.split_at_mut(count * typesize);
    let row_len = count / 8;
    let mut tile = [0; TILE_LEN];
    // Row bytes per tile; one makes eight elements, so the largest typesize, 255, still fits.
    let step = TILE_LEN / 8 / typesize;
    for start in (0..row_len).step_by(step) {
        let len = step.min(row_len - start);
        let tile = &mut tile[..8 * len * typesize];
        for (plane, bytes) in tile.chunks_exact_mut(8 * len).enumerate() {
            let row = |k| &rows[(8 * plane + k) * row_len + start..][..len];
            interleave_planes(std::array::from_fn::<_, 8, _>(row), bytes);
            transpose_bits(bytes);
        }
        interleave(tile, typesize, &mut elements[8 * start * typesize..][..8 * len * typesize]);
    }
    elements_rest.copy_from_slice(rest);
}

/// Makes elements of `typesize` bytes from as many planes of equal length.
fn interleave(planes: &[u8], typesize: usize, elements: &mut [u8]) {
    fn fixed<const N: usize>(planes: &[u8], elements: &mut [u8]) {
        let len = planes.len() / N;
        interleave_planes(std::array::from_fn::<_, N, _>(|j| &planes[j * len..][..len]), elements);
    }
    match typesize {
        1 => elements.copy_from_slice(planes),
        2 => fixed::<2>(planes, elements),
        4 => fixed::<4>(planes, elements),
        8 => fixed::<8>(planes, elements),
        16 => fixed::<16>(planes, elements),
        _ => {
            let len = planes.len() / typesize;
            for (i, element) in elements.chunks_exact_mut(typesize).enumerate() {
                for (byte, &from) in element.iter_mut().zip(planes[i..].iter().step_by(len)) {
                    *byte = from;
                }
            }
        }
    }
}

/// The planes' bytes in turn: the first of each plane, the second of each, and so on. `N` is a power of two.
fn interleave_planes<const N: usize>(planes: [&[u8]; N], elements: &mut [u8]) {
    let count = elements.len() / N;
    let vectors = planes.map(|plane| plane[..count].as_chunks::<LANE_LEN>().0);
    let blocks = elements.as_chunks_mut::<LANE_LEN>().0.as_chunks_mut::<N>().0;
    for (at, block) in blocks.iter_mut().enumerate() {
        let mut lanes = vectors.map(|vectors| Lane::load(&vectors[at]));
        // As with a deck of cards: each perfect shuffle of its two halves doubles the planes whose bytes lie in turn.
        for _ in 0..N.ilog2() {
            let deck = lanes;
            for i in 0..N / 2 {
                [lanes[2 * i], lanes[2 * i + 1]] = deck[i].interleave(deck[i + N / 2]);
            }
        }
        for (lane, bytes) in lanes.into_iter().zip(block) {
            lane.store(bytes);
        }
    }
    for i in count / LANE_LEN * LANE_LEN..count {
        for (byte, plane) in elements[i * N..].iter_mut().zip(planes) {
            *byte = plane[i];
        }
    }
}

/// Transposes the 8 × 8 bits of every word of eight bytes: bit i of byte k becomes bit k of byte i.
fn transpose_bits(bytes: &mut [u8]) {
    let (pairs, rest) = bytes.as_chunks_mut::<LANE_LEN>();
    for pair in pairs {
        transposed(Lane::load(pair)).store(pair);
    }
    if !rest.is_empty() {
        let mut pair = [0; LANE_LEN];
        pair[..rest.len()].copy_from_slice(rest);
        transposed(Lane::load(&pair)).store(&mut pair);
        rest.copy_from_slice(&pair[..rest.len()]);
    }
}

/// Swaps ever larger squares across the diagonals of both words: of 1, 2 and 4 bits.
#[inline(always)]
fn transposed(lane: Lane) -> Lane {
    lane.swap_bits(7, 0x00aa_00aa_00aa_00aa).swap_bits(14, 0x0000_cccc_0000_cccc).swap_bits(28, 0x0000_0000_f0f0_f0f0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes without a pattern: a counter through an odd multiplication.
    fn bytes(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i.wrapping_mul(2654435761) >> 13) as u8).collect()
    }

    /// The definition of the byte shuffle.
    fn shuffle_bytes_slowly(elements: &[u8], typesize: usize) -> Vec<u8> {
        let count = elements.len() / typesize;
        let mut shuffled = elements.to_vec();
        for i in 0..count {
            for j in 0..typesize {
                shuffled[j * count + i] = elements[i * typesize + j];
            }
        }
        shuffled
    }

    /// The definition of the bit shuffle.
    fn shuffle_bits_slowly(elements: &[u8], typesize: usize) -> Vec<u8> {
        let count = elements.len() / typesize;
        let mut shuffled = elements.to_vec();
        shuffled[..count * typesize].fill(0);
        for i in 0..count {
            for bit in 0..8 * typesize {
                let value = elements[i * typesize + bit / 8] >> (bit % 8) & 1;
                shuffled[bit * (count / 8) + i / 8] |= value << (i % 8);
            }
        }
        shuffled
    }

    const TYPESIZES: [usize; 13] = [1, 2, 3, 4, 5, 7, 8, 12, 16, 17, 32, 64, 255];

    #[test]
    fn bytes_are_unshuffled_as_the_definition_says() {
        for typesize in TYPESIZES {
            for count in [0, 1, 7, 8, 15, 16, 17, 33, 128, 1000] {
                let elements = bytes(count * typesize + typesize / 2);
                let mut unshuffled = vec![0; elements.len()];
                unshuffle_bytes(&shuffle_bytes_slowly(&elements, typesize), typesize, &mut unshuffled);
                assert!(unshuffled == elements, "typesize {typesize}, {count} elements");
            }
        }
    }

    #[test]
    fn bits_are_unshuffled_as_the_definition_says() {
        for typesize in TYPESIZES {
            for count in [0, 8, 16, 24, 128, 136, 1000, 4096, 5000] {
                let elements = bytes(count * typesize + typesize / 2);
                let mut unshuffled = vec![0; elements.len()];
                unshuffle_bits(&shuffle_bits_slowly(&elements, typesize), typesize, &mut unshuffled);
                assert!(unshuffled == elements, "typesize {typesize}, {count} elements");
            }
        }
    }
}
