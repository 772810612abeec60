//! A struct: its fields in their order, with the names that JSON gives them.

use std::any::Any;

use gotemplate::{Base, Function, Named, Object, Value};

/// A field of a struct.
#[derive(Debug)]
pub(in crate::render::profile) struct Field {
    /// Its name in Go.
    name: &'static str,
    /// Its name in JSON; none if JSON leaves it out.
    json: Option<&'static str>,
}

impl Field {
    /// A field with the name that it has in JSON.
    pub(in crate::render::profile) const fn of(
        name: &'static str,
        json: Option<&'static str>,
    ) -> Self {
        Self { name, json }
    }
}

/// A struct type, or the type of pointers to one.
#[derive(Debug)]
pub(in crate::render::profile) struct Struct {
    /// Its name, with `*` before it for pointers.
    pub(in crate::render::profile) named: Named,
    /// The names of its fields, in order.
    pub(in crate::render::profile) names: &'static [&'static str],
    /// The fields, in the same order.
    pub(in crate::render::profile) fields: &'static [Field],
    /// Its methods.
    pub(in crate::render::profile) methods: &'static [Function],
}

/// A value of a struct type, or a pointer to one.
#[derive(Debug)]
pub(in crate::render::profile) struct Record {
    of: &'static Struct,
    values: Vec<Value>,
}

impl Record {
    /// A struct with the values of its fields, in order.
    pub(in crate::render::profile) const fn new(of: &'static Struct, values: Vec<Value>) -> Self {
        Self { of, values }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.of.names.iter().position(|own| *own == name)
    }
}

impl Object for Record {
    fn named(&self) -> &'static Named {
        &self.of.named
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Struct(self.of.names)
    }

    fn held(&self, name: &str) -> Option<&Value> {
        self.values.get(self.position(name)?)
    }

    fn methods(&self) -> &'static [Function] {
        self.of.methods
    }

    fn json_name(&self, field: &'static str) -> Option<&'static str> {
        let field = self.of.fields.iter().find(|own| own.name == field)?;
        field.json
    }

    fn is_pointer(&self) -> bool {
        self.of.named.name.starts_with('*')
    }
}
