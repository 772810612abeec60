//! Reckoning with times: what Go's methods of `time.Time` compute.

use std::cmp::Ordering;

use super::civil::{self, Date, Moment, UNIX_TO_INTERNAL};
use super::{Time, Zone};

const SECOND: i64 = 1_000_000_000;

impl Time {
    /// Go's `time.Date`: the year, month and day, then the hour, minute and second, that calendar
    /// and clock in `zone` show. What is out of range moves on: 32 October is 1 November.
    #[must_use]
    pub fn of(date: [i64; 3], clock: [i64; 3], nanoseconds: i64, zone: Zone) -> Self {
        let [year, month, day] = date;
        let (wall, nanoseconds) = civil::unix_of(Date { year, month, day }, clock, nanoseconds);
        Self::unix(zone.instant_of(wall), nanoseconds, zone)
    }

    /// Seconds since 0001-01-01, which is what Go keeps and compares.
    const fn internal(&self) -> i64 {
        self.seconds.wrapping_add(UNIX_TO_INTERNAL)
    }

    fn internal_nanoseconds(&self) -> i128 {
        i128::from(self.internal()) * i128::from(SECOND) + i128::from(self.nanoseconds)
    }

    /// What the calendar and the clock show.
    pub(super) fn moment(&self) -> Moment {
        Moment::new(self.seconds, self.zone.offset_at(self.seconds))
    }

    /// Go's `Add`: the time `nanoseconds` later. At the ends of what Go can count it stays there.
    #[must_use]
    pub fn add(&self, nanoseconds: i64) -> Self {
        let sum = i64::from(self.nanoseconds) + nanoseconds % SECOND;
        let seconds = nanoseconds / SECOND + sum.div_euclid(SECOND);
        let internal = match self.internal().checked_add(seconds) {
            Some(internal) => internal,
            None if seconds > 0 => i64::MAX,
            None => -i64::MAX,
        };
        let nanoseconds = u32::try_from(sum.rem_euclid(SECOND)).unwrap_or(0);
        Self::unix(internal.wrapping_sub(UNIX_TO_INTERNAL), nanoseconds, self.zone.clone())
    }

    /// Go's `Sub`: the nanoseconds since `earlier`, or the most or least that a duration can be.
    #[must_use]
    pub fn sub(&self, earlier: &Self) -> i64 {
        let difference = self.internal_nanoseconds() - earlier.internal_nanoseconds();
        let limit = if difference < 0 { i64::MIN } else { i64::MAX };
        i64::try_from(difference).unwrap_or(limit)
    }

    /// Go's `AddDate`, by the calendar of the time's zone.
    #[must_use]
    pub fn add_date(&self, years: i64, months: i64, days: i64) -> Self {
        let [year, month, day] = self.date();
        let date = [year.wrapping_add(years), month.wrapping_add(months), day.wrapping_add(days)];
        Self::of(date, self.clock(), i64::from(self.nanoseconds), self.zone.clone())
    }

    /// Go's `Truncate`: the last multiple of `nanoseconds` since the zero time, which is not
    /// always one on the clock.
    #[must_use]
    pub fn truncate(&self, nanoseconds: i64) -> Self {
        if nanoseconds <= 0 {
            return self.clone();
        }
        self.add(-self.remainder(nanoseconds))
    }

    /// Go's `Round`: the nearest multiple of `nanoseconds` since the zero time, up at the half.
    #[must_use]
    pub fn round(&self, nanoseconds: i64) -> Self {
        if nanoseconds <= 0 {
            return self.clone();
        }
        let over = self.remainder(nanoseconds);
        if over < nanoseconds - over { self.add(-over) } else { self.add(nanoseconds - over) }
    }

    fn remainder(&self, nanoseconds: i64) -> i64 {
        let over = self.internal_nanoseconds().rem_euclid(i128::from(nanoseconds));
        i64::try_from(over).unwrap_or(0)
    }

    /// Go's `UnixMilli`; what does not fit wraps.
    #[must_use]
    pub fn unix_milli(&self) -> i64 {
        self.unix_in(1_000)
    }

    /// Go's `UnixMicro`; what does not fit wraps.
    #[must_use]
    pub fn unix_micro(&self) -> i64 {
        self.unix_in(1_000_000)
    }

    /// Go's `UnixNano`; what does not fit wraps.
    #[must_use]
    pub fn unix_nano(&self) -> i64 {
        self.unix_in(SECOND)
    }

    fn unix_in(&self, of_second: i64) -> i64 {
        let fraction = i64::from(self.nanoseconds) / (SECOND / of_second);
        self.seconds.wrapping_mul(of_second).wrapping_add(fraction)
    }

    /// Go's `IsZero`: whether it is the first instant of the year 1.
    #[must_use]
    pub const fn is_zero(&self) -> bool {
        self.internal() == 0 && self.nanoseconds == 0
    }

    /// Go's `Compare`: which instant is earlier; the zones do not matter.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let one = (self.internal(), self.nanoseconds);
        one.cmp(&(other.internal(), other.nanoseconds))
    }

    /// Go's `==`: whether the zones are the same too.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.compare(other) == Ordering::Equal && self.zone.is_same(&other.zone)
    }

    /// The year, the month from 1 and the day from 1.
    #[must_use]
    pub fn date(&self) -> [i64; 3] {
        let Date { year, month, day } = self.moment().date();
        [year, month, day]
    }

    /// The hour, the minute and the second.
    #[must_use]
    pub fn clock(&self) -> [i64; 3] {
        let moment = self.moment();
        [moment.hour(), moment.minute(), moment.second()]
    }

    /// The year.
    #[must_use]
    pub fn year(&self) -> i64 {
        self.moment().date().year
    }

    /// The month, from 1.
    #[must_use]
    pub fn month(&self) -> i64 {
        self.moment().date().month
    }

    /// The day of the month, from 1.
    #[must_use]
    pub fn day(&self) -> i64 {
        self.moment().date().day
    }

    /// The day of the year, from 1.
    #[must_use]
    pub fn yearday(&self) -> i64 {
        self.moment().yearday()
    }

    /// The day of the week; 0 is Sunday.
    #[must_use]
    pub fn weekday(&self) -> i64 {
        self.moment().weekday()
    }

    /// The hour, 0 to 23.
    #[must_use]
    pub fn hour(&self) -> i64 {
        self.moment().hour()
    }

    /// The minute of the hour.
    #[must_use]
    pub fn minute(&self) -> i64 {
        self.moment().minute()
    }

    /// The second of the minute.
    #[must_use]
    pub fn second(&self) -> i64 {
        self.moment().second()
    }

    /// Go's `IsDST`: whether daylight saving time is in effect.
    #[must_use]
    pub fn is_dst(&self) -> bool {
        self.zone.at(self.seconds).is_dst
    }
}
