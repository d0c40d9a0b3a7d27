//! Gathered elements in the form of the output.

use half::f16;

use super::column::Form;
use super::reserve;
use crate::data_type::{DataType, Heap, Number, NumberType, REFERENCE_LEN};
use crate::error::{Error, Result};

/// Numbers that are converted at a time.
const BLOCK: usize = 256;

/// Turns `stored`, packed elements of which this column has `len` bytes each, into `output`. The two buffers change places
/// where nothing is to be done.
pub fn convert(form: &Form, len: usize, stored: &mut Vec<u8>, output: &mut Vec<u8>, heap: &mut Heap) -> Result<()> {
    match form {
        Form::Booleans => check_booleans(stored)?,
        Form::AsStored => {}
        Form::Numbers { from: DataType::Bool, to, round } => {
            check_booleans(stored)?;
            return numbers(stored, &DataType::Bool, to, *round, output);
        }
        Form::Numbers { from: DataType::Float16, to: DataType::Float32, .. } => return widen(stored, output),
        Form::Numbers { from, to, round } => return numbers(stored, from, to, *round, output),
        Form::TextOfBytes => return texts(stored, len, output, heap, utf8),
        Form::TextOfCodePoints => return texts(stored, len, output, heap, code_points),
    }
    std::mem::swap(stored, output);
    Ok(())
}

/// Bytes other than 0 and 1 have no defined meaning.
pub fn check_booleans(stored: &[u8]) -> Result<()> {
    match stored.iter().find(|byte| **byte > 1) {
        None => Ok(()),
        Some(byte) => Err(Error::corrupt_chunk(format!("a bool is stored as {byte}, expected 0 or 1"))),
    }
}

/// float16 → float32, which holds every value of it.
fn widen(halves: &[u8], floats: &mut Vec<u8>) -> Result<()> {
    floats.clear();
    reserve(floats, 2 * halves.len())?;
    for half in halves.as_chunks::<2>().0 {
        floats.extend_from_slice(&f16::from_le_bytes(*half).to_f32().to_le_bytes());
    }
    Ok(())
}

/// Numbers of one type as those of another. Types that float64 holds go through it, block by block; the others one by
/// one.
fn numbers(stored: &[u8], from: &DataType, to: &DataType, round: bool, output: &mut Vec<u8>) -> Result<()> {
    let (from, to) = (NumberType::new(from)?, NumberType::new(to)?);
    let count = stored.len() / from.item_len();
    output.clear();
    reserve(output, count * to.item_len())?;
    output.resize(count * to.item_len(), 0);
    let misfit = |number: Number| {
        let remedy = if !round && fit(number, &to, true).is_some() { "; it can be had rounded" } else { "" };
        Error::conversion(format!("as: {number} is no value of {}{remedy}", to.data_type))
    };
    if let (Some(read), Some(write)) = (block_reader(&from.data_type), block_writer(&to.data_type, from.is_float())) {
        let mut block = [0.0; BLOCK];
        let sources = stored.chunks(BLOCK * from.item_len());
        for (source, target) in sources.zip(output.chunks_mut(BLOCK * to.item_len())) {
            let count = source.len() / from.item_len();
            read(source, &mut block[..count]);
            if let Some(at) = write(&block[..count], round, target) {
                return Err(misfit((from.read)(&source[at * from.item_len()..][..from.item_len()])));
            }
        }
        return Ok(());
    }
    for (source, target) in stored.chunks_exact(from.item_len()).zip(output.chunks_exact_mut(to.item_len())) {
        let number = (from.read)(source);
        let fitting = fit(number, &to, round).ok_or_else(|| misfit(number))?;
        (to.write)(fitting, target);
    }
    Ok(())
}

