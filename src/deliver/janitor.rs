//! What has to happen though nothing arrives and nothing is sent: old deliveries are buried, old
//! rows deleted.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, info, warn};

use super::Context;
use crate::queue::{Backlog, QueueError, QuotaUse, Stats, Target};
use crate::settings::Settings;
use crate::task::NextRound;

/// How often it looks.
const ROUND: Duration = Duration::from_mins(1);

/// Works until `stop` is set.
///
/// # Errors
///
/// When the storage failed for good.
pub(super) async fn run(
    context: Arc<Context>,
    next_round: Arc<NextRound>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), QueueError> {
    let mut told = Told::default();
    loop {
        // Not at once: after a long pause, the probes of the start may still free what is too old.
        let next = context.clock.now().boot + ROUND;
        next_round.set(next);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            () = context.clock.sleep_until(next) => {}
        }
        match round(&context, &mut told).await {
            Ok(()) => {}
            Err(error @ (QueueError::Full(_) | QueueError::Busy(_))) => {
                error!("old rows stay for now: {error}");
            }
            Err(QueueError::Closed) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// What was told already, and is not told again in each round.
#[derive(Debug, Default)]
struct Told {
    removed: HashSet<Target>,
    /// The quotas with the share that was told, in percent.
    quotas: HashMap<String, u64>,
}

/// Buries what waited too long for a dead or removed destination, and deletes what is kept no
/// longer.
async fn round(context: &Context, told: &mut Told) -> Result<(), QueueError> {
    let settings = context.settings.load_full();
    let now = context.clock.now();
    let stats = context.store.stats(now).await?;
    report_removed(&settings, &stats, &mut told.removed);
    report_quotas(&settings, &stats, &mut told.quotas);
    let known = targets(&settings).collect();
    let buried = context.store.expire(known, settings.delivery.max_age, now).await?;
    if buried > 0 {
        context.metrics.dead_letters.with_label_values(&["max_age"]).inc_by(buried);
        error!(deliveries = buried, "dead letters: they waited too long for their destination");
    }
    let process = &settings.process;
    let deleted = context.store.retain(process.retain_delivered, process.retain_dead, now).await?;
    if deleted > 0 {
        info!(deliveries = deleted, "settled deliveries were deleted after their retention");
    }
    Ok(())
}

/// Everything that the configuration names.
fn targets(settings: &Settings) -> impl Iterator<Item = Target> {
    settings.receivers.iter().flat_map(|receiver| {
        receiver.destinations.iter().map(|destination| Target {
            receiver: receiver.name.clone(),
            destination: destination.name.clone(),
        })
    })
}

/// What is queued for destinations that the configuration no longer names.
#[must_use]
pub fn removed<'a>(settings: &Settings, stats: &'a Stats) -> Vec<&'a Backlog> {
    let known: HashSet<Target> = targets(settings).collect();
    stats.backlogs.iter().filter(|backlog| !known.contains(&backlog.target)).collect()
}

/// One line for each destination whose queue nobody serves, once.
fn report_removed(settings: &Settings, stats: &Stats, reported: &mut HashSet<Target>) {
    let removed = removed(settings, stats);
    reported.retain(|target| removed.iter().any(|backlog| backlog.target == *target));
    for Backlog { target, queued, .. } in removed {
        if reported.insert(target.clone()) {
            warn!(
                receiver.name = %target.receiver, destination.name = %target.destination,
                deliveries = queued,
                "deliveries wait for a destination that is no longer configured; add it again \
                 under the same names, or discard them"
            );
        }
    }
}

/// The shares of a quota that are told, in percent.
const SHARES: [u64; 2] = [80, 100];

/// One line when 80 % of a quota are used, and one when all of it is.
fn report_quotas(settings: &Settings, stats: &Stats, told: &mut HashMap<String, u64>) {
    let limits = settings.quotas();
    for QuotaUse { quota, used } in &stats.quotas {
        let Some(limit) = limits.get(quota.as_str()) else { continue };
        let share = used * 100 / u64::from(*limit);
        let reached = SHARES.into_iter().filter(|told| share >= *told).max();
        if reached > told.get(quota).copied() {
            warn!(
                quota,
                used,
                limit,
                "{}% of the messages that DingTalk takes in this month are used",
                share
            );
        }
        match reached {
            Some(reached) => told.insert(quota.clone(), reached),
            // A new month has begun.
            None => told.remove(quota),
        };
    }
}
