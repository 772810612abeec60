//! Finishes the parts of a message: guards their text, and adds mentions, keyword and title.
//!
//! Every part that is sent is made here, whoever wrote its text; only the last resort is not. The
//! order of the steps matters: the guard runs before mentions and keyword are added, because these
//! come from the configuration.

use crate::dingtalk::message::{At, Keyword, Mark, MessageType, Part, split_heading};

use super::{Format, Language, Style, Surface, keyword, mention, plain};

/// What all parts of a message share.
#[derive(Debug)]
pub(super) struct MessageFrame<'a> {
    pub(super) surface: &'a Surface,
    pub(super) message_type: MessageType,
    pub(super) language: Language,
    /// The title of the whole message, not cut yet.
    pub(super) title: &'a str,
    /// Whom the first part mentions.
    pub(super) at: At,
}

/// The text of a part before the guard, without mark, mentions and keyword.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct WrittenText {
    /// The first line that is not empty.
    pub(super) heading: String,
    /// Everything after the heading.
    pub(super) body: String,
}

impl WrittenText {
    /// A whole text, parted after its heading.
    pub(super) fn of(text: &str) -> Self {
        let (heading, body) = split_heading(text);
        Self { heading: heading.to_owned(), body: body.to_owned() }
    }
}

impl<'a> MessageFrame<'a> {
    /// The frame of a message that mentions nobody.
    pub(super) fn new(surface: &'a Surface, style: &Style, title: &'a str) -> Self {
        let Format { message_type, language, .. } = style.format;
        Self { surface, message_type, language, title, at: At::default() }
    }

    /// Whom the part at `index` mentions: only the first part mentions anybody.
    pub(super) fn at(&self, index: usize) -> At {
        if index == 0 { self.at.clone() } else { At::default() }
    }

    /// The part at `index` as it is sent.
    pub(super) fn part(&self, index: usize, mark: Mark, text: WrittenText) -> Part {
        self.finish(index, mark, text, String::new()).0
    }

    /// The part at `index` as it is sent, and whether the guard changed its text.
    pub(super) fn finish(
        &self,
        index: usize,
        mark: Mark,
        WrittenText { heading, body }: WrittenText,
        shortened: String,
    ) -> (Part, bool) {
        let at = self.at(index);
        let [guarded_heading, guarded_body] =
            [&heading, &body].map(|text| mention::guard(text, &at));
        let is_changed = guarded_heading.is_some() || guarded_body.is_some();
        let mut part = Part {
            message_type: self.message_type,
            heading: guarded_heading.unwrap_or(heading),
            mark,
            body: guarded_body.unwrap_or(body),
            shortened,
            at,
            ..Part::default()
        };
        part.mentions = mention::missing(&part.pieces(), &part.at);
        let missing = keyword::missing(&part.pieces(), &self.surface.keywords);
        let (title, in_title) = self.title(missing, &part.mark);
        part.title = title;
        part.keyword = missing.map(|word| Keyword {
            label: self.language.words().keyword.to_owned(),
            word: word.to_owned(),
            in_title,
        });
        (part, is_changed)
    }

    /// The title without keyword and mark, and whether it has room for the keyword: of the three,
    /// only the title is cut.
    fn title(&self, keyword: Option<&str>, mark: &Mark) -> (String, bool) {
        if !self.message_type.has_title() {
            return (String::new(), false);
        }
        let guarded = mention::guard(self.title, &At::default());
        let title = guarded.as_deref().unwrap_or(self.title);
        let left = self.surface.max_title.saturating_sub(mark.len());
        let taken = keyword
            .filter(|keyword| !title.contains(keyword))
            .map(|keyword| " ".len() + keyword.encode_utf16().count())
            // A keyword that would take half of the title is added to the text alone.
            .filter(|taken| *taken < left / 2);
        (plain::cut_utf16(title, left - taken.unwrap_or(0)).into_owned(), taken.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::message::TITLE_LENGTH;
    use crate::render::tests::{chatbot, style};

    fn part(title: &str, count: usize, text: &str, at: At, keyword: &str) -> Part {
        let surface = Surface { keywords: vec![keyword.to_owned()], ..chatbot() };
        let style = style(MessageType::Markdown, Language::En);
        let frame = MessageFrame { at, ..MessageFrame::new(&surface, &style, title) };
        frame.part(0, Mark::of(0, count), WrittenText::of(text))
    }

    fn title(title: &str, count: usize, keyword: &str) -> String {
        part(title, count, "x", At::default(), keyword).title().unwrap().into_owned()
    }

    #[test]
    fn a_title_keeps_keyword_and_mark_within_its_length() {
        assert_eq!(title("[FIRING:1] Up", 1, "告警"), "[FIRING:1] Up 告警");
        assert_eq!(title("a alert", 2, "alert"), "a alert (1/2)");
        let long = "a".repeat(70);
        let cut = title(&long, 2, "告警");
        assert_eq!(cut.chars().count(), TITLE_LENGTH);
        assert!(cut.ends_with("a… 告警 (1/2)"), "{cut}");
        assert_eq!(title("abc", 1, &"k".repeat(40)), "abc");
        let wide = title(&"🔴".repeat(64), 2, "");
        assert!(
            wide.encode_utf16().count() <= TITLE_LENGTH && wide.ends_with("🔴… (1/2)"),
            "{wide}"
        );
    }

    #[test]
    fn mentions_and_keyword_end_the_text_and_values_mention_nobody() {
        let at = At { mobiles: vec!["138".into()], ..At::default() };
        let message = part("t @x", 1, "a @139", at, "alert");
        assert_eq!(message.text(), "a @\u{200b}139\n\n@138\n\nkeyword: alert");
        assert_eq!(message.title().as_deref(), Some("t @\u{200b}x alert"));
        let present = part("t", 1, "an alert", At::default(), "alert");
        assert_eq!(present.text(), "an alert");
    }

    #[test]
    fn only_the_first_part_mentions_and_what_the_guard_changed_is_known() {
        let surface = chatbot();
        let style = style(MessageType::Text, Language::En);
        let at = At { mobiles: vec!["138".into()], ..At::default() };
        let frame = MessageFrame { at, ..MessageFrame::new(&surface, &style, "t") };
        for (index, text, expected, is_changed) in [
            (0, "a\n@138", "a\n@138", false),
            (1, "a\n@138", "a\n@\u{200b}138", true),
            (1, "a@b", "a@\u{200b}b", true),
            (1, "a", "a", false),
        ] {
            let (message, changed) =
                frame.finish(index, Mark::default(), WrittenText::of(text), String::new());
            assert_eq!((message.text().as_str(), changed), (expected, is_changed), "{text}");
            assert_eq!(message.at.is_empty(), index > 0);
        }
    }
}
