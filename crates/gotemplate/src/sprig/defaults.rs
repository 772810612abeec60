//! Defaults, choices and JSON.

use super::shape::is_nil;
use crate::funcs::{Call, Failure, Function};
use crate::json;
use crate::value::{Text, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("default(d any, given ...any) any", default),
    Function::new("empty(given any) bool", empty),
    Function::new("coalesce(v ...any) any", coalesce),
    Function::new("all(v ...any) bool", all),
    Function::new("any(v ...any) bool", any),
    Function::new("ternary(vt any, vf any, v bool) any", ternary),
    Function::new("fail(msg string) string", fail),
    Function::new("fromJson(v string) any", from_json),
    Function::new("mustFromJson(v string) any", must_from_json),
    Function::new("toJson(v any) string", to_json),
    Function::new("mustToJson(v any) string", must_to_json),
    Function::new("toPrettyJson(v any) string", to_pretty_json),
    Function::new("mustToPrettyJson(v any) string", must_to_pretty_json),
    Function::new("toRawJson(v any) string", to_raw_json),
    Function::new("mustToRawJson(v any) string", to_raw_json),
];

/// What two spaces of indentation are to `json::marshal`.
const PRETTY: Option<(&str, &str)> = Some(("", "  "));

fn default(call: &mut Call<'_>) -> Result<Value, Failure> {
    let given = call.value(1);
    Ok(if given.truth() { given.clone() } else { call.value(0).clone() })
}

fn empty(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok((!call.value(0).truth()).into())
}

fn coalesce(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(call.arguments().iter().find(|value| value.truth()).map_or(Value::NIL, Value::clone))
}

fn all(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(call.arguments().iter().all(Value::truth).into())
}

fn any(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(call.arguments().iter().any(Value::truth).into())
}

fn ternary(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(call.value(usize::from(!call.bool(2))).clone())
}

fn fail(call: &mut Call<'_>) -> Result<Value, Failure> {
    Err(call.str(0).into_owned().into())
}

/// What can be read of a text, whatever is wrong with the rest.
fn from_json(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(decoded(call)?.0)
}

fn must_from_json(call: &mut Call<'_>) -> Result<Value, Failure> {
    match decoded(call)? {
        (value, None) => Ok(value),
        (_, Some(wrong)) => Err(wrong.into()),
    }
}

fn decoded(call: &mut Call<'_>) -> Result<(Value, Option<String>), Failure> {
    let text = call.text(0);
    call.reserve(json::decoded_size(text))?;
    Ok(json::decode(text))
}

fn to_json(call: &mut Call<'_>) -> Result<Value, Failure> {
    or_empty(must_to_json(call))
}

fn must_to_json(call: &mut Call<'_>) -> Result<Value, Failure> {
    encoded(call, true, None)
}

fn to_pretty_json(call: &mut Call<'_>) -> Result<Value, Failure> {
    or_empty(must_to_pretty_json(call))
}

fn must_to_pretty_json(call: &mut Call<'_>) -> Result<Value, Failure> {
    encoded(call, true, PRETTY)
}

fn to_raw_json(call: &mut Call<'_>) -> Result<Value, Failure> {
    encoded(call, false, None)
}

fn encoded(
    call: &mut Call<'_>,
    escape_html: bool,
    indent: Option<(&str, &str)>,
) -> Result<Value, Failure> {
    let value = call.value(0);
    let value = if is_nil(value) { &Value::NIL } else { value };
    let (encoded, work) = json::encode(value, escape_html, indent);
    // `toJson` swallows an error, so one has its price, too.
    call.spend(work)?;
    let encoded = encoded?;
    call.reserve(encoded.len())?;
    Ok(Value::text(encoded))
}

/// The text, or none for a value that JSON does not have.
fn or_empty(encoded: Result<Value, Failure>) -> Result<Value, Failure> {
    match encoded {
        Err(Failure::Said(_)) => Ok(Value::Text(Text::default())),
        other => other,
    }
}
