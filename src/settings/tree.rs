//! YAML as a tree in which every key and value knows where it stands in the file.
//!
//! A scalar keeps its text as written, so `0123` stays `0123`; the decoder decides what the text
//! means. Aliases are copied, and the copies count against `MAX_NODES`, so that a small file
//! can't fill the memory. A scalar may be a secret, so its `Debug` hides the text.

mod layout;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

pub use layout::Layout;

use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

/// The most nodes of a file, copies by aliases included: 10,000 receivers with 50 nodes each.
const MAX_NODES: usize = 500_000;

/// The deepest nesting, which bounds the recursion that builds and reads the tree.
const MAX_DEPTH: usize = 64;

/// A place in a file; line and column count from 1, columns in characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The start of a file.
    pub const START: Self = Self { line: 1, column: 1 };

    fn of(marker: &Marker) -> Self {
        Self { line: marker.line().max(1), column: marker.col() + 1 }
    }
}

/// A value and where it begins.
#[derive(Debug, Clone)]
pub struct Node {
    /// Where the value begins.
    pub position: Position,
    /// The value.
    pub value: Value,
}

impl Node {
    /// The value of `key`, if this is a mapping that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        let Value::Table(entries) = &self.value else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    /// The value at the end of a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text, if this is a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        let Value::Scalar(scalar) = &self.value else { return None };
        Some(&scalar.text)
    }

    /// Whether this is a list or a mapping that is not empty.
    pub(super) fn has_inner(&self) -> bool {
        !self.items().is_empty() || !self.entries().is_empty()
    }

    /// The items of a list; no items if this is none.
    pub(super) fn items(&self) -> &[Self] {
        let Value::List(items) = &self.value else { return &[] };
        items
    }

    /// The entries of a mapping; no entries if this is none.
    pub(super) fn entries(&self) -> &[Entry] {
        let Value::Table(entries) = &self.value else { return &[] };
        entries
    }
}

/// The value of a node.
#[derive(Debug, Clone)]
pub enum Value {
    /// Nothing: an empty value, `~` or `null`.
    Null,
    /// A text, a number, true or false.
    Scalar(Scalar),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the file's order, its keys unique.
    Table(Vec<Entry>),
}

/// A text as it was written.
#[derive(Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, without quotes and with escapes resolved.
    pub text: String,
    /// Whether it was written without quotes, so that it may also be a number, true or false.
    pub plain: bool,
    /// How the text lies in the file, to find a place inside it.
    pub layout: Layout,
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scalar")
    }
}

/// A key of a mapping with its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key begins.
    pub position: Position,
    /// Its value.
    pub value: Node,
}

/// A mistake in the YAML itself, apart from the meaning of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlFault {
    /// Where the mistake is.
    pub position: Position,
    /// What is wrong; never the text of a scalar, which may be a secret.
    pub text: String,
}

/// All documents of a file, and the faults of its YAML.
///
/// A syntax error ends the reading, so only the documents before it are here. Other faults don't.
#[derive(Debug, Clone)]
pub struct Tree {
    /// The documents; one for a usual file, none for an empty one.
    pub documents: Vec<Node>,
    /// The faults.
    pub faults: Vec<YamlFault>,
}

impl Tree {
    /// Reads `text`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let options = granit_parser::options! {
            flow_nesting_limit: MAX_DEPTH,
            block_nesting_limit: MAX_DEPTH,
            disallow_directives: true,
        };
        let mut builder = Builder {
            events: Parser::new_from_str_with_options(text, options),
            anchors: BTreeMap::new(),
            nodes: 0,
            faults: Vec::new(),
        };
        let mut documents = Vec::new();
        if let Err(fault) = builder.documents(&mut documents) {
            builder.faults.push(fault);
        }
        Self { documents, faults: builder.faults }
    }
}

struct Builder<E> {
    events: E,
    /// The anchored nodes with their numbers of nodes, by the parser's number of the anchor.
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    faults: Vec<YamlFault>,
}

