//! Labels in order: `Pairs`, `Pair` and, in Alertmanager, `Strings`.

use std::any::Any;
use std::sync::OnceLock;

use gotemplate::{Base, Call, Failure, Function, List, Named, Object, Text, Type, Value};

use super::Generation;

const PAIR_FIELDS: &[&str] = &["Name", "Value"];

/// A label.
#[derive(Debug)]
struct Pair {
    of: &'static Generation,
    name: Value,
    value: Value,
}

impl Object for Pair {
    fn named(&self) -> &'static Named {
        self.of.pair
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Struct(PAIR_FIELDS)
    }

    fn held(&self, name: &str) -> Option<&Value> {
        match name {
            "Name" => Some(&self.name),
            "Value" => Some(&self.value),
            _ => None,
        }
    }
}

/// Labels in order.
#[derive(Debug)]
pub(in crate::render::profile) struct Pairs {
    of: &'static Generation,
    list: List,
    names: OnceLock<Value>,
    values: OnceLock<Value>,
}

impl Pairs {
    /// What one label takes, in bytes.
    pub(super) const SIZE: usize = size_of::<Pair>() + size_of::<Value>();

    /// Labels in the order in which they are given.
    pub(in crate::render::profile) fn new(
        of: &'static Generation,
        labels: Vec<(Text, Value)>,
    ) -> Self {
        let pairs = labels
            .into_iter()
            .map(|(name, value)| Value::object(Pair { of, name: Value::Text(name), value }));
        Self::of_items(of, pairs.collect())
    }

    fn of_items(of: &'static Generation, items: Vec<Value>) -> Self {
        let list = List::new(Type::Named(of.pairs), items);
        Self { of, list, names: OnceLock::new(), values: OnceLock::new() }
    }

    /// The zero value of a label.
    pub(in crate::render::profile) fn no_pair(of: &'static Generation) -> Value {
        Value::object(Pair { of, name: Value::text(""), value: Value::text("") })
    }

    /// Their names.
    pub(super) fn names(&self, call: &mut Call<'_>) -> Result<Value, Failure> {
        self.announced(&self.names, call)?;
        Ok(self.names.get_or_init(|| self.strings(|pair| pair.name.clone())).clone())
    }

    /// Their values.
    pub(super) fn values(&self, call: &mut Call<'_>) -> Result<Value, Failure> {
        self.announced(&self.values, call)?;
        Ok(self.values.get_or_init(|| self.strings(|pair| pair.value.clone())).clone())
    }

    /// Announces a list of texts if it is not there yet.
    fn announced(&self, list: &OnceLock<Value>, call: &mut Call<'_>) -> Result<(), Failure> {
        match list.get() {
            Some(_) => Ok(()),
            None => call.reserve(self.list.len().saturating_mul(size_of::<Value>())),
        }
    }

    fn strings(&self, part: impl Fn(&Pair) -> Value) -> Value {
        let items = self.list.iter().filter_map(Value::downcast::<Pair>).map(part).collect();
        match self.of.strings {
            None => Value::List(List::new(Type::STRINGS, items).into()),
            Some((named, methods)) => Value::object(Strings {
                named,
                methods,
                list: List::new(Type::Named(named), items),
            }),
        }
    }

    fn string(&self) -> Text {
        let mut out = Vec::new();
        for pair in self.list.iter().filter_map(Value::downcast::<Pair>) {
            if !out.is_empty() {
                out.extend_from_slice(b", ");
            }
            out.extend_from_slice(pair.name.as_text().map_or(&[], Text::as_bytes));
            out.push(b'=');
            out.extend_from_slice(pair.value.as_text().map_or(&[], Text::as_bytes));
        }
        out.into()
    }
}

impl Object for Pairs {
    fn named(&self) -> &'static Named {
        self.of.pairs
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::List(&self.list)
    }

    fn methods(&self) -> &'static [Function] {
        self.of.pairs_methods
    }

    fn part(&self, part: Value) -> Option<Value> {
        let items = part.as_list()?.to_vec();
        Some(Value::object(Self::of_items(self.of, items)))
    }

    fn to_text(&self) -> Option<Text> {
        self.of.prints_labels.then(|| self.string())
    }
}

/// A `[]string` with methods.
#[derive(Debug)]
pub(in crate::render::profile) struct Strings {
    named: &'static Named,
    methods: &'static [Function],
    list: List,
}

impl Object for Strings {
    fn named(&self) -> &'static Named {
        self.named
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::List(&self.list)
    }

    fn methods(&self) -> &'static [Function] {
        self.methods
    }

    fn part(&self, part: Value) -> Option<Value> {
        let list = List::new(Type::Named(self.named), part.as_list()?.to_vec());
        Some(Value::object(Self { named: self.named, methods: self.methods, list }))
    }
}

/// The method `Names` of labels in order.
pub(in crate::render::profile) fn pair_names(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.receiver().downcast::<Pairs>().map_or(Ok(Value::Invalid), |pairs| pairs.names(call))
}

/// The method `Values` of labels in order.
pub(in crate::render::profile) fn pair_values(call: &mut Call<'_>) -> Result<Value, Failure> {
    call.receiver().downcast::<Pairs>().map_or(Ok(Value::Invalid), |pairs| pairs.values(call))
}

/// The method `String` of labels in order.
pub(in crate::render::profile) fn pairs_string(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.receiver().downcast::<Pairs>().map(Pairs::string).unwrap_or_default();
    call.reserve(text.len())?;
    Ok(Value::Text(text))
}

/// The method `Join` of a `Strings`.
pub(in crate::render::profile) fn join(call: &mut Call<'_>) -> Result<Value, Failure> {
    let texts = call.receiver().as_list().map_or(&[][..], |list| list);
    joined(call, texts, call.text(0))
}

/// Texts with a separator between them.
fn joined(call: &mut Call<'_>, texts: &[Value], separator: &[u8]) -> Result<Value, Failure> {
    let bytes = |text: &Value| text.as_text().map_or(0, Text::len);
    let total: usize = texts.iter().map(bytes).fold(0, usize::saturating_add);
    let separators = separator.len().saturating_mul(texts.len().saturating_sub(1));
    call.reserve(total.saturating_add(separators))?;
    let parts: Vec<&[u8]> =
        texts.iter().map(|text| text.as_text().map_or(&[][..], Text::as_bytes)).collect();
    Ok(Value::text(parts.join(separator)))
}
