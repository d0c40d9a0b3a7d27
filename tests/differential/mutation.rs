//! Damage, reproducible.

/// The generator SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e3779b97f4a7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d049bb133111eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }
}

/// The bytes with one to three things wrong, more often near their start, where the headers are.
pub fn mutated(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + random.below(3) {
        let region = if random.below(2) == 0 { bytes.len().min(48) } else { bytes.len() };
        let at = random.below(region);
        match random.below(8) {
            _ if bytes.is_empty() => bytes.push(random.below(256) as u8),
            0 => bytes.truncate(at),
            1 => bytes.insert(at, random.below(256) as u8),
            2 => drop(bytes.remove(at)),
            3 => bytes[at] = [0, 0x7f, 0x80, 0xff][random.below(4)],
            4 => bytes[at..].iter_mut().take(4).for_each(|byte| *byte = 0xff),
            _ => bytes[at] ^= 1 << random.below(8),
        }
    }
    bytes
}
