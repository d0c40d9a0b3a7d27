//! Sixteen bytes in a vector register, and the operations that the loops over them need.
//!
//! On wasm the compiler finds them in no loop: the last word on that has the crate that is linked, which is compiled for
//! size. So they are written out there; elsewhere they are plain Rust. Both have the same tests, those of
//! the loops.

pub const LANE_LEN: usize = 16;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod imp {
    use core::arch::wasm32::{
        i8x16_shuffle, i8x16_swizzle, u32x4_extract_lane, u32x4_replace_lane, u64x2, u64x2_extract_lane, u64x2_shl,
        u64x2_shr, u64x2_splat, v128, v128_and, v128_xor,
    };

    use super::LANE_LEN;

    #[derive(Clone, Copy)]
    pub struct Lane(v128);

    impl Default for Lane {
        fn default() -> Self {
            Self::load(&[0; LANE_LEN])
        }
    }

    impl Lane {
        #[inline(always)]
        pub fn load(bytes: &[u8; LANE_LEN]) -> Self {
            let number = u128::from_le_bytes(*bytes);
            Self(u64x2(number as u64, (number >> 64) as u64))
        }

        #[inline(always)]
        pub fn store(self, bytes: &mut [u8; LANE_LEN]) {
            let high = u128::from(u64x2_extract_lane::<1>(self.0)) << 64;
            *bytes = (high | u128::from(u64x2_extract_lane::<0>(self.0))).to_le_bytes();
        }

        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        #[inline(always)]
        pub fn interleave(self, other: Self) -> [Self; 2] {
            let low = i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(self.0, other.0);
            let high = i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(self.0, other.0);
            [Self(low), Self(high)]
        }

        #[inline(always)]
        pub fn pick(self, positions: Self) -> Self {
            Self(i8x16_swizzle(self.0, positions.0))
        }

        #[inline(always)]
        pub fn with_last(self, number: u32) -> Self {
            Self(u32x4_replace_lane::<3>(self.0, number))
        }

        #[inline(always)]
        pub fn first(self) -> u32 {
            u32x4_extract_lane::<0>(self.0)
        }

        #[inline(always)]
        pub fn swap_bits(self, shift: u32, mask: u64) -> Self {
            let swapped = v128_and(v128_xor(self.0, u64x2_shr(self.0, shift)), u64x2_splat(mask));
            Self(v128_xor(v128_xor(self.0, swapped), u64x2_shl(swapped, shift)))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod imp {
    use super::LANE_LEN;

    #[derive(Clone, Copy, Default)]
    pub struct Lane([u8; LANE_LEN]);

    impl Lane {
        pub fn load(bytes: &[u8; LANE_LEN]) -> Self {
            Self(*bytes)
        }

        pub fn store(self, bytes: &mut [u8; LANE_LEN]) {
            *bytes = self.0;
        }

        pub fn xor(self, other: Self) -> Self {
            Self((u128::from_le_bytes(self.0) ^ u128::from_le_bytes(other.0)).to_le_bytes())
        }

        /// The bytes of both in turn.
        pub fn interleave(self, other: Self) -> [Self; 2] {
            let both = [self.0, other.0];
            [0, LANE_LEN].map(|start| Self(std::array::from_fn(|i| both[i % 2][(start + i) / 2])))
        }

        /// The bytes at these positions, all of them below 16.
        pub fn pick(self, positions: Self) -> Self {
            Self(positions.0.map(|position| self.0[usize::from(position)]))
        }

        /// The last four bytes replaced by those of a little-endian number.
        pub fn with_last(mut self, number: u32) -> Self {
            self.0[LANE_LEN - 4..].copy_from_slice(&number.to_le_bytes());
            self
        }

        /// The little-endian number in the first four bytes.
        pub fn first(self) -> u32 {
            self.0.iter().take(4).rev().fold(0, |number, byte| number << 8 | u32::from(*byte))
        }

        /// In both words of eight bytes, swaps the bits of `mask` with those that lie `shift` higher.
        pub fn swap_bits(self, shift: u32, mask: u64) -> Self {
            let number = u128::from_le_bytes(self.0);
            let mask = u128::from(mask) << 64 | u128::from(mask);
            // The mask leaves out what one word shifts into the other.
            let swapped = (number ^ (number >> shift)) & mask;
            Self((number ^ swapped ^ (swapped << shift)).to_le_bytes())
        }
    }
}

pub use imp::Lane;
