//! Times and durations for people: times with their distance from UTC, durations rounded.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use crate::alert::{Alert, Status};
use crate::render::words::Words;

const SECOND_OF_MINUTE: i64 = 60;
const SECOND_OF_HOUR: i64 = 60 * SECOND_OF_MINUTE;
const SECOND_OF_DAY: i64 = 24 * SECOND_OF_HOUR;

/// Since when an alert fires, until when it did, and for how long.
///
/// `since 2026-11-21 03:12 +08:00, for 17m`, or
/// `since 2026-11-21 03:12 +08:00, until 03:29, for 17m`. What ended as it began has one time,
/// `at 2026-11-21 03:12 +08:00`. None if no time is known.
pub(in crate::render) fn sentence(
    alert: &Alert,
    zone: &TimeZone,
    now: Timestamp,
    words: &Words,
) -> Option<String> {
    let (start, end) = (alert.starts_at, alert.ends_at);
    if start == end {
        return start.map(|start| [words.at, &point(start, zone)].concat());
    }
    let said: Vec<String> = [
        start.map(|start| format!("{}{}", words.since, point(start, zone))),
        end.map(|end| format!("{}{}", words.until, point_after(start, end, zone))),
        lasted(alert.status, start, end, now)
            .and_then(|lasted| length(lasted, words.units))
            .map(|length| format!("{}{length}", words.lasting)),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!said.is_empty()).then(|| said.join(words.pause))
}

/// How long an alert has been firing, or had been when it was resolved; none if its times are not
/// known.
pub(in crate::render) fn lasted(
    status: Status,
    start: Option<Timestamp>,
    end: Option<Timestamp>,
    now: Timestamp,
) -> Option<SignedDuration> {
    let end = match status {
        Status::Firing => now,
        Status::Resolved => end?,
    };
    Some(end.duration_since(start?))
}

/// A time to the minute, with its distance from UTC: `2026-11-21 03:12 +08:00`.
pub(in crate::render) fn point(time: Timestamp, zone: &TimeZone) -> String {
    long(&local(time, zone))
}

/// A time to the minute, as `03:29` alone if it is on the day of `start`.
pub(in crate::render) fn point_after(
    start: Option<Timestamp>,
    end: Timestamp,
    zone: &TimeZone,
) -> String {
    let end_here = local(end, zone);
    let same_day = start.is_some_and(|start| {
        let start = local(start, zone);
        start.date() == end_here.date() && start.offset() == end_here.offset()
    });
    if same_day { end_here.strftime("%H:%M").to_string() } else { long(&end_here) }
}

/// A time to the minute, as short as `now` lets it be understood: `03:29` on the same day, with the
/// month and the day in the same year, and else with the year; without its distance from UTC.
pub(in crate::render) fn short(time: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (time, now) = (local(time, zone), local(now, zone));
    let format = if time.date() == now.date() {
        "%H:%M"
    } else if time.year() == now.year() {
        "%m-%d %H:%M"
    } else {
        "%Y-%m-%d %H:%M"
    };
    time.strftime(format).to_string()
}

fn local(time: Timestamp, zone: &TimeZone) -> Zoned {
    time.to_zoned(zone.clone())
}

fn long(time: &Zoned) -> String {
    time.strftime("%Y-%m-%d %H:%M %:z").to_string()
}

/// A duration in its two largest units; none if it is negative, as with clocks that differ. The
/// units are the words for days, hours, minutes and seconds.
pub(in crate::render) fn length(duration: SignedDuration, units: [&str; 4]) -> Option<String> {
    if duration.is_negative() {
        return None;
    }
    let seconds = duration.as_secs();
    let (days, hours) = (seconds / SECOND_OF_DAY, seconds % SECOND_OF_DAY / SECOND_OF_HOUR);
    let minutes = seconds % SECOND_OF_HOUR / SECOND_OF_MINUTE;
    let [day, hour, minute, second] = units;
    Some(match seconds {
        ..SECOND_OF_MINUTE => format!("{seconds}{second}"),
        SECOND_OF_MINUTE..SECOND_OF_HOUR => format!("{minutes}{minute}"),
        SECOND_OF_HOUR..SECOND_OF_DAY => two((hours, hour), (minutes, minute)),
        SECOND_OF_DAY.. => two((days, day), (hours, hour)),
    })
}

