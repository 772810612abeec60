//! The conditions of a receiver, all of which must hold for an alert to be kept.
//!
//! Making a condition checks its values and compiles its regular expressions, so testing an alert
//! can't fail. Conditions nest at most [`MAX_DEPTH`] deep, which bounds every recursion over them.

mod error;
mod operator;
mod values;

use std::fmt;

use goregex::Regex;

pub use self::error::{ConditionError, ConditionField};
pub use self::operator::Operator;
use self::values::Values;
pub(super) use self::values::Word;
use super::matcher::{self, Matcher};
use crate::alert::Labels;

/// How deep `any`, `all` and `not` may nest: far deeper than a person can read, and shallow enough
/// for the stack.
pub const MAX_DEPTH: usize = 32;

/// The conditions of a receiver; without conditions, it keeps every alert.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Conditions(Vec<Condition>);

impl Conditions {
    /// The conditions, all of which must hold.
    #[must_use]
    pub fn new(conditions: Vec<Condition>) -> Self {
        Self(conditions)
    }

    /// Whether an alert with these labels is kept.
    #[must_use]
    pub fn hold(&self, labels: &Labels) -> bool {
        self.0.iter().all(|condition| condition.holds(labels))
    }

    /// How many labels of an alert are tested at most.
    #[must_use]
    pub fn tests(&self) -> usize {
        self.0.iter().map(Condition::tests).sum()
    }

    /// The conditions, in the file's order.
    #[must_use]
    pub fn as_slice(&self) -> &[Condition] {
        &self.0
    }
}

/// One condition on an alert's labels.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Condition {
    pub(super) kind: ConditionKind,
    /// 1 for a condition on labels; for a group, one more than the deepest condition inside.
    depth: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum ConditionKind {
    Label {
        label: String,
        test: LabelTest,
    },
    /// One text with one or several matchers in Alertmanager's form, all of which must hold.
    Matchers(Vec<Matcher>),
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Not(Box<Condition>),
    /// What none of these keeps.
    Rest(Vec<Keeper>),
}

/// A receiver, by what it keeps.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Keeper {
    /// The receiver's name.
    pub receiver: String,
    /// Its conditions.
    pub conditions: Conditions,
}

/// The test of one label. The first four have the meaning of Kubernetes' label selectors.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum LabelTest {
    In(Values),
    NotIn(Values),
    Exists,
    DoesNotExist,
    Match(Regex),
    NotMatch(Regex),
}

impl Condition {
    /// A condition on one label.
    ///
    /// `In` and `NotIn` take at least one value; `Exists` and `DoesNotExist` take none; `Match` and
    /// `NotMatch` take one regular expression of Go's, which must match the label's whole value.
    ///
    /// # Errors
    /// When the label is empty, the number of values is wrong, or Go refuses the expression.
    pub fn new(
        label: &str,
        operator: Operator,
        values: Vec<String>,
    ) -> Result<Self, ConditionError> {
        if label.is_empty() {
            return Err(ConditionError::EmptyLabel);
        }
        let test = match operator {
            Operator::In => LabelTest::In(Self::values(operator, values)?),
            Operator::NotIn => LabelTest::NotIn(Self::values(operator, values)?),
            Operator::Exists => Self::without_values(operator, &values, LabelTest::Exists)?,
            Operator::DoesNotExist => {
                Self::without_values(operator, &values, LabelTest::DoesNotExist)?
            }
            Operator::Match => LabelTest::Match(Self::pattern(operator, &values)?),
            Operator::NotMatch => LabelTest::NotMatch(Self::pattern(operator, &values)?),
        };
        Ok(Self { kind: ConditionKind::Label { label: label.to_owned(), test }, depth: 1 })
    }

    fn values(operator: Operator, values: Vec<String>) -> Result<Values, ConditionError> {
        if values.is_empty() {
            return Err(ConditionError::MissingValues { operator });
        }
        Ok(Values::new(values))
    }

    fn without_values(
        operator: Operator,
        values: &[String],
        test: LabelTest,
    ) -> Result<LabelTest, ConditionError> {
        if values.is_empty() {
            return Ok(test);
        }
        Err(ConditionError::UnwantedValues { operator })
    }

    fn pattern(operator: Operator, values: &[String]) -> Result<Regex, ConditionError> {
        let [pattern] = values else {
            return Err(ConditionError::NotOnePattern { operator, count: values.len() });
        };
        Ok(Regex::anchored(pattern)?)
    }

    /// A condition in Alertmanager's text form; all matchers in the text must hold.
    ///
    /// # Errors
    /// When [`matcher::parse`] refuses the text.
    pub fn matcher(text: &str) -> Result<Self, ConditionError> {
        Ok(Self { kind: ConditionKind::Matchers(matcher::parse(text)?), depth: 1 })
    }

    /// A condition that holds when at least one of `conditions` holds.
    ///
    /// # Errors
    /// When there are no conditions, or they nest too deep.
    pub fn any(conditions: Vec<Self>) -> Result<Self, ConditionError> {
        let depth = Self::depth_around(ConditionField::Any, &conditions)?;
        Ok(Self { kind: ConditionKind::Any(conditions), depth })
    }

