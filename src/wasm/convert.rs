//! Values across the boundary: metadata to JavaScript, selections from it.

use js_sys::{Array as JsArray, BigInt, Float64Array, Object, Reflect, Uint8Array};
use serde_json::{Map, Value};
use wasm_bindgen::prelude::*;

use super::error::describe;
use crate::data_type::DataType;
use crate::error::{Error, Result};
use crate::metadata::GroupMetadata;
use crate::read::Array;
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
    let fill_value = metadata.fill_value.as_ref();
    object(&[
        ("path", JsValue::from_str(&format!("/{}", array.path()))),
        ("zarrFormat", metadata.zarr_format.into()),
        ("shape", extents(&metadata.shape)?),
        ("chunks", extents(array.read_chunk_shape())?),
        ("shards", array.shard_shape().map_or(Ok(JsValue::NULL), extents)?),
        ("dtype", JsValue::from_str(&metadata.data_type.to_string())),
        ("fillValue", fill_value.map_or(JsValue::NULL, |bytes| element(bytes, &metadata.data_type))),
        ("dimensionNames", names),
        ("attrs", json_object(&metadata.attributes)),
    ])
}

pub fn group_info(path: &str, metadata: &GroupMetadata) -> Result<JsValue> {
    object(&[
        ("path", JsValue::from_str(&format!("/{path}"))),
        ("zarrFormat", metadata.zarr_format.into()),
        ("attrs", json_object(&metadata.attributes)),
    ])
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
    list.iter().enumerate().map(|(at, value)| entry(at, &value)).collect()
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
    let each = list.iter().enumerate().map(|(axis, value)| {
        let what = format!("coordinate array {axis}");
        let indices = indices(&value, &what)?
            .ok_or_else(|| Error::invalid_selection(format!("{what} is a mask, expected indices")))?;
        let extents = member::<JsArray>(&value, "shape").unwrap_or_default();
        let extents: Vec<f64> = extents.iter().map(|extent| extent.as_f64().unwrap_or(f64::NAN)).collect();
        Ok(Coordinates { indices, shape: shape(&extents)? })
    });
    each.collect()
}

/// Extents that JavaScript gave.
pub fn shape(extents: &[f64]) -> Result<Vec<u64>> {
    let each = extents.iter().map(|extent| exact(*extent).and_then(|extent| u64::try_from(extent).ok()));
    each.collect::<Option<_>>().ok_or_else(|| Error::invalid_selection(format!("{extents:?} is no shape")))
}

/// The member `indices` of an object, if it has one.
fn indices(object: &JsValue, what: &str) -> Result<Option<Vec<i64>>> {
    let Some(numbers) = member::<Float64Array>(object, "indices") else { return Ok(None) };
    let each = numbers.to_vec().into_iter().map(|number| {
        exact(number).ok_or_else(|| not_an_integer(&format!("{what}: an index"), &JsValue::from_f64(number)))
    });
    each.collect::<Result<_>>().map(Some)
}

fn member<T: JsCast>(object: &JsValue, name: &str) -> Option<T> {
    Reflect::get(object, &JsValue::from_str(name)).ok()?.dyn_into().ok()
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
    let extents = shape.iter().map(|&extent| match extent {
        0..=MAX_SAFE_INTEGER => Ok(JsValue::from_f64(extent as f64)),
        _ => Err(Error::unsupported(format!("the extent {extent} is beyond 2^53 - 1"))),
    });
    Ok(extents.collect::<Result<Vec<_>>>()?.into_iter().collect::<JsArray>().into())
}

/// One element as JavaScript sees it: 64-bit integers and times as `bigint`, complex numbers as a pair.
fn element(bytes: &[u8], data_type: &DataType) -> JsValue {
    let mut word = [0; 16];
    word[..bytes.len()].copy_from_slice(bytes);
    let unsigned = u128::from_le_bytes(word);
    let shift = 128 - 8 * bytes.len() as u32;
    let signed = ((unsigned << shift) as i128) >> shift;
    match data_type {
        DataType::Bool => JsValue::from_bool(unsigned != 0),
        DataType::Int8 | DataType::Int16 | DataType::Int32 => JsValue::from_f64(signed as f64),
        DataType::UInt8 | DataType::UInt16 | DataType::UInt32 => JsValue::from_f64(unsigned as f64),
        DataType::Int64 | DataType::DateTime64(_) | DataType::TimeDelta64(_) => BigInt::from(signed as i64).into(),
        DataType::UInt64 => BigInt::from(unsigned as u64).into(),
        DataType::Float16 => JsValue::from_f64(half::f16::from_bits(unsigned as u16).to_f64()),
        DataType::Float32 => JsValue::from_f64(f32::from_bits(unsigned as u32).into()),
        DataType::Float64 => JsValue::from_f64(f64::from_bits(unsigned as u64)),
        DataType::Complex64 | DataType::Complex128 => {
            let (real, imaginary) = bytes.split_at(bytes.len() / 2);
            let part = if bytes.len() == 8 { DataType::Float32 } else { DataType::Float64 };
            [element(real, &part), element(imaginary, &part)].into_iter().collect::<JsArray>().into()
        }
    }
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

fn json_object(members: &Map<String, Value>) -> JsValue {
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
