//! A string of the payload, from whatever a sender writes for one.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Visitor};

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

struct TextVisitor;

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
        // As Go and JavaScript write it: all its zeros would be fifty times what the sender wrote.
        let is_short = value == 0.0 || (1e-6..1e21).contains(&value.abs());
        let text = if is_short { value.to_string() } else { format!("{value:e}") };
        Ok(Text(text.into()))
    }
}
