//! Texts: cutting, joining, looking for parts, quoting.

use super::cuts::Cuts;
use super::shape::{ITEM, bytes_between, is_nil, slice};
use super::text::{Growing, joined, replaced, split, text_of, texts_of};
use super::{letters, shape};
use crate::fmt;
use crate::funcs::{Call, Failure, Function};
use crate::value::{Text, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("hello() string", hello),
    Function::new("trim(s string) string", trim),
    Function::new("trimall(cutset string, s string) string", trim_all),
    Function::new("trimAll(cutset string, s string) string", trim_all),
    Function::new("trimSuffix(suffix string, s string) string", trim_suffix),
    Function::new("trimPrefix(prefix string, s string) string", trim_prefix),
    Function::new("trunc(c int, s string) string", trunc),
    Function::new("substr(start int, end int, s string) string", substr),
    Function::new("repeat(count int, s string) string", repeat),
    Function::new("contains(substr string, s string) bool", contains),
    Function::new("hasPrefix(prefix string, s string) bool", has_prefix),
    Function::new("hasSuffix(suffix string, s string) bool", has_suffix),
    Function::new("quote(v ...any) string", quote),
    Function::new("squote(v ...any) string", squote),
    Function::new("cat(v ...any) string", cat),
    Function::new("indent(spaces int, v string) string", indent),
    Function::new("nindent(spaces int, v string) string", nindent),
    Function::new("replace(old string, new string, src string) string", replace),
    Function::new("plural(one string, many string, count int) string", plural),
    Function::new("toString(v any) string", to_string),
    Function::new("toStrings(v any) []string", to_strings),
    Function::new("join(sep string, v any) string", join),
    Function::new("split(sep string, orig string) map[string]string", split_map),
    Function::new("splitn(sep string, n int, orig string) map[string]string", splitn),
    Function::new("splitList(sep string, orig string) []string", split_list),
    Function::new("sortAlpha(list any) []string", sort_alpha),
];

fn hello(_: &mut Call<'_>) -> Result<Value, Failure> {
    Ok("Hello!".into())
}

/// A part of an argument.
pub(super) fn part(call: &mut Call<'_>, bytes: &[u8]) -> Result<Value, Failure> {
    call.reserve(bytes.len())?;
    Ok(Value::text(bytes))
}

fn trim(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = trimmed(call.text(0), letters::is_space);
    part(call, text)
}

fn trim_all(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (cutset, text) = (call.text(0), call.text(1));
    // Each character of the text may be compared with all of them.
    let looks = cutset.len().saturating_mul(text.len()) / 64;
    call.spend(u64::try_from(looks).unwrap_or(u64::MAX))?;
    call.reserve(cutset.len().saturating_mul(size_of::<char>()))?;
    let cutset: Vec<char> = letters::all(cutset).collect();
    part(call, trimmed(text, |letter| cutset.contains(&letter)))
}

fn trimmed(mut text: &[u8], cut: impl Fn(char) -> bool) -> &[u8] {
    while let Some((_, length)) = letters::first(text).filter(|(letter, _)| cut(*letter)) {
        text = text.get(length..).unwrap_or_default();
    }
    while let Some((_, length)) = letters::last(text).filter(|(letter, _)| cut(*letter)) {
        text = text.get(..text.len().saturating_sub(length)).unwrap_or_default();
    }
    text
}

fn trim_suffix(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(1);
    part(call, text.strip_suffix(call.text(0)).unwrap_or(text))
}

fn trim_prefix(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(1);
    part(call, text.strip_prefix(call.text(0)).unwrap_or(text))
}

fn trunc(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (count, text) = (call.int(0), call.text(1));
    let length = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    let kept = if length >= text.len() {
        text
    } else if count < 0 {
        text.get(text.len() - length..).unwrap_or_default()
    } else {
        text.get(..length).unwrap_or_default()
    };
    part(call, kept)
}

fn substr(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (start, end, text) = (call.int(0), call.int(1), call.text(2));
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    if start >= 0 && (end < 0 || end > length) {
        return match usize::try_from(start).ok().and_then(|start| text.get(start..)) {
            Some(rest) => part(call, rest),
            None => {
                Err(format!("runtime error: slice bounds out of range [{start}:{length}]").into())
            }
        };
    }
    let cut = bytes_between(text, start.max(0), end)?;
    part(call, cut)
}

fn repeat(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (count, text) = (call.int(0), call.text(1));
    let repeated = repeated(call, text, count)?;
    Ok(Value::text(repeated))
}

fn repeated(call: &mut Call<'_>, text: &[u8], count: i64) -> Result<Vec<u8>, Failure> {
    if count < 0 {
        return Err("strings: negative Repeat count".into());
    }
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    call.reserve(text.len().saturating_mul(count))?;
    // No text is shorter than the number of its repetitions, but for the empty one.
    Ok(if text.is_empty() { Vec::new() } else { text.repeat(count) })
}

