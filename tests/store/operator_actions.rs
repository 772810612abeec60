//! What an operator does and sees: replay, discard, lists, totals, and what is kept.

use std::sync::Arc;

use campana::queue::{
    Accept, Delivery, DeliveryId, Filter, NewDelivery, NewMessage, NextStep, Origin, QueueError,
    Received, ReceiverShare, State, Stats, Store, Target,
};

use crate::deliveries::{
    bury, death, message, new_message, notification, payload, retry, seconds, share, target,
    throttle,
};
use crate::harness::{Backend, Harness};

async fn dead<B: Backend>(harness: &mut Harness<B>, group: &str, parts: usize) -> DeliveryId {
    let id = harness.queue_to("a", group, parts).await;
    let lease = harness.lease().await;
    assert_eq!(lease.delivery, id);
    harness.finish(lease, bury(None)).await;
    id
}

async fn discard<B: Backend>(harness: &Harness<B>, id: DeliveryId) -> Result<(), QueueError> {
    harness.store().discard(id, harness.now()).await
}

async fn replay<B: Backend>(
    harness: &Harness<B>,
    id: DeliveryId,
) -> Result<DeliveryId, QueueError> {
    harness.store().replay(id, None, harness.now()).await
}

pub(crate) async fn a_replay_is_a_new_delivery_from_the_first_part<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue_to("a", "g", 2).await;
    harness.arrive().await;
    let lease = harness.lease().await;
    let buried_id = lease.msg_uuid.clone();
    harness.finish(lease, bury(Some(death("a", 3_600)))).await;
    harness.clock.advance(seconds(120));
    let again = replay(&harness, id).await.expect("it is dead");
    let lease = harness.lease().await;
    assert_eq!((lease.delivery, lease.part_index, lease.parts), (again, 0, 2));
    assert!(lease.probe, "its destination probes at once");
    assert_ne!(lease.msg_uuid, buried_id);
    assert_eq!((lease.age, lease.queued_for), (seconds(0), seconds(0)));
    let shown = harness.show(again).await;
    assert_eq!((shown.delivery.origin, shown.delivery.replay_of), (Origin::Replay, Some(id)));
    assert_eq!(shown.rendered, harness.show(id).await.rendered);
    assert_eq!(harness.state(id).await, State::Dead);
    let stats = harness.stats().await;
    assert_eq!((stats.accepted[&Origin::Notification], stats.accepted[&Origin::Replay]), (1, 1));
}

pub(crate) async fn a_replay_waits_its_turn_in_its_group<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = dead(&mut harness, "g", 1).await;
    let queued = harness.queue("g").await;
    let again = replay(&harness, id).await.expect("it is dead");
    assert_eq!(harness.arrive().await, queued);
    assert_eq!(harness.arrive().await, again);
}

pub(crate) async fn a_replay_can_have_a_message_of_its_own<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = dead(&mut harness, "g", 2).await;
    let anew = new_message("anew", 3);
    let replayed = harness.store().replay(id, Some(anew.clone()), harness.now()).await;
    let again = replayed.expect("it is dead");
    let lease = harness.lease().await;
    assert_eq!((lease.delivery, lease.parts, &lease.part), (again, 3, &message("anew 0")));
    let shown = harness.show(again).await;
    assert_eq!((&shown.parts, &shown.rendered), (&anew.parts, &anew.parts));
    assert_eq!(shown.delivery.title, "title of anew 0");
    assert_eq!(harness.show(id).await.parts, new_message("g", 2).parts, "the dead letter stays");
    let empty = NewMessage { parts: Vec::new(), ..anew };
    let refused = harness.store().replay(id, Some(empty), harness.now()).await;
    assert!(matches!(refused, Err(QueueError::Conflict(_))), "{refused:?}");
}

/// What is kept of the notification that a delivery was made of.
async fn received<B: Backend>(harness: &Harness<B>, id: DeliveryId) -> Option<Received> {
    harness.store().received(id, harness.now()).await.expect("it answers")
}

