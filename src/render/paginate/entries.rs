//! Cuts the built-in message between its entries, of which there is one for each alert.
//!
//! Each part repeats heading and common fields, so that it can be read alone. An entry is not written
//! before its page is reached, so the work grows with what is sent and not with what was received.
//! Sizes are added up as entries are written; no page is serialised to find out what fits.

use std::mem;

use super::page::{MOST_PARTS, longest_mark, paragraph_size, room};
use super::size::{json_size, whole_lines};
use crate::alert::Alert;
use crate::dingtalk::message::{At, Mark, PARAGRAPH, Part};
use crate::render::budget::Fuel;
use crate::render::builtin::BuiltinMessage;
use crate::render::markdown::Block;
use crate::render::message::{MessageFrame, WrittenText};
use crate::render::{Surface, markdown, mention};

/// The shortest that values of an alert are cut to, in characters; if the alert is still too large,
/// lines are left out.
const SHORTEST_VALUE: usize = 64;

/// How many alerts stand in a message for which no fuel is left, a line each: what a reader takes in at
/// a glance.
const GLANCE: usize = 20;

/// The bytes of work that each entry is, besides its text.
const ENTRY_BYTES: usize = 256;

/// A built-in message, cut.
#[derive(Debug, Default)]
pub(in crate::render) struct BuiltinParts {
    /// At least one.
    pub(in crate::render) parts: Vec<Part>,
    /// Whether it is shorter than it would be with more fuel.
    pub(in crate::render) is_short: bool,
}

/// The parts of `builtin` for `surface`.
///
/// As soon as the fuel is used up, the alerts that are left have a line each, and only the first of
/// them.
pub(in crate::render) fn parts(
    builtin: &BuiltinMessage<'_>,
    surface: &Surface,
    fuel: &Fuel,
) -> BuiltinParts {
    let title = builtin.title();
    let at = mention::at(surface, builtin.facts.status);
    let frame = MessageFrame { at, ..MessageFrame::new(surface, builtin.style, &title) };
    let pages = EntryPages::new(builtin, &frame, fuel);
    let filled = pages.fill();
    let count = filled.pages.len();
    let parts = (0..count).map(|index| pages.part(index, &filled));
    BuiltinParts { parts: parts.collect(), is_short: filled.is_short }
}

/// The entries of each page.
struct FilledPages {
    pages: Vec<Vec<String>>,
    /// For how many alerts none has room.
    omitted: u64,
    /// Whether the last one is shorter than it would be with more fuel.
    is_short: bool,
}

/// What stands on each page, and what that leaves for entries.
struct EntryPages<'a> {
    builtin: &'a BuiltinMessage<'a>,
    frame: &'a MessageFrame<'a>,
    fuel: &'a Fuel,
    heading: String,
    /// The labels, annotations, times and links that all alerts share, as text.
    common: String,
    /// The longest link that stands on each page, in bytes; links that are short enough for every part are
    /// always kept.
    link_cap: usize,
    /// The end of a page with the highest count.
    longest_end: String,
    /// The bytes of the first page, and of each other one.
    room: (usize, usize),
    /// The bytes of them that are left for entries.
    left: (usize, usize),
}

impl<'a> EntryPages<'a> {
    fn new(builtin: &'a BuiltinMessage<'a>, frame: &'a MessageFrame<'a>, fuel: &'a Fuel) -> Self {
        let first = room(frame, &frame.at);
        let other = if frame.at.is_empty() { first } else { room(frame, &At::default()) };
        let mut pages = Self {
            builtin,
            frame,
            fuel,
            heading: builtin.heading(),
            common: String::new(),
            link_cap: usize::MAX,
            longest_end: String::new(),
            room: (first, other),
            left: (0, 0),
        };
        pages.longest_end = pages.end(Some(u64::MAX));
        // A third each, so that long common fields leave a share to the alerts.
        let third = pages.left_beside_pieces().0 / 3;
        let links = pages.common_links(frame.surface.max_bytes);
        let facts = &builtin.facts;
        let size = facts.labels.size() + facts.annotations.size();
        let common = pages.within(third, size, |cap| builtin.common(cap)).0;
        let common = [common, links].into_iter().filter(|text| !text.is_empty());
        pages.common = common.collect::<Vec<_>>().join(builtin.markup().line_end());
        pages.left = pages.left_beside_pieces();
        pages
    }

    /// The links that all alerts share: the long ones go if those and the end take a third of a page of so
    /// many bytes, and all of them if that still is half of it.
    fn common_links(&mut self, page: usize) -> String {
        let taken = |pages: &Self, links: &str| json_size(links) + json_size(&pages.longest_end);
        let links = self.builtin.common_links(self.link_cap);
        if taken(self, &links) <= page / 3 {
            return links;
        }
        self.link_cap = 0;
        self.longest_end = self.end(Some(u64::MAX));
        let links = self.builtin.common_links(self.link_cap);
        if taken(self, &links) <= page / 2 { links } else { String::new() }
    }

    /// What the pieces that stand on each page leave of its room.
    fn left_beside_pieces(&self) -> (usize, usize) {
        let pieces = [&*self.heading, &self.common, &self.longest_end];
        let pieces = pieces.into_iter().chain(self.builtin.note);
        let taken = longest_mark().len() + pieces.map(paragraph_size).sum::<usize>();
        (self.room.0.saturating_sub(taken), self.room.1.saturating_sub(taken))
    }

    fn left_on(&self, page: usize) -> usize {
        if page == 0 { self.left.0 } else { self.left.1 }
    }

    fn end(&self, omitted: Option<u64>) -> String {
        self.builtin.end(omitted, self.link_cap)
    }

