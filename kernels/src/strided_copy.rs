//! Copies a box of elements from one layout in memory to another: the work of `transpose`, and of putting inner chunks
//! into their shard.
//!
//! 1. Axes that cannot be told apart are joined ([`StridedCopy::new`]).
//! 2. If the last axis is contiguous on both sides, each row is one copy.
//! 3. Otherwise the last axis and the one that is contiguous in the source are copied in square tiles, so that every
//!    cache line that is touched is used up on both sides.

/// Bytes along each side of a tile: a cache line.
const TILE_LEN: usize = 64;

/// One axis of the box: its extent, and how far apart its elements lie on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    pub extent: usize,
    pub source: usize,
    pub target: usize,
}

/// A box and its two layouts.
#[derive(Debug)]
pub struct StridedCopy {
    axes: Vec<Axis>,
    item_len: usize,
}

impl StridedCopy {
    /// Axes in the order of the target, with strides in elements; elements of `item_len` bytes.
    pub fn new(axes: impl IntoIterator<Item = Axis>, item_len: usize) -> Self {
        let mut joined: Vec<Axis> = Vec::new();
        for axis in axes.into_iter().filter(|axis| axis.extent != 1) {
            if axis.extent == 0 {
                // Nothing to copy, however the other axes lie.
                return Self { axes: vec![Axis { extent: 0, ..Axis::UNIT }], item_len };
            }
            match joined.last_mut() {
                Some(outer)
                    if outer.source == axis.extent * axis.source && outer.target == axis.extent * axis.target =>
                {
                    *outer = Axis { extent: outer.extent * axis.extent, ..axis };
                }
                _ => joined.push(axis),
            }
        }
        Self { axes: joined, item_len }
    }

    /// Whether the box lies in both places the same way, without gaps.
    pub fn is_contiguous(&self) -> bool {
        match self.axes[..] {
            [] => true,
            [axis] => axis.source == 1 && axis.target == 1,
            _ => false,
        }
    }

    /// Copies the box from the start of `source` to the start of `target`.
    #[inline(never)]
    pub fn copy(&self, source: &[u8], target: &mut [u8]) {
        match self.item_len {
            1 => copy_items::<1>(&self.axes, source, target),
            2 => copy_items::<2>(&self.axes, source, target),
            4 => copy_items::<4>(&self.axes, source, target),
            8 => copy_items::<8>(&self.axes, source, target),
            16 => copy_items::<16>(&self.axes, source, target),
            // The bytes of an element are then one more axis.
            len => {
                let scaled = |axis: &Axis| Axis { source: axis.source * len, target: axis.target * len, ..*axis };
                let mut axes: Vec<Axis> = self.axes.iter().map(scaled).collect();
                axes.push(Axis { extent: len, source: 1, target: 1 });
                copy_items::<1>(&axes, source, target);
            }
        }
    }

    /// Puts `value`, the bytes of one element, everywhere in the box at the start of `target`.
    #[inline(never)]
    pub fn fill(&self, value: &[u8], target: &mut [u8]) {
        let (outer, row_len) = match self.axes.split_last() {
            Some((last, outer)) if last.target == 1 => (outer, last.extent * self.item_len),
            _ => (&self.axes[..], self.item_len),
        };
        for_each_position(outer, |_, to| {
            let row = &mut target[to * self.item_len..][..row_len];
            match value {
                [first, rest @ ..] if rest.iter().all(|byte| byte == first) => row.fill(*first),
                _ => row.chunks_exact_mut(self.item_len).for_each(|item| item.copy_from_slice(value)),
            }
        });
    }
}

impl Axis {
    const UNIT: Self = Self { extent: 1, source: 1, target: 1 };
}

fn copy_items<const N: usize>(axes: &[Axis], source: &[u8], target: &mut [u8]) {
    let (source, _) = source.as_chunks::<N>();
    let (target, _) = target.as_chunks_mut::<N>();
    let (&last, outer) = axes.split_last().unwrap_or((&Axis::UNIT, &[]));
    if (last.source, last.target) == (1, 1) {
        for_each_position(outer, |from, to| {
            target[to..][..last.extent].copy_from_slice(&source[from..][..last.extent]);
        });
        return;
    }
    let mut outer = outer.to_vec();
    let across = match outer.iter().position(|axis| axis.source == 1) {
        Some(at) => outer.remove(at),
        None => Axis::UNIT,
    };
    let step = TILE_LEN / N;
    for_each_position(&outer, |from, to| {
        for top in (0..across.extent).step_by(step) {
            for left in (0..last.extent).step_by(step) {
                for row in top..across.extent.min(top + step) {
                    let (from, to) = (from + row * across.source, to + row * across.target);
                    for column in left..last.extent.min(left + step) {
                        target[to + column * last.target] = source[from + column * last.source];
                    }
                }
            }
        }
    });
}

