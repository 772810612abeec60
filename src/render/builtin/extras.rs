//! What a sender itself gives of an alert: the values that it came of, the sender's pages, a picture.

use super::annotations::LINKS;
use crate::alert::{Alert, AlertExtras};
use crate::render::link;
use crate::render::markdown::{Links, MarkupWriter};
use crate::render::words::Words;

/// Writes the values in a line of their own.
pub(super) fn write_values(writer: &mut MarkupWriter, alert: &Alert, words: &Words) {
    let values = alert.extras.as_deref().map(AlertExtras::values_in_words).unwrap_or_default();
    writer.line(|line| line.after(words.values, |line| line.value(&values)));
}

/// Adds the sender's pages: the graphs around the alert, unless an annotation leads to others, and its
/// own graph.
pub(super) fn add_links(links: &mut Links<'_>, alert: &Alert, words: &Words) {
    let Some(extras) = alert.extras.as_deref() else { return };
    let [_, dashboard] = LINKS;
    if alert.annotations.get(dashboard).is_none_or(str::is_empty) {
        links.add(words.dashboard, |out| link::push_target(out, &extras.dashboard_url));
    }
    links.add(words.panel, |out| link::push_target(out, &extras.panel_url));
}

/// The address of the picture, if that is one of the web.
pub(super) fn picture(alert: &Alert) -> Option<&str> {
    let url = &alert.extras.as_deref()?.image_url;
    link::is_target(url).then_some(url)
}

/// Writes the picture, as such or as its address.
pub(super) fn write_picture(writer: &mut MarkupWriter, alert: &Alert, words: &Words) {
    if let Some(url) = picture(alert) {
        writer.picture(words.picture, |out| link::push_target(out, url));
    }
}