fn contains(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (part, text) = (call.text(0), call.text(1));
    call.reserve(text.len())?;
    Ok((part.is_empty() || Cuts::new(text, part).each().next().is_some()).into())
}

fn has_prefix(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.spend(u64::try_from(call.text(0).len() / 64).unwrap_or(u64::MAX))?;
    Ok(call.text(1).starts_with(call.text(0)).into())
}

fn has_suffix(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.spend(u64::try_from(call.text(0).len() / 64).unwrap_or(u64::MAX))?;
    Ok(call.text(1).ends_with(call.text(0)).into())
}

fn quote(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut out = Growing::default();
    for (at, value) in present(call).into_iter().enumerate() {
        let text = text_of(call, value)?;
        // A byte can become four, as in `\xff`, and a character of four bytes ten.
        call.reserve(text.len().saturating_mul(4))?;
        out.push(call, if at > 0 { b" " } else { b"" })?;
        out.push(call, fmt::quote(text.as_bytes()).as_bytes())?;
    }
    Ok(out.into_value())
}

fn squote(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut out = Growing::default();
    for (at, value) in present(call).into_iter().enumerate() {
        out.push(call, if at > 0 { b" '" } else { b"'" })?;
        let text = fmt::sprintf(b"%v", &[shape::interface(value)], call.context)?;
        out.push(call, &text)?;
        out.push(call, b"'")?;
    }
    Ok(out.into_value())
}

fn cat(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut out = Growing::default();
    for (at, value) in present(call).into_iter().enumerate() {
        out.push(call, if at > 0 { b" " } else { b"" })?;
        let text = fmt::sprintf(b"%v", &[shape::interface(value)], call.context)?;
        out.push(call, &text)?;
    }
    Ok(out.into_value())
}

/// The arguments that are not nil.
fn present<'a>(call: &Call<'a>) -> Vec<&'a Value> {
    call.arguments().iter().filter(|value| !is_nil(value)).collect()
}

fn indent(call: &mut Call<'_>) -> Result<Value, Failure> {
    indented(call, b"")
}

fn nindent(call: &mut Call<'_>) -> Result<Value, Failure> {
    indented(call, b"\n")
}

fn indented(call: &mut Call<'_>, before: &[u8]) -> Result<Value, Failure> {
    let (spaces, text) = (call.int(0), call.text(1));
    let pad = repeated(call, b" ", spaces)?;
    let lines = replaced(call, text, b"\n", &[b"\n", &*pad].concat())?;
    joined(call, &[before, &pad, &lines], b"")
}

fn replace(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (old, new, text) = (call.text(0), call.text(1), call.text(2));
    Ok(Value::text(replaced(call, text, old, new)?))
}

fn plural(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(call.value(usize::from(call.int(2) != 1)).clone())
}

fn to_string(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.value(0);
    Ok(Value::Text(text_of(call, value)?))
}

fn to_strings(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.value(0);
    if value.type_of() == Some(Type::STRINGS) {
        return Ok(value.clone());
    }
    Ok(Value::strings(texts_of(call, value)?))
}

fn join(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (separator, value) = (call.text(0), call.value(1));
    let texts = texts_of(call, value)?;
    joined(call, &texts, separator)
}

fn split_map(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (separator, text) = (call.text(0), call.text(1));
    numbered(call, separator, text, -1)
}

fn splitn(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (separator, most, text) = (call.text(0), call.int(1), call.text(2));
    numbered(call, separator, text, most)
}

/// The pieces of a text under the names `_0`, `_1` and so on.
fn numbered(
    call: &mut Call<'_>,
    separator: &[u8],
    text: &[u8],
    most: i64,
) -> Result<Value, Failure> {
    let pieces = split(call, text, separator, most)?;
    // The names take as much again.
    call.reserve(pieces.len().saturating_mul(2 * ITEM))?;
    let entries = pieces.into_iter().enumerate().map(|(at, piece)| (format!("_{at}"), piece));
    Ok(Value::string_map(entries))
}

fn split_list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (separator, text) = (call.text(0), call.text(1));
    Ok(Value::strings(split(call, text, separator, -1)?))
}

fn sort_alpha(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.value(0);
    if slice(value).is_none() {
        return Ok(Value::strings([text_of(call, value)?]));
    }
    if value.type_of() == Some(Type::STRINGS) && matches!(value, Value::Nil(_)) {
        return Ok(value.clone());
    }
    let mut texts: Vec<Text> = texts_of(call, value)?;
    // Sorting compares each text about as often as the count has digits, and all of it where many
    // begin alike.
    let bytes = texts.iter().map(Text::len).fold(0, usize::saturating_add);
    let work = texts.len().saturating_mul(16).saturating_add(bytes / 16);
    call.spend(u64::try_from(work).unwrap_or(u64::MAX))?;
    texts.sort_unstable();
    Ok(Value::strings(texts))
}
