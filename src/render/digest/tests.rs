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
use crate::render::Surface;
use crate::render::severity::SeverityOrder;
use crate::render::tests::{chatbot, now, style};

/// A state with values of its own.
#[derive(Debug, Clone)]
struct State {
    status: Status,
    firing: u64,
    resolved: u64,
    unsent: u64,
    fires_again: bool,
    severity: String,
    alertnames: Vec<String>,
    more_alertnames: u64,
    group_labels: BTreeMap<String, String>,
    shared_labels: BTreeMap<String, String>,
    since: Option<Timestamp>,
    came: Option<Timestamp>,
    link: String,
    instead_of: String,
    at: At,
}

type Labels<'a> = &'a [(&'a str, &'a str)];

/// A digest in the usual order of severities.
fn write(
    groups: &[DigestGroup<'_>],
    style: &Style,
    surface: &Surface,
    most_lines: Option<usize>,
    now: Timestamp,
) -> Digest {
    super::write(groups, style, surface, most_lines, &SeverityOrder::USUAL, now)
}

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
    let link = crate::render::link::group_page_at("http://am.example:9093", "campana", &group);
    State {
        status: Status::Firing,
        firing: 1,
        resolved: 0,
        unsent: 0,
        fires_again: false,
        severity: severity.into(),
        alertnames: vec![name.into()],
        more_alertnames: 0,
        group_labels,
        shared_labels: BTreeMap::new(),
        since: Some(time("03:12")),
        came: Some(time("03:13")),
        link: link.unwrap_or_default(),
        instead_of: String::new(),
        at: At::default(),
    }
}

impl State {
    /// The same, resolved at 03:25.
    fn resolved(self) -> Self {
        let (firing, resolved) = (0, self.firing);
        let (status, came) = (Status::Resolved, Some(time("03:25")));
        Self { status, firing, resolved, came, ..self }
    }

    fn since(self, clock: &str) -> Self {
        Self { since: Some(time(clock)), ..self }
    }

    fn as_state(&self) -> GroupState<'_> {
        GroupState {
            status: self.status,
            firing: self.firing,
            resolved: self.resolved,
            unsent: self.unsent,
            fires_again: self.fires_again,
            severity: &self.severity,
            alertnames: &self.alertnames,
            more_alertnames: self.more_alertnames,
            group_labels: &self.group_labels,
            shared_labels: &self.shared_labels,
            since: self.since,
            came: self.came,
            link: &self.link,
            instead_of: &self.instead_of,
            at: &self.at,
        }
    }
}

fn group(states: &[State]) -> DigestGroup<'_> {
    DigestGroup::of(states.iter().map(State::as_state).collect()).unwrap()
}

fn groups(all: &[Vec<State>]) -> Vec<DigestGroup<'_>> {
    all.iter().map(|states| group(states)).collect()
}

/// The same groups, whose newest states all mention `at`.
fn mentioning(mut all: Vec<Vec<State>>, at: &At) -> Vec<Vec<State>> {
    for newest in all.iter_mut().filter_map(|states| states.last_mut()) {
        newest.at = at.clone();
    }
    all
}

fn mobile(number: &str) -> At {
    At { mobiles: vec![number.into()], ..At::default() }
}

fn markdown(all: &[Vec<State>]) -> Digest {
    let style = style(MessageType::Markdown, Language::En);
    write(&groups(all), &style, &chatbot(), None, now())
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
        let digest = write(&[group(&states)], &style, &chatbot(), None, now());
        let text = digest.part.text();
        assert!(text.lines().any(|line| line == expected), "{expected}: {text}");
    }
}

#[test]
fn a_group_that_was_cut_is_called_neither_firing_nor_resolved() {
    let cut = |one: State| State { unsent: 3, ..one };
    let one = || firing("Disk", "info", &[("pod", "a")]);
    let style = style(MessageType::Text, Language::En);
    let of = |states: &[State]| {
        let other = [firing("Cpu", "info", &[("pod", "b")]).resolved()];
        let groups = [group(states), group(&other)];
        let digest = write(&groups, &style, &chatbot(), None, now());
        let lines: Vec<String> = digest.part.text().lines().map(str::to_owned).collect();
        let line = lines.iter().find(|line| line.contains("Disk a")).unwrap().clone();
        (lines[0].clone(), lines[4].clone(), line)
    };
    for (states, heading, alerts, line) in [
        (
            vec![cut(one().resolved())],
            "⚪ [UNKNOWN:1] [RESOLVED:1] 2 alert groups",
            "Alerts: 2 resolved, 3 left out by the sender",
            "⚪ Disk a · 1 resolved, 3 left out by the sender · since 03:12",
        ),
        (
            vec![cut(one())],
            "🔵 [FIRING:1] [RESOLVED:1] 2 alert groups",
            "Alerts: 1 firing, 1 resolved, 3 left out by the sender",
            "🔵 Disk a · 1 firing, 3 left out by the sender · since 03:12",
        ),
        (
            vec![cut(one().resolved()), cut(one())],
            "🔵 [FIRING:1] [RESOLVED:1] 2 alert groups",
            "Alerts: 1 firing, 2 resolved, 3 left out by the sender",
            "🔵 Disk a · 1 firing, 1 resolved, 3 left out by the sender · since 03:12",
        ),
    ] {
        assert_eq!(of(&states), (heading.into(), alerts.into(), line.into()));
    }
}

