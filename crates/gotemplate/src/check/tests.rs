//! Templates, what is found in them, and what is not.

use std::any::Any;
use std::sync::Arc;

use super::Finding;
use crate::error::Fault;
use crate::{
    Base, Call, Environment, Failure, Function, Functions, Limits, List, MissingKey, Named, Object,
    Passed, Templates, Type, Value, sprig,
};

/// A struct with a text, a time, labels and a method.
#[derive(Debug)]
struct Alert;

static ALERT: Named = Named { name: "Alert", underlying: Type::Any, zero: || Value::object(Alert) };

static ALERT_TYPE: Type = Type::Named(&ALERT);
const ALERTS: Type = Type::Slice(&ALERT_TYPE);

impl Object for Alert {
    fn named(&self) -> &'static Named {
        &ALERT
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn base(&self) -> Base<'_> {
        Base::Struct(&["Status", "At", "Labels"])
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Status" => Some(Value::from("firing")),
            "At" => Some(Type::Time.zero()),
            "Labels" => Some(Value::string_map([("name", "Disk")])),
            _ => None,
        }
    }

    fn methods(&self) -> &'static [Function] {
        static METHODS: &[Function] = &[Function::new("Message(prefix string) string", message)];
        METHODS
    }
}

fn message(call: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(call.value(0).clone())
}

/// Data with a list of alerts, one whose items may be anything, and a map that JSON could have made.
fn data() -> Value {
    let list = |of, items| Value::List(List::new(of, items).into());
    let record =
        Value::dict([("status", Value::from("x")), ("labels", Value::dict([("a", "b".into())]))]);
    Value::dict([
        ("one", Value::object(Alert)),
        ("all", list(ALERTS, vec![Value::object(Alert)])),
        ("none", list(ALERTS, Vec::new())),
        ("records", Value::list(vec![record])),
    ])
}

static SWAPPED: &[Function] =
    &[Function::new("zoned(fmt string, date any, zone string) string", message)];

fn templates(source: &str) -> Templates {
    let functions = sprig::FUNCTIONS.iter().fold(Functions::new(), |all, table| all.with(table));
    let functions = Arc::new(functions.with(SWAPPED));
    let mut templates = Templates::new(functions, MissingKey::Zero, Limits::default());
    templates.parse("t", source).unwrap_or_else(|error| panic!("{error}"));
    templates
}

/// What is found in a template that nobody has executed, but that a map lacks a key.
fn found(source: &str) -> Vec<Finding> {
    let checked =
        templates(source).check("t", &data(), &Environment::default(), &Passed::default());
    checked.findings.into_iter().filter(|finding| finding.lacking.is_none()).collect()
}

#[test]
fn a_member_that_is_not_there_has_its_place_and_the_words_that_go_has_for_it() {
    assert_found(&[
        ("{{.one.Nope}}", (1, 7), "can't evaluate field Nope in type Alert"),
        (
            "{{if .x}}\n {{range .all}}{{.value}}{{end}}{{end}}",
            (2, 18),
            "can't evaluate field value in type Alert",
        ),
        ("{{range .none}}{{.value}}{{end}}", (1, 18), "can't evaluate field value in type Alert"),
        (
            "{{range .all}}{{else}}{{$.one.Nope}}{{end}}",
            (1, 26),
            "can't evaluate field Nope in type Alert",
        ),
        (
            "{{with .one.Labels.nope}}{{.Nope}}{{end}}",
            (1, 28),
            "can't evaluate field Nope in type string",
        ),
        ("{{.all.Labels}}", (1, 7), "can't evaluate field Labels in type []Alert"),
        (
            "{{range .one.Status}}{{end}}",
            (1, 13),
            "range can't iterate over a value of type string",
        ),
        (
            "{{range $i, $a := .all}}{{$a.Nope}}{{end}}",
            (1, 29),
            "can't evaluate field Nope in type Alert",
        ),
        ("{{$a := index .all 0}}{{$a.Nope}}", (1, 27), "can't evaluate field Nope in type Alert"),
        ("{{(index .all 0).Nope}}", (1, 15), "can't evaluate field Nope in type Alert"),
        (
            "{{define \"d\"}}{{.Nope}}{{end}}{{template \"d\" .one}}",
            (1, 17),
            "can't evaluate field Nope in type Alert",
        ),
    ]);
}

