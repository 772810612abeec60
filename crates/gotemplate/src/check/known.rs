//! What is known of a value before a template is executed.

use std::rc::Rc;
use std::sync::Arc;

use crate::value::{Map, Type, Value};

/// What is known of a value; by default nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// A value of its type.
    pub(super) example: Option<Value>,
    /// Whether it can be of no other type.
    pub(super) is_certain: bool,
    /// The key of a map of texts whose value it is, or is made of.
    pub(super) key: Option<Rc<str>>,
}

impl Known {
    /// A value of the type of `value`, and of no other.
    pub(super) fn of(value: Value) -> Self {
        Self::like(Some(value), true)
    }

    /// A value like `example`, if there is one. What holds nothing tells nothing.
    pub(super) fn like(example: Option<Value>, is_certain: bool) -> Self {
        let example = example.filter(|value| match value {
            Value::Invalid | Value::Nil(Type::Any) => false,
            Value::Nil(Type::Named(named)) => !named.name.starts_with('*'),
            _ => true,
        });
        Self { is_certain: is_certain && example.is_some(), example, key: None }
    }

    /// A value of a container whose values are of the type `element`.
    fn item(&self, item: Option<Value>, element: Type) -> Self {
        let is_any = matches!(element, Type::Any);
        let item = item.or_else(|| (!is_any).then(|| element.zero()));
        Self::like(item, self.is_certain && !is_any)
    }

    /// The index and the item of each turn of a `range` over it.
    ///
    /// # Errors
    /// The type of what none goes through.
    pub(super) fn items(&self) -> Result<(Self, Self), Type> {
        let Some(value) = &self.example else { return Ok(<(Self, Self)>::default()) };
        if let Some(list) = value.as_list() {
            let item = self.item(one_of_all(list), list.element());
            return Ok((Self::of(Value::int(0)), item));
        }
        if let Some(map) = value.as_map() {
            return Ok(self.entry(map));
        }
        match value {
            Value::Int(..) | Value::Uint(..) => Ok((Self::default(), self.clone())),
            Value::Nil(of) => {
                let Some(element) = of.element() else { return Err(*of) };
                let index = of.key().map_or(Self::of(Value::int(0)), |key| self.item(None, key));
                Ok((index, self.item(None, element)))
            }
            other => Err(other.type_of().unwrap_or(Type::Any)),
        }
    }

    fn entry(&self, map: &Map) -> (Self, Self) {
        let (keys, values): (Vec<Value>, Vec<Value>) = map.entries().into_iter().unzip();
        let (key, value) = (one_of_all(&keys), one_of_all(&values));
        (self.item(key, map.key()), self.item(value, map.element()))
    }

    /// What is known of a value that is one of these.
    pub(super) fn any_of(all: &[Self]) -> Self {
        let Some((first, others)) = all.split_first() else { return Self::default() };
        let of = |known: &Self| known.example.as_ref().and_then(Value::type_of);
        let Some(own) = of(first).filter(|own| own.element() != Some(Type::Any)) else {
            return Self::default();
        };
        let are_equal = others.iter().all(|other| of(other) == Some(own));
        let is_certain = all.iter().all(|known| known.is_certain);
        Self::like(first.example.clone().filter(|_| are_equal), is_certain)
    }

    /// What tells it from what else a template may be given.
    pub(super) fn shape(&self) -> String {
        let Some(value) = &self.example else { return String::new() };
        let of = value.type_of().map(|of| of.to_string()).unwrap_or_default();
        let place = match value {
            Value::Map(map) => Arc::as_ptr(map).addr(),
            Value::List(list) => Arc::as_ptr(list).addr(),
            _ => 0,
        };
        format!("{of} {place} {}", self.is_certain)
    }
}

/// One of the items, if all are of one type.
fn one_of_all(items: &[Value]) -> Option<Value> {
    let (first, others) = items.split_first()?;
    let of = first.type_of()?;
    others.iter().all(|item| item.type_of() == Some(of)).then(|| first.clone())
}
