//! Picks elements out of a chunk and puts them next to each other.

/// How an axis walks through one side, in elements.
#[derive(Clone, Copy, Debug)]
pub enum Steps<'a> {
    Stride(i64),
    /// A position for every element, to be multiplied by the stride of the axis.
    List(&'a [u64], u64),
}

impl Steps<'_> {
    pub fn at(&self, k: u64) -> i64 {
        match self {
            Self::Stride(stride) => k as i64 * stride,
            Self::List(positions, stride) => (positions[k as usize] * stride) as i64,
        }
    }

    pub fn is_stride(&self, wanted: u64) -> bool {
        matches!(self, Self::Stride(stride) if *stride == wanted as i64)
    }

    /// Whether a step of these goes on where `count` steps of the inner ones have ended.
    pub fn continues(&self, inner: &Self, count: u64) -> bool {
        match (self, inner) {
            (Self::Stride(outer), Self::Stride(inner)) => *outer == inner.wrapping_mul(count as i64),
            _ => false,
        }
    }
}

/// One axis on both sides.
#[derive(Clone, Copy, Debug)]
pub struct Axis<'a> {
    pub count: u64,
    pub chunk: Steps<'a>,
    pub output: Steps<'a>,
}

impl Axis<'_> {
    pub fn is_list(&self) -> bool {
        matches!((self.chunk, self.output), (Steps::List(..), _) | (_, Steps::List(..)))
    }
}

/// Calls `each` with the offsets in the chunk and in the output of every position of `axes`, in C order.
pub fn visit(axes: &[Axis], mut each: impl FnMut(i64, u64)) {
    let Some((axis, outer)) = axes.split_last() else { return each(0, 0) };
    let mut inner = |offset: i64, position: u64| {
        for k in 0..axis.count {
            each(offset + axis.chunk.at(k), position.wrapping_add_signed(axis.output.at(k)));
        }
    };
    visit(outer, &mut inner as &mut dyn FnMut(i64, u64));
}

/// Appends the elements of `item_len` bytes that `axes` pass from element `first` on; `false` for a length that no element
/// has.
#[inline(never)]
pub fn gather(chunk: &[u8], item_len: usize, first: u64, axes: &[Axis], gathered: &mut Vec<u8>) -> bool {
    match item_len {
        1 => gather_items::<1>(chunk, first, axes, gathered),
        2 => gather_items::<2>(chunk, first, axes, gathered),
        4 => gather_items::<4>(chunk, first, axes, gathered),
        8 => gather_items::<8>(chunk, first, axes, gathered),
        16 => gather_items::<16>(chunk, first, axes, gathered),
        _ => return false,
    }
    true
}

fn gather_items<const N: usize>(chunk: &[u8], first: u64, axes: &[Axis], gathered: &mut Vec<u8>) {
    let (items, _) = chunk.as_chunks::<N>();
    let Some((inner, outer)) = axes.split_last() else {
        return gathered.extend_from_slice(&items[first as usize]);
    };
    let count = inner.count as usize;
    visit(outer, |offset, _| {
        let start = first.wrapping_add_signed(offset) as usize;
        match inner.chunk {
            Steps::Stride(1) => gathered.extend_from_slice(items[start..start + count].as_flattened()),
            Steps::Stride(stride) if stride > 0 => {
                let every = items[start..].iter().step_by(stride as usize);
                every.take(count).for_each(|item| gathered.extend_from_slice(item));
            }
            Steps::Stride(stride) => {
                let every = items[..=start].iter().rev().step_by(stride.unsigned_abs() as usize);
                every.take(count).for_each(|item| gathered.extend_from_slice(item));
            }
            Steps::List(positions, stride) => {
                let each = positions.iter().map(|position| &items[start + (position * stride) as usize]);
                each.for_each(|item| gathered.extend_from_slice(item));
            }
        }
    });
}
