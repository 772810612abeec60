//! The types of values, as far as a template can tell them apart.

use std::fmt;

use super::{Float, Int, Text, Uint, Value};
use crate::time::Time;

/// A named type that a program adds.
#[derive(Debug)]
pub struct Named {
    /// As Go prints it: `template.KV`, `*template.Alert`.
    pub name: &'static str,
    /// What it is made of, where a function may take it for that: `[]string` for a named slice of
    /// texts. [`Type::Any`] for a struct or a pointer.
    pub underlying: Type,
    /// Its zero value.
    pub zero: fn() -> Value,
}

/// Go's type of a value or a parameter.
#[derive(Debug, Clone, Copy)]
pub enum Type {
    /// `interface {}`.
    Any,
    /// `reflect.Value`, as a parameter: takes everything, also what is no value.
    Reflect,
    /// `bool`.
    Bool,
    /// An integer with a sign.
    Int(Int),
    /// An integer without a sign.
    Uint(Uint),
    /// A floating-point number.
    Float(Float),
    /// `complex128`.
    Complex,
    /// `string`.
    String,
    /// `time.Time`.
    Time,
    /// A slice of a type.
    Slice(&'static Type),
    /// A map from a type to a type.
    Map(&'static Type, &'static Type),
    /// A type that a program adds.
    Named(&'static Named),
}

impl Type {
    /// `[]interface {}`.
    pub const LIST: Self = Self::Slice(&Self::Any);
    /// `[]string`.
    pub const STRINGS: Self = Self::Slice(&Self::String);
    /// `[]uint8`.
    pub const BYTES: Self = Self::Slice(&Self::Uint(Uint::Uint8));
    /// `map[string]interface {}`.
    pub const DICT: Self = Self::Map(&Self::String, &Self::Any);
    /// `map[string]string`.
    pub const STRING_MAP: Self = Self::Map(&Self::String, &Self::String);
    /// `int`.
    pub const INT: Self = Self::Int(Int::Int);
    /// `float64`.
    pub const FLOAT: Self = Self::Float(Float::Float64);
    /// `time.Duration`.
    pub const DURATION: Self = Self::Int(Int::Duration);

    /// The type without its name: of a named slice of texts, `[]string`.
    #[must_use]
    pub const fn underlying(self) -> Self {
        match self {
            Self::Named(named) => named.underlying,
            other => other,
        }
    }

    /// The type of the items of a slice or of the values of a map.
    #[must_use]
    pub const fn element(self) -> Option<Self> {
        match self.underlying() {
            Self::Slice(element) | Self::Map(_, element) => Some(*element),
            _ => None,
        }
    }

    /// The type of the keys of a map.
    #[must_use]
    pub const fn key(self) -> Option<Self> {
        match self.underlying() {
            Self::Map(key, _) => Some(*key),
            _ => None,
        }
    }

    /// Whether a nil can stand for a value of the type.
    #[must_use]
    pub fn can_be_nil(self) -> bool {
        match self {
            Self::Any | Self::Reflect | Self::Slice(_) | Self::Map(..) => true,
            Self::Named(named) => {
                named.name.starts_with('*')
                    || matches!(named.underlying, Self::Slice(_) | Self::Map(..))
            }
            _ => false,
        }
    }

    /// The zero value.
    #[must_use]
    pub fn zero(self) -> Value {
        match self {
            Self::Any | Self::Slice(_) | Self::Map(..) => Value::Nil(self),
            Self::Reflect => Value::Invalid,
            Self::Bool => Value::Bool(false),
            Self::Int(of) => Value::Int(of, 0),
            Self::Uint(of) => Value::Uint(of, 0),
            Self::Float(of) => Value::Float(of, 0.0),
            Self::Complex => Value::Complex(0.0, 0.0),
            Self::String => Value::Text(Text::default()),
            Self::Time => Value::from(Time::default()),
            Self::Named(named) => (named.zero)(),
        }
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Self) -> bool {
        match (*self, *other) {
            (Self::Any, Self::Any)
            | (Self::Reflect, Self::Reflect)
            | (Self::Bool, Self::Bool)
            | (Self::Complex, Self::Complex)
            | (Self::String, Self::String)
            | (Self::Time, Self::Time) => true,
            (Self::Int(one), Self::Int(other)) => one == other,
            (Self::Uint(one), Self::Uint(other)) => one == other,
            (Self::Float(one), Self::Float(other)) => one == other,
            (Self::Slice(one), Self::Slice(other)) => one == other,
            (Self::Map(key, value), Self::Map(other, item)) => key == other && value == item,
            (Self::Named(one), Self::Named(other)) => one.name == other.name,
            _ => false,
        }
    }
}

impl Eq for Type {}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "interface {}",
            Self::Reflect => "reflect.Value",
            Self::Bool => "bool",
            Self::Int(Int::Int) => "int",
            Self::Int(Int::Int8) => "int8",
            Self::Int(Int::Int16) => "int16",
            Self::Int(Int::Int32) => "int32",
            Self::Int(Int::Int64) => "int64",
            Self::Int(Int::Duration) => "time.Duration",
            Self::Int(Int::Month) => "time.Month",
            Self::Int(Int::Weekday) => "time.Weekday",
            Self::Uint(Uint::Uint) => "uint",
            Self::Uint(Uint::Uint8) => "uint8",
            Self::Uint(Uint::Uint16) => "uint16",
            Self::Uint(Uint::Uint32) => "uint32",
            Self::Uint(Uint::Uint64) => "uint64",
            Self::Float(Float::Float32) => "float32",
            Self::Float(Float::Float64) => "float64",
            Self::Complex => "complex128",
            Self::String => "string",
            Self::Time => "time.Time",
            Self::Slice(element) => return write!(f, "[]{element}"),
            Self::Map(key, element) => return write!(f, "map[{key}]{element}"),
            Self::Named(named) => named.name,
        })
    }
}
