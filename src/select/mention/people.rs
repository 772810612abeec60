//! People as DingTalk knows them: by mobile numbers and user ids.

use std::ops::RangeInclusive;

/// The most people that a message mentions (DingTalk, `custom-robots-send-group-messages`).
pub const MOST_PEOPLE: usize = 50;

/// The longest user id, in characters (DingTalk, `userid`).
pub const LONGEST_USER_ID: usize = 64;

/// The digits of a country code (ITU-T E.164), with an area code where DingTalk counts it in.
const COUNTRY: RangeInclusive<usize> = 1..=4;

/// The digits of a number without its country code (ITU-T E.164: fifteen with it).
const NUMBER: RangeInclusive<usize> = 4..=14;

/// What the clients write for everyone in the group.
const EVERYONE: [&str; 2] = ["all", "所有人"];

/// Some people, or everyone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// Mobile numbers.
    pub mobiles: Vec<String>,
    /// User ids.
    pub user_ids: Vec<String>,
    /// Everyone in the group.
    pub all: bool,
}

impl People {
    /// Whether that is nobody.
    #[must_use]
    pub fn is_nobody(&self) -> bool {
        !self.all && self.mobiles.is_empty() && self.user_ids.is_empty()
    }

    /// Adds those who are not among them yet, as far as a message has room.
    pub(super) fn add(&mut self, more: &Self) {
        self.all |= more.all;
        for number in &more.mobiles {
            self.add_mobile(number);
        }
        for id in &more.user_ids {
            self.add_user_id(id);
        }
    }

    /// Adds a person whose name is a mobile number or a user id.
    pub(super) fn add_named(&mut self, name: &str) {
        if is_mobile(name) {
            self.add_mobile(name);
        } else {
            self.add_user_id(name);
        }
    }

    fn add_mobile(&mut self, number: &str) {
        if self.has_room() && !self.mobiles.iter().any(|known| known == number) {
            self.mobiles.push(number.to_owned());
        }
    }

    fn add_user_id(&mut self, id: &str) {
        if self.has_room() && !self.user_ids.iter().any(|known| known == id) {
            self.user_ids.push(id.to_owned());
        }
    }

    fn has_room(&self) -> bool {
        self.mobiles.len() + self.user_ids.len() < MOST_PEOPLE
    }
}

/// Whether a text is a mobile number as DingTalk writes them: 11 digits, or country code and number.
#[must_use]
pub fn is_mobile(text: &str) -> bool {
    match text.strip_prefix('+') {
        Some(foreign) => foreign.split_once('-').is_some_and(|(country, number)| {
            // A number of mainland China has no country code in DingTalk.
            country != "86" && is_digits(country, &COUNTRY) && is_digits(number, &NUMBER)
        }),
        None => text.starts_with('1') && is_digits(text, &(11..=11)),
    }
}

fn is_digits(text: &str, length: &RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a text can be a user id, and is nothing else where it stands in a message: no Markdown, no
/// address and nothing that nobody sees.
#[must_use]
pub fn is_user_id(text: &str) -> bool {
    let is_of_id = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=LONGEST_USER_ID).contains(&text.chars().count())
        && text.starts_with(char::is_alphanumeric)
        && text.chars().all(is_of_id)
}

/// Whether a text stands for everyone in the group.
#[must_use]
pub fn is_everyone(text: &str) -> bool {
    EVERYONE.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether people write this between two numbers or ids.
#[must_use]
pub fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ';' | '、' | '，' | '；')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mobile_number_is_11_digits_or_has_a_country_code_and_a_hyphen() {
        for number in
            ["13800000000", "19912345678", "+1-4155550100", "+852-91234567", "+1684-7331234"]
        {
            assert!(is_mobile(number), "{number}");
        }
        for text in ["1380000000", "23800000000", "+86-13800000000", "+14155550100", "abc", ""] {
            assert!(!is_mobile(text), "{text}");
        }
    }

    #[test]
    fn a_user_id_is_nothing_but_a_name() {
        let [longest, longer] =
            [LONGEST_USER_ID, LONGEST_USER_ID + 1].map(|count| "x".repeat(count));
        for id in ["manager1", "user_1-x.y", "0123", "张三", longest.as_str()] {
            assert!(is_user_id(id), "{id}");
        }
        for text in [
            "",
            "a b",
            "@a",
            "a@b.example",
            "[a](http://b)",
            "a/b",
            "*a*",
            "a\u{200b}",
            "-a",
            "。",
            longer.as_str(),
        ] {
            assert!(!is_user_id(text), "{text}");
        }
    }

    #[test]
    fn who_is_added_twice_is_there_once_and_the_first_fifty_stay() {
        let named = |names: &[&str]| {
            let mut people = People::default();
            for name in names {
                people.add_named(name);
            }
            people
        };
        let mut people = named(&["zhangsan", "13800000000", "zhangsan"]);
        people.add(&named(&["13800000000", "+1-4155550100", "lisi"]));
        assert_eq!(people.mobiles, ["13800000000", "+1-4155550100"]);
        assert_eq!(people.user_ids, ["zhangsan", "lisi"]);
        assert!(!people.all && !people.is_nobody());
        people.add(&People { all: true, ..People::default() });
        let many: Vec<String> = (0..60).map(|number| format!("user{number}")).collect();
        people.add(&People { user_ids: many, ..People::default() });
        assert!(people.all);
        assert_eq!((people.mobiles.len(), people.user_ids.len()), (2, 48));
        assert_eq!(people.user_ids[47], "user45");
    }
}
