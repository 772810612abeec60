//! Dicts: maps from names to anything.

use super::equal::check_depth;
use super::shape::{ITEM, NIL_POINTER, interface, is_nil, type_name};
use super::text::text_of;
use crate::funcs::{Call, Failure, Function};
use crate::value::{Base, List, Map, Text, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("dict(v ...any) map[string]any", dict),
    Function::new("get(d map[string]any, key string) any", get),
    Function::new("set(d map[string]any, key string, value any) map[string]any", set),
    Function::new("unset(d map[string]any, key string) map[string]any", unset),
    Function::new("hasKey(d map[string]any, key string) bool", has_key),
    Function::new("pluck(key string, d ...map[string]any) []any", pluck),
    Function::new("keys(dicts ...map[string]any) []string", keys),
    Function::new("values(dict map[string]any) []any", values),
    Function::new("pick(dict map[string]any, keys ...string) map[string]any", pick),
    Function::new("omit(dict map[string]any, keys ...string) map[string]any", omit),
    Function::new("dig(ps ...any) any", dig),
    Function::new("deepCopy(i any) any", deep_copy),
    Function::new("mustDeepCopy(i any) any", must_deep_copy),
];

/// What a map takes for each entry.
pub(super) const ENTRY: usize = 2 * ITEM;

fn dict(call: &mut Call<'_>) -> Result<Value, Failure> {
    let pairs = call.arguments().chunks(2);
    call.reserve(pairs.len().saturating_mul(ENTRY))?;
    let mut entries = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let name = text_of(call, pair.first().unwrap_or(&Value::NIL))?;
        entries.push((name, pair.get(1).map_or_else(|| "".into(), interface)));
    }
    Ok(Value::dict(entries))
}

fn get(call: &mut Call<'_>) -> Result<Value, Failure> {
    let found = call.value(0).as_map().and_then(|map| map.get(call.text(1)));
    Ok(found.unwrap_or_else(|| "".into()))
}

fn set(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (dict, name, value) = (call.value(0), call.text(1), call.value(2));
    let Some(map) = dict.as_map() else {
        return Err("assignment to entry in nil map".into());
    };
    call.reserve(name.len().saturating_add(ENTRY))?;
    put(call, map, name, interface(value))?;
    Ok(dict.clone())
}

/// Gives a name a value, unless the map would then be in itself: it could never be freed.
pub(super) fn put(
    call: &mut Call<'_>,
    map: &Map,
    name: &[u8],
    value: Value,
) -> Result<(), Failure> {
    if holds(call, &value, map)? {
        return Err("a dict can't be put into itself".into());
    }
    // The entries behind the new one are moved.
    call.spend(u64::try_from(map.len() / 4).unwrap_or(u64::MAX))?;
    map.set(name, value);
    Ok(())
}

/// Whether a map is somewhere in a value; without recursion, for a value may be deep.
fn holds(call: &mut Call<'_>, value: &Value, wanted: &Map) -> Result<bool, Failure> {
    let mut left = vec![value.clone()];
    while let Some(value) = left.pop() {
        call.spend(1)?;
        if let Some(map) = value.as_map() {
            if std::ptr::eq(map, wanted) {
                return Ok(true);
            }
            spend_items(call, map.len())?;
            map.each(|_, value| left.extend(is_container(value).then(|| value.clone())));
        } else if let Some(list) = value.as_list() {
            spend_items(call, list.len())?;
            left.extend(list.iter().filter(|value| is_container(value)).cloned());
        } else if let Value::Object(object) = &value
            && let Base::Struct(fields) = object.base()
        {
            spend_items(call, fields.len())?;
            left.extend(fields.iter().filter_map(|name| object.field(name)).filter(is_container));
        }
    }
    Ok(false)
}

fn spend_items(call: &mut Call<'_>, items: usize) -> Result<(), Failure> {
    call.spend(u64::try_from(items).unwrap_or(u64::MAX))
}

fn is_container(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_) | Value::Object(_))
}

fn unset(call: &mut Call<'_>) -> Result<Value, Failure> {
    let dict = call.value(0);
    if let Some(map) = dict.as_map() {
        call.spend(u64::try_from(map.len() / 4).unwrap_or(u64::MAX))?;
        map.unset(call.text(1));
    }
    Ok(dict.clone())
}

fn has_key(call: &mut Call<'_>) -> Result<Value, Failure> {
    let found = call.value(0).as_map().and_then(|map| map.get(call.text(1)));
    Ok(found.is_some().into())
}

