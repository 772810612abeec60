//! What becomes of a delivery after a failed attempt: the error's cause decides, with the tries and
//! the parks before it.
//!
//! Pure. The spread of the waits comes from the lane, the delivery and its tries, so that equal input
//! gives equal waits and a thousand deliveries do not come back in the same second.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Deref;
use std::time::Duration;

use crate::dingtalk::message::Part;
use crate::dingtalk::{Cause, SendError};
use crate::language::Language;
use crate::queue::{Lease, NewPark, NextStep, Scope, Tries};
use crate::settings;

/// DingTalk's documentation asks for at most three tries after -1.
const QUICK_TRIES: u32 = 3;
/// The waits between the quick tries.
const QUICK_WAIT: Duration = Duration::from_secs(1);
/// The slow schedule is the part of the schedule that waits at least this long.
const SLOW: Duration = Duration::from_mins(1);
/// The window of DingTalk's QPS limits (`how-to-process-api-throttling`).
const SECOND: Duration = Duration::from_secs(1);
/// The wait between the probes of a dead destination.
const PROBE: Duration = Duration::from_hours(1);
/// How soon a probe is made again that told nothing about its destination.
const PROBE_AGAIN: Duration = Duration::from_mins(1);
/// How long a message waits at most that probed in vain: for longer than the breaker, so that another one makes
/// the next probe where one is due, since this one may be why nobody answers.
const AFTER_PROBE: Duration = Duration::from_mins(2);
/// The waits between the five tries of an errcode that nothing is known about.
const UNKNOWN_CODE_WAITS: [Duration; 4] = [
    Duration::from_secs(15),
    Duration::from_secs(45),
    Duration::from_mins(2),
    Duration::from_mins(7),
];
/// After this many refused app tokens for one part the destination is dead.
const TOKEN_TRIES: u32 = 5;

/// An error, and the language in which its reason is kept.
#[derive(Debug, Clone, Copy)]
struct Failed<'e> {
    error: &'e SendError,
    language: Language,
}

impl Failed<'_> {
    fn reason(self) -> String {
        self.error.reason(self.language)
    }
}

impl Deref for Failed<'_> {
    type Target = SendError;

    fn deref(&self) -> &SendError {
        self.error
    }
}

/// Decides what follows `error`, whose reason is kept in this language; `shorter` cuts the part when it
/// proved too long.
pub fn after(
    lease: &Lease,
    error: &SendError,
    language: Language,
    rules: &settings::DeliverySettings,
    shorter: impl FnOnce(&Part) -> Vec<Part>,
) -> NextStep {
    let error = Failed { error, language };
    match &error.cause {
        // A refused time stamp is retried too: each attempt is signed anew.
        Cause::NotConnected(_)
        | Cause::TimedOut
        | Cause::Broken(_)
        | Cause::Redirect
        | Cause::Banned
        | Cause::ServerError
        | Cause::NotJson
        | Cause::NoErrcode
        | Cause::Clock => {
            let tries = Tries { scheduled: lease.tries.scheduled + 1, ..lease.tries };
            scheduled(lease, error, rules, tries, lease.tries.scheduled)
        }
        Cause::Busy => busy(lease, error, rules),
        Cause::Throttled => throttled(lease, error, rules),
        Cause::ThrottledSecond => {
            park_lane(lease, error, lease.throttle_step, at_least(SECOND, &error))
        }
        Cause::TooLong => match shorter(&lease.part) {
            parts if parts.is_empty() || parts == [lease.part.clone()] => bury(error),
            parts => NextStep::Recut(parts),
        },
        Cause::Token => token_refused(lease, error, rules),
        Cause::Refused(refusal) if refusal.concerns_destination() => dead_destination(lease, error),
        Cause::Refused(_) => bury(error),
        Cause::UnknownCode => unknown_code(lease, error, rules),
    }
}

/// What follows for a message that probed its robot or host in vain: as the failure says nothing of the message,
/// it uses up no try, and waits two minutes at most, unless the far side asks for more.
#[must_use]
pub fn after_probe(mut next: NextStep, lease: &Lease, error: &SendError) -> NextStep {
    if let NextStep::Retry { wait, tries, .. } = &mut next {
        *wait = (*wait).min(at_least(AFTER_PROBE, error));
        *tries = lease.tries;
    }
    next
}

/// Retries by the schedule until the delivery is too old; then it is a dead letter.
fn scheduled(
    lease: &Lease,
    error: Failed<'_>,
    rules: &settings::DeliverySettings,
    tries: Tries,
    step: u32,
) -> NextStep {
    if lease.probe {
        // The probe told nothing about the destination, so it uses up no try. Its part may have
        // arrived, and then keeps its `msgUuid`. What waits for a dead destination becomes too old by
        // `Store::expire`, and what another robot can send is that one's to attempt.
        return retry(error, at_least(PROBE_AGAIN, &error), lease.tries);
    }
    let left = rules.max_age.saturating_sub(lease.age);
    if left.is_zero() {
        let (after, reason) = (hours(rules.max_age, error.language), error.reason());
        let reason = error
            .language
            .pick([format!("gave up after {after}: {reason}"), format!("{after}后放弃：{reason}")]);
        return NextStep::GiveUp { reason, too_old: true };
    }
    let index = usize::try_from(step).unwrap_or(usize::MAX).min(rules.retry.len() - 1);
    let wait = at_least(spread(rules.retry[index], lease, tries), &error);
    retry(error, wait.min(left), tries)
}

