//! A slice: values of one type, or of any.

use std::mem;
use std::ops::Deref;
use std::sync::Arc;

use super::{Map, Type, Value};

/// A slice with its type; it derefs to its items.
#[derive(Debug, Clone)]
pub struct List {
    of: Type,
    items: Vec<Value>,
}

impl List {
    /// A list of the slice type `of`, such as [`Type::STRINGS`].
    #[must_use]
    pub const fn new(of: Type, items: Vec<Value>) -> Self {
        Self { of, items }
    }

    /// The type of the slice.
    #[must_use]
    pub const fn type_of(&self) -> Type {
        self.of
    }

    /// The type of its items.
    #[must_use]
    pub fn element(&self) -> Type {
        self.of.element().unwrap_or(Type::Any)
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.items
    }
}

impl Drop for List {
    fn drop(&mut self) {
        drop_all(mem::take(&mut self.items));
    }
}

/// Drops values without recursion: what a loop has nested 100,000 times deep fits into no stack.
pub(super) fn drop_all(mut values: Vec<Value>) {
    // Only containers can hold more; the usual list of texts goes the short way.
    if !values.iter().any(|value| matches!(value, Value::List(_) | Value::Map(_))) {
        return;
    }
    while let Some(value) = values.pop() {
        match value {
            Value::List(list) => {
                if let Some(mut list) = Arc::into_inner(list) {
                    values.append(&mut list.items);
                }
            }
            Value::Map(map) => {
                if let Some(mut map) = Arc::into_inner(map) {
                    Map::take_into(&mut map, &mut values);
                }
            }
            _ => {}
        }
    }
}
