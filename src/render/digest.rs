//! The digest: one message of one part for many alert groups, when more of them wait than the rate of
//! a robot lets through.
//!
//! It takes the first of the groups that it is given, as many as fit, and shows them in the order of a
//! reader: what fires before what is resolved, the severe before the mild, the new before the old.
//! Sizes are added up line by line; no message is written to find out what fits.

mod earlier;
mod feed;
mod group;
mod line;
mod overview;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use crate::dingtalk::message::{At, Mark, PARAGRAPH, Part};

use super::message::{MessageFrame, WrittenText};
use super::paginate::page::room;
use super::paginate::size::start_of;
use super::severity::SeverityOrder;
use super::{Style, Surface, browser, last_resort, markdown, mention, paginate, panic_words};
use group::{CommonLabels, Story};
use line::{GroupLine, Manner};
use overview::Overview;

pub use earlier::with_earlier_states;
pub use group::{DigestGroup, GroupState, status};

/// A digest of more groups has no link for each.
const MOST_LINKED: usize = 20;

/// A letter that takes as many bytes as nearly all letters take at most.
const WIDE_LETTER: &str = "漢";

/// The most names that a digest gives for lists.
const MOST_NAMES: usize = 50;

/// A digest, ready for its destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    /// The message.
    pub part: Part,
    /// How many of the groups that were given, from the first on, it shows or counts.
    pub groups: usize,
    /// What it is about, for lists.
    pub about: DigestSummary,
    /// Why a few words stand in for the digest.
    pub error: Option<String>,
}

/// What a digest is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DigestSummary {
    /// How many alerts fire.
    pub firing: u64,
    /// How many alerts are resolved.
    pub resolved: u64,
    /// What the label of the most severe group says; may be empty.
    pub severity: String,
    /// The alerts' names, sorted, each once; the first of many.
    pub alertnames: Vec<String>,
    /// How many names more there are, as far as the groups name them.
    pub more_alertnames: u64,
}

