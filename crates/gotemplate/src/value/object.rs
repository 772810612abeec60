//! What a program shows to templates: values with a name, fields and methods.

use std::any::Any;
use std::fmt::Debug;

use super::{List, Map, Named, Text, Value};
use crate::funcs::Function;

/// What the type of an object is made of.
#[derive(Debug, Clone, Copy)]
pub enum Base<'a> {
    /// A struct: the names of its exported fields, in their order.
    Struct(&'static [&'static str]),
    /// A named slice.
    List(&'a List),
    /// A named map.
    Map(&'a Map),
    /// A named string.
    Text(&'a Text),
}

/// A value of a named Go type.
///
/// Methods are functions whose [`Call::receiver`](crate::Call::receiver) is the object.
pub trait Object: Debug + Send + Sync {
    /// The type: its name as Go prints it, such as `template.Alert`, and its zero value.
    fn named(&self) -> &'static Named;

    /// The object itself, to find its Rust type again.
    fn as_any(&self) -> &dyn Any;

    /// What its type is made of.
    fn base(&self) -> Base<'_>;

    /// A field of a struct, by name.
    fn field(&self, name: &str) -> Option<Value> {
        self.held(name).cloned()
    }

    /// A field that the object holds as a value. It need not be cloned to be printed.
    fn held(&self, _name: &str) -> Option<&Value> {
        None
    }

    /// The name of a field in JSON; nothing for one that is left out.
    fn json_name(&self, field: &'static str) -> Option<&'static str> {
        Some(field)
    }

    /// The value that stands for the object in JSON, where its type has Go's `MarshalJSON`.
    fn to_json(&self) -> Option<Value> {
        None
    }

    /// The methods that a template can call.
    fn methods(&self) -> &'static [Function] {
        &[]
    }

    /// A part of a named slice or text, as the same type again: what Go's `slice` gives.
    fn part(&self, _part: Value) -> Option<Value> {
        None
    }

    /// What Go's `String()` or `Error()` returns, where the type has one.
    fn to_text(&self) -> Option<Text> {
        None
    }

    /// Whether the value is a pointer to what [`Object::base`] tells.
    fn is_pointer(&self) -> bool {
        false
    }
}
