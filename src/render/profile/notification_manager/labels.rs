//! Labels and annotations: `template.KV`, `template.Pairs` and `template.Pair`.

use std::any::Any;

use gotemplate::{Base, Call, Failure, Function, List, Map, Named, Object, Text, Type, Value};

/// Labels that the product never shows.
const HIDDEN: &str = "rule_id";

/// Labels that `DefaultFilter` takes out beside [`HIDDEN`].
const FILTERED: [&str; 4] = ["runbook_url", "message", "summary", "summary_cn"];

static KV: Named = Named {
    name: "template.KV",
    underlying: Type::STRING_MAP,
    zero: || Value::Nil(Type::Named(&KV)),
};
static PAIRS: Named = Named {
    name: "template.Pairs",
    underlying: PAIR_SLICE,
    zero: || Value::Nil(Type::Named(&PAIRS)),
};
static PAIR: Named = Named {
    name: "template.Pair",
    underlying: Type::Any,
    zero: || Value::object(Pair { name: Text::default(), value: Text::default() }),
};
const PAIR_SLICE: Type = Type::Slice(&Type::Named(&PAIR));

const KV_METHODS: &[Function] = &[
    Function::new("Clone() template.KV", itself),
    Function::new("Names() []string", names),
    Function::new("Remove(keys []string) template.KV", remove),
    Function::new("SortedPairs() template.Pairs", sorted_pairs),
    Function::new("Values() []string", values),
];
const PAIRS_METHODS: &[Function] = &[
    Function::new("DefaultFilter() template.Pairs", default_filter),
    Function::new("Filter(keys ...string) template.Pairs", filter),
    Function::new("Names() []string", names),
    Function::new("Values() []string", values),
];

/// A `template.KV`.
#[derive(Debug)]
pub(super) struct Kv(Map);

#[derive(Debug)]
struct Pairs(List);

#[derive(Debug, Clone)]
struct Pair {
    name: Text,
    value: Text,
}

/// A `template.KV` of `pairs`.
pub(super) fn of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let entries = pairs.map(|(name, value)| (name, Value::text(value)));
    Value::object(Kv(Map::of_names(Type::STRING_MAP, entries)))
}

/// The pairs that all of `sets` share and that have a value.
///
/// Looks for those of the first set only, and finds an absent one equal to an empty one.
pub(super) fn common<'a>(mut sets: impl Iterator<Item = &'a Value>) -> Value {
    let mut shared = sets.next().map(entries).unwrap_or_default();
    for set in sets {
        shared.retain(|(name, value)| get(set, name.as_bytes()).unwrap_or_default() == *value);
    }
    let shared = shared.into_iter().filter(|(_, value)| !value.is_empty());
    let shared = shared.map(|(name, value)| (name, Value::Text(value)));
    Value::object(Kv(Map::of_names(Type::STRING_MAP, shared)))
}

/// The value of a name, if it is there.
pub(super) fn get(set: &Value, name: &[u8]) -> Option<Text> {
    set.as_map()?.get(name)?.as_text().cloned()
}

fn entries(set: &Value) -> Vec<(Text, Text)> {
    let mut entries = Vec::new();
    if let Some(map) = set.as_map() {
        map.each(|name, value| {
            if let (Some(name), Some(value)) = (name.as_text(), value.as_text()) {
                entries.push((name.clone(), value.clone()));
            }
        });
    }
    entries
}

impl Object for Kv {
    fn named(&self) -> &'static Named {
        &KV
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Map(&self.0)
    }

    fn methods(&self) -> &'static [Function] {
        KV_METHODS
    }
}

impl Object for Pairs {
    fn named(&self) -> &'static Named {
        &PAIRS
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::List(&self.0)
    }

    fn methods(&self) -> &'static [Function] {
        PAIRS_METHODS
    }
}

impl Object for Pair {
    fn named(&self) -> &'static Named {
        &PAIR
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Struct(&["Name", "Value"])
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Name" => Some(Value::Text(self.name.clone())),
            "Value" => Some(Value::Text(self.value.clone())),
            _ => None,
        }
    }
}

/// A copy that nothing can tell from its original, for nothing changes either.
pub(super) fn itself(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(call.receiver().clone())
}

fn sorted_pairs(call: &mut Call<'_>) -> Result<Value, Failure> {
    pairs(call).and_then(|pairs| list(call, pairs))
}

fn names(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::strings(pairs(call)?.into_iter().map(|pair| pair.name)))
}

fn values(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::strings(pairs(call)?.into_iter().map(|pair| pair.value)))
}

fn remove(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (all, keys) = (entries(call.receiver()), call.list(0));
    spend(call, all.len().saturating_mul(keys.len().saturating_add(1)))?;
    call.reserve(all.len().saturating_mul(size_of::<Pair>()))?;
    let is_key = |name: &Text| keys.iter().any(|key| key.as_text() == Some(name));
    let kept = all.into_iter().filter(|(name, _)| !is_key(name));
    let kept = kept.map(|(name, value)| (name, Value::Text(value)));
    Ok(Value::object(Kv(Map::of_names(Type::STRING_MAP, kept))))
}

fn default_filter(call: &mut Call<'_>) -> Result<Value, Failure> {
    let is_hidden = |name: &[u8]| {
        name == HIDDEN.as_bytes() || FILTERED.iter().any(|hidden| name == hidden.as_bytes())
    };
    let kept = pairs(call)?.into_iter().filter(|pair| !is_hidden(pair.name.as_bytes())).collect();
    list(call, kept)
}

/// The product moves the pairs of the receiver as well; here it stays as it is.
fn filter(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (all, keys) = (pairs(call)?, call.rest(0));
    spend(call, all.len().saturating_mul(keys.len()))?;
    let is_key = |name: &Text| keys.iter().any(|key| key.as_text() == Some(name));
    let kept = all.into_iter().filter(|pair| !is_key(&pair.name)).collect();
    list(call, kept)
}

/// The pairs that a method was called on: of a map, the name of the alert first and then by name.
fn pairs(call: &mut Call<'_>) -> Result<Vec<Pair>, Failure> {
    let receiver = call.receiver();
    let count = receiver.as_list().map(|pairs| pairs.len());
    let count = count.or_else(|| receiver.as_map().map(Map::len)).unwrap_or_default();
    spend(call, count)?;
    call.reserve(count.saturating_mul(size_of::<Pair>()))?;
    if let Some(pairs) = receiver.as_list() {
        return Ok(pairs.iter().filter_map(|pair| pair.downcast::<Pair>().cloned()).collect());
    }
    let shown =
        entries(receiver).into_iter().filter(|(name, _)| name.as_bytes() != HIDDEN.as_bytes());
    let mut pairs: Vec<Pair> = shown.map(|(name, value)| Pair { name, value }).collect();
    pairs.sort_by_key(|pair| pair.name.as_bytes() != b"alertname");
    Ok(pairs)
}

fn list(call: &mut Call<'_>, pairs: Vec<Pair>) -> Result<Value, Failure> {
    call.reserve(pairs.len().saturating_mul(size_of::<Pair>() + size_of::<Value>()))?;
    let items = pairs.into_iter().map(Value::object).collect();
    Ok(Value::object(Pairs(List::new(PAIR_SLICE, items))))
}

fn spend(call: &mut Call<'_>, items: usize) -> Result<(), Failure> {
    call.spend(u64::try_from(items).unwrap_or(u64::MAX))
}
