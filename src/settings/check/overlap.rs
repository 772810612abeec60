//! Whether two receivers can keep the same alert.
//!
//! The answer decides only about a warning, so it may be wrong in one direction: "excludes" means
//! that no alert satisfies both. Regular expressions, matchers and nested conditions are ignored.

use crate::select::condition::Operator;

/// What a receiver's conditions on single labels require; an alert must satisfy all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Requirements(Vec<Requirement>);

/// What one condition requires of one label.
#[derive(Debug, Clone)]
pub(super) struct Requirement {
    label: String,
    required: Required,
}

#[derive(Debug, Clone)]
enum Required {
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    Present,
    Absent,
}

impl Requirement {
    /// The requirement of a condition; `None` for a regular expression, which is not compared.
    pub(super) fn of(label: &str, operator: Operator, values: &[String]) -> Option<Self> {
        let required = match operator {
            Operator::In => Required::OneOf(values.to_vec()),
            Operator::NotIn => Required::NoneOf(values.to_vec()),
            Operator::Exists => Required::Present,
            Operator::DoesNotExist => Required::Absent,
            Operator::Match | Operator::NotMatch => return None,
        };
        Some(Self { label: label.to_owned(), required })
    }

    fn excludes(&self, other: &Self) -> bool {
        if self.label != other.label {
            return false;
        }
        match (&self.required, &other.required) {
            (Required::OneOf(ones), Required::OneOf(others)) => {
                !ones.iter().any(|value| others.contains(value))
            }
            (Required::OneOf(ones), Required::NoneOf(others))
            | (Required::NoneOf(others), Required::OneOf(ones)) => {
                ones.iter().all(|value| others.contains(value))
            }
            (Required::OneOf(_) | Required::Present, Required::Absent)
            | (Required::Absent, Required::OneOf(_) | Required::Present) => true,
            (Required::NoneOf(_), Required::NoneOf(_) | Required::Present | Required::Absent)
            | (Required::Present, Required::OneOf(_) | Required::NoneOf(_) | Required::Present)
            | (Required::Absent, Required::NoneOf(_) | Required::Absent)
            | (Required::OneOf(_), Required::Present) => false,
        }
    }
}

impl FromIterator<Requirement> for Requirements {
    fn from_iter<I: IntoIterator<Item = Requirement>>(requirements: I) -> Self {
        Self(requirements.into_iter().collect())
    }
}

impl Requirements {
    /// Whether no alert can satisfy both.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        self.0.iter().any(|one| other.0.iter().any(|other| one.excludes(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requirements(text: &str) -> Requirements {
        let requirement = |one: &str| {
            let mut words = one.split_whitespace();
            let label = words.next().unwrap();
            let operator = words.next().unwrap();
            let operator = Operator::ALL.into_iter().find(|one| one.as_str() == operator).unwrap();
            let values: Vec<String> = words.map(str::to_owned).collect();
            Requirement::of(label, operator, &values)
        };
        text.split(',').filter(|one| !one.is_empty()).filter_map(requirement).collect()
    }

    #[test]
    fn receivers_exclude_each_other_only_when_no_alert_fits_both() {
        let cases = [
            ("a In x", "a In y", true),
            ("a In x y", "a In y z", false),
            ("a In x", "b In y", false),
            ("a In x", "a NotIn x", true),
            ("a In x y", "a NotIn x", false),
            ("a In x", "a DoesNotExist", true),
            ("a Exists", "a DoesNotExist", true),
            ("a NotIn x", "a DoesNotExist", false),
            ("a Exists", "a In x", false),
            ("b In z,a In x", "c In z,a In y", true),
            ("a Match x", "a NotMatch x", false),
            ("", "a In x", false),
            ("", "", false),
        ];
        for (one, other, expected) in cases {
            let (one, other) = (requirements(one), requirements(other));
            assert_eq!(one.excludes(&other), expected, "{one:?} {other:?}");
            assert_eq!(other.excludes(&one), expected, "{other:?} {one:?}");
        }
    }
}
