//! Cleans untrusted values: to readable plain text, on one line or several, of a known length.
//!
//! A clean text has no control character and nothing that turns the direction of the text, whatever the
//! label or annotation held. It may hold an address: before it is shown, `markdown::escape` or
//! `unlinked` writes it so that no client makes a link of it.

use std::borrow::Cow;

/// A zero-width space: a client recognises no mention across it, and a reader does not see it.
pub(super) const BREAK: char = '\u{200b}';

/// A value that was cleaned, and whether it lost its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct CleanText<'a> {
    /// The text; may be empty.
    pub(super) text: Cow<'a, str>,
    /// Whether the value was longer than the cap.
    pub(super) cut: bool,
}

/// `value` on one line, with at most `cap` characters of its own.
///
/// Runs of white space become one space. A longer value ends in `…`.
pub(super) fn line(value: &str, cap: usize) -> CleanText<'_> {
    if value.len() <= cap && is_clean(value) {
        return CleanText { text: Cow::Borrowed(value), cut: false };
    }
    let mut text = String::new();
    let mut length = 0;
    let mut gap = false;
    for c in value.chars() {
        if c.is_whitespace() {
            gap = !text.is_empty();
            continue;
        }
        if is_dropped(c) {
            continue;
        }
        if length + usize::from(gap) >= cap {
            text.push('…');
            return CleanText { text: text.into(), cut: true };
        }
        if gap {
            text.push(' ');
        }
        text.push(c);
        length += 1 + usize::from(gap);
        gap = false;
    }
    CleanText { text: text.into(), cut: false }
}

/// Whether `value` is clean already, as most labels are: visible ASCII with single spaces.
fn is_clean(value: &str) -> bool {
    let mut before = b' ';
    for byte in value.bytes() {
        let gap = byte == b' ' && before == b' ';
        if gap || !(b' '..=b'~').contains(&byte) {
            return false;
        }
        before = byte;
    }
    before != b' ' || value.is_empty()
}

/// A clean text as a message without markup shows it, of which clients link `scheme://` and `www.` without
/// being asked: a space breaks those.
///
/// No character that nobody sees would do: whoever copies the address would copy it too, and a space they
/// see. Host names stay whole.
pub(super) fn unlinked(clean: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    for at in link_marks(clean) {
        out.push_str(&clean[copied..at]);
        out.push(' ');
        copied = at;
    }
    if copied == 0 { clean.into() } else { (out + &clean[copied..]).into() }
}

/// Where something stands that clients make a link of: the slashes of each `scheme://`, and the dot of each
/// `www.`.
fn link_marks(text: &str) -> impl Iterator<Item = usize> {
    let bytes = text.as_bytes();
    // Few values hold an address; looking for a byte twice is quicker than looking at each place.
    let may_have = bytes.windows(2).any(|two| matches!(two, b"//" | b"w." | b"W."));
    let bytes = if may_have { bytes } else { &[] };
    let is_mark = |at: usize| begins_slashes(bytes, at) || ends_www(bytes, at);
    (0..bytes.len()).filter(move |at| is_mark(*at))
}

/// Whether the slashes of a `scheme://` begin at `at`.
fn begins_slashes(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes[at - 1] == b':' && bytes[at..].starts_with(b"//")
}

/// Whether the dot of a `www.` is at `at`.
pub(super) fn ends_www(bytes: &[u8], at: usize) -> bool {
    at >= 3 && bytes[at] == b'.' && bytes[at - 3..at].eq_ignore_ascii_case(b"www")
}

/// `value` as it is broken into lines, none of them empty, with at most `cap` characters in all.
pub(super) fn lines(value: &str, cap: usize) -> (Vec<Cow<'_, str>>, bool) {
    let mut lines = Vec::new();
    let mut left = cap;
    for one in value.split(is_line_end) {
        let clean = line(one, left);
        if clean.text.is_empty() {
            continue;
        }
        left = left.saturating_sub(clean.text.chars().count());
        lines.push(clean.text);
        if clean.cut {
            return (lines, true);
        }
    }
    (lines, false)
}

/// The first `length` characters of `text`, the last of them `…` where more follow.
#[must_use]
pub fn cut(text: &str, length: usize) -> Cow<'_, str> {
    if text.len() <= length || text.chars().nth(length).is_none() {
        return text.into();
    }
    let kept = text.char_indices().nth(length.saturating_sub(1)).map_or(0, |(end, _)| end);
    [text[..kept].trim_end(), "…"].concat().into()
}

