//! Times and durations for people: times with their distance from UTC, durations rounded.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

use crate::alert::{Alert, Status};
use crate::render::facts::{Facts, SharedTimes};
use crate::render::words::Words;

const SECOND_OF_MINUTE: i64 = 60;
const SECOND_OF_HOUR: i64 = 60 * SECOND_OF_MINUTE;
const SECOND_OF_DAY: i64 = 24 * SECOND_OF_HOUR;

/// The times that one line says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::render) struct SaidTimes {
    /// When it was, if it ended as it began.
    at: Option<Timestamp>,
    /// Since when.
    start: Option<Timestamp>,
    /// Whether it fired before, and nobody was told that it recovered.
    is_again: bool,
    /// Until when.
    end: Option<Timestamp>,
    /// The start that the reader knows beside the end, whose date it needs not repeat.
    known_start: Option<Timestamp>,
    /// For how long.
    lasted: Option<SignedDuration>,
    /// When the reader sees it, if another line says the zone, and the date where it is not today's needs no
    /// year.
    short_for: Option<Timestamp>,
}

impl SaidTimes {
    /// All times of the only alert of a message.
    pub(in crate::render) fn of_lone(facts: &Facts<'_>, alert: &Alert, now: Timestamp) -> Self {
        let (start, end) = (alert.starts_at, alert.ends_at);
        if alert.ended_as_it_began() {
            return Self { at: start, ..Self::default() };
        }
        let (is_again, known_start) = (facts.fires_again(alert), start);
        let lasted = lasted(alert.status, start, end, now);
        Self { start, is_again, end, known_start, lasted, ..Self::default() }
    }

    /// The times that several alerts share.
    pub(in crate::render) fn shared(facts: &Facts<'_>, now: Timestamp) -> Self {
        let SharedTimes { at, start, end } = facts.times;
        let status = Some(facts.status).filter(|_| all_last_alike(facts));
        let lasted = status.and_then(|of| lasted(of, start, end, now));
        let (is_again, known_start) = (facts.all_fires_again(), start);
        Self { at, start, is_again, end, known_start, lasted, short_for: None }
    }

    /// The times of one of several alerts, without those that all share, and short.
    pub(in crate::render) fn of_member(facts: &Facts<'_>, alert: &Alert, now: Timestamp) -> Self {
        let all = Self::of_lone(facts, alert, now);
        let at = all.at.filter(|_| facts.times.at.is_none());
        let start = all.start.filter(|_| facts.times.start.is_none());
        let end = all.end.filter(|_| facts.times.end.is_none());
        let is_own = start.is_some() || end.is_some() || !all_last_alike(facts);
        let lasted = all.lasted.filter(|_| is_own);
        Self { at, start, end, lasted, short_for: Some(now), ..all }
    }

    /// Since when, until when and for how long.
    ///
    /// `since 2026-11-21 03:12 +08:00, for 17m`, or
    /// `since 2026-11-21 03:12 +08:00, until 03:29, for 17m`. What ended as it began has one time,
    /// `at 2026-11-21 03:12 +08:00`. None if no time is said.
    pub(in crate::render) fn sentence(&self, zone: &TimeZone, words: &Words) -> Option<String> {
        let since = if self.is_again { words.again_since } else { words.since };
        let said_start = |start| match self.short_for {
            None => point(start, zone),
            Some(now) => short(start, now, zone),
        };
        let said_end = |end| match self.short_for {
            None => point_after(self.known_start, end, zone),
            Some(now) => short_after(self.known_start, end, now, zone),
        };
        let said: Vec<String> = [
            self.at.map(|at| format!("{}{}", words.at, said_start(at))),
            self.start.map(|start| format!("{since}{}", said_start(start))),
            self.end.map(|end| format!("{}{}", words.until, said_end(end))),
            self.lasted
                .and_then(|lasted| length(lasted, words.units))
                .map(|length| format!("{}{length}", words.lasting)),
        ]
        .into_iter()
        .flatten()
        .collect();
        (!said.is_empty()).then(|| said.join(words.pause))
    }
}

/// Whether alerts that share their times also share how long they lasted: beside alerts that fire,
/// resolved ones lasted each as long as it did.
fn all_last_alike(facts: &Facts<'_>) -> bool {
    (facts.firing > 0 && facts.resolved == 0) || facts.times.end.is_some()
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
    if is_same_day(start, &end_here, zone) { clock(&end_here) } else { long(&end_here) }
}

/// The same as [`short`] lets it be understood, if it is on another day than `start`.
pub(in crate::render) fn short_after(
    start: Option<Timestamp>,
    end: Timestamp,
    now: Timestamp,
    zone: &TimeZone,
) -> String {
    let end_here = local(end, zone);
    if is_same_day(start, &end_here, zone) { clock(&end_here) } else { short(end, now, zone) }
}

fn is_same_day(start: Option<Timestamp>, end: &Zoned, zone: &TimeZone) -> bool {
    start.is_some_and(|start| {
        let start = local(start, zone);
        start.date() == end.date() && start.offset() == end.offset()
    })
}

fn clock(time: &Zoned) -> String {
    time.strftime("%H:%M").to_string()
}

