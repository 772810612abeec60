//! Templates, what they write, and what they fail with.

use std::sync::Arc;

use crate::funcs::{Call, Environment, Failure, Function, Functions};
use crate::limits::{Limits, Stop};
use crate::templates::Templates;
use crate::value::{Type, Value};
use crate::{Error, ErrorKind, MissingKey};

fn double(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::int(call.int(0) * 2))
}

fn fail(_: &mut Call<'_>) -> Result<Value, Failure> {
    Err("it failed".into())
}

fn count(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::int(i64::try_from(call.rest(1).len()).unwrap()))
}

static TABLE: &[Function] = &[
    Function::new("double(n int) int", double),
    Function::new("fail() string", fail),
    Function::new("count(first string, rest ...any) int", count),
];

fn data() -> Value {
    let inner = Value::dict([("x", Value::int(1)), ("none", Value::NIL)]);
    Value::dict([
        ("s", Value::from("text")),
        ("i", Value::int(3)),
        ("l", Value::strings(["a", "b", "c"])),
        ("empty", Value::list(Vec::new())),
        ("m", Value::string_map([("b", "2"), ("a", "1")])),
        ("d", inner),
        ("nil", Value::NIL),
        ("t", Value::from(true)),
    ])
}

fn templates(source: &str, missing: MissingKey, limits: Limits) -> Result<Templates, Error> {
    let functions = Arc::new(Functions::new().with(TABLE));
    let mut templates = Templates::new(functions, missing, limits);
    templates.parse("t", source)?;
    Ok(templates)
}

fn with(source: &str, missing: MissingKey, limits: &Limits) -> Result<String, Error> {
    let templates = templates(source, missing, limits.clone())?;
    let mut fuel = limits.fuel;
    let output = templates.execute("t", &data(), &Environment::default(), &mut fuel)?;
    Ok(String::from_utf8(output).unwrap())
}

fn written(source: &str) -> String {
    with(source, MissingKey::Invalid, &Limits::default()).unwrap()
}

fn words(source: &str) -> String {
    with(source, MissingKey::Invalid, &Limits::default()).unwrap_err().words().to_owned()
}

fn reached(source: &str, limits: &Limits) -> &'static str {
    let error = with(source, MissingKey::Invalid, limits).unwrap_err();
    match error.kind() {
        ErrorKind::Limit(reached) => reached.limit,
        other => panic!("{other:?}: {error}"),
    }
}

#[test]
fn variables_live_until_their_block_ends() {
    for (source, expected) in [
        ("{{$x := 1}}{{if .t}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"),
        ("{{$x := 1}}{{if .t}}{{$x = 2}}{{end}}{{$x}}", "2"),
        ("{{$x := 1}}{{range .l}}{{$x = .}}{{end}}{{$x}}", "c"),
        ("{{range $i, $e := .l}}{{$i}}{{$e}}{{end}}", "0a1b2c"),
        ("{{range $k, $v := .m}}{{$k}}{{$v}}{{end}}", "a1b2"),
        ("{{$i := 9}}{{$e := 9}}{{range $i, $e = .l}}{{end}}{{$i}}{{$e}}", "2c"),
        ("{{with $x := .s}}{{$x}}{{end}}", "text"),
        ("{{$x := 1}}{{define \"a\"}}{{$}}{{end}}{{template \"a\" 5}}", "5"),
    ] {
        assert_eq!(written(source), expected, "{source}");
    }
}

#[test]
fn ranges_go_through_lists_maps_integers_and_nothing() {
    for (source, expected) in [
        ("{{range .l}}{{.}},{{end}}", "a,b,c,"),
        ("{{range .m}}{{.}},{{end}}", "1,2,"),
        ("{{range 3}}{{.}},{{end}}", "0,1,2,"),
        ("{{range $i := .i}}{{$i}}{{end}}", "012"),
        ("{{range .empty}}x{{else}}none{{end}}", "none"),
        ("{{range .nope}}x{{else}}none{{end}}", "none"),
        ("{{range 0}}x{{else}}none{{end}}", "none"),
        ("{{range .l}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}}{{end}}", "ac"),
        ("{{range .l}}{{if eq . \"b\"}}{{break}}{{end}}{{.}}{{end}}", "a"),
        ("{{range .l}}{{range 2}}{{break}}{{end}}{{.}}{{end}}", "abc"),
    ] {
        assert_eq!(written(source), expected, "{source}");
    }
}

