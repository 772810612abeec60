//! How severe an alert is: the label that says so, which of its values goes first, and their colours.

use std::borrow::Cow;

/// How urgent a severity is, as its colour shows it; the smaller, the more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    Critical,
    Error,
    Warning,
    Info,
    Unknown,
}

/// The words that are used for a severity, in any case; the first of each is what its colour says by
/// itself.
const SEVERITIES: [(Urgency, &[&str]); 4] = [
    (Urgency::Critical, &["critical", "emergency", "fatal"]),
    (Urgency::Error, &["error", "page", "high", "major"]),
    (Urgency::Warning, &["warning", "warn", "medium", "minor"]),
    (Urgency::Info, &["info", "information", "notice", "low", "none"]),
];

/// The colours of the values of an order that are no usual words: a third of the order each.
const THIRDS: [Urgency; 3] = [Urgency::Error, Urgency::Warning, Urgency::Info];

/// The `delivery.severity` section: which alerts a lane sends first, and a message shows first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeverityOrder {
    /// The label that says how severe an alert is.
    pub label: Cow<'static, str>,
    /// Its values, the most severe first; without them, the usual words for severities.
    pub order: Option<Vec<String>>,
}

/// A value's place among the others: the least is the most severe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    rank: u8,
    urgency: Urgency,
}

impl Default for SeverityOrder {
    fn default() -> Self {
        Self::USUAL
    }
}

impl SeverityOrder {
    /// The label `severity` with the usual words.
    pub const USUAL: Self = Self { label: Cow::Borrowed("severity"), order: None };

    /// How severe a value is; 0 is the most severe, and what the order does not name is the least.
    #[must_use]
    pub fn rank(&self, value: &str) -> u8 {
        let Some(order) = &self.order else { return usual(value) as u8 };
        let place = position(order, value).unwrap_or(order.len());
        u8::try_from(place).unwrap_or(u8::MAX)
    }

    /// The values that it knows: those of the order, or the usual words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        let usual = self.order.is_none().then_some(SEVERITIES);
        let usual = usual.into_iter().flatten().flat_map(|(_, words)| words.iter().copied());
        self.order.iter().flatten().map(String::as_str).chain(usual)
    }

    /// The value's colour: that of a usual word is always the same; the others share the colours by their
    /// places in the order.
    pub(super) fn urgency(&self, value: &str) -> Urgency {
        let usual = usual(value);
        let Some(order) = self.order.as_ref().filter(|_| usual == Urgency::Unknown) else {
            return usual;
        };
        let third = position(order, value).map(|place| place * THIRDS.len() / order.len());
        third.map_or(Urgency::Unknown, |third| THIRDS[third])
    }

    /// The value's place: by its rank, and among equal ones by its colour.
    pub(super) fn place(&self, value: &str) -> Place {
        Place { rank: self.rank(value), urgency: self.urgency(value) }
    }

    /// Whether a label stands in a message's heading, and with no others.
    #[must_use]
    pub fn is_in_heading(&self, name: &str) -> bool {
        name == "alertname" || name == self.label
    }
}

/// Whether the colour says by itself what this value says.
pub(super) fn is_said_by_colour(value: &str) -> bool {
    let value = value.trim();
    let colours = SEVERITIES.iter().filter(|(urgency, _)| *urgency != Urgency::Error);
    let mut words = colours.map(|(_, words)| words[0]);
    value.is_empty() || words.any(|word| word.eq_ignore_ascii_case(value))
}

fn position(order: &[String], value: &str) -> Option<usize> {
    order.iter().position(|known| known.eq_ignore_ascii_case(value.trim()))
}

fn usual(value: &str) -> Urgency {
    let value = value.trim();
    let is_meant = |word: &&str| value.eq_ignore_ascii_case(word);
    let found = SEVERITIES.iter().find(|(_, words)| words.iter().any(is_meant));
    found.map_or(Urgency::Unknown, |(urgency, _)| *urgency)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(values: &[&str]) -> SeverityOrder {
        let order = values.iter().map(|value| (*value).to_owned()).collect();
        SeverityOrder { order: Some(order), ..SeverityOrder::USUAL }
    }

    #[test]
    fn values_of_an_order_share_the_colours_and_usual_words_keep_theirs() {
        use Urgency::{Critical, Error, Info, Unknown, Warning};
        let cases: [(&[&str], &[Urgency]); 7] = [
            (&["P1", "P2", "P3", "P4"], &[Error, Error, Warning, Info]),
            (&["P1", "P2", "P3"], &[Error, Warning, Info]),
            (&["P0", "P1", "P2", "P3", "P4"], &[Error, Error, Warning, Warning, Info]),
            (&["high!", "low!"], &[Error, Warning]),
            (&["only"], &[Error]),
            (&["page", "Critical", "warning", "info"], &[Error, Critical, Warning, Info]),
            (&[], &[]),
        ];
        for (values, expected) in cases {
            let order = order(values);
            let found: Vec<_> = values.iter().map(|value| order.urgency(value)).collect();
            assert_eq!(found, expected, "{values:?}");
            assert_eq!(order.urgency("odd"), Unknown, "{values:?}");
        }
    }

    #[test]
    fn the_order_goes_before_the_usual_words() {
        let order = order(&["page", "critical", "warning"]);
        let mut values = ["", "critical", "odd", "Warning", "page", "info"];
        values.sort_by_key(|value| order.place(value));
        assert_eq!(values, ["page", "critical", "Warning", "info", "", "odd"]);
        values.sort_by_key(|value| SeverityOrder::USUAL.place(value));
        assert_eq!(values, ["critical", "page", "Warning", "info", "", "odd"]);
        assert_eq!(["page", "odd", " Critical "].map(|value| order.rank(value)), [0, 3, 1]);
    }

    #[test]
    fn a_colour_says_its_own_word_and_no_other() {
        for (value, expected) in
            [("critical", true), ("Warning", true), ("info", true), (" ", true), ("page", false)]
        {
            assert_eq!(is_said_by_colour(value), expected, "{value}");
        }
        assert!(!is_said_by_colour("error") && !is_said_by_colour("P1"));
    }
}
