//! Tests of the matchers' text form against the results of Alertmanager 0.34.2.

use proptest::prelude::*;

use super::*;

/// Texts, each with the matchers that Alertmanager 0.34.2 reads from it in its default mode (UTF-8,
/// then classic), or null where it refuses the text.
const ALERTMANAGER: &str = include_str!("alertmanager.json");

type Parts = (String, String, String);

fn parts(matcher: &Matcher) -> Parts {
    let (match_type, value) = matcher.match_type_and_value();
    (matcher.label.clone(), match_type.as_str().to_owned(), value.to_owned())
}

#[test]
fn texts_are_read_as_by_alertmanager() {
    let cases: Vec<(String, Option<Vec<Parts>>)> = serde_json::from_str(ALERTMANAGER).unwrap();
    assert!(cases.len() > 400);
    let mut different = Vec::new();
    for (text, expected) in cases {
        let got = parse_as_alertmanager(&text).ok();
        let got: Option<Vec<Parts>> = got.map(|matchers| matchers.iter().map(parts).collect());
        if got != expected {
            different.push((text, expected, got));
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}

#[test]
fn a_matcher_asks_for_a_value_and_an_absent_label_has_the_empty_one() {
    // A matcher, a value, and whether it holds, from Alertmanager's own table of cases.
    for (text, value, holds) in [
        ("a=b", "b", true),
        ("a=b", "B", false),
        ("a=b", "", false),
        ("a=\"\"", "", true),
        ("a!=b", "c", true),
        ("a!=b", "b", false),
        ("a!=b", "", true),
        ("a!=\"\"", "", false),
        ("a!=\"\"", "b", true),
        ("a=~\"b|c\"", "c", true),
        ("a=~\"b|c\"", "bc", false),
        ("a=~b.*", "bcd", true),
        ("a=~b.*", "abc", false),
        ("a=~\".*\"", "", true),
        ("a=~\".+\"", "", false),
        ("a=~\"\"", "", true),
        ("a=~\"\"", "b", false),
        ("a=~\"(?i)B\"", "b", true),
        ("a!~\"b|c\"", "bc", true),
        ("a!~\"b|c\"", "b", false),
        ("a!~\".+\"", "", true),
        ("a!~\".*\"", "", false),
        ("a=\"very bad\"", "very bad", true),
        ("a=\"磁盘 满\"", "磁盘 满", true),
        ("a=10.0.0.1:9090", "10.0.0.1:9090", true),
        ("a=~\"10\\.0\\.0\\.[12]:9090\"", "10.0.0.2:9090", true),
        ("a=~\"10\\.0\\.0\\.[12]:9090\"", "10x0.0.2:9090", false),
        ("a=~\"10\\\\.0.*\"", "10.0.1", true),
    ] {
        assert_eq!(parse(text).unwrap()[0].holds(value), holds, "{text} of {value:?}");
    }
}

#[test]
fn an_error_says_what_is_wrong_and_where() {
    for (text, error) in [
        ("", "column 1: there is no matcher; write one like severity=\"critical\""),
        ("{}", "column 1: there is no matcher; write one like severity=\"critical\""),
        ("\"\"=a", "column 1: the label's name is empty"),
        ("severity", "column 9: expected an operator (=, !=, =~ or !~), found the end"),
        ("告警 级=b", "column 4: expected an operator (=, !=, =~ or !~), found 级"),
        ("\"severity\"==b", "column 12: expected a value (an empty one is \"\"), found ="),
        (
            "\"a\"=b c",
            "column 7: expected a comma or the end (a value with spaces needs quotes), found c",
        ),
        ("{\"a\"=b", "column 7: expected a comma or }, found the end"),
        ("{\"a\"=b},c=d", "column 8: expected the end, found ,"),
        ("\"a=b", "column 1: the quote that begins here has no end; close it with \""),
        ("\"a\"=\"\\.\"", "column 5: invalid escape in \"\\.\"; write a backslash as \\\\"),
        ("'a'=b", "column 1: expected a label, an operator or a value, found '"),
        ("a!b", "column 2: expected != or !~, found !"),
        ("a=~\"b(\"", "column 1: error parsing regexp: missing closing ): `b(`"),
        ("x=y,a=~\"\\d(\"", "column 5: error parsing regexp: missing closing ): `\\d(`"),
        (
            "x=y, =b",
            "column 6: expected a comma or the end (a value with spaces needs quotes), found =",
        ),
    ] {
        let got = parse(text).unwrap_err();
        assert_eq!(got.to_string(), error, "{text}");
        assert_eq!(text[..got.offset].chars().count() + 1, got.column);
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(
        label in "[a-z_:]{1,3}|\\PC{1,6}|[a\"\\\\ ={},~!\n\t]{1,6}",
        value in "\\PC{0,8}|[a\"\\\\ n={},~!\n\t\r]{0,8}",
        match_type in prop_oneof![Just(MatchType::Equal), Just(MatchType::NotEqual)],
    ) {
        let matcher = Matcher::new(label, match_type, value).unwrap();
        prop_assert_eq!(parse(&matcher.to_string()).unwrap(), [matcher]);
    }

    #[test]
    fn what_is_printed_of_expressions_is_read_as_the_same(
        value in "[a-c.*|\\[\\]\\\\\"d() ]{0,6}",
        match_type in prop_oneof![Just(MatchType::Matches), Just(MatchType::NotMatches)],
    ) {
        if let Ok(matcher) = Matcher::new("a".into(), match_type, value) {
            prop_assert_eq!(parse(&matcher.to_string()).unwrap(), [matcher]);
        }
    }

    #[test]
    fn no_text_breaks_the_parser(text in "[a\"\\\\{}=!~, \nx41uU8中'(]{0,16}") {
        if let Err(error) = parse(&text) {
            prop_assert!(text.is_char_boundary(error.offset));
        }
    }
}
