//! `campana test RECEIVER`: the test message, and DingTalk's answers in words.

use std::process::ExitCode;

use clap::Args;
use reqwest::Method;
use serde_json::Value;

use super::client::ServerArgs;
use super::print;

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// The receiver's name.
    receiver: String,
    #[command(flatten)]
    server: ServerArgs,
}

/// Prints one line a destination; fails unless each took the message.
pub(super) fn run(args: &TestArgs) -> anyhow::Result<ExitCode> {
    let path = format!("/api/v1/receivers/{}/test", args.receiver);
    let answer = args.server.call(Method::POST, &path, &[])?;
    let Some(destinations) = answer.body["destinations"].as_array() else {
        anyhow::bail!("{}", answer.error());
    };
    for destination in destinations {
        print::line(&sentence(destination));
    }
    let ok = answer.body["ok"] == true;
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn sentence(destination: &Value) -> String {
    let text = |key: &str| destination[key].as_str().unwrap_or_default().to_owned();
    let outcome = match destination["ok"].as_bool() {
        Some(true) => "arrived".to_owned(),
        Some(false) | None => format!("did not arrive: {}", text("reason")),
    };
    format!("{} ({}): {outcome}", text("name"), text("kind"))
}
