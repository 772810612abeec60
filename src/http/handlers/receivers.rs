//! The receivers as configured, with what is queued for them and what holds them back.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;

use crate::api::receiver::{Destination, Park, Receiver, ReceiverList, RemovedDestination};
use crate::deliver;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::queue::{self, Scope, Stats};
use crate::settings;

/// Every receiver, and the destinations that are configured no more but have deliveries queued.
pub(in crate::http) async fn list(
    State(app): State<Arc<AppState>>,
) -> Result<Json<ReceiverList>, HttpError> {
    let now = app.core.clock.now();
    let stats = app.core.store.stats(now).await?;
    let parks = app.core.store.parks(now).await?;
    let settings = app.core.settings.load_full();
    let view = View::new(&app, &stats, &parks);
    let removed = deliver::removed(&settings, &stats);
    Ok(Json(ReceiverList {
        receivers: settings.receivers.iter().map(|receiver| view.receiver(receiver)).collect(),
        removed: removed.into_iter().map(RemovedDestination::from).collect(),
    }))
}

/// Queue and parks by the names that they concern; there may be ten thousand of each.
struct View<'a> {
    app: &'a AppState,
    queued: HashMap<(&'a str, &'a str), u64>,
    dead: HashMap<(&'a str, &'a str), &'a queue::Park>,
    throttled: HashMap<&'a str, &'a queue::Park>,
}

impl<'a> View<'a> {
    fn new(app: &'a AppState, stats: &'a Stats, parks: &'a [queue::Park]) -> Self {
        let queued = stats.backlogs.iter().map(|backlog| (backlog.target.names(), backlog.queued));
        let (mut dead, mut throttled) = (HashMap::new(), HashMap::new());
        for park in parks {
            match &park.scope {
                Scope::Lane(lane) => drop(throttled.insert(lane.as_str(), park)),
                Scope::Destination { target, .. } => drop(dead.insert(target.names(), park)),
            }
        }
        Self { app, queued: queued.collect(), dead, throttled }
    }

    fn receiver(&self, receiver: &settings::Receiver) -> Receiver {
        let destinations = receiver.destinations.iter();
        Receiver {
            name: receiver.name.clone(),
            enabled: receiver.enabled,
            send_resolved: receiver.send_resolved,
            destinations: destinations.map(|one| self.destination(&receiver.name, one)).collect(),
        }
    }

    fn destination(&self, receiver: &str, destination: &settings::Destination) -> Destination {
        let target = (receiver, destination.name.as_str());
        let lane = self.app.lanes.lane_of(&destination.endpoint);
        Destination {
            name: destination.name.clone(),
            kind: destination.endpoint.api().kind.to_owned(),
            queued: self.queued.get(&target).copied().unwrap_or_default(),
            parked: self.dead.get(&target).copied().map(Park::from),
            throttled: self.throttled.get(lane.as_str()).copied().map(Park::from),
        }
    }
}