#[test]
fn what_a_map_does_not_have_is_as_the_option_says() {
    let of = |source, missing| with(source, missing, &Limits::default());
    assert_eq!(of("{{.nope}}", MissingKey::Invalid).unwrap(), "<no value>");
    assert_eq!(of("{{.m.nope}}", MissingKey::Zero).unwrap(), "");
    assert_eq!(of("{{.nope}}", MissingKey::Zero).unwrap(), "<no value>");
    let error = of("{{.m.nope}}", MissingKey::Error).unwrap_err();
    assert_eq!(error.words(), "map has no entry for key \"nope\"");
    let error = of("{{.nope.foo}}", MissingKey::Zero).unwrap_err();
    assert_eq!(error.words(), "nil pointer evaluating interface {}.foo");
}

#[test]
fn and_and_or_evaluate_no_more_than_they_need() {
    for (source, expected) in [
        ("{{and false fail}}", "false"),
        ("{{or .s fail}}", "text"),
        ("{{and 1 .s}}", "text"),
        ("{{or 0 \"\" 5}}", "5"),
        ("{{.s | and 1}}", "text"),
        ("{{not 0}}{{not .s}}", "truefalse"),
    ] {
        assert_eq!(written(source), expected, "{source}");
    }
    assert_eq!(words("{{and true fail}}"), "error calling fail: it failed");
}

#[test]
fn arguments_have_to_be_of_the_types_of_their_parameters() {
    assert_eq!(written("{{double 4}}{{4 | double}}{{double .i}}{{count \"a\" 1 nil .s}}"), "8863");
    for (source, expected) in [
        ("{{double}}", "wrong number of args for double: want 1 got 0"),
        ("{{double 1 2}}", "wrong number of args for double: want 1 got 2"),
        ("{{count}}", "wrong number of args for count: want at least 1 got 0"),
        ("{{double .s}}", "wrong type for value; expected int; got string"),
        ("{{double \"4\"}}", "expected integer; found \"4\""),
        ("{{double 1.5}}", "expected integer; found 1.5"),
        ("{{double nil}}", "cannot assign nil to int"),
        ("{{double .nope}}", "invalid value; expected int"),
        ("{{.s 1}}", "s is not a method but has arguments"),
        ("{{1 | (.)}}", "can't give argument to non-function ."),
        ("{{nil}}", "nil is not a command"),
        ("{{.s.x}}", "can't evaluate field x in type interface {}"),
        ("{{.d.none.x}}", "nil pointer evaluating interface {}.x"),
        ("{{range .s}}{{end}}", "range can't iterate over text"),
        ("{{template \"no\"}}", "template \"no\" not defined"),
    ] {
        assert_eq!(words(source), expected, "{source}");
    }
}

#[test]
fn values_are_compared_in_the_same_way_whether_they_are_held_or_made() {
    // The first of each pair need not make arguments, the second one has to.
    for (held, made, expected) in [
        ("{{eq .s \"text\"}}", "{{eq (.s) (print \"text\")}}", "true"),
        ("{{ne .s \"text\"}}", "{{ne (.s) \"text\"}}", "false"),
        ("{{eq .m.a \"0\" \"1\"}}", "{{eq .m.a (print 0) (print 1)}}", "true"),
        ("{{eq .s \"no\" \"nor\"}}", "{{eq .s (print \"no\") \"nor\"}}", "false"),
        ("{{eq .i .i}}", "{{eq (len .l) .i}}", "true"),
        ("{{$x := .s}}{{eq $x .s}}", "{{$x := .s}}{{eq (print $x) .s}}", "true"),
    ] {
        assert_eq!((written(held), written(made)), (expected.to_owned(), expected.to_owned()));
    }
    let incompatible = "error calling eq: incompatible types for comparison: string and int";
    assert_eq!(words("{{eq .s .i}}"), incompatible);
    assert_eq!(words("{{eq (.s) .i}}"), incompatible);
    assert_eq!(words("{{ne .s}}"), "wrong number of args for ne: want 2 got 1");
}

#[test]
fn an_error_shows_the_place_and_what_was_executed() {
    let source = "\n{{define \"a\"}}{{.x}}{{end}}\n {{template \"a\" .s}}";
    let error = with(source, MissingKey::Invalid, &Limits::default()).unwrap_err();
    let expected =
        "template: t:2:16: executing \"a\" at <.x>: can't evaluate field x in type string";
    assert_eq!(error.to_string(), expected);
    assert_eq!((error.line(), error.column(), error.kind()), (2, 17, &ErrorKind::Execute));
}

