//! Looks for mistakes in a template where no execution has been: walks all its branches with an example
//! of the data.
//!
//! Of a value it knows at most the type, by an example of it: which members it has, and which parameters
//! take it. What depends on more than that is no mistake here.

mod call;
mod known;
mod names;
mod pipe;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use known::Known;

use crate::error::{Error, ErrorKind, Fault};
use crate::exec::field::member_fault;
use crate::funcs::Context;
use crate::node::{self, Branch, List, Node, Pipe, Source, Tree, Trees};
use crate::value::Value;

/// How deep the walk goes; what nests deeper is not looked at.
const DEEPEST: usize = 150;

/// Where executions have been without an error. It belongs to one set of templates.
#[derive(Debug, Clone, Default)]
pub struct Passed(HashSet<(usize, usize)>);

impl Passed {
    /// Adds what begins at a place of a source.
    pub(crate) fn add(&mut self, source: &Arc<Source>, at: usize) {
        self.0.insert((Arc::as_ptr(source).addr(), at));
    }

    fn has(&self, source: &Arc<Source>, at: usize) -> bool {
        self.0.contains(&(Arc::as_ptr(source).addr(), at))
    }
}

/// A mistake that no execution has met.
#[derive(Debug, Clone)]
pub struct Finding {
    /// What Go would say.
    pub error: Error,
    /// Whether every execution that comes here fails, as far as types say. What stands in an interface
    /// may be of another type next time.
    pub is_certain: bool,
    /// The map that lacks the key, if that is all: no execution fails by it.
    pub lacking: Option<Value>,
}

/// What a check tells of a template.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// The mistakes, in the order in which they were met.
    pub findings: Vec<Finding>,
    /// The keys that it asks maps of texts for by name, and the names that it gives to functions alone;
    /// each with the texts that are given to a function together with its value, which most often are
    /// compared with it.
    pub asked: BTreeMap<String, BTreeSet<String>>,
}

/// Checks the template `name` for data like `example`.
pub(crate) fn check(
    trees: &Trees,
    name: &str,
    example: &Value,
    context: Context,
    passed: &Passed,
) -> Checked {
    let Some(tree) = trees.get(name) else { return Checked::default() };
    let mut checker = Checker {
        trees,
        context,
        passed,
        tree,
        variables: Vec::new(),
        base: 0,
        assigned: HashSet::new(),
        entered: HashSet::new(),
        nesting: 0,
        asking: 0,
        unit: 0,
        at: 0,
        checked: Checked::default(),
    };
    checker.enter(tree, &Known::of(example.clone()));
    checker.checked
}

/// The walk.
struct Checker<'t> {
    trees: &'t Trees,
    /// What functions are run with, and the fuel of the walk.
    context: Context,
    passed: &'t Passed,
    tree: &'t Tree,
    /// The variables that are declared here, by their numbers; those of this template begin at `base`.
    variables: Vec<(u32, Known)>,
    base: usize,
    /// The variables of this template that get another value somewhere: nothing is known of them.
    assigned: HashSet<u32>,
    /// The templates that were walked, each with the shape of its data.
    entered: HashSet<(String, String, bool)>,
    nesting: usize,
    /// How many branches around this place ask a value for its type.
    asking: usize,
    /// The place of what is evaluated as a whole, and of the operand.
    unit: usize,
    at: usize,
    checked: Checked,
}

/// What is wrong at the operand that is looked at.
struct Mistake {
    words: String,
    fault: Option<Fault>,
    is_certain: bool,
}

impl<'t> Checker<'t> {
    fn list(&mut self, dot: &Known, list: &'t List) {
        self.nested(|checker| list.nodes.iter().for_each(|node| checker.node(dot, node)));
    }

    fn node(&mut self, dot: &Known, node: &'t Node) {
        match node {
            Node::Text(_) | Node::Break { .. } | Node::Continue { .. } => {}
            Node::Action(pipe) => {
                self.whole(dot, pipe);
            }
            Node::If(branch) => self.branch(dot, branch, false),
            Node::With(branch) => self.branch(dot, branch, true),
            Node::Range(branch) => self.range(dot, branch),
            Node::Template(call) => self.template(dot, call),
        }
    }

    /// A pipeline that an execution evaluates as a whole, or fails in.
    fn whole(&mut self, dot: &Known, pipe: &'t Pipe) -> Known {
        self.unit = pipe.at;
        self.pipeline(dot, pipe)
    }

