//! One attempt: send the part, decide what follows, record both.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tracing::{error, info, warn};

use super::breaker::Sign;
use super::lane_config::LaneDestination;
use super::pass::Pass;
use super::{Context, retry};
use crate::dingtalk::{Cause, Receipt, SendError};
use crate::failpoint;
use crate::language::Language;
use crate::queue::{Answered, AttemptResult, Finished, Lease, NewPark, NextStep, QueueError};
use crate::render::paginate;

/// How long to wait before the end of an attempt is written to a full storage again.
const FINISH_WAIT: Duration = Duration::from_secs(1);

/// A line of the log about a delivery, with the fields that name the delivery.
///
/// A macro, because a line's level and fields are fixed when the program is compiled.
macro_rules! line {
    ($level:ident, $lease:expr, $($rest:tt)+) => {
        $level!(
            delivery.id = %$lease.delivery, receiver.name = %$lease.target.receiver,
            destination.name = %$lease.target.destination, $($rest)+
        )
    };
}

/// Makes the attempt that `lease` allows, and records its end; whether the message was sent, so that DingTalk
/// may have it.
///
/// # Errors
///
/// When the storage failed; the attempt's outcome is then unknown, and the part keeps its
/// `msgUuid`.
pub(super) async fn run_attempt(
    context: &Context,
    pass: Pass<'_>,
    lease: Lease,
) -> Result<bool, QueueError> {
    let config = Arc::clone(&pass.config);
    let Some(destination) = config.destinations.get(&lease.target) else {
        // The store gives only what the lane declared; if it ever does not, the lease runs out.
        error!(delivery.id = %lease.delivery, "the lane has no such destination");
        return Ok(true);
    };
    let (sent, took) = send(context, destination, &lease).await;
    let (sign, was_probe) = (Sign::of(&sent), pass.is_probe());
    pass.end(&lease.target, &sign);
    let probed_in_vain = was_probe && matches!(sign, Sign::Failed(_));
    let result = AttemptResult {
        next: next_step(context, destination, &lease, &sent, probed_in_vain),
        answered: answered(&sent, took, destination.format.language),
        sent: may_have_reached(&sent),
    };
    let finished = finish(context, &lease, &result).await?;
    count(context, &result, finished);
    tell(context, destination, &lease, &result, finished);
    Ok(result.sent)
}

/// Counts what became a dead letter.
fn count(context: &Context, result: &AttemptResult, finished: Finished) {
    let buried = match finished {
        Finished::AsSaid => u64::from(matches!(result.next, NextStep::Bury { .. })),
        Finished::GaveUp(carried) => 1 + carried,
        Finished::FailedOver | Finished::Parked => 0,
    };
    if buried > 0 {
        let outcome = &result.answered.outcome;
        context.metrics.dead_letters.with_label_values(&[outcome]).inc_by(buried);
    }
}

/// Says in the log what became of the delivery.
fn tell(
    context: &Context,
    destination: &LaneDestination,
    lease: &Lease,
    result: &AttemptResult,
    finished: Finished,
) {
    let words = &result.answered.words;
    match finished {
        Finished::AsSaid => {
            log(lease, result);
            log_others(context, lease, &result.next);
        }
        Finished::GaveUp(carried) => {
            log(lease, result);
            if carried > 0 {
                line!(error, lease, deliveries = carried, "dead letters: what the digest carried");
            }
        }
        Finished::FailedOver => {
            let robot = destination.place_in_pool().unwrap_or_default();
            line!(
                error, lease, robot.number = %robot,
                "robot {robot} of its pool is dead, another one sends it: {words}"
            );
        }
        Finished::Parked => line!(warn, lease, "parked, as all of its robot or app: {words}"),
    }
}

/// Whether DingTalk may have the message; only what may have reached it counts for the rate.
pub(super) fn may_have_reached(sent: &Result<Receipt, SendError>) -> bool {
    sent.as_ref()
        .err()
        .is_none_or(|error| !error.token_request && !matches!(error.cause, Cause::NotConnected(_)))
}

/// Makes the call, measures it and counts it.
async fn send(
    context: &Context,
    destination: &LaneDestination,
    lease: &Lease,
) -> (Result<Receipt, SendError>, Duration) {
    let metrics = &context.metrics;
    let api = destination.endpoint.api();
    metrics.queue_wait.with_label_values(&[api.kind]).observe(lease.waited.as_secs_f64());
    if lease.uncertain && !api.idempotency_key {
        // DingTalk cannot tell that it may have taken this part already.
        metrics.possible_duplicates.inc();
    }
    failpoint::reached("after-charge");
    let began = context.clock.now().boot;
    let Lease { part, msg_uuid, deadline, .. } = lease;
    let sent = context.client.send(&destination.endpoint, part, msg_uuid, *deadline).await;
    failpoint::reached("after-send");
    let took = context.clock.now().boot.saturating_sub(began);
    let outcome = sent.as_ref().map_or_else(SendError::outcome, |_| "ok");
    metrics.attempts.with_label_values(&[api.kind, outcome]).inc();
    if sent.as_ref().is_err_and(|error| error.cause == Cause::Clock) {
        metrics.clock_refusals.inc();
    }
    metrics.attempt_duration.with_label_values(&[api.kind]).observe(took.as_secs_f64());
    (sent, took)
}

