//! Conditions as they are written: label, operator, values; a matcher; `any`, `all`, `not`.

use super::overlap::{Claim, Claims};
use crate::select::condition::{Condition, ConditionError, Conditions, Field, Operator};
use crate::settings::decode::{Checked, Reported, Source, Table, all};
use crate::settings::keys::CONDITION;
use crate::settings::tree::{Entry, Mark, Node, Value};

/// A receiver's conditions, and what they plainly say.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    /// What an alert must satisfy.
    pub(super) conditions: Conditions,
    /// What can be compared with another receiver's.
    pub(super) claims: Claims,
}

/// The list under `conditions`.
pub(super) fn conditions(source: Source<'_>, node: &Node) -> Checked<Selection> {
    let items = source.list(node, "conditions")?;
    let read = all(items.iter().map(|item| condition(source, item)))?;
    let (conditions, claims): (Vec<Condition>, Vec<Option<Claim>>) = read.into_iter().unzip();
    Ok(Selection {
        conditions: Conditions::new(conditions),
        claims: claims.into_iter().flatten().collect(),
    })
}

fn condition(source: Source<'_>, node: &Node) -> Checked<(Condition, Option<Claim>)> {
    if let Value::Scalar(scalar) = &node.value {
        let matcher = Condition::matcher(&scalar.text);
        return match matcher {
            Ok(condition) => Ok((condition, None)),
            Err(error) => source.fail(node.mark, matcher_words(&error)),
        };
    }
    let table = source.table(node, &CONDITION)?;
    let groups: Vec<&Entry> =
        ["any", "all", "not"].iter().filter_map(|key| table.entry(key)).collect();
    let is_triple = ["label", "operator", "values"].iter().any(|key| table.entry(key).is_some());
    match groups.as_slice() {
        [] => triple(source, &table),
        [group] if !is_triple => self::group(source, group).map(|condition| (condition, None)),
        _ => source.fail(
            table.mark,
            "a condition is either `label` with `operator`, or one of `any`, `all` and `not`",
        ),
    }
}

fn group(source: Source<'_>, entry: &Entry) -> Checked<Condition> {
    let node = &entry.value;
    let made = if entry.key == "not" {
        Condition::not(condition(source, node)?.0)
    } else {
        let items = source.list(node, "conditions")?;
        let inner = all(items.iter().map(|item| condition(source, item)))?;
        let inner = inner.into_iter().map(|(condition, _)| condition).collect();
        if entry.key == "any" { Condition::any(inner) } else { Condition::all(inner) }
    };
    made.or_else(|error| source.fail(node.mark, error.to_string()))
}

fn triple(source: Source<'_>, table: &Table<'_>) -> Checked<(Condition, Option<Claim>)> {
    let label = table.required(source, "label", |node| source.any_text(node, "a label's name"));
    let operator = table.required(source, "operator", |node| operator(source, node));
    let values = table.optional("values", |node| values(source, node));
    let (label, operator, values) = (label?, operator?, values?.unwrap_or_default());
    let claim = Claim::of(label, operator, &values);
    match Condition::new(label, operator, values) {
        Ok(condition) => Ok((condition, claim)),
        Err(error) => {
            source.report.error(place(table, &error), error.to_string());
            Err(Reported)
        }
    }
}

/// The place that an error is about: the one value where there is only one.
fn place(table: &Table<'_>, error: &ConditionError) -> Mark {
    let key = match error.field() {
        Field::Label => "label",
        Field::Operator => "operator",
        Field::Values => "values",
        Field::Matcher | Field::Any | Field::All | Field::Not => return table.mark,
    };
    match table.entry(key).map(|entry| &entry.value) {
        Some(Node { value: Value::List(items), .. }) if items.len() == 1 => {
            items.first().map_or(table.mark, |item| item.mark)
        }
        Some(node) => node.mark,
        None => table.mark,
    }
}

/// Says that columns are those of the matcher's text; the file's stand before the error.
fn matcher_words(error: &ConditionError) -> String {
    let ConditionError::Matcher(error) = error else { return error.to_string() };
    format!("not a matcher: {}, at character {} of it", error.fault, error.column)
}

fn operator(source: Source<'_>, node: &Node) -> Checked<Operator> {
    source.word(node, &Operator::ALL.map(|operator| (operator.as_str(), operator)))
}

fn values(source: Source<'_>, node: &Node) -> Checked<Vec<String>> {
    let items = source.list(node, "values")?;
    all(items.iter().map(|item| source.any_text(item, "a label's value").map(str::to_owned)))
}