pub(crate) async fn a_notification_is_kept_as_received_until_its_last_delivery_goes<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let dev = ReceiverShare { receiver: "dev".into(), ..share("b", "g", "s", 1) };
    let ids = harness.accept("g", vec![share("a", "g", "s", 1), dev]).await.deliveries;
    let name = format!("n-{}", harness.now().boot.as_millis());
    let payload = payload(format!("{{\"name\":\"{name}\"}}"));
    let expected = Received { notification: name, target: target("a"), payload };
    let lease = harness.lease().await;
    harness.finish(lease, bury(None)).await;
    assert_eq!(received(&harness, ids[0]).await, Some(expected.clone()));
    let again = replay(&harness, ids[0]).await.expect("it is dead");
    harness.arrive().await;
    harness.arrive().await;
    harness.clock.advance(seconds(1));
    let retain = |delivered, dead| harness.store().retain(delivered, dead, harness.now());
    assert_eq!(retain(seconds(0), seconds(100)).await, Ok(2));
    assert_eq!(received(&harness, again).await, None, "its delivery is gone");
    assert_eq!(received(&harness, ids[0]).await, Some(expected), "the dead letter needs it still");
    assert_eq!(retain(seconds(0), seconds(0)).await, Ok(1));
    assert_eq!(received(&harness, ids[0]).await, None);
}

pub(crate) async fn what_was_just_accepted_is_counted_and_listed_at_once_and_after_a_kill<
    B: Backend,
>() {
    let mut harness = Harness::<B>::new().await;
    let ids = [harness.queue("g").await, harness.queue("h").await];
    for killed in [false, true] {
        if killed {
            harness.crash().await;
        }
        let stats = harness.stats().await;
        let accepted = stats.accepted[&Origin::Notification];
        assert_eq!((accepted, stats.queued), (2, 2), "killed: {killed}");
        let backlogs: Vec<_> = stats.backlogs.iter().map(|backlog| backlog.queued).collect();
        assert_eq!(backlogs, [2], "killed: {killed}");
        let filter = Filter {
            receiver: Some("ops".into()),
            state: Some(State::Queued),
            ..Filter::default()
        };
        let listed = harness.store().list(filter, harness.now()).await.expect("it answers");
        let listed: Vec<_> = listed.into_iter().map(|delivery| delivery.id).collect();
        assert_eq!(listed, [ids[1], ids[0]], "killed: {killed}");
    }
    assert!(harness.queue("g").await > ids[1], "no number is given out twice");
}

pub(crate) async fn long_payloads_and_messages_come_back_as_they_were<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let long = "磁盘 \"满\" {\"alertname\":\"Disk\"}\n".repeat(1_000);
    let mut share = share("a", "g", "s", 1);
    Arc::make_mut(&mut share.messages[0]).parts.push(message(&long));
    let accept = Accept { payload: payload(long.clone()), ..notification("n", "g", vec![share]) };
    let accepted = harness.store().accept(accept, harness.now()).await.expect("it is stored");
    let stored = received(&harness, accepted.deliveries[0]).await.expect("it is there");
    assert_eq!(stored.payload, payload(long.as_str()));
    let lease = harness.lease().await;
    harness.finish(lease, NextStep::Arrived).await;
    assert_eq!(harness.lease().await.part, message(&long));
}

pub(crate) async fn only_a_dead_letter_is_replayed<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    assert!(matches!(replay(&harness, id).await, Err(QueueError::Conflict(_))));
    harness.arrive().await;
    let Err(QueueError::Conflict(words)) = replay(&harness, id).await else {
        panic!("it is delivered")
    };
    assert!(words.contains("delivered"), "{words}");
    let nobody = DeliveryId(99);
    assert_eq!(replay(&harness, nobody).await, Err(QueueError::Unknown(nobody)));
}

