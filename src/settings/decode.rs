//! A small decoder that goes on after a mistake, so that all mistakes of a file are found at once.
//!
//! A method that reads a value returns the value, or [`Reported`] once the error is in the report.
//! Read all values first and unwrap the results at the end: an early `?` hides the later mistakes.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use super::diagnostic::Report;
use super::environment::{Environment, ExpandError};
use super::keys::Keys;
use super::quantity::{duration, show_duration, size};
use super::tree::{Entry, Node, Position, Scalar, Value};
use crate::spelling;

/// The value is missing or wrong, and the error is in the report already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reported;

/// A value, or the proof that its error is in the report.
pub(super) type Checked<T> = Result<T, Reported>;

/// Reads values of the tree, and reports those that are wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct Decoder<'s> {
    /// Where errors and warnings go.
    pub(super) report: &'s Report,
    /// The variables that `${NAME}` stands for.
    pub(super) environment: &'s Environment,
    /// The folder where relative paths start.
    pub(super) folder: &'s Path,
}

/// A mapping whose unknown keys have been reported.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'n> {
    /// Where the mapping begins.
    pub(super) position: Position,
    keys: &'static Keys,
    entries: &'n [Entry],
}

impl<'n> Table<'n> {
    /// The entry of `key`, which must be in `keys.rs`: asking for another key is a defect.
    pub(super) fn entry(&self, key: &str) -> Option<&'n Entry> {
        debug_assert!(self.keys.known.contains(&key), "`{key}` is missing in keys.rs");
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The entry of `key`; `None` if the mapping may not have such a key.
    pub(super) fn known_entry(&self, key: &str) -> Option<&'n Entry> {
        self.keys.known.contains(&key).then(|| self.entry(key)).flatten()
    }

    /// Reads `key`, if it is there.
    pub(super) fn optional<T>(
        &self,
        key: &str,
        read: impl FnOnce(&'n Node) -> Checked<T>,
    ) -> Checked<Option<T>> {
        self.entry(key).map(|entry| read(&entry.value)).transpose()
    }

    /// Reads `key`; a missing key is reported at the mapping.
    pub(super) fn required<T>(
        &self,
        decoder: Decoder<'_>,
        key: &str,
        read: impl FnOnce(&'n Node) -> Checked<T>,
    ) -> Checked<T> {
        match self.optional(key, read)? {
            Some(value) => Ok(value),
            None => decoder.fail(self.position, format!("the key `{key}` is missing")),
        }
    }
}

impl Decoder<'_> {
    /// Reports an error.
    pub(super) fn fail<T>(self, position: Position, text: impl AsRef<str>) -> Checked<T> {
        self.report.error(position, text);
        Err(Reported)
    }

    /// Reads a mapping. Unknown keys are reported, and the known ones can still be read.
    pub(super) fn table<'n>(self, node: &'n Node, keys: &'static Keys) -> Checked<Table<'n>> {
        self.table_as(node, keys, "key: value")
    }

    /// As [`Decoder::table`]; the error about what is no mapping shows `example`.
    pub(super) fn table_as<'n>(
        self,
        node: &'n Node,
        keys: &'static Keys,
        example: &str,
    ) -> Checked<Table<'n>> {
        let entries = self.mapping(node, example)?;
        for entry in entries {
            self.check_key(entry, keys);
        }
        Ok(Table { position: node.position, keys, entries })
    }

    /// Reads a mapping whose keys are the writer's own.
    pub(super) fn mapping<'n>(self, node: &'n Node, example: &str) -> Checked<&'n [Entry]> {
        match &node.value {
            Value::Table(entries) => Ok(entries),
            Value::Null | Value::Scalar(_) | Value::List(_) => {
                self.leave_inner(node);
                self.unexpected(node, &format!("a mapping (`{example}`)"), Show::Kind)
            }
        }
    }

    fn check_key(self, entry: &Entry, keys: &Keys) {
        let key = entry.key.as_str();
        if keys.known.contains(&key) {
            return;
        }
        if let Some((_, why)) = keys.refused.iter().find(|(refused, _)| *refused == key) {
            self.report.error(entry.position, why);
            return;
        }
        let hint = did_you_mean(key, keys.known.iter().copied());
        if !hint.is_empty() {
            self.leave_inner(&entry.value);
        }
        let (what, known) = (keys.what, keys.known.join(", "));
        let text = format!("unknown key{hint} (valid keys of {what}: {known})");
        self.report.error(entry.position, text);
    }

    /// Notes that what is in a list or a mapping is not checked, since it stands in a wrong place.
    pub(super) fn leave_inner(self, node: &Node) {
        if node.has_inner() {
            self.report.leave_unchecked();
        }
    }

    /// Reads a list.
    pub(super) fn list<'n>(self, node: &'n Node, what: &str) -> Checked<&'n [Node]> {
        match &node.value {
            Value::List(items) => Ok(items),
            Value::Null | Value::Scalar(_) | Value::Table(_) => {
                self.leave_inner(node);
                self.unexpected(node, &format!("a list of {what}"), Show::Kind)
            }
        }
    }

    /// Reads a text as written; it may be empty.
    pub(super) fn any_text<'n>(self, node: &'n Node, what: &str) -> Checked<&'n str> {
        match &node.value {
            Value::Scalar(scalar) => Ok(&scalar.text),
            Value::Null | Value::List(_) | Value::Table(_) => {
                self.unexpected(node, &format!("a text ({what})"), Show::Kind)
            }
        }
    }

    /// Reads a text as written; an empty one is an error.
    pub(super) fn text<'n>(self, node: &'n Node, what: &str) -> Checked<&'n str> {
        let text = self.any_text(node, what)?;
        if text.is_empty() {
            let text = format!("expected a text ({what}), found an empty one");
            return self.fail(node.position, &text);
        }
        Ok(text)
    }

    /// Reads a text and expands `${NAME}` in it. It may be a secret, so no error shows it.
    pub(super) fn expanded(self, node: &Node, what: &str) -> Checked<String> {
        self.expanded_or(node, what, "")
    }

    /// As [`Decoder::expanded`]; the error about a variable that is not set ends with `otherwise`,
    /// which says what else can be done.
    pub(super) fn expanded_or(self, node: &Node, what: &str, otherwise: &str) -> Checked<String> {
        let text = self.text(node, what)?;
        match self.environment.expand(text) {
            Ok(expanded) if expanded.is_empty() => {
                let text = format!("{what} is empty after `${{…}}` was expanded");
                self.fail(node.position, &text)
            }
            Ok(expanded) => Ok(expanded),
            Err(error @ ExpandError::Unset(_)) => {
                self.fail(node.position, format!("{error}{otherwise}"))
            }
            Err(error) => self.fail(node.position, error.to_string()),
        }
    }

    /// Reads true or false, written without quotes.
    pub(super) fn flag(self, node: &Node) -> Checked<bool> {
        if let Some(flag) = plain(node).and_then(flag_of) {
            return Ok(flag);
        }
        let hint = unquoted(node, |text| flag_of(text).is_some());
        self.unexpected(node, "true or false", Show::TextWith(hint))
    }

    /// Reads a whole number within `range`, written without quotes.
    pub(super) fn number(self, node: &Node, range: &RangeInclusive<u32>) -> Checked<u32> {
        let (least, most) = (range.start(), range.end());
        let number = |text: &str| text.parse::<u32>().ok().filter(|number| range.contains(number));
        if let Some(number) = plain(node).and_then(number) {
            return Ok(number);
        }
        let expected = format!("a whole number from {least} to {most}");
        let hint = unquoted(node, |text| number(text).is_some());
        self.unexpected(node, &expected, Show::TextWith(hint))
    }

    /// Reads a duration within `range`.
    pub(super) fn duration(
        self,
        node: &Node,
        range: &RangeInclusive<Duration>,
    ) -> Checked<Duration> {
        let Some(value) = scalar(node).and_then(|scalar| duration(&scalar.text)) else {
            return self.unexpected(node, "a duration such as `30s` or `1h30m`", Show::Text);
        };
        if range.contains(&value) {
            return Ok(value);
        }
        let (least, most) = (show_duration(*range.start()), show_duration(*range.end()));
        self.unexpected(node, &format!("a duration from {least} to {most}"), Show::Text)
    }

    /// Reads a size within `range` of bytes.
    pub(super) fn size(self, node: &Node, range: &RangeInclusive<usize>) -> Checked<usize> {
        let value = scalar(node).and_then(|scalar| size(&scalar.text));
        if let Some(value) = value.filter(|value| range.contains(value)) {
            return Ok(value);
        }
        let (least, most) = (range.start(), range.end());
        let expected = format!("a size from {least} to {most} bytes (or `16KiB`)");
        self.unexpected(node, &expected, Show::Text)
    }

    /// Reads one of `words`.
    pub(super) fn word<T: Copy>(self, node: &Node, words: &[(&str, T)]) -> Checked<T> {
        let text = scalar(node).map(|scalar| scalar.text.as_str());
        if let Some((_, value)) = words.iter().find(|(word, _)| Some(*word) == text) {
            return Ok(*value);
        }
        let hint = did_you_mean(text.unwrap_or_default(), words.iter().map(|(word, _)| *word));
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.unexpected(node, &format!("one of {}", known.join(", ")), Show::TextWith(&hint))
    }

    fn unexpected<T>(self, node: &Node, expected: &str, show: Show<'_>) -> Checked<T> {
        let text = format!("expected {expected}, {}", found(node, show));
        self.fail(node.position, &text)
    }
}

