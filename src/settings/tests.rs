//! Tests of the configuration as a whole: a file's text gives settings or a list of mistakes.
//!
//! Relative paths start in a folder that does not exist, unless a test names one.

use std::path::Path;

use super::diagnostic::ConfigErrors;
use super::environment::Environment;
use super::process::Overrides;
use super::{Destination, Loaded, Settings};

mod active_times;
mod canary;
mod documents;
mod hidden;
mod layers;
mod mentions;
mod messages;
mod mistakes;
mod monika;
mod overflow;
mod receivers;
mod robots;
mod templates;
mod trials;
mod way_out;

/// Loads `text` as the file `c.yml`, with these environment variables.
fn load_with(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, ConfigErrors> {
    let environment: Environment = variables.iter().copied().collect();
    Settings::from_text("c.yml", text, Path::new("/nowhere"), &environment, &Overrides::default())
}

/// A pipe that nobody writes to.
pub(super) fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Loads `text` as the file `c.yml` in `folder`.
fn load_in(folder: &Path, text: &str) -> Result<Loaded, ConfigErrors> {
    Settings::from_text("c.yml", text, folder, &Environment::default(), &Overrides::default())
}

/// Loads `text`, which must be valid; ignores warnings.
fn load(text: &str) -> Settings {
    load_with(text, &[]).unwrap_or_else(|errors| panic!("{errors}\n{text}")).settings
}

/// The errors of `text`, one a line; panics if there are none.
fn errors(text: &str) -> String {
    match load_with(text, &[]) {
        Ok(_) => panic!("no error in\n{text}"),
        Err(errors) => errors.to_string(),
    }
}

/// The warnings of `text`, which must be valid.
fn warnings(text: &str) -> Vec<String> {
    let loaded = load_with(text, &[]).unwrap_or_else(|errors| panic!("{errors}\n{text}"));
    loaded.warnings.iter().map(ToString::to_string).collect()
}

/// A file of one line with one receiver, whose only chatbot has these additional keys.
fn with_chatbot(keys: &str) -> String {
    format!("receivers: [{{name: r, chatbots: [{{name: b, access_token: t{keys}}}]}}]\n")
}

/// A file of one line with one receiver, whose only conversation has these additional keys.
fn with_conversation(keys: &str) -> String {
    let usual = "name: c, app_key: k, app_secret: s, open_conversation_ids: [cid1, cid2]";
    format!("receivers: [{{name: r, conversations: [{{{usual}{keys}}}]}}]\n")
}

/// A file with `section` and, below it, a valid receiver.
fn with_section(section: &str) -> String {
    format!("{section}\n{}", with_chatbot(""))
}

fn destinations(settings: &Settings) -> Vec<&Destination> {
    settings.receivers.iter().flat_map(|receiver| &receiver.destinations).collect()
}
