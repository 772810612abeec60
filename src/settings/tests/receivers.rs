//! Tests of valid receivers: the settings that they become, and the warnings.

use std::time::Duration;

use secrecy::ExposeSecret;

use super::{destinations, load, load_with, warnings, with_chatbot, with_conversation};
use crate::dingtalk::message::MessageType;
use crate::dingtalk::{Chatbot, Conversation, Endpoint, Rate, chat, group, robot};
use crate::render::{Language, Mention, Surface};
use crate::settings::{BaseUrls, DeliverySettings, Destination};

fn chatbot(destination: &Destination) -> &Chatbot {
    match &destination.endpoint {
        Endpoint::Chatbot(chatbot) => chatbot,
        Endpoint::Conversation(_) | Endpoint::Chat(_) => panic!("not a chatbot"),
    }
}

fn conversation(destination: &Destination) -> &Conversation {
    match &destination.endpoint {
        Endpoint::Conversation(conversation) => conversation,
        Endpoint::Chatbot(_) | Endpoint::Chat(_) => panic!("not a conversation"),
    }
}

#[test]
fn the_least_file_has_the_defaults_of_the_documentation() {
    let settings = load(&with_chatbot(""));
    assert_eq!(settings.delivery, DeliverySettings::default());
    assert_eq!(settings.dingtalk, BaseUrls::default());
    assert_eq!(settings.timezone.iana_name(), Some("Asia/Shanghai"));
    assert_eq!(settings.language, Language::En);
    let chinese = load(&format!("global: {{language: zh-CN}}\n{}", with_chatbot("")));
    assert_eq!(chinese.receivers[0].format.language, Language::ZhCn);
    assert!(chinese.redacted().contains("language: zh-CN"));
    let receiver = &settings.receivers[0];
    assert!(receiver.enabled && receiver.send_resolved);
    assert_eq!(receiver.format.message_type, MessageType::Markdown);
    let destination = &receiver.destinations[0];
    assert_eq!(destination.rate, robot::API.rate);
    assert_eq!(destination.surface.max_bytes, robot::API.max_bytes);
    assert_eq!(destination.surface.mention, Mention::default());
    assert!(chatbot(destination).secret.is_none());
}

#[test]
fn a_tokens_digits_stay_as_they_were_written() {
    let text = "receivers: [{name: r, chatbots: [{name: b, access_token: 0123, secret: 1e3, \
                keywords: [0777], mention: {mobiles: [13800000000, +1-4155550100], user_ids: \
                [007]}}]}]";
    let settings = load(text);
    let destination = destinations(&settings)[0];
    let bot = chatbot(destination);
    assert_eq!(bot.access_token.expose_secret(), "0123");
    assert_eq!(
        bot.webhook_url.expose_secret(),
        "https://oapi.dingtalk.com/robot/send?access_token=0123"
    );
    assert_eq!(bot.secret.as_ref().unwrap().expose_secret(), "1e3");
    assert_eq!(destination.surface.keywords, ["0777"]);
    assert_eq!(destination.surface.mention.mobiles, ["13800000000", "+1-4155550100"]);
    assert_eq!(destination.surface.mention.user_ids, ["007"]);
}

#[test]
fn every_key_of_a_chatbot_arrives() {
    let keys = ", keywords: [alert, 告警], mention: {all: true, resolved: true}, rate: {messages: \
                5, per: 2m}, max_bytes: 16KiB, max_title: 100";
    let settings = load(&with_chatbot(keys));
    let destination = destinations(&settings)[0];
    assert_eq!(destination.surface.keywords, ["alert", "告警"]);
    assert!(destination.surface.mention.all && destination.surface.mention.resolved);
    assert_eq!(destination.rate, Rate { messages: 5, per: Duration::from_mins(2) });
    assert_eq!((destination.surface.max_bytes, destination.surface.max_title), (16_384, 100));
}

#[test]
fn a_conversation_is_one_destination_for_each_id() {
    let settings = load(&with_conversation(", rate: {messages: 5}"));
    let found = destinations(&settings);
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    // The first 8 hex digits of `printf cid1 | sha256sum`, and of cid2.
    assert_eq!(names, ["c/3dcb6c7e", "c/f22968b3"]);
    let first = conversation(found[0]);
    assert_eq!(first.open_conversation_id, "cid1");
    assert_eq!((first.app_key.as_str(), first.robot_code.as_str()), ("k", "k"));
    assert_eq!(first.app_secret.expose_secret(), "s");
    assert_eq!(found[0].rate, Rate { messages: 5, per: Duration::from_secs(1) });
    assert_eq!(found[0].surface.max_bytes, group::API.max_bytes);
    let other = load(&with_conversation(", robot_code: other"));
    assert_eq!(conversation(destinations(&other)[0]).robot_code, "other");
}

