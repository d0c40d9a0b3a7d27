//! Damage to bytes.

use crate::random::Random;

/// Bytes with one to three things done to them.
pub fn damage_bytes(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..1 + random.below(3) {
        damage_once(&mut damaged, random);
    }
    damaged
}

fn damage_once(bytes: &mut Vec<u8>, random: &mut Random) {
    let run = |bytes: &[u8], random: &mut Random| {
        let start = random.below(bytes.len() + 1);
        let longest = (bytes.len() - start).min(if random.one_in(2) { 8 } else { 64 });
        start..start + random.below(longest + 1)
    };
    match random.below(9) {
        0 => bytes.truncate(random.below(bytes.len() + 1)),
        1 => bytes.truncate(bytes.len().saturating_sub(1 + random.below(8))),
        2 => {
            let more = 1 + random.below(40);
            let byte = [0, 0xff, random.number() as u8][random.below(3)];
            bytes.extend(std::iter::repeat_n(byte, more));
        }
        3 | 4 if !bytes.is_empty() => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
        }
        // Where headers are, most of what can go wrong goes wrong.
        5 if !bytes.is_empty() => {
            let at = random.below(bytes.len().min(24));
            bytes[at] = [0, 1, 0x7f, 0x80, 0xff, random.number() as u8][random.below(6)];
        }
        6 => {
            let byte = [0, 0xff][random.below(2)];
            let run = run(bytes, random);
            bytes[run].fill(byte);
        }
        7 => {
            let (from, to) = (run(bytes, random), random.below(bytes.len() + 1));
            let spliced = bytes[from].to_vec();
            bytes.splice(to..to, spliced);
        }
        _ => drop(bytes.drain(run(bytes, random))),
    }
}
