//! Calls: how many arguments, of which types, and what is known of the result.

use std::rc::Rc;

use super::known::Known;
use super::pipe::{Given, holds_texts};
use super::{Checker, Mistake};
use crate::error::Fault;
use crate::exec::argument::{argument_fault, assignable, nil_for, refusal, wrong_type};
use crate::exec::call::{count_fault, parameter};
use crate::funcs::{Call, Function};
use crate::node::{Identifier, Operand, Special};
use crate::value::{Type, Value};

impl<'t> Checker<'t> {
    pub(super) fn function(&mut self, identifier: &'t Identifier, given: Given<'t, '_>) -> Known {
        match identifier.special {
            Special::And | Special::Or => self.short_circuit(&identifier.function, given),
            Special::Call => {
                self.evaluate(&given);
                Known::default()
            }
            Special::None | Special::Slice | Special::Equal { .. } => {
                self.call(&identifier.function, given, None)
            }
        }
    }

    /// `and` and `or`: an execution may stop at each operand but the first.
    fn short_circuit(&mut self, function: &Function, given: Given<'t, '_>) -> Known {
        if self.is_miscounted(function, &given, None) {
            return Known::default();
        }
        let outer = self.unit;
        let mut all = Vec::new();
        for (index, operand) in given.operands.iter().enumerate() {
            if index > 0 {
                self.unit = operand.at();
            }
            all.push(self.operand(operand, Given::nothing(given.dot)));
        }
        self.unit = outer;
        all.extend(given.last);
        Known::any_of(&all)
    }

    /// A call of a function, or of a method of `receiver`.
    pub(super) fn call(
        &mut self,
        function: &Function,
        given: Given<'t, '_>,
        receiver: Option<&Known>,
    ) -> Known {
        if self.is_miscounted(function, &given, receiver) {
            self.evaluate(&given);
            return Known::default();
        }
        let Given { dot, operands, last } = given;
        let mut arguments = Vec::with_capacity(operands.len() + 1);
        for (index, operand) in operands.iter().enumerate() {
            arguments.push(self.argument(function, index, dot, operand));
        }
        if let Some(last) = last {
            self.fits(function, operands.len(), &last, true);
            arguments.push(last);
        }
        let key = self.asked(function, operands, &arguments);
        Known { key, ..self.result(function, &arguments, receiver) }
    }

    fn is_miscounted(
        &mut self,
        function: &Function,
        given: &Given<'t, '_>,
        receiver: Option<&Known>,
    ) -> bool {
        let fault = count_fault(function, given.operands.len(), given.last.is_some());
        let Some((words, fault)) = fault else { return false };
        let is_certain = receiver.is_none_or(|receiver| receiver.is_certain);
        self.find(Mistake { words, fault: Some(fault), is_certain });
        true
    }

    fn argument(
        &mut self,
        function: &Function,
        index: usize,
        dot: &Known,
        operand: &'t Operand,
    ) -> Known {
        let of = parameter(function, index);
        let refused = match operand {
            Operand::Nil { .. } => (!of.can_be_nil()).then(|| nil_for(of)),
            Operand::Bool { .. } | Operand::Number(_) | Operand::Text(_) => refusal(of, operand),
            _ => None,
        };
        let known = self.operand(operand, Given::nothing(dot));
        match refused {
            Some(words) => {
                self.unfit(words, argument_fault(function.signature(), index, false), true);
            }
            None if operand.is_constant() && !matches!(operand, Operand::Dot { .. }) => {}
            None => self.fits(function, index, &known, false),
        }
        known
    }

    /// Whether the parameter takes a value of this type.
    fn fits(&mut self, function: &Function, index: usize, known: &Known, is_piped: bool) {
        let of = parameter(function, index);
        let Some(own) = known.example.as_ref().and_then(Value::type_of) else { return };
        if !assignable(own, of) {
            let fault = argument_fault(function.signature(), index, is_piped);
            self.unfit(wrong_type(own, of), fault, known.is_certain);
        }
    }

    fn unfit(&mut self, words: String, fault: Fault, is_certain: bool) {
        self.find(Mistake { words, fault: Some(fault), is_certain });
    }

    /// What is known of the result: its type by the signature, or by running the function on examples.
    fn result(
        &mut self,
        function: &Function,
        arguments: &[Known],
        receiver: Option<&Known>,
    ) -> Known {
        let is_certain = receiver.is_none_or(|receiver| receiver.is_certain);
        match function.signature().result() {
            Some(
                of @ (Type::Bool
                | Type::Int(_)
                | Type::Uint(_)
                | Type::Float(_)
                | Type::Complex
                | Type::String
                | Type::Time),
            ) => Known::like(Some(of.zero()), is_certain),
            Some(Type::Any | Type::Reflect) => {
                let example = self.run(function, arguments, receiver);
                Known::like(example, is_certain && is_element(function, arguments))
            }
            Some(_) | None => Known::like(self.run(function, arguments, receiver), is_certain),
        }
    }

    /// What the function gives for examples; nothing if they are not known, or it fails.
    fn run(
        &mut self,
        function: &Function,
        arguments: &[Known],
        receiver: Option<&Known>,
    ) -> Option<Value> {
        let examples = arguments.iter().map(|known| known.example.clone());
        let examples = examples.collect::<Option<Vec<Value>>>()?;
        let receiver = match receiver {
            Some(known) => Some(known.example.as_ref()?),
            None => None,
        };
        let mut call = Call { receiver, arguments: &examples, context: &mut self.context };
        function.call(&mut call).ok()
    }

    /// Notes which keys a call asks for, and with which texts their values are given to it; the key that
    /// its result is made of.
    fn asked(
        &mut self,
        function: &Function,
        operands: &[Operand],
        arguments: &[Known],
    ) -> Option<Rc<str>> {
        let text = |operand: &Operand| match operand {
            Operand::Text(literal) => {
                literal.value.as_text().map(|text| text.to_str().into_owned())
            }
            _ => None,
        };
        let texts: Vec<String> = operands.iter().filter_map(text).collect();
        let is_map =
            |known: &Known| known.example.as_ref().and_then(Value::as_map).is_some_and(holds_texts);
        if function.name() == "index" && arguments.first().is_some_and(is_map) {
            let key = texts.into_iter().next()?;
            self.checked.asked.entry(key.clone()).or_default();
            return Some(Rc::from(key));
        }
        // A function that is given a name and nothing else may look it up.
        if let (1, [name]) = (arguments.len(), texts.as_slice()) {
            self.checked.asked.entry(name.clone()).or_default();
        }
        let key = arguments.iter().find_map(|known| known.key.clone())?;
        self.checked.asked.entry(key.to_string()).or_default().extend(texts);
        Some(key)
    }
}

/// Whether the function takes an item out of a container whose items are of one type.
fn is_element(function: &Function, arguments: &[Known]) -> bool {
    let [of, _] = arguments else { return false };
    let element = of.example.as_ref().and_then(Value::type_of).and_then(Type::element);
    function.name() == "index"
        && of.is_certain
        && element.is_some_and(|element| !matches!(element, Type::Any))
}
