//! Pipelines, their operands, and the members that these ask values for.

use std::rc::Rc;

use super::known::Known;
use super::{Checker, Mistake};
use crate::exec::field::{is_exported, member_fault, no_member};
use crate::node::{Command, Number, Operand, Pipe};
use crate::value::{Base, Map, Type, Value};

/// What the last member of an operand is given, or a function: operands, and the value before a `|`.
#[derive(Clone)]
pub(super) struct Given<'t, 'k> {
    pub(super) dot: &'k Known,
    pub(super) operands: &'t [Operand],
    pub(super) last: Option<Known>,
}

impl<'k> Given<'_, 'k> {
    pub(super) const fn nothing(dot: &'k Known) -> Self {
        Self { dot, operands: &[], last: None }
    }

    const fn is_any(&self) -> bool {
        !self.operands.is_empty() || self.last.is_some()
    }
}

impl<'t> Checker<'t> {
    /// The value of a pipeline; the variables that it declares stay until their block ends.
    pub(super) fn pipeline(&mut self, dot: &Known, pipe: &'t Pipe) -> Known {
        self.at = pipe.at;
        let value = self.commands(dot, pipe);
        for variable in &pipe.variables {
            self.declare(pipe, variable, value.clone());
        }
        value
    }

    /// The value of a pipeline, which its variables are not given.
    pub(super) fn commands(&mut self, dot: &Known, pipe: &'t Pipe) -> Known {
        let mut last = None;
        for command in &pipe.commands {
            last = Some(self.command(dot, command, last));
        }
        last.unwrap_or_default()
    }

    fn command(&mut self, dot: &Known, command: &'t Command, last: Option<Known>) -> Known {
        let Some((first, operands)) = command.operands.split_first() else {
            return Known::default();
        };
        let given = Given { dot, operands, last };
        match first {
            Operand::Field(_) | Operand::Chain(_) | Operand::Identifier(_) => {
                self.operand(first, given)
            }
            Operand::Variable(variable) if !variable.fields.is_empty() => {
                self.operand(first, given)
            }
            alone => {
                if given.is_any() {
                    self.at = alone.at();
                    let words = format!("can't give argument to non-function {alone}");
                    self.find(Mistake { words, fault: None, is_certain: true });
                }
                self.operand(alone, Given::nothing(dot))
            }
        }
    }

    /// The value of an operand, whose last member, or which itself as a function, is `given` something.
    pub(super) fn operand(&mut self, operand: &'t Operand, given: Given<'t, '_>) -> Known {
        self.at = operand.at();
        if !self.tick() {
            return Known::default();
        }
        let dot = given.dot;
        match operand {
            Operand::Dot { .. } => dot.clone(),
            Operand::Nil { .. } => Known::default(),
            Operand::Bool { value, .. } => Known::of(Value::Bool(*value)),
            Operand::Number(number) => Known::of(ideal(number)),
            Operand::Text(literal) => Known::of(literal.value.clone()),
            Operand::Field(field) => self.members(dot.clone(), &field.names, given),
            Operand::Variable(variable) => {
                let value = self.variable(variable);
                self.members(value, &variable.fields, given)
            }
            Operand::Pipe(pipe) => self.nested(|checker| checker.pipeline(dot, pipe)),
            Operand::Identifier(identifier) => {
                self.nested(|checker| checker.function(identifier, given))
            }
            Operand::Chain(chain) => {
                let of = self.nested(|checker| checker.operand(&chain.of, Given::nothing(dot)));
                self.members(of, &chain.names, given)
            }
        }
    }

    /// Follows `names` from `value`; the last one is given the arguments.
    fn members(&mut self, value: Known, names: &'t [String], given: Given<'t, '_>) -> Known {
        let Some((last, first)) = names.split_last() else { return value };
        let nothing = Given::nothing(given.dot);
        let of = first.iter().fold(value, |value, name| {
            if value.example.is_none() { value } else { self.member(&value, name, nothing.clone()) }
        });
        self.member(&of, last, given)
    }

