//! The functions that every template has.

use super::{Call, Failure, Function};
use crate::value::Value;

/// Go's builtins, sorted by name.
pub(crate) const TABLE: &[Function] = &[Function::new("len(item value) int", len)];

/// The builtin of a name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    TABLE.iter().find(|function| function.name() == name)
}

fn len(_: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::int(0))
}
