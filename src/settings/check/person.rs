//! The check of the people to mention: mobile numbers and user ids as DingTalk knows them.
//!
//! DingTalk takes a message that mentions somebody whom it does not know and says nothing of it, so
//! that a slip would page nobody, and nobody would hear of it. A number is sent as it is written.

use std::collections::HashMap;

use crate::select::mention::{LONGEST_USER_ID, is_everyone, is_mobile, is_separator, is_user_id};
use crate::settings::decode::{Checked, Decoder, all};
use crate::settings::secret::bare_variable;
use crate::settings::tree::{Node, Position};

/// What a mobile number looks like.
const MOBILE: &str = "expected a mobile number as DingTalk knows it: 11 digits such as 13800000000, \
                      or, outside mainland China, country code and number such as +1-4155550100";

/// The list under `mobiles`.
pub(super) fn mobiles(decoder: Decoder<'_>, node: &Node) -> Checked<Vec<String>> {
    people(decoder, node, "mobile number", no_mobile)
}

/// The list under `user_ids`.
pub(super) fn user_ids(decoder: Decoder<'_>, node: &Node) -> Checked<Vec<String>> {
    people(decoder, node, "user id", no_user_id)
}

/// The list of people whom an alert may name: mobile numbers and user ids side by side.
pub(super) fn names(decoder: Decoder<'_>, node: &Node) -> Checked<Vec<String>> {
    people(decoder, node, "person", no_name)
}

/// The people of a list, each once; `mistake` says what is wrong with one. No error shows the value,
/// which may come from a variable.
fn people(
    decoder: Decoder<'_>,
    node: &Node,
    what: &str,
    mistake: fn(&str) -> Option<String>,
) -> Checked<Vec<String>> {
    let items = decoder.list(node, &format!("{what}s"))?;
    let mut seen: HashMap<String, Position> = HashMap::new();
    let people = all(items.iter().map(|item| {
        let person = decoder.expanded(item, &format!("a {what}"))?;
        if let Some(words) = mistake(&person) {
            return decoder.fail(item.position, words);
        }
        if let Some(first) = seen.get(&person) {
            let text = format!("this person stands in line {} already", first.line);
            decoder.report.warning(item.position, text);
            return Ok(None);
        }
        seen.insert(person.clone(), item.position);
        Ok(Some(person))
    }))?;
    Ok(people.into_iter().flatten().collect())
}

/// Why DingTalk knows nobody by this mobile number.
pub(in crate::settings) fn no_mobile(number: &str) -> Option<String> {
    bare_variable(number)
        .or_else(|| (!is_mobile(number)).then(|| format!("{MOBILE}{}", hint(number))))
}

/// What is most likely wrong with a text that is no mobile number, as the end of a sentence.
fn hint(number: &str) -> &'static str {
    slip(number).unwrap_or_else(|| {
        let is_word = number.contains(char::is_alphabetic);
        if is_word { "; a user id stands under `user_ids`" } else { "" }
    })
}

/// What is wrong with a text that was meant to be a mobile number, as the end of a sentence.
fn slip(number: &str) -> Option<&'static str> {
    let is_filler = |c: char| c.is_whitespace() || matches!(c, '-' | '(' | ')' | '.');
    let bare: String = number.chars().filter(|c| !is_filler(*c)).collect();
    let prefixes = ["+86", "0086", "86"];
    let words = if is_mobile(&bare) {
        "; write it without spaces and hyphens"
    } else if prefixes.iter().any(|code| bare.strip_prefix(code).is_some_and(is_mobile)) {
        "; a number of mainland China is written without its country code"
    } else if holds_several(number) {
        "; write each number as a value of its own"
    } else if number.contains(|c: char| c.is_numeric() && !c.is_ascii()) {
        "; its digits are full-width ones"
    } else if number.starts_with('+') {
        "; a hyphen stands between country code and number, and nowhere else"
    } else if number.starts_with(|c: char| c.is_ascii_digit()) && number.contains(['x', 'X', '*']) {
        "; some of its digits are masked"
    } else if number.starts_with('@') {
        "; it is written without `@`"
    } else {
        return None;
    };
    Some(words)
}

/// Whether several numbers stand in one text.
fn holds_several(text: &str) -> bool {
    let pieces: Vec<&str> = text.split(is_separator).filter(|piece| !piece.is_empty()).collect();
    let are_mobiles = pieces.len() > 1 && pieces.iter().all(|piece| is_mobile(piece));
    are_mobiles || text.contains(|c: char| is_separator(c) && !c.is_whitespace())
}

