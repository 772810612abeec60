//! Why a condition can't be made, and which of its fields is at fault.

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

/// A condition that means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// The name of the label is "".
    #[error("the label's name is empty")]
    EmptyLabel,
    /// Not one of the six words.
    #[error("unknown operator {word:?}; the operators are {}", all_operators())]
    UnknownOperator {
        /// What stands there.
        word: String,
    },
    /// `Exists` or `DoesNotExist` with values.
    #[error("{operator} takes no values")]
    UnwantedValues {
        /// Which of the two.
        operator: Operator,
    },
    /// `In` or `NotIn` without values.
    #[error("{operator} needs at least one value")]
    MissingValues {
        /// Which of the two.
        operator: Operator,
    },
    /// `Match` or `NotMatch` with none or several.
    #[error(
        "{operator} takes exactly one regular expression, here are {count}; \
         write alternatives as a|b"
    )]
    NotOnePattern {
        /// Which of the two.
        operator: Operator,
        /// How many there are.
        count: usize,
    },
    /// The value of `Match` or `NotMatch` is none that Go takes.
    #[error(transparent)]
    Pattern(#[from] goregex::Error),
    /// The text holds no matchers.
    #[error(transparent)]
    Matcher(#[from] MatcherError),
    /// `any` or `all` of nothing.
    #[error("{field} needs at least one condition")]
    Empty {
        /// Which of the two.
        field: ConditionField,
    },
    /// Conditions in conditions, too many levels.
    #[error("conditions nest deeper than {MAX_DEPTH} levels")]
    TooDeep {
        /// The outermost.
        field: ConditionField,
    },
}

impl ConditionError {
    /// The key at fault.
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

    /// Where in the text of that key it is wrong, in bytes, where that is known.
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
