//! What a sender itself gives of an alert: the values that it came of, the sender's pages, a picture.

use super::annotations::LINKS;
use crate::alert::{Alert, AlertExtras, Labels};
use crate::render::facts::Pages;
use crate::render::link;
use crate::render::markdown::{Links, MarkupWriter};
use crate::render::words::Words;

/// Writes the values in a line of their own.
pub(super) fn write_values(writer: &mut MarkupWriter, alert: &Alert, words: &Words) {
    let values = alert.extras.as_deref().map(AlertExtras::values_in_words).unwrap_or_default();
    writer.line(|line| line.after(words.values, |line| line.value(&values)));
}

/// Adds the sender's pages: the graphs around an alert, unless an annotation leads to others, and its
/// own graph.
pub(super) fn add_links(
    links: &mut Links<'_>,
    pages: &Pages<'_>,
    annotations: &Labels,
    words: &Words,
) {
    let [_, dashboard] = LINKS;
    if annotations.get(dashboard).is_none_or(str::is_empty) {
        links.add(words.dashboard, |out| link::push_target(out, pages.dashboard));
    }
    links.add(words.panel, |out| link::push_target(out, pages.panel));
}

/// Whether there is a picture at an address of the web.
pub(super) fn has_picture(pages: &Pages<'_>) -> bool {
    link::is_target(pages.picture)
}

/// Writes the picture, as such or as its address.
pub(super) fn write_picture(writer: &mut MarkupWriter, pages: &Pages<'_>, words: &Words) {
    if has_picture(pages) {
        writer.picture(words.picture, |out| link::push_target(out, pages.picture));
    }
}
