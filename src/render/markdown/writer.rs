//! Writes values and links line by line into one text, in Markdown or plain.
//!
//! All that is written goes to the end of one text, so a message is not put together from the copies
//! of its pieces. A line that nothing was written into leaves no trace.

use std::borrow::Cow;
use std::ops::Range;

use super::{BETWEEN, SHORT_ADDRESS, guard_line_start, push_escaped};
use crate::dingtalk::message::{Markup, PARAGRAPH};
use crate::render::plain;

/// Room for the text of an alert as it usually is, in bytes.
const USUAL_TEXT: usize = 1536;

/// How many lines an alert usually takes at most.
const USUAL_LINES: usize = 16;

/// What stands around the words and the address of a link in plain text.
const PLAIN_LINK: [&str; 3] = ["", ": ", ""];

/// Lines that belong together, as one text.
#[derive(Debug)]
pub(in crate::render) struct Block {
    /// The lines as they stand in the message.
    pub(in crate::render) text: String,
    /// Where each line stands in the text; nowhere, if it only begins a paragraph.
    lines: Vec<Range<usize>>,
    /// Whether a value lost its end.
    pub(in crate::render) cut: bool,
}

impl Block {
    /// The lines, each alone; an empty one begins a paragraph.
    pub(in crate::render) fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(|line| &self.text[line.clone()])
    }
}

/// Writes lines of values for the reader, with at most so many characters of each value.
#[derive(Debug)]
pub(in crate::render) struct MarkupWriter {
    markup: Markup,
    values: Values,
    cap: usize,
    block: Block,
}

/// How values are written.
#[derive(Debug, Clone, Copy)]
enum Values {
    /// As Markdown that reads as they do.
    Escaped,
    /// Without markup and without a link.
    Unlinked,
    /// As they are, because what is written is not shown yet.
    Clean,
}

impl MarkupWriter {
    pub(in crate::render) fn new(markup: Markup, cap: usize) -> Self {
        let values = match markup {
            Markup::Markdown => Values::Escaped,
            Markup::Plain => Values::Unlinked,
        };
        let block = Block { text: String::new(), lines: Vec::new(), cut: false };
        Self { markup, values, cap, block }
    }

    /// One for clean text that is still to be escaped, or to be kept from being a link.
    pub(in crate::render) fn for_clean_text(cap: usize) -> Self {
        Self { values: Values::Clean, ..Self::new(Markup::Plain, cap) }
    }

    /// What was written.
    pub(in crate::render) fn block(self) -> Block {
        self.block
    }

    /// Begins a paragraph with the next line.
    pub(in crate::render) fn paragraph(&mut self) {
        let end = self.block.text.len();
        self.block.lines.push(end..end);
    }

    /// A line that begins with our own words, or with markup.
    pub(in crate::render) fn line<R>(&mut self, write: impl FnOnce(&mut Self) -> R) {
        self.reserve();
        let before = self.block.text.len();
        if before > 0 {
            let ends_paragraph = self.block.lines.last().is_some_and(Range::is_empty);
            let between = if ends_paragraph { PARAGRAPH } else { self.markup.line_end() };
            self.block.text.push_str(between);
        }
        let start = self.block.text.len();
        write(self);
        let end = self.block.text.len();
        if end > start {
            self.block.lines.push(start..end);
        } else {
            self.block.text.truncate(before);
        }
    }

    /// A line behind our words, or several lines below them; nothing, where `write` writes none.
    pub(in crate::render) fn captioned<R>(
        &mut self,
        words: &str,
        write: impl FnOnce(&mut Self) -> R,
    ) {
        let first = self.block.lines.len();
        write(self);
        let Block { text, lines, .. } = &mut self.block;
        let (place, is_one) = match &lines[first..] {
            [] => return,
            [one] => (one.start, true),
            [start, ..] => (start.start, false),
        };
        let caption = if is_one { words } else { words.trim_end() };
        let between = if is_one { "" } else { self.markup.line_end() };
        let added = [caption, between].concat();
        text.insert_str(place, &added);
        for line in &mut lines[first..] {
            *line = line.start + added.len()..line.end + added.len();
        }
        if is_one {
            lines[first].start = place;
        } else {
            lines.insert(first, place..place + caption.len());
        }
    }

    /// A line that begins with a value, which begins no list and no heading there.
    pub(in crate::render) fn line_of_values<R>(&mut self, write: impl FnOnce(&mut Self) -> R) {
        self.line(|line| {
            let start = line.block.text.len();
            write(line);
            match line.markup {
                Markup::Markdown => guard_line_start(&mut line.block.text, start),
                Markup::Plain => {}
            }
        });
    }

    /// Our own words.
    pub(in crate::render) fn words(&mut self, words: &str) {
        self.block.text.push_str(words);
    }

    /// A value in one line; whether anything of it is to be seen.
    pub(in crate::render) fn value(&mut self, value: &str) -> bool {
        let clean = self.clean(value);
        self.clean_value(&clean);
        !clean.is_empty()
    }

