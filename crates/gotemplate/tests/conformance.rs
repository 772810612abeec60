//! Every case of `conformance/language/cases.json`, which a Go program wrote, gives the same here.

#![cfg(test)]
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "a value is what a function takes or anything else; a new kind of value is the latter"
)]
#![allow(clippy::unnecessary_wraps, reason = "functions in a table have one type")]

#[path = "conformance/data.rs"]
mod data;
#[path = "conformance/functions.rs"]
mod functions;
#[path = "conformance/model.rs"]
mod model;
#[path = "conformance/report.rs"]
mod report;
#[path = "conformance/run.rs"]
mod run;

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::Value as Json;

/// The most differences that are shown.
const SHOWN: usize = 2000;

#[test]
fn every_case_of_go_is_equal() {
    let cases = data::file()["cases"].as_array().unwrap();
    let (skipped, run): (Vec<&Json>, Vec<&Json>) =
        cases.iter().partition(|case| !case["skip"].is_null());
    let mut different = Vec::new();
    let mut groups: BTreeMap<&str, usize> = BTreeMap::new();
    for case in &run {
        if let Some(difference) = report::difference(case) {
            let group = case["name"].as_str().unwrap().split(':').next().unwrap();
            *groups.entry(group).or_default() += 1;
            different.push(difference);
        }
    }
    // Not by `println`, which is shown for failed tests only.
    writeln!(
        std::io::stdout(),
        "cases {} equal {} skipped {} different {}",
        cases.len(),
        run.len() - different.len(),
        skipped.len(),
        different.len()
    )
    .unwrap();
    let shown = different[..different.len().min(SHOWN)].join("\n");
    assert!(different.is_empty(), "different by group: {groups:?}, the first ones:\n{shown}");
    assert!(run.len() > 1500 && skipped.len() * 50 <= cases.len(), "too few cases are run");
}

#[test]
fn a_planted_difference_is_found() {
    for case in [
        r#"{"name": "x", "text": "a", "output": "b"}"#,
        r#"{"name": "x", "text": "a", "execute": "template: t: no"}"#,
        r#"{"name": "x", "text": "{{", "output": ""}"#,
        r#"{"name": "x", "text": "{{", "parse": "template: t:1: no"}"#,
        r#"{"name": "x", "text": "{{.}}", "data": "int", "output": "14"}"#,
    ] {
        let case: Json = serde_json::from_str(case).unwrap();
        assert!(report::difference(&case).is_some(), "{case}");
    }
}
