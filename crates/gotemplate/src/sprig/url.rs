//! `urlParse` and `urlJoin`: addresses as dicts of their parts.

mod escape;
mod parse;

use super::shape::{NIL_POINTER, is_nil, kind};
use crate::funcs::{Call, Failure, Function};
use crate::value::{Map, Text, Value};
use parse::{Url, User};

pub(super) const TABLE: &[Function] = &[
    Function::new("urlParse(v string) map[string]any", url_parse),
    Function::new("urlJoin(d map[string]any) string", url_join),
];

fn url_parse(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    // Eight names, and parts that together are hardly longer than the text.
    call.reserve(text.len().saturating_mul(4).saturating_add(1024))?;
    let url = Url::parse(text).map_err(|wrong| format!("unable to parse url: {wrong}"))?;
    let user = url.user.as_ref().map(User::to_bytes).unwrap_or_default();
    let hostname = url.hostname().to_vec();
    Ok(Value::dict(
        [
            ("scheme", url.scheme),
            ("host", url.host),
            ("hostname", hostname),
            ("path", url.path),
            ("query", url.query),
            ("opaque", url.opaque),
            ("fragment", url.fragment),
            ("userinfo", user),
        ]
        .map(|(name, part)| (name, Value::text(part))),
    ))
}

fn url_join(call: &mut Call<'_>) -> Result<Value, Failure> {
    let empty = Map::of_names::<Text>(crate::value::Type::DICT, []);
    let parts = call.value(0).as_map().unwrap_or(&empty);
    let mut url = Url {
        scheme: part(call, parts, "scheme")?,
        host: part(call, parts, "host")?,
        path: part(call, parts, "path")?,
        query: part(call, parts, "query")?,
        opaque: part(call, parts, "opaque")?,
        fragment: part(call, parts, "fragment")?,
        ..Url::default()
    };
    let user = part(call, parts, "userinfo")?;
    if !user.is_empty() {
        let address = [b"proto://", &*user, b"@host"].concat();
        let parsed = Url::parse(&address)
            .map_err(|wrong| format!("unable to parse userinfo in dict: {wrong}"))?;
        url.user = parsed.user;
    }
    Ok(Value::text(url.to_bytes()))
}

/// A part that must be a text; one that is not there is empty.
fn part(call: &mut Call<'_>, parts: &Map, name: &str) -> Result<Vec<u8>, Failure> {
    let Some(value) = parts.get(name.as_bytes()) else { return Ok(Vec::new()) };
    if is_nil(&value) {
        return Err(NIL_POINTER.into());
    }
    let Some(text) = value.as_text() else {
        let is = kind(&value);
        return Err(
            format!("unable to parse {name} key, must be of type string, but {is} found").into()
        );
    };
    // Escaped, each byte can become three.
    call.reserve(text.len().saturating_mul(4))?;
    Ok(text.as_bytes().to_vec())
}