/// The number that stands for this one in a type, if there is one.
fn fit(number: Number, to: &NumberType, round: bool) -> Option<Number> {
    match (number, to.data_type.integer_range()) {
        (Number::Integer(value), Some((low, high))) => (low..=high).contains(&value).then_some(number),
        (Number::Float(value), Some((low, high))) => {
            let whole = if round { value.round_ties_even() } else { value };
            let value = (whole.fract() == 0.0).then_some(whole as i128)?;
            (low..=high).contains(&value).then_some(Number::Integer(value))
        }
        (Number::Integer(value), None) => {
            let rounded = if to.data_type == DataType::Float32 { f64::from(value as f32) } else { value as f64 };
            (round || rounded as i128 == value).then_some(Number::Float(rounded))
        }
        (Number::Float(value), None) => {
            let overflows = value.is_finite() && to.rounding()(value).is_infinite();
            (round || !overflows).then_some(number)
        }
    }
}

type ReadBlock = fn(&[u8], &mut [f64]);
/// Answers the position of the first number that does not fit.
type WriteBlock = fn(&[f64], bool, &mut [u8]) -> Option<usize>;

/// Reads numbers of a type whose values float64 holds.
fn block_reader(data_type: &DataType) -> Option<ReadBlock> {
    macro_rules! reader {
        ($type:ty) => {
            Some(|bytes, numbers| {
                for (bytes, number) in bytes.as_chunks().0.iter().zip(numbers) {
                    *number = <$type>::from_le_bytes(*bytes).into();
                }
            })
        };
    }
    match data_type {
        DataType::Int8 => reader!(i8),
        DataType::Int16 => reader!(i16),
        DataType::Int32 => reader!(i32),
        DataType::UInt8 => reader!(u8),
        DataType::UInt16 => reader!(u16),
        DataType::UInt32 => reader!(u32),
        DataType::Float32 => reader!(f32),
        DataType::Float64 => reader!(f64),
        _ => None,
    }
}

/// Writes numbers to a type; from floats to float32 they are rounded in any case, as long as they lie within it.
fn block_writer(data_type: &DataType, from_floats: bool) -> Option<WriteBlock> {
    macro_rules! integer_writer {
        ($type:ty) => {
            Some(|numbers, round, bytes| {
                let mut misfit = None;
                for (at, (number, bytes)) in numbers.iter().zip(bytes.as_chunks_mut().0).enumerate() {
                    let whole = if round { number.round_ties_even() } else { *number };
                    let value = whole as $type;
                    if f64::from(value) != whole && misfit.is_none() {
                        misfit = Some(at);
                    }
                    *bytes = value.to_le_bytes();
                }
                misfit
            })
        };
    }
    macro_rules! float32_writer {
        ($is_misfit:expr) => {
            Some(|numbers, round, bytes| {
                let mut misfit = None;
                for (at, (number, bytes)) in numbers.iter().zip(bytes.as_chunks_mut().0).enumerate() {
                    let value = *number as f32;
                    if !round && $is_misfit(*number, value) && misfit.is_none() {
                        misfit = Some(at);
                    }
                    *bytes = value.to_le_bytes();
                }
                misfit
            })
        };
    }
    match data_type {
        DataType::Int8 => integer_writer!(i8),
        DataType::Int16 => integer_writer!(i16),
        DataType::Int32 => integer_writer!(i32),
        DataType::UInt8 => integer_writer!(u8),
        DataType::UInt16 => integer_writer!(u16),
        DataType::UInt32 => integer_writer!(u32),
        DataType::Float32 if from_floats => {
            float32_writer!(|number: f64, value: f32| number.is_finite() && value.is_infinite())
        }
        DataType::Float32 => float32_writer!(|number: f64, value: f32| f64::from(value) != number),
        DataType::Float64 => Some(|numbers, _, bytes| {
            for (number, bytes) in numbers.iter().zip(bytes.as_chunks_mut().0) {
                *bytes = number.to_le_bytes();
            }
            None
        }),
        _ => None,
    }
}

/// Elements of `len` bytes as texts, without the NULs at the end.
fn texts(
    stored: &[u8],
    len: usize,
    references: &mut Vec<u8>,
    heap: &mut Heap,
    decode: impl Fn(&[u8], &mut Vec<u8>) -> Result<()>,
) -> Result<()> {
    references.clear();
    reserve(references, stored.len() / len * REFERENCE_LEN)?;
    let mut text = Vec::new();
    for element in stored.chunks_exact(len) {
        let end = element.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        text.clear();
        decode(&element[..end], &mut text)?;
        references.extend_from_slice(&heap.push(&text)?.0);
    }
    Ok(())
}

