//! Each method against what Go 1.26's text/template printed for the same call.

use std::sync::Arc;

use super::*;
use crate::funcs::{Context, Environment};
use crate::limits::Limits;
use crate::time::methods_of;

/// A call and what it prints; `error` and what it fails with.
const CALLS: &[(&str, &str)] = &[
    ("T.Add .D", "2026-11-20 09:24:15.623456789 +0000 UTC"),
    ("T.AddDate 0 3 -1", "2027-02-19 08:00:30.123456789 +0000 UTC"),
    ("T.After .U", "true"),
    ("T.Before .U", "false"),
    ("T.Clock", "error function Clock has 3 return values; should be 1 or 2"),
    ("T.Compare .U", "1"),
    ("U.Compare .T", "-1"),
    ("T.Date", "error function Date has 3 return values; should be 1 or 2"),
    ("T.Day", "20"),
    ("T.Equal .L", "true"),
    ("T.Equal .U", "false"),
    ("T.Format \"Jan _2 15:04:05 MST\"", "Nov 20 08:00:30 UTC"),
    ("L.Format \"2006年 -07:00 MST\"", "2026年 +08:00 CST"),
    ("T.GoString", "time.Date(2026, time.November, 20, 8, 0, 30, 123456789, time.UTC)"),
    (
        "L.GoString",
        "time.Date(2026, time.November, 20, 16, 0, 30, 123456789, time.Location(\"Asia/Shanghai\"))",
    ),
    ("T.Hour", "8"),
    ("L.Hour", "16"),
    (
        "T.ISOWeek",
        "error invalid function signature for ISOWeek: second return value should be error; is int",
    ),
    ("T.In .Z", "2026-11-20 16:00:30.123456789 +0800 CST"),
    ("T.In nil", "error time: missing Location in call to Time.In"),
    ("T.IsDST", "false"),
    ("T.IsZero", "false"),
    ("T.Local", "2026-11-20 09:00:30.123456789 +0100 CET"),
    ("T.Location", "UTC"),
    ("L.Location", "Asia/Shanghai"),
    (
        "T.MarshalJSON",
        "[34 50 48 50 54 45 49 49 45 50 48 84 48 56 58 48 48 58 51 48 46 49 50 51 52 53 54 55 56 57 90 34]",
    ),
    (
        "L.MarshalText",
        "[50 48 50 54 45 49 49 45 50 48 84 49 54 58 48 48 58 51 48 46 49 50 51 52 53 54 55 56 57 43 48 56 58 48 48]",
    ),
    ("Y.MarshalText", "error Time.MarshalText: year outside of range [0,9999]"),
    ("Y.MarshalJSON", "error Time.MarshalJSON: year outside of range [0,9999]"),
    ("T.Minute", "0"),
    ("T.Month", "November"),
    ("T.Nanosecond", "123456789"),
    ("T.Round .S", "2026-11-20 08:00:30 +0000 UTC"),
    ("T.Second", "30"),
    ("L.String", "2026-11-20 16:00:30.123456789 +0800 CST"),
    ("T.Sub .U", "1h0m0s"),
    ("U.Sub .T", "-1h0m0s"),
    ("T.Truncate .S", "2026-11-20 08:00:30 +0000 UTC"),
    ("L.UTC", "2026-11-20 08:00:30.123456789 +0000 UTC"),
    ("T.Unix", "1795161630"),
    ("T.UnixMicro", "1795161630123456"),
    ("T.UnixMilli", "1795161630123"),
    ("T.UnixNano", "1795161630123456789"),
    ("T.Weekday", "Friday"),
    ("T.Year", "2026"),
    ("T.YearDay", "324"),
    (
        "T.Zone",
        "error invalid function signature for Zone: second return value should be error; is int",
    ),
    (
        "T.ZoneBounds",
        "error invalid function signature for ZoneBounds: second return value should be error; is time.Time",
    ),
    ("D.Abs", "1h23m45.5s"),
    ("N.Abs", "1.5ms"),
    ("Min.Abs", "2562047h47m16.854775807s"),
    ("D.Hours", "1.3959722222222222"),
    ("D.Microseconds", "5025500000"),
    ("N.Milliseconds", "-1"),
    ("D.Minutes", "83.75833333333334"),
    ("D.Nanoseconds", "5025500000000"),
    ("D.Round .S", "1h23m46s"),
    ("D.Seconds", "5025.5"),
    ("N.Seconds", "-0.0015"),
    ("N.String", "-1.5ms"),
    ("D.String", "1h23m45.5s"),
    ("D.Truncate .S", "1h23m45s"),
    ("M.String", "November"),
    ("W.String", "Friday"),
    ("Z.String", "Asia/Shanghai"),
];

