//! Conditions: label, operator, values; all must hold for an alert to be kept.

/// How a label is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// One of the values.
    In,
    /// None of the values.
    NotIn,
    /// Present.
    Exists,
    /// Absent.
    DoesNotExist,
    /// Matches.
    Match,
    /// Does not match.
    NotMatch,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::In, Self::NotIn, Self::Exists, Self::DoesNotExist, Self::Match, Self::NotMatch];

    /// The word.
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

    /// The operator of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct ConditionError {
    /// Which field.
    pub field: Field,
    /// What.
    pub text: String,
}

/// Part of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The label.
    Label,
    /// The operator.
    Operator,
    /// The values.
    Values,
    /// The matcher.
    Matcher,
}

/// One condition.
#[derive(Debug, Clone)]
pub struct Condition;

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("condition")
    }
}

impl Condition {
    /// Checks.
    pub fn new(
        label: &str,
        operator: Operator,
        values: Vec<String>,
    ) -> Result<Self, ConditionError> {
        let fail = |field, text: &str| Err(ConditionError { field, text: text.to_owned() });
        if label.is_empty() {
            return fail(Field::Label, "empty label");
        }
        match operator {
            Operator::In | Operator::NotIn if values.is_empty() => {
                fail(Field::Values, "needs at least one value")
            }
            Operator::Match | Operator::NotMatch
                if values
                    .iter()
                    .any(|one| one.matches('(').count() != one.matches(')').count()) =>
            {
                fail(Field::Values, "bad regular expression")
            }
            _ => Ok(Self),
        }
    }

    /// Checks.
    pub fn matcher(text: &str) -> Result<Self, ConditionError> {
        if text.contains('=') {
            return Ok(Self);
        }
        Err(ConditionError { field: Field::Matcher, text: "no matcher".to_owned() })
    }

    /// Any.
    #[must_use]
    pub fn any(_: Vec<Self>) -> Self {
        Self
    }

    /// All.
    #[must_use]
    pub fn all(_: Vec<Self>) -> Self {
        Self
    }

    /// Not.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "stand-in")]
    pub fn not(_: Self) -> Self {
        Self
    }
}

/// A receiver's conditions; none at all keep every alert.
#[derive(Debug, Clone, Default)]
pub struct Conditions;

impl Conditions {
    /// Each.
    pub fn iter(&self) -> std::slice::Iter<'_, Condition> {
        [].iter()
    }

    /// Of these.
    #[must_use]
    pub fn new(_: Vec<Condition>) -> Self {
        Self
    }
}
