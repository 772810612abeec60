//! How Go prints values with a name: structs, named lists, maps and texts, pointers, and their nils.

use std::any::Any;
use std::sync::Arc;

use super::verbs::context;
use super::{print, sprint, sprintf, sprintln};
use crate::funcs::Failure;
use crate::limits::Reached;
use crate::time::{Time, Zone};
use crate::value::{Base, Int, List, Map, Named, Object, Text, Type, Value};

/// An object of any type.
#[derive(Debug)]
struct Thing {
    named: &'static Named,
    made_of: MadeOf,
    text: Option<&'static str>,
}

#[derive(Debug)]
enum MadeOf {
    Struct(&'static [&'static str], Vec<Value>),
    List(List),
    Map(Map),
    Text(Text),
}

impl Object for Thing {
    fn named(&self) -> &'static Named {
        self.named
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        match &self.made_of {
            MadeOf::Struct(names, _) => Base::Struct(names),
            MadeOf::List(list) => Base::List(list),
            MadeOf::Map(map) => Base::Map(map),
            MadeOf::Text(text) => Base::Text(text),
        }
    }

    fn field(&self, name: &str) -> Option<Value> {
        let MadeOf::Struct(names, values) = &self.made_of else { return None };
        values.get(names.iter().position(|own| *own == name)?).cloned()
    }

    fn to_text(&self) -> Option<Text> {
        self.text.map(Text::from)
    }

    fn is_pointer(&self) -> bool {
        self.named.name.starts_with('*')
    }
}

static PAIR: Named = named("template.Pair", Type::Any);
static PAIR_POINTER: Named = named("*template.Pair", Type::Any);
static VERSION: Named = named("*template.Ver", Type::Any);
static ALERT: Named = named("template.Alert", Type::Any);
static ALERTS: Named = named("template.Alerts", Type::Slice(&Type::Named(&ALERT)));
static ALERT_POINTER: Named = named("*template.Alert", Type::Any);
static POINTERS: Named = named("template.Ptrs", Type::Slice(&Type::Named(&ALERT_POINTER)));
static PLAIN: Named = named("template.Plain", Type::STRING_MAP);
static NAMES: Named = named("template.Names", Type::STRINGS);
static KIND: Named = named("template.Kind", Type::String);
static WORD: Named = named("template.Word", Type::String);
static KV: Named =
    Named { name: "template.KV", underlying: Type::STRING_MAP, zero: || kv("kv:", &[]) };

const fn named(name: &'static str, underlying: Type) -> Named {
    Named { name, underlying, zero: || Value::Invalid }
}

fn thing(named: &'static Named, made_of: MadeOf, text: Option<&'static str>) -> Value {
    Value::object(Thing { named, made_of, text })
}

fn map(of: Type, entries: &[(&str, &str)]) -> MadeOf {
    MadeOf::Map(Map::of_names(of, entries.iter().map(|(name, text)| (*name, Value::text(*text)))))
}

fn kv(text: &'static str, entries: &[(&str, &str)]) -> Value {
    thing(&KV, map(Type::Named(&KV), entries), Some(text))
}

fn pair(named: &'static Named, name: &str, value: &str) -> Value {
    let values = vec![Value::text(name), Value::text(value)];
    thing(named, MadeOf::Struct(&["Name", "Value"], values), None)
}

fn kind(text: &str) -> Value {
    thing(&KIND, MadeOf::Text(text.into()), None)
}

fn word(text: &str, shown: &'static str) -> Value {
    thing(&WORD, MadeOf::Text(text.into()), Some(shown))
}

fn alert(named: &'static Named, labels: Value, any: Value, of: Value) -> Value {
    let fields = &["Status", "Labels", "Count", "Any", "Kind", "Of"];
    let values = vec![Value::text("firing"), labels, Value::int(3), any, kind("k"), of];
    thing(named, MadeOf::Struct(fields, values), None)
}

fn first_alert(named: &'static Named) -> Value {
    alert(named, kv("kv:1", &[("a", "1")]), Value::NIL, Value::Nil(Type::STRINGS))
}

fn list_of(named: &'static Named, items: Vec<Value>) -> Value {
    thing(named, MadeOf::List(List::new(Type::Named(named), items)), None)
}

