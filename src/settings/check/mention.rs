//! The check of a chatbot's `mention`: whom all its messages mention, and the rules by which a message
//! mentions others because of its alerts and the time.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::active_times::interval;
use super::person;
use super::receiver::Sections;
use crate::render::{Mention, SeverityOrder};
use crate::select::mention::{
    Allow, MOST_PEOPLE, MentionRules, NameRule, People, SeverityRule, Shift, Source, is_mobile,
};
use crate::settings::decode::{Checked, Decoder, Table, all, did_you_mean};
use crate::settings::keys::{MENTION, PEOPLE, SHIFT};
use crate::settings::tree::{Entry, Node, Position, Value};

/// What an entry of `schedule` looks like.
const SHIFT_EXAMPLE: &str = "{weekdays: ['monday:friday'], times: [{start_time: '09:00', end_time: '18:00'}], \
     location: Asia/Shanghai, mobiles: ['13800000000']}";

/// What `by_severity` looks like.
const SEVERITY_EXAMPLE: &str = "critical: {all: true}";

/// What is said of whoever is named under one key and is nobody.
const NOBODY: &str =
    "mentions nobody; name people under `mobiles` or `user_ids`, or set `all: true`";

/// What stands under `mention`.
#[derive(Debug, Default)]
pub(super) struct ReadMention {
    /// Whom all messages mention.
    pub(super) always: Mention,
    /// What decides whom else a message mentions, if anything does.
    pub(super) rules: Option<Arc<MentionRules>>,
}

/// A chatbot's `mention`.
pub(super) fn mention(
    decoder: Decoder<'_>,
    node: &Node,
    sections: Sections<'_>,
) -> Checked<ReadMention> {
    let table = decoder.table(node, &MENTION)?;
    let always = people(decoder, &table);
    let resolved = table.optional("resolved", |node| decoder.flag(node));
    let names = names(decoder, &table);
    let severity =
        table.optional("by_severity", |node| by_severity(decoder, node, sections.severity));
    let schedule = table.optional("schedule", |node| schedule(decoder, node, sections.zone));
    let People { mobiles, user_ids, all } = always?;
    let resolved = resolved?.unwrap_or_default();
    let rules = MentionRules {
        names: names?,
        severity: severity?,
        schedule: schedule?.unwrap_or_default(),
        resolved,
    };
    let has_any = rules.names.is_some() || rules.severity.is_some() || !rules.schedule.is_empty();
    Ok(ReadMention {
        always: Mention { mobiles, user_ids, all, resolved },
        rules: has_any.then(|| rules.into()),
    })
}

