//! Every case of `conformance/sprig/cases.json`, which a Go program wrote, gives the same here.

#![cfg(test)]

use std::io::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{
    Environment, Float, Functions, Int, Limits, List, Map, MissingKey, Templates, Text, Time, Type,
    Uint, Value, Zone, sprig,
};
use serde_json::Value as Json;

const CASES: &str = include_str!("../conformance/sprig/cases.json");

/// What differs for a reason, by a part of the template.
const SKIPPED: &[(&str, &str)] = &[];

fn local() -> Zone {
    Zone::local(jiff::tz::TimeZone::get("Asia/Shanghai").unwrap())
}

fn slice(of: &'static Type, items: Vec<Value>) -> Value {
    Value::List(List::new(Type::Slice(of), items).into())
}

fn map(of: Type, entries: Vec<(Value, Value)>) -> Value {
    Value::Map(Map::new(of, entries).into())
}

fn numbers() -> Vec<(&'static str, Value)> {
    vec![
        ("Nil", Value::NIL),
        ("True", true.into()),
        ("Int8", Value::Int(Int::Int8, -8)),
        ("Int32", Value::Int(Int::Int32, 1_700_000_000)),
        ("Int64", Value::Int(Int::Int64, 1_700_000_000)),
        ("MinInt", Value::int(i64::MIN)),
        ("Uint8", Value::Uint(Uint::Uint8, 200)),
        ("Uint64", Value::Uint(Uint::Uint64, u64::MAX)),
        ("Float32", Value::Float(Float::Float32, f64::from(0.1_f32))),
        ("Huge", Value::float(1e300)),
        ("NaN", Value::float(f64::NAN)),
        ("Inf", Value::float(f64::INFINITY)),
        ("Complex", Value::Complex(1.0, -2.0)),
        ("Bad", Value::text(&b"a\xff\xe6\x97 b\x85\xa0c"[..])),
        ("Html", "<a href=\"x\">&\u{2028}\u{1}\u{7f}</a>".into()),
    ]
}

fn lists() -> Vec<(&'static str, Value)> {
    let bytes = b"bytes\xff".iter().map(|byte| Value::Uint(Uint::Uint8, u64::from(*byte)));
    let [one, two] = [1, 2].map(Value::int);
    let lists =
        vec![Value::list(vec![one.clone(), two]), Value::list(vec![]), Value::Nil(Type::LIST)];
    let mixed = vec![
        one.clone(),
        "a".into(),
        Value::NIL,
        Value::float(2.5),
        Value::list(vec![one.clone()]),
        one,
        "".into(),
        false.into(),
    ];
    vec![
        ("Bytes", Value::List(List::new(Type::BYTES, bytes.collect()).into())),
        ("Strings", Value::strings(["b", "a", "", "c", "a"])),
        ("NoStrings", Value::strings::<Text>([])),
        ("NilStrings", Value::Nil(Type::STRINGS)),
        ("Ints", slice(&Type::INT, [3, 1, 2, 1].map(Value::int).to_vec())),
        ("Floats", slice(&Type::FLOAT, [0.5, f64::NEG_INFINITY].map(Value::float).to_vec())),
        ("List", Value::list(mixed)),
        ("NilList", Value::Nil(Type::LIST)),
        ("Lists", slice(&Type::LIST, lists)),
    ]
}

