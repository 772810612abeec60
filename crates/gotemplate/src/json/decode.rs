//! JSON as values, with the errors of Go's scanner.

use crate::value::Value;

/// How deep arrays and objects may nest; Go allows 10,000, which no stack of ours would take.
const DEEPEST: usize = 100;

/// What decoding a text can take at most: each comma, colon and bracket begins a value or a key.
pub(crate) fn decoded_size(text: &[u8]) -> usize {
    let begins = |byte: &&u8| matches!(**byte, b',' | b':' | b'[' | b'{');
    let values = text.iter().filter(begins).count().saturating_add(1);
    values.saturating_mul(2 * size_of::<Value>()).saturating_add(text.len())
}

/// The value, as far as there is one, and the first error.
pub(crate) fn decode(text: &[u8]) -> (Value, Option<String>) {
    let mut decoder = Decoder { text, at: 0, depth: 0, saved: None };
    let read = decoder.value().and_then(|value| {
        decoder.skip_space();
        if decoder.peek().is_some() {
            return Err(decoder.unexpected("after top-level value"));
        }
        Ok(value)
    });
    match read {
        Ok(value) => (value, decoder.saved),
        Err(wrong) => (Value::NIL, Some(wrong)),
    }
}

struct Decoder<'t> {
    text: &'t [u8],
    at: usize,
    depth: usize,
    /// What is wrong with a value, though not with the notation: the rest is still decoded.
    saved: Option<String>,
}

impl Decoder<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    /// The error of a character that stands where it can't.
    fn unexpected(&self, place: &str) -> String {
        match self.peek() {
            Some(byte) => Self::wrong(byte, place),
            None => "unexpected end of JSON input".to_owned(),
        }
    }

    /// The error within a word or a number. Go ends a text with a space, to see whether one can
    /// stand there.
    fn unexpected_within(&self, place: &str) -> String {
        Self::wrong(self.peek().unwrap_or(b' '), place)
    }

    fn wrong(byte: u8, place: &str) -> String {
        let quoted = match char::from(byte) {
            '\'' => r"\'".to_owned(),
            '"' => "\"".to_owned(),
            // A byte counts as a character of Latin-1, which has three that can't be seen.
            '\u{a0}' => r"\u00a0".to_owned(),
            '\u{ad}' => r"\u00ad".to_owned(),
            '\u{7f}' => r"\x7f".to_owned(),
            '\u{80}'..='\u{9f}' => format!(r"\u{byte:04x}"),
            '\u{7}' => r"\a".to_owned(),
            '\u{8}' => r"\b".to_owned(),
            '\u{b}' => r"\v".to_owned(),
            '\u{c}' => r"\f".to_owned(),
            '\n' => r"\n".to_owned(),
            '\r' => r"\r".to_owned(),
            '\t' => r"\t".to_owned(),
            '\\' => r"\\".to_owned(),
            '\0'..='\u{1f}' => format!(r"\x{byte:02x}"),
            other => other.to_string(),
        };
        format!("invalid character '{quoted}' {place}")
    }

    fn value(&mut self) -> Result<Value, String> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => Ok(Value::text(self.string()?)),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::NIL),
            _ => Err(self.unexpected("looking for beginning of value")),
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, String>) -> Result<Value, String> {
        if self.depth >= DEEPEST {
            return Err(self.unexpected("exceeded max depth"));
        }
        self.depth += 1;
        self.at += 1;
        self.skip_space();
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn array(&mut self) -> Result<Value, String> {
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::list(items));
        }
        loop {
            items.push(self.value()?);
            if self.ends(b']', "after array element")? {
                return Ok(Value::list(items));
            }
        }
    }

    fn object(&mut self) -> Result<Value, String> {
        let mut entries = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::dict::<Vec<u8>>(entries));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("looking for beginning of object key string"));
            }
            let name = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("after object key"));
            }
            self.at += 1;
            entries.push((name, self.value()?));
            if self.ends(b'}', "after object key:value pair")? {
                return Ok(Value::dict(entries));
            }
        }
    }

    /// Whether the bracket closes; a comma goes on.
    fn ends(&mut self, bracket: u8, place: &str) -> Result<bool, String> {
        self.skip_space();
        match self.peek() {
            Some(byte) if byte == bracket || byte == b',' => {
                self.at += 1;
                Ok(byte == bracket)
            }
            _ => Err(self.unexpected(place)),
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, String> {
        for letter in word.chars() {
            if self.peek().map(char::from) != Some(letter) {
                let place = format!("in literal {word} (expecting '{letter}')");
                return Err(self.unexpected_within(&place));
            }
            self.at += 1;
        }
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, String> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits("in numeric literal")?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits("after decimal point in numeric literal")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("in exponent of numeric literal")?;
        }
        let text = String::from_utf8_lossy(self.text.get(start..self.at).unwrap_or_default());
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Value::float(number)),
            _ => {
                self.saved.get_or_insert_with(|| {
                    format!("json: cannot unmarshal number {text} into Go value of type float64")
                });
                Ok(Value::NIL)
            }
        }
    }

    fn digits(&mut self, place: &str) -> Result<(), String> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected_within(place));
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }

    /// The string whose quote is next; bytes that are no UTF-8 are U+FFFD in it.
    fn string(&mut self) -> Result<Vec<u8>, String> {
        self.at += 1;
        let mut out = Vec::new();
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            let plain = self.text.get(start..self.at).unwrap_or_default();
            out.extend(crate::sprig::utf8(plain).bytes());
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    self.at += 1;
                    let letter = self.escaped()?;
                    out.extend(letter.encode_utf8(&mut [0; 4]).bytes());
                }
                _ => return Err(self.unexpected("in string literal")),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, String> {
        let letter = match self.peek() {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'u') => return self.hexadecimal(),
            _ => return Err(self.unexpected_within("in string escape code")),
        };
        self.at += 1;
        Ok(letter)
    }

    fn hexadecimal(&mut self) -> Result<char, String> {
        let first = self.unit()?;
        // Half a pair stands for U+FFFD, unless the other half follows.
        if (0xd800..0xdc00).contains(&first) && self.text.get(self.at..self.at + 2) == Some(br"\u")
        {
            let (before, digits) = (self.at, self.text.get(self.at + 2..self.at + 6));
            if digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                self.at += 1;
                let second = self.unit()?;
                if (0xdc00..0xe000).contains(&second) {
                    let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                self.at = before;
            }
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The four digits behind a `u`, which is next.
    fn unit(&mut self) -> Result<u32, String> {
        self.at += 1;
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit else {
                return Err(self.unexpected_within(r"in \u hexadecimal character escape"));
            };
            unit = unit << 4 | digit;
            self.at += 1;
        }
        Ok(unit)
    }
}
