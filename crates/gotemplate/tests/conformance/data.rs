//! Reads the data of the cases: values with their Go types.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gotemplate::{Float, Int, List, Map, Text, Time, Type, Uint, Value, Zone};
use serde_json::Value as Json;

use super::model;

const CASES: &str = include_str!("../../conformance/language/cases.json");

/// The whole file, read once.
pub(crate) fn file() -> &'static Json {
    static FILE: OnceLock<Json> = OnceLock::new();
    FILE.get_or_init(|| serde_json::from_str(CASES).expect("the file is JSON"))
}

/// The data of a name, read once.
pub(crate) fn named(name: &str) -> Value {
    static KNOWN: OnceLock<HashMap<String, Value>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let data = file()["data"].as_object().expect("the file has data");
        data.iter().map(|(name, value)| (name.clone(), decode(value))).collect()
    });
    known.get(name).unwrap_or_else(|| panic!("no data {name:?}")).clone()
}

/// The zero value of a named type.
pub(crate) fn zero(name: &str) -> Value {
    decode(&file()["zeros"][name])
}

/// The zone that the cases call `Local`.
pub(crate) fn local() -> Zone {
    Zone::Named { name: "Local".into(), rules: rules("Asia/Shanghai") }
}

/// A string, or the bytes of one that is not UTF-8.
pub(crate) fn text(json: &Json) -> Text {
    match json.as_str() {
        Some(text) => text.into(),
        None => STANDARD.decode(json["base64"].as_str().expect("bytes")).expect("base64").into(),
    }
}

/// A value; nothing is the nil of `interface {}`.
pub(crate) fn decode(json: &Json) -> Value {
    if json.is_null() {
        return Value::NIL;
    }
    let name = json["t"].as_str().expect("a value has a type");
    let of = type_of(name);
    match of {
        // A nil map of a named type has its methods: an object without entries.
        Type::Named(_) if json["nil"] == true && !name.starts_with('*') => {
            model::thing(name, base(of, json))
        }
        _ if json["nil"] == true => Value::Nil(of),
        Type::Named(_) => model::thing(name, base(of, json)),
        Type::Slice(_) => Value::List(list(of, json).into()),
        Type::Map(..) => Value::Map(map(of, json).into()),
        _ => plain(of, json),
    }
}

fn plain(of: Type, json: &Json) -> Value {
    let value = &json["v"];
    match of {
        Type::Bool => Value::Bool(value.as_bool().unwrap_or_default()),
        Type::Int(of) => Value::Int(of, value.as_i64().unwrap_or_default()),
        Type::Uint(of) => Value::Uint(of, value.as_u64().unwrap_or_default()),
        Type::Float(of) => Value::Float(of, float(value)),
        Type::Complex => Value::Complex(float(&value[0]), float(&value[1])),
        Type::String => Value::Text(text(value)),
        Type::Time => time(value.as_str().expect("a time"), json["z"].as_str().expect("a zone")),
        other => panic!("no value of type {other}"),
    }
}

fn base(of: Type, json: &Json) -> model::Data {
    match of.underlying() {
        Type::Slice(_) => model::Data::List(list(of, json)),
        Type::Map(..) => model::Data::Map(map(of, json)),
        Type::String => model::Data::Text(text(&json["v"])),
        _ => model::Data::Struct(
            array(&json["f"])
                .map(|field| (field[0].as_str().expect("a name").to_owned(), decode(&field[1])))
                .collect(),
        ),
    }
}

fn list(of: Type, json: &Json) -> List {
    List::new(of, array(&json["i"]).map(decode).collect())
}

fn map(of: Type, json: &Json) -> Map {
    Map::new(of, array(&json["m"]).map(|pair| (decode(&pair[0]), decode(&pair[1]))))
}

fn array(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().into_iter().flatten()
}

fn float(json: &Json) -> f64 {
    let text = json.as_str().expect("a float is written as a string");
    text.replace("Inf", "inf").parse().expect("a float")
}

fn time(text: &str, zone: &str) -> Value {
    let instant: jiff::Timestamp = text.parse().expect("an RFC 3339 time");
    let nanoseconds = u32::try_from(instant.subsec_nanosecond()).expect("after 1970, or whole");
    let zone = match zone {
        "UTC" => Zone::Utc,
        name => Zone::Named { name: name.into(), rules: rules(name) },
    };
    Value::from(Time::unix(instant.as_second(), nanoseconds, zone))
}

fn rules(zone: &str) -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::get(zone).expect("a known zone")
}

/// The type of a name as Go prints it. Types live as long as the program, so each is made once.
fn type_of(name: &str) -> Type {
    static KNOWN: OnceLock<Mutex<HashMap<String, &'static Type>>> = OnceLock::new();
    let known = KNOWN.get_or_init(Mutex::default);
    if let Some(of) = known.lock().expect("no holder panics").get(name) {
        return **of;
    }
    let of: &'static Type = Box::leak(Box::new(read_type(name)));
    known.lock().expect("no holder panics").insert(name.to_owned(), of);
    *of
}

fn read_type(name: &str) -> Type {
    if let Some(element) = name.strip_prefix("[]") {
        return Type::Slice(Box::leak(Box::new(type_of(element))));
    }
    if let Some((key, element)) = name.strip_prefix("map[").and_then(|rest| rest.split_once(']')) {
        let (key, element) = (type_of(key), type_of(element));
        return Type::Map(Box::leak(Box::new(key)), Box::leak(Box::new(element)));
    }
    PLAIN.iter().find(|of| of.to_string() == name).copied().unwrap_or_else(|| {
        Type::Named(model::named(name).unwrap_or_else(|| panic!("no type {name:?}")))
    })
}

const PLAIN: &[Type] = &[
    Type::Any,
    Type::Bool,
    Type::Int(Int::Int),
    Type::Int(Int::Int8),
    Type::Int(Int::Int16),
    Type::Int(Int::Int32),
    Type::Int(Int::Int64),
    Type::Int(Int::Duration),
    Type::Int(Int::Month),
    Type::Int(Int::Weekday),
    Type::Uint(Uint::Uint),
    Type::Uint(Uint::Uint8),
    Type::Uint(Uint::Uint16),
    Type::Uint(Uint::Uint32),
    Type::Uint(Uint::Uint64),
    Type::Float(Float::Float32),
    Type::Float(Float::Float64),
    Type::Complex,
    Type::String,
    Type::Time,
];