/// The first characters of `text`, at most so many UTF-16 units, the last of them `…` where more follow.
///
/// A character beyond the first 65,536, as each emoji is, counts as two, as it does where Java counts.
#[must_use]
pub(super) fn cut_utf16(text: &str, units: usize) -> Cow<'_, str> {
    if text.len() <= units || text.chars().map(char::len_utf16).sum::<usize>() <= units {
        return text.into();
    }
    let mut left = units.saturating_sub(1);
    let end = text.char_indices().find_map(|(at, c)| match left.checked_sub(c.len_utf16()) {
        Some(rest) => {
            left = rest;
            None
        }
        None => Some(at),
    });
    [text[..end.unwrap_or(text.len())].trim_end(), "…"].concat().into()
}

/// The first and the last characters of `text`, `length` with the `…` between them, if it has more.
///
/// Of long names that begin alike the end tells which one it is.
#[must_use]
pub fn cut_middle(text: &str, length: usize) -> Cow<'_, str> {
    let count = text.chars().count();
    if count <= length {
        return text.into();
    }
    let kept = length.saturating_sub(1);
    let (first, last) = (kept.div_ceil(2), kept / 2);
    let start: String = text.chars().take(first).collect();
    let end: String = text.chars().skip(count - last).collect();
    [start.trim_end(), "…", end.trim_start()].concat().into()
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Control characters, and those that nobody sees but that change what is seen: marks and
/// overrides of the direction, and widthless ones. Joiners stay, because scripts and emoji need
/// them.
fn is_dropped(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_cut_out_of_what_is_too_long() {
        for (text, length, expected) in [
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abc…fg"),
            ("磁盘空间不足告警", 4, "磁盘…警"),
            ("ab cd ef", 5, "ab…ef"),
            ("abc", 1, "…"),
            ("", 0, ""),
        ] {
            assert_eq!(cut_middle(text, length), expected, "{text}");
        }
    }

    #[test]
    fn a_value_becomes_one_readable_line() {
        let cases = [
            ("  disk \n\t full ", "disk full"),
            ("a\0b\u{202e}c\u{200b}d\u{feff}", "abcd"),
            ("磁盘\u{3000}满", "磁盘 满"),
            ("see http://x.example/a?b", "see http://x.example/a?b"),
            ("HTTP\u{200b}:\u{0}//x", "HTTP://x"),
            ("\u{200f}\u{1}", ""),
        ];
        for (value, expected) in cases {
            assert_eq!(
                line(value, 100),
                CleanText { text: expected.into(), cut: false },
                "{value:?}"
            );
        }
    }

    #[test]
    fn without_markup_an_address_is_no_link_and_its_break_is_seen() {
        for (clean, expected) in [
            ("see http://x.example/a?b", "see http: //x.example/a?b"),
            ("WWW.x.example, www.y", "WWW .x.example, www .y"),
            ("磁盘 https://www.x//y", "磁盘 https: //www .x//y"),
            ("://", ": //"),
            ("a//b ww.c w.d", "a//b ww.c w.d"),
        ] {
            assert_eq!(unlinked(clean), expected);
            assert_eq!(unlinked(expected), expected);
        }
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        assert_eq!(line("磁盘满了", 2), CleanText { text: "磁盘…".into(), cut: true });
        assert_eq!(line("磁盘", 2), CleanText { text: "磁盘".into(), cut: false });
        assert_eq!(line("a b", 2), CleanText { text: "a…".into(), cut: true });
        assert_eq!(cut("磁盘满了", 3), "磁盘…");
        for (text, units, expected) in [
            ("磁盘满了", 4, "磁盘满了"),
            ("磁盘满了", 3, "磁盘…"),
            ("🔴🔴", 4, "🔴🔴"),
            ("🔴🔴", 3, "🔴…"),
            ("a🔴🔴", 4, "a🔴…"),
            ("a 🔴🔴", 3, "a…"),
            ("ab", 0, "…"),
        ] {
            assert_eq!(cut_utf16(text, units), expected, "{text} {units}");
        }
        assert_eq!(cut("ab  cd", 4), "ab…");
    }

    #[test]
    fn lines_stay_lines_and_share_the_cap() {
        assert_eq!(
            lines("a\r\n\n  b\u{2028}c", 9),
            (vec!["a".into(), "b".into(), "c".into()], false)
        );
        assert_eq!(lines("abc\ndefg\nh", 5), (vec!["abc".into(), "de…".into()], true));
    }
}
