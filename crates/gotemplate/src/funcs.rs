//! Functions and methods: what a template can call, and what their code is given.

pub(crate) mod builtin;
mod call;
mod signature;

use std::collections::HashMap;
use std::fmt;

pub(crate) use call::Patterns;
pub use call::{Call, Context, Environment};
pub use signature::{Parameter, Signature};

use crate::limits::Reached;
use crate::value::Value;

/// Why a function gave no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// What Go's function would return as its error, in Go's words.
    Said(String),
    /// What Go says of a function that no template can call: the call is not named again.
    Uncallable(String),
    /// A limit was reached.
    Limit(Reached),
}

impl From<String> for Failure {
    fn from(words: String) -> Self {
        Self::Said(words)
    }
}

impl From<&str> for Failure {
    fn from(words: &str) -> Self {
        Self::Said(words.to_owned())
    }
}

impl From<Reached> for Failure {
    fn from(reached: Reached) -> Self {
        Self::Limit(reached)
    }
}

/// The code of a function. Its arguments are of the types that the signature names.
pub type Body = fn(&mut Call<'_>) -> Result<Value, Failure>;

/// A function or a method.
#[derive(Clone, Copy)]
pub struct Function {
    signature: Signature,
    body: Body,
}

impl Function {
    /// A function with a signature in Go's notation, checked when it is compiled.
    ///
    /// Types are those of [`Type`](crate::Type), as Go writes them, with `any` for `interface {}` and
    /// `value` for `reflect.Value`.
    ///
    /// ```
    /// use gotemplate::{Call, Failure, Function, Value};
    ///
    /// fn repeat(call: &mut Call<'_>) -> Result<Value, Failure> {
    ///     let (count, text) = (call.int(0), call.text(1));
    ///     let count = usize::try_from(count).map_err(|_| "strings: negative Repeat count")?;
    ///     call.reserve(text.len().saturating_mul(count))?;
    ///     Ok(Value::text(text.repeat(count)))
    /// }
    /// static REPEAT: Function = Function::new("repeat(count int, s string) string", repeat);
    /// assert_eq!(REPEAT.name(), "repeat");
    /// ```
    #[must_use]
    pub const fn new(signature: &'static str, body: Body) -> Self {
        Self { signature: Signature::read(signature), body }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.signature.name()
    }

    /// Its signature.
    #[must_use]
    pub const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Runs it.
    ///
    /// # Errors
    /// What the function fails with.
    pub fn call(&self, call: &mut Call<'_>) -> Result<Value, Failure> {
        (self.body)(call)
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "func {}", self.signature)
    }
}

/// The functions of a set of templates, by name.
#[derive(Debug, Clone, Default)]
pub struct Functions {
    table: HashMap<&'static str, Function>,
    refused: HashMap<&'static str, &'static str>,
}

impl Functions {
    /// No function but Go's builtins, which are always there.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With a table of functions; what is there under the same name is replaced, also a builtin.
    #[must_use]
    pub fn with(mut self, table: &[Function]) -> Self {
        self.table.extend(table.iter().map(|function| (function.name(), *function)));
        self
    }

    /// With those functions of a table whose names are free; builtins are not.
    #[must_use]
    pub fn with_missing(mut self, table: &[Function]) -> Self {
        for function in table {
            if self.get(function.name()).is_none() {
                self.table.insert(function.name(), *function);
            }
        }
        self
    }

    /// With names that exist elsewhere and are refused here: a template that calls one is told the
    /// reason.
    #[must_use]
    pub fn refusing(mut self, names: &[(&'static str, &'static str)]) -> Self {
        self.refused.extend(names.iter().copied());
        self
    }

    /// Why a name is refused.
    #[must_use]
    pub fn refusal(&self, name: &str) -> Option<&'static str> {
        self.refused.get(name).copied()
    }

    /// The function of a name, a builtin too.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Function> {
        self.table.get(name).or_else(|| builtin::find(name))
    }

    /// All functions, builtins too, sorted by name.
    #[must_use]
    pub fn all(&self) -> Vec<&Function> {
        let own = self.table.values();
        let builtins =
            builtin::TABLE.iter().filter(|function| !self.table.contains_key(function.name()));
        let mut all: Vec<_> = own.chain(builtins).collect();
        all.sort_by_key(|function| function.name());
        all
    }

    /// The builtin of a name, where the table does not replace it.
    pub(crate) fn is_builtin(&self, name: &str) -> bool {
        !self.table.contains_key(name)
    }
}
