//! One call of a function: its arguments, and what it may use of the execution around it.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use goregex::Regex;

use super::Failure;
use crate::limits::{Limits, Reached, Stop};
use crate::time::{Time, Zone};
use crate::value::{Text, Value};

/// The most patterns that are kept compiled.
const PATTERNS: usize = 256;

/// The fuel for compiling a pattern: the largest take about 5 ms, as long as 5000 nodes.
const COMPILING: u64 = 5000;

/// How often the sign from outside is looked at, in fuel.
const LOOK: u64 = 256;

/// What an execution is given from outside; nothing in this crate reads a clock or a file.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// The time that `now` gives.
    pub now: Time,
    /// The zone that Go calls `Local`.
    pub local: Zone,
    /// Ends the execution from outside.
    pub stop: Stop,
}

/// The compiled patterns of a set of templates; shared by its executions.
#[derive(Debug, Default)]
pub(crate) struct Patterns(Mutex<HashMap<Text, Arc<Regex>>>);

impl Patterns {
    fn known(&self, pattern: &Text) -> Option<Arc<Regex>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(pattern).map(Arc::clone)
    }

    /// Compiles, which takes long: nobody else waits meanwhile.
    fn compile(&self, pattern: Text) -> Result<Arc<Regex>, goregex::Error> {
        let regex = Arc::new(Regex::from_bytes(pattern.as_bytes())?);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A pattern that is made of data would fill the memory; whoever writes one pays for it.
        if known.len() >= PATTERNS {
            known.clear();
        }
        known.insert(pattern, Arc::clone(&regex));
        Ok(regex)
    }
}

/// What one execution has, and what it has left.
#[derive(Debug)]
pub struct Context {
    pub(crate) environment: Environment,
    pub(crate) limits: Limits,
    pub(crate) patterns: Arc<Patterns>,
    pub(crate) root: Value,
    pub(crate) fuel: u64,
    /// How little fuel is left when the sign from outside is looked at next.
    pub(crate) look: u64,
    pub(crate) allocated: usize,
    pub(crate) iterations: u64,
}

impl Context {
    /// Takes fuel for work that grows with the data, and looks now and then whether to stop.
    ///
    /// # Errors
    /// When there is not enough left, or the execution must end.
    pub fn spend(&mut self, fuel: u64) -> Result<(), Failure> {
        let left = self.fuel.checked_sub(fuel);
        self.fuel = left.unwrap_or(0);
        match left {
            Some(left) if left > self.look => Ok(()),
            Some(left) => self.look(left),
            None => Err(self.out_of_fuel()),
        }
    }

    /// Ends the execution if the sign for it was given, and looks again [`LOOK`] further on.
    #[cold]
    fn look(&mut self, left: u64) -> Result<(), Failure> {
        self.look = left.saturating_sub(LOOK);
        if self.environment.stop.is_stopped() {
            return Err(Reached { limit: "time", most: 0 }.into());
        }
        Ok(())
    }

    pub(crate) fn out_of_fuel(&self) -> Failure {
        Reached { limit: "fuel", most: self.limits.fuel }.into()
    }

    /// Announces a value of `bytes`, before it is made.
    ///
    /// # Errors
    /// When the value is larger than one may be, or all together are.
    pub fn reserve(&mut self, bytes: usize) -> Result<(), Failure> {
        if bytes > self.limits.value {
            return Err(Reached::size("value", self.limits.value).into());
        }
        self.allocated = self.allocated.saturating_add(bytes);
        if self.allocated > self.limits.allocation {
            return Err(Reached::size("allocation", self.limits.allocation).into());
        }
        // Copying has its price too: 64 bytes are about a node.
        self.spend(u64::try_from(bytes / 64).unwrap_or(u64::MAX))
    }
}

/// One call. Arguments are counted from 0 and have the types of the signature, so the accessors
/// take them as those: one that is not there, or of another type, reads as the zero value.
#[derive(Debug)]
pub struct Call<'a> {
    pub(crate) receiver: Option<&'a Value>,
    pub(crate) arguments: &'a [Value],
    pub(crate) context: &'a mut Context,
}

