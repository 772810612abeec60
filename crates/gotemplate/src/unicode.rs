//! Go's classes of characters, and its way to read bytes that may not be UTF-8.
//!
//! Go 1.26 knows Unicode 15. The members of the classes come from `regex-syntax`, which is newer, so
//! each is cut down to what Unicode 15 had assigned.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

/// Sorted ranges of code points, both ends included.
type Ranges = Vec<(char, char)>;

static LETTERS: LazyLock<Ranges> = LazyLock::new(|| ranges(r"[\p{L}&&\p{age:15.0}]"));
static DIGITS: LazyLock<Ranges> = LazyLock::new(|| ranges(r"[\p{Nd}&&\p{age:15.0}]"));
static PRINTED: LazyLock<Ranges> =
    LazyLock::new(|| ranges(r"[[\p{L}\p{M}\p{N}\p{P}\p{S}]&&\p{age:15.0}]"));

/// Go's `unicode.IsLetter`.
pub(crate) fn is_letter(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { contains(&LETTERS, c) }
}

/// Go's `unicode.IsDigit`: a decimal digit of any script.
pub(crate) fn is_digit(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_digit() } else { contains(&DIGITS, c) }
}

/// Go's `unicode.IsPrint`: of all spaces only that of ASCII is printed.
pub(crate) fn is_print(c: char) -> bool {
    match c {
        // The Chinese characters most in use, all printed, need no search.
        ' '..='~' | '\u{4e00}'..='\u{9fff}' => true,
        _ => !c.is_ascii() && contains(&PRINTED, c),
    }
}

/// Go's `unicode.IsSpace`: the property `White_Space`, which has not changed since Unicode 6.3.
pub(crate) fn is_space(c: char) -> bool {
    if c.is_ascii() { matches!(c, '\t'..='\r' | ' ') } else { c.is_whitespace() }
}

/// The first character and how many bytes it takes. A byte that begins no valid UTF-8 is one
/// U+FFFD of one byte; of nothing, there is none.
pub(crate) fn decode(bytes: &[u8]) -> Option<(char, usize)> {
    let first = *bytes.first()?;
    let length = match first {
        0..0x80 => return Some((char::from(first), 1)),
        0xC2..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0..0xF5 => 4,
        _ => return Some((char::REPLACEMENT_CHARACTER, 1)),
    };
    let text = bytes.get(..length).and_then(|bytes| str::from_utf8(bytes).ok());
    let c = text.and_then(|text| text.chars().next());
    Some(c.map_or((char::REPLACEMENT_CHARACTER, 1), |c| (c, length)))
}

/// How many characters the bytes are, each invalid byte counted as one.
pub(crate) fn count(bytes: &[u8]) -> usize {
    match str::from_utf8(bytes) {
        _ if bytes.is_ascii() => bytes.len(),
        Ok(text) => text.chars().count(),
        Err(_) => starts(bytes).count(),
    }
}

/// The bytes up to the first `most` characters.
pub(crate) fn prefix(bytes: &[u8], most: usize) -> &[u8] {
    if most >= bytes.len() {
        return bytes;
    }
    let end = starts(bytes).nth(most).unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or(bytes)
}

/// Where each character begins.
fn starts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let (_, length) = decode(bytes.get(start..)?)?;
        at += length;
        Some(start)
    })
}

fn contains(ranges: &[(char, char)], c: char) -> bool {
    let after = ranges.partition_point(|&(first, _)| first <= c);
    let range = after.checked_sub(1).and_then(|at| ranges.get(at));
    range.is_some_and(|&(_, last)| c <= last)
}

fn ranges(pattern: &str) -> Ranges {
    let class = regex_syntax::parse(pattern).expect("the patterns above are valid");
    match class.kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().map(|range| (range.start(), range.end())).collect()
        }
        _ => Ranges::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FNV-1a over one byte, `0` or `1`, for each character, as Go's `hash/fnv` has it.
    fn sum(class: fn(char) -> bool) -> (usize, u64) {
        let (mut members, mut hash) = (0, 0xcbf2_9ce4_8422_2325_u64);
        for c in '\0'..=char::MAX {
            let bit = class(c);
            members += usize::from(bit);
            hash ^= if bit { 0x31 } else { 0x30 };
            hash = hash.wrapping_mul(0x0100_0000_01b3);
        }
        (members, hash)
    }

    #[test]
    fn every_character_is_in_the_classes_that_go_puts_it_in() {
        assert_eq!(sum(is_letter), (136_104, 0x158a_c8a7_7c42_0285));
        assert_eq!(sum(is_digit), (680, 0xc152_fa32_59ad_b9ad));
        assert_eq!(sum(is_print), (148_998, 0xbc61_6463_f76d_13e9));
        assert_eq!(sum(is_space), (25, 0x9de1_27b7_0571_abcc));
    }

    #[test]
    fn each_bad_byte_is_one_replacement_character() {
        assert_eq!(decode(b""), None);
        assert_eq!(decode(b"\xe2\x82"), Some(('\u{fffd}', 1)));
        assert_eq!(decode(b"\xed\xa0\x80"), Some(('\u{fffd}', 1)));
        assert_eq!(decode("€".as_bytes()), Some(('€', 3)));
        assert_eq!(count(b"a\xff\xe2\x82\xe2\x82\xac"), 5);
        assert_eq!(prefix(b"a\xff\xe2\x82\xac!", 3), b"a\xff\xe2\x82\xac");
        assert_eq!(prefix(b"abc", 0), b"");
    }
}
