//! Lays a draft out in parts, each small enough to send and readable alone.
//!
//! Parts break between alerts, and each part repeats heading and common fields. An entry is
//! written when it is its turn and no sooner, so the work grows with what is sent and not with
//! what came in. Sizes are added up as they are written; no part is serialised to be measured.

use std::mem;

use crate::alert::Alert;
use crate::dingtalk::message::{At, Message};

use super::size::{cost, whole_lines};
use crate::render::builtin::{Block, Draft};
use crate::render::message::{self, PARAGRAPH, TITLE_LENGTH};
use crate::render::{Surface, keyword, markdown, mention, plain};

/// The most parts of a message: more would be a quarter of a robot's minute for one group.
pub(in crate::render) const MOST_PARTS: usize = 5;

/// The least that is kept of each value of an alert that is too large; below it, lines are left out.
const SHORTEST_VALUE: usize = 64;

/// The longest mark of a part.
const LONGEST_MARK: &str = " (5/5)";

/// What a message has around its alerts that the draft does not say.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::render) struct Frame<'a> {
    /// The title, where it is not the heading.
    pub(in crate::render) title: Option<&'a str>,
    /// What the last part ends with.
    pub(in crate::render) note: Option<&'a str>,
}

/// The parts of `draft` for `surface`; at least one.
pub(in crate::render) fn lay_out(
    draft: &Draft<'_>,
    surface: &Surface,
    frame: &Frame<'_>,
) -> Vec<Message> {
    let layout = Layout::new(draft, surface, frame);
    let (pages, omitted) = layout.fill();
    let count = pages.len();
    let messages = pages.into_iter().enumerate().map(|(at, blocks)| {
        let omitted = if at + 1 == count { omitted } else { 0 };
        layout.message(at, count, &blocks, omitted)
    });
    messages.collect()
}

struct Layout<'a> {
    draft: &'a Draft<'a>,
    surface: &'a Surface,
    frame: &'a Frame<'a>,
    /// Whom the first part mentions.
    at: At,
    /// What all alerts share, in words.
    common: String,
    /// The most that is written of a link at the end.
    link_cap: usize,
    /// What is left for entries in the first part, and in each other one.
    rooms: (usize, usize),
}

impl<'a> Layout<'a> {
    fn new(draft: &'a Draft<'a>, surface: &'a Surface, frame: &'a Frame<'a>) -> Self {
        let at = mention::at(surface, draft.facts.status);
        let (common, link_cap, rooms) = (String::new(), usize::MAX, (0, 0));
        let mut layout = Self { draft, surface, frame, at, common, link_cap, rooms };
        // A third each, so that long common fields leave a share to the alerts.
        let third = layout.room(&layout.at) / 3;
        if cost(&layout.end(u64::MAX)) > surface.max_bytes / 3 {
            layout.link_cap = 0;
        }
        let common = within(draft, third, |cap| draft.common(cap));
        layout.common = markdown::join(draft.markup(), &common);
        layout.rooms = (layout.room(&layout.at), layout.room(&At::default()));
        layout
    }

    /// What everything but the entries leaves of a part.
    fn room(&self, at: &At) -> usize {
        let content = message::content(self.draft.style.message_type, String::new(), String::new());
        let frame = Message { content, at: at.clone() }.size(self.surface.api);
        let keyword = self.surface.keywords.first().map_or("", String::as_str);
        let pieces = [
            // Title and heading are marked, and the keyword stands in title and text.
            &plain::cut(&self.title(), TITLE_LENGTH),
            LONGEST_MARK,
            keyword,
            &self.draft.heading(LONGEST_MARK),
            &self.common,
            &self.end(u64::MAX),
            &mention::line(at),
            &keyword::line(keyword, self.draft.style.language),
        ];
        let pieces = pieces.into_iter().chain(self.frame.note);
        let taken: usize = pieces.map(|piece| cost(piece) + cost(PARAGRAPH)).sum();
        self.surface.max_bytes.saturating_sub(frame + taken)
    }

    /// The title, not cut yet.
    fn title(&self) -> String {
        self.frame.title.map_or_else(|| self.draft.heading.plain(), str::to_owned)
    }