#[test]
fn a_call_that_is_wrong_has_its_place_and_the_words_that_go_has_for_it() {
    assert_found(&[
        ("{{.one.Status \"x\"}}", (1, 7), "Status has arguments but cannot be invoked as function"),
        ("{{.one.Labels.name \"x\"}}", (1, 7), "name is not a method but has arguments"),
        ("{{.one.Message}}", (1, 7), "wrong number of args for Message: want 1 got 0"),
        ("{{.one.At.Format}}", (1, 7), "wrong number of args for Format: want 1 got 0"),
        ("{{.one.At.Format 3}}", (1, 18), "expected string; found 3"),
        ("{{if .x}}{{upper}}{{end}}", (1, 12), "wrong number of args for upper: want 1 got 0"),
        ("{{upper \"a\" | upper \"b\"}}", (1, 15), "wrong number of args for upper: want 1 got 2"),
        ("{{printf}}", (1, 3), "wrong number of args for printf: want at least 1 got 0"),
        ("{{upper .one}}", (1, 9), "wrong type for value; expected string; got Alert"),
        ("{{upper nil}}", (1, 9), "cannot assign nil to string"),
        (
            "{{now | zoned \"2006\" \"Asia/Shanghai\"}}",
            (1, 22),
            "wrong type for value; expected string; got time.Time",
        ),
        ("{{trunc \"a\" \"b\"}}", (1, 9), "expected integer; found \"a\""),
        ("{{and .x (upper)}}", (1, 11), "wrong number of args for upper: want 1 got 0"),
        ("{{$x := .one}}{{$x 1}}", (1, 17), "can't give argument to non-function $x"),
    ]);
}

