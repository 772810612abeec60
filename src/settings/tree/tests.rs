//! Tests of the tree: what stands where, and what is no YAML of ours.

use super::*;

/// The tree as one line: `line:column` before each key and value.
fn outline(node: &Node) -> String {
    let Position { line, column, .. } = node.position;
    let value = match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar(Scalar { text, plain: true, .. }) => text.clone(),
        Value::Scalar(Scalar { text, plain: false, .. }) => format!("{text:?}"),
        Value::List(items) => {
            format!("[{}]", items.iter().map(outline).collect::<Vec<_>>().join(", "))
        }
        Value::Table(entries) => {
            let entry = |entry: &Entry| {
                let Position { line, column, .. } = entry.position;
                format!("{line}:{column} {}: {}", entry.key, outline(&entry.value))
            };
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    };
    format!("{line}:{column} {value}")
}

fn outlined(text: &str) -> String {
    let tree = Tree::parse(text);
    assert_eq!(tree.faults, [], "{text}");
    tree.documents.iter().map(outline).collect::<Vec<_>>().join(" --- ")
}

fn faults(text: &str) -> Vec<String> {
    let line = |fault: YamlFault| {
        let YamlFault { position, path, text } = fault;
        let path = if path.is_empty() { path } else { path + ": " };
        format!("{}:{}: {path}{text}", position.line, position.column)
    };
    Tree::parse(text).faults.into_iter().map(line).collect()
}

#[test]
fn every_key_and_value_knows_its_place_and_how_it_was_written() {
    let cases = [
        ("a: 0123\nb: '0123'\n", r#"1:1 {1:1 a: 1:4 0123, 2:1 b: 2:4 "0123"}"#),
        ("- x: 1\n  y: [2, \"3\"]\n", r#"1:1 [1:3 {1:3 x: 1:6 1, 2:3 y: 2:6 [2:7 2, 2:10 "3"]}]"#),
        ("磁盘: 满\nb: {c: d}\n", "1:1 {1:1 磁盘: 1:5 满, 2:1 b: 2:4 {2:5 c: 2:8 d}}"),
        ("a:\nb: ~\nc: ''\n", r#"1:1 {1:1 a: 1:1 null, 2:1 b: 2:1 null, 3:1 c: 3:4 ""}"#),
        ("a: !!str 0123\n", r#"1:1 {1:1 a: 1:10 "0123"}"#),
        ("a: |\n  x\n  y\n", r#"1:1 {1:1 a: 2:3 "x\ny\n"}"#),
        ("\u{feff}a: 1\r\nb: 2\r\n", "1:1 {1:1 a: 1:4 1, 2:1 b: 2:4 2}"),
        ("", ""),
        ("a: 1\n---\nb: 2\n", "1:1 {1:1 a: 1:4 1} --- 3:1 {3:1 b: 3:4 2}"),
    ];
    for (text, expected) in cases {
        assert_eq!(outlined(text), expected, "{text}");
    }
}

#[test]
fn an_alias_is_a_copy_at_its_own_place() {
    let text = "a: &x [1, 2]\nb: *x\n";
    assert_eq!(outlined(text), "1:1 {1:1 a: 1:7 [1:8 1, 1:11 2], 2:1 b: 2:4 [1:8 1, 1:11 2]}");
}

#[test]
fn aliases_that_multiply_are_refused_before_they_fill_the_memory() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        let ten = [before.as_str(); 10].join(", ");
        text.extend([format!("a{level}: &a{level} [{ten}]\n")]);
    }
    let found = faults(&text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("more than 500000 values"), "{found:?}");
}

#[test]
fn ten_thousand_receivers_with_conditions_are_not_too_many_values() {
    let receiver = "- name: r\n  conditions: [{label: a, operator: In, values: [b, c]}]\n  \
                    chatbots: [{name: b, access_token: t, secret: s, keywords: [k]}]\n";
    assert_eq!(faults(&receiver.repeat(10_000)), Vec::<String>::new());
}

#[test]
fn a_hundred_thousand_keys_are_told_apart() {
    // If each key were compared with all before it, this would take minutes.
    let keys: Vec<String> = (0..100_000).map(|number| format!("k{number}: 1\n")).collect();
    assert_eq!(
        faults(&(keys.concat() + "k7: 1\n")),
        ["100001:1: `k7` stands twice, first in line 8"]
    );
}

#[test]
fn nesting_beyond_reason_is_refused() {
    for text in ["[".repeat(100_000), "- ".repeat(100_000)] {
        let found = faults(&text);
        assert_eq!(found.len(), 1, "{found:?}");
    }
}

#[test]
fn what_is_wrong_with_the_yaml_is_said_with_its_place() {
    let cases = [
        ("a: 1\nb: 2\na: 3\n", "3:1: `a` stands twice, first in line 1"),
        ("a: {<<: b}\n", "1:5: a: `<<` takes a mapping, or a list of mappings"),
        ("[1]: 2\n", "1:1: a key must be a text"),
        ("a:\n- b: {c: 1, d: 2, c: 3}\n", "2:19: a[0].b: `c` stands twice, first in line 2"),
        ("a:\n- 1\n- b: !x\n", "3:8: a[1].b: tags (`!…`) are not supported"),
        ("a: !secret b\n", "1:12: a: tags (`!…`) are not supported"),
        ("a: *nowhere\n", "1:4: this is not YAML: while parsing node, found unknown anchor"),
        ("a: &x [*x]\n", "1:8: a[0]: an alias stands inside its own anchor"),
    ];
    for (text, expected) in cases {
        assert_eq!(faults(text), [expected], "{text}");
    }
}

#[test]
fn a_broken_line_is_named_where_it_breaks() {
    for (text, line) in [("a:\n  b: 1\n c: 2\n", 3), ("a: [1, 2\nb: 3\n", 2), ("a: \"x\n", 2)] {
        let tree = Tree::parse(text);
        assert_eq!(tree.faults.len(), 1, "{text}");
        assert_eq!(tree.faults[0].position.line, line, "{text} {:?}", tree.faults);
    }
}

#[test]
fn neither_the_tree_nor_its_faults_show_a_scalar() {
    let tree = Tree::parse(
        "a: canary-1\nb: [canary-2]\ncanary-3-abcdefghijklmnopqrstuvwxyz0123456789: 1\n",
    );
    let shown = format!("{tree:?}");
    assert!(!shown.contains("canary-1") && !shown.contains("canary-2"), "{shown}");
    assert_eq!(shown_key("access_token"), "access_token");
    assert_eq!(shown_key(&"0a1b2c3d".repeat(8)), "0a1b2c3d…");
    assert_eq!(shown_key("https://x/?access_token=abc"), "https…");
}
