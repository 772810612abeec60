//! `SplitString`: a part of a text by its bytes, and Go's words where there is no such part.

use gotemplate::{Call, Failure, Value};

/// `text[start:stop]`; a negative `stop` counts from the end.
pub(super) fn split(call: &mut Call<'_>) -> Result<Value, Failure> {
    let (text, start, stop) = (call.text(0), call.int(1), call.int(2));
    let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
    let stop = if stop < 0 { length.saturating_add(stop) } else { stop };
    let part = slice(text, start, stop)?;
    call.reserve(part.len())?;
    Ok(Value::text(part))
}

/// `text[start:stop]`.
///
/// # Errors
/// What Go's program panics with, in its order: first `stop` is looked at, then `start`.
pub(super) fn slice(text: &[u8], start: i64, stop: i64) -> Result<&[u8], String> {
    let place = |at: i64| usize::try_from(at).ok();
    let whole = match place(stop).map(|stop| text.get(..stop)) {
        Some(Some(whole)) => whole,
        Some(None) => return Err(out_of_range(&format!("[:{stop}] with length {}", text.len()))),
        None => return Err(out_of_range(&format!("[:{stop}]"))),
    };
    match place(start).map(|start| whole.get(start..)) {
        Some(Some(part)) => Ok(part),
        Some(None) => Err(out_of_range(&format!("[{start}:{stop}]"))),
        None => Err(out_of_range(&format!("[{start}:]"))),
    }
}

fn out_of_range(bounds: &str) -> String {
    format!("runtime error: slice bounds out of range {bounds}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_cut_by_its_bytes() {
        assert_eq!(slice(b"abcdef", 0, 6), Ok(&b"abcdef"[..]));
        assert_eq!(slice(b"abcdef", 2, 4), Ok(&b"cd"[..]));
        assert_eq!(slice(b"abcdef", 6, 6), Ok(&b""[..]));
        assert_eq!(slice("磁盘".as_bytes(), 1, 3), Ok(&b"\xa3\x81"[..]));
    }

    #[test]
    fn what_is_out_of_range_fails_in_the_words_of_go() {
        for (start, stop, bounds) in [
            (0, 7, "[:7] with length 6"),
            (9, 7, "[:7] with length 6"),
            (0, -1, "[:-1]"),
            (-1, -1, "[:-1]"),
            (-1, 3, "[-1:]"),
            (5, 3, "[5:3]"),
            (i64::MIN, i64::MAX, "[:9223372036854775807] with length 6"),
        ] {
            let words = format!("runtime error: slice bounds out of range {bounds}");
            assert_eq!(slice(b"abcdef", start, stop), Err(words));
        }
    }
}
