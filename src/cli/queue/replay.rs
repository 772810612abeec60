//! `campana queue replay`: a dead letter sent again, as it was or in today's words.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use clap::Args;
use reqwest::Method;

use super::{DeliveryArgs, print_json};
use crate::api::delivery::ReplayAnswer;
use crate::cli::print;
use crate::clock::SystemClock;
use crate::core::Core;
use crate::intake::{Intake, WakeLanes};
use crate::metrics::Metrics;
use crate::queue::Store;
use crate::queue::delivery::{DeliveryId, Target};
use crate::receive::alertmanager;
use crate::settings::{Overrides, Settings};

#[derive(Debug, Args)]
pub(in crate::cli) struct ReplayArgs {
    #[command(flatten)]
    delivery: DeliveryArgs,
    /// Render the message again, by the conditions and templates that are configured now.
    #[arg(long)]
    render: bool,
}

/// Prints the new delivery, and on standard error why it has the built-in message.
///
/// That is no failure: whoever ran the command again because of it would send the message twice.
pub(super) fn run(args: &ReplayArgs) -> anyhow::Result<ExitCode> {
    let answer = replay(args)?;
    let done = print_json(&answer)?;
    if let Some(error) = &answer.render_error {
        print::error(&format!(
            "warning: the template failed, so delivery {} is the built-in message: {error}",
            answer.id
        ));
    }
    Ok(done)
}

fn replay(args: &ReplayArgs) -> anyhow::Result<ReplayAnswer> {
    let ReplayArgs { delivery: DeliveryArgs { id, connection }, render } = args;
    let id = DeliveryId(*id);
    if !connection.offline {
        let query = render.then(|| ("render", "true".to_owned()));
        let path = format!("/api/v1/deliveries/{id}/replay");
        return connection.on_server(Method::POST, &path, query.as_slice());
    }
    if !render {
        return connection.in_database(async |store, now| {
            Ok(ReplayAnswer::new(store.replay(id, None, now).await?, id))
        });
    }
    let config = connection.server.config();
    let loaded = config.load(&Overrides::default());
    let settings = loaded.context("--render needs the receivers and their templates")?.settings;
    connection.in_database(async |store, _| {
        let replayed = intake(store, settings)?.replay_rendered(id, alertmanager::parse).await?;
        Ok(ReplayAnswer::rendered(replayed, id))
    })
}

/// The way that a message takes in the server, for the configuration that it would start with.
fn intake(store: Arc<dyn Store>, settings: Settings) -> anyhow::Result<Intake> {
    let (clock, metrics) = (Arc::new(SystemClock), Metrics::new()?);
    let core = Core { store, clock, metrics, settings: ArcSwap::from_pointee(settings) };
    Ok(Intake::new(Arc::new(core), Arc::new(NoLanes)))
}

/// The next start of the server finds what was stored.
struct NoLanes;

impl WakeLanes for NoLanes {
    fn wake_lanes(&self, _: &[Target]) {}
}
