//! Dates of the Gregorian calendar for every second that 64 bits can count.
//!
//! As in Go, seconds are counted without a sign from 1 March of a year long ago, and what does not
//! fit wraps: the last centuries of the range read as its first ones.

/// From 0001-01-01 to 1970-01-01: Go counts the seconds of a time from the former.
pub(super) const UNIX_TO_INTERNAL: i64 = 62_135_596_800;

/// Years from the March where counting starts to that of the year 0; a multiple of 400.
const YEARS: u64 = 292_277_022_400;
/// 400 years always have the same days, so that these are also the same weekdays.
const CYCLE_DAYS: u64 = 146_097;
/// From 1 March to the end of December.
const MARCH_TO_DECEMBER: u64 = 306;
const DAY: u64 = 86_400;

const UNIX_TO_ABSOLUTE: u64 =
    (YEARS / 400 * CYCLE_DAYS + MARCH_TO_DECEMBER) * DAY + UNIX_TO_INTERNAL.unsigned_abs();

/// What a wall calendar and a wall clock show.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    days: u64,
    second_of_day: u64,
}

/// A day of the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: i64,
    /// From 1.
    pub(super) day: i64,
}

impl Moment {
    /// Of an instant, `offset` seconds east of UTC.
    pub(super) fn new(unix: i64, offset: i32) -> Self {
        let local = unix.wrapping_add(i64::from(offset)).cast_unsigned();
        let absolute = local.wrapping_add(UNIX_TO_ABSOLUTE);
        Self { days: absolute / DAY, second_of_day: absolute % DAY }
    }

    /// The date.
    pub(super) fn date(self) -> Date {
        let (years, day_of_year) = self.split();
        // Five months from March on have 153 days, whichever five.
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, year) = if month < 10 { (month + 3, years) } else { (month - 9, years + 1) };
        Date {
            year: year.wrapping_sub(YEARS).cast_signed(),
            month: month.cast_signed(),
            day: day.cast_signed(),
        }
    }

    /// The day of the year, from 1.
    pub(super) fn yearday(self) -> i64 {
        let (years, day_of_year) = self.split();
        let day = if day_of_year >= MARCH_TO_DECEMBER {
            day_of_year - MARCH_TO_DECEMBER + 1
        } else {
            day_of_year + 60 + u64::from(is_leap(years.wrapping_sub(YEARS).cast_signed()))
        };
        day.cast_signed()
    }

    /// The day of the week; 0 is Sunday.
    pub(super) const fn weekday(self) -> i64 {
        // Counting starts on a Wednesday.
        ((self.days + 3) % 7).cast_signed()
    }

    pub(super) const fn hour(self) -> i64 {
        (self.second_of_day / 3600).cast_signed()
    }

    pub(super) const fn minute(self) -> i64 {
        (self.second_of_day / 60 % 60).cast_signed()
    }

    pub(super) const fn second(self) -> i64 {
        (self.second_of_day % 60).cast_signed()
    }

    /// Years since counting started, and days since the last 1 March.
    const fn split(self) -> (u64, u64) {
        let day = self.days % CYCLE_DAYS;
        // Takes the leap days out, so that all years have 365 days: one each 4 years but not each
        // 100, and the one that ends the cycle.
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        (self.days / CYCLE_DAYS * 400 + year, day - (365 * year + year / 4 - year / 100))
    }
}

/// The second, counted from 1970, of a date and a clock in UTC. What is out of range overflows into
/// the next larger unit, as in Go's `time.Date`; gives what is left of the nanoseconds too.
pub(super) fn unix_of(date: Date, clock: [i64; 3], nanoseconds: i64) -> (i64, u32) {
    let (year, month) = carry(date.year, date.month.wrapping_sub(1), 12);
    let [hour, minute, second] = clock;
    let (second, nanoseconds) = carry(second, nanoseconds, 1_000_000_000);
    let (minute, second) = carry(minute, second, 60);
    let (hour, minute) = carry(hour, minute, 60);
    let (day, hour) = carry(date.day, hour, 24);
    let days = absolute_days(year, month + 1, day);
    let of_day = (hour * 3600 + minute * 60 + second).cast_unsigned();
    let absolute = days.wrapping_mul(DAY).wrapping_add(of_day);
    let unix = absolute.wrapping_sub(UNIX_TO_ABSOLUTE).cast_signed();
    (unix, u32::try_from(nanoseconds).unwrap_or(0))
}

/// The days of a month.
pub(super) const fn days_in(month: i64, year: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(super) const fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// `month` is 1 to 12, `day` is any.
fn absolute_days(year: i64, month: i64, day: i64) -> u64 {
    let (year, months) =
        if month < 3 { (year.wrapping_sub(1), month + 9) } else { (year, month - 3) };
    let years = year.cast_unsigned().wrapping_add(YEARS);
    let of_centuries = (years / 100).wrapping_mul(CYCLE_DAYS) / 4;
    let of_years = years % 100 * 1461 / 4;
    let of_months = (153 * months.cast_unsigned() + 2) / 5;
    let day = day.wrapping_sub(1).cast_unsigned();
    of_centuries.wrapping_add(of_years + of_months).wrapping_add(day)
}

/// Moves what is not within `0..base` of `low` into `high`.
const fn carry(high: i64, low: i64, base: i64) -> (i64, i64) {
    if 0 <= low && low < base {
        return (high, low);
    }
    (high.wrapping_add(low.div_euclid(base)), low.rem_euclid(base))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_a_cycle_is_found_again() {
        let mut day = Date { year: 1900, month: 1, day: 1 };
        let (mut unix, _) = unix_of(day, [0; 3], 0);
        for _ in 0..CYCLE_DAYS {
            let moment = Moment::new(unix, 0);
            assert_eq!(moment.date(), day);
            assert_eq!(unix_of(day, [0; 3], 0), (unix, 0));
            let first = unix_of(Date { month: 1, day: 1, ..day }, [0; 3], 0).0;
            assert_eq!(moment.yearday(), (unix - first) / 86_400 + 1);
            unix += 86_400;
            day.day += 1;
            if day.day > days_in(day.month, day.year) {
                day = Date { day: 1, month: day.month + 1, ..day };
            }
            if day.month > 12 {
                day = Date { month: 1, year: day.year + 1, ..day };
            }
        }
    }

    #[test]
    fn what_is_out_of_range_moves_on() {
        let date = Date { year: 2026, month: 14, day: -1 };
        let (unix, nanoseconds) = unix_of(date, [25, -1, 61], -1);
        let moment = Moment::new(unix, 0);
        assert_eq!(moment.date(), Date { year: 2027, month: 1, day: 31 });
        assert_eq!([moment.hour(), moment.minute(), moment.second()], [1, 0, 0]);
        assert_eq!(nanoseconds, 999_999_999);
    }
}
