//! A map of labels: `KV`.

use std::any::Any;
use std::collections::HashSet;
use std::sync::OnceLock;

use gotemplate::{Base, Call, Failure, Function, Map, Named, Object, Text, Type, Value};

use super::{Generation, Pairs};

/// The label that comes first.
const ALERT_NAME: &[u8] = b"alertname";

/// A map of labels.
#[derive(Debug)]
pub(in crate::render::profile) struct Kv {
    of: &'static Generation,
    map: Map,
    sorted: OnceLock<Value>,
}

impl Kv {
    /// A map of these labels.
    pub(in crate::render::profile) fn new<N: Into<Text>>(
        of: &'static Generation,
        labels: impl IntoIterator<Item = (N, Value)>,
    ) -> Self {
        let map = Map::of_names(Type::Named(of.kv), labels);
        Self { of, map, sorted: OnceLock::new() }
    }

    /// The labels sorted by name, but the alert's name first.
    fn sorted(&self) -> &Value {
        self.sorted.get_or_init(|| {
            let mut labels = Vec::with_capacity(self.map.len());
            let mut first = None;
            self.map.each(|name, value| {
                let Some(name) = name.as_text() else { return };
                if name.as_bytes() == ALERT_NAME {
                    first = Some((name.clone(), value.clone()));
                } else {
                    labels.push((name.clone(), value.clone()));
                }
            });
            if let Some(first) = first {
                labels.insert(0, first);
            }
            Value::object(Pairs::new(self.of, labels))
        })
    }

    fn without(&self, names: &[Value]) -> Self {
        let names: HashSet<&[u8]> =
            names.iter().filter_map(Value::as_text).map(Text::as_bytes).collect();
        let mut labels = Vec::new();
        self.map.each(|name, value| {
            if let Some(name) = name.as_text().filter(|name| !names.contains(name.as_bytes())) {
                labels.push((name.clone(), value.clone()));
            }
        });
        Self::new(self.of, labels)
    }
}

impl Object for Kv {
    fn named(&self) -> &'static Named {
        self.of.kv
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Map(&self.map)
    }

    fn methods(&self) -> &'static [Function] {
        self.of.kv_methods
    }

    fn to_text(&self) -> Option<Text> {
        self.sorted().downcast::<Pairs>().and_then(Pairs::to_text)
    }
}

/// The sorted labels of the receiver, announced if they are not there yet.
fn sorted_of<'a>(call: &mut Call<'a>) -> Result<Option<&'a Value>, Failure> {
    let Some(kv) = call.receiver().downcast::<Kv>() else { return Ok(None) };
    if kv.sorted.get().is_none() {
        call.reserve(kv.map.len().saturating_mul(Pairs::SIZE))?;
    }
    Ok(Some(kv.sorted()))
}

/// What a method of the sorted labels gives for the receiver.
fn of_sorted(call: &mut Call<'_>, field: PairsField) -> Result<Value, Failure> {
    match sorted_of(call)?.and_then(Value::downcast::<Pairs>) {
        Some(pairs) => field(pairs, call),
        None => Ok(Value::Invalid),
    }
}

/// A method of sorted labels.
type PairsField = fn(&Pairs, &mut Call<'_>) -> Result<Value, Failure>;

/// The method `SortedPairs`.
pub(in crate::render::profile) fn sorted_pairs(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(sorted_of(call)?.cloned().unwrap_or_default())
}

/// The method `Remove`.
pub(in crate::render::profile) fn remove(call: &mut Call<'_>) -> Result<Value, Failure> {
    let names = call.list(0);
    let Some(kv) = call.receiver().downcast::<Kv>() else { return Ok(Value::Invalid) };
    let entries = kv.map.len().saturating_add(names.len());
    call.reserve(entries.saturating_mul(size_of::<(Value, Value)>()))?;
    Ok(Value::object(kv.without(names)))
}

/// The method `Names`.
pub(in crate::render::profile) fn names(call: &mut Call<'_>) -> Result<Value, Failure> {
    of_sorted(call, Pairs::names)
}

/// The method `Values`.
pub(in crate::render::profile) fn values(call: &mut Call<'_>) -> Result<Value, Failure> {
    of_sorted(call, Pairs::values)
}

/// The method `String`.
pub(in crate::render::profile) fn string(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.receiver().downcast::<Kv>().and_then(Kv::to_text).unwrap_or_default();
    call.reserve(text.len())?;
    Ok(Value::Text(text))
}
