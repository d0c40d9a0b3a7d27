//! Typed access to a codec's configuration object.

use serde_json::{Map, Value};

use crate::data_type::{ByteOrder, DataType, parse_data_type_v2, parse_data_type_v3, parse_fill_value_v3};
use crate::error::{Error, Result};
use crate::json::Text;

/// The `configuration` member of a codec; absent members read as `None`, members of the wrong type are
/// `invalid-metadata`.
pub struct Configuration<'a>(pub &'a Map<String, Value>);

impl<'a> Configuration<'a> {
    pub fn integer(&self, key: &str) -> Result<Option<i64>> {
        self.typed(key, "an integer", Value::as_i64)
    }

    /// A number, whole or not, as its nearest float.
    pub fn number(&self, key: &str) -> Result<Option<f64>> {
        self.typed(key, "a number", Value::as_f64)
    }

    pub fn boolean(&self, key: &str) -> Result<Option<bool>> {
        self.typed(key, "true or false", Value::as_bool)
    }

    pub fn text(&self, key: &str) -> Result<Option<&'a str>> {
        self.typed(key, "a string", Value::as_str)
    }

    pub fn list(&self, key: &str) -> Result<Option<&'a Vec<Value>>> {
        self.typed(key, "a list", Value::as_array)
    }

    /// A list of extents: integers that are not negative.
    pub fn extents(&self, key: &str) -> Result<Option<Vec<u64>>> {
        let Some(list) = self.list(key)? else { return Ok(None) };
        let extents: Option<Vec<u64>> = list.iter().map(Value::as_u64).collect();
        extents.map(Some).ok_or_else(|| self.invalid(key, "a list of integers that are not negative"))
    }

    /// A data type: numcodecs writes NumPy's type strings, sometimes the names of Zarr v3.
    pub fn data_type(&self, key: &str) -> Result<Option<(DataType, Option<ByteOrder>)>> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let parsed = parse_data_type_v3(&Value::from(text)).map(|data_type| (data_type, None));
        parsed.or_else(|_| parse_data_type_v2(&Value::from(text))).map(Some)
    }

    /// The bytes of an element, written as a fill value of Zarr v3 is. Unlike elsewhere null is no absent member.
    pub fn scalar(&self, key: &str, data_type: &DataType) -> Result<Option<Vec<u8>>> {
        let Some(value) = self.0.get(key) else { return Ok(None) };
        let scalar = parse_fill_value_v3(value, data_type);
        scalar.map(Some).map_err(|_| self.invalid(key, &format!("a value of {data_type}")))
    }

    /// Refuses members that are not `known`, for codecs whose specification demands it.
    pub fn only(&self, known: &[&str]) -> Result<()> {
        match self.0.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => Err(Error::invalid_metadata(format!("unknown configuration key {key}"))),
            None => Ok(()),
        }
    }

    /// The member, or `invalid-metadata` where it is absent.
    pub fn required<T>(&self, key: &str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| Error::invalid_metadata(format!("the configuration has no {key}")))
    }

    /// Refuses a number outside `low..=high`.
    pub fn in_range(&self, key: &str, value: i64, low: i64, high: i64) -> Result<i64> {
        if (low..=high).contains(&value) {
            return Ok(value);
        }
        Err(self.invalid(key, &format!("an integer from {low} to {high}")))
    }

    pub fn invalid(&self, key: &str, expected: &str) -> Error {
        let found = self.0.get(key).unwrap_or(&Value::Null);
        Error::invalid_metadata(format!("{key} is {found}, expected {expected}", found = Text(found)))
    }

    fn typed<T>(&self, key: &str, expected: &str, read: impl FnOnce(&'a Value) -> Option<T>) -> Result<Option<T>> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| self.invalid(key, expected)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_typed_and_absent_ones_are_none() {
        let object = json!({"level": 5, "name": "x", "shape": [1, 2], "dtype": ">i4", "none": null, "half": 0.5});
        let configuration = Configuration(object.as_object().unwrap());
        assert_eq!(configuration.integer("level").unwrap(), Some(5));
        assert_eq!(configuration.integer("none").unwrap(), None);
        assert_eq!(configuration.extents("shape").unwrap(), Some(vec![1, 2]));
        assert_eq!(configuration.data_type("dtype").unwrap(), Some((DataType::Int32, Some(ByteOrder::Big))));
        assert_eq!(configuration.number("level").unwrap(), Some(5.0));
        assert_eq!(configuration.number("half").unwrap(), Some(0.5));
        assert_eq!(configuration.scalar("level", &DataType::Int16).unwrap(), Some(vec![5, 0]));
        assert_eq!(configuration.scalar("other", &DataType::Int16).unwrap(), None);
        let error = configuration.scalar("half", &DataType::Int16).unwrap_err();
        assert_eq!(error.message(), "half is 0.5, expected a value of int16");
        assert!(configuration.scalar("none", &DataType::Int16).is_err());
        assert!(configuration.only(&["level", "name", "shape", "dtype", "none", "half"]).is_ok());
        let error = configuration.only(&["level", "name", "shape", "dtype", "none"]).unwrap_err();
        assert_eq!(error.message(), "unknown configuration key half");
        let error = configuration.integer("name").unwrap_err();
        assert_eq!(error.message(), "name is \"x\", expected an integer");
        assert!(configuration.in_range("level", 5, 0, 4).is_err());
    }
}
