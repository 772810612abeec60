//! Tables of what Go prints: each row a format, its arguments and the text.
//!
//! The rows of `go.json` are data of the Go project's fmt tests, BSD-3-Clause. Those that need a type
//! that templates cannot meet are not there: arrays, pointers, channels, functions, `complex64`,
//! `reflect.Value` as a value, maps with NaN as key, and types of the test's own.

use std::sync::Arc;

use serde_json::Value as Json;

use super::sprintf;
use crate::funcs::{Context, Environment};
use crate::limits::Limits;
use crate::value::{Float, Int, List, Map, Text, Type, Uint, Value};

/// A context with all its limits as they usually are.
pub(super) fn context() -> Context {
    let limits = Limits::default();
    Context {
        environment: Environment::default(),
        fuel: limits.fuel,
        look: 0,
        limits,
        patterns: Arc::default(),
        root: Value::Invalid,
        allocated: 0,
        iterations: 0,
    }
}

#[test]
fn the_table_of_go_prints_as_in_go() {
    assert_eq!(check(include_str!("tables/go.json")), 651);
}

#[test]
fn random_formats_print_as_in_go() {
    assert_eq!(check(include_str!("tables/random.json")), 500);
}

/// Prints each row and gives their number.
fn check(table: &str) -> usize {
    let rows: Vec<(Json, Vec<Json>, Json)> = serde_json::from_str(table).unwrap();
    let mut wrong = Vec::new();
    for (format, arguments, expected) in &rows {
        let values: Vec<Value> = arguments.iter().map(value).collect();
        let printed = sprintf(&bytes(format), &values, &mut context()).unwrap();
        if printed != bytes(expected) {
            let printed = String::from_utf8_lossy(&printed).into_owned();
            wrong.push(format!("{format} of {arguments:?}:\n  {printed}\n  {expected}\n"));
        }
    }
    assert!(wrong.is_empty(), "{} rows differ from Go:\n{}", wrong.len(), wrong.concat());
    rows.len()
}

/// A text, or bytes in hexadecimal where it is not UTF-8.
fn bytes(json: &Json) -> Vec<u8> {
    match json {
        Json::String(text) => text.as_bytes().to_vec(),
        _ => hex(json["hex"].as_str().unwrap()),
    }
}

fn hex(digits: &str) -> Vec<u8> {
    let pairs = (0..digits.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

/// A value from `{"type": value}`.
fn value(json: &Json) -> Value {
    let (name, json) = json.as_object().unwrap().iter().next().unwrap();
    let text = json.as_str().unwrap_or_default();
    match name.as_str() {
        "nil" => Value::Nil(type_of(text)),
        "bool" => Value::Bool(json.as_bool().unwrap()),
        "string" => Value::text(text),
        "hex" => Value::Text(Text::from(hex(text))),
        "complex128" => {
            let (real, imaginary) = text.split_once(' ').unwrap();
            Value::Complex(float(real), float(imaginary))
        }
        "list" => {
            let of = type_of(json[0].as_str().unwrap());
            let items = json.as_array().unwrap()[1..].iter().map(value).collect();
            Value::List(Arc::new(List::new(of, items)))
        }
        "map" => {
            let of = type_of(json[0].as_str().unwrap());
            let entries = json.as_array().unwrap()[1..].iter();
            let entries = entries.map(|entry| (value(&entry[0]), value(&entry[1])));
            Value::Map(Arc::new(Map::new(of, entries)))
        }
        _ => match type_of(name) {
            Type::Int(of) => Value::Int(of, text.parse().unwrap()),
            Type::Uint(of) => Value::Uint(of, text.parse().unwrap()),
            Type::Float(of) => Value::Float(of, float(text)),
            other => panic!("{other}"),
        },
    }
}

/// A number from its bits.
fn float(bits: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(bits, 16).unwrap())
}

fn type_of(name: &str) -> Type {
    const INT: Type = Type::INT;
    const TYPES: &[Type] = &[
        Type::INT,
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
        Type::LIST,
        Type::STRINGS,
        Type::BYTES,
        Type::DICT,
        Type::STRING_MAP,
        Type::Slice(&INT),
        Type::Slice(&Type::Bool),
        Type::Slice(&Type::Int(Int::Int32)),
        Type::Slice(&Type::Int(Int::Duration)),
        Type::Slice(&Type::FLOAT),
        Type::Slice(&Type::Complex),
        Type::Slice(&Type::BYTES),
        Type::Slice(&Type::STRING_MAP),
        Type::Map(&Type::String, &INT),
        Type::Map(&INT, &Type::Uint(Uint::Uint8)),
        Type::Map(&INT, &Type::String),
        Type::Map(&Type::String, &Type::STRINGS),
    ];
    let short = |of: &&Type| {
        let full = of.to_string();
        full == name || full.strip_prefix("time.") == Some(name)
    };
    if name == "any" { Type::Any } else { *TYPES.iter().find(short).expect(name) }
}
