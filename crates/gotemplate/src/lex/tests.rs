//! Sources and the tokens that they are cut into.

use super::*;

/// The tokens of a source, each as its kind and its text.
fn tokens(source: &str) -> Vec<(Kind, String)> {
    let mut lexer = Lexer::new(source, Names::default());
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next();
        let text = token.error.clone().unwrap_or_else(|| token.text.to_owned());
        tokens.push((token.kind, text));
        if matches!(token.kind, Kind::Eof | Kind::Error) {
            return tokens;
        }
    }
}

/// The kinds alone, without delimiters and the end.
fn kinds(action: &str) -> Vec<Kind> {
    let all = tokens(&format!("{{{{{action}}}}}"));
    let is_frame = |kind: &Kind| matches!(kind, Kind::LeftDelim | Kind::RightDelim | Kind::Eof);
    all.into_iter().map(|(kind, _)| kind).filter(|kind| !is_frame(kind)).collect()
}

fn texts(source: &str) -> Vec<String> {
    let all = tokens(source).into_iter();
    all.filter(|(kind, _)| *kind == Kind::Text).map(|(_, text)| text).collect()
}

#[test]
fn every_kind_of_token_is_known() {
    let cases: &[(&str, &[Kind])] = &[
        (".", &[Kind::Dot]),
        (".A.b_1", &[Kind::Field, Kind::Field]),
        ("$", &[Kind::Variable]),
        ("$x.y", &[Kind::Variable, Kind::Field]),
        ("printf", &[Kind::Identifier]),
        ("告警", &[Kind::Identifier]),
        ("true", &[Kind::Bool]),
        ("nil", &[Kind::Nil]),
        ("'a'", &[Kind::CharConstant]),
        (r#""a\"b""#, &[Kind::String]),
        ("`a\nb`", &[Kind::RawString]),
        ("1_000.5e-3", &[Kind::Number]),
        ("0x1p-2", &[Kind::Number]),
        (".5", &[Kind::Number]),
        ("1+2i", &[Kind::Complex]),
        ("$x:=1", &[Kind::Variable, Kind::Declare, Kind::Number]),
        ("$x =1", &[Kind::Variable, Kind::Space, Kind::Assign, Kind::Number]),
        ("(.)", &[Kind::LeftParen, Kind::Dot, Kind::RightParen]),
        ("a|b", &[Kind::Identifier, Kind::Pipe, Kind::Identifier]),
        ("$a,", &[Kind::Variable, Kind::Char]),
        ("block", &[Kind::Block]),
        ("break", &[Kind::Break]),
        ("continue", &[Kind::Continue]),
        ("define", &[Kind::Define]),
        ("else", &[Kind::Else]),
        ("end", &[Kind::End]),
        ("if", &[Kind::If]),
        ("range", &[Kind::Range]),
        ("template", &[Kind::Template]),
        ("with", &[Kind::With]),
    ];
    for (action, expected) in cases {
        assert_eq!(kinds(action), *expected, "{action}");
    }
}

#[test]
fn trim_markers_take_the_spaces_beside_them() {
    let cases: &[(&str, &[&str])] = &[
        ("a {{.}} b", &["a ", " b"]),
        ("a \n\t{{- .}} b", &["a", " b"]),
        ("a {{. -}}\r\n b", &["a ", "b"]),
        ("a {{- . -}} b", &["a", "b"]),
        ("a {{-.}} b", &["a ", " b"]),
        (" {{- .}}", &[]),
        ("a {{/* no */}} b", &["a ", " b"]),
        ("a {{- /* no */ -}} b", &["a", "b"]),
    ];
    for (source, expected) in cases {
        assert_eq!(texts(source), *expected, "{source}");
    }
}

#[test]
fn a_dash_is_a_marker_only_with_a_space() {
    assert_eq!(kinds("-3"), [Kind::Number]);
    assert_eq!(kinds("- 3"), [Kind::Number]);
    assert_eq!(kinds("3 -"), [Kind::Number]);
}

#[test]
fn what_is_no_token_is_an_error_in_gos_words() {
    for (source, words) in [
        ("{{", "unclosed action"),
        ("{{. ", "unclosed action"),
        ("{{/* a", "unclosed comment"),
        ("{{/* a */ }}", "comment ends before closing delimiter"),
        ("{{\"a\n\"}}", "unterminated quoted string"),
        ("{{'a}}", "unterminated character constant"),
        ("{{`a}}", "unterminated raw quoted string"),
        ("{{(1}}", "unclosed left paren"),
        ("{{1)}}", "unexpected right paren"),
        ("{{:}}", "expected :="),
        ("{{3k}}", "bad number syntax: \"3k\""),
        ("{{a\"b\"}}", "bad character U+0022 '\"'"),
        ("{{\u{1}}}", "unrecognized character in action: U+0001"),
        ("{{😀}}", "unrecognized character in action: U+1F600 '😀'"),
    ] {
        let error = tokens(source).into_iter().find(|(kind, _)| *kind == Kind::Error);
        assert_eq!(error.map(|(_, words)| words).as_deref(), Some(words), "{source}");
    }
}

#[test]
fn a_token_knows_its_line_and_its_place() {
    let mut lexer = Lexer::new("一\n{{ .A\n  .B }}", Names::default());
    let mut places = Vec::new();
    loop {
        let token = lexer.next();
        if token.kind == Kind::Eof {
            break;
        }
        if matches!(token.kind, Kind::Text | Kind::Field) {
            places.push((token.text.to_owned(), token.line, token.at));
        }
    }
    let expected = [("一\n", 1, 0), (".A", 2, 7), (".B", 3, 12)];
    assert_eq!(places, expected.map(|(text, line, at)| (text.to_owned(), line, at)));
}

#[test]
fn names_of_functions_are_no_keywords() {
    let names = Names { break_is_function: true, continue_is_function: false };
    let mut lexer = Lexer::new("{{break}}{{continue}}", names);
    let mut kinds = std::iter::repeat_with(|| lexer.next().kind);
    assert_eq!(kinds.nth(1), Some(Kind::Identifier));
    assert_eq!(kinds.nth(2), Some(Kind::Continue));
}

#[test]
fn messages_show_short_tokens_whole_and_cut_long_ones() {
    for (source, shown) in [
        ("a", "\"a\""),
        ("0123456789", "\"0123456789\""),
        ("0123456789x", "\"0123456789\"..."),
        ("一二三四五六七八九十百", "\"一二三四五六七八九十\"..."),
    ] {
        let token = Lexer::new(source, Names::default()).next();
        assert_eq!(token.show(), shown);
    }
    assert_eq!(Lexer::new("", Names::default()).next().show(), "EOF");
}
