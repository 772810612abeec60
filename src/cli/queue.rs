//! `campana queue …`: what is queued, what is dead and why, replay and discard.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::client::{Answer, ServerArgs};
use super::{print, serve};
use crate::clock::{Clock as _, SystemClock};
use crate::http::handlers::deliveries::{delivery_json, detail_json};
use crate::queue::delivery::{DeliveryId, Filter, State};
use crate::queue::sqlite::{Options, SqliteStore, check};
use crate::queue::{QueueError, Store};

#[derive(Debug, Subcommand)]
pub(super) enum QueueCommand {
    /// List deliveries, newest first.
    List(ListArgs),
    /// Show one delivery: its message, its parts, every attempt.
    Show(OneArgs),
    /// Send a dead letter again, as a new delivery.
    Replay(OneArgs),
    /// Give up a queued delivery, or mark a dead letter as seen.
    Discard(OneArgs),
    /// Check the database file and its totals.
    Check(StoreArgs),
    /// Write a copy of the database, while the server runs.
    Backup(BackupArgs),
}

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only in this state: queued, delivered, folded, dead or discarded.
    #[arg(long, value_parser = ["queued", "delivered", "folded", "dead", "discarded"])]
    state: Option<String>,
    /// Only of this receiver.
    #[arg(long)]
    receiver: Option<String>,
    /// Only to this destination.
    #[arg(long)]
    destination: Option<String>,
    /// At most this many.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// Only older ones than this delivery.
    #[arg(long, value_name = "ID")]
    after: Option<i64>,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(super) struct OneArgs {
    /// The delivery's id.
    id: i64,
    #[command(flatten)]
    place: PlaceArgs,
}

#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file to write; it must not be there.
    to: PathBuf,
    #[command(flatten)]
    store: StoreArgs,
}

/// The running server, or, while none runs, its database.
#[derive(Debug, Args)]
struct PlaceArgs {
    #[command(flatten)]
    server: ServerArgs,
    /// Open the database itself; the server must not be running.
    #[arg(long)]
    offline: bool,
    /// The database, with --offline; by default that of the configuration.
    #[arg(long = "storage.url", value_name = "URL", requires = "offline")]
    storage_url: Option<String>,
}

/// The database.
#[derive(Debug, Args)]
pub(super) struct StoreArgs {
    #[command(flatten)]
    config: super::ConfigArgs,
    /// The database; by default that of the configuration.
    #[arg(long = "storage.url", value_name = "URL")]
    storage_url: Option<String>,
}