/// In each source one mistake is found, at this place and with these words.
fn assert_found(cases: &[(&str, (usize, usize), &str)]) {
    let mut different = Vec::new();
    for (source, place, words) in cases {
        let found = found(source);
        let found: Vec<_> = found
            .iter()
            .map(|Finding { error, .. }| ((error.line(), error.column()), error.words()))
            .collect();
        if found != [(*place, *words)] {
            different.push(format!("{source}: {found:?}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn what_may_be_right_is_no_mistake() {
    for source in [
        "{{.one.Status}}{{.one.Labels.anything}}{{.one.At.Format \"15:04\"}}{{.one.Message \"x\"}}",
        "{{range .all}}{{.Status | upper | printf \"%s %s\" .Labels.team}}{{end}}",
        "{{range .records}}{{.status | upper}}{{.labels.anything}}{{end}}",
        "{{$x := \"\"}}{{range .all}}{{if $x}}{{$x.Status}}{{end}}{{$x = .}}{{end}}{{$x.Status}}",
        "{{range .all}}{{if kindIs \"string\" .}}{{upper .}}{{else}}{{.Status}}{{end}}{{end}}",
        "{{if eq (printf \"%T\" .one) \"string\"}}{{upper .one}}{{end}}",
        "{{define \"d\"}}{{.alert.Status}}{{.other.Foo}}{{end}}{{template \"d\" (dict \"alert\" .one)}}",
        "{{define \"d\"}}{{template \"d\" .}}{{end}}{{template \"d\" .one}}",
        "{{define \"d\"}}{{template \"d\" (dict \"x\" .)}}{{template \"d\" (dict \"y\" .)}}{{end}}{{template \"d\" .}}",
        "{{range 3}}{{add . 1}}{{end}}{{range $k, $v := .one.Labels}}{{upper $k}}{{upper $v}}{{end}}",
        "{{(index (splitList \",\" .one.Status) 7).Nope}}{{(fromJson .one.Status).a.b}}",
        "{{with .nope}}{{.Foo.Bar}}{{end}}{{(or .one.Status .one).Nope}}",
        "{{.one.At.Add 28800e9}}{{(.one.At.Sub .one.At).Seconds | printf \"%.0f\"}}",
        "{{template \"nowhere\" .one}}{{with .one}}{{template \"nowhere\"}}{{end}}",
    ] {
        assert_eq!(format!("{:?}", found(source)), "[]", "{source}");
    }
}

#[test]
fn nothing_is_found_where_an_execution_has_been() {
    let (data, environment) = (data(), Environment::default());
    for (source, count) in [
        ("{{if .x}}{{.one.Nope}}{{end}}", 1),
        ("{{range .all}}{{if .Status}}{{else}}{{.Nope}}{{end}}{{end}}", 1),
        // It is not looked at behind what decides.
        ("{{or .one (upper)}}", 1),
        ("{{and .x (upper)}}{{.one.Status}}", 1),
        ("{{.one.Status}}{{range .all}}{{.Labels.x}}{{end}}", 0),
    ] {
        let (templates, mut passed) = (templates(source), Passed::default());
        let mut fuel = 10_000;
        let output = templates.execute_noting("t", &data, &environment, &mut fuel, &mut passed);
        assert!(output.is_ok() && fuel < 10_000, "{source}");
        let found = templates.check("t", &data, &environment, &passed).findings;
        let found = found.iter().filter(|finding| finding.lacking.is_none());
        assert_eq!(found.count(), count, "{source}");
    }
    // What passes for one item is right, although an example of it is another.
    let either = Value::list(vec![Value::object(Alert), Value::from("text")]);
    let (templates, mut passed) = (templates("{{range .}}{{len .}}{{end}}"), Passed::default());
    let ran = templates.execute_noting("t", &either, &environment, &mut 1_000, &mut passed);
    assert!(ran.is_err(), "it fails for the first");
}

#[test]
fn what_stands_in_an_interface_makes_no_mistake_certain() {
    let is_certain = |source: &str| {
        let found = found(source);
        assert_eq!(found.len(), 1, "{source}");
        found[0].is_certain
    };
    assert!(!is_certain("{{.one.Nope}}"));
    assert!(!is_certain("{{range .records}}{{.status.Nope}}{{end}}"));
    assert!(is_certain("{{if .x}}{{upper}}{{end}}"));
    let alert = templates("{{.Nope}}{{.Labels.x.Nope}}{{.At.Nope}}{{upper .At}}");
    let environment = Environment::default();
    let checked = alert.check("t", &Value::object(Alert), &environment, &Passed::default());
    assert_eq!(checked.findings.len(), 4);
    assert!(checked.findings.iter().all(|finding| finding.is_certain), "{checked:?}");
}

#[test]
fn a_fault_says_what_could_have_been_asked_for() {
    let fault = |source: &str| found(source)[0].error.fault().cloned();
    let Some(Fault::Member { name, of, known }) = fault("{{.one.value}}") else { panic!() };
    assert_eq!((&*name, &*of), ("value", "Alert"));
    assert_eq!(known, ["Status", "At", "Labels", "Message"]);
    let expected = Fault::Count { signature: "upper(s string) string", missing: Some("s") };
    assert_eq!(fault("{{upper}}"), Some(expected));
    let signature = "zoned(fmt string, date any, zone string) string";
    for (source, parameter, is_piped) in [
        ("{{zoned 1 .one \"UTC\"}}", "fmt", false),
        ("{{now | zoned \"\" \"UTC\"}}", "zone", true),
        ("{{zoned \"\" .one .one}}", "zone", false),
    ] {
        let expected = Fault::Argument { signature, parameter, is_piped };
        assert_eq!(fault(source), Some(expected), "{source}");
        // An execution says the same.
        let (environment, mut fuel) = (Environment::default(), 1_000);
        let ran = templates(source).execute("t", &data(), &environment, &mut fuel);
        let error = ran.expect_err("it fails");
        assert_eq!(error.fault(), found(source)[0].error.fault(), "{source}");
        assert_eq!(error.column(), found(source)[0].error.column(), "{source}");
    }
}

#[test]
fn keys_that_are_asked_for_are_told_with_what_they_are_compared_with() {
    let source = "{{range .all}}{{if eq .Labels.team \"a\" \"b\"}}{{.Labels.name}}{{end}}\
        {{index .Labels \"by-index\" | upper | contains \"C\"}}{{end}}\
        {{range .records}}{{.labels.owner}}{{.nope}}{{end}}{{lower \"alone\"}}";
    let checked =
        templates(source).check("t", &data(), &Environment::default(), &Passed::default());
    let asked: Vec<(&str, Vec<&str>)> = checked
        .asked
        .iter()
        .map(|(key, texts)| (key.as_str(), texts.iter().map(String::as_str).collect()))
        .collect();
    let expected = [
        ("alone", vec![]),
        ("by-index", vec!["C"]),
        ("name", vec![]),
        ("owner", vec![]),
        ("team", vec!["a", "b"]),
    ];
    assert_eq!(asked, expected);
    // A map with values of several types has the keys that it has.
    let lacking: Vec<_> = checked.findings.iter().filter(|one| one.lacking.is_some()).collect();
    assert_eq!(lacking.len(), 1);
    let Some(Fault::Member { name, known, .. }) = lacking[0].error.fault() else { panic!() };
    assert_eq!((&**name, known.join(" ")), ("nope", "labels status".to_owned()));
}

#[test]
fn what_nests_or_calls_itself_without_end_ends_soon_and_on_a_small_stack() {
    let ifs = |inner: &str| format!("{}{inner}{}", "{{if .x}}".repeat(48), "{{end}}".repeat(48));
    let parentheses =
        |inner: &str| format!("{{{{{}{inner}{}}}}}", "(print ".repeat(48), ")".repeat(48));
    for source in [
        ifs("{{template \"t\" (dict \"a\" .)}}"),
        ifs(&parentheses(".one.Status")),
        format!("{}{{{{template \"t\" (dict \"a\" .)}}}}", parentheses(".one.Status")),
        "{{template \"t\" (dict \"a\" .)}}{{template \"t\" (dict \"b\" .)}}".repeat(50),
        "{{range 9}}".repeat(48) + "{{template \"t\" (list .)}}" + &"{{end}}".repeat(48),
        format!("{{{{and {}}}}}", "(or .one .x) ".repeat(5_000)),
    ] {
        let walk = move || found(&source).len();
        let small = std::thread::Builder::new().stack_size(2 << 20).spawn(walk).expect("a thread");
        assert_eq!(small.join().expect("it ends"), 0);
    }
}
