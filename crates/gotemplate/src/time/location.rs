//! Go's `*time.Location` as a value: what `.Location` gives and `.In` takes.

use std::any::Any;

use super::{ZONE_METHODS, Zone};
use crate::funcs::Function;
use crate::value::{Base, Named, Object, Text, Type, Value};

/// The type.
pub(crate) static LOCATION: Named = Named {
    name: "*time.Location",
    underlying: Type::Any,
    zero: || Value::Nil(Type::Named(&LOCATION)),
};

/// A zone as a value.
#[derive(Debug, Clone)]
pub(super) struct Location(pub(super) Zone);

impl Object for Location {
    fn named(&self) -> &'static Named {
        &LOCATION
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Struct(&[])
    }

    fn methods(&self) -> &'static [Function] {
        ZONE_METHODS
    }

    fn to_text(&self) -> Option<Text> {
        Some(Text::from(self.0.name()))
    }

    fn is_pointer(&self) -> bool {
        true
    }
}

impl From<Zone> for Value {
    fn from(zone: Zone) -> Self {
        Self::object(Location(zone))
    }
}

impl Zone {
    /// The zone that a value of type `*time.Location` is.
    #[must_use]
    pub fn of_value(value: &Value) -> Option<&Self> {
        value.downcast::<Location>().map(|location| &location.0)
    }
}
