//! `campana healthcheck`: exits with 0 when the running server takes notifications.
//!
//! A container's health check calls it, so the image needs no `curl`.

use std::process::ExitCode;

use reqwest::Method;

use super::client::ServerArgs;
use super::print;

pub(super) fn run(args: &ServerArgs) -> anyhow::Result<ExitCode> {
    let answer = args.call(Method::GET, "/-/ready", &[])?;
    print::line(&answer.error());
    Ok(if answer.status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
