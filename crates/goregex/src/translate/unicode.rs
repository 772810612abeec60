//! Unicode classes: `\pL`, `\p{Greek}`, `\P{^Letter}`.
//!
//! The names are those of Go 1.26, which knows Unicode 15 and compares names without case, `_`, `-`
//! and spaces. The members come from `regex`, whose Unicode is newer: code points that have been
//! assigned since are in a class here and not in Go.

use std::fmt::Write as _;

use super::Scanner;
use super::class::Set;
use super::output::NOTHING;
use crate::error::{Error, ErrorKind};

/// Every code point.
const ANY: &str = r"\x{0}-\x{10FFFF}";

/// Go's general categories, in canonical form.
#[rustfmt::skip]
const CATEGORIES: &[&str] = &[
    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "Lc", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me",
    "Mn", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk",
    "Sm", "So", "Z", "Zl", "Zp", "Zs",
];

/// Go's long names for them, in canonical form.
#[rustfmt::skip]
const ALIASES: &[(&str, &str)] = &[
    ("Casedletter", "LC"), ("Closepunctuation", "Pe"), ("Cntrl", "Cc"), ("Combiningmark", "M"),
    ("Connectorpunctuation", "Pc"), ("Control", "Cc"), ("Currencysymbol", "Sc"),
    ("Dashpunctuation", "Pd"), ("Decimalnumber", "Nd"), ("Digit", "Nd"),
    ("Enclosingmark", "Me"), ("Finalpunctuation", "Pf"), ("Format", "Cf"),
    ("Initialpunctuation", "Pi"), ("Letter", "L"), ("Letternumber", "Nl"),
    ("Lineseparator", "Zl"), ("Lowercaseletter", "Ll"), ("Mark", "M"), ("Mathsymbol", "Sm"),
    ("Modifierletter", "Lm"), ("Modifiersymbol", "Sk"), ("Nonspacingmark", "Mn"),
    ("Number", "N"), ("Openpunctuation", "Ps"), ("Other", "C"), ("Otherletter", "Lo"),
    ("Othernumber", "No"), ("Otherpunctuation", "Po"), ("Othersymbol", "So"),
    ("Paragraphseparator", "Zp"), ("Privateuse", "Co"), ("Punct", "P"), ("Punctuation", "P"),
    ("Separator", "Z"), ("Spaceseparator", "Zs"), ("Spacingmark", "Mc"), ("Surrogate", "Cs"),
    ("Symbol", "S"), ("Titlecaseletter", "Lt"), ("Unassigned", "Cn"), ("Uppercaseletter", "Lu"),
];

/// Go's scripts whose names are one word.
///
/// Go 1.26 takes the `_` out of a name before it looks it up, but not out of its own table, so it
/// refuses `\p{Old_Italic}` and 45 more. A pattern that works here has to work there.
#[rustfmt::skip]
const SCRIPTS: &[&str] = &[
    "Adlam", "Ahom", "Arabic", "Armenian", "Avestan", "Balinese", "Bamum", "Batak", "Bengali",
    "Bhaiksuki", "Bopomofo", "Brahmi", "Braille", "Buginese", "Buhid", "Carian", "Chakma",
    "Cham", "Cherokee", "Chorasmian", "Common", "Coptic", "Cuneiform", "Cypriot", "Cyrillic",
    "Deseret", "Devanagari", "Dogra", "Duployan", "Elbasan", "Elymaic", "Ethiopic", "Georgian",
    "Glagolitic", "Gothic", "Grantha", "Greek", "Gujarati", "Gurmukhi", "Han", "Hangul",
    "Hanunoo", "Hatran", "Hebrew", "Hiragana", "Inherited", "Javanese", "Kaithi", "Kannada",
    "Katakana", "Kawi", "Kharoshthi", "Khmer", "Khojki", "Khudawadi", "Lao", "Latin", "Lepcha",
    "Limbu", "Lisu", "Lycian", "Lydian", "Mahajani", "Makasar", "Malayalam", "Mandaic",
    "Manichaean", "Marchen", "Medefaidrin", "Miao", "Modi", "Mongolian", "Mro", "Multani",
    "Myanmar", "Nabataean", "Nandinagari", "Newa", "Nko", "Nushu", "Ogham", "Oriya", "Osage",
    "Osmanya", "Palmyrene", "Phoenician", "Rejang", "Runic", "Samaritan", "Saurashtra",
    "Sharada", "Shavian", "Siddham", "Sinhala", "Sogdian", "Soyombo", "Sundanese", "Syriac",
    "Tagalog", "Tagbanwa", "Takri", "Tamil", "Tangsa", "Tangut", "Telugu", "Thaana", "Thai",
    "Tibetan", "Tifinagh", "Tirhuta", "Toto", "Ugaritic", "Vai", "Vithkuqi", "Wancho", "Yezidi",
    "Yi",
];

