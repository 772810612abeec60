//! Tests that no mistake hides another, and that a list which is not whole says so.

use super::errors;
use crate::settings::diagnostic::FURTHER;

/// Mistakes in each receiver, and others between them.
const CROSSED: &str = "\
receivers:
- name: backup
  enabled: false
  chatbots: [{name: b, access_token: t1, secret: SECs1, quota: {per_month: 10, name: org}}]
- name: a
  fallback: backupp
  chatbots: [{name: b, access_token: t2, quota: {per_month: 20, name: org}, max_bytes: 1}]
- name: b
  message: {type: markdwn, title: '{{ $x }}', text: ''}
  fallback: backup
  chatbots: [{name: b, access_token: t1, secret: SECs2, colour: red}]
- name: c
  fallback: {receiver: c, after: 10s}
  chatbots: []
- name: d
  conditions: [{label: a}]
  conversations:
  - {name: x, app_key: k, app_secret: s, open_conversation_ids: [i], fallback: e, mention: {}}
- name: e
  fallback: d
  chatbots: [{name: b, rate: {messages: 21}}]
- name: f
  chatbots: [{nam: b, access_token: t2, rate: {messages: 5}}]
";

#[test]
fn no_mistake_hides_what_receivers_say_of_each_other() {
    let found = errors(CROSSED);
    let of_several = [
        "c.yml:6:13: receivers[1].fallback: there is no receiver `backupp` to fall back to; did you mean `backup`?",
        "c.yml:7:49: receivers[1].chatbots[0].quota: the quota `org` is 10 a month in line 4; one quota has one size",
        "c.yml:10:13: receivers[2].fallback: the receiver `backup` is disabled and takes no alerts",
        "c.yml:11:14: receivers[2].chatbots[0]: the robot of `backup/b` (line 4) has another secret \
         here; one robot has one",
        "c.yml:13:13: receivers[3].fallback: this fallback leads back to where it began: `c` -> `c`",
        "c.yml:18:80: receivers[4].conversations[0].fallback: this fallback leads back to where it \
         began: `d` -> `e` -> `d`",
        "c.yml:20:13: receivers[5].fallback: this fallback leads back to where it began: `e` -> `d` -> `e`",
        "c.yml:23:14: receivers[6].chatbots[0]: the robot of `a/b` (line 7) has another rate here; one \
         robot has one",
    ];
    for line in of_several {
        assert!(found.lines().any(|other| other == line), "{line}\nis not in\n{found}");
    }
    for word in [
        "7:88: receivers[1].chatbots[0].max_bytes: ",
        "9:19: receivers[2].message.type: ",
        "9:39: receivers[2].message.title: undefined variable",
        "9:53: receivers[2].message.text: ",
        "11:57: receivers[2].chatbots[0].colour: unknown key",
        "12:3: receivers[3]: needs at least one entry",
        "13:34: receivers[3].fallback.after: ",
        "16:16: receivers[4].conditions[0]: the key `operator` is missing",
        "18:83: receivers[4].conversations[0].mention: ",
        "21:14: receivers[5].chatbots[0]: one of the keys `access_token`",
        "21:41: receivers[5].chatbots[0].rate.messages: ",
        "23:14: receivers[6].chatbots[0]: the key `name` is missing",
    ] {
        assert!(found.contains(&format!("\nc.yml:{word}")), "{word} is not in\n{found}");
    }
    let mistakes = super::load_with(CROSSED, &[]).unwrap_err();
    assert!(mistakes.diagnostics().iter().all(|one| !one.key.is_empty()), "{found}");
    // A template is read up to its first mistake.
    assert_eq!(found.lines().last(), Some(FURTHER));
}

#[test]
fn what_a_mistake_keeps_from_being_checked_is_told_at_the_end() {
    let bot = "chatbots: [{name: b, access_token: t}]";
    let hidden = [
        // Broken YAML, two documents.
        "receivers:\n  - name: a\n bad: [\n".to_owned(),
        format!("receivers: [{{name: a, {bot}}}]\nreceivers: []\n"),
        format!("receivers: [{{name: a, {bot}}}]\n---\nglobal: {{}}\n"),
        // A list in the place of a mapping, a mapping in that of a list, and a slip in a key.
        "receivers: {name: a}\n".to_owned(),
        format!("web: [a]\nreceivers: [{{name: a, {bot}}}]\n"),
        format!("receivers: [{{name: a, condition: [{{label: b}}], {bot}}}]\n"),
        format!("receivers: [{{name: a, conditions: [{{any: [b], all: [c]}}], {bot}}}]\n"),
        // A fallback that may lead to the receiver whose name is wrong, or whose flag.
        format!("receivers: [{{nam: b, {bot}}}, {{name: a, fallback: b, {bot}}}]\n"),
        format!("receivers: [{{name: b, enabled: x, {bot}}}, {{name: a, fallback: b, {bot}}}]\n"),
        // Templates of a product that is not known.
        format!("receivers: [{{name: a, message: {{text: x, profile: y}}, {bot}}}]\n"),
    ];
    for text in hidden {
        let found = errors(&text);
        assert_eq!(found.lines().last(), Some(FURTHER), "{text}{found}");
        assert!(!found.contains("there is no receiver"), "{text}{found}");
    }
    let whole = [
        "receivers: []\n".to_owned(),
        format!("web: 5\ncolour: {{a: b}}\nreceivers: [{{name: a, fallback: c, {bot}}}]\n"),
        format!("receivers: [{{name: a, message: {{profile: y}}, {bot}}}]\n"),
    ];
    for text in whole {
        let found = errors(&text);
        assert!(!found.contains(FURTHER), "{text}{found}");
    }
}
