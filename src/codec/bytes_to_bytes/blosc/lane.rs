//! Sixteen bytes in a vector register, and the one operation that unshuffling needs.
//!
//! On wasm the compiler finds that operation in no loop that was tried, so it is written out there; elsewhere it is plain
//! Rust. Both have the same tests: those of [`super::unshuffle`].

pub const LANE_LEN: usize = 16;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod imp {
    use core::arch::wasm32::{i8x16_shuffle, u64x2, u64x2_extract_lane, v128};

    use super::LANE_LEN;

    #[derive(Clone, Copy)]
    pub struct Lane(v128);

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
        pub fn interleave(self, other: Self) -> [Self; 2] {
            let low = i8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(self.0, other.0);
            let high = i8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(self.0, other.0);
            [Self(low), Self(high)]
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod imp {
    use super::LANE_LEN;

    #[derive(Clone, Copy)]
    pub struct Lane([u8; LANE_LEN]);

    impl Lane {
        pub fn load(bytes: &[u8; LANE_LEN]) -> Self {
            Self(*bytes)
        }

        pub fn store(self, bytes: &mut [u8; LANE_LEN]) {
            *bytes = self.0;
        }

        /// The bytes of both in turn.
        pub fn interleave(self, other: Self) -> [Self; 2] {
            let both = [self.0, other.0];
            [0, LANE_LEN].map(|start| Self(std::array::from_fn(|i| both[i % 2][(start + i) / 2])))
        }
    }
}

pub use imp::Lane;