/// A file of one line with one receiver, whose only conversation has chats of the older API and these
/// additional keys.
fn with_chats(keys: &str) -> String {
    let usual = "name: c, app_key: k, app_secret: s, chat_ids: [chat1, chat2]";
    format!("receivers: [{{name: r, conversations: [{{{usual}{keys}}}]}}]\n")
}

#[test]
fn a_chat_of_the_older_api_is_a_destination_too_and_may_stand_beside_the_others() {
    let settings =
        load(&format!("dingtalk: {{oapi_url: 'http://127.0.0.1:9'}}\n{}", with_chats("")));
    let found = destinations(&settings);
    // The first 8 hex digits of `printf chat1 | sha256sum`, and of chat2.
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["c/93699725", "c/6e61327b"]);
    let first = found[0].endpoint.chat().unwrap();
    assert_eq!((first.chat_id.as_str(), first.app_key.as_str()), ("chat1", "k"));
    assert_eq!(
        (first.base_url.as_str(), first.app_secret.expose_secret()),
        ("http://127.0.0.1:9", "s")
    );
    assert_eq!(found[0].rate, chat::API.rate);
    let shown = settings.redacted();
    assert!(shown.contains("app_secret: <secret>\n        chat_ids: [chat1]"), "{shown}");
    assert_eq!(found[0].surface.max_bytes, 2_000);

    let both = load(&with_chats(", open_conversation_ids: [cid1], robot_code: other"));
    let found = destinations(&both);
    let apis: Vec<&str> = found.iter().map(|one| one.endpoint.api().name).collect();
    assert_eq!(apis, ["groupMessages/send", "chat/send", "chat/send"]);
    let sizes: Vec<usize> = found.iter().map(|one| one.surface.max_bytes).collect();
    assert_eq!(sizes, [group::API.max_bytes, 2_000, 2_000]);
    assert!(found.iter().all(|one| one.surface.max_title == 64));
    let set = load(&with_chats(", open_conversation_ids: [cid1], max_bytes: 5000, max_title: 32"));
    let is_set = |surface: &Surface| (surface.max_bytes, surface.max_title) == (5_000, 32);
    assert!(destinations(&set).iter().all(|one| is_set(&one.surface)));
}

#[test]
fn what_is_wrong_with_a_chats_entry_is_told() {
    let cases = [
        (
            ", max_bytes: 5001",
            "max_bytes: expected a size from 1000 to 5000 bytes (or `16KiB`), found the number \
             `5001`",
        ),
        (
            ", max_bytes: 14500, open_conversation_ids: [cid1]",
            "max_bytes: `chat_ids` take at most 5000 bytes; give `open_conversation_ids` an entry \
             of their own",
        ),
        (
            ", open_conversation_ids: [chat3]",
            "open_conversation_ids[0]: an id that begins with `chat` stands under `chat_ids`",
        ),
        (
            ", mention: {all: true}",
            "mention: a conversation can't mention anyone, because DingTalk's API has no mentions \
             for it; use a chatbot",
        ),
    ];
    for (keys, expected) in cases {
        let found = super::errors(&with_chats(keys));
        let at = found.split_once(": receivers[0].conversations[0].").unwrap();
        assert_eq!(at.1, expected, "{keys}");
    }
    let wrong = with_chats("").replace("chat2", "cid2");
    assert!(
        super::errors(&wrong).ends_with("begins with `cid` stands under `open_conversation_ids`")
    );
    let twice = with_chats("").replace("chat2", "chat1");
    assert!(super::errors(&twice).ends_with("this id stands in line 1 already"));
    assert_eq!(
        warnings(&with_chats(", robot_code: other")),
        ["c.yml:1:102: warning: receivers[0].conversations[0].robot_code: is not used: only \
             `open_conversation_ids` are reached by a robot"]
    );
}