fn utf8(bytes: &[u8], text: &mut Vec<u8>) -> Result<()> {
    if std::str::from_utf8(bytes).is_err() {
        let shown = bytes.escape_ascii();
        return Err(Error::conversion(format!("the bytes \"{shown}\" are no UTF-8; they can be had as \"bytes\"")));
    }
    text.extend_from_slice(bytes);
    Ok(())
}

/// Code points of 4 bytes, the last perhaps without its upper zeros, in UTF-8.
fn code_points(bytes: &[u8], text: &mut Vec<u8>) -> Result<()> {
    for code_point in bytes.chunks(4) {
        let code_point = code_point.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte));
        let character = char::from_u32(code_point)
            .ok_or_else(|| Error::corrupt_chunk(format!("the code point {code_point:#x} is no character")))?;
        text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::{Reference, SmallFloat};
    use crate::error::ErrorCode;

    fn converted(form: Form, len: usize, stored: &[u8]) -> Result<Vec<u8>> {
        let mut output = vec![7];
        convert(&form, len, &mut stored.to_vec(), &mut output, &mut Heap::default())?;
        Ok(output)
    }

    fn cast(from: DataType, to: DataType, round: bool, stored: &[u8]) -> Result<Vec<u8>> {
        let len = from.item_len();
        converted(Form::Numbers { from, to, round }, len, stored)
    }

    macro_rules! bytes {
        ($type:ident: $($value:expr),*) => { [$($type::to_le_bytes($value)),*].concat() };
    }

    #[test]
    fn small_numbers_are_widened() {
        assert_eq!(cast(DataType::Int4, DataType::Int8, false, &[0x1f, 0xf7]).unwrap(), [255, 7]);
        let floats = cast(DataType::Float16, DataType::Float32, false, &[0, 0x3c, 0, 0xc0]).unwrap();
        assert_eq!(floats, bytes![f32: 1.0, -2.0]);
        let float8 = DataType::SmallFloat(SmallFloat::Float8E4M3);
        assert_eq!(cast(float8, DataType::Float32, false, &[0x38, 0x78]).unwrap(), bytes![f32: 1.0, f32::INFINITY]);
    }

    #[test]
    fn numbers_that_fit_are_converted_exactly() {
        let integers = bytes![i64: 1 << 53, -3];
        assert_eq!(
            cast(DataType::Int64, DataType::Float64, false, &integers).unwrap(),
            bytes![f64: 9007199254740992.0, -3.0]
        );
        assert_eq!(cast(DataType::Float64, DataType::UInt8, false, &bytes![f64: 255.0, -0.0]).unwrap(), [255, 0]);
        assert_eq!(cast(DataType::Int16, DataType::Float32, false, &bytes![i16: -300]).unwrap(), bytes![f32: -300.0]);
        assert_eq!(cast(DataType::Float64, DataType::Float32, false, &bytes![f64: 0.1]).unwrap(), bytes![f32: 0.1]);
        assert_eq!(
            cast(DataType::Float32, DataType::Int64, false, &bytes![f32: 1e10]).unwrap(),
            bytes![i64: 10_000_000_000]
        );
        assert_eq!(cast(DataType::Bool, DataType::Float64, false, &[1]).unwrap(), bytes![f64: 1.0]);
    }

    #[test]
    fn numbers_that_do_not_fit_are_an_error_or_rounded() {
        for (from, to, stored, rounded) in [
            (DataType::Int64, DataType::Float64, bytes![i64: (1 << 53) + 1], Some(bytes![f64: 9007199254740992.0])),
            (DataType::UInt64, DataType::Float32, bytes![u64: u64::MAX], Some(bytes![f32: 18446744073709551616.0])),
            (DataType::Int32, DataType::Float32, bytes![i32: (1 << 24) + 1], Some(bytes![f32: 16777216.0])),
            (DataType::Float64, DataType::Float32, bytes![f64: 1e300], Some(bytes![f32: f32::INFINITY])),
            (DataType::Float64, DataType::Int16, bytes![f64: 2.5], Some(bytes![i16: 2])),
            (DataType::Float16, DataType::Int8, vec![0x00, 0x41], Some(vec![2])),
            (DataType::Float32, DataType::Int64, bytes![f32: f32::NAN], None),
            (DataType::Float64, DataType::Int8, bytes![f64: f64::NAN], None),
            (DataType::Float64, DataType::Int8, bytes![f64: f64::INFINITY], None),
            (DataType::Int16, DataType::UInt8, bytes![i16: 256], None),
            (DataType::UInt64, DataType::Int64, bytes![u64: 1 << 63], None),
        ] {
            let error = cast(from.clone(), to.clone(), false, &stored).unwrap_err();
            assert_eq!(error.code(), ErrorCode::Conversion, "{from} to {to}");
            match (cast(from.clone(), to.clone(), true, &stored), rounded) {
                (Ok(found), Some(rounded)) => assert_eq!(found, rounded, "{from} to {to}"),
                (Err(error), None) => assert_eq!(error.code(), ErrorCode::Conversion),
                (found, _) => panic!("{from} to {to}: {found:?}"),
            }
        }
        let many: Vec<u8> = (0..1000).flat_map(|at| i32::to_le_bytes(if at == 700 { 99_999 } else { at })).collect();
        let error = cast(DataType::Int32, DataType::Int16, false, &many).unwrap_err();
        assert_eq!(error.message(), "as: 99999 is no value of int16");
        let error = cast(DataType::Float64, DataType::Int16, false, &bytes![f64: 2.5]).unwrap_err();
        assert_eq!(error.message(), "as: 2.5 is no value of int16; it can be had rounded");
    }

    #[test]
    fn texts_end_before_their_padding() {
        let mut heap = Heap::default();
        let mut output = Vec::new();
        convert(&Form::TextOfBytes, 4, &mut b"a\0b\0\0\0\0\0\xc3\xa9\0\0".to_vec(), &mut output, &mut heap).unwrap();
        let texts = |output: &[u8], heap: &Heap| {
            let references = output.as_chunks().0.iter();
            references.map(|reference| heap.get(Reference(*reference)).unwrap().to_vec()).collect::<Vec<_>>()
        };
        assert_eq!(texts(&output, &heap), [&b"a\0b"[..], b"", "é".as_bytes()]);
        let mut wide = [0x1f642u32, 0, 0x100, 0].iter().flat_map(|c| c.to_le_bytes()).collect::<Vec<_>>();
        convert(&Form::TextOfCodePoints, 8, &mut wide, &mut output, &mut heap).unwrap();
        assert_eq!(texts(&output, &heap), ["🙂".as_bytes(), "Ā".as_bytes()]);
    }

    #[test]
    fn what_is_no_text_and_no_boolean_is_an_error() {
        let error = converted(Form::TextOfBytes, 2, b"\xe9a").unwrap_err();
        let message = "the bytes \"\\xe9a\" are no UTF-8; they can be had as \"bytes\"";
        assert_eq!((error.code(), error.message()), (ErrorCode::Conversion, message));
        let error = converted(Form::TextOfCodePoints, 4, &bytes![u32: 0xd800]).unwrap_err();
        assert_eq!((error.code(), error.message()), (ErrorCode::CorruptChunk, "the code point 0xd800 is no character"));
        assert_eq!(converted(Form::Booleans, 1, &[0, 2]).unwrap_err().code(), ErrorCode::CorruptChunk);
        assert_eq!(converted(Form::Booleans, 1, &[0, 1]).unwrap(), [0, 1]);
        assert_eq!(cast(DataType::Bool, DataType::Int8, true, &[0, 2]).unwrap_err().code(), ErrorCode::CorruptChunk);
    }
}