fn next_step(
    context: &Context,
    destination: &LaneDestination,
    lease: &Lease,
    sent: &Result<Receipt, SendError>,
    probed_in_vain: bool,
) -> NextStep {
    let Err(error) = sent else { return NextStep::Arrived };
    let settings = context.settings.load();
    let (surface, language) = (&destination.destination.surface, destination.format.language);
    let next = retry::after(lease, error, language, &settings.delivery, |part| {
        paginate::smaller(part, surface, language)
    });
    if probed_in_vain { retry::after_probe(next, lease, error) } else { next }
}

fn answered(sent: &Result<Receipt, SendError>, took: Duration, language: Language) -> Answered {
    match sent {
        Ok(receipt) => Answered {
            outcome: "ok".to_owned(),
            code: receipt.code.clone(),
            words: receipt.message_id.clone().unwrap_or_else(|| receipt.text.clone()),
            took,
        },
        Err(error) => Answered {
            outcome: error.outcome().to_owned(),
            code: error.code(),
            words: error.reason(language),
            took,
        },
    }
}

/// One line for what follows, once it is recorded; an attempt that failed and goes on is a warning.
fn log(lease: &Lease, result: &AttemptResult) {
    let Answered { outcome, words, took, .. } = &result.answered;
    let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let duration_ms = milliseconds(*took);
    match &result.next {
        NextStep::Arrived if lease.part_index + 1 < lease.parts => {}
        NextStep::Arrived => {
            let queued_ms = milliseconds(lease.queued_for);
            line!(info, lease, parts = lease.parts, duration_ms, queued_ms, "delivered");
        }
        NextStep::Bury { reason, .. } | NextStep::GiveUp { reason, .. } => {
            line!(error, lease, outcome = %outcome, "dead letter: {reason}");
        }
        NextStep::Retry { wait, .. } => {
            let wait_s = wait.as_secs_f64();
            line!(
                warn, lease, outcome = %outcome, duration_ms, wait_s,
                "will be attempted again: {words}"
            );
        }
        NextStep::Recut(parts) => {
            line!(warn, lease, parts = parts.len(), "too long for DingTalk, cut again");
        }
        NextStep::Park(park) => {
            let wait_s = park.wait.as_secs_f64();
            line!(warn, lease, outcome = %outcome, wait_s, "parked: {}", park.cause);
        }
    }
}

/// One line about what else is queued for a destination that has just become dead, or is dead no more.
fn log_others(context: &Context, lease: &Lease, next: &NextStep) {
    match next {
        NextStep::Bury { park: Some(NewPark { cause, wait, .. }), .. } => {
            let now = context.clock.now().wall;
            let probe = now.saturating_add(*wait).unwrap_or(Timestamp::MAX);
            line!(
                warn,
                lease,
                "its destination is dead: what else is queued for it waits, and one message probes \
                 at {probe:.0} and then each hour; a restart or a replay probes at once, and other \
                 credentials or a test message that arrives let all go: {cause}"
            );
        }
        NextStep::Arrived if lease.probe => {
            line!(info, lease, "its robot or app is dead no more: what waited for it goes out");
        }
        NextStep::Arrived
        | NextStep::Retry { .. }
        | NextStep::Recut(_)
        | NextStep::Bury { park: None, .. }
        | NextStep::GiveUp { .. }
        | NextStep::Park(_) => {}
    }
}

/// Writes the end of the attempt, again and again while the storage is full or held up.
async fn finish(
    context: &Context,
    lease: &Lease,
    result: &AttemptResult,
) -> Result<Finished, QueueError> {
    loop {
        let now = context.clock.now();
        match context.store.finish(lease.clone(), result.clone(), now).await {
            Err(error @ (QueueError::Full(_) | QueueError::Busy(_))) => {
                error!(delivery.id = %lease.delivery, "the attempt's end is not recorded yet: {error}");
                context.clock.sleep_until(now.boot + FINISH_WAIT).await;
            }
            answer => {
                failpoint::reached("after-settle");
                return answer;
            }
        }
    }
}