impl<'a> Call<'a> {
    /// How many arguments there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.arguments.len()
    }

    /// Whether there is no argument.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.arguments.is_empty()
    }

    /// The arguments.
    #[must_use]
    pub const fn arguments(&self) -> &'a [Value] {
        self.arguments
    }

    /// The arguments from `first` on: those of a variadic parameter.
    #[must_use]
    pub fn rest(&self, first: usize) -> &'a [Value] {
        self.arguments.get(first..).unwrap_or_default()
    }

    /// What a method was called on.
    #[must_use]
    pub fn receiver(&self) -> &'a Value {
        self.receiver.unwrap_or(&Value::Invalid)
    }

    /// An argument as it is.
    #[must_use]
    pub fn value(&self, at: usize) -> &'a Value {
        self.arguments.get(at).unwrap_or(&Value::Invalid)
    }

    /// The bytes of a `string`.
    #[must_use]
    pub fn text(&self, at: usize) -> &'a [u8] {
        self.value(at).as_text().map_or(&[], Text::as_bytes)
    }

    /// A `string`, each byte that is not UTF-8 as U+FFFD.
    #[must_use]
    pub fn str(&self, at: usize) -> Cow<'a, str> {
        String::from_utf8_lossy(self.text(at))
    }

    /// An integer with a sign.
    #[must_use]
    pub fn int(&self, at: usize) -> i64 {
        match self.value(at) {
            Value::Int(_, value) => *value,
            _ => 0,
        }
    }

    /// A floating-point number.
    #[must_use]
    pub fn float(&self, at: usize) -> f64 {
        match self.value(at) {
            Value::Float(_, value) => *value,
            _ => 0.0,
        }
    }

    /// A `bool`.
    #[must_use]
    pub fn bool(&self, at: usize) -> bool {
        matches!(self.value(at), Value::Bool(true))
    }

    /// The items of a slice.
    #[must_use]
    pub fn list(&self, at: usize) -> &'a [Value] {
        self.value(at).as_list().map_or(&[], |list| list)
    }

    /// A `time.Time`.
    #[must_use]
    pub fn time(&self, at: usize) -> Time {
        match self.value(at) {
            Value::Time(time) => Time::clone(time),
            _ => Time::default(),
        }
    }

    /// What the execution was given from outside.
    #[must_use]
    pub const fn environment(&self) -> &Environment {
        &self.context.environment
    }

    /// The limits of the execution.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.context.limits
    }

    /// The data that the execution was given.
    #[must_use]
    pub const fn root(&self) -> &Value {
        &self.context.root
    }

    /// Takes fuel for work that grows with the data, about one for each 64 bytes or each item.
    ///
    /// # Errors
    /// When there is not enough left.
    pub fn spend(&mut self, fuel: u64) -> Result<(), Failure> {
        self.context.spend(fuel)
    }

    /// Announces a value of `bytes`, before it is made.
    ///
    /// # Errors
    /// When the value is larger than one may be, or all together are.
    pub fn reserve(&mut self, bytes: usize) -> Result<(), Failure> {
        self.context.reserve(bytes)
    }

    /// A regular expression in Go's notation; compiled once for a set of templates, for which it
    /// takes fuel.
    ///
    /// # Errors
    /// What Go refuses, in Go's words.
    pub fn regex(&mut self, pattern: &[u8]) -> Result<Arc<Regex>, goregex::Error> {
        let pattern = Text::from(pattern);
        if let Some(regex) = self.context.patterns.known(&pattern) {
            return Ok(regex);
        }
        // What is refused takes as long. The next that is spent fails where nothing is left.
        let length = u64::try_from(pattern.len()).unwrap_or(u64::MAX);
        self.context.fuel = self.context.fuel.saturating_sub(COMPILING + length / 8);
        self.context.patterns.compile(pattern)
    }

    /// Takes fuel for looking for one match in a text of `length` bytes, before it is looked for.
    ///
    /// # Errors
    /// When there is not enough left.
    pub fn spend_match(&mut self, regex: &Regex, length: usize) -> Result<(), Failure> {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        self.spend((length / 64).saturating_add(regex.weight().saturating_mul(length) / 1000))
    }

    /// Takes fuel for looking for all matches in a text of `length` bytes, before they are looked
    /// for.
    ///
    /// For each match an expression such as `.*x|y` may look through all the rest of the text, so
    /// this grows with the square of the length.
    ///
    /// # Errors
    /// When there is not enough left.
    pub fn spend_matches(&mut self, regex: &Regex, length: usize) -> Result<(), Failure> {
        self.spend_match(regex, length)?;
        let blocks = u64::try_from(length / 64).unwrap_or(u64::MAX);
        self.spend(blocks.saturating_mul(blocks))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Function, Functions, MissingKey, Templates};

    /// Gives the sign to stop, and spends with the nodes around it what [`LOOK`] is.
    fn stop(call: &mut Call<'_>) -> Result<Value, Failure> {
        call.environment().stop.stop();
        call.spend(LOOK - 3)?;
        Ok(Value::text(""))
    }

    #[test]
    fn the_sign_to_stop_is_seen_whatever_is_spent_at_once() {
        static STOP: [Function; 1] = [Function::new("stop() string", stop)];
        let functions = Arc::new(Functions::new().with(&STOP));
        let mut templates = Templates::new(functions, MissingKey::Invalid, Limits::default());
        templates.parse("t", "{{range 9}}{{.}}{{stop}}{{end}}").expect("it parses");
        let mut fuel = Limits::default().fuel;
        let environment = Environment::default();
        let (ended, output) =
            templates.execute_partly("t", &Value::Invalid, &environment, &mut fuel);
        let words = ended.expect_err("it is stopped").words().to_owned();
        assert_eq!((words.as_str(), output), ("stopped: it took too long", b"0".to_vec()));
    }
}
