//! From acceptance to settlement.

use super::*;

pub(crate) async fn an_accepted_delivery_is_sent_and_delivered<H: Home>() {
    let mut bench = Bench::<H>::new().await;
    let id = bench.queue("g").await;
    assert_eq!(bench.stats().await.queued, 1);
    bench.clock.advance(seconds(5));
    let lease = bench.lease().await;
    assert_eq!((lease.delivery, lease.part, lease.parts), (id, 0, 1));
    assert_eq!(lease.message, message("g 0"));
    assert_eq!((lease.waited, lease.queued_for, lease.age), (seconds(5), seconds(5), seconds(0)));
    bench.finish(lease, Then::Arrived).await;
    assert_eq!(bench.state(id).await, State::Delivered);
    let stats = bench.stats().await;
    assert_eq!((stats.queued, stats.settled[&State::Delivered]), (0, 1));
    assert_eq!(bench.wait().await, None);
}
