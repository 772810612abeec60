//! What fits on a page, which is a part before its number is known.
//!
//! Sizes are those that DingTalk measures. A page whose text is known is measured as it would be sent;
//! for a page whose text is still to be written, the sizes of the other pieces are added up.

use crate::dingtalk::message::{At, Mark, PARAGRAPH, Part};
use crate::render::message::{MessageFrame, WrittenText};
use crate::render::{mention, plain};

use super::size::json_size;

/// The most parts of a message: more would be a quarter of a robot's minute for one group.
pub(in crate::render) const MOST_PARTS: usize = 5;

/// The longest mark that a part can have before it is cut again.
pub(super) fn longest_mark() -> Mark {
    Mark::of(MOST_PARTS - 1, MOST_PARTS)
}

/// Whether the page at `index` is small enough with `mark`.
pub(super) fn fits(frame: &MessageFrame<'_>, index: usize, text: &str, mark: Mark) -> bool {
    let page = frame.part(index, mark, WrittenText::of(text));
    page.size(frame.surface.api) <= frame.surface.max_bytes
}

/// The bytes that are left for the text of the page at `index`, if no piece is repeated on each page.
pub(super) fn left_for_text(frame: &MessageFrame<'_>, index: usize) -> usize {
    let empty = frame.part(index, longest_mark(), WrittenText::default());
    let taken = empty.size(frame.surface.api) + json_size(PARAGRAPH);
    frame.surface.max_bytes.saturating_sub(taken)
}

/// The bytes of a page that mentions `at`, without what stands around its text.
pub(in crate::render) fn room(frame: &MessageFrame<'_>, at: &At) -> usize {
    let empty = Part { message_type: frame.message_type, at: at.clone(), ..Part::default() };
    let keyword = frame.surface.keywords.first().map_or("", String::as_str);
    let title = plain::cut_utf16(frame.title, frame.surface.max_title);
    let (mark, mentions) = (longest_mark().to_string(), mention::line(at));
    let label = frame.language.words().keyword;
    // The mark ends the title as it ends the heading, and the keyword stands in title and text.
    let around = [&*title, &mark, keyword, &mentions, label].map(paragraph_size);
    let taken = around.into_iter().sum::<usize>() + json_size(keyword);
    frame.surface.max_bytes.saturating_sub(empty.size(frame.surface.api) + taken)
}

/// The bytes of a piece of a page, with what stands between it and the next one.
pub(in crate::render) fn paragraph_size(text: &str) -> usize {
    json_size(text) + json_size(PARAGRAPH)
}
