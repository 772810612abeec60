//! `index`, `slice` and `len`.

use std::sync::Arc;

use crate::funcs::{Call, Failure};
use crate::value::{List, Map, Text, Type, Uint, Value};

/// What each of these can take apart.
enum Parts<'a> {
    Text(&'a Text),
    List(&'a [Value], Type),
    Nothing,
}

impl<'a> Parts<'a> {
    fn of(value: &'a Value) -> Self {
        if let Some(text) = value.as_text() {
            return Self::Text(text);
        }
        if let Some(list) = value.as_list() {
            return Self::List(list, list.type_of());
        }
        match value {
            Value::Nil(of @ Type::Slice(_)) => Self::List(&[], *of),
            _ => Self::Nothing,
        }
    }

    fn len(&self) -> Option<usize> {
        match self {
            Self::Text(text) => Some(text.len()),
            Self::List(items, _) => Some(items.len()),
            Self::Nothing => None,
        }
    }
}

/// `index x 1 2`: `x[1][2]` in Go.
pub(super) fn index(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut item = call.value(0).clone();
    if matches!(item, Value::Invalid | Value::Nil(Type::Any)) {
        return Err("index of untyped nil".into());
    }
    for at in call.rest(1) {
        item = item_at(&item, at)?;
    }
    Ok(item)
}

fn item_at(item: &Value, at: &Value) -> Result<Value, Failure> {
    if is_nil_pointer(item) {
        return Err("index of nil pointer".into());
    }
    let parts = Parts::of(item);
    if let Some(len) = parts.len() {
        // Go lets the length itself pass here, and fails one step later.
        let at = if matches!(at, Value::Nil(Type::Any)) { &Value::Invalid } else { at };
        let at = position(at, len)?;
        let found = match parts {
            Parts::Text(text) => text
                .as_bytes()
                .get(at)
                .map(|byte| Value::Uint(Uint::Uint8, u64::from(*byte)))
                .ok_or("reflect: string index out of range"),
            Parts::List(items, _) => {
                items.get(at).cloned().ok_or("reflect: slice index out of range")
            }
            Parts::Nothing => Ok(Value::Invalid),
        };
        return found.map_err(Failure::from);
    }
    let Some(of) = item.type_of().filter(|of| of.key().is_some()) else {
        return Err(format!("can't index item of type {}", pointed_type(item)).into());
    };
    let key = key_of(at, of.key().unwrap_or(Type::Any))?;
    let found = item.as_map().and_then(|map| map.get_key(&key));
    Ok(found.unwrap_or_else(|| of.element().unwrap_or(Type::Any).zero()))
}

/// A key for a map whose keys are of the type `wanted`; integers are converted, as in Go.
fn key_of(key: &Value, wanted: Type) -> Result<Value, Failure> {
    let Some(own) = key.type_of().filter(|own| *own != Type::Any) else {
        return if wanted == Type::Any {
            Ok(Value::NIL)
        } else {
            Err(format!("value is nil; should be of type {wanted}").into())
        };
    };
    match (wanted, key) {
        (Type::Any, _) if super::compare::is_comparable(key) => Ok(key.clone()),
        (Type::Any, _) => Err(format!("runtime error: hash of unhashable type {own}").into()),
        _ if own == wanted => Ok(key.clone()),
        (Type::Int(to), Value::Int(_, number)) => Ok(Value::Int(to, *number)),
        (Type::Int(to), Value::Uint(_, number)) => Ok(Value::Int(to, number.cast_signed())),
        (Type::Uint(to), Value::Uint(_, number)) => Ok(Value::Uint(to, *number)),
        (Type::Uint(to), Value::Int(_, number)) => Ok(Value::Uint(to, number.cast_unsigned())),
        _ => Err(format!("value has type {own}; should be {wanted}").into()),
    }
}

fn is_nil_pointer(value: &Value) -> bool {
    match value {
        Value::Nil(Type::Any) => true,
        Value::Nil(of) => of.element().is_none(),
        _ => false,
    }
}

/// The type of a value; of a pointer, that of what it points to.
fn pointed_type(value: &Value) -> String {
    let of = value.type_of().map_or(String::new(), |of| of.to_string());
    of.strip_prefix('*').map_or(of.clone(), str::to_owned)
}

/// An index into something of the length `len`.
fn position(index: &Value, len: usize) -> Result<usize, Failure> {
    let number = match index {
        Value::Int(_, number) => *number,
        Value::Uint(_, number) => number.cast_signed(),
        Value::Invalid => return Err("cannot index slice/array with nil".into()),
        other => {
            let of = other.type_of().map_or(String::new(), |of| of.to_string());
            return Err(format!("cannot index slice/array with type {of}").into());
        }
    };
    match usize::try_from(number) {
        Ok(at) if at <= len => Ok(at),
        _ => Err(format!("index out of range: {number}").into()),
    }
}

/// `slice x 1 2`: `x[1:2]` in Go.
pub(super) fn slice(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (item, indexes) = (call.value(0), call.rest(1));
    if matches!(item, Value::Invalid | Value::Nil(Type::Any)) {
        return Err("slice of untyped nil".into());
    }
    if is_nil_pointer(item) {
        return Err("slice of nil pointer".into());
    }
    if indexes.len() > 3 {
        return Err(format!("too many slice indexes: {}", indexes.len()).into());
    }
    let parts = Parts::of(item);
    let Some(len) = parts.len() else {
        return Err(format!("can't slice item of type {}", pointed_type(item)).into());
    };
    if indexes.len() == 3 && matches!(parts, Parts::Text(_)) {
        return Err("cannot 3-index slice a string".into());
    }
    let mut bounds = [0, len, len];
    for (bound, index) in bounds.iter_mut().zip(indexes) {
        *bound = position(index, len)?;
    }
    let [from, to, end] = bounds;
    if from > to {
        return Err(format!("invalid slice index: {from} > {to}").into());
    }
    if indexes.len() == 3 && to > end {
        return Err(format!("invalid slice index: {to} > {end}").into());
    }
    let part = match parts {
        Parts::Text(text) => {
            call.reserve(to - from)?;
            Value::text(text.as_bytes().get(from..to).unwrap_or_default())
        }
        Parts::List(items, of) => {
            call.reserve((to - from).saturating_mul(size_of::<Value>()))?;
            let items = items.get(from..to).unwrap_or_default().to_vec();
            Value::List(Arc::new(List::new(of, items)))
        }
        Parts::Nothing => Value::Invalid,
    };
    match item {
        Value::Object(object) => Ok(object.part(part.clone()).unwrap_or(part)),
        _ => Ok(part),
    }
}

/// How many bytes, items or entries.
pub(super) fn len(call: &mut Call<'_>) -> Result<Value, Failure> {
    let item = call.value(0);
    if is_nil_pointer(item) {
        return Err("len of nil pointer".into());
    }
    let entries = match item {
        Value::Nil(Type::Map(..)) => Some(0),
        other => other.as_map().map(Map::len),
    };
    if let Some(len) = Parts::of(item).len().or(entries) {
        return Ok(Value::int(i64::try_from(len).unwrap_or(i64::MAX)));
    }
    match item.type_of() {
        Some(_) => Err(format!("len of type {}", pointed_type(item)).into()),
        // What Go's reflection says where there is no value to ask.
        None => Err("reflect: call of reflect.Value.Type on zero Value".into()),
    }
}
