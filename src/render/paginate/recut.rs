//! Cuts a stored part again, for when DingTalk says that it is too long.
//!
//! Heading, mark, mentions and keyword are fields of the part, so only its body is cut, at line ends.
//! As after the first cut, each new part has the heading, a mark and a keyword, and only the first one
//! mentions anybody.

use std::borrow::Cow;

use super::lines::halves;
use super::size::{json_size, start_of, whole_lines};
use crate::dingtalk::message::{Keyword, Mark, PARAGRAPH, Part};
use crate::render::message::{MessageFrame, WrittenText};
use crate::render::{Language, Surface, finish, markdown};

/// The parts to send in place of `part`, each about half of it and none above what `surface`
/// takes.
///
/// A part without a line end to cut at is shortened, and says so; a part that can't be shortened either
/// comes back alone and unchanged. If the destination has no keywords any more, a keyword that was
/// added is kept.
///
/// Buttons and the page of a link stay with the last part. They go where the new parts do not fit with them, or
/// are not smaller, and so do the entries of a feed card.
#[must_use]
pub fn smaller(part: &Part, surface: &Surface, language: Language) -> Vec<Part> {
    if !part.message_type.opens_pages() {
        return smaller_text(part, surface, language);
    }
    let mut text = part.clone();
    finish::bare(&mut text);
    let around = part.size(surface.api).saturating_sub(text.size(surface.api));
    let max_bytes = surface.max_bytes.saturating_sub(around);
    let parts = smaller_text(&text, &Surface { max_bytes, ..surface.clone() }, language);
    let dressed = finish::again(parts, part);
    let whole = part.size(surface.api);
    let are_right = |size: usize| size < whole && size <= surface.max_bytes;
    if dressed.iter().all(|one| are_right(one.size(surface.api))) {
        dressed
    } else {
        smaller_text(&text, surface, language)
    }
}

fn smaller_text(part: &Part, surface: &Surface, language: Language) -> Vec<Part> {
    let recut = Recut::new(part, surface, language);
    let parts = recut.halves().filter(|parts| parts.iter().all(|part| recut.is_smaller(part)));
    let parts = parts.map(Vec::from).or_else(|| recut.shorter().map(|part| vec![part]));
    let Some(parts) = parts else { return vec![part.clone()] };
    let cut = parts.into_iter().flat_map(|part| {
        // Each step is smaller than the one before, so this ends.
        if part.size(surface.api) > surface.max_bytes {
            smaller_text(&part, surface, language)
        } else {
            vec![part]
        }
    });
    cut.collect()
}

/// `part`, shortened if it is larger than `surface` takes.
pub(in crate::render) fn fit(mut part: Part, surface: &Surface, language: Language) -> Part {
    while part.size(surface.api) > surface.max_bytes {
        let Some(shorter) = Recut::new(&part, surface, language).shorter() else { break };
        part = shorter;
    }
    part
}

/// A part that is cut again.
struct Recut<'a> {
    whole: &'a Part,
    surface: Cow<'a, Surface>,
    language: Language,
}

impl<'a> Recut<'a> {
    fn new(part: &'a Part, surface: &'a Surface, language: Language) -> Self {
        let kept = part.keyword.as_ref().filter(|_| surface.keywords.is_empty());
        let surface = match kept {
            Some(Keyword { word, .. }) => {
                Cow::Owned(Surface { keywords: vec![word.clone()], ..surface.clone() })
            }
            None => Cow::Borrowed(surface),
        };
        Self { whole: part, surface, language }
    }

    fn is_smaller(&self, part: &Part) -> bool {
        part.size(self.surface.api) < self.whole.size(self.surface.api)
    }

    /// Two parts, cut at the line end nearest to the middle.
    fn halves(&self) -> Option<[Part; 2]> {
        let (first, second) = halves(self.body())?;
        let [one, two] = self.whole.mark.halves();
        let shortened = if self.whole.shortened.is_empty() { "" } else { self.loss_words() };
        Some([
            self.part(0, one, self.heading(), first, ""),
            self.part(1, two, self.heading(), second, shortened),
        ])
    }

    /// One part with about half of the body; without a body, about half of the heading.
    fn shorter(&self) -> Option<Part> {
        let cuts = [Self::start_of_body, Self::heading_alone, Self::start_of_heading];
        cuts.iter().map(|cut| cut(self)).find(|part| self.is_smaller(part))
    }

    fn start_of_body(&self) -> Part {
        if self.body().is_empty() {
            return self.heading_alone();
        }
        let lines = self.body().lines().map(|line| line.trim_end().to_owned()).collect();
        let mut kept = whole_lines(lines, json_size(self.body()) / 2, self.loss_words());
        if kept == ["…"] {
            // Not even the start of the first line is kept; the line about the loss says enough.
            kept.clear();
        }
        let body = markdown::join(self.whole.message_type.markup(), &kept);
        let mark = self.whole.mark.clone();
        self.part(0, mark, self.heading(), &body, self.loss_words())
    }

    /// The part without its body, whose loss the heading tells: the words for it can be longer.
    fn heading_alone(&self) -> Part {
        let heading = self.heading();
        let is_lost = !self.body().is_empty() || !self.whole.shortened.is_empty();
        let sign = if is_lost && !heading.ends_with('…') { "…" } else { "" };
        self.part(0, self.whole.mark.clone(), &format!("{heading}{sign}"), "", "")
    }

    fn start_of_heading(&self) -> Part {
        let heading = start_of(self.heading(), json_size(self.heading()) / 2);
        self.part(0, self.whole.mark.clone(), &heading, "", "")
    }

    fn heading(&self) -> &'a str {
        self.whole.heading.trim_start()
    }

    fn body(&self) -> &'a str {
        self.whole.body.trim()
    }

    /// The line that says that the end of the body was lost.
    fn loss_words(&self) -> &'static str {
        self.language.words().shortened
    }

    fn part(&self, index: usize, mark: Mark, heading: &str, body: &str, shortened: &str) -> Part {
        let frame = MessageFrame {
            surface: &self.surface,
            message_type: self.whole.message_type,
            language: self.language,
            title: &self.whole.title,
            at: self.whole.at.clone(),
        };
        let paragraph = if body.is_empty() { "" } else { PARAGRAPH };
        let text = WrittenText { heading: heading.to_owned(), body: format!("{paragraph}{body}") };
        frame.finish(index, mark, text, shortened.to_owned()).0
    }
}

#[cfg(test)]
mod tests;
