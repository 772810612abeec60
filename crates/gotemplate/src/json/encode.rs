//! Values as JSON.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fmt;
use crate::funcs::Failure;
use crate::limits::{Limits, Reached};
use crate::time::Time;
use crate::value::{Base, Float, List, Map, Object, Type, Uint, Value};

/// Go's `json.Marshal`, or `json.MarshalIndent` with its prefix and indentation.
///
/// # Errors
/// What JSON does not have, in Go's words; and what is longer or nests deeper than the default
/// limits allow.
pub fn marshal(
    value: &Value,
    escape_html: bool,
    indent: Option<(&str, &str)>,
) -> Result<Vec<u8>, Failure> {
    encode(value, escape_html, indent).0
}

/// As [`marshal`], and the fuel that it is worth, also where it fails.
pub(crate) fn encode(
    value: &Value,
    escape_html: bool,
    indent: Option<(&str, &str)>,
) -> (Result<Vec<u8>, Failure>, u64) {
    let limits = Limits::default();
    let mut encoder = Encoder { out: Vec::new(), escape_html, indent, depth: 0, limits, work: 0 };
    let written = encoder.value(value);
    let work = encoder.work.saturating_add(encoder.out.len() / 64);
    (written.map(|()| encoder.out), u64::try_from(work).unwrap_or(u64::MAX))
}

type Written = Result<(), Failure>;

struct Encoder<'i> {
    out: Vec<u8>,
    escape_html: bool,
    indent: Option<(&'i str, &'i str)>,
    depth: usize,
    limits: Limits,
    /// The entries that were copied.
    work: usize,
}

