//! Whom a message mentions because of its alerts and the time: by the names that the alerts bring
//! along, by how severe they are, and who is on call.
//!
//! What an alert says is untrusted: of it come only people whom the configuration allows. Now is a
//! value that is given.

mod names;
mod people;

use std::collections::HashSet;

use jiff::Timestamp;

pub use self::names::{Allow, NameRule, Refused, Source};
pub use self::people::{
    LONGEST_USER_ID, MOST_PEOPLE, People, is_everyone, is_mobile, is_separator, is_user_id,
};
use super::active_times::TimeInterval;
use crate::alert::{Alert, Status};

/// What decides whom the messages of a destination mention beside those whom all of them do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MentionRules {
    /// By names in labels and annotations.
    pub names: Option<NameRule>,
    /// By how severe the alerts are.
    pub severity: Option<SeverityRule>,
    /// Who is on call, and when.
    pub schedule: Vec<Shift>,
    /// Whether messages in which nothing fires mention people too.
    pub resolved: bool,
}

/// Whom alerts mention by the value of one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeverityRule {
    /// The label that says how severe an alert is.
    pub label: String,
    /// Its values, in any case, each with whom it mentions.
    pub people: Vec<(String, People)>,
}

/// Who is on call while an interval holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// When.
    pub interval: TimeInterval,
    /// Who.
    pub people: People,
}

/// Whom a message mentions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Everyone whom it mentions.
    pub people: People,
    /// Where its alerts name people whom it may not mention.
    pub refused: Vec<Refused>,
}

impl MentionRules {
    /// Whom a message about `alerts` mentions at this time, beside the people whom every message does.
    ///
    /// Only what fires counts; where nothing does, nobody is mentioned unless the rules are for that too.
    /// Who is named in the configuration goes first, so that names in alerts can't take their places.
    #[must_use]
    pub fn people<'a>(
        &self,
        always: People,
        alerts: impl Iterator<Item = &'a Alert> + Clone,
        now: Timestamp,
    ) -> Chosen {
        let fires = alerts.clone().any(|alert| alert.status == Status::Firing);
        if !fires && !self.resolved {
            return Chosen::default();
        }
        let counts = move |alert: &&Alert| !fires || alert.status == Status::Firing;
        let alerts = alerts.filter(counts);
        let mut people = always;
        if let Some(rule) = &self.severity {
            rule.choose(alerts.clone(), &mut people);
        }
        for shift in self.schedule.iter().filter(|shift| shift.interval.contains(now)) {
            people.add(&shift.people);
        }
        let names = self.names.as_ref();
        let refused = names.map(|rule| rule.choose(&alerts, &mut people)).unwrap_or_default();
        Chosen { people, refused }
    }

    /// How many labels and annotations of an alert are looked at.
    #[must_use]
    pub fn tests(&self) -> usize {
        let names = self.names.as_ref().map_or(0, |rule| rule.sources.len());
        names + usize::from(self.severity.is_some())
    }
}

impl SeverityRule {
    /// Adds whom the severities of these alerts mention.
    fn choose<'a>(&self, alerts: impl Iterator<Item = &'a Alert>, people: &mut People) {
        let severity = |alert: &'a Alert| alert.labels.get(&self.label).unwrap_or_default().trim();
        let found: HashSet<&str> = alerts.map(severity).collect();
        for (value, of_value) in &self.people {
            if found.iter().any(|severity| severity.eq_ignore_ascii_case(value)) {
                people.add(of_value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
