//! `campana queue …`: lists, shows, replays and discards deliveries; checks, copies and salvages the
//! database.
//!
//! The running server does the work; `--offline` opens the database instead, and needs its lock.

mod replay;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use reqwest::{Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::client::ServerArgs;
use super::{print, serve};
use crate::api::delivery::{Delivery, DeliveryDetail, DeliveryList, DiscardAnswer};
use crate::clock::{Clock as _, Now, SystemClock};
use crate::queue::sqlite::{Options, SqliteStore, check, salvage};
use crate::queue::{DeliveryId, Filter, Mended, QueueError, State, Store};
use crate::settings::process;

#[derive(Debug, Subcommand)]
pub(super) enum QueueCommand {
    /// List deliveries, newest first.
    List(ListArgs),
    /// Show one delivery: its message, its parts, every attempt.
    Show(DeliveryArgs),
    /// Send a dead letter again, as a new delivery.
    Replay(replay::ReplayArgs),
    /// Give up a queued delivery, or mark a dead letter as seen.
    Discard(DeliveryArgs),
    /// Check the database file and its totals.
    Check(StoreArgs),
    /// Write a copy of the database, while the server runs.
    Backup(BackupArgs),
    /// Write a new database of what can be read of a damaged one.
    Salvage(BackupArgs),
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
    connection: ConnectionArgs,
}

#[derive(Debug, Args)]
pub(super) struct DeliveryArgs {
    /// The delivery's id.
    id: i64,
    #[command(flatten)]
    connection: ConnectionArgs,
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
struct ConnectionArgs {
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
        QueueCommand::Show(args) => print_json(&show(args)?),
        QueueCommand::Replay(args) => replay::run(args),
        QueueCommand::Discard(args) => print_json(&discard(args)?),
        QueueCommand::Check(args) => {
            let found = check::check(&existing(&args.config, args.storage_url.as_ref())?)?;
            print::line(&found.to_string());
            Ok(if found.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        QueueCommand::Backup(args) => {
            let from = existing(&args.store.config, args.store.storage_url.as_ref())?;
            check::backup(&from, &args.to)?;
            print::line(&format!("{} is a copy of {}", args.to.display(), from.display()));
            Ok(ExitCode::SUCCESS)
        }
        QueueCommand::Salvage(args) => {
            let from = existing(&args.store.config, args.store.storage_url.as_ref())?;
            let saved = salvage::salvage(&from, &args.to)?;
            print::line(&saved.to_string());
            Ok(if saved.lost.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}

fn list(args: &ListArgs) -> anyhow::Result<ExitCode> {
    let filter = Filter {
        state: args.state.as_deref().and_then(State::parse),
        receiver: args.receiver.clone(),
        destination: args.destination.clone(),
        limit: args.limit,
        after: args.after.map(DeliveryId),
    };
    let DeliveryList { deliveries } = if args.connection.offline {
        args.connection.in_database(async |store, now| {
            let mut rows = store.list(filter, now).await?;
            for row in &mut rows {
                row.say_when(now.wall);
            }
            Ok(rows.into())
        })?
    } else {
        args.connection.on_server(Method::GET, "/api/v1/deliveries", &query(&filter))?
    };
    for delivery in &deliveries {
        print::line(&row_line(delivery));
    }
    if deliveries.is_empty() {
        print::line("no deliveries");
    }
    Ok(ExitCode::SUCCESS)
}

fn show(args: &DeliveryArgs) -> anyhow::Result<DeliveryDetail> {
    let (id, connection) = (DeliveryId(args.id), &args.connection);
    if !connection.offline {
        return connection.on_server(Method::GET, &format!("/api/v1/deliveries/{id}"), &[]);
    }
    connection.in_database(async |store, now| {
        let mut detail = store.show(id, now).await?.ok_or(QueueError::Unknown(id))?;
        detail.delivery.say_when(now.wall);
        Ok(detail.into())
    })
}

fn discard(args: &DeliveryArgs) -> anyhow::Result<DiscardAnswer> {
    let (id, connection) = (DeliveryId(args.id), &args.connection);
    if !connection.offline {
        return connection.on_server(
            Method::POST,
            &format!("/api/v1/deliveries/{id}/discard"),
            &[],
        );
    }
    connection.in_database(async |store, now| {
        store.discard(id, now).await?;
        Ok(DiscardAnswer::new(id))
    })
}

fn row_line(delivery: &Delivery) -> String {
    let standing = &delivery.standing;
    let reason = match standing.reason.as_str() {
        "" => String::new(),
        reason => format!("\n    {}", print::in_one_line(reason)),
    };
    format!(
        "{:>6}  {:<9}  {}  {}/{}  attempts: {}  {}{reason}",
        standing.id,
        standing.state,
        standing.accepted_at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ"),
        standing.receiver,
        standing.destination,
        delivery.attempts,
        print::in_one_line(&standing.title)
    )
}

fn print_json(answer: &impl Serialize) -> anyhow::Result<ExitCode> {
    print::line(&serde_json::to_string_pretty(answer).context("no JSON")?);
    Ok(ExitCode::SUCCESS)
}

impl ConnectionArgs {
    /// Calls the running server; an answer other than 200 is an error.
    fn on_server<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, String)],
    ) -> anyhow::Result<T> {
        let offline = "; --offline opens the database without a server";
        let answer = self.server.call_or(method, path, query, offline)?;
        anyhow::ensure!(answer.status == StatusCode::OK, "{}", answer.error());
        answer.json()
    }

    /// Calls the database directly, while no server runs.
    fn in_database<T>(
        &self,
        ask: impl AsyncFnOnce(Arc<dyn Store>, Now) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        // Opening a mistyped path would create an empty database there.
        let path = existing(&self.server.config(), self.storage_url.as_ref())?;
        let store = SqliteStore::open(&path, &SystemClock, &Options::default())
            .with_context(|| format!("cannot open {}", path.display()))?;
        serve::runtime()?.block_on(async {
            let store: Arc<dyn Store> = Arc::new(store);
            for Mended { damage, kept, lost, .. } in &store.health().borrow().mended {
                let kept = kept.display();
                print::error(&format!(
                    "{damage}: a new database took its place, {kept} is the old one"
                ));
                for line in lost {
                    print::error(&format!("lost: {line}"));
                }
            }
            let answer = ask(Arc::clone(&store), SystemClock.now()).await;
            store.close().await?;
            answer
        })
    }
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

/// The database file that a flag or the configuration names, which must be there.
fn existing(config: &super::ConfigArgs, url: Option<&String>) -> anyhow::Result<PathBuf> {
    let path = database(config, url)?;
    // Whatever else is wrong with it, whoever opens it says so.
    anyhow::ensure!(!matches!(path.try_exists(), Ok(false)), "{}", missing(&path));
    Ok(path)
}

/// What is said of a database file that is not there.
fn missing(path: &Path) -> String {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let hint = if path.is_absolute() {
        "--config.file or --storage.url=sqlite:/… names another"
    } else {
        "storage.url is relative to the working directory: run it there, or give \
         --storage.url=sqlite:/…"
    };
    format!("no such file: {}; {hint}", whole.display())
}

/// The database file that a flag or the configuration names.
fn database(config: &super::ConfigArgs, url: Option<&String>) -> anyhow::Result<PathBuf> {
    match url {
        None => Ok(config.process()?.storage),
        Some(url) if url.contains(':') => {
            process::storage(url).map_err(|why| anyhow::anyhow!("--storage.url: {why}"))
        }
        // A path alone serves too.
        Some(path) => Ok(PathBuf::from(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_database_is_named_whole_with_the_way_to_it() {
        let here = std::env::current_dir().unwrap();
        let cases = [
            (
                "data/campana.db",
                format!(
                    "no such file: {}/data/campana.db; storage.url is relative to the working \
                     directory: run it there, or give --storage.url=sqlite:/…",
                    here.display()
                ),
            ),
            (
                "/nowhere/campana.db",
                "no such file: /nowhere/campana.db; --config.file or --storage.url=sqlite:/… names \
                 another"
                    .to_owned(),
            ),
        ];
        for (path, expected) in cases {
            assert_eq!(missing(Path::new(path)), expected);
        }
    }
}
