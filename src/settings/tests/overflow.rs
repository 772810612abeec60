//! Tests of what a destination does when more waits than its rate lets through: folding, pools, and
//! the order of severities.

use super::{errors, load, with_chatbot, with_section};
use crate::settings::{Overflow, SeverityOrder};

fn overflow(keys: &str) -> Overflow {
    load(&with_chatbot(keys)).receivers[0].destinations[0].overflow
}

#[test]
fn a_destination_folds_unless_it_says_otherwise() {
    for (keys, expected) in [
        ("", Overflow::Fold { most_lines: None }),
        (", overflow: fold", Overflow::Fold { most_lines: None }),
        (", digest_lines: 50", Overflow::Fold { most_lines: Some(50) }),
        (", overflow: queue", Overflow::Queue),
    ] {
        assert_eq!(overflow(keys), expected, "{keys}");
    }
}

/// The first error of a chatbot with these keys, without the file's name.
fn refusal(keys: &str) -> String {
    let text = format!("receivers: [{{name: r, chatbots: [{{name: b{keys}}}]}}]\n");
    errors(&text).lines().next().unwrap_or_default().trim_start_matches("c.yml:").to_owned()
}

#[test]
fn what_contradicts_itself_is_refused_in_words() {
    for (keys, words) in [
        (", access_token: t, overflow: drop", "expected one of fold, queue, found the text `drop`"),
        (
            ", access_token: t, digest_lines: 0",
            "receivers[0].chatbots[0].digest_lines: expected a whole number from 1 to 1000",
        ),
        (
            ", access_token: t, overflow: queue, digest_lines: 5",
            "with `overflow: queue` there are no digests; remove one of both",
        ),
        (
            ", access_token: t, pool: [{access_token: u}]",
            "receivers[0].chatbots[0].access_token: excludes `pool`; write it at its robot",
        ),
        (", pool: []", "needs at least one robot"),
        (", pool: [{secret: SECx}]", ".pool[0]: one of the keys `access_token`"),
        (", pool: [{access_token: t}, {access_token: t}]", "this robot stands in line 1 already"),
        (", pool: [{access_token: t, rate: {messages: 1}}]", ".pool[0].rate: unknown key"),
    ] {
        let found = refusal(keys);
        assert!(found.contains(words), "{keys}: {found}");
    }
    let crowd: Vec<String> = (0..11).map(|n| format!("{{access_token: t{n}}}")).collect();
    let found = refusal(&format!(", pool: [{}]", crowd.join(", ")));
    assert!(found.contains("at most 10 robots"), "{found}");
}

/// The keywords of a pool whose robots have these.
fn keywords(robots: &[&str]) -> Vec<String> {
    let robots = robots.iter().enumerate();
    let robots: Vec<String> =
        robots.map(|(n, list)| format!("{{access_token: t{n}, keywords: [{list}]}}")).collect();
    let pool = robots.join(", ");
    let text = format!("receivers: [{{name: r, chatbots: [{{name: b, pool: [{pool}]}}]}}]\n");
    let settings = load(&text);
    let destination = &settings.receivers[0].destinations[0];
    assert_eq!(destination.endpoints().count(), robots.len());
    destination.surface.keywords.clone()
}

#[test]
fn a_message_of_a_pool_satisfies_each_of_its_robots() {
    let cases: [(&[&str], &[&str]); 5] = [
        (&["", ""], &[]),
        (&["alert", ""], &["alert"]),
        (&["alert, ops", "ops, 告警"], &["ops"]),
        (&["alert", "告警"], &["alert 告警"]),
        (&["alert", "alert, x", "y"], &["alert y"]),
    ];
    for (robots, expected) in cases {
        assert_eq!(keywords(robots), expected, "{robots:?}");
    }
}

#[test]
fn no_secret_of_a_pool_is_shown() {
    let text = "receivers: [{name: r, chatbots: [{name: b, pool: [{access_token: canary1, \
                secret: SECcanary2}, {webhook_url: 'https://h/?access_token=canary3'}]}]}]\n";
    let shown = load(text).redacted();
    assert!(shown.contains("pool:") && !shown.contains("canary"), "{shown}");
}

