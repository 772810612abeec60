//! What a template works on: Go's values, as `reflect` shows them to a template.
//!
//! Cloning a value never copies what it holds: texts, lists, maps and objects are shared. A list in
//! a list in a list, however deep, is dropped without recursion.

mod list;
mod map;
mod members;
mod object;
#[cfg(test)]
mod tests;
mod text;
mod types;

use std::sync::Arc;

pub use list::List;
pub use map::Map;
pub use object::{Base, Object};
pub use text::Text;
pub use types::{Named, Type};

use crate::time::Time;

/// Go's integer types with a sign, and the named ones of package `time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Int {
    /// `int`, 64 bits wide.
    Int,
    /// `int8`.
    Int8,
    /// `int16`.
    Int16,
    /// `int32`, also called `rune`.
    Int32,
    /// `int64`.
    Int64,
    /// `time.Duration`: nanoseconds, with methods.
    Duration,
    /// `time.Month`: 1 is January, with methods.
    Month,
    /// `time.Weekday`: 0 is Sunday, with methods.
    Weekday,
}

/// Go's integer types without a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uint {
    /// `uint`, 64 bits wide.
    Uint,
    /// `uint8`, also called `byte`.
    Uint8,
    /// `uint16`.
    Uint16,
    /// `uint32`.
    Uint32,
    /// `uint64`.
    Uint64,
}

/// Go's floating-point types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Float {
    /// `float32`; the value is one that 32 bits can hold.
    Float32,
    /// `float64`.
    Float64,
}

/// One value.
#[derive(Debug, Clone, Default)]
pub enum Value {
    /// No value at all, `reflect`'s zero `Value`: a missing map key, an empty interface looked into.
    /// Prints as `<no value>`.
    #[default]
    Invalid,
    /// The nil of a type that has one; [`Type::Any`] for an interface that holds nothing.
    Nil(Type),
    /// `bool`.
    Bool(bool),
    /// An integer with a sign.
    Int(Int, i64),
    /// An integer without a sign.
    Uint(Uint, u64),
    /// A floating-point number.
    Float(Float, f64),
    /// `complex128`: the real and the imaginary part.
    Complex(f64, f64),
    /// `string`: any bytes, usually UTF-8.
    Text(Text),
    /// `time.Time`.
    Time(Arc<Time>),
    /// A slice.
    List(Arc<List>),
    /// A map.
    Map(Arc<Map>),
    /// Anything with a name, fields or methods.
    Object(Arc<dyn Object>),
}

impl Value {
    /// The nil of `interface {}`.
    pub const NIL: Self = Self::Nil(Type::Any);

    /// An `int`.
    #[must_use]
    pub const fn int(value: i64) -> Self {
        Self::Int(Int::Int, value)
    }

    /// A `float64`.
    #[must_use]
    pub const fn float(value: f64) -> Self {
        Self::Float(Float::Float64, value)
    }

    /// A `time.Duration` of `nanoseconds`.
    #[must_use]
    pub const fn duration(nanoseconds: i64) -> Self {
        Self::Int(Int::Duration, nanoseconds)
    }

    /// A `string`.
    #[must_use]
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    /// A `[]string`.
    #[must_use]
    pub fn strings<T: Into<Text>>(texts: impl IntoIterator<Item = T>) -> Self {
        let items = texts.into_iter().map(Self::text).collect();
        Self::List(Arc::new(List::new(Type::STRINGS, items)))
    }

    /// A `[]interface {}`.
    #[must_use]
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(Arc::new(List::new(Type::LIST, items)))
    }

    /// A `map[string]interface {}`; of a name that comes twice the last value stays.
    #[must_use]
    pub fn dict<N: Into<Text>>(entries: impl IntoIterator<Item = (N, Self)>) -> Self {
        Self::Map(Arc::new(Map::of_names(Type::DICT, entries)))
    }

    /// A `map[string]string`; of a name that comes twice the last value stays.
    #[must_use]
    pub fn string_map<N: Into<Text>, T: Into<Text>>(
        entries: impl IntoIterator<Item = (N, T)>,
    ) -> Self {
        let entries = entries.into_iter().map(|(name, text)| (name, Self::text(text)));
        Self::Map(Arc::new(Map::of_names(Type::STRING_MAP, entries)))
    }

    /// An object.
    #[must_use]
    pub fn object(object: impl Object + 'static) -> Self {
        Self::Object(Arc::new(object))
    }

    /// Go's type of the value; nothing for [`Value::Invalid`].
    #[must_use]
    pub fn type_of(&self) -> Option<Type> {
        Some(match self {
            Self::Invalid => return None,
            Self::Nil(of) => *of,
            Self::Bool(_) => Type::Bool,
            Self::Int(of, _) => Type::Int(*of),
            Self::Uint(of, _) => Type::Uint(*of),
            Self::Float(of, _) => Type::Float(*of),
            Self::Complex(..) => Type::Complex,
            Self::Text(_) => Type::String,
            Self::Time(_) => Type::Time,
            Self::List(list) => list.type_of(),
            Self::Map(map) => map.type_of(),
            Self::Object(object) => Type::Named(object.named()),
        })
    }

    /// The list that the value is, or that its type is based on.
    #[must_use]
    pub fn as_list(&self) -> Option<&List> {
        match self {
            Self::List(list) => Some(list),
            Self::Object(object) => match object.base() {
                Base::List(list) => Some(list),
                Base::Struct(_) | Base::Map(_) | Base::Text(_) => None,
            },
            _ => None,
        }
    }

    /// The map that the value is, or that its type is based on.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Self::Map(map) => Some(map),
            Self::Object(object) => match object.base() {
                Base::Map(map) => Some(map),
                Base::Struct(_) | Base::List(_) | Base::Text(_) => None,
            },
            _ => None,
        }
    }

    /// The text that the value is, or that its type is based on.
    #[must_use]
    pub fn as_text(&self) -> Option<&Text> {
        match self {
            Self::Text(text) => Some(text),
            Self::Object(object) => match object.base() {
                Base::Text(text) => Some(text),
                Base::Struct(_) | Base::List(_) | Base::Map(_) => None,
            },
            _ => None,
        }
    }

    /// The object of type `T` that the value is.
    #[must_use]
    pub fn downcast<T: Object + 'static>(&self) -> Option<&T> {
        match self {
            Self::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// Go's truth: whether the value is not the zero of its type. Structs are always true.
    #[must_use]
    pub fn truth(&self) -> bool {
        match self {
            Self::Invalid | Self::Nil(_) => false,
            Self::Bool(value) => *value,
            Self::Int(_, value) => *value != 0,
            Self::Uint(_, value) => *value != 0,
            Self::Float(_, value) => *value != 0.0,
            Self::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::Time(_) => true,
            Self::List(list) => !list.is_empty(),
            Self::Map(map) => !map.is_empty(),
            Self::Object(object) => match object.base() {
                Base::Struct(_) => true,
                Base::List(list) => object.is_pointer() || !list.is_empty(),
                Base::Map(map) => object.is_pointer() || !map.is_empty(),
                Base::Text(text) => object.is_pointer() || !text.is_empty(),
            },
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Time(Arc::new(time))
    }
}
