//! Texts as words: cases, initials, abbreviations, wrapped lines.

use super::letters;
use super::strings::part;
use super::text::Growing;
use crate::funcs::{Call, Failure, Function};
use crate::value::Value;

pub(super) const TABLE: &[Function] = &[
    Function::new("upper(s string) string", upper),
    Function::new("lower(s string) string", lower),
    Function::new("title(s string) string", title),
    Function::new("untitle(s string) string", untitle),
    Function::new("swapcase(s string) string", swapcase),
    Function::new("nospace(s string) string", nospace),
    Function::new("initials(s string) string", initials),
    Function::new("abbrev(width int, s string) string", abbrev),
    Function::new("abbrevboth(left int, right int, s string) string", abbrevboth),
    Function::new("wrap(width int, s string) string", wrap),
    Function::new("wrapWith(width int, sep string, s string) string", wrap_with),
];

/// The text with each character changed; one of a byte can become one of three.
pub(super) fn mapped(
    call: &mut Call<'_>,
    text: &[u8],
    change: impl FnMut(char) -> char,
) -> Result<Value, Failure> {
    call.reserve(text.len().saturating_mul(3))?;
    Ok(Value::text(letters::all(text).map(change).collect::<String>()))
}

fn upper(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    mapped(call, text, letters::upper)
}

fn lower(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    mapped(call, text, letters::lower)
}

/// Go's `strings.Title`.
fn title(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    let mut before = ' ';
    mapped(call, text, |letter| {
        let begins = separates(before);
        before = letter;
        if begins { letters::title(letter) } else { letter }
    })
}

fn separates(letter: char) -> bool {
    if letter.is_ascii() {
        return !letter.is_ascii_alphanumeric() && letter != '_';
    }
    letters::is_space(letter)
}

fn untitle(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    let mut begins = true;
    mapped(call, text, |letter| {
        let is_first = begins;
        begins = letters::is_space(letter);
        if is_first && !begins { letters::lower(letter) } else { letter }
    })
}

fn swapcase(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    let mut begins = true;
    mapped(call, text, |letter| {
        if letters::is_upper(letter) || letters::is_title(letter) {
            begins = false;
            letters::lower(letter)
        } else if letters::is_lower(letter) {
            let is_first = std::mem::take(&mut begins);
            if is_first { letters::title(letter) } else { letters::upper(letter) }
        } else {
            begins = letters::is_space(letter);
            letter
        }
    })
}

/// Byte by byte, each a character of Latin-1, as sprig's library has it: text that is not ASCII
/// comes out changed as soon as there is a space.
fn nospace(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len().saturating_mul(2))?;
    let kept = || text.iter().map(|byte| char::from(*byte)).filter(|c| !letters::is_space(*c));
    if kept().count() == text.len() {
        return Ok(call.value(0).clone());
    }
    Ok(Value::text(kept().collect::<String>()))
}

/// Byte by byte as well.
fn initials(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len().saturating_mul(2))?;
    let mut begins = true;
    let first = |letter: &char| {
        let is_first = begins && !letters::is_space(*letter);
        begins = letters::is_space(*letter);
        is_first
    };
    let initials: String = text.iter().map(|byte| char::from(*byte)).filter(first).collect();
    Ok(Value::text(initials))
}

fn abbrev(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (width, text) = (call.int(0), call.text(1));
    if width < 4 {
        return Ok(call.value(1).clone());
    }
    abbreviated(call, text, 0, width)
}

fn abbrevboth(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (left, right, text) = (call.int(0), call.int(1), call.text(2));
    if right < 4 || left > 0 && right < 7 {
        return Ok(call.value(2).clone());
    }
    abbreviated(call, text, left, right)
}

/// At most `width` bytes of a text, with dots for what is left out; `width` is 4 at least, and 7
/// for an `offset` over 0.
fn abbreviated(
    call: &mut Call<'_>,
    text: &[u8],
    offset: i64,
    width: i64,
) -> Result<Value, Failure> {
    let width = usize::try_from(width).unwrap_or(usize::MAX);
    if text.len() <= width {
        return part(call, text);
    }
    call.reserve(width)?;
    let kept = width - 3;
    let offset = usize::try_from(offset).unwrap_or(0).min(text.len() - kept);
    let from = |start: usize, length: usize| text.get(start..start + length).unwrap_or_default();
    if offset <= 4 {
        return Ok(Value::text([from(0, kept), b"..."].concat()));
    }
    if offset + kept < text.len() {
        return Ok(Value::text([b"...", from(offset, kept - 3), b"..."].concat()));
    }
    Ok(Value::text([b"...", from(text.len() - kept, kept)].concat()))
}

fn wrap(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (width, text) = (call.int(0), call.text(1));
    wrapped(call, text, width, b"\n", false)
}

fn wrap_with(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (width, line_end, text) = (call.int(0), call.text(1), call.text(2));
    wrapped(call, text, width, if line_end.is_empty() { b"\n" } else { line_end }, true)
}

fn wrapped(
    call: &mut Call<'_>,
    text: &[u8],
    width: i64,
    line_end: &[u8],
    cut_words: bool,
) -> Result<Value, Failure> {
    let width = usize::try_from(width).unwrap_or(0).max(1);
    let mut out = Growing::default();
    let mut rest = text;
    while rest.len() > width {
        call.spend(1)?;
        if let [b' ', behind @ ..] = rest {
            rest = behind;
            continue;
        }
        let (line, next) = line(rest, width, cut_words);
        out.push(call, rest.get(..line).unwrap_or_default())?;
        if line < rest.len() {
            out.push(call, line_end)?;
        }
        rest = rest.get(next..).unwrap_or_default();
    }
    out.push(call, rest)?;
    Ok(out.into_value())
}

/// The end of the first line of `rest`, which is longer than `width`, and the start of the next.
fn line(rest: &[u8], width: usize, cut_words: bool) -> (usize, usize) {
    let head = rest.get(..=width).unwrap_or(rest);
    if let Some(space) = head.iter().rposition(|byte| *byte == b' ') {
        return (space, space + 1);
    }
    if cut_words {
        return (width, width);
    }
    let behind = rest.get(width..).unwrap_or_default();
    match behind.iter().position(|byte| *byte == b' ') {
        Some(space) => (width + space, width + space + 1),
        None => (rest.len(), rest.len()),
    }
}
