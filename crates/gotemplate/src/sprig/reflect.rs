//! Types and kinds of values.

use super::equal::equal;
use super::shape::{kind, type_name};
use crate::funcs::{Call, Failure, Function};
use crate::value::Value;

pub(super) const TABLE: &[Function] = &[
    Function::new("typeOf(src any) string", type_of),
    Function::new("typeIs(target string, src any) bool", type_is),
    Function::new("typeIsLike(target string, src any) bool", type_is_like),
    Function::new("kindOf(src any) string", kind_of),
    Function::new("kindIs(target string, src any) bool", kind_is),
    Function::new("deepEqual(x any, y any) bool", deep_equal),
];

fn type_of(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(type_name(call.value(0)).into())
}

fn type_is(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok((call.text(0) == type_name(call.value(1)).as_bytes()).into())
}

fn type_is_like(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (target, name) = (call.text(0), type_name(call.value(1)));
    let pointed = name.strip_prefix('*').unwrap_or(&name);
    Ok((target == name.as_bytes() || target == pointed.as_bytes()).into())
}

fn kind_of(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(kind(call.value(0)).into())
}

fn kind_is(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok((call.text(0) == kind(call.value(1)).as_bytes()).into())
}

fn deep_equal(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (one, other) = (call.value(0), call.value(1));
    Ok(equal(call, one, other)?.into())
}
