//! The function `title`: golang.org/x/text's `cases.Title(language.AmericanEnglish)`.
//!
//! The first letter of each word becomes title case, and every other one small. Words are found by
//! an approximation of Unicode's rules: letters, digits and what combines with them hold a word
//! together, a single apostrophe or point does so too, and anything else separates.

mod classes;

use gotemplate::{Call, Failure, Value};

use super::super::runes::runes;
use classes::CHANGES;

/// The most characters that are passed over in search of a letter after a sigma.
const LOOK_AHEAD: usize = 31;

/// What a character does to a word.
#[derive(Debug, Clone, Copy)]
struct Class(u32);

impl Class {
    /// What belongs to no character separates words.
    const BAD: Self = Self(4);

    fn of(char: char) -> Self {
        let code = u32::from(char);
        let after = CHANGES.partition_point(|change| change >> 4 <= code);
        let change = after.checked_sub(1).and_then(|at| CHANGES.get(at));
        change.map_or(Self::BAD, |change| Self(change & 15))
    }

    const fn is_cased(self) -> bool {
        self.0 & 1 != 0
    }

    /// Two in a row separate words, one does not.
    const fn is_middle(self) -> bool {
        self.0 & 2 != 0
    }

    const fn separates(self) -> bool {
        self.0 & 4 != 0
    }

    const fn is_ignorable(self) -> bool {
        self.0 & 8 != 0
    }
}

/// The function `title`.
pub(super) fn title(call: &mut Call<'_>) -> Result<Value, Failure> {
    let text = call.text(0);
    call.reserve(text.len())?;
    call.spend(u64::try_from(text.len() / 16).unwrap_or(u64::MAX))?;
    let out = titled(text);
    call.reserve(out.len().saturating_sub(text.len()))?;
    Ok(Value::text(out))
}

/// A text, and how far it has been read.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    in_word: bool,
    out: Vec<u8>,
}

fn titled(text: &[u8]) -> Vec<u8> {
    let mut reader = Reader { text, at: 0, in_word: false, out: Vec::with_capacity(text.len()) };
    let mut after_middle = false;
    while let Some((char, length, class)) = reader.next() {
        if after_middle && class.is_middle() {
            reader.in_word = false;
        }
        after_middle = class.is_middle();
        if !class.is_cased() {
            reader.copy(length);
            reader.in_word &= !class.separates();
        } else if !reader.in_word {
            reader.in_word = true;
            reader.write(length, title_of(char));
        } else if char == 'Σ' {
            reader.sigma();
        } else {
            reader.write(length, char.to_lowercase());
        }
    }
    reader.out
}

impl Reader<'_> {
    fn next(&self) -> Option<(char, usize, Class)> {
        let rest = self.text.get(self.at..)?;
        let window = rest.get(..4).unwrap_or(rest);
        let (char, length) = runes(window).next()?;
        let is_bad = char == char::REPLACEMENT_CHARACTER && length == 1;
        Some((char, length, if is_bad { Class::BAD } else { Class::of(char) }))
    }

    fn copy(&mut self, length: usize) {
        let end = self.at.saturating_add(length);
        self.out.extend_from_slice(self.text.get(self.at..end).unwrap_or_default());
        self.at = end;
    }

    fn write(&mut self, length: usize, chars: impl Iterator<Item = char>) {
        let mut buffer = [0; 4];
        for char in chars {
            self.out.extend_from_slice(char.encode_utf8(&mut buffer).as_bytes());
        }
        self.at = self.at.saturating_add(length);
    }

    /// A capital sigma in a word: the small letter has another form where no letter follows.
    fn sigma(&mut self) {
        let place = self.out.len();
        self.write('Σ'.len_utf8(), ['ς'].into_iter());
        let mut after_middle = false;
        for _ in 0..LOOK_AHEAD {
            let Some((_, length, class)) = self.next() else { return };
            if !class.is_ignorable() {
                if class.is_cased() {
                    let end = place + 'σ'.len_utf8();
                    if let Some(form) = self.out.get_mut(place..end) {
                        'σ'.encode_utf8(form);
                    }
                }
                return;
            }
            if after_middle && class.is_middle() || class.separates() {
                self.in_word = false;
            }
            after_middle = class.is_middle();
            self.copy(length);
        }
    }
}

