//! Data types as they travel between the instances of the library: the public name, or of a record the list of its fields.

use serde_json::Value;

use super::{ByteOrder, DataType, Field, parse_data_type_name};

impl DataType {
    /// The type for [`from_json`](Self::from_json).
    pub fn to_json(&self) -> Value {
        match self {
            Self::Struct(fields) => Value::Array(fields.iter().map(Field::to_json).collect()),
            _ => Value::String(self.to_string()),
        }
    }

    /// Undoes [`to_json`](Self::to_json).
    pub fn from_json(value: &Value) -> Option<Self> {
        match value {
            Value::Array(fields) => fields.iter().map(Field::from_json).collect::<Option<_>>().map(Self::Struct),
            _ => parse_data_type_name(value.as_str()?).ok(),
        }
    }
}

impl Field {
    /// Name, type, shape, and whether the byte order is that of big-endian machines, if it is said.
    fn to_json(&self) -> Value {
        let is_big = self.byte_order.map(|byte_order| byte_order == ByteOrder::Big);
        let (name, shape) = (self.name.as_str(), self.shape.as_slice());
        Value::Array(vec![name.into(), self.data_type.to_json(), shape.into(), is_big.into()])
    }

    fn from_json(value: &Value) -> Option<Self> {
        let [name, data_type, shape, is_big] = value.as_array()?.as_slice() else { return None };
        let byte_order = is_big.as_bool().map(|is_big| if is_big { ByteOrder::Big } else { ByteOrder::Little });
        let shape = shape.as_array()?.iter().map(Value::as_u64).collect::<Option<_>>()?;
        Some(Self { name: name.as_str()?.to_owned(), data_type: DataType::from_json(data_type)?, shape, byte_order })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types_survive_as_json() {
        let field = |name: &str, data_type, shape: &[u64], byte_order| Field {
            name: name.into(),
            data_type,
            shape: shape.to_vec(),
            byte_order,
        };
        let inner = DataType::Struct(vec![field("\"é", DataType::Raw(3), &[], None)]);
        let outer = DataType::Struct(vec![
            field("a", DataType::Float32, &[2, 3], Some(ByteOrder::Big)),
            field("b", DataType::FixedText(5), &[], Some(ByteOrder::Little)),
            field("c", inner, &[1], None),
        ]);
        let expected = json!([
            ["a", "float32", [2, 3], true],
            ["b", "fixed_length_utf32[20]", [], false],
            ["c", [["\"é", "raw_bytes[3]", [], null]], [1], null],
        ]);
        assert_eq!(outer.to_json(), expected);
        for data_type in [outer, DataType::Int8, DataType::List(Box::new(DataType::UInt64))] {
            assert_eq!(DataType::from_json(&data_type.to_json()), Some(data_type));
        }
        for wrong in [json!(null), json!("float31"), json!([["a", "int8", []]]), json!([["a", "int8", [-1], null]])] {
            assert_eq!(DataType::from_json(&wrong), None);
        }
    }
}
