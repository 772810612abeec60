//! Digests as a reader sees them, and what must hold of every digest.

mod earlier;
mod hold;
mod read;

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::*;
use crate::alert::Status;
use crate::dingtalk::message::MessageType;
use crate::render::Language;
use crate::render::tests::{chatbot, now, style};

/// A state with values of its own.
#[derive(Debug, Clone)]
struct State {
    status: Status,
    firing: u64,
    resolved: u64,
    severity: String,
    alertnames: Vec<String>,
    more_alertnames: u64,
    group_labels: BTreeMap<String, String>,
    since: Option<Timestamp>,
    came: Option<Timestamp>,
    link: String,
}

type Labels<'a> = &'a [(&'a str, &'a str)];

/// A time of the day of [`now`] in its zone.
fn time(clock: &str) -> Timestamp {
    format!("2026-11-21T{clock}:00+08:00").parse().unwrap()
}

/// The state of a group that fires since 03:12.
fn firing(name: &str, severity: &str, labels: &[(&str, &str)]) -> State {
    let labels = [("alertname", name)].into_iter().chain(labels.iter().copied());
    let group_labels: BTreeMap<String, String> =
        labels.map(|(name, value)| (name.into(), value.into())).collect();
    let group = group_labels.iter().collect();
    let link = crate::render::link::group_page_of("http://am.example:9093", "campana", &group);
    State {
        status: Status::Firing,
        firing: 1,
        resolved: 0,
        severity: severity.into(),
        alertnames: vec![name.into()],
        more_alertnames: 0,
        group_labels,
        since: Some(time("03:12")),
        came: Some(time("03:13")),
        link: link.unwrap_or_default(),
    }
}

impl State {
    /// The same, resolved at 03:25.
    fn resolved(self) -> Self {
        let (firing, resolved) = (0, self.firing);
        Self { status: Status::Resolved, firing, resolved, came: Some(time("03:25")), ..self }
    }

    fn since(self, clock: &str) -> Self {
        Self { since: Some(time(clock)), ..self }
    }

    fn as_state(&self) -> GroupState<'_> {
        GroupState {
            status: self.status,
            firing: self.firing,
            resolved: self.resolved,
            severity: &self.severity,
            alertnames: &self.alertnames,
            more_alertnames: self.more_alertnames,
            group_labels: &self.group_labels,
            since: self.since,
            came: self.came,
            link: &self.link,
        }
    }
}

fn group(states: &[State]) -> DigestGroup<'_> {
    DigestGroup::of(states.iter().map(State::as_state).collect()).unwrap()
}

fn groups(all: &[Vec<State>]) -> Vec<DigestGroup<'_>> {
    all.iter().map(|states| group(states)).collect()
}

fn markdown(all: &[Vec<State>]) -> Digest {
    let style = style(MessageType::Markdown, Language::En);
    write(&groups(all), &At::default(), &style, &chatbot(), None, now())
}

