//! Tests of the rules: tables of alerts and instants, each with whom a message mentions then.

use super::*;
use crate::alert::{Labels, Offsets};
use crate::select::active_times::tests::interval;

/// An alert with these labels; its annotation `call` has the value of its label `call`, too.
fn alert(status: Status, labels: &[(&str, &str)]) -> Alert {
    let labels: Labels = labels.iter().copied().collect();
    let annotations = labels.iter().filter(|(name, _)| *name == "call").collect();
    Alert {
        status,
        annotations,
        labels,
        starts_at: None,
        ends_at: None,
        generator_url: String::new(),
        fingerprint: String::new(),
        offsets: Offsets::default(),
        extras: None,
    }
}

fn firing(labels: &[(&str, &str)]) -> Alert {
    alert(Status::Firing, labels)
}

fn resolved(labels: &[(&str, &str)]) -> Alert {
    alert(Status::Resolved, labels)
}

/// The people of these names.
fn people(names: &[&str]) -> People {
    let mut people = People { all: names.contains(&"all"), ..People::default() };
    for name in names.iter().filter(|name| **name != "all") {
        people.add_named(name);
    }
    people
}

/// All of `people`, in one line.
fn shown(people: &People) -> String {
    let all = people.all.then_some("all");
    let named = people.mobiles.iter().chain(&people.user_ids).map(String::as_str);
    named.chain(all).collect::<Vec<_>>().join(" ")
}

const NOON: &str = "2026-11-20T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Whom these alerts mention at noon, beside nobody.
fn chosen(rules: &MentionRules, alerts: &[Alert]) -> Chosen {
    rules.people(People::default(), alerts.iter(), at(NOON))
}

/// Rules with shifts, each of an interval and names.
fn schedule(shifts: &[(&str, &[&str])]) -> MentionRules {
    let shift =
        |(text, names): &(&str, &[&str])| Shift { interval: interval(text), people: people(names) };
    MentionRules { schedule: shifts.iter().map(shift).collect(), ..MentionRules::default() }
}

/// Each instant, and who is on call then.
#[track_caller]
fn assert_on_call(shifts: &[(&str, &[&str])], rows: &[(&str, &str)]) {
    let rules = schedule(shifts);
    let fires = [firing(&[])];
    for (instant, expected) in rows {
        let chosen = rules.people(People::default(), fires.iter(), at(instant));
        assert_eq!(shown(&chosen.people), *expected, "{instant}");
    }
}

#[test]
fn who_is_on_call_changes_at_midnight_with_the_day_of_the_week() {
    // 2026-11-20 is a Friday. Shanghai is eight hours ahead.
    let shifts: [(&str, &[&str]); 3] = [
        ("weekdays monday:friday; times 09:00-18:00; in Asia/Shanghai", &["13800000000"]),
        ("weekdays monday:friday; times 18:00-24:00; in Asia/Shanghai", &["night"]),
        ("weekdays tuesday:saturday; times 00:00-09:00; in Asia/Shanghai", &["night"]),
    ];
    assert_on_call(
        &shifts,
        &[
            ("2026-11-20T08:59:59+08:00", "night"),
            ("2026-11-20T09:00:00+08:00", "13800000000"),
            ("2026-11-20T17:59:59.999+08:00", "13800000000"),
            ("2026-11-20T18:00:00+08:00", "night"),
            ("2026-11-20T23:59:59.999+08:00", "night"),
            ("2026-11-21T00:00:00+08:00", "night"),
            ("2026-11-21T08:59:59+08:00", "night"),
            ("2026-11-21T09:00:00+08:00", ""),
            ("2026-11-22T23:00:00+08:00", ""),
            ("2026-11-23T03:00:00+08:00", ""),
            ("2026-11-23T09:00:00+08:00", "13800000000"),
            // The same instant as Shanghai's Friday, 18:00.
            ("2026-11-20T10:00:00Z", "night"),
        ],
    );
}

#[test]
fn every_shift_that_holds_is_on_call_and_each_in_its_own_zone() {
    let shifts: [(&str, &[&str]); 3] = [
        ("times 09:00-18:00; in Europe/Berlin", &["berlin", "both"]),
        ("times 09:00-18:00; in America/New_York", &["newyork", "both"]),
        ("weekdays sunday; in UTC", &["all"]),
    ];
    assert_on_call(
        &shifts,
        &[
            ("2026-11-20T07:59:59Z", ""),
            ("2026-11-20T08:00:00Z", "berlin both"),
            ("2026-11-20T14:00:00Z", "berlin both newyork"),
            ("2026-11-20T17:00:00Z", "newyork both"),
            ("2026-11-22T14:00:00Z", "berlin both newyork all"),
        ],
    );
}

#[test]
fn a_night_is_as_long_as_the_clocks_make_it() {
    let night: [(&str, &[&str]); 2] = [
        ("times 22:00-24:00,00:00-06:00; in Europe/Berlin", &["night"]),
        ("times 02:00-03:00; in Europe/Berlin", &["deep"]),
    ];
    assert_on_call(
        &night,
        &[
            // In October the hour from 02:00 comes twice: first in summer time (UTC+2), then in winter time.
            ("2026-10-24T19:59:59Z", ""),
            ("2026-10-24T20:00:00Z", "night"),
            ("2026-10-24T23:59:59Z", "night"),
            ("2026-10-25T00:00:00Z", "night deep"),
            ("2026-10-25T00:59:59Z", "night deep"),
            ("2026-10-25T01:00:00Z", "night deep"),
            ("2026-10-25T01:59:59Z", "night deep"),
            ("2026-10-25T02:00:00Z", "night"),
            ("2026-10-25T04:59:59Z", "night"),
            ("2026-10-25T05:00:00Z", ""),
            // In March the clock goes from 02:00 to 03:00.
            ("2026-03-28T20:59:59Z", ""),
            ("2026-03-28T21:00:00Z", "night"),
            ("2026-03-29T00:59:59Z", "night"),
            ("2026-03-29T01:00:00Z", "night"),
            ("2026-03-29T03:59:59Z", "night"),
            ("2026-03-29T04:00:00Z", ""),
            // The night before had it.
            ("2026-03-28T01:30:00Z", "night deep"),
        ],
    );
}

