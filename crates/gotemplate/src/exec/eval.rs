//! Pipelines and commands: the value of what stands in an action.

use std::mem;

use super::{At, Execution, Run, Slot, Variable};
use crate::node::{self, Command, Number, Operand, Pipe};
use crate::value::{Type, Value};

impl<'t> Execution<'t> {
    /// The value of a pipeline; the variables that it declares stay until their block ends.
    pub(super) fn pipeline(&mut self, dot: &Slot, pipe: &'t Pipe) -> Run<Value> {
        self.at = Some(At::Pipe(pipe));
        let value = match pipe.commands.as_slice() {
            [command] => inside(self.command(dot, command, None)?),
            commands => {
                let mut last = None;
                for command in commands {
                    last = Some(inside(self.command(dot, command, last)?));
                }
                last.unwrap_or_default()
            }
        };
        for variable in &pipe.variables {
            let slot = Slot::of(value.clone());
            if pipe.assigns {
                self.assign(variable, slot)?;
            } else {
                self.variables.push(Variable { id: variable.id, slot });
            }
        }
        Ok(value)
    }

    /// Gives the innermost variable of a name another value.
    pub(super) fn assign(&mut self, assigned: &node::Variable, slot: Slot) -> Run<()> {
        let own = self.variables.get_mut(self.base..).unwrap_or_default();
        match own.iter_mut().rev().find(|variable| variable.id == assigned.id) {
            Some(variable) => {
                variable.slot = slot;
                Ok(())
            }
            None => Err(self.error(&format!("undefined variable: {}", assigned.name))),
        }
    }

    /// The value of a variable.
    pub(super) fn known(&self, wanted: &node::Variable) -> Option<&Slot> {
        let own = self.variables.get(self.base..)?;
        own.iter().rev().find(|variable| variable.id == wanted.id).map(|variable| &variable.slot)
    }

    /// The value of a variable, which stays where it is.
    pub(super) fn variable(&mut self, wanted: &node::Variable) -> Run<&mut Slot> {
        let own = self.variables.get(self.base..).unwrap_or_default();
        let Some(at) = own.iter().rposition(|variable| variable.id == wanted.id) else {
            return Err(self.error(&format!("undefined variable: {}", wanted.name)));
        };
        let passed = u64::try_from((own.len() - at) / 256).unwrap_or(u64::MAX);
        self.context.spend(passed).map_err(|failure| self.failed(failure))?;
        let own = self.variables.get_mut(self.base..).unwrap_or_default();
        Ok(&mut own[at].slot)
    }

    /// The value of a command, which is given the value of the one before as its last argument.
    fn command(&mut self, dot: &Slot, command: &'t Command, last: Option<Value>) -> Run<Slot> {
        self.tick()?;
        let Some((first, arguments)) = command.operands.split_first() else {
            return Ok(Slot::default());
        };
        match first {
            Operand::Field(field) => {
                self.at = Some(At::Operand(first));
                self.fields(dot, dot, first, &field.names, arguments, last)
            }
            Operand::Chain(chain) => self.chain(dot, first, chain, arguments, last),
            Operand::Identifier(identifier) => {
                self.at = Some(At::Operand(first));
                self.function(dot, identifier, At::Command(command), arguments, last)
            }
            Operand::Variable(variable) => {
                self.variable_fields(dot, first, variable, arguments, last)
            }
            Operand::Pipe(pipe) => {
                self.takes_nothing(first, arguments, last.as_ref())?;
                self.nested(|run| run.pipeline(dot, pipe)).map(Slot::of)
            }
            _ => {
                self.at = Some(At::Operand(first));
                self.takes_nothing(first, arguments, last.as_ref())?;
                self.constant(dot, first)
            }
        }
    }