/// The end of an error about a value: what was found in the place of what was expected.
fn found(node: &Node, show: Show<'_>) -> String {
    let (kind, text) = match &node.value {
        Value::Null => ("nothing", None),
        Value::List(_) => ("a list", None),
        Value::Table(_) => ("a mapping", None),
        Value::Scalar(scalar) => (kind(scalar), Some(shown(&scalar.text))),
    };
    match (show, text) {
        (Show::Kind, Some(_)) => format!("found {}", kind.replace("the ", "a ")),
        (_, None) => format!("found {kind}"),
        (Show::Text, Some(text)) => format!("found {kind} `{text}`"),
        (Show::TextWith(hint), Some(text)) => format!("found {kind} `{text}`{hint}"),
    }
}

/// How much of a wrong value an error shows.
#[derive(Debug, Clone, Copy)]
enum Show<'h> {
    /// Only its kind, because the text may be a secret.
    Kind,
    /// The kind and the text.
    Text,
    /// The kind, the text, and a hint after it.
    TextWith(&'h str),
}

/// All values, or [`Reported`] if one of them is. All are read before the first error is returned.
pub(super) fn all<T>(values: impl Iterator<Item = Checked<T>>) -> Checked<Vec<T>> {
    let read: Vec<Checked<T>> = values.collect();
    read.into_iter().collect()
}