    /// What `write` writes, in bold; whether that is anything.
    pub(in crate::render) fn strong<R>(&mut self, write: impl FnOnce(&mut Self) -> R) -> bool {
        let mark = match self.markup {
            Markup::Markdown => "**",
            Markup::Plain => "",
        };
        self.wraps(mark, write, mark)
    }

    /// What `write` writes behind `before`; whether that is anything.
    pub(in crate::render) fn after<R>(
        &mut self,
        before: &str,
        write: impl FnOnce(&mut Self) -> R,
    ) -> bool {
        self.wraps(before, write, "")
    }

    /// Labels as `name: value`, side by side; those whose value is empty are left out.
    pub(in crate::render) fn labels(&mut self, labels: &[(&str, &str)]) -> bool {
        let mut between = "";
        for (name, value) in labels {
            let (name, value) = (self.clean(name), self.clean(value));
            if !value.is_empty() {
                self.words(between);
                self.clean_value(&name);
                self.words(": ");
                self.clean_value(&value);
                between = BETWEEN;
            }
        }
        !between.is_empty()
    }

    /// The lines of a value of several lines, the first one behind its name, if it has one.
    pub(in crate::render) fn lines_of_value(&mut self, name: Option<&str>, value: &str) {
        let (lines, cut) = plain::lines(value, self.cap);
        self.block.cut |= cut;
        let mut name = name.map(|name| self.clean(name));
        for line in lines {
            self.line_of_values(|writer| {
                if let Some(name) = name.take() {
                    writer.clean_value(&name);
                    writer.words(": ");
                }
                writer.clean_value(&line);
            });
        }
    }

    /// Links, side by side in Markdown and in a line each in plain text.
    pub(in crate::render) fn links(&mut self, write: impl FnOnce(&mut Links<'_>)) {
        match self.markup {
            Markup::Markdown => self.line(|writer| write(&mut Links { writer, between: "" })),
            Markup::Plain => write(&mut Links { writer: self, between: "" }),
        }
    }

    /// A picture in a line of its own, or in plain text its address, as `write` writes it.
    pub(in crate::render) fn picture(
        &mut self,
        words: &str,
        write: impl FnOnce(&mut String) -> bool,
    ) {
        let pieces = match self.markup {
            Markup::Markdown => ["![", "](", ")"],
            Markup::Plain => PLAIN_LINK,
        };
        self.line(|writer| writer.link(pieces, words, write));
    }

    fn reserve(&mut self) {
        if self.block.text.capacity() == 0 {
            self.block.text.reserve(USUAL_TEXT);
            self.block.lines.reserve(USUAL_LINES);
        }
    }

    fn wraps<R>(&mut self, open: &str, write: impl FnOnce(&mut Self) -> R, close: &str) -> bool {
        let start = self.block.text.len();
        self.words(open);
        let inner = self.block.text.len();
        write(self);
        let is_written = self.block.text.len() > inner;
        if is_written {
            self.words(close);
        } else {
            self.block.text.truncate(start);
        }
        is_written
    }

    /// A link in three pieces, between which stand `words` and the address.
    fn link(
        &mut self,
        [open, middle, close]: [&str; 3],
        words: &str,
        write: impl FnOnce(&mut String) -> bool,
    ) {
        let text = &mut self.block.text;
        let before = text.len();
        text.extend([open, words, middle]);
        let start = text.len();
        let is_address = write(text);
        let fits = text.len() - start <= self.cap.max(SHORT_ADDRESS);
        self.block.cut |= is_address && !fits;
        if is_address && fits {
            text.push_str(close);
        } else {
            text.truncate(before);
        }
    }

    fn clean<'v>(&mut self, value: &'v str) -> Cow<'v, str> {
        let clean = plain::line(value, self.cap);
        self.block.cut |= clean.cut;
        clean.text
    }

    fn clean_value(&mut self, clean: &str) {
        match self.values {
            Values::Escaped => push_escaped(&mut self.block.text, clean),
            Values::Unlinked => self.words(&plain::unlinked(clean)),
            Values::Clean => self.words(clean),
        }
    }
}

/// The links of one line.
pub(in crate::render) struct Links<'w> {
    writer: &'w mut MarkupWriter,
    between: &'static str,
}

