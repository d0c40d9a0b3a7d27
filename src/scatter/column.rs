//! What a result is made of.
//!
//! Most results are one column: a typed array. Records have one column for each of their innermost fields. What is not a
//! number is a list of values, and in the output lie references to them.

use super::convert::convert;
use crate::data_type::{DataType, Heap, Leaf, REFERENCE_LEN};
use crate::error::{Error, Result};

/// The type that the caller wants elements in, and whether numbers that it does not hold are rounded or an error.
#[derive(Clone, Debug, PartialEq)]
pub struct As {
    pub data_type: DataType,
    pub round: bool,
}

impl As {
    /// The type by its name: an integer or float that a typed array holds, `string` or `bytes`.
    ///
    /// # Errors
    /// `invalid-argument` for any other name.
    pub fn parse(name: &str, round: bool) -> Result<Self> {
        let data_type = match name {
            "int8" => DataType::Int8,
            "int16" => DataType::Int16,
            "int32" => DataType::Int32,
            "int64" => DataType::Int64,
            "uint8" => DataType::UInt8,
            "uint16" => DataType::UInt16,
            "uint32" => DataType::UInt32,
            "uint64" => DataType::UInt64,
            "float32" => DataType::Float32,
            "float64" => DataType::Float64,
            "string" => DataType::Text,
            "bytes" => DataType::Bytes,
            _ => {
                let expected = "an integer type from int8 to uint64, float32, float64, string or bytes";
                return Err(Error::invalid_argument(format!("as is {name:?}, expected {expected}")));
            }
        };
        Ok(Self { data_type, round })
    }
}

/// A part of every element, and how the output holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// The names of the fields that lead to it; none where elements are no records.
    pub path: Vec<String>,
    /// Bytes from the start of an element.
    pub offset: usize,
    /// Bytes of the part.
    pub len: usize,
    pub form: Form,
    pub holder: Holder,
}

/// How what is stored becomes what the output holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// It is the same.
    AsStored,
    /// It is the same, if it is 0 or 1.
    Booleans,
    /// Numbers of one type become those of another, where they can.
    Numbers { from: DataType, to: DataType, round: bool },
    /// Bytes that NULs fill up become references to UTF-8.
    TextOfBytes,
    /// Code points that NULs fill up become references to UTF-8.
    TextOfCodePoints,
}

