//! `campana template show NAME`: prints a template's source, as a start for one's own template.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::Args;

use super::ProfileArgs;
use crate::cli::{ConfigArgs, print};
use crate::intake::preview::in_lines;
use crate::render::Language;
use crate::render::profile::Profile;
use crate::render::template::{Library, TemplateFile};
use crate::settings::Overrides;

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// The template's name.
    name: String,
    #[command(flatten)]
    profile: ProfileArgs,
    /// The configuration, whose template files are looked into as well.
    #[arg(long = "config.file", value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let Sources { files, profiles, language } = sources(args)?;
    let mut libraries = Vec::new();
    for profile in profiles {
        let (library, mistakes) = Library::new(profile, language, &files);
        if !mistakes.is_empty() {
            bail!("the templates are not valid\n{}", in_lines(&mistakes));
        }
        libraries.push(library);
    }
    if let Some(source) = libraries.iter().find_map(|library| library.definition(&args.name)) {
        // As it is, so that a file can hold it.
        let source = format!("{}\n", source.trim_end_matches('\n'));
        print::bytes(source.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let told = libraries.iter().map(|library| {
        let near = library.nearest(&args.name);
        // A list of all names would hide the suggestion.
        let all = near.is_empty().then(|| format!("; known: {}", library.names().join(", ")));
        let names = all.unwrap_or_default();
        format!(" in the profile {}{near}{names}", library.profile())
    });
    bail!("there is no template {:?}{}", args.name, told.collect::<Vec<_>>().join(";"))
}

/// The files and profiles that are searched for the template.
struct Sources {
    files: Vec<TemplateFile>,
    profiles: Vec<Profile>,
    language: Language,
}

/// The configuration's files, and the profile of the flag or else those that the receivers use.
fn sources(args: &ShowArgs) -> anyhow::Result<Sources> {
    let asked = args.profile.profile()?;
    if args.config.is_none() {
        let (files, profiles) = (Vec::new(), vec![asked]);
        return Ok(Sources { files, profiles, language: Language::default() });
    }
    let config = ConfigArgs { file: args.config.clone() };
    let settings = config.load(&Overrides::for_command())?.settings;
    let templates = settings.receivers.iter().filter_map(|receiver| receiver.template.as_ref());
    let mut used: Vec<Profile> = Vec::new();
    for template in templates {
        if !used.contains(&template.profile()) {
            used.push(template.profile());
        }
    }
    let is_given = args.profile.profile.is_some();
    let profiles = if is_given || used.is_empty() { vec![asked] } else { used };
    Ok(Sources { files: settings.templates.files, profiles, language: settings.language })
}