impl Encoder<'_> {
    fn push(&mut self, piece: &[u8]) -> Written {
        if self.out.len().saturating_add(piece.len()) > self.limits.value {
            return Err(reached("value", self.limits.value));
        }
        self.out.extend_from_slice(piece);
        Ok(())
    }

    fn value(&mut self, value: &Value) -> Written {
        match value {
            Value::Invalid | Value::Nil(_) => self.push(b"null"),
            Value::Bool(value) => self.push(value.to_string().as_bytes()),
            Value::Int(_, number) => self.push(number.to_string().as_bytes()),
            Value::Uint(_, number) => self.push(number.to_string().as_bytes()),
            Value::Float(of, number) => self.float(*of, *number),
            Value::Complex(..) => Err("json: unsupported type: complex128".into()),
            Value::Text(text) => self.text(text.as_bytes()),
            Value::Time(time) => self.time(time),
            Value::List(list) => self.list(list),
            Value::Map(map) => self.map(map),
            Value::Object(object) => self.object(&**object),
        }
    }

    fn float(&mut self, of: Float, number: f64) -> Written {
        if !number.is_finite() {
            let name = match number {
                f64::INFINITY => "+Inf",
                f64::NEG_INFINITY => "-Inf",
                _ => "NaN",
            };
            return Err(format!("json: unsupported value: {name}").into());
        }
        let bits = match of {
            Float::Float32 => 32,
            Float::Float64 => 64,
        };
        let text = number_text(number, bits);
        self.push(text.as_bytes())
    }

    fn time(&mut self, time: &Time) -> Written {
        match crate::time::rfc3339_of(time) {
            Ok(text) => self.push(&[b"\"", &*text, b"\""].concat()),
            Err(words) => {
                let wrapped = "json: error calling MarshalJSON for type time.Time";
                Err(format!("{wrapped}: Time.MarshalJSON: {words}").into())
            }
        }
    }

    fn list(&mut self, list: &List) -> Written {
        if list.element() == Type::Uint(Uint::Uint8) {
            // Six bits to a character, and the quotes.
            let size = list.len().saturating_mul(2).saturating_add(2);
            if size > self.limits.value {
                return Err(reached("value", self.limits.value));
            }
            let text = STANDARD.encode(crate::sprig::bytes_of(list));
            return self.push(format!("\"{text}\"").as_bytes());
        }
        self.open(b"[")?;
        for (at, item) in list.iter().enumerate() {
            self.next(at)?;
            self.value(item)?;
        }
        self.close(b"]", list.is_empty())
    }

    fn map(&mut self, map: &Map) -> Written {
        if !matches!(map.key().underlying(), Type::String | Type::Int(_) | Type::Uint(_)) {
            return Err(format!("json: unsupported type: {}", map.type_of()).into());
        }
        self.work = self.work.saturating_add(map.len());
        let mut entries: Vec<(Vec<u8>, Value)> =
            map.entries().into_iter().map(|(key, value)| (key_text(&key), value)).collect();
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.entries(entries.iter().map(|(name, value)| (name.as_slice(), value)))
    }

    fn object(&mut self, object: &dyn Object) -> Written {
        if let Some(value) = object.to_json() {
            return self.value(&value);
        }
        let fields = match object.base() {
            Base::List(list) => return self.list(list),
            Base::Map(map) => return self.map(map),
            Base::Text(text) => return self.text(text.as_bytes()),
            Base::Struct(fields) => fields,
        };
        let entries: Vec<(&str, Value)> = fields
            .iter()
            .filter_map(|field| Some((object.json_name(field)?, object.field(field)?)))
            .collect();
        self.entries(entries.iter().map(|(name, value)| (name.as_bytes(), value)))
    }

    fn entries<'v>(&mut self, entries: impl Iterator<Item = (&'v [u8], &'v Value)>) -> Written {
        self.open(b"{")?;
        let mut count = 0;
        for (name, value) in entries {
            self.next(count)?;
            count += 1;
            self.text(name)?;
            self.push(if self.indent.is_some() { b": " } else { b":" })?;
            self.value(value)?;
        }
        self.close(b"}", count == 0)
    }

    fn open(&mut self, bracket: &[u8]) -> Written {
        if self.depth >= self.limits.nesting {
            return Err(reached("nesting", self.limits.nesting));
        }
        self.depth += 1;
        self.push(bracket)
    }

    fn next(&mut self, at: usize) -> Written {
        if at > 0 {
            self.push(b",")?;
        }
        self.line()
    }

    fn close(&mut self, bracket: &[u8], is_empty: bool) -> Written {
        self.depth -= 1;
        if !is_empty {
            self.line()?;
        }
        self.push(bracket)
    }

    fn line(&mut self) -> Written {
        let Some((prefix, indent)) = self.indent else { return Ok(()) };
        self.push(b"\n")?;
        self.push(prefix.as_bytes())?;
        (0..self.depth).try_for_each(|_| self.push(indent.as_bytes()))
    }

    fn text(&mut self, text: &[u8]) -> Written {
        self.push(b"\"")?;
        for chunk in text.utf8_chunks() {
            self.characters(chunk.valid())?;
            chunk.invalid().iter().try_for_each(|_| self.push(br"\ufffd"))?;
        }
        self.push(b"\"")
    }

    fn characters(&mut self, text: &str) -> Written {
        let mut plain = 0;
        for (at, letter) in text.char_indices() {
            let Some(escape) = self.escape(letter) else { continue };
            self.push(text.get(plain..at).unwrap_or_default().as_bytes())?;
            self.push(escape.as_bytes())?;
            plain = at + letter.len_utf8();
        }
        self.push(text.get(plain..).unwrap_or_default().as_bytes())
    }

    fn escape(&self, letter: char) -> Option<String> {
        let short = match letter {
            '"' => r#"\""#,
            '\\' => r"\\",
            '\u{8}' => r"\b",
            '\u{c}' => r"\f",
            '\n' => r"\n",
            '\r' => r"\r",
            '\t' => r"\t",
            '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => return Some(hexadecimal(letter)),
            '<' | '>' | '&' if self.escape_html => return Some(hexadecimal(letter)),
            _ => return None,
        };
        Some(short.to_owned())
    }
}

fn hexadecimal(letter: char) -> String {
    format!(r"\u{:04x}", u32::from(letter))
}

fn reached(limit: &'static str, most: usize) -> Failure {
    Reached::size(limit, most).into()
}

fn key_text(key: &Value) -> Vec<u8> {
    match key {
        Value::Int(_, number) => number.to_string().into_bytes(),
        Value::Uint(_, number) => number.to_string().into_bytes(),
        other => other.as_text().map(|text| text.as_bytes().to_vec()).unwrap_or_default(),
    }
}

/// As ES6 prints numbers: an exponent from 1e21 on and below 1e-6, without a zero in front.
fn number_text(number: f64, bits: u32) -> String {
    let magnitude = number.abs();
    // Each type has its own number that is nearest to the bound.
    let plain = if bits == 32 { f64::from(1e-6_f32)..f64::from(1e21_f32) } else { 1e-6..1e21 };
    if magnitude == 0.0 || plain.contains(&magnitude) {
        return fmt::format_float(number, b'f', -1, bits);
    }
    fmt::format_float(number, b'e', -1, bits).replacen("e-0", "e-", 1)
}
