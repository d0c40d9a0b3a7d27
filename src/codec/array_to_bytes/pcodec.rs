//! `pcodec`: pco's standalone format.
//!
//! `numcodecs.pcodec` and the v2 id `pcodec`, for integers of 8 to 64 bits, floats of 16 to 64 bits, and times, as the
//! int64 that they are. Its configuration (`level`, `mode_spec`, `delta_spec`, `paging_spec`, `delta_encoding_order`,
//! `equal_pages_up_to`) matters to a writer only.
//!
//! An encoding is a header and any number of pco's own chunks, each with its type, its number of elements, and one page;
//! a zero byte ends them. Types and numbers must be those of the Zarr chunk, and nothing may follow. pco allocates some
//! tables by the sizes that a chunk claims, so these are looked at before.
//!
//! Limits: beside the Zarr chunk, the tables of one of pco's take up to 4 MB.

use std::borrow::Cow;

use pco::FULL_BATCH_N;
use pco::data_types::{Number, NumberType};
use pco::metadata::DeltaEncoding;
use pco::{errors::PcoError, standalone, wrapped};

use crate::codec::{ArrayToBytes, ChunkSpec, Len, Scratch};
use crate::data_type::DataType;
use crate::error::{Error, Result};

/// How far back a writer looks for similar elements.
const WRITERS_WINDOW: usize = 1 << 15;

/// Decodes all elements into the bytes of a chunk.
type Decode = fn(&[u8], &mut [u8]) -> Result<()>;

pub struct Pcodec {
    decode: Decode,
}

impl Pcodec {
    pub fn new(decoded: &ChunkSpec) -> Result<Self> {
        let decode: Decode = match &decoded.data_type {
            DataType::Int8 => |encoded, decoded| decode(encoded, decoded, i8::to_le_bytes),
            DataType::Int16 => |encoded, decoded| decode(encoded, decoded, i16::to_le_bytes),
            DataType::Int32 => |encoded, decoded| decode(encoded, decoded, i32::to_le_bytes),
            DataType::Int64 | DataType::DateTime64(_) | DataType::TimeDelta64(_) => {
                |encoded, decoded| decode(encoded, decoded, i64::to_le_bytes)
            }
            DataType::UInt8 => |encoded, decoded| decode(encoded, decoded, u8::to_le_bytes),
            DataType::UInt16 => |encoded, decoded| decode(encoded, decoded, u16::to_le_bytes),
            DataType::UInt32 => |encoded, decoded| decode(encoded, decoded, u32::to_le_bytes),
            DataType::UInt64 => |encoded, decoded| decode(encoded, decoded, u64::to_le_bytes),
            DataType::Float16 => |encoded, decoded| decode(encoded, decoded, half::f16::to_le_bytes),
            DataType::Float32 => |encoded, decoded| decode(encoded, decoded, f32::to_le_bytes),
            DataType::Float64 => |encoded, decoded| decode(encoded, decoded, f64::to_le_bytes),
            other => return Err(Error::unsupported(format!("elements of type {other}, expected integers or floats"))),
        };
        Ok(Self { decode })
    }
}

impl ArrayToBytes for Pcodec {
    fn encoded_len(&self, decoded: &ChunkSpec) -> Result<Len> {
        Ok(Len::Exact(decoded.byte_len()?).compressed())
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let mut bytes = scratch.take(decoded.byte_len()?)?;
        (self.decode)(&encoded, &mut bytes)?;
        scratch.give(encoded);
        Ok(Cow::Owned(bytes))
    }
}

fn decode<T: Number, const N: usize>(encoded: &[u8], decoded: &mut [u8], bytes_of: fn(T) -> [u8; N]) -> Result<()> {
    let (file, mut rest) = standalone::FileDecompressor::new(encoded).map_err(told)?;
    let expected_type = NumberType::new::<T>();
    let expected_len = decoded.len() / N;
    let mut elements = decoded.as_chunks_mut::<N>().0;
    while let Some(count) = chunk_header(expected_type, &mut rest)? {
        if count > elements.len() {
            return Err(Error::corrupt_chunk(format!("more than the expected {expected_len} elements")));
        }
        let (chunk, following) = elements.split_at_mut(count);
        rest = decode_chunk(&file, rest, chunk, bytes_of)?;
        elements = following;
    }
    if !elements.is_empty() {
        let found = expected_len - elements.len();
        return Err(Error::corrupt_chunk(format!("{found} elements, expected {expected_len}")));
    }
    if !rest.is_empty() {
        return Err(Error::corrupt_chunk(format!("{} bytes follow the end, expected none", rest.len())));
    }
    Ok(())
}

