//! The texts among an alert's annotations, and its labels as pairs, in the order in which they are
//! read.

use std::borrow::Cow;

use crate::alert::Labels;
use crate::render::link;
use crate::render::markdown::MarkupWriter;

/// The annotations that hold an address, and are shown as a link.
pub(in crate::render) const LINKS: [&str; 2] = ["runbook_url", "dashboard_url"];

/// The annotations that hold words.
#[derive(Debug)]
pub(in crate::render) struct AnnotationTexts<'a> {
    pub(in crate::render) summary: Option<&'a str>,
    description: Option<&'a str>,
    /// All others that are not shown as a link.
    others: Vec<(&'a str, &'a str)>,
}

impl<'a> AnnotationTexts<'a> {
    /// The annotations that `skip` leaves; of two that say the same, one.
    pub(in crate::render) fn of(annotations: &'a Labels, skip: impl Fn(&str) -> bool) -> Self {
        let get = |name: &str| {
            annotations.get(name).filter(|value| !skip(name) && !value.trim().is_empty())
        };
        let summary = get("summary").or_else(|| get("message"));
        let is_said = |value: &str| summary.is_some_and(|said| said.trim() == value.trim());
        let description = get("description").filter(|value| !is_said(value));
        let is_linked = |name: &str, value: &str| LINKS.contains(&name) && link::is_target(value);
        let others = annotations.iter().filter(|(name, value)| {
            !matches!(*name, "summary" | "description")
                && get(name).is_some()
                && !is_said(value)
                && description.is_none_or(|said| said.trim() != value.trim())
                && !is_linked(name, value)
        });
        Self { summary, description, others: others.collect() }
    }

    /// Writes the summary in a line of its own.
    pub(in crate::render) fn write_summary(&self, writer: &mut MarkupWriter) {
        let summary = self.summary.unwrap_or_default();
        writer.line(|line| line.strong(|line| line.value(summary)));
    }

    /// Writes the lines after the summary: the description, then the others by name.
    pub(in crate::render) fn write_more(&self, writer: &mut MarkupWriter) {
        if let Some(description) = self.description {
            writer.lines_of_value(None, &with_line_ends(description));
        }
        for (name, value) in &self.others {
            writer.lines_of_value(Some(name), &with_line_ends(value));
        }
    }

    /// Writes all of them, the summary as a line like the others.
    pub(in crate::render) fn write_all(&self, writer: &mut MarkupWriter) {
        writer.line_of_values(|line| line.value(self.summary.unwrap_or_default()));
        self.write_more(writer);
    }
}

/// `text` with a line end for each `\n` in it that is two characters, as in rules whose quotes keep them.
///
/// A text with another backslash has paths, and stays as it is; so does a name as in `CORP\nina`.
fn with_line_ends(text: &str) -> Cow<'_, str> {
    if !text.contains("\\n") || has_path(text) {
        return text.into();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\n") {
        out.push_str(before);
        let is_name = before.ends_with(|c: char| c.is_ascii_uppercase())
            && after.starts_with(|c: char| c.is_ascii_lowercase());
        out.push_str(if is_name { "\\n" } else { "\n" });
        rest = after;
    }
    (out + rest).into()
}

/// Whether `text` has a backslash that begins neither `\n` nor `\"`, or one behind a drive's letter.
fn has_path(text: &str) -> bool {
    let is_drive =
        |word: &str| matches!(word.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic());
    let ends_so = |piece: &str| piece.rsplit(char::is_whitespace).next().is_some_and(is_drive);
    let mut pieces = text.split('\\');
    pieces.next().is_some_and(ends_so)
        || pieces.any(|piece| !piece.starts_with(['n', '"']) || ends_so(&piece[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_that_are_two_characters_are_line_ends_and_paths_stay_paths() {
        let cases = [
            ("one\\ntwo\\n VALUE = 3\n  LABELS = map[]", "one\ntwo\n VALUE = 3\n  LABELS = map[]"),
            ("VALUE = 3\\nLABELS", "VALUE = 3\nLABELS"),
            ("ends so\\n", "ends so\n"),
            ("a b", "a b"),
            ("disk C:\\new is full", "disk C:\\new is full"),
            ("one\\non D:\\nine", "one\\non D:\\nine"),
            ("see \\\\server\\new", "see \\\\server\\new"),
            ("C:\\temp\\new", "C:\\temp\\new"),
            ("CORP\\nina logs in", "CORP\\nina logs in"),
            ("says \\\"a\\\"\\nb", "says \\\"a\\\"\nb"),
        ];
        for (text, expected) in cases {
            assert_eq!(with_line_ends(text), expected);
        }
    }
}
