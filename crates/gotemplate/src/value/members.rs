//! What a template can ask a value for: fields, methods and keys.

use super::{Base, Value};
use crate::funcs::Function;
use crate::time;

impl Value {
    /// The methods that a template can call on it.
    pub(crate) fn methods(&self) -> &'static [Function] {
        match self {
            Self::Object(object) => object.methods(),
            Self::Time(_) | Self::Int(..) | Self::Nil(super::Type::Named(_)) => {
                self.type_of().map_or(&[], time::methods_of)
            }
            _ => &[],
        }
    }

    /// The names that a template can ask it for: of a struct its fields, of a map its keys, and its
    /// methods.
    ///
    /// ```
    /// use gotemplate::Value;
    ///
    /// let map = Value::dict([("b", Value::int(1)), ("a", Value::int(2))]);
    /// assert_eq!(map.members(), ["a", "b"]);
    /// assert!(Value::from("text").members().is_empty());
    /// ```
    #[must_use]
    pub fn members(&self) -> Vec<String> {
        let mut names = Vec::new();
        if let Self::Object(object) = self
            && let Base::Struct(fields) = object.base()
        {
            let exported = fields.iter().filter(|name| name.starts_with(char::is_uppercase));
            names.extend(exported.map(|name| (*name).to_owned()));
        }
        if let Some(map) = self.as_map() {
            map.each(|key, _| {
                names.extend(key.as_text().map(|key| key.to_str().into_owned()));
            });
        }
        names.extend(self.methods().iter().map(|method| method.name().to_owned()));
        names
    }
}