/// Takes the type and the number of elements of the next of pco's chunks off `rest`; `None` after the last.
fn chunk_header(expected: NumberType, rest: &mut &[u8]) -> Result<Option<usize>> {
    let (header, following) = match **rest {
        [0, ref following @ ..] => (None, following),
        [number_type, a, b, c, ref following @ ..] => (Some((number_type, [a, b, c, 0])), following),
        _ => return Err(Error::corrupt_chunk(format!("{} bytes, expected a chunk or the end", rest.len()))),
    };
    *rest = following;
    let Some((number_type, count)) = header else { return Ok(None) };
    if number_type != expected as u8 {
        let found = NumberType::from_descriminant(number_type)
            .map_or(format!("number {number_type}"), |found| format!("{found:?}"));
        return Err(Error::corrupt_chunk(format!("elements of type {found}, expected {expected:?}")));
    }
    Ok(Some(u32::from_le_bytes(count) as usize + 1))
}

/// Decodes one of pco's chunks to exactly these elements, and answers what follows it.
fn decode_chunk<'a, T: Number, const N: usize>(
    file: &standalone::FileDecompressor,
    encoded: &'a [u8],
    decoded: &mut [[u8; N]],
    bytes_of: fn(T) -> [u8; N],
) -> Result<&'a [u8]> {
    check_dictionary::<N>(encoded)?;
    let version = file.format_version();
    // The standalone reader would make the window before it says how large that is, hence the level below it.
    let (file, _) = wrapped::FileDecompressor::new(&[version.major, version.minor][..]).map_err(told)?;
    let (mut chunk, rest) = file.chunk_decompressor::<T, _>(encoded).map_err(told)?;
    if let DeltaEncoding::Lookback { config, .. } = &chunk.meta().delta_encoding {
        let most = decoded.len().max(WRITERS_WINDOW);
        if 1 << config.window_n_log > most {
            let found = config.window_n_log;
            return Err(Error::corrupt_chunk(format!("a window of 2^{found} elements, expected at most {most}")));
        }
    }
    let mut page = chunk.page_decompressor(rest, decoded.len()).map_err(told)?;
    let mut batch = [T::default(); FULL_BATCH_N];
    for elements in decoded.chunks_mut(FULL_BATCH_N) {
        page.read(&mut batch).map_err(told)?;
        elements.iter_mut().zip(batch).for_each(|(element, number)| *element = bytes_of(number));
    }
    Ok(page.into_src())
}

/// A chunk may begin with a list of its values: mode 4 in the lowest four bits, then 25 bits of length, then the values.
fn check_dictionary<const N: usize>(encoded: &[u8]) -> Result<()> {
    let word = encoded.first_chunk().map_or(0, |word| u32::from_le_bytes(*word));
    let len = (word >> 4 & ((1 << 25) - 1)) as usize * N;
    if word & 15 == 4 && len > encoded.len() {
        let found = encoded.len();
        return Err(Error::corrupt_chunk(format!("{found} bytes, expected a dictionary of {len}")));
    }
    Ok(())
}

