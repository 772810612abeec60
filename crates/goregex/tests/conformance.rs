//! Every case of `conformance/cases.json`, which a Go program wrote, gives the same here.

#![cfg(test)]

use std::io::Write as _;

use goregex::Regex;
use serde_json::Value;

const CASES: &str = include_str!("../conformance/cases.json");

/// What the crate makes of a pattern on the case's texts, in the form of the case.
fn differences(case: &Value, probes: &[Value]) -> Vec<String> {
    let pattern = case["pattern"].as_str().unwrap();
    let regex = match (Regex::new(pattern), case["error"].as_str()) {
        (Ok(regex), None) => regex,
        (Err(error), Some(expected)) if error.to_string() == expected => return vec![],
        (got, expected) => return vec![format!("{pattern}: got {got:?}, Go says {expected:?}")],
    };
    let mut differences = Vec::new();
    if let Some(names) = case["names"].as_array() {
        let got: Vec<_> = regex.names().iter().map(|n| n.as_deref().unwrap_or("")).collect();
        if *names != got {
            differences.push(format!("{pattern}: the names are {got:?}"));
        }
    }
    let matches = case["matches"].as_object();
    let others = if case["probed"] == true {
        Some(probes)
    } else {
        case["others"].as_array().map(Vec::as_slice)
    };
    let others = others.into_iter().flatten().map(|text| text.as_str().unwrap());
    for text in matches.into_iter().flat_map(|m| m.keys().map(String::as_str)).chain(others) {
        let expected = matches.and_then(|matches| matches.get(text));
        let got = positions(&regex, text);
        if got.as_ref() != expected {
            differences.push(format!("{pattern} on {text:?}: got {got:?}, Go {expected:?}"));
        }
    }
    differences
}

/// As Go's `FindStringSubmatchIndex`.
fn positions(regex: &Regex, text: &str) -> Option<Value> {
    let captures = regex.inner().captures(text)?;
    let position = |at: usize| i64::try_from(at).unwrap();
    let pairs = captures.iter().flat_map(|group| {
        group.map_or([-1, -1], |found| [position(found.start()), position(found.end())])
    });
    Some(pairs.collect())
}

#[test]
fn every_case_of_go_is_equal() {
    let file: Value = serde_json::from_str(CASES).unwrap();
    let (cases, probes) = (file["cases"].as_array().unwrap(), file["probes"].as_array().unwrap());
    let wrong: Vec<_> =
        cases.iter().map(|case| differences(case, probes)).filter(|d| !d.is_empty()).collect();
    // Not by `println`, which is shown for failed tests only.
    let (all, different) = (cases.len(), wrong.len());
    writeln!(std::io::stdout(), "cases {all} equal {} different {different}", all - different)
        .unwrap();
    assert!(cases.len() > 1000 && wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_planted_difference_is_found() {
    for case in [
        r#"{"pattern": "a+", "matches": {"aa": [0, 1]}}"#,
        r#"{"pattern": "a+", "others": ["xa"]}"#,
        r#"{"pattern": "a+", "matches": {"b": [0, 1]}}"#,
        r#"{"pattern": "a+", "error": "error parsing regexp: wrong"}"#,
        r#"{"pattern": "a++", "error": "error parsing regexp: missing closing ): `a++`"}"#,
        r#"{"pattern": "(?P<n>a)", "names": ["", "m"]}"#,
    ] {
        let case: Value = serde_json::from_str(case).unwrap();
        assert_eq!(differences(&case, &[]).len(), 1, "{case}");
    }
}
