//! A string or a count of the payload, from whatever a sender writes for one.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

use crate::alert::shown_number;

/// A string; a number or a boolean counts as its text, of which only a number that no 64 bits hold
/// loses digits. It stays where it stands in the payload unless it is written with escapes there.
#[derive(Debug)]
pub(in crate::receive) struct Text<'a>(pub(in crate::receive) Cow<'a, str>);

/// The text, or the empty string where there is none.
pub(in crate::receive) fn or_empty(text: Option<Text<'_>>) -> Cow<'_, str> {
    text.map(|text| text.0).unwrap_or_default()
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

pub(super) struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
        Ok(Text(text.into()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
        Ok(Text(text.to_owned().into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Text<'de>, E> {
        Ok(Text(text.into()))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Text<'de>, E> {
        Ok(Text(value.to_string().into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Text<'de>, E> {
        Ok(Text(value.to_string().into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Text<'de>, E> {
        Ok(Text(value.to_string().into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Text<'de>, E> {
        // All its zeros could be fifty times what the sender wrote.
        Ok(Text(shown_number(value).into()))
    }
}

/// How many; the text of a number counts as the number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count(pub(super) u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor)
    }
}

struct CountVisitor;

impl Visitor<'_> for CountVisitor {
    type Value = Count;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a count")
    }

    fn visit_u64<E>(self, count: u64) -> Result<Count, E> {
        Ok(Count(count))
    }

    fn visit_f64<E: Error>(self, count: f64) -> Result<Count, E> {
        // The text of a whole number is the only conversion that cannot be off.
        let whole = (count >= 0.0 && count.fract() == 0.0).then(|| format!("{count:.0}"));
        let count = whole.and_then(|whole| whole.parse().ok()).map(Count);
        count.ok_or_else(|| E::invalid_value(Unexpected::Other("a number"), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Count, E> {
        let count = text.trim().parse().ok().map(Count);
        count.ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
    }
}
