//! The hash XXH64 with the seed zero.

const PRIMES: [u64; 5] =
    [0x9e37_79b1_85eb_ca87, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0x85eb_ca77_c2b2_ae63, 0x27d4_eb2f_1656_67c5];

pub fn xxh64(bytes: &[u8]) -> u64 {
    let (stripes, rest) = bytes.as_chunks::<32>();
    let mut hash = PRIMES[4];
    if !stripes.is_empty() {
        let mut lanes = [PRIMES[0].wrapping_add(PRIMES[1]), PRIMES[1], 0, PRIMES[0].wrapping_neg()];
        for stripe in stripes {
            for (lane, word) in lanes.iter_mut().zip(stripe.as_chunks().0) {
                *lane = round(*lane, u64::from_le_bytes(*word));
            }
        }
        let [a, b, c, d] = lanes;
        hash = [a.rotate_left(1), b.rotate_left(7), c.rotate_left(12), d.rotate_left(18)]
            .into_iter()
            .fold(0, u64::wrapping_add);
        for lane in lanes {
            hash = times_plus(hash ^ round(0, lane), PRIMES[0], PRIMES[3]);
        }
    }
    hash = hash.wrapping_add(bytes.len() as u64);

    let (words, rest) = rest.as_chunks();
    for word in words {
        hash = times_plus((hash ^ round(0, u64::from_le_bytes(*word))).rotate_left(27), PRIMES[0], PRIMES[3]);
    }
    let (halves, rest) = rest.as_chunks();
    for half in halves {
        let number = u64::from(u32::from_le_bytes(*half)).wrapping_mul(PRIMES[0]);
        hash = times_plus((hash ^ number).rotate_left(23), PRIMES[1], PRIMES[2]);
    }
    for byte in rest {
        hash = (hash ^ u64::from(*byte).wrapping_mul(PRIMES[4])).rotate_left(11).wrapping_mul(PRIMES[0]);
    }
    hash = (hash ^ hash >> 33).wrapping_mul(PRIMES[1]);
    hash = (hash ^ hash >> 29).wrapping_mul(PRIMES[2]);
    hash ^ hash >> 32
}

#[inline(always)]
fn round(lane: u64, word: u64) -> u64 {
    lane.wrapping_add(word.wrapping_mul(PRIMES[1])).rotate_left(31).wrapping_mul(PRIMES[0])
}

fn times_plus(hash: u64, factor: u64, more: u64) -> u64 {
    hash.wrapping_mul(factor).wrapping_add(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_reference() {
        let bytes: Vec<u8> = (0..100).collect();
        assert_eq!(xxh64(&bytes[..0]), 0xef46_db37_51d8_e999);
        assert_eq!(xxh64(&bytes[..1]), 0xe934_a84a_db05_2768);
        assert_eq!(xxh64(&bytes[..3]), 0xe5c7_bb45_33bc_65dd);
        assert_eq!(xxh64(&bytes[..4]), 0xffce_d860_4453_cc1e);
        assert_eq!(xxh64(&bytes[..8]), 0x884a_1736_14b8_1b8d);
        assert_eq!(xxh64(&bytes[..14]), 0x5cda_8b69_bbfc_1d45);
        assert_eq!(xxh64(&bytes[..31]), 0xc346_d2b5_9b4d_8ee1);
        assert_eq!(xxh64(&bytes[..32]), 0xcbf5_9c51_16ff_32b4);
        assert_eq!(xxh64(&bytes[..63]), 0xe26a_a9e2_a95f_8e4f);
        assert_eq!(xxh64(&bytes[..100]), 0x6ac1_e580_3216_6597);
    }
}
