//! Whom a chatbot's messages mention, as YAML.

use super::interval_entries;
use crate::render::Mention;
use crate::select::mention::{Allow, MentionRules, NameRule, SeverityRule, Shift, Source};
use crate::settings::tree::Node;
use crate::settings::yaml::{bare, list, table, text, texts};

/// The value of `mention`.
pub(super) fn mention(always: &Mention, rules: Option<&MentionRules>) -> Node {
    let Mention { mobiles, user_ids, all, resolved } = always;
    let mut entries = people(mobiles, user_ids, *all);
    entries.push(("resolved", bare(resolved)));
    if let Some(MentionRules { names, severity, schedule, resolved: _ }) = rules {
        entries.extend(names.iter().flat_map(name_rule));
        entries.extend(severity.as_ref().map(|rule| ("by_severity", by_severity(rule))));
        if !schedule.is_empty() {
            entries.push(("schedule", list(schedule.iter().map(shift))));
        }
    }
    table(entries)
}

fn people(mobiles: &[String], user_ids: &[String], all: bool) -> Vec<(&'static str, Node)> {
    vec![("mobiles", texts(mobiles)), ("user_ids", texts(user_ids)), ("all", bare(all))]
}

fn name_rule(rule: &NameRule) -> Vec<(&'static str, Node)> {
    let (mut labels, mut annotations) = (Vec::new(), Vec::new());
    for source in &rule.sources {
        match source {
            Source::Label(name) => labels.push(name),
            Source::Annotation(name) => annotations.push(name),
        }
    }
    let sources = [("from_label", labels), ("from_annotation", annotations)];
    let sources = sources.into_iter().filter(|(_, names)| !names.is_empty());
    let mut entries: Vec<_> = sources.map(|(key, names)| (key, texts(names))).collect();
    entries.push(match &rule.allow {
        Allow::List(people) => ("allow", texts(people)),
        Allow::Pattern(pattern) => ("allow", text(pattern.as_str())),
    });
    entries
}

fn by_severity(rule: &SeverityRule) -> Node {
    table(rule.people.iter().map(|(value, of_value)| {
        (value.as_str(), table(people(&of_value.mobiles, &of_value.user_ids, of_value.all)))
    }))
}

fn shift(Shift { interval, people: on_call }: &Shift) -> Node {
    let mut entries = interval_entries(interval);
    entries.extend(people(&on_call.mobiles, &on_call.user_ids, on_call.all));
    table(entries)
}
