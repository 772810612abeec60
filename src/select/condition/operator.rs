//! The words between a label and its values.

use std::fmt;
use std::str::FromStr;

use super::ConditionError;

/// How a label is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The label is there and has one of the values.
    In,
    /// The label has none of the values, or is absent.
    NotIn,
    /// The label is there, whatever its value.
    Exists,
    /// The label is absent.
    DoesNotExist,
    /// The whole value matches a regular expression; an absent label's value is "".
    Match,
    /// It does not.
    NotMatch,
}

impl Operator {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Self; 6] =
        [Self::In, Self::NotIn, Self::Exists, Self::DoesNotExist, Self::Match, Self::NotMatch];

    /// The word in the configuration.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::In => "In",
            Self::NotIn => "NotIn",
            Self::Exists => "Exists",
            Self::DoesNotExist => "DoesNotExist",
            Self::Match => "Match",
            Self::NotMatch => "NotMatch",
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Only the exact word counts, as in Kubernetes.
impl FromStr for Operator {
    type Err = ConditionError;

    fn from_str(word: &str) -> Result<Self, ConditionError> {
        let found = Self::ALL.into_iter().find(|operator| operator.as_str() == word);
        found.ok_or_else(|| ConditionError::UnknownOperator { word: word.to_owned() })
    }
}
