//! What `json2` and `msgpack2` have in common: a chunk as a list in a list in a list.
//!
//! Both store the elements of a chunk in nested lists, one level for each dimension; behind the outermost list's items
//! stand NumPy's type and the chunk's shape. Of a chunk without dimensions that is its only element, the type, and `[]`.
//! The elements lie in logical order, in Zarr v2 also where the order of the array is F.
//!
//! All is read in MessagePack, from front to end and without a tree of values: that would be many times as large as the
//! bytes. An element is found by walking over it, which checks it as well.

use serde_json::Value;

use crate::codec::{ChunkSpec, Scratch};
use crate::data_type::{DataType, parse_fill_value_v2};
use crate::error::{Error, Result};
use crate::json::Text;

/// Bytes of an encoded chunk.
pub const MAX_ENCODED_LEN: usize = 1 << 24;

/// Values within each other; JSON is not read any deeper.
const MAX_DEPTH: usize = 128;

/// Refuses elements that are stored in another way: of the types of variable length only objects.
pub fn check_type(decoded: &ChunkSpec) -> Result<()> {
    match &decoded.data_type {
        DataType::Object => Ok(()),
        other if other.is_variable() => Err(Error::unsupported(format!("elements of type {other}"))),
        _ => Ok(()),
    }
}

/// Decodes the elements of a chunk in MessagePack; with `raw`, what is written as text are bytes.
pub fn decode(packed: &[u8], raw: bool, decoded: &ChunkSpec, scratch: &mut Scratch) -> Result<Vec<u8>> {
    let mut reader = Reader { rest: packed, raw, walked: Vec::new() };
    let first = decoded.shape.first().copied().unwrap_or(1);
    let Kind::List(count) = reader.header()? else { return Err(Error::corrupt_chunk("no list")) };
    let items = u64::from(count).checked_sub(2);
    let items = items.ok_or_else(|| Error::corrupt_chunk("a list without the type and shape at its end"))?;
    check_count(items, first)?;
    // Each element takes a byte at least, so that no more room is made than can be filled.
    let elements = decoded.element_count()?;
    if elements > packed.len() as u64 {
        return Err(Error::corrupt_chunk(format!("{} bytes for {elements} elements", packed.len())));
    }
    let mut bytes = scratch.take(decoded.byte_len()?)?;
    let mut targets = bytes.chunks_exact_mut(decoded.data_type.item_len());
    let mut put = |element: &[u8]| {
        match (targets.next(), &decoded.data_type) {
            (None, _) => {}
            (Some(target), DataType::Object) => target.copy_from_slice(&scratch.heap.push(element)?.0),
            (Some(target), data_type) => target.copy_from_slice(&of_fixed_length(element, data_type)?),
        }
        Ok(())
    };
    for _ in 0..first {
        reader.elements(decoded.shape.get(1..).unwrap_or_default(), &mut put)?;
    }
    // The type, and the shape.
    reader.next()?;
    let shape = of_few_bytes(reader.next()?, decoded.shape.len())?;
    if shape != Value::from(decoded.shape.as_slice()) {
        return Err(Error::corrupt_chunk(format!(
            "a chunk of shape {shape}, expected {:?}",
            decoded.shape,
            shape = Text(&shape)
        )));
    }
    match reader.rest.len() {
        0 => Ok(bytes),
        surplus => Err(Error::corrupt_chunk(format!("{surplus} bytes after the end"))),
    }
}

fn check_count(found: u64, expected: u64) -> Result<()> {
    match found == expected {
        true => Ok(()),
        false => Err(Error::corrupt_chunk(format!("a list of {found} items, expected {expected}"))),
    }
}

/// What a value is, by its first bytes.
enum Kind {
    /// A number of this many bytes, or what the marker alone says.
    Plain(usize),
    Text(u32),
    Bytes(u32),
    List(u32),
    Map(u32),
}

/// Walks over values, front to end.
struct Reader<'a> {
    rest: &'a [u8],
    raw: bool,
    /// The value that was walked over last, as it is handed on.
    walked: Vec<u8>,
}

impl<'a> Reader<'a> {
    /// The elements of lists of lists, in order.
    fn elements(&mut self, shape: &[u64], put: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let Some((&count, inner_shape)) = shape.split_first() else { return put(self.next()?) };
        let Kind::List(found) = self.header()? else {
            return Err(Error::corrupt_chunk("an element where a list is expected"));
        };
        check_count(found.into(), count)?;
        (0..count).try_for_each(|_| self.elements(inner_shape, put))
    }

    /// The next value, once it is checked.
    fn next(&mut self) -> Result<&[u8]> {
        self.walked.clear();
        self.walk(MAX_DEPTH)?;
        Ok(&self.walked)
    }

