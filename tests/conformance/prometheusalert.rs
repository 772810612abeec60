//! PrometheusAlert.

use std::path::PathBuf;

use campana::render::profile::{LanguagePack, Profile};
use gotemplate::{Environment, Zone};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;

use crate::tally::{Tally, execute, folder, payload, templates};

#[derive(Deserialize)]
struct File {
    now: Timestamp,
    local: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    file: String,
    #[serde(default)]
    source: String,
    payload: String,
    #[serde(default)]
    output: String,
    /// In base64, as Go writes bytes.
    bytes: Option<String>,
    error: Option<String>,
    skip: Option<String>,
}

/// The committed cases, or those of another run of the generator.
fn cases() -> PathBuf {
    let own = || folder().join("prometheusalert/cases.json");
    std::env::var_os("PROMETHEUSALERT_CASES").map_or_else(own, PathBuf::from)
}

#[test]
fn templates_write_what_prometheusalert_writes() {
    let file: File = serde_json::from_slice(&std::fs::read(cases()).unwrap()).unwrap();
    let local = Zone::local(TimeZone::get(&file.local).unwrap());
    let environment = Environment { now: file.now.into(), local, ..Environment::default() };
    let mut tally = Tally::default();
    for case in &file.cases {
        let actual = run(case, &environment);
        let label = format!("{}{} of {}", case.file, case.source, case.payload);
        tally.count(&label, &expected(case), &actual, case.skip.as_deref());
    }
    tally.report("prometheusalert");
    assert!(tally.is_clean());
}

fn expected(case: &Case) -> Result<Vec<u8>, String> {
    use base64::prelude::{BASE64_STANDARD, Engine};
    match (&case.error, &case.bytes) {
        (Some(error), _) => Err(error.clone()),
        (None, Some(bytes)) => Ok(BASE64_STANDARD.decode(bytes).expect("Go writes base64")),
        (None, None) => Ok(case.output.clone().into_bytes()),
    }
}

fn run(case: &Case, environment: &Environment) -> Result<Vec<u8>, String> {
    let file = folder().join("prometheusalert/templates").join(format!("{}.tmpl", case.file));
    let source = match &case.file[..] {
        "" => case.source.clone(),
        _ => std::fs::read_to_string(file).expect("a case has its file"),
    };
    let mut templates = templates(Profile::PrometheusAlert);
    templates.parse("", &source).map_err(|error| error.to_string())?;
    let notification = payload(&case.payload);
    let language = LanguagePack::default();
    execute(Profile::PrometheusAlert, &templates, &notification, &language, environment)
}
