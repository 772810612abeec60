//! Why a receiver keeps an alert or not, in words, for the command line and the API.
//!
//! A trace evaluates every condition, even when an earlier one has decided. `held` always has the
//! value of [`Condition::holds`].

use std::fmt;

use serde::{Deserialize, Serialize};

use super::condition::{Condition, ConditionKind, Conditions, Keeper, LabelTest, Word};
use super::matcher::{Matcher, match_words};
use crate::alert::Labels;

/// The result of all conditions of a receiver for one alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Whether the alert is kept.
    pub kept: bool,
    /// One step for each condition, in the file's order.
    pub conditions: Vec<Step>,
}

/// The result of one condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The condition as text.
    pub condition: String,
    /// Whether it held.
    pub held: bool,
    /// Why it held or not, as a sentence without capital and full stop.
    pub why: String,
    /// The results of the conditions inside `any`, `all` and `not`, or of a text's several
    /// matchers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Step>,
}

/// Evaluates all conditions for an alert's labels.
#[must_use]
pub fn trace(conditions: &Conditions, labels: &Labels) -> Trace {
    let steps = steps(conditions.as_slice(), labels);
    Trace { kept: steps.iter().all(|step| step.held), conditions: steps }
}

fn steps(conditions: &[Condition], labels: &Labels) -> Vec<Step> {
    conditions.iter().map(|condition| step(condition, labels)).collect()
}

fn step(condition: &Condition, labels: &Labels) -> Step {
    let text = condition.to_string();
    match &condition.kind {
        ConditionKind::Label { label, test } => {
            let value = labels.get(label);
            let held = test.holds(value);
            Step { condition: text, held, why: why(label, test, value, held), children: vec![] }
        }
        ConditionKind::Matchers(matchers) => match matchers.as_slice() {
            [matcher] => matcher_step(matcher, labels),
            several => {
                all(text, several.iter().map(|matcher| matcher_step(matcher, labels)).collect())
            }
        },
        ConditionKind::Any(inside) => any(text, steps(inside, labels)),
        ConditionKind::All(inside) => all(text, steps(inside, labels)),
        ConditionKind::Not(inside) => not(text, step(inside, labels)),
        ConditionKind::Rest(others) => rest(text, others, labels),
    }
}

fn any(condition: String, children: Vec<Step>) -> Step {
    let all = children.len();
    let held = children.iter().filter(|step| step.held).count();
    let why = match held {
        0 => format!("none of {all} holds, one is needed"),
        1 => format!("1 of {all} holds, one is enough"),
        _ => format!("{held} of {all} hold, one is enough"),
    };
    Step { condition, held: held > 0, why, children }
}

fn all(condition: String, children: Vec<Step>) -> Step {
    let all = children.len();
    let missed = children.iter().filter(|step| !step.held).count();
    let why = match missed {
        0 => format!("all {all} hold"),
        1 => format!("1 of {all} does not hold"),
        _ => format!("{missed} of {all} do not hold"),
    };
    Step { condition, held: missed == 0, why, children }
}

fn not(condition: String, inside: Step) -> Step {
    let held = !inside.held;
    let why = if held { "the one inside does not hold" } else { "the one inside holds" };
    Step { condition, held, why: why.to_owned(), children: vec![inside] }
}

fn rest(condition: String, others: &[Keeper], labels: &Labels) -> Step {
    let keeps = |other: &&Keeper| other.conditions.hold(labels);
    let names: Vec<&str> =
        others.iter().filter(keeps).map(|other| other.receiver.as_str()).collect();
    let why = match names.as_slice() {
        [] => "no other receiver keeps it".to_owned(),
        [one] => format!("{one} keeps it"),
        [first, others @ ..] => format!("{first} and {} others keep it", others.len()),
    };
    Step { condition, held: names.is_empty(), why, children: vec![] }
}

fn matcher_step(matcher: &Matcher, labels: &Labels) -> Step {
    let value = labels.get(matcher.label());
    let held = matcher.holds(value.unwrap_or_default());
    let why = value_or_empty(matcher.label(), value) + &matcher.verdict(held);
    Step { condition: matcher.to_string(), held, why, children: vec![] }
}

fn why(label: &str, test: &LabelTest, value: Option<&str>, held: bool) -> String {
    match test {
        LabelTest::In(values) | LabelTest::NotIn(values) => match value {
            Some(value) if values.contains(value) => {
                format!("{}, one of {values}", is(label, value))
            }
            Some(value) => format!("{}, not one of {values}", is(label, value)),
            None => format!(
                "{}, which {} {}",
                absent(label),
                test.operator(),
                if held { "accepts" } else { "does not accept" }
            ),
        },
        LabelTest::Exists | LabelTest::DoesNotExist => match value {
            Some(value) => format!("{}, so it is there", is(label, value)),
            None => absent(label),
        },
        LabelTest::Match(regex) => value_or_empty(label, value) + &match_words(regex, held),
        LabelTest::NotMatch(regex) => value_or_empty(label, value) + &match_words(regex, !held),
    }
}

fn is(label: &str, value: &str) -> String {
    format!("{} is {value:?}", Word(label))
}

fn absent(label: &str) -> String {
    format!("the label {} is absent", Word(label))
}

/// The words for a label's value, for a test to which an absent label has the value "".
fn value_or_empty(label: &str, value: Option<&str>) -> String {
    value.map_or_else(|| format!("{} and counts as \"\"", absent(label)), |value| is(label, value))
}

/// The trace as a tree of lines, one for each condition.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.kept { "kept" } else { "not kept" })?;
        if self.conditions.is_empty() {
            return f.write_str(": there are no conditions, which keeps every alert");
        }
        self.conditions.iter().try_for_each(|step| step.write(f, 1))
    }
}

impl Step {
    fn write(&self, f: &mut fmt::Formatter<'_>, level: usize) -> fmt::Result {
        let held = if self.held { "held    " } else { "not held" };
        write!(f, "\n{:1$}{held}  {2}: {3}", "", level * 2, self.condition, self.why)?;
        self.children.iter().try_for_each(|step| step.write(f, level + 1))
    }
}

#[cfg(test)]
mod tests;
