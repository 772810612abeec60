//! Writes values in DingTalk's Markdown subset, or in plain text.
//!
//! A value that is escaped here reads in the message as it stood in the alert: no markup comes out of
//! it. Mentions are not escaped here; the mention guard breaks them when the part is finished.

use std::borrow::Cow;

use super::plain;
use crate::dingtalk::message::Markup;

/// Between two links or labels.
pub(super) const BETWEEN: &str = " · ";

/// A link of at most so many bytes is never left out.
const SHORT_ADDRESS: usize = 600;

/// Cleans values, escapes them for a markup, and remembers whether one of them was cut.
#[derive(Debug)]
pub(super) struct MarkupWriter {
    markup: Markup,
    /// The most characters that are written of one value.
    cap: usize,
    /// Whether a value had more characters, or a link was left out.
    pub(super) cut: bool,
}

impl MarkupWriter {
    pub(super) fn new(markup: Markup, cap: usize) -> Self {
        Self { markup, cap, cut: false }
    }

    /// A value on one line, not escaped yet.
    pub(super) fn clean<'v>(&mut self, value: &'v str) -> Cow<'v, str> {
        let clean = plain::line(value, self.cap);
        self.cut |= clean.cut;
        clean.text
    }

    /// The lines of a value, not escaped yet.
    pub(super) fn clean_lines<'v>(&mut self, value: &'v str) -> Vec<Cow<'v, str>> {
        let (lines, cut) = plain::lines(value, self.cap);
        self.cut |= cut;
        lines
    }

    /// A clean text, escaped to stand within a line that begins with our own words.
    pub(super) fn escaped(&self, clean: Cow<'_, str>) -> String {
        match self.markup {
            Markup::Markdown => escape(&clean),
            Markup::Plain => clean.into_owned(),
        }
    }

    /// A clean text, escaped to be a whole line.
    pub(super) fn escaped_line(&self, clean: Cow<'_, str>) -> String {
        match self.markup {
            Markup::Markdown => escape_line(&clean),
            Markup::Plain => clean.into_owned(),
        }
    }

    /// A value on one line, escaped to stand within a line that begins with our own words.
    pub(super) fn inline(&mut self, value: &str) -> String {
        let clean = self.clean(value);
        self.escaped(clean)
    }

    /// An escaped text in bold; an empty one stays empty.
    pub(super) fn strong(&self, written: &str) -> String {
        match self.markup {
            Markup::Markdown => strong(written),
            Markup::Plain => written.to_owned(),
        }
    }

    /// Links side by side in Markdown; one a line, with its address, in plain text.
    ///
    /// A link with more bytes than a value may have characters is left out, unless it is short.
    /// Each address must come from the `link` module, which leaves nothing that could end it.
    pub(super) fn links<U: AsRef<str>>(&mut self, links: &[(&str, U)]) -> Vec<String> {
        let longest = self.cap.max(SHORT_ADDRESS);
        let all = links.iter().map(|(words, url)| (*words, url.as_ref()));
        let kept = all.filter(|(_, url)| url.len() <= longest);
        self.cut |= kept.clone().count() < links.len();
        match self.markup {
            Markup::Markdown => side_by_side(kept).into_iter().collect(),
            Markup::Plain => kept.map(|(words, url)| format!("{words}: {url}")).collect(),
        }
    }
}

/// An escaped text in bold; an empty one stays empty.
pub(super) fn strong(written: &str) -> String {
    if written.is_empty() { String::new() } else { format!("**{written}**") }
}

/// A link; `url` must come from the `link` module.
pub(super) fn link(words: &str, url: &str) -> String {
    let mut link = String::new();
    push_link(&mut link, words, url);
    link
}

fn push_link(line: &mut String, words: &str, url: &str) {
    line.extend(["[", words, "](", url, ")"]);
}

/// Links on one line; none of no links.
fn side_by_side<'a>(links: impl Iterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let mut line = String::with_capacity(512);
    for (words, url) in links {
        if !line.is_empty() {
            line.push_str(BETWEEN);
        }
        push_link(&mut line, words, url);
    }
    (!line.is_empty()).then_some(line)
}

/// Joins lines; an empty line begins a paragraph.
pub(super) fn join<L: AsRef<str>>(markup: Markup, lines: impl IntoIterator<Item = L>) -> String {
    let line_end = markup.line_end();
    let mut text = String::with_capacity(512);
    let mut paragraph = false;
    for line in lines {
        let line = line.as_ref();
        if line.is_empty() {
            paragraph = true;
            continue;
        }
        if !text.is_empty() {
            text.push_str(if paragraph { "\n\n" } else { line_end });
        }
        text.push_str(line);
        paragraph = false;
    }
    text
}

