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

/// A field that another sender's data has, and the product's own type does not: templates can ask for
/// it, and nothing else shows it.
#[derive(Debug)]
pub(in crate::render::profile) struct Extra {
    /// Its name in Go; one that begins with a small letter is for our functions alone.
    pub(in crate::render::profile) name: &'static str,
    /// Its value where the sender gives none.
    pub(in crate::render::profile) zero: fn() -> Value,
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
    /// The fields of other senders' data.
    pub(in crate::render::profile) extras: &'static [Extra],
    /// Its methods.
    pub(in crate::render::profile) methods: &'static [Function],
}

/// A value of a struct type, or a pointer to one.
#[derive(Debug)]
pub(in crate::render::profile) struct Record {
    of: &'static Struct,
    values: Vec<Value>,
    /// The values of the extras, in order; none if the sender gives none.
    extras: Vec<Value>,
}

impl Record {
    /// A struct with the values of its fields, in order.
    pub(in crate::render::profile) const fn new(of: &'static Struct, values: Vec<Value>) -> Self {
        Self { of, values, extras: Vec::new() }
    }

    /// The same with the values of its extras, in order.
    pub(in crate::render::profile) fn with_extras(self, extras: Vec<Value>) -> Self {
        Self { extras, ..self }
    }

    /// Whether the sender gives any of its extras.
    pub(in crate::render::profile) fn has_extras(&self) -> bool {
        !self.extras.is_empty()
    }

    fn extra(&self, name: &str) -> Option<usize> {
        self.of.extras.iter().position(|extra| extra.name == name)
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

    fn field(&self, name: &str) -> Option<Value> {
        let extra = || self.extra(name).map(|at| (self.of.extras[at].zero)());
        self.held(name).cloned().or_else(extra)
    }

    fn held(&self, name: &str) -> Option<&Value> {
        match self.of.names.iter().position(|own| *own == name) {
            Some(at) => self.values.get(at),
            None => self.extras.get(self.extra(name)?),
        }
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
