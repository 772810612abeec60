//! Texts as Go reads them: characters, and U+FFFD for each byte that belongs to none.

/// The characters of a text with their lengths in bytes; a byte that belongs to none has length 1.
pub(super) fn runes(text: &[u8]) -> impl Iterator<Item = (char, usize)> {
    text.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().map(|char| (char, char.len_utf8()));
        valid.chain(chunk.invalid().iter().map(|_| (char::REPLACEMENT_CHARACTER, 1)))
    })
}

/// Go's `strings.TrimSpace`.
pub(super) fn trim_space(text: &[u8]) -> &[u8] {
    let (mut start, mut end, mut at) = (None, 0, 0);
    for (char, length) in runes(text) {
        if !char.is_whitespace() {
            start.get_or_insert(at);
            end = at + length;
        }
        at += length;
    }
    start.and_then(|start| text.get(start..end)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_of_no_character_is_one_replacement() {
        let text = b"a\xe4\xb8\xadb\xe4\xb8\xff\xf0\x9f\x98";
        let lengths: Vec<_> = runes(text).collect();
        let bad = (char::REPLACEMENT_CHARACTER, 1);
        let expected = [('a', 1), ('中', 3), ('b', 1), bad, bad, bad, bad, bad, bad];
        assert_eq!(lengths, expected);
    }

    #[test]
    fn spaces_go_from_both_ends() {
        for (text, trimmed) in [
            ("", ""),
            (" \t\n", ""),
            (" a b ", "a b"),
            ("\u{3000}中\u{a0}\u{85}", "中"),
            ("\u{200b}x", "\u{200b}x"),
        ] {
            assert_eq!(trim_space(text.as_bytes()), trimmed.as_bytes(), "{text:?}");
        }
        assert_eq!(trim_space(b" \xff \xfe "), b"\xff \xfe");
    }
}
