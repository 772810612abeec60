//! A map, sorted by key as Go's templates and `fmt` walk it.

use std::cmp::Ordering;
use std::sync::{PoisonError, RwLock, RwLockWriteGuard};

use super::list::drop_all;
use super::{Text, Type, Value};

/// A map with its type.
///
/// A map is shared by all who hold it, so [`Map::set`] is seen by all, as in Go. Whoever sets must
/// not put a map into itself: what holds itself is never freed.
#[derive(Debug)]
pub struct Map {
    of: Type,
    entries: Entries,
}

/// Sorted by key.
#[derive(Debug)]
enum Entries {
    /// Nothing sets an entry of these, so nobody waits for anybody.
    Fixed(Vec<(Value, Value)>),
    /// A `map[string]interface {}`, which functions such as sprig's `set` change.
    Changing(RwLock<Vec<(Value, Value)>>),
}

impl Map {
    /// A map of the type `of`, such as [`Type::DICT`], whose keys are texts; of a name that comes
    /// twice the last value stays.
    pub fn of_names<N: Into<Text>>(
        of: Type,
        entries: impl IntoIterator<Item = (N, Value)>,
    ) -> Self {
        Self::new(of, entries.into_iter().map(|(name, value)| (Value::text(name), value)))
    }

    /// A map of the type `of` with keys of any type; of a key that comes twice the last value stays.
    pub fn new(of: Type, entries: impl IntoIterator<Item = (Value, Value)>) -> Self {
        let mut sorted: Vec<(Value, Value)> = entries.into_iter().collect();
        sorted.sort_by(|(one, _), (other, _)| compare_keys(one, other));
        // Keeps the first of equals, and the last one is to stay.
        sorted.reverse();
        sorted.dedup_by(|(one, _), (other, _)| compare_keys(one, other) == Ordering::Equal);
        sorted.reverse();
        let changes = matches!(of, Type::Map(Type::String, Type::Any));
        let entries =
            if changes { Entries::Changing(RwLock::new(sorted)) } else { Entries::Fixed(sorted) };
        Self { of, entries }
    }

    /// The type of the map.
    #[must_use]
    pub const fn type_of(&self) -> Type {
        self.of
    }

    /// The type of its values.
    #[must_use]
    pub fn element(&self) -> Type {
        self.of.element().unwrap_or(Type::Any)
    }

    /// The type of its keys.
    #[must_use]
    pub fn key(&self) -> Type {
        self.of.key().unwrap_or(Type::String)
    }

    /// How many entries it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.look(<[_]>::len)
    }

    /// Whether it has no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.look(<[_]>::is_empty)
    }

    /// The value of a text key.
    #[must_use]
    pub fn get(&self, name: &[u8]) -> Option<Value> {
        self.look(|entries| {
            let at = entries.binary_search_by(|(key, _)| compare_name(key, name)).ok()?;
            entries.get(at).map(|(_, value)| value.clone())
        })
    }

    /// The value of a key of any type.
    #[must_use]
    pub fn get_key(&self, key: &Value) -> Option<Value> {
        self.look(|entries| {
            let at = entries.binary_search_by(|(own, _)| compare_keys(own, key)).ok()?;
            entries.get(at).map(|(_, value)| value.clone())
        })
    }

    /// Gives `name` a value. Only a `map[string]interface {}` takes one.
    pub fn set(&self, name: impl Into<Text>, value: Value) {
        let name = name.into();
        let Some(mut entries) = self.write() else { return };
        match entries.binary_search_by(|(key, _)| compare_name(key, name.as_bytes())) {
            Ok(at) => entries[at].1 = value,
            Err(at) => entries.insert(at, (Value::Text(name), value)),
        }
    }

    /// Takes `name` out of a `map[string]interface {}`.
    pub fn unset(&self, name: &[u8]) {
        let Some(mut entries) = self.write() else { return };
        if let Ok(at) = entries.binary_search_by(|(key, _)| compare_name(key, name)) {
            entries.remove(at);
        }
    }

    /// The entries as they are now, in the order of their keys.
    #[must_use]
    pub fn entries(&self) -> Vec<(Value, Value)> {
        self.look(<[_]>::to_vec)
    }

    /// Goes through the entries in the order of their keys, without copying them.
    ///
    /// `look` must not change this map; it may read it.
    pub fn each(&self, mut look: impl FnMut(&Value, &Value)) {
        self.look(|entries| entries.iter().for_each(|(key, value)| look(key, value)));
    }

    pub(super) fn take_into(map: &mut Self, values: &mut Vec<Value>) {
        let entries = match &mut map.entries {
            Entries::Fixed(entries) => entries,
            Entries::Changing(entries) => entries.get_mut().unwrap_or_else(PoisonError::into_inner),
        };
        values.extend(entries.drain(..).map(|(_, value)| value));
    }

    /// The value of a text key of a map that nothing changes.
    pub(crate) fn held(&self, name: &[u8]) -> Option<&Value> {
        let entries = self.fixed()?;
        let at = entries.binary_search_by(|(key, _)| compare_name(key, name)).ok()?;
        entries.get(at).map(|(_, value)| value)
    }

    /// The entries of a map that nothing changes.
    pub(crate) fn fixed(&self) -> Option<&[(Value, Value)]> {
        match &self.entries {
            Entries::Fixed(entries) => Some(entries),
            Entries::Changing(_) => None,
        }
    }

    fn look<T>(&self, look: impl FnOnce(&[(Value, Value)]) -> T) -> T {
        match &self.entries {
            Entries::Fixed(entries) => look(entries),
            // No code runs under the lock that could leave it half changed.
            Entries::Changing(entries) => {
                look(&entries.read().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }

    fn write(&self) -> Option<RwLockWriteGuard<'_, Vec<(Value, Value)>>> {
        match &self.entries {
            Entries::Fixed(_) => None,
            Entries::Changing(entries) => {
                Some(entries.write().unwrap_or_else(PoisonError::into_inner))
            }
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        let mut values = Vec::new();
        Self::take_into(self, &mut values);
        drop_all(values);
    }
}

fn compare_name(key: &Value, name: &[u8]) -> Ordering {
    match key {
        Value::Text(text) => text.as_bytes().cmp(name),
        other => rank(other).cmp(&rank(&Value::Text(Text::default()))),
    }
}

/// The order in which `fmt` prints keys (Go's internal/fmtsort): false before true, numbers and
/// texts by value; of different kinds, which only `interface {}` keys can be, by kind.
fn compare_keys(one: &Value, other: &Value) -> Ordering {
    match (one, other) {
        (Value::Text(one), Value::Text(other)) => one.cmp(other),
        (Value::Int(_, one), Value::Int(_, other)) => one.cmp(other),
        (Value::Uint(_, one), Value::Uint(_, other)) => one.cmp(other),
        (Value::Float(_, one), Value::Float(_, other)) => one.total_cmp(other),
        (Value::Bool(one), Value::Bool(other)) => one.cmp(other),
        _ => rank(one).cmp(&rank(other)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Invalid | Value::Nil(_) => 0,
        Value::Bool(_) => 1,
        Value::Int(..) => 2,
        Value::Uint(..) => 3,
        Value::Float(..) => 4,
        Value::Complex(..) => 5,
        Value::Text(_) => 6,
        Value::Time(_) => 7,
        Value::List(_) => 8,
        Value::Map(_) => 9,
        Value::Object(_) => 10,
    }
}