fn version(major: i64) -> Value {
    thing(&VERSION, MadeOf::Struct(&["Major"], vec![Value::int(major)]), Some("v"))
}

/// The value that a row of the table names.
fn value(name: &str) -> Value {
    match name {
        "pair" => pair(&PAIR, "n", "v\""),
        "pairptr" => pair(&PAIR_POINTER, "n", "v"),
        "nilptr" => Value::Nil(Type::Named(&PAIR_POINTER)),
        "kv" => kv("kv:1", &[("a", "1")]),
        "nilkv" => Value::Nil(Type::Named(&KV)),
        "plain" => thing(&PLAIN, map(Type::Named(&PLAIN), &[("b", "2"), ("a", "1")]), None),
        "nilplain" => Value::Nil(Type::Named(&PLAIN)),
        "names" => list_of(&NAMES, vec![Value::text("a"), Value::text("b")]),
        "nilnames" => Value::Nil(Type::Named(&NAMES)),
        "kind" => kind("crit"),
        "word" => word("hé", "<hé>"),
        "alert" => first_alert(&ALERT),
        "alertb" => alert(
            &ALERT,
            Value::Nil(Type::Named(&KV)),
            pair(&PAIR, "x", "y"),
            Value::strings(["p", "q"]),
        ),
        "alerts" => list_of(&ALERTS, vec![first_alert(&ALERT)]),
        "ptrs" => list_of(&POINTERS, vec![first_alert(&ALERT_POINTER)]),
        "ver" => version(1),
        "dur" => Value::duration(5_000_000_000),
        "time" => Time::unix(1_795_161_630, 120_000_000, Zone::Utc).into(),
        "map" => {
            Value::dict([("d", word("x", "<x>")), ("n", Value::NIL), ("a", first_alert(&ALERT))])
        }
        "list" => Value::list(vec![
            word("w", "<w>"),
            kv("kv:z", &[("a", "z")]),
            Value::duration(1_000_000_000),
            version(2),
            Value::Invalid,
            Value::Nil(Type::Named(&PAIR_POINTER)),
            Value::Int(Int::Month, 3),
            Time::unix(1_767_323_045, 0, Zone::Utc).into(),
        ]),
        other => panic!("{other}"),
    }
}

#[test]
fn named_values_print_as_in_go() {
    let rows: Vec<(String, String, String)> =
        serde_json::from_str(include_str!("tables/objects.json")).unwrap();
    for (name, format, expected) in &rows {
        let value = value(name);
        let mut printed = Vec::new();
        match format.as_str() {
            "{{.}}" => print(&mut printed, &value, &mut context()).unwrap(),
            _ => printed = sprintf(format.as_bytes(), &[value], &mut context()).unwrap(),
        }
        assert_eq!(String::from_utf8(printed).unwrap(), *expected, "{format} of {name}");
    }
    assert_eq!(rows.len(), 230);
}

#[test]
fn spaces_stand_between_what_is_no_string() {
    let values = [
        Value::text("a"),
        Value::int(1),
        Value::int(2),
        kind("k"),
        Value::int(3),
        Value::NIL,
        Value::Invalid,
        Value::Bool(true),
        Value::text("x"),
        Value::text("y"),
        pair(&PAIR_POINTER, "a", "b"),
    ];
    let printed = sprint(&values, &mut context()).unwrap();
    assert_eq!(Text::from(printed), Text::from("a1 2k3 <nil> <nil> truexy&{a b}"));
    let values = [Value::text("a"), Value::int(1), Value::NIL, Value::strings(["x"])];
    let printed = sprintln(&values, &mut context()).unwrap();
    assert_eq!(Text::from(printed), Text::from("a 1 <nil> [x]\n"));
}

#[test]
fn an_action_prints_what_is_no_value_in_words() {
    let cases = [
        (Value::Invalid, "<no value>"),
        (Value::NIL, "<no value>"),
        (Value::Nil(Type::STRINGS), "[]"),
        (Value::list(vec![Value::Invalid, Value::NIL]), "[<nil> <nil>]"),
        (Value::int(i64::MIN), "-9223372036854775808"),
        (Value::Bool(false), "false"),
        (Value::float(1e6), "1e+06"),
    ];
    for (value, expected) in cases {
        let mut printed = b"x".to_vec();
        print(&mut printed, &value, &mut context()).unwrap();
        assert_eq!(Text::from(printed), Text::from(format!("x{expected}")));
    }
}

