//! What ConfigMaps and Secrets of Kubernetes hold: files, templates and secrets, each under a key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::source::{Object, Placed};

/// A key of a ConfigMap or a Secret.
pub(super) struct Datum<'t> {
    /// `ConfigMap` or `Secret`.
    pub(super) kind: &'t str,
    pub(super) namespace: Option<&'t str>,
    pub(super) name: &'t str,
    pub(super) key: &'t str,
    /// The value as it is written.
    pub(super) value: Placed<'t>,
    /// The text that it stands for; none if it is no text.
    pub(super) text: Option<String>,
    /// Whether the text is a product's file, and was read as one.
    pub(super) is_file: bool,
}

/// A reference to a key of a ConfigMap or a Secret, or to all its keys.
#[derive(Clone, Copy)]
pub(super) struct Reference<'t> {
    pub(super) kind: &'static str,
    pub(super) namespace: Option<&'t str>,
    pub(super) name: &'t str,
    pub(super) key: Option<&'t str>,
}

impl<'t> Reference<'t> {
    /// The reference `{namespace, name, key}`; none without a name.
    pub(super) fn of(kind: &'static str, value: Placed<'t>) -> Option<Self> {
        let text = |key| value.text_at(&[key]).filter(|text| !text.is_empty());
        Some(Self { kind, namespace: text("namespace"), name: text("name")?, key: text("key") })
    }

    /// The keys that it names, of those in the given files.
    pub(super) fn find<'d>(self, data: &'d [Datum<'t>]) -> Vec<&'d Datum<'t>> {
        // A manifest may leave its namespace to whoever applies it.
        let is_near = |one: Option<&str>| match (one, self.namespace) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => true,
        };
        let is_named = |datum: &&Datum<'_>| {
            datum.kind == self.kind
                && datum.name == self.name
                && is_near(datum.namespace)
                && self.key.is_none_or(|key| key == datum.key)
        };
        data.iter().filter(is_named).collect()
    }

    /// It in words: ``key `webhook` of Secret ns/name``.
    pub(super) fn words(self) -> String {
        let key = self.key.map(|key| format!("key `{key}` of ")).unwrap_or_default();
        let namespace = self.namespace.map(|name| format!("{name}/")).unwrap_or_default();
        format!("{key}{} {namespace}{}", self.kind, self.name)
    }
}

impl Datum<'_> {
    /// The reference to it.
    pub(super) fn reference(&self) -> Reference<'_> {
        let kind = if self.kind == "Secret" { "Secret" } else { "ConfigMap" };
        Reference { kind, namespace: self.namespace, name: self.name, key: Some(self.key) }
    }
}

/// The keys of a ConfigMap or a Secret; one under `stringData` stands over the same under `data`.
pub(super) fn data<'t>(object: Object<'t>) -> Vec<Datum<'t>> {
    let root = object.root;
    let kind = root.text_at(&["kind"]).unwrap_or_default();
    let metadata = |key| root.text_at(&["metadata", key]);
    let mut found: Vec<Datum<'t>> = Vec::new();
    // A Secret's `data` is in base64, and so is a ConfigMap's `binaryData`.
    for (section, is_coded) in
        [("stringData", false), ("data", kind == "Secret"), ("binaryData", true)]
    {
        for (entry, value) in root.get(section).into_iter().flat_map(Placed::entries) {
            if found.iter().any(|datum| datum.key == entry.key) {
                continue;
            }
            let written = value.text();
            let text =
                if is_coded { written.and_then(decoded) } else { written.map(str::to_owned) };
            let (namespace, name) = (metadata("namespace"), metadata("name").unwrap_or_default());
            let (key, is_file) = (entry.key.as_str(), false);
            found.push(Datum { kind, namespace, name, key, value, text, is_file });
        }
    }
    found
}

fn decoded(text: &str) -> Option<String> {
    let text: String = text.split_whitespace().collect();
    STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}
