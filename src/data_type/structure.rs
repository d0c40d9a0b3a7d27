//! Structured types: records of named fields, packed in order and without padding.
//!
//! The registered extension `struct` of Zarr v3, the `structured` that zarr-python wrote before it, and the lists of
//! fields of Zarr v2, where a field may have a shape of its own and a byte order of its own.

use std::collections::HashSet;

use super::{ByteOrder, DataType};
use crate::error::{Error, Result};
use crate::shape::element_count;

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub data_type: DataType,
    /// Extents of a field that is an array itself; none for most.
    pub shape: Vec<u64>,
    /// The byte order in which Zarr v2 stores the field; `None` where the codec says it.
    pub byte_order: Option<ByteOrder>,
}

/// A field, of a record or of a record within it, that is no record itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// The names that lead to it.
    pub path: Vec<String>,
    /// Bytes from the start of the record.
    pub offset: usize,
    pub data_type: DataType,
    /// How many elements it has in each record.
    pub count: usize,
    pub byte_order: Option<ByteOrder>,
}

impl Field {
    /// Elements in each record; `parse` has made sure that they can be counted.
    pub fn count(&self) -> usize {
        self.shape.iter().product::<u64>() as usize
    }

    /// Bytes in each record.
    pub fn byte_len(&self) -> usize {
        self.count() * self.data_type.item_len()
    }
}

impl DataType {
    /// The same with no other byte order than that of decoded elements, which lie in memory little-endian.
    pub fn in_memory(&self) -> Self {
        let Self::Struct(fields) = self else { return self.clone() };
        let field = |field: &Field| Field { data_type: field.data_type.in_memory(), byte_order: None, ..field.clone() };
        Self::Struct(fields.iter().map(field).collect())
    }

    /// The parts of an element that have a type of their own: of a struct the innermost fields, else the element itself.
    ///
    /// # Errors
    /// `unsupported` for records that are repeated within a record: what they hold is no column.
    pub fn leaves(&self) -> Result<Vec<Leaf>> {
        let Self::Struct(fields) = self else {
            return Ok(vec![Leaf { path: Vec::new(), offset: 0, data_type: self.clone(), count: 1, byte_order: None }]);
        };
        let mut leaves = Vec::new();
        let mut offset = 0;
        for field in fields {
            let is_struct = matches!(field.data_type, Self::Struct(_));
            if is_struct && field.count() != 1 {
                return Err(Error::unsupported(format!("the field {} is an array of records", field.name)));
            }
            for inner in field.data_type.leaves()? {
                leaves.push(Leaf {
                    path: [std::slice::from_ref(&field.name), &inner.path].concat(),
                    offset: offset + inner.offset,
                    count: field.count() * inner.count,
                    byte_order: field.byte_order.or(inner.byte_order),
                    data_type: inner.data_type,
                });
            }
            offset += field.byte_len();
        }
        Ok(leaves)
    }
}

/// Bytes of the longest element that is read.
const MAX_ITEM_LEN: u64 = 1 << 24;

/// The most innermost fields of a record: each is a column of its own in every result.
const MAX_LEAVES: usize = 1 << 12;

/// How deep records lie in records at most, the outermost included.
const MAX_DEPTH: usize = 16;

/// Checks what a document says of the length of an element, or of a field: not nothing, and no more than 16 MiB.
pub fn check_len(len: u64, what: &str) -> Result<usize> {
    match len {
        0 => Err(Error::unsupported(format!("{what}: elements of no bytes"))),
        1..=MAX_ITEM_LEN => Ok(len as usize),
        _ => Err(Error::unsupported(format!("{what}: elements of {len} bytes, at most {MAX_ITEM_LEN} are read"))),
    }
}

