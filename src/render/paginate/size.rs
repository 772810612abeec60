//! How much room written text takes, and what to keep of it where there is too little.
//!
//! DingTalk counts the bytes of the JSON. That number is a sum over the characters, so pieces are
//! measured once, when they are written, and added.

use crate::render::{Language, mention};

/// How many bytes JSON needs for a byte beside itself.
const ESCAPES: [u8; 256] = {
    let mut escapes = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        escapes[byte] = 5;
        byte += 1;
    }
    let short = *b"\"\\\n\r\t\x08\x0c";
    let mut at = 0;
    while at < short.len() {
        escapes[short[at] as usize] = 1;
        at += 1;
    }
    escapes
};

/// The bytes of `text` in JSON, with what the mention guard can add.
pub(in crate::render) fn cost(text: &str) -> usize {
    let escapes: usize = text.bytes().map(|byte| usize::from(ESCAPES[usize::from(byte)])).sum();
    text.len() + escapes + mention::guard_cost(text)
}

/// As many of `lines` as have room, in order, with the mark at the end; never none.
pub(in crate::render) fn whole_lines(
    lines: Vec<String>,
    room: usize,
    language: Language,
) -> Vec<String> {
    let mark = language.words().shortened;
    let mut left = room.saturating_sub(cost(mark) + cost("\n\n"));
    let mut kept = Vec::new();
    for line in lines.into_iter().filter(|line| !says_shortened(line)) {
        let taken = cost(&line) + cost("  \n");
        if taken <= left {
            left -= taken;
            kept.push(line);
        } else if kept.is_empty() {
            let start = start_of(&line, left.saturating_sub(cost("  \n")));
            left = left.saturating_sub(cost(&start) + cost("  \n"));
            kept.push(start);
        }
    }
    kept.push(mark.to_owned());
    kept
}

/// Whether a line says, in whatever language, that something was left out.
pub(in crate::render) fn says_shortened(line: &str) -> bool {
    Language::ALL.into_iter().any(|language| line == language.words().shortened)
}

/// The beginning of a written line in at most `room` bytes, with `…` where the rest was.
///
/// It ends between characters, never within a link, an address or an escape, and bold is closed.
pub(in crate::render) fn start_of(line: &str, room: usize) -> String {
    if cost(line) <= room {
        return line.to_owned();
    }
    let mut left = room.saturating_sub("…**".len());
    let mut start = String::new();
    let mut rest = line;
    let mut bold = false;
    while !rest.is_empty() {
        let (atom, after) = rest.split_at(atom_len(rest));
        if cost(atom) > left {
            break;
        }
        left -= cost(atom);
        bold ^= atom == "**";
        start.push_str(atom);
        rest = after;
    }
    start.push('…');
    if bold {
        start.push_str("**");
    }
    start
}

/// The length of what stands or falls together at the start of `text`, which is not empty.
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
    fn the_cost_is_what_json_takes() {
        for text in ["", "磁盘 \"满\"\n\\ \t\u{1}\u{8}🔴\u{7f}", "a/b<c>&'\u{2028}"] {
            let json = serde_json::Value::from(text).to_string();
            assert_eq!(cost(text), json.len() - 2, "{text:?}");
        }
        assert_eq!(cost("@a"), "@\u{200b}a".len());
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
            ("a [Graph](http://x/y) b", 20, "a …"),
            ("ab http://x.example/y", 15, "ab …"),
            ("[a [b](http://x) cdef", 12, "[a …"),
            ("abc", 0, "…"),
            ("abc", 3, "abc"),
        ];
        for (line, room, expected) in cases {
            assert_eq!(start_of(line, room), expected, "{line}");
        }
    }

    #[test]
    fn lines_without_room_are_left_out_and_the_mark_says_so() {
        let lines = || ["a", "bbbbbbbbbbbbbbbbbbbbbbbbbbbb", "c"].map(str::to_owned).to_vec();
        assert_eq!(whole_lines(lines(), 31, Language::En), ["a", "c", "… shortened"]);
        let english = whole_lines(lines(), 0, Language::En);
        assert_eq!(english, ["…", "… shortened"]);
        // Cut again in another language, one mark is enough.
        let chinese = whole_lines(english, 60, Language::ZhCn);
        assert_eq!(chinese, ["…", "…（内容过长，已截断）"]);
    }
}