fn pluck(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (name, dicts) = (call.text(0), call.rest(1));
    call.reserve(dicts.len().saturating_mul(ITEM))?;
    let found = dicts.iter().filter_map(|dict| dict.as_map()?.get(name));
    Ok(Value::list(found.collect()))
}

/// The names, sorted; Go has them in any order.
fn keys(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut names: Vec<Value> = Vec::new();
    for map in call.arguments().iter().filter_map(Value::as_map) {
        call.reserve(map.len().saturating_mul(ITEM))?;
        map.each(|name, _| names.push(name.clone()));
    }
    Ok(Value::List(List::new(Type::STRINGS, names).into()))
}

/// The values, in the order of their names; Go has them in any order.
fn values(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut values = Vec::new();
    if let Some(map) = call.value(0).as_map() {
        call.reserve(map.len().saturating_mul(ITEM))?;
        map.each(|_, value| values.push(value.clone()));
    }
    Ok(Value::list(values))
}

fn pick(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (dict, names) = (call.value(0), call.rest(1));
    call.reserve(names.len().saturating_mul(ENTRY))?;
    let texts = names.iter().filter_map(Value::as_text);
    let found = texts.filter_map(|name| Some((name.clone(), dict.as_map()?.get(name.as_bytes())?)));
    Ok(Value::dict(found))
}

fn omit(call: &mut Call<'_>) -> Result<Value, Failure> {
    let Some(map) = call.value(0).as_map() else { return Ok(Value::dict::<Text>([])) };
    let mut omitted: Vec<&[u8]> =
        call.rest(1).iter().filter_map(Value::as_text).map(Text::as_bytes).collect();
    omitted.sort_unstable();
    call.reserve(map.len().saturating_mul(ENTRY))?;
    let mut kept = Vec::new();
    map.each(|name, value| {
        let Some(name) = name.as_text() else { return };
        if omitted.binary_search(&name.as_bytes()).is_err() {
            kept.push((name.clone(), value.clone()));
        }
    });
    Ok(Value::dict(kept))
}

/// The value at the end of a path of names, or the default that stands before the dict.
fn dig(call: &mut Call<'_>) -> Result<Value, Failure> {
    let [path @ .., default, dict] = call.arguments() else {
        return Err("dig needs at least three arguments".into());
    };
    if path.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let mut at = asserted(dict, Type::DICT, "map[string]interface {}")?;
    let names: Vec<Value> =
        path.iter().map(|name| asserted(name, Type::String, "string")).collect::<Result<_, _>>()?;
    for (step, name) in names.iter().enumerate() {
        let name = name.as_text().map_or(&b""[..], Text::as_bytes);
        let Some(found) = at.as_map().and_then(|map| map.get(name)) else {
            return Ok(interface(default));
        };
        if step + 1 == names.len() {
            return Ok(interface(&found));
        }
        at = asserted(&found, Type::DICT, "map[string]interface {}")?;
    }
    Err(NIL_POINTER.into())
}

/// Go's type assertion, in the words of its runtime.
fn asserted(value: &Value, of: Type, name: &str) -> Result<Value, Failure> {
    if value.type_of() == Some(of) {
        return Ok(value.clone());
    }
    let is = if is_nil(value) { "nil".to_owned() } else { type_name(value) };
    Err(format!("interface conversion: interface {{}} is {is}, not {name}").into())
}

fn deep_copy(call: &mut Call<'_>) -> Result<Value, Failure> {
    must_deep_copy(call)
}

fn must_deep_copy(call: &mut Call<'_>) -> Result<Value, Failure> {
    let value = call.value(0);
    if is_nil(value) {
        return Err("reflect: call of reflect.Value.Type on zero Value".into());
    }
    copied(call, value, 0)
}

/// The value with maps of its own; all else can't be changed, and is shared.
fn copied(call: &mut Call<'_>, value: &Value, depth: usize) -> Result<Value, Failure> {
    call.spend(1)?;
    match value {
        Value::List(list) => {
            check_depth(call, depth)?;
            call.reserve(list.len().saturating_mul(ITEM))?;
            let items: Result<Vec<Value>, Failure> =
                list.iter().map(|item| copied(call, item, depth + 1)).collect();
            Ok(Value::List(List::new(list.type_of(), items?).into()))
        }
        Value::Map(map) => {
            check_depth(call, depth)?;
            call.reserve(map.len().saturating_mul(ENTRY))?;
            let mut entries = map.entries();
            for (_, value) in &mut entries {
                *value = copied(call, value, depth + 1)?;
            }
            Ok(Value::Map(Map::new(map.type_of(), entries).into()))
        }
        other => Ok(other.clone()),
    }
}
