//! Times and durations as a reader at night wants them: the zone named, the length rounded.

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};

use crate::alert::{Alert, Status};

const SECOND_OF_MINUTE: i64 = 60;
const SECOND_OF_HOUR: i64 = 60 * SECOND_OF_MINUTE;
const SECOND_OF_DAY: i64 = 24 * SECOND_OF_HOUR;

/// Since when an alert fires and for how long; or when it ended, and after how long.
///
/// `since 2026-11-21 03:12 +08:00, for 17m`, or
/// `since 2026-11-21 03:12 +08:00, resolved 03:29 after 17m`. Nothing where no time is known.
pub(super) fn sentence(alert: &Alert, zone: &TimeZone, now: Timestamp) -> Option<String> {
    let start = alert.starts_at;
    let since = start.map(|start| format!("since {}", long(&local(start, zone))));
    match alert.status {
        Status::Firing => {
            let mut since = since?;
            if let Some(length) = length(start, now) {
                since.push_str(", for ");
                since.push_str(&length);
            }
            Some(since)
        }
        Status::Resolved => {
            let parts = [since, alert.ends_at.map(|end| resolved(start, end, zone))];
            let said: Vec<String> = parts.into_iter().flatten().collect();
            (!said.is_empty()).then(|| said.join(", "))
        }
    }
}

fn resolved(start: Option<Timestamp>, end: Timestamp, zone: &TimeZone) -> String {
    let end_here = local(end, zone);
    let same_day = start.is_some_and(|start| {
        let start = local(start, zone);
        start.date() == end_here.date() && start.offset() == end_here.offset()
    });
    let when = if same_day { end_here.strftime("%H:%M").to_string() } else { long(&end_here) };
    match length(start, end) {
        Some(length) => format!("resolved {when} after {length}"),
        None => format!("resolved {when}"),
    }
}

fn local(time: Timestamp, zone: &TimeZone) -> Zoned {
    time.to_zoned(zone.clone())
}

fn long(time: &Zoned) -> String {
    time.strftime("%Y-%m-%d %H:%M %:z").to_string()
}

/// The time between the two in its two largest units; nothing where it is negative, which is what
/// clocks that differ give.
fn length(start: Option<Timestamp>, end: Timestamp) -> Option<String> {
    let seconds = end.as_second() - start?.as_second();
    let (days, hours) = (seconds / SECOND_OF_DAY, seconds % SECOND_OF_DAY / SECOND_OF_HOUR);
    let minutes = seconds % SECOND_OF_HOUR / SECOND_OF_MINUTE;
    match seconds {
        ..0 => None,
        0..SECOND_OF_MINUTE => Some(format!("{seconds}s")),
        SECOND_OF_MINUTE..SECOND_OF_HOUR => Some(format!("{minutes}m")),
        SECOND_OF_HOUR..SECOND_OF_DAY => Some(two((hours, 'h'), (minutes, 'm'))),
        SECOND_OF_DAY.. => Some(two((days, 'd'), (hours, 'h'))),
    }
}

fn two((large, large_unit): (i64, char), (small, small_unit): (i64, char)) -> String {
    match small {
        0 => format!("{large}{large_unit}"),
        _ => format!("{large}{large_unit} {small}{small_unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::tests::alert;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
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
            assert_eq!(sentence(&one, &zone, at(now)).as_deref(), Some(expected), "{now}");
        }
        one.starts_at = None;
        assert_eq!(sentence(&one, &zone, at("2026-11-20T19:12:50Z")), None);
    }

    #[test]
    fn a_resolved_alert_says_when_and_after_how_long() {
        let (start, end) = ("2026-11-20T19:12:30Z", "2026-11-20T19:29:40Z");
        let cases = [
            (
                Some(start),
                Some(end),
                Some("since 2026-11-20 19:12 +00:00, resolved 19:29 after 17m"),
            ),
            (
                Some(start),
                Some("2026-11-21T01:00:00Z"),
                Some(
                    "since 2026-11-20 19:12 +00:00, resolved 2026-11-21 01:00 +00:00 after 5h 47m",
                ),
            ),
            (Some(start), None, Some("since 2026-11-20 19:12 +00:00")),
            (None, Some(end), Some("resolved 2026-11-20 19:29 +00:00")),
            (None, None, None),
        ];
        for (starts_at, ends_at, expected) in cases {
            let mut one = alert(&[], &[]);
            one.status = Status::Resolved;
            (one.starts_at, one.ends_at) = (starts_at.map(at), ends_at.map(at));
            let said = sentence(&one, &TimeZone::UTC, at("2026-11-22T00:00:00Z"));
            assert_eq!(said.as_deref(), expected);
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
                    assert!(sentence(&one, &zone, Timestamp::MAX).is_some());
                }
            }
        }
    }
}
