//! Times against what Go 1.26 printed for the same: Go's own test cases, and random ones.
//!
//! The inputs of the former are data of the Go project's tests, BSD-3-Clause: see NOTICE.

use super::*;

/// A case a line: what is done, the inputs, and what Go gave.
const CASES: &str = include_str!("tests/go.tsv");

#[test]
fn times_are_as_in_go() {
    let mut count = 0;
    for line in CASES.lines() {
        let columns: Vec<&[u8]> = line.split('\t').map(str::as_bytes).collect();
        check(&columns);
        count += 1;
    }
    assert!(count > 700, "{count} cases");
}

#[test]
fn an_instant_with_an_offset_is_in_the_zone_of_its_text() {
    let times = [
        ("2026-01-05T03:30:00.25-03:30", -12_600),
        ("2026-07-05T03:30:00-03:30", -12_600),
        ("2026-07-05T03:30:00-02:30", -9_000),
        ("2026-07-05T15:00:00+08:00", 28_800),
        ("2026-07-05T07:00:00+00:00", 0),
    ];
    for (local, in_local) in [
        ("America/St_Johns", [true, false, true, false, false]),
        ("Asia/Shanghai", [false, false, false, true, false]),
        ("Etc/UTC", [false, false, false, false, true]),
    ] {
        let local = Zone::local(jiff::tz::TimeZone::get(local).unwrap());
        for ((text, offset), in_local) in times.into_iter().zip(in_local) {
            let read = Time::rfc3339(text.as_bytes(), &local).unwrap();
            let made = read.clone().in_zone(Zone::Utc).at_offset(offset, &local);
            assert_eq!((made.seconds(), made.to_text()), (read.seconds(), read.to_text()));
            assert_eq!(made.zone().is_local(), in_local, "{text}");
        }
    }
}

fn check(columns: &[&[u8]]) {
    let shown: Vec<_> = columns.iter().map(|column| String::from_utf8_lossy(column)).collect();
    match *columns {
        [b"format", seconds, nanoseconds, zone, layout, wanted] => {
            let time = time(seconds, nanoseconds, zone);
            assert_text(&time.format(layout), wanted, &shown);
            assert!(time.format_bound(layout) >= wanted.len(), "{shown:?}");
            if layout == b"2006-01-02 15:04:05.999999999 -0700 MST" {
                assert_text(time.to_text().as_bytes(), wanted, &shown);
            }
        }
        [b"parse", local, layout, text, wanted] => {
            assert_text(&read(Time::parse(layout, text, &zone(local))), wanted, &shown);
        }
        [b"parsein", local, layout, text, wanted] => {
            assert_text(&read(Time::parse_in(layout, text, &zone(local))), wanted, &shown);
        }
        [b"duration", text, wanted] => {
            let read = match parse_duration(str::from_utf8(text).unwrap()) {
                Ok(duration) => format!("{duration} {}", duration_text(duration)),
                Err(words) => format!("error {words}"),
            };
            assert_text(read.as_bytes(), wanted, &shown);
        }
        [b"durationtext", duration, ref wanted @ ..] => check_duration(duration, wanted, &shown),
        [b"reckon", ref inputs @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _]
            if inputs.len() == 9 =>
        {
            check_reckoning(inputs, &columns[10..], &shown);
        }
        _ => panic!("{shown:?}"),
    }
}

fn check_duration(duration: &[u8], wanted: &[&[u8]], shown: &[impl std::fmt::Debug]) {
    let duration = int(duration);
    let in_units = |unit| duration::in_units(duration, unit);
    assert_text(duration_text(duration).as_bytes(), wanted[0], shown);
    for (unit, wanted) in [3600, 60, 1].into_iter().zip(&wanted[1..4]) {
        let wanted: f64 = str::from_utf8(wanted).unwrap().parse().unwrap();
        assert!(in_units(unit * 1_000_000_000).to_bits() == wanted.to_bits(), "{shown:?}");
    }
    assert_eq!(duration.saturating_abs(), int(wanted[4]), "{shown:?}");
}

fn check_reckoning(inputs: &[&[u8]], wanted: &[&[u8]], shown: &[impl std::fmt::Debug]) {
    let time = time(inputs[0], inputs[1], inputs[2]);
    let duration = int(inputs[3]);
    let other = self::time(inputs[4], inputs[5], b"UTC");
    let later = time.add_date(int(inputs[6]), int(inputs[7]), int(inputs[8]));
    let instant = |time: &Time| format!("{} {}", time.seconds(), time.nanoseconds());
    let step = i64::from(time.nanoseconds()) * 7;
    let [year, month, day] = time.date();
    let [hour, minute, second] = time.clock();
    let (yearday, weekday) = (time.yearday(), time.weekday());
    let found = [
        instant(&time.add(duration)),
        instant(&time.round(duration)),
        instant(&time.truncate(duration)),
        time.sub(&other).to_string(),
        (time.compare(&other) as i8).to_string(),
        instant(&later),
        round_duration(duration, step).to_string(),
        truncate_duration(duration, step).to_string(),
        format!("{year} {month} {day} {yearday} {weekday} {hour} {minute} {second}"),
        time.is_dst().to_string(),
        time.to_go_text().to_str().into_owned(),
        time.unix_milli().to_string(),
        time.unix_micro().to_string(),
        time.unix_nano().to_string(),
    ];
    for (found, wanted) in found.iter().zip(wanted) {
        assert_text(found.as_bytes(), wanted, shown);
    }
}

