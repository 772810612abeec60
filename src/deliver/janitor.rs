//! What has to happen though nothing arrives and nothing is sent: old deliveries are buried, old
//! rows deleted.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tracing::{error, info};

use super::Context;
use crate::queue::QueueError;
use crate::queue::delivery::Target;

/// How often it looks.
const ROUND: Duration = Duration::from_mins(1);

/// Works until `stop` is set.
///
/// # Errors
///
/// When the storage failed for good.
pub(super) async fn run(
    context: Arc<Context>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), QueueError> {
    while !*stop.borrow() {
        match round(&context).await {
            Ok(()) => {}
            Err(QueueError::Full(words)) => error!("storage is full, rows stay: {words}"),
            Err(QueueError::Closed) => return Ok(()),
            Err(error) => return Err(error),
        }
        let next = context.clock.now().boot + ROUND;
        tokio::select! {
            _ = stop.changed() => {}
            () = context.clock.sleep_until(next) => {}
        }
    }
    Ok(())
}

/// Buries what waited too long for a dead or removed destination, and deletes what is kept no
/// longer.
async fn round(context: &Context) -> Result<(), QueueError> {
    let settings = context.settings.load_full();
    let known = settings
        .receivers
        .iter()
        .flat_map(|receiver| {
            receiver.destinations.iter().map(|destination| Target {
                receiver: receiver.name.clone(),
                destination: destination.name.clone(),
            })
        })
        .collect();
    let now = context.clock.now();
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
