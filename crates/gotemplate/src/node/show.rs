//! How Go writes nodes in its messages: the source, put in one form.

use std::fmt::{Display, Formatter, Result, Write};

use super::{Branch, Call, Chain, Command, Field, List, Node, Operand, Pipe, Variable};

impl Display for List {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.nodes.iter().try_for_each(|node| node.fmt(f))
    }
}

impl Display for Node {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Action(pipe) => write!(f, "{{{{{pipe}}}}}"),
            Self::If(branch) => show_branch("if", branch, f),
            Self::With(branch) => show_branch("with", branch, f),
            Self::Range(branch) => show_branch("range", branch, f),
            Self::Template(call) => call.fmt(f),
            Self::Break { .. } => f.write_str("{{break}}"),
            Self::Continue { .. } => f.write_str("{{continue}}"),
        }
    }
}

fn show_branch(word: &str, branch: &Branch, f: &mut Formatter<'_>) -> Result {
    write!(f, "{{{{{word} {}}}}}{}", branch.pipe, branch.list)?;
    if let Some(otherwise) = &branch.otherwise {
        write!(f, "{{{{else}}}}{otherwise}")?;
    }
    f.write_str("{{end}}")
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{{{{template {}", crate::fmt::quote(self.name.as_bytes()))?;
        if let Some(pipe) = &self.pipe {
            write!(f, " {pipe}")?;
        }
        f.write_str("}}")
    }
}

impl Display for Pipe {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (at, variable) in self.variables.iter().enumerate() {
            write!(f, "{}{variable}", if at > 0 { ", " } else { "" })?;
        }
        if !self.variables.is_empty() {
            f.write_str(if self.assigns { " = " } else { " := " })?;
        }
        for (at, command) in self.commands.iter().enumerate() {
            write!(f, "{}{command}", if at > 0 { " | " } else { "" })?;
        }
        Ok(())
    }
}

impl Display for Command {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for (at, operand) in self.operands.iter().enumerate() {
            if at > 0 {
                f.write_char(' ')?;
            }
            show_enclosed(operand, f)?;
        }
        Ok(())
    }
}

fn show_enclosed(operand: &Operand, f: &mut Formatter<'_>) -> Result {
    match operand {
        Operand::Pipe(pipe) => write!(f, "({pipe})"),
        other => other.fmt(f),
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Self::Field(field) => field.fmt(f),
            Self::Chain(chain) => chain.fmt(f),
            Self::Identifier(identifier) => f.write_str(identifier.function.name()),
            Self::Pipe(pipe) => pipe.fmt(f),
            Self::Variable(variable) => variable.fmt(f),
            Self::Bool { value, .. } => value.fmt(f),
            Self::Dot { .. } => f.write_char('.'),
            Self::Nil { .. } => f.write_str("nil"),
            Self::Number(number) => f.write_str(&number.text),
            Self::Text(literal) => f.write_str(&literal.quoted),
        }
    }
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        show_fields(&self.names, f)
    }
}

impl Display for Chain {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        show_enclosed(&self.of, f)?;
        show_fields(&self.names, f)
    }
}

impl Display for Variable {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&self.name)?;
        show_fields(&self.fields, f)
    }
}

fn show_fields(names: &[String], f: &mut Formatter<'_>) -> Result {
    names.iter().try_for_each(|name| write!(f, ".{name}"))
}