/// The people that a mapping names under `mobiles`, `user_ids` and `all`.
fn people(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<People> {
    let mobiles = table.optional("mobiles", |node| person::mobiles(decoder, node));
    let user_ids = table.optional("user_ids", |node| person::user_ids(decoder, node));
    let all = table.optional("all", |node| decoder.flag(node));
    let people = People {
        mobiles: mobiles?.unwrap_or_default(),
        user_ids: user_ids?.unwrap_or_default(),
        all: all?.unwrap_or_default(),
    };
    if people.mobiles.len() + people.user_ids.len() > MOST_PEOPLE {
        let text = format!("DingTalk mentions at most {MOST_PEOPLE} people");
        return decoder.fail(table.position, text);
    }
    Ok(people)
}

/// The same, of whom there has to be somebody.
fn somebody(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<People> {
    let people = people(decoder, table)?;
    if people.is_nobody() {
        return decoder.fail(table.position, NOBODY);
    }
    Ok(people)
}

/// The rule of `from_label`, `from_annotation` and `allow`, if there is one.
fn names(decoder: Decoder<'_>, table: &Table<'_>) -> Checked<Option<NameRule>> {
    let labels = sources(decoder, table, "from_label", Source::Label);
    let annotations = sources(decoder, table, "from_annotation", Source::Annotation);
    let allow = table.optional("allow", |node| allow(decoder, node));
    let first = table.entry("from_label").or_else(|| table.entry("from_annotation"));
    match (first, table.entry("allow")) {
        (Some(first), None) => {
            let text = "needs `allow`, a list of people or a regular expression: whoever writes an alert's \
                        labels and annotations could mention anybody otherwise";
            return decoder.fail(first.position, text);
        }
        (None, Some(allow)) => {
            let text =
                "is not used: no alert names anybody without `from_label` or `from_annotation`";
            decoder.report.warning(allow.position, text);
        }
        (Some(_), Some(_)) | (None, None) => {}
    }
    let (mut sources, annotations, allow) = (labels?, annotations?, allow?);
    sources.extend(annotations);
    Ok(allow.filter(|_| !sources.is_empty()).map(|allow| NameRule { sources, allow }))
}

/// The names of labels or annotations under `key`: one, or a list.
fn sources(
    decoder: Decoder<'_>,
    table: &Table<'_>,
    key: &str,
    source: fn(String) -> Source,
) -> Checked<Vec<Source>> {
    let Some(entry) = table.entry(key) else { return Ok(Vec::new()) };
    let items = match &entry.value.value {
        Value::List(items) => items.as_slice(),
        Value::Null | Value::Scalar(_) | Value::Table(_) => std::slice::from_ref(&entry.value),
    };
    if items.is_empty() {
        let text = "needs at least one name; leave the key out if alerts name nobody";
        return decoder.fail(entry.value.position, text);
    }
    let what = if key == "from_label" { "a label's name" } else { "an annotation's name" };
    all(items.iter().map(|item| Ok(source(decoder.text(item, what)?.to_owned()))))
}

/// Who may be mentioned because an alert names them: a list, or an expression for the whole name.
fn allow(decoder: Decoder<'_>, node: &Node) -> Checked<Allow> {
    if let Value::List(_) = node.value {
        let people = person::names(decoder, node)?;
        if people.is_empty() {
            let text = "allows nobody; name the people whom alerts may mention, or leave out \
                        `from_label` and `from_annotation`";
            return decoder.fail(node.position, text);
        }
        return Ok(Allow::List(people.into_iter().collect()));
    }
    let pattern = decoder.text(node, "a regular expression, or a list of people")?;
    Allow::pattern(pattern).or_else(|error| {
        let hint = if is_mobile(pattern) { "; a single person stands in a list too" } else { "" };
        decoder.fail(node.position, format!("{error}{hint}"))
    })
}

/// Whom each value of the label for severities mentions.
fn by_severity(decoder: Decoder<'_>, node: &Node, order: &SeverityOrder) -> Checked<SeverityRule> {
    let entries = decoder.mapping(node, SEVERITY_EXAMPLE)?;
    if entries.is_empty() {
        return decoder.fail(node.position, "needs at least one severity, such as `critical`");
    }
    let mut seen: HashMap<String, Position> = HashMap::new();
    let people = all(entries.iter().map(|entry| {
        let table = decoder.table(&entry.value, &PEOPLE)?;
        let people = somebody(decoder, &table);
        let value = entry.key.trim();
        if let Some(first) = seen.insert(value.to_lowercase(), entry.position) {
            let text =
                format!("this severity stands in line {} already; case does not count", first.line);
            return decoder.fail(entry.position, text);
        }
        warn_of_unknown(decoder, entry, order);
        Ok((value.to_owned(), people?))
    }))?;
    Ok(SeverityRule { label: order.label.clone().into_owned(), people })
}

/// Warns of a severity that no alert has, as far as the order says.
fn warn_of_unknown(decoder: Decoder<'_>, entry: &Entry, order: &SeverityOrder) {
    let value = entry.key.trim();
    let is_known = order.words().any(|word| word.eq_ignore_ascii_case(value));
    let hint = did_you_mean(value, order.words());
    let words = match &order.order {
        Some(order) if !order.is_empty() => "`delivery.severity.order` does not have this value",
        // Without an order a severity can be any word, but hardly one that is nearly a usual one.
        None if !hint.is_empty() => "this is none of the usual words for severities",
        Some(_) | None => return,
    };
    if !is_known {
        decoder.report.warning(entry.position, format!("{words}{hint}"));
    }
}

/// Who is on call, and when.
fn schedule(decoder: Decoder<'_>, node: &Node, messages: Option<&TimeZone>) -> Checked<Vec<Shift>> {
    let items = decoder.list(node, "time intervals with people")?;
    if items.is_empty() {
        let text = "needs at least one entry; leave the key out if nobody is on call";
        return decoder.fail(node.position, text);
    }
    all(items.iter().map(|item| shift(decoder, item, messages)))
}

fn shift(decoder: Decoder<'_>, node: &Node, messages: Option<&TimeZone>) -> Checked<Shift> {
    let table = decoder.table_as(node, &SHIFT, SHIFT_EXAMPLE)?;
    let read = interval(decoder, node, &table, &TimeZone::UTC);
    let people = somebody(decoder, &table);
    let read = read?;
    read.warn_of_zone(decoder, node.position, messages);
    if read.leaves_nothing {
        let text = "this interval never holds, since its `not` leaves nothing";
        decoder.report.warning(node.position, text);
    } else if read.asks_nothing && read.interval.exceptions.is_empty() {
        let text =
            "this interval always holds; whom every message mentions stands under `mention` itself";
        decoder.report.warning(node.position, text);
    }
    Ok(Shift { interval: read.interval, people: people? })
}
