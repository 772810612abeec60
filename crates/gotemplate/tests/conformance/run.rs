//! Runs a template as the Go program did.

use std::sync::{Arc, OnceLock};

use gotemplate::{Environment, ErrorKind, Functions, Limits, MissingKey, Templates, Value};
use serde_json::Value as Json;

use super::{data, functions};

/// What becomes of a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Output(Vec<u8>),
    Parse(String),
    /// The error, and what was written before it.
    Execute(String, Vec<u8>),
    Limit(String),
}

/// Parses sources as one set, and executes one of them.
pub(crate) fn answer(sources: &[(&str, &str)], missing: &str, run: &str, data: &Value) -> Answer {
    static FUNCTIONS: OnceLock<Arc<Functions>> = OnceLock::new();
    let functions = FUNCTIONS.get_or_init(|| Arc::new(Functions::new().with(functions::TABLE)));
    let missing = match missing {
        "zero" => MissingKey::Zero,
        "error" => MissingKey::Error,
        _ => MissingKey::Invalid,
    };
    let limits = Limits::default();
    let mut fuel = limits.fuel;
    let mut set = Templates::new(Arc::clone(functions), missing, limits);
    for (name, text) in sources {
        if let Err(error) = set.parse(name, text) {
            return failed(&error, Vec::new());
        }
    }
    let environment = Environment { local: data::local(), ..Environment::default() };
    match set.execute_partly(run, data, &environment, &mut fuel) {
        (Ok(()), output) => Answer::Output(output),
        (Err(error), output) => failed(&error, output),
    }
}

fn failed(error: &gotemplate::Error, output: Vec<u8>) -> Answer {
    match error.kind() {
        ErrorKind::Parse => Answer::Parse(error.to_string()),
        ErrorKind::Execute => Answer::Execute(error.to_string(), output),
        ErrorKind::Limit(_) => Answer::Limit(error.to_string()),
    }
}

/// The data of a case or of a request: named, inline, or none.
pub(crate) fn data_of(case: &Json) -> Value {
    match (case["data"].as_str(), &case["inline"]) {
        (Some(name), _) => data::named(name),
        (None, Json::Null) => Value::Invalid,
        (None, inline) => data::decode(inline),
    }
}
