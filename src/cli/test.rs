//! `campana test RECEIVER`: sends the test message, and prints DingTalk's answers in words.
//!
//! The running server sends it, so the test is charged to the lane's rate.

use std::process::ExitCode;

use clap::Args;
use reqwest::Method;

use super::client::{ServerArgs, segment};
use super::print;
use crate::api::test_message::{TestAnswer, TestedDestination};

#[derive(Debug, Args)]
pub(super) struct TestArgs {
    /// The receiver's name.
    receiver: String,
    #[command(flatten)]
    server: ServerArgs,
}

/// Prints one line for each destination; fails unless the message arrived at all of them.
pub(super) fn run(args: &TestArgs) -> anyhow::Result<ExitCode> {
    let path = format!("/api/v1/receivers/{}/test", segment(&args.receiver)?);
    let answer = args.server.call_or(Method::POST, &path, &[], &otherwise(args))?;
    let TestAnswer { ok, destinations, .. } = answer.json()?;
    for destination in &destinations {
        print::line(&sentence(destination));
    }
    Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What can be done without a server, which this command does not start.
fn otherwise(args: &TestArgs) -> String {
    let file = args.server.file();
    let file = file.map_or_else(String::new, |file| format!(" --config.file={}", file.display()));
    let receiver = &args.receiver;
    format!(
        ", and none is started; `campana doctor --send{file} {receiver}` sends the message without one"
    )
}

fn sentence(destination: &TestedDestination) -> String {
    let TestedDestination { name, kind, ok, reason, .. } = destination;
    let outcome = if *ok {
        "arrived".to_owned()
    } else {
        format!("did not arrive: {}", print::in_one_line(reason))
    };
    format!("{name} ({kind}): {outcome}")
}