    fn walk(&mut self, depth: usize) -> Result<()> {
        let start = self.rest;
        let kind = self.header()?;
        let header = &start[..start.len() - self.rest.len()];
        let (payload, items) = match kind {
            Kind::Plain(len) => (self.take(len)?, 0),
            Kind::Text(len) | Kind::Bytes(len) => (self.take(len as usize)?, 0),
            Kind::List(count) => (&[][..], u64::from(count)),
            Kind::Map(count) => (&[][..], 2 * u64::from(count)),
        };
        match kind {
            Kind::Text(len) if self.raw => self.walked.extend(bytes_header(len)),
            Kind::Text(_) if std::str::from_utf8(payload).is_err() => {
                return Err(Error::corrupt_chunk("a text that is not UTF-8"));
            }
            _ => self.walked.extend_from_slice(header),
        }
        self.walked.extend_from_slice(payload);
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Error::unsupported(format!("an element of values more than {MAX_DEPTH} deep")));
        };
        // However many there are said to be, there is a byte for each, or an end.
        (0..items).try_for_each(|_| self.walk(depth))
    }

    fn header(&mut self) -> Result<Kind> {
        let marker = self.take(1)?[0];
        let low = u32::from(marker);
        Ok(match marker {
            0x00..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => Kind::Plain(0),
            0x80..=0x8f => Kind::Map(low & 0x0f),
            0x90..=0x9f => Kind::List(low & 0x0f),
            0xa0..=0xbf => Kind::Text(low & 0x1f),
            0xc4..=0xc6 => Kind::Bytes(self.length(1 << (marker - 0xc4))?),
            0xca | 0xcb => Kind::Plain(4 << (marker - 0xca)),
            0xcc..=0xcf => Kind::Plain(1 << (marker - 0xcc)),
            0xd0..=0xd3 => Kind::Plain(1 << (marker - 0xd0)),
            0xd9..=0xdb => Kind::Text(self.length(1 << (marker - 0xd9))?),
            0xdc | 0xdd => Kind::List(self.length(2 << (marker - 0xdc))?),
            0xde | 0xdf => Kind::Map(self.length(2 << (marker - 0xde))?),
            0xc7..=0xc9 | 0xd4..=0xd8 => return Err(Error::unsupported("a MessagePack extension type")),
            0xc1 => return Err(Error::corrupt_chunk("the byte 0xc1, which begins no value")),
        })
    }

    fn length(&mut self, len: usize) -> Result<u32> {
        Ok(self.take(len)?.iter().fold(0, |length, byte| length << 8 | u32::from(*byte)))
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8]> {
        let ends = || Error::corrupt_chunk(format!("the values end early: {len} bytes where they go on"));
        let (taken, rest) = self.rest.split_at_checked(len).ok_or_else(ends)?;
        self.rest = rest;
        Ok(taken)
    }
}

fn bytes_header(len: u32) -> Vec<u8> {
    match len {
        ..0x100 => vec![0xc4, len as u8],
        0x100..0x1_0000 => [&[0xc5][..], &(len as u16).to_be_bytes()].concat(),
        _ => [&[0xc6][..], &len.to_be_bytes()].concat(),
    }
}

/// An element of a type that is none of objects, written as a fill value is.
fn of_fixed_length(element: &[u8], data_type: &DataType) -> Result<Vec<u8>> {
    let value = of_few_bytes(element, data_type.item_len())?;
    let bytes = parse_fill_value_v2(&value, data_type).ok().flatten();
    bytes.ok_or_else(|| {
        Error::corrupt_chunk(format!("the element {value} is no value of {data_type}", value = Text(&value)))
    })
}

/// A value that was walked over: a list of so many numbers is the longest that it can be.
fn of_few_bytes(packed: &[u8], numbers: usize) -> Result<Value> {
    if packed.len() > 64 + 9 * numbers {
        return Err(Error::corrupt_chunk(format!("a value of {} bytes for {numbers} numbers", packed.len())));
    }
    json_of(&mut Reader { rest: packed, raw: false, walked: Vec::new() })
}

fn json_of(reader: &mut Reader) -> Result<Value> {
    let marker = reader.rest.first().copied().unwrap_or_default();
    Ok(match reader.header()? {
        Kind::Plain(len) => plain(marker, reader.take(len)?),
        Kind::Text(len) => String::from_utf8_lossy(reader.take(len as usize)?).into(),
        Kind::Bytes(len) => reader.take(len as usize)?.into(),
        Kind::List(count) => (0..count).map(|_| json_of(reader)).collect::<Result<_>>()?,
        Kind::Map(_) => return Err(Error::corrupt_chunk("a map where a number, text or list is expected")),
    })
}

fn plain(marker: u8, payload: &[u8]) -> Value {
    let unsigned = payload.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let unused_bits = 64 - 8 * payload.len().max(1) as u32;
    match marker {
        0xc0 => Value::Null,
        0xc2 | 0xc3 => (marker == 0xc3).into(),
        0xca => float(f32::from_bits(unsigned as u32).into()),
        0xcb => float(f64::from_bits(unsigned)),
        0xcc..=0xcf => unsigned.into(),
        0xd0..=0xd3 => ((unsigned << unused_bits) as i64 >> unused_bits).into(),
        fixed => (fixed as i8).into(),
    }
}

/// A float as fill values are written.
fn float(number: f64) -> Value {
    match number {
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        number if number.is_nan() => "NaN".into(),
        number => number.into(),
    }
}
