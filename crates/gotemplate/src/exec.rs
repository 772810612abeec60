//! Executes templates: walks nodes, writes output, and says in Go's words what fails.
//!
//! The walk calls itself for what nests; the nesting is counted together with that of the templates
//! that call each other, so neither can exhaust the stack. All that is written goes into one buffer.

pub(crate) mod argument;
pub(crate) mod call;
mod eval;
pub(crate) mod field;
mod range;
#[cfg(test)]
mod tests;

use std::mem;

use crate::check::Passed;
use crate::error::{Error, ErrorKind};
use crate::fmt;
use crate::funcs::{Context, Failure};
use crate::limits::Reached;
use crate::node::{self, Branch, Call, Command, List, Node, Operand, Pipe, Tree, Trees};
use crate::value::{Type, Value};

/// Errors are rare and large; the way back is short when they are boxed.
type Run<T> = Result<T, Box<Error>>;

/// What a key that a map does not have gives: Go's option `missingkey`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value, printed as `<no value>`: `missingkey=default`.
    #[default]
    Invalid,
    /// The zero value of the map's values: `missingkey=zero`.
    Zero,
    /// An error: `missingkey=error`.
    Error,
}

/// A value, and whether it stands in an `interface {}`.
///
/// The difference shows in messages only: a field of what stands in an interface is a field "in
/// type interface {}".
#[derive(Debug, Clone, Default)]
struct Slot {
    value: Value,
    boxed: bool,
}

impl Slot {
    const fn of(value: Value) -> Self {
        Self { value, boxed: false }
    }

    /// An item of a container whose items have the type `element`.
    fn item(value: Value, element: Type) -> Self {
        Self { value, boxed: matches!(element, Type::Any) }
    }
}

