//! Finding, splitting and replacing, compared with what Go 1.26 gives.

#![cfg(test)]

use goregex::{Regex, quote_meta};
use serde_json::Value;

const REPLACED: &str = include_str!("../conformance/matching/replaced.json");
const FOUND: &str = include_str!("../conformance/matching/found.json");

fn cases(json: &str) -> Vec<Value> {
    serde_json::from_str(json).unwrap()
}

#[test]
fn replacing_gives_what_go_gives() {
    let cases = cases(REPLACED);
    assert!(cases.len() > 1000);
    for case in &cases {
        let part = |name: &str| case[name].as_str().unwrap();
        let regex = Regex::new(part("Pattern")).unwrap();
        let (text, replacement) = (part("Text"), part("Replacement"));
        let expanded = regex.replace_all(text, replacement, 1 << 20).unwrap();
        assert_eq!(expanded, part("Expanded"), "{case}");
        let literal = regex.replace_all_literal(text, replacement, 1 << 20).unwrap();
        assert_eq!(literal, part("Literal"), "{case}");
    }
}

#[test]
fn finding_and_splitting_give_what_go_gives() {
    let cases = cases(FOUND);
    assert!(cases.len() > 500);
    let texts = |list: &Value| -> Vec<String> {
        let list = list.as_array().cloned().unwrap_or_default();
        list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    for case in &cases {
        let regex = Regex::new(case["Pattern"].as_str().unwrap()).unwrap();
        let text = case["Text"].as_str().unwrap();
        let most = case["Most"].as_i64().unwrap();
        assert_eq!(regex.find(text), case["First"].as_str().unwrap(), "{case}");
        assert_eq!(regex.find_all(text, most), texts(&case["All"]), "{case}");
        assert_eq!(regex.split(text, most), texts(&case["Split"]), "{case}");
    }
}

#[test]
fn a_replacement_that_grows_too_long_is_refused() {
    let regex = Regex::new("").unwrap();
    assert_eq!(regex.replace_all("aaa", "${0}bb", 11).as_deref(), Some("bbabbabbabb"));
    assert_eq!(regex.replace_all("aaa", "${0}bb", 10), None);
    assert_eq!(regex.replace_all_literal("aaa", "bb", 10), None);
    let big = "a".repeat(1 << 16);
    assert_eq!(regex.replace_all(&big, &big, 1 << 20), None);
}

#[test]
fn a_quoted_text_matches_itself() {
    assert_eq!(quote_meta(r"a.b\[$é"), r"a\.b\\\[\$é");
    assert_eq!(quote_meta(r"+*?()|{}^]-&"), r"\+\*\?\(\)\|\{\}\^\]-&");
}