/// The distance of the zone's times from UTC, as at `now`.
pub(in crate::render) fn offset(now: Timestamp, zone: &TimeZone) -> String {
    local(now, zone).strftime("%:z").to_string()
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
    use crate::render::tests::{alert, notification, resolved};
    use crate::render::{Language, SeverityOrder, Subject};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn sentence(
        alert: &Alert,
        zone: &TimeZone,
        now: Timestamp,
        language: Language,
    ) -> Option<String> {
        let notification = notification(vec![alert.clone()]);
        let subject = Subject::new(&notification, &SeverityOrder::USUAL);
        SaidTimes::of_lone(subject.facts(), alert, now).sentence(zone, language.words())
    }

    fn english(alert: &Alert, zone: &TimeZone, now: Timestamp) -> Option<String> {
        sentence(alert, zone, now, Language::En)
    }

    /// The shared times of some alerts, then those of each, where a group was told of until a time.
    fn of_several(alerts: &[Alert], told_until: Option<&str>) -> Vec<Option<String>> {
        let notification = notification(alerts.to_vec());
        let subject = Subject::new(&notification, &SeverityOrder::USUAL);
        let subject = subject.told_until(told_until.map(at));
        let (facts, now) = (subject.facts(), at("2026-11-20T19:30:00Z"));
        let members = alerts.iter().map(|alert| SaidTimes::of_member(facts, alert, now));
        let all = [SaidTimes::shared(facts, now)].into_iter().chain(members);
        all.map(|times| times.sentence(&TimeZone::UTC, Language::En.words())).collect()
    }

    #[test]
    fn chinese_says_the_same() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut one = alert(&[], &[]);
        one.starts_at = Some(at("2026-11-20T19:12:30Z"));
        let said = |one: &Alert, now: &str| sentence(one, &zone, at(now), Language::ZhCn);
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
    fn what_all_alerts_share_is_said_once_and_the_rest_by_each() {
        let start = |time: &str| Alert { starts_at: Some(at(time)), ..alert(&[], &[]) };
        let fires = || start("2026-11-20T19:12:30Z");
        let later = || start("2026-11-20T19:20:00Z");
        let ended = || resolved(fires());
        let other_end = || Alert { ends_at: Some(at("2026-11-20T19:28:00Z")), ..ended() };
        let event = |alert: Alert| Alert { ends_at: alert.starts_at, ..alert };
        let (since, lasting) = ("since 2026-11-20 19:12 +00:00", ", for 17m");
        let since_and_for = format!("{since}{lasting}");
        let cases: [(Vec<Alert>, [&str; 3]); 8] = [
            (vec![fires(), start("2026-11-20T19:12:50Z")], [&since_and_for, "", ""]),
            (vec![fires(), later()], ["", "since 19:12, for 17m", "since 19:20, for 10m"]),
            (vec![fires(), ended()], [since, "for 17m", "until 19:25, for 12m"]),
            (vec![ended(), ended()], [&format!("{since}, until 19:25, for 12m"), "", ""]),
            (vec![ended(), other_end()], [since, "until 19:25, for 12m", "until 19:28, for 15m"]),
            (vec![event(fires()), event(fires())], ["at 2026-11-20 19:12 +00:00", "", ""]),
            (vec![event(fires()), event(later())], ["", "at 19:12", "at 19:20"]),
            (vec![event(fires()), fires()], ["", "at 19:12", "since 19:12, for 17m"]),
        ];
        for (alerts, expected) in cases {
            let said = of_several(&alerts, None);
            let said: Vec<_> = said.iter().map(|said| said.as_deref().unwrap_or("")).collect();
            assert_eq!(said, expected);
        }
    }

    #[test]
    fn of_several_alerts_each_says_the_date_only_where_it_is_not_todays() {
        let ended = |start: &str, end: &str| Alert {
            starts_at: Some(at(start)),
            ends_at: Some(at(end)),
            ..resolved(alert(&[], &[]))
        };
        let said = of_several(
            &[
                ended("2026-11-20T18:00:00Z", "2026-11-20T19:00:00Z"),
                ended("2026-11-18T18:00:00Z", "2026-11-18T19:00:00Z"),
                ended("2026-11-18T18:00:00Z", "2026-11-20T18:00:00Z"),
            ],
            None,
        );
        let said: Vec<_> = said.iter().map(|said| said.as_deref().unwrap_or("")).collect();
        assert_eq!(
            said,
            [
                "",
                "since 18:00, until 19:00, for 1h",
                "since 11-18 18:00, until 19:00, for 1h",
                "since 11-18 18:00, until 18:00, for 2d",
            ]
        );
    }

    #[test]
    fn an_alert_that_began_after_its_group_was_told_of_fires_again() {
        let start = |time: &str| Alert { starts_at: Some(at(time)), ..alert(&[], &[]) };
        let alerts = [start("2026-11-20T19:12:30Z"), start("2026-11-20T19:20:00Z")];
        let said = of_several(&alerts, Some("2026-11-20T19:12:30Z"));
        assert_eq!(said[1].as_deref(), Some("since 19:12, for 17m"));
        assert_eq!(said[2].as_deref(), Some("fired again since 19:20, for 10m"));
        let again = "fired again since 2026-11-20 19:20 +00:00, for 10m";
        let said = of_several(&alerts[1..], Some("2026-11-20T19:12:30Z"));
        assert_eq!(said[0].as_deref(), Some(again));
        let event = Alert { ends_at: alerts[1].starts_at, ..alerts[1].clone() };
        let said = of_several(&[event], Some("2026-11-20T19:12:30Z"));
        assert_eq!(said[0].as_deref(), Some("at 2026-11-20 19:20 +00:00"));
        let calm = resolved(alerts[1].clone());
        let said = of_several(&[calm], Some("2026-11-20T19:12:30Z"));
        assert!(said[0].as_deref().is_some_and(|said| said.starts_with("since ")), "{said:?}");
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
