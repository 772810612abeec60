//! Texts of values, and texts that are announced while they grow.

use super::cuts::Cuts;
use super::shape::{ITEM, interface, is_nil, slice};
use crate::fmt;
use crate::funcs::{Call, Failure};
use crate::value::{Text, Type, Value};

/// sprig's `strval`: a text or bytes as they are, everything else as `%v` prints it.
pub(super) fn text_of(call: &mut Call<'_>, value: &Value) -> Result<Text, Failure> {
    match value {
        Value::Text(text) => Ok(text.clone()),
        Value::List(list) if list.type_of() == Type::BYTES => {
            call.reserve(list.len())?;
            Ok(bytes_of(list).into())
        }
        Value::Nil(of) if *of == Type::BYTES => Ok(Text::default()),
        other => Ok(fmt::sprintf(b"%v", &[interface(other)], call.context)?.into()),
    }
}

/// The bytes that a `[]uint8` holds.
pub(crate) fn bytes_of(items: &[Value]) -> Vec<u8> {
    let byte = |item: &Value| match item {
        Value::Uint(_, byte) => u8::try_from(*byte).unwrap_or_default(),
        _ => 0,
    };
    items.iter().map(byte).collect()
}

/// sprig's `strslice`: the texts of a slice without its nils, or of a single value.
pub(super) fn texts_of(call: &mut Call<'_>, value: &Value) -> Result<Vec<Text>, Failure> {
    let Some((_, items)) = slice(value) else {
        return if is_nil(value) { Ok(Vec::new()) } else { Ok(vec![text_of(call, value)?]) };
    };
    call.reserve(items.len().saturating_mul(ITEM))?;
    items.iter().filter(|item| !is_nil(item)).map(|item| text_of(call, item)).collect()
}

/// A text that grows piece by piece, each announced before it is copied.
#[derive(Default)]
pub(super) struct Growing {
    bytes: Vec<u8>,
    announced: usize,
}

impl Growing {
    pub(super) fn push(&mut self, call: &mut Call<'_>, piece: &[u8]) -> Result<(), Failure> {
        let needed = self.bytes.len().saturating_add(piece.len());
        if needed > self.announced {
            // Announced in steps, and doubling, as the vector grows.
            let most = call.limits().value;
            let next =
                if needed > most { needed } else { needed.saturating_mul(2).min(most).max(64) };
            call.reserve(if needed > most { needed } else { next - self.announced })?;
            self.announced = next;
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    pub(super) fn into_value(self) -> Value {
        Value::text(self.bytes)
    }
}

/// The pieces with `separator` between them.
pub(super) fn joined<T: AsRef<[u8]>>(
    call: &mut Call<'_>,
    pieces: &[T],
    separator: &[u8],
) -> Result<Value, Failure> {
    let texts = pieces.iter().map(|piece| piece.as_ref().len());
    let between = separator.len().saturating_mul(pieces.len().saturating_sub(1));
    let size = texts.fold(between, usize::saturating_add);
    call.spend(u64::try_from(pieces.len()).unwrap_or(u64::MAX))?;
    call.reserve(size)?;
    let mut out = Vec::with_capacity(size);
    for (at, piece) in pieces.iter().enumerate() {
        if at > 0 {
            out.extend_from_slice(separator);
        }
        out.extend_from_slice(piece.as_ref());
    }
    Ok(Value::text(out))
}

/// Go's `strings.ReplaceAll`.
pub(super) fn replaced(
    call: &mut Call<'_>,
    text: &[u8],
    old: &[u8],
    new: &[u8],
) -> Result<Vec<u8>, Failure> {
    call.reserve(text.len())?;
    let cuts = Cuts::new(text, old);
    let ends = if old.is_empty() { 2 } else { 0 };
    let count = cuts.each().count().saturating_add(ends);
    let kept = text.len().saturating_sub(old.len().saturating_mul(count));
    let size = kept.saturating_add(count.saturating_mul(new.len()));
    call.spend(u64::try_from(count).unwrap_or(u64::MAX))?;
    call.reserve(size)?;
    Ok(cuts.replaced(new, size))
}

/// Go's `strings.SplitN`: any number of pieces for a negative `most`.
pub(super) fn split<'t>(
    call: &mut Call<'_>,
    text: &'t [u8],
    separator: &'t [u8],
    most: i64,
) -> Result<Vec<&'t [u8]>, Failure> {
    if most == 0 {
        return Ok(Vec::new());
    }
    call.reserve(text.len())?;
    let most = if most < 0 { usize::MAX } else { usize::try_from(most).unwrap_or(usize::MAX) };
    let cuts = Cuts::new(text, separator);
    // Each piece becomes a text of its own, behind two counters.
    let piece = 2 * ITEM;
    call.reserve(cuts.count(most).saturating_mul(piece).saturating_add(text.len()))?;
    Ok(cuts.pieces(most))
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}
