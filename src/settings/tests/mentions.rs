//! Tests of a chatbot's `mention`: what its rules become, and what is said of a slip in them, with the
//! place.

use super::{destinations, errors, load, load_with, warnings, with_chatbot};
use crate::settings::diagnostic::FURTHER;

/// A file of one line whose only chatbot has this value of `mention`.
fn with(value: &str) -> String {
    with_chatbot(&format!(", mention: {value}"))
}

/// Lines about this value without the file's name, their place and the way to the chatbot.
fn of_mention<'l>(lines: impl Iterator<Item = &'l str>) -> Vec<String> {
    let lines = lines.filter(|line| *line != FURTHER);
    let key = |line: &str| {
        let (_, text) = line.split_once("receivers[0].chatbots[0].").unwrap();
        text.to_owned()
    };
    lines.map(key).collect()
}

/// The errors of this value.
fn found(value: &str) -> Vec<String> {
    let errors = errors(&with(value));
    of_mention(errors.lines().filter(|line| !line.contains(": warning: ")))
}

/// The warnings of this value, which is valid.
fn warned(value: &str) -> Vec<String> {
    of_mention(warnings(&with(value)).iter().map(String::as_str))
}

/// Each value, and how the only error about it begins.
#[track_caller]
fn assert_found(cases: &[(&str, &str)]) {
    for (value, expected) in cases {
        let found = found(value);
        assert!(found.len() == 1 && found[0].starts_with(expected), "{value}\n{found:#?}");
    }
}

const EVERY_RULE: &str = "{mobiles: ['13800000000'], resolved: true, from_label: oncall, \
     from_annotation: [mention, call], allow: [zhangsan, 13900000000, '+1-4155550100'], \
     by_severity: {Critical: {all: true}, warning: {user_ids: [wang]}}, \
     schedule: [{weekdays: ['monday:friday'], times: [{start_time: '09:00', end_time: '18:00'}], \
     location: Asia/Shanghai, mobiles: ['13700000000']}, \
     {not: {weekdays: [sunday]}, location: UTC, user_ids: [li], all: true}]}";

#[test]
fn what_is_shown_of_the_rules_reads_as_the_same() {
    assert_eq!(warned(EVERY_RULE), [""; 0]);
    let settings = load(&with(EVERY_RULE));
    let redacted = settings.redacted();
    let (_, shown) = redacted.split_once("        mention:\n").unwrap();
    let (shown, _) = shown.split_once("        rate:\n").unwrap();
    insta::assert_snapshot!(shown);
    let again = format!(
        "receivers:\n  - name: r\n    chatbots:\n      - name: b\n        access_token: t\n        \
         mention:\n{shown}"
    );
    let again = load(&again);
    let [one, other] = [&settings, &again].map(|settings| destinations(settings)[0]);
    assert_eq!((&one.surface, &one.mentions), (&other.surface, &other.mentions));
    assert!(one.mentions.is_some() && settings.receivers[0].mentions_by_name());
}

#[test]
fn without_a_rule_there_are_none() {
    for value in ["{}", "{mobiles: ['13800000000'], resolved: true}"] {
        let settings = load(&with(value));
        assert_eq!(destinations(&settings)[0].mentions, None, "{value}");
        assert!(!settings.receivers[0].mentions_by_name());
    }
}

#[test]
fn a_pattern_is_one_text_and_shown_as_it_is_written() {
    let settings = load(&with("{from_label: [oncall], allow: 'zhang.*|138\\d{8}'}"));
    let redacted = settings.redacted();
    assert!(
        redacted.contains("from_label: [oncall]\n          allow: 'zhang.*|138\\d{8}'\n"),
        "{redacted}"
    );
}

