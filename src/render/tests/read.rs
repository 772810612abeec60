//! Snapshots of what a reader sees. They are read, not only accepted.

use super::{alert, chatbot, notification, now, render, resolved, style, write};
use crate::alert::{Alert, Labels, Notification, Sender, Status};
use crate::dingtalk::message::{MessageType, Part};
use crate::dingtalk::{group, robot};
use crate::language::tests::is_partly_english;
use crate::render::{Language, Mention, Surface};

/// Title and text of each part; spaces at line ends, which make the breaks, shown as dots.
pub(in crate::render) fn shown(parts: &[Part]) -> String {
    let part = |message: &Part| {
        let title = message.title().map(|title| format!("title: {title}\n")).unwrap_or_default();
        let text = message.text().replace("  \n", "··\n").replace('\u{200b}', "<0>");
        let at =
            if message.at.is_empty() { String::new() } else { format!("\nat: {:?}", message.at) };
        format!("{title}---\n{text}{at}")
    };
    parts.iter().map(part).collect::<Vec<_>>().join("\n=====\n")
}

fn markdown(notification: &Notification) -> String {
    shown(&write(notification, MessageType::Markdown, &chatbot()))
}

pub(super) fn disk(instance: &str, percent: u8) -> Alert {
    alert(
        &[
            ("alertname", "HighDiskUsage"),
            ("severity", "critical"),
            ("cluster", "prod-eu"),
            ("instance", instance),
            ("job", "node"),
            ("mountpoint", "/"),
            ("prometheus", "monitoring/k8s"),
        ],
        &[
            ("summary", &format!("Disk / of {instance} is {percent} % full")),
            ("description", "The root filesystem will be full in about 2 hours."),
            ("runbook_url", "https://runbooks.example/HighDiskUsage"),
        ],
    )
}

pub(super) fn grouped(alerts: Vec<Alert>) -> Notification {
    let group_labels: Labels =
        [("alertname", "HighDiskUsage"), ("cluster", "prod-eu")].into_iter().collect();
    Notification { group_labels, ..notification(alerts) }
}

#[test]
fn one_firing_alert() {
    insta::assert_snapshot!(markdown(&grouped(vec![disk("db-01:9100", 97)])));
}

#[test]
fn grouped_alerts_say_once_what_they_share() {
    insta::assert_snapshot!(markdown(&grouped(vec![
        disk("db-01:9100", 97),
        disk("db-02:9100", 91)
    ])));
}

#[test]
fn firing_and_resolved_alerts_in_one_message() {
    let mut watchdog = alert(
        &[("alertname", "NodeDown"), ("severity", "warning"), ("cluster", "prod-eu")],
        &[("summary", "node-7 does not answer")],
    );
    watchdog.starts_at = None;
    insta::assert_snapshot!(markdown(&notification(vec![
        resolved(disk("db-01:9100", 97)),
        watchdog,
        disk("db-02:9100", 91),
    ])));
}

#[test]
fn a_resolved_alert() {
    insta::assert_snapshot!(markdown(&grouped(vec![resolved(disk("db-01:9100", 97))])));
}

#[test]
fn truncated_alerts_are_counted() {
    let mut truncated = grouped(vec![disk("db-01:9100", 97), disk("db-02:9100", 91)]);
    truncated.truncated_alerts = 7;
    insta::assert_snapshot!(markdown(&truncated));
}

#[test]
fn an_alert_without_labels_and_links() {
    let bare = Alert { generator_url: "/graph".into(), starts_at: None, ..alert(&[], &[]) };
    let mut one = notification(vec![bare]);
    one.external_url = String::new();
    insta::assert_snapshot!(markdown(&one));
}

/// What Grafana sends: an alert that fires, and one that has recovered.
pub(super) fn of_grafana() -> Notification {
    let body = include_bytes!("../../../tests/it/fixtures/grafana-13.json");
    crate::receive::alertmanager::parse(body).unwrap()
}

/// The one of [`of_grafana`] that fires.
pub(super) fn lone_of_grafana() -> Notification {
    let both = of_grafana();
    both.with_alerts(both.alerts[..1].to_vec())
}

