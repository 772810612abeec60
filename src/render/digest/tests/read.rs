//! Snapshots of what a reader sees. They are read, not only accepted.

use super::*;
use crate::dingtalk::group;
use crate::render::tests::read::shown;

/// A storm of a cluster whose network broke: many names, states and labels.
fn storm() -> Vec<Vec<State>> {
    let prod = |name, severity, label: (&str, &str)| {
        firing(name, severity, &[("cluster", "prod-eu"), label])
    };
    let node = |n: usize| prod("NodeDown", "critical", ("instance", &format!("node-{n:02}:9100")));
    let mut all: Vec<Vec<State>> = (1..=4).map(|n| vec![node(n)]).collect();
    all.push(vec![State {
        firing: 12,
        resolved: 3,
        ..prod("PodCrashLooping", "warning", ("namespace", "shop"))
    }]);
    all.push(vec![prod("HighLatency", "warning", ("service", "checkout")).since("03:20")]);
    all.push(vec![node(5), node(5).resolved()]);
    all.push(vec![node(6).resolved()]);
    all.push(vec![node(7).resolved(), node(7).since("03:28")]);
    let mut several = prod("KubeletDown", "error", ("team", "platform_*ops*"));
    several.alertnames =
        ["KubeletDown", "KubeProxyDown", "CniDown", "DnsDown"].map(String::from).into();
    several.firing = 4;
    several.since = Some("2026-11-20T10:00:00Z".parse().unwrap());
    all.push(vec![several]);
    all.push(vec![prod("Watchdog", "", ("job", "prometheus"))]);
    all
}

fn in_language(language: Language, message_type: MessageType, surface: &Surface) -> String {
    let all = mentioning(storm(), &mobile("13800000000"));
    let digest = write(&groups(&all), &style(message_type, language), surface, None, now());
    assert_eq!((digest.groups, &digest.error), (all.len(), &None));
    shown(&[digest.part])
}

#[test]
fn a_storm_in_english() {
    let surface = Surface { keywords: vec!["duty".into()], ..chatbot() };
    insta::assert_snapshot!(in_language(Language::En, MessageType::Markdown, &surface));
}

#[test]
fn a_storm_in_chinese() {
    insta::assert_snapshot!(in_language(Language::ZhCn, MessageType::Markdown, &chatbot()));
}

#[test]
fn a_storm_in_plain_text() {
    insta::assert_snapshot!(in_language(Language::En, MessageType::Text, &chatbot()));
}

#[test]
fn a_storm_in_a_conversation_mentions_nobody() {
    let conversation = Surface::new(&group::API);
    let text = in_language(Language::ZhCn, MessageType::Text, &conversation);
    assert!(!text.contains('@'), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn many_groups_of_many_names() {
    let all: Vec<Vec<State>> = (0..60)
        .map(|n: usize| {
            let severity = ["critical", "warning", "warning", "info"][n % 4];
            let place = format!("db-{n:02}:9100");
            let labels = [("cluster", "prod-eu"), ("instance", &*place)];
            vec![firing(&format!("Rule{}", n % 7), severity, &labels)]
        })
        .collect();
    let style = style(MessageType::Markdown, Language::En);
    let digest = write(&groups(&all), &style, &chatbot(), Some(5), now());
    insta::assert_snapshot!(shown(&[digest.part]));
}
