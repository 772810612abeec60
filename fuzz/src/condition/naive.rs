//! What conditions mean, written down a second time.

use campana::alert::Labels;
use campana::select::condition::{Condition, Operator};

use super::pattern::{Pattern, word};
use crate::choices::Choices;

/// The names of labels; one of them needs quotes in a matcher.
pub(super) const LABELS: [&str; 3] = ["a", "级别", "a b"];

/// A condition as plain values.
#[derive(Debug)]
pub(super) enum Naive {
    Label { label: &'static str, operator: Operator, values: Vec<String> },
    Pattern { label: &'static str, is_match: bool, pattern: Pattern },
    Any(Vec<Naive>),
    All(Vec<Naive>),
    Not(Box<Naive>),
}

impl Naive {
    /// A condition and its second reading.
    pub(super) fn choose(choices: &mut Choices<'_>, depth: usize) -> (Condition, Self) {
        let several = |choices: &mut Choices<'_>| -> (Vec<_>, Vec<_>) {
            (0..=choices.below(2)).map(|_| Self::choose(choices, depth - 1)).unzip()
        };
        match choices.below(if depth == 0 { 3 } else { 6 }) {
            0 => Self::choose_label(choices),
            1 => Self::choose_pattern(choices),
            2 => Self::choose_matchers(choices),
            3 => {
                let (conditions, naive) = several(choices);
                (Condition::any(conditions).expect("not empty"), Self::Any(naive))
            }
            4 => {
                let (conditions, naive) = several(choices);
                (Condition::all(conditions).expect("not empty"), Self::All(naive))
            }
            _ => {
                let (condition, naive) = Self::choose(choices, depth - 1);
                (Condition::not(condition).expect("not deep"), Self::Not(Box::new(naive)))
            }
        }
    }

    fn choose_label(choices: &mut Choices<'_>) -> (Condition, Self) {
        let label = choices.one_of(&LABELS);
        let operators = [Operator::In, Operator::NotIn, Operator::Exists, Operator::DoesNotExist];
        let operator = choices.one_of(&operators);
        let has_values = matches!(operator, Operator::In | Operator::NotIn);
        let count = if has_values { 1 + choices.below(20) } else { 0 };
        let values: Vec<String> = (0..count).map(|_| word(choices)).collect();
        let condition = Condition::new(label, operator, values.clone()).expect("it is valid");
        (condition, Self::Label { label, operator, values })
    }

    fn choose_pattern(choices: &mut Choices<'_>) -> (Condition, Self) {
        let (label, is_match) = (choices.one_of(&LABELS), choices.flag());
        let pattern = Pattern::choose(choices, 3);
        let operator = if is_match { Operator::Match } else { Operator::NotMatch };
        let condition = Condition::new(label, operator, vec![pattern.to_string()]);
        (condition.expect("Go takes it"), Self::Pattern { label, is_match, pattern })
    }

    /// One or two matchers in Alertmanager's form, an absent label of which has the value "".
    fn choose_matchers(choices: &mut Choices<'_>) -> (Condition, Self) {
        let (mut texts, mut all) = (Vec::new(), Vec::new());
        for _ in 0..=choices.below(2) {
            let (label, is_match) = (choices.one_of(&LABELS), choices.flag());
            let is_word = choices.flag();
            let (pattern, value) = if is_word {
                let word = word(choices);
                (Pattern::Word(word.clone()), word)
            } else {
                let pattern = Pattern::choose(choices, 2);
                let expression = pattern.to_string();
                (pattern, expression)
            };
            let operator = match (is_match, is_word) {
                (true, true) => "=",
                (false, true) => "!=",
                (true, false) => "=~",
                (false, false) => "!~",
            };
            texts.push(format!("{}{operator}{}", quoted(label), quoted(&value)));
            all.push(Self::Pattern { label, is_match, pattern });
        }
        let (open, close) = choices.one_of(&[("", ""), ("{", "}"), ("{ ", ", } ")]);
        let text = format!("{open}{}{close}", texts.join(" , "));
        (Condition::matcher(&text).expect(&text), Self::All(all))
    }

    pub(super) fn holds(&self, labels: &Labels) -> bool {
        match self {
            Self::Label { label, operator, values } => {
                let value = labels.iter().find(|(name, _)| name == label).map(|(_, value)| value);
                let is_one = value.is_some_and(|value| values.iter().any(|one| one == value));
                match operator {
                    Operator::In => is_one,
                    Operator::NotIn => !is_one,
                    Operator::Exists => value.is_some(),
                    Operator::DoesNotExist => value.is_none(),
                    Operator::Match | Operator::NotMatch => unreachable!("it has a pattern"),
                }
            }
            Self::Pattern { label, is_match, pattern } => {
                pattern.matches(labels.get(label).unwrap_or_default()) == *is_match
            }
            Self::Any(inner) => inner.iter().any(|one| one.holds(labels)),
            Self::All(inner) => inner.iter().all(|one| one.holds(labels)),
            Self::Not(inner) => !inner.holds(labels),
        }
    }
}

/// A text in quotes, as Go's `strconv.Quote` writes the characters that are used here.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', r"\\").replace('\n', r"\n").replace('"', "\\\""))
}

/// A printed matcher, read by hand.
pub(super) struct Matcher {
    pub(super) label: String,
    operator: String,
    pub(super) value: String,
}

impl Matcher {
    /// Reads what a matcher prints: a name, with or without quotes, an operator, a quoted value.
    pub(super) fn read(printed: &str) -> Self {
        let (label, rest) = if printed.starts_with('"') {
            unquoted(printed)
        } else {
            let end = printed.find(['=', '!']).expect("an operator");
            (printed[..end].to_owned(), &printed[end..])
        };
        let (operator, rest) = rest.split_at(rest.find('"').expect("a quoted value"));
        let (value, rest) = unquoted(rest);
        assert_eq!(rest, "", "{printed}");
        Self { label, operator: operator.to_owned(), value }
    }

    /// Whether it holds for a value; of an expression it is only known that `=~` and `!~` differ.
    pub(super) fn holds(&self, value: &str, is_held: impl Fn(&str) -> bool) -> bool {
        match self.operator.as_str() {
            "=" => self.value == value,
            "!=" => self.value != value,
            "=~" => is_held(value),
            "!~" => {
                let opposite = format!("{}=~{}", quoted(&self.label), quoted(&self.value));
                !Condition::matcher(&opposite)
                    .expect(&opposite)
                    .holds(&[(&self.label, value)].into_iter().collect())
            }
            other => unreachable!("no operator: {other}"),
        }
    }
}

/// The quoted text that `text` begins with, and what follows it.
fn unquoted(text: &str) -> (String, &str) {
    let mut read = String::new();
    let mut inside = text.char_indices().skip(1);
    while let Some((at, c)) = inside.next() {
        match c {
            '"' => return (read, &text[at + 1..]),
            '\\' => match inside.next().map(|(_, escaped)| escaped) {
                Some('n') => read.push('\n'),
                Some(escaped) => read.push(escaped),
                None => {}
            },
            _ => read.push(c),
        }
    }
    unreachable!("no closing quote: {text}")
}