/// The title case of a letter: its capital, but for letters that are two in one.
fn title_of(char: char) -> impl Iterator<Item = char> {
    let code = u32::from(char);
    let single = match code {
        // Letters whose capitals came after Unicode 15.0, Georgian, which has no title case, and
        // Greek that is in title case.
        0x019b | 0x0264 | 0xa7d3 | 0xa7d5 | 0x10d0..=0x10ff | 0x1fbc | 0x1fcc | 0x1ffc => {
            Some(code)
        }
        0x01c4..=0x01c6 => Some(0x01c5),
        0x01c7..=0x01c9 => Some(0x01c8),
        0x01ca..=0x01cc => Some(0x01cb),
        0x01f1..=0x01f3 => Some(0x01f2),
        // Greek with an iota below.
        0x1f80..=0x1faf => Some(code | 8),
        0x1fb3 | 0x1fc3 | 0x1ff3 => Some(code + 9),
        _ => None,
    };
    let capital = match single.and_then(char::from_u32) {
        Some(single) => vec![single],
        None => char.to_uppercase().collect(),
    };
    let ligature = matches!(code, 0x00df | 0x0587 | 0xfb00..=0xfb17);
    capital.into_iter().enumerate().map(move |(at, part)| match part {
        part if at > 0 && ligature => part.to_lowercase().next().unwrap_or(part),
        'Ι' if at > 0 && (0x1f00..=0x1fff).contains(&code) => '\u{345}',
        part => part,
    })
}

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn of(text: &str) -> String {
        String::from_utf8(titled(text.as_bytes())).unwrap()
    }

    #[test]
    fn words_begin_with_a_capital() {
        for (text, expected) in [
            ("", ""),
            ("hello world", "Hello World"),
            ("HELLO WORLD", "Hello World"),
            ("it's o'neil's", "It's O'neil's"),
            ("rock''n''roll", "Rock''N''Roll"),
            ("a.b.c..d", "A.b.c..D"),
            ("x1y2 3d 4TH", "X1y2 3D 4Th"),
            ("磁盘full 已满", "磁盘Full 已满"),
            ("disk磁盘Full", "Disk磁盘Full"),
            ("foo_bar-baz/qux", "Foo_bar-Baz/Qux"),
            ("ǆ ﬁsh ßeta ŉow", "ǅ Fish Sseta ʼNow"),
            ("ΌΔΟΣ ΟΔΟΣΑ ΑΣ'Α ΑΣ.", "Όδος Οδοσα Ασ'α Ας."),
            ("éCOLE ÉCOLE", "École École"),
            ("İSTANBUL", "İstanbul"),
            ("dž e\u{301}A", "Dž E\u{301}a"),
            ("cpu:load:5m", "Cpu:load:5m"),
            ("k8s_node_IP", "K8s_node_ip"),
            ("ʰa ªb", "ʰa ªb"),
            ("\u{200b}ab\u{00ad}CD", "\u{200b}Ab\u{00ad}cd"),
            ("გამარჯობა", "გამარჯობა"),
            ("ĳs IJS", "Ĳs Ijs"),
            ("ß", "Ss"),
        ] {
            assert_eq!(of(text), expected, "{text:?}");
        }
    }

    #[test]
    fn every_character_has_the_title_case_of_go() {
        // Of golang.org/x/text 0.42: each character alone, and each before and after letters.
        let mut hash = Sha256::new();
        for char in '\0'..=char::MAX {
            hash.update(titled(format!("{char}\naΣ{char}{char}b").as_bytes()));
        }
        assert_eq!(hash.finalize()[..8], 0xf90d_42f2_3b2b_1ef4_u64.to_be_bytes());
    }

    #[test]
    fn what_is_no_character_stays_and_separates() {
        assert_eq!(titled(b"ab\xffcd\xe4\xb8e"), b"Ab\xffCd\xe4\xb8E");
    }
}