fn retry(error: Failed<'_>, wait: Duration, tries: Tries) -> NextStep {
    NextStep::Retry { wait, tries, uncertain: error.uncertain() }
}

fn busy(lease: &Lease, error: Failed<'_>, rules: &settings::DeliverySettings) -> NextStep {
    let tries = Tries { busy: lease.tries.busy + 1, ..lease.tries };
    if tries.busy <= QUICK_TRIES && !lease.probe {
        return retry(error, at_least(QUICK_WAIT, &error), tries);
    }
    let slow = rules.retry.iter().position(|wait| *wait >= SLOW).unwrap_or(rules.retry.len() - 1);
    let step =
        u32::try_from(slow).unwrap_or_default() + (tries.busy - 1).saturating_sub(QUICK_TRIES);
    scheduled(lease, error, rules, tries, step)
}

/// DingTalk limits the whole robot: its lane waits, then probes, each time twice as long.
fn throttled(lease: &Lease, error: Failed<'_>, rules: &settings::DeliverySettings) -> NextStep {
    let doubled = 1u32.checked_shl(lease.throttle_step).unwrap_or(u32::MAX);
    let wait = rules.park_first.saturating_mul(doubled).min(rules.park_longest);
    park_lane(lease, error, lease.throttle_step + 1, at_least(wait, &error))
}

fn park_lane(lease: &Lease, error: Failed<'_>, step: u32, wait: Duration) -> NextStep {
    let scope = Scope::Lane(lease.lane.clone());
    NextStep::Park(NewPark { scope, cause: error.reason(), step, wait, whole_lane: false })
}

fn park_destination(lease: &Lease, error: Failed<'_>, wait: Duration) -> NextStep {
    NextStep::Park(dead(lease, error, wait))
}

fn dead(lease: &Lease, error: Failed<'_>, wait: Duration) -> NewPark {
    let scope = Scope::Destination {
        target: lease.target.clone(),
        credentials_hash: lease.credentials_hash.clone(),
    };
    let whole_lane = error.concerns_account();
    NewPark { scope, cause: error.reason(), step: 1, wait, whole_lane }
}

fn bury(error: Failed<'_>) -> NextStep {
    NextStep::Bury { reason: error.reason(), park: None }
}

/// The destination's first delivery is buried, so that a person sees the reason; those behind it
/// wait until a probe arrives. An answer that was remembered is asked for again as soon as it may be.
fn dead_destination(lease: &Lease, error: Failed<'_>) -> NextStep {
    let wait = error.wait.unwrap_or(PROBE);
    if lease.probe {
        return park_destination(lease, error, wait);
    }
    NextStep::Bury { reason: error.reason(), park: Some(dead(lease, error, wait)) }
}

fn token_refused(lease: &Lease, error: Failed<'_>, rules: &settings::DeliverySettings) -> NextStep {
    let tries = Tries { token: lease.tries.token + 1, ..lease.tries };
    if tries.token >= TOKEN_TRIES || lease.probe {
        return dead_destination(lease, error);
    }
    scheduled(lease, error, rules, tries, lease.tries.token)
}

fn unknown_code(lease: &Lease, error: Failed<'_>, rules: &settings::DeliverySettings) -> NextStep {
    let tries = Tries { other: lease.tries.other + 1, ..lease.tries };
    if lease.probe {
        return park_destination(lease, error, PROBE);
    }
    let index = usize::try_from(lease.tries.other).unwrap_or(usize::MAX);
    let too_old = lease.age >= rules.max_age;
    match UNKNOWN_CODE_WAITS.get(index) {
        Some(wait) if !too_old => {
            retry(error, at_least(spread(*wait, lease, tries), &error), tries)
        }
        // Each message of the app would meet it.
        Some(_) | None if error.token_request => dead_destination(lease, error),
        Some(_) | None => NextStep::GiveUp { reason: error.reason(), too_old },
    }
}

/// `wait`, or as long as the error asks for.
fn at_least(wait: Duration, error: &SendError) -> Duration {
    wait.max(error.wait.unwrap_or_default())
}

/// `wait`, at most a fifth shorter or longer.
fn spread(wait: Duration, lease: &Lease, tries: Tries) -> Duration {
    let mut hasher = DefaultHasher::new();
    // A lane's id is a keyed hash, so that two Campanas with equal deliveries differ too.
    (&lease.lane, lease.delivery, tries.scheduled, tries.busy, tries.other, tries.token)
        .hash(&mut hasher);
    let permille = u32::try_from(hasher.finish() % 401).unwrap_or_default() + 800;
    wait * permille / 1000
}

fn hours(age: Duration, language: Language) -> String {
    let minutes = age.as_secs() / 60;
    let [hour, minute, second] = language.pick([["h", "min", "s"], ["小时", "分钟", "秒"]]);
    if minutes == 0 {
        return format!("{} {second}", age.as_secs());
    }
    if minutes >= 60 && minutes.is_multiple_of(60) {
        format!("{} {hour}", minutes / 60)
    } else {
        format!("{minutes} {minute}")
    }
}

#[cfg(test)]
mod tests;
