//! Slices of any type.

use super::cast::{int64, truncated};
use super::equal::equal;
use super::math::count;
use super::shape::{ITEM, interface, is_nil, items, kind, slice};
use crate::funcs::{Call, Failure, Function};
use crate::value::{List, Type, Value};

pub(super) const TABLE: &[Function] = &[
    Function::new("list(v ...any) []any", list),
    Function::new("tuple(v ...any) []any", list),
    Function::new("append(list any, v any) []any", append),
    Function::new("push(list any, v any) []any", append),
    Function::new("mustAppend(list any, v any) []any", append),
    Function::new("mustPush(list any, v any) []any", append),
    Function::new("prepend(list any, v any) []any", prepend),
    Function::new("mustPrepend(list any, v any) []any", prepend),
    Function::new("first(list any) any", first),
    Function::new("mustFirst(list any) any", first),
    Function::new("last(list any) any", last),
    Function::new("mustLast(list any) any", last),
    Function::new("rest(list any) []any", rest),
    Function::new("mustRest(list any) []any", rest),
    Function::new("initial(list any) []any", initial),
    Function::new("mustInitial(list any) []any", initial),
    Function::new("reverse(v any) []any", reverse),
    Function::new("mustReverse(v any) []any", reverse),
    Function::new("compact(list any) []any", compact),
    Function::new("mustCompact(list any) []any", compact),
    Function::new("uniq(list any) []any", uniq),
    Function::new("mustUniq(list any) []any", uniq),
    Function::new("without(list any, omit ...any) []any", without),
    Function::new("mustWithout(list any, omit ...any) []any", without),
    Function::new("has(needle any, haystack any) bool", has),
    Function::new("mustHas(needle any, haystack any) bool", has),
    Function::new("slice(list any, indices ...any) any", cut),
    Function::new("mustSlice(list any, indices ...any) any", cut),
    Function::new("concat(lists ...any) any", concat),
    Function::new("chunk(size int, list any) [][]any", chunk),
    Function::new("mustChunk(size int, list any) [][]any", chunk),
];

/// A `[]interface {}` of values, announced.
fn made<'v>(
    call: &mut Call<'_>,
    items: impl ExactSizeIterator<Item = &'v Value>,
) -> Result<Value, Failure> {
    call.reserve(items.len().saturating_mul(ITEM))?;
    Ok(Value::list(items.map(interface).collect()))
}

fn list(call: &mut Call<'_>) -> Result<Value, Failure> {
    let items = call.arguments();
    made(call, items.iter())
}

fn append(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (list, item) = (items(call, 0, "Cannot push on type")?, call.value(1));
    let all: Vec<&Value> = list.iter().chain([item]).collect();
    made(call, all.into_iter())
}

fn prepend(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (list, item) = (items(call, 0, "Cannot prepend on type")?, call.value(1));
    let all: Vec<&Value> = [item].into_iter().chain(list).collect();
    made(call, all.into_iter())
}

fn first(call: &mut Call<'_>) -> Result<Value, Failure> {
    let list = items(call, 0, "Cannot find first on type")?;
    Ok(list.first().map_or(Value::NIL, interface))
}

fn last(call: &mut Call<'_>) -> Result<Value, Failure> {
    let list = items(call, 0, "Cannot find last on type")?;
    Ok(list.last().map_or(Value::NIL, interface))
}

fn rest(call: &mut Call<'_>) -> Result<Value, Failure> {
    match items(call, 0, "Cannot find rest on type")?.split_first() {
        Some((_, rest)) => made(call, rest.iter()),
        None => Ok(Value::Nil(Type::LIST)),
    }
}

fn initial(call: &mut Call<'_>) -> Result<Value, Failure> {
    match items(call, 0, "Cannot find initial on type")?.split_last() {
        Some((_, initial)) => made(call, initial.iter()),
        None => Ok(Value::Nil(Type::LIST)),
    }
}

fn reverse(call: &mut Call<'_>) -> Result<Value, Failure> {
    let list = items(call, 0, "Cannot find reverse on type")?;
    made(call, list.iter().rev())
}

