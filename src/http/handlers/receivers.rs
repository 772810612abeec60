//! The receivers as configured, with what is queued for them and what holds them back.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;

use crate::api::receiver::{
    DeadRobot, Destination, Park, Receiver, ReceiverList, RemovedDestination, Wait,
};
use crate::clock::Now;
use crate::deliver::{self, Parked, Standstill};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::json::Json;
use crate::queue::{self, Stats, Target};
use crate::settings;

/// Every receiver, and the destinations that are configured no more but have deliveries queued.
pub(in crate::http) async fn list(
    State(app): State<Arc<AppState>>,
) -> Result<Json<ReceiverList>, HttpError> {
    let now = app.core.clock.now();
    let stats = app.core.store.stats(now).await?;
    let parks = app.core.store.parks(now).await?;
    let settings = app.core.settings.load_full();
    let view = View::new(&app, &stats, &parks, now);
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
    parked: Parked<'a>,
    now: Now,
}

impl<'a> View<'a> {
    fn new(app: &'a AppState, stats: &'a Stats, parks: &'a [queue::Park], now: Now) -> Self {
        let queued = stats.backlogs.iter().map(|backlog| (backlog.target.names(), backlog.queued));
        Self { app, queued: queued.collect(), parked: Parked::of(parks), now }
    }

    fn receiver(&self, receiver: &settings::Receiver) -> Receiver {
        let destinations = receiver.destinations.iter();
        Receiver {
            name: receiver.name.clone(),
            enabled: receiver.enabled,
            send_resolved: receiver.send_resolved,
            active: receiver.active_times.hold(self.now.wall),
            active_times: receiver.active_times.why(self.now.wall),
            destinations: destinations.map(|one| self.destination(&receiver.name, one)).collect(),
        }
    }

    fn destination(&self, receiver: &str, destination: &settings::Destination) -> Destination {
        let target =
            Target { receiver: receiver.to_owned(), destination: destination.name.clone() };
        let dead = self.parked.dead_robots(target.names());
        let is_dead = dead.len() > destination.pool.len();
        let queued = self.queued.get(&target.names()).copied().unwrap_or_default();
        let lanes = &self.app.lanes;
        let (throttle, wait) = match lanes.standstill(&target, &self.parked, self.now) {
            Some(Standstill::Throttle(park)) => (Some(park), None),
            Some(Standstill::Wait(wait)) => (None, Some(wait)),
            None => (None, None),
        };
        let dead_robots = lanes.dead_of_pool(destination, dead);
        Destination {
            name: destination.name.clone(),
            kind: destination.endpoint.api().kind.to_owned(),
            queued,
            parked: soonest(dead.iter().copied()).filter(|_| is_dead).map(Park::from),
            throttled: self.throttled(destination).or(throttle).map(Park::from),
            // A robot that it shares may have others' work to do.
            waits: wait.filter(|_| queued > 0).map(Wait::from),
            dead_robots: dead_robots.into_iter().map(DeadRobot::from).collect(),
        }
    }

    /// The throttle that ends first, if each of the destination's robots has one.
    fn throttled(&self, destination: &settings::Destination) -> Option<&'a queue::Park> {
        let lanes = destination.endpoints().map(|endpoint| self.app.lanes.lane_of(endpoint));
        let throttles = lanes.map(|lane| self.parked.throttle(&lane));
        soonest(throttles.collect::<Option<Vec<_>>>()?.into_iter())
    }
}

fn soonest<'a>(parks: impl Iterator<Item = &'a queue::Park>) -> Option<&'a queue::Park> {
    parks.min_by_key(|park| park.until)
}