    fn takes_nothing(
        &self,
        first: &Operand,
        arguments: &[Operand],
        last: Option<&Value>,
    ) -> Run<()> {
        if arguments.is_empty() && last.is_none() {
            return Ok(());
        }
        let shown = match first {
            // As Go writes a pipeline by itself, without its parentheses.
            Operand::Pipe(pipe) => pipe.to_string(),
            other => other.to_string(),
        };
        Err(self.error(&format!("can't give argument to non-function {shown}")))
    }

    fn constant(&mut self, dot: &Slot, operand: &Operand) -> Run<Slot> {
        match operand {
            Operand::Bool { value, .. } => Ok(Slot::of(Value::Bool(*value))),
            Operand::Dot { .. } => Ok(dot.clone()),
            Operand::Number(number) => self.ideal(number).map(Slot::of),
            Operand::Text(literal) => Ok(Slot::of(literal.value.clone())),
            _ => Err(self.error("nil is not a command")),
        }
    }

    /// A number where no parameter says what it is: its notation does.
    pub(super) fn ideal(&mut self, number: &Number) -> Run<Value> {
        let text = number.text.as_str();
        let length = u64::try_from(text.len() / 64).unwrap_or(u64::MAX);
        self.context.spend(length).map_err(|failure| self.failed(failure))?;
        if let Some((real, imaginary)) = number.complex {
            return Ok(Value::Complex(real, imaginary));
        }
        let is_rune = text.starts_with('\'');
        let is_hex = text.len() > 2
            && (text.starts_with("0x") || text.starts_with("0X"))
            && !text.contains(['p', 'P']);
        if let Some(float) = number.float
            && !is_rune
            && !is_hex
            && text.contains(['.', 'e', 'E', 'p', 'P'])
        {
            return Ok(Value::float(float));
        }
        match number.int {
            Some(int) => Ok(Value::int(int)),
            None => Err(self.error(&format!("{text} overflows int"))),
        }
    }

    /// `(pipeline).A.B`.
    pub(super) fn chain(
        &mut self,
        dot: &Slot,
        operand: &'t Operand,
        chain: &'t node::Chain,
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Run<Slot> {
        self.at = Some(At::Operand(operand));
        let of = self.chained(dot, &chain.of)?;
        self.fields(dot, &of, operand, &chain.names, arguments, last)
    }

    /// What the fields of a chain are fields of.
    fn chained(&mut self, dot: &Slot, operand: &'t Operand) -> Run<Slot> {
        self.at = Some(At::Operand(operand));
        match operand {
            Operand::Pipe(pipe) => self.nested(|run| run.pipeline(dot, pipe)).map(Slot::of),
            Operand::Identifier(identifier) => {
                self.function(dot, identifier, At::Operand(operand), &[], None)
            }
            // The parser makes chains of these two only.
            _ => Ok(Slot::default()),
        }
    }

    /// `$name.A.B`.
    pub(super) fn variable_fields(
        &mut self,
        dot: &Slot,
        operand: &'t Operand,
        variable: &'t node::Variable,
        arguments: &'t [Operand],
        last: Option<Value>,
    ) -> Run<Slot> {
        self.at = Some(At::Operand(operand));
        if variable.fields.is_empty() {
            let slot = self.variable(variable)?.clone();
            self.takes_nothing(operand, arguments, last.as_ref())?;
            return Ok(slot);
        }
        if !arguments.is_empty() {
            let slot = self.variable(variable)?.clone();
            return self.fields(dot, &slot, operand, &variable.fields, arguments, last);
        }
        // Nothing looks at the variable meanwhile, so it need not be cloned.
        let slot = mem::take(self.variable(variable)?);
        let value = self.fields(dot, &slot, operand, &variable.fields, arguments, last)?;
        *self.variable(variable)? = slot;
        Ok(value)
    }
}

/// What a pipeline makes of a value: an interface is looked into; one that holds nothing is no value.
fn inside(slot: Slot) -> Value {
    match slot.value {
        Value::Nil(Type::Any) => Value::Invalid,
        value => value,
    }
}
