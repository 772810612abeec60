//! The configuration from the outside: texts in, settings or lists of mistakes out.

use std::path::Path;

use super::diagnostic::ConfigErrors;
use super::environment::Environment;
use super::process::Overrides;
use super::{Destination, Loaded, Settings};

mod canary;
mod documents;
mod layers;
mod mistakes;
mod receivers;
mod templates;

/// Loads `text` as `c.yml` with these variables.
fn load_with(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, ConfigErrors> {
    let environment: Environment = variables.iter().copied().collect();
    Settings::from_text("c.yml", text, Path::new("/nowhere"), &environment, &Overrides::default())
}

/// Loads `text` as `c.yml` in `folder`.
fn load_in(folder: &Path, text: &str) -> Result<Loaded, ConfigErrors> {
    Settings::from_text("c.yml", text, folder, &Environment::default(), &Overrides::default())
}

/// Loads `text`, which must be right; warnings are left aside.
fn load(text: &str) -> Settings {
    load_with(text, &[]).unwrap_or_else(|errors| panic!("{errors}\n{text}")).settings
}

/// The errors of `text`, which must have some, one a line.
fn errors(text: &str) -> String {
    match load_with(text, &[]) {
        Ok(_) => panic!("no error in\n{text}"),
        Err(errors) => errors.to_string(),
    }
}

/// The warnings of `text`, which must be right otherwise.
fn warnings(text: &str) -> Vec<String> {
    let loaded = load_with(text, &[]).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    loaded.warnings.iter().map(ToString::to_string).collect()
}

/// A file with one receiver, whose only chatbot has these keys more, in line 1.
fn with_chatbot(keys: &str) -> String {
    format!("receivers: [{{name: r, chatbots: [{{name: b, access_token: t{keys}}}]}}]\n")
}

/// A file with one receiver, whose only conversation has these keys more, in line 1.
fn with_conversation(keys: &str) -> String {
    let usual = "name: c, app_key: k, app_secret: s, open_conversation_ids: [cid1, cid2]";
    format!("receivers: [{{name: r, conversations: [{{{usual}{keys}}}]}}]\n")
}

/// `section` and a receiver below it, which is right.
fn with_section(section: &str) -> String {
    format!("{section}\n{}", with_chatbot(""))
}

fn destinations(settings: &Settings) -> Vec<&Destination> {
    settings.receivers.iter().flat_map(|receiver| &receiver.destinations).collect()
}
