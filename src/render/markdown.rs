//! Writes values in DingTalk's Markdown subset, or in plain text.
//!
//! A value that is escaped here reads in the message as it stood in the alert, and so it is copied: no
//! markup comes out of it. Mentions are not escaped here; the mention guard breaks them when the part is
//! finished.
//!
//! DingTalk's documentation links `[words](address)` and no bare address, and users report that a bare one
//! stays text (prometheus-webhook-dingtalk, issue 202). For a client that looks for bare addresses in the
//! Markdown all the same, a character of each is an entity, as DingTalk documents them for spaces
//! (`faq-robot`): no address stands there, and the reader has it whole.

mod writer;

use super::plain;
use crate::dingtalk::message::Markup;

pub(super) use writer::{Block, Links, MarkupWriter};

/// Between two links or labels.
pub(super) const BETWEEN: &str = " · ";

/// A link of at most so many bytes is never left out.
const SHORT_ADDRESS: usize = 600;

/// An escaped text in bold; an empty one stays empty.
pub(super) fn strong(written: &str) -> String {
    if written.is_empty() { String::new() } else { format!("**{written}**") }
}

/// A link; `url` must come from the `link` module.
pub(super) fn link(words: &str, url: &str) -> String {
    ["[", words, "](", url, ")"].concat()
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
    let mut out = String::with_capacity(text.len() + 8);
    push_escaped(&mut out, text);
    out
}

/// Writes an escaped text behind `out`.
fn push_escaped(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    // All that is special is ASCII, and no byte of another character looks like it.
    for (at, byte) in bytes.iter().enumerate() {
        let (instead, rest) = match byte {
            b'\\' | b'`' | b'*' | b'_' | b'[' | b']' | b'~' | b'|' => ("\\", at),
            // As entities: a client that does not know the backslash must not see a tag.
            b'<' => ("&lt;", at + 1),
            b'>' => ("&gt;", at + 1),
            b'&' if begins_entity(bytes.get(at + 1)) => ("&amp;", at + 1),
            b':' if bytes[at + 1..].starts_with(b"//") => ("&#58;", at + 1),
            b'.' if plain::ends_www(bytes, at) => ("&#46;", at + 1),
            // At a start it opens a heading, and at a heading's end it would vanish.
            b'#' if at == 0 || matches!(bytes[at - 1], b' ' | b'#') => ("\\", at),
            _ => continue,
        };
        out.push_str(&text[copied..at]);
        out.push_str(instead);
        copied = rest;
    }
    out.push_str(&text[copied..]);
}

fn begins_entity(after_ampersand: Option<&u8>) -> bool {
    after_ampersand.is_some_and(|byte| *byte == b'#' || byte.is_ascii_alphabetic())
}

/// Makes every character of `text` stand for itself, also at the beginning of a line.
pub(super) fn escape_line(text: &str) -> String {
    let mut escaped = escape(text);
    guard_line_start(&mut escaped, 0);
    escaped
}

/// Keeps the escaped line at the end of `text`, which begins at `start`, from being an item of a list
/// or a rule below a heading.
fn guard_line_start(text: &mut String, start: usize) {
    let line = &text[start..];
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let at = match line.as_bytes().get(digits) {
        Some(b'-' | b'+' | b'=') if digits == 0 => 0,
        // Without a space after it, as in an address, it begins no list.
        Some(b'.' | b')') if digits > 0 && is_item(&line[digits + 1..]) => digits,
        Some(_) | None => return,
    };
    text.insert(start + at, '\\');
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
            ("https://a.example/x?y=1&z=(2)", "https&#58;//a.example/x?y=1&amp;z=(2)"),
            ("Www.x www. a//b", "Www&#46;x www&#46; a//b"),
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
}
