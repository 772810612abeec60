//! `campana template functions`: lists the functions that templates can call, and those that are
//! refused, with the reason.

use std::process::ExitCode;

use clap::Args;

use super::ProfileArgs;
use crate::cli::print;

#[derive(Debug, Args)]
pub(in crate::cli) struct FunctionsArgs {
    #[command(flatten)]
    profile: ProfileArgs,
}

/// Prints two columns: the function's name, and its signature or the reason of the refusal.
pub(super) fn run(args: &FunctionsArgs) -> anyhow::Result<ExitCode> {
    let profile = args.profile.profile()?;
    let functions = profile.functions();
    let all = functions.all();
    let mut refused = profile.refused().to_vec();
    refused.sort_unstable();
    let names = all.iter().map(|function| function.name());
    let names = names.chain(refused.iter().map(|(name, _)| *name));
    let width = names.map(str::len).max().unwrap_or_default();
    for function in &all {
        let signature = function.signature().to_string();
        let rest = signature.strip_prefix(function.name()).unwrap_or(&signature);
        print::line(&format!("{:width$}  {rest}", function.name()));
    }
    if !refused.is_empty() {
        print::line(&format!("\nRefused in the profile {profile}:"));
    }
    for (name, why) in refused {
        print::line(&format!("{name:width$}  {why}"));
    }
    Ok(ExitCode::SUCCESS)
}
