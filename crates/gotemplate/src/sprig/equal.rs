//! Go's `reflect.DeepEqual`.

use std::sync::Arc;

use super::shape::interface;
use crate::funcs::{Call, Failure};
use crate::limits::Reached;
use crate::value::{Base, List, Map, Object, Value};

/// Whether both are of one type and equal in all that they hold.
///
/// # Errors
/// When they nest deeper than the limit, and when comparing uses up the fuel.
pub(super) fn equal(call: &mut Call<'_>, one: &Value, other: &Value) -> Result<bool, Failure> {
    Comparison { call, depth: 0 }.values(&interface(one), &interface(other))
}

struct Comparison<'c, 'a> {
    call: &'c mut Call<'a>,
    depth: usize,
}

impl Comparison<'_, '_> {
    fn values(&mut self, one: &Value, other: &Value) -> Result<bool, Failure> {
        self.call.spend(1)?;
        if one.type_of() != other.type_of() {
            return Ok(false);
        }
        match (one, other) {
            (Value::Bool(one), Value::Bool(other)) => Ok(one == other),
            (Value::Int(_, one), Value::Int(_, other)) => Ok(one == other),
            (Value::Uint(_, one), Value::Uint(_, other)) => Ok(one == other),
            (Value::Float(_, one), Value::Float(_, other)) => Ok(same_number(*one, *other)),
            (Value::Complex(one, i), Value::Complex(other, j)) => {
                Ok(same_number(*one, *other) && same_number(*i, *j))
            }
            (Value::Text(one), Value::Text(other)) => {
                self.call.spend(u64::try_from(one.len() / 64).unwrap_or(u64::MAX))?;
                Ok(one == other)
            }
            (Value::Time(one), Value::Time(other)) => Ok(one.is_same(other)),
            (Value::List(one), Value::List(other)) => {
                // What is one and the same is equal, even with a NaN in it.
                Ok(Arc::ptr_eq(one, other) || self.lists(one, other)?)
            }
            (Value::Map(one), Value::Map(other)) => {
                Ok(Arc::ptr_eq(one, other) || self.maps(one, other)?)
            }
            (Value::Object(one), Value::Object(other)) => self.objects(&**one, &**other),
            (Value::Nil(_), Value::Nil(_)) | (Value::Invalid, Value::Invalid) => Ok(true),
            _ => Ok(false),
        }
    }

    fn lists(&mut self, one: &List, other: &List) -> Result<bool, Failure> {
        if one.len() != other.len() {
            return Ok(false);
        }
        self.nested(|this| {
            for (one, other) in one.iter().zip(other.iter()) {
                if !this.values(&interface(one), &interface(other))? {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    fn maps(&mut self, one: &Map, other: &Map) -> Result<bool, Failure> {
        if one.len() != other.len() {
            return Ok(false);
        }
        self.nested(|this| {
            for (key, value) in one.entries() {
                let same = match other.get_key(&key) {
                    Some(other) => this.values(&interface(&value), &interface(&other))?,
                    None => false,
                };
                if !same {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    fn objects(&mut self, one: &dyn Object, other: &dyn Object) -> Result<bool, Failure> {
        match (one.base(), other.base()) {
            (Base::Struct(fields), Base::Struct(_)) => self.nested(|this| {
                for name in fields {
                    let pair = (one.field(name), other.field(name));
                    let (one, other) = (pair.0.unwrap_or_default(), pair.1.unwrap_or_default());
                    if !this.values(&one, &other)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }),
            (Base::List(one), Base::List(other)) => self.lists(one, other),
            (Base::Map(one), Base::Map(other)) => self.maps(one, other),
            (Base::Text(one), Base::Text(other)) => Ok(one == other),
            _ => Ok(false),
        }
    }

    fn nested<T>(
        &mut self,
        compare: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        check_depth(self.call, self.depth)?;
        self.depth += 1;
        let compared = compare(self);
        self.depth -= 1;
        compared
    }
}

/// Whether a walk may go deeper.
pub(super) fn check_depth(call: &Call<'_>, depth: usize) -> Result<(), Failure> {
    let most = call.limits().nesting;
    if depth < most {
        return Ok(());
    }
    Err(Reached::size("nesting", most).into())
}

#[expect(clippy::float_cmp, reason = "Go compares so, too")]
fn same_number(one: f64, other: f64) -> bool {
    one == other
}