/// A part of the tree, or the fault after which nothing more can be read.
type Parsed<T> = Result<T, YamlFault>;

impl<'t, E> Builder<E>
where
    E: Iterator<Item = Result<(Event<'t>, Span), ScanError>>,
{
    fn documents(&mut self, documents: &mut Vec<Node>) -> Parsed<()> {
        while let Some((event, span)) = self.next()? {
            if event.is_node() {
                documents.push(self.node(event, &span)?);
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Parsed<Option<(Event<'t>, Span)>> {
        self.events.next().transpose().map_err(|error| {
            let (position, info) = (Position::of(error.marker()), error.info());
            let hint =
                if info.contains("tab") { "; indent with spaces, not with tabs" } else { "" };
            YamlFault { position, text: format!("this is not YAML: {info}{hint}") }
        })
    }

    /// The next event inside a collection, or `None` at the collection's end.
    fn inside(&mut self) -> Parsed<Option<(Event<'t>, Span)>> {
        let next = self.next()?;
        Ok(next.filter(|(event, _)| event.is_node()))
    }

    fn node(&mut self, event: Event<'t>, span: &Span) -> Parsed<Node> {
        let position = Position::of(&span.start);
        let before = self.nodes;
        self.count(1, position)?;
        let anchor = event.anchor_id();
        let is_text = self.is_tagged_text(event.tag(), position);
        let value = if let Event::Alias(target) = event {
            self.copy(target, position)?
        } else if let Event::Scalar(text, style, ..) = event {
            scalar(text, style, is_text, span)
        } else if let Event::SequenceStart(..) = event {
            self.list()?
        } else {
            self.table()?
        };
        let node = Node { position, value };
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, (node.clone(), self.nodes - before));
        }
        Ok(node)
    }

    fn list(&mut self) -> Parsed<Value> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.inside()? {
            items.push(self.node(event, &span)?);
        }
        Ok(Value::List(items))
    }

    fn table(&mut self) -> Parsed<Value> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut lines: HashMap<String, usize> = HashMap::new();
        while let Some((event, span)) = self.inside()? {
            let position = Position::of(&span.start);
            let key = self.key(event, &span)?;
            let Some((event, span)) = self.inside()? else { break };
            let mut value = self.node(event, &span)?;
            if matches!(value.value, Value::Null) {
                // An empty value has no place of its own, so errors name the place of its key.
                value.position = position;
            }
            let Some(key) = key else { continue };
            if let Some(first) = lines.get(&key) {
                let key = shown_key(&key);
                self.fault(position, format!("`{key}` stands twice, first in line {first}"));
            } else {
                lines.insert(key.clone(), position.line);
                entries.push(Entry { key, position, value });
            }
        }
        Ok(Value::Table(entries))
    }

    /// A key's text; `None`, and a fault, for a key that is not a text.
    fn key(&mut self, event: Event<'t>, span: &Span) -> Parsed<Option<String>> {
        let node = self.node(event, span)?;
        match node.value {
            Value::Scalar(scalar) if scalar.plain && scalar.text == "<<" => {
                self.fault(
                    node.position,
                    "merge keys (`<<`) are not supported; use an alias".to_owned(),
                );
                Ok(None)
            }
            Value::Scalar(scalar) => Ok(Some(scalar.text)),
            Value::Null | Value::List(_) | Value::Table(_) => {
                self.fault(node.position, "a key must be a text".to_owned());
                Ok(None)
            }
        }
    }

    /// A copy of the node that an alias names; each copy counts against [`MAX_NODES`].
    fn copy(&mut self, target: usize, position: Position) -> Parsed<Value> {
        let Some((_, size)) = self.anchors.get(&target) else {
            return Err(YamlFault {
                position,
                text: "an alias stands inside its own anchor".to_owned(),
            });
        };
        self.count(*size, position)?;
        let mut value =
            self.anchors.get(&target).map_or(Value::Null, |(node, _)| node.value.clone());
        if let Value::Scalar(scalar) = &mut value {
            // The text stands at the anchor, not at the alias, so no place inside it is known.
            scalar.layout = Layout::Unknown;
        }
        Ok(value)
    }

    fn count(&mut self, more: usize, position: Position) -> Parsed<()> {
        self.nodes += more;
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let text = format!("more than {MAX_NODES} values, those that aliases repeat counted");
        Err(YamlFault { position, text })
    }

    /// Whether the tag is `!!str`, which makes the scalar a text; tags that are not YAML's are
    /// faults.
    fn is_tagged_text(&mut self, tag: Option<&Tag>, position: Position) -> bool {
        let Some(tag) = tag else { return false };
        if tag.is_yaml_core_schema_tag("str") {
            return true;
        }
        if !tag.is_yaml_core_schema() {
            self.fault(position, "tags (`!…`) are not supported".to_owned());
        }
        false
    }

    fn fault(&mut self, position: Position, text: String) {
        self.faults.push(YamlFault { position, text });
    }
}