/// The digest of the first of `groups`, which stand in the order in which they leave the queue.
///
/// It takes at least one group, and mentions whom the groups mention that it takes. With `most_lines` it
/// has no more lines than that; where so many fit, it takes all groups, and counts those without a line.
#[must_use]
pub fn write(
    groups: &[DigestGroup<'_>],
    style: &Style,
    surface: &Surface,
    most_lines: Option<usize>,
    order: &SeverityOrder,
    now: Timestamp,
) -> Digest {
    let at = mention::within(&DigestGroup::everyone(groups), surface);
    or_last_resort(groups, &at, style, surface, || {
        let stories: Vec<Story<'_>> = groups.iter().map(|group| Story::of(group, order)).collect();
        let manner = Manner::new(style, order, now);
        // The title depends on how many groups it is about, and is cut to this length.
        let title = WIDE_LETTER.repeat(surface.max_title);
        let frame = MessageFrame { at: at.clone(), ..MessageFrame::new(surface, style, &title) };
        let draft = Draft { stories: &stories, manner, room: room(&frame, &at) };
        let important = most_lines.and_then(|most| draft.most_important(most));
        let (taken, lines) = important.unwrap_or_else(|| draft.first_that_fit(most_lines));
        let (title, text) = draft.text(taken, lines);
        let at = mention::both(&at, &DigestGroup::everyone(&groups[..taken]));
        let frame = MessageFrame { title: &title, at, ..frame };
        let mut part = frame.part(0, Mark::default(), text);
        browser::open_links(&mut part, style.format.links, surface);
        let part = feed::card(part, &stories[..taken], manner, style, surface);
        Digest { part, groups: taken, about: about(&stories[..taken]), error: None }
    })
}

/// What `write` gives; if it panics, the last resort, which counts all groups.
fn or_last_resort(
    groups: &[DigestGroup<'_>],
    at: &At,
    style: &Style,
    surface: &Surface,
    write: impl FnOnce() -> Digest,
) -> Digest {
    // Nothing that was borrowed is changed by writing, so there is no broken state to see.
    let written = catch_unwind(AssertUnwindSafe(write));
    let digest = written.unwrap_or_else(|panic| {
        let newest = groups.iter().map(|group| group.newest);
        let [firing, resolved] = newest.clone().fold([0_u64; 2], |[firing, resolved], state| {
            [firing.saturating_add(state.firing), resolved.saturating_add(state.resolved)]
        });
        let names = newest.flat_map(|state| state.alertnames).map(String::as_str).collect();
        let counts = [firing, resolved].map(|count| usize::try_from(count).unwrap_or(usize::MAX));
        let part = last_resort::of_counts(
            counts.into(),
            names,
            at.clone(),
            style.format.language,
            surface,
        );
        let about = DigestSummary { firing, resolved, ..DigestSummary::default() };
        let error = Some(panic_words("the digest", panic.as_ref()));
        Digest { part, groups: groups.len(), about, error }
    });
    Digest { part: paginate::fit(digest.part, surface, style.format.language), ..digest }
}

fn about(stories: &[Story<'_>]) -> DigestSummary {
    let (firing, resolved) = overview::totals(stories);
    let names: BTreeSet<&str> = stories.iter().flat_map(|story| &story.names).copied().collect();
    DigestSummary {
        firing,
        resolved,
        severity: overview::severest(stories).to_owned(),
        more_alertnames: names.len().saturating_sub(MOST_NAMES) as u64,
        alertnames: names.into_iter().take(MOST_NAMES).map(str::to_owned).collect(),
    }
}

/// A digest that is still to be written, for a part with so many bytes.
struct Draft<'s, 'a> {
    stories: &'s [Story<'a>],
    manner: Manner<'s>,
    room: usize,
}

impl<'s, 'a> Draft<'s, 'a> {
    /// How many stories, from the first on, fit with a line for each, and their lines in the order of
    /// a reader; at least one, if there is one, and no more than `most`.
    fn first_that_fit(&self, most: Option<usize>) -> (usize, Vec<GroupLine<'s, 'a>>) {
        let mut lines = self.lines_that_may_fit(most.unwrap_or(usize::MAX).max(1));
        let fits = |count: usize| size(&lines[..count], &self.overview(count)) <= self.room;
        let (mut fitting, mut large) = (lines.len().min(1), lines.len() + 1);
        // In most digests all groups fit.
        let mut next = lines.len();
        while large - fitting > 1 {
            if fits(next) {
                fitting = next;
            } else {
                large = next;
            }
            next = usize::midpoint(fitting, large);
        }
        lines.truncate(fitting);
        lines.sort_by_key(|line| line.story.reading_order());
        (fitting, lines)
    }

    /// The lines of the first stories, up to the one that cannot fit whatever the labels share.
    fn lines_that_may_fit(&self, most: usize) -> Vec<GroupLine<'s, 'a>> {
        let mut left = self.room;
        let mut lines = Vec::new();
        for story in self.stories.iter().take(most) {
            let line = GroupLine::new(story, &self.manner);
            let least = line.size_without_labels();
            if least > left && !lines.is_empty() {
                break;
            }
            left = left.saturating_sub(least);
            lines.push(line);
        }
        lines
    }

    /// All stories, and the lines of the first `most` in the order of a reader; none if these do not fit.
    fn most_important(&self, most: usize) -> Option<(usize, Vec<GroupLine<'s, 'a>>)> {
        let mut stories: Vec<&Story<'_>> = self.stories.iter().collect();
        stories.sort_by_key(|story| story.reading_order());
        let first = stories.into_iter().take(most);
        let lines: Vec<_> = first.map(|story| GroupLine::new(story, &self.manner)).collect();
        let taken = self.stories.len();
        let size = size(&lines, &self.overview(taken)) + self.more_size(lines.len(), taken);
        (size <= self.room).then_some((taken, lines))
    }

    /// The bytes of the words about those of the `taken` stories that have none of the `lines`.
    fn more_size(&self, lines: usize, taken: usize) -> usize {
        if lines == taken { 0 } else { self.manner.line_size(&self.more_groups(taken)) }
    }

    fn more_groups(&self, count: usize) -> String {
        (self.manner.words.digest.more_groups)(count)
    }

    /// Title and text of a digest of the first `taken` stories, with as many of `lines` as fit.
    fn text(&self, taken: usize, lines: Vec<GroupLine<'s, 'a>>) -> (String, WrittenText) {
        let markup = self.manner.markup;
        let mut overview = self.overview(taken);
        let around = overview.size() + self.more_size(lines.len(), taken);
        let room = self.room.saturating_sub(around);
        let (lines, left) = within(room, lines, &overview.common);
        let are_linked = lines.len() <= MOST_LINKED
            && lines.iter().map(GroupLine::link_size).sum::<usize>() <= left;
        let mut text = overview.above;
        for line in &lines {
            let line = line.write(&overview.common, are_linked, markup);
            // Only a lone line can be too long.
            text.push(start_of(&line, room));
        }
        if lines.len() < taken {
            text.push(self.more_groups(taken - lines.len()));
        }
        text.push(String::new());
        text.append(&mut overview.below);
        let body = [PARAGRAPH, &markdown::join(markup, text)].concat();
        (overview.title, WrittenText { heading: overview.heading, body })
    }

    fn overview(&self, taken: usize) -> Overview<'a> {
        Overview::of(&self.stories[..taken], &self.manner, self.room)
    }
}

/// The bytes of the lines and of all that stands around them.
fn size(lines: &[GroupLine<'_, '_>], overview: &Overview<'_>) -> usize {
    let lines = lines.iter().map(|line| line.size(&overview.common));
    lines.sum::<usize>() + overview.size()
}

/// As many of `lines` as fit into `room` bytes, at least the first, and what they leave.
fn within<'s, 'a>(
    room: usize,
    mut lines: Vec<GroupLine<'s, 'a>>,
    common: &CommonLabels<'_>,
) -> (Vec<GroupLine<'s, 'a>>, usize) {
    let mut left = room;
    let mut count = 0;
    for line in &lines {
        let size = line.size(common);
        if size > left && count > 0 {
            break;
        }
        left = left.saturating_sub(size);
        count += 1;
    }
    lines.truncate(count);
    (lines, left)
}
