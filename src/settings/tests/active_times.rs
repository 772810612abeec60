//! Tests of `active_times`: what it becomes, and what is said of a slip in it, with the place.

use super::{errors, load, warnings};
use crate::settings::diagnostic::FURTHER;

/// A file of one line with one receiver that has this value of `active_times`.
fn with(value: &str) -> String {
    format!(
        "receivers: [{{name: r, active_times: {value}, chatbots: [{{name: b, access_token: t}}]}}]"
    )
}

/// The column at which the value begins.
const START: usize = 37;

/// The errors of this value, each without the file's name, its line and the receiver, and its column from
/// the value's start.
fn found(value: &str) -> Vec<String> {
    let errors = errors(&with(value));
    let is_error = |line: &&str| *line != FURTHER && !line.contains(": warning: ");
    let lines = errors.lines().filter(is_error);
    let place = |line: &str| {
        let (column, text) =
            line.trim_start_matches("c.yml:1:").split_once(": receivers[0].").unwrap();
        format!("{}: {text}", column.parse::<usize>().unwrap() + 1 - START)
    };
    lines.map(place).collect()
}

const HOURS: &str =
    "weekdays: ['monday:friday'], times: [{start_time: '09:00', end_time: '18:00'}]";

#[test]
fn each_entry_is_an_interval_and_an_exception_is_in_the_zone_around_it() {
    let value = format!(
        "[{{{HOURS}, location: Asia/Shanghai, not: {{months: [10], days_of_month: ['1:7']}}}}, {{not: \
         [{{weekdays: [sunday], location: Europe/Berlin}}, {{years: [2026], location: UTC}}]}}]"
    );
    let settings = load(&with(&value));
    assert_eq!(
        settings.receivers[0].active_times.to_string(),
        "Mon-Fri 09:00-18:00 Asia/Shanghai, but not Oct days 1:7 or not Sun Europe/Berlin nor 2026 UTC"
    );
    assert_eq!(warnings(&with(&value)), [""; 0]);
    assert!(load(&super::with_chatbot("")).receivers[0].active_times.as_slice().is_empty());
}

#[test]
fn what_is_shown_of_them_reads_as_the_same() {
    let value = format!(
        "[{{{HOURS}, location: Asia/Shanghai, not: {{months: ['10'], days_of_month: ['1:7', '-1']}}}}, \
         {{times: [], years: ['2026:2028'], location: UTC}}, {{}}]"
    );
    let settings = load(&with(&value));
    let redacted = settings.redacted();
    let (_, shown) = redacted.split_once("    active_times:\n").unwrap();
    let (shown, _) = shown.split_once("    message:\n").unwrap();
    insta::assert_snapshot!(shown);
    let again = format!(
        "receivers:\n  - name: r\n    chatbots: [{{name: b, access_token: t}}]\n    active_times:\n{shown}"
    );
    assert_eq!(load(&again).receivers[0].active_times, settings.receivers[0].active_times);
}

/// Each value, and how the first error about it begins.
#[track_caller]
fn assert_found(cases: &[(&str, &str)]) {
    for (value, expected) in cases {
        let found = found(value);
        assert!(found[0].starts_with(expected), "{value}\n{found:#?}");
    }
}