/// Makes every character of `text` stand for itself, within a line.
pub(super) fn escape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + 8);
    let mut copied = 0;
    // All that is special is ASCII, and no byte of another character looks like it.
    for (at, byte) in bytes.iter().enumerate() {
        let (instead, rest) = match byte {
            b'\\' | b'`' | b'*' | b'_' | b'[' | b']' | b'~' | b'|' => ("\\", at),
            // As entities: a client that does not know the backslash must not see a tag.
            b'<' => ("&lt;", at + 1),
            b'>' => ("&gt;", at + 1),
            b'&' if begins_entity(bytes.get(at + 1)) => ("&amp;", at + 1),
            // At a start it opens a heading, and at a heading's end it would vanish.
            b'#' if at == 0 || matches!(bytes[at - 1], b' ' | b'#') => ("\\", at),
            _ => continue,
        };
        out.push_str(&text[copied..at]);
        out.push_str(instead);
        copied = rest;
    }
    out.push_str(&text[copied..]);
    out
}

fn begins_entity(after_ampersand: Option<&u8>) -> bool {
    after_ampersand.is_some_and(|byte| *byte == b'#' || byte.is_ascii_alphabetic())
}

/// Makes every character of `text` stand for itself, also at the beginning of a line.
pub(super) fn escape_line(text: &str) -> String {
    let escaped = escape(text);
    let digits = escaped.bytes().take_while(u8::is_ascii_digit).count();
    let at = match escaped.as_bytes().get(digits) {
        Some(b'-' | b'+' | b'=') if digits == 0 => 0,
        // Without a space after it, as in an address, it begins no list.
        Some(b'.' | b')') if digits > 0 && is_item(&escaped[digits + 1..]) => digits,
        Some(_) | None => return escaped,
    };
    format!("{}\\{}", &escaped[..at], &escaped[at..])
}

fn is_item(after_number: &str) -> bool {
    after_number.is_empty() || after_number.starts_with(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_no_markup() {
        let cases = [
            ("http_requests", "http\\_requests"),
            ("**a** `b` ~~c~~ |d|", "\\*\\*a\\*\\* \\`b\\` \\~\\~c\\~\\~ \\|d\\|"),
            ("[x](y) ![i](j)", "\\[x\\](y) !\\[i\\](j)"),
            ("<b> a > b", "&lt;b&gt; a &gt; b"),
            ("&lt; &#64; a && b & c", "&amp;lt; &amp;#64; a && b & c"),
            ("# a ## C# #", "\\# a \\#\\# C# \\#"),
        ];
        for (value, expected) in cases {
            assert_eq!(escape(value), expected, "{value:?}");
        }
    }

    #[test]
    fn a_value_at_a_lines_start_begins_no_block() {
        let cases = [
            ("- a", "\\- a"),
            ("+ a", "\\+ a"),
            ("===", "\\==="),
            ("---", "\\---"),
            ("12. a", "12\\. a"),
            ("1) a", "1\\) a"),
            ("# a", "\\# a"),
            ("> a", "&gt; a"),
            ("10.0.0.1:9100", "10.0.0.1:9100"),
            ("1.", "1\\."),
            ("12", "12"),
            ("磁盘", "磁盘"),
        ];
        for (value, expected) in cases {
            assert_eq!(escape_line(value), expected, "{value:?}");
        }
    }

    #[test]
    fn lines_break_as_dingtalk_needs_it() {
        let lines = ["a", "b", "", "", "c", ""].map(str::to_owned);
        assert_eq!(join(Markup::Markdown, &lines), "a  \nb\n\nc");
        assert_eq!(join(Markup::Plain, &lines), "a\nb\n\nc");
    }

    #[test]
    fn a_cut_value_is_remembered() {
        let mut writer = MarkupWriter::new(Markup::Markdown, 3);
        assert_eq!(writer.inline("abc"), "abc");
        assert!(!writer.cut);
        assert_eq!(writer.clean_lines("a\nbcd"), ["a", "bc…"]);
        assert!(writer.cut);
    }

    #[test]
    fn links_share_a_line_and_too_long_ones_are_left_out() {
        let url = |length| format!("http://{}", "a".repeat(length));
        let links = [("A", url(3)), ("B", url(700)), ("C", url(4))];
        let mut writer = MarkupWriter::new(Markup::Markdown, 1_000);
        assert_eq!(writer.links(&links[1..2]).len(), 1);
        assert!(!writer.cut);
        let mut writer = MarkupWriter::new(Markup::Markdown, 10);
        assert_eq!(writer.links(&links), ["[A](http://aaa) · [C](http://aaaa)"]);
        assert!(writer.cut);
        assert_eq!(
            MarkupWriter::new(Markup::Plain, 10).links(&links),
            ["A: http://aaa", "C: http://aaaa"]
        );
        assert!(MarkupWriter::new(Markup::Plain, 10).links::<&str>(&[]).is_empty());
    }
}
