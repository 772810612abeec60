//! Encoding and decoding, as Go 1.26 does them.

use std::any::Any;

use super::*;
use crate::funcs::Failure;
use crate::value::{Base, List, Map, Named, Object, Text, Type};

#[derive(Debug)]
struct Alert {
    name: &'static str,
    labels: Value,
}

static ALERT: Named = Named { name: "Alert", underlying: Type::Any, zero: || Value::NIL };

impl Object for Alert {
    fn named(&self) -> &'static Named {
        &ALERT
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Struct(&["Name", "Hidden", "Labels"])
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Name" => Some(self.name.into()),
            "Labels" => Some(self.labels.clone()),
            _ => Some(Value::int(1)),
        }
    }

    fn json_name(&self, field: &'static str) -> Option<&'static str> {
        match field {
            "Name" => Some("name"),
            "Hidden" => None,
            other => Some(other),
        }
    }
}

fn plain(value: &Value) -> String {
    String::from_utf8(marshal(value, true, None).unwrap()).unwrap()
}

#[test]
fn a_struct_has_the_names_of_its_tags_in_its_order() {
    let alert = || Alert { name: "<a>", labels: Value::string_map([("b", "1"), ("a", "&")]) };
    let value = Value::object(alert());
    assert_eq!(plain(&value), r#"{"name":"\u003ca\u003e","Labels":{"a":"\u0026","b":"1"}}"#);
    let raw = marshal(&value, false, Some((">", "\t"))).unwrap();
    let expected = "{\n>\t\"name\": \"<a>\",\n>\t\"Labels\": {\n>\t\t\"a\": \"&\",\n>\t\t\"b\": \"1\"\n>\t}\n>}";
    assert_eq!(String::from_utf8(raw).unwrap(), expected);
}

#[test]
fn keys_are_sorted_as_texts() {
    let of = Type::Map(&Type::INT, &Type::Bool);
    let keys = [2, 10, -1].map(|key| (Value::int(key), Value::Bool(true)));
    let map = Map::new(of, keys);
    assert_eq!(plain(&Value::Map(map.into())), r#"{"-1":true,"10":true,"2":true}"#);
}

#[test]
fn what_is_nil_is_null_and_what_is_empty_is_not() {
    for (value, expected) in [
        (Value::Invalid, "null"),
        (Value::NIL, "null"),
        (Value::Nil(Type::STRINGS), "null"),
        (Value::list(vec![]), "[]"),
        (Value::dict::<Text>([]), "{}"),
        (Value::List(List::new(Type::BYTES, vec![]).into()), r#""""#),
        (Value::duration(1_000), "1000"),
        (Value::float(-0.0), "-0"),
        (Value::text(&b"\xff\x7f"[..]), "\"\\ufffd\u{7f}\""),
    ] {
        assert_eq!(plain(&value), expected);
    }
}

#[test]
fn a_long_or_deep_value_is_refused() {
    let long = Value::text(vec![b'x'; 1 << 20]);
    assert!(matches!(marshal(&long, true, None), Err(Failure::Limit(_))));
    let deep = (0..1000).fold(Value::NIL, |inner, _| Value::list(vec![inner]));
    assert!(matches!(marshal(&deep, true, None), Err(Failure::Limit(_))));
}

#[test]
fn a_text_is_read_or_refused_in_gos_words() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(unmarshal(nested(100).as_bytes()).is_ok());
    for (text, words) in [
        (&*nested(101), "invalid character '[' exceeded max depth"),
        ("", "unexpected end of JSON input"),
        ("{\"a\" 1}", "invalid character '1' after object key"),
        ("[1e400]", "json: cannot unmarshal number 1e400 into Go value of type float64"),
        ("[1e400", "unexpected end of JSON input"),
    ] {
        assert_eq!(unmarshal(text.as_bytes()).unwrap_err(), words, "{text}");
    }
    let value = unmarshal(br#" {"a": [1, "\ud83d\ude00", null, {"b": false}]} "#).unwrap();
    assert_eq!(plain(&value), r#"{"a":[1,"😀",null,{"b":false}]}"#);
    assert_eq!(value.type_of(), Some(Type::DICT));
}
