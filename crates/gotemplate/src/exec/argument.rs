//! Arguments: what a parameter takes, and what Go says of what it does not take.

use super::{At, Execution, Run, Slot};
use crate::node::Operand;
use crate::value::{Type, Value};

impl<'t> Execution<'t> {
    /// The value of an argument for a parameter of the type `of`.
    pub(super) fn argument(&mut self, dot: &Slot, of: Type, operand: &'t Operand) -> Run<Value> {
        self.at = Some(At::Operand(operand));
        self.tick()?;
        self.boxed = false;
        let slot = match operand {
            Operand::Dot { .. } => dot.clone(),
            Operand::Nil { .. } if of.can_be_nil() => return Ok(of.zero()),
            Operand::Nil { .. } => {
                return Err(self.error(&format!("cannot assign nil to {of}")));
            }
            Operand::Field(field) => self.fields(dot, dot, operand, &field.names, &[], None)?,
            Operand::Variable(variable) => {
                self.variable_fields(dot, operand, variable, &[], None)?
            }
            Operand::Pipe(pipe) => Slot::of(self.nested(|run| run.pipeline(dot, pipe))?),
            Operand::Identifier(identifier) => {
                self.function(dot, identifier, At::Operand(operand), &[], None)?
            }
            Operand::Chain(chain) => self.chain(dot, operand, chain, &[], None)?,
            Operand::Bool { .. } | Operand::Number(_) | Operand::Text(_) => {
                return self.literal(of, operand);
            }
        };
        self.boxed = slot.boxed;
        // What most arguments are.
        match (of, slot.value) {
            (Type::Any | Type::Reflect, Value::Invalid) => self.validate(Value::Invalid, of),
            (Type::Any | Type::Reflect, value) | (Type::String, value @ Value::Text(_)) => {
                Ok(value)
            }
            (of, value) => self.validate(value, of),
        }
    }

    /// A constant, made the type that the parameter has.
    fn literal(&mut self, of: Type, operand: &Operand) -> Run<Value> {
        match (of, operand) {
            (Type::Any | Type::Reflect | Type::Bool, Operand::Bool { value, .. }) => {
                Ok(Value::Bool(*value))
            }
            (Type::Any | Type::Reflect, Operand::Number(number)) => self.ideal(number),
            (Type::Any | Type::Reflect | Type::String, Operand::Text(literal)) => {
                Ok(literal.value.clone())
            }
            (Type::Int(kind), Operand::Number(number)) if number.int.is_some() => {
                Ok(Value::Int(kind, number.int.unwrap_or_default()))
            }
            (Type::Uint(kind), Operand::Number(number)) if number.uint.is_some() => {
                Ok(Value::Uint(kind, number.uint.unwrap_or_default()))
            }
            (Type::Float(kind), Operand::Number(number)) if number.float.is_some() => {
                Ok(Value::Float(kind, number.float.unwrap_or_default()))
            }
            (Type::Complex, Operand::Number(number)) if number.complex.is_some() => {
                let (real, imaginary) = number.complex.unwrap_or_default();
                Ok(Value::Complex(real, imaginary))
            }
            (Type::Bool, _) => Err(self.expected("bool", operand)),
            (Type::String, _) => Err(self.expected("string", operand)),
            (Type::Int(_), _) => Err(self.expected("integer", operand)),
            (Type::Uint(_), _) => Err(self.expected("unsigned integer", operand)),
            (Type::Float(_), _) => Err(self.expected("float", operand)),
            (Type::Complex, _) => Err(self.expected("complex", operand)),
            _ => Err(self.error(&format!("can't handle {operand} for arg of type {of}"))),
        }
    }

    fn expected(&self, wanted: &str, operand: &Operand) -> Box<crate::Error> {
        self.error(&format!("expected {wanted}; found {operand}"))
    }

    /// The value as a parameter of the type `of` takes it.
    pub(super) fn validate(&self, value: Value, of: Type) -> Run<Value> {
        let Some(own) = value.type_of() else {
            if of.can_be_nil() {
                return Ok(of.zero());
            }
            return Err(self.error(&format!("invalid value; expected {of}")));
        };
        if assignable(own, of) {
            return Ok(value);
        }
        Err(self.error(&format!("wrong type for value; expected {of}; got {own}")))
    }
}

/// Go's assignability, as far as values here can show it.
fn assignable(own: Type, to: Type) -> bool {
    match to {
        Type::Any | Type::Reflect => true,
        // A type without a name takes every named one that is made of the same.
        Type::Slice(_) | Type::Map(..) => own.underlying() == to,
        _ => own == to,
    }
}
