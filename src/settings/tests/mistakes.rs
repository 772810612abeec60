//! Tests of the errors: the text and the place of each mistake.

use super::{errors, load_with, with_chatbot, with_conversation, with_section};
use crate::settings::diagnostic::FURTHER;

const EIGHT: &str = r#"# Each line that is wrong says what is wrong with it.
global:
  timezone: Asia/Shanghai
  timezon: UTC                          # 1: unknown key in a section
delivery:
  retry: 5s                             # 2: a text where a list is expected
receivers:
  - name: ops
    conditions:
      - {label: severity, operator: Inn, values: [critical]}   # 3: operator
      - label: namespace
        operator: Match
        values: ["kube-(system"]        # 4: regular expression
    chatbots:
      - name: no-token                  # 5: no access token at all
        secret: SECabc
      - name: two-tokens
        access_token: 0123
        access_token_file: token        # 6: a second source for the token
      - name: unset
        access_token: abc
        secret: ${OPS_SECRET}           # 7: the variable is not set
      - name: deep
        access_token: def
        rate: {messages: 20, pre: 1m}   # 8: unknown key further down
"#;

#[test]
fn eight_mistakes_give_eight_lines_with_their_places() {
    insta::assert_snapshot!(errors(EIGHT));
}

/// The errors of `text` without the file's name, and without the word that further checks follow.
pub(super) fn places(text: &str) -> Vec<String> {
    let errors = errors(text);
    let lines = errors.lines().filter(|line| *line != FURTHER);
    lines.map(|line| line.trim_start_matches("c.yml:").to_owned()).collect()
}

#[test]
fn what_is_not_in_this_version_refuses_the_start_and_says_so() {
    let cases = [
        (with_section("web: {config_file: web.yml}"), "1:7: web.config_file: "),
        (with_section("storage: {url: postgres://u:canary@h/d}"), "1:16: storage.url"),
        (with_section("storage: {url: postgresql://h/d}"), "1:16: storage.url"),
    ];
    for (text, place) in cases {
        let found = places(&text);
        assert_eq!(found.len(), 1, "{text} {found:?}");
        assert!(found[0].starts_with(place), "{text} {found:?}");
        assert!(found[0].contains("not in this version"), "{text} {found:?}");
        assert!(!found[0].contains("canary"), "{text} {found:?}");
    }
}

#[test]
fn only_the_message_types_that_work_are_offered() {
    let found = places(
        "receivers: [{name: r, message: {type: markdwn}, chatbots: [{name: b, access_token: t}]}]",
    );
    assert_eq!(
        found,
        ["1:39: receivers[0].message.type: expected one of markdown, text, action_card, \
          link, found the text `markdwn`; did you mean `markdown`?"]
    );
}

#[test]
fn a_secret_under_any_other_key_is_not_shown() {
    let token = "0123456789abcdef".repeat(4);
    let cases = [
        format!("delivery: {{max_age: SEC{token}}}"),
        format!("global: {{timezone: {token}}}"),
        format!("delivery: {{{token}: 1}}"),
        format!(
            "receivers: [{{name: r, chatbots: [{{name: b, access_token: t, mention: {{all: SEC{token}}}}}]}}]"
        ),
        format!(
            "receivers: [{{name: r, chatbots: [{{name: b, access_token: t, overflow: {token}}}]}}]"
        ),
        format!("{token}: SEC{token}"),
        format!("- SEC{token}: ["),
    ];
    for text in cases {
        let found = errors(&text);
        assert!(!found.is_empty() && !found.contains(&token), "{text} {found}");
    }
}

#[test]
fn a_mention_in_a_conversation_is_refused_with_the_reason() {
    let found = places(&with_conversation(", mention: {all: true}"));
    assert_eq!(
        found,
        [
            "1:113: receivers[0].conversations[0].mention: a conversation can't mention anyone, because \
          DingTalk's API has no mentions for it; use a chatbot"
        ]
    );
}

