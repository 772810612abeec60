//! A parsed template: its nodes, and how Go's messages show them.

mod show;
mod trees;

use std::sync::Arc;

pub(crate) use trees::Trees;

use crate::funcs::Function;
use crate::value::{Text, Value};

/// What several templates were parsed from.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) text: String,
}

impl Source {
    /// The line of a position, from 1, and the bytes before it in that line.
    pub(crate) fn place(&self, position: usize) -> (usize, usize) {
        let before = self.text.get(..position).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, position - start)
    }
}

/// One template.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) name: String,
    pub(crate) source: Arc<Source>,
    pub(crate) root: List,
    /// The piece of the source between `define` and `end`.
    pub(crate) body: std::ops::Range<usize>,
}

/// Nodes one after the other.
#[derive(Debug, Default)]
pub(crate) struct List {
    pub(crate) nodes: Vec<Node>,
}

/// What an execution walks.
#[derive(Debug)]
pub(crate) enum Node {
    Text(String),
    Action(Pipe),
    If(Box<Branch>),
    With(Box<Branch>),
    Range(Box<Branch>),
    Template(Box<Call>),
    Break { at: usize },
    Continue { at: usize },
}

/// `if`, `with` and `range`.
#[derive(Debug)]
pub(crate) struct Branch {
    pub(crate) at: usize,
    pub(crate) pipe: Pipe,
    pub(crate) list: List,
    pub(crate) otherwise: Option<List>,
}

/// A call of a template.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) at: usize,
    pub(crate) name: String,
    pub(crate) pipe: Option<Pipe>,
}

/// Commands, each given the value of the one before.
#[derive(Debug)]
pub(crate) struct Pipe {
    pub(crate) at: usize,
    /// Whether the variables are there already.
    pub(crate) assigns: bool,
    pub(crate) variables: Vec<Variable>,
    pub(crate) commands: Vec<Command>,
}

/// A function, a method, a field or a value, and its arguments.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) at: usize,
    /// At least one.
    pub(crate) operands: Vec<Operand>,
}

/// One word of a command.
#[derive(Debug)]
pub(crate) enum Operand {
    Field(Field),
    Chain(Box<Chain>),
    Identifier(Box<Identifier>),
    Pipe(Box<Pipe>),
    Variable(Variable),
    Bool { at: usize, value: bool },
    Dot { at: usize },
    Nil { at: usize },
    Number(Box<Number>),
    Text(Box<Literal>),
}

/// `.A.B`.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) at: usize,
    pub(crate) names: Vec<String>,
}

/// `(pipeline).A.B`.
#[derive(Debug)]
pub(crate) struct Chain {
    pub(crate) at: usize,
    pub(crate) of: Operand,
    pub(crate) names: Vec<String>,
}

/// The number of the variable `$`.
pub(crate) const ROOT: u32 = 0;

/// `$name.A.B`.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) at: usize,
    /// The number of its name, equal for equal names of a source.
    pub(crate) id: u32,
    /// With its dollar sign.
    pub(crate) name: String,
    pub(crate) fields: Vec<String>,
}

/// A function.
#[derive(Debug)]
pub(crate) struct Identifier {
    pub(crate) at: usize,
    pub(crate) function: Function,
    pub(crate) special: Special,
}

/// Builtins whose arguments are not evaluated like those of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    None,
    And,
    Or,
    Call,
    Slice,
    /// `eq`, which most comparisons are; `ne` too, which negates it.
    Equal {
        negated: bool,
    },
}

/// A number: all that it can be, since the parameter that takes it decides.
#[derive(Debug, Default)]
pub(crate) struct Number {
    pub(crate) at: usize,
    pub(crate) text: String,
    pub(crate) int: Option<i64>,
    pub(crate) uint: Option<u64>,
    pub(crate) float: Option<f64>,
    pub(crate) complex: Option<(f64, f64)>,
}

/// A text in quotes.
#[derive(Debug)]
pub(crate) struct Literal {
    pub(crate) at: usize,
    /// As it was written.
    pub(crate) quoted: String,
    pub(crate) value: Value,
}

impl Literal {
    pub(crate) fn new(at: usize, quoted: &str, text: Vec<u8>) -> Self {
        Self { at, quoted: quoted.to_owned(), value: Value::Text(Text::from(text)) }
    }
}

impl Node {
    /// Where it stands in the source, in bytes. A text is never the place of an error.
    pub(crate) fn at(&self) -> usize {
        match self {
            Self::Text(_) => 0,
            Self::Action(pipe) => pipe.at,
            Self::If(branch) | Self::With(branch) | Self::Range(branch) => branch.at,
            Self::Template(call) => call.at,
            Self::Break { at } | Self::Continue { at } => *at,
        }
    }
}

impl Pipe {
    /// The word that is all of the pipeline.
    pub(crate) fn single(&self) -> Option<&Operand> {
        match (self.variables.as_slice(), self.commands.as_slice()) {
            ([], [command]) => match command.operands.as_slice() {
                [operand] => Some(operand),
                _ => None,
            },
            _ => None,
        }
    }
}

impl Operand {
    /// Where it stands in the source, in bytes.
    pub(crate) fn at(&self) -> usize {
        match self {
            Self::Field(field) => field.at,
            Self::Chain(chain) => chain.at,
            Self::Identifier(identifier) => identifier.at,
            Self::Pipe(pipe) => pipe.at,
            Self::Variable(variable) => variable.at,
            Self::Bool { at, .. } | Self::Dot { at } | Self::Nil { at } => *at,
            Self::Number(number) => number.at,
            Self::Text(literal) => literal.at,
        }
    }

    /// Whether it is a value that nothing can be given to, so that it can't stand behind a `|`.
    pub(crate) const fn is_constant(&self) -> bool {
        matches!(
            self,
            Self::Bool { .. }
                | Self::Dot { .. }
                | Self::Nil { .. }
                | Self::Number(_)
                | Self::Text(_)
        )
    }
}

impl List {
    /// Whether it prints nothing but white space: such a definition replaces no other.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.iter().all(|node| match node {
            Node::Text(text) => text.chars().all(crate::unicode::is_space),
            _ => false,
        })
    }
}
