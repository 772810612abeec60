//! What `reflect` tells of a value: its kind, and its items where it is a slice.

use crate::funcs::{Call, Failure};
use crate::value::{Base, Int, Type, Value};

/// What a slice takes for each item, and a map for each key and value.
pub(super) const ITEM: usize = size_of::<Value>();

/// The words of Go's runtime for a method call on a nil interface.
pub(super) const NIL_POINTER: &str =
    "runtime error: invalid memory address or nil pointer dereference";

/// Whether a function that takes `interface {}` is given nil.
pub(super) fn is_nil(value: &Value) -> bool {
    matches!(value, Value::Invalid | Value::Nil(Type::Any))
}

/// The value as an `interface {}` has it, where nothing is nil.
pub(super) fn interface(value: &Value) -> Value {
    if is_nil(value) { Value::NIL } else { value.clone() }
}

/// Go's `%T`.
pub(super) fn type_name(value: &Value) -> String {
    match value.type_of() {
        Some(of) if of != Type::Any => of.to_string(),
        _ => "<nil>".to_owned(),
    }
}

/// Go's `reflect.ValueOf(value).Kind().String()`.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(object) if object.is_pointer() => "ptr",
        Value::Object(object) => match object.base() {
            Base::Struct(_) => "struct",
            Base::List(_) => "slice",
            Base::Map(_) => "map",
            Base::Text(_) => "string",
        },
        other => other.type_of().map_or("invalid", kind_of_type),
    }
}

fn kind_of_type(of: Type) -> &'static str {
    match of {
        Type::Any | Type::Reflect => "invalid",
        Type::Bool => "bool",
        Type::Int(Int::Int | Int::Month | Int::Weekday) => "int",
        Type::Int(Int::Int8) => "int8",
        Type::Int(Int::Int16) => "int16",
        Type::Int(Int::Int32) => "int32",
        Type::Int(Int::Int64 | Int::Duration) => "int64",
        Type::Uint(of) => unsigned_kind(of),
        Type::Float(crate::value::Float::Float32) => "float32",
        Type::Float(crate::value::Float::Float64) => "float64",
        Type::Complex => "complex128",
        Type::String => "string",
        Type::Time => "struct",
        Type::Slice(_) => "slice",
        Type::Map(..) => "map",
        Type::Named(named) if named.name.starts_with('*') => "ptr",
        Type::Named(named) => match named.underlying {
            Type::Slice(_) => "slice",
            Type::Map(..) => "map",
            Type::String => "string",
            _ => "struct",
        },
    }
}

fn unsigned_kind(of: crate::value::Uint) -> &'static str {
    use crate::value::Uint;
    match of {
        Uint::Uint => "uint",
        Uint::Uint8 => "uint8",
        Uint::Uint16 => "uint16",
        Uint::Uint32 => "uint32",
        Uint::Uint64 => "uint64",
    }
}

/// The type and the items of a slice, also of a nil one.
pub(super) fn slice(value: &Value) -> Option<(Type, &[Value])> {
    match value {
        Value::Nil(of) if kind_of_type(*of) == "slice" => Some((*of, &[])),
        Value::Object(object) if object.is_pointer() => None,
        other => other.as_list().map(|list| (list.type_of(), &**list)),
    }
}

/// The items of an argument that must be a slice; `wrong` and its kind is the error otherwise.
pub(super) fn items<'a>(call: &Call<'a>, at: usize, wrong: &str) -> Result<&'a [Value], Failure> {
    let value = call.value(at);
    if is_nil(value) {
        return Err(NIL_POINTER.into());
    }
    match slice(value) {
        Some((_, items)) => Ok(items),
        None => Err(format!("{wrong} {}", kind(value)).into()),
    }
}

/// Go's `text[start..end]`, with the words of its runtime where that is out of range.
pub(super) fn bytes_between(text: &[u8], start: i64, end: i64) -> Result<&[u8], Failure> {
    let length = text.len();
    let (Ok(from), Ok(to)) = (usize::try_from(start), usize::try_from(end)) else {
        let wrong = if end < 0 { format!(":{end}") } else { beyond(end, length, start) };
        return Err(out_of_range(&wrong));
    };
    if to > length {
        return Err(out_of_range(&format!(":{end}] with length {length}")));
    }
    text.get(from..to).ok_or_else(|| out_of_range(&format!("{start}:{end}")))
}

/// What is wrong with a negative `start`: Go looks at the end first.
fn beyond(end: i64, length: usize, start: i64) -> String {
    if usize::try_from(end).is_ok_and(|end| end > length) {
        return format!(":{end}] with length {length}");
    }
    format!("{start}:")
}

fn out_of_range(bounds: &str) -> Failure {
    let close = if bounds.contains(']') { "" } else { "]" };
    format!("runtime error: slice bounds out of range [{bounds}{close}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_refused_in_the_words_of_gos_runtime() {
        for (start, end, words) in [
            (0, 4, "[:4] with length 3"),
            (0, -1, "[:-1]"),
            (-1, -1, "[:-1]"),
            (-1, 2, "[-1:]"),
            (-1, 4, "[:4] with length 3"),
            (2, 1, "[2:1]"),
            (4, 3, "[4:3]"),
        ] {
            let words = format!("runtime error: slice bounds out of range {words}");
            assert_eq!(bytes_between(b"abc", start, end), Err(Failure::Said(words)));
        }
        assert_eq!(bytes_between(b"abc", 1, 3), Ok(&b"bc"[..]));
    }
}