#[test]
fn each_wrong_value_says_what_was_expected_and_what_is_there() {
    let cases = [
        (
            "delivery: {max_age: 5}",
            "1:21: delivery.max_age: expected a duration such as `30s` or `1h30m`, found the number \
             `5`",
        ),
        (
            "delivery: {max_age: [1h]}",
            "1:21: delivery.max_age: expected a duration such as `30s` or `1h30m`, found a list",
        ),
        (
            "delivery: {attempt_timeout: 1h}",
            "1:29: delivery.attempt_timeout: expected a duration from 100ms to 2m, found the text \
             `1h`",
        ),
        (
            "delivery: {retry: []}",
            "1:19: delivery.retry: needs at least one wait; the last one repeats",
        ),
        (
            "delivery: {retry: [1s, x, 0s]}",
            "1:24: delivery.retry[1]: expected a duration such as `30s` or `1h30m`, found the text \
             `x`",
        ),
        (
            "delivery: {park: {first: 1h, longest: 1m}}",
            "1:18: delivery.park: `first` (1h) is longer than `longest` (1m)",
        ),
        ("delivery: 5", "1:11: delivery: expected a mapping (`key: value`), found a number"),
        ("delivery:", "1:1: delivery: expected a mapping (`key: value`), found nothing"),
        (
            "dingtalk: {oapi_url: h}",
            "1:22: dingtalk.oapi_url: expected a URL that begins with https:// or http://",
        ),
        (
            "delivery: {severity: [critical, warning]}",
            "1:22: delivery.severity: expected a mapping (`{label: severity, order: [critical, \
             warning]}`), found a list",
        ),
        (
            "delivery: {severity: {order: [critical, Critical]}}",
            "1:41: delivery.severity.order[1]: this value stands in line 1 already; case does not count",
        ),
        (
            "delivery: {severity: {order: [critical, critical]}}",
            "1:41: delivery.severity.order[1]: this value stands in line 1 already",
        ),
    ];
    for (section, expected) in cases {
        assert_eq!(places(&with_section(section))[0], expected, "{section}");
    }
}

#[test]
fn each_wrong_process_setting_says_what_was_expected_and_what_is_there() {
    let cases = [
        (
            "web: {enable_lifecycle: \"true\"}",
            "1:25: web.enable_lifecycle: expected true or false, found the text `true`; write it \
             without quotes",
        ),
        (
            "web: {enable_lifecycle: yes}",
            "1:25: web.enable_lifecycle: expected true or false, found the text `yes`",
        ),
        (
            "web: {listen_address: 8060}",
            "1:23: web.listen_address: expected an address such as `0.0.0.0:8060` or `:8060`, \
             found `8060`",
        ),
        (
            "web: {max_body_bytes: 12}",
            "1:23: web.max_body_bytes: expected a size such as `4MiB`, from 1KiB to 1GiB, \
             found `12`",
        ),
        (
            "web: {max_alerts: 0}",
            "1:19: web.max_alerts: expected a number from 1 to 100000, found `0`",
        ),
        (
            "web: {max_connections: 8}",
            "1:24: web.max_connections: expected a number from 16 to 1048576, found `8`",
        ),
        (
            "storage: {url: data/campana.db}",
            "1:16: storage.url: expected `sqlite:PATH`, the path of a file",
        ),
        (
            "storage: {retention: {dead: 30}}",
            "1:29: storage.retention.dead: expected a duration such as `7d`, from 1s to \
             3650d, found `30`",
        ),
    ];
    for (section, expected) in cases {
        assert_eq!(places(&with_section(section))[0], expected, "{section}");
    }
}

