//! Regular expressions in Go's notation.
//!
//! To Go a byte that is no UTF-8 matches as U+FFFD and stays as it is. Here it is a private character
//! while the expression runs, and then the byte again; only a pattern that asks for U+FFFD or for
//! symbols sees the difference.

use std::borrow::Cow;
use std::sync::Arc;

use goregex::Regex;

use super::letters::{self, utf8};
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
    call.spend_match(&regex, call.text(1).len())?;
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
    let hiding = Hiding::of(&[call.text(1)]);
    let text = hiding.text(call.text(1));
    call.spend_match(&regex, text.len())?;
    call.reserve(text.len())?;
    Ok(Value::text(hiding.bytes(regex.find(&text))))
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
    let hiding = Hiding::of(&[call.text(1)]);
    let text = hiding.text(call.text(1));
    // No list has more parts than the text has bytes, and one.
    call.reserve(text.len())?;
    call.spend_matches(&regex, text.len())?;
    let parts = parts(&regex, &text, call.int(2));
    call.reserve(parts.len().saturating_mul(2 * ITEM))?;
    let found_nothing = parts.is_empty() && (of_matches || call.int(2) == 0);
    Ok(if found_nothing {
        Value::Nil(Type::STRINGS)
    } else {
        Value::strings(parts.into_iter().map(|part| hiding.bytes(part)))
    })
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
    let hiding = Hiding::of(&[call.text(1), call.text(2)]);
    let (text, replacement) = (hiding.text(call.text(1)), hiding.text(call.text(2)));
    call.spend_matches(&regex, text.len())?;
    // How long the result is, is known when it is there; it never grows over the limit.
    let most = call.limits().value;
    let Some(replaced) = replace(&regex, &text, &replacement, most) else {
        return Err(Reached::size("value", most).into());
    };
    call.reserve(replaced.len())?;
    Ok(Value::text(hiding.bytes(&replaced)))
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

/// The first of the characters that stand for bytes: the last ones of the last private plane.
const HIDDEN: u32 = 0x10_ff00;

/// Whether the bytes of a call that are no UTF-8 are hidden behind private characters.
///
/// They are not where a text has such characters itself, for those would become bytes: there, they
/// are U+FFFD as in Go, and stay so.
struct Hiding(bool);

impl Hiding {
    fn of(texts: &[&[u8]]) -> Self {
        let is_taken = |text: &&[u8]| letters::all(text).any(is_hidden);
        let is_needed = texts.iter().any(|text| std::str::from_utf8(text).is_err());
        Self(is_needed && !texts.iter().any(is_taken))
    }

    /// The text, for the expression.
    fn text<'t>(&self, text: &'t [u8]) -> Cow<'t, str> {
        if !self.0 {
            return utf8(text);
        }
        let mut out = String::with_capacity(text.len().saturating_mul(2));
        for chunk in text.utf8_chunks() {
            out.push_str(chunk.valid());
            let bytes = chunk.invalid().iter().map(|byte| HIDDEN + u32::from(*byte));
            out.extend(bytes.filter_map(char::from_u32));
        }
        out.into()
    }

    /// The bytes of a result.
    fn bytes(&self, text: &str) -> Vec<u8> {
        if !self.0 {
            return text.as_bytes().to_vec();
        }
        let mut out = Vec::with_capacity(text.len());
        for letter in text.chars() {
            match u8::try_from(u32::from(letter).wrapping_sub(HIDDEN)) {
                Ok(byte) if is_hidden(letter) => out.push(byte),
                _ => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        out
    }
}

/// Whether a character can stand for a byte, which is not ASCII.
fn is_hidden(letter: char) -> bool {
    matches!(letter, '\u{10ff80}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_come_out_as_they_were() {
        let texts: [&[u8]; 3] = [b"a\xff\xe6\x97b", "é\u{10ff80}".as_bytes(), b""];
        let hiding = Hiding::of(&texts[..1]);
        let hidden = hiding.text(texts[0]);
        assert_eq!(hidden, "a\u{10ffff}\u{10ffe6}\u{10ff97}b");
        assert_eq!(hiding.bytes(&hidden), texts[0]);
        for text in [texts[1], texts[2]] {
            let hiding = Hiding::of(&[text]);
            assert_eq!(hiding.bytes(&hiding.text(text)), text);
        }
        let hiding = Hiding::of(&texts);
        assert_eq!(hiding.text(texts[0]), "a\u{fffd}\u{fffd}\u{fffd}b");
        assert_eq!(hiding.bytes(texts[1].utf8_chunks().next().unwrap().valid()), texts[1]);
    }
}
