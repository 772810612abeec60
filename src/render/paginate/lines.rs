//! Cuts a text at its line ends, for a text of which only the lines are known.

use super::page::left_for_text;
use super::size::{json_size, whole_lines};
use crate::dingtalk::message::PARAGRAPH;
use crate::render::message::MessageFrame;

/// A text on pages.
#[derive(Debug)]
pub(super) struct CutText {
    pub(super) pages: Vec<String>,
    /// Whether some of the text stands on none of them.
    pub(super) is_shortened: bool,
}

/// `text` on at most `most` pages, of which the first is the page at `index`.
///
/// A line that is too large for a page is shortened, and so is the text that is left for the last page;
/// that page keeps place for `end`.
pub(super) fn cut(
    frame: &MessageFrame<'_>,
    index: usize,
    text: &str,
    most: usize,
    end: &str,
) -> CutText {
    let mut pages: Vec<String> = Vec::new();
    let mut is_shortened = false;
    let mut rest = text;
    while !rest.trim().is_empty() && pages.len() < most {
        let is_last = pages.len() + 1 == most;
        let mut size = left_for_text(frame, index + pages.len());
        if is_last && !end.is_empty() {
            size = size.saturating_sub(json_size(end) + json_size(PARAGRAPH));
        }
        if json_size(rest) <= size {
            pages.push(rest.to_owned());
            break;
        }
        let at = if is_last { 0 } else { last_break(rest, size) };
        if at == 0 {
            let (line, after) = match rest.split_once('\n') {
                Some((line, after)) if !is_last => (line, after),
                Some(_) | None => (rest, ""),
            };
            pages.push(shortened(line, size, frame.language.words().shortened));
            (rest, is_shortened) = (after, true);
        } else {
            let (now, after) = rest.split_at(at);
            pages.push(now.trim_end().to_owned());
            rest = after.trim_start_matches(['\n', '\r']);
        }
    }
    CutText { pages, is_shortened }
}

/// The whole lines of `text` that fit into `size` bytes, and `ending`.
fn shortened(text: &str, size: usize, ending: &str) -> String {
    let mut lines = whole_lines(text.lines().map(str::to_owned).collect(), size, ending);
    lines.push(ending.to_owned());
    lines.join("\n")
}

/// The end of the last line that fits into `size` bytes, or of the last paragraph if that is in the
/// second half; 0 if not even the first line fits.
fn last_break(text: &str, size: usize) -> usize {
    let (mut line, mut paragraph) = (0, 0);
    let (mut taken, mut at) = (0, 0);
    for one in text.split_inclusive('\n') {
        taken += json_size(one);
        if taken > size {
            break;
        }
        at += one.len();
        line = at;
        if one.trim().is_empty() && taken * 2 > size {
            paragraph = at;
        }
    }
    if paragraph > 0 { paragraph } else { line }
}

/// `text` in two, cut at the line end nearest to its middle; ends of paragraphs are preferred.
pub(super) fn halves(text: &str) -> Option<(&str, &str)> {
    let middle = json_size(text) / 2;
    let mut before = 0;
    let mut at = 0;
    let mut best: Option<(usize, usize)> = None;
    for line in text.split_inclusive('\n') {
        before += json_size(line);
        at += line.len();
        let away = before.abs_diff(middle);
        let ends_paragraph = text[at..].starts_with('\n') || line == "\n";
        let away = if ends_paragraph { away / 3 } else { away };
        if at < text.len() && best.is_none_or(|(nearest, _)| away < nearest) {
            best = Some((away, at));
        }
    }
    let (first, second) = text.split_at(best?.1);
    let (first, second) = (first.trim(), second.trim());
    (!first.is_empty() && !second.is_empty()).then_some((first, second))
}

#[cfg(test)]
mod tests {
    use super::super::page::{fits, longest_mark};
    use super::*;
    use crate::dingtalk::message::MessageType;
    use crate::render::tests::{chatbot, style};
    use crate::render::{Language, Surface};

    /// The text on at most five pages of 1,000 bytes, each of which is small enough.
    fn cut_at_lines(text: &str) -> CutText {
        let surface = Surface { max_bytes: 1_000, ..chatbot() };
        let style = style(MessageType::Markdown, Language::En);
        let frame = MessageFrame::new(&surface, &style, "t");
        let cut = cut(&frame, 0, text, 5, "");
        for (index, page) in cut.pages.iter().enumerate() {
            assert!(fits(&frame, index, page, longest_mark()), "{page}");
        }
        cut
    }

    #[test]
    fn a_long_text_is_cut_at_its_line_ends_and_nothing_is_lost() {
        let line = |n: usize| format!("line {n} \"quoted\" 磁盘 @x");
        let text: Vec<String> = (0..60).map(line).collect();
        let CutText { pages, is_shortened } = cut_at_lines(&text.join("\n"));
        assert!(!is_shortened);
        assert!((3..=5).contains(&pages.len()), "{}", pages.len());
        let lines: Vec<&str> = pages.iter().flat_map(|page| page.lines()).collect();
        assert_eq!(lines, text);
    }

    #[test]
    fn paragraphs_stay_whole_where_that_leaves_no_page_half_empty() {
        let paragraph = |n: usize| format!("{n} {}", "word ".repeat(50).trim_end());
        let text: Vec<String> = (0..6).map(paragraph).collect();
        let pages = cut_at_lines(&text.join("\n\n")).pages;
        for page in &pages {
            assert!(page.split("\n\n").all(|one| text.iter().any(|whole| whole == one)), "{page}");
        }
        assert_eq!(pages.join("\n\n"), text.join("\n\n"));
    }

    #[test]
    fn what_no_page_has_room_for_is_shortened_with_a_mark() {
        let lines = format!("first\n{}\nlast", "x".repeat(5_000));
        let CutText { pages, is_shortened } = cut_at_lines(&lines);
        assert!(is_shortened);
        assert_eq!((pages[0].as_str(), pages.last().unwrap().as_str()), ("first", "last"));
        assert!(pages[1].contains("…\n… shortened"), "{}", pages[1]);
        let many = "a line of some words\n".repeat(1_000);
        let CutText { pages, is_shortened } = cut_at_lines(&many);
        assert_eq!((pages.len(), is_shortened), (5, true));
        assert!(pages[4].ends_with("… shortened"), "{}", pages[4]);
    }

    #[test]
    fn a_text_is_halved_at_a_paragraph_near_its_middle() {
        for (text, expected) in [
            ("a  \nb\n\nc  \nd", Some(("a  \nb", "c  \nd"))),
            ("a\nb", Some(("a", "b"))),
            ("a", None),
            ("a\n ", None),
            ("", None),
        ] {
            assert_eq!(halves(text), expected, "{text:?}");
        }
    }
}
