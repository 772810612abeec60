//! Values: what they are shared with, how they are ordered, and how they end.

use std::sync::Arc;

use super::*;

#[test]
fn a_list_in_a_list_in_a_list_ends_without_recursion() {
    let mut value = Value::list(Vec::new());
    for _ in 0..200_000 {
        value = Value::list(vec![value]);
    }
    drop(value);
    let mut value = Value::dict([("x", Value::NIL)]);
    for _ in 0..200_000 {
        value = Value::dict([("x", value)]);
    }
    drop(value);
}

#[test]
fn a_map_is_sorted_and_the_last_of_equal_keys_stays() {
    let map = Map::of_names(
        Type::STRING_MAP,
        [("b", Value::from("1")), ("a", Value::from("2")), ("b", Value::from("3"))],
    );
    let mut seen = Vec::new();
    map.each(|key, value| {
        seen.push(format!("{:?}={:?}", key.as_text().unwrap(), value.as_text().unwrap()));
    });
    assert_eq!(seen, ["\"a\"=\"2\"", "\"b\"=\"3\""]);
    assert_eq!(map.get(b"c").and_then(|value| value.type_of()), None);
}

#[test]
fn what_is_set_is_seen_by_all_who_hold_the_map() {
    let one = Value::dict([("a", Value::int(1))]);
    let other = one.clone();
    one.as_map().unwrap().set("b", Value::int(2));
    assert_eq!(other.as_map().unwrap().len(), 2);
    other.as_map().unwrap().unset(b"a");
    assert!(one.as_map().unwrap().get(b"a").is_none());
    let fixed = Value::string_map([("a", "1")]);
    fixed.as_map().unwrap().set("a", Value::from("2"));
    assert_eq!(fixed.as_map().unwrap().get(b"a").unwrap().as_text().unwrap().to_str(), "1");
}

#[test]
fn keys_are_ordered_by_kind_and_value() {
    static ANY_MAP: Type = Type::Map(&Type::Any, &Type::Any);
    let keys =
        [Value::from("b"), Value::int(2), Value::from(true), Value::int(-1), Value::from("a")];
    let map = Map::new(ANY_MAP, keys.map(|key| (key, Value::NIL)));
    let mut order = Vec::new();
    map.each(|key, _| order.push(key.type_of().unwrap().to_string()));
    assert_eq!(order, ["bool", "int", "int", "string", "string"]);
    assert!(map.get_key(&Value::int(-1)).is_some());
    assert!(map.get_key(&Value::Uint(Uint::Uint8, 2)).is_none());
}

#[test]
fn types_are_written_as_go_writes_them() {
    for (value, name) in [
        (Value::strings(["a"]), "[]string"),
        (Value::list(Vec::new()), "[]interface {}"),
        (Value::dict([("a", Value::NIL)]), "map[string]interface {}"),
        (Value::string_map([("a", "b")]), "map[string]string"),
        (Value::duration(1), "time.Duration"),
        (Value::Int(Int::Month, 1), "time.Month"),
        (Value::from(Time::default()), "time.Time"),
        (Value::Nil(Type::BYTES), "[]uint8"),
        (Value::Complex(0.0, 1.0), "complex128"),
    ] {
        assert_eq!(value.type_of().unwrap().to_string(), name);
    }
    assert_eq!(Value::Invalid.type_of(), None);
}

#[test]
fn the_zero_of_a_type_is_false_and_of_that_type() {
    for of in
        [Type::Bool, Type::INT, Type::FLOAT, Type::String, Type::STRINGS, Type::DICT, Type::Complex]
    {
        let zero = of.zero();
        assert!(!zero.truth() && zero.type_of() == Some(of), "{of}");
    }
    assert!(Type::Time.zero().truth(), "a struct is always true");
    assert!(Type::Reflect.zero().type_of().is_none());
}

#[test]
fn cloning_shares_what_is_held() {
    let text = Value::from("a text");
    let Value::Text(one) = &text else { panic!() };
    let Value::Text(other) = &text.clone() else { panic!() };
    assert!(std::ptr::eq(one.as_bytes(), other.as_bytes()));
    let list = Value::strings(["a"]);
    let (Value::List(one), Value::List(other)) = (&list, &list.clone()) else { panic!() };
    assert!(Arc::ptr_eq(one, other));
}