#[test]
fn a_wrong_zone_or_language_is_told_the_one_that_was_meant() {
    let cases = [
        (
            "global: {timezone: Asia/Shangai}",
            "1:20: global.timezone: expected the IANA name of a time zone, found \
             `Asia/Shangai`; did you mean `Asia/Shanghai`?",
        ),
        (
            "global: {timezone: GMT+8}",
            "1:20: global.timezone: expected the IANA name of a time zone, found `GMT+8`; did \
             you mean `Asia/Shanghai` or `Etc/GMT-8`, whose sign is the other way round?",
        ),
        (
            "global: {timezone: '-05:00'}",
            "1:20: global.timezone: expected the IANA name of a time zone, found `-05:00`; did \
             you mean `Etc/GMT+5`, whose sign is the other way round?",
        ),
        (
            "global: {timezone: UTC+5:30}",
            "1:20: global.timezone: expected the IANA name of a time zone, found `UTC+5:30`",
        ),
        (
            "global: {timezone: CST}",
            "1:20: global.timezone: expected the IANA name of a time zone, found `CST`; did you \
             mean `Asia/Shanghai`?",
        ),
        ("global: {language: fr}", "1:20: global.language: expected one of en, zh-CN, found `fr`"),
        (
            "global: {language: zh}",
            "1:20: global.language: expected one of en, zh-CN, found `zh`; did you mean `zh-CN`?",
        ),
        (
            "global: {language: EN_us}",
            "1:20: global.language: expected one of en, zh-CN, found `EN_us`; did you mean `en`?",
        ),
    ];
    for (section, expected) in cases {
        assert_eq!(places(&with_section(section))[0], expected, "{section}");
    }
}

#[test]
fn each_wrong_limit_of_the_storage_says_what_was_expected() {
    let cases = [
        (
            "storage: {limits: {queued: 0}}",
            "1:28: storage.limits.queued: expected how many deliveries, at least 1, found `0`",
        ),
        (
            "storage: {limits: {queued_bytes: 10}}",
            "1:34: storage.limits.queued_bytes: expected a size such as `4GiB`, at least 1MiB, \
             found `10`",
        ),
        (
            "storage: {limits: {oldest: 10s}}",
            "1:28: storage.limits.oldest: expected a duration such as `48h`, from 1m to 3650d, \
             found `10s`",
        ),
        (
            "storage: {limits: {free_disk: some}}",
            "1:31: storage.limits.free_disk: expected a size such as `64MiB`, found `some`",
        ),
    ];
    for (section, expected) in cases {
        assert_eq!(places(&with_section(section))[0], expected, "{section}");
    }
}

#[test]
fn each_wrong_key_of_a_chatbot_says_what_it_may_be() {
    let per = "rate.per: is at least 1m: DingTalk takes 20 messages in it";
    let cases = [
        (
            ", rate: {messages: 21}",
            "rate.messages: expected a whole number from 1 to 20, found the number `21`",
        ),
        (
            ", rate: {messages: 0}",
            "rate.messages: expected a whole number from 1 to 20, found the number `0`",
        ),
        (
            ", rate: {messages: \"20\"}",
            "rate.messages: expected a whole number from 1 to 20, found the text `20`; write it \
             without quotes",
        ),
        (", rate: {per: 30s}", per),
        (
            ", max_bytes: 999",
            "max_bytes: expected a size from 1000 to 19500 bytes (or `16KiB`), found the number `999`",
        ),
        (
            ", max_bytes: 20000",
            "max_bytes: expected a size from 1000 to 19500 bytes (or `16KiB`), found the number `20000`",
        ),
        (
            ", max_title: 15",
            "max_title: expected a whole number from 16 to 200, found the number `15`",
        ),
        (", keywords: alert", "keywords: expected a list of keywords, found a text"),
        (", keywords: ['']", "keywords[0]: expected a text (a keyword), found an empty one"),
        (
            ", keywords: [a, b, c, d, e, f, g, h, i, j, k]",
            "keywords: a robot has at most 10 keywords",
        ),
        (
            ", mention: {user_ids: [a, '@manager']}",
            "mention.user_ids[1]: holds `@`; a user id is written without, and is no e-mail address",
        ),
        (", mention: {all: all}", "mention.all: expected true or false, found the text `all`"),
        (
            ", mention: {all: \"true\"}",
            "mention.all: expected true or false, found the text `true`; write it without quotes",
        ),
        (", quota: 800", "quota: expected a mapping (`{per_month: 800}`), found a number"),
        (", quota: many", "quota: expected a mapping (`{per_month: 5000}`), found a text"),
        (", secret: ''", "secret: expected a text (the secret), found an empty one"),
        (", secret: 'a b'", "secret: holds white space"),
        (", secret: '${lower'", "secret: `${` without `}`; a literal `${` is written `$${`"),
    ];
    for (keys, expected) in cases {
        let found = places(&with_chatbot(keys));
        let text = found[0].split_once("receivers[0].chatbots[0].").unwrap().1;
        assert_eq!((found.len(), text), (1, expected), "{keys}");
    }
}

