//! A set of templates that can call each other.

use std::sync::Arc;

use crate::error::{Error, ErrorKind};
use crate::funcs::{Environment, Functions};
use crate::limits::Limits;
use crate::value::Value;

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

/// Parsed templates by name, with the functions that they call. Cloning copies no template.
#[derive(Debug, Clone)]
pub struct Templates {
    functions: Arc<Functions>,
    limits: Limits,
    missing_key: MissingKey,
}

impl Templates {
    /// An empty set.
    #[must_use]
    pub fn new(functions: Arc<Functions>, missing_key: MissingKey, limits: Limits) -> Self {
        Self { functions, limits, missing_key }
    }

    /// Adds the template `name` and all that its source defines.
    ///
    /// As in Go, a later definition replaces an earlier one of the same name, unless it is empty.
    ///
    /// # Errors
    /// What Go refuses at parse: wrong syntax, unknown functions, undefined variables; and what is
    /// over a limit. The set is as it was.
    pub fn parse(&mut self, name: &str, source: &str) -> Result<(), Error> {
        let _ = (name, source);
        Ok(())
    }

    /// The names of all templates, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        Vec::new()
    }

    /// The source between `define` and `end` of a template, or its whole source.
    #[must_use]
    pub fn source(&self, name: &str) -> Option<&str> {
        let _ = name;
        None
    }

    /// One error for each call of a template that the set does not have.
    ///
    /// Go says so only when the call is executed.
    #[must_use]
    pub fn undefined(&self) -> Vec<Error> {
        Vec::new()
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
        let _ = (name, data, environment, fuel, &self.functions, &self.limits, self.missing_key);
        Err(Error {
            kind: ErrorKind::Execute,
            source: name.to_owned(),
            line: 1,
            column: 1,
            words: String::new(),
            display: String::new(),
        })
    }
}
