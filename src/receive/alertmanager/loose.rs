//! Fields that Alertmanager does not have, from whatever a sender writes in them.
//!
//! Nothing in them is a mistake: what cannot be read counts as left out, since no alert may be lost for
//! what another program would not even look at.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text::{Text, TextVisitor};
use crate::alert::Labels;

/// A text, a number or a boolean; of anything else, an empty text.
#[derive(Debug, Default)]
pub(in crate::receive) struct Loose<'a>(pub(in crate::receive) Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Loose<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TextVisitor.expecting(f)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Loose<'de>, E> {
        TextVisitor.visit_borrowed_str(text).map(Loose::from)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Loose<'de>, E> {
        TextVisitor.visit_str(text).map(Loose::from)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Loose<'de>, E> {
        TextVisitor.visit_bool(value).map(Loose::from)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Loose<'de>, E> {
        TextVisitor.visit_i64(value).map(Loose::from)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Loose<'de>, E> {
        TextVisitor.visit_u64(value).map(Loose::from)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Loose<'de>, E> {
        TextVisitor.visit_f64(value).map(Loose::from)
    }

    fn visit_unit<E>(self) -> Result<Loose<'de>, E> {
        Ok(Loose::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Loose<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Loose::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Loose<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Loose::default())
    }
}

impl<'a> From<Text<'a>> for Loose<'a> {
    fn from(text: Text<'a>) -> Self {
        Self(text.0)
    }
}

/// Such texts by their names; of anything else than a map, none.
#[derive(Debug, Default)]
pub(in crate::receive) struct LooseMap(pub(in crate::receive) Labels);

impl<'de> Deserialize<'de> for LooseMap {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseMapVisitor)
    }
}

struct LooseMapVisitor;

impl<'de> Visitor<'de> for LooseMapVisitor {
    type Value = LooseMap;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_borrowed_str<E: Error>(self, _: &'de str) -> Result<LooseMap, E> {
        Ok(LooseMap::default())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<LooseMap, E> {
        Ok(LooseMap::default())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<LooseMap, E> {
        Ok(LooseMap::default())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<LooseMap, E> {
        Ok(LooseMap::default())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<LooseMap, E> {
        Ok(LooseMap::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<LooseMap, E> {
        Ok(LooseMap::default())
    }

    fn visit_unit<E>(self) -> Result<LooseMap, E> {
        Ok(LooseMap::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<LooseMap, A::Error> {
        LooseVisitor.visit_seq(list).map(|_| LooseMap::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<LooseMap, A::Error> {
        let pairs = std::iter::from_fn(|| map.next_entry::<Text<'_>, Loose<'_>>().transpose());
        let pairs = pairs.map(|pair| pair.map(|(name, value)| (name.0, value.0)));
        pairs.collect::<Result<_, _>>().map(LooseMap)
    }
}
