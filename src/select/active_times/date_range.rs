//! Ranges of years, months, days of the month and weekdays; both ends are in them.

use std::fmt;

use jiff::civil::Date;

use super::DateField;
use super::date_field::LONGEST_MONTH;

/// A range of values of one part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    field: DateField,
    first: i16,
    last: i16,
}

/// Why a text is no range; says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DateRangeError {
    /// It is neither a value nor two with a colon between them.
    #[error("expected {}, found `{text}`{hint}", field.expected())]
    Unknown {
        /// What it is read as.
        field: DateField,
        /// The text.
        text: String,
        /// The end of the sentence, if it is known what was meant.
        hint: String,
    },
    /// It ends before it begins.
    #[error("`{text}` ends before it begins; {instead}")]
    Backwards {
        /// The text.
        text: String,
        /// What to write.
        instead: String,
    },
}

impl DateRange {
    /// Reads one value, or two with a colon between them; upper and lower case are the same.
    ///
    /// # Errors
    ///
    /// When a value is none of `field`, or the range ends before it begins: a week begins on Sunday, a
    /// year in January, and no range goes on over the end of a month.
    pub fn parse(field: DateField, text: &str) -> Result<Self, DateRangeError> {
        let (first, last) = text.split_once(':').unwrap_or((text, text));
        let unknown = || {
            let hint = field.meant(text).map(|meant| format!("; did you mean `{meant}`?"));
            let (text, hint) = (text.to_owned(), hint.unwrap_or_default());
            DateRangeError::Unknown { field, text, hint }
        };
        let number = |part| field.number(part).ok_or_else(unknown);
        let range = Self { field, first: number(first)?, last: number(last)? };
        if range.is_backwards() {
            return Err(DateRangeError::Backwards {
                text: text.to_owned(),
                instead: range.instead(),
            });
        }
        Ok(range)
    }

    /// Whether it is so in every month, year or week.
    fn is_backwards(self) -> bool {
        match (self.first < 0, self.last < 0) {
            (false, true) => self.first > LONGEST_MONTH + 1 + self.last,
            (true, false) => true,
            (false, false) | (true, true) => self.first > self.last,
        }
    }

    /// What to write in place of a range that ends before it begins.
    fn instead(self) -> String {
        let Self { field, first, last } = self;
        let of = |first, last| Self { field, first, last };
        let (over, end, start) = match field {
            DateField::Weekdays => ("a week begins on Sunday, so", 6, 0),
            DateField::Months => ("over the end of a year,", 12, 1),
            DateField::DaysOfMonth if last > 0 => ("over the end of a month,", -1, 1),
            DateField::DaysOfMonth if first > 0 => {
                return format!("{last} is day {} at the latest", LONGEST_MONTH + 1 + last);
            }
            DateField::DaysOfMonth | DateField::Years => {
                return format!("write '{}'", of(last, first));
            }
        };
        format!("{over} write two: '{}', '{}'", of(first, end), of(start, last))
    }

    /// Whether the date is in it.
    pub(super) fn contains(self, date: Date) -> bool {
        let day = |number: i16| match self.field {
            DateField::DaysOfMonth if number < 0 => i16::from(date.days_in_month()) + 1 + number,
            DateField::Years | DateField::Months | DateField::DaysOfMonth | DateField::Weekdays => {
                number
            }
        };
        (day(self.first)..=day(self.last)).contains(&self.field.of(date))
    }

    /// For people: `Mon-Fri`; days of the month stay as they are written, since they may have a sign.
    pub(super) fn in_words(self) -> String {
        let Self { field, first, last } = self;
        let short = |number| match field.name(number) {
            Some(name) => name[..1].to_uppercase() + &name[1..3],
            None => number.to_string(),
        };
        if field == DateField::DaysOfMonth {
            return self.to_string();
        }
        if first == last { short(first) } else { format!("{}-{}", short(first), short(last)) }
    }
}

/// As it is written, with names where there are some: `monday:friday`.
impl fmt::Display for DateRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let write = |f: &mut fmt::Formatter<'_>, number| match self.field.name(number) {
            Some(name) => f.write_str(name),
            None => write!(f, "{number}"),
        };
        write(f, self.first)?;
        if self.first == self.last {
            return Ok(());
        }
        f.write_str(":")?;
        write(f, self.last)
    }
}
