//! Closes the incidents that Monika told of and whose recovery does not come: a Monika that was started
//! again has forgotten them.
//!
//! It is a notification like any other. One that Monika tells of meanwhile stays open: what is known of
//! it is not what it was closed by.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, info, warn};

use crate::clock::Now;
use crate::http::AppState;
use crate::intake::{Incoming, IntakeError};
use crate::queue::{Accept, QueueError, RawPayload, SenderChange, SenderKey};
use crate::receive::monika::{self, Manner};
use crate::receive::{self, PayloadError};
use crate::settings::{MonikaWebhook, Receiver};
use crate::task::NextRound;

/// How often it is looked for them.
const ROUND: Duration = Duration::from_mins(1);

/// What the metrics call the path of what comes by none.
const ENDPOINT: &str = "monika.max_age";

/// Works until `stop` is set.
///
/// # Errors
///
/// When the storage failed for good.
pub(super) async fn close(
    state: Arc<AppState>,
    next_round: Arc<NextRound>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), QueueError> {
    loop {
        // Not at once: what waited while the server was down may come first.
        let next = state.core.clock.now().boot + ROUND;
        next_round.set(next);
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            () = state.core.clock.sleep_until(next) => {}
        }
        match round(&state).await {
            Ok(()) => {}
            Err(QueueError::Closed) => return Ok(()),
            Err(error @ QueueError::Broken(_)) => return Err(error),
            Err(error) => warn!("incidents without a recovery stay open for now: {error}"),
        }
    }
}

async fn round(state: &AppState) -> Result<(), QueueError> {
    let settings = state.core.settings.load_full();
    for receiver in &settings.receivers {
        let Some(age) = receiver.monika.max_age else { continue };
        let (now, sender) = (state.core.clock.now(), monika::sender(&receiver.name));
        let store = &state.core.store;
        for (thing, known) in store.stale_states(sender.clone(), age, now).await? {
            let of = SenderKey { sender: sender.clone(), thing };
            let change = SenderChange { of, was: Some(known), becomes: None };
            close_one(state, receiver, age, change, now).await?;
        }
    }
    Ok(())
}

/// Closes one incident, unless it was told of meanwhile.
async fn close_one(
    state: &AppState,
    receiver: &Receiver,
    age: Duration,
    change: SenderChange,
    now: Now,
) -> Result<(), QueueError> {
    let language = receiver.format.language.as_str().into();
    let toggles = receiver.monika.webhook == MonikaWebhook::Toggle;
    let manner = Manner { at: now.wall, language, toggles };
    let known = change.was.as_deref().unwrap_or_default();
    let Some(bytes) = monika::closed(known, age, &manner) else {
        return forget(state, receiver, change, now).await;
    };
    let incoming = Incoming {
        receiver: Some(receiver.name.clone()),
        endpoint: ENDPOINT,
        payload: RawPayload { format: monika::FORMAT.into(), bytes },
        parse: receive::parse,
        key: None,
        left_out: Vec::new(),
        patience: Duration::ZERO,
    };
    match state.intake.take_with::<PayloadError>(incoming, Some(change)).await {
        Ok(closed) => {
            info!(
                receiver.name = receiver.name,
                notification.id = closed.notification,
                "an incident of Monika's was closed, because no recovery came in time"
            );
        }
        // A reload has removed the receiver, or Monika has told of it again.
        Err(IntakeError::UnknownReceiver(_) | IntakeError::Queue(QueueError::Outdated)) => {}
        Err(IntakeError::Queue(error)) => return Err(error),
        Err(
            error @ (IntakeError::Payload(_)
            | IntakeError::NoRoom(_)
            | IntakeError::Render(_)
            | IntakeError::Abandoned),
        ) => error!("an incident of Monika's cannot be closed: {error}"),
    }
    Ok(())
}

/// Forgets what is known in words that this version cannot read.
async fn forget(
    state: &AppState,
    receiver: &Receiver,
    change: SenderChange,
    now: Now,
) -> Result<(), QueueError> {
    warn!(
        receiver.name = receiver.name,
        "an incident of Monika's that another version stored is forgotten"
    );
    let accept = Accept {
        notification: state.core.ids.next().to_string(),
        group: String::new(),
        payload: RawPayload::default(),
        key: None,
        shares: Vec::new(),
        sender: Some(change),
    };
    match state.core.store.accept(accept, now).await {
        Ok(_) | Err(QueueError::Outdated) => Ok(()),
        Err(error) => Err(error),
    }
}
