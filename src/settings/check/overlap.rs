//! Whether two receivers can get the same alert, as far as their plainest conditions tell.
//!
//! Only a warning rests on it, so it errs on one side: it says "excludes" only when no alert can
//! satisfy both. Regular expressions and nested conditions are taken for satisfiable.

use crate::select::condition::Operator;

/// What a receiver's conditions say plainly about labels; all of it holds for its alerts.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims(Vec<Claim>);

/// What one condition says about one label.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    label: String,
    says: Says,
}

#[derive(Debug, Clone)]
enum Says {
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    Present,
    Absent,
}

impl Claim {
    /// What a plain condition says; nothing for a regular expression.
    pub(super) fn of(label: &str, operator: Operator, values: &[String]) -> Option<Self> {
        let says = match operator {
            Operator::In => Says::OneOf(values.to_vec()),
            Operator::NotIn => Says::NoneOf(values.to_vec()),
            Operator::Exists => Says::Present,
            Operator::DoesNotExist => Says::Absent,
            Operator::Match | Operator::NotMatch => return None,
        };
        Some(Self { label: label.to_owned(), says })
    }

    fn excludes(&self, other: &Self) -> bool {
        if self.label != other.label {
            return false;
        }
        match (&self.says, &other.says) {
            (Says::OneOf(ones), Says::OneOf(others)) => {
                !ones.iter().any(|value| others.contains(value))
            }
            (Says::OneOf(ones), Says::NoneOf(others))
            | (Says::NoneOf(others), Says::OneOf(ones)) => {
                ones.iter().all(|value| others.contains(value))
            }
            (Says::OneOf(_) | Says::Present, Says::Absent)
            | (Says::Absent, Says::OneOf(_) | Says::Present) => true,
            (Says::NoneOf(_), Says::NoneOf(_) | Says::Present | Says::Absent)
            | (Says::Present, Says::OneOf(_) | Says::NoneOf(_) | Says::Present)
            | (Says::Absent, Says::NoneOf(_) | Says::Absent)
            | (Says::OneOf(_), Says::Present) => false,
        }
    }
}

impl FromIterator<Claim> for Claims {
    fn from_iter<I: IntoIterator<Item = Claim>>(claims: I) -> Self {
        Self(claims.into_iter().collect())
    }
}

impl Claims {
    /// Whether no alert can satisfy both.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        self.0.iter().any(|one| other.0.iter().any(|other| one.excludes(other)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> Claims {
        let claim = |one: &str| {
            let mut words = one.split_whitespace();
            let label = words.next().unwrap();
            let operator = words.next().unwrap();
            let operator = Operator::ALL.into_iter().find(|one| one.as_str() == operator).unwrap();
            let values: Vec<String> = words.map(str::to_owned).collect();
            Claim::of(label, operator, &values)
        };
        text.split(',').filter(|one| !one.is_empty()).filter_map(claim).collect()
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
            let (one, other) = (claims(one), claims(other));
            assert_eq!(one.excludes(&other), expected, "{one:?} {other:?}");
            assert_eq!(other.excludes(&one), expected, "{other:?} {one:?}");
        }
    }
}
