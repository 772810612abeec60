//! The test message: what a destination shows when somebody tries it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::part::Part;
use super::{Kind, Surface, markdown, plain, split};
use crate::dingtalk::message::{At, Message};

/// The title, and the first line.
const TITLE: &str = "Test message from Campana";
/// The longest receiver's name that is shown, in characters.
const NAME_LENGTH: usize = 100;

/// A message that says that this destination works; it mentions nobody and fits `surface`.
#[must_use]
pub fn test_message(
    receiver: &str,
    kind: Kind,
    timezone: &TimeZone,
    surface: &Surface,
    now: Timestamp,
) -> Message {
    let receiver = plain::cut(receiver, NAME_LENGTH);
    let (heading, receiver) = match kind {
        Kind::Markdown => (format!("### 🔔 {TITLE}"), markdown::escape(&receiver)),
        Kind::Text => (format!("🔔 {TITLE}"), receiver),
    };
    let sent = now.to_zoned(timezone.clone()).strftime("%Y-%m-%d %H:%M:%S %:z");
    let lines = [
        heading,
        String::new(),
        format!("Receiver {receiver}: alerts will arrive here."),
        format!("Sent: {sent}"),
    ];
    let text = markdown::join(kind, &lines);
    let part = Part { kind, title: TITLE, mark: "", text: &text };
    let message = part.message(At::default(), &surface.keywords);
    split::fit(message, surface.wire, surface.max_bytes, &surface.keywords)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::chatbot;

    fn message(kind: Kind, keywords: &[&str]) -> Message {
        let keywords = keywords.iter().map(|word| (*word).to_owned()).collect();
        let mention = crate::render::Mention { all: true, ..Default::default() };
        let surface = Surface { keywords, mention, ..chatbot() };
        let now = "2026-11-20T19:12:05Z".parse().unwrap();
        test_message("ops_*db*", kind, &TimeZone::get("Asia/Shanghai").unwrap(), &surface, now)
    }

    #[test]
    fn it_says_which_receiver_and_when() {
        let message = message(Kind::Text, &[]);
        assert_eq!(
            message.content.text(),
            "🔔 Test message from Campana\n\nReceiver ops_*db*: alerts will arrive here.\n\
             Sent: 2026-11-21 03:12:05 +08:00"
        );
    }

    #[test]
    fn it_holds_a_keyword_and_mentions_nobody() {
        let message = message(Kind::Markdown, &["监控"]);
        assert!(message.content.text().contains("监控"));
        assert!(message.content.title().unwrap().contains("监控"));
        assert!(message.at.is_empty());
        assert!(message.content.text().contains("ops\\_\\*db\\*"), "{}", message.content.text());
    }
}
