//! The parts of a date that an interval can ask for, and their values.

use jiff::civil::Date;

/// The week as Alertmanager counts it.
const WEEKDAYS: [&str; 7] =
    ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The most days of a month.
pub(super) const LONGEST_MONTH: i16 = 31;

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateField {
    /// The year.
    Years,
    /// The month, by its number or name.
    Months,
    /// The day of the month; -1 is the last one.
    DaysOfMonth,
    /// The weekday, by its name.
    Weekdays,
}

impl DateField {
    /// All of them, from the largest to the smallest.
    pub const ALL: [Self; 4] = [Self::Years, Self::Months, Self::DaysOfMonth, Self::Weekdays];

    /// Its key in an interval.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Years => "years",
            Self::Months => "months",
            Self::DaysOfMonth => "days_of_month",
            Self::Weekdays => "weekdays",
        }
    }

    /// What errors say was expected in its list.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::Years => "a year such as `2026`, or a range such as `2026:2028`",
            Self::Months => {
                "a month's name or a number from 1 to 12, or a range such as `january:march`"
            }
            Self::DaysOfMonth => {
                "a day from 1 to 31 or, counted from the month's end, from -1 to -31, or a range \
                 such as `1:5`"
            }
            Self::Weekdays => {
                "a weekday's name such as `monday`, or a range such as `monday:friday`"
            }
        }
    }

    /// The names of its values, in the order of their numbers.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Months => &MONTHS,
            Self::Weekdays => &WEEKDAYS,
            Self::Years | Self::DaysOfMonth => &[],
        }
    }

    /// The numbers of its values.
    fn numbers(self) -> (i16, i16) {
        match self {
            Self::Years => (1, 9999),
            Self::Months => (1, 12),
            Self::DaysOfMonth => (-LONGEST_MONTH, LONGEST_MONTH),
            Self::Weekdays => (0, 6),
        }
    }

    /// The name of a value that has one.
    pub(super) fn name(self, number: i16) -> Option<&'static str> {
        let place = number.checked_sub(self.numbers().0)?;
        self.names().get(usize::try_from(place).ok()?).copied()
    }

    /// The number of a value by its name or, but for weekdays, as it is written.
    pub(super) fn number(self, text: &str) -> Option<i16> {
        let (least, most) = self.numbers();
        let named = self.names().iter().position(|name| name.eq_ignore_ascii_case(text));
        if let Some(place) = named {
            return Some(least + i16::try_from(place).ok()?);
        }
        let number = text.parse().ok().filter(|number| (least..=most).contains(number))?;
        let counts = match self {
            Self::Weekdays => false,
            Self::DaysOfMonth => number != 0,
            Self::Years | Self::Months => true,
        };
        counts.then_some(number)
    }

    /// The value of a date.
    pub(super) fn of(self, date: Date) -> i16 {
        match self {
            Self::Years => date.year(),
            Self::Months => date.month().into(),
            Self::DaysOfMonth => date.day().into(),
            Self::Weekdays => date.weekday().to_sunday_zero_offset().into(),
        }
    }

    /// The range that was meant with `mon:fri` or `monday-friday`.
    pub(super) fn meant(self, text: &str) -> Option<String> {
        let Some((first, last)) = text.split_once([':', '-']) else {
            return self.meant_value(text);
        };
        Some(format!("{}:{}", self.meant_value(first)?, self.meant_value(last)?))
    }

    /// The value that was meant with a text that may be cut short.
    fn meant_value(self, text: &str) -> Option<String> {
        let text = text.trim().to_lowercase();
        if self.number(&text).is_some() {
            return Some(text);
        }
        let start = text.get(..3).filter(|_| text.chars().all(char::is_alphabetic))?;
        self.names().iter().find(|name| name.starts_with(start)).map(|name| (*name).to_owned())
    }
}
