//! The texts that are read: files, and the keys of ConfigMaps and Secrets that hold a file.
//!
//! Every value knows its place in the file that was given, also where it stands in a text within
//! it.

use std::sync::Arc;

use super::kind::{self, Kind};
use super::prometheusalert;
use super::wrapped::{self, Datum};
use crate::settings::diagnostic::{Diagnostic, Place, Severity};
use crate::settings::tree::{Entry, Layout, Node, Position, Tree, Value, path_to, shown_key};

/// Where a text stands: it is a file, or it stands under a key in one.
#[derive(Clone)]
pub(super) struct Origin {
    file: Arc<str>,
    within: Option<Arc<Within>>,
}

/// The scalar that a text stands in.
struct Within {
    key: String,
    position: Position,
    layout: Layout,
    text: String,
}

impl Origin {
    fn of_file(name: &str) -> Self {
        Self { file: name.into(), within: None }
    }

    /// File, line and column of a place in the text, as they are printed.
    pub(super) fn words(&self, inner: Position) -> String {
        let (position, more) = self.locate(inner);
        let place = Place::File { name: Arc::clone(&self.file), position };
        format!("{place}{more}")
    }

    /// The place of a place in the text, and what has to be said besides, where that is only the
    /// place of the whole text.
    fn locate(&self, inner: Position) -> (Position, String) {
        let Some(within) = &self.within else { return (inner, String::new()) };
        if let Some(position) = within.layout.place(&within.text, within.position, inner) {
            return (position, String::new());
        }
        let key = shown_key(&within.key);
        (within.position, format!(" (line {} of `{key}`)", inner.line))
    }
}

/// A value, and the text that it stands in.
#[derive(Clone, Copy)]
pub(super) struct Placed<'t> {
    pub(super) node: &'t Node,
    pub(super) origin: &'t Origin,
    /// The documents of that text, to name the key.
    pub(super) documents: &'t [Node],
}

impl<'t> Placed<'t> {
    /// The value of `key`; one that is null counts as none, as in Go.
    pub(super) fn get(self, key: &str) -> Option<Self> {
        let node = self.node.get(key).filter(|node| !matches!(node.value, Value::Null));
        node.map(|node| Self { node, ..self })
    }

    /// The value at the end of a path of keys.
    pub(super) fn at(self, path: &[&str]) -> Option<Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The text of a scalar.
    pub(super) fn text(self) -> Option<&'t str> {
        self.node.text()
    }

    /// The text at the end of a path.
    pub(super) fn text_at(self, path: &[&str]) -> Option<&'t str> {
        self.at(path).and_then(Self::text)
    }

    /// The items of a list.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        self.node.items().iter().map(move |node| Self { node, ..self })
    }

    /// The entries of a mapping, and the value of each.
    pub(super) fn entries(self) -> impl Iterator<Item = (&'t Entry, Self)> {
        let entries = self.node.entries().iter();
        entries.map(move |entry| (entry, Self { node: &entry.value, ..self }))
    }

    /// Whether it is a mapping.
    pub(super) fn is_table(self) -> bool {
        matches!(self.node.value, Value::Table(_))
    }

    /// The path of its key in the text that it stands in.
    pub(super) fn path(self) -> String {
        path_to(self.documents, self.node.position)
    }

    /// Its place in the file.
    pub(super) fn place(self) -> Place {
        self.place_of(self.node.position).0
    }

    /// The file, line and column as they are printed.
    pub(super) fn words(self) -> String {
        self.words_of(self.node.position)
    }

    /// As [`Placed::words`], of another position in the same text.
    pub(super) fn words_of(self, position: Position) -> String {
        self.origin.words(position)
    }

    /// The place of another position in the same text, and what has to be said besides.
    pub(super) fn place_of(self, position: Position) -> (Place, String) {
        let (position, more) = self.origin.locate(position);
        (Place::File { name: Arc::clone(&self.origin.file), position }, more)
    }
}

/// A document, or an object of a list of objects.
#[derive(Clone, Copy)]
pub(super) struct Object<'t> {
    pub(super) root: Placed<'t>,
    /// What it is; nothing for what is not known.
    pub(super) kind: Option<Kind>,
}

/// A text that was read as YAML.
pub(super) struct Source {
    origin: Origin,
    tree: Tree,
    /// The text itself, where it is no YAML but PrometheusAlert's file.
    ini: Option<String>,
}

/// All texts: each file, and after it what stands in its ConfigMaps and Secrets.
pub(super) struct Sources(Vec<Source>);

