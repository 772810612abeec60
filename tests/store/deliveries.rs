//! Notifications, messages, lanes and ends of attempts, of which a rule names what matters to it.

use std::time::Duration;

use campana::dingtalk::message::{MessageType, Part};
use campana::queue::{
    Accept, Answered, DeclaredLane, LaneTarget, NewDelivery, NewMessage, NewPark, NextStep,
    RateBudget, RawPayload, ReceiverShare, Scope, SenderChange, SenderKey, StateHash, Summary,
    Target, Tries,
};

/// The lane of the rules that need only one.
pub(crate) const LANE: &str = "lane-1";
/// The budget of every lane.
pub(crate) const BUDGET: RateBudget =
    RateBudget { slots: 3, per: seconds(60), attempt_limit: seconds(10) };

/// Seconds, short.
pub(crate) const fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

pub(crate) fn target(destination: &str) -> Target {
    Target { receiver: "ops".into(), destination: destination.into() }
}

pub(crate) fn message(text: &str) -> Part {
    Part::new(MessageType::Markdown, &format!("title of {text}"), text)
}

/// A payload in a format of the rules' own.
pub(crate) fn payload(text: impl Into<String>) -> RawPayload {
    RawPayload { format: "rules".into(), bytes: text.into().into_bytes() }
}

/// A notification, of which only the name is in its payload.
pub(crate) fn notification(name: &str, group: &str, shares: Vec<ReceiverShare>) -> Accept {
    let payload = payload(format!("{{\"name\":\"{name}\"}}"));
    let (notification, group) = (name.to_owned(), group.to_owned());
    Accept { notification, group, payload, key: None, shares, sender: None }
}

/// The key of a thing of the rules' only sender.
pub(crate) fn sender_key(thing: &str) -> SenderKey {
    SenderKey { sender: "rules".into(), thing: thing.into() }
}

/// A change of what is known of that thing.
pub(crate) fn change(thing: &str, was: Option<&str>, becomes: Option<&str>) -> SenderChange {
    let bytes = |text: &str| text.as_bytes().to_vec();
    SenderChange { of: sender_key(thing), was: was.map(bytes), becomes: becomes.map(bytes) }
}

/// A state of this name, which is short.
pub(crate) fn state_of(name: &str) -> StateHash {
    let mut state = [0; 16];
    state[..name.len()].copy_from_slice(name.as_bytes());
    StateHash(state)
}

pub(crate) fn share(destination: &str, group: &str, state: &str, parts: usize) -> ReceiverShare {
    ReceiverShare {
        receiver: "ops".into(),
        state: state_of(state),
        window: seconds(60),
        only_if_firing_was_told: false,
        messages: vec![new_message(group, parts).into()],
        deliveries: vec![NewDelivery { target: target(destination), message: 0 }],
    }
}

/// A message of so many parts.
pub(crate) fn new_message(text: &str, parts: usize) -> NewMessage {
    NewMessage {
        parts: (0..parts).map(|part| message(&format!("{text} {part}"))).collect(),
        summary: Summary { firing: 1, ..Summary::default() },
        rank: 2,
        render_error: None,
    }
}

pub(crate) fn lane() -> DeclaredLane {
    lane_of(LANE, &[("a", "credentials"), ("b", "credentials")])
}

pub(crate) fn lane_of(id: &str, targets: &[(&str, &str)]) -> DeclaredLane {
    let targets = targets.iter().map(|(destination, credentials_hash)| LaneTarget {
        target: target(destination),
        credentials_hash: (*credentials_hash).into(),
        folds: false,
        has_fallback: false,
        quota: None,
    });
    DeclaredLane { id: id.into(), targets: targets.collect(), budget: BUDGET }
}

pub(crate) fn answered(words: &str) -> Answered {
    Answered {
        outcome: "said".into(),
        code: Some("7".into()),
        words: words.into(),
        took: seconds(1),
    }
}

pub(crate) fn retry(wait: u64, uncertain: bool) -> NextStep {
    let tries = Tries { scheduled: 1, ..Tries::default() };
    NextStep::Retry { wait: seconds(wait), tries, uncertain }
}

pub(crate) fn throttle(wait: u64, step: u32) -> NewPark {
    let scope = Scope::Lane(LANE.into());
    NewPark { scope, cause: "too fast".into(), step, wait: seconds(wait), whole_lane: false }
}

pub(crate) fn death(destination: &str, wait: u64) -> NewPark {
    let scope =
        Scope::Destination { target: target(destination), credentials_hash: "credentials".into() };
    let cause = "the robot is gone".into();
    NewPark { scope, cause, step: 1, wait: seconds(wait), whole_lane: false }
}

/// Its account is dead, and so are all destinations of the lane.
pub(crate) fn death_of_account(destination: &str, wait: u64) -> NewPark {
    NewPark { whole_lane: true, ..death(destination, wait) }
}

pub(crate) fn bury(park: Option<NewPark>) -> NextStep {
    NextStep::Bury { reason: "refused".into(), park }
}