fn told(error: PcoError) -> Error {
    Error::corrupt_chunk(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pco::{ChunkConfig, DeltaSpec, ModeSpec, PagingSpec};

    /// 10 to 19 as int32, written by numcodecs.
    const ENCODED: [u8; 28] = [
        0x70, 0x63, 0x6f, 0x21, 0x03, 0x00, 0x83, 0x02, 0x04, 0x01, 0x03, 0x09, 0x00, 0x00, 0x10, 0x01, 0x01, 0x80,
        0x00, 0x00, 0x00, 0x40, 0x00, 0x0a, 0x00, 0x00, 0x80, 0x00,
    ];
    /// Where the one chunk of it begins: its type, its number of elements less one.
    const CHUNK: usize = 10;

    fn decode(encoded: &[u8], data_type: DataType, len: u64) -> Result<Vec<u8>> {
        let spec = ChunkSpec { shape: vec![len], fill_value: vec![0; data_type.item_len()], data_type };
        Ok(Pcodec::new(&spec)?.decode(Cow::Borrowed(encoded), &spec, &mut Scratch::default())?.into_owned())
    }

    fn message(encoded: &[u8], data_type: DataType, len: u64) -> String {
        decode(encoded, data_type, len).unwrap_err().message().to_owned()
    }

    fn encode<T: Number>(numbers: &[T], config: ChunkConfig) -> Vec<u8> {
        standalone::simple_compress(numbers, &config).unwrap()
    }

    #[test]
    fn elements_become_their_little_endian_bytes() {
        let expected: Vec<u8> = (10..20i32).flat_map(i32::to_le_bytes).collect();
        assert_eq!(decode(&ENCODED, DataType::Int32, 10).unwrap(), expected);
        let halves = [0.5, -2.0, 65504.0].map(half::f16::from_f32);
        let expected: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
        assert_eq!(decode(&encode(&halves, ChunkConfig::default()), DataType::Float16, 3).unwrap(), expected);
    }

    #[test]
    fn chunks_of_pco_and_its_ways_of_writing_them_are_read() {
        let numbers: Vec<u32> = (0..70_000u32).map(|i| i % 1000 * i % 77).collect();
        let expected: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
        let deltas = [DeltaSpec::NoOp, DeltaSpec::TryConsecutive(2), DeltaSpec::TryLookback, DeltaSpec::TryConv1(3)];
        for delta in deltas {
            for mode in [ModeSpec::Classic, ModeSpec::TryDict, ModeSpec::TryIntMult(7)] {
                let paging = PagingSpec::EqualPagesUpTo(30_000);
                let config = ChunkConfig::default();
                let config = config.with_delta_spec(delta.clone()).with_mode_spec(mode).with_paging_spec(paging);
                assert_eq!(decode(&encode(&numbers, config), DataType::UInt32, 70_000).unwrap(), expected, "{delta:?}");
            }
        }
    }

    #[test]
    fn a_number_of_elements_that_is_not_the_expected_one_is_an_error() {
        assert_eq!(message(&ENCODED, DataType::Int32, 9), "more than the expected 9 elements");
        assert_eq!(message(&ENCODED, DataType::Int32, 11), "10 elements, expected 11");
        let mut claim = ENCODED;
        claim[CHUNK + 1..][..3].fill(0xff);
        assert_eq!(message(&claim, DataType::Int32, 10), "more than the expected 10 elements");
    }

    #[test]
    fn a_type_that_is_not_the_expected_one_is_an_error() {
        assert_eq!(message(&ENCODED, DataType::UInt32, 10), "elements of type I32, expected U32");
        let mut unknown = ENCODED;
        unknown[CHUNK] = 99;
        assert_eq!(message(&unknown, DataType::Int32, 10), "elements of type number 99, expected I32");
        let error = decode(&ENCODED, DataType::Bool, 10).unwrap_err();
        assert_eq!(error.message(), "elements of type bool, expected integers or floats");
    }

    #[test]
    fn an_encoding_cut_anywhere_or_followed_by_something_is_an_error() {
        for len in 0..ENCODED.len() {
            assert!(decode(&ENCODED[..len], DataType::Int32, 10).is_err(), "{len} bytes");
        }
        let longer = [&ENCODED[..], &[0; 3]].concat();
        assert_eq!(message(&longer, DataType::Int32, 10), "3 bytes follow the end, expected none");
    }

    #[test]
    fn sizes_of_tables_are_only_claims() {
        let mut dictionary = ENCODED.to_vec();
        dictionary[CHUNK + 4..][..4].copy_from_slice(&(((1u32 << 25) - 1) << 4 | 4).to_le_bytes());
        assert_eq!(message(&dictionary, DataType::Int32, 10), "14 bytes, expected a dictionary of 134217724");
        // Mode 0, delta encoding 2 (lookback), 5 bits of the window's logarithm less one.
        let mut window = ENCODED.to_vec();
        window[CHUNK + 4..][..2].copy_from_slice(&(2u16 << 4 | 23 << 8).to_le_bytes());
        window.splice(CHUNK + 6..CHUNK + 8, [0; 8]);
        assert_eq!(message(&window, DataType::Int32, 10), "a window of 2^24 elements, expected at most 32768");
    }
}
