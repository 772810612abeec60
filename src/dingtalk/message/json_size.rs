//! The size of a text in JSON, which is what DingTalk limits.

/// The bytes of `text` in JSON, without the quotes around it; as `serde_json` writes it.
///
/// Counted without branches, so that the processor counts many bytes at once.
#[must_use]
pub fn json_size(text: &str) -> usize {
    // A quote, a backslash and a control character take a byte more: `\n`.
    let escaped = count(text, |byte| matches!(byte, b'"' | b'\\' | 0..b' '));
    if escaped == 0 {
        return text.len();
    }
    // A control character without a letter takes four more than that: `\u0001`.
    let without_letter = |byte| matches!(byte, 0..=0x07 | 0x0b | 0x0e..=0x1f);
    text.len() + escaped + 4 * count(text, without_letter)
}

fn count(text: &str, is_counted: impl Fn(u8) -> bool) -> usize {
    // Of so few bytes, the number fits into a byte.
    let chunks = text.as_bytes().chunks(255);
    let few = |chunk: &[u8]| chunk.iter().map(|byte| u8::from(is_counted(*byte))).sum::<u8>();
    chunks.map(|chunk| usize::from(few(chunk))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_that_of_the_bytes_in_json() {
        let all: String = (0..0x250).filter_map(char::from_u32).collect();
        let long = "\"磁盘 <满>\"\n".repeat(90);
        for text in ["", "disk", "磁盘 \"满\"\n\\ \t\u{1}\u{8}🔴\u{7f}\u{2028}", &all, &long] {
            let json = serde_json::Value::from(text).to_string();
            assert_eq!(json_size(text), json.len() - 2, "{text:?}");
        }
    }
}
