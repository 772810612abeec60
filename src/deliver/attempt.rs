//! One attempt: send the part, decide what follows, record both.

use std::time::Duration;

use tracing::{error, info, warn};

use super::Context;
use super::retry;
use super::route::Route;
use crate::dingtalk::{Cause, Receipt, SendError};
use crate::failpoint;
use crate::queue::QueueError;
use crate::queue::delivery::{Answered, AttemptResult, Lease, NextStep};
use crate::render::paginate;
use crate::settings::Destination;

/// How long to wait before the end of an attempt is written to a full storage again.
const FULL_WAIT: Duration = Duration::from_secs(1);

/// Makes the attempt that `lease` allows, and records its end.
///
/// # Errors
///
/// When the storage failed; the attempt's outcome is then unknown, and the part keeps its
/// `msgUuid`.
pub(super) async fn make(context: &Context, route: &Route, lease: Lease) -> Result<(), QueueError> {
    let Some(destination) = route.destinations.get(&lease.target) else {
        // The store gives only what the route asked for; if it ever does not, the lease runs out.
        error!(delivery.id = %lease.delivery, "the lane has no such destination");
        return Ok(());
    };
    let metrics = &context.metrics;
    let api = destination.endpoint.api();
    metrics.queue_wait.with_label_values(&[api.kind]).observe(lease.waited.as_secs_f64());
    if lease.uncertain && !api.idempotency_key {
        // DingTalk cannot tell that it may have taken this part already.
        metrics.possible_duplicates.inc();
    }
    failpoint::reached("after-charge");
    let began = context.clock.now().boot;
    let result = context.client.send(&destination.endpoint, &lease.message, &lease.msg_uuid).await;
    failpoint::reached("after-send");
    let took = context.clock.now().boot.saturating_sub(began);
    let outcome = result.as_ref().map_or_else(SendError::outcome, |_| "ok");
    metrics.attempts.with_label_values(&[api.kind, outcome]).inc();
    if result.as_ref().is_err_and(|error| error.cause == Cause::Clock) {
        metrics.clock_refusals.inc();
    }
    metrics.attempt_duration.with_label_values(&[api.kind]).observe(took.as_secs_f64());
    let ended = attempt_result(context, destination, &lease, &result, took);
    report(context, &lease, &ended);
    finish(context, lease, ended).await
}

fn attempt_result(
    context: &Context,
    destination: &Destination,
    lease: &Lease,
    result: &Result<Receipt, SendError>,
    took: Duration,
) -> AttemptResult {
    let surface = &destination.surface;
    let settings = context.settings.load();
    let next = match result {
        Ok(_) => NextStep::Arrived,
        Err(error) => retry::after(lease, error, &settings.delivery, |message| {
            paginate::smaller(message, surface, settings.language)
        }),
    };
    AttemptResult { answered: answered(result, took), next }
}

fn answered(result: &Result<Receipt, SendError>, took: Duration) -> Answered {
    match result {
        Ok(receipt) => Answered {
            outcome: "ok".to_owned(),
            code: receipt.code.clone(),
            words: receipt.process_query_key.clone().unwrap_or_else(|| receipt.text.clone()),
            took,
        },
        Err(error) => Answered {
            outcome: error.outcome().to_owned(),
            code: error.code(),
            words: error.reason(),
            took,
        },
    }
}

/// One line a settled delivery; an attempt that failed and goes on is a warning.
fn report(context: &Context, lease: &Lease, ended: &AttemptResult) {
    let (delivery, target) = (lease.delivery, &lease.target);
    let (receiver, destination) = (&target.receiver, &target.destination);
    let outcome = &ended.answered.outcome;
    let took = u64::try_from(ended.answered.took.as_millis()).unwrap_or(u64::MAX);
    match &ended.next {
        NextStep::Arrived if lease.part + 1 < lease.parts => {}
        NextStep::Arrived => info!(
            delivery.id = %delivery, receiver.name = %receiver, destination.name = %destination,
            parts = lease.parts, duration_ms = took,
            queued_ms = u64::try_from(lease.queued_for.as_millis()).unwrap_or(u64::MAX),
            "delivered"
        ),
        NextStep::Bury { reason, .. } => {
            context.metrics.dead_letters.with_label_values(&[outcome]).inc();
            error!(
                delivery.id = %delivery, receiver.name = %receiver,
                destination.name = %destination, outcome = %outcome, "dead letter: {reason}"
            );
        }
        NextStep::Retry { wait, .. } => warn!(
            delivery.id = %delivery, receiver.name = %receiver, destination.name = %destination,
            outcome = %outcome, duration_ms = took, wait_s = wait.as_secs_f64(),
            "will be attempted again: {}", ended.answered.words
        ),
        NextStep::Recut(parts) => warn!(
            delivery.id = %delivery, receiver.name = %receiver, destination.name = %destination,
            parts = parts.len(), "too long for DingTalk, cut again"
        ),
        NextStep::Park(park) => warn!(
            delivery.id = %delivery, receiver.name = %receiver, destination.name = %destination,
            outcome = %outcome, wait_s = park.wait.as_secs_f64(), "parked: {}", park.cause
        ),
    }
}

/// Writes the end of the attempt, again and again while the storage is full.
async fn finish(context: &Context, lease: Lease, ended: AttemptResult) -> Result<(), QueueError> {
    loop {
        let now = context.clock.now();
        match context.store.finish(lease.clone(), ended.clone(), now).await {
            Err(QueueError::Full(words)) => {
                error!(delivery.id = %lease.delivery, "storage is full: {words}");
                context.clock.sleep_until(now.boot + FULL_WAIT).await;
            }
            answer => {
                failpoint::reached("after-settle");
                return answer;
            }
        }
    }
}
