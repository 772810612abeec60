//! Calls of functions and methods.

use std::mem;

use super::argument::given_to;
use super::{At, Execution, Run, Slot, field};
use crate::error::Fault;
use crate::funcs::builtin::{cost, equals};
use crate::funcs::{Call, Failure, Function};
use crate::node::{Identifier, Operand, Special};
use crate::value::{Type, Value};

impl<'t> Execution<'t> {
    pub(super) fn function(
        &mut self,
        dot: &Slot,
        identifier: &'t Identifier,
        at: At<'t>,
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Run<Slot> {
        let called = &identifier.function;
        match identifier.special {
            Special::None => self.call(dot, called, at, arguments, last, None),
            Special::And => self.short_circuit(dot, called, false, arguments, last),
            Special::Or => self.short_circuit(dot, called, true, arguments, last),
            Special::Call => self.call_value(dot, called, at, arguments, last),
            Special::Equal { negated } => {
                if let (Some(equal), None) = (self.equals_held(dot, arguments), &last)
                    && (!negated || arguments.len() == 2)
                {
                    // What a later error shows is the argument that was evaluated last.
                    self.at = arguments.last().map(At::Operand);
                    return Ok(Slot::of(Value::Bool(equal != negated)));
                }
                self.call(dot, called, at, arguments, last, None)
            }
            Special::Slice => {
                self.keeps_interfaces = true;
                self.call(dot, called, at, arguments, last, None)
            }
        }
    }

    /// Whether the first operand equals one of the others, where all are held and can be compared.
    ///
    /// Arguments need not be made for that; whatever could fail is left to the function.
    fn equals_held(&mut self, dot: &Slot, operands: &'t [Operand]) -> Option<bool> {
        let (first, others) = operands.split_first().filter(|(_, others)| !others.is_empty())?;
        let one = self.held(dot, first)?;
        let mut equal = false;
        let mut fuel = u64::try_from(operands.len()).unwrap_or(u64::MAX);
        for other in others {
            // Behind the first equal one the function compares no more, but evaluates all.
            let other = self.held(dot, other)?;
            fuel = fuel.saturating_add(cost(one, other));
            equal = equal || equals(one, other)?;
        }
        self.context.fuel = self.context.fuel.checked_sub(fuel)?;
        Some(equal)
    }

    /// The value of an operand, where nothing has to be evaluated for it.
    fn held<'v>(&'v self, dot: &'v Slot, operand: &'v Operand) -> Option<&'v Value> {
        match operand {
            Operand::Dot { .. } => Some(&dot.value),
            Operand::Field(field) => field::held(&dot.value, &field.names),
            Operand::Text(literal) => Some(&literal.value),
            Operand::Variable(variable) => {
                let slot = self.known(variable)?;
                field::held(&slot.value, &variable.fields)
            }
            _ => None,
        }
    }

    /// Calls `function` with `arguments`, and `last` behind them.
    pub(super) fn call(
        &mut self,
        dot: &Slot,
        function: &Function,
        at: At<'t>,
        arguments: &'t [Operand],
        last: Option<Value>,
        receiver: Option<&Value>,
    ) -> Run<Slot> {
        self.check_count(function, arguments.len(), last.is_some())?;
        let base = self.arguments.len();
        let keeps_interfaces = mem::take(&mut self.keeps_interfaces);
        for (index, operand) in arguments.iter().enumerate() {
            let value = self.argument(dot, parameter(function, index), operand);
            let value = value.map_err(|error| given_to(error, function, index, false))?;
            let stays = keeps_interfaces && index > 0 && self.boxed;
            self.arguments.push(if stays { Value::NIL } else { value });
        }
        if let Some(last) = last {
            let at = arguments.len();
            let value = self.validate(last, parameter(function, at));
            let value = value.map_err(|error| given_to(error, function, at, true))?;
            self.arguments.push(value);
        }
        // Functions execute no templates, so nobody needs the other arguments meanwhile.
        let prepared = mem::take(&mut self.arguments);
        let own = prepared.get(base..).unwrap_or_default();
        let result = self.context.spend(reading(own)).and_then(|()| {
            function.call(&mut Call { receiver, arguments: own, context: &mut self.context })
        });
        self.arguments = prepared;
        self.arguments.truncate(base);
        match result {
            Ok(value) => Ok(Slot { value, boxed: function.signature().returns_interface() }),
            Err(failure) => Err(self.call_failed(function.name(), at, failure)),
        }
    }

    fn call_failed(&mut self, name: &str, at: At<'t>, failure: Failure) -> Box<crate::Error> {
        self.at = Some(at);
        match failure {
            Failure::Said(words) => self.error(&format!("error calling {name}: {words}")),
            other => self.failed(other),
        }
    }

    fn check_count(&self, called: &Function, given: usize, last: bool) -> Run<()> {
        match count_fault(called, given, last) {
            None => Ok(()),
            Some((words, fault)) => Err(Box::new(self.error(&words).with_fault(fault))),
        }
    }

    /// `and` and `or`: the first argument that decides is the value, and none behind it is looked at.
    fn short_circuit(
        &mut self,
        dot: &Slot,
        function: &Function,
        decides: bool,
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Run<Slot> {
        self.check_count(function, arguments.len(), last.is_some())?;
        let mut value = Value::Invalid;
        for (index, operand) in arguments.iter().enumerate() {
            value = self.argument(dot, Type::Reflect, operand)?;
            if index > 0 {
                self.note(operand.at());
            }
            if value.truth() == decides {
                return Ok(Slot::of(value));
            }
        }
        Ok(Slot::of(last.unwrap_or(value)))
    }

    /// `call`: no value of a template is a function, so it always fails, as Go says it.
    fn call_value(
        &mut self,
        dot: &Slot,
        function: &Function,
        at: At<'t>,
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Run<Slot> {
        self.check_count(function, arguments.len(), last.is_some())?;
        let mut values = Vec::with_capacity(arguments.len());
        for operand in arguments {
            values.push(self.argument(dot, Type::Reflect, operand)?);
        }
        let name = match (arguments.first(), &last) {
            (Some(operand), _) => operand.to_string(),
            (None, last) => reflected(last.as_ref()),
        };
        let callee = values.into_iter().next().or(last).unwrap_or_default();
        let words = match callee.type_of() {
            None | Some(Type::Any) => "call of nil".to_owned(),
            Some(of) => format!("non-function {name} of type {of}"),
        };
        Err(self.call_failed(function.name(), at, Failure::Said(words)))
    }
}

/// Go's `reflect.Value.String()`.
fn reflected(value: Option<&Value>) -> String {
    let is_pointer = matches!(value, Some(Value::Object(object)) if object.is_pointer());
    match value.and_then(Value::as_text) {
        Some(text) if !is_pointer => text.to_str().into_owned(),
        _ => value
            .and_then(Value::type_of)
            .map_or("<invalid Value>".to_owned(), |of| format!("<{of} Value>")),
    }
}

/// The fuel for reading texts, which many functions do that make nothing as long: 256 bytes are
/// about a node.
fn reading(arguments: &[Value]) -> u64 {
    let length = |value: &Value| match value {
        Value::Text(text) => text.len(),
        _ => 0,
    };
    let bytes = arguments.iter().map(length).fold(0, usize::saturating_add);
    u64::try_from(bytes / 256).unwrap_or(u64::MAX)
}

/// What Go says of a call with so many arguments, and the value before a `|` if there is `last`;
/// nothing if it is right.
pub(crate) fn count_fault(called: &Function, given: usize, last: bool) -> Option<(String, Fault)> {
    let (signature, name) = (called.signature(), called.name());
    let wanted = signature.parameters().len();
    let count = given + usize::from(last);
    let fewest = wanted.saturating_sub(1);
    let words = if signature.is_variadic() {
        let words =
            || format!("wrong number of args for {name}: want at least {fewest} got {given}");
        (count < fewest).then(words)
    } else {
        let words = || format!("wrong number of args for {name}: want {wanted} got {count}");
        (count != wanted).then(words)
    }?;
    let missing = signature.parameters().get(count).map(|parameter| parameter.name);
    Some((words, Fault::Count { signature: signature.text(), missing }))
}

/// The type of the parameter that takes the argument `index`.
pub(crate) fn parameter(function: &Function, index: usize) -> Type {
    let parameters = function.signature().parameters();
    parameters.get(index).or(parameters.last()).map_or(Type::Any, |parameter| parameter.of)
}
