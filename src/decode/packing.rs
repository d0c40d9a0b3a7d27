//! How chunks travel to where they are decoded.

use super::EncodedChunk;
use crate::error::{Error, Result};
use crate::plan::{AxisElements, Elements, Points};
use crate::selection::AxisRange;

/// Stands for the length of a missing chunk.
const MISSING: u64 = u64::MAX;

/// Marks in packed elements.
const PRODUCT: u64 = 0;
const POINTS: u64 = 1;
const RANGE: u64 = 0;
const LIST: u64 = 1;

/// Chunks, each with its elements and how many bytes are stored of it, as the little-endian 64-bit words that travel to a
/// decoder: for each chunk that length, or `MISSING`, then
///
/// - `PRODUCT`, rank, then for each axis `RANGE`, start, step, count, output start; or `LIST`, count, the indices, the
///   positions in the output;
/// - or `POINTS`, rank, count, then for each axis the indices, then the positions in the output.
pub fn pack<'a>(chunks: impl Iterator<Item = (&'a Elements, Option<usize>)>) -> Vec<u8> {
    let mut words = Vec::new();
    for (elements, encoded_len) in chunks {
        words.push(encoded_len.map_or(MISSING, |len| len as u64));
        pack_elements(elements, &mut words);
    }
    words.into_iter().flat_map(u64::to_le_bytes).collect()
}

fn pack_elements(elements: &Elements, words: &mut Vec<u64>) {
    match elements {
        Elements::Product(axes) => {
            words.extend([PRODUCT, axes.len() as u64]);
            for axis in axes {
                match axis {
                    AxisElements::Range { within: AxisRange { start, step, count }, output_start } => {
                        words.extend([RANGE, *start, *step as u64, *count, *output_start]);
                    }
                    AxisElements::List { within, output } => {
                        words.extend([LIST, within.len() as u64]);
                        words.extend_from_slice(within);
                        words.extend_from_slice(output);
                    }
                }
            }
        }
        Elements::Points(Points { within, output }) => {
            words.extend([POINTS, within.len() as u64, output.len() as u64]);
            within.iter().for_each(|axis| words.extend_from_slice(axis));
            words.extend_from_slice(output);
        }
    }
}

/// Undoes [`pack`], with the bytes of the chunks, which lie one after the other.
///
/// # Errors
/// `invalid-argument` for anything else.
pub fn unpack<'a>(packed: &[u8], mut encoded: &'a [u8]) -> Result<Vec<EncodedChunk<'a>>> {
    let refused = || Error::invalid_argument(format!("{} bytes are no packed chunks", packed.len()));
    let (words, rest) = packed.as_chunks::<8>();
    let mut words = Words(words);
    let mut chunks = Vec::new();
    while !words.0.is_empty() {
        let len = words.word().filter(|&len| len != MISSING);
        let elements = words.elements().ok_or_else(refused)?;
        let mut cut = |len| {
            let (chunk, others) = encoded.split_at_checked(usize::try_from(len).ok()?)?;
            encoded = others;
            Some(chunk)
        };
        let encoded = len.map(|len| cut(len).ok_or_else(refused)).transpose()?;
        chunks.push(EncodedChunk { encoded, elements });
    }
    if rest.is_empty() && encoded.is_empty() && !chunks.is_empty() { Ok(chunks) } else { Err(refused()) }
}

/// What is left to be unpacked.
struct Words<'a>(&'a [[u8; 8]]);

impl Words<'_> {
    fn elements(&mut self) -> Option<Elements> {
        match self.word()? {
            PRODUCT => {
                let rank = self.word()?;
                (0..rank).map(|_| self.axis()).collect::<Option<_>>().map(Elements::Product)
            }
            POINTS => {
                let (rank, count) = (self.word()?, self.word()?);
                // Without points any rank would fit into no words.
                if count == 0 {
                    return None;
                }
                let within = (0..rank).map(|_| self.list(count)).collect::<Option<_>>()?;
                Some(Elements::Points(Points { within, output: self.list(count)? }))
            }
            _ => None,
        }
    }

    fn axis(&mut self) -> Option<AxisElements> {
        match self.word()? {
            RANGE => {
                let (start, step, count) = (self.word()?, self.word()? as i64, self.word()?);
                Some(AxisElements::Range { within: AxisRange { start, step, count }, output_start: self.word()? })
            }
            LIST => {
                let count = self.word()?;
                Some(AxisElements::List { within: self.list(count)?.into(), output: self.list(count)?.into() })
            }
            _ => None,
        }
    }

    fn word(&mut self) -> Option<u64> {
        let (word, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*word))
    }

    fn list(&mut self, count: u64) -> Option<Vec<u64>> {
        let (list, rest) = self.0.split_at_checked(usize::try_from(count).ok()?)?;
        self.0 = rest;
        Some(list.iter().map(|word| u64::from_le_bytes(*word)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_survive_packing() {
        let range = AxisElements::Range { within: AxisRange { start: 7, step: -2, count: 3 }, output_start: 1 << 40 };
        let list = AxisElements::List { within: [3, 1].into(), output: [0, 9].into() };
        let points = Points { within: vec![vec![1, 2], vec![3, 4]], output: vec![5, 6] };
        let all = [Elements::Product(vec![range, list]), Elements::Product(vec![]), Elements::Points(points)];
        let lens = [Some(2), None, Some(0)];
        let packed = pack(all.iter().zip(lens));
        let chunks = unpack(&packed, b"ab").unwrap();
        let found: Vec<_> = chunks.iter().map(|chunk| chunk.encoded).collect();
        assert_eq!(found, [Some(&b"ab"[..]), None, Some(b"")]);
        assert!(chunks.into_iter().map(|chunk| chunk.elements).eq(all.clone()));
        assert!(unpack(&packed, b"a").is_err());
        assert!(unpack(&packed, b"abc").is_err());
        for (elements, len) in all.iter().zip(lens) {
            let packed = pack([(elements, len)].into_iter());
            let encoded = vec![0; len.unwrap_or(0)];
            assert_eq!(unpack(&packed, &encoded).unwrap().len(), 1);
            assert!(unpack(&packed[1..], &encoded).is_err());
            assert!(unpack(&packed[..packed.len() - 8], &encoded).is_err());
            assert!(unpack(&[&packed[..], &[0; 8]].concat(), &encoded).is_err());
        }
        assert!(unpack(&[], &[]).is_err());
        let no_points = [MISSING, POINTS, u64::MAX, 0].map(u64::to_le_bytes);
        assert!(unpack(no_points.as_flattened(), &[]).is_err());
    }
}