fn maps() -> Vec<(&'static str, Value)> {
    let list = |items: &[i64]| Value::list(items.iter().copied().map(Value::int).collect());
    let inner = Value::dict([("e", list(&[1])), ("f", "".into())]);
    let other = Value::dict([("e", list(&[2, 3])), ("g", Value::int(1))]);
    let int_map = Type::Map(&Type::INT, &Type::String);
    let any_map = Type::Map(&Type::Any, &Type::Any);
    let url = [
        ("scheme", "https"),
        ("host", "h:1"),
        ("path", "/a b"),
        ("query", "q=1"),
        ("opaque", ""),
        ("fragment", "f g"),
        ("userinfo", "u:p@w"),
    ];
    let int_entries = vec![(Value::int(2), "two".into()), (Value::int(10), "ten".into())];
    vec![
        (
            "Dict",
            Value::dict([("a", Value::int(1)), ("b", "x".into()), ("c", Value::NIL), ("d", inner)]),
        ),
        (
            "Other",
            Value::dict([
                ("a", Value::int(2)),
                ("b", "".into()),
                ("d", other),
                ("z", "new".into()),
            ]),
        ),
        ("Empty", Value::dict::<Text>([])),
        ("NilDict", Value::Nil(Type::DICT)),
        ("StringMap", Value::string_map([("k", "v"), ("a", "<b>")])),
        ("IntMap", map(int_map, int_entries)),
        ("AnyMap", map(any_map, vec![(Value::int(1), Value::int(2))])),
        ("Url", Value::dict(url.map(|(name, text)| (name, text.into())))),
    ]
}

fn times() -> Vec<(&'static str, Value)> {
    let utc = Time::unix(1_795_161_630, 123_456_789, Zone::Utc);
    vec![
        ("Time", utc.clone().into()),
        ("Shanghai", utc.clone().in_zone(local()).into()),
        ("Year1", Time::default().into()),
        ("Year10000", Time::unix(253_402_300_800, 0, Zone::Utc).into()),
        ("Duration", Value::duration(90 * 60 * 1_000_000_000)),
        ("Month", Value::Int(Int::Month, 11)),
        ("Times", Value::dict([("t", utc.into()), ("d", Value::duration(1_000_000_000))])),
    ]
}

/// The data of `conformance/sprig/data.go`, made anew for each case.
fn data() -> Value {
    Value::dict([numbers(), lists(), maps(), times()].concat())
}

fn run(template: &str) -> Result<Vec<u8>, String> {
    let functions = Functions::new().with(&sprig::table()).refusing(sprig::REFUSED);
    let mut templates = Templates::new(Arc::new(functions), MissingKey::Invalid, Limits::default());
    templates.parse("t", template).map_err(|error| error.to_string())?;
    let environment = Environment { local: local(), ..Environment::default() };
    let mut fuel = Limits::default().fuel;
    templates.execute("t", &data(), &environment, &mut fuel).map_err(|error| error.to_string())
}

fn expected(case: &Json) -> Result<Vec<u8>, String> {
    let part = |name: &str| {
        let text = case[name].as_str().unwrap_or_default();
        if case["Base64"] == true { STANDARD.decode(text).unwrap() } else { text.into() }
    };
    match String::from_utf8_lossy(&part("Error")) {
        error if error.is_empty() => Ok(part("Output")),
        error => Err(error.into_owned()),
    }
}

#[test]
fn every_call_gives_what_it_gives_in_go() {
    let cases: Vec<Json> = serde_json::from_str(CASES).unwrap();
    let (mut equal, mut skipped, mut different) = (0, 0, Vec::new());
    for case in &cases {
        let template = case["Template"].as_str().unwrap();
        if SKIPPED.iter().any(|(part, _)| template.contains(part)) {
            skipped += 1;
            continue;
        }
        let (got, expected) = (run(template), expected(case));
        if got == expected {
            equal += 1;
        } else {
            let show = |result: Result<Vec<u8>, String>| {
                result.map(|bytes| bytes.escape_ascii().to_string())
            };
            let (got, expected) = (show(got), show(expected));
            different.push(format!("{template}\n  here {got:?}\n  Go   {expected:?}"));
        }
    }
    let count = (cases.len(), different.len());
    writeln!(
        std::io::stdout(),
        "cases {} equal {equal} skipped {skipped} different {}",
        count.0,
        count.1
    )
    .unwrap();
    assert!(different.is_empty(), "{}", different.join("\n"));
}
