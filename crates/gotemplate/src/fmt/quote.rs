//! Texts and characters as Go's literals.

use crate::unicode;

/// Which characters are written as an escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Those that print nothing.
    Unprintable,
    /// Those, and all that are not ASCII.
    NotAscii,
}

/// Appends the text in double quotes; stops early once escapes make `out` longer than `most`.
pub(super) fn text(out: &mut Vec<u8>, text: &[u8], escape: Escape, most: usize) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        let valid = chunk.valid();
        let mut from = 0;
        for (at, c) in valid.char_indices() {
            if is_plain(c, '"', escape) {
                continue;
            }
            if out.len() > most {
                return;
            }
            out.extend_from_slice(valid.get(from..at).unwrap_or_default().as_bytes());
            escape_of(out, c, '"');
            from = at.saturating_add(c.len_utf8());
        }
        out.extend_from_slice(valid.get(from..).unwrap_or_default().as_bytes());
        for byte in chunk.invalid() {
            out.extend_from_slice(br"\x");
            hex(out, u32::from(*byte), 2);
        }
    }
    out.push(b'"');
}

/// Appends the character in single quotes.
pub(super) fn character(out: &mut Vec<u8>, c: char, escape: Escape) {
    out.push(b'\'');
    if is_plain(c, '\'', escape) {
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        escape_of(out, c, '\'');
    }
    out.push(b'\'');
}

/// Whether the text can stand between backquotes as it is.
pub(super) fn fits_backquotes(text: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(text) else { return false };
    !text.chars().any(|c| matches!(c, '\0'..='\x08' | '\n'..='\x1f' | '`' | '\x7f' | '\u{feff}'))
}

/// Whether a character stands for itself.
fn is_plain(c: char, quote: char, escape: Escape) -> bool {
    match c {
        '\\' => false,
        ' '..='~' => c != quote,
        _ => escape == Escape::Unprintable && unicode::is_print(c),
    }
}

fn escape_of(out: &mut Vec<u8>, c: char, quote: char) {
    if c == quote || c == '\\' {
        return out.extend([b'\\'].into_iter().chain(u8::try_from(c)));
    }
    let code = u32::from(c);
    let letter = match c {
        '\x07' => b'a',
        '\x08' => b'b',
        '\t' => b't',
        '\n' => b'n',
        '\x0b' => b'v',
        '\x0c' => b'f',
        '\r' => b'r',
        _ if c.is_ascii() => b'x',
        _ if code < 0x1_0000 => b'u',
        _ => b'U',
    };
    out.extend_from_slice(&[b'\\', letter]);
    match letter {
        b'x' => hex(out, code, 2),
        b'u' => hex(out, code, 4),
        b'U' => hex(out, code, 8),
        _ => {}
    }
}

fn hex(out: &mut Vec<u8>, code: u32, digits: u32) {
    for place in (0..digits).rev() {
        let digit = char::from_digit((code >> (4 * place)) & 0xF, 16).unwrap_or('0');
        out.extend(u8::try_from(digit));
    }
}

#[cfg(test)]
mod tests {
    use crate::fmt::{quote, quote_char};

    #[test]
    fn a_text_is_quoted_as_in_go() {
        let cases: [(&[u8], &str); 7] = [
            (b"", r#""""#),
            (b"a\"b\\c", r#""a\"b\\c""#),
            ("日本\t\n".as_bytes(), r#""日本\t\n""#),
            (b"\xff\xe2\x82", r#""\xff\xe2\x82""#),
            ("\u{200b}\u{ad}\u{feff}".as_bytes(), r#""\u200b\u00ad\ufeff""#),
            ("🙂\u{10ffff}\x7f\0".as_bytes(), r#""🙂\U0010ffff\x7f\x00""#),
            ("é'`".as_bytes(), r#""é'`""#),
        ];
        for (text, expected) in cases {
            assert_eq!(quote(text), expected);
        }
    }

    #[test]
    fn a_character_is_quoted_as_in_go() {
        let cases = [
            ('a', "'a'"),
            ('\'', r"'\''"),
            ('"', "'\"'"),
            ('\n', r"'\n'"),
            ('é', "'é'"),
            ('\u{200b}', r"'\u200b'"),
            ('\u{10ffff}', r"'\U0010ffff'"),
        ];
        for (c, expected) in cases {
            assert_eq!(quote_char(c), expected);
        }
    }
}