#[test]
fn names_in_alerts_need_somebody_who_is_allowed() {
    let why =
        "needs `allow`, a list of people or a regular expression: whoever writes an alert's labels";
    for key in ["from_label", "from_annotation"] {
        assert_found(&[(&format!("{{{key}: oncall}}"), &format!("mention.{key}: {why}"))]);
    }
    assert_eq!(
        warned("{allow: [zhangsan]}"),
        [
            "mention.allow: is not used: no alert names anybody without `from_label` or `from_annotation`"
        ]
    );
    let of = |allow: &str| format!("{{from_label: oncall, allow: {allow}}}");
    for (allow, expected) in [
        ("[]", "mention.allow: allows nobody; name the people whom alerts may mention"),
        (
            "",
            "mention.allow: expected a text (a regular expression, or a list of people), found nothing",
        ),
        (
            "{a: b}",
            "mention.allow: expected a text (a regular expression, or a list of people), found a mapping",
        ),
        ("'zhang('", "mention.allow: "),
        ("'+1-4155550100'", "mention.allow: "),
        ("[[a]]", "mention.allow[0]: expected a text (a person), found a list"),
        (
            "[a, all]",
            "mention.allow[1]: nobody has this name; no alert mentions everyone by a name",
        ),
        ("[156xxxx8827]", "mention.allow[0]: expected a mobile number as DingTalk knows it"),
        ("['a b']", "mention.allow[0]: holds a space, a comma or a semicolon"),
        ("['${ONCALL}']", "mention.allow[0]: environment variable `ONCALL` is not set"),
        ("['zhang*']", "mention.allow[0]: is no user id that an alert can name"),
    ] {
        assert_found(&[(&of(allow), expected)]);
    }
    assert!(found(&of("'+1-4155550100'"))[0].contains("a single person stands in a list too"));
    assert_eq!(
        warned(&of("[a, b, a]")),
        ["mention.allow[2]: this person stands in line 1 already"]
    );
    assert!(load_with(&with(&of("['${ONCALL}']")), &[("ONCALL", "13800000000")]).is_ok());
}

#[test]
fn where_names_come_from_is_one_name_or_a_list() {
    let of = |value: &str| format!("{{from_annotation: {value}, allow: [a]}}");
    for (value, expected) in [
        ("[]", "mention.from_annotation: needs at least one name; leave the key out"),
        (
            "''",
            "mention.from_annotation: expected a text (an annotation's name), found an empty one",
        ),
        (
            "{a: b}",
            "mention.from_annotation: expected a text (an annotation's name), found a mapping",
        ),
        (
            "[call, [a]]",
            "mention.from_annotation[1]: expected a text (an annotation's name), found a list",
        ),
    ] {
        assert_found(&[(&of(value), expected)]);
    }
}

#[test]
fn a_severity_mentions_somebody() {
    let of = |value: &str| format!("{{by_severity: {value}}}");
    for (value, expected) in [
        (
            "[critical]",
            "mention.by_severity: expected a mapping (`critical: {all: true}`), found a list",
        ),
        ("{}", "mention.by_severity: needs at least one severity, such as `critical`"),
        ("{critical: all}", "mention.by_severity.critical: expected a mapping"),
        (
            "{critical: {}}",
            "mention.by_severity.critical: mentions nobody; name people under `mobiles` or",
        ),
        ("{critical: {all: false}}", "mention.by_severity.critical: mentions nobody"),
        (
            "{critical: {mobile: [a]}}",
            "mention.by_severity.critical.mobile: unknown key; did you mean `mobiles`? (valid keys of a value of `by_severity`: mobiles, user_ids, all)",
        ),
        (
            "{critical: {mobiles: [156xxxx8827]}}",
            "mention.by_severity.critical.mobiles[0]: expected a mobile number",
        ),
        ("{critical: {user_ids: ['@a']}}", "mention.by_severity.critical.user_ids[0]: holds `@`"),
        (
            "{critical: {all: true}, CRITICAL: {all: true}}",
            "mention.by_severity.CRITICAL: this severity stands in line 1 already; case does not count",
        ),
    ] {
        let found = found(&of(value));
        let is_told = found.iter().any(|line| line.starts_with(expected));
        assert!(is_told, "{value}\n{found:#?}");
    }
}

#[test]
fn a_severity_that_no_alert_has_is_a_warning() {
    let warned = |order: &str, value: &str| {
        let text =
            format!("{order}{}", with(&format!("{{by_severity: {{{value}: {{all: true}}}}}}")));
        of_mention(warnings(&text).iter().map(String::as_str))
    };
    let order = "delivery: {severity: {label: level, order: [P1, page, ticket]}}\n";
    let not_there = "`delivery.severity.order` does not have this value";
    for (order, value, expected) in [
        (order, "page", ""),
        (order, "Ticket", ""),
        (
            order,
            "tickt",
            &*format!("mention.by_severity.tickt: {not_there}; did you mean `ticket`?"),
        ),
        (order, "critical", &*format!("mention.by_severity.critical: {not_there}")),
        ("delivery: {severity: {order: []}}\n", "critical", ""),
        ("", "critical", ""),
        ("", "P1", ""),
        (
            "",
            "critcal",
            "mention.by_severity.critcal: this is none of the usual words for severities; did you mean `critical`?",
        ),
    ] {
        assert_eq!(warned(order, value).join("\n"), expected, "{order}{value}");
    }
    let text = format!("{order}{}", with("{by_severity: {page: {all: true}}}"));
    let rules = destinations(&load(&text))[0].mentions.clone().unwrap();
    assert_eq!(rules.severity.as_ref().unwrap().label, "level");
}

