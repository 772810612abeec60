//! Tests of time intervals: tables of instants in them and outside of them, and the words for both.

use proptest::prelude::*;

use super::*;

/// An interval as `weekdays monday:friday; times 09:00-18:00; in Asia/Shanghai`.
pub(in crate::select) fn interval(text: &str) -> TimeInterval {
    let mut interval = TimeInterval {
        times: None,
        dates: Vec::new(),
        zone: TimeZone::UTC,
        exceptions: Vec::new(),
    };
    for piece in text.split(';').map(str::trim).filter(|piece| !piece.is_empty()) {
        let (key, list) = piece.split_once(' ').unwrap_or((piece, ""));
        let mut items = list.split(',').filter(|item| !item.is_empty());
        if let Some(field) = DateField::ALL.into_iter().find(|field| field.key() == key) {
            let ranges = items.map(|item| DateRange::parse(field, item).unwrap()).collect();
            interval.dates.push(Dates { field, ranges });
        } else if key == "times" {
            interval.times = Some(items.map(times).collect());
        } else {
            assert_eq!(key, "in", "{text}");
            interval.zone = TimeZone::get(items.next().unwrap()).unwrap();
        }
    }
    interval
}

fn times(text: &str) -> TimeRange {
    let (start, end) = text.split_once('-').unwrap();
    TimeRange::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
}

