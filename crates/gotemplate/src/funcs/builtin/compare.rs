//! `eq`, `ne`, `lt`, `le`, `gt` and `ge`.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::fmt;
use crate::funcs::{Call, Context, Failure};
use crate::value::{Base, Text, Type, Value};

const BAD_TYPE: &str = "invalid type for comparison";
const MISSING: &str = "missing argument for comparison";

/// A value of a kind that can be ordered, or at least told apart.
#[derive(Clone, Copy)]
enum Basic<'a> {
    Bool(bool),
    Complex(f64, f64),
    Int(i64),
    Float(f64),
    Text(&'a Text),
    Uint(u64),
}

impl<'a> Basic<'a> {
    fn of(value: &'a Value) -> Option<Self> {
        Some(match value {
            Value::Bool(value) => Self::Bool(*value),
            Value::Complex(real, imaginary) => Self::Complex(*real, *imaginary),
            Value::Int(_, value) => Self::Int(*value),
            Value::Float(_, value) => Self::Float(*value),
            Value::Uint(_, value) => Self::Uint(*value),
            other => Self::Text(other.as_text()?),
        })
    }

    /// Whether both are equal; nothing where their kinds do not go together.
    #[expect(clippy::float_cmp, reason = "Go compares floats exactly too")]
    fn equals(self, other: Self) -> Option<bool> {
        Some(match (self, other) {
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Complex(a, b), Self::Complex(c, d)) => a == c && b == d,
            (Self::Int(one), Self::Int(other)) => one == other,
            (Self::Float(one), Self::Float(other)) => one == other,
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Uint(one), Self::Uint(other)) => one == other,
            (Self::Int(int), Self::Uint(uint)) | (Self::Uint(uint), Self::Int(int)) => {
                u64::try_from(int) == Ok(uint)
            }
            _ => return None,
        })
    }
}

/// Whether the first argument equals any of the others.
pub(super) fn eq(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (one, others) = (call.value(0), call.rest(1));
    if others.is_empty() {
        return Err(MISSING.into());
    }
    for other in others {
        call.context.spend(cost(one, other))?;
        if equal(one, other, call.context)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

pub(super) fn ne(call: &mut Call<'_>) -> Result<Value, Failure> {
    spend(call)?;
    Ok(Value::Bool(!equal(call.value(0), call.value(1), call.context)?))
}

pub(super) fn lt(call: &mut Call<'_>) -> Result<Value, Failure> {
    spend(call)?;
    less(call.value(0), call.value(1)).map(Value::Bool)
}

pub(super) fn le(call: &mut Call<'_>) -> Result<Value, Failure> {
    less_or_equal(call).map(Value::Bool)
}

pub(super) fn gt(call: &mut Call<'_>) -> Result<Value, Failure> {
    less_or_equal(call).map(|is| Value::Bool(!is))
}

pub(super) fn ge(call: &mut Call<'_>) -> Result<Value, Failure> {
    spend(call)?;
    less(call.value(0), call.value(1)).map(|is| Value::Bool(!is))
}

/// Takes the fuel for comparing the two arguments.
fn spend(call: &mut Call<'_>) -> Result<(), Failure> {
    call.context.spend(cost(call.value(0), call.value(1)))
}

/// The fuel for comparing two values: long texts take as long as they are.
pub(crate) fn cost(one: &Value, other: &Value) -> u64 {
    let (Some(one), Some(other)) = (one.as_text(), other.as_text()) else { return 0 };
    u64::try_from(one.len().min(other.len()) / 64).unwrap_or(u64::MAX)
}

fn less_or_equal(call: &mut Call<'_>) -> Result<bool, Failure> {
    spend(call)?;
    let (one, other) = (call.value(0), call.value(1));
    Ok(less(one, other)? || equal(one, other, call.context)?)
}

fn less(one: &Value, other: &Value) -> Result<bool, Failure> {
    let (Some(a), Some(b)) = (Basic::of(one), Basic::of(other)) else {
        return Err(BAD_TYPE.into());
    };
    Ok(match (a, b) {
        (Basic::Int(one), Basic::Int(other)) => one < other,
        (Basic::Uint(one), Basic::Uint(other)) => one < other,
        (Basic::Float(one), Basic::Float(other)) => one < other,
        (Basic::Text(one), Basic::Text(other)) => one < other,
        (Basic::Int(int), Basic::Uint(uint)) => {
            u64::try_from(int).map_or(Ordering::Less, |int| int.cmp(&uint)) == Ordering::Less
        }
        (Basic::Uint(uint), Basic::Int(int)) => u64::try_from(int).is_ok_and(|int| uint < int),
        (Basic::Bool(_), Basic::Bool(_)) | (Basic::Complex(..), Basic::Complex(..)) => {
            return Err(BAD_TYPE.into());
        }
        _ => return Err(incompatible(one, other)),
    })
}

fn incompatible(one: &Value, other: &Value) -> Failure {
    let of = |value: &Value| value.type_of().map_or(String::new(), |of| of.to_string());
    format!("incompatible types for comparison: {} and {}", of(one), of(other)).into()
}

/// What `reflect` calls a kind, of values that are not basic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Invalid,
    Slice,
    Map,
    Struct,
    Pointer,
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::List(_) | Value::Nil(Type::Slice(_)) => Kind::Slice,
        Value::Map(_) | Value::Nil(Type::Map(..)) => Kind::Map,
        Value::Nil(Type::Any) | Value::Invalid => Kind::Invalid,
        Value::Object(object) if object.is_pointer() => Kind::Pointer,
        Value::Object(object) => match object.base() {
            Base::List(_) => Kind::Slice,
            Base::Map(_) => Kind::Map,
            Base::Struct(_) | Base::Text(_) => Kind::Struct,
        },
        Value::Nil(_) => Kind::Pointer,
        _ => Kind::Struct,
    }
}

