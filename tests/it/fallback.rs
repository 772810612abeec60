//! A fallback: what one destination does not take is told to another receiver as well.

use std::time::Duration;

use dingtalk_sim::{Fault, Robot, Scope, Trouble};
use test_support::TestApp;
use test_support::alerts::{alert, firing, group};

/// How soon it is looked for what was not taken.
const ROUND: Duration = Duration::from_secs(5);

const CONFIG: &str = "
receivers:
  - name: ops
    conditions: [{label: team, operator: NotIn, values: [db]}]
    fallback: {receiver: oncall, after: 10m}
    chatbots: [{name: ops-group, access_token: ops-token}]
  - name: oncall
    message: {type: text}
    chatbots: [{name: oncall-group, access_token: oncall-token}]
";

async fn app() -> TestApp {
    let app = TestApp::with(CONFIG).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app.sim.add_robot(Robot::new("oncall-token").group("oncall"));
    app
}

fn gone() -> Fault {
    Fault::once(Trouble::Errcode(300_005, "token is not exist".into())).lasting()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dead_robot_does_not_take_goes_to_the_fallback_and_says_why() {
    let app = app().await;
    app.sim.fail(Scope::Robot("ops-token".to_owned()), gone());
    let alerts = [alert("Disk"), alert("Query").label("team", "db")];
    let first = app.notify(&group("Disk", alerts)).await.ids().remove(0);
    app.notify(&firing("Load")).await;
    app.advance(ROUND).await;
    let posts = app.sim.posts_in("oncall");
    assert_eq!(posts.len(), 2, "the dead letter, and what waits for the dead robot");
    assert!(
        posts[0].text.contains("Disk") && !posts[0].text.contains("Query"),
        "{}",
        posts[0].text
    );
    assert!(posts[0].text.contains("ops/ops-group did not take it: "), "{}", posts[0].text);
    assert!(posts[0].text.contains("300005"), "{}", posts[0].text);
    let origins = app.metric("campana_deliveries_accepted_total{origin=\"fallback\"}").await;
    assert!((origins - 2.0).abs() < 0.1, "{origins}");
    assert_eq!(app.state(&first).await, "dead", "it stays what it is");
    app.advance(ROUND).await;
    app.notify(&firing("Cpu")).await;
    app.advance(ROUND).await;
    assert_eq!(app.sim.posts_in("oncall").len(), 3, "each once, and what comes later too");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_too_long_goes_to_the_fallback_and_on_waiting() {
    let app = app().await;
    app.sim.fail(Scope::Robot("ops-token".to_owned()), Fault::once(Trouble::Status(502)).lasting());
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    app.pass(Duration::from_secs(590), Duration::from_secs(30)).await;
    assert_eq!(app.sim.posts_in("oncall").len(), 0);
    app.pass(Duration::from_secs(20), ROUND).await;
    let posts = app.sim.posts_in("oncall");
    assert_eq!(posts.len(), 1);
    assert!(posts[0].text.contains("waited for 10 min"), "{}", posts[0].text);
    app.sim.heal();
    app.pass(Duration::from_mins(30), Duration::from_mins(1)).await;
    assert_eq!(app.state(&id).await, "delivered");
    assert_eq!(app.sim.posts_in("oncall").len(), 1, "once");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_handed_over_though_the_process_ended_meanwhile() {
    let mut app = app().await;
    app.sim.fail(Scope::Robot("ops-token".to_owned()), gone());
    app.notify(&firing("Disk")).await;
    app.end().await;
    assert_eq!(app.sim.posts_in("oncall").len(), 0);
    app.begin().await;
    app.settle().await;
    assert_eq!(app.sim.posts_in("oncall").len(), 1);
}

/// The fallback of `ops` has conditions that keep other alerts, and a fallback of its own.
const CHAIN: &str = "
receivers:
  - name: ops
    conditions: [{label: team, operator: NotIn, values: [db]}]
    fallback: team
    chatbots: [{name: ops-group, access_token: ops-token}]
  - name: team
    conditions: [{label: team, operator: In, values: [db]}]
    send_resolved: false
    fallback: oncall
    chatbots: [{name: team-group, access_token: team-token}]
  - name: oncall
    message: {type: text}
    chatbots: [{name: oncall-group, access_token: oncall-token}]
";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_fallback_does_not_take_goes_on_with_the_alerts_of_the_first_receiver() {
    let app = TestApp::with(CHAIN).await;
    for name in ["ops", "team", "oncall"] {
        app.sim.add_robot(Robot::new(format!("{name}-token")).group(name));
    }
    for token in ["ops-token", "team-token"] {
        app.sim.fail(Scope::Robot(token.to_owned()), gone());
    }
    let alerts = [alert("Disk"), alert("Query").label("team", "db")];
    app.notify(&group("Disk", alerts)).await;
    app.notify(&group("Load", [alert("Load").resolved()])).await;
    app.pass(ROUND * 2, ROUND).await;
    let posts = app.sim.posts_in("oncall");
    let told = |name: &str| posts.iter().filter(|post| post.text.contains(name)).count();
    assert_eq!((posts.len(), told("Disk"), told("Load")), (2, 1, 1), "{posts:?}");
    assert_eq!(told("Query"), 0, "the first receiver did not keep it: {posts:?}");
    assert_eq!(told("team/team-group did not take it: "), 2, "{posts:?}");
    app.pass(ROUND * 2, ROUND).await;
    assert_eq!(app.sim.posts_in("oncall").len(), 2, "once");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_that_the_conditions_keep_no_more_are_handed_over_all_the_same() {
    let app = app().await;
    app.sim.fail(Scope::Robot("ops-token".to_owned()), Fault::once(Trouble::Status(502)).lasting());
    app.notify(&firing("Disk")).await;
    let answer = app.reload(&CONFIG.replace("operator: NotIn", "operator: In")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.pass(Duration::from_mins(11), Duration::from_secs(30)).await;
    let posts = app.sim.posts_in("oncall");
    assert_eq!(posts.len(), 1);
    assert!(posts[0].text.contains("Disk"), "{}", posts[0].text);
    app.assert_accounts().await;
}

/// A delivery waits for the destination `ops-group`, which is removed; `ops` has this fallback.
async fn with_removed_destination(fallback: &str) -> (TestApp, String) {
    let config = |more: &str| {
        format!(
            "
delivery: {{max_age: 1h}}
receivers:
  - name: ops
    fallback: {fallback}
    chatbots: [{{name: rest, access_token: rest-token}}{more}]
  - name: oncall
    message: {{type: text}}
    chatbots: [{{name: oncall-group, access_token: oncall-token}}]
"
        )
    };
    let app = TestApp::with(&config(", {name: ops-group, access_token: ops-token}")).await;
    for name in ["rest", "ops", "oncall"] {
        app.sim.add_robot(Robot::new(format!("{name}-token")).group(name));
    }
    app.sim.fail(Scope::Robot("ops-token".to_owned()), Fault::once(Trouble::Status(502)).lasting());
    let id = app.notify(&firing("Disk")).await.ids().remove(1);
    let answer = app.reload(&config("")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.settle().await;
    (app, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_of_a_removed_destination_goes_to_the_fallback_of_its_receiver() {
    let (app, id) = with_removed_destination("oncall").await;
    app.pass(Duration::from_mins(58), Duration::from_mins(1)).await;
    assert_eq!((app.state(&id).await.as_str(), app.sim.posts_in("oncall").len()), ("queued", 0));
    app.pass(Duration::from_mins(5), Duration::from_mins(1)).await;
    assert_eq!(app.state(&id).await, "dead");
    let posts = app.sim.posts_in("oncall");
    assert_eq!(posts.len(), 1);
    let words = "ops/ops-group did not take it: its destination is no longer in the configuration";
    assert!(posts[0].text.contains(words), "{}", posts[0].text);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_too_long_for_a_removed_destination_goes_to_the_fallback_once() {
    let (app, id) = with_removed_destination("{receiver: oncall, after: 10m}").await;
    app.pass(Duration::from_mins(11), Duration::from_secs(30)).await;
    assert_eq!(app.state(&id).await, "queued");
    let posts = app.sim.posts_in("oncall");
    assert_eq!(posts.len(), 1);
    assert!(posts[0].text.contains("waited for 10 min"), "{}", posts[0].text);
    app.pass(Duration::from_mins(55), Duration::from_mins(1)).await;
    assert_eq!(app.state(&id).await, "dead");
    assert_eq!(app.sim.posts_in("oncall").len(), 1, "once");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_fallback_a_dead_letter_stays_alone() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, gone());
    app.notify(&firing("Disk")).await;
    app.advance(ROUND * 3).await;
    assert_eq!(app.states().await, ["dead"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_is_counted_over_restarts_until_the_month_ends() {
    let mut app = TestApp::with(
        "
receivers:
  - name: ops
    chatbots:
      - {name: ops-group, access_token: ops-token, quota: {per_month: 10, name: org}}",
    )
    .await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    for index in 0..3 {
        app.notify(&firing(&format!("Disk{index}"))).await;
    }
    assert_eq!(app.post("/api/v1/receivers/ops/test", "").await.status, 200);
    app.restart().await;
    let used = "campana_quota_messages{quota=\"org\"}";
    assert!((app.metric(used).await - 4.0).abs() < 0.1);
    assert!((app.metric("campana_quota_limit_messages{quota=\"org\"}").await - 10.0).abs() < 0.1);
    app.pass(Duration::from_hours(11 * 24), Duration::from_hours(12)).await;
    assert!(app.metric(used).await.abs() < 0.1, "December has begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_up_quota_is_not_knocked_at_and_goes_to_the_fallback() {
    let app = app().await;
    let over = Trouble::Errcode(90_030, "webhook over limit".into());
    app.sim.fail(Scope::Robot("ops-token".to_owned()), Fault::once(over).lasting());
    for index in 0..5 {
        app.notify(&firing(&format!("Disk{index}"))).await;
    }
    app.advance(ROUND).await;
    assert_eq!(app.sim.posts_in("oncall").len(), 5);
    let knocks = app.sim.calls().len() - 5;
    assert_eq!(knocks, 1, "the others did not try");
}
