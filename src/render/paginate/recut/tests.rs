//! What becomes of a part that DingTalk found too long.

use super::*;
use crate::dingtalk::message::{At, MessageType};
use crate::dingtalk::robot;
use crate::render::tests::{chatbot, style};

fn message(title: &str, text: &str) -> Part {
    Part::new(MessageType::Markdown, title, text)
}

/// The second of three parts.
fn second_of_three(title: &str, text: &str) -> Part {
    Part { mark: Mark::of(1, 3), ..message(title, text) }
}

/// A part as it is made of a template's text.
fn by_template(title: &str, text: &str, surface: &Surface) -> Part {
    let style = style(MessageType::Markdown, Language::En);
    let frame = MessageFrame::new(surface, &style, title);
    frame.part(0, Mark::default(), WrittenText::of(text))
}

fn added(keyword: &str) -> Keyword {
    let label = Language::En.words().keyword.to_owned();
    Keyword { label, word: keyword.to_owned(), in_title: true }
}

fn texts(parts: &[Part]) -> Vec<(String, String)> {
    parts.iter().map(|part| (part.title().unwrap().into_owned(), part.text())).collect()
}

fn pairs<const N: usize>(expected: [(&str, &str); N]) -> [(String, String); N] {
    expected.map(|(title, text)| (title.to_owned(), text.to_owned()))
}

#[test]
fn a_part_is_cut_at_a_paragraph_near_its_middle_and_keeps_its_number() {
    let part = second_of_three("[FIRING:9] Up", "### Up\n\na  \nb\n\nc  \nd");
    let part = Part { keyword: Some(added("k")), ..part };
    assert_eq!(part.text(), "### Up (2/3)\n\na  \nb\n\nc  \nd\n\nkeyword: k");
    assert_eq!(
        texts(&smaller(&part, &chatbot(), Language::En)),
        pairs([
            ("[FIRING:9] Up k (2/3a)", "### Up (2/3a)\n\na  \nb\n\nkeyword: k"),
            ("[FIRING:9] Up k (2/3b)", "### Up (2/3b)\n\nc  \nd\n\nkeyword: k"),
        ])
    );
    let unmarked = message("Up", "Up\n\naaaaaaaaaaaaaaaaaaaa\n\nbbbbbbbbbbbbbbbbbbbbbbb");
    let cut = smaller(&unmarked, &chatbot(), Language::En);
    assert_eq!(texts(&cut)[1..], pairs([("Up (2/2)", "Up (2/2)\n\nbbbbbbbbbbbbbbbbbbbbbbb")]));
}

#[test]
fn a_heading_that_ends_like_a_mark_is_left_as_it_is() {
    let surface = chatbot();
    let text = format!("# Pods ready (2/3)\n{}\n{}", "a".repeat(30), "b".repeat(30));
    let part = by_template("Ready (2/3)", &text, &surface);
    assert_eq!(
        texts(&smaller(&part, &surface, Language::En)),
        pairs([
            ("Ready (2/3) (1/2)", &format!("# Pods ready (2/3) (1/2)\n\n{}", "a".repeat(30)),),
            ("Ready (2/3) (2/2)", &format!("# Pods ready (2/3) (2/2)\n\n{}", "b".repeat(30)),),
        ])
    );
}

#[test]
fn a_last_line_of_a_templates_own_is_no_keyword_of_ours() {
    let (first, second) = ("a".repeat(30), "b".repeat(30));
    let text = format!("# head\n{first}\n\n{second}\n\nkeyword: x");
    for keywords in [Vec::new(), vec!["x".to_owned()]] {
        let surface = Surface { keywords, ..chatbot() };
        let part = by_template("t", &text, &surface);
        assert_eq!(part.text(), text);
        let parts = smaller(&part, &surface, Language::En);
        let [first, second] = &parts[..] else { unreachable!("two parts: {parts:?}") };
        let is_asked_for = !surface.keywords.is_empty();
        assert_eq!(first.text().contains("keyword: x"), is_asked_for, "{}", first.text());
        assert_eq!(second.text().matches("keyword: x").count(), 1, "{}", second.text());
    }
}

#[test]
fn mentions_that_a_template_wrote_itself_stay_and_are_not_written_twice() {
    let at = At { mobiles: vec!["138".to_owned()], ..At::default() };
    let text = format!("# head\n@138 look\n\n{}\n\n{}\n\n@138", "a".repeat(30), "b".repeat(30));
    let part = Part { at: at.clone(), ..message("t", &text) };
    let parts = smaller(&part, &chatbot(), Language::En);
    let [first, second] = &parts[..] else { unreachable!("two parts: {parts:?}") };
    assert_eq!((&first.at, second.at.is_empty()), (&at, true));
    assert_eq!(first.text().matches("@138").count(), 1, "{}", first.text());
    // The second part mentions nobody, so the guard breaks the template's mention.
    assert!(second.text().ends_with("\n\n@\u{200b}138"), "{}", second.text());
}

