//! What all chunks of one read have in common, and how it travels to where they are decoded: as JSON.

use serde_json::Value;

use crate::codec::{ChunkSpec, Externals};
use crate::data_type::DataType;
use crate::error::{Error, Result};
use crate::json;
use crate::metadata::CodecMetadata;
use crate::scatter::{As, Column, Holder};
use crate::shape::strides;

/// What all chunks of one read have in common.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadSpec {
    pub codecs: Vec<CodecMetadata>,
    pub chunk: ChunkSpec,
    /// C-order strides of the output in elements, one for each axis of the array, 0 where the axis is dropped; none for
    /// points.
    pub output_strides: Vec<u64>,
    /// The type in which the caller wants the elements, where it is not their own.
    pub wanted: Option<As>,
    pub externals: Externals,
}

impl ReadSpec {
    /// What the output consists of.
    ///
    /// # Errors
    /// `invalid-argument` where elements cannot be had in the wanted type.
    pub fn columns(&self) -> Result<Vec<Column>> {
        Column::all(&self.chunk.data_type, self.wanted.as_ref())
    }

    /// Whether chunks may be decoded together: where the output is one array, and no codec has to be waited for.
    pub fn may_join(&self) -> bool {
        let is_array = |columns: Vec<Column>| matches!(&*columns, [Column { holder: Holder::Numbers { .. }, .. }]);
        !self.externals.are_asked() && self.columns().is_ok_and(is_array)
    }

    /// Whether missing chunks are zeros in the output, so that in one that is zero already nothing is to be done.
    pub fn fills_with_zeros(&self) -> bool {
        let is_zero = |column: Column| {
            let is_array = matches!(column.holder, Holder::Numbers { .. });
            is_array && column.is_zero(&self.chunk.fill_value)
        };
        self.columns().is_ok_and(|columns| columns.into_iter().all(is_zero))
    }

    /// The same for chunks of another shape.
    pub fn for_chunk(&self, chunk_shape: &[u64]) -> Self {
        let chunk = ChunkSpec { shape: chunk_shape.to_vec(), ..self.chunk.clone() };
        Self { chunk, ..self.clone() }
    }

    /// The same for an output of this shape, one extent for each axis of the array.
    pub fn for_region(&self, shape: &[u64]) -> Self {
        let kept = |axis: &usize| self.output_strides.get(*axis) != Some(&0);
        let mut output_strides = vec![0; shape.len()];
        let mut stride = 1;
        for axis in (0..shape.len()).rev().filter(kept) {
            output_strides[axis] = stride;
            stride *= shape[axis];
        }
        Self { output_strides, ..self.clone() }
    }

    /// The same for an output that is all of a chunk, its elements as they lie in memory once they are decoded.
    pub fn whole(&self) -> Self {
        let wanted = As { data_type: DataType::Raw(self.chunk.data_type.item_len()), round: false };
        Self { output_strides: strides(&self.chunk.shape), wanted: Some(wanted), ..self.clone() }
    }

    /// The same for chunks that lie there as [`whole`](Self::whole) has them.
    pub fn of_whole(&self) -> Self {
        let codecs = vec![CodecMetadata::new("bytes", json::object([("endian", "little".into())]))];
        let chunk = ChunkSpec { data_type: self.chunk.data_type.in_memory(), ..self.chunk.clone() };
        Self { codecs, chunk, externals: Externals::default(), ..self.clone() }
    }

    pub fn to_json(&self) -> Value {
        let Self { codecs, chunk, output_strides, wanted, externals } = self;
        let wanted = wanted.as_ref().map(|As { data_type, round }| vec![data_type.to_json(), (*round).into()]);
        let members = [
            ("codecs", codecs.iter().map(CodecMetadata::to_json).collect()),
            ("shape", chunk.shape.as_slice().into()),
            ("data_type", chunk.data_type.to_json()),
            ("fill_value", chunk.fill_value.as_slice().into()),
            ("output_strides", output_strides.as_slice().into()),
            ("wanted", wanted.into()),
            ("externals", externals.to_json()),
        ];
        json::object(members).into()
    }

    /// Undoes [`to_json`](Self::to_json).
    ///
    /// # Errors
    /// `invalid-argument` for anything else.
    pub fn from_json(spec: &Value) -> Result<Self> {
        Self::read_json(spec).ok_or_else(|| Error::invalid_argument("this is no read spec"))
    }

    fn read_json(spec: &Value) -> Option<Self> {
        let numbers = |value: &Value| value.as_array()?.iter().map(Value::as_u64).collect::<Option<Vec<_>>>();
        let wanted = match spec.get("wanted")? {
            Value::Null => None,
            wanted => Some(As { data_type: DataType::from_json(wanted.get(0)?)?, round: wanted.get(1)?.as_bool()? }),
        };
        let chunk = ChunkSpec {
            shape: numbers(spec.get("shape")?)?,
            data_type: DataType::from_json(spec.get("data_type")?)?,
            fill_value: numbers(spec.get("fill_value")?)?.into_iter().map(|byte| byte as u8).collect(),
        };
        Some(Self {
            codecs: CodecMetadata::parse_list(spec.get("codecs")?).ok()?,
            chunk,
            output_strides: numbers(spec.get("output_strides")?)?,
            wanted,
            externals: Externals::from_json(spec.get("externals")?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::{External, ExternalKind, Found};
    use serde_json::json;

    #[test]
    fn a_spec_survives_as_json() {
        let codecs =
            json!([{"name": "bytes", "configuration": {"x": [0.1, -0.0, 1e300, null]}, "must_understand": false}, ""]);
        let chunk = ChunkSpec { shape: vec![2, 3], data_type: DataType::Float32, fill_value: vec![0, 255, 7, 1] };
        let mut spec = ReadSpec {
            codecs: CodecMetadata::parse_list(&codecs).unwrap(),
            chunk,
            output_strides: vec![u64::MAX, 0],
            wanted: None,
            externals: Externals::default(),
        };
        let travelled = |spec: &ReadSpec| {
            let text = json::text(&spec.to_json());
            ReadSpec::from_json(&json::parse(text.as_bytes(), "").unwrap()).unwrap()
        };
        assert_eq!(travelled(&spec), spec);
        spec.wanted = Some(As { data_type: DataType::Text, round: true });
        let external = External { kind: ExternalKind::BytesToBytes, id: u32::MAX };
        spec.externals.insert("é".into(), Found::External(external));
        assert_eq!(travelled(&spec), spec);
        let mut members = spec.to_json();
        members["shape"] = json!([-1]);
        assert_eq!(ReadSpec::from_json(&members).unwrap_err().message(), "this is no read spec");
    }
}
