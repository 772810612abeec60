//! Runs a template as the Go program did, and tells what is different.

use std::sync::{Arc, OnceLock};

use gotemplate::{Environment, ErrorKind, Functions, Limits, MissingKey, Templates, Value};
use serde_json::Value as Json;

use super::{data, functions};

/// What becomes of a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Output(Vec<u8>),
    Parse(String),
    Execute(String),
    Limit(String),
}

/// Parses sources as one set, and executes one of them.
pub(crate) fn answer(sources: &[(&str, &str)], missing: &str, run: &str, data: &Value) -> Answer {
    static FUNCTIONS: OnceLock<Arc<Functions>> = OnceLock::new();
    let functions =
        FUNCTIONS.get_or_init(|| Arc::new(Functions::new().with(functions::TABLE)));
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
            return failed(&error);
        }
    }
    let environment = Environment { local: data::local(), ..Environment::default() };
    match set.execute(run, data, &environment, &mut fuel) {
        Ok(output) => Answer::Output(output),
        Err(error) => failed(&error),
    }
}

fn failed(error: &gotemplate::Error) -> Answer {
    match error.kind() {
        ErrorKind::Parse => Answer::Parse(error.to_string()),
        ErrorKind::Execute => Answer::Execute(error.to_string()),
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

/// What is different in a case; nothing when all is equal.
pub(crate) fn difference(case: &Json) -> Option<String> {
    let mut sources: Vec<(&str, &str)> = Vec::new();
    for source in case["before"].as_array().into_iter().flatten() {
        sources.push((source["name"].as_str()?, source["text"].as_str()?));
    }
    // A `str` is what the crate takes for a source, so the generator writes no other.
    sources.push(("t", case["text"].as_str().expect("a source is UTF-8")));
    let missing = case["missingkey"].as_str().unwrap_or("");
    let got = answer(&sources, missing, case["run"].as_str().unwrap_or("t"), &data_of(case));
    let expected = expected(case);
    (got != expected).then(|| {
        let data = case["data"].as_str().unwrap_or("inline");
        format!(
            "{}\n  {:?} with {data}\n  Go   {}\n  here {}",
            case["name"],
            sources,
            shown(&expected),
            shown(&got)
        )
    })
}

fn expected(case: &Json) -> Answer {
    let string = |key: &str| String::from_utf8_lossy(data::text(&case[key]).as_bytes()).into_owned();
    if !case["parse"].is_null() {
        Answer::Parse(string("parse"))
    } else if !case["execute"].is_null() {
        Answer::Execute(string("execute"))
    } else {
        Answer::Output(data::text(&case["output"]).as_bytes().to_vec())
    }
}

fn shown(answer: &Answer) -> String {
    match answer {
        Answer::Output(bytes) => format!("writes {:?}", String::from_utf8_lossy(bytes)),
        Answer::Parse(words) => format!("parses: {words:?}"),
        Answer::Execute(words) => format!("executes: {words:?}"),
        Answer::Limit(words) => format!("limits: {words:?}"),
    }
}
