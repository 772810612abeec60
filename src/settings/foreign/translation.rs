//! The configuration that foreign files become, part by part while it is made.

use std::path::Path;

use secrecy::SecretString;

use super::findings::Findings;
use super::owner::Owners;
use super::robot::Robot;
use super::secret::{NewFile, Secrets};
use super::wrapped::Datum;
use crate::settings::glob;
use crate::settings::tree::Node;
use crate::settings::yaml::{list, table, text};

/// A new receiver.
pub(super) struct NewReceiver {
    pub(super) name: String,
    pub(super) entries: Vec<(&'static str, Node)>,
}

/// What is there of the new configuration so far.
pub(super) struct Translation<'t> {
    pub(super) findings: &'t Findings,
    /// The keys of the given ConfigMaps and Secrets.
    pub(super) data: &'t [Datum<'t>],
    pub(super) owners: Owners,
    pub(super) secrets: Secrets,
    pub(super) templates: TemplateFiles<'t>,
    /// The sections before `templates` and `receivers`.
    pub(super) sections: Sections,
    pub(super) receivers: Vec<NewReceiver>,
}

/// Sections of the configuration, each with its keys.
pub(super) type Sections = Vec<(&'static str, Vec<(&'static str, Node)>)>;

impl Translation<'_> {
    /// Adds a receiver that has one robot alone, called as the receiver.
    pub(super) fn add(&mut self, robot: &Robot, mention: Option<Node>, message: Option<Node>) {
        let name = robot.owner.name.clone();
        let mut chatbot = vec![("name", text(&name))];
        chatbot.extend(robot.entries(&mut self.secrets));
        chatbot.extend(mention.map(|mention| ("mention", mention)));
        let mut entries = vec![("name", text(&name))];
        entries.extend(message.map(|message| ("message", message)));
        entries.push(("chatbots", list([table(chatbot)])));
        self.receivers.push(NewReceiver { name, entries });
    }

    /// Sets a key of a section, unless it is set.
    pub(super) fn set(&mut self, section: &'static str, key: &'static str, node: Node) {
        let known = self.sections.iter_mut().find(|(name, _)| *name == section);
        match known {
            Some((_, keys)) if keys.iter().any(|(name, _)| *name == key) => {}
            Some((_, keys)) => keys.push((key, node)),
            None => self.sections.push((section, vec![(key, node)])),
        }
    }
}

/// The templates of the new configuration.
pub(super) struct TemplateFiles<'t> {
    /// Where relative patterns start.
    folder: &'t Path,
    /// The folder that templates of ConfigMaps are written into.
    target: Option<&'t str>,
    pub(super) patterns: Vec<String>,
    pub(super) files: Vec<NewFile>,
}

impl<'t> TemplateFiles<'t> {
    /// No templates yet.
    pub(super) fn new(folder: &'t Path, target: Option<&'t str>) -> Self {
        Self { folder, target, patterns: Vec::new(), files: Vec::new() }
    }

    /// Whether templates of ConfigMaps are written into files.
    pub(super) fn are_written(&self) -> bool {
        self.target.is_some()
    }

    /// Adds a pattern, unless it is there.
    pub(super) fn keep(&mut self, pattern: &str) {
        if !self.patterns.iter().any(|known| known == pattern) {
            self.patterns.push(pattern.to_owned());
        }
    }

    /// Whether the pattern matches a file now.
    pub(super) fn is_there(&self, pattern: &str) -> bool {
        glob::files(self.folder, pattern).is_ok()
    }

    /// The path of the file `name` that a template is to be written into, and adds it.
    pub(super) fn write(&mut self, name: &str, text: &str) {
        let Some(target) = self.target else { return };
        let path = format!("{}/{}", target.trim_end_matches('/'), file_name(name));
        self.keep(&path);
        if !self.files.iter().any(|file| file.path == path) {
            let text = SecretString::from(text);
            self.files.push(NewFile { path, text, is_secret: false });
        }
    }
}

/// The name of a file: no path, and no pattern.
fn file_name(name: &str) -> String {
    let usual = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let name: String = name.chars().map(usual).collect();
    name.trim_start_matches('.').to_owned()
}

/// A `message` whose title and text are templates of a product.
pub(super) fn message(
    kind: Option<&str>,
    title: Option<Node>,
    body: Option<Node>,
    profile: &str,
) -> Node {
    let entries = [
        ("type", kind.map(text)),
        ("title", title),
        ("text", body),
        ("profile", Some(text(profile))),
    ];
    table(entries.into_iter().filter_map(|(key, node)| Some((key, node?))))
}
