//! Values across the boundary: metadata to JavaScript, selections from it.

use js_sys::{Array as JsArray, BigInt, Float64Array, Object, Reflect, Uint8Array};
use serde_json::{Map, Value};
use wasm_bindgen::prelude::*;

use super::error::describe;
use crate::data_type::{DataType, NumberType};
use crate::error::{Error, Result};
use crate::json::Text;
use crate::metadata::{ArrayMetadata, GroupMetadata};
use crate::read::Array;
use crate::scatter::{Column, Holder};
use crate::selection::{Coordinates, Entry, Slice};
use crate::store::Store;

/// What a slice may have.
const SLICE_MEMBERS: [&str; 3] = ["start", "stop", "step"];

/// Integers beyond this are `bigint`s in JavaScript.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

pub fn array_info<S: Store>(array: &Array<S>) -> Result<JsValue> {
    let metadata = array.metadata();
    let names = metadata.dimension_names.as_ref().map_or(JsValue::NULL, |names| {
        let names = names.iter().map(|name| name.as_deref().map_or(JsValue::NULL, JsValue::from_str));
        names.collect::<JsArray>().into()
    });
    let codecs = JsArray::new();
    for codec in &metadata.codecs {
        let configuration = json_object(&codec.configuration);
        codecs.push(&object(&[("name", JsValue::from_str(&codec.name)), ("configuration", configuration)])?);
    }
    let fill_value = metadata.fill_value.as_ref();
    object(&[
        ("path", JsValue::from_str(&format!("/{}", array.path()))),
        ("zarrFormat", metadata.zarr_format.into()),
        ("shape", extents(&metadata.shape)?),
        ("chunks", array.read_chunk_shape().map_or(Ok(JsValue::NULL), |shape| extents(&shape))?),
        ("shards", array.shard_shape().map_or(Ok(JsValue::NULL), |shape| extents(&shape))?),
        ("chunkEdges", chunk_edges(metadata)?),
        ("dtype", JsValue::from_str(&metadata.data_type.to_string())),
        ("fields", fields(&metadata.data_type)?),
        ("fillValue", fill_value.map_or(Ok(JsValue::NULL), |bytes| element(bytes, &metadata.data_type))?),
        ("codecs", codecs.into()),
        ("dimensionNames", names),
        ("attrs", json_object(&metadata.attributes)),
    ])
}

/// Of a grid whose chunks differ in shape: for each axis pairs of a length and how many chunks have it.
fn chunk_edges(metadata: &ArrayMetadata) -> Result<JsValue> {
    let ArrayMetadata { chunk_grid, shape, .. } = metadata;
    if chunk_grid.chunk_shape().is_some() {
        return Ok(JsValue::NULL);
    }
    let axes = JsArray::new();
    for (axis, &extent) in shape.iter().enumerate() {
        let runs = JsArray::new();
        for (len, count) in chunk_grid.edges(axis, extent) {
            runs.push(&extents(&[len, count])?);
        }
        axes.push(&runs);
    }
    Ok(axes.into())
}

pub fn group_info(path: &str, metadata: &GroupMetadata) -> Result<JsValue> {
    object(&[
        ("path", JsValue::from_str(&format!("/{path}"))),
        ("zarrFormat", metadata.zarr_format.into()),
        ("attrs", json_object(&metadata.attributes)),
    ])
}

pub fn children(children: &[(&str, bool)]) -> Result<JsValue> {
    let list = JsArray::new();
    for (path, is_array) in children {
        let kind = if *is_array { "array" } else { "group" };
        list.push(&object(&[("path", JsValue::from_str(path)), ("kind", JsValue::from_str(kind))])?);
    }
    Ok(list.into())
}

/// A selection: a list of integers, slices, `null`, `"..."`, `{ indices }` and `{ mask }`, or nothing for the whole array.
pub fn entries(selection: &JsValue) -> Result<Vec<Entry>> {
    if selection.is_null() || selection.is_undefined() {
        return Ok(Vec::new());
    }
    let list = selection.dyn_ref::<JsArray>().ok_or_else(|| {
        Error::invalid_selection(format!(
            "the selection is {}, expected a list, with an entry for each dimension, or null",
            describe(selection)
        ))
    })?;
    let mut entries = Vec::new();
    for (at, value) in list.iter().enumerate() {
        entries.push(entry(at, &value)?);
    }
    Ok(entries)
}

