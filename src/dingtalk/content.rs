//! The contents that all APIs write alike: a text, Markdown and a link.

use serde::Serialize;

use super::message::Part;

/// `text`.
#[derive(Serialize)]
pub(super) struct Text<'a> {
    pub(super) content: &'a str,
}

/// `markdown`.
#[derive(Serialize)]
pub(super) struct Markdown<'a> {
    pub(super) text: &'a str,
    pub(super) title: &'a str,
}

/// `link`, whose names are in camel case also where all others are not.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Link<'a> {
    message_url: &'a str,
    pic_url: &'a str,
    text: &'a str,
    title: &'a str,
}

impl<'a> Link<'a> {
    /// The page and the picture of `part`, with this text and title.
    pub(super) fn of(part: &'a Part, text: &'a str, title: &'a str) -> Self {
        Self { message_url: part.page(), pic_url: &part.picture, text, title }
    }
}