    fn member(&mut self, of: &Known, name: &str, given: Given<'t, '_>) -> Known {
        let Some(value) = &of.example else {
            self.evaluate(&given);
            return Known::default();
        };
        if let Some(method) = value.methods().iter().find(|method| method.name() == name) {
            return self.nested(|checker| checker.call(method, given, Some(of)));
        }
        let is_given = given.is_any();
        let found = match value {
            // Its methods are those of an object that is not there.
            Value::Nil(Type::Named(_)) => Known::default(),
            Value::Nil(nil) if nil.key() == Some(Type::String) => {
                self.entry(of, &Map::new(*nil, []), name, is_given)
            }
            _ => match (value.as_map(), value) {
                (Some(map), _) if matches!(map.key(), Type::String | Type::Any) => {
                    self.entry(of, map, name, is_given)
                }
                (None, Value::Object(object)) if matches!(object.base(), Base::Struct(_)) => {
                    self.field(of, object.field(name), name, is_given)
                }
                _ => self.no_member(of, name),
            },
        };
        self.evaluate(&given);
        found
    }

    fn no_member(&mut self, of: &Known, name: &str) -> Known {
        if let Some(value) = &of.example {
            let words = no_member(name, value.type_of().unwrap_or(Type::Any));
            let fault = Some(member_fault(value, name));
            self.find(Mistake { words, fault, is_certain: of.is_certain });
        }
        Known::default()
    }

    /// The field of a struct.
    fn field(&mut self, of: &Known, field: Option<Value>, name: &str, is_given: bool) -> Known {
        let Some(field) = field else { return self.no_member(of, name) };
        let words = if !is_exported(name) {
            format!("{name} is an unexported field of a struct")
        } else if is_given {
            format!("{name} has arguments but cannot be invoked as function")
        } else {
            return Known::like(Some(field), of.is_certain);
        };
        self.find(Mistake { words, fault: None, is_certain: of.is_certain });
        Known::default()
    }

    /// The value of a key. What a map of texts does not have, other data may.
    fn entry(&mut self, of: &Known, map: &Map, name: &str, is_given: bool) -> Known {
        if is_given {
            let words = format!("{name} is not a method but has arguments");
            self.find(Mistake { words, fault: None, is_certain: of.is_certain });
            return Known::default();
        }
        let (element, found) = (map.element(), map.get(name.as_bytes()));
        let is_certain = of.is_certain && !matches!(element, Type::Any);
        if holds_texts(map) {
            self.checked.asked.entry(name.to_owned()).or_default();
            let zero = || (!matches!(element, Type::Any)).then(|| element.zero());
            let example = found.or_else(zero);
            return Known { key: Some(Rc::from(name)), ..Known::like(example, is_certain) };
        }
        if let (None, Type::Any, Some(value)) = (&found, element, &of.example) {
            self.lacks(value, name);
        }
        Known::like(found, is_certain)
    }

    /// Looks for mistakes in operands that are given to nothing that is known.
    pub(super) fn evaluate(&mut self, given: &Given<'t, '_>) {
        for operand in given.operands {
            self.operand(operand, Given::nothing(given.dot));
        }
    }
}

/// Whether all values of a map are texts, so that it is one of names that its writer chose.
pub(super) fn holds_texts(map: &Map) -> bool {
    match map.element() {
        Type::String => true,
        Type::Any => map.entries().iter().all(|(_, value)| value.as_text().is_some()),
        _ => false,
    }
}

/// A number where no parameter says what it is.
fn ideal(number: &Number) -> Value {
    let is_float = number.text.contains(['.', 'e', 'E']) && !number.text.starts_with("0x");
    match (number.int, number.float) {
        (Some(int), _) if !is_float => Value::int(int),
        (_, Some(float)) => Value::float(float),
        _ => Value::Invalid,
    }
}
