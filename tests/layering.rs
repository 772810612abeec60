//! Who may import whom: the flow in `src/lib.rs` as a rule that fails when it is broken.
//!
//! Every file of the library is parsed, and every path in it is looked at: `use` trees, paths in
//! types, expressions and patterns, and the tokens of macros. Code for tests is exempt. The same
//! checker is given planted violations below, so that it is known to be able to fail.

#[path = "layering/paths.rs"]
mod paths;
#[path = "layering/rules.rs"]
mod rules;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rules::{Walk, unknown_modules, violations};

#[test]
fn every_part_imports_only_what_stands_below_it() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let walk = Walk::of(&src);
    assert!(walk.violations.is_empty(), "\n{}\n", walk.violations.join("\n"));
}

#[test]
fn every_file_is_a_module_that_was_looked_at() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files: BTreeSet<PathBuf> = rust_files(&src).into_iter().collect();
    let mut seen = Walk::of(&src).files;
    seen.insert(src.join("main.rs"));
    assert_eq!(files.difference(&seen).collect::<Vec<_>>(), Vec::<&PathBuf>::new());
}

#[test]
fn every_module_that_a_rule_names_is_there() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut modules = Walk::of(&src).modules;
    assert_eq!(unknown_modules(&modules), Vec::<&str>::new());
    assert!(modules.remove("render::paginate"), "it was looked at");
    assert_eq!(unknown_modules(&modules), ["render::paginate"], "planted");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder of the sources can be read");
    let paths = entries.map(|entry| entry.expect("an entry can be read").path());
    paths
        .flat_map(|path| if path.is_dir() { rust_files(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// A module, its source, and a word of each violation that must be found in it, in order.
const PLANTED: [(&str, &str, &[&str]); 39] = [
    ("alert", "use crate::clock::Now;", &["clock::Now", "touches a clock"]),
    ("alert", "fn f(x: crate::queue::Store) {}", &["queue::Store"]),
    ("select::condition", "use crate::{alert::Alert, render::Style};", &["render::Style"]),
    ("select::condition", "use super::super::settings as s;", &["settings"]),
    ("render::builtin", "fn f() { let _ = crate::dingtalk::errcode::x(); }", &["errcode::x"]),
    ("render::builtin", "use crate::dingtalk::message::Part;", &[]),
    ("render", "fn f() { format!(\"{}\", crate::settings::NAME); }", &["settings::NAME"]),
    ("render", "macro_rules! m { () => { $crate::queue::open() } }", &["queue::open"]),
    ("render", "#[cfg(test)] mod tests { use crate::settings::Settings; }", &[]),
    ("render", "#[cfg(not(test))] mod x { use crate::settings::Settings; }", &["Settings"]),
    ("render", "mod inner { use super::super::queue::Store; }", &["queue::Store"]),
    ("render", "fn f(now: jiff::Timestamp) { use reqwest::Client; }", &["touches HTTP"]),
    ("render", "use jiff::Timestamp; fn f() { Timestamp::now(); }", &["touches a clock"]),
    ("render", "use std::time; fn f() { time::Instant::now(); }", &["touches a clock"]),
    ("render", "use std::time::Duration; fn f() -> Duration { Duration::ZERO }", &[]),
    ("render", "use std::time::*;", &["touches a clock"]),
    ("dingtalk::message", "use super::client::Client;", &["dingtalk::client::Client"]),
    ("dingtalk::message", "fn f() -> rusqlite::Connection { x() }", &["touches SQL"]),
    ("dingtalk", "use campana::queue::Store;", &["queue::Store"]),
    ("queue", "use crate::dingtalk::Rate;", &["dingtalk::Rate"]),
    (
        "deliver",
        "use crate::render::builtin::write; use crate::render::paginate::smaller;",
        &["builtin"],
    ),
    ("deliver", "use crate::render::digest::{self, DigestGroup};", &[]),
    ("settings", "use crate::http::router; use crate::nowhere::X;", &["router", "nowhere"]),
    ("settings", "use gotemplate::Templates;", &["the crate gotemplate"]),
    (
        "receive",
        "use crate::clock::Now; use axum::Json;",
        &["clock::Now", "axum", "touches a clock"],
    ),
    ("queue", "use crate::alert::Alert;", &["alert::Alert"]),
    ("http", "fn f(x: gotemplate::Stop) {}", &["the crate gotemplate"]),
    ("render", "use crate::dingtalk::robot::API;", &["dingtalk::robot::API"]),
    (
        "deliver::attempt",
        "use crate::dingtalk::Endpoint; fn f(e: E) { matches!(e, Endpoint::Chatbot(_)); }",
        &["must not name a variant: crate::dingtalk::Endpoint::Chatbot"],
    ),
    (
        "settings::redact",
        "use crate::dingtalk::Endpoint as E; fn f(E::Conversation(x): E) {}",
        &["must not name a variant: crate::dingtalk::Endpoint::Conversation"],
    ),
    ("settings::check", "use crate::dingtalk::Endpoint as E; fn f() { E::Chatbot(x()); }", &[]),
    ("deliver", "use crate::dingtalk::Endpoint; fn f(e: E) { g(Endpoint::api, e.chat()); }", &[]),
    ("render", "use gotemplate::Value; use goregex::Regex;", &[]),
    ("intake", "use crate::http::AppState; use crate::deliver::Lanes;", &["deliver", "http"]),
    ("intake", "use crate::receive::alertmanager;", &["receive::alertmanager"]),
    ("api::delivery", "use crate::http::AppState; use crate::queue::Store;", &["http::AppState"]),
    ("cli::queue", "use crate::http::handlers::deliveries;", &["http::handlers"]),
    ("cli", "use crate::api::ErrorAnswer; use crate::app::App;", &[]),
    ("helpers", "fn f() {}", &["no rule"]),
];

#[test]
fn planted_violations_are_found_and_innocent_code_is_not_blamed() {
    for (module, source, expected) in PLANTED {
        let path: Vec<&str> = module.split("::").collect();
        let found = violations(&path, source);
        assert_eq!(found.len(), expected.len(), "{module}: {source}\n{found:?}");
        for (found, word) in found.iter().zip(expected) {
            assert!(found.contains(word), "{module}: {source}\n{found} has no {word}");
        }
    }
}
