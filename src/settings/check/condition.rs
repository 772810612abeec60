//! The check of the list under `conditions`.
//!
//! A condition is a mapping with `label`, `operator` and `values`, or one with `any`, `all` or
//! `not`, or a text with Alertmanager's matchers.

use super::overlap::{Requirement, Requirements};
use crate::select::condition::{Condition, ConditionError, ConditionField, Conditions, Operator};
use crate::settings::decode::{Checked, Decoder, Reported, Table, all};
use crate::settings::keys::CONDITION;
use crate::settings::tree::{Entry, Node, Position, Value};

/// A receiver's conditions, and what they require of an alert.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    /// The conditions.
    pub(super) conditions: Conditions,
    /// The conditions that can be compared with another receiver's.
    pub(super) requirements: Requirements,
}

/// The list under `conditions`.
pub(super) fn conditions(decoder: Decoder<'_>, node: &Node) -> Checked<Selection> {
    let items = decoder.list(node, "conditions")?;
    let read = all(items.iter().map(|item| condition(decoder, item)))?;
    let (conditions, requirements): (Vec<Condition>, Vec<Option<Requirement>>) =
        read.into_iter().unzip();
    Ok(Selection {
        conditions: Conditions::new(conditions),
        requirements: requirements.into_iter().flatten().collect(),
    })
}

fn condition(decoder: Decoder<'_>, node: &Node) -> Checked<(Condition, Option<Requirement>)> {
    if let Value::Scalar(scalar) = &node.value {
        let matcher = Condition::matcher(&scalar.text);
        return match matcher {
            Ok(condition) => Ok((condition, None)),
            Err(error) => decoder.fail(node.position, matcher_words(&error)),
        };
    }
    let table = decoder.table(node, &CONDITION)?;
    let groups: Vec<&Entry> =
        ["any", "all", "not"].iter().filter_map(|key| table.entry(key)).collect();
    let is_triple = ["label", "operator", "values"].iter().any(|key| table.entry(key).is_some());
    match groups.as_slice() {
        [] => triple(decoder, &table),
        [group] if !is_triple => self::group(decoder, group).map(|condition| (condition, None)),
        _ => {
            decoder.report.leave_unchecked();
            decoder.fail(
                table.position,
                "a condition is either `label` with `operator`, or one of `any`, `all` and `not`",
            )
        }
    }
}

fn group(decoder: Decoder<'_>, entry: &Entry) -> Checked<Condition> {
    let node = &entry.value;
    let made = if entry.key == "not" {
        Condition::not(condition(decoder, node)?.0)
    } else {
        let items = decoder.list(node, "conditions")?;
        let inner = all(items.iter().map(|item| condition(decoder, item)))?;
        let inner = inner.into_iter().map(|(condition, _)| condition).collect();
        if entry.key == "any" { Condition::any(inner) } else { Condition::all(inner) }
    };
    made.or_else(|error| decoder.fail(node.position, error.to_string()))
}

fn triple(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<(Condition, Option<Requirement>)> {
    let label = table.required(decoder, "label", |node| decoder.any_text(node, "a label's name"));
    let operator = table.required(decoder, "operator", |node| operator(decoder, node));
    let values = table.optional("values", |node| values(decoder, node));
    let (label, operator, values) = (label?, operator?, values?.unwrap_or_default());
    let requirement = Requirement::of(label, operator, &values);
    match Condition::new(label, operator, values) {
        Ok(condition) => Ok((condition, requirement)),
        Err(error) => {
            decoder.report.error(place(table, &error), error.to_string());
            Err(Reported)
        }
    }
}

/// Where the error is shown: at the key's value, or at the only item where that is a list of one.
fn place(table: &Table<'_>, error: &ConditionError) -> Position {
    let key = match error.field() {
        ConditionField::Label => "label",
        ConditionField::Operator => "operator",
        ConditionField::Values => "values",
        ConditionField::Matcher
        | ConditionField::Any
        | ConditionField::All
        | ConditionField::Not => return table.position,
    };
    match table.entry(key).map(|entry| &entry.value) {
        Some(Node { value: Value::List(items), .. }) if items.len() == 1 => {
            items.first().map_or(table.position, |item| item.position)
        }
        Some(node) => node.position,
        None => table.position,
    }
}

/// The error's text. It counts characters from the start of the matcher, while the line and column
/// before the error count from the start of the file.
fn matcher_words(error: &ConditionError) -> String {
    let ConditionError::Matcher(error) = error else { return error.to_string() };
    format!("not a matcher: {}, at character {} of it", error.fault, error.column)
}

fn operator(decoder: Decoder<'_>, node: &Node) -> Checked<Operator> {
    decoder.word(node, &Operator::ALL.map(|operator| (operator.as_str(), operator)))
}

fn values(decoder: Decoder<'_>, node: &Node) -> Checked<Vec<String>> {
    let items = decoder.list(node, "values")?;
    all(items.iter().map(|item| decoder.any_text(item, "a label's value").map(str::to_owned)))
}