    fn fill(&self) -> FilledPages {
        let alerts = &self.builtin.facts.alerts;
        let mut pages: Vec<Vec<String>> = vec![Vec::new()];
        let mut left = self.left_on(0);
        let mut last_page_from = 0;
        for (index, alert) in alerts.iter().enumerate() {
            if self.fuel.is_used_up() {
                return self.fill_rest(pages, last_page_from, index);
            }
            let empty = self.left_on(pages.len() - 1);
            let (mut entry, mut taken) = self.entry(alert, empty);
            if taken > left && pages.last().is_some_and(|page| !page.is_empty()) {
                if pages.len() == MOST_PARTS {
                    return self.fill_rest(pages, last_page_from, index);
                }
                pages.push(Vec::new());
                last_page_from = index;
                left = self.left_on(pages.len() - 1);
                (entry, taken) = self.entry(alert, left);
            }
            left = left.saturating_sub(taken);
            pages.last_mut().into_iter().for_each(|page| page.push(mem::take(&mut entry)));
        }
        FilledPages { pages, omitted: 0, is_short: false }
    }

    /// `pages` and a last one for the alerts from `next` on; if there can be no further page, the last
    /// one is written anew, with its alerts from `last_page_from` on.
    fn fill_rest(
        &self,
        mut pages: Vec<Vec<String>>,
        last_page_from: usize,
        next: usize,
    ) -> FilledPages {
        let is_last = pages.len() == MOST_PARTS || pages.last().is_some_and(Vec::is_empty);
        let first = if is_last { last_page_from } else { next };
        if is_last {
            pages.pop();
        }
        self.fill_last(pages, first)
    }

    /// `pages` and a last one, with one line for each alert from `first` on; alerts for which no bytes
    /// are left are counted.
    fn fill_last(&self, mut pages: Vec<Vec<String>>, first: usize) -> FilledPages {
        let rest = &self.builtin.facts.alerts[first..];
        let is_short = self.fuel.is_used_up();
        let note = if is_short { paragraph_size(self.builtin.words().in_short) } else { 0 };
        let mut left = self.left_on(pages.len()).saturating_sub(note);
        let mut lines = Vec::new();
        for alert in rest.iter().take(if is_short { GLANCE } else { usize::MAX }) {
            self.fuel.spend(alert.size() + ENTRY_BYTES);
            let line = self.builtin.brief(alert);
            let taken = json_size(&line) + json_size("  \n");
            if taken > left {
                break;
            }
            left -= taken;
            lines.push(line);
        }
        let omitted = u64::try_from(rest.len() - lines.len()).unwrap_or(u64::MAX);
        pages.push(vec![markdown::join(self.builtin.markup(), &lines)]);
        FilledPages { pages, omitted, is_short }
    }

    /// An entry for a page with so many bytes left, and how many it takes with what stands before it.
    fn entry(&self, alert: &Alert, size: usize) -> (String, usize) {
        let size = size.saturating_sub(json_size(PARAGRAPH));
        let (entry, taken) = self.within(size, alert.size(), |cap| self.builtin.entry(alert, cap));
        (entry, taken + json_size(PARAGRAPH))
    }

    /// A block in at most `size` bytes: its values, of so many bytes in all, are cut as little as that
    /// needs; where the shortest values are too long, only whole lines are kept. With the bytes that it
    /// takes.
    fn within(
        &self,
        size: usize,
        values: usize,
        write: impl Fn(usize) -> Block,
    ) -> (String, usize) {
        self.fuel.spend(values + ENTRY_BYTES);
        let write = |cap| {
            let block = write(cap);
            self.fuel.spend(block.text.len());
            block
        };
        let measured = |text: String| {
            let taken = json_size(&text);
            (text, taken)
        };
        // A character takes a byte or more: a value that is cut here could not have fitted.
        let whole = write(size);
        if !whole.cut {
            let written = measured(whole.text);
            if written.1 <= size {
                return written;
            }
        }
        let (mut fits, mut large) = (SHORTEST_VALUE, size.max(SHORTEST_VALUE + 1));
        let shortest = write(fits);
        let mut best = measured(self.builtin.text(&shortest));
        if best.1 > size {
            return measured(
                self.lines_within(size, shortest.lines().map(str::to_owned).collect()),
            );
        }
        while large - fits > 1 && !self.fuel.is_used_up() {
            let middle = usize::midpoint(fits, large);
            let written = measured(self.builtin.text(&write(middle)));
            if written.1 <= size {
                (fits, best) = (middle, written);
            } else {
                large = middle;
            }
        }
        best
    }

    fn lines_within(&self, size: usize, lines: Vec<String>) -> String {
        let ending = self.builtin.words().shortened;
        let lines = whole_lines(lines, size, ending);
        let lines = lines.iter().map(String::as_str).chain([ending]);
        markdown::join(self.builtin.markup(), lines)
    }

    fn part(&self, index: usize, filled: &FilledPages) -> Part {
        let FilledPages { pages, omitted, is_short } = filled;
        let is_last = index + 1 == pages.len();
        let end = self.end(is_last.then_some(*omitted));
        let short = is_short.then_some(self.builtin.words().in_short);
        let notes = [short, self.builtin.note].into_iter().flatten().filter(|_| is_last);
        let entries = pages[index].iter().map(String::as_str);
        let blocks = [self.common.as_str()].into_iter().chain(entries).chain([&*end]).chain(notes);
        let blocks = blocks.filter(|block| !block.is_empty());
        let mut body =
            String::with_capacity(blocks.clone().map(|block| PARAGRAPH.len() + block.len()).sum());
        for block in blocks {
            body.push_str(PARAGRAPH);
            body.push_str(block);
        }
        self.fuel.spend(body.len());
        let text = WrittenText { heading: self.heading.clone(), body };
        self.frame.part(index, Mark::of(index, pages.len()), text)
    }
}