    /// `if`, or `with`, which moves the dot. Neither way is known not to be taken.
    fn branch(&mut self, dot: &Known, branch: &'t Branch, moves: bool) {
        let mark = self.variables.len();
        let value = self.whole(dot, &branch.pipe);
        let asks = usize::from(names::asks_for_type(&branch.pipe));
        self.asking += asks;
        self.list(if moves { &value } else { dot }, &branch.list);
        self.otherwise(dot, branch);
        self.asking -= asks;
        self.variables.truncate(mark);
    }

    fn otherwise(&mut self, dot: &Known, branch: &'t Branch) {
        if let Some(list) = &branch.otherwise {
            self.list(dot, list);
        }
    }

    fn range(&mut self, dot: &Known, branch: &'t Branch) {
        let (mark, pipe) = (self.variables.len(), &branch.pipe);
        self.unit = pipe.at;
        self.at = pipe.at;
        let value = self.commands(dot, pipe);
        let (index, item) = value.items().unwrap_or_else(|of| {
            let words = format!("range can't iterate over a value of type {of}");
            self.find(Mistake { words, fault: None, is_certain: value.is_certain });
            (Known::default(), Known::default())
        });
        match pipe.variables.as_slice() {
            [one] => self.declare(pipe, one, item.clone()),
            [first, second] => {
                self.declare(pipe, first, index);
                self.declare(pipe, second, item.clone());
            }
            _ => {}
        }
        self.list(&item, &branch.list);
        self.otherwise(dot, branch);
        self.variables.truncate(mark);
    }

    fn template(&mut self, dot: &Known, call: &'t node::Call) {
        let data = call.pipe.as_ref().map(|pipe| self.whole(dot, pipe)).unwrap_or_default();
        let Some(tree) = self.trees.get(&call.name) else { return };
        if self.entered.insert((call.name.clone(), data.shape(), self.asking > 0)) {
            self.enter(tree, &data);
        }
    }

    /// Walks a template. It sees no variable of this one.
    fn enter(&mut self, tree: &'t Tree, data: &Known) {
        let mark = self.variables.len();
        let outer = (self.tree, self.base, std::mem::take(&mut self.assigned));
        (self.tree, self.base) = (tree, mark);
        names::assigned(&tree.root, &mut self.assigned);
        self.variables.push((node::ROOT, data.clone()));
        self.list(data, &tree.root);
        self.variables.truncate(mark);
        (self.tree, self.base, self.assigned) = outer;
    }

    /// Gives a variable its value.
    fn declare(&mut self, pipe: &Pipe, variable: &node::Variable, value: Known) {
        if !pipe.assigns {
            let is_kept = !self.assigned.contains(&variable.id);
            self.variables.push((variable.id, if is_kept { value } else { Known::default() }));
        }
    }

    /// The value of a variable.
    fn variable(&mut self, wanted: &node::Variable) -> Known {
        let own = self.variables.get(self.base..).unwrap_or_default();
        let Some(at) = own.iter().rposition(|(id, _)| *id == wanted.id) else {
            return Known::default();
        };
        let passed = u64::try_from((own.len() - at) / 256).unwrap_or(u64::MAX);
        let found = own[at].1.clone();
        // Without fuel it is the last that is looked at.
        let _ = self.context.spend(passed);
        found
    }

    /// Counts one level of what nests.
    fn nested<T: Default>(&mut self, walk: impl FnOnce(&mut Self) -> T) -> T {
        if self.nesting >= DEEPEST {
            return T::default();
        }
        self.nesting += 1;
        let walked = walk(self);
        self.nesting -= 1;
        walked
    }

    /// Takes the fuel of one operand; without any, nothing more is looked at.
    fn tick(&mut self) -> bool {
        self.context.spend(1).is_ok()
    }

    /// Keeps a mistake, unless an execution came by here and did not fail.
    fn find(&mut self, mistake: Mistake) {
        let source = &self.tree.source;
        if self.asking > 0 || self.passed.has(source, self.unit) {
            return;
        }
        let Mistake { words, fault, is_certain } = mistake;
        let mut error = Error::found(ErrorKind::Execute, source, self.at, words);
        error.fault = fault.map(Box::new);
        self.checked.findings.push(Finding { error, is_certain, lacking: None });
    }

    /// Keeps that a map lacks a key, which fails no execution.
    fn lacks(&mut self, map: &Value, name: &str) {
        if self.asking > 0 {
            return;
        }
        let words = format!("the data has no key `{name}`");
        let error = Error::found(ErrorKind::Execute, &self.tree.source, self.at, words);
        let error = error.with_fault(member_fault(map, name));
        let lacking = Some(map.clone());
        self.checked.findings.push(Finding { error, is_certain: false, lacking });
    }
}
