//! The line about the states of a group that were not sent.

use super::*;
use crate::render::Mention;

fn newest(surface: &Surface) -> Vec<Part> {
    let alert = crate::render::tests::alert(&[("alertname", "Disk")], &[]);
    let notification = crate::render::tests::notification(vec![alert]);
    let style = style(MessageType::Markdown, Language::En);
    crate::render::tests::render(&notification, &style, surface, now()).parts
}

fn one() -> State {
    firing("Disk", "info", &[])
}

/// The message of the newest of these states, with a line about the others.
fn with(states: &[State], surface: &Surface) -> Vec<Part> {
    let style = style(MessageType::Markdown, Language::En);
    with_earlier_states(
        newest(surface),
        &group(states),
        &style,
        surface,
        &SeverityOrder::USUAL,
        now(),
    )
}

#[test]
fn a_line_before_mentions_and_keyword_says_what_was_not_sent() {
    let mention = Mention { mobiles: vec!["138".into()], ..Mention::default() };
    let surface = Surface { mention, keywords: vec!["duty".into()], ..chatbot() };
    let newest_state = State { at: mobile("138"), ..one() };
    let states = [one(), one(), one().resolved(), newest_state];
    for (language, expected) in [
        (Language::En, "3 earlier states were not sent one by one: fired 03:12, recovered 03:25"),
        (Language::ZhCn, "此前 3 次状态变化未逐条发送：03:12 触发、03:25 已恢复"),
    ] {
        let style = style(MessageType::Markdown, language);
        let before = newest(&surface);
        let parts = with_earlier_states(
            before,
            &group(&states),
            &style,
            &surface,
            &SeverityOrder::USUAL,
            now(),
        );
        let expected = format!("\n\n{expected}\n\n@138\n\nkeyword: duty");
        assert!(parts[0].text().ends_with(&expected), "{}", parts[0].text());
    }
}

#[test]
fn only_the_last_changes_are_named() {
    let flapping: Vec<State> = (0..5).flat_map(|_| [one(), one().resolved()]).collect();
    let text = with(&[flapping, vec![one()]].concat(), &chatbot())[0].text();
    let line = text.lines().last().unwrap();
    assert!(line.starts_with("10 earlier states were not sent one by one: … fired"), "{line}");
    assert_eq!(line.matches("fired").count(), 3);
    let text = with(&[one(), one()], &chatbot())[0].text();
    assert!(text.ends_with("1 earlier state was not sent by itself: fired 03:12"), "{text}");
    assert_eq!(with(&[one()], &chatbot()), newest(&chatbot()));
}

#[test]
fn what_is_no_longer_in_the_group_is_named_and_counted() {
    let cpu = firing("Cpu @all", "info", &[]);
    let alertnames = vec!["Cpu @all".into(), "Disk".into()];
    let recovered = State { resolved: 1, alertnames, ..one() };
    let text = with(&[cpu, recovered, one()], &chatbot())[0].text();
    let expected = "2 earlier states were not sent one by one: fired 03:12, 1 resolved; also Cpu ";
    assert!(text.contains(expected) && !text.contains("@all"), "{text}");
    let many = (0..9).map(|n| format!("N{n}")).collect();
    let text = with(&[State { alertnames: many, ..one() }, one()], &chatbot())[0].text();
    assert!(text.ends_with("; also N0, N1, N2, N3, N4, N5 …"), "{text}");
}

#[test]
fn a_line_for_which_the_first_part_has_no_room_is_a_part_of_its_own() {
    let parts = newest(&chatbot());
    let keywords = vec!["duty".to_owned()];
    let full = Surface { max_bytes: parts[0].size(chatbot().api) + 5, keywords, ..chatbot() };
    let fired = State { at: mobile("138"), ..one() };
    let style = style(MessageType::Markdown, Language::En);
    let states = [fired, one()];
    let all = with_earlier_states(
        parts.clone(),
        &group(&states),
        &style,
        &full,
        &SeverityOrder::USUAL,
        now(),
    );
    let [first, alone] = &*all else { panic!("{all:?}") };
    assert_eq!(first, &parts[0], "nor has it room for a mention");
    let line = "1 earlier state was not sent by itself: fired 03:12";
    let expected = [&*first.heading, "\n\n", line, "\n\nkeyword: duty"].concat();
    assert_eq!(alone.text(), expected);
    assert!(alone.at.is_empty() && alone.title == first.title);
}

#[test]
fn whom_the_earlier_states_mention_the_message_mentions() {
    let fired = State { at: mobile("138"), ..one() };
    let parts = with(&[fired, one()], &chatbot());
    assert_eq!(parts[0].at, mobile("138"));
    assert!(parts[0].text().ends_with("\n\n@138"), "{}", parts[0].text());
}
