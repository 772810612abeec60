//! Characters as Go's packages `unicode` and `utf8` see them: the Unicode of Go 1.26, one character
//! for one in changes of case, and U+FFFD for each byte that is no part of a character.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

#[cfg(test)]
use crate::unicode::is_digit;
pub(super) use crate::unicode::{decode as first, is_letter, is_space};

/// The characters of a category of Unicode 15, which is Go's.
struct Category(LazyLock<Vec<(char, char)>>);

impl Category {
    const fn new(read: fn() -> Vec<(char, char)>) -> Self {
        Self(LazyLock::new(read))
    }

    fn has(&self, letter: char) -> bool {
        let after = self.0.partition_point(|(first, _)| *first <= letter);
        after.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|(_, last)| letter <= *last)
    }
}

fn read(category: &str) -> Vec<(char, char)> {
    let pattern = format!(r"[{category}&&\p{{age=15.0}}]");
    let class = regex_syntax::parse(&pattern).expect("the patterns are constants");
    match class.into_kind() {
        HirKind::Class(Class::Unicode(class)) => {
            class.iter().map(|range| (range.start(), range.end())).collect()
        }
        _ => Vec::new(),
    }
}

static KNOWN: Category = Category::new(|| read(r"\p{any}"));
static NUMBER: Category = Category::new(|| read(r"\p{N}"));
static PUNCTUATION: Category = Category::new(|| read(r"\p{P}"));
static UPPER: Category = Category::new(|| read(r"\p{Lu}"));
static LOWER: Category = Category::new(|| read(r"\p{Ll}"));
static TITLE: Category = Category::new(|| read(r"\p{Lt}"));

/// Go's `unicode.IsNumber`.
pub(super) fn is_number(letter: char) -> bool {
    NUMBER.has(letter)
}

/// Go's `unicode.IsPunct`.
pub(super) fn is_punctuation(letter: char) -> bool {
    PUNCTUATION.has(letter)
}

/// Go's `unicode.IsUpper`.
pub(super) fn is_upper(letter: char) -> bool {
    UPPER.has(letter)
}

/// Go's `unicode.IsLower`.
pub(super) fn is_lower(letter: char) -> bool {
    LOWER.has(letter)
}

/// Go's `unicode.IsTitle`.
pub(super) fn is_title(letter: char) -> bool {
    TITLE.has(letter)
}

/// Go's `unicode.ToUpper`.
pub(super) fn upper(letter: char) -> char {
    let mut mapped = letter.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(upper), None) => known_or(upper, letter),
        _ => upper_of_many(letter),
    }
}

/// The single upper case of a letter whose full one is several characters.
fn upper_of_many(letter: char) -> char {
    match u32::from(letter) {
        // The Greek letters with an iota below: their upper case has the iota beside.
        code @ (0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7) => {
            char::from_u32(code + 8).unwrap_or(letter)
        }
        code @ (0x1fb3 | 0x1fc3 | 0x1ff3) => char::from_u32(code + 9).unwrap_or(letter),
        _ => letter,
    }
}

/// Go's `unicode.ToLower`.
pub(super) fn lower(letter: char) -> char {
    let mut mapped = letter.to_lowercase();
    mapped.next().map_or(letter, |lower| known_or(lower, letter))
}

/// Go's `unicode.ToTitle`.
pub(super) fn title(letter: char) -> char {
    match letter {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        // Georgian has capitals for whole words only.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => letter,
        _ => upper(letter),
    }
}

fn known_or(mapped: char, letter: char) -> char {
    if KNOWN.has(mapped) && KNOWN.has(letter) { mapped } else { letter }
}

/// The last character and its length; U+FFFD of length 1 for a byte that is none.
pub(super) fn last(text: &[u8]) -> Option<(char, usize)> {
    let end = text.len();
    text.last()?;
    let whole = |length: usize| {
        let part = std::str::from_utf8(text.get(end.checked_sub(length)?..)?).ok()?;
        let letter = part.chars().next()?;
        (letter.len_utf8() == length).then_some((letter, length))
    };
    (1..=4).find_map(whole).or(Some((char::REPLACEMENT_CHARACTER, 1)))
}

/// The characters of a text.
pub(super) fn all(text: &[u8]) -> impl Iterator<Item = char> {
    text.utf8_chunks().flat_map(|chunk| {
        let bad = std::iter::repeat_n(char::REPLACEMENT_CHARACTER, chunk.invalid().len());
        chunk.valid().chars().chain(bad)
    })
}

/// The text as UTF-8.
pub(crate) fn utf8(text: &[u8]) -> std::borrow::Cow<'_, str> {
    match std::str::from_utf8(text) {
        Ok(text) => text.into(),
        Err(_) => all(text).collect::<String>().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_to_rust_what_it_is_to_go() {
        let mut sum = 0xcbf2_9ce4_8422_2325_u64;
        for letter in '\0'..=char::MAX {
            let is = [
                is_letter(letter),
                is_digit(letter),
                is_number(letter),
                is_punctuation(letter),
                is_upper(letter),
                is_lower(letter),
                is_title(letter),
                is_space(letter),
            ];
            let bits = is.iter().rev().fold(0, |bits, is| bits << 1 | u32::from(*is));
            let [own, up, low, title] =
                [letter, upper(letter), lower(letter), title(letter)].map(u32::from);
            let line = format!("{own:x} {bits:x} {up:x} {low:x} {title:x}\n");
            for byte in line.bytes() {
                sum = (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
        // FNV-1a over the same lines from package unicode of Go 1.26.
        assert_eq!(sum, 0xd7b1_d038_62bb_b0c9);
    }

    #[test]
    fn a_byte_that_is_no_character_is_one() {
        assert_eq!(first(b"\xe6\x97x"), Some(('\u{fffd}', 1)));
        assert_eq!(last(b"x\xe6\x97"), Some(('\u{fffd}', 1)));
        assert_eq!(last("x日".as_bytes()), Some(('日', 3)));
        assert_eq!((first(b""), last(b"")), (None, None));
        assert_eq!(utf8(b"a\xe6\x97b\xff"), "a\u{fffd}\u{fffd}b\u{fffd}");
    }
}
