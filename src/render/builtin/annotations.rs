//! The texts among an alert's annotations, and its labels as pairs, in the order in which they are
//! read.

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
            writer.lines_of_value(None, description);
        }
        for (name, value) in &self.others {
            writer.lines_of_value(Some(name), value);
        }
    }
}