/// Whether two basic values of kinds that go together are equal.
pub(crate) fn equals(one: &Value, other: &Value) -> Option<bool> {
    Basic::of(one)?.equals(Basic::of(other)?)
}

fn equal(one: &Value, other: &Value, context: &mut Context) -> Result<bool, Failure> {
    match (Basic::of(one), Basic::of(other)) {
        (Some(a), Some(b)) => return a.equals(b).ok_or_else(|| incompatible(one, other)),
        (None, None) => {}
        _ if kind_is_invalid(one) || kind_is_invalid(other) => return Ok(false),
        _ => return Err(incompatible(one, other)),
    }
    let (a, b) = (kind(one), kind(other));
    if a != b && a != Kind::Invalid && b != Kind::Invalid {
        let (one_text, other_text) = (shown(b"%s", one, context)?, shown(b"%v", other, context)?);
        let of = |value: &Value| value.type_of().map_or(String::new(), |of| of.to_string());
        let (one, other) = (of(one), of(other));
        let words = format!("non-comparable types {one_text}: {one}, {other}: {other_text}");
        return Err(words.into());
    }
    let is_nil = |value: &Value| matches!(value, Value::Invalid | Value::Nil(_));
    if is_nil(one) || is_nil(other) {
        return Ok(is_nil(one) && is_nil(other));
    }
    if !is_comparable(other) {
        let of = other.type_of().map_or(String::new(), |of| of.to_string());
        return Err(format!("non-comparable type {}: {of}", shown(b"%s", other, context)?).into());
    }
    Ok(same(one, other))
}

fn kind_is_invalid(value: &Value) -> bool {
    Basic::of(value).is_none() && kind(value) == Kind::Invalid
}

/// A value as messages show it.
fn shown(verb: &[u8], value: &Value, context: &mut Context) -> Result<String, Failure> {
    let shown = fmt::sprintf(verb, std::slice::from_ref(value), context)?;
    Ok(String::from_utf8_lossy(&shown).into_owned())
}

/// Whether Go's `==` works on the type: not on slices and maps, nor on structs that hold them.
pub(super) fn is_comparable(value: &Value) -> bool {
    match value {
        Value::List(_) | Value::Map(_) => false,
        Value::Object(object) if object.is_pointer() => true,
        Value::Object(object) => match object.base() {
            Base::List(_) | Base::Map(_) => false,
            Base::Text(_) => true,
            Base::Struct(names) => names
                .iter()
                .all(|name| object.field(name).is_none_or(|field| is_comparable(&field))),
        },
        Value::Nil(of) => of.element().is_none(),
        _ => true,
    }
}

/// Go's `==` of two values that are comparable.
fn same(one: &Value, other: &Value) -> bool {
    if let (Some(one), Some(other)) = (Basic::of(one), Basic::of(other)) {
        return one.equals(other) == Some(true);
    }
    match (one, other) {
        (Value::Time(one), Value::Time(other)) => one.is_same(other),
        (Value::Object(one), Value::Object(other)) => {
            if one.is_pointer() || other.is_pointer() {
                return Arc::ptr_eq(one, other);
            }
            let (Base::Struct(names), Base::Struct(_)) = (one.base(), other.base()) else {
                return false;
            };
            one.named().name == other.named().name
                && names.iter().all(|name| match (one.field(name), other.field(name)) {
                    (Some(one), Some(other)) => same(&one, &other),
                    _ => false,
                })
        }
        (Value::Nil(one), Value::Nil(other)) => one == other,
        (Value::Invalid, Value::Invalid) => true,
        _ => false,
    }
}
