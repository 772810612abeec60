//! What stands between quotes: Go's `strconv.Unquote`.

/// Go's words for every text that is not one.
const SYNTAX: &str = "invalid syntax";

/// The text of a quoted or raw string, its quotes included in `quoted`.
pub(super) fn unquote(quoted: &str) -> Result<Vec<u8>, &'static str> {
    let inner = |quote| quoted.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
    if let Some(raw) = inner('`') {
        // Go takes carriage returns out of raw strings.
        return Ok(raw.bytes().filter(|byte| *byte != b'\r').collect());
    }
    let mut rest = inner('"').ok_or(SYNTAX)?;
    let mut text = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        let (unit, behind) = unquote_char(rest, '"')?;
        unit.push_to(&mut text);
        rest = behind;
    }
    Ok(text)
}

/// One character, or one byte that an escape names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Char(char),
    Byte(u8),
}

impl Unit {
    fn push_to(self, text: &mut Vec<u8>) {
        match self {
            Self::Char(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Self::Byte(byte) => text.push(byte),
        }
    }

    /// Its number.
    pub(super) fn code(self) -> u32 {
        match self {
            Self::Char(c) => u32::from(c),
            Self::Byte(byte) => u32::from(byte),
        }
    }
}

/// The first character of `text`, which stands in `quote`s, and what is behind it.
pub(super) fn unquote_char(text: &str, quote: char) -> Result<(Unit, &str), &'static str> {
    let mut chars = text.chars();
    let first = chars.next().ok_or(SYNTAX)?;
    if first == quote {
        return Err(SYNTAX);
    }
    if first != '\\' {
        return Ok((Unit::Char(first), chars.as_str()));
    }
    let escape = chars.next().ok_or(SYNTAX)?;
    let rest = chars.as_str();
    let unit = match escape {
        'a' => Unit::Char('\x07'),
        'b' => Unit::Char('\x08'),
        'f' => Unit::Char('\x0c'),
        'n' => Unit::Char('\n'),
        'r' => Unit::Char('\r'),
        't' => Unit::Char('\t'),
        'v' => Unit::Char('\x0b'),
        '\\' => Unit::Char('\\'),
        '\'' | '"' if escape == quote => Unit::Char(escape),
        'x' => return numbered(rest, 2, 16),
        'u' => return numbered(rest, 4, 16),
        'U' => return numbered(rest, 8, 16),
        '0'..='7' => return numbered(chars_from(text, 1), 3, 8),
        _ => return Err(SYNTAX),
    };
    Ok((unit, rest))
}

fn chars_from(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or_default()
}

/// `digits` digits of `radix`: two and three are a byte, more are a character.
fn numbered(text: &str, digits: usize, radix: u32) -> Result<(Unit, &str), &'static str> {
    let number = text.get(..digits).ok_or(SYNTAX)?;
    // `from_str_radix` would take a sign.
    if !number.chars().all(|c| c.is_digit(radix)) {
        return Err(SYNTAX);
    }
    let code = u32::from_str_radix(number, radix).ok().ok_or(SYNTAX)?;
    let unit = if digits < 4 {
        Unit::Byte(u8::try_from(code).ok().ok_or(SYNTAX)?)
    } else {
        Unit::Char(char::from_u32(code).ok_or(SYNTAX)?)
    };
    Ok((unit, chars_from(text, digits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_lose_their_quotes_and_escapes() {
        let cases: &[(&str, Result<&[u8], &str>)] = &[
            ("\"\"", Ok(b"")),
            (r#""a\n\t\"\\b""#, Ok(b"a\n\t\"\\b")),
            (r#""\xff\101\u65e5\U0001F600""#, Ok(b"\xffA\xe6\x97\xa5\xf0\x9f\x98\x80")),
            ("`a\r\n\\b`", Ok(b"a\n\\b")),
            (r#""\'""#, Err(SYNTAX)),
            (r#""\400""#, Err(SYNTAX)),
            (r#""\ud800""#, Err(SYNTAX)),
            (r#""\x+f""#, Err(SYNTAX)),
            (r#""\q""#, Err(SYNTAX)),
        ];
        for (quoted, text) in cases {
            assert_eq!(unquote(quoted).as_deref(), text.as_deref(), "{quoted}");
        }
    }
}
