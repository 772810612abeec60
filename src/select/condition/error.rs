//! The errors of conditions, each with the key of the condition that is wrong.
//!
//! The key and the offset let the configuration and the API point at the place of the mistake.

use std::fmt;

use super::{MAX_DEPTH, Operator};
use crate::select::matcher::MatcherError;

/// A key of a condition in the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConditionField {
    /// `label`.
    Label,
    /// `operator`.
    Operator,
    /// `values`.
    Values,
    /// The condition itself, written as a text.
    Matcher,
    /// `any`.
    Any,
    /// `all`.
    All,
    /// `not`.
    Not,
}

impl fmt::Display for ConditionField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Label => "label",
            Self::Operator => "operator",
            Self::Values => "values",
            Self::Matcher => "matcher",
            Self::Any => "any",
            Self::All => "all",
            Self::Not => "not",
        })
    }
}

/// Why a condition can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// The label's name is empty.
    #[error("the label's name is empty")]
    EmptyLabel,
    /// The operator is not one of the six.
    #[error("unknown operator {word:?}; the operators are {}", all_operators())]
    UnknownOperator {
        /// The word in the operator's place.
        word: String,
    },
    /// `Exists` or `DoesNotExist` has values.
    #[error("{operator} takes no values")]
    UnwantedValues {
        /// Which of the two.
        operator: Operator,
    },
    /// `In` or `NotIn` has no values.
    #[error("{operator} needs at least one value")]
    MissingValues {
        /// Which of the two.
        operator: Operator,
    },
    /// `Match` or `NotMatch` has no value, or several.
    #[error(
        "{operator} takes exactly one regular expression, here are {count}; \
         write alternatives as a|b"
    )]
    NotOnePattern {
        /// Which of the two.
        operator: Operator,
        /// The number of values.
        count: usize,
    },
    /// The value of `Match` or `NotMatch` is not a regular expression of Go's.
    #[error(transparent)]
    Pattern(#[from] goregex::Error),
    /// The text is not a list of matchers.
    #[error(transparent)]
    Matcher(#[from] MatcherError),
    /// `any` or `all` has no conditions.
    #[error("{field} needs at least one condition")]
    Empty {
        /// Which of the two.
        field: ConditionField,
    },
    /// The conditions nest too deep.
    #[error("conditions nest deeper than {MAX_DEPTH} levels")]
    TooDeep {
        /// The key of the outermost group.
        field: ConditionField,
    },
}

impl ConditionError {
    /// The key that is wrong.
    #[must_use]
    pub fn field(&self) -> ConditionField {
        match self {
            Self::EmptyLabel => ConditionField::Label,
            Self::UnknownOperator { .. } => ConditionField::Operator,
            Self::UnwantedValues { .. }
            | Self::MissingValues { .. }
            | Self::NotOnePattern { .. }
            | Self::Pattern(_) => ConditionField::Values,
            Self::Matcher(_) => ConditionField::Matcher,
            Self::Empty { field } | Self::TooDeep { field } => *field,
        }
    }

    /// The offset of the mistake in the key's text, in bytes; `None` where it is unknown.
    ///
    /// For [`ConditionField::Values`] the text is the first value.
    #[must_use]
    pub fn offset(&self) -> Option<usize> {
        match self {
            Self::Pattern(error) => Some(error.offset()),
            Self::Matcher(error) => Some(error.offset),
            Self::EmptyLabel
            | Self::UnknownOperator { .. }
            | Self::UnwantedValues { .. }
            | Self::MissingValues { .. }
            | Self::NotOnePattern { .. }
            | Self::Empty { .. }
            | Self::TooDeep { .. } => None,
        }
    }
}

fn all_operators() -> String {
    Operator::ALL.map(Operator::as_str).join(", ")
}
