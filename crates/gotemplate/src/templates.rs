//! A set of templates that can call each other.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check::{self, Checked, Passed};
use crate::error::{Error, ErrorKind};
use crate::exec::{Execution, MissingKey, Ran};
use crate::funcs::{Context, Environment, Functions, Patterns};
use crate::limits::{Limits, Reached};
use crate::node::{List, Node, Tree, Trees};
use crate::parse;
use crate::value::Value;

/// Parsed templates by name, with the functions that they call. Cloning copies no template.
#[derive(Debug, Clone)]
pub struct Templates {
    functions: Arc<Functions>,
    limits: Limits,
    missing_key: MissingKey,
    trees: Trees,
    /// The length of all sources together.
    sources: usize,
    patterns: Arc<Patterns>,
}

impl Templates {
    /// An empty set.
    #[must_use]
    pub fn new(functions: Arc<Functions>, missing_key: MissingKey, limits: Limits) -> Self {
        let patterns = Arc::new(Patterns::default());
        Self { functions, limits, missing_key, trees: Trees::default(), sources: 0, patterns }
    }

    /// Adds the template `name` and all that its source defines.
    ///
    /// As in Go, a later definition replaces an earlier one of the same name, unless it is empty.
    ///
    /// # Errors
    /// What Go refuses at parse: wrong syntax, unknown functions, undefined variables; and what is
    /// over a limit. The set is as it was.
    pub fn parse(&mut self, name: &str, source: &str) -> Result<(), Error> {
        let sources = self.sources.saturating_add(source.len());
        if source.len() > self.limits.source {
            return Err(too_long(name, "source", self.limits.source));
        }
        if sources > self.limits.sources {
            return Err(too_long(name, "sources", self.limits.sources));
        }
        let parsed = parse::parse(name, source, &self.functions, &self.limits);
        let parsed = parsed.map_err(|error| *error)?;
        self.sources = sources;
        for (name, tree) in parsed {
            // White space alone does not replace what is there.
            if !(tree.root.is_empty() && self.trees.contains_key(&name)) {
                self.trees.insert(name, tree);
            }
        }
        Ok(())
    }

