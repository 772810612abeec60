//! The functions of prometheus-webhook-dingtalk itself.

use gotemplate::{Call, Failure, Function, Value};

use super::super::runes::runes;

/// Its own function; `toUpper` and `toLower` are those of the other products.
pub(super) const TABLE: &[Function] = &[Function::new("markdown(s string) string", markdown)];

/// A backslash before each `_`, `*` and backquote.
fn markdown(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    let is_plain = !text.iter().any(|byte| matches!(byte, b'_' | b'*' | b'`'));
    if is_plain && std::str::from_utf8(text).is_ok() {
        return Ok(call.value(0).clone());
    }
    let escaped = escaped(text);
    // At most twice as long, or three times where it is no UTF-8.
    call.reserve(escaped.len())?;
    Ok(Value::from(escaped))
}

fn escaped(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for (char, _) in runes(text) {
        if matches!(char, '_' | '*' | '`') {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_characters_get_a_backslash() {
        for (text, expected) in [
            (&b""[..], ""),
            (b"a_b*c`d", "a\\_b\\*c\\`d"),
            (b"#[x](y)\\<b>", "#[x](y)\\<b>"),
            ("磁盘_满".as_bytes(), "磁盘\\_满"),
            (b"\xff_", "\u{fffd}\\_"),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }
}
