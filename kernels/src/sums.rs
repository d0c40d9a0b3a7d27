//! Cumulative sums of little-endian numbers: every element becomes the sum of itself and all before it. Integers wrap,
//! so those with a sign have the sums of those without.

use half::f16;

macro_rules! sums {
    ($($name:ident: $type:ty, $add:expr;)*) => {$(
        #[inline(never)]
        pub fn $name(bytes: &mut [u8]) {
            accumulate(bytes, <$type>::from_le_bytes, <$type>::to_le_bytes, $add);
        }
    )*};
}

sums! {
    sum_bytes: u8, u8::wrapping_add;
    sum_words: u16, u16::wrapping_add;
    sum_double_words: u32, u32::wrapping_add;
    sum_quad_words: u64, u64::wrapping_add;
    sum_float16: f16, |sum, value| sum + value;
    sum_float32: f32, |sum, value| sum + value;
    sum_float64: f64, |sum, value| sum + value;
}

fn accumulate<T: Copy, const N: usize>(
    bytes: &mut [u8],
    read: impl Fn([u8; N]) -> T,
    write: impl Fn(T) -> [u8; N],
    add: impl Fn(T, T) -> T,
) {
    let mut items = bytes.as_chunks_mut::<N>().0.iter_mut();
    // Not 0 plus the first element: that would turn −0.0 into 0.0.
    let Some(mut sum) = items.next().map(|first| read(*first)) else { return };
    for item in items {
        sum = add(sum, read(*item));
        *item = write(sum);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_wrap() {
        let mut bytes = [200, 100, 1];
        sum_bytes(&mut bytes);
        assert_eq!(bytes, [200, 44, 45]);
        let mut words = [0xff, 0xff, 2, 0, 0xff, 0xff];
        sum_words(&mut words);
        assert_eq!(words, [0xff, 0xff, 1, 0, 0, 0]);
    }

    #[test]
    fn floats_are_summed_in_their_own_type() {
        let mut bytes = [16_777_216f32, 1.0, 1.0].map(f32::to_le_bytes).concat();
        sum_float32(&mut bytes);
        assert_eq!(bytes, [16_777_216f32; 3].map(f32::to_le_bytes).concat());
        let mut bytes = [-0.0f64, -0.0].map(f64::to_le_bytes).concat();
        sum_float64(&mut bytes);
        assert_eq!(bytes, [-0.0f64; 2].map(f64::to_le_bytes).concat());
        sum_float64(&mut []);
    }
}