#[test]
fn the_order_of_severities_can_be_set() {
    let severity = |section: &str| load(&with_section(section)).delivery.severity;
    assert_eq!(severity("delivery: {max_age: 1h}"), SeverityOrder::default());
    let set = severity("delivery: {severity: {label: level, order: [P1, P2]}}");
    assert_eq!(set.label, "level");
    assert_eq!(["p1", "P2", "p3"].map(|value| set.rank(value)), [0, 1, 2]);
    let twice = errors(&with_section("delivery: {severity: {order: [a, A]}}"));
    assert!(twice.contains("this value stands in line 1 already"), "{twice}");
}

/// Two receivers more, `b` and `c`, where `a` has these keys and so do they.
fn chain(a: &str, b: &str, c: &str) -> String {
    let one = |name: &str, keys: &str, token: &str| {
        format!("{{name: {name}{keys}, chatbots: [{{name: x, access_token: {token}}}]}}")
    };
    format!("receivers: [{}, {}, {}]\n", one("a", a, "t1"), one("b", b, "t2"), one("c", c, "t3"))
}

#[test]
fn a_fallback_is_that_of_the_destination_or_of_its_receiver() {
    let text = "receivers: [{name: a, fallback: b, chatbots: [{name: x, access_token: t1}, \
                {name: y, access_token: t2, fallback: {receiver: c, after: 10m}}]}, \
                {name: b, chatbots: [{name: x, access_token: t3}]}, \
                {name: c, chatbots: [{name: x, access_token: t4}]}]\n";
    let settings = load(text);
    let found: Vec<_> = settings.receivers[0]
        .destinations
        .iter()
        .map(|destination| destination.fallback.clone().unwrap())
        .map(|fallback| (fallback.receiver, fallback.after.map(|after| after.as_secs())))
        .collect();
    assert_eq!(found, [("b".to_owned(), None), ("c".to_owned(), Some(600))]);
    let of = |receiver: usize, destination| {
        settings.receivers[receiver].fallback_of(destination).map(|it| &*it.receiver)
    };
    assert_eq!([of(0, "x"), of(0, "y")], [Some("b"), Some("c")]);
    assert_eq!([of(0, "removed"), of(1, "removed")], [Some("b"), None], "its receiver's");
    assert!(settings.redacted().contains("after: 10m"), "{}", settings.redacted());
}

#[test]
fn a_fallback_that_leads_nowhere_or_back_is_refused() {
    let to = |name: &str| format!(", fallback: {name}");
    let way = "leads back to where it began: `a` -> `b` -> `c` -> `a`";
    for (text, words) in [
        (chain(&to("bb"), "", ""), "there is no receiver `bb` to fall back to; did you mean `b`?"),
        (chain(&to("a"), "", ""), "leads back to where it began: `a` -> `a`"),
        (chain(&to("b"), &to("c"), &to("a")), way),
        (chain(&to("b"), ", enabled: false", ""), "the receiver `b` is disabled"),
        (chain(", fallback: {after: 10m}", "", ""), "`receiver`"),
        (chain(", fallback: {receiver: b, after: 1s}", "", ""), "receivers[0].fallback.after: "),
    ] {
        let found = errors(&text);
        assert!(found.contains(words), "{text}: {found}");
    }
    load(&chain(&to("b"), &to("c"), ""));
}

#[test]
fn destinations_can_share_a_quota_of_one_size() {
    let text = |first: &str, second: &str| {
        format!(
            "receivers: [{{name: r, chatbots: [{{name: x, access_token: t1, quota: {first}}}, \
             {{name: y, access_token: t2, quota: {second}}}]}}]\n"
        )
    };
    let settings = load(&text("{per_month: 3000, name: org}", "{per_month: 50}"));
    let quotas: Vec<_> = settings.quotas().into_iter().collect();
    assert_eq!(quotas, [("org", 3_000), ("r/y", 50)]);
    assert!(settings.redacted().contains("name: org"), "{}", settings.redacted());
    for (second, words) in [
        ("{per_month: 5, name: org}", "the quota `org` is 3000 a month in line 1"),
        ("{name: other}", "`per_month`"),
        ("{per_month: 0}", "receivers[0].chatbots[1].quota.per_month: "),
    ] {
        let found = errors(&text("{per_month: 3000, name: org}", second));
        assert!(found.contains(words), "{second}: {found}");
    }
}
