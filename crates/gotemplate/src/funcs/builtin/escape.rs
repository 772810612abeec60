//! `html`, `js` and `urlquery`: a text made safe for a place.

use std::borrow::Cow;
use std::fmt::Write;

use crate::fmt;
use crate::funcs::{Call, Failure};
use crate::unicode;
use crate::value::{Type, Value};

/// The arguments as one text, as an action would print them.
fn joined<'a>(call: &mut Call<'a>) -> Result<Cow<'a, [u8]>, Failure> {
    let arguments: &'a [Value] = call.arguments;
    if let [Value::Text(text)] = arguments {
        return Ok(Cow::Borrowed(text.as_bytes()));
    }
    let mut text = Vec::new();
    let mut after_text = true;
    for value in arguments {
        let value = if matches!(value, Value::Nil(Type::Any)) { &Value::Invalid } else { value };
        let is_text = matches!(value, Value::Invalid) || value.as_text().is_some();
        // As `print` does: a space between two that are no texts.
        if !after_text && !is_text {
            text.push(b' ');
        }
        fmt::print(&mut text, value, call.context)?;
        after_text = is_text;
    }
    Ok(Cow::Owned(text))
}

/// Escapes what means something in HTML.
pub(super) fn html(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = joined(call)?;
    let special = |byte: &u8| matches!(byte, 0 | b'"' | b'\'' | b'&' | b'<' | b'>');
    let specials = text.iter().filter(|byte| special(byte)).count();
    if let (0, [text @ Value::Text(_)]) = (specials, call.arguments) {
        return Ok(text.clone());
    }
    call.reserve(text.len() + specials * "&#34;".len())?;
    let mut escaped = Vec::with_capacity(text.len() + specials * 4);
    for byte in text.iter() {
        match byte {
            0 => escaped.extend_from_slice("\u{fffd}".as_bytes()),
            b'"' => escaped.extend_from_slice(b"&#34;"),
            b'\'' => escaped.extend_from_slice(b"&#39;"),
            b'&' => escaped.extend_from_slice(b"&amp;"),
            b'<' => escaped.extend_from_slice(b"&lt;"),
            b'>' => escaped.extend_from_slice(b"&gt;"),
            other => escaped.push(*other),
        }
    }
    Ok(Value::text(escaped))
}

/// Escapes what means something in a JavaScript string.
pub(super) fn js(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = joined(call)?;
    call.reserve(text.len().saturating_mul("\\u003C".len()))?;
    let mut escaped = String::with_capacity(text.len());
    let mut bytes = Vec::new();
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            push_js(&mut escaped, c);
        }
        bytes.extend_from_slice(escaped.as_bytes());
        escaped.clear();
        // What is no character is none that could mean something.
        bytes.extend_from_slice(chunk.invalid());
    }
    Ok(Value::text(bytes))
}

fn push_js(escaped: &mut String, c: char) {
    match c {
        '\\' => escaped.push_str("\\\\"),
        '\'' => escaped.push_str("\\'"),
        '"' => escaped.push_str("\\\""),
        '<' | '>' | '&' | '=' | '\0'..='\x1f' => push_code(escaped, c),
        c if c.is_ascii() || unicode::is_print(c) => escaped.push(c),
        c => push_code(escaped, c),
    }
}

fn push_code(escaped: &mut String, c: char) {
    // Writing to a string cannot fail.
    let _ = write!(escaped, "\\u{:04X}", u32::from(c));
}

/// Escapes what means something in the query of a URL.
pub(super) fn urlquery(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = joined(call)?;
    call.reserve(text.len().saturating_mul("%00".len()))?;
    Ok(Value::text(query_escape(&text)))
}

/// Go's `url.QueryEscape`.
fn query_escape(text: &[u8]) -> Vec<u8> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = Vec::with_capacity(text.len());
    for byte in text {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(*byte);
            }
            b' ' => escaped.push(b'+'),
            other => {
                let (high, low) = (usize::from(other >> 4), usize::from(other & 15));
                escaped.extend_from_slice(&[b'%', HEX[high], HEX[low]]);
            }
        }
    }
    escaped
}
