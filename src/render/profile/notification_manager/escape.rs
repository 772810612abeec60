//! `escape`: a text as it stands between the quotes of a JSON string.
//!
//! As json-iterator writes it: `<`, `>`, `&`, line separators and control characters by number, but
//! for the three that have a short form.

/// The bytes of the escaped text.
pub(super) fn size(text: &[u8]) -> usize {
    let mut size = 0_usize;
    pieces(text, |piece| size = size.saturating_add(piece.len()));
    size
}

/// The escaped text; a byte that is not UTF-8 becomes `\ufffd`.
pub(super) fn escape(text: &[u8]) -> String {
    let mut out = String::with_capacity(size(text));
    pieces(text, |piece| out.push_str(piece));
    out
}

fn pieces(text: &[u8], mut each: impl FnMut(&str)) {
    for chunk in text.utf8_chunks() {
        for rune in chunk.valid().chars() {
            match rune {
                '"' => each("\\\""),
                '\\' => each("\\\\"),
                '\n' => each("\\n"),
                '\r' => each("\\r"),
                '\t' => each("\\t"),
                '\0'..' ' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                    each(&format!("\\u{:04x}", u32::from(rune)));
                }
                _ => each(rune.encode_utf8(&mut [0; 4])),
            }
        }
        chunk.invalid().iter().for_each(|_| each("\\ufffd"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_escaped_as_json_iterator_escapes_it() {
        let text = b"a<>&\"\xe2\x80\xa8\x08\x0c\x7f\x01\xc3\xa9\xff'\\\n\r\t";
        let escaped = concat!(
            r#"a\u003c\u003e\u0026\"\u2028\u0008\u000c"#,
            "\u{7f}",
            r"\u0001é\ufffd'\\\n\r\t",
        );
        assert_eq!(escape(text), escaped);
        assert_eq!(size(text), escaped.len());
    }
}
