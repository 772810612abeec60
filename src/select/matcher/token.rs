//! The tokenizer of the UTF-8 parser, after Alertmanager's `matcher/parse`.
//!
//! Quoted texts are unquoted here, so that the parser sees only names, values and operators.

use super::{MatchType, MatcherError, MatcherFault};

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    OpenBrace,
    CloseBrace,
    Comma,
    MatchType(MatchType),
    /// A label's name or a value, without quotes and escapes.
    Text(String),
}

/// A token with its start and end, in bytes.
pub(super) struct Located {
    pub(super) token: Token,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Whether the character ends an unquoted text.
pub(super) fn is_reserved(character: char) -> bool {
    character.is_whitespace() || "{}!=~,\\\"'`".contains(character)
}

/// Cuts a text into tokens, one at a time.
pub(super) struct Tokenizer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Tokenizer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The next token; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Located>, MatcherError> {
        let rest = self.text[self.at..].trim_start();
        let start = self.text.len() - rest.len();
        let Some(first) = rest.chars().next() else {
            self.at = start;
            return Ok(None);
        };
        let (token, length) = match first {
            '{' => (Token::OpenBrace, 1),
            '}' => (Token::CloseBrace, 1),
            ',' => (Token::Comma, 1),
            '=' | '!' => self.match_type(start)?,
            '"' => self.quoted(start)?,
            other if is_reserved(other) => {
                return Err(self.unexpected(start, "a label, an operator or a value"));
            }
            _ => {
                let length = rest.find(is_reserved).unwrap_or(rest.len());
                (Token::Text(rest[..length].to_owned()), length)
            }
        };
        self.at = start + length;
        Ok(Some(Located { token, start, end: self.at }))
    }

    fn match_type(&self, start: usize) -> Result<(Token, usize), MatcherError> {
        // The longer operators first, because `=~` begins with `=`.
        for match_type in
            [MatchType::Matches, MatchType::NotMatches, MatchType::NotEqual, MatchType::Equal]
        {
            if self.text[start..].starts_with(match_type.as_str()) {
                return Ok((Token::MatchType(match_type), match_type.as_str().len()));
            }
        }
        Err(self.unexpected(start, "!= or !~"))
    }

    /// A text in double quotes; `start` is the offset of the first quote.
    fn quoted(&self, start: usize) -> Result<(Token, usize), MatcherError> {
        let rest = &self.text[start..];
        let mut escaped = false;
        let end = rest.char_indices().skip(1).find_map(|(index, character)| {
            let ends = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            ends.then_some(index)
        });
        let Some(end) = end else {
            return Err(MatcherError::at(self.text, start, MatcherFault::OpenQuote));
        };
        let unquoted = unquote(&rest[1..end]).ok_or_else(|| {
            let fault = MatcherFault::InvalidEscape(rest[..=end].to_owned());
            MatcherError::at(self.text, start, fault)
        })?;
        Ok((Token::Text(unquoted), end + 1))
    }

    /// An error that names the character at `start`.
    fn unexpected(&self, start: usize, expected: &'static str) -> MatcherError {
        let found = self.text[start..].chars().next();
        let found = found.map_or_else(|| "the end".to_owned(), String::from);
        MatcherError::at(self.text, start, MatcherFault::Expected { expected, found })
    }
}

/// The value of a Go string, given without its quotes; `None` if `strconv.Unquote` refuses it.
///
/// An escape may stand for a single byte (`\xe4\xb8\xad`); all bytes together must be UTF-8.
fn unquote(quoted: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(quoted.len());
    let mut rest = quoted.chars();
    while let Some(next) = rest.next() {
        match next {
            '\n' => return None,
            '\\' => unescape(&mut rest, &mut bytes)?,
            plain => push(&mut bytes, plain),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Reads the rest of an escape, after the backslash.
fn unescape(rest: &mut std::str::Chars<'_>, bytes: &mut Vec<u8>) -> Option<()> {
    let byte = match rest.next()? {
        'a' => 0x07,
        'b' => 0x08,
        'f' => 0x0C,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 0x0B,
        '\\' => b'\\',
        '"' => b'"',
        'x' => u8::try_from(number(rest, 2, 16)?).ok()?,
        'u' => return push_value(bytes, number(rest, 4, 16)?),
        'U' => return push_value(bytes, number(rest, 8, 16)?),
        first => {
            let high = first.to_digit(8)?;
            u8::try_from(high * 64 + number(rest, 2, 8)?).ok()?
        }
    };
    bytes.push(byte);
    Some(())
}

/// Reads a number of exactly `digits` digits.
fn number(rest: &mut std::str::Chars<'_>, digits: u32, radix: u32) -> Option<u32> {
    (0..digits).try_fold(0_u32, |value, _| {
        value.checked_mul(radix)?.checked_add(rest.next()?.to_digit(radix)?)
    })
}

fn push_value(bytes: &mut Vec<u8>, value: u32) -> Option<()> {
    push(bytes, char::from_u32(value)?);
    Some(())
}

fn push(bytes: &mut Vec<u8>, character: char) {
    bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}