#[test]
fn variables_are_expanded_in_secrets_urls_keys_and_ids_only() {
    let text = "\
dingtalk: {oapi_url: 'http://127.0.0.1:${PORT}'}
receivers:
- name: r
  conditions: [{label: a, operator: In, values: ['${X}']}]
  chatbots:
  - name: b
    access_token: ${X}
    keywords: ['${X}']
    mention: {mobiles: ['${MOBILE}'], user_ids: ['${X}']}
  - name: w
    webhook_url: https://h/?access_token=${Y:-y}
  conversations:
  - {name: c, app_key: '${X}', app_secret: '${X}', robot_code: '${X}',
     open_conversation_ids: ['${X}']}
";
    let loaded = load_with(text, &[("X", "x"), ("PORT", "99"), ("MOBILE", "13800000000")]).unwrap();
    let found = destinations(&loaded.settings);
    let bot = chatbot(found[0]);
    assert_eq!(bot.webhook_url.expose_secret(), "http://127.0.0.1:99/robot/send?access_token=x");
    assert_eq!(chatbot(found[1]).access_token.expose_secret(), "y");
    let surface = &found[0].surface;
    assert_eq!(surface.keywords, ["${X}"]);
    assert_eq!(surface.mention.mobiles, ["13800000000"]);
    assert_eq!(surface.mention.user_ids, ["x"]);
    let chat = conversation(found[2]);
    let texts = [&chat.app_key, &chat.robot_code, &chat.open_conversation_id];
    assert_eq!(texts, ["x", "x", "x"]);
}

/// A file with two receivers of one chatbot each, and additional keys in three places.
fn two(first_conditions: &str, second_receiver: &str, second_bot: &str) -> String {
    format!(
        "receivers:\n- name: one\n  conditions: [{first_conditions}]\n  chatbots:\n  - {{name: b, \
         access_token: t, secret: SECs}}\n- name: two\n  {second_receiver}\n  chatbots:\n  - {{name: \
         b, {second_bot}}}\n"
    )
}

#[test]
fn the_same_robot_twice_for_one_notification_is_a_warning() {
    let same = "access_token: t, secret: SECs";
    let critical = "{label: severity, operator: In, values: [critical]}";
    let warning = "conditions: [{label: severity, operator: In, values: [warning]}]";
    let twice = "c.yml:9:5: warning: receivers[1].chatbots[0]: the same chat as `one/b` (line 5); it \
                 can get alerts twice";
    let by_url = "webhook_url: 'https://oapi.dingtalk.com/robot/send?access_token=t', secret: SECs";
    let cases = [
        (two("", "enabled: true", same), vec![twice]),
        (two(critical, "enabled: true", same), vec![twice]),
        (two(critical, "enabled: true", by_url), vec![twice]),
        (two(critical, warning, same), vec![]),
        (two(critical, "enabled: false", same), vec![]),
        (two("", "enabled: true", "access_token: other"), vec![]),
    ];
    for (text, expected) in cases {
        assert_eq!(warnings(&text), expected, "{text}");
    }
}

#[test]
fn one_robot_has_one_secret_and_one_rate() {
    let cases = [
        ("access_token: t", "secret"),
        ("access_token: t, secret: SECother", "secret"),
        ("access_token: t, secret: SECs, rate: {messages: 10}", "rate"),
    ];
    for (bot, difference) in cases {
        let text = two("", "enabled: false", bot);
        assert_eq!(
            super::errors(&text),
            format!(
                "c.yml:9:5: receivers[1].chatbots[0]: the robot of `one/b` (line 5) has another \
                 {difference} here; one robot has one"
            ),
            "{text}"
        );
    }
}

#[test]
fn one_app_has_one_secret_but_many_conversations() {
    let of = |secret: &str, id: &str| {
        format!(
            "receivers:\n- name: r\n  conversations:\n  - {{name: a, app_key: k, app_secret: s, \
             open_conversation_ids: [c1, c2]}}\n  - {{name: b, app_key: k, app_secret: {secret}, \
             open_conversation_ids: [{id}]}}\n"
        )
    };
    assert_eq!(warnings(&of("s", "c3")), Vec::<String>::new());
    let of_both =
        |keys: &str| of("s", "c3").replace("app_secret: s, open_conversation_ids: [c3]", keys);
    let chats = "chat_ids: [chat1], rate: {messages: 5}";
    assert_eq!(warnings(&of_both(&format!("app_secret: s, {chats}"))), Vec::<String>::new());
    let found = super::errors(&of_both(&format!("app_secret: other, {chats}")));
    assert!(found.ends_with("has another secret here; one app has one"), "{found}");
    assert_eq!(warnings(&of("s", "c2")).len(), 1);
    let found = super::errors(&of("other", "c3, c4"));
    assert!(
        found.starts_with("c.yml:5:5: receivers[0].conversations[1]: the app of `r/a/"),
        "{found}"
    );
    assert_eq!(found.lines().count(), 1, "{found}");
}

