//! Upper, lower and title case as Go 1.26 maps them: one rune to one rune, by Unicode 15.
//!
//! Rust maps by a newer Unicode and by its full mappings, in which `ß` becomes `SS`; each place where
//! that differs is written down here.

/// All runes of a text through `map`; a byte that is not UTF-8 becomes U+FFFD, as everywhere in Go.
pub(super) fn map(text: &[u8], mut map: impl FnMut(char) -> char) -> Vec<u8> {
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        out.extend(chunk.valid().chars().map(&mut map));
        out.extend(chunk.invalid().iter().map(|_| map(char::REPLACEMENT_CHARACTER)));
    }
    out.into_bytes()
}

/// The first letter of each word in title case, as Go's `strings.Title`.
pub(super) fn title(text: &[u8]) -> Vec<u8> {
    let mut before = ' ';
    map(text, |rune| {
        let starts = separates(before);
        before = rune;
        if starts { to_title(rune) } else { rune }
    })
}

/// Whether a word ends at `rune`: in ASCII at all but letters, digits and `_`, elsewhere at spaces.
fn separates(rune: char) -> bool {
    if rune.is_ascii() {
        return !rune.is_ascii_alphanumeric() && rune != '_';
    }
    rune.is_whitespace()
}

/// Go's `unicode.ToUpper`.
pub(super) fn to_upper(rune: char) -> char {
    match rune {
        // Their full mapping writes the iota apart; the simple one is their title case.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
            shifted(rune, 8)
        }
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(rune, 9),
        _ => known(rune, single(rune.to_uppercase())),
    }
}

/// Go's `unicode.ToLower`.
pub(super) fn to_lower(rune: char) -> char {
    match rune {
        'İ' => 'i',
        _ => known(rune, single(rune.to_lowercase())),
    }
}

/// Go's `unicode.ToTitle`.
fn to_title(rune: char) -> char {
    match rune {
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        // Georgian has capitals, but no sentence begins with one.
        'ა'..='ჺ' | 'ჽ'..='ჿ' => rune,
        _ => to_upper(rune),
    }
}

/// The rune of a mapping to one rune.
fn single(mut runes: impl Iterator<Item = char>) -> Option<char> {
    let first = runes.next()?;
    runes.next().is_none().then_some(first)
}

/// The rune that `rune` is mapped to, if Unicode 15 has both.
fn known(rune: char, mapped: Option<char>) -> char {
    mapped.filter(|mapped| !is_newer(rune) && !is_newer(*mapped)).unwrap_or(rune)
}

/// Whether Unicode 16 or 17 brought the letter.
fn is_newer(rune: char) -> bool {
    matches!(
        rune,
        '\u{1c89}' | '\u{1c8a}'
            | '\u{a7cb}'..='\u{a7cf}'
            | '\u{a7d2}'
            | '\u{a7d4}'
            | '\u{a7da}'..='\u{a7dc}'
            | '\u{10d50}'..='\u{10d65}'
            | '\u{10d70}'..='\u{10d85}'
            | '\u{16ea0}'..='\u{16eb8}'
            | '\u{16ebb}'..='\u{16ed3}'
    )
}

fn shifted(rune: char, by: u32) -> char {
    char::from_u32(u32::from(rune).saturating_add(by)).unwrap_or(rune)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a over each scalar value that `map` changes, with what it becomes.
    fn fingerprint(map: fn(char) -> char) -> (usize, u64) {
        let changed = ('\0'..=char::MAX).map(|rune| (rune, map(rune))).filter(|(a, b)| a != b);
        changed.fold((0, 0xcbf2_9ce4_8422_2325), |(count, hash), (rune, mapped)| {
            let step = |hash: u64, rune| {
                (hash ^ u64::from(u32::from(rune))).wrapping_mul(0x0100_0000_01b3)
            };
            (count + 1, step(step(hash, rune), mapped))
        })
    }

    #[test]
    fn every_rune_is_mapped_as_go_maps_it() {
        assert_eq!(fingerprint(to_upper), (1450, 0xdf0a_0ef9_7914_24ba));
        assert_eq!(fingerprint(to_lower), (1433, 0xab53_73d0_02a2_9227));
        assert_eq!(fingerprint(to_title), (1404, 0x5e6b_2ad6_9cc4_51cc));
    }

    #[test]
    fn texts_are_mapped_as_go_maps_them() {
        for (text, upper, lower, titled) in [
            (&b"hello wORLD"[..], "HELLO WORLD", "hello world", "Hello WORLD"),
            (b"it's a_b-c.d/e 9x", "IT'S A_B-C.D/E 9X", "it's a_b-c.d/e 9x", "It'S A_b-C.D/E 9x"),
            ("磁盘 满 disk".as_bytes(), "磁盘 满 DISK", "磁盘 满 disk", "磁盘 满 Disk"),
            ("ǆ a".as_bytes(), "Ǆ A", "ǆ a", "ǅ A"),
            ("éa ßa".as_bytes(), "ÉA ßA", "éa ßa", "Éa ßa"),
            (
                b"a\xffb \xe4\xb8x",
                "A\u{fffd}B \u{fffd}\u{fffd}X",
                "a\u{fffd}b \u{fffd}\u{fffd}x",
                "A\u{fffd}b \u{fffd}\u{fffd}x",
            ),
            (
                "a\u{a0}b\u{3000}c".as_bytes(),
                "A\u{a0}B\u{3000}C",
                "a\u{a0}b\u{3000}c",
                "A\u{a0}B\u{3000}C",
            ),
            ("ა ბ".as_bytes(), "Ა Ბ", "ა ბ", "ა ბ"),
            ("ı İ ﬁ".as_bytes(), "I İ ﬁ", "ı i ﬁ", "I İ ﬁ"),
        ] {
            assert_eq!(map(text, to_upper), upper.as_bytes());
            assert_eq!(map(text, to_lower), lower.as_bytes());
            assert_eq!(title(text), titled.as_bytes());
        }
    }
}
