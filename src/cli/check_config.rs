//! `campana check-config`: checks a configuration file.
//!
//! The check is that of the start and the reload, so a file that passes can be started with.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::print;
use crate::settings::{Environment, Overrides, Settings};

#[derive(Debug, Args)]
pub(super) struct CheckConfigArgs {
    /// The configuration file.
    #[arg(value_name = "FILE", default_value = "campana.yml")]
    file: PathBuf,
    /// The same, as the other commands take it.
    #[arg(long = "config.file", value_name = "FILE", conflicts_with = "file")]
    config: Option<PathBuf>,
}

/// Prints errors and warnings to standard error; fails if there are errors.
#[expect(clippy::unnecessary_wraps, reason = "every command answers alike")]
pub(super) fn run(args: &CheckConfigArgs) -> anyhow::Result<ExitCode> {
    let file = args.config.as_deref().unwrap_or(&args.file);
    match Settings::load(Some(file), &Environment::of_process(), &Overrides::default()) {
        Ok(loaded) => {
            for warning in &loaded.warnings {
                print::error(&warning.to_string());
            }
            let receivers = &loaded.settings.receivers;
            let destinations: usize = receivers.iter().map(|r| r.destinations.len()).sum();
            print::line(&format!(
                "{}: valid, receivers: {}, destinations: {destinations}",
                file.display(),
                receivers.len()
            ));
            Ok(ExitCode::SUCCESS)
        }
        Err(errors) => {
            print::error(&errors.to_string());
            Ok(ExitCode::FAILURE)
        }
    }
}
