//! What the labels and annotations of an alert say, and in which order.

use crate::alert::Labels;
use crate::render::link;
use crate::render::markdown::Pen;

/// Annotations that are links.
pub(in crate::render) const LINKS: [&str; 2] = ["runbook_url", "dashboard_url"];

/// What the annotations say in words.
#[derive(Debug)]
pub(in crate::render) struct Said<'a> {
    pub(in crate::render) summary: Option<&'a str>,
    description: Option<&'a str>,
    /// All others that no link stands for.
    others: Vec<(&'a str, &'a str)>,
}

impl<'a> Said<'a> {
    /// The annotations that `skip` leaves; what says the same twice is said once.
    pub(in crate::render) fn of(annotations: &'a Labels, skip: impl Fn(&str) -> bool) -> Self {
        let get = |name: &str| {
            annotations.get(name).filter(|value| !skip(name) && !value.trim().is_empty())
        };
        let summary = get("summary").or_else(|| get("message"));
        let is_said = |value: &str| summary.is_some_and(|said| said.trim() == value.trim());
        let description = get("description").filter(|value| !is_said(value));
        let is_linked =
            |name: &str, value: &str| LINKS.contains(&name) && link::target(value).is_some();
        let others = annotations.iter().filter(|(name, value)| {
            !matches!(*name, "summary" | "description")
                && get(name).is_some()
                && !is_said(value)
                && description.is_none_or(|said| said.trim() != value.trim())
                && !is_linked(name, value)
        });
        Self { summary, description, others: others.collect() }
    }

    /// What comes after the summary: the description, then the others by name.
    pub(in crate::render) fn more(&self, pen: &mut Pen) -> Vec<String> {
        let mut lines = self.description.map(|text| pen.clean_lines(text)).unwrap_or_default();
        for (name, value) in &self.others {
            let mut value = pen.clean_lines(value).into_iter();
            if let Some(first) = value.next() {
                lines.push(format!("{}: {first}", pen.clean(name)));
                lines.extend(value);
            }
        }
        lines.into_iter().map(|line| pen.written_line(line)).collect()
    }
}

/// Each label as `name: value`, not written yet; those that say nothing are left out.
pub(in crate::render) fn pairs(pen: &mut Pen, labels: &[(&str, &str)]) -> Vec<String> {
    let pair = |(name, value): &(&str, &str)| {
        let (name, value) = (pen.clean(name), pen.clean(value));
        (!value.is_empty()).then(|| format!("{name}: {value}"))
    };
    labels.iter().filter_map(pair).collect()
}
