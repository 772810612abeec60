//! A digest is made: what waits for a destination is read, written as one message, and stored.
//!
//! The store says when. A lone delivery goes out as itself when its digest would; the states of one
//! group become its newest message with a word about the others, if that fits.

use jiff::Timestamp;

use super::Context;
use super::lane_config::LaneDestination;
use crate::dingtalk::message::Part;
use crate::queue::{
    DeliveryId, Foldable, FoldableDelivery, NewMessage, QueueError, Summary, Target,
};
use crate::render::digest::{self, Digest, DigestGroup, GroupState};
use crate::settings::Overflow;

/// Folds what waits for `target`, as far as one digest takes it.
///
/// What has changed meanwhile is no error: the lane asks again.
///
/// # Errors
///
/// When the storage failed or is full.
pub(super) async fn fold(
    context: &Context,
    destination: &LaneDestination,
    target: Target,
) -> Result<(), QueueError> {
    let now = context.clock.now();
    let foldable = context.store.foldable(target.clone(), now).await?;
    let first = foldable.groups.first().and_then(|group| group.first());
    let Some(first) = foldable.unreadable.or(first.map(|first| first.id)) else { return Ok(()) };
    let is_lone = foldable.groups.iter().map(Vec::len).sum::<usize>() == 1;
    if is_lone || foldable.unreadable.is_some() {
        return context.store.unfold(first, now).await;
    }
    let Folded { deliveries, message } = write(context, destination, foldable, now.wall);
    if let Some(words) = &message.render_error {
        // A digest that names nobody hides alerts; they go out one by one.
        tracing::error!(receiver.name = %target.receiver, "no digest could be written: {words}");
        return context.store.unfold(first, now).await;
    }
    let count = deliveries.len();
    match context.store.fold(deliveries, message, context.clock.now()).await {
        Ok(digest) => {
            tracing::info!(
                delivery.id = %digest, receiver.name = %target.receiver,
                destination.name = %target.destination, deliveries = count,
                "more waits than the rate lets through: folded into a digest"
            );
            Ok(())
        }
        Err(QueueError::Conflict(_)) => Ok(()),
        // There is no room for a digest, but for an attempt there may be.
        Err(QueueError::Full(_)) => context.store.unfold(first, context.clock.now()).await,
        Err(error) => Err(error),
    }
}

/// What a digest carries, and its message.
struct Folded {
    deliveries: Vec<DeliveryId>,
    message: NewMessage,
}

fn write(
    context: &Context,
    destination: &LaneDestination,
    foldable: Foldable,
    now: Timestamp,
) -> Folded {
    let settings = context.settings.load();
    let style = settings.style(&destination.format).of_text();
    let order = &settings.delivery.severity;
    let surface = &destination.destination.surface;
    let groups: Vec<DigestGroup<'_>> =
        foldable.groups.iter().filter_map(|group| group_of(group)).collect();
    if let ([group], [deliveries]) = (&*groups, &*foldable.groups)
        && let Some(newest) = deliveries.last()
    {
        // The newest message, with a word about the states before it.
        let parts =
            digest::with_earlier_states(foldable.newest, group, &style, surface, order, now);
        let message = message(parts, newest.summary.clone());
        return Folded { deliveries: ids(&foldable.groups), message };
    }
    let Digest { part, groups: taken, about, error } =
        digest::write(&groups, &style, surface, most_lines(destination), order, now);
    let summary = Summary {
        status: if about.firing > 0 { "firing" } else { "resolved" }.to_owned(),
        firing: about.firing,
        resolved: about.resolved,
        severity: about.severity,
        alertnames: about.alertnames,
        more_alertnames: about.more_alertnames,
        ..Summary::default()
    };
    let deliveries = ids(&foldable.groups[..taken.min(foldable.groups.len())]);
    Folded {
        deliveries,
        message: NewMessage { render_error: error, ..message(vec![part], summary) },
    }
}

fn most_lines(destination: &LaneDestination) -> Option<usize> {
    match destination.destination.overflow {
        Overflow::Fold { most_lines } => most_lines,
        Overflow::Queue => None,
    }
}

fn message(parts: Vec<Part>, summary: Summary) -> NewMessage {
    NewMessage { parts, summary, rank: 0, render_error: None }
}

fn ids(groups: &[Vec<FoldableDelivery>]) -> Vec<DeliveryId> {
    groups.iter().flatten().map(|delivery| delivery.id).collect()
}

fn group_of(group: &[FoldableDelivery]) -> Option<DigestGroup<'_>> {
    DigestGroup::of(group.iter().map(state).collect())
}

fn state(delivery: &FoldableDelivery) -> GroupState<'_> {
    let (summary, accepted) = (&delivery.summary, delivery.accepted_at);
    GroupState {
        status: digest::status(&summary.status),
        firing: summary.firing,
        resolved: summary.resolved,
        unsent: summary.unsent,
        fires_again: summary.fires_again,
        severity: &summary.severity,
        alertnames: &summary.alertnames,
        more_alertnames: summary.more_alertnames,
        group_labels: &summary.group_labels,
        shared_labels: &summary.shared_labels,
        since: summary.since,
        // A sender's clock may be ahead.
        came: Some(summary.recovered.map_or(accepted, |recovered| recovered.min(accepted))),
        link: &summary.link,
        instead_of: &summary.instead_of,
        at: &delivery.at,
    }
}