fn compact(call: &mut Call<'_>) -> Result<Value, Failure> {
    let list = items(call, 0, "Cannot compact on type")?;
    // What is left out is looked at, too.
    call.spend(u64::try_from(list.len() / 64).unwrap_or(u64::MAX))?;
    let kept: Vec<&Value> = list.iter().filter(|item| item.truth()).collect();
    made(call, kept.into_iter())
}

fn uniq(call: &mut Call<'_>) -> Result<Value, Failure> {
    let list = items(call, 0, "Cannot find uniq on type")?;
    let mut kept: Vec<&Value> = Vec::new();
    for item in list {
        if !is_among(call, kept.iter().copied(), item)? {
            kept.push(item);
        }
    }
    made(call, kept.into_iter())
}

fn without(call: &mut Call<'_>) -> Result<Value, Failure> {
    let list = items(call, 0, "Cannot find without on type")?;
    let omitted = call.rest(1);
    let mut kept: Vec<&Value> = Vec::new();
    for item in list {
        if !is_among(call, omitted.iter(), item)? {
            kept.push(item);
        }
    }
    made(call, kept.into_iter())
}

fn has(call: &mut Call<'_>) -> Result<Value, Failure> {
    if is_nil(call.value(1)) {
        return Ok(false.into());
    }
    let (needle, list) = (call.value(0), items(call, 1, "Cannot find has on type")?);
    Ok(is_among(call, list.iter(), needle)?.into())
}

fn is_among<'v>(
    call: &mut Call<'_>,
    mut items: impl Iterator<Item = &'v Value>,
    wanted: &Value,
) -> Result<bool, Failure> {
    // The first failure ends the search as a find does.
    let found = items.find_map(|item| match equal(call, wanted, item) {
        Ok(false) => None,
        found => Some(found),
    });
    found.unwrap_or(Ok(false))
}

/// A part of the slice, of the slice's own type.
///
/// Go can cut beyond the length, into what a slice was made larger than it had to be; nothing is
/// there in this crate.
fn cut(call: &mut Call<'_>) -> Result<Value, Failure> {
    let list = items(call, 0, "list should be type of slice or array but")?;
    if list.is_empty() {
        return Ok(Value::NIL);
    }
    let start = if call.len() > 1 { int64(call.value(1)) } else { 0 };
    let end =
        if call.len() > 2 { usize::try_from(int64(call.value(2))).ok() } else { Some(list.len()) };
    let part = usize::try_from(start).ok().zip(end).and_then(|(start, end)| list.get(start..end));
    let Some(part) = part else {
        return Err("reflect.Value.Slice: slice index out of bounds".into());
    };
    call.reserve(part.len().saturating_mul(ITEM))?;
    let of = slice(call.value(0)).map_or(Type::LIST, |(of, _)| of);
    Ok(Value::List(List::new(of, part.to_vec()).into()))
}

fn concat(call: &mut Call<'_>) -> Result<Value, Failure> {
    let mut all = Vec::new();
    for at in 0..call.len() {
        let value = call.value(at);
        let wrong = || format!("Cannot concat type {} as list", kind(value));
        let list = match items(call, at, "") {
            Err(_) if !is_nil(value) => return Err(wrong().into()),
            other => other?,
        };
        call.reserve(list.len().saturating_mul(ITEM))?;
        all.extend(list.iter().map(interface));
    }
    Ok(if all.is_empty() { Value::Nil(Type::LIST) } else { Value::list(all) })
}

/// Lists of `size` items; counted in floats as Go does, so that no size at all is an error only
/// where there is an item.
fn chunk(call: &mut Call<'_>) -> Result<Value, Failure> {
    const WRONG: &str = "runtime error: makeslice: len out of range";
    let (size, list) = (call.int(0), items(call, 1, "Cannot chunk type")?);
    let (width, length) = (super::cast::nearest(size), count(list.len()));
    let chunks = truncated(((length - 1.0) / width).floor() + 1.0);
    if chunks < 0 || chunks > 0 && size <= 0 {
        return Err(WRONG.into());
    }
    call.reserve(list.len().saturating_mul(3).saturating_mul(ITEM))?;
    let size = usize::try_from(size).unwrap_or(1).max(1);
    let kept = if chunks == 0 { &[] } else { list };
    let chunks = kept.chunks(size).map(|part| Value::list(part.iter().map(interface).collect()));
    Ok(Value::List(List::new(Type::Slice(&Type::LIST), chunks.collect()).into()))
}