#[test]
fn one_receiver_alone_catches_all_and_has_no_conditions() {
    let file = |first: &str, second: &str| {
        let of = |name: &str, keys: &str| {
            format!("- {{name: {name}{keys}, chatbots: [{{name: b, access_token: {name}}}]}}\n")
        };
        format!("receivers:\n{}{}", of("one", first), of("two", second))
    };
    let some = ", conditions: ['a=\"b\"']";
    let settings = load(&file(some, ", catch_all: true"));
    assert_eq!(warnings(&file(some, ", catch_all: true")), [""; 0]);
    assert!(settings.receivers[1].catch_all && !settings.receivers[0].catch_all);
    assert!(settings.redacted().contains("name: two\n    enabled: true\n    catch_all: true\n"));
    assert!(!load(&file("", ", catch_all: false")).receivers[1].catch_all);
    for (first, second, expected) in [
        (
            some,
            ", catch_all: true, conditions: ['a=\"b\"']",
            "3:32: receivers[1].conditions: a receiver with `catch_all`",
        ),
        (
            ", catch_all: true",
            ", catch_all: true",
            "3:26: receivers[1].catch_all: the receiver of line 2 takes what no other keeps",
        ),
        (some, ", catch_all: yes please", "receivers[1].catch_all: expected true or false"),
    ] {
        let found = super::errors(&file(first, second));
        assert!(found.contains(expected), "{found}");
        assert_eq!(found.lines().count(), 1, "{found}");
    }
    let greedy = warnings(&file("", ", catch_all: true"));
    let words = "receivers[1].catch_all: nothing is left for it: `one` has no conditions";
    assert!(greedy.len() == 1 && greedy[0].contains(words), "{greedy:?}");
    assert_eq!(warnings(&file(", enabled: false", ", catch_all: true")), [""; 0]);
}

#[test]
fn the_key_of_grafana_has_headers_of_its_own_and_is_never_shown() {
    let of = |grafana: &str| {
        format!(
            "receivers:\n- name: r\n  grafana: {grafana}\n  chatbots: [{{name: b, access_token: t}}]\n"
        )
    };
    let settings = load(&of("{hmac_secret: 'can\"ary'}"));
    let key = settings.receivers[0].grafana.as_ref().unwrap();
    assert_eq!(key.signature_header, "X-Grafana-Alerting-Signature");
    assert_eq!((&key.timestamp_header, key.secret.expose_secret()), (&None, "can\"ary"));
    assert!(!format!("{settings:?}").contains("ary"));
    let settings = load(&of("{hmac_secret: canary, signature_header: X-A, timestamp_header: X-B}"));
    let shown = settings.redacted();
    let lines = "grafana:\n      hmac_secret: <secret>\n      signature_header: X-A\n      timestamp_header: X-B\n";
    assert!(shown.contains(lines) && !shown.contains("canary"), "{shown}");
    for (grafana, words) in [
        (
            "{}",
            "3:12: receivers[0].grafana: one of the keys `hmac_secret`, `hmac_secret_file` is missing",
        ),
        ("canary", "grafana: expected a mapping"),
        ("{hmac_secret: a, header: X}", "grafana.header: unknown key"),
        ("{hmac_secret: a, signature_header: 'X A'}", "expected the name of a header, such as"),
        ("{hmac_secret: a, timestamp_header: ''}", "found an empty one"),
        ("{hmac_secret: a, timestamp_header: x-grafana-alerting-signature}", "are one header"),
        ("{hmac_secret: $SECRET}", "write `${SECRET}`"),
    ] {
        let found = super::errors(&of(grafana));
        assert!(found.contains(words) && !found.contains("canary"), "{grafana}: {found}");
    }
}

#[test]
fn a_redacted_configuration_is_whole_and_without_secrets() {
    let settings = load(&format!(
        "{}- {}",
        "receivers:\n",
        "{name: r, conditions: [{label: a, operator: In, values: [b, c]}, 'd=~\"e\"'], chatbots: \
         [{name: b, webhook_url: 'http://127.0.0.1:1/x?access_token=canary', \
         secret: SECcanary}], conversations: [{name: c, app_key: k, app_secret: canary, \
         open_conversation_ids: [cid1]}]}\n"
    ));
    insta::assert_snapshot!(settings.redacted());
}
