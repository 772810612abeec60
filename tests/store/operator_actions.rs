//! What people do and see: replay, discard, lists, totals, and what is kept.

use super::*;
use crate::queue::delivery::Origin;

async fn dead<H: Home>(bench: &mut Bench<H>, group: &str, parts: usize) -> DeliveryId {
    let id = bench.queue_to("a", group, parts).await;
    let lease = bench.lease().await;
    assert_eq!(lease.delivery, id);
    bench.finish(lease, bury(None)).await;
    id
}

async fn discard<H: Home>(bench: &Bench<H>, id: DeliveryId) -> Result<(), QueueError> {
    bench.store().discard(id, bench.now()).await
}

async fn replay<H: Home>(bench: &Bench<H>, id: DeliveryId) -> Result<DeliveryId, QueueError> {
    bench.store().replay(id, None, bench.now()).await
}

pub(crate) async fn a_replay_is_a_new_delivery_from_the_first_part<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue_to("a", "g", 2).await;
    bench.arrive().await;
    let lease = bench.lease().await;
    let buried_id = lease.msg_uuid.clone();
    bench.finish(lease, bury(Some(death("a", 3_600)))).await;
    bench.clock.advance(seconds(120));
    let again = replay(&bench, id).await.expect("it is dead");
    let lease = bench.lease().await;
    assert_eq!((lease.delivery, lease.part, lease.parts), (again, 0, 2));
    assert!(lease.probe, "its destination probes at once");
    assert_ne!(lease.msg_uuid, buried_id);
    assert_eq!((lease.age, lease.queued_for), (seconds(0), seconds(0)));
    let shown = bench.show(again).await;
    assert_eq!((shown.delivery.origin, shown.delivery.replay_of), (Origin::Replay, Some(id)));
    assert_eq!(shown.rendered, bench.show(id).await.rendered);
    assert_eq!(bench.state(id).await, State::Dead);
    let stats = bench.stats().await;
    assert_eq!((stats.accepted[&Origin::Notification], stats.accepted[&Origin::Replay]), (1, 1));
}

pub(crate) async fn a_replay_waits_its_turn_in_its_group<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = dead(&mut bench, "g", 1).await;
    let queued = bench.queue("g").await;
    let again = replay(&bench, id).await.expect("it is dead");
    assert_eq!(bench.arrive().await, queued);
    assert_eq!(bench.arrive().await, again);
}

pub(crate) async fn a_replay_can_have_a_message_of_its_own<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = dead(&mut bench, "g", 2).await;
    let anew = new_message("anew", 3);
    let replayed = bench.store().replay(id, Some(anew.clone()), bench.now()).await;
    let again = replayed.expect("it is dead");
    let lease = bench.lease().await;
    assert_eq!((lease.delivery, lease.parts, &lease.message), (again, 3, &message("anew 0")));
    let shown = bench.show(again).await;
    assert_eq!((&shown.parts, &shown.rendered), (&anew.parts, &anew.parts));
    assert_eq!(shown.delivery.title, "title of anew 0");
    assert_eq!(bench.show(id).await.parts, new_message("g", 2).parts, "the dead letter stays");
    let empty = NewMessage { parts: Vec::new(), ..anew };
    let refused = bench.store().replay(id, Some(empty), bench.now()).await;
    assert!(matches!(refused, Err(QueueError::Conflict(_))), "{refused:?}");
}

/// What is kept of the notification that a delivery was made of.
async fn received<H: Home>(bench: &Bench<H>, id: DeliveryId) -> Option<Received> {
    bench.store().received(id, bench.now()).await.expect("it answers")
}