/// Makes a struct of fields.
///
/// # Errors
/// `invalid-metadata` for no field, an empty name, or one that is there twice; `unsupported` for fields of variable
/// length and for records that are too long, too deep, or have too many fields.
pub fn structure(fields: Vec<Field>) -> Result<DataType> {
    if fields.is_empty() {
        return Err(Error::invalid_metadata("a struct without fields"));
    }
    let mut len = 0u64;
    let mut names = HashSet::new();
    for (at, field) in fields.iter().enumerate() {
        let Field { name, data_type, shape, .. } = field;
        if name.is_empty() || !names.insert(name) {
            return Err(Error::invalid_metadata(format!("a struct whose field {at} is called {name:?}")));
        }
        if data_type.is_variable() {
            return Err(Error::unsupported(format!("the field {name} of variable length, {data_type}")));
        }
        let field_len = element_count(shape)?.saturating_mul(data_type.item_len() as u64);
        check_len(field_len, &format!("the field {name}"))?;
        len += field_len;
    }
    check_len(len, "a struct")?;
    let data_type = DataType::Struct(fields);
    let leaves = data_type.leaves()?;
    if leaves.len() > MAX_LEAVES || leaves.iter().any(|leaf| leaf.path.len() > MAX_DEPTH) {
        let message = format!("a struct of more than {MAX_LEAVES} fields, or more than {MAX_DEPTH} deep");
        return Err(Error::unsupported(message));
    }
    Ok(data_type)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn field(name: &str, data_type: DataType, shape: &[u64]) -> Field {
        Field { name: name.into(), data_type, shape: shape.to_vec(), byte_order: None }
    }

    #[test]
    fn leaves_lie_one_after_the_other() {
        let inner =
            structure(vec![field("re", DataType::Float32, &[]), field("im", DataType::Int16, &[2, 3])]).unwrap();
        let big = Field { byte_order: Some(ByteOrder::Big), ..field("t", DataType::FixedText(2), &[]) };
        let outer = structure(vec![field("a", DataType::UInt8, &[]), field("y", inner, &[]), big]).unwrap();
        assert_eq!(outer.item_len(), 1 + 4 + 12 + 8);
        let leaves = outer.leaves().unwrap();
        let found: Vec<_> = leaves.iter().map(|leaf| (leaf.path.join("."), leaf.offset, leaf.count)).collect();
        let expected = [("a", 0, 1), ("y.re", 1, 1), ("y.im", 5, 6), ("t", 17, 1)];
        assert_eq!(found, expected.map(|(path, offset, count)| (path.to_owned(), offset, count)));
        assert_eq!(leaves[3].byte_order, Some(ByteOrder::Big));
    }

    #[test]
    fn structs_have_so_many_fields_and_lie_so_deep() {
        let many = |count: usize| structure((0..count).map(|at| field(&at.to_string(), DataType::Bool, &[])).collect());
        assert_eq!(many(MAX_LEAVES).unwrap().item_len(), MAX_LEAVES);
        assert_eq!(many(MAX_LEAVES + 1).unwrap_err().code(), ErrorCode::Unsupported);
        let wrap = |inner| structure(vec![field("in", inner, &[])]);
        let deepest = (0..MAX_DEPTH).try_fold(DataType::Bool, |inner, _| wrap(inner)).unwrap();
        assert_eq!(deepest.leaves().unwrap()[0].path.len(), MAX_DEPTH);
        assert_eq!(wrap(deepest).unwrap_err().code(), ErrorCode::Unsupported);
    }

    #[test]
    fn structs_that_are_none_are_refused() {
        let code = |fields| structure(fields).unwrap_err().code();
        assert_eq!(code(vec![]), ErrorCode::InvalidMetadata);
        assert_eq!(code(vec![field("", DataType::Bool, &[])]), ErrorCode::InvalidMetadata);
        let twice = vec![field("a", DataType::Bool, &[]), field("a", DataType::Int8, &[])];
        assert_eq!(code(twice), ErrorCode::InvalidMetadata);
        assert_eq!(code(vec![field("a", DataType::Text, &[])]), ErrorCode::Unsupported);
        assert_eq!(code(vec![field("a", DataType::Bool, &[0])]), ErrorCode::Unsupported);
        assert_eq!(code(vec![field("a", DataType::Float64, &[1 << 31, 1 << 31])]), ErrorCode::Unsupported);
        let inner = structure(vec![field("a", DataType::Bool, &[])]).unwrap();
        assert_eq!(code(vec![field("list", inner, &[2])]), ErrorCode::Unsupported);
    }
}
