//! A receiver that is described in the body of a request, to be tried before it is saved.
//!
//! The body holds the receiver under `config` as it would stand in the file, in JSON or in YAML. It comes
//! from elsewhere, so no file and no variable of this machine is read for it, and it reaches
//! DingTalk's configured hosts alone.

use std::path::Path;

use super::check;
use super::decode::{Checked, Decoder};
use super::diagnostic::{ConfigErrors, Diagnostic, Report};
use super::environment::Environment;
use super::file;
use super::keys::UNSAVED;
use super::tree::{Entry, Node, Tree, Value};
use super::yaml::text;
use super::{Receiver, Settings};
use crate::dingtalk::Endpoint;

/// What errors say of an empty body.
const EMPTY: &str = "the body is empty; it needs the key `config`";

/// A receiver that is not saved, and the warnings about it.
#[derive(Debug, Clone)]
pub struct UnsavedReceiver {
    /// The receiver.
    pub receiver: Receiver,
    /// The warnings, sorted by place.
    pub warnings: Vec<Diagnostic>,
}

impl Settings {
    /// The receiver `name` that a request's body describes; its templates may call those of the
    /// configuration in force, and it may fall back to the receivers there.
    ///
    /// # Errors
    ///
    /// Every mistake in the body, sorted by place.
    pub fn unsaved_receiver(
        &self,
        name: &str,
        body: &str,
    ) -> Result<UnsavedReceiver, ConfigErrors> {
        let report = Report::new("body");
        let environment = Environment::default();
        let decoder = Decoder { report: &report, environment: &environment, folder: Path::new("") };
        let receiver = read(decoder, self, name, body).ok();
        let (receiver, warnings) = report.conclude(receiver)?;
        Ok(UnsavedReceiver { receiver, warnings })
    }
}

fn read(decoder: Decoder<'_>, saved: &Settings, name: &str, body: &str) -> Checked<Receiver> {
    let root = file::root(decoder, Tree::parse(body), EMPTY)?;
    let table = decoder.table(root, &UNSAVED)?;
    table.required(decoder, "config", |node| {
        let described = named(decoder, node, name)?;
        // What names a file must not be read, so nothing else is.
        refuse_references(decoder, node)?;
        let receiver = check::unsaved_receiver(decoder, &described, saved)?;
        only_configured_hosts(decoder, node, saved, &receiver)?;
        Ok(receiver)
    })
}

/// The receiver with the name that the request's path gives it.
fn named(decoder: Decoder<'_>, node: &Node, name: &str) -> Checked<Node> {
    let mut named = node.clone();
    match (&mut named.value, node.get("name")) {
        (Value::Table(_), Some(own)) if own.text() != Some(name) => {
            let words = format!("the path of the request names the receiver `{name}`");
            return decoder.fail(own.position, words);
        }
        (Value::Table(entries), None) => {
            let (key, position) = ("name".to_owned(), node.position);
            let value = Node { position, ..text(name) };
            entries.push(Entry { key, position, value, replaced: None });
        }
        // The check says what is wrong with the others.
        (Value::Null | Value::Scalar(_) | Value::List(_) | Value::Table(_), _) => {}
    }
    Ok(named)
}

/// Reports each key that names a file, and each `${…}`: whoever sends a body cannot read a file or a
/// variable of this machine.
fn refuse_references(decoder: Decoder<'_>, node: &Node) -> Checked<()> {
    let mut outcome = Ok(());
    for entry in node.entries() {
        if entry.key.ends_with("_file") {
            let words = "a body can name no file of this machine; give the value itself";
            outcome = decoder.fail(entry.position, words);
        }
    }
    if node.text().is_some_and(|text| text.contains("${")) {
        let words = "`${…}` stands for nothing in a body; give the value itself";
        outcome = decoder.fail(node.position, words);
    }
    let inner = node.items().iter().chain(node.entries().iter().map(|entry| &entry.value));
    for node in inner {
        outcome = refuse_references(decoder, node).and(outcome);
    }
    outcome
}

/// Reports a webhook elsewhere: whoever sends a body cannot make this server call other hosts.
fn only_configured_hosts(
    decoder: Decoder<'_>,
    node: &Node,
    saved: &Settings,
    receiver: &Receiver,
) -> Checked<()> {
    let is_other = |endpoint: &Endpoint| !endpoint.calls_only(&saved.dingtalk.oapi);
    let mut outcome = Ok(());
    for destination in &receiver.destinations {
        if destination.endpoints().any(is_other) {
            let name = &destination.name;
            let words =
                format!("the webhook of `{name}` is not at the configured `dingtalk.oapi_url`");
            outcome = decoder.fail(node.position, words);
        }
    }
    outcome
}