fn entry(at: usize, value: &JsValue) -> Result<Entry> {
    if value.is_null() {
        return Ok(Entry::All);
    }
    if let Some(text) = value.as_string() {
        return match text.as_str() {
            "..." => Ok(Entry::Ellipsis),
            _ => Err(Error::invalid_selection(format!("entry {at} is {text:?}, the only text allowed is \"...\""))),
        };
    }
    if value.is_object() && !JsArray::is_array(value) {
        let bound = |name: &str| {
            let bound = Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED);
            let absent = bound.is_null() || bound.is_undefined();
            if absent { Ok(None) } else { integer(&bound, &format!("entry {at}: {name}")).map(Some) }
        };
        if let Some(indices) = indices(value, &format!("entry {at}"))? {
            return Ok(Entry::Indices(indices));
        }
        if let Some(mask) = member::<Uint8Array>(value, "mask") {
            return Ok(Entry::Mask(mask.to_vec().into_iter().map(|item| item != 0).collect()));
        }
        let members = Object::keys(value.unchecked_ref::<Object>());
        if let Some(unknown) = members.iter().find(|name| !SLICE_MEMBERS.iter().any(|known| *name == *known)) {
            let message = format!("entry {at} has a member {}, a slice has start, stop and step", describe(&unknown));
            return Err(Error::invalid_selection(message));
        }
        let known = Reflect::has(value, &JsValue::from_str("start")).unwrap_or(false);
        if known {
            return Ok(Entry::Slice(Slice { start: bound("start")?, stop: bound("stop")?, step: bound("step")? }));
        }
    }
    if JsArray::is_array(value) {
        let message =
            format!("entry {at} is a list: only orthogonal and vectorized selections (oindex, vindex) have them");
        return Err(Error::invalid_selection(message));
    }
    if value.as_f64().is_none() && !value.is_bigint() {
        let message = format!("entry {at} is {}, expected an integer, a slice, null or \"...\"", describe(value));
        return Err(Error::invalid_selection(message));
    }
    integer(value, &format!("entry {at}")).map(Entry::Index)
}

/// The coordinates of points: a list of `{ indices, shape }`.
pub fn coordinates(list: &JsValue) -> Result<Vec<Coordinates>> {
    let list = list.dyn_ref::<JsArray>().ok_or_else(|| Error::invalid_selection("the coordinates are no list"))?;
    let mut coordinates = Vec::new();
    for (axis, value) in list.iter().enumerate() {
        let what = format!("coordinate array {axis}");
        let indices = indices(&value, &what)?
            .ok_or_else(|| Error::invalid_selection(format!("{what} is a mask, expected indices")))?;
        let extents = member::<JsArray>(&value, "shape").unwrap_or_default();
        let extents: Vec<f64> = extents.iter().map(|extent| extent.as_f64().unwrap_or(f64::NAN)).collect();
        coordinates.push(Coordinates { indices, shape: shape(&extents)? });
    }
    Ok(coordinates)
}

/// Extents that JavaScript gave.
pub fn shape(extents: &[f64]) -> Result<Vec<u64>> {
    let each = extents.iter().map(|extent| exact(*extent).and_then(|extent| u64::try_from(extent).ok()));
    each.collect::<Option<_>>()
        .ok_or_else(|| Error::invalid_selection(format!("{} is no shape", Text(&extents.into()))))
}

/// The member `indices` of an object, if it has one.
fn indices(object: &JsValue, what: &str) -> Result<Option<Vec<i64>>> {
    let Some(numbers) = member::<Float64Array>(object, "indices") else { return Ok(None) };
    let numbers = numbers.to_vec();
    let mut indices = Vec::with_capacity(numbers.len());
    for number in numbers {
        let refused = || not_an_integer(&format!("{what}: an index"), &JsValue::from_f64(number));
        indices.push(exact(number).ok_or_else(refused)?);
    }
    Ok(Some(indices))
}

fn member<T: JsCast>(object: &JsValue, name: &str) -> Option<T> {
    Reflect::get(object, &JsValue::from_str(name)).ok()?.dyn_into().ok()
}

/// The member of this name, if it is a number.
pub fn number(object: &JsValue, name: &str) -> Option<f64> {
    Reflect::get(object, &JsValue::from_str(name)).ok()?.as_f64()
}

/// An integer that a double holds without rounding.
fn exact(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= MAX_SAFE_INTEGER as f64).then_some(number as i64)
}

/// A number without a fraction, or a bigint.
fn integer(value: &JsValue, what: &str) -> Result<i64> {
    if let Some(number) = value.as_f64() {
        return exact(number).ok_or_else(|| not_an_integer(what, value));
    }
    i64::try_from(value.clone()).map_err(|_| not_an_integer(what, value))
}

fn not_an_integer(what: &str, found: &JsValue) -> Error {
    Error::invalid_selection(format!("{what} is {}, expected an integer", describe(found)))
}

/// Extents as numbers. JavaScript cannot count further than 2⁵³ − 1, and neither can its users index.
fn extents(shape: &[u64]) -> Result<JsValue> {
    let extents = JsArray::new();
    for &extent in shape {
        if extent > MAX_SAFE_INTEGER {
            return Err(Error::unsupported(format!("the extent {extent} is beyond 2^53 - 1")));
        }
        extents.push(&JsValue::from_f64(extent as f64));
    }
    Ok(extents.into())
}

/// The columns of a result: `path`, and `array` and `perElement` or `values`.
pub fn columns(columns: &[Column]) -> Result<JsValue> {
    let infos = JsArray::new();
    for column in columns {
        let path = column.path.iter().map(|name| JsValue::from_str(name)).collect::<JsArray>();
        let info = match column.holder {
            Holder::Numbers { array, per_element } => object(&[
                ("path", path.into()),
                ("array", JsValue::from_str(array)),
                ("perElement", JsValue::from_f64(per_element as f64)),
            ]),
            Holder::Values(values) => object(&[("path", path.into()), ("values", JsValue::from_str(values))]),
        };
        infos.push(&info?);
    }
    Ok(infos.into())
}

