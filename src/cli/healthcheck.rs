//! `campana healthcheck`: 0 when the server takes notifications; an image needs no `curl` for it.

use std::process::ExitCode;

use reqwest::Method;

use super::client::ServerArgs;
use super::print;

pub(super) fn run(args: &ServerArgs) -> anyhow::Result<ExitCode> {
    let answer = args.call(Method::GET, "/-/ready", &[])?;
    print::line(&answer.error());
    Ok(if answer.status.is_success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
