//! After each step: everything that the store shows, against the model.

use std::collections::BTreeMap;
use std::fmt::Debug;

use campana::queue::{Delivery, Filter, Scope, State, Store};

use crate::deliveries::target;
use crate::harness::Backend;
use crate::model::ms;

use super::Run;

impl<B: Backend> Run<B> {
    /// Everything that the store shows, against the model.
    pub(super) async fn compare(&self) -> Result<(), String> {
        self.compare_totals().await?;
        let listed = self.harness.list(Filter { limit: 500, ..Filter::default() }).await;
        let ids: Vec<_> = listed.iter().map(|delivery| delivery.id).collect();
        equal("the list", &ids, &self.model.rows.keys().rev().copied().collect())?;
        for delivery in &listed {
            self.compare_delivery(delivery)?;
        }
        self.compare_parks().await?;
        for group in ["g", "h"] {
            let expected = self.model.senders.get(group).map(|known| known.as_bytes().to_vec());
            equal("what is known of the sender", &self.harness.known(group).await, &expected)?;
        }
        Ok(())
    }

    async fn compare_totals(&self) -> Result<(), String> {
        let stats = self.harness.store().stats(self.harness.now()).await;
        let stats = stats.map_err(|error| error.to_string())?;
        let (accepted, settled) =
            (stats.accepted.values().sum::<u64>(), stats.settled.values().sum::<u64>());
        if accepted != settled + stats.queued {
            return Err(format!("the identity is broken: {stats:?}"));
        }
        for (origin, n) in &stats.accepted {
            equal(origin.as_str(), n, self.model.accepted.get(origin).unwrap_or(&0))?;
        }
        for (state, n) in &stats.settled {
            equal(state.as_str(), n, self.model.settled.get(state).unwrap_or(&0))?;
        }
        let mut expected = BTreeMap::new();
        for row in self.model.rows.values().filter(|row| row.state == State::Queued) {
            let (n, _) = expected
                .entry(target(row.destination))
                .or_insert((0, ms(self.model.now - row.accepted)));
            *n += 1;
        }
        let backlogs = stats.backlogs.into_iter().map(|b| (b.target, (b.queued, b.oldest)));
        equal("the backlogs", &backlogs.collect(), &expected)
    }

    fn compare_delivery(&self, delivery: &Delivery) -> Result<(), String> {
        let row = &self.model.rows[&delivery.id];
        let parked = self.model.dead.get(row.destination).filter(|_| row.state == State::Queued);
        let parked = parked.filter(|_| row.lease.is_none());
        let due = parked.map_or(row.due, |park| park.until.max(row.due)) - self.model.now;
        let due = jiff::SignedDuration::from_millis(due);
        let queued = row.state == State::Queued;
        let waits = queued && row.lease.is_none() && !self.model.is_head(delivery.id);
        let own = if waits { "waits for an earlier message of its group" } else { &row.reason };
        let expected = Delivery {
            origin: row.origin,
            target: target(row.destination),
            group: row.group.into(),
            state: row.state,
            attempts: row.attempts,
            reason: parked.map_or(own, |park| park.cause.as_str()).to_owned(),
            due_at: queued.then(|| self.harness.now().wall + due),
            parts: row.parts.len(),
            arrived: row.part,
            replay_of: row.replay_of,
            ..delivery.clone()
        };
        equal("the delivery", delivery, &expected)?;
        equal("settled", &delivery.settled_at.is_some(), &row.settled.is_some())
    }

    async fn compare_parks(&self) -> Result<(), String> {
        let wall = self.harness.now().wall;
        let told = self.harness.parks().await.into_iter().map(|park| {
            let name = match park.scope {
                Scope::Lane(_) => "lane".to_owned(),
                Scope::Destination { target, credentials_hash } => {
                    target.destination + &credentials_hash
                }
            };
            (name, park.cause, park.step, park.until.duration_since(wall).as_millis())
        });
        let told: Vec<_> = told.collect();
        let throttle = self.model.throttle.iter().map(|park| ("lane", park));
        let dead = self.model.dead.iter().map(|(destination, park)| (*destination, park));
        let expected = throttle.chain(dead).map(|(name, park)| {
            let left = i128::from(park.until - self.model.now);
            (format!("{name}{}", park.credentials_hash), park.cause.clone(), park.step, left)
        });
        equal("the parks", &told, &expected.collect())
    }
}

/// An error that names what differs.
pub(super) fn equal<T: PartialEq + Debug>(
    what: &str,
    told: &T,
    expected: &T,
) -> Result<(), String> {
    if told == expected { Ok(()) } else { Err(format!("{what}: {told:?} and not {expected:?}")) }
}
