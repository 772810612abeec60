//! The test message: sent past the queue, but never past a lane.
//!
//! A test message is charged to the lane's rate and waits at most [`LONGEST_WAIT`] for a slot, a
//! throttled lane, or alerts that are due. Tests take at most a quarter of the slots in a window. No
//! breaker holds it, and an answer closes those on its way. When DingTalk refuses it nothing is parked;
//! when it arrives its destination's park ends.

use std::sync::Arc;
use std::time::Duration;

use super::attempt::may_have_reached;
use super::breaker::Sign;
use super::lane_config::{budget_of, credentials_hash, lane_of, place_in_pool};
use super::pass::take_effect;
use super::{Lanes, lock, wake_these};
use crate::clock::Now;
use crate::dingtalk::message::Part;
use crate::dingtalk::{Endpoint, Receipt, SendError};
use crate::language::Language;
use crate::queue::{Charge, QueueError, Scope, Target};
use crate::settings::{Destination, Settings};

/// The longest wait for a slot.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How soon a test asks again after an alert went first.
const DUE_AGAIN: Duration = Duration::from_millis(250);

/// Why a test waited in vain.
const ALERTS_DUE: [&str; 2] = [
    "not sent: alerts are due for this robot, and go first; try again when its queue is empty",
    "未发送：这个机器人有待发的告警，告警优先；请等队列发完后再试",
];

/// The outcome of the test message at one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestedDestination {
    /// The destination's name.
    pub name: String,
    /// The kind of its API: `chatbot`, `conversation` or `chat`.
    pub kind: &'static str,
    /// Whether DingTalk took it.
    pub ok: bool,
    /// DingTalk's code, where it gave one: a number, or the current API's word.
    pub errcode: Option<String>,
    /// DingTalk's words.
    pub errmsg: String,
    /// What DingTalk's answer means and what to do; empty when the message arrived.
    pub reason: String,
}

impl Lanes {
    /// Sends `message` to one destination, by the robot with this number of its pool, now or within
    /// five seconds. What became of it is told in the receiver's language.
    ///
    /// # Errors
    ///
    /// When the storage failed.
    pub async fn test(
        &self,
        (receiver, language): (&str, Language),
        destination: &Destination,
        robot: usize,
        message: &Part,
        settings: &Settings,
    ) -> Result<TestedDestination, QueueError> {
        let context = &self.context;
        let name = robot_name(destination, robot);
        let endpoint = destination.endpoints().nth(robot).unwrap_or(&destination.endpoint);
        let lane = lane_of(endpoint, &self.key);
        let budget = budget_of(destination, settings);
        let latest = context.clock.now().boot + LONGEST_WAIT;
        let (charge, deadline) = loop {
            let now = context.clock.now();
            let until = match context.store.charge(lane.clone(), budget, now).await? {
                Charge::Taken(charge) => break (charge, now.boot + budget.attempt_limit),
                Charge::Wait(until) if until <= latest => until,
                Charge::Wait(until) => {
                    return Ok(not_now(name, endpoint, no_slot(now, until, language)));
                }
                Charge::AlertsDue if now.boot + DUE_AGAIN <= latest => now.boot + DUE_AGAIN,
                Charge::AlertsDue => {
                    return Ok(not_now(name, endpoint, language.pick(ALERTS_DUE).to_owned()));
                }
            };
            context.clock.sleep_until(until).await;
        };
        let msg_uuid = uuid::Uuid::new_v4().to_string();
        let result = context.client.send(endpoint, message, &msg_uuid, deadline).await;
        let now = context.clock.now();
        context.store.discharge(charge, may_have_reached(&result), now).await?;
        let target =
            Target { receiver: receiver.to_owned(), destination: destination.name.clone() };
        if Sign::of(&result) == Sign::Answered {
            let host = endpoint.host(&settings.dingtalk.api).map(Arc::from);
            let changes = lock(&context.breakers).answered(&lane, host.as_ref());
            take_effect(context, host.as_ref(), &target, changes);
        }
        if result.is_ok() {
            let credentials_hash = credentials_hash(endpoint, &self.key);
            let park = Scope::Destination { target, credentials_hash };
            context.store.unpark(park, now).await?;
            if let Some(quota) = &destination.quota {
                context.store.count_message(quota.name.clone(), now).await?;
            }
        }
        // The slot is free sooner than the lane believed, and the park may have ended.
        wake_these(&context.running, &[lane]);
        Ok(tested(name, endpoint, &result, language))
    }
}

/// The destination's name; of a pool, with the number of the robot.
fn robot_name(destination: &Destination, robot: usize) -> String {
    match place_in_pool(destination, robot) {
        Some(place) => format!("{} ({place})", destination.name),
        None => destination.name.clone(),
    }
}

fn no_slot(now: Now, until: Duration, language: Language) -> String {
    let wait = until.saturating_sub(now.boot);
    let at = now.wall + wait;
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    language.pick([
        format!(
            "not sent: the lane has no free slot for a test, or DingTalk has throttled it; it may \
             send again at {at:.0} (in {seconds} s)"
        ),
        format!("未发送：没有空余的发送额度可用于测试，或者被钉钉限流；{at:.0}（{seconds} 秒后）可以再发"),
    ])
}

fn not_now(name: String, endpoint: &Endpoint, reason: String) -> TestedDestination {
    TestedDestination {
        name,
        kind: endpoint.api().kind,
        ok: false,
        errcode: None,
        errmsg: String::new(),
        reason,
    }
}

fn tested(
    name: String,
    endpoint: &Endpoint,
    result: &Result<Receipt, SendError>,
    language: Language,
) -> TestedDestination {
    let (errcode, errmsg, reason) = match result {
        Ok(receipt) => (receipt.code.clone(), receipt.text.clone(), String::new()),
        Err(error) => (error.code(), error.quote.text.clone(), error.reason(language)),
    };
    TestedDestination {
        name,
        kind: endpoint.api().kind,
        ok: result.is_ok(),
        errcode,
        errmsg,
        reason,
    }
}
