//! Alertmanager's classic parser (`pkg/labels` of 0.34).
//!
//! Names are ASCII and unquoted. A value may hold spaces without quotes, and a backslash that
//! begins no escape stands for itself, so `instance=~"10\.0\..*"` holds the expression `10\.0\..*`.

use super::{MatchType, Matcher, MatcherError, MatcherFault};

/// The characters that `\s` matches in Go's regular expressions.
const SPACES: [char; 5] = [' ', '\t', '\n', '\u{c}', '\r'];

/// Parses a text; an empty one gives no matchers.
pub(super) fn parse(text: &str) -> Result<Vec<Matcher>, MatcherError> {
    let (start, inner) = match text.strip_prefix('{') {
        Some(inner) => (1, inner),
        None => (0, text),
    };
    let inner = inner.strip_suffix('}').unwrap_or(inner);
    pieces(inner)
        .into_iter()
        .map(|(at, piece)| {
            let at = start + at + piece.len() - piece.trim_start().len();
            matcher(piece).map_err(|fault| MatcherError::at(text, at, fault))
        })
        .collect()
}

/// Cuts the text at the commas that are not in quotes; a blank piece after the last comma is
/// dropped.
fn pieces(text: &str) -> Vec<(usize, &str)> {
    let (mut quoted, mut escaped, mut start) = (false, false, 0);
    let mut pieces = Vec::new();
    for (index, character) in text.char_indices() {
        match character {
            ',' if !quoted => {
                pieces.push((start, &text[start..index]));
                start = index + 1;
            }
            // As in Alertmanager, a comma in quotes does not end an escape.
            ',' => {}
            '"' if !escaped => quoted = !quoted,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    let last = text[start..].trim_start();
    if !last.is_empty() {
        // As in Alertmanager, only the last piece loses spaces that are not ASCII.
        pieces.push((text.len() - last.len(), last.trim_end()));
    }
    pieces
}

fn matcher(piece: &str) -> Result<Matcher, MatcherFault> {
    let piece = piece.trim_matches(SPACES);
    let is_first = |byte: u8| byte == b'_' || byte == b':' || byte.is_ascii_alphabetic();
    let is_name = |byte: u8| is_first(byte) || byte.is_ascii_digit();
    let length = piece.bytes().take_while(|byte| is_name(*byte)).count();
    let (name, rest) = piece.split_at(length);
    if !name.bytes().next().is_some_and(is_first) {
        return Err(not_found("a label", piece));
    }
    let rest = rest.trim_start_matches(SPACES);
    let match_types =
        [MatchType::Matches, MatchType::Equal, MatchType::NotEqual, MatchType::NotMatches];
    let (match_type, value) = match_types
        .into_iter()
        .find_map(|match_type| Some((match_type, rest.strip_prefix(match_type.as_str())?)))
        .ok_or_else(|| not_found("an operator", rest))?;
    let value = value.trim_start_matches(SPACES);
    let value = unescape(value).ok_or_else(|| not_found("a value without a lone quote", value))?;
    Ok(Matcher::new(name.to_owned(), match_type, value)?)
}

fn not_found(expected: &'static str, found: &str) -> MatcherFault {
    MatcherFault::Expected { expected, found: found.to_owned() }
}

/// The value without quotes and escapes; `None` if it has a lone quote.
fn unescape(raw: &str) -> Option<String> {
    let (quoted, raw) = match raw.strip_prefix('"') {
        Some(raw) => (true, raw),
        None => (false, raw),
    };
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    let mut closed = false;
    while let Some(next) = rest.next() {
        match next {
            '\\' => match rest.next() {
                Some('n') => value.push('\n'),
                Some(literal @ ('"' | '\\')) => value.push(literal),
                other => {
                    value.push('\\');
                    value.extend(other);
                }
            },
            '"' if quoted && rest.as_str().is_empty() => closed = true,
            '"' => return None,
            plain => value.push(plain),
        }
    }
    (closed == quoted).then_some(value)
}
