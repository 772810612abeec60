//! The test message: what a destination shows when somebody tries it.

use jiff::Timestamp;

use super::message::{MessageFrame, WrittenText};
use super::{Format, Style, Surface, finish, link, markdown, paginate, plain};
use crate::dingtalk::message::{Button, Mark, Markup, PARAGRAPH, Part};

/// The longest receiver's name that is shown, in characters.
const NAME_LENGTH: usize = 100;

/// What stands on the button that leads to this server.
const NAME: &str = "Campana";

/// A message that says that this destination works; it mentions nobody and fits `surface`. Where messages have
/// buttons or a page, it opens `page`.
#[must_use]
pub fn test_message(
    receiver: &str,
    style: &Style,
    surface: &Surface,
    page: &str,
    now: Timestamp,
) -> Part {
    let opens = link::target(page).filter(|_| style.format.message_type.opens_pages());
    let button = opens.map(|url| Button { text: NAME.to_owned(), url });
    let mut message = text(receiver, style, surface, now);
    match button {
        Some(button) => {
            message.buttons = vec![button];
            message.layout = style.format.layout;
        }
        None => finish::bare(&mut message),
    }
    paginate::fit(message, surface, style.format.language)
}

fn text(receiver: &str, style: &Style, surface: &Surface, now: Timestamp) -> Part {
    let Format { message_type, language, .. } = style.format;
    let words = language.words();
    let receiver = plain::cut(receiver, NAME_LENGTH).into_owned();
    let (heading, receiver) = match message_type.markup() {
        Markup::Markdown => (format!("### 🔔 {}", words.test), markdown::escape(&receiver)),
        Markup::Plain => (format!("🔔 {}", words.test), receiver),
    };
    let sent = now.to_zoned(style.timezone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z");
    let lines = [(words.arrives)(&receiver), format!("{}{sent}", words.sent)];
    let body = format!("{PARAGRAPH}{}", markdown::join(message_type.markup(), lines));
    let frame = MessageFrame::new(surface, style, words.test);
    frame.part(0, Mark::default(), WrittenText { heading, body })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::message::MessageType;
    use crate::render::Language;
    use crate::render::tests::{chatbot, style};

    fn message(message_type: MessageType, language: Language, keywords: &[&str]) -> Part {
        let keywords = keywords.iter().map(|word| (*word).to_owned()).collect();
        let mention = crate::render::Mention { all: true, ..Default::default() };
        let surface = Surface { keywords, mention, ..chatbot() };
        let now = "2026-11-20T19:12:05Z".parse().unwrap();
        test_message("ops_*db*", &style(message_type, language), &surface, "", now)
    }

    #[test]
    fn it_says_which_receiver_and_when() {
        let message = message(MessageType::Text, Language::En, &[]);
        assert_eq!(
            message.text(),
            "🔔 Test message from Campana\n\nReceiver ops_*db*: messages reach this group.\n\
             Sent: 2026-11-21 03:12:05 +08:00"
        );
        assert_eq!(
            self::message(MessageType::Text, Language::ZhCn, &[]).text(),
            "🔔 Campana 测试消息\n\n接收器 ops_*db*：消息可以送达本群。\n\
             发送时间：2026-11-21 03:12:05 +08:00"
        );
    }

    #[test]
    fn it_holds_a_keyword_and_mentions_nobody() {
        let message = message(MessageType::Markdown, Language::En, &["监控"]);
        assert!(message.text().contains("监控"));
        assert!(message.title().unwrap().contains("监控"));
        assert!(message.at.is_empty());
        assert!(message.text().contains("ops\\_\\*db\\*"), "{}", message.text());
    }

    #[test]
    fn it_has_no_word_that_robots_usually_ask_for_so_a_missing_keyword_is_found() {
        for language in Language::ALL {
            for message_type in [MessageType::Text, MessageType::Markdown] {
                let part = message(message_type, language, &[]);
                let said = format!("{}{}", part.title().unwrap_or_default(), part.text());
                for word in ["alert", "Alert", "告警", "报警", "监控", "通知", "FIRING"] {
                    assert!(!said.contains(word), "{word}: {said}");
                }
            }
        }
    }
}