#[test]
fn a_variable_that_is_not_set_is_told_the_ways_out_that_the_key_has() {
    let unset = "environment variable `UNSET` is not set; set it, or write `${UNSET:-default}`";
    let secret = places(&with_chatbot(", secret: '${UNSET}'"));
    assert_eq!(
        secret,
        [format!("1:69: receivers[0].chatbots[0].secret: {unset}, or use `secret_file`")]
    );
    let url = places(&with_section("dingtalk: {oapi_url: '${UNSET}'}"));
    assert_eq!(url, [format!("1:22: dingtalk.oapi_url: {unset}")]);
    let storage = places(&with_section("storage: {url: '${UNSET}'}"));
    assert_eq!(storage, [format!("1:16: storage.url: {unset}")]);
}

#[test]
fn names_are_unique_and_fit_for_a_url() {
    let bot = "chatbots: [{name: b, access_token: t}]";
    let cases = [
        (
            format!("receivers:\n- {{name: a b, {bot}}}\n"),
            "2:10: receivers[0].name: the name stands in URLs, so it may hold only letters",
        ),
        (
            format!("receivers:\n- {{name: '', {bot}}}\n"),
            "2:10: receivers[0].name: expected a text (a name), found an empty one",
        ),
        (
            format!("receivers:\n- {{name: .., {bot}}}\n"),
            "2:10: receivers[0].name: the name stands in URLs",
        ),
        (format!("receivers:\n- {{{bot}}}\n"), "2:3: receivers[0]: the key `name` is missing"),
        (
            format!("receivers:\n- {{name: a, {bot}}}\n- {{name: a, {bot}}}\n"),
            "3:10: receivers[1].name: another receiver in line 2 has the name `a`",
        ),
        (
            "receivers:\n- name: a\n  chatbots: [{name: b, access_token: t}]\n  conversations: \
             [{name: b, app_key: k, app_secret: s, open_conversation_ids: [c]}]\n"
                .to_owned(),
            "4:26: receivers[0].conversations[0].name: another chatbot or conversation of this \
             receiver in line 3 has the name `b`",
        ),
    ];
    for (text, expected) in cases {
        let found = places(&text);
        assert!(found[0].starts_with(expected), "{text} {found:?}");
    }
}

