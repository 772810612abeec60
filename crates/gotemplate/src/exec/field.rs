//! Fields, methods and keys: `.A.B` of a value.

use super::{At, Execution, MissingKey, Run, Slot};
use crate::error::Fault;
use crate::node::Operand;
use crate::value::{Base, Map, Type, Value};

impl<'t> Execution<'t> {
    /// Follows `names` from `receiver`; the last one is given the arguments.
    pub(super) fn fields(
        &mut self,
        dot: &Slot,
        receiver: &Slot,
        operand: &'t Operand,
        names: &'t [String],
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Run<Slot> {
        if arguments.is_empty()
            && last.is_none()
            && let Some(value) = held(&receiver.value, names)
        {
            // What a map without interfaces or a struct holds stands in no interface.
            return Ok(Slot::of(value.clone()));
        }
        let Some((last_name, first)) = names.split_last() else { return Ok(receiver.clone()) };
        // A source has room for tens of thousands of names in a row.
        let followed = u64::try_from(first.len() / 8).unwrap_or(u64::MAX);
        self.context.spend(followed).map_err(|failure| self.failed(failure))?;
        let mut reached: Option<Slot> = None;
        for name in first {
            let from = reached.as_ref().unwrap_or(receiver);
            reached = Some(self.field(dot, from, operand, name, &[], None)?);
        }
        let from = reached.as_ref().unwrap_or(receiver);
        self.field(dot, from, operand, last_name, arguments, last)
    }

    fn field(
        &mut self,
        dot: &Slot,
        receiver: &Slot,
        operand: &'t Operand,
        name: &'t str,
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Run<Slot> {
        let value = &receiver.value;
        match value {
            Value::Invalid if self.missing_key == MissingKey::Error => {
                return Err(self.error(&format!("nil data; no entry for key \"{name}\"")));
            }
            Value::Invalid => return Ok(Slot::default()),
            Value::Nil(Type::Any) => {
                return Err(self.error(&format!("nil pointer evaluating interface {{}}.{name}")));
            }
            _ => {}
        }
        if let Some(method) = value.methods().iter().find(|method| method.name() == name) {
            let at = At::Operand(operand);
            return self.call(dot, method, at, arguments, last, Some(value));
        }
        let is_given = !arguments.is_empty() || last.is_some();
        match value {
            Value::Map(map) => self.entry(receiver, map, name, is_given),
            Value::Object(object) => match object.base() {
                Base::Map(map) => self.entry(receiver, map, name, is_given),
                Base::Struct(_) => match object.field(name) {
                    Some(_) if !is_exported(name) => {
                        let of = shown_type(receiver);
                        Err(self
                            .error(&format!("{name} is an unexported field of struct type {of}")))
                    }
                    Some(_) if is_given => Err(self
                        .error(&format!("{name} has arguments but cannot be invoked as function"))),
                    Some(field) => Ok(Slot::of(field)),
                    None => Err(self.no_field(receiver, name)),
                },
                Base::List(_) | Base::Text(_) => Err(self.no_field(receiver, name)),
            },
            Value::Nil(of) if of.key() == Some(Type::String) => {
                let element = of.element().unwrap_or(Type::Any);
                self.missing(name, element, is_given)
            }
            Value::Nil(Type::Named(named)) if named.name.starts_with('*') => {
                let of = shown_type(receiver);
                Err(self.error(&format!("nil pointer evaluating {of}.{name}")))
            }
            _ => Err(self.no_field(receiver, name)),
        }
    }

    fn no_field(&self, receiver: &Slot, name: &str) -> Box<crate::Error> {
        let error = self.error(&no_member(name, shown_type(receiver)));
        Box::new(error.with_fault(member_fault(&receiver.value, name)))
    }

    /// The value of a key.
    fn entry(&self, receiver: &Slot, map: &Map, name: &str, is_given: bool) -> Run<Slot> {
        if !matches!(map.key(), Type::String | Type::Any) {
            return Err(self.no_field(receiver, name));
        }
        let element = map.element();
        match map.get(name.as_bytes()) {
            Some(value) if !is_given => Ok(Slot::item(value, element)),
            _ => self.missing(name, element, is_given),
        }
    }

    fn missing(&self, name: &str, element: Type, is_given: bool) -> Run<Slot> {
        if is_given {
            return Err(self.error(&format!("{name} is not a method but has arguments")));
        }
        match self.missing_key {
            MissingKey::Invalid => Ok(Slot::default()),
            MissingKey::Zero => Ok(Slot::item(element.zero(), element)),
            MissingKey::Error => {
                let name = crate::fmt::quote(name.as_bytes());
                Err(self.error(&format!("map has no entry for key {name}")))
            }
        }
    }
}

/// Whether a struct shows a field of this name to others.
pub(crate) fn is_exported(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// The value at the end of `names`, where it is held from `value` on and no method is called.
pub(super) fn held<'v>(value: &'v Value, names: &[String]) -> Option<&'v Value> {
    names.iter().try_fold(value, |value, name| {
        let map = match value {
            Value::Map(map) => map,
            Value::Object(object) => {
                if object.methods().iter().any(|method| method.name() == name) {
                    return None;
                }
                match object.base() {
                    Base::Map(map) => map,
                    Base::Struct(_) if is_exported(name) => return object.held(name),
                    Base::Struct(_) | Base::List(_) | Base::Text(_) => return None,
                }
            }
            _ => return None,
        };
        let is_plain = matches!(map.type_of().underlying(), Type::Map(Type::String, Type::String));
        map.held(name.as_bytes()).filter(|_| is_plain)
    })
}

/// What Go says of a field that a value of the type `of` does not have.
pub(crate) fn no_member(name: &str, of: Type) -> String {
    format!("can't evaluate field {name} in type {of}")
}

/// The same, with what the value has instead.
pub(crate) fn member_fault(value: &Value, name: &str) -> Fault {
    let of = value.type_of().unwrap_or(Type::Any).to_string();
    Fault::Member { name: name.to_owned(), of, known: value.members() }
}

/// The type of a receiver as messages name it.
fn shown_type(receiver: &Slot) -> Type {
    if receiver.boxed { Type::Any } else { receiver.value.type_of().unwrap_or(Type::Any) }
}
