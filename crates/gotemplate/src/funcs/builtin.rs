//! The functions that every template has.

mod compare;
mod escape;
mod index;

pub(crate) use compare::{cost, equals};

use super::{Call, Failure, Function};
use crate::fmt;
use crate::value::Value;

/// Go's builtins, sorted by name.
pub(crate) const TABLE: &[Function] = &[
    Function::new("and(arg0 value, args ...value) value", evaluated_elsewhere),
    Function::new("call(fn value, args ...value) value", evaluated_elsewhere),
    Function::new("eq(arg1 value, arg2 ...value) bool", compare::eq),
    Function::new("ge(arg1 value, arg2 value) bool", compare::ge),
    Function::new("gt(arg1 value, arg2 value) bool", compare::gt),
    Function::new("html(args ...any) string", escape::html),
    Function::new("index(item value, indexes ...value) value", index::index),
    Function::new("js(args ...any) string", escape::js),
    Function::new("le(arg1 value, arg2 value) bool", compare::le),
    Function::new("len(item value) int", index::len),
    Function::new("lt(arg1 value, arg2 value) bool", compare::lt),
    Function::new("ne(arg1 value, arg2 value) bool", compare::ne),
    Function::new("not(arg value) bool", not),
    Function::new("or(arg0 value, args ...value) value", evaluated_elsewhere),
    Function::new("print(args ...any) string", print),
    Function::new("printf(format string, args ...any) string", printf),
    Function::new("println(args ...any) string", println),
    Function::new("slice(item value, indexes ...value) value", index::slice),
    Function::new("urlquery(args ...any) string", escape::urlquery),
];

/// The builtin of a name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    TABLE.iter().find(|function| function.name() == name)
}

/// Whether an argument of these is evaluated depends on the one before, so exec does it.
fn evaluated_elsewhere(_: &mut Call<'_>) -> Result<Value, Failure> {
    Err("is no function of values".into())
}

fn not(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::Bool(!call.value(0).truth()))
}

fn print(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::text(fmt::sprint(call.arguments, call.context)?))
}

fn println(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::text(fmt::sprintln(call.arguments, call.context)?))
}

fn printf(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::text(fmt::sprintf(call.text(0), call.rest(1), call.context)?))
}
