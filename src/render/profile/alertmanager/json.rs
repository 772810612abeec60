//! The function `toJson`.

use gotemplate::json::marshal;
use gotemplate::{Call, Failure, Value};

/// Go's `json.Marshal`, as text.
pub(super) fn to_json(call: &mut Call<'_>) -> Result<Value, Failure> {
    // No longer than a value may be, so it can be announced when it is there.
    let json = marshal(call.value(0), true, None)?;
    call.reserve(json.len())?;
    Ok(Value::text(json))
}
