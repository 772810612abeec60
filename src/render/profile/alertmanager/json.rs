//! The function `toJson`.

use gotemplate::json::{Html, marshal};
use gotemplate::{Call, Failure, Value};

/// Go's `json.Marshal`, as text.
pub(super) fn to_json(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.value(0);
    Ok(Value::text(marshal(value, Html::Escaped, call.context())?))
}