/// The lines of the groups, each with its emoji.
fn lines(digest: &Digest) -> Vec<String> {
    let text = digest.part.text();
    let lines = text.lines().skip(1).filter(|line| line.contains("**"));
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn a_reader_sees_what_fires_first_then_the_severe_then_the_new() {
    let one = |n: usize, severity| firing(&format!("N{n}"), severity, &[("pod", &n.to_string())]);
    let all = [
        vec![one(1, "critical").resolved()],
        vec![one(2, "info")],
        vec![one(3, "warning")],
        vec![one(4, "critical").since("03:10")],
        vec![one(5, "critical").since("03:14")],
        vec![one(6, "warning").resolved()],
        vec![State { since: None, ..one(7, "critical") }],
    ];
    let digest = markdown(&all);
    let order = lines(&digest);
    let order: Vec<_> = order.iter().map(|line| line.split("**").nth(1).unwrap()).collect();
    let names = order.iter().map(|name| &name[1..3]).collect::<Vec<_>>();
    assert_eq!(names, ["N5", "N4", "N7", "N3", "N2", "N1", "N6"]);
    assert_eq!(digest.groups, 7);
    let about = digest.about;
    assert_eq!((about.firing, about.resolved, about.severity.as_str()), (5, 2, "critical"));
    assert_eq!((about.alertnames.len(), about.more_alertnames), (7, 0));
}

#[test]
fn a_line_says_what_happened_meanwhile() {
    let one = || firing("Disk", "info", &[("pod", "a")]);
    let three = State { firing: 2, resolved: 1, ..one() };
    let undated = State { since: None, came: None, ..one() };
    let cases: [(Vec<State>, &str); 9] = [
        (vec![one()], "🔵 Disk a · since 03:12"),
        (vec![undated.clone()], "🔵 Disk a"),
        (vec![one().resolved()], "✅ Disk a · since 03:12, recovered 03:25"),
        (vec![State { came: None, ..undated.resolved() }], "✅ Disk a · recovered"),
        (vec![one(), one().resolved()], "✅ Disk a · fired 03:12 and recovered 03:25"),
        (
            vec![one().resolved(), one().since("03:28")],
            "🔵 Disk a · recovered 03:25, fired again 03:28",
        ),
        (
            vec![one(), three.clone(), three.clone()],
            "🔵 Disk a · 2 firing, 2 resolved · since 03:12",
        ),
        (
            vec![one(), one().resolved(), three, one().resolved()],
            "✅ Disk a · 2 resolved · fired 03:12 and recovered 03:25",
        ),
        (
            vec![State { since: Some("2025-11-20T18:00:00Z".parse().unwrap()), ..one() }],
            "🔵 Disk a · since 2025-11-21 02:00",
        ),
    ];
    let style = style(MessageType::Text, Language::En);
    for (states, expected) in cases {
        let digest = write(&[group(&states)], &At::default(), &style, &chatbot(), None, now());
        let text = digest.part.text();
        assert!(text.lines().any(|line| line == expected), "{expected}: {text}");
    }
}

#[test]
fn labels_that_all_share_stand_once_and_no_line_is_without_a_label_that_others_have() {
    let of = |labels: &[Labels<'_>]| {
        let states = labels.iter().enumerate();
        let all: Vec<Vec<State>> =
            states.map(|(n, labels)| vec![firing(&format!("N{n}"), "info", labels)]).collect();
        let style = style(MessageType::Text, Language::En);
        let digest = write(&groups(&all), &At::default(), &style, &chatbot(), None, now());
        let text = digest.part.text();
        let common = text.lines().filter(|line| line.starts_with("cluster")).collect::<Vec<_>>();
        let lines = text.lines().filter(|line| line.starts_with("🔵 N"));
        let lines = lines.map(|line| line["🔵 N0".len()..].replace(" since 03:12", ""));
        (common.join(""), lines.collect::<Vec<_>>().join("|"))
    };
    let cases: [(&[Labels<'_>], (&str, &str)); 4] = [
        (&[&[("cluster", "a"), ("x", "1")]], ("", " a · x: 1 ·")),
        (&[&[("cluster", "a")], &[("cluster", "a")]], ("cluster: a", "|")),
        (
            &[&[("cluster", "a"), ("x", "1")], &[("cluster", "a"), ("x", "2")]],
            ("cluster: a", " x: 1 ·| x: 2 ·"),
        ),
        (&[&[("cluster", "a"), ("x", "1")], &[("cluster", "a")]], ("cluster: a", " x: 1 ·| a ·")),
    ];
    for (labels, (common, lines)) in cases {
        assert_eq!(of(labels), (common.to_owned(), lines.to_owned()), "{labels:?}");
    }
}

#[test]
fn with_most_lines_all_groups_are_taken_and_counted() {
    let all: Vec<Vec<State>> = (0..500)
        .map(|n| vec![firing("Disk", "warning", &[("instance", &format!("db-{n:03}"))])])
        .collect();
    let style = style(MessageType::Text, Language::En);
    for (most, more) in [(3, "and 497 more groups"), (499, ""), (0, "and 500 more groups")] {
        let digest = write(&groups(&all), &At::default(), &style, &chatbot(), Some(most), now());
        let text = digest.part.text();
        assert_eq!(digest.groups, 500);
        assert!(text.contains("[FIRING:500] 500 alert groups"), "{text}");
        let lines = text.lines().filter(|line| line.contains("db-")).count();
        assert!(lines <= most && (most > 3 || lines == most), "{lines}");
        assert!(text.contains(more), "{text}");
        let counted = format!("and {} more groups", 500 - lines);
        assert!(text.contains(&counted) || lines + 1 == 500, "{text}");
    }
}

#[test]
fn a_panic_while_writing_ends_in_a_message_and_is_reported() {
    let all = [vec![firing("Disk", "info", &[])], vec![firing("Cpu", "info", &[]).resolved()]];
    let style = style(MessageType::Markdown, Language::En);
    let digest =
        or_last_resort(&groups(&all), &At::default(), &style, &chatbot(), || panic!("planted"));
    assert_eq!(digest.error.as_deref(), Some("the digest panicked: planted"));
    assert_eq!((digest.groups, digest.about.firing, digest.about.resolved), (2, 1, 1));
    let text = digest.part.text();
    assert!(text.starts_with("firing 1, resolved 1: Cpu, Disk\n"), "{text}");
}

#[test]
fn no_group_at_all_is_a_message_too() {
    let digest = markdown(&[]);
    assert_eq!((digest.groups, digest.error), (0, None));
    assert!(digest.part.text().starts_with("### ✅ 0 alert groups\n"), "{}", digest.part.text());
}

#[test]
fn an_unknown_word_fires() {
    let words = ["firing", "resolved", ""].map(status);
    assert_eq!(words, [Status::Firing, Status::Resolved, Status::Firing]);
}
