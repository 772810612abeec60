//! The line about the states of a group that were not sent.

use super::*;
use crate::render::{Mention, Surface};

fn newest(surface: &Surface) -> Vec<Part> {
    let alert = crate::render::tests::alert(&[("alertname", "Disk")], &[]);
    let notification = crate::render::tests::notification(vec![alert]);
    let style = style(MessageType::Markdown, Language::En);
    crate::render::tests::render(&notification, &style, surface, now()).parts
}

#[test]
fn a_line_before_mentions_and_keyword_says_what_was_not_sent() {
    let mention = Mention { mobiles: vec!["138".into()], ..Mention::default() };
    let surface = Surface { mention, keywords: vec!["duty".into()], ..chatbot() };
    let one = || firing("Disk", "info", &[]);
    let states = [one(), one(), one().resolved()];
    let states: Vec<_> = states.iter().map(State::as_state).collect();
    for (language, expected) in [
        (Language::En, "3 earlier states were not sent one by one: fired 03:12, recovered 03:25"),
        (Language::ZhCn, "此前 3 次状态变化未逐条发送：03:12 触发、03:25 已恢复"),
    ] {
        let style = style(MessageType::Markdown, language);
        let before = newest(&surface);
        let parts = with_earlier_states(before, &states, &style, &surface, now()).unwrap();
        let expected = format!("\n\n{expected}\n\n@138\n\nkeyword: duty");
        assert!(parts[0].text().ends_with(&expected), "{}", parts[0].text());
    }
}

#[test]
fn only_the_last_changes_are_named_and_a_part_that_is_full_takes_no_line() {
    let one = || firing("Disk", "info", &[]);
    let flapping: Vec<_> = (0..5).flat_map(|_| [one(), one().resolved()]).collect();
    let states: Vec<_> = flapping.iter().map(State::as_state).collect();
    let style = style(MessageType::Markdown, Language::En);
    let parts = newest(&chatbot());
    let with = |states: &[GroupState<'_>], surface: &Surface| {
        with_earlier_states(parts.clone(), states, &style, surface, now())
    };
    let text = with(&states, &chatbot()).unwrap()[0].text();
    let line = text.lines().last().unwrap();
    assert!(line.starts_with("10 earlier states were not sent one by one: … fired"), "{line}");
    assert_eq!(line.matches("fired").count(), 3);
    let one = with(&states[..1], &chatbot()).unwrap()[0].text();
    assert!(one.ends_with("1 earlier state was not sent by itself: fired 03:12"), "{one}");
    assert_eq!(with(&[], &chatbot()), Some(parts.clone()));
    let full = parts[0].size(chatbot().api) + 20;
    assert_eq!(with(&states, &Surface { max_bytes: full, ..chatbot() }), None);
}
