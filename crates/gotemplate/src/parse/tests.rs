//! Sources, the nodes that they become, and what is refused.

use super::*;
use crate::funcs::Call;
use crate::funcs::{Failure, Function};
use crate::value::Value;

fn nothing(_: &mut Call<'_>) -> Result<Value, Failure> {
    Ok(Value::Invalid)
}

fn functions() -> Functions {
    static TABLE: &[Function] = &[Function::new("own(a string) string", nothing)];
    Functions::new().with(TABLE).refusing(&[("env", "it would show the environment")])
}

fn trees(source: &str) -> Parsed<BTreeMap<String, Arc<Tree>>> {
    parse("t", source, &functions(), &Limits::default())
}

/// The source of the template `t` as its nodes show it.
fn shown(source: &str) -> String {
    trees(source).unwrap()["t"].root.to_string()
}

fn error(source: &str) -> Box<Error> {
    trees(source).unwrap_err()
}

#[test]
fn nodes_show_the_source_in_one_form() {
    for (source, form) in [
        ("{{ .A.B }}", "{{.A.B}}"),
        ("{{ $ }}", "{{$}}"),
        ("{{1 | }}", "{{1}}"),
        ("{{$x:=1|print}}", "{{$x := 1 | print}}"),
        ("{{$x:=1}}{{$x = 2}}", "{{$x := 1}}{{$x = 2}}"),
        ("{{own  `a`}}", "{{own `a`}}"),
        ("{{ (print  (1)).x.y }}", "{{(print (1)).x.y}}"),
        ("{{if .}}a{{else if .b}}c{{end}}", "{{if .}}a{{else}}{{if .b}}c{{end}}{{end}}"),
        ("{{with .}}a{{else with 1}}b{{end}}", "{{with .}}a{{else}}{{with 1}}b{{end}}{{end}}"),
        (
            "{{range $i,$e:=.}}{{break}}{{continue}}{{end}}",
            "{{range $i, $e := .}}{{break}}{{continue}}{{end}}",
        ),
        ("{{template `x` .}}", "{{template \"x\" .}}"),
        ("{{block \"x\" .}}y{{end}}", "{{template \"x\" .}}"),
        ("a {{- /* c */ -}} b", "ab"),
        ("{{true}}{{print nil}}{{'a'}}{{1e3}}", "{{true}}{{print nil}}{{'a'}}{{1e3}}"),
    ] {
        assert_eq!(shown(source), form, "{source}");
    }
}

#[test]
fn definitions_and_blocks_are_templates_of_their_own() {
    let trees = trees("{{define \"a\"}} A {{end}}{{block \"b\" .}}B{{- end}}rest").unwrap();
    let names: Vec<&String> = trees.keys().collect();
    assert_eq!(names, ["a", "b", "t"]);
    let body = |name: &str| trees[name].source.text[trees[name].body.clone()].to_owned();
    assert_eq!((body("a").as_str(), body("b").as_str()), (" A ", "B"));
    assert_eq!(trees["t"].root.to_string(), "{{template \"b\" .}}rest");
}

#[test]
fn what_go_refuses_is_refused_in_gos_words() {
    for (source, words) in [
        ("{{nope}}", "function \"nope\" not defined"),
        ("{{env `PATH`}}", "function \"env\" is refused: it would show the environment"),
        ("{{$x}}", "undefined variable \"$x\""),
        ("{{if .}}{{$x := 1}}{{end}}{{$x}}", "undefined variable \"$x\""),
        ("{{define \"a\"}}{{$x}}{{end}}{{$x := 1}}", "undefined variable \"$x\""),
        ("{{break}}", "{{break}} outside {{range}}"),
        ("{{range 1}}{{define \"a\"}}{{continue}}{{end}}{{end}}", "unexpected <define> in command"),
        ("{{if .}}", "unexpected EOF"),
        ("{{end}}", "unexpected {{end}}"),
        ("{{if .}}{{else}}{{else}}{{end}}", "expected end; found {{else}}"),
        ("{{define \"a\"}}{{else}}{{end}}", "unexpected {{else}} in define clause"),
        ("{{if}}{{end}}", "missing value for if"),
        ("{{1 | 2}}", "non executable command in pipeline stage 2"),
        ("{{()}}", "missing value for parenthesized pipeline"),
        ("{{range $a, $b, $c := .}}{{end}}", "too many declarations in range"),
        ("{{$a, $b := 1}}", "too many declarations in command"),
        ("{{range $a, 1}}{{end}}", "range can only initialize variables"),
        ("{{1.x}}", "bad number syntax: \"1.x\""),
        ("{{nil.x}}", "unexpected . after term \"nil\""),
        ("{{template .}}", "unexpected <.> in template clause"),
        ("{{print 1;}}", "unexpected \";\" in operand"),
        ("{{\"\\q\"}}", "invalid syntax"),
        (
            "{{define \"a\"}}1{{end}}{{define \"a\"}}2{{end}}",
            "template: multiple definition of template \"a\"",
        ),
    ] {
        assert_eq!(error(source).words(), words, "{source}");
    }
}

#[test]
fn an_error_has_its_line_and_its_column() {
    let error = error("一\n  {{ .A | nope }}");
    assert_eq!((error.source_name(), error.line(), error.column()), ("t", 2, 11));
    assert_eq!(error.to_string(), "template: t:2: function \"nope\" not defined");
}

#[test]
fn an_unclosed_action_names_the_line_that_it_began_in() {
    assert_eq!(error("\n{{print\n\n").to_string(), "template: t:4: unclosed action started at t:2");
    let words = error("{{print\n\n\"a").words().to_owned();
    assert_eq!(words, "unterminated quoted string in action started at t:1");
}

#[test]
fn an_empty_definition_replaces_none() {
    for source in [
        "{{define \"a\"}}x{{end}}{{define \"a\"}} \n{{end}}",
        "{{define \"a\"}}{{end}}{{define \"a\"}}x{{end}}",
    ] {
        assert_eq!(trees(source).unwrap()["a"].root.to_string(), "x");
    }
}

#[test]
fn what_nests_is_counted() {
    let limits = Limits { parse_depth: 3, ..Limits::default() };
    let parsed = |source: &str| parse("t", source, &functions(), &limits).map(|_| ());
    for fits in [
        "{{(((1)))}}",
        "{{if 1}}{{if 2}}{{(3)}}{{end}}{{end}}",
        "{{if 1}}{{else if 2}}{{else if 3}}{{end}}",
    ] {
        assert!(parsed(fits).is_ok(), "{fits}");
    }
    for deep in [
        "{{((((1))))}}",
        "{{if 1}}{{with 2}}{{range 3}}{{(4)}}{{end}}{{end}}{{end}}",
        "{{if 1}}{{else if 2}}{{else if 3}}{{else if 4}}{{end}}",
        "{{define \"a\"}}{{(((1)))}}{{end}}",
    ] {
        let kind = parsed(deep).unwrap_err().kind.clone();
        assert_eq!(kind, ErrorKind::Limit(Reached { limit: "parse depth", most: 3 }), "{deep}");
    }
}
