//! A digest as a feed card: an entry with a picture for each group, which opens the group's page.
//!
//! The Markdown or text of the digest stays in the part. It is sent where a card cannot say all that it
//! says: where somebody is mentioned, a group has no page, or there are many groups.

use super::group::{CommonLabels, Story};
use super::line::{GroupLine, Manner};
use crate::dingtalk::message::{Button, Markup, MessageType, Part};
use crate::render::{Style, Surface, browser, keyword, link, plain};

/// The most groups of a card, which a phone shows on about two screens.
const MOST: usize = 8;

/// The longest entry, in UTF-16 units: about two lines on a phone.
const ENTRY_LENGTH: usize = 100;

/// `part`, the digest of these stories, as a card, if a card says all that it says.
pub(super) fn card(
    part: Part,
    stories: &[Story<'_>],
    manner: Manner<'_>,
    style: &Style,
    surface: &Surface,
) -> Part {
    let Some(picture) = style.format.feed_picture.clone() else { return part };
    if !part.at.is_empty() || stories.len() > MOST {
        return part;
    }
    let mut stories: Vec<&Story<'_>> = stories.iter().collect();
    stories.sort_by_key(|story| story.reading_order());
    let manner = Manner { markup: Markup::Plain, ..manner };
    let entries = stories.into_iter().map(|story| entry(story, &manner, style));
    let Some(mut buttons) = entries.collect::<Option<Vec<Button>>>() else { return part };
    say_keyword(&mut buttons, surface);
    let card = Part { message_type: MessageType::FeedCard, buttons, picture, ..part.clone() };
    if card.size(surface.api) <= surface.max_bytes { card } else { part }
}

/// The entry of a group; none if it has no page.
fn entry(story: &Story<'_>, manner: &Manner<'_>, style: &Style) -> Option<Button> {
    let url = browser::opening(style.format.links, link::target(story.newest.link)?);
    let line = GroupLine::new(story, manner).write(&CommonLabels::default(), false, Markup::Plain);
    Some(Button { text: plain::cut_utf16(&line, ENTRY_LENGTH).into_owned(), url })
}

/// Ends the first entry with a keyword of the robot, if no entry has one: what else DingTalk looks at in such a card
/// is not known.
fn say_keyword(entries: &mut [Button], surface: &Surface) {
    let texts: Vec<&str> = entries.iter().map(|entry| entry.text.as_str()).collect();
    let missing = keyword::missing(&[&texts.join("\n")], &surface.keywords);
    if let (Some(missing), Some(first)) = (missing, entries.first_mut()) {
        first.text = format!("{} {missing}", first.text);
    }
}
