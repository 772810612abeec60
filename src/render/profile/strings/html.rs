//! `template.HTML`: a string that Go's `html/template` would not escape, and this engine never does.

use std::any::Any;

use gotemplate::{Base, Named, Object, Text, Type, Value};

#[derive(Debug)]
struct Html(Text);

// Go assigns no named string to a `string`, so no function takes it for one.
static NAMED: Named =
    Named { name: "template.HTML", underlying: Type::Any, zero: || value(Text::default()) };

/// A text as `template.HTML`.
pub(super) fn value(text: Text) -> Value {
    Value::object(Html(text))
}

impl Object for Html {
    fn named(&self) -> &'static Named {
        &NAMED
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Text(&self.0)
    }

    fn part(&self, part: Value) -> Option<Value> {
        part.as_text().cloned().map(value)
    }
}