pub(crate) async fn a_notification_is_kept_as_received_until_its_last_delivery_goes<H: Home>() {
    let bench = Bench::<H>::new().await;
    let dev = ReceiverShare { receiver: "dev".into(), ..share("b", "g", "s", 1) };
    let ids = bench.accept("g", vec![share("a", "g", "s", 1), dev]).await.deliveries;
    let name = format!("n-{}", bench.now().boot.as_millis());
    let payload = format!("{{\"name\":\"{name}\"}}").into_bytes();
    let expected = Received { notification: name, target: target("a"), payload };
    let lease = bench.lease().await;
    bench.finish(lease, bury(None)).await;
    assert_eq!(received(&bench, ids[0]).await, Some(expected.clone()));
    let again = replay(&bench, ids[0]).await.expect("it is dead");
    bench.arrive().await;
    bench.arrive().await;
    bench.clock.advance(seconds(1));
    let retain = |delivered, dead| bench.store().retain(delivered, dead, bench.now());
    assert_eq!(retain(seconds(0), seconds(100)).await, Ok(2));
    assert_eq!(received(&bench, again).await, None, "its delivery is gone");
    assert_eq!(received(&bench, ids[0]).await, Some(expected), "the dead letter needs it still");
    assert_eq!(retain(seconds(0), seconds(0)).await, Ok(1));
    assert_eq!(received(&bench, ids[0]).await, None);
}

pub(crate) async fn only_a_dead_letter_is_replayed<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue("g").await;
    assert!(matches!(replay(&bench, id).await, Err(QueueError::Conflict(_))));
    bench.arrive().await;
    let Err(QueueError::Conflict(words)) = replay(&bench, id).await else {
        panic!("it is delivered")
    };
    assert!(words.contains("delivered"), "{words}");
    let nobody = DeliveryId(99);
    assert_eq!(replay(&bench, nobody).await, Err(QueueError::Unknown(nobody)));
}

pub(crate) async fn a_discarded_delivery_frees_its_group<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let first = bench.queue("g").await;
    let second = bench.queue("g").await;
    let third = bench.queue("g").await;
    discard(&bench, second).await.expect("it is queued");
    discard(&bench, first).await.expect("it is queued");
    assert_eq!(bench.stats().await.settled[&State::Discarded], 2);
    assert_eq!(bench.arrive().await, third);
    assert!(matches!(discard(&bench, first).await, Err(QueueError::Conflict(_))), "twice");
    assert!(matches!(discard(&bench, third).await, Err(QueueError::Conflict(_))), "delivered");
    let nobody = DeliveryId(99);
    assert_eq!(discard(&bench, nobody).await, Err(QueueError::Unknown(nobody)));
}

pub(crate) async fn what_is_being_sent_is_not_discarded<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue("g").await;
    let _lease = bench.lease().await;
    let Err(QueueError::Conflict(words)) = discard(&bench, id).await else {
        panic!("it is being sent")
    };
    assert!(words.contains("being sent"), "{words}");
    bench.clock.advance(seconds(30));
    discard(&bench, id).await.expect("the lease has run out");
}

pub(crate) async fn discarding_a_dead_letter_only_marks_it<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = dead(&mut bench, "g", 1).await;
    let before = bench.stats().await;
    discard(&bench, id).await.expect("it is dead");
    assert_eq!(bench.state(id).await, State::Discarded);
    assert_eq!(bench.stats().await, before, "totals stay");
    assert!(matches!(replay(&bench, id).await, Err(QueueError::Conflict(_))));
}

pub(crate) async fn a_list_is_newest_first_and_filtered_and_paged<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let mut ids = Vec::new();
    for (destination, group) in [("a", "g"), ("b", "g"), ("a", "h"), ("a", "i")] {
        ids.push(bench.queue_to(destination, group, 1).await);
        bench.clock.advance(seconds(1));
    }
    bench.arrive().await;
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
        let listed: Vec<_> = bench.list(filter.clone()).await.iter().map(|d| d.id).collect();
        assert_eq!(listed, expected, "{filter:?}");
    }
}

pub(crate) async fn a_listed_delivery_says_everything_about_itself<H: Home>() {
    let bench = Bench::<H>::new().await;
    let mut posted = share("a", "g", "s", 2);
    posted.messages[0].render_error = Some("line 3".into());
    let id = bench.accept("g", vec![posted.clone()]).await.deliveries[0];
    let expected = Delivery {
        id,
        notification: format!("n-{}", bench.now().boot.as_millis()),
        origin: Origin::Notification,
        target: target("a"),
        group: "g".into(),
        state: State::Queued,
        attempts: 0,
        reason: String::new(),
        accepted_at: bench.now().wall,
        settled_at: None,
        due_at: Some(bench.now().wall),
        parts: 2,
        arrived: 0,
        title: "title of g 0".into(),
        replay_of: None,
        carried_by: None,
        summary: posted.messages[0].summary.clone(),
        render_error: Some("line 3".into()),
    };
    assert_eq!(bench.list(Filter::default()).await, std::slice::from_ref(&expected));
    let shown = bench.show(id).await;
    assert_eq!((shown.delivery, shown.attempts), (expected, Vec::new()));
    assert_eq!((&shown.parts, &shown.rendered), (&posted.messages[0].parts, &shown.parts));
    let nobody = bench.store().show(DeliveryId(99), bench.now()).await;
    assert_eq!(nobody, Ok(None));
}