    /// A condition that holds when all of `conditions` hold.
    ///
    /// # Errors
    /// When there are no conditions, or they nest too deep.
    pub fn all(conditions: Vec<Self>) -> Result<Self, ConditionError> {
        let depth = Self::depth_around(ConditionField::All, &conditions)?;
        Ok(Self { kind: ConditionKind::All(conditions), depth })
    }

    /// A condition that holds when `condition` does not.
    ///
    /// # Errors
    /// When the conditions nest too deep.
    #[expect(
        clippy::should_implement_trait,
        reason = "it can fail, and it is the word of the file"
    )]
    pub fn not(condition: Self) -> Result<Self, ConditionError> {
        let depth = Self::depth_around(ConditionField::Not, std::slice::from_ref(&condition))?;
        Ok(Self { kind: ConditionKind::Not(Box::new(condition)), depth })
    }

    /// A condition that holds for what none of these receivers keeps.
    #[must_use]
    pub fn rest(others: Vec<Keeper>) -> Self {
        Self { kind: ConditionKind::Rest(others), depth: 1 }
    }

    fn depth_around(field: ConditionField, inside: &[Self]) -> Result<usize, ConditionError> {
        let deepest = inside.iter().map(|condition| condition.depth).max();
        let deepest = deepest.ok_or(ConditionError::Empty { field })?;
        if deepest >= MAX_DEPTH {
            return Err(ConditionError::TooDeep { field });
        }
        Ok(deepest + 1)
    }

    fn tests(&self) -> usize {
        match &self.kind {
            ConditionKind::Label { .. } => 1,
            ConditionKind::Matchers(matchers) => matchers.len(),
            ConditionKind::Any(inside) | ConditionKind::All(inside) => {
                inside.iter().map(Self::tests).sum()
            }
            ConditionKind::Not(inside) => inside.tests(),
            ConditionKind::Rest(others) => {
                others.iter().map(|other| other.conditions.tests()).sum()
            }
        }
    }

    /// Whether the condition holds for an alert with these labels.
    #[must_use]
    pub fn holds(&self, labels: &Labels) -> bool {
        match &self.kind {
            ConditionKind::Label { label, test } => test.holds(labels.get(label)),
            ConditionKind::Matchers(matchers) => matchers
                .iter()
                .all(|matcher| matcher.holds(labels.get(matcher.label()).unwrap_or_default())),
            ConditionKind::Any(inside) => inside.iter().any(|condition| condition.holds(labels)),
            ConditionKind::All(inside) => inside.iter().all(|condition| condition.holds(labels)),
            ConditionKind::Not(inside) => !inside.holds(labels),
            ConditionKind::Rest(others) => {
                !others.iter().any(|other| other.conditions.hold(labels))
            }
        }
    }
}

impl LabelTest {
    /// Whether the test holds for a label's value; `None` for an absent label.
    pub(super) fn holds(&self, value: Option<&str>) -> bool {
        match self {
            Self::In(values) => value.is_some_and(|value| values.contains(value)),
            Self::NotIn(values) => !value.is_some_and(|value| values.contains(value)),
            Self::Exists => value.is_some(),
            Self::DoesNotExist => value.is_none(),
            // Prometheus takes an absent label for an empty one.
            Self::Match(regex) => regex.is_match(value.unwrap_or_default()),
            Self::NotMatch(regex) => !regex.is_match(value.unwrap_or_default()),
        }
    }

    /// The operator that the test was made with.
    pub(super) fn operator(&self) -> Operator {
        match self {
            Self::In(_) => Operator::In,
            Self::NotIn(_) => Operator::NotIn,
            Self::Exists => Operator::Exists,
            Self::DoesNotExist => Operator::DoesNotExist,
            Self::Match(_) => Operator::Match,
            Self::NotMatch(_) => Operator::NotMatch,
        }
    }
}

/// Matchers in the form that [`Condition::matcher`] parses; other conditions in a form for people:
/// `any(severity In [critical, warning]; not(team Exists))`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ConditionKind::Label { label, test } => {
                write!(f, "{} {}", Word(label), test.operator())?;
                match test {
                    LabelTest::In(values) | LabelTest::NotIn(values) => write!(f, " [{values}]"),
                    LabelTest::Match(regex) | LabelTest::NotMatch(regex) => write!(f, " {regex}"),
                    LabelTest::Exists | LabelTest::DoesNotExist => Ok(()),
                }
            }
            ConditionKind::Matchers(matchers) => matcher::write_all(f, matchers),
            ConditionKind::Any(inside) => write_group(f, "any", inside),
            ConditionKind::All(inside) => write_group(f, "all", inside),
            ConditionKind::Not(inside) => write!(f, "not({inside})"),
            ConditionKind::Rest(_) => f.write_str("what no other receiver keeps"),
        }
    }
}

fn write_group(f: &mut fmt::Formatter<'_>, word: &str, inside: &[Condition]) -> fmt::Result {
    write!(f, "{word}(")?;
    for (index, condition) in inside.iter().enumerate() {
        write!(f, "{}{condition}", if index == 0 { "" } else { "; " })?;
    }
    f.write_str(")")
}

#[cfg(test)]
mod tests;
