//! The mark of a state of an alert group: the name of its alerts, which a reader of the chat sees.

use std::fmt;

use serde_json::{Value, json};

use crate::site;

/// How many alerts a large notification has; its message takes several parts.
const MANY: usize = 30;

/// The n-th state of an alert group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Mark {
    pub(crate) group: usize,
    pub(crate) number: usize,
}

/// A state of a group, as Alertmanager tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) mark: Mark,
    pub(crate) firing: bool,
    pub(crate) severity: &'static str,
    pub(crate) large: bool,
}

impl fmt::Display for Mark {
    /// Letters and digits alone: nothing that Markdown would have to escape.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mark{}x{}", self.group, self.number)
    }
}

impl Mark {
    /// All marks in a text, each once.
    pub(crate) fn all(text: &str) -> Vec<Self> {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let mut marks: Vec<_> = words
            .filter_map(|word| {
                let (group, number) = word.strip_prefix("Mark")?.split_once('x')?;
                Some(Self { group: group.parse().ok()?, number: number.parse().ok()? })
            })
            .collect();
        marks.sort_unstable();
        marks.dedup();
        marks
    }
}

impl State {
    /// The words that a reader has to see of it, over all parts.
    pub(crate) fn instances(&self) -> impl Iterator<Item = String> {
        let mark = self.mark;
        (0..if self.large { MANY } else { 1 }).map(move |n| format!("I{n}of{mark}"))
    }

    /// The notification, with the reason that Alertmanager gives; `post` is read by nobody and makes it
    /// another body than any other.
    pub(crate) fn notification(&self, reason: Option<&str>, post: usize) -> Value {
        let Self { mark, firing, severity, large } = *self;
        let (status, end) = if firing {
            ("firing", "0001-01-01T00:00:00Z")
        } else {
            ("resolved", "2026-09-21T15:00:00Z")
        };
        let summary = if large { "word ".repeat(200) } else { "full".to_owned() };
        let team = site::receiver_of(mark.group).unwrap_or("all");
        let alert = |instance: String| {
            json!({
                "status": status,
                "labels": {"alertname": mark.to_string(), "instance": instance,
                    "severity": severity, "team": team},
                "annotations": {"summary": summary},
                "startsAt": "2026-09-21T14:00:00Z",
                "endsAt": end,
                "fingerprint": format!("{mark}{instance}"),
            })
        };
        let group = format!("Group{}", mark.group);
        json!({
            "version": "4",
            "groupKey": format!("{{}}:{{group=\"{group}\"}}"),
            "status": status,
            "receiver": "campana",
            "groupLabels": {"group": group},
            "externalURL": "http://alertmanager.example:9093",
            "notification_reason": reason,
            "post": post,
            "alerts": self.instances().map(alert).collect::<Vec<_>>(),
        })
    }
}
