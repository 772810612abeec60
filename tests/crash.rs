//! The real binary, killed at each named point, and what the next start makes of it.
//!
//! Only a build with the feature `failpoints` can die there, so this target needs it.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;

use dingtalk_sim::App;
use test_support::{Api, Mark, Record, Server, Site};
use tokio::task::JoinSet;

/// What one alert leaves behind when the process dies at a point, and then starts again.
#[derive(Debug, PartialEq, Eq)]
struct Trail {
    /// Whether its sender was answered before the process died.
    answered: bool,
    /// Calls at DingTalk before the process died.
    calls_before: usize,
    /// Whether it arrives after the next start without being posted again.
    kept: bool,
    /// Calls at DingTalk in the end.
    calls: usize,
    /// Times that a reader saw it, by an API that honours `msgUuid`.
    shown: usize,
}

const MARK: Mark = Mark { receiver: 0, group: 0, number: 0 };

async fn trail_of(point: &str) -> Trail {
    let site = Site::with_receivers(1).await;
    let mut server = site.start_with_failpoint(point).await;
    let answered = server.post_mark(MARK).await.is_some();
    server.process.killed().await;
    let calls_before = site.sim.calls().len();
    let server = site.start().await;
    let kept = !server.states().await.is_empty();
    if !answered {
        // As Alertmanager does; what is on disk already has to be known as a duplicate.
        let again = server.post_mark(MARK).await.unwrap();
        assert_eq!(again.status, 200, "{}", again.text);
        assert_eq!(again.json()["duplicate_of"].is_string(), kept, "{}", again.text);
    }
    server.drained().await;
    assert_eq!(server.states().await.into_values().collect::<Vec<_>>(), ["delivered"]);
    assert!((server.assert_accounts().await - 1.0).abs() < 0.5);
    site.assert_sound().await;
    let uuids: BTreeSet<String> = site
        .sim
        .calls()
        .iter()
        .map(|call| call.body.as_ref().unwrap()["msgUuid"].to_string())
        .collect();
    assert_eq!(uuids.len(), 1, "an attempt whose end is not known keeps its msgUuid");
    Trail {
        answered,
        calls_before,
        kept,
        calls: site.sim.calls().len(),
        shown: site.sim.posts().len(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_commit_nothing_was_promised_and_nothing_is_kept() {
    let trail = trail_of("accept-before-commit").await;
    let answered = false;
    assert_eq!(trail, Trail { answered, calls_before: 0, kept: false, calls: 1, shown: 1 });
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_commit_it_arrives_though_nobody_was_told_so() {
    let trail = trail_of("accept-after-commit").await;
    let answered = false;
    assert_eq!(trail, Trail { answered, calls_before: 0, kept: true, calls: 1, shown: 1 });
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_charge_the_attempt_is_made_again() {
    let Trail { answered: _, calls_before, kept, calls, shown } = trail_of("after-charge").await;
    assert_eq!((calls_before, kept, calls, shown), (0, true, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_send_the_second_call_is_shown_to_nobody() {
    for point in ["after-send", "before-settle"] {
        let Trail { answered: _, calls_before, kept, calls, shown } = trail_of(point).await;
        assert_eq!((calls_before, kept, calls, shown), (1, true, 2, 1), "{point}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_settling_nothing_is_left_to_do() {
    let Trail { answered: _, calls_before, kept, calls, shown } = trail_of("after-settle").await;
    assert_eq!((calls_before, kept, calls, shown), (1, true, 1, 1));
}

/// Receivers, groups of each and states of each group: 12 messages for one robot.
const LOAD: (usize, usize, usize) = (5, 3, 4);

/// Posts each group's states in their order, all groups at once; gives those that were answered.
async fn post_load(server: &Server, done: &BTreeSet<Mark>) -> BTreeSet<Mark> {
    let (receivers, groups, numbers) = LOAD;
    let mut writers = JoinSet::new();
    for (receiver, group) in (0..receivers).flat_map(|r| (0..groups).map(move |g| (r, g))) {
        let marks = (0..numbers).map(move |number| Mark { receiver, group, number });
        let left: Vec<Mark> = marks.filter(|mark| !done.contains(mark)).collect();
        writers.spawn(post_in_order(server.api.clone(), left));
    }
    writers.join_all().await.into_iter().flatten().chain(done.iter().copied()).collect()
}

/// Posts until one is not answered; gives those that were.
async fn post_in_order(api: Api, marks: Vec<Mark>) -> Vec<Mark> {
    let mut accepted = Vec::new();
    for mark in marks {
        let Some(answer) = api.post_mark(mark).await else { break };
        assert_eq!(answer.status, 200, "{}", answer.text);
        accepted.push(mark);
    }
    accepted
}

/// Many groups of many robots at once, and the process dies when it is there for the n-th time.
async fn load_survives(failpoint: &str) {
    let (receivers, groups, numbers) = LOAD;
    let site = Site::with_receivers(receivers).await;
    let mut server = site.start_with_failpoint(failpoint).await;
    let promised = post_load(&server, &BTreeSet::new()).await;
    server.process.killed().await;
    let server = site.start().await;
    let accepted = post_load(&server, &promised).await;
    server.drained().await;
    let record = Record::new(accepted, &site.sim.posts());
    assert_eq!(record.accepted.len(), receivers * groups * numbers, "{failpoint}");
    assert_eq!(record.violations(), [], "{failpoint}");
    let total = server.assert_accounts().await;
    assert!((total - 60.0).abs() < 0.5, "{failpoint}: {total} deliveries for 60 alerts");
    assert!(server.states().await.values().all(|state| state == "delivered"), "{failpoint}");
    site.assert_sound().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_survives_death_while_it_is_accepted() {
    for failpoint in ["accept-before-commit:3", "accept-after-commit:3"] {
        load_survives(failpoint).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_survives_death_while_it_is_delivered() {
    for failpoint in ["after-charge:17", "after-send:17", "before-settle:17", "after-settle:17"] {
        load_survives(failpoint).await;
    }
}

/// The current API knows no `msgUuid`: how often a reader sees the message, and what is counted.
async fn conversation(point: &str) -> (usize, f64) {
    let site = Site::with(
        "receivers:
  - name: r0
    conversations:
      - {name: people, app_key: dingapp, app_secret: secret, open_conversation_ids: ['cid1==']}
",
    )
    .await;
    site.sim.add_app(App::new("dingapp", "secret").group("cid1=="));
    let mut server = site.start_with_failpoint(point).await;
    server.post_mark(MARK).await;
    server.process.killed().await;
    let server = site.start().await;
    server.drained().await;
    server.assert_accounts().await;
    site.assert_sound().await;
    let counted = server.metric("campana_possible_duplicates_total").await;
    (site.sim.posts_in("cid1==").len(), counted)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_sees_at_most_one_more_and_that_is_counted() {
    for (point, shown, counted) in [
        ("accept-after-commit", 1, 0.0),
        ("after-charge", 1, 1.0),
        ("after-send", 2, 1.0),
        ("before-settle", 2, 1.0),
        ("after-settle", 1, 0.0),
    ] {
        let (seen, possible) = conversation(point).await;
        assert_eq!(seen, shown, "{point}");
        assert!((possible - counted).abs() < 0.5, "{point}: {possible} counted");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_known_of_an_incident_of_monikas_is_there_with_its_message_or_not_at_all() {
    let body = |kind: &str| {
        let (url, time) = ("http://shop.example.com/a", "2026-11-28 23:51:15 Z");
        let body = serde_json::json!({"type": kind, "alert": "Down", "url": url, "time": time});
        body.to_string()
    };
    for (point, kept) in [("accept-before-commit", false), ("accept-after-commit", true)] {
        let site = Site::with_receivers(1).await;
        let mut server = site.start_with_failpoint(point).await;
        let path = "/api/v1/receivers/r0/monika";
        assert!(server.post(path, &body("incident")).await.is_none(), "{point}");
        server.process.killed().await;
        let server = site.start().await;
        assert_eq!(server.states().await.len(), usize::from(kept), "{point}");
        assert_eq!(server.post(path, &body("recovery")).await.unwrap().status, 200, "{point}");
        server.drained().await;
        let recovery = site.sim.posts().pop().unwrap();
        let is_known = !recovery.text.contains("A recovery without a known incident");
        assert_eq!(is_known, kept, "{point}: {}", recovery.text);
        site.assert_sound().await;
    }
}
