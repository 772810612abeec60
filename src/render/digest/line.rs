//! The line of a group: what is wrong, where, how many alerts, and since when.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::group::{Before, CommonLabels, GroupState, Standing, Story};
use crate::alert::Status;
use crate::dingtalk::message::Markup;
use crate::render::builtin::heading::{listed, value};
use crate::render::builtin::times;
use crate::render::facts::{OPEN, emoji, is_place};
use crate::render::markdown::{self, BETWEEN};
use crate::render::paginate::size::json_size;
use crate::render::severity::{SeverityOrder, Urgency, is_said_by_colour};
use crate::render::words::Words;
use crate::render::{Style, link, plain};

/// The most characters of a label's value.
const LABEL_LENGTH: usize = 60;

/// Behind the emoji, and behind the name.
const GAP: &str = " ";

/// How the lines of a digest are written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Manner<'a> {
    pub(super) markup: Markup,
    pub(super) words: &'static Words,
    pub(super) zone: &'a TimeZone,
    pub(super) now: Timestamp,
    /// What the severities mean.
    pub(super) order: &'a SeverityOrder,
}

impl<'a> Manner<'a> {
    pub(super) fn new(style: &'a Style, order: &'a SeverityOrder, now: Timestamp) -> Self {
        let markup = style.format.message_type.markup();
        Self { markup, words: style.format.language.words(), zone: &style.timezone, now, order }
    }

    /// A clean text within a line.
    pub(super) fn text(&self, clean: &str) -> String {
        match self.markup {
            Markup::Markdown => markdown::escape(clean),
            Markup::Plain => plain::unlinked(clean).into_owned(),
        }
    }

    /// A clean text at the beginning of a line.
    pub(super) fn line(&self, clean: &str) -> String {
        match self.markup {
            Markup::Markdown => markdown::escape_line(clean),
            Markup::Plain => plain::unlinked(clean).into_owned(),
        }
    }

    /// The bytes of a line, with its end.
    pub(super) fn line_size(&self, line: &str) -> usize {
        json_size(line) + json_size(self.markup.line_end())
    }

    /// What happened, and when, if that is known.
    pub(super) fn happened(&self, word: &str, time: Option<Timestamp>) -> String {
        let time = time.map(|time| times::short(time, self.now, self.zone));
        time.map_or_else(|| word.to_owned(), |time| (self.words.digest.at)(word, &time))
    }
}

/// The colour of what stands so.
pub(super) fn mark(standing: Standing, urgency: Urgency) -> &'static str {
    match standing {
        Standing::Firing => emoji(Status::Firing, urgency),
        Standing::Open => OPEN,
        Standing::Resolved => emoji(Status::Resolved, urgency),
    }
}

/// The line of a group in pieces, of which the labels depend on the other groups.
#[derive(Debug)]
pub(super) struct GroupLine<'s, 'a> {
    pub(super) story: &'s Story<'a>,
    emoji: &'static str,
    name: String,
    /// What the colour does not say of its severity; may be empty.
    severity: String,
    /// The labels of the story, in its order; empty where nothing of a label is to be seen.
    labels: Vec<(String, usize)>,
    /// Counts and times; may be empty.
    tail: String,
    /// The bytes of all but the labels, with the line's end.
    size: usize,
}

impl<'s, 'a> GroupLine<'s, 'a> {
    pub(super) fn new(story: &'s Story<'a>, manner: &Manner<'_>) -> Self {
        let severity = story.newest.severity;
        let emoji = mark(story.standing, manner.order.urgency(severity));
        let severity = manner.text(&said_severity(story.standing, severity));
        let name = manner.text(&names(story, manner.words));
        let labels = story.labels.iter().map(|label| {
            let text = short_label_text(*label).map(|text| manner.text(&text)).unwrap_or_default();
            let size = piece_size(&text);
            (text, size)
        });
        let tail = [counts(story, manner.words), when(story, manner), instead_of(story, manner)];
        let tail = tail.into_iter().flatten().collect::<Vec<_>>().join(BETWEEN);
        let bold = match manner.markup {
            Markup::Markdown => "****",
            Markup::Plain => "",
        };
        let start = [emoji, GAP, bold].iter().map(|piece| piece.len()).sum::<usize>();
        let size = start
            + json_size(&name)
            + piece_size(&severity)
            + piece_size(&tail)
            + manner.line_size("");
        Self { story, emoji, name, severity, labels: labels.collect(), tail, size }
    }

    /// The bytes of the line without labels, with its end.
    pub(super) fn size_without_labels(&self) -> usize {
        without_first_separator(self.size, self.first_beside_labels())
    }

    /// The bytes of the line beside the common labels, with its end.
    pub(super) fn size(&self, common: &CommonLabels<'_>) -> usize {
        let mut first = self.first_beside_labels();
        let mut size = self.size;
        for (text, label) in self.own_labels(common).filter(|(text, _)| !text.is_empty()) {
            size += label;
            first = text;
        }
        without_first_separator(size, first)
    }

    /// The first piece of the line if it has no labels.
    fn first_beside_labels(&self) -> &str {
        if self.severity.is_empty() { &self.tail } else { &self.severity }
    }

    /// The bytes that a link adds.
    pub(super) fn link_size(&self) -> usize {
        self.link().map_or(0, |link| "[]()".len() + json_size(&link))
    }