    /// The names of all templates, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.trees.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// The source between `define` and `end` of a template, or its whole source.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&str> {
        let tree = self.trees.get(name)?;
        tree.source.text.get(tree.body.clone())
    }

    /// The template as a source can hold it: the whole source that it was parsed from, or `define`
    /// and `end` around its own, with the marks that trim the white space there.
    #[must_use]
    pub fn definition(&self, name: &str) -> Option<String> {
        let tree = self.trees.get(name)?;
        let (text, body) = (&tree.source.text, tree.body.clone());
        let (before, after) = (text.get(..body.start)?, text.get(body.end..)?);
        let body = text.get(body)?;
        if before.is_empty() && after.is_empty() {
            return Some(body.to_owned());
        }
        let open = if before.ends_with("-}}") { " -}}" } else { " }}" };
        let close = if after.starts_with("{{-") { "{{- " } else { "{{ " };
        let name = crate::fmt::quote(name.as_bytes());
        Some(format!("{{{{ define {name}{open}{body}{close}end }}}}"))
    }

    /// The functions that the templates can call.
    #[must_use]
    pub fn functions(&self) -> &Functions {
        &self.functions
    }

    /// One error for each call of a template that the set does not have, by source and place.
    ///
    /// Go says so only when the call is executed.
    #[must_use]
    pub fn undefined(&self) -> Vec<Error> {
        let mut errors = BTreeMap::new();
        for tree in self.trees.values() {
            self.find_undefined(tree, &tree.root, &mut errors);
        }
        errors.into_values().collect()
    }

    fn find_undefined(
        &self,
        tree: &Tree,
        list: &List,
        errors: &mut BTreeMap<(String, usize), Error>,
    ) {
        for node in &list.nodes {
            match node {
                Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                    self.find_undefined(tree, &branch.list, errors);
                    let otherwise = branch.otherwise.iter();
                    otherwise.for_each(|list| self.find_undefined(tree, list, errors));
                }
                Node::Template(call) if !self.trees.contains_key(&call.name) => {
                    let name = crate::fmt::quote(call.name.as_bytes());
                    let words = format!("template {name} not defined");
                    let key = (tree.source.name.clone(), call.at);
                    let error = Error::found(ErrorKind::Parse, &tree.source, call.at, words);
                    errors.insert(key, error);
                }
                _ => {}
            }
        }
    }

    /// Executes the template `name` with `data`, taking from `fuel` what it uses.
    ///
    /// # Errors
    /// What Go fails with, and what is over a limit.
    pub fn execute(
        &self,
        name: &str,
        data: &Value,
        environment: &Environment,
        fuel: &mut u64,
    ) -> Result<Vec<u8>, Error> {
        let (result, output) = self.execute_partly(name, data, environment, fuel);
        result.map(|()| output)
    }

    /// Executes as [`Templates::execute`], and gives also what was written before an error.
    pub fn execute_partly(
        &self,
        name: &str,
        data: &Value,
        environment: &Environment,
        fuel: &mut u64,
    ) -> (Result<(), Error>, Vec<u8>) {
        let ran = self.ran(name, data, environment, fuel, None);
        (ran.result.map_err(|error| *error), ran.output)
    }

    /// Executes as [`Templates::execute`], and adds to `passed` what was evaluated without an error;
    /// [`Templates::check`] finds no mistake there.
    ///
    /// # Errors
    /// What Go fails with, and what is over a limit.
    pub fn execute_noting(
        &self,
        name: &str,
        data: &Value,
        environment: &Environment,
        fuel: &mut u64,
        passed: &mut Passed,
    ) -> Result<Vec<u8>, Error> {
        let ran = self.ran(name, data, environment, fuel, Some(std::mem::take(passed)));
        *passed = ran.passed.unwrap_or_default();
        ran.result.map(|()| ran.output).map_err(|error| *error)
    }

    fn ran(
        &self,
        name: &str,
        data: &Value,
        environment: &Environment,
        fuel: &mut u64,
        passed: Option<Passed>,
    ) -> Ran {
        let Some(tree) = self.trees.get(name) else {
            let shown = crate::fmt::quote(name.as_bytes());
            let words = format!("no template {shown}");
            let result = Err(nowhere(name, ErrorKind::Execute, words).into());
            return Ran { result, output: Vec::new(), fuel: *fuel, passed };
        };
        let context = self.context(data, environment, *fuel);
        let execution = Execution::new(&self.trees, tree, self.missing_key, context);
        let execution = match passed {
            Some(passed) => execution.noting(passed),
            None => execution,
        };
        let ran = execution.run(data);
        *fuel = ran.fuel;
        ran
    }

    fn context(&self, data: &Value, environment: &Environment, fuel: u64) -> Context {
        Context {
            environment: environment.clone(),
            limits: self.limits.clone(),
            patterns: Arc::clone(&self.patterns),
            root: data.clone(),
            fuel,
            look: fuel,
            allocated: 0,
            iterations: 0,
        }
    }

    /// Looks for mistakes where no execution has been: in all branches of the template `name` and of
    /// those that it calls, for data like `example`.
    ///
    /// Nothing is found in what was `passed`, nor where the type of a value is not known.
    #[must_use]
    pub fn check(
        &self,
        name: &str,
        example: &Value,
        environment: &Environment,
        passed: &Passed,
    ) -> Checked {
        let context = self.context(example, environment, self.limits.fuel);
        check::check(&self.trees, name, example, context, passed)
    }

    /// Whether the template writes nothing and calls no other, but defines some at most.
    #[must_use]
    pub fn is_empty(&self, name: &str) -> bool {
        self.trees.get(name).is_none_or(|tree| tree.root.is_empty())
    }
}

fn too_long(name: &str, limit: &'static str, most: usize) -> Error {
    let reached = Reached::size(limit, most);
    let words = reached.to_string();
    nowhere(name, ErrorKind::Limit(reached), words)
}

fn nowhere(name: &str, kind: ErrorKind, words: String) -> Error {
    let display = format!("template: {name}: {words}");
    let (source, words) = (name.to_owned(), words.into());
    Error { kind, source, line: 1, column: 1, words, display, fault: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_written_as_it_was_with_the_marks_that_trim() {
        let functions = Arc::new(Functions::new());
        let mut set = Templates::new(functions, MissingKey::Invalid, Limits::default());
        let source = "a{{define `x y` -}}\n b {{- end}}{{- define \"z\" }} c {{ end -}}";
        set.parse("file", source).expect("it parses");
        for (name, expected) in [
            ("x y", Some("{{ define \"x y\" -}}\n b {{- end }}")),
            ("z", Some("{{ define \"z\" }} c {{ end }}")),
            ("file", Some(source)),
            ("nothing", None),
        ] {
            assert_eq!(set.definition(name).as_deref(), expected, "{name}");
        }
    }
}