#[test]
fn what_was_written_before_an_error_is_given_too() {
    let templates = templates("a{{.s}}{{fail}}b", MissingKey::Invalid, Limits::default()).unwrap();
    let mut fuel = 100;
    let (result, output) =
        templates.execute_partly("t", &data(), &Environment::default(), &mut fuel);
    assert!(result.is_err());
    assert_eq!(output, b"atext");
    let (result, _) = templates.execute_partly("u", &data(), &Environment::default(), &mut fuel);
    assert_eq!(result.unwrap_err().words(), "no template \"u\"");
}

#[test]
fn every_limit_ends_the_execution() {
    let limits = Limits::default();
    let recursive = "{{define \"a\"}}{{template \"a\" .}}{{end}}{{template \"a\" .}}";
    assert_eq!(reached(recursive, &limits), "template depth");
    assert_eq!(reached(recursive, &Limits { nesting: 5, ..limits.clone() }), "nesting");
    assert_eq!(reached("{{range 1000000}}{{end}}", &limits), "iterations");
    assert_eq!(
        reached("{{range 100}}{{.}}{{end}}", &Limits { fuel: 50, ..limits.clone() }),
        "fuel"
    );
    assert_eq!(
        reached("{{range 9}}{{$.s}}{{end}}", &Limits { output: 20, ..limits.clone() }),
        "output"
    );
    assert_eq!(reached("{{len (print $)}}", &Limits { value: 20, ..limits.clone() }), "value");
    let many = "{{range 9}}{{$x := print $}}{{end}}";
    assert_eq!(reached(many, &Limits { allocation: 99, ..limits }), "allocation");
}

#[test]
fn fuel_is_taken_from_what_is_given_and_the_rest_is_left() {
    let templates = templates("{{range 10}}{{.}}{{end}}", MissingKey::Invalid, Limits::default());
    let templates = templates.unwrap();
    let (mut first, mut second) = (1_000, 40);
    let environment = Environment::default();
    templates.execute("t", &Value::Invalid, &environment, &mut first).unwrap();
    templates.execute("t", &Value::Invalid, &environment, &mut second).unwrap();
    assert_eq!(1_000 - first, 40 - second);
    assert!(templates.execute("t", &Value::Invalid, &environment, &mut second).is_err());
    assert_eq!(second, 0);
}

#[test]
fn a_sign_from_outside_ends_an_execution() {
    let stop = Stop::default();
    let environment = Environment { stop: stop.clone(), ..Environment::default() };
    let source = "{{range 1000}}{{.}}{{end}}";
    let templates = templates(source, MissingKey::Invalid, Limits::default()).unwrap();
    let mut fuel = 100_000;
    assert!(templates.execute("t", &data(), &environment, &mut fuel).is_ok());
    stop.stop();
    let error = templates.execute("t", &data(), &environment, &mut fuel).unwrap_err();
    assert_eq!(error.words(), "stopped: it took too long");
}

#[test]
fn a_later_definition_replaces_an_earlier_one_unless_it_is_empty() {
    let mut templates = templates(
        "{{template \"a\"}}{{define \"a\"}}1{{end}}",
        MissingKey::Invalid,
        Limits::default(),
    )
    .unwrap();
    let output = |templates: &Templates| {
        let mut fuel = 100;
        templates.execute("t", &Value::Invalid, &Environment::default(), &mut fuel).unwrap()
    };
    let before = templates.clone();
    templates.parse("u", "{{define \"a\"}}2{{end}}").unwrap();
    assert_eq!((output(&before), output(&templates)), (b"1".to_vec(), b"2".to_vec()));
    templates.parse("v", "{{define \"a\"}} {{/* nothing */}} {{end}}").unwrap();
    assert_eq!(output(&templates), b"2");
    assert!(templates.parse("w", "{{define \"a\"}}3{{end}}{{nope}}").is_err());
    assert_eq!(output(&templates), b"2", "a source that is refused changes nothing");
}

#[test]
fn a_nil_of_a_type_is_an_empty_one() {
    let nil = Value::dict([("l", Value::Nil(Type::STRINGS)), ("m", Value::Nil(Type::STRING_MAP))]);
    let source = "{{range .l}}x{{else}}none{{end}}{{len .l}}{{len .m}}{{.m.x}}{{.l}}{{.m}}";
    let templates = templates(source, MissingKey::Zero, Limits::default()).unwrap();
    let mut fuel = 100;
    let output = templates.execute("t", &nil, &Environment::default(), &mut fuel).unwrap();
    assert_eq!(output, b"none00[]map[]");
}