fn by_severity() -> MentionRules {
    let of = |value: &str, names: &[&str]| (value.to_owned(), people(names));
    let severity = SeverityRule {
        label: "level".to_owned(),
        people: vec![
            of("critical", &["13800000000", "all"]),
            of("warning", &["wang", "li"]),
            of("P3", &["li", "zhao"]),
        ],
    };
    MentionRules { severity: Some(severity), ..MentionRules::default() }
}

#[test]
fn the_severities_of_what_fires_mention_together() {
    let level = |value| [("level", value)];
    for (alerts, expected) in [
        (vec![firing(&level("critical"))], "13800000000 all"),
        (vec![firing(&level(" Warning "))], "wang li"),
        (vec![firing(&level("p3")), firing(&level("warning"))], "wang li zhao"),
        (vec![firing(&level("warning")), resolved(&level("critical"))], "wang li"),
        (vec![firing(&level("info"))], ""),
        (vec![firing(&[("severity", "critical")])], ""),
        (vec![resolved(&level("critical"))], ""),
    ] {
        assert_eq!(shown(&chosen(&by_severity(), &alerts).people), expected, "{alerts:?}");
    }
}

/// Rules by the label and the annotation `call`, for these names.
fn by_names(sources: Vec<Source>, allowed: &[&str]) -> MentionRules {
    let allow = Allow::List(allowed.iter().map(|name| (*name).to_owned()).collect());
    MentionRules { names: Some(NameRule { sources, allow }), ..MentionRules::default() }
}

#[test]
fn names_in_labels_and_annotations_are_mentioned_if_they_are_allowed() {
    let (label, annotation) =
        (Source::Label("call".to_owned()), Source::Annotation("call".to_owned()));
    let rules = by_names(vec![label.clone()], &["wang", "li", "13800000000"]);
    let call = |value| [("call", value)];
    let other = ("other", "li");
    for (alerts, expected, refused) in [
        (vec![firing(&call("@wang"))], "wang", 0),
        (vec![firing(&call("li, wang")), firing(&call("13800000000"))], "13800000000 li wang", 0),
        (vec![firing(&call("li, zhao 13900000000")), firing(&call("zhao"))], "li", 2),
        (vec![firing(&call("all 所有人"))], "", 2),
        (vec![firing(&call("")), firing(&[other])], "", 0),
        (vec![firing(&call("wang")), resolved(&call("li zhao"))], "wang", 0),
        (vec![resolved(&call("li zhao"))], "", 0),
    ] {
        let chosen = chosen(&rules, &alerts);
        assert_eq!(shown(&chosen.people), expected, "{alerts:?}");
        let expected = Some(Refused { source: label.clone(), names: refused });
        let expected: Vec<Refused> = expected.filter(|_| refused > 0).into_iter().collect();
        assert_eq!(chosen.refused, expected, "{alerts:?}");
    }
    let both = by_names(vec![label.clone(), annotation.clone()], &["wang"]);
    let Chosen { people, refused } = chosen(&both, &[firing(&call("wang zhao"))]);
    assert_eq!(shown(&people), "wang");
    let of = |source| Refused { source, names: 1 };
    assert_eq!(refused, [of(label), of(annotation)]);
}

#[test]
fn where_nothing_fires_the_rules_say_whether_anybody_is_mentioned() {
    let mut rules = by_severity();
    rules.schedule = schedule(&[("in UTC", &["oncall"])]).schedule;
    let alerts = [resolved(&[("level", "warning")])];
    assert_eq!(chosen(&rules, &alerts), Chosen::default());
    rules.resolved = true;
    assert_eq!(shown(&chosen(&rules, &alerts).people), "wang li oncall");
    let mixed = [resolved(&[("level", "warning")]), firing(&[("level", "P3")])];
    assert_eq!(shown(&chosen(&rules, &mixed).people), "li zhao oncall", "what fires counts alone");
}

#[test]
fn names_in_alerts_take_no_place_of_anybody_in_the_configuration() {
    let mut rules = by_severity();
    rules.schedule = schedule(&[("in UTC", &["oncall"])]).schedule;
    let pattern = Allow::pattern("1.*").unwrap();
    rules.names =
        Some(NameRule { sources: vec![Source::Label("call".to_owned())], allow: pattern });
    let many: Vec<String> = (0..60).map(|number| format!("139000000{number:02}")).collect();
    let alerts = [firing(&[("level", "warning"), ("call", &many.join(","))])];
    let Chosen { people, refused } = rules.people(people(&["boss"]), alerts.iter(), at(NOON));
    assert_eq!(people.user_ids, ["boss", "wang", "li", "oncall"]);
    assert_eq!((people.mobiles.len(), &refused[..]), (46, &[][..]));
}

#[test]
fn whom_every_message_mentions_is_mentioned_with_what_fires() {
    let rules = by_severity();
    let always = people(&["li", "boss"]);
    let alerts = [firing(&[("level", "warning")])];
    let chosen = rules.people(always, alerts.iter(), at(NOON));
    assert_eq!(shown(&chosen.people), "li boss wang");
    assert_eq!((rules.tests(), by_names(Vec::new(), &[]).tests()), (1, 0));
}
