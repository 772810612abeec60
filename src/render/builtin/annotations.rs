//! The texts among an alert's annotations, and its labels as pairs, in the order in which they are
//! read.

use std::borrow::Cow;

use crate::alert::Labels;
use crate::render::link;
use crate::render::markdown::{BETWEEN, MarkupWriter};

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

    /// The lines after the summary, escaped: the description, then the others by name.
    pub(in crate::render) fn more(&self, writer: &mut MarkupWriter) -> Vec<String> {
        let mut lines = self.description.map(|text| writer.clean_lines(text)).unwrap_or_default();
        for (name, value) in &self.others {
            let mut value = writer.clean_lines(value).into_iter();
            if let Some(first) = value.next() {
                lines.push(format!("{}: {first}", writer.clean(name)).into());
                lines.extend(value);
            }
        }
        lines.into_iter().map(|line| writer.escaped_line(line)).collect()
    }
}

/// Each label as `name: value`, not escaped yet; labels whose value is empty are left out.
pub(in crate::render) fn pairs(writer: &mut MarkupWriter, labels: &[(&str, &str)]) -> Vec<String> {
    clean(writer, labels).map(|(name, value)| [&name, ": ", &value].concat()).collect()
}

/// The same labels side by side in one line.
pub(in crate::render) fn joined(writer: &mut MarkupWriter, labels: &[(&str, &str)]) -> String {
    let mut line = String::with_capacity(128);
    for (name, value) in clean(writer, labels) {
        let between = if line.is_empty() { "" } else { BETWEEN };
        line.extend([between, &name, ": ", &value]);
    }
    line
}

fn clean<'a>(
    writer: &mut MarkupWriter,
    labels: &[(&'a str, &'a str)],
) -> impl Iterator<Item = (Cow<'a, str>, Cow<'a, str>)> {
    let clean = labels.iter().map(|(name, value)| (writer.clean(name), writer.clean(value)));
    clean.filter(|(_, value)| !value.is_empty())
}
