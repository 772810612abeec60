//! The functions of the cases, as `conformance/language/model/funcs.go` has them.

use gotemplate::{Call, Failure, Function, Type, Value};

use super::model::{count, joined, sum, type_name};

type Outcome = Result<Value, Failure>;

/// One for every type that a parameter can have, and some that make values.
pub(crate) const TABLE: &[Function] = &[
    Function::new("takeString(v string) string", |call| said("s:", call.text(0))),
    Function::new("takeInt(v int) string", |call| Ok(format!("i:{}", call.int(0)).into())),
    Function::new("takeInt64(v int64) string", |call| Ok(format!("i64:{}", call.int(0)).into())),
    Function::new("takeFloat(v float64) float64", |call| Ok(Value::float(call.float(0)))),
    Function::new("takeBool(v bool) string", |call| Ok(format!("b:{}", call.bool(0)).into())),
    Function::new("takeAny(v any) any", echo),
    Function::new("takeValue(v value) string", take_value),
    Function::new("takeDuration(v time.Duration) time.Duration", echo),
    Function::new("takeTime(v time.Time) time.Time", |call| Ok(call.time(0).into())),
    Function::new("takeStrings(v []string) string", |call| {
        let joined = joined(call.list(0), "|");
        said("ss:", joined.as_text().map_or(&[], |text| text.as_bytes()))
    }),
    Function::new("takeAnys(v []any) string", |call| said_count("as:", call.list(0).len())),
    Function::new("takeDict(v map[string]any) string", |call| said_count("d:", entries(call))),
    Function::new("takeTexts(v map[string]string) string", |call| said_count("t:", entries(call))),
    Function::new("allAny(v ...any) string", |call| Ok(kinds(call.arguments()).into())),
    Function::new("allString(v ...string) string", |call| Ok(joined(call.arguments(), "+"))),
    Function::new("allInt(v ...int) int", |call| Ok(sum(call.arguments()))),
    Function::new("firstThenAny(first string, v ...any) string", |call| {
        Ok(Value::text([call.text(0), b":", kinds(call.rest(1)).as_bytes()].concat()))
    }),
    Function::new("twoInts(a int, b int) string", |call| {
        Ok(format!("{}/{}", call.int(0), call.int(1)).into())
    }),
    Function::new("oneArg(a string) string", |call| said("oneArg=", call.text(0))),
    Function::new("twoArgs(a string, b string) string", |call| {
        said("twoArgs=", &[call.text(0), call.text(1)].concat())
    }),
    Function::new("dddArg(a int, b ...string) string", |call| {
        let rest = joined(call.rest(1), " ");
        let rest = rest.as_text().map_or(&[][..], |text| text.as_bytes());
        Ok(Value::text([format!("{} [", call.int(0)).as_bytes(), rest, b"]\n"].concat()))
    }),
    Function::new("valueString(v string) string", |_| Ok("value is ignored".into())),
    Function::new("typeOf(v any) string", |call| Ok(type_name(call.value(0)).into())),
    Function::new("echo(v any) any", echo),
    Function::new("add(v ...int) int", |call| Ok(sum(call.arguments()))),
    Function::new("zeroArgs() string", |_| Ok("zeroArgs".into())),
    Function::new("returnInt() int", |_| Ok(Value::int(7))),
    Function::new("mapOfThree() any", |_| Ok(map_of_three())),
    Function::new("die() bool", |_| Err("die".into())),
    Function::new("fail(words string) (string, error)", |call| Err(call.str(0).as_ref().into())),
    Function::new("noValue() any", |_| Ok(Value::NIL)),
    Function::new("noStrings() []string", |_| Ok(Value::Nil(Type::STRINGS))),
    Function::new("noDict() map[string]any", |_| Ok(Value::Nil(Type::DICT))),
    Function::new("listOf(v ...any) []any", |call| Ok(slice(Type::LIST, call.arguments()))),
    Function::new("stringsOf(v ...string) []string", |call| {
        Ok(slice(Type::STRINGS, call.arguments()))
    }),
    Function::new("makemap(v ...string) (map[string]string, error)", make_map),
    Function::new("dictOf(v ...any) map[string]any", |call| {
        let pairs = call.arguments().chunks_exact(2);
        let named = pairs.filter_map(|pair| match &pair[0] {
            Value::Text(name) => Some((name.clone(), pair[1].clone())),
            _ => None,
        });
        Ok(Value::dict(named))
    }),
];

fn said(word: &str, text: &[u8]) -> Outcome {
    Ok(Value::text([word.as_bytes(), text].concat()))
}

fn said_count(word: &str, count: usize) -> Outcome {
    Ok(format!("{word}{count}").into())
}

fn echo(call: &mut Call<'_>) -> Outcome {
    Ok(call.value(0).clone())
}

fn take_value(call: &mut Call<'_>) -> Outcome {
    Ok(match call.value(0) {
        Value::Invalid | Value::Nil(Type::Any) => "none".into(),
        value => type_name(value).into(),
    })
}

fn entries(call: &Call<'_>) -> usize {
    call.value(0).as_map().map_or(0, gotemplate::Map::len)
}

fn kinds(values: &[Value]) -> String {
    values.iter().map(type_name).collect::<Vec<_>>().join(",")
}

/// What Go makes of variadic arguments: an empty slice, not nil, when there are none.
fn slice(of: Type, items: &[Value]) -> Value {
    Value::List(gotemplate::List::new(of, items.to_vec()).into())
}

fn map_of_three() -> Value {
    const INTS: Type = Type::Map(&Type::String, &Type::INT);
    Value::Map(gotemplate::Map::of_names(INTS, [("three", count(3))]).into())
}

fn make_map(call: &mut Call<'_>) -> Outcome {
    if !call.len().is_multiple_of(2) {
        return Err("odd makemap".into());
    }
    let pairs = call.arguments().chunks_exact(2);
    let text = |value: &Value| value.as_text().cloned().unwrap_or_default();
    Ok(Value::string_map(pairs.map(|pair| (text(&pair[0]), text(&pair[1])))))
}
