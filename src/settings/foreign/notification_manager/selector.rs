//! Label selectors: they become conditions, and they say which Config a receiver takes.

use crate::select::condition::{Condition, Operator};
use crate::settings::decode::shown;
use crate::settings::foreign::findings::Findings;
use crate::settings::foreign::source::Placed;
use crate::settings::tree::Node;
use crate::settings::yaml::{table, text, texts};

/// The labels that the product itself gives an alert which lacks them.
const ADDED: [&str; 2] = ["cluster", "receiver"];

const UNANCHORED: &str = "`regexValue` may match anywhere in a label's value, and `Match` takes \
                          the whole value, so `(?s:.*)` stands around each expression.";

/// One requirement on a label.
pub(super) struct Expression<'t> {
    key: &'t str,
    operator: Operator,
    values: Vec<&'t str>,
    place: Placed<'t>,
    /// `regexValue`, in place of values.
    pattern: Option<&'t str>,
}

/// Reads a selector; all of its expressions must hold.
pub(super) fn read<'t>(findings: &Findings, selector: Placed<'t>) -> Vec<Expression<'t>> {
    findings.known(selector, "a selector", &["matchLabels", "matchExpressions"]);
    let labels = findings.table(selector, "matchLabels");
    let equal = labels.into_iter().flat_map(Placed::entries).filter_map(|(entry, place)| {
        let Some(value) = place.text() else {
            findings.error_at(place, "expected the text of a label's value");
            return None;
        };
        let (operator, values) = (Operator::In, vec![value]);
        Some(Expression { key: &entry.key, operator, values, place, pattern: None })
    });
    let equal: Vec<_> = equal.collect();
    let expressions = findings.list(selector, "matchExpressions").into_iter();
    equal.into_iter().chain(expressions.filter_map(|item| expression(findings, item))).collect()
}

fn expression<'t>(findings: &Findings, place: Placed<'t>) -> Option<Expression<'t>> {
    findings.known(place, "an expression", &["key", "operator", "values", "regexValue"]);
    let (key, word) = (findings.text(place, "key"), findings.text(place, "operator"));
    let (Some(key), Some(word)) = (key, word) else {
        findings.error_at(place, "an expression needs `key` and `operator`");
        return None;
    };
    let operator = word.parse().ok().filter(|operator| *operator != Operator::NotMatch);
    let Some(operator) = operator else {
        let word = shown(word);
        let known = "In, NotIn, Exists, DoesNotExist and Match";
        findings.error_at(place, &format!("unknown operator `{word}`; the operators are {known}"));
        return None;
    };
    let values = findings.texts(place, "values").into_iter().map(|(value, _)| value).collect();
    let pattern = findings.text(place, "regexValue");
    let is_match = operator == Operator::Match;
    if !is_match && pattern.is_some() {
        findings.note_at(place, "`regexValue` counts only with the operator `Match`; left out");
    }
    let pattern = is_match.then(|| pattern.unwrap_or_default());
    Some(Expression { key, operator, values, place, pattern })
}

/// The conditions that the expressions become; an expression that is wrong is an error.
pub(super) fn conditions(findings: &Findings, expressions: &[Expression<'_>]) -> Vec<Node> {
    expressions.iter().map(|expression| condition(findings, expression)).collect()
}

fn condition(findings: &Findings, expression: &Expression<'_>) -> Node {
    let Expression { key, operator, place, .. } = expression;
    let values: Vec<String> = match expression.pattern {
        Some(pattern) => vec![anywhere(pattern)],
        None => expression.values.iter().copied().map(str::to_owned).collect(),
    };
    // An expression is checked without what stands around it, so that an error speaks of it alone.
    let written = expression.pattern.map(|pattern| vec![pattern.to_owned()]);
    let checked = written.unwrap_or_else(|| values.clone());
    if let Err(error) = Condition::new(key, *operator, checked) {
        findings.error_at(*place, &error.to_string());
    }
    if expression.pattern.is_some() {
        findings.note_for_all(UNANCHORED);
    }
    if ADDED.contains(key) {
        findings.note_at(
            *place,
            format!(
                "the product itself gives an alert without the label `{key}` one before it looks; \
                 here the label has to come with the alert (`external_labels` of Prometheus)"
            ),
        );
    }
    if let Some(value) = expression.values.iter().find(|value| !is_label_value(value)) {
        let value = shown(value);
        findings.note_at(
            *place,
            format!(
                "`{value}` is no value of a Kubernetes label; the product failed on it, and then \
                 no receiver got an alert; here it is a value as any other"
            ),
        );
    }
    let mut entries = vec![("label", text(*key)), ("operator", text(operator.as_str()))];
    if !values.is_empty() {
        entries.push(("values", texts(values)));
    }
    table(entries)
}

/// The expression for a whole value that this one matches somewhere; a dot takes line ends too.
fn anywhere(pattern: &str) -> String {
    format!("(?s:.*)(?:{pattern})(?s:.*)")
}

/// Whether the text can be the value of a label of Kubernetes.
fn is_label_value(text: &str) -> bool {
    let is_edge = |c: char| c.is_ascii_alphanumeric();
    let is_inner = |c: char| is_edge(c) || matches!(c, '-' | '_' | '.');
    text.is_empty()
        || (text.len() <= 63
            && text.chars().all(is_inner)
            && text.starts_with(is_edge)
            && text.ends_with(is_edge))
}

/// Whether the expressions hold for an object with these labels. `Match` counts as holding.
pub(super) fn hold(expressions: &[Expression<'_>], labels: &[(&str, &str)]) -> bool {
    let value = |key: &str| labels.iter().find(|(name, _)| *name == key).map(|(_, value)| *value);
    expressions.iter().all(|expression| {
        let value = value(expression.key);
        let is_one = value.is_some_and(|value| expression.values.contains(&value));
        match expression.operator {
            Operator::In => is_one,
            Operator::NotIn => !is_one,
            Operator::Exists => value.is_some(),
            Operator::DoesNotExist => value.is_none(),
            Operator::Match | Operator::NotMatch => true,
        }
    })
}