fn except(outer: &str, exceptions: &[&str]) -> TimeInterval {
    let exceptions = exceptions.iter().map(|text| interval(text)).collect();
    TimeInterval { exceptions, ..interval(outer) }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Instants within an interval, and outside.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

#[track_caller]
fn assert_rows(rows: &[Row]) {
    for (text, within, outside) in rows {
        let interval = interval(text);
        for instant in *within {
            assert!(interval.contains(at(instant)), "{instant} is not within {text}");
        }
        for instant in *outside {
            assert!(!interval.contains(at(instant)), "{instant} is within {text}");
        }
    }
}

#[test]
fn what_is_not_asked_holds_always_and_an_empty_list_never() {
    const NOON: &str = "2026-11-20T12:00:00Z";
    assert_rows(&[
        ("", &[NOON, "1999-12-31T23:59:59Z"], &[]),
        ("in Asia/Shanghai", &[NOON], &[]),
        ("times", &[], &[NOON]),
        ("weekdays", &[], &[NOON]),
        ("days_of_month", &[], &[NOON]),
        ("months", &[], &[NOON]),
        ("years", &[], &[NOON]),
        ("years 2026; times", &[], &[NOON]),
    ]);
}

#[test]
fn a_time_of_day_holds_from_its_start_until_just_before_its_end() {
    assert_rows(&[
        (
            "times 09:00-18:00",
            &["2026-11-20T09:00:00Z", "2026-11-20T17:59:59.999999999Z"],
            &["2026-11-20T08:59:59.999999999Z", "2026-11-20T18:00:00Z"],
        ),
        ("times 00:00-24:00", &["2026-11-20T00:00:00Z", "2026-11-20T23:59:59.999Z"], &[]),
        (
            "times 23:59-24:00",
            &["2026-11-20T23:59:00Z", "2026-11-20T23:59:59Z"],
            &["2026-11-20T23:58:59Z", "2026-11-21T00:00:00Z"],
        ),
        (
            "times 22:00-24:00,00:00-06:00",
            &[
                "2026-11-20T22:00:00Z",
                "2026-11-20T23:59:59Z",
                "2026-11-21T00:00:00Z",
                "2026-11-21T05:59:59Z",
            ],
            &["2026-11-20T21:59:59Z", "2026-11-21T06:00:00Z"],
        ),
        (
            "times 08:00-12:00,13:30-20:00",
            &["2026-11-20T08:00:00Z", "2026-11-20T13:30:00Z"],
            &["2026-11-20T12:00:00Z", "2026-11-20T13:29:59Z"],
        ),
    ]);
}

#[test]
fn the_night_of_a_weekday_ends_at_its_midnight() {
    // 2026-11-20 is a Friday. What is after midnight is the next day's, so it has an interval of its own.
    let nights = [
        interval("weekdays monday:friday; times 22:00-24:00"),
        interval("weekdays tuesday:saturday; times 00:00-06:00"),
    ];
    let nights = ActiveTimes::new(nights.to_vec());
    for (instant, held) in [
        ("2026-11-20T22:00:00Z", true),
        ("2026-11-21T05:59:00Z", true),
        ("2026-11-21T06:00:00Z", false),
        ("2026-11-21T23:00:00Z", false),
        ("2026-11-23T05:00:00Z", false),
        ("2026-11-23T23:00:00Z", true),
    ] {
        assert_eq!(nights.hold(at(instant)), held, "{instant}");
    }
}

#[test]
fn without_a_zone_the_clock_is_utc_and_else_the_one_there() {
    assert_rows(&[
        ("times 09:00-18:00", &["2026-11-20T09:00:00Z"], &["2026-11-20T09:00:00+08:00"]),
        ("times 09:00-18:00; in UTC", &["2026-11-20T09:00:00Z"], &["2026-11-20T09:00:00+08:00"]),
        (
            "weekdays friday; times 09:00-18:00; in Asia/Shanghai",
            &["2026-11-20T01:00:00Z", "2026-11-20T17:59:59+08:00"],
            &["2026-11-20T00:59:59Z", "2026-11-20T10:00:00Z", "2026-11-21T02:00:00Z"],
        ),
        // A zone that is not whole hours away, and one in which the day is already another.
        (
            "times 05:45-06:00; in Asia/Kathmandu",
            &["2026-11-20T00:00:00Z", "2026-11-20T00:14:59Z"],
            &["2026-11-20T00:15:00Z"],
        ),
        (
            "years 2027; months january; days_of_month 1; in Pacific/Auckland",
            &["2026-12-31T11:00:00Z"],
            &["2026-12-31T10:59:59Z"],
        ),
    ]);
}

#[test]
fn an_hour_that_the_clock_leaves_out_never_comes_and_one_that_comes_twice_counts_twice() {
    assert_rows(&[
        // Berlin goes from 02:00 to 03:00 at 01:00 UTC on 2026-03-29, and back at 01:00 UTC on 10-25.
        (
            "times 02:00-03:00; in Europe/Berlin",
            &[
                "2026-03-28T01:00:00Z",
                "2026-10-25T00:00:00Z",
                "2026-10-25T00:59:59Z",
                "2026-10-25T01:00:00Z",
                "2026-10-25T01:59:59Z",
            ],
            &[
                "2026-03-29T00:59:59Z",
                "2026-03-29T01:00:00Z",
                "2026-10-24T23:59:59Z",
                "2026-10-25T02:00:00Z",
            ],
        ),
        (
            "times 01:30-03:30; in Europe/Berlin",
            &[
                "2026-03-29T00:30:00Z",
                "2026-03-29T01:29:59Z",
                "2026-10-24T23:30:00Z",
                "2026-10-25T02:29:59Z",
            ],
            &["2026-03-29T00:29:59Z", "2026-03-29T01:30:00Z", "2026-10-25T02:30:00Z"],
        ),
        // New York goes from 02:00 to 03:00 at 07:00 UTC on 2026-03-08, and back at 06:00 UTC on 11-01.
        (
            "times 02:00-03:00; in America/New_York",
            &["2026-03-07T07:00:00Z", "2026-11-01T07:00:00Z"],
            &["2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z", "2026-11-01T06:59:59Z"],
        ),
        (
            "times 01:00-02:00; in America/New_York",
            &[
                "2026-11-01T05:00:00Z",
                "2026-11-01T05:59:59Z",
                "2026-11-01T06:00:00Z",
                "2026-11-01T06:59:59Z",
                "2026-03-08T06:59:59Z",
            ],
            &["2026-11-01T04:59:59Z", "2026-11-01T07:00:00Z", "2026-03-08T07:00:00Z"],
        ),
        // Nine o'clock is nine o'clock there, before the change and after it.
        (
            "times 09:00-18:00; in Europe/Berlin",
            &[
                "2026-03-28T08:00:00Z",
                "2026-03-29T07:00:00Z",
                "2026-10-24T07:00:00Z",
                "2026-10-25T08:00:00Z",
            ],
            &[
                "2026-03-28T07:59:59Z",
                "2026-03-29T16:00:00Z",
                "2026-10-25T07:59:59Z",
                "2026-10-25T17:00:00Z",
            ],
        ),
    ]);
}

#[test]
fn weekdays_are_those_there_and_their_names_have_no_case() {
    assert_rows(&[
        (
            "weekdays monday:friday,SUNDAY",
            &[
                "2026-11-20T12:00:00Z",
                "2026-11-22T00:00:00Z",
                "2026-11-22T23:59:59Z",
                "2026-11-23T00:00:00Z",
            ],
            &["2026-11-21T00:00:00Z", "2026-11-21T23:59:59Z"],
        ),
        ("weekdays sunday:saturday", &["2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z"], &[]),
        (
            "weekdays saturday; in Asia/Shanghai",
            &["2026-11-20T16:00:00Z", "2026-11-21T15:59:59Z"],
            &["2026-11-20T15:59:59Z", "2026-11-21T16:00:00Z"],
        ),
    ]);
}

#[test]
fn days_are_counted_from_either_end_of_their_month() {
    assert_rows(&[
        (
            "days_of_month 1:5,-3:-1",
            &[
                "2026-11-01T00:00:00Z",
                "2026-11-05T23:59:59Z",
                "2026-11-28T00:00:00Z",
                "2026-02-26T12:00:00Z",
                "2024-02-27T12:00:00Z",
                "2026-12-31T12:00:00Z",
            ],
            &[
                "2026-11-06T00:00:00Z",
                "2026-11-27T23:59:59Z",
                "2026-02-25T12:00:00Z",
                "2024-02-26T12:00:00Z",
                "2026-12-28T12:00:00Z",
            ],
        ),
        (
            "days_of_month -1",
            &["2026-11-30T12:00:00Z", "2024-02-29T12:00:00Z", "2023-02-28T12:00:00Z"],
            &["2024-02-28T12:00:00Z", "2026-12-01T00:00:00Z"],
        ),
        (
            "days_of_month 31",
            &["2026-12-31T12:00:00Z"],
            &["2026-11-30T12:00:00Z", "2026-12-01T12:00:00Z", "2026-02-28T12:00:00Z"],
        ),
        (
            "days_of_month 30:31",
            &["2026-11-30T12:00:00Z", "2026-12-31T12:00:00Z"],
            &["2026-02-28T12:00:00Z"],
        ),
        (
            "days_of_month 29; months february",
            &["2024-02-29T12:00:00Z"],
            &["2023-02-28T12:00:00Z", "2023-03-01T12:00:00Z"],
        ),
        (
            "days_of_month 25:-1",
            &["2026-11-25T00:00:00Z", "2026-11-30T23:59:59Z"],
            &["2026-11-24T23:59:59Z", "2026-12-01T00:00:00Z"],
        ),
        ("days_of_month 1:-1", &["2026-02-28T12:00:00Z", "2026-11-01T00:00:00Z"], &[]),
    ]);
}

#[test]
fn a_range_of_days_that_begins_after_its_end_in_a_month_is_not_in_it() {
    assert_rows(&[
        (
            "days_of_month 20:-10",
            &["2026-12-22T12:00:00Z", "2026-11-21T12:00:00Z"],
            &["2026-12-23T12:00:00Z", "2026-02-19T12:00:00Z", "2026-02-20T12:00:00Z"],
        ),
        (
            "days_of_month -31",
            &["2026-12-01T12:00:00Z"],
            &["2026-11-01T12:00:00Z", "2026-11-30T12:00:00Z"],
        ),
        (
            "days_of_month -31:-30",
            &["2026-12-02T12:00:00Z", "2026-11-01T12:00:00Z"],
            &["2026-11-02T12:00:00Z", "2026-02-01T12:00:00Z"],
        ),
    ]);
}

#[test]
fn a_month_in_which_the_clock_goes_forward_has_all_its_days() {
    assert_rows(&[
        (
            "days_of_month -1; in Europe/Berlin",
            &["2026-03-31T12:00:00Z", "2026-03-30T22:00:00Z"],
            &["2026-03-30T12:00:00Z", "2026-03-31T22:00:00Z"],
        ),
        (
            "days_of_month 31; in America/New_York",
            &["2026-03-31T12:00:00Z"],
            &["2026-03-30T12:00:00Z"],
        ),
    ]);
}

#[test]
fn months_have_names_and_numbers_and_years_have_ranges() {
    assert_rows(&[
        (
            "months 1:3,May:August,december",
            &[
                "2026-01-01T00:00:00Z",
                "2026-03-31T23:59:59Z",
                "2026-05-01T00:00:00Z",
                "2026-08-31T12:00:00Z",
                "2026-12-31T12:00:00Z",
            ],
            &["2026-04-01T00:00:00Z", "2026-09-01T00:00:00Z", "2026-11-30T23:59:59Z"],
        ),
        ("months 1:march", &["2026-02-14T00:00:00Z"], &["2026-04-01T00:00:00Z"]),
        (
            "years 2020:2022,2026",
            &["2020-01-01T00:00:00Z", "2022-12-31T23:59:59Z", "2026-06-01T00:00:00Z"],
            &["2019-12-31T23:59:59Z", "2023-01-01T00:00:00Z", "2027-01-01T00:00:00Z"],
        ),
        (
            "years 2026; in Asia/Shanghai",
            &["2025-12-31T16:00:00Z", "2026-12-31T15:59:59Z"],
            &["2025-12-31T15:59:59Z", "2026-12-31T16:00:00Z"],
        ),
    ]);
}

#[test]
fn all_that_an_interval_asks_has_to_hold() {
    assert_rows(&[(
        "years 2024:2026; months november:december; days_of_month -4:-1,1; weekdays monday:friday; times 08:00-12:00; in Asia/Shanghai",
        &["2026-11-27T00:00:00Z", "2026-11-30T03:59:59Z", "2026-12-01T01:00:00Z"],
        &[
            "2026-11-30T04:00:00Z",
            "2026-11-28T01:00:00Z",
            "2026-12-02T01:00:00Z",
            "2026-10-30T01:00:00Z",
            "2027-11-30T01:00:00Z",
        ],
    )]);
}

#[test]
fn what_stands_below_not_is_taken_out_of_its_interval_alone() {
    let hours = "weekdays monday:friday; times 09:00-18:00; in Asia/Shanghai";
    let holidays = "months 10; days_of_month 1:7; in Asia/Shanghai";
    let closed = "times 12:00-13:00; in Asia/Shanghai";
    for (interval, instant, held) in [
        (except(hours, &[holidays]), "2026-10-08T10:00:00+08:00", true),
        (except(hours, &[holidays]), "2026-10-07T10:00:00+08:00", false),
        (except(hours, &[holidays, closed]), "2026-10-08T12:30:00+08:00", false),
        (except(hours, &[holidays, closed]), "2026-10-08T13:00:00+08:00", true),
        (except("", &["weekdays saturday"]), "2026-11-20T12:00:00Z", true),
        (except("", &["weekdays saturday"]), "2026-11-21T12:00:00Z", false),
        (except("", &[""]), "2026-11-21T12:00:00Z", false),
    ] {
        assert_eq!(interval.contains(at(instant)), held, "{instant}: {interval}");
    }
    let any = ActiveTimes::new(vec![except(hours, &[holidays]), interval("weekdays saturday")]);
    for (instant, held) in [
        ("2026-10-07T10:00:00+08:00", false),
        ("2026-10-08T10:00:00+08:00", true),
        ("2026-10-03T10:00:00+08:00", true),
    ] {
        assert_eq!(any.hold(at(instant)), held, "{instant}");
    }
}

#[test]
fn without_an_interval_a_receiver_is_always_active_and_there_is_nothing_to_say() {
    let always = ActiveTimes::default();
    assert!(always.hold(at("2026-11-21T03:12:00Z")));
    assert_eq!(always.why(at("2026-11-21T03:12:00Z")), None);
}

#[test]
fn it_is_said_when_a_receiver_is_active_and_what_time_it_is_there() {
    let hours = "weekdays monday:friday; times 09:00-18:00; in Asia/Shanghai";
    let night = at("2026-11-20T19:12:00Z");
    for (intervals, instant, why) in [
        (
            vec![interval(hours)],
            night,
            "outside active_times: Mon-Fri 09:00-18:00 Asia/Shanghai; it is Saturday 2026-11-21 \
             03:12 there",
        ),
        (
            vec![interval(hours)],
            at("2026-11-20T02:00:00Z"),
            "within active_times: Mon-Fri 09:00-18:00 Asia/Shanghai; it is Friday 2026-11-20 10:00 \
             there",
        ),
        (
            vec![interval(hours), interval("weekdays saturday; times 10:00-12:00,13:00-14:00")],
            night,
            "outside active_times: Mon-Fri 09:00-18:00 Asia/Shanghai or Sat 10:00-12:00,13:00-14:00 \
             UTC; it is Saturday 2026-11-21 03:12 in Asia/Shanghai, Friday 2026-11-20 19:12 in UTC",
        ),
        (
            vec![except(
                hours,
                &["months 10; days_of_month 1:7; in Asia/Shanghai", "days_of_month -1"],
            )],
            night,
            "outside active_times: Mon-Fri 09:00-18:00 Asia/Shanghai, but not Oct days 1:7 nor days \
             -1 UTC; it is Saturday 2026-11-21 03:12 in Asia/Shanghai, Friday 2026-11-20 19:12 in UTC",
        ),
        (
            vec![except("", &["weekdays friday"])],
            night,
            "outside active_times: not Fri UTC; it is Friday 2026-11-20 19:12 there",
        ),
        (
            vec![interval("years 2020:2022,2024; months 1:3,may; weekdays")],
            night,
            "outside active_times: 2020-2022,2024 Jan-Mar,May never (weekdays: []) UTC; it is Friday \
             2026-11-20 19:12 there",
        ),
        (
            vec![interval("")],
            night,
            "within active_times: always; it is Friday 2026-11-20 19:12 UTC",
        ),
    ] {
        assert_eq!(ActiveTimes::new(intervals).why(instant).as_deref(), Some(why));
    }
}

#[test]
fn a_time_of_day_that_is_none_is_told_what_it_was_meant_to_be() {
    for (text, meant) in [
        ("9:00", Some("09:00")),
        ("09.30", Some("09:30")),
        ("18:00:00", Some("18:00")),
        (" 09:00", Some("09:00")),
        ("09:00:30", None),
        ("24:01", None),
        ("25:00", None),
        ("09:60", None),
        ("0900", None),
        ("９:00", None),
        ("+9:00", Some("09:00")),
        ("9", None),
        ("", None),
        ("99999999999:00", None),
    ] {
        let words = text.parse::<TimeOfDay>().unwrap_err().to_string();
        assert!(words.starts_with("expected a time of day as `HH:MM`, from `00:00`"), "{words}");
        let hint =
            words.split_once("; did you mean `").map(|(_, hint)| hint.trim_end_matches("`?"));
        assert_eq!(hint, meant, "{words}");
    }
}

#[test]
fn a_range_over_midnight_is_told_as_the_two_that_it_has_to_be() {
    let range = |start: &str, end: &str| {
        TimeRange::new(start.parse().unwrap(), end.parse().unwrap())
            .map_err(|error| error.to_string())
    };
    let over = "the range ends before it begins; over midnight, write two: {start_time: '22:00', \
                end_time: '24:00'}";
    let two = format!("{over}, {{start_time: '00:00', end_time: '06:00'}}");
    assert_eq!(range("22:00", "06:00"), Err(two));
    assert_eq!(range("22:00", "00:00"), Err(over.to_owned()));
    let empty = range("09:00", "09:00").unwrap_err();
    assert!(empty.contains("the whole day is {start_time: '00:00', end_time: '24:00'}"), "{empty}");
    assert!(range("24:00", "24:00").is_err() && range("00:00", "24:00").is_ok());
}

#[test]
fn a_range_of_dates_that_is_none_is_told_what_to_write() {
    use DateField::{DaysOfMonth, Months, Weekdays, Years};
    for (field, text, words) in [
        (
            Weekdays,
            "friday:monday",
            "a week begins on Sunday, so write two: 'friday:saturday', 'sunday:monday'",
        ),
        (
            Weekdays,
            "saturday:sunday",
            "a week begins on Sunday, so write two: 'saturday', 'sunday'",
        ),
        (
            Weekdays,
            "mon",
            "expected a weekday's name such as `monday`, or a range such as `monday:friday`, found `mon`; did you mean `monday`?",
        ),
        (Weekdays, "Mon:Fri", "did you mean `monday:friday`?"),
        (Weekdays, "monday-friday", "did you mean `monday:friday`?"),
        (Weekdays, "monday: friday", "did you mean `monday:friday`?"),
        (Weekdays, "wendsday", "found `wendsday`"),
        (Weekdays, "1:5", "found `1:5`"),
        (Weekdays, "周一", "found `周一`"),
        (Weekdays, "monday:tuesday:friday", "found `monday:tuesday:friday`"),
        (Weekdays, "monday:", "found `monday:`"),
        (
            Months,
            "november:february",
            "over the end of a year, write two: 'november:december', 'january:february'",
        ),
        (Months, "12:1", "write two: 'december', 'january'"),
        (Months, "feb", "did you mean `february`?"),
        (Months, "0", "a number from 1 to 12"),
        (Months, "13", "a number from 1 to 12"),
        (DaysOfMonth, "28:5", "over the end of a month, write two: '28:-1', '1:5'"),
        (DaysOfMonth, "-5:3", "over the end of a month, write two: '-5:-1', '1:3'"),
        (DaysOfMonth, "-1:-3", "`-1:-3` ends before it begins; write '-3:-1'"),
        (DaysOfMonth, "10:-25", "`10:-25` ends before it begins; -25 is day 7 at the latest"),
        (DaysOfMonth, "1-5", "did you mean `1:5`?"),
        (DaysOfMonth, "0", "a day from 1 to 31 or, counted from the month's end, from -1 to -31"),
        (DaysOfMonth, "32", "a day from 1 to 31"),
        (DaysOfMonth, "-32", "a day from 1 to 31"),
        (DaysOfMonth, "first", "a day from 1 to 31"),
        (DaysOfMonth, "99999999999", "a day from 1 to 31"),
        (Years, "2028:2026", "`2028:2026` ends before it begins; write '2026:2028'"),
        (Years, "2026-2028", "did you mean `2026:2028`?"),
        (Years, "twenty", "a year such as `2026`"),
        (Years, "0", "a year such as `2026`"),
        (Years, "", "a year such as `2026`"),
    ] {
        let error = DateRange::parse(field, text).unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

proptest! {
    #[test]
    fn a_printed_range_reads_as_the_same(field in 0..4_usize, first in -31..32_i16, last in -31..32_i16) {
        let field = DateField::ALL[field];
        if let Ok(range) = DateRange::parse(field, &format!("{first}:{last}")) {
            prop_assert_eq!(DateRange::parse(field, &range.to_string()), Ok(range));
        }
    }

    #[test]
    fn what_is_to_be_written_instead_can_be_read(field in 0..4_usize, first in -31..32_i16, last in -31..32_i16) {
        let field = DateField::ALL[field];
        let name = |number: i16| match field {
            DateField::Weekdays => field.name(number.rem_euclid(7)).unwrap().to_owned(),
            DateField::Years | DateField::Months | DateField::DaysOfMonth => number.to_string(),
        };
        let text = format!("{}:{}", name(first), name(last));
        if let Err(DateRangeError::Backwards { instead, .. }) = DateRange::parse(field, &text) {
            for range in instead.split('\'').skip(1).step_by(2) {
                prop_assert!(DateRange::parse(field, range).is_ok(), "{text}: {instead}");
            }
        }
    }

    #[test]
    fn a_day_is_counted_the_same_from_both_ends(day in 0..4_000_i64, from_end in 1..32_i16) {
        let noon = at("2020-01-01T12:00:00Z") + jiff::SignedDuration::from_hours(24 * day);
        let date = TimeZone::UTC.to_datetime(noon).date();
        let range = interval(&format!("days_of_month -{from_end}"));
        let left = i16::from(date.days_in_month()) - i16::from(date.day()) + 1;
        prop_assert_eq!(range.contains(noon), left == from_end);
    }

    #[test]
    fn no_text_makes_a_reader_fall_over(text in "\\PC*|[0-9a-z:.-]*") {
        let _ = text.parse::<TimeOfDay>();
        for field in DateField::ALL {
            let _ = DateRange::parse(field, &text);
        }
    }
}
