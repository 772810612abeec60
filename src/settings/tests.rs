//! The configuration from the outside: texts in, settings or lists of mistakes out.

use std::path::Path;

use secrecy::ExposeSecret;

use super::diagnostic::ConfigErrors;
use super::environment::Environment;
use super::process::Overrides;
use super::{Loaded, Settings};
use crate::dingtalk::Endpoint;

mod mistakes;

/// Loads `text` as `c.yml` with these variables.
fn load_with(text: &str, variables: &[(&str, &str)]) -> Result<Loaded, ConfigErrors> {
    let environment: Environment = variables.iter().copied().collect();
    Settings::from_text("c.yml", text, Path::new("/nowhere"), &environment, &Overrides::default())
}

fn load(text: &str) -> Settings {
    load_with(text, &[]).unwrap_or_else(|errors| panic!("{errors}\n{text}")).settings
}

/// The errors of `text`, one a line.
fn errors(text: &str) -> String {
    match load_with(text, &[]) {
        Ok(_) => panic!("no error in\n{text}"),
        Err(errors) => errors.to_string(),
    }
}