/// One element as JavaScript sees it: 64-bit integers and times as `bigint`, complex numbers as a pair, records as an
/// object. Objects stay in MessagePack.
fn element(bytes: &[u8], data_type: &DataType) -> Result<JsValue> {
    let part = |index: usize| &bytes[index * data_type.component_len()..][..data_type.component_len()];
    let pair = |half: &DataType| -> Result<JsValue> {
        Ok(JsArray::of2(&element(part(0), half)?, &element(part(1), half)?).into())
    };
    let word = || i64::from_le_bytes(bytes.first_chunk().copied().unwrap_or_default());
    Ok(match data_type {
        DataType::Bool => JsValue::from_bool(bytes != [0]),
        DataType::Int64 | DataType::DateTime64(_) | DataType::TimeDelta64(_) => BigInt::from(word()).into(),
        DataType::UInt64 => BigInt::from(word() as u64).into(),
        DataType::Complex64 => pair(&DataType::Float32)?,
        DataType::Complex128 => pair(&DataType::Float64)?,
        DataType::ComplexSmall(small) => pair(&DataType::SmallFloat(*small))?,
        DataType::Text | DataType::FixedBytes(_) => {
            let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            let text = if *data_type == DataType::Text { bytes } else { &bytes[..end] };
            std::str::from_utf8(text).map_or_else(|_| Uint8Array::from(text).into(), JsValue::from_str)
        }
        DataType::FixedText(_) => {
            let code_points = bytes.as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes));
            let text: String = code_points.map(|code_point| char::from_u32(code_point).unwrap_or('\u{fffd}')).collect();
            JsValue::from_str(text.trim_end_matches('\0'))
        }
        DataType::Raw(_) | DataType::Bytes | DataType::Object => Uint8Array::from(bytes).into(),
        DataType::List(_) => JsArray::new().into(),
        DataType::Struct(fields) => {
            let mut rest = bytes;
            let entries = JsArray::new();
            for field in fields {
                let (own, after) = rest.split_at(field.byte_len());
                rest = after;
                let value = if field.shape.is_empty() {
                    element(own, &field.data_type)?
                } else {
                    let items = JsArray::new();
                    for item in own.chunks_exact(field.data_type.item_len()) {
                        items.push(&element(item, &field.data_type)?);
                    }
                    items.into()
                };
                entries.push(&JsArray::of2(&JsValue::from_str(&field.name), &value));
            }
            Object::from_entries(&entries).map_or(JsValue::NULL, JsValue::from)
        }
        number => JsValue::from_f64((NumberType::new(number)?.read)(bytes).to_f64()),
    })
}

/// The fields of records: a list of `{ name, dtype }`, where the field is an array with its `shape`, where it is a record
/// with its `fields`.
fn fields(data_type: &DataType) -> Result<JsValue> {
    let DataType::Struct(list) = data_type else { return Ok(JsValue::NULL) };
    let infos = JsArray::new();
    for field in list {
        let mut members =
            vec![("name", JsValue::from_str(&field.name)), ("dtype", JsValue::from_str(&field.data_type.to_string()))];
        if !field.shape.is_empty() {
            members.push(("shape", extents(&field.shape)?));
        }
        if let DataType::Struct(_) = field.data_type {
            members.push(("fields", fields(&field.data_type)?));
        }
        infos.push(&object(&members)?);
    }
    Ok(infos.into())
}

/// JSON as JavaScript values, except that integers beyond 2⁵³ are `bigint`s. Only numbers that fit neither 64 bits nor a
/// double are rounded, as everywhere in JSON.
fn json(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Bool(boolean) => JsValue::from_bool(*boolean),
        Value::String(text) => JsValue::from_str(text),
        Value::Array(list) => list.iter().map(json).collect::<JsArray>().into(),
        Value::Object(members) => json_object(members),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(large), _) if large > MAX_SAFE_INTEGER => BigInt::from(large).into(),
            (_, Some(large)) if large.unsigned_abs() > MAX_SAFE_INTEGER => BigInt::from(large).into(),
            _ => JsValue::from_f64(number.as_f64().unwrap_or(f64::NAN)),
        },
    }
}

pub fn json_object(members: &Map<String, Value>) -> JsValue {
    // An own property even where the name is `__proto__`: assigning that one would change the object's prototype.
    let entries = members.iter().map(|(name, value)| JsArray::of2(&JsValue::from_str(name), &json(value)));
    Object::from_entries(&entries.collect::<JsArray>()).map_or(JsValue::NULL, JsValue::from)
}

/// A plain object.
pub fn object(members: &[(&str, JsValue)]) -> Result<JsValue> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &JsValue::from_str(name), value)
            .map_err(|thrown| Error::invalid_argument(describe(&thrown)))?;
    }
    Ok(object.into())
}
