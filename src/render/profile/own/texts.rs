//! Functions that clean, escape and join texts.

use gotemplate::{Call, Failure, Value};

use super::read::{self, str_argument};
use crate::dingtalk::message::Markup;
use crate::render::markdown;
use crate::render::{link as address, plain};

/// The most bytes that escaping makes of one: an ampersand becomes `&amp;`.
const WIDEST: usize = 5;

pub(super) fn plain_line(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = str_argument(call, 0)?;
    call.reserve(text.len().saturating_mul(2))?;
    Ok(plain::unlinked(&plain::line(&text, usize::MAX).text).into_owned().into())
}

pub(super) fn plain_lines(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = str_argument(call, 0)?;
    call.reserve(text.len().saturating_mul(2))?;
    let (lines, _) = plain::lines(&text, usize::MAX);
    let lines: Vec<_> = lines.iter().map(|line| plain::unlinked(line)).collect();
    Ok(lines.join("\n").into())
}

pub(super) fn markdown_inline(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = str_argument(call, 0)?;
    call.reserve(text.len().saturating_mul(WIDEST))?;
    Ok(markdown::escape(&plain::line(&text, usize::MAX).text).into())
}

pub(super) fn markdown_lines(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = str_argument(call, 0)?;
    call.reserve(text.len().saturating_mul(WIDEST))?;
    let (lines, _) = plain::lines(&text, usize::MAX);
    let escaped: Vec<String> = lines.iter().map(|line| markdown::escape_line(line)).collect();
    Ok(escaped.join(Markup::Markdown.line_end()).into())
}

pub(super) fn bold(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = str_argument(call, 0)?;
    call.reserve(text.len())?;
    Ok(markdown::strong(&text).into())
}

pub(super) fn web_address(call: &mut Call<'_>) -> Result<Value, Failure> {
    let url = str_argument(call, 0)?;
    call.reserve(url.len().saturating_mul(3))?;
    Ok(address::target(&url).unwrap_or_default().into())
}

pub(super) fn link(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (words, url) = (str_argument(call, 0)?, str_argument(call, 1)?);
    call.reserve(words.len().saturating_add(url.len()).saturating_mul(WIDEST))?;
    let words = markdown::escape(&plain::line(&words, usize::MAX).text);
    let link = address::target(&url).map(|url| markdown::link(&words, &url));
    Ok(link.unwrap_or_default().into())
}

pub(super) fn prefixed(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (words, text) = (str_argument(call, 0)?, str_argument(call, 1)?);
    Ok(if text.is_empty() { text } else { words + &text }.into())
}

pub(super) fn captioned(call: &mut Call<'_>) -> Result<Value, Failure> {
    let line_end = call.str(0).to_string();
    let (words, text) = (str_argument(call, 1)?, str_argument(call, 2)?);
    let is_one = !text.contains('\n');
    Ok(match (text.is_empty(), is_one) {
        (true, _) => text,
        (false, true) => words + &text,
        (false, false) => [words.trim_end(), &line_end, &text].concat(),
    }
    .into())
}

pub(super) fn truncate(call: &mut Call<'_>) -> Result<Value, Failure> {
    let length = usize::try_from(call.int(0)).unwrap_or(0);
    let text = str_argument(call, 1)?;
    Ok(plain::cut(&text, length).into_owned().into())
}

pub(super) fn joined(call: &mut Call<'_>) -> Result<Value, Failure> {
    let separator = call.str(0);
    let parts = flat(call, 1)?;
    let mut bytes = 0_usize;
    for part in &parts {
        bytes = bytes.saturating_add(part.len()).saturating_add(separator.len());
    }
    call.reserve(bytes)?;
    Ok(parts.join(&*separator).into())
}

pub(super) fn mention(call: &mut Call<'_>) -> Result<Value, Failure> {
    let names: Vec<String> = flat(call, 0)?
        .iter()
        .map(|name| plain::line(name, usize::MAX).text)
        .filter(|name| !name.is_empty())
        .map(|name| format!("@{}", plain::unlinked(&name)))
        .collect();
    Ok(names.join(" ").into())
}

pub(super) fn dict(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (pairs, odd) = call.arguments().as_chunks::<2>();
    if !odd.is_empty() {
        return Err("dict: a name has no value".into());
    }
    call.reserve(pairs.len().saturating_mul(2 * size_of::<Value>()))?;
    let pair = |[name, value]: &[Value; 2]| Ok((read::text(name)?, value.clone()));
    let pairs = pairs.iter().map(pair).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Value::dict(pairs))
}

/// The arguments from `first` on, those of lists too, without the empty ones.
fn flat(call: &mut Call<'_>, first: usize) -> Result<Vec<String>, Failure> {
    let mut flat = Vec::new();
    for part in call.rest(first) {
        let parts = part.as_list().map_or(std::slice::from_ref(part), |list| list);
        call.spend(u64::try_from(parts.len()).unwrap_or(u64::MAX))?;
        for part in parts {
            let text = read::text(part)?;
            call.reserve(text.len())?;
            flat.push(text.to_str().into_owned());
        }
    }
    flat.retain(|part| !part.is_empty());
    Ok(flat)
}
