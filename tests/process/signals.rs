//! SIGTERM and SIGINT end it, SIGHUP loads the configuration again.

use std::time::Duration;

use dingtalk_sim::{Fault, Gate, Robot, Scope, Trouble};
use rustix::process::Signal;
use test_support::{Mark, Site, until};

use crate::mark;

/// What the process may take to end, on a machine that is busy: 15 s by its own limits, and less than the
/// 30 s after which Kubernetes kills it by default (Docker: 10 s, which are too few).
pub(crate) const END: Duration = Duration::from_secs(25);

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_lets_the_attempt_under_way_end_and_keeps_the_rest() {
    let site = Site::with_receivers(1).await;
    let gate = Gate::new();
    site.sim.fail(Scope::Server, Fault::once(Trouble::Held(gate.clone())));
    let mut server = site.start().await;
    for number in 0..3 {
        assert_eq!(server.post_mark(mark(number)).await.unwrap().status, 200);
    }
    gate.reached(1).await;
    server.process.signal(Signal::TERM);
    until("closed to new notifications", async || !server.is_ready().await).await;
    assert!(server.post_mark(mark(3)).await.is_none_or(|answer| answer.status == 503));
    assert!(server.process.status().is_none(), "it waits for the attempt");
    gate.open();
    let status = server.process.ended(END).await;
    assert_eq!(status.code(), Some(0), "{}", server.process.log());
    assert_eq!(site.sim.posts().len(), 1, "the attempt was finished, and no other begun");
    assert!(site.assert_sound().await.contains("settled 1 + queued 2"));

    let server = site.start().await;
    server.drained().await;
    let shown: Vec<_> = site.sim.posts().iter().filter_map(|post| Mark::of(&post.text)).collect();
    assert_eq!(shown, [mark(0), mark(1), mark(2)]);
    assert_eq!(site.sim.calls().len(), 3, "what was finished is not made again");
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_does_not_wait_for_a_dingtalk_that_says_nothing() {
    let site = Site::with_receivers(1).await;
    site.sim.fail(Scope::Server, Trouble::Hang);
    let mut server = site.start().await;
    server.post_mark(mark(0)).await.unwrap();
    site.sim.wait_for_calls(1).await;
    server.process.signal(Signal::TERM);
    let status = server.process.ended(END).await;
    assert_eq!(status.code(), Some(0), "{}", server.process.log());
    assert!(site.assert_sound().await.contains("settled 0 + queued 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn sigint_ends_it_too() {
    let site = Site::with_receivers(1).await;
    let mut server = site.start().await;
    server.process.signal(Signal::INT);
    let status = server.process.ended(END).await;
    assert_eq!(status.code(), Some(0), "{}", server.process.log());
    assert!(server.process.log().contains("stopped"), "{}", server.process.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn sighup_loads_a_good_configuration_and_refuses_a_bad_one() {
    let site = Site::with_receivers(1).await;
    site.sim.add_robot(Robot::new("new").group("new"));
    let server = site.start().await;
    let body = mark(0).notification();
    assert_eq!(server.notify("r1", &body).await.unwrap().status, 404);
    site.configure("receivers: [{name: r1, chatbots: [{name: bot, access_token: new}]}]");
    server.process.signal(Signal::HUP);
    until("reloaded", async || server.notify("r1", &body).await.unwrap().status == 200).await;
    server.drained().await;
    assert_eq!(site.sim.posts_in("new").len(), 1);

    site.configure("receivers: [{name: r2, chatbotz: []}]");
    server.process.signal(Signal::HUP);
    until("refused", async || server.process.log().contains("stays in force")).await;
    assert!(server.process.log().contains("chatbotz"), "{}", server.process.log());
    assert_eq!(server.notify("r2", &body).await.unwrap().status, 404);
    let body = mark(1).notification();
    assert_eq!(server.notify("r1", &body).await.unwrap().status, 200, "the old one is in force");
    assert!(server.metric("campana_config_last_reload_successful").await < 0.5);
}
