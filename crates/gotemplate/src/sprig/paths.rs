//! Paths with slashes, as Go's package `path` has them.

use super::strings::part;
use crate::funcs::{Call, Failure, Function};
use crate::value::Value;

pub(super) const TABLE: &[Function] = &[
    Function::new("base(path string) string", base),
    Function::new("dir(path string) string", dir),
    Function::new("clean(path string) string", clean),
    Function::new("ext(path string) string", ext),
    Function::new("isAbs(path string) bool", is_abs),
];

fn base(call: &mut Call<'_>) -> Result<Value, Failure> {
    let path = call.text(0);
    if path.is_empty() {
        return Ok(".".into());
    }
    let mut rest = path;
    while let Some(shorter) = rest.strip_suffix(b"/") {
        rest = shorter;
    }
    match rest.rsplit(|byte| *byte == b'/').next() {
        Some(name) if !name.is_empty() => part(call, name),
        _ => Ok("/".into()),
    }
}

fn dir(call: &mut Call<'_>) -> Result<Value, Failure> {
    let path = call.text(0);
    let end = path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
    let cleaned = cleaned(call, path.get(..end).unwrap_or_default())?;
    Ok(Value::text(cleaned))
}

fn clean(call: &mut Call<'_>) -> Result<Value, Failure> {
    let path = call.text(0);
    Ok(Value::text(cleaned(call, path)?))
}

/// The shortest path that means the same.
fn cleaned(call: &mut Call<'_>, path: &[u8]) -> Result<Vec<u8>, Failure> {
    call.reserve(path.len().saturating_add(1))?;
    let is_rooted = path.starts_with(b"/");
    let mut out = if is_rooted { b"/".to_vec() } else { Vec::new() };
    // Where what is written can't be taken back: the root, or a `..` that leads out.
    let mut kept = out.len();
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." if out.len() > kept => {
                let parent = out.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                out.truncate(parent.max(kept));
            }
            b".." if is_rooted => {}
            name => {
                if out.last().is_some_and(|last| *last != b'/') {
                    out.push(b'/');
                }
                out.extend_from_slice(name);
                if name == b".." {
                    kept = out.len();
                }
            }
        }
    }
    Ok(if out.is_empty() { b".".to_vec() } else { out })
}

fn ext(call: &mut Call<'_>) -> Result<Value, Failure> {
    let path = call.text(0);
    match path.iter().rposition(|byte| matches!(byte, b'.' | b'/')) {
        Some(at) if path.get(at) == Some(&b'.') => part(call, path.get(at..).unwrap_or_default()),
        _ => Ok("".into()),
    }
}

fn is_abs(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(call.text(0).starts_with(b"/").into())
}
