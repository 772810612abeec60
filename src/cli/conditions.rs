//! `campana conditions test`: prints which receivers keep an alert and are active, and why.
//!
//! Only the configuration is read; no server is needed, and nothing is stored or sent.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use jiff::Timestamp;

use super::{ConfigArgs, payload, print};
use crate::alert::Labels;
use crate::api::condition::ReceiverTrace;
use crate::clock::{Clock as _, SystemClock};
use crate::receive::alertmanager;
use crate::settings::Overrides;

#[derive(Debug, Subcommand)]
pub(super) enum ConditionsCommand {
    /// Print for each condition whether it holds for an alert, and why, and whether the receiver is
    /// active.
    Test(ConditionsTestArgs),
}

#[derive(Debug, Args)]
pub(super) struct ConditionsTestArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// Only this receiver.
    #[arg(long, value_name = "NAME")]
    receiver: Option<String>,
    /// Take the alerts of this Alertmanager payload (JSON); `-` is standard input.
    #[arg(long, value_name = "FILE", conflicts_with = "labels")]
    payload: Option<PathBuf>,
    /// Ask for this time instead of now, as 2026-11-21T09:00:00+08:00.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
    /// The alert's labels.
    #[arg(value_name = "LABEL=VALUE")]
    labels: Vec<String>,
}

pub(super) fn run(command: &ConditionsCommand) -> anyhow::Result<ExitCode> {
    let ConditionsCommand::Test(args) = command;
    let settings = args.config.load(&Overrides::for_command())?.settings;
    let receivers = match &args.receiver {
        Some(name) => vec![settings.receivers.find(name)?],
        None => settings.receivers.iter().collect(),
    };
    let alerts = match &args.payload {
        Some(file) => alerts_of(file)?,
        None => vec![labels_of(&args.labels)?],
    };
    let at = args.at.unwrap_or_else(|| SystemClock.now().wall);
    for receiver in receivers {
        for line in lines(&ReceiverTrace::new(receiver, &alerts, at)) {
            print::line(&line);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A time with its offset.
pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error| {
        format!("write date, time and offset, as 2026-11-21T09:00:00+08:00 or …Z: {error}")
    })
}

/// For each alert: the receiver, the alert's labels, the tree of the conditions' results, and whether the
/// receiver is active.
fn lines(traced: &ReceiverTrace) -> Vec<String> {
    let disabled = if traced.enabled { "" } else { " (disabled)" };
    let receiver = &traced.receiver;
    let times = traced.active_times.as_ref().map_or_else(String::new, |why| {
        format!("\n{}: {why}", if traced.active { "active" } else { "inactive" })
    });
    let alerts = traced.alerts.iter().map(|alert| {
        let pair =
            |(name, value): (&String, &String)| format!("{}={value:?}", print::in_one_line(name));
        let labels: Vec<String> = alert.labels.iter().map(pair).collect();
        let (labels, trace) = (labels.join(", "), alert.trace.to_string());
        let trace = trace.trim_end();
        format!("receiver {receiver}{disabled}, alert {{{labels}}}\n{trace}{times}")
    });
    alerts.collect()
}

fn alerts_of(file: &Path) -> anyhow::Result<Vec<Labels>> {
    let bytes = payload::read(file)?;
    let notification = alertmanager::parse(&bytes).with_context(|| payload::name(file))?;
    Ok(notification.alerts.into_iter().map(|alert| alert.labels).collect())
}

fn labels_of(pairs: &[String]) -> anyhow::Result<Labels> {
    pairs
        .iter()
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((name, value)),
            Some(_) | None => bail!("{pair:?} is no label; write name=value"),
        })
        .collect()
}
