//! The names of months and days.

use std::borrow::Cow;

/// From January.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// From Sunday.
pub(super) const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// What Go's `Month.String()` gives: `January` for 1, and `%!Month(13)` for what is no month.
#[must_use]
pub fn month_text(month: i64) -> Cow<'static, str> {
    match name(&MONTHS, month.wrapping_sub(1)) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("%!Month({})", month.cast_unsigned())),
    }
}

/// What Go's `Weekday.String()` gives: `Sunday` for 0, and `%!Weekday(7)` for what is no day.
#[must_use]
pub fn weekday_text(weekday: i64) -> Cow<'static, str> {
    match name(&WEEKDAYS, weekday) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(format!("%!Weekday({})", weekday.cast_unsigned())),
    }
}

/// The name at a place; nothing outside.
pub(super) fn name(names: &[&'static str], at: i64) -> Option<&'static str> {
    names.get(usize::try_from(at).ok()?).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_month_is_printed_as_a_number_without_a_sign() {
        for (month, text) in [
            (1, "January"),
            (12, "December"),
            (0, "%!Month(0)"),
            (13, "%!Month(13)"),
            (-1, "%!Month(18446744073709551615)"),
            (i64::MIN, "%!Month(9223372036854775808)"),
        ] {
            assert_eq!(month_text(month), text);
        }
    }

    #[test]
    fn what_is_no_day_is_printed_as_a_number_without_a_sign() {
        for (day, text) in [
            (0, "Sunday"),
            (6, "Saturday"),
            (7, "%!Weekday(7)"),
            (-1, "%!Weekday(18446744073709551615)"),
        ] {
            assert_eq!(weekday_text(day), text);
        }
    }
}