fn scalar(text: Cow<'_, str>, style: ScalarStyle, is_text: bool, span: &Span) -> Value {
    let plain = style == ScalarStyle::Plain && !is_text;
    if plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    let layout = Layout::of(&text, style, span);
    Value::Scalar(Scalar { text: text.into_owned(), plain, layout })
}

/// A key as an error shows it. A secret may stand in a key's place by mistake, so a text that does
/// not look like a key is cut.
pub(super) fn shown_key(key: &str) -> String {
    /// The longest text that is shown whole: longer than any key; an access token has 64
    /// characters.
    const LONGEST: usize = 48;
    /// How many characters of a possible secret are shown: enough to find it in the file.
    const HINT: usize = 8;
    let is_usual = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    let usual: String = key.chars().take_while(|&c| is_usual(c)).collect();
    let length = usual.chars().count();
    if usual.len() == key.len() && length <= LONGEST {
        return usual;
    }
    let kept = if length <= LONGEST { length } else { HINT };
    usual.chars().take(kept).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree as one line: `line:column` before each key and value.
    fn outline(node: &Node) -> String {
        let Position { line, column } = node.position;
        let value = match &node.value {
            Value::Null => "null".to_owned(),
            Value::Scalar(Scalar { text, plain: true, .. }) => text.clone(),
            Value::Scalar(Scalar { text, plain: false, .. }) => format!("{text:?}"),
            Value::List(items) => {
                format!("[{}]", items.iter().map(outline).collect::<Vec<_>>().join(", "))
            }
            Value::Table(entries) => {
                let entry = |entry: &Entry| {
                    let Position { line, column } = entry.position;
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
        let place = |fault: YamlFault| {
            format!("{}:{}: {}", fault.position.line, fault.position.column, fault.text)
        };
        Tree::parse(text).faults.into_iter().map(place).collect()
    }

    #[test]
    fn every_key_and_value_knows_its_place_and_how_it_was_written() {
        let cases = [
            ("a: 0123\nb: '0123'\n", r#"1:1 {1:1 a: 1:4 0123, 2:1 b: 2:4 "0123"}"#),
            (
                "- x: 1\n  y: [2, \"3\"]\n",
                r#"1:1 [1:3 {1:3 x: 1:6 1, 2:3 y: 2:6 [2:7 2, 2:10 "3"]}]"#,
            ),
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
            ("a: {<<: {b: 1}}\n", "1:5: merge keys (`<<`) are not supported; use an alias"),
            ("[1]: 2\n", "1:1: a key must be a text"),
            ("a: !secret b\n", "1:12: tags (`!…`) are not supported"),
            ("a: *nowhere\n", "1:4: this is not YAML: while parsing node, found unknown anchor"),
            ("a: &x [*x]\n", "1:8: an alias stands inside its own anchor"),
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
    fn whoever_indents_with_tabs_is_told_to_take_spaces() {
        for text in ["a:\n\tb: 1\n", "a:\n  b: c\n\td: 1\n"] {
            let found = faults(text);
            assert!(found[0].ends_with("; indent with spaces, not with tabs"), "{found:?}");
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
}