pub(crate) async fn a_waiting_delivery_says_what_it_waits_for<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue("g").await;
    let lease = bench.lease().await;
    bench.finish(lease, retry(5, false)).await;
    assert_eq!(bench.show(id).await.delivery.reason, "said");
    bench.clock.advance(seconds(5));
    let lease = bench.lease().await;
    bench.finish(lease, NextStep::Park(throttle(60, 1))).await;
    assert_eq!(bench.show(id).await.delivery.reason, "too fast");
    bench.clock.advance(seconds(60));
    bench.arrive().await;
    assert_eq!(bench.show(id).await.delivery.reason, "");
}

pub(crate) async fn backlogs_are_told_by_destination_with_their_oldest<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    bench.queue("g").await;
    bench.clock.advance(seconds(10));
    bench.queue("g").await;
    bench.queue_to("b", "g", 1).await;
    bench.clock.advance(seconds(5));
    let told = |stats: Stats| -> Vec<_> {
        let told = stats.backlogs.into_iter().map(|b| (b.target.destination, b.queued, b.oldest));
        told.collect()
    };
    let expected = vec![("a".to_owned(), 2, seconds(15)), ("b".to_owned(), 1, seconds(5))];
    assert_eq!(told(bench.stats().await), expected);
    bench.arrive().await;
    let expected = vec![("a".to_owned(), 1, seconds(5)), ("b".to_owned(), 1, seconds(5))];
    assert_eq!(told(bench.stats().await), expected);
}

pub(crate) async fn settled_rows_are_kept_for_their_time_and_totals_for_ever<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let letter = dead(&mut bench, "g", 1).await;
    let arrived = bench.queue("h").await;
    bench.arrive().await;
    let queued = bench.queue("i").await;
    let before = bench.stats().await;
    bench.clock.advance(seconds(100));
    let retain =
        |delivered, dead| bench.store().retain(seconds(delivered), seconds(dead), bench.now());
    assert_eq!(retain(100, 100).await, Ok(0), "not older than that");
    assert_eq!(retain(99, 1_000).await, Ok(1));
    let listed: Vec<_> = bench.list(Filter::default()).await.iter().map(|d| d.id).collect();
    assert_eq!(listed, [queued, letter]);
    assert_eq!(bench.store().show(arrived, bench.now()).await, Ok(None));
    assert_eq!(retain(0, 0).await, Ok(1));
    let after = bench.stats().await;
    assert_eq!((after.accepted, after.settled), (before.accepted, before.settled));
    let next = bench.queue("g").await;
    assert!(next > queued, "a number is never used again");
}

pub(crate) async fn more_rows_than_one_round_are_cleaned_up<H: Home>() {
    let bench = Bench::<H>::new().await;
    let shares = (0..1_100).map(|n| {
        let receiver = format!("r{n}");
        let deliveries = vec![NewDelivery {
            target: Target { receiver: receiver.clone(), destination: "a".into() },
            message: 0,
        }];
        ReceiverShare { receiver, deliveries, ..share("a", "g", "s", 1) }
    });
    bench.accept("g", shares.collect()).await;
    bench.clock.advance(seconds(1));
    let expired = bench.store().expire(Vec::new(), seconds(1), bench.now()).await;
    assert_eq!(expired, Ok(1_100));
    let many = bench.list(Filter { limit: 10_000, ..Filter::default() }).await;
    assert_eq!(many.len(), 500, "a read takes at most 500 rows");
    bench.clock.advance(seconds(1));
    assert_eq!(bench.store().retain(seconds(0), seconds(0), bench.now()).await, Ok(1_100));
    assert_eq!(bench.stats().await.settled[&State::Dead], 1_100);
}
