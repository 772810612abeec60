//! `campana template render`: prints the message that a receiver or a template makes.
//!
//! The message is rendered as the server renders it; nothing is stored or sent.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::Args;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::ProfileArgs;
use crate::alert::Notification;
use crate::api::template::MessagePreview;
use crate::cli::conditions::time;
use crate::cli::{ConfigArgs, payload, print};
use crate::clock::{Clock as _, SystemClock};
use crate::dingtalk::message::{Button, MessageType};
use crate::dingtalk::robot;
use crate::intake::preview::{Trial, compile, example, in_lines};
use crate::receive::alertmanager;
use crate::render::RenderBudget;
use crate::render::template::{Library, Mistake, Stop, Template, TemplateFile};
use crate::render::{Format, Language, Style, Surface};
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
    /// Write as at this time instead of now, as 2026-11-21T09:00:00+08:00.
    #[arg(long, value_name = "TIME", value_parser = time)]
    at: Option<Timestamp>,
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

/// Prints the message; fails if a template fails.
pub(super) fn run(args: &RenderArgs) -> anyhow::Result<ExitCode> {
    let now = args.at.unwrap_or_else(|| SystemClock.now().wall);
    let trial = match trial(args)? {
        Ok(trial) => trial,
        Err(mistakes) => {
            print::error(&in_lines(&mistakes));
            return Ok(ExitCode::FAILURE);
        }
    };
    let notification = notification_of(args, now)?;
    let Some(kept) = trial.kept(&notification) else {
        print::error("the receiver keeps none of these alerts; `campana conditions test` says why");
        return Ok(ExitCode::SUCCESS);
    };
    let mut budget = RenderBudget::new(Stop::default());
    if args.raw {
        return match trial.raw(&kept, now, &mut budget) {
            Ok(bytes) => print::bytes(&bytes).map(|()| ExitCode::SUCCESS),
            Err(words) => bail!(words),
        };
    }
    let messages = trial.write(&kept, now, &mut budget).into_iter();
    let messages: Vec<MessagePreview> = messages.map(MessagePreview::from).collect();
    if args.json {
        print::line(&serde_json::to_string_pretty(&messages).context("no JSON")?);
    } else {
        for message in &messages {
            print::line(&in_words(message));
        }
    }
    if let Some(error) = messages.iter().find_map(|message| message.error.as_deref()) {
        print::error(error);
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn notification_of(args: &RenderArgs, now: Timestamp) -> anyhow::Result<Notification> {
    let Some(path) = &args.payload else { return Ok(example(now)) };
    let bytes = payload::read(path)?;
    alertmanager::parse(&bytes).with_context(|| payload::name(path))
}

/// The template to try, or the mistakes in it.
fn trial(args: &RenderArgs) -> anyhow::Result<Result<Trial, Vec<Mistake>>> {
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
        files.push(TemplateFile { path: path.display().to_string(), source });
    }
    let timezone = TimeZone::get(DEFAULT_TIMEZONE).unwrap_or(TimeZone::UTC);
    let format = Format::of(MessageType::Markdown, Language::default());
    let style = Style::new(format, timezone);
    let template =
        compile(args.profile.profile()?, style.format.language, &files, None, Some(text));
    let surface = Surface::new(&robot::API);
    Ok(template.map(|template| Trial::of_template(style, template, surface)))
}

fn of_configuration(args: &RenderArgs) -> anyhow::Result<Result<Trial, Vec<Mistake>>> {
    let config = ConfigArgs { file: args.config.clone() };
    let settings = config.load(&Overrides::for_command())?.settings;
    let receiver = receiver(&settings, args.receiver.as_deref())?;
    let mut trial = Trial::of_receiver(&settings, receiver);
    if let Some(text) = &args.text {
        let own = receiver.template.as_deref();
        let profile = own.map(Template::profile).unwrap_or_default();
        // The configuration was checked, so its files have no mistakes.
        let (library, _) =
            Library::new(profile, receiver.format.language, &settings.templates.files);
        match Template::new(&library, own.and_then(Template::title), Some(text)) {
            Ok(template) => trial.template = Some(template.into()),
            Err(mistakes) => return Ok(Err(mistakes)),
        }
    }
    Ok(Ok(trial))
}

fn receiver<'s>(settings: &'s Settings, name: Option<&str>) -> anyhow::Result<&'s Receiver> {
    match (name, &*settings.receivers) {
        (Some(name), _) => Ok(settings.receivers.find(name)?),
        (None, [receiver]) => Ok(receiver),
        (None, receivers) => {
            let known: Vec<&str> = receivers.iter().map(|one| one.name.as_str()).collect();
            let known = known.join(", ");
            bail!("there are several receivers; name one with --receiver: {known}")
        }
    }
}

/// The parts of a message, each with its size, title and text.
fn in_words(message: &MessagePreview) -> String {
    let mut lines = Vec::new();
    if !message.destinations.is_empty() {
        lines.push(format!("To {}:", message.destinations.join(", ")));
    }
    if !message.not_mentioned.is_empty() {
        let names = message.not_mentioned.join(", ");
        lines.push(format!("--- not mentioned, because mention.allow lacks the names: {names}"));
    }
    let count = message.parts.len();
    for (index, part) in message.parts.iter().enumerate() {
        let (size, most) = (part.bytes, part.max_bytes);
        lines.push(format!("--- part {} of {count}, {size} of {most} bytes", index + 1));
        lines.extend(part.title.as_ref().map(|title| format!("title: {title}\n")));
        lines.push(part.text.clone());
        let button = |Button { text, url }: &Button| format!("[ {text} ] {url}");
        lines.extend(part.buttons.iter().map(button));
        if let Some(text) = &part.before_mention_guard {
            lines.push(
                "--- the mention guard broke mentions that are not configured; before it:"
                    .to_owned(),
            );
            lines.push(text.clone());
        }
    }
    lines.join("\n")
}
