//! Go's `encoding/json`: what `json.Marshal` makes of a value.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::fmt::format_float;
use crate::funcs::{Context, Failure};
use crate::limits::Reached;
use crate::time::Time;
use crate::value::{Base, Float, List, Map, Object, Text, Type, Uint, Value};

/// RFC 3339 with as much of the fraction as there is.
const TIME: &[u8] = b"2006-01-02T15:04:05.999999999Z07:00";

/// Whether `<`, `>` and `&` are written as `\u003c`, `\u003e` and `\u0026`, as Go does by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Html {
    /// They are.
    Escaped,
    /// They stay, as after `SetEscapeHTML(false)`.
    Kept,
}

/// Go's `json.Marshal`: fields in their order, keys sorted, without any space.
///
/// # Errors
/// For what JSON has no words for, in Go's words, and when a limit is reached.
pub fn marshal(value: &Value, html: Html, context: &mut Context) -> Result<Vec<u8>, Failure> {
    let mut writer = Writer { out: Vec::new(), paid: 0, depth: 0, html, context };
    writer.value(value)?;
    Ok(writer.out)
}

struct Writer<'a> {
    out: Vec<u8>,
    /// How much of `out` has been announced.
    paid: usize,
    depth: usize,
    html: Html,
    context: &'a mut Context,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) -> Result<(), Failure> {
        match value {
            Value::Invalid | Value::Nil(_) => self.raw(b"null"),
            Value::Bool(true) => self.raw(b"true"),
            Value::Bool(false) => self.raw(b"false"),
            Value::Int(_, value) => self.raw(value.to_string().as_bytes()),
            Value::Uint(_, value) => self.raw(value.to_string().as_bytes()),
            Value::Float(of, value) => self.float(*of, *value),
            Value::Complex(..) => Err("json: unsupported type: complex128".into()),
            Value::Text(text) => self.text(text),
            Value::Time(time) => self.time(time),
            Value::List(list) => self.list(list),
            Value::Map(map) => self.map(map),
            Value::Object(object) => self.object(object.as_ref()),
        }
    }

    fn raw(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.out.extend_from_slice(bytes);
        self.pay()
    }

    /// Announces what has been written since the last time; a scalar at most is ahead of it.
    fn pay(&mut self) -> Result<(), Failure> {
        self.context.spend(1)?;
        let length = self.out.len();
        if length > self.context.limits.value {
            return self.context.reserve(length);
        }
        self.context.reserve(length.saturating_sub(self.paid))?;
        self.paid = length;
        Ok(())
    }

    fn float(&mut self, of: Float, value: f64) -> Result<(), Failure> {
        let bits = match of {
            Float::Float32 => 32,
            Float::Float64 => 64,
        };
        if !value.is_finite() {
            let words = format_float(value, b'g', -1, bits);
            return Err(format!("json: unsupported value: {words}").into());
        }
        let size = value.abs();
        let form = if size != 0.0 && !(1e-6..1e21).contains(&size) { b'e' } else { b'f' };
        let text = format_float(value, form, -1, bits);
        // An exponent of one digit has no zero before it, unless it is positive.
        match text.rsplit_once("e-0") {
            Some((mantissa, digit)) if digit.len() == 1 => {
                self.raw(format!("{mantissa}e-{digit}").as_bytes())
            }
            _ => self.raw(text.as_bytes()),
        }
    }

    fn time(&mut self, time: &Time) -> Result<(), Failure> {
        let refused = |words| {
            let of = "json: error calling MarshalJSON for type time.Time: Time.MarshalJSON";
            Err(Failure::from(format!("{of}: {words}")))
        };
        if !(0..=9999).contains(&time.year()) {
            return refused("year outside of range [0,9999]");
        }
        let text = time.format(TIME);
        // Go refuses a zone that RFC 3339 cannot write, by the two digits of its hours.
        let hours = text.len().checked_sub(5).and_then(|at| text.get(at..at + 2));
        if text.last() != Some(&b'Z') && hours.is_some_and(|hours| hours > b"23".as_slice()) {
            return refused("timezone hour outside of range [0,23]");
        }
        self.text(&Text::from(text))
    }

    fn text(&mut self, text: &Text) -> Result<(), Failure> {
        // Announced before it is written; escapes make it longer by six times at most.
        self.context.reserve(text.len())?;
        self.out.push(b'"');
        for chunk in text.as_bytes().utf8_chunks() {
            for char in chunk.valid().chars() {
                self.char(char);
            }
            for _bad in chunk.invalid() {
                self.out.extend_from_slice(b"\\ufffd");
            }
        }
        self.out.push(b'"');
        self.pay()
    }

    fn char(&mut self, char: char) {
        let short = match char {
            '"' | '\\' => Some(char),
            '\u{8}' => Some('b'),
            '\u{c}' => Some('f'),
            '\n' => Some('n'),
            '\r' => Some('r'),
            '\t' => Some('t'),
            _ => None,
        };
        let mut buffer = [0; 4];
        let escaped = match char {
            '\0'..' ' | '\u{2028}' | '\u{2029}' => true,
            '<' | '>' | '&' => self.html == Html::Escaped,
            _ => false,
        };
        if let Some(short) = short {
            self.out.push(b'\\');
            self.out.extend_from_slice(short.encode_utf8(&mut buffer).as_bytes());
        } else if escaped {
            self.out.extend_from_slice(format!("\\u{:04x}", u32::from(char)).as_bytes());
        } else {
            self.out.extend_from_slice(char.encode_utf8(&mut buffer).as_bytes());
        }
    }

    /// What `write` writes between two brackets, counted as one level.
    fn nested(
        &mut self,
        brackets: [u8; 2],
        write: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let most = self.context.limits.nesting;
        if self.depth >= most {
            let most = u64::try_from(most).unwrap_or(u64::MAX);
            return Err(Reached { limit: "nesting", most }.into());
        }
        self.depth += 1;
        self.raw(&brackets[..1])?;
        write(self)?;
        self.depth -= 1;
        self.raw(&brackets[1..])
    }

    fn list(&mut self, list: &List) -> Result<(), Failure> {
        if list.element() == Type::Uint(Uint::Uint8) {
            let bytes: Vec<u8> = list.iter().filter_map(byte).collect();
            self.context.reserve(bytes.len().saturating_mul(2))?;
            return self.text(&Text::from(STANDARD.encode(bytes)));
        }
        self.nested(*b"[]", |writer| {
            for (at, item) in list.iter().enumerate() {
                if at > 0 {
                    writer.out.push(b',');
                }
                writer.value(item)?;
            }
            Ok(())
        })
    }

    fn map(&mut self, map: &Map) -> Result<(), Failure> {
        if !matches!(map.key(), Type::String | Type::Int(_) | Type::Uint(_)) {
            return Err(format!("json: unsupported type: {}", map.type_of()).into());
        }
        self.context.reserve(map.len().saturating_mul(size_of::<(Text, Value)>()))?;
        let named = map.entries().into_iter().map(|(key, value)| (key_text(&key), value));
        let mut entries: Vec<(Text, Value)> = named.collect();
        entries.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.nested(*b"{}", |writer| {
            for (at, (key, value)) in entries.iter().enumerate() {
                writer.member(at > 0, key, value)?;
            }
            Ok(())
        })
    }

    fn member(&mut self, follows: bool, name: &Text, value: &Value) -> Result<(), Failure> {
        if follows {
            self.out.push(b',');
        }
        self.text(name)?;
        self.out.push(b':');
        self.value(value)
    }

    fn object(&mut self, object: &dyn Object) -> Result<(), Failure> {
        match object.base() {
            Base::List(list) => self.list(list),
            Base::Map(map) => self.map(map),
            Base::Text(text) => self.text(text),
            Base::Struct(fields) => self.nested(*b"{}", |writer| {
                let named = fields.iter().filter_map(|field| {
                    let exported = field.starts_with(|first: char| first.is_uppercase());
                    let name = object.json_name(field).filter(|_| exported)?;
                    Some((Text::from(name), object.field(field)?))
                });
                for (at, (name, value)) in named.enumerate() {
                    writer.member(at > 0, &name, &value)?;
                }
                Ok(())
            }),
        }
    }
}

fn byte(item: &Value) -> Option<u8> {
    match item {
        Value::Uint(_, byte) => u8::try_from(*byte).ok(),
        _ => None,
    }
}

fn key_text(key: &Value) -> Text {
    match key {
        Value::Int(_, key) => Text::from(key.to_string()),
        Value::Uint(_, key) => Text::from(key.to_string()),
        key => key.as_text().cloned().unwrap_or_default(),
    }
}