    fn end(&self, omitted: u64) -> String {
        let block = self.draft.end(omitted, self.link_cap);
        markdown::join(self.draft.markup(), &block.lines)
    }

    fn room_of(&self, page: usize) -> usize {
        if page == 0 { self.rooms.0 } else { self.rooms.1 }
    }

    /// The entries of each page, and how many alerts stand nowhere.
    fn fill(&self) -> (Vec<Vec<String>>, u64) {
        let alerts = &self.draft.facts.alerts;
        let mut pages: Vec<Vec<String>> = vec![Vec::new()];
        let mut left = self.room_of(0);
        let mut last_page_from = 0;
        for (index, alert) in alerts.iter().enumerate() {
            let empty = self.room_of(pages.len() - 1);
            let mut entry = self.entry(alert, empty);
            if cost(&entry) + cost(PARAGRAPH) > left && pages.last().is_some_and(|p| !p.is_empty())
            {
                if pages.len() == MOST_PARTS {
                    pages.pop();
                    return self.fill_last(pages, last_page_from);
                }
                pages.push(Vec::new());
                last_page_from = index;
                left = self.room_of(pages.len() - 1);
                entry = self.entry(alert, left);
            }
            left = left.saturating_sub(cost(&entry) + cost(PARAGRAPH));
            pages.last_mut().into_iter().for_each(|page| page.push(mem::take(&mut entry)));
        }
        (pages, self.draft.facts.notification.truncated_alerts)
    }

    /// One line an alert from `first` on, in the last page; what finds no room is counted.
    fn fill_last(&self, mut pages: Vec<Vec<String>>, first: usize) -> (Vec<Vec<String>>, u64) {
        let rest = &self.draft.facts.alerts[first..];
        let mut left = self.room_of(pages.len());
        let mut lines = Vec::new();
        for alert in rest {
            let line = self.draft.brief(alert);
            let taken = cost(&line) + cost("  \n");
            if taken > left {
                break;
            }
            left -= taken;
            lines.push(line);
        }
        let omitted = u64::try_from(rest.len() - lines.len()).unwrap_or(u64::MAX);
        pages.push(vec![markdown::join(self.draft.markup(), &lines)]);
        (pages, omitted.saturating_add(self.draft.facts.notification.truncated_alerts))
    }

    fn entry(&self, alert: &Alert, room: usize) -> String {
        let lines = within(self.draft, room.saturating_sub(cost(PARAGRAPH)), |cap| {
            self.draft.entry(alert, cap)
        });
        markdown::join(self.draft.markup(), &lines)
    }

    fn message(&self, index: usize, count: usize, entries: &[String], omitted: u64) -> Message {
        let mark = if count > 1 { format!(" ({}/{count})", index + 1) } else { String::new() };
        let at = if index == 0 { self.at.clone() } else { At::default() };
        let mut blocks = vec![self.draft.heading(&mark), self.common.clone()];
        blocks.extend_from_slice(entries);
        blocks.push(self.end(omitted));
        blocks.extend(self.frame.note.filter(|_| index + 1 == count).map(str::to_owned));
        blocks.retain(|block| !block.is_empty());
        let written = message::Part {
            message_type: self.draft.style.message_type,
            language: self.draft.style.language,
            title: &self.title(),
            mark: &mark,
            text: &blocks.join(PARAGRAPH),
        };
        written.message(at, &self.surface.keywords)
    }
}

/// The lines of a block, its values cut as little as `room` bytes need, then only whole lines.
fn within(draft: &Draft<'_>, room: usize, write: impl Fn(usize) -> Block) -> Vec<String> {
    let size = |block: &Block| cost(&markdown::join(draft.markup(), &block.lines));
    // A character takes a byte or more: a value that is cut here could not have fitted.
    let whole = write(room);
    if !whole.cut && size(&whole) <= room {
        return whole.lines;
    }
    let (mut fits, mut large) = (SHORTEST_VALUE, room.max(SHORTEST_VALUE + 1));
    let mut best = write(fits);
    if size(&best) > room {
        return whole_lines(best.lines, room, draft.style.language);
    }
    while large - fits > 1 {
        let middle = usize::midpoint(fits, large);
        let block = write(middle);
        if size(&block) <= room {
            (fits, best) = (middle, block);
        } else {
            large = middle;
        }
    }
    best.lines
}
