//! What one page of a message comes to: marked, guarded, measured.

use super::size::{cost, whole_lines};
use crate::dingtalk::message::{At, Message, MessageType};
use crate::render::message::{PARAGRAPH, Part};
use crate::render::{Language, Surface, mention};

/// The longest mark of a part.
pub(in crate::render) const LONGEST_MARK: &str = " (5/5)";

/// What all pages of a message share.
pub(in crate::render) struct Sheet<'a> {
    pub(in crate::render) surface: &'a Surface,
    pub(in crate::render) message_type: MessageType,
    pub(in crate::render) language: Language,
    pub(in crate::render) title: &'a str,
    /// Whom the first page mentions.
    pub(in crate::render) at: At,
}

/// A text on pages.
#[derive(Debug)]
pub(in crate::render) struct Cut {
    pub(in crate::render) pages: Vec<String>,
    /// Whether some of it stands on none.
    pub(in crate::render) is_shortened: bool,
}

impl Sheet<'_> {
    /// Whom the page mentions: only the first one mentions anybody.
    pub(in crate::render) fn at(&self, page: usize) -> At {
        if page == 0 { self.at.clone() } else { At::default() }
    }

    /// The page as it is sent, and its text as it was before the guard, if that changed it.
    pub(in crate::render) fn message(
        &self,
        page: usize,
        text: &str,
        mark: &str,
    ) -> (Message, Option<String>) {
        let text = marked(text, mark);
        let at = self.at(page);
        let guarded = mention::guard(&text, &at) != text;
        let (message_type, language) = (self.message_type, self.language);
        let part = Part { message_type, language, title: self.title, mark, text: &text };
        let message = part.message(at, &self.surface.keywords);
        (message, guarded.then_some(text))
    }

    /// Whether the page is small enough with `mark`.
    pub(in crate::render) fn fits(&self, page: usize, text: &str, mark: &str) -> bool {
        let (message, _) = self.message(page, text, mark);
        message.size(self.surface.api) <= self.surface.max_bytes
    }

    /// What everything but the text leaves of a page.
    fn room(&self, page: usize) -> usize {
        let (empty, _) = self.message(page, "", LONGEST_MARK);
        self.surface.max_bytes.saturating_sub(empty.size(self.surface.api) + cost(PARAGRAPH))
    }

    /// `text` on pages from `page` on, at most `most` of them, cut at its line ends.
    ///
    /// A line that no page has room for is shortened, and so is what is left for the last one, which
    /// leaves room for `end`.
    pub(in crate::render) fn cut(&self, page: usize, text: &str, most: usize, end: &str) -> Cut {
        let mut pages: Vec<String> = Vec::new();
        let mut is_shortened = false;
        let mut rest = text;
        while !rest.trim().is_empty() && pages.len() < most {
            let is_last = pages.len() + 1 == most;
            let mut room = self.room(page + pages.len());
            if is_last && !end.is_empty() {
                room = room.saturating_sub(cost(end) + cost(PARAGRAPH));
            }
            if cost(rest) <= room {
                pages.push(rest.to_owned());
                break;
            }
            let at = if is_last { 0 } else { break_at(rest, room) };
            if at == 0 {
                // Of what does not fit, whole lines are kept, and a mark.
                let shorter = |text: &str| {
                    let lines = text.lines().map(str::to_owned).collect();
                    whole_lines(lines, room, self.language).join("\n")
                };
                let (line, after) = match rest.split_once('\n') {
                    Some((line, after)) if !is_last => (line, after),
                    Some(_) | None => (rest, ""),
                };
                pages.push(shorter(line));
                (rest, is_shortened) = (after, true);
            } else {
                let (now, after) = rest.split_at(at);
                pages.push(now.trim_end().to_owned());
                rest = after.trim_start_matches(['\n', '\r']);
            }
        }
        Cut { pages, is_shortened }
    }
}

