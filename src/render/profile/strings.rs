//! What notification-manager and PrometheusAlert take from Go's packages `strings` and `regexp`.
//!
//! Both have the same eight functions. Those of Alertmanager differ where the names are the same
//! (`title`), so they are not these.
#![allow(clippy::unnecessary_wraps, reason = "functions in a table have one type")]

mod bytes;
mod case;
mod html;

use std::borrow::Cow;

use gotemplate::{Call, Failure, Function, Text, Value};

/// `toUpper`, `toLower`, `title`, `join`, `match`, `safeHtml`, `reReplaceAll` and `stringSlice`.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("toUpper(s string) string", to_upper),
    Function::new("toLower(s string) string", to_lower),
    Function::new("title(s string) string", title),
    Function::new("join(sep string, s []string) string", join),
    Function::new("match(pattern string, s string) bool", matches),
    Function::new("safeHtml(text string) template.HTML", safe_html),
    Function::new("reReplaceAll(pattern string, repl string, text string) string", replace_all),
    Function::new("stringSlice(s ...string) []string", string_slice),
];

/// `toUpper` and `toLower` alone.
pub(super) const CASE: &[Function] = &[
    Function::new("toUpper(s string) string", to_upper),
    Function::new("toLower(s string) string", to_lower),
];

/// In lower case, rune by rune, as Go's `strings.ToLower`.
pub(super) fn lower(text: &[u8]) -> Vec<u8> {
    case::map(text, case::to_lower)
}

fn to_upper(call: &mut Call<'_>) -> Result<Value, Failure> {
    mapped(call, |text| {
        if text.is_ascii() { text.to_ascii_uppercase() } else { case::map(text, case::to_upper) }
    })
}

fn to_lower(call: &mut Call<'_>) -> Result<Value, Failure> {
    mapped(call, lower)
}

fn title(call: &mut Call<'_>) -> Result<Value, Failure> {
    mapped(call, case::title)
}

fn mapped(call: &mut Call<'_>, map: fn(&[u8]) -> Vec<u8>) -> Result<Value, Failure> {
    let text = call.text(0);
    // A rune can grow from two bytes to three, and a byte that is none becomes U+FFFD.
    let most = if text.is_ascii() { text.len() } else { text.len().saturating_mul(3) };
    call.reserve(most)?;
    Ok(Value::text(map(text)))
}

fn join(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (separator, items) = (call.text(0), call.list(1));
    let items: Vec<&[u8]> =
        items.iter().map(|item| item.as_text().map_or(&[][..], Text::as_bytes)).collect();
    let separators = separator.len().saturating_mul(items.len().saturating_sub(1));
    let texts = items.iter().fold(0, |size: usize, item| size.saturating_add(item.len()));
    call.spend(u64::try_from(items.len()).unwrap_or(u64::MAX))?;
    call.reserve(separators.saturating_add(texts))?;
    Ok(Value::text(items.join(separator)))
}

fn matches(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (pattern, text) = (call.text(0), call.str(1));
    let regex = call.regex(pattern).map_err(|error| error.to_string())?;
    call.spend_match(&regex, text.len())?;
    Ok(Value::Bool(regex.is_match(&text)))
}

fn safe_html(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(html::value(call.value(0).as_text().cloned().unwrap_or_default()))
}

fn replace_all(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (pattern, text) = (call.text(0), call.text(2));
    let regex = call.regex(pattern).map_err(|error| {
        // Go's function panics, and these are the words of the panic.
        format!("regexp: Compile({}): {error}", quote(pattern))
    })?;
    call.spend_matches(&regex, text.len())?;
    let most = call.limits().value;
    let (text, replacement) = (bytes::as_text(text), bytes::as_text(call.text(1)));
    let Some(replaced) = regex.replace_all(&text, &replacement, most) else {
        call.reserve(most.saturating_add(1))?;
        return Err("the text is too long".into());
    };
    call.reserve(replaced.len())?;
    Ok(Value::text(match (text, replacement) {
        (Cow::Borrowed(_), Cow::Borrowed(_)) => replaced.into_bytes(),
        _ => bytes::of_text(&replaced),
    }))
}

fn string_slice(call: &mut Call<'_>) -> Result<Value, Failure> {
    let items = call.rest(0);
    call.reserve(items.len().saturating_mul(size_of::<Value>()))?;
    Ok(Value::strings(items.iter().map(|item| item.as_text().cloned().unwrap_or_default())))
}

/// A pattern as package `regexp` shows it in a panic: between backquotes where they can hold it.
fn quote(pattern: &[u8]) -> String {
    let fits =
        |rune: char| rune == '\t' || !matches!(rune, '\0'..' ' | '`' | '\u{7f}' | '\u{feff}');
    match str::from_utf8(pattern) {
        Ok(pattern) if pattern.chars().all(fits) => format!("`{pattern}`"),
        _ => gotemplate::fmt::quote(pattern),
    }
}
