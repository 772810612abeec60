//! The operators of conditions: the word that stands between a label and its values.
//!
//! The first four are Kubernetes', so that selectors can be copied from there.

use std::fmt;
use std::str::FromStr;

use super::ConditionError;

/// How a label is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// The label is present and has one of the values.
    In,
    /// The label has none of the values, or is absent.
    NotIn,
    /// The label is present, with any value.
    Exists,
    /// The label is absent.
    DoesNotExist,
    /// The label's whole value matches a regular expression; an absent label has the value "".
    Match,
    /// The opposite of [`Operator::Match`].
    NotMatch,
}

impl Operator {
    /// All operators, in the order of the documentation.
    pub const ALL: [Self; 6] =
        [Self::In, Self::NotIn, Self::Exists, Self::DoesNotExist, Self::Match, Self::NotMatch];

    /// The operator's word in the configuration.
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

/// Case matters, as in Kubernetes.
impl FromStr for Operator {
    type Err = ConditionError;

    fn from_str(word: &str) -> Result<Self, ConditionError> {
        let found = Self::ALL.into_iter().find(|operator| operator.as_str() == word);
        found.ok_or_else(|| ConditionError::UnknownOperator { word: word.to_owned() })
    }
}
