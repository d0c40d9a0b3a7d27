//! `lzma`: LZMA and LZMA2, in the containers that Python's module of that name writes.
//!
//! `numcodecs.lzma` and the v2 id `lzma`. Configuration: `format`, 1 for XZ (the default), 2 for the older "alone", 3 for
//! raw data; `filters`, a list of Python's filter specifications, which raw data cannot be read without; `check` and
//! `preset`, of no meaning for a reader.
//!
//! Several XZ streams may follow each other; their checks (CRC-32, CRC-64, SHA-256) are verified. The other two formats
//! have none. Bytes after the end are an error, where Python's reader would skip them.
//!
//! Limits: beside the chunk, the decoder holds a window that grows with what was decoded, to at most twice that,
//! whatever dictionary a header claims.

use std::borrow::Cow;
use std::io::{ErrorKind, Read};

use lzma_rust2::filter::StreamFilter;
use lzma_rust2::{FilterConfig, Lzma2Reader, LzmaReader, XzReader};
use serde_json::{Map, Value};

use crate::codec::{BytesToBytes, Configuration, Len, Scratch};
use crate::error::{Error, Result};
use crate::json::Text;

/// What is asked of the decoder at once: its window grows by as much before anything is decoded.
const PIECE_LEN: usize = 1 << 16;

/// Stands for a size that a stream doesn't tell: then a marker ends it.
const UNKNOWN_SIZE: u64 = u64::MAX;

pub enum Lzma {
    Xz,
    Alone,
    /// The compressor, and the filters in the order in which a reader undoes them.
    Raw(Compressor, Vec<FilterConfig>),
}

/// The last filter of a raw chain.
pub enum Compressor {
    Lzma1 { literal_context: u32, literal_position: u32, position: u32, dictionary_len: u32 },
    Lzma2 { dictionary_len: u32 },
}

impl Lzma {
    pub fn new(configuration: &Configuration) -> Result<Self> {
        match configuration.integer("format")? {
            None | Some(1) => Ok(Self::Xz),
            Some(2) => Ok(Self::Alone),
            Some(3) => {
                let filters = configuration.required("filters", configuration.list("filters")?)?;
                raw(filters).map_err(|error| error.about("filters"))
            }
            Some(_) => Err(configuration.invalid("format", "1 (XZ), 2 (alone) or 3 (raw)")),
        }
    }
}

fn raw(filters: &[Value]) -> Result<Lzma> {
    let object = |filter: &'_ Value| match filter {
        Value::Object(members) => Ok(members.clone()),
        other => Err(Error::invalid_metadata(format!("{other} is no filter specification", other = Text(other)))),
    };
    let filters: Vec<Map<String, Value>> = filters.iter().map(object).collect::<Result<_>>()?;
    let Some((compressor, filters)) = filters.split_last() else {
        return Err(Error::invalid_metadata("the list is empty, expected LZMA1 or LZMA2 as its last entry"));
    };
    let filters = filters.iter().rev().map(|members| filter(&Configuration(members))).collect::<Result<_>>()?;
    Ok(Lzma::Raw(compressor_of(&Configuration(compressor))?, filters))
}

/// Python's constants `FILTER_…`, which are those of the XZ format.
fn id(specification: &Configuration) -> Result<i64> {
    specification.required("id", specification.integer("id")?)
}

fn compressor_of(specification: &Configuration) -> Result<Compressor> {
    let small = |key, default| match specification.integer(key)? {
        Some(value) => Ok(specification.in_range(key, value, 0, 4)? as u32),
        None => Ok(default),
    };
    match id(specification)? {
        0x21 => Ok(Compressor::Lzma2 { dictionary_len: dictionary_len(specification)? }),
        0x4000_0000_0000_0001 => Ok(Compressor::Lzma1 {
            literal_context: small("lc", 3)?,
            literal_position: small("lp", 0)?,
            position: small("pb", 2)?,
            dictionary_len: dictionary_len(specification)?,
        }),
        id => Err(Error::unsupported(format!("the last filter has id {id}, expected LZMA1 or LZMA2"))),
    }
}

/// How far back a match may reach: by itself, or as a preset of the compressor says.
fn dictionary_len(specification: &Configuration) -> Result<u32> {
    if let Some(len) = specification.integer("dict_size")? {
        return Ok(specification.in_range("dict_size", len, 1 << 12, 3 << 29)? as u32);
    }
    // The highest bit asks the writer for more effort.
    let preset = specification.integer("preset")?.map_or(6, |preset| preset & !(1 << 31));
    let preset = specification.in_range("preset", preset, 0, 9)?;
    Ok([18, 20, 21, 22, 22, 23, 23, 24, 25, 26].map(|log| 1 << log)[preset as usize])
}

