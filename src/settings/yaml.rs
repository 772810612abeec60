//! Writes a tree as YAML for people: in block style, with quotes only where they are needed, and a
//! text of several lines line by line.
//!
//! `Tree::parse` reads the same tree from the text again; a property test holds this.

use super::quantity::duration;
use super::tree::{Entry, Layout, Node, Position, Scalar, Value};

/// A text, which is quoted where YAML would read a number, true, false or null.
pub(super) fn text(text: impl Into<String>) -> Node {
    scalar(text.into(), false)
}

/// A number, true or false, which is never quoted.
pub(super) fn bare(value: impl std::fmt::Display) -> Node {
    scalar(format!("{value}"), true)
}

/// A list of texts.
pub(super) fn texts<T: Into<String>>(items: impl IntoIterator<Item = T>) -> Node {
    list(items.into_iter().map(text))
}

/// A list.
pub(super) fn list(items: impl IntoIterator<Item = Node>) -> Node {
    node(Value::List(items.into_iter().collect()))
}

/// A mapping.
pub(super) fn table<'k>(entries: impl IntoIterator<Item = (&'k str, Node)>) -> Node {
    let entry = |(key, value): (&str, Node)| Entry {
        key: key.to_owned(),
        position: Position::START,
        value,
        replaced: None,
    };
    node(Value::Table(entries.into_iter().map(entry).collect()))
}

fn scalar(text: String, plain: bool) -> Node {
    node(Value::Scalar(Scalar { text, plain, layout: Layout::Unknown }))
}

fn node(value: Value) -> Node {
    Node { position: Position::START, value }
}

/// The tree as YAML; it ends with a line end.
pub(super) fn write(root: &Node) -> String {
    let mut out = String::new();
    match &root.value {
        Value::Table(entries) if !entries.is_empty() => write_table(&mut out, entries, 0),
        Value::List(items) if !items.is_empty() => write_list(&mut out, items, 0),
        Value::Null | Value::Scalar(_) | Value::List(_) | Value::Table(_) => {
            write_short(&mut out, root);
            out.push('\n');
        }
    }
    out
}

fn write_table(out: &mut String, entries: &[Entry], indent: usize) {
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            out.push_str(&" ".repeat(indent));
        }
        write_scalar(out, &entry.key, false);
        out.push(':');
        write_nested(out, &entry.value, indent);
    }
}

fn write_nested(out: &mut String, value: &Node, indent: usize) {
    match &value.value {
        Value::Table(entries) if !entries.is_empty() => {
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
            write_table(out, entries, indent + 2);
        }
        Value::List(items) if items.iter().any(is_nested) => {
            out.push('\n');
            out.push_str(&" ".repeat(indent + 2));
            write_list(out, items, indent + 2);
        }
        Value::Scalar(scalar) if is_of_lines(scalar) => {
            write_lines(out, &scalar.text, indent + 2);
        }
        Value::Null | Value::Scalar(_) | Value::List(_) | Value::Table(_) => {
            out.push(' ');
            write_short(out, value);
            out.push('\n');
        }
    }
}

/// Whether the text can be written line by line (`|`), so that it reads back as the same.
fn is_of_lines(scalar: &Scalar) -> bool {
    let Scalar { text, plain, .. } = scalar;
    let is_line = |line: &str| line.is_empty() || !line.trim_matches(' ').is_empty();
    !plain
        && text.trim_end_matches('\n').contains('\n')
        && !text.ends_with("\n\n")
        && !text.starts_with([' ', '\n'])
        && text.split('\n').all(is_line)
        && !text.contains(|c: char| c != '\n' && is_unprintable(c))
}

fn write_lines(out: &mut String, text: &str, indent: usize) {
    out.push_str(if text.ends_with('\n') { " |\n" } else { " |-\n" });
    for line in text.trim_end_matches('\n').split('\n') {
        if !line.is_empty() {
            out.extend([&*" ".repeat(indent), line]);
        }
        out.push('\n');
    }
}

fn write_list(out: &mut String, items: &[Node], indent: usize) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push_str(&" ".repeat(indent));
        }
        out.push_str("- ");
        match &item.value {
            Value::Table(entries) if !entries.is_empty() => write_table(out, entries, indent + 2),
            Value::List(inner) if inner.iter().any(is_nested) => {
                write_list(out, inner, indent + 2);
            }
            Value::Null | Value::Scalar(_) | Value::List(_) | Value::Table(_) => {
                write_short(out, item);
                out.push('\n');
            }
        }
    }
}