#[test]
fn methods_print_what_gos_print() {
    for (call, wanted) in CALLS {
        let (receiver, call) = call.split_once('.').unwrap();
        let (method, arguments) = call.split_once(' ').unwrap_or((call, ""));
        let receiver = value(receiver);
        let arguments: Vec<Value> = match arguments.strip_prefix('"') {
            Some(text) => vec![Value::text(text.trim_end_matches('"'))],
            None => arguments.split_whitespace().map(argument).collect(),
        };
        let function = methods(&receiver).iter().find(|function| function.name() == method);
        let mut context = context();
        let mut call =
            Call { receiver: Some(&receiver), arguments: &arguments, context: &mut context };
        let shown = match function.unwrap().call(&mut call) {
            Ok(value) => show(&value),
            Err(Failure::Said(words) | Failure::Uncallable(words)) => format!("error {words}"),
            Err(failure) => panic!("{failure:?}"),
        };
        assert_eq!(shown, *wanted, "{method} of {receiver:?}");
    }
}

#[test]
fn every_method_is_called_here() {
    for name in ["T", "D", "M", "W", "Z"] {
        for method in methods(&value(name)) {
            let is_call = |call: &str| call.split([' ', '.']).any(|word| word == method.name());
            assert!(CALLS.iter().any(|(call, _)| is_call(call)), "{method:?}");
        }
    }
}

#[test]
fn a_long_name_of_a_zone_is_paid_for() {
    let name = format!("GMT+{:0>5000}", 1);
    let text = format!("2026 {name}");
    let time = Time::parse(b"2006 MST", text.as_bytes(), &Zone::Utc).unwrap();
    let receiver = Value::from(time);
    let arguments = [Value::text("MST".repeat(1000))];
    let mut context = context();
    let mut call = Call { receiver: Some(&receiver), arguments: &arguments, context: &mut context };
    let failure = format(&mut call).unwrap_err();
    assert!(matches!(failure, Failure::Limit(reached) if reached.limit == "value"));
}

fn methods(receiver: &Value) -> &'static [Function] {
    methods_of(receiver.type_of().unwrap())
}

fn argument(word: &str) -> Value {
    match word {
        "nil" => Value::Nil(Type::Named(&crate::time::LOCATION)),
        _ => word.strip_prefix('.').map_or_else(|| Value::int(word.parse().unwrap()), value),
    }
}

fn value(name: &str) -> Value {
    let time = Time::unix(1_795_161_630, 123_456_789, Zone::Utc);
    let zone = || Zone::load("Asia/Shanghai", &Zone::Utc).unwrap();
    match name {
        "T" => time.into(),
        "L" => time.in_zone(zone()).into(),
        "U" => time.add(-3_600_000_000_000).into(),
        "Y" => time.add_date(9999, 0, 0).into(),
        "D" => Value::duration(5_025_500_000_000),
        "N" => Value::duration(-1_500_000),
        "Min" => Value::duration(i64::MIN),
        "S" => Value::duration(1_000_000_000),
        "M" => Value::Int(Int::Month, 11),
        "W" => Value::Int(Int::Weekday, 5),
        _ => zone().into(),
    }
}

fn context() -> Context {
    let local = Zone::load("Europe/Berlin", &Zone::Utc).unwrap();
    Context {
        environment: Environment { local, ..Environment::default() },
        limits: Limits::default(),
        patterns: Arc::default(),
        root: Value::Invalid,
        fuel: 1_000_000,
        look: 0,
        allocated: 0,
        iterations: 0,
    }
}

/// What `fmt` prints for the few kinds of values that methods give.
fn show(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Int(Int::Duration, value) => duration_text(*value),
        Value::Int(Int::Month, value) => month_text(*value).into_owned(),
        Value::Int(Int::Weekday, value) => weekday_text(*value).into_owned(),
        Value::Int(_, value) => value.to_string(),
        Value::Uint(_, value) => value.to_string(),
        Value::Float(_, value) => value.to_string(),
        Value::Time(time) => time.to_text().to_str().into_owned(),
        Value::Text(text) => text.to_str().into_owned(),
        Value::Object(object) => object.to_text().unwrap().to_str().into_owned(),
        Value::List(list) => {
            format!("[{}]", list.iter().map(show).collect::<Vec<_>>().join(" "))
        }
        _ => panic!("{value:?}"),
    }
}