pub(crate) async fn a_discarded_delivery_frees_its_group<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let first = harness.queue("g").await;
    let second = harness.queue("g").await;
    let third = harness.queue("g").await;
    discard(&harness, second).await.expect("it is queued");
    discard(&harness, first).await.expect("it is queued");
    assert_eq!(harness.stats().await.settled[&State::Discarded], 2);
    assert_eq!(harness.arrive().await, third);
    assert!(matches!(discard(&harness, first).await, Err(QueueError::Conflict(_))), "twice");
    assert!(matches!(discard(&harness, third).await, Err(QueueError::Conflict(_))), "delivered");
    let nobody = DeliveryId(99);
    assert_eq!(discard(&harness, nobody).await, Err(QueueError::Unknown(nobody)));
}

pub(crate) async fn what_is_being_sent_is_not_discarded<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    let _lease = harness.lease().await;
    let Err(QueueError::Conflict(words)) = discard(&harness, id).await else {
        panic!("it is being sent")
    };
    assert!(words.contains("being sent"), "{words}");
    harness.clock.advance(seconds(30));
    discard(&harness, id).await.expect("the lease has run out");
}

pub(crate) async fn discarding_a_dead_letter_only_marks_it<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = dead(&mut harness, "g", 1).await;
    let before = harness.stats().await;
    discard(&harness, id).await.expect("it is dead");
    assert_eq!(harness.state(id).await, State::Discarded);
    assert_eq!(harness.stats().await, before, "totals stay");
    assert!(matches!(replay(&harness, id).await, Err(QueueError::Conflict(_))));
}

pub(crate) async fn a_list_is_newest_first_and_filtered_and_paged<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let mut ids = Vec::new();
    for (destination, group) in [("a", "g"), ("b", "g"), ("a", "h"), ("a", "i")] {
        ids.push(harness.queue_to(destination, group, 1).await);
        harness.clock.advance(seconds(1));
    }
    harness.arrive().await;
    let by = |state, destination: Option<&str>, receiver: Option<&str>| Filter {
        state,
        destination: destination.map(str::to_owned),
        receiver: receiver.map(str::to_owned),
        ..Filter::default()
    };
    let table = [
        (by(None, None, None), vec![ids[3], ids[2], ids[1], ids[0]]),
        (by(Some(State::Queued), None, None), vec![ids[3], ids[2], ids[1]]),
        (by(Some(State::Delivered), None, Some("ops")), vec![ids[0]]),
        (by(None, Some("a"), None), vec![ids[3], ids[2], ids[0]]),
        (by(Some(State::Queued), Some("a"), Some("ops")), vec![ids[3], ids[2]]),
        (by(None, None, Some("dev")), vec![]),
        (Filter { limit: 2, ..Filter::default() }, vec![ids[3], ids[2]]),
        (Filter { limit: 2, after: Some(ids[2]), ..Filter::default() }, vec![ids[1], ids[0]]),
        (Filter { after: Some(ids[2]), ..by(None, Some("a"), None) }, vec![ids[0]]),
    ];
    for (filter, expected) in table {
        let listed: Vec<_> = harness.list(filter.clone()).await.iter().map(|d| d.id).collect();
        assert_eq!(listed, expected, "{filter:?}");
    }
}

pub(crate) async fn a_listed_delivery_says_everything_about_itself<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let mut posted = share("a", "g", "s", 2);
    Arc::make_mut(&mut posted.messages[0]).render_error = Some("line 3".into());
    let id = harness.accept("g", vec![posted.clone()]).await.deliveries[0];
    let expected = Delivery {
        id,
        notification: format!("n-{}", harness.now().boot.as_millis()),
        origin: Origin::Notification,
        target: target("a"),
        group: "g".into(),
        state: State::Queued,
        attempts: 0,
        unreadable: Vec::new(),
        reason: String::new(),
        accepted_at: harness.now().wall,
        settled_at: None,
        due_at: Some(harness.now().wall),
        parts: 2,
        arrived: 0,
        title: "title of g 0".into(),
        replay_of: None,
        carried_by: None,
        summary: posted.messages[0].summary.clone(),
        render_error: Some("line 3".into()),
    };
    assert_eq!(harness.list(Filter::default()).await, std::slice::from_ref(&expected));
    let shown = harness.show(id).await;
    assert_eq!((shown.delivery, shown.attempts), (expected, Vec::new()));
    assert_eq!((&shown.parts, &shown.rendered), (&posted.messages[0].parts, &shown.parts));
    let nobody = harness.store().show(DeliveryId(99), harness.now()).await;
    assert_eq!(nobody, Ok(None));
}