#[test]
fn what_grafana_gives_stands_in_the_message_and_no_page_of_alertmanager() {
    let chinese = |notification: &Notification, message_type| {
        let style = style(message_type, Language::ZhCn);
        shown(&render(notification, &style, &chatbot(), now()).parts)
    };
    let messages = [
        markdown(&lone_of_grafana()),
        markdown(&of_grafana()),
        chinese(&lone_of_grafana(), MessageType::Text),
        chinese(&of_grafana(), MessageType::Text),
    ];
    for message in &messages {
        assert!(!message.contains("/#/") && !message.contains("Alertmanager"), "{message}");
    }
    insta::assert_snapshot!(messages.join("\n=====\n"));
}

#[test]
fn what_monika_tells_of_stands_first_also_of_a_recovery() {
    let labels = [("alertname", "MonikaIncident"), ("instance", "shop.example.com")];
    let said = |text| alert(&labels, &[("summary", text), ("description", "Nobody knows which.")]);
    let of = |alert: Alert| {
        let sender = Sender::Monika;
        markdown(&Notification {
            sender,
            ..notification(vec![Alert { generator_url: String::new(), ..alert }])
        })
    };
    let event = said("Monika is running");
    let event = Alert { ends_at: event.starts_at, ..event };
    let messages =
        [of(event), of(said("Status not 2xx")), of(resolved(said("Recovered: Status not 2xx")))];
    insta::assert_snapshot!(messages.join("\n=====\n"));
}

#[test]
fn no_alert_at_all() {
    let mut empty = notification(vec![]);
    empty.status = Status::Resolved;
    empty.common_labels = [("alertname", "Gone"), ("job", "node")].into_iter().collect();
    insta::assert_snapshot!(markdown(&empty));
}

#[test]
fn chinese_and_several_lines() {
    let one = alert(
        &[("alertname", "磁盘空间不足"), ("severity", "严重"), ("主机", "数据库-01")],
        &[
            ("summary", "数据库-01 的 / 分区已使用 97%"),
            (
                "description",
                "VALUE = 97\n  LABELS = map[a:b]\n- 请尽快清理 <日志>\n1. 联系 @13900000000",
            ),
            ("impact", "写入失败"),
            ("dashboard_url", "https://grafana.example/d/磁盘?var=a b"),
        ],
    );
    insta::assert_snapshot!(markdown(&notification(vec![one])));
}

#[test]
fn in_chinese_only_our_own_words_change() {
    let chinese = |notification: &Notification, message_type, max_bytes| {
        let surface = Surface { max_bytes, keywords: vec!["值班".into()], ..chatbot() };
        shown(&render(notification, &style(message_type, Language::ZhCn), &surface, now()).parts)
    };
    let lone = grouped(vec![disk("db-01:9100", 97)]);
    let mut other = disk("db-03:9100", 91);
    other.labels = other.labels.iter().filter(|(name, _)| *name != "severity").collect();
    let mixed = vec![resolved(disk("db-01:9100", 97)), disk("db-02:9100", 91), other];
    let mut truncated = grouped(mixed);
    truncated.truncated_alerts = 7;
    let names = ["甲", "乙", "丙", "丁"].map(|name| alert(&[("alertname", name)], &[]));
    let huge = alert(&[], &[("summary", "甲"), ("description", &"满".repeat(2_000))]);
    insta::assert_snapshot!(
        [
            chinese(&lone, MessageType::Markdown, 19_500),
            chinese(&truncated, MessageType::Text, 19_500),
            chinese(&notification(names.to_vec()), MessageType::Markdown, 19_500),
            chinese(&notification(vec![huge]), MessageType::Text, 1_600),
        ]
        .join("\n=====\n")
    );
}

/// Alerts that say everything in Chinese, so that what is English in their messages is ours.
fn in_chinese() -> [Alert; 2] {
    let of = |instance| {
        let labels =
            [("alertname", "磁盘空间不足"), ("severity", "critical"), ("instance", instance)];
        let said = [("summary", "根分区快满了"), ("runbook_url", "https://runbooks.example/disk")];
        alert(&labels, &said)
    };
    [of("db-01:9100"), of("db-02:9100")]
}

