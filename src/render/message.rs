//! One part, made final: marked, guarded, with its mentions and its keyword.
//!
//! Whoever wrote the text, the last steps are the same, and their order matters: the guard comes
//! before the mentions and the keyword, which are ours.

use crate::dingtalk::message::{At, Content, Message, MessageType};

use super::{Language, keyword, mention, plain};

/// The longest title, in characters: the old conversation API refuses more (34016).
pub(super) const TITLE_LENGTH: usize = 64;

/// Between paragraphs.
pub(super) const PARAGRAPH: &str = "\n\n";

/// A part that is written.
#[derive(Debug)]
pub(super) struct Part<'a> {
    pub(super) message_type: MessageType,
    pub(super) language: Language,
    /// The title of the whole message, not cut yet.
    pub(super) title: &'a str,
    /// ` (1/3)`, or nothing.
    pub(super) mark: &'a str,
    /// The text, its first line marked.
    pub(super) text: &'a str,
}

impl Part<'_> {
    /// The part as it is sent.
    pub(super) fn message(&self, at: At, keywords: &[String]) -> Message {
        let mut text = mention::guard(self.text, &at);
        let mentions = mention::missing(&text, &at);
        if !mentions.is_empty() {
            text = format!("{text}{PARAGRAPH}{mentions}");
        }
        let missing = keyword::missing(&text, keywords);
        if let Some(keyword) = missing {
            text = format!("{text}{PARAGRAPH}{}", keyword::line(keyword, self.language));
        }
        Message { content: content(self.message_type, self.title(missing), text), at }
    }

    /// Title, keyword, mark: of these only the title is cut.
    fn title(&self, keyword: Option<&str>) -> String {
        let title = mention::guard(self.title, &At::default());
        let left = TITLE_LENGTH.saturating_sub(self.mark.chars().count());
        let asked =
            keyword.filter(|keyword| !title.contains(keyword)).map(|word| format!(" {word}"));
        // A keyword that takes half of the title stands in the text alone.
        let keyword = asked.filter(|word| word.chars().count() < left / 2).unwrap_or_default();
        let title = plain::cut(&title, left - keyword.chars().count());
        format!("{title}{keyword}{}", self.mark)
    }
}

pub(super) fn content(message_type: MessageType, title: String, text: String) -> Content {
    match message_type {
        MessageType::Markdown => Content::Markdown { title, text },
        MessageType::Text => Content::Text { text },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part<'a>(title: &'a str, mark: &'a str, text: &'a str) -> Part<'a> {
        Part { message_type: MessageType::Markdown, language: Language::En, title, mark, text }
    }

    fn title(part: &Part<'_>, keyword: &str) -> String {
        let message = part.message(At::default(), &[keyword.to_owned()]);
        message.content.title().unwrap().to_owned()
    }

    #[test]
    fn a_title_keeps_keyword_and_mark_within_its_length() {
        assert_eq!(title(&part("[FIRING:1] Up", "", "x"), "告警"), "[FIRING:1] Up 告警");
        assert_eq!(title(&part("a alert", " (1/2)", "x"), "alert"), "a alert (1/2)");
        let long = "a".repeat(70);
        let cut = title(&part(&long, " (1/2)", "x"), "告警");
        assert_eq!(cut.chars().count(), TITLE_LENGTH);
        assert!(cut.ends_with("a… 告警 (1/2)"), "{cut}");
        assert_eq!(title(&part("abc", "", "x"), &"k".repeat(40)), "abc");
    }

    #[test]
    fn mentions_and_keyword_end_the_text_and_values_mention_nobody() {
        let at = At { mobiles: vec!["138".into()], ..At::default() };
        let message = part("t @x", "", "a @139").message(at, &["alert".into()]);
        assert_eq!(message.content.text(), "a @\u{200b}139\n\n@138\n\nkeyword: alert");
        assert_eq!(message.content.title(), Some("t @\u{200b}x alert"));
        let present = part("t", "", "an alert").message(At::default(), &["alert".into()]);
        assert_eq!(present.content.text(), "an alert");
    }
}