/// A filter before the compressor.
fn filter(specification: &Configuration) -> Result<FilterConfig> {
    let id = id(specification)?;
    if id == 3 {
        let distance = specification.integer("dist")?.unwrap_or(1);
        return Ok(FilterConfig::new_delta(specification.in_range("dist", distance, 1, 256)? as u32));
    }
    // They make the addresses in a processor's instructions relative to where they stand.
    let (new, alignment): (fn(u32) -> FilterConfig, i64) = match id {
        4 => (FilterConfig::new_bcj_x86, 1),
        5 => (FilterConfig::new_bcj_ppc, 4),
        6 => (FilterConfig::new_bcj_ia64, 16),
        7 => (FilterConfig::new_bcj_arm, 4),
        8 => (FilterConfig::new_bcj_arm_thumb, 2),
        9 => (FilterConfig::new_bcj_sparc, 4),
        10 => (FilterConfig::new_bcj_arm64, 4),
        11 => (FilterConfig::new_bcj_risc_v, 2),
        _ => return Err(Error::unsupported(format!("the filter with id {id} is not known"))),
    };
    let start = specification.integer("start_offset")?.unwrap_or(0);
    let start = specification.in_range("start_offset", start, 0, u32::MAX.into())?;
    if start % alignment != 0 {
        return Err(specification.invalid("start_offset", &format!("a multiple of {alignment}")));
    }
    Ok(new(start as u32))
}

impl BytesToBytes for Lzma {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded.compressed()
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, decoded_len: Len, scratch: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        let guess = encoded.len().saturating_mul(4);
        let mut decoded = scratch.fill(decoded_len, guess, |_, buffer| self.decompress(&encoded, buffer))?;
        if let Self::Raw(_, filters) = self {
            for filter in filters {
                // It leaves alone what is too short at the end to be an instruction.
                StreamFilter::new(filter).map_err(told)?.decode(&mut decoded);
            }
        }
        scratch.give(encoded);
        Ok(Cow::Owned(decoded))
    }
}

impl Lzma {
    /// Answers the length of what was compressed, or `None` if `decoded` is too short for it.
    fn decompress(&self, encoded: &[u8], decoded: &mut [u8]) -> Result<Option<usize>> {
        let mut rest = encoded;
        let (written, unread) = match self {
            Self::Xz => (read(&mut XzReader::new(&mut rest, true), decoded)?, rest.len()),
            Self::Alone => {
                check_alone(encoded)?;
                read_lzma1(LzmaReader::new_mem_limit(rest, u32::MAX, None).map_err(told)?, decoded)?
            }
            Self::Raw(Compressor::Lzma2 { dictionary_len }, _) => {
                (read(&mut Lzma2Reader::new(&mut rest, *dictionary_len, None), decoded)?, rest.len())
            }
            Self::Raw(Compressor::Lzma1 { literal_context, literal_position, position, dictionary_len }, _) => {
                let (lc, lp, pb) = (*literal_context, *literal_position, *position);
                let reader = LzmaReader::new(rest, UNKNOWN_SIZE, lc, lp, pb, *dictionary_len, None);
                read_lzma1(reader.map_err(told)?, decoded)?
            }
        };
        if written.is_some() && unread > 0 {
            return Err(Error::corrupt_chunk(format!("{unread} bytes follow the end of the stream, expected none")));
        }
        Ok(written)
    }
}

/// The first byte has three numbers, of which the first two say how large the tables are: XZ Utils allows no sum above 4, and
/// the tables of larger ones would be megabytes.
fn check_alone(encoded: &[u8]) -> Result<()> {
    let properties = encoded.first().copied().unwrap_or_default();
    match (properties % 9, properties / 9 % 5) {
        (context, position) if context + position > 4 => {
            Err(Error::corrupt_chunk(format!("lc and lp are {context} and {position}, expected at most 4 together")))
        }
        _ => Ok(()),
    }
}

/// Reads to the end and answers how many bytes there were, or `None` if `decoded` is too short for them.
fn read(reader: &mut impl Read, decoded: &mut [u8]) -> Result<Option<usize>> {
    let mut written = 0;
    while written < decoded.len() {
        let end = decoded.len().min(written + PIECE_LEN);
        match reader.read(&mut decoded[written..end]).map_err(told)? {
            0 => return Ok(Some(written)),
            len => written += len,
        }
    }
    // A checksum is only looked at on the way to the end.
    let more = reader.read(&mut [0]).map_err(told)?;
    Ok((more == 0).then_some(written))
}

/// The same, and how many bytes follow the end: this reader takes more than it needs.
fn read_lzma1(mut reader: LzmaReader<&[u8]>, decoded: &mut [u8]) -> Result<(Option<usize>, usize)> {
    reader.set_relaxed_end_condition(false);
    let written = read(&mut reader, decoded)?;
    let (rest, taken) = reader.into_parts();
    Ok((written, rest.len() + taken.len()))
}

