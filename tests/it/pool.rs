//! A pool: several robots share a chatbot's work, and one that fails leaves it to the others.

use std::collections::BTreeSet;
use std::time::Duration;

use dingtalk_sim::{Fault, Robot, Scope, Sender, Trouble};
use test_support::alerts::firing;
use test_support::{FIRST_RETRY, TestApp};

const MINUTE: Duration = Duration::from_mins(1);

/// A chatbot with two robots in one group.
async fn pool() -> TestApp {
    let app = TestApp::with(
        "
receivers:
  - name: ops
    chatbots:
      - name: ops-group
        overflow: queue
        pool:
          - {access_token: one, keywords: [alert]}
          - {access_token: two, secret: SECtwo, keywords: [ops]}",
    )
    .await;
    app.sim.add_robot(Robot::new("one").group("ops").keyword("alert"));
    app.sim.add_robot(Robot::new("two").group("ops").keyword("ops").secret("SECtwo"));
    app
}

/// The tokens of the robots that posted.
fn posted_by(app: &TestApp) -> BTreeSet<String> {
    app.sim.posts().iter().map(|post| format!("{:?}", post.sender)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_robots_send_forty_messages_in_a_minute() {
    let app = pool().await;
    for index in 0..45 {
        app.accept(&firing(&format!("Disk{index}"))).await;
    }
    app.settle().await;
    assert_eq!(app.sim.posts().len(), 40);
    for robot in ["one", "two"] {
        assert_eq!(app.sim.busiest_window(&Sender::Robot(robot.to_owned()), MINUTE), 20, "{robot}");
    }
    app.advance(MINUTE).await;
    assert_eq!(app.states().await, ["delivered"; 45]);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_robot_that_is_throttled_or_removed_leaves_its_work_to_the_other() {
    for trouble in [
        Trouble::Errcode(660_026, "too many".into()),
        Trouble::Errcode(300_005, "token is not exist".into()),
    ] {
        let app = pool().await;
        app.sim.fail(Scope::Robot("one".to_owned()), Fault::once(trouble.clone()).lasting());
        for index in 0..10 {
            app.notify(&firing(&format!("Disk{index}"))).await;
        }
        assert_eq!(app.states().await, ["delivered"; 10], "{trouble:?}");
        assert_eq!(posted_by(&app).len(), 1, "{trouble:?}");
        let listed = app.get("/api/v1/receivers").await.json();
        let destination = &listed["receivers"][0]["destinations"][0];
        assert!(destination["parked"].is_null() && destination["throttled"].is_null(), "{listed}");
        app.assert_accounts().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_time_out_a_message_stays_on_its_robot() {
    let app = pool().await;
    app.sim.fail(Scope::Server, Trouble::Status(500));
    app.notify(&firing("Disk")).await;
    let tried = app.sim.calls()[0].sender.clone();
    app.advance(FIRST_RETRY).await;
    let senders: Vec<_> = app.sim.calls().iter().map(|call| call.sender.clone()).collect();
    assert_eq!(senders, [tried.clone(), tried], "DingTalk may have taken it");
    assert_eq!(app.states().await, ["delivered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_whose_robots_are_all_dead_buries_one_and_says_so() {
    let app = pool().await;
    let gone = Trouble::Errcode(300_005, "token is not exist".into());
    app.sim.fail(Scope::Server, Fault::once(gone).lasting());
    for index in 0..5 {
        app.notify(&firing(&format!("Disk{index}"))).await;
    }
    let states = app.states().await;
    assert_eq!(states.iter().filter(|state| *state == "dead").count(), 1, "{states:?}");
    let listed = app.get("/api/v1/receivers").await.json();
    let destination = &listed["receivers"][0]["destinations"][0];
    assert!(!destination["parked"].is_null(), "{listed}");
    let dead = destination["dead_robots"].as_array().unwrap();
    let numbers: Vec<_> = dead.iter().filter_map(|robot| robot["number"].as_u64()).collect();
    assert_eq!(numbers, [1, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_robot_of_a_pool_is_told_of_where_it_is_alone() {
    let app = TestApp::with(
        "
receivers:
  - name: ops
    chatbots:
      - {name: ops-group, overflow: queue, pool: [{access_token: one}, {access_token: two}]}
  - {name: dev, chatbots: [{name: dev-group, overflow: queue, access_token: one}]}",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    let robot = |token: &str| Scope::Robot(token.to_owned());
    let gone = Trouble::Errcode(300_005, "token is not exist".into());
    app.sim.fail(robot("one"), Fault::once(gone).lasting());
    // So that the other robot is tried in any case.
    app.sim.fail(robot("two"), Trouble::Errcode(660_026, "too many".into()));
    app.notify(&firing("Disk")).await;
    assert_eq!(app.states().await, ["queued"]);
    app.post("/api/v1/receivers/dev/alerts", firing("Load")).await;
    app.settle().await;
    assert_eq!(app.states().await, ["dead", "queued"], "somebody has to see it");
    app.advance(MINUTE).await;
    assert_eq!(app.states().await, ["dead", "delivered"]);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_tries_each_robot_of_a_pool() {
    let app = pool().await;
    app.sim.fail(
        Scope::Robot("two".to_owned()),
        Fault::once(Trouble::Errcode(300_005, "token is not exist".into())),
    );
    let answer = app.post("/api/v1/receivers/ops/test", "").await;
    assert_eq!(answer.status, 502);
    let tested = answer.json();
    let names: Vec<_> = (0..2)
        .map(|n| {
            (tested["destinations"][n]["name"].clone(), tested["destinations"][n]["ok"].clone())
        })
        .collect();
    assert_eq!(
        names,
        [("ops-group (1/2)".into(), true.into()), ("ops-group (2/2)".into(), false.into())]
    );
}