#[test]
fn no_english_sentence_is_left_in_a_chinese_message() {
    let [one, other] = in_chinese();
    let at = one.starts_at;
    let groups = [
        vec![one.clone()],
        vec![resolved(one.clone())],
        vec![Alert { ends_at: at, ..one.clone() }],
        vec![one.clone(), other.clone()],
        vec![one, resolved(other)],
        vec![],
    ];
    let senders = [Sender::Alertmanager, Sender::Grafana, Sender::Monika];
    for (alerts, sender) in groups.iter().flat_map(|group| senders.map(|sender| (group, sender))) {
        let whole = Notification { sender, ..notification(alerts.clone()) };
        let cut = Notification { truncated_alerts: 7, ..whole.clone() };
        for (told, message_type) in
            [whole, cut].iter().flat_map(|told| MessageType::ALL.map(|one| (told, one)))
        {
            for max_bytes in [19_500, 1_000] {
                let surface = Surface { max_bytes, keywords: vec!["值班".into()], ..chatbot() };
                let style = style(message_type, Language::ZhCn);
                for part in render(told, &style, &surface, now()).parts {
                    let buttons: Vec<&str> =
                        part.buttons.iter().map(|button| button.text.as_str()).collect();
                    let buttons = buttons.join("\n");
                    let title = part.title().unwrap_or_default();
                    let text = format!("{title}\n{buttons}\n{}", part.text());
                    assert!(!is_partly_english(&text), "{text}");
                    assert!(!text.contains("FIRING") && !text.contains("RESOLVED"), "{text}");
                }
            }
        }
    }
}

#[test]
fn plain_text_has_its_links_as_addresses() {
    let alerts = vec![disk("db-01:9100", 97), resolved(disk("db-02:9100", 91))];
    insta::assert_snapshot!(shown(&write(&grouped(alerts), MessageType::Text, &chatbot())));
}

#[test]
fn mentions_and_a_keyword_end_the_first_part() {
    let mention = Mention {
        mobiles: vec!["13800000000".into()],
        user_ids: vec!["user_1".into()],
        ..Mention::default()
    };
    let surface = Surface { mention, keywords: vec!["告警".into()], ..chatbot() };
    let firing = grouped(vec![disk("db-01:9100", 97)]);
    let text = shown(&write(&firing, MessageType::Text, &surface));
    let markdown = shown(&write(&firing, MessageType::Markdown, &surface));
    insta::assert_snapshot!(format!("{text}\n=====\n{markdown}"));
    let calm =
        write(&grouped(vec![resolved(disk("db-01:9100", 97))]), MessageType::Markdown, &surface);
    assert!(calm[0].at.is_empty() && !calm[0].text().contains('@'));
    let conversation = Surface { api: &group::API, ..surface };
    assert!(write(&firing, MessageType::Markdown, &conversation)[0].at.is_empty());
}

#[test]
fn a_long_message_comes_in_parts_and_then_in_lines() {
    let names: Vec<String> = (1..=60).map(|n| format!("db-{n:02}:9100")).collect();
    let alerts = names.iter().map(|name| disk(name, 91)).collect();
    let surface = Surface {
        max_bytes: 2_600,
        mention: Mention { mobiles: vec!["13800000000".into()], ..Mention::default() },
        ..chatbot()
    };
    let rendered =
        render(&grouped(alerts), &style(MessageType::Markdown, Language::En), &surface, now());
    insta::assert_snapshot!(shown(&rendered.parts));
}

#[test]
fn an_alert_that_is_too_large_is_shortened() {
    let mut large = disk("db-01:9100", 97);
    let mut annotations: Vec<(&str, String)> =
        large.annotations.iter().map(|(name, value)| (name, value.to_owned())).collect();
    annotations.retain(|(name, _)| *name != "description");
    annotations.push(("description", "no space left on device\n".repeat(2_000)));
    large.annotations = annotations.into_iter().collect();
    let surface = Surface { max_bytes: 2_600, ..chatbot() };
    let parts = write(&grouped(vec![large]), MessageType::Markdown, &surface);
    assert!(parts[0].size(&robot::API) > 2_300, "the room is used");
    insta::assert_snapshot!(shown(&parts));
}