impl Sources {
    /// Reads files, each with its name.
    pub(super) fn read<'f>(files: impl Iterator<Item = (&'f str, &'f str)>) -> Self {
        let mut sources = Vec::new();
        for (name, text) in files {
            let source = Source::new(Origin::of_file(name), text);
            let inner = source.inner();
            sources.push(source);
            sources.extend(inner);
        }
        Self(sources)
    }

    /// Every document and object.
    pub(super) fn objects(&self) -> Vec<Object<'_>> {
        self.0.iter().flat_map(Source::objects).collect()
    }

    /// The keys of all ConfigMaps and Secrets.
    pub(super) fn data(&self) -> Vec<Datum<'_>> {
        let mut data: Vec<Datum<'_>> = self.0.iter().flat_map(Source::data).collect();
        for datum in &mut data {
            datum.is_file = self.0.iter().any(|source| source.is_of(datum));
        }
        data
    }

    /// The texts that are PrometheusAlert's file.
    pub(super) fn inis(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.0.iter().filter_map(|source| Some((source.ini.as_deref()?, &source.origin)))
    }

    /// Each fault of the YAML, but for what stands beside a product's own in ConfigMaps and
    /// Secrets.
    pub(super) fn faults(&self) -> impl Iterator<Item = Diagnostic> {
        self.0.iter().filter(|source| source.matters()).flat_map(|source| {
            source.tree.faults.iter().map(|fault| {
                let (position, more) = source.origin.locate(fault.position);
                let name = Arc::clone(&source.origin.file);
                let text = format!("{}{more}", fault.text);
                Diagnostic::about(
                    &fault.path,
                    Place::File { name, position },
                    Severity::Error,
                    &text,
                )
            })
        })
    }
}

impl Source {
    fn new(origin: Origin, text: &str) -> Self {
        let ini = prometheusalert::is(text).then(|| text.to_owned());
        Self { origin, tree: Tree::parse(text), ini }
    }

    fn objects(&self) -> impl Iterator<Item = Object<'_>> {
        let (origin, documents) = (&self.origin, &self.tree.documents[..]);
        let roots = documents.iter().map(move |node| Placed { node, origin, documents });
        roots.flat_map(unlisted).map(|root| Object { root, kind: kind::of(root.node) })
    }

    fn data(&self) -> impl Iterator<Item = Datum<'_>> {
        self.objects().filter(|object| object.kind == Some(Kind::Data)).flat_map(wrapped::data)
    }

    /// The texts in its ConfigMaps and Secrets that are a file of a product.
    fn inner(&self) -> Vec<Self> {
        let inner = self.data().filter_map(|datum| {
            let text = datum.text?;
            let value = datum.value;
            let layout = match &value.node.value {
                Value::Scalar(scalar) if scalar.text == text => scalar.layout,
                Value::Null | Value::Scalar(_) | Value::List(_) | Value::Table(_) => {
                    Layout::Unknown
                }
            };
            let within = Within {
                key: datum.key.to_owned(),
                position: value.node.position,
                layout,
                text: text.clone(),
            };
            let file = Arc::clone(&self.origin.file);
            let source = Self::new(Origin { file, within: Some(Arc::new(within)) }, &text);
            source.is_file(datum.key, &text).then_some(source)
        });
        inner.collect()
    }

    /// Whether it is the text of this key.
    fn is_of(&self, datum: &Datum<'_>) -> bool {
        let Placed { node, origin, .. } = datum.value;
        self.origin.within.as_ref().is_some_and(|within| {
            within.position == node.position && Arc::ptr_eq(&self.origin.file, &origin.file)
        })
    }

    /// Whether a fault in it is one of what is to be translated.
    fn matters(&self) -> bool {
        let products = [Kind::WebhookDingtalk, Kind::NotificationManager];
        let is_of_product =
            |object: Object<'_>| object.kind.is_some_and(|kind| products.contains(&kind));
        let is_given = self.origin.within.is_none();
        let is_broken = self.tree.documents.is_empty();
        self.ini.is_none() && (is_given || is_broken || self.objects().any(is_of_product))
    }

    /// Whether the text under this key is a file of a product, and no template.
    fn is_file(&self, key: &str, text: &str) -> bool {
        let is_known = |object: Object<'_>| object.kind.is_some_and(|kind| kind != Kind::Data);
        // What can't be read must not vanish, if it speaks of DingTalk.
        let is_yaml = matches!(key.rsplit('.').next(), Some("yml" | "yaml"));
        let is_broken = self.tree.documents.is_empty() && text.contains("dingtalk");
        self.ini.is_some() || self.objects().any(is_known) || (is_yaml && is_broken)
    }
}

/// The objects of a list of objects, also of one within a list; anything else is itself.
fn unlisted(root: Placed<'_>) -> Vec<Placed<'_>> {
    let is_list = root.text_at(&["kind"]).is_some_and(|kind| kind.ends_with("List"));
    match root.get("items") {
        Some(items) if is_list => items.items().flat_map(unlisted).collect(),
        Some(_) | None => vec![root],
    }
}