impl Links<'_> {
    /// A link under `words`, whose address `write` writes, unless it says that there is none; what it
    /// wrote is taken away then.
    ///
    /// An address that is longer than a value may be is left out, unless it is short.
    pub(in crate::render) fn add(&mut self, words: &str, write: impl FnOnce(&mut String) -> bool) {
        let Self { writer, between } = self;
        match writer.markup {
            Markup::Markdown => {
                if writer.after(between, |writer| writer.link(["[", "](", ")"], words, write)) {
                    *between = BETWEEN;
                }
            }
            Markup::Plain => writer.line(|writer| writer.link(PLAIN_LINK, words, write)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(markup: Markup, cap: usize, write: impl FnOnce(&mut MarkupWriter)) -> Block {
        let mut writer = MarkupWriter::new(markup, cap);
        write(&mut writer);
        writer.block()
    }

    fn lines(block: &Block) -> Vec<&str> {
        block.lines().collect()
    }

    #[test]
    fn lines_and_paragraphs_stand_apart_and_empty_ones_leave_nothing() {
        for (markup, expected) in
            [(Markup::Markdown, "a  \nb\n\nc  \nd"), (Markup::Plain, "a\nb\n\nc\nd")]
        {
            let block = written(markup, 9, |writer| {
                writer.paragraph();
                for words in ["a", "b", ""] {
                    writer.line(|line| line.words(words));
                }
                writer.paragraph();
                writer.paragraph();
                writer.line(|line| line.words("c"));
                writer.line(|line| assert!(!line.strong(|_| {}) && !line.after("x", |_| {})));
                writer.line(|line| line.words("d"));
                writer.paragraph();
            });
            assert_eq!(block.text, expected);
            assert!(block.lines().eq(["", "a", "b", "", "", "c", "d", ""]));
        }
    }

    #[test]
    fn values_are_cut_and_escaped_where_they_stand() {
        let write = |writer: &mut MarkupWriter| {
            writer.line(|line| {
                assert!(line.strong(|line| assert!(line.value("*a*"))));
                line.words("-");
                assert!(!line.value(" "));
            });
            writer
                .line_of_values(|line| assert!(line.labels(&[("-", "b"), ("c", ""), ("d", "#e")])));
            writer.lines_of_value(Some("f"), "1\n- 23");
            writer.lines_of_value(None, "+");
        };
        let block = written(Markup::Markdown, 9, write);
        assert_eq!(lines(&block), ["**\\*a\\***-", "\\-: b · d: \\#e", "f: 1", "\\- 23", "\\+"]);
        assert!(!block.cut);
        let block = written(Markup::Plain, 3, write);
        assert_eq!(lines(&block), ["*a*-", "-: b · d: #e", "f: 1", "-…", "+"]);
        assert!(block.cut);
    }

    #[test]
    fn our_words_stand_before_one_line_and_above_several() {
        let block = written(Markup::Markdown, 9, |writer| {
            writer.captioned("was: ", |_| {});
            writer.captioned("was: ", |writer| writer.line_of_values(|line| line.value("- a")));
            writer.line(|line| line.words("b"));
            writer.captioned("was: ", |writer| {
                writer.line(|line| line.value(" "));
                writer.lines_of_value(None, "c\nd");
            });
        });
        assert_eq!(lines(&block), ["was: \\- a", "b", "was:", "c", "d"]);
        assert_eq!(block.text, lines(&block).join("  \n"));
        let block = written(Markup::Plain, 9, |writer| {
            writer.captioned("was: ", |writer| writer.lines_of_value(None, "c\nd"));
        });
        assert_eq!((lines(&block), &*block.text), (vec!["was:", "c", "d"], "was:\nc\nd"));
    }

    #[test]
    fn an_address_is_shown_as_what_is_written_needs_it() {
        let url = "https://www.x";
        for (mut writer, expected) in [
            (MarkupWriter::new(Markup::Markdown, 99), "https&#58;//www&#46;x"),
            (MarkupWriter::new(Markup::Plain, 99), "https: //www .x"),
            (MarkupWriter::for_clean_text(99), url),
        ] {
            writer.line(|line| line.labels(&[("a", url)]));
            assert_eq!(writer.block().text, format!("a: {expected}"));
        }
    }

    #[test]
    fn links_share_a_line_and_too_long_ones_are_left_out() {
        let url = |length| format!("http://{}", "a".repeat(length));
        let links = [("A", url(3)), ("B", url(700)), ("C", url(4))];
        let of = |markup, cap, links: &[(&str, String)]| {
            let block = written(markup, cap, |writer| {
                writer.links(|line| {
                    for (words, url) in links {
                        line.add(words, |out| {
                            out.push_str(url);
                            true
                        });
                    }
                    line.add("none", |out| {
                        out.push_str("http");
                        false
                    });
                });
            });
            (lines(&block).into_iter().map(str::to_owned).collect::<Vec<_>>(), block.cut)
        };
        let alone = format!("[B]({})", url(700));
        assert_eq!(of(Markup::Markdown, 1_000, &links[1..2]), (vec![alone], false));
        for (markup, expected) in [
            (Markup::Markdown, vec!["[A](http://aaa) · [C](http://aaaa)"]),
            (Markup::Plain, vec!["A: http://aaa", "C: http://aaaa"]),
        ] {
            let expected = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(of(markup, 10, &links), (expected, true));
        }
        assert_eq!(of(Markup::Plain, 10, &[]), (Vec::new(), false));
    }
}