#[test]
fn what_is_no_date_is_said_at_its_place_with_what_to_write() {
    assert_found(&[
        ("[]", "1: active_times: needs at least one interval; leave the key out"),
        (
            "{weekdays: [monday]}",
            "1: active_times: expected a list of time intervals, found a mapping",
        ),
        (
            "[monday]",
            "2: active_times[0]: expected a mapping (`{weekdays: ['monday:friday'], times:",
        ),
        (
            "[{weekdays: monday}]",
            "13: active_times[0].weekdays: expected a list of weekdays such as ['monday:friday'], found a text",
        ),
        (
            "[{weekdays: ['friday:monday']}]",
            "14: active_times[0].weekdays[0]: `friday:monday` ends before it begins; a week begins on Sunday, so write two: 'friday:saturday', 'sunday:monday'",
        ),
        (
            "[{weekdays: [mon]}]",
            "14: active_times[0].weekdays[0]: expected a weekday's name such as `monday`, or a range such as `monday",
        ),
        (
            "[{weekday: [monday]}]",
            "3: active_times[0].weekday: unknown key; did you mean `weekdays`? (valid keys of a time interval: ti",
        ),
        (
            "[{months: ['november:february']}]",
            "12: active_times[0].months[0]: `november:february` ends before it begins; over the end of a year, write two: 'november:december', 'january:february'",
        ),
        (
            "[{days_of_month: ['28:5']}]",
            "19: active_times[0].days_of_month[0]: `28:5` ends before it begins; over the end of a month, write two: '28:-1', '1:5'",
        ),
        (
            "[{days_of_month: [0]}]",
            "19: active_times[0].days_of_month[0]: expected a day from 1 to 31",
        ),
        (
            "[{years: [[2026]]}]",
            "11: active_times[0].years[0]: expected a text (years such as ['2026:2028']), found a list",
        ),
    ]);
}

#[test]
fn what_is_no_time_is_said_at_its_place_with_what_to_write() {
    assert_found(&[
        (
            "[{times: [{start_time: '22:00', end_time: '06:00'}]}]",
            "11: active_times[0].times[0]: the range ends before it begins; over midnight, write two: {start_time: '22:00', end_time: '24:00'}, {start_time: '00:00', end_time: '06:00'}",
        ),
        (
            "[{times: [{start_time: '9:00', end_time: '18:00'}]}]",
            "24: active_times[0].times[0].start_time: expected a time of day as `HH:MM`, from `00:00` to `24:00`, found `9:00`; did you mean `09:00`?",
        ),
        (
            "[{times: [{start_time: 09:00, end_time: 1800}]}]",
            "41: active_times[0].times[0].end_time: expected a time of day",
        ),
        ("[{times: [{start_time: '09:00'}]}]", "11: active_times[0].times[0]: the key `end_time"),
        (
            "[{times: ['09:00-18:00']}]",
            "11: active_times[0].times[0]: expected a mapping (`{start_time: '09:00', end_time: '18:00'}`), found a text",
        ),
        (
            "[{times: [{from: '09:00', start_time: '09:00', end_time: '18:00'}]}]",
            "12: active_times[0].times[0].from: unknown key (valid keys of an entry of `times",
        ),
    ]);
}

#[test]
fn what_is_no_zone_or_key_is_said_at_its_place_with_what_to_write() {
    assert_found(&[
        (
            "[{location: '+08:00'}]",
            "13: active_times[0].location: expected the IANA name of a time zone, found `+08:00`; did you mean `Asia/Shanghai` or `Etc/GMT-8`, whose sign is the other way round?",
        ),
        (
            "[{location: CST}]",
            "13: active_times[0].location: expected the IANA name of a time zone, found `CST`; did you mean `Asia/Shanghai`?",
        ),
        (
            "[{location: Local}]",
            "13: active_times[0].location: `Local` is whatever zone the machine is in; write the zone's IANA name, such as `Asia/Shanghai",
        ),
        (
            "[{time_zone: UTC}]",
            "3: active_times[0].time_zone: the zone is written as `location`, as in Alertmanager",
        ),
        (
            "[{name: offhours, time_intervals: []}]",
            "3: active_times[0].name: intervals have no names here; remove the key",
        ),
        ("[{not: []}]", "8: active_times[0].not: needs at least one interval"),
        (
            "[{not: monday}]",
            "8: active_times[0].not: expected a mapping (`{weekdays: ['monday:friday'], times: [{start_time: '09:",
        ),
        (
            "[{not: {not: {}}}]",
            "9: active_times[0].not.not: unknown key (valid keys of a time interval below `not",
        ),
    ]);
}

