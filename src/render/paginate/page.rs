//! What fits on a page: a page is a part of a message in the making.
//!
//! Sizes are those that DingTalk measures. A page that is written is measured as it would be sent; of
//! a page that is still to be written, the pieces that will stand on it are added up.

use crate::dingtalk::message::{At, Mark, Message, PARAGRAPH};
use crate::render::message::{MessageFrame, TITLE_LENGTH, WrittenText};
use crate::render::{mention, plain};

use super::size::cost;

/// The most parts of a message: more would be a quarter of a robot's minute for one group.
pub(in crate::render) const MOST_PARTS: usize = 5;

/// The longest mark that a part can have before it is cut again.
pub(super) fn longest_mark() -> Mark {
    Mark::of(MOST_PARTS - 1, MOST_PARTS)
}

/// Whether the page at `index` is small enough, be it with the longest mark.
pub(super) fn fits(frame: &MessageFrame<'_>, index: usize, text: &str, mark: Mark) -> bool {
    let page = frame.part(index, mark, WrittenText::of(text));
    page.size(frame.surface.api) <= frame.surface.max_bytes
}

/// The bytes that are left for the text of the page at `index`, if nothing else stands on it.
pub(super) fn left_for_text(frame: &MessageFrame<'_>, index: usize) -> usize {
    let empty = frame.part(index, longest_mark(), WrittenText::default());
    let taken = empty.size(frame.surface.api) + cost(PARAGRAPH);
    frame.surface.max_bytes.saturating_sub(taken)
}

/// The bytes that are left on a page that mentions `at`, beside the pieces that stand on each page.
pub(super) fn left_beside(frame: &MessageFrame<'_>, at: &At, pieces: &[&str]) -> usize {
    let empty = Message { message_type: frame.message_type, at: at.clone(), ..Message::default() };
    let keyword = frame.surface.keywords.first().map_or("", String::as_str);
    let around = [
        // Title and heading are marked, and the keyword stands in title and text.
        &plain::cut(frame.title, TITLE_LENGTH),
        &longest_mark().to_string(),
        keyword,
        &mention::line(at),
        &format!("{}{keyword}", frame.language.words().keyword),
    ];
    let all = around.into_iter().chain(pieces.iter().copied());
    let taken: usize = all.map(|piece| cost(piece) + cost(PARAGRAPH)).sum();
    frame.surface.max_bytes.saturating_sub(empty.size(frame.surface.api) + taken)
}
