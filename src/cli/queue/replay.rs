//! `campana queue replay`: sends a dead letter again, with its old message or rendered anew.
//!
//! Offline, the new delivery is only stored; the server sends it after its next start.

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
use crate::core::{Core, UniqueIds};
use crate::intake::{Intake, WakeLanes};
use crate::metrics::Metrics;
use crate::queue::{DeliveryId, Store, Target};
use crate::receive;
use crate::settings::{Overrides, Settings};

#[derive(Debug, Args)]
pub(in crate::cli) struct ReplayArgs {
    #[command(flatten)]
    delivery: DeliveryArgs,
    /// Render the message again, by the conditions and templates that are configured now.
    #[arg(long)]
    render: bool,
}

/// Prints the new delivery; a template that failed gives a warning on standard error.
///
/// The exit status is 0 even then: the delivery is stored, and a second run would send it twice.
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
    let loaded = config.load(&Overrides::for_command());
    let settings = loaded.context("--render needs the receivers and their templates")?.settings;
    connection.in_database(async |store, _| {
        let replayed = intake(store, settings)?.replay_rendered(id, receive::parse).await?;
        Ok(ReplayAnswer::rendered(replayed, id))
    })
}

/// The server's intake, which renders messages, with the configuration of this command.
fn intake(store: Arc<dyn Store>, settings: Settings) -> anyhow::Result<Intake> {
    let (clock, metrics) = (Arc::new(SystemClock), Metrics::new()?);
    let settings = ArcSwap::from_pointee(settings);
    let core = Core { store, clock, metrics, settings, ids: UniqueIds::default() };
    Ok(Intake::new(Arc::new(core), Arc::new(NoLanes)))
}

/// Wakes nothing: no lane runs here, and the server's next start finds the stored delivery.
struct NoLanes;

impl WakeLanes for NoLanes {
    fn wake_lanes(&self, _: &[Target]) {}
}