#[test]
fn what_is_missing_is_reported_at_the_entry_that_lacks_it() {
    let cases = [
        ("", "1:1: the file is empty; it needs the key `receivers`"),
        ("# nothing\n", "1:1: the file is empty; it needs the key `receivers`"),
        ("global: {}\n", "1:1: the key `receivers` is missing"),
        ("receivers: []\n", "1:12: receivers: needs at least one receiver"),
        (
            "receivers:\n- name: a\n",
            "2:3: receivers[0]: needs at least one entry under `chatbots` or `conversations`",
        ),
        (
            "receivers:\n- name: a\n  chatbots: []\n",
            "2:3: receivers[0]: needs at least one entry under `chatbots` or `conversations`",
        ),
        (
            "receivers:\n- name: a\n  conversations:\n  - name: c\n    app_key: k\n    \
             app_secret: s\n    open_conversation_ids: []\n",
            "7:28: receivers[0].conversations[0].open_conversation_ids: needs at least one id",
        ),
        ("- a\n", "1:1: expected a mapping (`key: value`), found a list"),
        (
            "global: {}\n---\nglobal: {}\n",
            "3:1: a second document; the configuration is a single one",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(places(text), [expected], "{text}");
    }
    let found = places("receivers:\n- name: a\n  conversations:\n  - name: c\n");
    let missing: Vec<&str> = found.iter().map(|line| line.split('`').nth(1).unwrap()).collect();
    assert_eq!(missing, ["app_secret", "open_conversation_ids", "app_key"]);
    let place = "4:5: receivers[0].conversations[0]: ";
    assert!(found.iter().all(|line| line.starts_with(place)), "{found:?}");
}

#[test]
fn a_syntax_error_is_the_only_thing_that_is_said() {
    let found = places("receivers:\n  - name: a\n bad: [\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("3:2: this is not YAML: "), "{found:?}");
}

#[test]
fn many_mistakes_are_found_as_fast_as_few() {
    // If each key, name or id were compared with all before it, this would take minutes.
    let keys: Vec<String> = (0..50_000).map(|number| format!("k{number}: 1\n")).collect();
    let found = places(&keys.concat());
    assert_eq!((found.len(), found[100].as_str()), (101, "and 49901 more"));
    let ids: Vec<String> = (0..50_000).map(|number| format!("id{number}")).collect();
    let ids = format!("[cid1, {}, id7]", ids.join(", "));
    let found = places(&with_conversation("").replace("[cid1, cid2]", &ids));
    assert_eq!((found.len(), found[0].ends_with("stands in line 1 already")), (1, true));
}

#[test]
fn mistakes_of_the_yaml_stand_beside_those_of_its_meaning() {
    let found = places("global: {timezon: UTC}\nglobal: {}\nreceivers: []\n");
    let lines: Vec<&str> = found.iter().map(|line| &line[..4]).collect();
    assert_eq!(lines, ["1:10", "2:1:", "3:12"]);
}

#[test]
fn conditions_have_one_of_three_forms() {
    let of = |condition: &str| {
        format!(
            "receivers:\n- name: a\n  chatbots: [{{name: b, access_token: t}}]\n  conditions:\n  \
             - {condition}\n"
        )
    };
    let right = [
        "{label: a, operator: In, values: [b, '', 0123]}",
        "{label: a, operator: Exists}",
        "severity=\"critical\"",
        "{any: [{label: a, operator: Exists}, 'b=\"c\"']}",
        "{not: {all: [{label: a, operator: Exists}]}}",
    ];
    for condition in right {
        load_with(&of(condition), &[]).unwrap_or_else(|errors| panic!("{condition}: {errors}"));
    }
    let form = "a condition is either `label` with `operator`, or one of `any`, `all` and `not`";
    let wrong = [
        ("{any: [], all: [x=y]}", form),
        ("{label: a, any: [x=y]}", form),
        (
            "severity",
            "not a matcher: expected an operator (=, !=, =~ or !~), found the end, at character \
             9 of it",
        ),
        ("{label: a, operator: Exists, values: [b]}", "[0].values[0]: Exists takes no values"),
        ("{any: []}", "[0].any: any needs at least one condition"),
        ("{label: a}", "[0]: the key `operator` is missing"),
        ("{operator: Exists}", "[0]: the key `label` is missing"),
        ("{}", "[0]: the key `label` is missing"),
        (
            "{label: a, operator: In, values: b}",
            "[0].values: expected a list of values, found a text",
        ),
        ("[a]", "[0]: expected a mapping (`key: value`), found a list"),
    ];
    for (condition, expected) in wrong {
        let found = places(&of(condition));
        assert!(found[0].starts_with("5:") && found[0].ends_with(expected), "{found:?}");
    }
}

#[test]
fn a_merge_key_is_refused_and_what_it_brings_is_checked_all_the_same() {
    let text = "\
receivers:
- name: r
  chatbots:
  - &b {name: b, access_token: t, colour: red}
  - {<<: *b, name: c, access_token: t2}
";
    let found = errors(text);
    let lines: Vec<&str> = found.lines().collect();
    assert_eq!(lines.len(), 2, "{found}");
    assert!(
        lines[0].starts_with("c.yml:4:35: receivers[0].chatbots[0].colour: unknown key"),
        "{found}"
    );
    let merge =
        "c.yml:5:6: receivers[0].chatbots[1]: merge keys (`<<`) are not supported; use an alias";
    assert_eq!(lines[1], merge);
}
