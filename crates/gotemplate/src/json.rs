//! Go's `encoding/json` for values.
//!
//! What is encoded has no cycles and is never longer than a value may be; what nests too deeply is
//! refused both ways.

mod decode;
mod encode;

pub(crate) use decode::{decode, decoded_size};
pub(crate) use encode::encode;
pub use encode::marshal;

use crate::value::Value;

/// Go's `json.Unmarshal` into an `interface {}`: numbers are `float64`, objects
/// `map[string]interface {}` and arrays `[]interface {}`.
///
/// # Errors
/// What is no JSON, in Go's words, and what nests deeper than 100.
pub fn unmarshal(text: &[u8]) -> Result<Value, String> {
    match decode(text) {
        (value, None) => Ok(value),
        (_, Some(wrong)) => Err(wrong),
    }
}

#[cfg(test)]
mod tests;
