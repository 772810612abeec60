//! Arguments: what a parameter takes, and what Go says of what it does not take.

use super::{At, Execution, Run, Slot};
use crate::error::Fault;
use crate::funcs::{Function, Signature};
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
                return Err(self.unfit(&nil_for(of)));
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
            _ => Err(self.unfit(&refusal(of, operand).unwrap_or_default())),
        }
    }

    /// An argument that the parameter does not take; whose parameter it is, the call adds.
    fn unfit(&self, words: &str) -> Box<crate::Error> {
        let fault = Fault::Argument { signature: "", parameter: "", is_piped: false };
        Box::new(self.error(words).with_fault(fault))
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
        Err(self.unfit(&wrong_type(own, of)))
    }
}

/// What Go says of nil for a parameter that can't be nil.
pub(crate) fn nil_for(of: Type) -> String {
    format!("cannot assign nil to {of}")
}

/// What Go says of a value of the type `own` for a parameter of the type `of`.
pub(crate) fn wrong_type(own: Type, of: Type) -> String {
    format!("wrong type for value; expected {of}; got {own}")
}

/// What Go says of a constant that a parameter of the type `of` does not take; nothing if it does.
pub(crate) fn refusal(of: Type, constant: &Operand) -> Option<String> {
    let wanted = match (of, constant) {
        (
            Type::Any | Type::Reflect,
            Operand::Bool { .. } | Operand::Number(_) | Operand::Text(_),
        )
        | (Type::Bool, Operand::Bool { .. })
        | (Type::String, Operand::Text(_)) => return None,
        (Type::Int(_), Operand::Number(number)) if number.int.is_some() => return None,
        (Type::Uint(_), Operand::Number(number)) if number.uint.is_some() => return None,
        (Type::Float(_), Operand::Number(number)) if number.float.is_some() => return None,
        (Type::Complex, Operand::Number(number)) if number.complex.is_some() => return None,
        (Type::Bool, _) => "bool",
        (Type::String, _) => "string",
        (Type::Int(_), _) => "integer",
        (Type::Uint(_), _) => "unsigned integer",
        (Type::Float(_), _) => "float",
        (Type::Complex, _) => "complex",
        _ => return Some(format!("can't handle {constant} for arg of type {of}")),
    };
    Some(format!("expected {wanted}; found {constant}"))
}

/// The error of an argument with the function and the parameter that it was for; one of a call that
/// stands in the argument has its own.
pub(super) fn given_to(
    error: Box<crate::Error>,
    function: &Function,
    at: usize,
    is_piped: bool,
) -> Box<crate::Error> {
    let is_of_this_call =
        matches!(error.fault(), Some(Fault::Argument { signature, .. }) if signature.is_empty());
    if !is_of_this_call {
        return error;
    }
    Box::new(error.with_fault(argument_fault(function.signature(), at, is_piped)))
}

/// What a call got wrong that gives its parameter `at` what it does not take.
pub(crate) fn argument_fault(signature: &Signature, at: usize, is_piped: bool) -> Fault {
    let parameters = signature.parameters();
    let parameter = parameters.get(at).or(parameters.last()).map_or("", |one| one.name);
    Fault::Argument { signature: signature.text(), parameter, is_piped }
}

/// Go's assignability, as far as values here can show it.
pub(crate) fn assignable(own: Type, to: Type) -> bool {
    match to {
        Type::Any | Type::Reflect => true,
        // A type without a name takes every named one that is made of the same.
        Type::Slice(_) | Type::Map(..) => own.underlying() == to,
        _ => own == to,
    }
}
