//! What is found in foreign files beside what can be translated: notes for whoever moves, and
//! errors.
//!
//! A note is what differs and what to do about it, or what is left out. An error is what the
//! product itself refuses, or what could mean two things; then nothing is translated. No text shows
//! a secret.

use std::cell::RefCell;

use super::source::Placed;
use crate::settings::decode::did_you_mean;
use crate::settings::diagnostic::{Diagnostic, Severity};
use crate::settings::secret;
use crate::settings::tree::{Entry, Value, shown_key};

/// A note, and the receiver that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Note {
    pub(super) receiver: Option<String>,
    pub(super) text: String,
}

/// Gathers notes and errors while files are translated.
pub(super) struct Findings {
    /// The product whose files they are.
    product: &'static str,
    notes: RefCell<Vec<Note>>,
    errors: RefCell<Vec<Diagnostic>>,
    /// The receiver that is being translated.
    receiver: RefCell<Option<String>>,
}

impl Findings {
    pub(super) fn new(product: &'static str) -> Self {
        Self {
            product,
            notes: RefCell::default(),
            errors: RefCell::default(),
            receiver: RefCell::default(),
        }
    }

    /// What `translate` returns; its notes are about the receiver `name`.
    pub(super) fn within<T>(&self, name: &str, translate: impl FnOnce() -> T) -> T {
        let outer = self.receiver.replace(Some(name.to_owned()));
        let translated = translate();
        self.receiver.replace(outer);
        translated
    }

    /// Adds a note, unless the same one is there; what looks like a secret in it is masked.
    pub(super) fn note(&self, text: impl AsRef<str>) {
        let text = secret::masked(text.as_ref());
        let note = Note { receiver: self.receiver.borrow().clone(), text };
        let mut notes = self.notes.borrow_mut();
        if !notes.contains(&note) {
            notes.push(note);
        }
    }

    /// Adds notes.
    pub(super) fn notes(&self, texts: &[&str]) {
        for text in texts {
            self.note(*text);
        }
    }

    /// Adds a note about all receivers, unless the same one is there.
    pub(super) fn note_for_all(&self, text: impl AsRef<str>) {
        let outer = self.receiver.take();
        self.note(text);
        self.receiver.replace(outer);
    }

    /// Adds a note that begins with the place of a value.
    pub(super) fn note_at(&self, value: Placed<'_>, text: impl AsRef<str>) {
        self.note(format!("{}: {}", value.words(), text.as_ref()));
    }

    /// Adds an error.
    pub(super) fn error(&self, error: Diagnostic) {
        self.errors.borrow_mut().push(error);
    }

    /// Adds an error at a value.
    pub(super) fn error_at(&self, value: Placed<'_>, text: &str) {
        let (place, more) = value.place_of(value.node.position);
        let text = format!("{text}{more}");
        self.error(Diagnostic::about(&value.path(), place, Severity::Error, &text));
    }

    /// The notes, and the errors.
    pub(super) fn parts(&self) -> (Vec<Note>, Vec<Diagnostic>) {
        (self.notes.borrow().clone(), self.errors.borrow().clone())
    }

    /// Reports each key of a mapping that is not one of `known`, where the product refuses a file
    /// with such a key.
    pub(super) fn only_known(&self, table: Placed<'_>, what: &str, known: &[&str]) {
        let unknown = table.entries().filter(|(entry, _)| !known.contains(&&*entry.key));
        for (Entry { key, position, .. }, value) in unknown {
            let (place, more) = table.place_of(*position);
            let hint = did_you_mean(key, known.iter().copied());
            let (keys, product) = (known.join(", "), self.product);
            let text = format!(
                "unknown key{hint} (valid keys of {what}: {keys}); {product} refuses it too{more}"
            );
            self.error(Diagnostic::about(&value.path(), place, Severity::Error, &text));
        }
    }

    /// Notes each key of a mapping that is not one of `known`, where the product takes no notice of
    /// it: nothing vanishes in silence.
    pub(super) fn known(&self, table: Placed<'_>, what: &str, known: &[&str]) {
        let unknown = table.entries().filter(|(entry, _)| !known.contains(&&*entry.key));
        for (Entry { key, position, .. }, _) in unknown {
            let (place, key) = (table.words_of(*position), shown_key(key));
            let product = self.product;
            let words = format!("{product} does not know this key either; it is left out");
            self.note(format!("{place}: unknown key `{key}` in {what}: {words}"));
        }
    }

    /// The mapping under `key`.
    pub(super) fn table<'t>(&self, table: Placed<'t>, key: &str) -> Option<Placed<'t>> {
        let value = table.get(key)?;
        if value.is_table() {
            return Some(value);
        }
        self.refuse(value, "a mapping");
        None
    }

    /// The text under `key`; it may be empty.
    pub(super) fn text<'t>(&self, table: Placed<'t>, key: &str) -> Option<&'t str> {
        let value = table.get(key)?;
        let text = value.text();
        if text.is_none() {
            self.refuse(value, "a text");
        }
        text
    }

    /// The list under `key`, or no items.
    pub(super) fn list<'t>(&self, table: Placed<'t>, key: &str) -> Vec<Placed<'t>> {
        let Some(value) = table.get(key) else { return Vec::new() };
        if !matches!(value.node.value, Value::List(_)) {
            self.refuse(value, "a list");
        }
        value.items().collect()
    }

    /// The texts in the list under `key`, each with its place.
    pub(super) fn texts<'t>(&self, table: Placed<'t>, key: &str) -> Vec<(&'t str, Placed<'t>)> {
        let text = |item: Placed<'t>| {
            let text = item.text();
            if text.is_none() {
                self.refuse(item, "a list of texts");
            }
            Some((text?, item))
        };
        self.list(table, key).into_iter().filter_map(text).collect()
    }

    /// Whether `key` is on; nothing if it is not there.
    pub(super) fn flag(&self, table: Placed<'_>, key: &str) -> Option<bool> {
        let value = table.get(key)?;
        let flag = match &value.node.value {
            Value::Scalar(scalar) if scalar.plain => flag_of(&scalar.text),
            Value::Null | Value::Scalar(_) | Value::List(_) | Value::Table(_) => None,
        };
        if flag.is_none() {
            self.refuse(value, "true or false");
        }
        flag
    }

    fn refuse(&self, value: Placed<'_>, expected: &str) {
        let product = self.product;
        self.error_at(value, &format!("expected {expected}; {product} takes no other"));
    }
}

/// What Go's YAML reads as true or false: the words of YAML 1.1.
fn flag_of(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => {
            Some(true)
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => {
            Some(false)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_gos_yaml_reads_as_true_is_true() {
        for (text, expected) in [
            ("true", Some(true)),
            ("True", Some(true)),
            ("YES", Some(true)),
            ("on", Some(true)),
            ("Y", Some(true)),
            ("off", Some(false)),
            ("N", Some(false)),
            ("False", Some(false)),
            ("tRUE", None),
            ("1", None),
            ("", None),
        ] {
            assert_eq!(flag_of(text), expected, "{text}");
        }
    }
}