/// Calls `f` with where every position of the axes lies in the source and in the target.
fn for_each_position(axes: &[Axis], mut f: impl FnMut(usize, usize)) {
    if axes.iter().any(|axis| axis.extent == 0) {
        return;
    }
    let mut position = vec![0; axes.len()];
    loop {
        let places = axes.iter().zip(&position);
        let (from, to) = places.fold((0, 0), |(from, to), (axis, p)| (from + p * axis.source, to + p * axis.target));
        f(from, to);
        // Counts on in C order: the first axis from the end that has a next position takes it, those after it start over.
        let next = axes.iter().zip(&mut position).rev().any(|(axis, p)| {
            *p = (*p + 1) % axis.extent;
            *p > 0
        });
        if !next {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C-order strides in elements.
    fn strides(shape: &[u64]) -> Vec<u64> {
        (1..=shape.len()).map(|inner| shape[inner..].iter().product()).collect()
    }

    fn unravel(index: u64, shape: &[u64]) -> Vec<u64> {
        strides(shape).iter().zip(shape).map(|(stride, extent)| index / stride % extent).collect()
    }

    fn ravel(position: &[u64], shape: &[u64]) -> u64 {
        position.iter().zip(strides(shape)).map(|(p, stride)| p * stride).sum()
    }

    /// The box `shape` in C order, taken out of a source whose axes lie in the order `order`.
    fn transposed_axes(shape: &[u64], order: &[usize]) -> (Vec<u64>, Vec<Axis>) {
        let encoded: Vec<u64> = order.iter().map(|&axis| shape[axis]).collect();
        let (source, target) = (strides(&encoded), strides(shape));
        let axes = (0..shape.len()).map(|axis| Axis {
            extent: shape[axis] as usize,
            source: source[order.iter().position(|&a| a == axis).unwrap()] as usize,
            target: target[axis] as usize,
        });
        (encoded, axes.collect())
    }

    fn permutations(rank: usize) -> Vec<Vec<usize>> {
        if rank == 0 {
            return vec![vec![]];
        }
        let insert = |rest: &Vec<usize>, at: usize| [&rest[..at], &[rank - 1], &rest[at..]].concat();
        permutations(rank - 1).iter().flat_map(|rest| (0..rank).map(move |at| insert(rest, at))).collect()
    }

    #[test]
    fn every_order_of_axes_and_item_len_copies_like_the_definition() {
        for shape in [&[][..], &[5], &[70, 67], &[3, 1, 9], &[2, 3, 4, 5], &[33, 2, 1, 40], &[4, 0, 2]] {
            for order in permutations(shape.len()) {
                for item_len in [1, 2, 3, 4, 8, 16] {
                    let (encoded, axes) = transposed_axes(shape, &order);
                    let count: u64 = shape.iter().product();
                    let source: Vec<u8> = (0..count as usize * item_len).map(|i| ((i * 31) >> 3) as u8).collect();
                    let mut expected = vec![0; source.len()];
                    for index in 0..count {
                        let position = unravel(index, shape);
                        let encoded_position: Vec<u64> = order.iter().map(|&axis| position[axis]).collect();
                        let from = ravel(&encoded_position, &encoded) as usize * item_len;
                        let to = index as usize * item_len;
                        expected[to..to + item_len].copy_from_slice(&source[from..from + item_len]);
                    }
                    let mut target = vec![0; source.len()];
                    StridedCopy::new(axes, item_len).copy(&source, &mut target);
                    assert!(target == expected, "{shape:?} in the order {order:?}, {item_len} bytes");
                }
            }
        }
    }

    #[test]
    fn axes_that_lie_alike_on_both_sides_are_joined() {
        let (_, axes) = transposed_axes(&[2, 3, 4, 5], &[2, 3, 0, 1]);
        let joined = [Axis { extent: 6, source: 1, target: 20 }, Axis { extent: 20, source: 6, target: 1 }];
        assert_eq!(StridedCopy::new(axes, 4).axes, joined);
        let (_, axes) = transposed_axes(&[2, 1, 4], &[0, 2, 1]);
        assert!(StridedCopy::new(axes, 4).is_contiguous());
    }

    #[test]
    fn every_box_within_a_larger_one_is_copied_and_filled_like_the_definition() {
        for shape in
            [[1, 1, 1], [2, 1, 1], [1, 3, 1], [1, 1, 5], [2, 3, 1], [2, 1, 5], [1, 3, 5], [2, 3, 5], [70, 3, 1]]
        {
            for outside in [[0, 0, 0], [0, 0, 2], [0, 2, 0], [2, 0, 0], [1, 2, 3]] {
                for item_len in [1, 2, 3, 8] {
                    let larger: [u64; 3] = std::array::from_fn(|axis| shape[axis] + outside[axis]);
                    let (source, target) = (strides(&shape), strides(&larger));
                    let copy = StridedCopy::new(
                        (0..3).map(|axis| Axis {
                            extent: shape[axis] as usize,
                            source: source[axis] as usize,
                            target: target[axis] as usize,
                        }),
                        item_len,
                    );
                    let count: u64 = shape.iter().product();
                    let source: Vec<u8> = (0..count as usize * item_len).map(|i| (i % 250) as u8 + 1).collect();
                    let value = &[251, 252, 253, 254, 255, 251, 252, 253][..item_len];
                    let mut copied = vec![0; larger.iter().product::<u64>() as usize * item_len];
                    let (mut filled, mut expected) = (copied.clone(), copied.clone());
                    let mut expected_filled = copied.clone();
                    for (index, item) in source.chunks_exact(item_len).enumerate() {
                        let to = ravel(&unravel(index as u64, &shape), &larger) as usize * item_len;
                        expected[to..to + item_len].copy_from_slice(item);
                        expected_filled[to..to + item_len].copy_from_slice(value);
                    }
                    copy.copy(&source, &mut copied);
                    copy.fill(value, &mut filled);
                    assert!(copied == expected, "{shape:?} in {larger:?}, {item_len} bytes");
                    assert!(filled == expected_filled, "{shape:?} in {larger:?}, {item_len} bytes");
                }
            }
        }
    }
}
