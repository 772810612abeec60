//! The size of a text in JSON, which is what DingTalk limits.

/// The bytes of `text` in JSON, without the quotes around it; as `serde_json` writes it.
///
/// Counted without branches and in pieces of one length, so that the processor counts many bytes at
/// once.
#[must_use]
pub fn json_size(text: &str) -> usize {
    let (pieces, rest) = text.as_bytes().as_chunks::<PIECE>();
    let in_pieces =
        pieces.iter().map(|piece| usize::from(piece.iter().copied().map(more).sum::<u8>()));
    let in_rest = rest.iter().copied().map(more).map(usize::from);
    text.len() + in_pieces.chain(in_rest).sum::<usize>()
}

/// Of so many bytes, the sum of what they take [`more`] fits into a byte.
const PIECE: usize = 48;

/// How many bytes more than itself a byte takes.
fn more(byte: u8) -> u8 {
    // A quote, a backslash and a control character take one more: `\n`.
    let escaped = u8::from(byte == b'"') | u8::from(byte == b'\\') | u8::from(byte < b' ');
    // A control character without a letter takes four more than that: `\u0001`.
    let without_letter = matches!(byte, 0..=0x07 | 0x0b | 0x0e..=0x1f);
    escaped + 4 * u8::from(without_letter)
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
