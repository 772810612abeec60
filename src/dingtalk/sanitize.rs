//! Text that came from outside, made fit to be shown: short, one line, without secrets.
//!
//! Every text of an answer and of a broken connection goes through [`clean`] before it enters an
//! error, so no log line and no answer that shows the error can leak a secret.

use std::ops::Range;

/// The most characters of an answer's words that are kept.
pub(super) const MOST_TEXT: usize = 300;

/// The most characters of a code that are kept.
pub(super) const MOST_CODE: usize = 100;

/// The text that replaces a secret.
const MASK: &str = "<secret>";

/// The shortest text that is masked wherever it stands; a shorter one would be found by chance.
const SHORTEST_SECRET: usize = 4;

/// The shortest run of hexadecimal digits that is taken for a secret: tokens have 64, while the
/// request ids, which help DingTalk's support, have at most 36 with their hyphens.
const SHORTEST_TOKEN: usize = 40;

/// The ends of the names that a secret's value follows, as in `access_token=…`, `"appSecret":"…"`.
const NAMES: [&str; 3] = ["token", "secret", "sign"];

/// The shortest value after such a name that is masked, so that `sign: wrong` stays readable.
const SHORTEST_VALUE: usize = 8;

/// The first `most` characters of `text`, on one line, without control characters and secrets.
///
/// Secrets are masked before the text is cut, so that half a secret cannot stay at the end.
pub(super) fn clean(text: &str, secrets: &[&str], most: usize) -> String {
    let mut text: String = one_line(text);
    for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST_SECRET) {
        text = text.replace(secret, MASK);
    }
    let text = mask_runs(&mask_named(&text));
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// `text` with each run of white space and control characters as one space.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Characters without a width, and those that turn the direction of the text around them.
fn is_invisible(c: char) -> bool {
    let ranges = ['\u{200b}'..='\u{200f}', '\u{202a}'..='\u{202e}', '\u{2060}'..='\u{2069}'];
    c == '\u{feff}' || ranges.iter().any(|range| range.contains(&c))
}

/// `text` with the values of everything that is named like a secret masked.
fn mask_named(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(value) = named_value(rest) {
        masked.push_str(&rest[..value.start]);
        masked.push_str(MASK);
        rest = &rest[value.end..];
    }
    masked + rest
}

/// Where the first value of a secret's name stands.
fn named_value(text: &str) -> Option<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let ends = NAMES
        .iter()
        .flat_map(|name| lower.match_indices(name).map(|(start, _)| start + name.len()));
    let values = ends.filter_map(|end| {
        let after = text[end..].trim_start_matches(['"', '\'', '\\', ' ']);
        let value = after.strip_prefix([':', '=']).or_else(|| after.strip_prefix("%3D"))?;
        let value = value.trim_start_matches(['"', '\'', '\\', ' ']);
        let start = text.len() - value.len();
        let length = value.find(|c: char| !is_of_value(c)).unwrap_or(value.len());
        (length >= SHORTEST_VALUE).then_some(start..start + length)
    });
    values.min_by_key(|value| value.start)
}

/// Whether tokens, secrets and signatures can hold this character, percent-encoded or not.
fn is_of_value(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '%' | '+' | '/' | '=' | '_' | '-' | '.' | '~')
}

/// `text` with every long run of hexadecimal digits masked.
fn mask_runs(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let run = &rest[start..];
        let length = run.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(run.len());
        masked.push_str(&rest[..start]);
        masked.push_str(if length >= SHORTEST_TOKEN { MASK } else { &run[..length] });
        rest = &run[length..];
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_however_they_are_quoted() {
        let hex = "0123456789abcdef".repeat(4);
        let cases = [
            (format!("no robot {hex} here"), "no robot <secret> here"),
            (format!("SEC{hex}"), "S<secret>"),
            (
                "https://x/robot/send?access_token=abcdefgh&a=b".into(),
                "https://x/robot/send?access_token=<secret>&a=b",
            ),
            (r#"{"appSecret": "abc-defgh","x":1}"#.into(), r#"{"appSecret": "<secret>","x":1}"#),
            (r#"{\"accessToken\":\"abcdefgh\"}"#.into(), r#"{\"accessToken\":\"<secret>\"}"#),
            ("&sign=BQKsG%2BQOCl%2BbYJ&sign=aaaaaaaa".into(), "&sign=<secret>&sign=<secret>"),
            ("my pass phrase, my pass phrase".into(), "my <secret>, my <secret>"),
            ("sign not match, sign: wrong".into(), "sign not match, sign: wrong"),
            ("缺少参数 access_token".into(), "缺少参数 access_token"),
            (
                "request 16l4ew3d47pdp, 01A08FE7-93E8-4B8E-8A0C-0123456789AB".into(),
                "request 16l4ew3d47pdp, 01A08FE7-93E8-4B8E-8A0C-0123456789AB",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(&text, &["pass phrase", "a"], MOST_TEXT), expected);
        }
    }

    #[test]
    fn text_is_one_line_without_control_characters() {
        assert_eq!(clean("\u{1b}[31ma\r\n\tb\u{0}c\u{202e}d ", &[], MOST_TEXT), "[31ma b c d");
    }

    #[test]
    fn long_text_is_cut_between_characters_and_after_masking() {
        assert_eq!(clean("错误描述", &[], 3), "错误描…");
        assert_eq!(clean("错误描", &[], 3), "错误描");
        assert_eq!(clean("abcdefghij", &["abcdefghij"], 4), "<sec…");
    }
}