/// What is being executed: the place of an error.
#[derive(Debug, Clone, Copy)]
enum At<'t> {
    Node(&'t Node),
    Pipe(&'t Pipe),
    Command(&'t Command),
    Operand(&'t Operand),
}

/// How the walk goes on behind a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flow {
    Next,
    Break,
    Continue,
}

struct Variable {
    /// The number that the parser gave its name.
    id: u32,
    slot: Slot,
}

/// One execution.
pub(crate) struct Execution<'t> {
    trees: &'t Trees,
    missing_key: MissingKey,
    context: Context,
    out: Vec<u8>,
    at: Option<At<'t>>,
    /// The template that is executed, and where its variables begin.
    tree: &'t Tree,
    base: usize,
    /// The variables of all templates that are being executed; `$` is the first of each.
    variables: Vec<Variable>,
    /// The arguments of the calls that are being prepared.
    arguments: Vec<Value>,
    /// Whether the newest argument stands in an interface.
    boxed: bool,
    /// Go's `slice` does not look into the interfaces that its indexes stand in, and so refuses
    /// them: the next call is one of it.
    keeps_interfaces: bool,
    calls: usize,
    nesting: usize,
    /// Where it has been, if somebody wants to know.
    passed: Option<Passed>,
}

/// How an execution ended.
pub(crate) struct Ran {
    pub(crate) result: Run<()>,
    pub(crate) output: Vec<u8>,
    /// The fuel that is left.
    pub(crate) fuel: u64,
    pub(crate) passed: Option<Passed>,
}

impl<'t> Execution<'t> {
    pub(crate) fn new(
        trees: &'t Trees,
        tree: &'t Tree,
        missing_key: MissingKey,
        context: Context,
    ) -> Self {
        Self {
            trees,
            missing_key,
            context,
            out: Vec::new(),
            at: None,
            tree,
            base: 0,
            variables: Vec::new(),
            arguments: Vec::new(),
            boxed: false,
            keeps_interfaces: false,
            calls: 0,
            nesting: 0,
            passed: None,
        }
    }

    /// The same, which adds to `passed` where it has been.
    pub(crate) fn noting(self, passed: Passed) -> Self {
        Self { passed: Some(passed), ..self }
    }

    /// Executes the template.
    pub(crate) fn run(mut self, data: &Value) -> Ran {
        let dot = Slot::of(data.clone());
        self.variables.push(Variable { id: node::ROOT, slot: dot.clone() });
        let tree = self.tree;
        let result = self.list(&dot, &tree.root).map(|_| ());
        Ran { result, output: self.out, fuel: self.context.fuel, passed: self.passed }
    }

    /// Notes that what stands at a place was evaluated without an error.
    fn note(&mut self, at: usize) {
        if let Some(passed) = &mut self.passed {
            passed.add(&self.tree.source, at);
        }
    }

    fn list(&mut self, dot: &Slot, list: &'t List) -> Run<Flow> {
        for node in &list.nodes {
            let flow = self.node(dot, node)?;
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    fn node(&mut self, dot: &Slot, node: &'t Node) -> Run<Flow> {
        self.at = Some(At::Node(node));
        match node {
            Node::Text(text) => {
                self.out.extend_from_slice(text.as_bytes());
                self.check_output()?;
            }
            Node::Action(pipe) => {
                self.action(dot, node, pipe)?;
                self.note(pipe.at);
            }
            Node::If(branch) => return self.branch(dot, branch, false),
            Node::With(branch) => return self.branch(dot, branch, true),
            Node::Range(branch) => return self.range(dot, branch),
            Node::Template(call) => self.template(dot, call)?,
            Node::Break { .. } => return Ok(Flow::Break),
            Node::Continue { .. } => return Ok(Flow::Continue),
        }
        Ok(Flow::Next)
    }

    fn action(&mut self, dot: &Slot, node: &'t Node, pipe: &'t Pipe) -> Run<()> {
        if let Some(operand) = pipe.single() {
            match operand {
                Operand::Dot { .. } => {
                    self.tick()?;
                    return self.print_held(&dot.value);
                }
                Operand::Text(literal) => {
                    self.tick()?;
                    return self.print(&literal.value);
                }
                Operand::Field(field) => {
                    self.tick()?;
                    if let Some(value) = field::held(&dot.value, &field.names) {
                        return self.print_held(value);
                    }
                    self.at = Some(At::Operand(operand));
                    let slot = self.fields(dot, dot, operand, &field.names, &[], None)?;
                    self.at = Some(At::Node(node));
                    return self.print_held(&slot.value);
                }
                Operand::Variable(variable) => {
                    self.at = Some(At::Operand(operand));
                    // Printing looks at no variable, so it need not be cloned.
                    let slot = mem::take(self.variable(variable)?);
                    self.at = Some(At::Node(node));
                    let printed = field::held(&slot.value, &variable.fields)
                        .map(|value| self.print_held(value));
                    *self.variable(variable)? = slot;
                    if let Some(printed) = printed {
                        self.tick()?;
                        return printed;
                    }
                }
                _ => {}
            }
        }
        let value = self.pipeline(dot, pipe)?;
        if pipe.variables.is_empty() {
            self.at = Some(At::Node(node));
            self.print(&value)?;
        }
        Ok(())
    }

    /// Prints what a pipeline of this one value would give.
    fn print_held(&mut self, value: &Value) -> Run<()> {
        match value {
            Value::Nil(Type::Any) => self.print(&Value::Invalid),
            value => self.print(value),
        }
    }

    fn print(&mut self, value: &Value) -> Run<()> {
        if let Value::Text(text) = value {
            self.out.extend_from_slice(text.as_bytes());
        } else {
            let printed = fmt::print(&mut self.out, value, &mut self.context);
            printed.map_err(|failure| self.failed(failure))?;
        }
        self.check_output()
    }

    fn check_output(&self) -> Run<()> {
        if self.out.len() > self.context.limits.output {
            return Err(self.over("output", self.context.limits.output));
        }
        Ok(())
    }

    /// `if`, or `with`, which moves the dot.
    fn branch(&mut self, dot: &Slot, branch: &'t Branch, moves: bool) -> Run<Flow> {
        let mark = self.variables.len();
        let value = self.pipeline(dot, &branch.pipe)?;
        self.note(branch.pipe.at);
        let flow = if value.truth() {
            if moves {
                self.nested(|run| run.list(&Slot::of(value), &branch.list))
            } else {
                self.nested(|run| run.list(dot, &branch.list))
            }
        } else {
            self.otherwise(dot, branch)
        };
        self.variables.truncate(mark);
        flow
    }

    fn otherwise(&mut self, dot: &Slot, branch: &'t Branch) -> Run<Flow> {
        match &branch.otherwise {
            Some(list) => self.nested(|run| run.list(dot, list)),
            None => Ok(Flow::Next),
        }
    }

    fn template(&mut self, dot: &Slot, call: &'t Call) -> Run<()> {
        self.tick()?;
        let Some(tree) = self.trees.get(&call.name) else {
            let name = fmt::quote(call.name.as_bytes());
            return Err(self.error(&format!("template {name} not defined")));
        };
        let most = self.context.limits.call_depth;
        if self.calls >= most {
            let reached = Reached::size("template depth", most);
            let words = format!("exceeded maximum template depth ({most})");
            return Err(self.error_of(ErrorKind::Limit(reached), &words));
        }
        let data = match &call.pipe {
            Some(pipe) => {
                let data = Slot::of(self.pipeline(dot, pipe)?);
                self.note(pipe.at);
                data
            }
            None => Slot::default(),
        };
        self.enter(tree, &data)
    }

    /// Executes another template. It sees no variable of this one.
    fn enter(&mut self, tree: &'t Tree, data: &Slot) -> Run<()> {
        let (outer_tree, outer_base) = (self.tree, self.base);
        let mark = self.variables.len();
        (self.tree, self.base) = (tree, mark);
        self.calls += 1;
        self.variables.push(Variable { id: node::ROOT, slot: data.clone() });
        // An error must show the place where it happened, so nothing is put back after one.
        self.nested(|run| run.list(data, &tree.root))?;
        self.variables.truncate(mark);
        self.calls -= 1;
        (self.tree, self.base) = (outer_tree, outer_base);
        Ok(())
    }

    /// Counts one level of what nests.
    fn nested<T>(&mut self, walk: impl FnOnce(&mut Self) -> Run<T>) -> Run<T> {
        if self.nesting >= self.context.limits.nesting {
            return Err(self.over("nesting", self.context.limits.nesting));
        }
        self.nesting += 1;
        let walked = walk(self);
        self.nesting -= 1;
        walked
    }

    /// Takes the fuel of one node.
    fn tick(&mut self) -> Run<()> {
        self.context.spend(1).map_err(|failure| self.failed(failure))
    }

    fn over(&self, limit: &'static str, most: usize) -> Box<Error> {
        self.failed(Failure::Limit(Reached::size(limit, most)))
    }

    fn failed(&self, failure: Failure) -> Box<Error> {
        match failure {
            Failure::Said(words) | Failure::Uncallable(words) => self.error(&words),
            Failure::Limit(reached) => {
                let words = reached.to_string();
                self.error_of(ErrorKind::Limit(reached), &words)
            }
        }
    }

    fn error(&self, words: &str) -> Box<Error> {
        self.error_of(ErrorKind::Execute, words)
    }

    fn error_of(&self, kind: ErrorKind, words: &str) -> Box<Error> {
        let source = &self.tree.source;
        let (position, context) = match self.at {
            Some(At::Node(node)) => (node.at(), node.to_string()),
            Some(At::Pipe(pipe)) => (pipe.at, pipe.to_string()),
            Some(At::Command(command)) => (command.at, command.to_string()),
            Some(At::Operand(operand)) => (operand.at(), operand.to_string()),
            None => (0, String::new()),
        };
        let (line, column) = source.place(position);
        let executing = fmt::quote(self.tree.name.as_bytes());
        let name = &source.name;
        let display = format!(
            "template: {name}:{line}:{column}: executing {executing} at <{context}>: {words}"
        );
        Box::new(Error {
            kind,
            source: name.clone(),
            line,
            column: column + 1,
            words: words.into(),
            display,
            fault: None,
        })
    }
}