    fn link(&self) -> Option<String> {
        link::target(self.story.newest.link)
    }

    pub(super) fn write(
        &self,
        common: &CommonLabels<'_>,
        is_linked: bool,
        markup: Markup,
    ) -> String {
        let mut line = match markup {
            Markup::Markdown => {
                let link = self.link().filter(|_| is_linked);
                let name = link.as_deref().map(|link| markdown::link(&self.name, link));
                [self.emoji, GAP, &markdown::strong(name.as_ref().unwrap_or(&self.name))].concat()
            }
            Markup::Plain => [self.emoji, GAP, &self.name].concat(),
        };
        let labels = self.own_labels(common).map(|(text, _)| &**text);
        let mut between = GAP;
        let pieces = [&*self.severity].into_iter().chain(labels).chain([&*self.tail]);
        for piece in pieces.filter(|piece| !piece.is_empty()) {
            line.extend([between, piece]);
            between = BETWEEN;
        }
        line
    }

    fn own_labels(&self, common: &CommonLabels<'_>) -> impl Iterator<Item = &(String, usize)> {
        let labels = self.story.labels.iter().zip(&self.labels);
        labels.filter(|(label, _)| common.leave(self.story, label)).map(|(_, written)| written)
    }
}

/// The bytes of a piece behind others; an empty one is left out.
fn piece_size(text: &str) -> usize {
    if text.is_empty() { 0 } else { BETWEEN.len() + json_size(text) }
}

/// The size of a line of which the first piece, if there is one, stands behind a gap only.
fn without_first_separator(size: usize, first: &str) -> usize {
    if first.is_empty() { size } else { size - (BETWEEN.len() - GAP.len()) }
}

/// A label as clean text.
pub(super) fn label_text((name, said): (&str, &str)) -> Option<String> {
    Some(named(name, &value(said)?))
}

/// What a label says behind its name, unless that is blank.
fn named(name: &str, said: &str) -> String {
    value(name).map_or_else(|| said.to_owned(), |name| [&*name, ": ", said].concat())
}

/// The same for a line, where a value that says where something is needs no name.
fn short_label_text((name, said): (&str, &str)) -> Option<String> {
    let clean = plain::line(said, usize::MAX).text;
    if clean.is_empty() {
        return None;
    }
    let said = plain::cut_middle(&clean, LABEL_LENGTH);
    Some(if is_place(name) { said.into_owned() } else { named(name, &said) })
}

/// Up to three names, or two and how many others there are.
fn names(story: &Story<'_>, words: &Words) -> String {
    let names: Vec<_> = story.names.iter().take(4).filter_map(|name| value(name)).collect();
    let hidden = usize::try_from(story.newest.more_alertnames).unwrap_or(usize::MAX);
    listed(&names, story.names.len().saturating_add(hidden), words)
}

/// How many alerts fire and are resolved, and of how many it is not known, where there is more than one.
fn counts(story: &Story<'_>, words: &Words) -> Option<String> {
    let counts = [story.newest.firing, story.resolved, story.newest.unsent];
    let all = counts.into_iter().fold(0, u64::saturating_add);
    (all > 1).then(|| all_counts(counts, words))
}

/// How many alerts fire and are resolved, and how many were not sent.
pub(super) fn all_counts(counts: [u64; 3], words: &Words) -> String {
    let words_of = [words.digest.firing, words.digest.resolved, words.digest.unsent];
    let said = counts.into_iter().zip(words_of);
    let said = said.filter(|(count, _)| *count > 0).map(|(count, words)| words(count));
    said.collect::<Vec<_>>().join(words.pause)
}

/// Since when the group fires, or when it did what it did.
fn when(story: &Story<'_>, manner: &Manner<'_>) -> Option<String> {
    let words = &manner.words.digest;
    let GroupState { since, came, fires_again, .. } = story.newest;
    let since_word = if fires_again { words.again } else { words.since };
    let start = || since.map(|since| manner.happened(since_word, Some(since)));
    let recovered = |came| manner.happened(words.recovered, came);
    match (story.standing, story.before) {
        (Standing::Firing, Before::Resolved(before)) => {
            let again = manner.happened(words.again, since);
            Some([&*recovered(before.came), manner.words.pause, &again].concat())
        }
        (Standing::Resolved, Before::Fired(before)) => {
            let fired = manner.happened(words.fired, since.or(before.since));
            Some([&*fired, words.and, &recovered(came)].concat())
        }
        (Standing::Firing | Standing::Open, _) => start(),
        (Standing::Resolved, _) => {
            let said: Vec<String> = start().into_iter().chain([recovered(came)]).collect();
            Some(said.join(manner.words.pause))
        }
    }
}

/// How severe a group is that fires, where its colour does not say it.
fn said_severity(standing: Standing, severity: &str) -> String {
    let is_said = standing != Standing::Firing || is_said_by_colour(severity);
    if is_said { String::new() } else { value(severity).unwrap_or_default().into_owned() }
}

/// Which destination did not take it.
fn instead_of(story: &Story<'_>, manner: &Manner<'_>) -> Option<String> {
    let destination = value(story.newest.instead_of)?;
    Some(manner.text(&(manner.words.digest.instead_of)(&destination)))
}
