//! `test.trap`: a decoder that fails as the worst ones do, for the tests of what happens then. It is in no package.
//!
//! Configuration: none. The bytes are what they are; where the first one is 0xff, wasm traps.

use std::borrow::Cow;

use crate::codec::{BytesToBytes, Len, Scratch};
use crate::error::Result;

pub struct Trap;

impl BytesToBytes for Trap {
    fn encoded_len(&self, decoded: Len) -> Len {
        decoded
    }

    fn decode<'a>(&self, encoded: Cow<'a, [u8]>, _: Len, _: &mut Scratch) -> Result<Cow<'a, [u8]>> {
        match encoded.first() {
            Some(0xff) => core::arch::wasm32::unreachable(),
            _ => Ok(encoded),
        }
    }
}