impl Scanner<'_> {
    /// `\p…` or `\P…`.
    pub(super) fn unicode_set(&mut self) -> Result<Set, Error> {
        let start = self.cursor.at();
        let mut negated = self.cursor.rest().starts_with(r"\P");
        self.cursor.skip(2);
        let name = if self.cursor.eat("{") {
            let rest = self.cursor.rest();
            let Some(length) = rest.find('}') else {
                return Err(self.cursor.error_to_end(start, ErrorKind::InvalidClassRange));
            };
            self.cursor.skip(length + 1);
            &rest[..length]
        } else {
            let rest = self.cursor.rest();
            let length = self.cursor.next().map_or(0, char::len_utf8);
            &rest[..length]
        };
        let name = match name.strip_prefix('^') {
            Some(name) => {
                negated = !negated;
                name
            }
            None => name,
        };
        let set = find(&canonical(name));
        let Some(Set { body, negated: complement }) = set else {
            return Err(self.cursor.error_from(start, ErrorKind::InvalidClassRange));
        };
        Ok(Set { body, negated: negated != complement })
    }
}

/// A name as Go looks it up: the first letter upper case, the rest lower, without `_`, `-`, space.
fn canonical(name: &str) -> String {
    let mut canonical = String::with_capacity(name.len());
    for letter in name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ')) {
        canonical.push(if canonical.is_empty() {
            letter.to_ascii_uppercase()
        } else {
            letter.to_ascii_lowercase()
        });
    }
    canonical
}

/// The set with a canonical name.
fn find(name: &str) -> Option<Set> {
    let mut body = String::new();
    match name {
        "Any" => body.push_str(ANY),
        "Ascii" => body.push_str(r"\x00-\x7F"),
        "Assigned" => return Some(Set { body: r"\p{gc=Cn}".into(), negated: true }),
        // Rust's notation has no surrogates.
        "Cs" | "Surrogate" => body.push_str(NOTHING),
        script if SCRIPTS.binary_search(&script).is_ok() => {
            let _ = write!(body, r"\p{{sc={script}}}");
        }
        category => {
            let _ = write!(body, r"\p{{gc={}}}", short_category(category)?);
        }
    }
    Some(Set { body, negated: false })
}

/// The short name of a category.
fn short_category(name: &str) -> Option<&str> {
    if CATEGORIES.binary_search(&name).is_ok() {
        return Some(name);
    }
    let index = ALIASES.binary_search_by_key(&name, |(long, _)| long).ok()?;
    Some(ALIASES[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_sorted_and_regex_knows_every_name() {
        let long = ALIASES.iter().map(|(long, _)| *long);
        assert!(CATEGORIES.is_sorted() && SCRIPTS.is_sorted() && long.clone().is_sorted());
        for name in CATEGORIES.iter().chain(SCRIPTS).copied().chain(long) {
            crate::Regex::new(&format!(r"\p{{{name}}}")).unwrap();
        }
    }
}