#[test]
fn a_bad_byte_of_a_list_of_bytes_is_escaped() {
    let bytes = [b'a', 0xFF].map(|byte| Value::Uint(crate::value::Uint::Uint8, byte.into()));
    let list = Value::List(Arc::new(List::new(Type::BYTES, bytes.to_vec())));
    let printed =
        sprintf(b"%q %s %x %v", &[list.clone(), list.clone(), list.clone(), list], &mut context());
    assert_eq!(printed.unwrap(), b"\"a\\xff\" a\xff 61ff [97 255]");
}

/// Which limit a call has reached.
fn limit<T: std::fmt::Debug>(printed: Result<T, Failure>) -> &'static str {
    match printed.unwrap_err() {
        Failure::Limit(Reached { limit, .. }) => limit,
        Failure::Said(words) | Failure::Uncallable(words) => panic!("{words}"),
    }
}

#[test]
fn nothing_grows_without_bound() {
    let long = Value::text("\0".repeat(300 << 10));
    let longer = Value::text("x".repeat(2 << 20));
    let cases: [(&[u8], &Value, &str); 12] = [
        (b"%10001d", &Value::int(1), "width"),
        (b"%-1000000s", &Value::int(1), "width"),
        (b"%.10001d", &Value::int(1), "width"),
        (b"%.10001f", &Value::float(1.0), "width"),
        (b"%#.10001g", &Value::float(1.0), "width"),
        (b"%.10001U", &Value::int(1), "width"),
        (b"%s", &longer, "value"),
        (b"%q", &longer, "value"),
        (b"%q", &long, "value"),
        (b"%# x", &long, "value"),
        (b"%[1]s%[1]s%[1]s%[1]s", &long, "value"),
        (b"%10000v", &Value::list(vec![Value::int(1); 1_000]), "value"),
    ];
    for (format, value, expected) in cases {
        let mut context = context();
        let failure = sprintf(format, std::slice::from_ref(value), &mut context);
        assert_eq!(limit(failure), expected, "{}", String::from_utf8_lossy(format));
    }
    let mut out = vec![b'x'; 256 << 10];
    print(&mut out, &Value::text(""), &mut context()).unwrap();
    for value in [Value::text("y"), Value::int(1), Value::list(vec![]), value("kv"), value("dur")] {
        assert_eq!(limit(print(&mut out, &value, &mut context())), "output");
        out.truncate(256 << 10);
    }
    let mut context = context();
    context.allocated = context.limits.allocation - 2;
    sprintf(b"%s", &[Value::text("a")], &mut context).unwrap();
    assert_eq!(limit(sprintf(b"%s", &[Value::text("ab")], &mut context)), "allocation");
}

#[test]
fn a_precision_that_only_cuts_has_no_limit() {
    let printed = sprintf(b"%.20000s", &[Value::text("abc")], &mut context()).unwrap();
    assert_eq!(printed, b"abc");
    let printed = sprintf(b"%.10000f", &[Value::float(-0.5)], &mut context()).unwrap();
    assert_eq!((printed.len(), &printed[..5]), (10_003, &b"-0.50"[..]));
}

#[test]
fn values_in_values_end_at_the_nesting_limit() {
    let nested = |depth: usize| (0..depth).fold(Value::int(1), |inner, _| Value::list(vec![inner]));
    let printed = sprint(&[nested(300)], &mut context()).unwrap();
    assert_eq!(printed.len(), 601);
    assert_eq!(limit(sprint(&[nested(301)], &mut context())), "nesting");
    assert_eq!(limit(sprint(&[nested(100_000)], &mut context())), "nesting");
    assert_eq!(limit(print(&mut Vec::new(), &nested(100_000), &mut context())), "nesting");
}

#[test]
fn directives_that_print_nothing_take_time_and_fuel() {
    let brackets = b"%[".repeat(128 << 10);
    let printed = sprintf(&brackets, &[], &mut context()).unwrap();
    assert_eq!(printed, b"%[".repeat(64 << 10));
    let mut context = context();
    context.fuel = 100;
    let format = b"%[1].0s".repeat(1_000);
    assert_eq!(limit(sprintf(&format, &[Value::text("a")], &mut context)), "fuel");
}