/// The end of the last line that has room, or of the last paragraph if it is in the second half; 0
/// if not even the first line has room.
fn break_at(text: &str, room: usize) -> usize {
    let (mut line, mut paragraph) = (0, 0);
    let (mut taken, mut at) = (0, 0);
    for one in text.split_inclusive('\n') {
        taken += cost(one);
        if taken > room {
            break;
        }
        at += one.len();
        line = at;
        if one.trim().is_empty() && taken * 2 > room {
            paragraph = at;
        }
    }
    if paragraph > 0 { paragraph } else { line }
}

/// The text with `mark` at the end of its first line that says something.
fn marked(text: &str, mark: &str) -> String {
    if mark.is_empty() {
        return text.to_owned();
    }
    let start = text.len() - text.trim_start().len();
    let line = text[start..].split('\n').next().unwrap_or_default();
    let (before, after) = text.split_at(start + line.trim_end().len());
    format!("{before}{mark}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::chatbot;

    fn sheet(surface: &Surface) -> Sheet<'_> {
        Sheet {
            surface,
            message_type: MessageType::Markdown,
            language: Language::En,
            title: "t",
            at: At::default(),
        }
    }

    #[test]
    fn the_mark_ends_the_first_line_that_says_something() {
        for (text, expected) in [
            ("a\nb", "a (1/2)\nb"),
            ("\n\n# a  \nb", "\n\n# a (1/2)  \nb"),
            ("a", "a (1/2)"),
            ("", " (1/2)"),
            ("\n", "\n (1/2)"),
            ("磁盘\r\nb", "磁盘 (1/2)\r\nb"),
        ] {
            assert_eq!(marked(text, " (1/2)"), expected, "{text:?}");
            assert_eq!(marked(text, ""), text);
        }
    }

    #[test]
    fn a_long_text_is_cut_at_its_line_ends_and_nothing_is_lost() {
        let surface = Surface { max_bytes: 1_000, ..chatbot() };
        let sheet = sheet(&surface);
        let line = |n: usize| format!("line {n} \"quoted\" 磁盘 @x");
        let text: Vec<String> = (0..60).map(line).collect();
        let Cut { pages, is_shortened } = sheet.cut(0, &text.join("\n"), 5, "");
        assert!(!is_shortened);
        assert!((3..=5).contains(&pages.len()), "{}", pages.len());
        for (index, page) in pages.iter().enumerate() {
            assert!(sheet.fits(index, page, LONGEST_MARK), "{page}");
        }
        let lines: Vec<&str> = pages.iter().flat_map(|page| page.lines()).collect();
        assert_eq!(lines, text);
    }

    #[test]
    fn paragraphs_stay_whole_where_that_leaves_no_page_half_empty() {
        let surface = Surface { max_bytes: 1_000, ..chatbot() };
        let paragraph = |n: usize| format!("{n} {}", "word ".repeat(50).trim_end());
        let text: Vec<String> = (0..6).map(paragraph).collect();
        let pages = sheet(&surface).cut(0, &text.join("\n\n"), 5, "").pages;
        for page in &pages {
            assert!(page.split("\n\n").all(|one| text.iter().any(|whole| whole == one)), "{page}");
        }
        assert_eq!(pages.join("\n\n"), text.join("\n\n"));
    }

    #[test]
    fn what_no_page_has_room_for_is_shortened_with_a_mark() {
        let surface = Surface { max_bytes: 1_000, ..chatbot() };
        let sheet = sheet(&surface);
        let lines = format!("first\n{}\nlast", "x".repeat(5_000));
        let Cut { pages, is_shortened } = sheet.cut(0, &lines, 5, "");
        assert!(is_shortened);
        assert_eq!((pages[0].as_str(), pages.last().unwrap().as_str()), ("first", "last"));
        assert!(pages[1].contains("…\n… shortened"), "{}", pages[1]);
        let many = "a line of some words\n".repeat(1_000);
        let Cut { pages, is_shortened } = sheet.cut(0, &many, 5, "");
        assert_eq!((pages.len(), is_shortened), (5, true));
        assert!(pages[4].ends_with("… shortened"), "{}", pages[4]);
        for (index, page) in pages.iter().enumerate() {
            assert!(sheet.fits(index, page, LONGEST_MARK), "{page}");
        }
    }
}