#[test]
fn a_group_whose_recovery_was_never_told_fired_again() {
    let again = State { fires_again: true, ..firing("Disk", "info", &[("pod", "a")]) };
    let style = style(MessageType::Text, Language::En);
    let text = write(&[group(&[again])], &style, &chatbot(), None, now()).part.text();
    assert!(text.contains("🔵 Disk a · fired again 03:12"), "{text}");
}

#[test]
fn labels_that_all_share_stand_once_and_no_line_is_without_a_label_that_others_have() {
    let of = |labels: &[Labels<'_>]| {
        let states = labels.iter().enumerate();
        let all: Vec<Vec<State>> =
            states.map(|(n, labels)| vec![firing(&format!("N{n}"), "info", labels)]).collect();
        let style = style(MessageType::Text, Language::En);
        let digest = write(&groups(&all), &style, &chatbot(), None, now());
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
fn groups_are_counted_without_a_line_only_above_the_most_lines() {
    let all: Vec<Vec<State>> = (0..500)
        .map(|n| vec![firing("Disk", "warning", &[("instance", &format!("db-{n:03}"))])])
        .collect();
    let style = style(MessageType::Text, Language::En);
    let of = |most: usize, max_bytes: usize| {
        let surface = Surface { max_bytes, ..chatbot() };
        let digest = write(&groups(&all), &style, &surface, Some(most), now());
        let text = digest.part.text();
        let lines = text.lines().filter(|line| line.contains("db-")).count();
        assert!(lines <= most, "{lines} of {most}");
        (digest.groups, lines, text.contains("more group"))
    };
    assert_eq!(of(3, 19_500), (500, 3, true));
    assert_eq!(of(0, 19_500), (500, 0, true));
    // So many lines do not fit: those that do not are left to the next digest, and none is hidden.
    for (most, max_bytes) in [(499, 10_000), (100, 3_000)] {
        let (groups, lines, are_more) = of(most, max_bytes);
        assert!(lines > 20 && groups == lines && !are_more, "{groups}, {lines}, {are_more}");
    }
}

#[test]
fn the_order_of_the_configuration_decides_whom_a_reader_sees_first() {
    let one = |name: &str, severity: &str| firing(name, severity, &[]);
    let all = [
        vec![one("A", "P2")],
        vec![one("B", "P1").since("03:10")],
        vec![one("C", "P9").since("03:14")],
        vec![one("D", "P1")],
        vec![one("E", "P2").resolved()],
        vec![one("F", "P1").resolved()],
    ];
    let values = ["P1", "P2", "P3"].map(str::to_owned).to_vec();
    let order = SeverityOrder { order: Some(values), ..SeverityOrder::USUAL };
    let style = style(MessageType::Text, Language::En);
    let most = |lines| super::write(&groups(&all), &style, &chatbot(), lines, &order, now());
    let digest = most(None);
    assert_eq!(digest.about.severity, "P1");
    let text = digest.part.text();
    assert!(text.contains("\n🔴 2 P1, 🟠 1 P2, 🔴 1 P9\n"), "{text}");
    let told: Vec<_> = text.lines().filter(|line| line.contains("03:")).collect();
    let begin = ["🔴 D P1 ·", "🔴 B P1 ·", "🟠 A P2 ·", "🔴 C P9 ·", "✅ F since", "✅ E since"];
    assert_eq!(told.len(), begin.len());
    for (line, begin) in told.iter().zip(begin) {
        assert!(line.starts_with(begin), "{line}");
    }
    let text = most(Some(2)).part.text();
    assert_eq!(text.lines().filter(|line| line.contains("03:")).count(), 2);
    assert!(!text.contains("🟠 A "), "{text}");
}

#[test]
fn a_phone_shows_the_severe_and_their_names_before_the_message_is_opened() {
    let title = |all: &[Vec<State>]| markdown(all).part.title().unwrap().into_owned();
    let all = ["A", "B", "C", "D"].map(|name| vec![firing(name, "critical", &[])]);
    assert_eq!(title(&all), "[FIRING:4] 4 critical: A, B and 2 others");
    let mild = vec![firing("D", "warning", &[])];
    let gone = vec![firing("E", "critical", &[]).resolved()];
    let all = [mild, gone, all[0].clone()];
    assert_eq!(title(&all), "[FIRING:2] [RESOLVED:1] 1 critical: A");
    assert_eq!(title(&all[1..2]), "[RESOLVED:1] 1 critical: E");
    assert_eq!(
        title(&[vec![State { alertnames: vec![], ..firing("", "", &[]) }]]),
        "[FIRING:1] alert"
    );
}

#[test]
fn what_fired_and_was_resolved_while_its_group_went_on_is_named() {
    let disk = || firing("Disk", "info", &[("pod", "a")]);
    let both = State {
        resolved: 1,
        alertnames: vec!["Cpu".into(), "Disk".into()],
        ..firing("Cpu", "info", &[("pod", "a")])
    };
    let cpu = || firing("Cpu", "info", &[("pod", "a")]);
    let style = style(MessageType::Text, Language::En);
    for (states, expected) in [
        (vec![disk(), both.clone(), cpu()], "🔵 Cpu, Disk a · 1 firing, 1 resolved · since 03:12"),
        (
            vec![disk(), disk().resolved(), cpu().since("03:28")],
            "🔵 Cpu, Disk a · recovered 03:25, fired again 03:28",
        ),
    ] {
        let digest = write(&[group(&states)], &style, &chatbot(), None, now());
        let text = digest.part.text();
        assert!(text.lines().any(|line| line == expected), "{expected}: {text}");
        assert_eq!(digest.about.alertnames, ["Cpu", "Disk"]);
    }
}

#[test]
fn what_the_alerts_of_a_group_share_stands_in_its_line() {
    let shared_labels = [("instance".to_owned(), "h7".to_owned())].into();
    let one = State { shared_labels, ..firing("Disk", "", &[]) };
    let text = markdown(&[vec![one], vec![firing("Cpu", "warning", &[])]]).part.text();
    assert!(text.contains(" h7 · since 03:12"), "{text}");
    assert!(text.starts_with("### 🔴"), "as red as its reddest line: {text}");
}

#[test]
fn a_long_value_is_cut_in_the_middle_since_its_end_tells_it_apart() {
    let pod =
        |end: &str| format!("customer-facing-recommendation-engine-batch-worker-deployment-{end}");
    let all =
        ["7d9f8-x1", "7d9f8-y2"].map(|end| vec![firing("Oom", "info", &[("pod", &pod(end))])]);
    let text = markdown(&all).part.text();
    for line in ["worker-deployment-7d9f8-x1 ·", "worker-deployment-7d9f8-y2 ·"] {
        assert!(text.contains(line) && text.contains("customer-facing"), "{text}");
    }
}

#[test]
fn the_names_above_are_of_what_fires_the_severe_first() {
    let mut all: Vec<Vec<State>> = (0..9)
        .map(|n| {
            vec![firing(&format!("Gone{n}"), "critical", &[("pod", &n.to_string())]).resolved()]
        })
        .collect();
    all.extend((0..9).map(|n| vec![firing("Mild", "info", &[("pod", &n.to_string())])]));
    all.push(vec![firing("Grave", "critical", &[])]);
    let text = markdown(&all).part.text();
    assert!(text.contains("\nGrave ×1, Mild ×9"), "{text}");
}

#[test]
fn a_group_that_comes_instead_of_another_destination_says_so() {
    let one = State { instead_of: "ops/duty_bot".into(), ..firing("Disk", "info", &[]) };
    let all = [vec![one], vec![firing("Cpu", "info", &[])]];
    let style = style(MessageType::Text, Language::En);
    let text = write(&groups(&all), &style, &chatbot(), None, now()).part.text();
    assert!(text.contains("🔵 Disk since 03:12 · instead of ops/duty_bot"), "{text}");
    assert_eq!(text.matches("instead of").count(), 1, "{text}");
}

#[test]
fn a_digest_mentions_whom_the_groups_mention_that_it_takes() {
    let far = |n: usize| firing("Disk", "info", &[("path", &format!("{n:03}"))]);
    let mut all: Vec<Vec<State>> = (0..100).map(|n| vec![far(n)]).collect();
    let fired = State { at: mobile("1"), ..far(0) };
    all[0] = vec![fired, far(0).resolved()];
    all[99][0].at = mobile("2");
    let style = style(MessageType::Text, Language::En);
    let surface = Surface { max_bytes: 2_000, ..chatbot() };
    let digest = write(&groups(&all), &style, &surface, None, now());
    assert!((1..99).contains(&digest.groups), "{}", digest.groups);
    assert_eq!(digest.part.at, mobile("1"));
    assert!(digest.part.text().ends_with("@1"), "{}", digest.part.text());
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
