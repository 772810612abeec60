//! `campana template render`: what would be sent, in words, as bodies, or as the template wrote it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::ProfileArgs;
use crate::alert::Notification;
use crate::cli::{ConfigArgs, payload, print};
use crate::clock::{Clock as _, SystemClock};
use crate::dingtalk::message::MessageType;
use crate::intake::preview::{Draft, Written, compile, in_lines, message_json, notification};
use crate::render::template::{File, Library, Mistake, Renders, Stop, Template};
use crate::render::{Language, Style};
use crate::settings::process::DEFAULT_TIMEZONE;
use crate::settings::{Overrides, Receiver, Settings};

#[derive(Debug, Args)]
pub(in crate::cli) struct RenderArgs {
    /// The configuration, one of whose receivers is written for.
    #[arg(long = "config.file", value_name = "FILE", conflicts_with_all = ["profile", "files"])]
    config: Option<PathBuf>,
    /// The receiver; needed if there are several.
    #[arg(long, value_name = "NAME", requires = "config")]
    receiver: Option<String>,
    #[command(flatten)]
    profile: ProfileArgs,
    /// A file with templates; may be given several times.
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write about this Alertmanager payload (JSON), instead of a sample; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    payload: Option<PathBuf>,
    /// Print the bodies as DingTalk would get them, with their sizes.
    #[arg(long, conflicts_with = "raw")]
    json: bool,
    /// Print only what the template writes, byte for byte.
    #[arg(long)]
    raw: bool,
    /// The text, as '{{ template "ops.text" . }}'; without it, the receiver's own.
    #[arg(value_name = "TEXT")]
    text: Option<String>,
}

/// Prints the message; fails if the templates do.
pub(super) fn run(args: &RenderArgs) -> anyhow::Result<ExitCode> {
    let now = SystemClock.now().wall;
    let draft = match draft(args)? {
        Ok(draft) => draft,
        Err(mistakes) => {
            print::error(&in_lines(&mistakes));
            return Ok(ExitCode::FAILURE);
        }
    };
    let notification = notification_of(args)?;
    let Some(kept) = draft.kept(&notification) else {
        print::error("the receiver keeps none of these alerts; `campana conditions test` says why");
        return Ok(ExitCode::SUCCESS);
    };
    let mut renders = Renders::new(Stop::default());
    if args.raw {
        return match draft.raw(&kept, now, &mut renders) {
            Ok(bytes) => print::bytes(&bytes).map(|()| ExitCode::SUCCESS),
            Err(words) => bail!(words),
        };
    }
    let written = draft.write(&kept, now, &mut renders);
    if args.json {
        let messages: Vec<Value> = written.iter().map(message_json).collect();
        print::line(&serde_json::to_string_pretty(&messages).context("no JSON")?);
    } else {
        for one in &written {
            print::line(&in_words(one));
        }
    }
    let errors: Vec<&str> = written.iter().filter_map(|one| one.preview.error.as_deref()).collect();
    if let Some(error) = errors.first() {
        print::error(error);
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn notification_of(args: &RenderArgs) -> anyhow::Result<Notification> {
    let now = SystemClock.now().wall;
    let Some(path) = &args.payload else { return Ok(notification(None, now)?) };
    let bytes = payload::read(path)?;
    notification(Some(&bytes), now).with_context(|| payload::name(path))
}

/// What is to be written, or what is wrong with its templates.
fn draft(args: &RenderArgs) -> anyhow::Result<Result<Draft, Vec<Mistake>>> {
    if args.config.is_some() {
        return of_configuration(args);
    }
    let Some(text) = &args.text else {
        bail!(
            "give the text, as '{{{{ template \"ops.text\" . }}}}', or a configuration with \
             --config.file"
        );
    };
    let mut files = Vec::new();
    for path in &args.files {
        let source = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        files.push(File { path: path.display().to_string(), source });
    }
    let timezone = TimeZone::get(DEFAULT_TIMEZONE).unwrap_or(TimeZone::UTC);
    let style =
        Style { message_type: MessageType::Markdown, timezone, language: Language::default() };
    let template = compile(args.profile.profile()?, style.language, &files, None, Some(text));
    Ok(template.map(|template| Draft::of_template(style, template)))
}

fn of_configuration(args: &RenderArgs) -> anyhow::Result<Result<Draft, Vec<Mistake>>> {
    let config = ConfigArgs { file: args.config.clone() };
    let settings = config.load(&Overrides::default())?.settings;
    let receiver = receiver(&settings, args.receiver.as_deref())?;
    let mut draft = Draft::of_receiver(&settings, receiver);
    if let Some(text) = &args.text {
        let own = receiver.template.as_deref();
        let profile = own.map(Template::profile).unwrap_or_default();
        // The configuration is valid, so its files are.
        let (library, _) = Library::new(profile, settings.language, &settings.templates.files);
        match Template::new(&library, own.and_then(Template::title), Some(text)) {
            Ok(template) => draft.template = Some(template.into()),
            Err(mistakes) => return Ok(Err(mistakes)),
        }
    }
    Ok(Ok(draft))
}

fn receiver<'s>(settings: &'s Settings, name: Option<&str>) -> anyhow::Result<&'s Receiver> {
    let known = || {
        let names: Vec<&str> = settings.receivers.iter().map(|one| one.name.as_str()).collect();
        names.join(", ")
    };
    match (name, settings.receivers.as_slice()) {
        (Some(name), receivers) => receivers
            .iter()
            .find(|receiver| receiver.name == name)
            .with_context(|| format!("there is no receiver {name:?}; known: {}", known())),
        (None, [receiver]) => Ok(receiver),
        (None, _) => bail!("there are several receivers; name one with --receiver: {}", known()),
    }
}

/// Each part with its title, its text and its size.
fn in_words(written: &Written) -> String {
    let Written { destinations, surface, preview } = written;
    let mut lines = Vec::new();
    if !destinations.is_empty() {
        lines.push(format!("To {}:", destinations.join(", ")));
    }
    let count = preview.parts.len();
    for (index, part) in preview.parts.iter().enumerate() {
        let message = &part.message;
        let (size, most) = (message.size(surface.api), surface.max_bytes);
        lines.push(format!("--- part {} of {count}, {size} of {most} bytes", index + 1));
        lines.extend(message.title().map(|title| format!("title: {title}\n")));
        lines.push(message.text());
        if let Some(text) = &part.unguarded {
            lines.push(
                "--- the mention guard broke mentions that are not configured; before it:"
                    .to_owned(),
            );
            lines.push(text.clone());
        }
    }
    lines.join("\n")
}