#[test]
fn a_mention_that_was_added_to_a_templates_own_stays_in_the_first_part() {
    let at = At { mobiles: vec!["138".to_owned(), "139".to_owned()], ..At::default() };
    let surface = chatbot();
    let style = style(MessageType::Markdown, Language::En);
    let frame = MessageFrame { at, ..MessageFrame::new(&surface, &style, "t") };
    let text = format!("# head\n@138 look\n\n{}\n\n{}", "a".repeat(60), "b".repeat(60));
    let part = frame.part(0, Mark::default(), WrittenText::of(&text));
    assert_eq!(part.text(), format!("{text}\n\n@139"));
    let parts = smaller(&part, &surface, Language::En);
    let [first, second] = &parts[..] else { unreachable!("two parts: {parts:?}") };
    assert!(first.text().ends_with("a\n\n@139"), "{}", first.text());
    assert!(second.text().ends_with("bb"), "{}", second.text());
}

#[test]
fn a_part_is_cut_in_the_language_of_the_settings_whatever_it_was_written_in() {
    let keyword = Keyword {
        label: Language::ZhCn.words().keyword.to_owned(),
        word: "值班".to_owned(),
        in_title: false,
    };
    let part = message("Up", &format!("Up\n\n{}", "word ".repeat(50)));
    let part = Part { keyword: Some(keyword), ..part };
    let english = smaller(&part, &chatbot(), Language::En);
    let [english] = &english[..] else { unreachable!("one part: {english:?}") };
    let text = english.text();
    assert!(text.ends_with("…  \n… shortened\n\nkeyword: 值班"), "{text}");
    let chinese = smaller(english, &chatbot(), Language::ZhCn);
    let [chinese] = &chinese[..] else { unreachable!("one part: {chinese:?}") };
    let text = chinese.text();
    assert!(text.ends_with("…  \n…（内容过长，已截断）\n\n关键词：值班"), "{text}");
    assert!(!text.contains("shortened") && !text.contains("keyword"), "{text}");
}

#[test]
fn the_last_of_two_halves_says_that_the_end_was_lost() {
    let (first, second) = ("a".repeat(60), "b".repeat(60));
    let part = message("Up", &format!("Up\n\n{first}\n\n{second}"));
    let part = Part { shortened: "… shortened".to_owned(), ..part };
    let parts = smaller(&part, &chatbot(), Language::ZhCn);
    assert_eq!(texts(&parts)[0].1, format!("Up (1/2)\n\n{first}"));
    assert_eq!(texts(&parts)[1].1, format!("Up (2/2)\n\n{second}  \n…（内容过长，已截断）"));
}

#[test]
fn what_cannot_be_cut_is_shortened_and_in_the_end_stays() {
    let mut part = message("Up", &format!("Up\n\n{}", "word ".repeat(50)));
    let mut sizes = vec![part.size(&robot::API)];
    for _ in 0..20 {
        let mut cut = smaller(&part, &chatbot(), Language::En);
        assert!(!cut.is_empty());
        let next = cut.swap_remove(0);
        if next == part {
            break;
        }
        assert!(next.text().contains('…'), "{}", next.text());
        sizes.push(next.size(&robot::API));
        part = next;
    }
    assert!(sizes.is_sorted_by(|a, b| a > b) && sizes.len() > 3, "{sizes:?}");
    assert_eq!(part.text(), "…");
}

#[test]
fn a_heading_tells_of_a_body_that_is_too_short_for_the_words_of_its_loss() {
    for (body, shortened) in [("b", ""), ("", "… shortened"), ("… shortened", "")] {
        let part = message("Up", &format!("# 9 hosts are up\n\n{body}"));
        let part = Part { shortened: shortened.to_owned(), ..part };
        let parts = smaller(&part, &chatbot(), Language::En);
        assert_eq!(texts(&parts), pairs([("Up", "# 9 hosts are up…")]), "{body} {shortened}");
    }
    let parts = smaller(&message("Up", "# 9 hosts are up…"), &chatbot(), Language::En);
    assert_eq!(texts(&parts), pairs([("Up", "# 9 …")]));
}

#[test]
fn a_line_that_nothing_is_known_of_is_shortened_also_where_it_is_the_heading() {
    let part = message("t", &format!("{}\n… shortened", "x".repeat(19_000)));
    let limited = Surface { max_bytes: 3_000, ..chatbot() };
    let parts = smaller(&part, &limited, Language::En);
    let [part] = &parts[..] else { unreachable!("one part: {parts:?}") };
    assert!(part.size(&robot::API) <= 3_000 && part.text().ends_with("xx…"), "{}", part.text());
}

#[test]
fn a_part_that_begins_with_an_empty_line_keeps_its_heading_and_its_number() {
    let lines = (0..6).map(|n| format!("line {n} of some words"));
    let text = format!("\n\n# head\n{}", lines.collect::<Vec<_>>().join("\n"));
    let parts = smaller(&second_of_three("t", &text), &chatbot(), Language::En);
    assert_eq!(parts.len(), 2);
    for (part, mark) in parts.iter().zip(["2/3a", "2/3b"]) {
        let text = part.text();
        assert!(text.starts_with(&format!("# head ({mark})\n")), "{text}");
        assert_eq!(part.title().as_deref(), Some(format!("t ({mark})").as_str()));
    }
}