/// Why nobody has this user id. It stands in the text as `@…`, which white space would end.
pub(in crate::settings) fn no_user_id(id: &str) -> Option<String> {
    bare_variable(id).or_else(|| misspelt_user_id(id).map(str::to_owned))
}

fn misspelt_user_id(id: &str) -> Option<&'static str> {
    if id.contains("${") {
        Some("holds `${`, which no user id has")
    } else if id.contains('@') {
        Some("holds `@`; a user id is written without, and is no e-mail address")
    } else if id.contains(is_separator) {
        Some("holds a space, a comma or a semicolon; write each user id as a value of its own")
    } else if id.contains(char::is_control) {
        Some("holds a character that nobody sees")
    } else {
        None
    }
}

fn begins_a_number(text: &str) -> bool {
    text.starts_with(|c: char| c.is_numeric() || c == '+')
}

/// Why nobody whom an alert names has this name.
fn no_name(name: &str) -> Option<String> {
    if is_mobile(name) {
        None
    } else if is_everyone(name) {
        let text =
            "nobody has this name; no alert mentions everyone by a name, but `by_severity` can";
        Some(text.to_owned())
    } else if let Some(slip) = slip(name).filter(|_| begins_a_number(name)) {
        Some(format!("{MOBILE}{slip}"))
    } else if let Some(words) = no_user_id(name) {
        Some(words)
    } else {
        (!is_user_id(name)).then(|| {
            format!(
                "is no user id that an alert can name: at most {LONGEST_USER_ID} letters and digits, \
                 with `-`, `_` and `.` between them"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_mobile_number_is_told_how_one_is_written() {
        let plain = "write it without spaces and hyphens";
        let mainland = "a number of mainland China is written without its country code";
        let single = "write each number as a value of its own";
        let hyphen = "a hyphen stands between country code and number, and nowhere else";
        let user_id = "a user id stands under `user_ids`";
        for (number, expected) in [
            ("138 0000 0000", plain),
            ("138-0000-0000", plain),
            ("+1-415-555-0100", hyphen),
            ("+1 4155550100", hyphen),
            ("+1-4155550100 +852-91234567", single),
            ("+14155550100", hyphen),
            ("+86-13800000000", mainland),
            ("+86 138 0000 0000", mainland),
            ("86-13800000000", mainland),
            ("8613800000000", mainland),
            ("008613800000000", mainland),
            ("13800000000,13900000000", single),
            ("13800000000 13900000000", single),
            ("13800000000、13900000000", single),
            ("１３８００００００００", "its digits are full-width ones"),
            ("156xxxx8827", "some of its digits are masked"),
            ("156****8827", "some of its digits are masked"),
            ("abc", user_id),
            ("oncall@example.com", user_id),
            ("@13800000000", "it is written without `@`"),
            ("138 0000", ""),
            ("1380000000", ""),
            ("138000000000", ""),
            ("013800000000", ""),
            ("23800000000", ""),
            ("0", ""),
        ] {
            assert!(!is_mobile(number), "{number}");
            assert_eq!(hint(number).trim_start_matches("; "), expected, "{number}");
        }
    }

    #[test]
    fn a_user_id_has_nothing_that_would_end_a_mention() {
        for id in ["manager1", "user_1-x.y", "0123", "张三"] {
            assert_eq!(no_user_id(id), None, "{id}");
        }
        for id in ["a b", "@a", "a@b.example", "a,b", "a、b", "${A}", "a\u{7}"] {
            assert!(no_user_id(id).is_some(), "{id}");
        }
    }

    #[test]
    fn whoever_an_alert_may_name_is_a_mobile_number_or_a_user_id() {
        for name in ["zhangsan", "13800000000", "+1-4155550100", "0123", "张三"] {
            assert_eq!(no_name(name), None, "{name}");
        }
        for (name, words) in [
            ("all", "nobody has this name"),
            ("所有人", "nobody has this name"),
            ("156xxxx8827", "some of its digits are masked"),
            ("+86-13800000000", "is written without its country code"),
            ("+14155550100", "a hyphen stands between"),
            ("138-0000-0000", "without spaces and hyphens"),
            ("@zhangsan", "is written without"),
            ("a@b.example", "no e-mail address"),
            ("a b", "a value of its own"),
            ("a,b", "write each user id as a value of its own"),
            ("13800000000,13900000000", "write each number as a value of its own"),
            ("zhang*", "is no user id that an alert can name"),
            ("a\u{7}", "nobody sees"),
        ] {
            let found = no_name(name);
            assert!(found.as_ref().is_some_and(|found| found.contains(words)), "{name} {found:?}");
        }
    }
}