fn two((large, large_unit): (i64, &str), (small, small_unit): (i64, &str)) -> String {
    match small {
        0 => format!("{large}{large_unit}"),
        _ => format!("{large}{large_unit} {small}{small_unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Language;
    use crate::render::tests::alert;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn english(alert: &Alert, zone: &TimeZone, now: Timestamp) -> Option<String> {
        sentence(alert, zone, now, Language::En.words())
    }

    #[test]
    fn chinese_says_the_same() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut one = alert(&[], &[]);
        one.starts_at = Some(at("2026-11-20T19:12:30Z"));
        let said = |one: &Alert, now: &str| sentence(one, &zone, at(now), Language::ZhCn.words());
        let cases = [
            ("2026-11-20T19:12:50Z", "持续 20 秒"),
            ("2026-11-20T21:17:30Z", "持续 2 小时 5 分钟"),
            ("2026-11-23T22:17:30Z", "持续 3 天 3 小时"),
        ];
        for (now, lasting) in cases {
            let expected = format!("开始时间：2026-11-21 03:12 +08:00，{lasting}");
            assert_eq!(said(&one, now), Some(expected));
        }
        one.status = Status::Resolved;
        one.ends_at = Some(at("2026-11-20T19:29:40Z"));
        assert_eq!(
            said(&one, "2026-11-22T00:00:00Z").as_deref(),
            Some("开始时间：2026-11-21 03:12 +08:00，恢复时间：03:29，持续 17 分钟")
        );
    }

    #[test]
    fn a_firing_alert_says_since_when_and_for_how_long() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut one = alert(&[], &[]);
        one.starts_at = Some(at("2026-11-20T19:12:30Z"));
        let cases = [
            ("2026-11-20T19:12:50Z", "since 2026-11-21 03:12 +08:00, for 20s"),
            ("2026-11-20T19:30:00Z", "since 2026-11-21 03:12 +08:00, for 17m"),
            ("2026-11-20T21:12:30Z", "since 2026-11-21 03:12 +08:00, for 2h"),
            ("2026-11-20T21:17:30Z", "since 2026-11-21 03:12 +08:00, for 2h 5m"),
            ("2026-11-23T22:17:30Z", "since 2026-11-21 03:12 +08:00, for 3d 3h"),
            ("2026-11-20T19:12:00Z", "since 2026-11-21 03:12 +08:00"),
        ];
        for (now, expected) in cases {
            assert_eq!(english(&one, &zone, at(now)).as_deref(), Some(expected), "{now}");
        }
        one.ends_at = one.starts_at;
        let event = english(&one, &zone, at("2026-11-20T19:30:00Z"));
        assert_eq!(event.as_deref(), Some("at 2026-11-21 03:12 +08:00"));
        (one.starts_at, one.ends_at) = (None, None);
        assert_eq!(english(&one, &zone, at("2026-11-20T19:12:50Z")), None);
    }

    #[test]
    fn a_resolved_alert_says_when_and_after_how_long() {
        let (start, end) = ("2026-11-20T19:12:30Z", "2026-11-20T19:29:40Z");
        let cases = [
            (Some(start), Some(end), Some("since 2026-11-20 19:12 +00:00, until 19:29, for 17m")),
            (
                Some(start),
                Some("2026-11-21T01:00:00Z"),
                Some("since 2026-11-20 19:12 +00:00, until 2026-11-21 01:00 +00:00, for 5h 47m"),
            ),
            (Some(start), None, Some("since 2026-11-20 19:12 +00:00")),
            (Some(start), Some(start), Some("at 2026-11-20 19:12 +00:00")),
            (None, Some(end), Some("until 2026-11-20 19:29 +00:00")),
            (None, None, None),
        ];
        for (starts_at, ends_at, expected) in cases {
            let mut one = alert(&[], &[]);
            one.status = Status::Resolved;
            (one.starts_at, one.ends_at) = (starts_at.map(at), ends_at.map(at));
            let said = english(&one, &TimeZone::UTC, at("2026-11-22T00:00:00Z"));
            assert_eq!(said.as_deref(), expected);
        }
    }

    #[test]
    fn a_short_time_has_the_date_only_where_it_is_not_todays() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let cases = [
            ("2026-11-20T19:12:30Z", "03:12"),
            ("2026-11-20T15:59:59Z", "11-20 23:59"),
            ("2025-12-31T15:00:00Z", "2025-12-31 23:00"),
            ("2026-11-22T00:00:00Z", "11-22 08:00"),
        ];
        for (time, expected) in cases {
            assert_eq!(short(at(time), at("2026-11-20T19:29:45Z"), &zone), expected);
        }
        for time in [Timestamp::MIN, Timestamp::MAX] {
            assert!(!short(time, Timestamp::MAX, &zone).is_empty());
        }
    }

    #[test]
    fn the_ends_of_time_are_no_reason_to_panic() {
        for time in [Timestamp::MIN, Timestamp::MAX] {
            let mut one = alert(&[], &[]);
            (one.starts_at, one.ends_at) = (Some(time), Some(Timestamp::MIN));
            for status in [Status::Firing, Status::Resolved] {
                one.status = status;
                for zone in ["Asia/Shanghai", "America/Los_Angeles", "UTC"] {
                    let zone = TimeZone::get(zone).unwrap();
                    assert!(english(&one, &zone, Timestamp::MAX).is_some());
                }
            }
        }
    }
}
