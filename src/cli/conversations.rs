//! `campana conversations convert`: asks DingTalk by which ids the current API knows the chats of the
//! older one, and prints the entries of the configuration with those.
//!
//! No server is needed, and nothing is written to a chat.

use std::collections::HashMap;
use std::fs;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::{ConfigArgs, print, serve};
use crate::clock::{Clock, SystemClock};
use crate::dingtalk::{Cause, Chat, Client, SendError};
use crate::settings::{Environment, Overrides, Settings, with_open_ids};

/// How often a question is asked again that came too soon after others; an app may ask 20 in a second.
const MOST_WAITS: u32 = 5;

/// The wait before it: the window of DingTalk's QPS limits (`how-to-process-api-throttling`).
const WINDOW: Duration = Duration::from_secs(1);

#[derive(Debug, Subcommand)]
pub(super) enum ConversationsCommand {
    /// Ask DingTalk for the open conversation id of each of `chat_ids`, and print the new entries.
    Convert(ConvertArgs),
}

#[derive(Debug, Args)]
pub(super) struct ConvertArgs {
    /// Only this receiver.
    #[arg(value_name = "RECEIVER")]
    receiver: Option<String>,
    #[command(flatten)]
    config: ConfigArgs,
}

/// One of `chat_ids`, and the entry that it stands in.
struct Named<'a> {
    receiver: &'a str,
    entry: &'a str,
    chat: &'a Chat,
}

/// What DingTalk said to each chat, by receiver and chat id.
type Answers<'a> = HashMap<(&'a str, &'a str), Result<String, SendError>>;

/// Prints the entries whose ids are known now; fails if DingTalk gave none for one of them.
pub(super) fn run(command: &ConversationsCommand) -> anyhow::Result<ExitCode> {
    let ConversationsCommand::Convert(args) = command;
    let settings = args.config.load(&Overrides::default())?.settings;
    let named = named(&settings, args.receiver.as_deref())?;
    let file = args.config.file.as_deref().filter(|_| !named.is_empty());
    let file =
        file.context("nothing has `chat_ids` there; --config.file names the configuration")?;
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("{name} cannot be read again"))?;
    let answers = serve::runtime()?.block_on(ask(&settings, &named))?;
    let open_id = |receiver: &str, chat: &str| {
        answers.get(&(receiver, chat)).and_then(|answer| answer.clone().ok())
    };
    let entries = with_open_ids(&text, &Environment::of_process(), open_id);
    if let Some(entries) = entries {
        print::line(&format!("# In place of the same entries in {name}."));
        if entries.contains("<secret>") {
            print::line("# Where <secret> stands, keep your own line.");
        }
        print::line(
            "# What is queued for the old ids waits in vain once they are gone: let it go out first.",
        );
        print::line(entries.trim_end());
    }
    let mut done = ExitCode::SUCCESS;
    for Named { receiver, entry, chat } in named {
        let id = &chat.chat_id;
        if let Some(Err(error)) = answers.get(&(receiver, id.as_str())) {
            print::error(&format!(
                "campana: {receiver}/{entry}: {id}: {}",
                error.meaning(settings.language)
            ));
            done = ExitCode::FAILURE;
        }
    }
    Ok(done)
}

/// The chats of the older API, of all receivers or of one.
fn named<'a>(settings: &'a Settings, receiver: Option<&str>) -> anyhow::Result<Vec<Named<'a>>> {
    let receivers = match receiver {
        Some(name) => vec![settings.receivers.find(name)?],
        None => settings.receivers.iter().collect(),
    };
    let named = receivers.into_iter().flat_map(|receiver| {
        receiver.destinations.iter().filter_map(|destination| {
            let (entry, _) = destination.name.split_once('/')?;
            Some(Named { receiver: &receiver.name, entry, chat: destination.endpoint.chat()? })
        })
    });
    Ok(named.collect())
}

/// Asks for each chat, one after the other; once for one that several receivers name.
async fn ask<'a>(settings: &Settings, named: &[Named<'a>]) -> anyhow::Result<Answers<'a>> {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let limit = settings.delivery.attempt_timeout;
    let Settings { dingtalk, way_out, .. } = settings;
    let client = Client::new(Arc::clone(&clock), &dingtalk.api, limit, way_out)?;
    let mut of_apps: HashMap<(&str, &str), Result<String, SendError>> = HashMap::new();
    let mut answers = Answers::new();
    for &Named { receiver, chat, .. } in named {
        let of_app = (chat.app_key.as_str(), chat.chat_id.as_str());
        let answer = match of_apps.get(&of_app) {
            Some(known) => known.clone(),
            None => one(&client, &*clock, chat, limit).await,
        };
        of_apps.insert(of_app, answer.clone());
        answers.insert((receiver, &chat.chat_id), answer);
    }
    Ok(answers)
}

/// Asks for one chat, and again where that came too soon.
async fn one(
    client: &Client,
    clock: &dyn Clock,
    chat: &Chat,
    limit: Duration,
) -> Result<String, SendError> {
    for _ in 0..MOST_WAITS {
        let answer = client.open_conversation_id(chat, clock.now().boot + limit).await;
        match answer {
            Err(error) if error.cause == Cause::ThrottledSecond => {
                let wait = WINDOW.max(error.wait.unwrap_or_default());
                clock.sleep_until(clock.now().boot + wait).await;
            }
            answer => return answer,
        }
    }
    client.open_conversation_id(chat, clock.now().boot + limit).await
}
