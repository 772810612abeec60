//! `campana init`: writes a commented configuration to begin with, and says what to do next.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;

use super::print;

/// The configuration; a test loads it, with and without the keys that stand in comments.
const CONFIGURATION: &str = include_str!("../../config/init.yml");

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The file to write; `-` is standard output.
    #[arg(value_name = "FILE", default_value = "campana.yml")]
    file: PathBuf,
}

/// Writes the file, unless it is there.
pub(super) fn run(args: &InitArgs) -> anyhow::Result<ExitCode> {
    let name = args.file.display().to_string();
    if name == "-" {
        print::bytes(CONFIGURATION.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut file = match OpenOptions::new().write(true).create_new(true).open(&args.file) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            bail!("{name} is there already; name another file, or `-` to print the configuration")
        }
        Err(error) => return Err(error).with_context(|| format!("cannot write {name}")),
    };
    file.write_all(CONFIGURATION.as_bytes()).with_context(|| format!("cannot write {name}"))?;
    print::line(&next_steps(&name));
    Ok(ExitCode::SUCCESS)
}

fn next_steps(name: &str) -> String {
    format!(
        "{name} is written: one receiver, `ops`, with one chatbot. Next:\n\
         1. Set OPS_ACCESS_TOKEN to what follows access_token= in the robot's webhook, and \
         OPS_SECRET to its signing secret; take the line with `secret` out if it does not sign.\n\
         2. Check it:  campana check-config {name}\n\
         3. Start:     campana serve --config.file={name}\n\
         4. Try it:    curl -X POST localhost:8060/api/v1/receivers/ops/test\n\
         5. In alertmanager.yml, let a receiver post to \
         http://HOST:8060/api/v1/receivers/ops/alerts (`webhook_configs`)."
    )
}
