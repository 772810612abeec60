//! How package `time` quotes texts in its errors, which is not how `%q` does.

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A text in quotes; of what is no printable ASCII, each byte in hex.
pub(super) fn quote(text: &[u8]) -> String {
    let mut quoted = String::with_capacity(text.len().saturating_add(2));
    quoted.push('"');
    for byte in text {
        match byte {
            b'"' | b'\\' => {
                quoted.push('\\');
                quoted.push(char::from(*byte));
            }
            b' '..=0x7f => quoted.push(char::from(*byte)),
            _ => {
                quoted.push_str("\\x");
                quoted.push(char::from(HEX[usize::from(byte >> 4)]));
                quoted.push(char::from(HEX[usize::from(byte & 0xf)]));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Data of the Go project's tests, BSD-3-Clause: see NOTICE.
    #[test]
    fn what_is_not_ascii_is_written_in_hex() {
        for (text, quoted) in [
            ("\"", r#""\"""#),
            ("abc\"xyz\"", r#""abc\"xyz\"""#),
            ("", "\"\""),
            ("abc", "\"abc\""),
            ("☺", r#""\xe2\x98\xba""#),
            ("☺ hello ☺ hello", r#""\xe2\x98\xba hello \xe2\x98\xba hello""#),
            ("\x04", r#""\x04""#),
        ] {
            assert_eq!(quote(text.as_bytes()), quoted);
        }
    }
}