fn told(error: std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::OutOfMemory => Error::out_of_memory(error.to_string()),
        ErrorKind::Unsupported => Error::unsupported(error.to_string()),
        _ => Error::corrupt_chunk(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;
    use serde_json::json;

    // 8 times "zarr" (`CODE`, where so named), written by Python's lzma module.
    const XZ: [u8; 72] = [
        0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0x00, 0x04, 0xe6, 0xd6, 0xb4, 0x46, 0x02, 0x00, 0x21, 0x01, 0x16, 0x00,
        0x00, 0x00, 0x74, 0x2f, 0xe5, 0xa3, 0xe0, 0x00, 0x1f, 0x00, 0x0a, 0x5d, 0x00, 0x3d, 0x18, 0x4a, 0xbe, 0xfc,
        0xaa, 0x8d, 0xf4, 0x00, 0x00, 0x00, 0x00, 0x00, 0xf5, 0x85, 0xa3, 0x57, 0xa1, 0x8a, 0xd6, 0x1a, 0x00, 0x01,
        0x26, 0x20, 0xc7, 0x16, 0x36, 0xd8, 0x1f, 0xb6, 0xf3, 0x7d, 0x01, 0x00, 0x00, 0x00, 0x00, 0x04, 0x59, 0x5a,
    ];
    const ALONE: [u8; 29] = [
        0x5d, 0x00, 0x00, 0x80, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x3d, 0x18, 0x4a, 0xbe,
        0xfc, 0xaa, 0xd4, 0x00, 0xef, 0xff, 0xff, 0xdf, 0x11, 0x00, 0x00,
    ];
    const LZMA1: [u8; 16] =
        [0x00, 0x3d, 0x18, 0x4a, 0xac, 0x00, 0x1e, 0xcf, 0x58, 0x19, 0x9f, 0xff, 0xfe, 0xa6, 0x60, 0x00];
    const LZMA2: [u8; 18] =
        [0xe0, 0x00, 0x1f, 0x00, 0x0a, 0x5d, 0x00, 0x3d, 0x18, 0x4a, 0xac, 0x00, 0x1e, 0xcc, 0x79, 0x00, 0x00, 0x00];

    /// A call and a jump of x86.
    const CODE: [u8; 12] = [0xe8, 0x10, 0, 0, 0, 0x90, 0xe9, 0x20, 0, 0, 0, 0x90];
    const CODE_DELTA: [u8; 29] = [
        0xe0, 0x00, 0x23, 0x00, 0x15, 0x5d, 0x00, 0x74, 0x03, 0xfc, 0x00, 0x01, 0x1d, 0x55, 0xf4, 0x47, 0xac, 0x9f,
        0xf9, 0x4a, 0xef, 0x98, 0xb8, 0x22, 0x6e, 0x7a, 0x30, 0x00, 0x00,
    ];
    const CODE_X86_DELTA: [u8; 40] = [
        0x00, 0x74, 0x05, 0x69, 0x5a, 0x42, 0x01, 0xf5, 0xcc, 0xaa, 0x96, 0x15, 0xe3, 0xec, 0x67, 0xe3, 0x59, 0xd6,
        0xcf, 0x38, 0xed, 0xc7, 0xe1, 0xa6, 0x0c, 0xa7, 0xe0, 0xe3, 0x27, 0x7c, 0x21, 0x82, 0xaf, 0x0d, 0xb2, 0xff,
        0xcc, 0x8e, 0x70, 0x00,
    ];

    const FILTER_LZMA1: u64 = 0x4000_0000_0000_0001;

    fn raw(filters: Value) -> Value {
        json!({"format": 3, "filters": filters})
    }

    fn decode(configuration: &Value, encoded: &[u8], len: Len) -> Result<Vec<u8>> {
        let codec = Lzma::new(&Configuration(configuration.as_object().unwrap()))?;
        Ok(codec.decode(Cow::Borrowed(encoded), len, &mut Scratch::default())?.into_owned())
    }

    fn formats() -> [(Value, &'static [u8]); 4] {
        [
            (json!({}), &XZ),
            (json!({"format": 2}), &ALONE),
            (raw(json!([{"id": FILTER_LZMA1, "preset": 1}])), &LZMA1),
            (raw(json!([{"id": 33, "preset": 1}])), &LZMA2),
        ]
    }

    #[test]
    fn every_format_decodes_to_a_known_length_or_within_a_bound() {
        for (configuration, encoded) in formats() {
            for len in [Len::Exact(32), Len::AtMost(32), Len::AtMost(1 << 20)] {
                assert_eq!(decode(&configuration, encoded, len).unwrap(), b"zarr".repeat(8), "{configuration}");
            }
        }
    }

    #[test]
    fn a_header_that_asks_for_large_tables_is_an_error() {
        // Three is the default of lc: with lp it is 4 and 5.
        let with = |lp: u8| [&[(2 * 5 + lp) * 9 + 3], &ALONE[1..]].concat();
        let error = decode(&json!({"format": 2}), &with(2), Len::Exact(32)).unwrap_err();
        assert_eq!(error.message(), "lc and lp are 3 and 2, expected at most 4 together");
        let message = decode(&json!({"format": 2}), &with(1), Len::Exact(32)).map_err(|error| error.to_string());
        assert!(!message.is_err_and(|message| message.contains("lc and lp")));
    }

    #[test]
    fn filters_are_undone_in_reverse() {
        let delta = raw(json!([{"id": 3, "dist": 4}, {"id": 33, "preset": 1}]));
        assert_eq!(decode(&delta, &CODE_DELTA, Len::Exact(36)).unwrap(), CODE.repeat(3));
        let lzma1 = json!({"id": FILTER_LZMA1, "lc": 1, "lp": 2, "pb": 0, "dict_size": 4096});
        let both = raw(json!([{"id": 4}, {"id": 3, "dist": 2}, lzma1]));
        assert_eq!(decode(&both, &CODE_X86_DELTA, Len::Exact(36)).unwrap(), CODE.repeat(3));
    }

    #[test]
    fn streams_of_xz_are_joined() {
        let twice = [&XZ[..], &[0; 4], &XZ].concat();
        assert_eq!(decode(&json!({"format": 1}), &twice, Len::Exact(64)).unwrap(), b"zarr".repeat(16));
    }

    #[test]
    fn a_length_that_is_not_the_expected_one_is_an_error() {
        for (configuration, encoded) in formats() {
            let message = |len| decode(&configuration, encoded, len).unwrap_err().message().to_owned();
            assert_eq!(message(Len::Exact(31)), "decodes to more than the expected 31 bytes");
            assert_eq!(message(Len::Exact(33)), "decoded to 32 bytes, expected 33");
            assert_eq!(message(Len::AtMost(31)), "decodes to more than the expected 31 bytes");
        }
    }

    #[test]
    fn a_stream_cut_anywhere_or_followed_by_something_is_an_error() {
        for (configuration, encoded) in formats() {
            for len in 0..encoded.len() {
                let cut = decode(&configuration, &encoded[..len], Len::Exact(32));
                assert_eq!(cut.unwrap_err().code(), ErrorCode::CorruptChunk, "{configuration}, {len} bytes");
            }
            let longer = [encoded, &[1, 2, 3]].concat();
            let error = decode(&configuration, &longer, Len::Exact(32)).unwrap_err();
            assert_eq!(error.code(), ErrorCode::CorruptChunk, "{configuration}");
        }
    }

    #[test]
    fn a_wrong_checksum_is_an_error() {
        for at in 44..52 {
            let mut encoded = XZ;
            encoded[at] ^= 1;
            assert!(decode(&json!({}), &encoded, Len::Exact(32)).is_err(), "byte {at}");
        }
    }

    #[test]
    fn formats_and_filters_that_are_not_known_are_refused() {
        let refused = |configuration| {
            let error = decode(&configuration, &[], Len::Exact(1)).unwrap_err();
            (error.code(), error.message().to_owned())
        };
        let unsupported = |message: &str| (ErrorCode::Unsupported, message.to_owned());
        let invalid = |message: &str| (ErrorCode::InvalidMetadata, message.to_owned());
        assert_eq!(
            refused(raw(json!([{"id": 99}, {"id": 33}]))),
            unsupported("filters: the filter with id 99 is not known")
        );
        assert_eq!(
            refused(raw(json!([{"id": 3}]))),
            unsupported("filters: the last filter has id 3, expected LZMA1 or LZMA2")
        );
        assert_eq!(
            refused(raw(json!([]))),
            invalid("filters: the list is empty, expected LZMA1 or LZMA2 as its last entry")
        );
        assert_eq!(refused(raw(json!(["x"]))), invalid("filters: \"x\" is no filter specification"));
        assert_eq!(refused(json!({"format": 3})), invalid("the configuration has no filters"));
        assert_eq!(refused(json!({"format": 0})), invalid("format is 0, expected 1 (XZ), 2 (alone) or 3 (raw)"));
        let distance = raw(json!([{"id": 3, "dist": 257}, {"id": 33}]));
        assert_eq!(refused(distance), invalid("filters: dist is 257, expected an integer from 1 to 256"));
        let start = raw(json!([{"id": 7, "start_offset": 2}, {"id": 33}]));
        assert_eq!(refused(start), invalid("filters: start_offset is 2, expected a multiple of 4"));
    }
}