/// What holds a column in JavaScript.
#[derive(Clone, Debug, PartialEq)]
pub enum Holder {
    /// A typed array, of as many numbers for each element.
    Numbers { array: &'static str, per_element: usize },
    /// A list of values: `string`, `bytes`, `object`, or the name of the typed array that each of them is.
    Values(&'static str),
}

impl Column {
    /// The columns of a result.
    ///
    /// # Errors
    /// `invalid-argument` where elements of this type cannot be had in the wanted one.
    pub fn all(data_type: &DataType, wanted: Option<&As>) -> Result<Vec<Self>> {
        // Bytes without a meaning, as many as elements have, are what these consist of.
        if let Some(&As { data_type: DataType::Raw(len), .. }) = wanted
            && len == data_type.item_len()
        {
            let holder = Holder::Numbers { array: "Uint8Array", per_element: len };
            return Ok(vec![Self { path: Vec::new(), offset: 0, len, form: Form::AsStored, holder }]);
        }
        if let (DataType::Struct(_), Some(As { data_type: wanted, .. })) = (data_type, wanted) {
            return Err(cannot(data_type, wanted));
        }
        data_type.leaves()?.into_iter().map(|leaf| Self::new(leaf, wanted)).collect()
    }

    fn new(leaf: Leaf, wanted: Option<&As>) -> Result<Self> {
        let Leaf { path, offset, data_type, count, .. } = leaf;
        let (form, holder) = match wanted {
            None => default_form(&data_type),
            Some(wanted) => form_as(&data_type, wanted)?,
        };
        let holder = match holder {
            Holder::Numbers { array, per_element } => Holder::Numbers { array, per_element: per_element * count },
            Holder::Values(_) if count != 1 => {
                return Err(Error::unsupported(format!("the field {} is an array of {data_type}", path.join("."))));
            }
            values => values,
        };
        Ok(Self { path, offset, len: count * data_type.item_len(), form, holder })
    }

    /// Whether this part of an element is all zeros in the output.
    pub fn is_zero(&self, element: &[u8]) -> bool {
        let part = element.get(self.offset..self.offset + self.len).unwrap_or_default();
        let (mut stored, mut output) = (part.to_vec(), Vec::new());
        let converted = convert(&self.form, self.len, &mut stored, &mut output, &mut Heap::default());
        converted.is_ok() && output.len() == self.output_len() && output.iter().all(|byte| *byte == 0)
    }

    /// Bytes that one element takes in the output.
    pub fn output_len(&self) -> usize {
        match (&self.form, &self.holder) {
            (Form::Numbers { from, to, .. }, _) => self.len / from.component_len() * to.component_len(),
            (Form::TextOfBytes | Form::TextOfCodePoints, _) => REFERENCE_LEN,
            _ => self.len,
        }
    }
}

fn cannot(data_type: &DataType, wanted: &DataType) -> Error {
    Error::invalid_argument(format!("as: elements of type {data_type} cannot be had as {wanted}"))
}

/// How elements are held unless the caller wants something else.
fn default_form(data_type: &DataType) -> (Form, Holder) {
    let widened = |to: DataType, per_element| {
        let from = match data_type {
            DataType::ComplexSmall(small) => DataType::SmallFloat(*small),
            other => other.clone(),
        };
        let holder = Holder::Numbers { array: typed_array(&to), per_element };
        (Form::Numbers { from, to, round: false }, holder)
    };
    let numbers = |array, per_element| (Form::AsStored, Holder::Numbers { array, per_element });
    match data_type {
        DataType::Bool => (Form::Booleans, Holder::Numbers { array: "Uint8Array", per_element: 1 }),
        DataType::Int2 | DataType::Int4 => widened(DataType::Int8, 1),
        DataType::UInt2 | DataType::UInt4 => widened(DataType::UInt8, 1),
        DataType::Float16 | DataType::SmallFloat(_) => widened(DataType::Float32, 1),
        DataType::ComplexSmall(_) => widened(DataType::Float32, 2),
        DataType::Complex64 => numbers("Float32Array", 2),
        DataType::Complex128 => numbers("Float64Array", 2),
        DataType::Raw(len) => numbers("Uint8Array", *len),
        DataType::FixedBytes(_) => (Form::TextOfBytes, Holder::Values("string")),
        DataType::FixedText(_) => (Form::TextOfCodePoints, Holder::Values("string")),
        DataType::Text => (Form::AsStored, Holder::Values("string")),
        DataType::Bytes => (Form::AsStored, Holder::Values("bytes")),
        DataType::Object => (Form::AsStored, Holder::Values("object")),
        DataType::List(item) => (Form::AsStored, Holder::Values(typed_array(item))),
        other => numbers(typed_array(other), 1),
    }
}

fn form_as(data_type: &DataType, wanted: &As) -> Result<(Form, Holder)> {
    let As { data_type: to, round } = wanted;
    let (form, holder) = default_form(data_type);
    let is_same = match (data_type, to) {
        (DataType::FixedBytes(len), DataType::Bytes) => {
            return Ok((Form::AsStored, Holder::Numbers { array: "Uint8Array", per_element: *len }));
        }
        (DataType::Raw(_), DataType::Bytes) => true,
        (_, DataType::Text) => holder == Holder::Values("string"),
        (_, DataType::Bytes) => holder == Holder::Values("bytes"),
        _ => data_type == to,
    };
    if is_same {
        return Ok((form, holder));
    }
    if !is_number(data_type) || to.is_variable() {
        return Err(cannot(data_type, to));
    }
    let holder = Holder::Numbers { array: typed_array(to), per_element: 1 };
    Ok((Form::Numbers { from: data_type.clone(), to: to.clone(), round: *round }, holder))
}

fn is_number(data_type: &DataType) -> bool {
    data_type.integer_range().is_some()
        || matches!(
            data_type,
            DataType::Bool | DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::SmallFloat(_)
        )
}

/// The typed array whose numbers are those of the type, or, of complex numbers, their halves.
fn typed_array(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Int8 => "Int8Array",
        DataType::Int16 => "Int16Array",
        DataType::Int32 => "Int32Array",
        DataType::Int64 | DataType::DateTime64(_) | DataType::TimeDelta64(_) => "BigInt64Array",
        DataType::UInt16 => "Uint16Array",
        DataType::UInt32 => "Uint32Array",
        DataType::UInt64 => "BigUint64Array",
        DataType::Float64 | DataType::Complex128 => "Float64Array",
        DataType::Float16 | DataType::Float32 | DataType::Complex64 => "Float32Array",
        _ => "Uint8Array",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data_type::{SmallFloat, parse_data_type_v2};
    use crate::error::ErrorCode;
    use serde_json::json;

    fn column(data_type: DataType, wanted: Option<DataType>) -> Result<(usize, usize, Holder)> {
        let wanted = wanted.map(|data_type| As { data_type, round: false });
        let columns = Column::all(&data_type, wanted.as_ref())?;
        let [column] = &columns[..] else { panic!() };
        Ok((column.len, column.output_len(), column.holder.clone()))
    }

    fn numbers(array: &'static str, per_element: usize) -> Holder {
        Holder::Numbers { array, per_element }
    }

    #[test]
    fn every_type_has_its_holder() {
        let float8 = SmallFloat::Float8E4M3;
        for (data_type, len, output_len, holder) in [
            (DataType::Bool, 1, 1, numbers("Uint8Array", 1)),
            (DataType::Int4, 1, 1, numbers("Int8Array", 1)),
            (DataType::UInt2, 1, 1, numbers("Uint8Array", 1)),
            (DataType::UInt64, 8, 8, numbers("BigUint64Array", 1)),
            (DataType::Float16, 2, 4, numbers("Float32Array", 1)),
            (DataType::SmallFloat(float8), 1, 4, numbers("Float32Array", 1)),
            (DataType::ComplexSmall(float8), 2, 8, numbers("Float32Array", 2)),
            (DataType::ComplexSmall(SmallFloat::Float16), 4, 8, numbers("Float32Array", 2)),
            (DataType::Complex128, 16, 16, numbers("Float64Array", 2)),
            (DataType::Raw(3), 3, 3, numbers("Uint8Array", 3)),
            (DataType::FixedBytes(3), 3, 8, Holder::Values("string")),
            (DataType::FixedText(3), 12, 8, Holder::Values("string")),
            (DataType::Text, 8, 8, Holder::Values("string")),
            (DataType::List(Box::new(DataType::Float16)), 8, 8, Holder::Values("Float32Array")),
            (DataType::Object, 8, 8, Holder::Values("object")),
        ] {
            assert_eq!(column(data_type.clone(), None).unwrap(), (len, output_len, holder), "{data_type}");
        }
    }

    #[test]
    fn numbers_can_be_had_as_other_numbers_and_bytes_as_bytes() {
        let same = column(DataType::Float32, Some(DataType::Float32)).unwrap();
        assert_eq!(same, (4, 4, numbers("Float32Array", 1)));
        assert_eq!(column(DataType::Int64, Some(DataType::Float64)).unwrap(), (8, 8, numbers("Float64Array", 1)));
        assert_eq!(column(DataType::Bool, Some(DataType::Int16)).unwrap(), (1, 2, numbers("Int16Array", 1)));
        assert_eq!(column(DataType::FixedBytes(5), Some(DataType::Bytes)).unwrap(), (5, 5, numbers("Uint8Array", 5)));
        assert_eq!(column(DataType::FixedText(5), Some(DataType::Text)).unwrap().2, Holder::Values("string"));
        for (from, to) in [
            (DataType::Complex64, DataType::Float32),
            (DataType::Text, DataType::Bytes),
            (DataType::Bytes, DataType::Text),
            (DataType::Int8, DataType::Text),
            (DataType::Raw(2), DataType::UInt16),
        ] {
            assert_eq!(column(from, Some(to)).unwrap_err().code(), ErrorCode::InvalidArgument);
        }
    }

    #[test]
    fn records_have_a_column_for_each_innermost_field() {
        let fields = json!([["a", "<i4"], ["in", [["h", "<f2", [2]], ["s", "|S3"]]]]);
        let data_type = parse_data_type_v2(&fields).unwrap().0;
        let columns = Column::all(&data_type, None).unwrap();
        let found: Vec<_> = columns.iter().map(|c| (c.path.join("."), c.offset, c.len, c.output_len())).collect();
        let expected = [("a", 0, 4, 4), ("in.h", 4, 4, 8), ("in.s", 8, 3, 8)];
        assert_eq!(found, expected.map(|(path, offset, len, output)| (path.to_owned(), offset, len, output)));
        let wanted = As { data_type: DataType::Int32, round: false };
        assert_eq!(Column::all(&data_type, Some(&wanted)).unwrap_err().code(), ErrorCode::InvalidArgument);
        let texts = parse_data_type_v2(&json!([["a", "|S3", 2]])).unwrap().0;
        assert_eq!(Column::all(&texts, None).unwrap_err().code(), ErrorCode::Unsupported);
    }
}
