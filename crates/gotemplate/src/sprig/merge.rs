//! `merge` and its kin: imdario/mergo 0.3.11 on dicts.

use super::dicts::{ENTRY, put};
use super::equal::check_depth;
use super::shape::{is_nil, kind};
use crate::funcs::{Call, Failure, Function};
use crate::value::{Map, Text, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("merge(dst map[string]any, srcs ...map[string]any) any", merge),
    Function::new("mustMerge(dst map[string]any, srcs ...map[string]any) any", must_merge),
    Function::new("mergeOverwrite(dst map[string]any, srcs ...map[string]any) any", overwrite),
    Function::new(
        "mustMergeOverwrite(dst map[string]any, srcs ...map[string]any) any",
        must_overwrite,
    ),
];

/// What Go's reflection says to a value that stands in an interface and is set.
const UNADDRESSABLE: &str = "reflect: reflect.Value.Set using unaddressable value";

/// What mergo says to a pointer that meets something else.
const DIFFERENT: &str = "src and dst must be of same type";

fn merge(call: &mut Call<'_>) -> Result<Value, Failure> {
    or_empty(merged(call, false))
}

fn must_merge(call: &mut Call<'_>) -> Result<Value, Failure> {
    merged(call, false)
}

fn overwrite(call: &mut Call<'_>) -> Result<Value, Failure> {
    or_empty(merged(call, true))
}

fn must_overwrite(call: &mut Call<'_>) -> Result<Value, Failure> {
    merged(call, true)
}

/// mergo's own errors are swallowed by sprig; what panics is an error still.
fn or_empty(merged: Result<Value, Failure>) -> Result<Value, Failure> {
    match merged {
        Err(Failure::Said(words)) if words == DIFFERENT => Ok("".into()),
        other => other,
    }
}

fn merged(call: &mut Call<'_>, overwrite: bool) -> Result<Value, Failure> {
    let (first, sources) = (call.value(0), call.rest(1));
    let into = match first {
        // Only a nil map that something is merged into becomes a map.
        Value::Nil(_) if sources.iter().any(|source| source.as_map().is_some()) => {
            Value::dict::<Text>([])
        }
        other => other.clone(),
    };
    let Some(map) = into.as_map() else { return Ok(into) };
    for source in sources.iter().filter_map(Value::as_map) {
        merge_maps(call, map, source, overwrite, 0)?;
    }
    Ok(into)
}

fn merge_maps(
    call: &mut Call<'_>,
    into: &Map,
    from: &Map,
    overwrite: bool,
    depth: usize,
) -> Result<(), Failure> {
    check_depth(call, depth)?;
    call.reserve(from.len().saturating_mul(ENTRY))?;
    for (key, value) in from.entries() {
        call.spend(1)?;
        let Some(name) = key.as_text().map(Text::as_bytes) else {
            return Err("only maps with names for keys can be merged".into());
        };
        if is_nil(&value) {
            if overwrite {
                put(call, into, name, Value::NIL)?;
            }
            continue;
        }
        let own = into.get(name);
        merge_entry(call, into, name, own.as_ref(), &value, overwrite, depth)?;
    }
    Ok(())
}

/// Merges the entry `name`, which the map has as `own`, with the one that is not nil.
fn merge_entry(
    call: &mut Call<'_>,
    into: &Map,
    name: &[u8],
    own: Option<&Value>,
    value: &Value,
    overwrite: bool,
    depth: usize,
) -> Result<(), Failure> {
    let kind = kind(value);
    if matches!(kind, "struct" | "ptr" | "map")
        && let Some(own) = own
        && let Some(merged) = merge_inner(call, own, value, overwrite, depth)?
    {
        return put(call, into, name, merged);
    }
    // Looked at only now: merging may have filled what was empty.
    let keeps = own.is_some_and(|own| !is_empty(own));
    if matches!(kind, "map" | "slice") && keeps {
        if kind == "slice" && overwrite {
            put(call, into, name, value.clone())?;
        }
        return Ok(());
    }
    if !keeps || overwrite && kind != "ptr" {
        put(call, into, name, value.clone())?;
    }
    Ok(())
}

/// Merges into a value that stands in a map: only a map can change there. What is returned stands
/// for a map that can't.
fn merge_inner(
    call: &mut Call<'_>,
    own: &Value,
    value: &Value,
    overwrite: bool,
    depth: usize,
) -> Result<Option<Value>, Failure> {
    match kind(own) {
        "map" => match (own.as_map(), value.as_map()) {
            (Some(own), Some(value)) if own.type_of() == Type::DICT => {
                merge_maps(call, own, value, overwrite, depth + 1)?;
                Ok(None)
            }
            (Some(own), Some(value)) => merge_fixed(call, own, value, overwrite).map(Some),
            (Some(_), None) if kind(value) != "map" && overwrite => Err(UNADDRESSABLE.into()),
            (None, Some(_)) => Err(UNADDRESSABLE.into()),
            _ => Ok(None),
        },
        "struct" if overwrite && matches!(own, Value::Time(_)) => Err(UNADDRESSABLE.into()),
        "ptr" if kind(value) != "ptr" && !overwrite => Err(DIFFERENT.into()),
        _ => Ok(None),
    }
}

/// A map of one kind of values with the entries of another: a new one, for only dicts change.
fn merge_fixed(
    call: &mut Call<'_>,
    own: &Map,
    from: &Map,
    overwrite: bool,
) -> Result<Value, Failure> {
    let size = own.len().saturating_add(from.len());
    call.reserve(size.saturating_mul(ENTRY))?;
    let mut entries = own.entries();
    for (key, value) in from.entries() {
        let keeps = own.get_key(&key).is_some_and(|own| own.truth());
        if keeps && !overwrite {
            continue;
        }
        check_key(own, &key)?;
        check_type(own, from, &value)?;
        entries.push((key, value));
    }
    // Of a key that comes twice, the later value stays.
    Ok(Value::Map(Map::new(own.type_of(), entries).into()))
}

fn check_key(into: &Map, key: &Value) -> Result<(), Failure> {
    match key.type_of() {
        Some(of) if into.key() != Type::Any && into.key() != of => {
            let (of, key) = (of.to_string(), into.key());
            let words = "reflect.Value.MapIndex: value of type";
            Err(format!("{words} {of} is not assignable to type {key}").into())
        }
        _ => Ok(()),
    }
}

/// Whether the values of one map can stand in another. Go looks at the type of the map's values,
/// not at that of the value.
fn check_type(into: &Map, from: &Map, value: &Value) -> Result<(), Failure> {
    let (element, of) = (into.element(), from.element());
    if element == Type::Any || element == of {
        return Ok(());
    }
    let is = if kind(value) == "slice" { value.type_of().unwrap_or(of) } else { of };
    let words = "reflect.Value.SetMapIndex: value of type";
    Err(format!("{words} {is} is not assignable to type {element}").into())
}

/// mergo's `isEmptyValue`: a struct never is.
fn is_empty(value: &Value) -> bool {
    !value.truth()
}
