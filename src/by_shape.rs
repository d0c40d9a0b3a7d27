//! What was made for a shape, so that it is not made again for each chunk of it.

use std::cell::RefCell;

use crate::error::Result;

/// Shapes that are remembered. In a regular grid there is only one; in others they are found one by one.
const MOST: usize = 64;

/// One value for each of the shapes seen last.
pub struct ByShape<T>(RefCell<Vec<(Vec<u64>, T)>>);

impl<T> Default for ByShape<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Clone> ByShape<T> {
    /// The value for a shape, which `make` makes if it is not there.
    pub fn get(&self, shape: &[u64], make: impl FnOnce() -> Result<T>) -> Result<T> {
        let known = self.0.borrow().iter().find(|(known, _)| known == shape).map(|(_, value)| value.clone());
        if let Some(value) = known {
            return Ok(value);
        }
        let value = make()?;
        let mut values = self.0.borrow_mut();
        if values.len() == MOST {
            values.remove(0);
        }
        values.push((shape.to_vec(), value.clone()));
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn a_value_is_made_once_as_long_as_it_is_remembered() {
        let values = ByShape::default();
        assert_eq!(values.get(&[1, 2], || Ok(7)).unwrap(), 7);
        assert_eq!(values.get(&[1, 2], || Ok(8)).unwrap(), 7);
        assert_eq!(values.get(&[2, 1], || Ok(8)).unwrap(), 8);
        assert!(values.get(&[3], || Err(Error::unsupported("no"))).is_err());
        (0..MOST as u64).for_each(|n| assert_eq!(values.get(&[n], || Ok(n)).unwrap(), n));
        assert_eq!(values.get(&[1, 2], || Ok(9)).unwrap(), 9);
        assert_eq!(values.get(&[MOST as u64 - 1], || Ok(0)).unwrap(), MOST as u64 - 1);
        assert_eq!(values.0.borrow().len(), MOST);
    }
}
