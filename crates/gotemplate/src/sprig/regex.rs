//! Regular expressions in Go's notation.
//!
//! Bytes that are no UTF-8 come out as U+FFFD, where Go keeps those that do not match.

use std::sync::Arc;

use goregex::Regex;

use super::letters::utf8;
use super::shape::ITEM;
use crate::fmt;
use crate::funcs::{Call, Failure, Function};
use crate::limits::Reached;
use crate::value::{Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("regexMatch(regex string, s string) bool", regex_match),
    Function::new("mustRegexMatch(regex string, s string) bool", must_match),
    Function::new("regexFindAll(regex string, s string, n int) []string", find_all),
    Function::new("mustRegexFindAll(regex string, s string, n int) []string", must_find_all),
    Function::new("regexFind(regex string, s string) string", find),
    Function::new("mustRegexFind(regex string, s string) string", must_find),
    Function::new("regexReplaceAll(regex string, s string, repl string) string", replace),
    Function::new("mustRegexReplaceAll(regex string, s string, repl string) string", must_replace),
    Function::new("regexReplaceAllLiteral(regex string, s string, repl string) string", literal),
    Function::new(
        "mustRegexReplaceAllLiteral(regex string, s string, repl string) string",
        must_literal,
    ),
    Function::new("regexSplit(regex string, s string, n int) []string", split),
    Function::new("mustRegexSplit(regex string, s string, n int) []string", must_split),
    Function::new("regexQuoteMeta(s string) string", quote_meta),
];

/// What a function says of a pattern that is none.
#[derive(Clone, Copy)]
enum Wrong {
    /// Go's `regexp.MustCompile` panics.
    Panics,
    /// Go's `regexp.Compile` returns an error.
    Fails,
}

/// The pattern that is the first argument.
fn compiled(call: &mut Call<'_>, wrong: Wrong) -> Result<Arc<Regex>, Failure> {
    let pattern = call.text(0);
    // Compiling is dear, and the text is looked at once for each match.
    let work = pattern.len().saturating_add(call.text(1).len()) / 16;
    call.spend(u64::try_from(work).unwrap_or(u64::MAX))?;
    call.regex(pattern).map_err(|error| {
        let words = error.to_string();
        match wrong {
            Wrong::Fails => words.into(),
            Wrong::Panics => format!("regexp: Compile({}): {words}", quoted(pattern)).into(),
        }
    })
}

/// The pattern in backquotes where Go can write it so.
fn quoted(pattern: &[u8]) -> String {
    let is_plain = |letter: char| match letter {
        '\t' => true,
        '`' | '\u{feff}' | '\u{7f}' => false,
        other => other >= ' ',
    };
    match std::str::from_utf8(pattern) {
        Ok(text) if text.chars().all(is_plain) => format!("`{text}`"),
        _ => fmt::quote(pattern),
    }
}

fn regex_match(call: &mut Call<'_>) -> Result<Value, Failure> {
    match must_match(call) {
        Err(Failure::Said(_)) => Ok(false.into()),
        other => other,
    }
}

fn must_match(call: &mut Call<'_>) -> Result<Value, Failure> {
    let regex = compiled(call, Wrong::Fails)?;
    Ok(regex.is_match(&utf8(call.text(1))).into())
}

fn find(call: &mut Call<'_>) -> Result<Value, Failure> {
    found(call, Wrong::Panics)
}

fn must_find(call: &mut Call<'_>) -> Result<Value, Failure> {
    found(call, Wrong::Fails)
}

fn found(call: &mut Call<'_>, wrong: Wrong) -> Result<Value, Failure> {
    let regex = compiled(call, wrong)?;
    let text = utf8(call.text(1));
    call.reserve(text.len())?;
    Ok(regex.find(&text).into())
}

fn find_all(call: &mut Call<'_>) -> Result<Value, Failure> {
    parts(call, Wrong::Panics, Regex::find_all, true)
}

fn must_find_all(call: &mut Call<'_>) -> Result<Value, Failure> {
    parts(call, Wrong::Fails, Regex::find_all, true)
}

fn split(call: &mut Call<'_>) -> Result<Value, Failure> {
    parts(call, Wrong::Panics, Regex::split, false)
}

fn must_split(call: &mut Call<'_>) -> Result<Value, Failure> {
    parts(call, Wrong::Fails, Regex::split, false)
}

type Parts = for<'t> fn(&Regex, &'t str, i64) -> Vec<&'t str>;

/// The matches or what is between them; Go gives nil for no match, and for no part at all.
fn parts(
    call: &mut Call<'_>,
    wrong: Wrong,
    parts: Parts,
    of_matches: bool,
) -> Result<Value, Failure> {
    let regex = compiled(call, wrong)?;
    let text = utf8(call.text(1));
    // No list has more parts than the text has bytes, and one.
    call.reserve(text.len())?;
    call.spend(u64::try_from(text.len()).unwrap_or(u64::MAX) / 4)?;
    let parts = parts(&regex, &text, call.int(2));
    call.reserve(parts.len().saturating_mul(2 * ITEM))?;
    let found_nothing = parts.is_empty() && (of_matches || call.int(2) == 0);
    Ok(if found_nothing { Value::Nil(Type::STRINGS) } else { Value::strings(parts) })
}

fn replace(call: &mut Call<'_>) -> Result<Value, Failure> {
    replaced(call, Wrong::Panics, Regex::replace_all)
}

fn must_replace(call: &mut Call<'_>) -> Result<Value, Failure> {
    replaced(call, Wrong::Fails, Regex::replace_all)
}

fn literal(call: &mut Call<'_>) -> Result<Value, Failure> {
    replaced(call, Wrong::Panics, Regex::replace_all_literal)
}

fn must_literal(call: &mut Call<'_>) -> Result<Value, Failure> {
    replaced(call, Wrong::Fails, Regex::replace_all_literal)
}

type Replace = fn(&Regex, &str, &str, usize) -> Option<String>;

fn replaced(call: &mut Call<'_>, wrong: Wrong, replace: Replace) -> Result<Value, Failure> {
    let regex = compiled(call, wrong)?;
    let (text, replacement) = (utf8(call.text(1)), utf8(call.text(2)));
    call.spend(u64::try_from(text.len()).unwrap_or(u64::MAX) / 4)?;
    // How long the result is, is known when it is there; it never grows over the limit.
    let most = call.limits().value;
    let Some(replaced) = replace(&regex, &text, &replacement, most) else {
        let most = u64::try_from(most).unwrap_or(u64::MAX);
        return Err(Reached { limit: "value", most }.into());
    };
    call.reserve(replaced.len())?;
    Ok(replaced.into())
}

fn quote_meta(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len().saturating_mul(2))?;
    // All that is quoted is ASCII, so other bytes can stay as they are.
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if br"\.+*?()|[]{}^$".contains(byte) {
            out.push(b'\\');
        }
        out.push(*byte);
    }
    Ok(Value::text(out))
}