const HOURS: &str =
    "weekdays: ['monday:friday'], times: [{start_time: '09:00', end_time: '18:00'}]";

#[test]
fn a_shift_is_an_interval_with_somebody() {
    let of = |value: &str| format!("{{schedule: {value}}}");
    for (value, expected) in [
        (
            "[]",
            "mention.schedule: needs at least one entry; leave the key out if nobody is on call",
        ),
        (
            "{all: true}",
            "mention.schedule: expected a list of time intervals with people, found a mapping",
        ),
        (
            "[monday]",
            "mention.schedule[0]: expected a mapping (`{weekdays: ['monday:friday'], times: ",
        ),
        (
            "[{weekdays: [monday], location: UTC}]",
            "mention.schedule[0]: mentions nobody; name people",
        ),
        (
            "[{weekdays: [mon], location: UTC, all: true}]",
            "mention.schedule[0].weekdays[0]: expected a weekday's name",
        ),
        (
            "[{location: CST, all: true}]",
            "mention.schedule[0].location: expected the IANA name of a time zone, found `CST`",
        ),
        (
            "[{location: UTC, mobiles: [abc]}]",
            "mention.schedule[0].mobiles[0]: expected a mobile number",
        ),
        (
            "[{location: UTC, mobiles: ['${ONCALL}']}]",
            "mention.schedule[0].mobiles[0]: environment variable `ONCALL` is not set",
        ),
        (
            "[{timezone: UTC, all: true}]",
            "mention.schedule[0].timezone: the zone is written as `location`",
        ),
        ("[{people: [a], all: true}]", "mention.schedule[0].people: unknown key"),
        (
            "[{not: {mobiles: ['13800000000']}, all: true}]",
            "mention.schedule[0].not.mobiles: unknown key (valid keys of a time interval below `not`",
        ),
        (
            "[{times: [{start_time: '22:00', end_time: '06:00'}], location: UTC, all: true}]",
            "mention.schedule[0].times[0]: the range ends before it begins; over midnight, write two: {start_time: '22:00', end_time: '24:00'}, {start_time: '00:00', end_time: '06:00'}",
        ),
    ] {
        let found = found(&of(value));
        assert!(found[0].starts_with(expected), "{value}\n{found:#?}");
    }
}

#[test]
fn a_shift_of_which_nobody_wrote_the_zone_or_the_times_is_a_warning() {
    let of = |value: &str| format!("{{schedule: [{value}]}}");
    for (value, expected) in [
        (
            format!("{{{HOURS}, all: true}}"),
            "mention.schedule[0]: without `location` this interval is in UTC",
        ),
        (
            "{all: true}".to_owned(),
            "mention.schedule[0]: this interval always holds; whom every message",
        ),
        (
            "{location: UTC, all: true}".to_owned(),
            "mention.schedule[0]: this interval always holds",
        ),
        ("{not: {}, all: true}".to_owned(), "mention.schedule[0]: this interval never holds"),
        (
            "{times: [], location: UTC, all: true}".to_owned(),
            "mention.schedule[0].times: an empty list never",
        ),
    ] {
        let warned = warned(&of(&value));
        assert!(warned.len() == 1 && warned[0].starts_with(expected), "{value}\n{warned:#?}");
    }
    let nights = "{not: {weekdays: [sunday]}, location: UTC, all: true}";
    assert_eq!(
        warned(&of(&format!("{{{HOURS}, location: UTC, all: true}}, {nights}, {nights}"))),
        [""; 0]
    );
}

#[test]
fn each_list_of_people_has_at_most_fifty() {
    let many: Vec<String> = (0..51).map(|number| format!("u{number}")).collect();
    let many = format!("user_ids: [{}]", many.join(", "));
    for (value, key) in [
        (format!("{{{many}}}"), "mention: "),
        (format!("{{by_severity: {{critical: {{{many}}}}}}}"), "mention.by_severity.critical: "),
        (format!("{{schedule: [{{{HOURS}, location: UTC, {many}}}]}}"), "mention.schedule[0]: "),
    ] {
        assert_eq!(found(&value), [format!("{key}DingTalk mentions at most 50 people")]);
    }
}

#[test]
fn all_slips_are_said_at_once() {
    let value = "{mobiles: [abc], from_label: [], from_annotation: 5, allow: [all, 'a b'], by_severity: \
                 {critical: {}, warning: {user_ids: ['@']}}, schedule: [{weekdays: [mon]}, 5]}";
    let found = found(value);
    assert_eq!(found.len(), 9, "{found:#?}");
}
