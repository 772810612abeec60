//! YAML as a tree in which every key and value knows where it stands in the file.
//!
//! A scalar keeps its text as written, so `0123` stays `0123`; the decoder decides what the text
//! means. Aliases are copied, and the copies count against `MAX_NODES`, so that a small file
//! can't fill the memory. A scalar may be a secret, so its `Debug` hides the text.

mod layout;
mod mapping;
mod path;
mod tab;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

pub use layout::Layout;
use mapping::Mapping;
pub(super) use path::path_to;
use path::{NodeNumber, push_index, push_key};

use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

/// The most nodes of a file, copies by aliases included: 10,000 receivers with 50 nodes each.
const MAX_NODES: usize = 500_000;

/// The deepest nesting, which bounds the recursion that builds and reads the tree.
const MAX_DEPTH: usize = 64;

/// A place in a file; line and column count from 1, columns in characters.
///
/// It knows which key or value of the tree stands there, so that errors can name it. Equal places are equal
/// all the same: an alias and its anchor have what is inside them in one place.
#[derive(Debug, Clone, Copy, Default)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
    node: NodeNumber,
}

impl Position {
    /// The start of a file.
    pub const START: Self = Self::new(1, 1);

    /// A place in a file of which there is no tree.
    #[must_use]
    pub const fn new(line: usize, column: usize) -> Self {
        Self { line, column, node: NodeNumber::NONE }
    }

    fn of(marker: &Marker) -> Self {
        Self::new(marker.line().max(1), marker.col() + 1)
    }
}

impl Ord for Position {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.line, self.column).cmp(&(other.line, other.column))
    }
}

impl PartialOrd for Position {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Position {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Position {}

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
    /// What does not count because of this value, where one of the two was merged in (`<<`).
    pub replaced: Option<Box<Replaced>>,
}

/// A value of a mapping in whose place another one counts.
#[derive(Debug, Clone)]
pub struct Replaced {
    /// Where its key begins.
    pub position: Position,
    /// The value.
    pub value: Node,
    /// Whether it stands in the mapping itself, and a mapping that is merged in after it counts.
    pub is_own: bool,
    /// What did not count because of it.
    pub replaced: Option<Box<Self>>,
}

/// A mistake in the YAML itself, apart from the meaning of its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct YamlFault {
    /// Where the mistake is.
    pub position: Position,
    /// The path of the list or mapping that it stands in; empty where that is not known.
    pub path: String,
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
    /// Where mappings are merged (`<<`), which is a fault in a file of ours alone; what they bring is in the
    /// tree.
    pub merges: Vec<YamlFault>,
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
            text,
            events: Parser::new_from_str_with_options(text, options),
            path: String::new(),
            anchors: BTreeMap::new(),
            nodes: 0,
            faults: Vec::new(),
            merges: Vec::new(),
        };
        let mut documents = Vec::new();
        if let Err(fault) = builder.documents(&mut documents) {
            builder.faults.push(fault);
        }
        path::number(&mut documents);
        Self { documents, faults: builder.faults, merges: builder.merges }
    }
}

struct Builder<'t, E> {
    text: &'t str,
    events: E,
    /// The path of the list or mapping that is read.
    path: String,
    /// The anchored nodes with their numbers of nodes, by the parser's number of the anchor.
    anchors: BTreeMap<usize, (Node, usize)>,
    nodes: usize,
    faults: Vec<YamlFault>,
    merges: Vec<YamlFault>,
}

/// What stands in the place of a key.
enum KeyText {
    Text(String),
    /// `<<`: the value is a mapping that is merged in.
    Merge,
    /// No text, which is a fault.
    Unusable,
}

/// A part of the tree, or the fault after which nothing more can be read.
type Parsed<T> = Result<T, YamlFault>;

impl<'t, E> Builder<'t, E>
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
        self.events.next().transpose().map_err(|error| self.syntax_fault(&error))
    }

    /// The fault at which the reading ends; those of the same kind behind it are added.
    fn syntax_fault(&mut self, error: &ScanError) -> YamlFault {
        let (position, info) = (Position::of(error.marker()), error.info());
        let mut tabs = tab::faults(self.text, position, info.contains("tab")).into_iter();
        if let Some(first) = tabs.next() {
            self.faults.extend(tabs);
            return first;
        }
        let text = format!("this is not YAML: {info}");
        YamlFault { position, path: String::new(), text }
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
        let outer = self.path.len();
        while let Some((event, span)) = self.inside()? {
            push_index(&mut self.path, items.len());
            items.push(self.node(event, &span)?);
            self.path.truncate(outer);
        }
        Ok(Value::List(items))
    }

    fn table(&mut self) -> Parsed<Value> {
        let mut mapping = Mapping::default();
        let outer = self.path.len();
        while let Some((event, span)) = self.inside()? {
            let position = Position::of(&span.start);
            let key = self.key(event, &span)?;
            let Some((event, span)) = self.inside()? else { break };
            if let KeyText::Text(key) = &key {
                push_key(&mut self.path, key);
            }
            let mut value = self.node(event, &span)?;
            self.path.truncate(outer);
            if matches!(value.value, Value::Null) {
                // An empty value has no place of its own, so errors name the place of its key.
                value.position = position;
            }
            let added = match key {
                KeyText::Text(key) => mapping.add(key, position, value),
                KeyText::Merge => {
                    let text = "merge keys (`<<`) are not supported; use an alias".to_owned();
                    self.merges.push(self.fault_at(position, text));
                    mapping.merge(value)
                }
                KeyText::Unusable => Ok(()),
            };
            added.unwrap_or_else(|text| self.fault(position, text));
        }
        Ok(Value::Table(mapping.into_entries()))
    }

    /// A key; a fault, if it is not a text.
    fn key(&mut self, event: Event<'t>, span: &Span) -> Parsed<KeyText> {
        let node = self.node(event, span)?;
        Ok(match node.value {
            Value::Scalar(scalar) if scalar.plain && scalar.text == "<<" => KeyText::Merge,
            Value::Scalar(scalar) => KeyText::Text(scalar.text),
            Value::Null | Value::List(_) | Value::Table(_) => {
                self.fault(node.position, "a key must be a text".to_owned());
                KeyText::Unusable
            }
        })
    }

    /// A copy of the node that an alias names; each copy counts against [`MAX_NODES`].
    fn copy(&mut self, target: usize, position: Position) -> Parsed<Value> {
        let Some((_, size)) = self.anchors.get(&target) else {
            return Err(self.fault_at(position, "an alias stands inside its own anchor".to_owned()));
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
        Err(self.fault_at(position, text))
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
        self.faults.push(self.fault_at(position, text));
    }

    fn fault_at(&self, position: Position, text: String) -> YamlFault {
        YamlFault { position, path: self.path.clone(), text }
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
mod tests;
