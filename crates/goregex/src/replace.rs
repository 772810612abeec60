//! What Go's `Regexp` does with matches: finding, splitting, replacing and expanding.
//!
//! Texts are UTF-8 here, where Go also takes other bytes.
//! Whatever can grow beyond its input is given the most bytes that it may have.

use std::sync::LazyLock;

use regex::Captures;

use crate::Regex;

/// A group number from here on is a name to Go.
const MOST_GROUPS: usize = 100_000_000;

/// Letters, digits and `_`, as Go's package `unicode` sees them.
static NAME: LazyLock<regex::Regex> =
    LazyLock::new(|| regex::Regex::new(r"^[\p{L}\p{Nd}_]+").expect("the pattern is constant"));

impl Regex {
    /// The leftmost match, as Go's `FindString`; empty where there is none.
    #[must_use]
    pub fn find<'t>(&self, text: &'t str) -> &'t str {
        self.inner().find(text).map_or("", |found| found.as_str())
    }

    /// The first `most` matches, or all if it is negative, as Go's `FindAllString`.
    #[must_use]
    pub fn find_all<'t>(&self, text: &'t str, most: i64) -> Vec<&'t str> {
        self.matches(text, most).map(|found| found.as_str()).collect()
    }

    /// The text cut at its matches into `most` parts, or at all if it is negative, as Go's `Split`.
    ///
    /// Go gives nil for no part at all, which is what 0 asks for.
    #[must_use]
    pub fn split<'t>(&self, text: &'t str, most: i64) -> Vec<&'t str> {
        if most == 0 {
            return Vec::new();
        }
        if !self.as_str().is_empty() && text.is_empty() {
            return vec![""];
        }
        let mut parts = Vec::new();
        let (mut begin, mut end) = (0, 0);
        for found in self.matches(text, most) {
            if i64::try_from(parts.len() + 1) == Ok(most) {
                break;
            }
            end = found.start();
            if found.end() != 0 {
                parts.push(text.get(begin..end).unwrap_or_default());
            }
            begin = found.end();
        }
        if end != text.len() {
            parts.push(text.get(begin..).unwrap_or_default());
        }
        parts
    }

    /// The text with `replacement` for each match, as Go's `ReplaceAllString`: `$1`, `$name` and
    /// `${name}` stand for groups. Nothing where it would be longer than `most` bytes.
    #[must_use]
    pub fn replace_all(&self, text: &str, replacement: &str, most: usize) -> Option<String> {
        self.replace_by(text, most, |out, groups| self.expand(out, replacement, groups, most))
    }

    /// The text with `replacement` for each match, as Go's `ReplaceAllLiteralString`: a `$` stands
    /// for itself. Nothing where it would be longer than `most` bytes.
    #[must_use]
    pub fn replace_all_literal(
        &self,
        text: &str,
        replacement: &str,
        most: usize,
    ) -> Option<String> {
        self.replace_by(text, most, |out, _| push(out, replacement, most))
    }

    /// Appends `template` with its groups, as Go's `Expand`; `None` where `out` would be longer
    /// than `most` bytes.
    ///
    /// The name in `$name` is as long as it can be: `$1x` is `${1x}`. A group that does not exist or
    /// did not match is empty, and a `$` before anything else stands for itself.
    #[must_use]
    pub fn expand(
        &self,
        out: &mut String,
        template: &str,
        groups: &Captures<'_>,
        most: usize,
    ) -> Option<()> {
        let mut rest = template;
        while let Some((before, behind)) = rest.split_once('$') {
            push(out, before, most)?;
            rest = behind;
            if let Some(after) = rest.strip_prefix('$') {
                push(out, "$", most)?;
                rest = after;
            } else if let Some((name, after)) = reference(rest) {
                push(out, self.group(name, groups), most)?;
                rest = after;
            } else {
                push(out, "$", most)?;
            }
        }
        push(out, rest, most)
    }

    fn group<'t>(&self, name: &str, groups: &Captures<'t>) -> &'t str {
        let found = match number(name) {
            Some(number) => groups.get(number),
            None => self
                .names()
                .iter()
                .enumerate()
                .filter(|(_, own)| own.as_deref() == Some(name))
                .find_map(|(at, _)| groups.get(at)),
        };
        found.map_or("", |group| group.as_str())
    }

    fn matches<'r, 't>(
        &'r self,
        text: &'t str,
        most: i64,
    ) -> impl Iterator<Item = regex::Match<'t>> + use<'r, 't> {
        let most = if most < 0 { usize::MAX } else { usize::try_from(most).unwrap_or(usize::MAX) };
        self.inner().find_iter(text).take(most)
    }

    fn replace_by(
        &self,
        text: &str,
        most: usize,
        mut replacement: impl FnMut(&mut String, &Captures<'_>) -> Option<()>,
    ) -> Option<String> {
        let mut out = String::new();
        let mut at = 0;
        for groups in self.inner().captures_iter(text) {
            let Some(found) = groups.get(0) else { continue };
            push(&mut out, text.get(at..found.start()).unwrap_or_default(), most)?;
            replacement(&mut out, &groups)?;
            at = found.end();
        }
        push(&mut out, text.get(at..).unwrap_or_default(), most)?;
        Some(out)
    }
}

/// The text as a pattern that matches just it, as Go's `QuoteMeta`.
#[must_use]
pub fn quote_meta(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for next in text.chars() {
        if r"\.+*?()|[]{}^$".contains(next) {
            out.push('\\');
        }
        out.push(next);
    }
    out
}

fn push(out: &mut String, text: &str, most: usize) -> Option<()> {
    if out.len().saturating_add(text.len()) > most {
        return None;
    }
    out.push_str(text);
    Some(())
}

/// The name behind a `$` and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{');
    let name = NAME.find(inner.unwrap_or(text))?.as_str();
    match inner {
        Some(inner) => Some((name, inner.get(name.len()..)?.strip_prefix('}')?)),
        None => Some((name, text.get(name.len()..)?)),
    }
}

/// The number that a name is: digits without a zero in front.
fn number(name: &str) -> Option<usize> {
    let leading_zero = name.len() > 1 && name.starts_with('0');
    if leading_zero || !name.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    // Go looks at the bound before each further digit.
    let before = name.get(..name.len() - 1).unwrap_or_default();
    let fits = before.is_empty() || before.parse::<usize>().is_ok_and(|part| part < MOST_GROUPS);
    fits.then(|| name.parse().ok()).flatten()
}
