//! What senders give beyond Alertmanager's payload: their own links, values and words.
//!
//! All of it is untrusted text, as the sender wrote it, and empty where it gave none.

use super::Labels;

/// Whose pages the address of a notification leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sender {
    /// Alertmanager, or a program that serves its pages.
    #[default]
    Alertmanager,
    /// Grafana's alerting, which has pages of its own, and gives the links to them.
    Grafana,
    /// Monika, which has no pages.
    Monika,
}

impl Sender {
    /// Its name, as people know it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alertmanager => "Alertmanager",
            Self::Grafana => "Grafana",
            Self::Monika => "Monika",
        }
    }

    /// Whether what it says of a resolved alert is what it said when that fired. Alertmanager and Grafana have
    /// no newer text of it; Monika tells of the recovery itself.
    #[must_use]
    pub const fn repeats_what_was(self) -> bool {
        match self {
            Self::Alertmanager | Self::Grafana => true,
            Self::Monika => false,
        }
    }

    /// The name of the format that its bytes are stored by, where these say themselves that they are
    /// its, and not the path on which they came.
    #[must_use]
    pub const fn format(self) -> Option<&'static str> {
        match self {
            Self::Alertmanager | Self::Monika => None,
            Self::Grafana => Some("grafana"),
        }
    }
}

/// What a sender says of a notification beyond what Alertmanager says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NotificationExtras {
    /// The number of the organisation that it belongs to; 0 where that is none.
    pub org_id: i64,
    /// A title in the sender's own words.
    pub title: String,
    /// The sender's own word for the state, such as `alerting`.
    pub state: String,
    /// A message in the sender's own words.
    pub message: String,
    /// The version of the sender.
    pub app_version: String,
}

/// What a sender gives of an alert beyond what Alertmanager gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertExtras {
    /// Its page that silences the alert.
    pub silence_url: String,
    /// Its page with the graphs around the alert.
    pub dashboard_url: String,
    /// The one graph of these.
    pub panel_url: String,
    /// A picture of the graph.
    pub image_url: String,
    /// The numbers that the alert came of, by their names; empty for one that is not known.
    pub values: Labels,
    /// The same in the sender's own words.
    pub value_string: String,
    /// The id of its rule.
    pub rule_uid: String,
    /// The number of the organisation that it belongs to; 0 where that is none.
    pub org_id: i64,
}

impl AlertExtras {
    /// The bytes of its texts.
    #[must_use]
    pub fn size(&self) -> usize {
        let Self { silence_url, dashboard_url, panel_url, image_url, .. } = self;
        let links = [silence_url, dashboard_url, panel_url, image_url].map(String::len);
        links.iter().sum::<usize>()
            + self.values.size()
            + self.value_string.len()
            + self.rule_uid.len()
    }

    /// The values in one line, `A = 93.2, B = 1`, or in the sender's own words where it gives those
    /// alone; empty where it gives neither.
    #[must_use]
    pub fn values_in_words(&self) -> String {
        let known = self.values.iter().filter(|(_, value)| !value.trim().is_empty());
        let values: Vec<String> = known.map(|(name, value)| format!("{name} = {value}")).collect();
        if values.is_empty() { self.value_string.clone() } else { values.join(", ") }
    }
}

/// A number as Go and JavaScript write it: with all its digits, unless those were more than it was written
/// with.
#[must_use]
pub fn shown_number(number: f64) -> String {
    let is_short = number == 0.0 || (1e-6..1e21).contains(&number.abs());
    if is_short { number.to_string() } else { format!("{number:e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_stand_in_one_line_and_else_the_senders_own_words() {
        let extras = |values: &[(&str, &str)], value_string: &str| AlertExtras {
            values: values.iter().copied().collect(),
            value_string: value_string.to_owned(),
            ..AlertExtras::default()
        };
        for (values, words, expected) in [
            (&[("B", "1"), ("A", "93.2")][..], "[ var='A' ]", "A = 93.2, B = 1"),
            (&[("A", ""), ("B", "0")], "", "B = 0"),
            (&[("A", " ")], "[ var='A' ]", "[ var='A' ]"),
            (&[], "", ""),
        ] {
            assert_eq!(extras(values, words).values_in_words(), expected);
        }
    }
}
