//! HTML's entities in a text: what fills in Monika's messages writes `&quot;` for a quote.

use std::borrow::Cow;

/// The longest entity that is looked for, in bytes: of the names below, none is as long.
const LONGEST: usize = 16;

/// The names that occur in texts; HTML has two thousand more.
const NAMED: [(&str, char); 45] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("grave", '`'),
    ("equals", '='),
    ("nbsp", '\u{a0}'),
    ("copy", '©'),
    ("reg", '®'),
    ("trade", '™'),
    ("deg", '°'),
    ("plusmn", '±'),
    ("micro", 'µ'),
    ("para", '¶'),
    ("sect", '§'),
    ("middot", '·'),
    ("bull", '•'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("times", '×'),
    ("divide", '÷'),
    ("frac12", '½'),
    ("larr", '←'),
    ("uarr", '↑'),
    ("rarr", '→'),
    ("darr", '↓'),
    ("le", '≤'),
    ("ge", '≥'),
    ("ne", '≠'),
    ("infin", '∞'),
    ("check", '✓'),
    ("cent", '¢'),
    ("pound", '£'),
    ("yen", '¥'),
    ("euro", '€'),
];

/// The text with each entity as the character that it stands for; what is none stays.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        let from = &rest[at..];
        let (c, length) = entity(from).unwrap_or(('&', 1));
        decoded.push(c);
        rest = &from[length..];
    }
    decoded.push_str(rest);
    decoded.into()
}

/// The character that the entity at the beginning of `text` stands for, and how long it is written.
fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let c = match name.strip_prefix('#') {
        Some(number) => numbered(number)?,
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, end + 1))
}

/// The character of a number, which is decimal, or hexadecimal behind an `x`.
fn numbered(number: &str) -> Option<char> {
    let (digits, radix) = match number.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (number, 10),
    };
    // A sign is none of a number here.
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, radix).ok().filter(|code| is_number && *code > 0)?;
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_entity_becomes_its_character_and_what_is_none_stays() {
        for (text, expected) in [
            ("Said disk &quot;sda&quot; &lt;90% &amp; full", "Said disk \"sda\" <90% & full"),
            ("it&#39;s &#x27;here&#X27; &#x60;now&#96; a&#x3D;b", "it's 'here' `now` a=b"),
            ("&amp;lt; &amp;amp;", "&lt; &amp;"),
            ("磁盘&nbsp;&gt; 90&deg;", "磁盘\u{a0}> 90°"),
            ("&#128721;&#x1F6D1;", "🛑🛑"),
            ("a & b && c &; &x; &unknown; &#; &#x; &#xg; &#0; &#xd800; &#99999999;", ""),
            ("&#+65; &QUOT; &quot &", ""),
            ("plain", ""),
            ("", ""),
        ] {
            let expected = if expected.is_empty() { text } else { expected };
            assert_eq!(decode(text), expected);
        }
        assert!(NAMED.iter().all(|(name, _)| name.len() + 2 <= LONGEST));
    }

    proptest! {
        #[test]
        fn what_is_escaped_reads_as_before(text in "\\PC*") {
            let escaped: String = text.chars().map(|c| match c {
                '&' => "&amp;".to_owned(),
                '<' => "&lt;".to_owned(),
                '"' => "&quot;".to_owned(),
                '\'' => format!("&#{};", u32::from(c)),
                c if !c.is_ascii() => format!("&#x{:x};", u32::from(c)),
                c => c.to_string(),
            }).collect();
            prop_assert_eq!(decode(&escaped), text);
        }
    }
}