fn assert_text(found: &[u8], wanted: &[u8], case: &[impl std::fmt::Debug]) {
    let text = String::from_utf8_lossy;
    assert!(found == wanted, "{case:?}\n found {:?}\nwanted {:?}", text(found), text(wanted));
}

fn read(parsed: Result<Time, String>) -> Vec<u8> {
    match parsed {
        Ok(time) => {
            let mut text = format!("{} {} ", time.seconds(), time.nanoseconds()).into_bytes();
            time.text_into(&mut text);
            text
        }
        Err(words) => format!("error {words}").into_bytes(),
    }
}

fn time(seconds: &[u8], nanoseconds: &[u8], zone: &[u8]) -> Time {
    Time::unix(int(seconds), u32::try_from(int(nanoseconds)).unwrap(), self::zone(zone))
}

fn int(text: &[u8]) -> i64 {
    str::from_utf8(text).unwrap().parse().unwrap()
}

/// A zone by name, or `fixed:NAME:OFFSET`.
fn zone(text: &[u8]) -> Zone {
    let text = str::from_utf8(text).unwrap();
    let Some((name, offset)) = text.strip_prefix("fixed:").and_then(|text| text.split_once(':'))
    else {
        return Zone::load(text, &Zone::Utc).unwrap();
    };
    Zone::Fixed { name: name.into(), offset: offset.parse().unwrap() }
}

#[test]
fn a_zone_is_found_by_its_exact_name() {
    let shanghai = Zone::load("Asia/Shanghai", &Zone::Utc).unwrap();
    assert_eq!(shanghai.name(), b"Asia/Shanghai");
    assert!(matches!(Zone::load("", &shanghai), Ok(Zone::Utc)));
    assert!(matches!(Zone::load("UTC", &shanghai), Ok(Zone::Utc)));
    assert_eq!(Zone::load("Local", &shanghai).unwrap().name(), b"Asia/Shanghai");
    for name in ["Etc/GMT+8", "PRC", "EST5EDT"] {
        assert_eq!(Zone::load(name, &Zone::Utc).unwrap().name(), name.as_bytes());
    }
    for name in ["asia/shanghai", "X", "CST", "GMT+8", "Asia/Shanghai ", "utc", "Etc/Unknown"] {
        let words = Zone::load(name, &Zone::Utc).unwrap_err();
        assert_eq!(words, format!("unknown time zone {name}"));
    }
    for name in ["../x", "/x", "\\x", "Asia/../UTC"] {
        assert_eq!(Zone::load(name, &Zone::Utc).unwrap_err(), "time: invalid location name");
    }
}

#[test]
fn a_time_is_another_one_in_another_zone() {
    let shanghai = Zone::load("Asia/Shanghai", &Zone::Utc).unwrap();
    let again = Zone::load("Asia/Shanghai", &Zone::Utc).unwrap();
    let fixed = |name: &str, offset| Zone::Fixed { name: name.into(), offset };
    let local = || Zone::local(jiff::tz::TimeZone::UTC);
    let time = Time::default();
    let is_same = |one: &Zone, other: &Zone| {
        time.clone().in_zone(one.clone()).is_same(&time.clone().in_zone(other.clone()))
    };
    assert!(is_same(&Zone::Utc, &Zone::Utc));
    assert!(is_same(&shanghai, &shanghai));
    assert!(!is_same(&shanghai, &again));
    assert!(!is_same(&shanghai, &Zone::Utc));
    assert!(is_same(&local(), &local()));
    assert!(!is_same(&local(), &Zone::Utc));
    assert!(is_same(&fixed("", 3600), &fixed("", 3600)));
    assert!(!is_same(&fixed("", 3600), &fixed("", 7200)));
    assert!(!is_same(&fixed("", 1800), &fixed("", 1800)));
    assert!(!is_same(&fixed("X", 3600), &fixed("X", 3600)));
    assert!(!time.is_same(&time.add(1)));
}

#[test]
fn the_fraction_of_a_timestamp_counts_up() {
    for (nanoseconds, seconds, fraction) in
        [(1_500_000_000, 1, 500_000_000), (-1, -1, 999_999_999), (-1_000_000_000, -1, 0), (0, 0, 0)]
    {
        let time = Time::from(jiff::Timestamp::from_nanosecond(nanoseconds).unwrap());
        assert_eq!((time.seconds(), time.nanoseconds()), (seconds, fraction));
    }
}

#[test]
fn the_zero_time_is_the_first_of_the_year_1() {
    let zero = Time::default();
    assert!(zero.is_zero());
    assert!(!zero.add(1).is_zero());
    assert_eq!(zero.to_text().as_bytes(), b"0001-01-01 00:00:00 +0000 UTC");
}
