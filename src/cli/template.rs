//! `campana template`: tries templates, shows their sources and lists their functions.
//!
//! No server is needed, and nothing is stored or sent.

mod functions;
mod render;
mod show;

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::intake::preview::profile_of;
use crate::render::profile::Profile;

#[derive(Debug, Subcommand)]
pub(super) enum TemplateCommand {
    /// Print the message that a receiver, or a template, makes of a notification.
    Render(render::RenderArgs),
    /// Print a template's source, as a file can hold it.
    Show(show::ShowArgs),
    /// List the functions that templates can call.
    Functions(functions::FunctionsArgs),
}

pub(super) fn run(command: &TemplateCommand) -> anyhow::Result<ExitCode> {
    match command {
        TemplateCommand::Render(args) => render::run(args),
        TemplateCommand::Show(args) => show::run(args),
        TemplateCommand::Functions(args) => functions::run(args),
    }
}

/// The product whose templates are meant.
#[derive(Debug, Clone, Default, Args)]
struct ProfileArgs {
    /// Product whose templates they are: alertmanager, prometheus-webhook-dingtalk,
    /// notification-manager or prometheusalert.
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
}

impl ProfileArgs {
    fn profile(&self) -> anyhow::Result<Profile> {
        profile_of(self.profile.as_deref()).map_err(anyhow::Error::msg)
    }
}