/// `; did you mean …?` with the known word that was probably meant, or an empty text.
pub(super) fn did_you_mean<'k>(word: &str, known: impl Iterator<Item = &'k str>) -> String {
    let nearest = spelling::nearest(word, known);
    nearest.map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
}

/// A value as an error shows it: at most 40 characters, in one line.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let shown: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    if text.chars().count() > LONGEST { format!("{shown}…") } else { shown }
}

fn kind(scalar: &Scalar) -> &'static str {
    match scalar.text.as_str() {
        "true" | "false" if scalar.plain => "the value",
        text if scalar.plain && text.parse::<f64>().is_ok() => "the number",
        _ => "the text",
    }
}

fn flag_of(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// The hint for a value that would be right without its quotes, or an empty text.
fn unquoted(node: &Node, is_right: impl Fn(&str) -> bool) -> &'static str {
    match scalar(node) {
        Some(scalar) if !scalar.plain && is_right(&scalar.text) => "; write it without quotes",
        Some(_) | None => "",
    }
}

fn scalar(node: &Node) -> Option<&Scalar> {
    match &node.value {
        Value::Scalar(scalar) => Some(scalar),
        Value::Null | Value::List(_) | Value::Table(_) => None,
    }
}

fn plain(node: &Node) -> Option<&str> {
    scalar(node).filter(|scalar| scalar.plain).map(|scalar| scalar.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::keys::{CHATBOT, RATE, ROOT};

    #[test]
    fn a_slip_is_answered_with_the_key_that_was_meant() {
        let cases = [
            ("acces_token", CHATBOT.known, "access_token"),
            ("token", CHATBOT.known, "access_token"),
            ("url", CHATBOT.known, "webhook_url"),
            ("Keywords", CHATBOT.known, "keywords"),
            ("mentions", CHATBOT.known, "mention"),
            ("pre", RATE.known, "per"),
            ("reciever", ROOT.known, "receivers"),
            ("logging", ROOT.known, ""),
            ("", ROOT.known, ""),
        ];
        for (word, known, expected) in cases {
            let hint = did_you_mean(word, known.iter().copied());
            let meant = hint.split('`').nth(1).unwrap_or_default();
            assert_eq!(meant, expected, "{word}");
        }
    }

    #[test]
    fn a_long_or_odd_value_is_shown_short_and_in_one_line() {
        assert_eq!(shown("a\nb\u{7}"), "a\\nb\\u{7}");
        assert_eq!(shown(&"x".repeat(50)), format!("{}…", "x".repeat(40)));
    }
}
