//! The size of a text, and the start of a text that is too large.
//!
//! DingTalk counts the bytes of the JSON. That number is a sum over the characters, so each piece is
//! measured once, when it is written, and the sizes are added.

use crate::dingtalk::message;
use crate::render::mention;

/// The bytes of `text` in JSON, with what the mention guard can add.
pub(in crate::render) fn json_size(text: &str) -> usize {
    message::json_size(text) + mention::guard_cost(text)
}

/// As many of `lines` as fit into `size` bytes with `ending` after them, in order; of the first line at
/// least its start.
pub(super) fn whole_lines(lines: Vec<String>, size: usize, ending: &str) -> Vec<String> {
    let mut left = size.saturating_sub(json_size(ending) + json_size("\n\n"));
    let mut kept = Vec::new();
    for line in lines {
        let taken = json_size(&line) + json_size("  \n");
        if taken <= left {
            left -= taken;
            kept.push(line);
        } else if kept.is_empty() {
            let start = start_of(&line, left.saturating_sub(json_size("  \n")));
            left = left.saturating_sub(json_size(&start) + json_size("  \n"));
            kept.push(start);
        }
    }
    kept
}

/// The beginning of an escaped line in at most `size` bytes, with `…` where the rest was.
///
/// It ends between characters, never within an address or an escape, and bold is closed. Of a link that has no
/// room its words stay.
pub(in crate::render) fn start_of(line: &str, size: usize) -> String {
    if json_size(line) <= size {
        return line.to_owned();
    }
    let mut left = size.saturating_sub("…**".len());
    let mut start = String::new();
    // What is still to come, the next last.
    let mut rest = vec![line];
    let mut bold = false;
    while let Some(text) = rest.pop() {
        if text.is_empty() {
            continue;
        }
        let (atom, after) = text.split_at(atom_len(text));
        rest.push(after);
        if json_size(atom) <= left {
            left -= json_size(atom);
            bold ^= atom == "**";
            start.push_str(atom);
        } else if let Some(words) = words_of_link(atom) {
            rest.push(words);
        } else {
            start.push('…');
            break;
        }
    }
    if bold {
        start.push_str("**");
    }
    start
}

/// The length of the link, address, escape or character that `text`, which is not empty, begins with.
fn atom_len(text: &str) -> usize {
    let first = text.chars().next().map_or(0, char::len_utf8);
    let whole = match text.as_bytes() {
        [b'*', b'*', ..] => Some(2),
        [b'\\', ..] => text.chars().nth(1).map(|escaped| 1 + escaped.len_utf8()),
        // Our entities; the longest is `&amp;`.
        [b'&', ..] => text.bytes().take(5).position(|byte| byte == b';').map(|at| at + 1),
        [b'[', ..] => link_len(text),
        [b'h', ..] if text.starts_with("http://") || text.starts_with("https://") => {
            Some(text.find(char::is_whitespace).unwrap_or(text.len()))
        }
        _ => None,
    };
    whole.unwrap_or(first)
}

/// The words of a link, if `atom` is one.
fn words_of_link(atom: &str) -> Option<&str> {
    let (words, _) = atom.strip_prefix('[')?.split_once("](")?;
    Some(words)
}

fn link_len(text: &str) -> Option<usize> {
    let target = text.find("](")?;
    let words = &text[1..target];
    if words.contains(['[', ']']) {
        return None;
    }
    text[target..].find(')').map(|end| target + end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guard_may_break_each_mention() {
        assert_eq!(json_size("a \"b\"\n"), "a \\\"b\\\"\\n".len());
        assert_eq!(json_size("@a"), "@\u{200b}a".len());
    }

    #[test]
    fn a_line_is_cut_where_nothing_is_torn() {
        let cases = [
            ("abcdefghij", 8, "abc…"),
            ("磁盘满了", 11, "磁盘…"),
            ("a\\_b\\_c\\_d\\_e", 9, "a\\_…"),
            ("ab&amp;cdefgh", 9, "ab…"),
            ("**abcdefgh**", 10, "**abc…**"),
            ("**ab** cdefgh", 12, "**ab** …"),
            ("a [Graph](http://x/y) b", 20, "a Graph b"),
            ("✅ **[Disk\\_x](http://x.example/y)** db-1", 24, "✅ **Disk\\_x** db…"),
            ("ab http://x.example/y", 15, "ab …"),
            ("[a [b](http://x) cdef", 12, "[a b cd…"),
            ("abc", 0, "…"),
            ("abc", 3, "abc"),
        ];
        for (line, size, expected) in cases {
            assert_eq!(start_of(line, size), expected, "{line}");
        }
    }

    #[test]
    fn lines_that_do_not_fit_beside_the_mark_are_left_out() {
        let lines = || ["a", "bbbbbbbbbbbbbbbbbbbbbbbbbbbb", "c"].map(str::to_owned).to_vec();
        assert_eq!(whole_lines(lines(), 31, "… shortened"), ["a", "c"]);
        assert_eq!(whole_lines(lines(), 0, "… shortened"), ["…"]);
    }
}