#[test]
fn all_slips_are_said_at_once() {
    let value = "[{weekdays: [mon, tue], times: [{start_time: '9:00', end_time: '25:00'}, 5], location: \
                 CST, not: {months: [13], yeers: [1]}}, {not: {location: Local}}]";
    assert_eq!(found(value).len(), 9, "{:#?}", found(value));
}

#[test]
fn alertmanagers_keys_of_a_route_are_told_where_their_intervals_go() {
    for key in ["active_time_intervals", "mute_time_intervals"] {
        let text = format!(
            "receivers: [{{name: r, {key}: [a], chatbots: [{{name: b, access_token: t}}]}}]"
        );
        let errors = errors(&text);
        let expected = format!(
            "c.yml:1:23: receivers[0].{key}: intervals have no names here; write them themselves"
        );
        assert!(errors.starts_with(&expected) && errors.contains("active_times"), "{errors}");
    }
}

#[test]
fn an_interval_of_which_nobody_wrote_the_zone_is_a_warning() {
    let warning = "c.yml:1:38: warning: receivers[0].active_times[0]: without `location` this interval is in UTC, as in Alertmanager, \
                   but the times in messages are in Asia/Shanghai; write `location: Asia/Shanghai`, or \
                   `location: UTC` if that is meant";
    let hours = format!("[{{{HOURS}}}]");
    assert_eq!(warnings(&with(&hours)), [warning]);
    for value in [
        "[{not: {weekdays: [sunday]}}]",
        "[{not: [{weekdays: [sunday], location: UTC}, {years: [2026]}]}]",
    ] {
        assert_eq!(warnings(&with(value)), [warning], "{value}");
    }
    for value in [
        format!("[{{{HOURS}, location: UTC}}]"),
        format!("[{{{HOURS}, location: Asia/Shanghai, not: {{weekdays: [monday]}}}}]"),
        "[{not: {weekdays: [sunday], location: UTC}}]".to_owned(),
    ] {
        assert_eq!(warnings(&with(&value)), [""; 0], "{value}");
    }
    let in_utc = format!("global: {{timezone: UTC}}\n{}", with(&hours));
    assert_eq!(warnings(&in_utc), [""; 0]);
    let elsewhere = warnings(&format!("global: {{timezone: Europe/Berlin}}\n{}", with(&hours)));
    assert!(elsewhere[0].contains("write `location: Europe/Berlin`"), "{elsewhere:?}");
}

#[test]
fn what_makes_the_others_idle_is_a_warning() {
    let once = "not: {weekdays: [sunday], location: UTC}";
    for (value, expected) in [
        ("[{}]".to_owned(), "this interval always holds"),
        ("[{location: UTC}]".to_owned(), "this interval always holds"),
        ("[{not: {}}]".to_owned(), "this interval never holds, since its `not` leaves nothing"),
        (
            "[{times: [], location: UTC}]".to_owned(),
            "].times: an empty list never holds; without the key",
        ),
        (
            "[{months: [], location: UTC}]".to_owned(),
            "].months: an empty list never holds; without the key",
        ),
        (
            format!("[{{{once}}}, {{{once}}}]"),
            "one interval of the list is enough, so two with nothing but `not`",
        ),
    ] {
        let found = warnings(&with(&value));
        assert!(found.len() == 1 && found[0].contains(expected), "{value} {found:?}");
    }
}

#[test]
fn receivers_that_take_turns_may_share_a_chat() {
    let two = |one: &str, other: &str| {
        let bot = "chatbots: [{name: b, access_token: t}]";
        warnings(&format!("receivers: [{{name: a, {one}{bot}}}, {{name: b, {other}{bot}}}]")).len()
    };
    let day = format!("active_times: [{{{HOURS}, location: UTC}}], ");
    let night = format!("active_times: [{{not: {{{HOURS}, location: UTC}}}}], ");
    for (one, other, expected) in
        [(&*day, &*night, 0), (&day, &day, 1), (&day, "", 1), ("", &night, 1), ("", "", 1)]
    {
        assert_eq!(two(one, other), expected, "{one} {other}");
    }
}
