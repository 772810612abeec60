//! notification-manager.

use std::collections::BTreeMap;

use campana::render::profile::{LanguagePack, Profile};
use gotemplate::{Environment, Zone};
use serde::Deserialize;

use crate::tally::{Tally, execute, folder, payload, templates};

#[derive(Deserialize)]
struct File {
    pack: Vec<Pack>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Pack {
    name: String,
    dictionary: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Case {
    #[serde(default)]
    template: String,
    #[serde(default)]
    source: String,
    payload: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    output: String,
    error: Option<String>,
    skip: Option<String>,
}

#[test]
fn templates_write_what_notification_manager_writes() {
    let file = folder().join("notification-manager/cases.json");
    let file: File = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut tally = Tally::default();
    for case in &file.cases {
        let expected = case.error.clone().map_or_else(|| Ok(case.output.clone().into_bytes()), Err);
        let words = file.pack.iter().filter(|pack| pack.name == case.language);
        let words = words.flat_map(|pack| &pack.dictionary);
        let language = LanguagePack::new(&case.language, words.map(|(a, b)| (&a[..], &b[..])));
        let label = format!("{}{} of {}", case.template, case.source, case.payload);
        tally.count(&label, &expected, &run(case, &language), case.skip.as_deref());
    }
    tally.report("notification-manager");
    assert!(tally.is_clean());
}

/// As the product: what the user wrote is parsed, and then the call of one template.
fn run(case: &Case, language: &LanguagePack) -> Result<Vec<u8>, String> {
    let (name, source) = match case.template.as_str() {
        "" => ("x", format!("{{{{ define \"x\" }}}}{}{{{{ end }}}}", case.source)),
        // Those are of an alert, and not of the data.
        name if name.starts_with("nm.default.message") => (
            "each",
            format!(
                "{{{{ define \"each\" }}}}{{{{ range .Alerts }}}}{{{{ template {name:?} . }}}}|\
                 {{{{ end }}}}{{{{ end }}}}"
            ),
        ),
        name => (name, String::new()),
    };
    let environment = Environment { local: Zone::Utc, ..Environment::default() };
    let mut templates = templates(Profile::NotificationManager);
    for source in [source, format!("{{{{ template {name:?} . }}}}")] {
        templates.parse("", &source).map_err(|error| error.to_string())?;
    }
    let notification = payload(&case.payload);
    execute(Profile::NotificationManager, &templates, &notification, language, &environment)
}
