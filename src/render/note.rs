//! A note of ours in a message that is otherwise what it always is: why it came this way.
//!
//! The message is written for a surface that leaves room for the note, which then ends the body of
//! its first part.

use super::{Language, Style, Surface, markdown, mention, plain};
use crate::dingtalk::message::{At, Markup, PARAGRAPH, Part, json_size};

/// The most characters of a reason that a note quotes.
const REASON_LENGTH: usize = 300;

/// Says that another destination did not take the message, which comes here instead.
#[must_use]
pub fn handed_over(destination: &str, reason: &str, style: &Style) -> String {
    let reason = plain::line(reason, REASON_LENGTH).text;
    let words = style.format.language.words();
    let note = (words.handed_over)(destination, &reason);
    let note = match style.format.message_type.markup() {
        Markup::Markdown => markdown::escape(&note),
        Markup::Plain => plain::unlinked(&note).into_owned(),
    };
    mention::guard(&note, &At::default()).unwrap_or(note)
}

/// Why a delivery that is no dead letter is handed over, for [`handed_over`].
#[must_use]
pub fn not_taken_for(minutes: u64, language: Language) -> String {
    (language.words().not_taken_for)(minutes)
}

/// The surface with room for `note` beside the message.
#[must_use]
pub fn beside(surface: &Surface, note: &str) -> Surface {
    let taken = json_size(PARAGRAPH) + json_size(note);
    Surface { max_bytes: surface.max_bytes.saturating_sub(taken), ..surface.clone() }
}

/// Adds `note` to a message that was written for a surface [`beside`] it.
pub fn add(parts: &mut [Part], note: &str) {
    if let Some(first) = parts.first_mut() {
        end(first, note);
    }
}

/// Ends the body of a part with a paragraph of ours.
pub(super) fn end(part: &mut Part, text: &str) {
    part.body.truncate(part.body.trim_end().len());
    part.body.push_str(PARAGRAPH);
    part.body.push_str(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dingtalk::message::MessageType;
    use crate::render::tests::{chatbot, style};

    #[test]
    fn a_note_says_where_the_message_should_have_gone_and_why_it_did_not() {
        let english = style(MessageType::Markdown, Language::En);
        let note = handed_over("ops/bot", "300005: token\n[x](http://e) @all", &english);
        assert!(
            note.starts_with("Sent here because ops/bot did not take it: 300005: token"),
            "{note}"
        );
        assert!(!note.contains("](http://") && !note.contains("@all"), "{note}");
        let chinese = style(MessageType::Text, Language::ZhCn);
        let note = handed_over("ops/bot", &not_taken_for(10, Language::ZhCn), &chinese);
        assert_eq!(note, "ops/bot 未能送达，改发到这里：等待已超过 10 分钟");
    }

    #[test]
    fn a_message_beside_its_note_fits() {
        let surface = Surface { max_bytes: 2_000, ..chatbot() };
        let note =
            handed_over("ops/bot", &"\"漢\"".repeat(400), &style(MessageType::Text, Language::En));
        let room = beside(&surface, &note);
        let mut parts = vec![Part::new(MessageType::Text, "", "head\nbody")];
        while parts[0].size(room.api) < room.max_bytes {
            parts[0].body.push('x');
        }
        add(&mut parts, &note);
        assert!(parts[0].size(surface.api) <= surface.max_bytes && parts[0].body.ends_with(&note));
    }
}