pub(crate) async fn a_waiting_delivery_says_what_it_waits_for<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let id = harness.queue("g").await;
    let lease = harness.lease().await;
    harness.finish(lease, retry(5, false)).await;
    assert_eq!(harness.show(id).await.delivery.reason, "said");
    harness.clock.advance(seconds(5));
    let lease = harness.lease().await;
    harness.finish(lease, NextStep::Park(throttle(60, 1))).await;
    assert_eq!(harness.show(id).await.delivery.reason, "too fast");
    harness.clock.advance(seconds(60));
    harness.arrive().await;
    assert_eq!(harness.show(id).await.delivery.reason, "");
}

pub(crate) async fn backlogs_are_told_by_destination_with_their_oldest<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    harness.queue("g").await;
    harness.clock.advance(seconds(10));
    harness.queue("g").await;
    harness.queue_to("b", "g", 1).await;
    harness.clock.advance(seconds(5));
    let told = |stats: Stats| -> Vec<_> {
        let told = stats.backlogs.into_iter().map(|b| (b.target.destination, b.queued, b.oldest));
        told.collect()
    };
    let expected = vec![("a".to_owned(), 2, seconds(15)), ("b".to_owned(), 1, seconds(5))];
    assert_eq!(told(harness.stats().await), expected);
    harness.arrive().await;
    let expected = vec![("a".to_owned(), 1, seconds(5)), ("b".to_owned(), 1, seconds(5))];
    assert_eq!(told(harness.stats().await), expected);
}

pub(crate) async fn settled_rows_are_kept_for_their_time_and_totals_for_ever<B: Backend>() {
    let mut harness = Harness::<B>::new().await;
    let letter = dead(&mut harness, "g", 1).await;
    let arrived = harness.queue("h").await;
    harness.arrive().await;
    let queued = harness.queue("i").await;
    let before = harness.stats().await;
    harness.clock.advance(seconds(100));
    let retain =
        |delivered, dead| harness.store().retain(seconds(delivered), seconds(dead), harness.now());
    assert_eq!(retain(100, 100).await, Ok(0), "not older than that");
    assert_eq!(retain(99, 1_000).await, Ok(1));
    let listed: Vec<_> = harness.list(Filter::default()).await.iter().map(|d| d.id).collect();
    assert_eq!(listed, [queued, letter]);
    assert_eq!(harness.store().show(arrived, harness.now()).await, Ok(None));
    assert_eq!(retain(0, 0).await, Ok(1));
    let after = harness.stats().await;
    assert_eq!((after.accepted, after.settled), (before.accepted, before.settled));
    let next = harness.queue("g").await;
    assert!(next > queued, "a number is never used again");
}

pub(crate) async fn more_rows_than_one_round_are_cleaned_up<B: Backend>() {
    let harness = Harness::<B>::new().await;
    let shares = (0..1_100).map(|n| {
        let receiver = format!("r{n}");
        let deliveries = vec![NewDelivery {
            target: Target { receiver: receiver.clone(), destination: "a".into() },
            message: 0,
        }];
        ReceiverShare { receiver, deliveries, ..share("a", "g", "s", 1) }
    });
    harness.accept("g", shares.collect()).await;
    harness.clock.advance(seconds(1));
    let expired = harness.store().expire(Vec::new(), seconds(1), harness.now()).await;
    assert_eq!(expired, Ok(1_100));
    let many = harness.list(Filter { limit: 10_000, ..Filter::default() }).await;
    assert_eq!(many.len(), 500, "a read takes at most 500 rows");
    harness.clock.advance(seconds(1));
    assert_eq!(harness.store().retain(seconds(0), seconds(0), harness.now()).await, Ok(1_100));
    assert_eq!(harness.stats().await.settled[&State::Dead], 1_100);
}