/// Writes a value on the line of its key.
fn write_short(out: &mut String, value: &Node) {
    match &value.value {
        Value::Null => out.push_str("null"),
        Value::Scalar(scalar) => write_scalar(out, &scalar.text, scalar.plain),
        Value::Table(_) => out.push_str("{}"),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { ", " });
                write_short(out, item);
            }
            out.push(']');
        }
    }
}

fn is_nested(node: &Node) -> bool {
    match &node.value {
        Value::Table(_) => true,
        Value::List(items) => items.iter().any(is_nested),
        Value::Null | Value::Scalar(_) => false,
    }
}

fn write_scalar(out: &mut String, text: &str, plain: bool) {
    if plain || is_plainly_a_text(text) {
        out.push_str(text);
        return;
    }
    if text.contains(['"', '\\']) && !text.contains(is_unprintable) {
        // Within single quotes only these are written twice.
        out.extend(["'", &text.replace('\'', "''"), "'"]);
        return;
    }
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if is_unprintable(c) => out.extend(["\\U", &format!("{:08x}", u32::from(c))]),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Whether the character must be escaped within quotes: YAML forbids it or takes it for a line end.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether YAML reads the text without quotes as a text, not as a number, true, false or null.
fn is_plainly_a_text(text: &str) -> bool {
    let is_letter = |c: char| c.is_alphabetic() || c == '_' || c == '/';
    let is_safe = |c: char| c.is_alphanumeric() || "_-./+?=&%~<>:".contains(c);
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let is_duration = text != "0" && duration(text).is_some();
    let is_usual = text.starts_with(is_letter)
        && text.chars().all(is_safe)
        && !text.ends_with(':')
        && !words.contains(&text.to_lowercase().as_str());
    is_usual || is_duration || text == "<secret>"
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tree::Tree;
    use super::*;

    /// The tree without positions and quotes, so that two trees can be compared.
    fn shape(node: &Node) -> String {
        match &node.value {
            Value::Null => "null".to_owned(),
            Value::Scalar(scalar) => format!("{:?}", scalar.text),
            Value::List(items) => {
                format!("[{}]", items.iter().map(shape).collect::<Vec<_>>().join(","))
            }
            Value::Table(entries) => {
                let entry = |entry: &Entry| format!("{:?}:{}", entry.key, shape(&entry.value));
                format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(","))
            }
        }
    }

    fn any_node() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof!["\\PC*", ".*", "[a-z0-9:#\"' \\-]*", "[a# \\n{|]*"].prop_map(text);
        leaf.prop_recursive(4, 24, 4, |inner| {
            let key = "[a-z]{1,6}|\\PC{1,5}";
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(list),
                prop::collection::btree_map(key, inner, 0..4).prop_map(|entries| {
                    table(entries.iter().map(|(key, value)| (key.as_str(), value.clone())))
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(node in any_node()) {
            let written = write(&node);
            let tree = Tree::parse(&written);
            prop_assert_eq!(&tree.faults, &[], "{}", &written);
            let read = tree.documents.first().map(shape);
            prop_assert_eq!(read, Some(shape(&node)), "{}", &written);
        }
    }

    #[test]
    fn a_text_of_several_lines_is_written_line_by_line() {
        let lines = text("{{ range .Alerts }}\n  - {{ .Name }}\n\n{{ end }}");
        let odd = text("a\n \nb");
        let root = table([("message", table([("text", lines), ("title", odd)]))]);
        let expected = "\
message:
  text: |-
    {{ range .Alerts }}
      - {{ .Name }}

    {{ end }}
  title: \"a\\n \\nb\"
";
        assert_eq!(write(&root), expected);
    }

    #[test]
    fn a_tree_is_written_as_people_write_it() {
        let receiver = table([
            ("name", text("ops")),
            ("enabled", bare(true)),
            ("keywords", texts(["alert", "0123", "a: b", "\"it's\""])),
            ("chatbots", list([table([("rate", table([("messages", bare(20))]))])])),
        ]);
        let expected = "\
receivers:
  - name: ops
    enabled: true
    keywords: [alert, \"0123\", \"a: b\", '\"it''s\"']
    chatbots:
      - rate:
          messages: 20
";
        assert_eq!(write(&table([("receivers", list([receiver]))])), expected);
    }
}