pub(super) fn run(command: &QueueCommand) -> anyhow::Result<ExitCode> {
    match command {
        QueueCommand::List(args) => list(args),
        QueueCommand::Show(args) => {
            args.place.ask(&Question::Show(args.id)).map(|body| shown(&body))
        }
        QueueCommand::Replay(args) => {
            args.place.ask(&Question::Replay(args.id)).map(|body| shown(&body))
        }
        QueueCommand::Discard(args) => {
            args.place.ask(&Question::Discard(args.id)).map(|body| shown(&body))
        }
        QueueCommand::Check(args) => {
            let found = check::check(&database(&args.config, args.storage_url.as_ref())?)?;
            print::line(&found.to_string());
            Ok(if found.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        QueueCommand::Backup(args) => {
            let from = database(&args.store.config, args.store.storage_url.as_ref())?;
            check::backup(&from, &args.to)?;
            print::line(&format!("{} is a copy of {}", args.to.display(), from.display()));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What is asked of the queue, wherever it is.
enum Question {
    List(Filter),
    Show(i64),
    Replay(i64),
    Discard(i64),
}

fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let filter = Filter {
        state: args.state.as_deref().and_then(State::parse),
        receiver: args.receiver.clone(),
        destination: args.destination.clone(),
        limit: args.limit,
        after: args.after.map(DeliveryId),
    };
    let body = args.place.ask(&Question::List(filter))?;
    let rows = body["deliveries"].as_array().map(Vec::as_slice).unwrap_or_default();
    for row in rows {
        print::line(&row_line(row));
    }
    if rows.is_empty() {
        print::line("no deliveries");
    }
    Ok(ExitCode::SUCCESS)
}

fn row_line(row: &Value) -> String {
    let text = |key: &str| row[key].as_str().unwrap_or_default();
    let reason = match text("reason") {
        "" => String::new(),
        reason => format!("\n    {reason}"),
    };
    format!(
        "{:>6}  {:<9}  {}  {}/{}  attempts: {}  {}{reason}",
        text("id"),
        text("state"),
        text("accepted_at"),
        text("receiver"),
        text("destination"),
        row["attempts"],
        text("title")
    )
}

fn shown(body: &Value) -> ExitCode {
    print::line(&format!("{body:#}"));
    ExitCode::SUCCESS
}

impl PlaceArgs {
    fn ask(&self, question: &Question) -> anyhow::Result<Value> {
        if self.offline { self.ask_database(question) } else { self.ask_server(question) }
    }

    fn ask_server(&self, question: &Question) -> anyhow::Result<Value> {
        let one = |id: &i64, verb: &str| format!("/api/v1/deliveries/{id}{verb}");
        let answer = match question {
            Question::List(filter) => {
                self.server.call(Method::GET, "/api/v1/deliveries", &query(filter))
            }
            Question::Show(id) => self.server.call(Method::GET, &one(id, ""), &[]),
            Question::Replay(id) => self.server.call(Method::POST, &one(id, "/replay"), &[]),
            Question::Discard(id) => self.server.call(Method::POST, &one(id, "/discard"), &[]),
        }?;
        match answer {
            Answer { status: StatusCode::OK, body } => Ok(body),
            refused => anyhow::bail!("{}", refused.error()),
        }
    }

    fn ask_database(&self, question: &Question) -> anyhow::Result<Value> {
        let path = database(&self.server.config(), self.storage_url.as_ref())?;
        // Opening would make one, and an empty queue is no answer to a mistyped path.
        anyhow::ensure!(path.exists(), "{}: there is no such database", path.display());
        let store = SqliteStore::open(&path, &SystemClock, &Options::default())
            .with_context(|| format!("cannot open {}", path.display()))?;
        serve::runtime()?.block_on(async {
            let answer = ask_store(&store, question).await;
            store.close().await?;
            Ok(answer?)
        })
    }
}

async fn ask_store(store: &SqliteStore, question: &Question) -> Result<Value, QueueError> {
    let now = SystemClock.now();
    Ok(match question {
        Question::List(filter) => {
            let rows = store.list(filter.clone(), now).await?;
            serde_json::json!({
                "deliveries": rows.iter().map(delivery_json).collect::<Vec<Value>>()
            })
        }
        Question::Show(id) => {
            let id = DeliveryId(*id);
            detail_json(&store.show(id, now).await?.ok_or(QueueError::Unknown(id))?)
        }
        Question::Replay(id) => {
            let new = store.replay(DeliveryId(*id), None, now).await?;
            serde_json::json!({"id": new.to_string(), "replay_of": id.to_string()})
        }
        Question::Discard(id) => {
            store.discard(DeliveryId(*id), now).await?;
            serde_json::json!({"id": id.to_string(), "state": "discarded"})
        }
    })
}

fn query(filter: &Filter) -> Vec<(&'static str, String)> {
    [
        ("state", filter.state.map(|state| state.as_str().to_owned())),
        ("receiver", filter.receiver.clone()),
        ("destination", filter.destination.clone()),
        ("limit", Some(filter.limit.to_string())),
        ("after", filter.after.map(|id| id.to_string())),
    ]
    .into_iter()
    .filter_map(|(name, value)| value.map(|value| (name, value)))
    .collect()
}

/// The database file that a flag or the configuration names.
fn database(config: &super::ConfigArgs, url: Option<&String>) -> anyhow::Result<PathBuf> {
    if let Some(url) = url {
        return Ok(PathBuf::from(url.strip_prefix("sqlite:").unwrap_or(url)));
    }
    Ok(config.process()?.storage)
}
