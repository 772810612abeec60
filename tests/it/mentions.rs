//! Whom a message mentions: by the names in its alerts, by how severe they are, and who is on call.

use std::time::Duration;

use dingtalk_sim::{Fault, Post, Robot, Scope, Trouble};
use serde_json::{Value, json};
use test_support::TestApp;
use test_support::alerts::{alert, firing, group};

/// One chatbot with this value of `mention`. Every test begins on a Saturday at 03:12 in Shanghai.
fn with(mention: &str) -> String {
    format!(
        "
receivers:
  - name: ops
    chatbots:
      - name: ops-group
        access_token: ops-token
        rate: {{messages: 1, per: 1m}}
        mention: {mention}
"
    )
}

async fn app(mention: &str) -> TestApp {
    let app = TestApp::with(&with(mention)).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app
}

/// What the group got last.
fn last(app: &TestApp) -> Post {
    app.sim.posts_in("ops").pop().unwrap()
}

/// Posts a notification when there is a slot for its message, and gives what the group got.
async fn post(app: &TestApp, body: &Value) -> Post {
    app.advance(Duration::from_mins(2)).await;
    let before = app.sim.posts_in("ops").len();
    app.notify(body).await;
    assert_eq!(app.sim.posts_in("ops").len(), before + 1);
    last(app)
}

/// The last line of a text.
fn end(post: &Post) -> &str {
    post.text.lines().last().unwrap_or_default()
}

async fn refused(app: &TestApp) -> f64 {
    app.metric("campana_mentions_refused_total{receiver=\"ops\"}").await
}

const BY_NAME: &str =
    "{from_label: oncall, from_annotation: [owner], allow: [zhangsan, '13800000000', li]}";

#[tokio::test(flavor = "multi_thread")]
async fn whom_an_alert_names_is_mentioned_in_the_post_and_in_its_text() {
    let app = app(BY_NAME).await;
    assert!(refused(&app).await.abs() < 0.1, "from the start");
    let two = group(
        "Disk",
        [
            alert("Disk").label("oncall", "zhangsan"),
            alert("Disk").label("n", "2").annotation("owner", "@13800000000、@li"),
        ],
    );
    let mentioned = post(&app, &two).await;
    assert_eq!(mentioned.mentions.mobiles, ["13800000000"]);
    assert_eq!(mentioned.mentions.user_ids, ["zhangsan", "li"]);
    assert!(!mentioned.mentions.all);
    for name in ["@zhangsan", "@13800000000", "@li"] {
        assert!(mentioned.text.contains(name), "{}", mentioned.text);
    }
    let nobody = post(&app, &firing("Load")).await;
    assert!(nobody.mentions.mobiles.is_empty() && nobody.mentions.user_ids.is_empty());
    assert!(refused(&app).await.abs() < 0.1);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_not_allowed_is_left_out_and_counted_once_a_notification() {
    let app = app(BY_NAME).await;
    let named = |names: &str| {
        group("Disk", ["1", "2"].map(|n| alert("Disk").label("n", n).label("oncall", names)))
    };
    let question = json!({"receiver": "ops", "payload": named("wang,li")});
    let preview = app.post("/api/v1/templates/render", question).await.json();
    assert_eq!(preview["messages"][0]["not_mentioned"], json!(["label `oncall`: 1"]));
    assert!(refused(&app).await.abs() < 0.1, "a preview counts nothing");
    let left_out = post(&app, &named("wang,li")).await;
    assert_eq!(left_out.mentions.user_ids, ["li"]);
    assert!(!left_out.text.contains("@wang"), "{}", left_out.text);
    assert!((refused(&app).await - 1.0).abs() < 0.1);
    let duplicate = app.notify(&named("wang,li")).await.json();
    assert!(duplicate["duplicate_of"].is_string(), "{duplicate}");
    assert!((refused(&app).await - 1.0).abs() < 0.1, "a duplicate counts no more");
    let everyone = post(&app, &named("all @所有人 [li](http://x.example)")).await;
    assert!(!everyone.mentions.all && everyone.mentions.user_ids.is_empty());
    assert!((refused(&app).await - 4.0).abs() < 0.1);
    let recovered = group("Disk", [alert("Disk").label("oncall", "wang").resolved()]);
    post(&app, &recovered).await;
    assert!((refused(&app).await - 4.0).abs() < 0.1, "what does not fire names nobody");
    app.reload(&with("{mobiles: ['13800000000']}").replace("name: ops\n", "name: dev\n")).await;
    let text = app.scrape().await.0;
    assert!(!text.contains("campana_mentions_refused_total{"), "{text}");
}

const ON_CALL: &str = "{schedule: [{times: [{start_time: '09:00', end_time: '21:00'}], location: Asia/Shanghai, \
     mobiles: ['13800000000']}, {times: [{start_time: '21:00', end_time: '24:00'}, {start_time: '00:00', \
     end_time: '09:00'}], location: Asia/Shanghai, user_ids: [night]}]}";

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_call_changes_with_the_hour() {
    let app = app(ON_CALL).await;
    let at_night = post(&app, &firing("A")).await;
    assert_eq!(
        (&at_night.mentions.user_ids[..], end(&at_night)),
        (&["night".to_owned()][..], "@night")
    );
    assert_eq!(at_night.mentions.mobiles, [""; 0]);
    // It is 09:14 then, and 21:16 after the next.
    app.advance(Duration::from_hours(6)).await;
    let by_day = post(&app, &firing("B")).await;
    assert_eq!(
        (&by_day.mentions.mobiles[..], end(&by_day)),
        (&["13800000000".to_owned()][..], "@13800000000")
    );
    assert_eq!(by_day.mentions.user_ids, [""; 0]);
    app.advance(Duration::from_hours(12)).await;
    assert_eq!(end(&post(&app, &firing("C")).await), "@night");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_mentions_nobody_unless_it_is_asked_for() {
    let rules =
        "{by_severity: {critical: {all: true, user_ids: [boss]}, warning: {user_ids: [wang]}}}";
    let app = app(rules).await;
    let of = |severity: &str| alert("Disk").severity(severity);
    let both = post(&app, &group("Disk", [of("critical"), of("Warning")])).await;
    assert!(both.mentions.all);
    assert_eq!(both.mentions.user_ids, ["boss", "wang"]);
    let one = post(&app, &group("Disk", [of("critical").resolved(), of("warning")])).await;
    assert!(!one.mentions.all);
    assert_eq!(one.mentions.user_ids, ["wang"]);
    let over = group("Disk", [of("critical").resolved(), of("warning").resolved()]);
    let nobody = post(&app, &over).await;
    assert!(!nobody.mentions.all && nobody.mentions.user_ids.is_empty());
    app.reload(&with(&rules.replace("{by", "{resolved: true, by"))).await;
    post(&app, &group("Disk", [of("warning")])).await;
    assert_eq!(
        post(&app, &group("Disk", [of("warning").resolved()])).await.mentions.user_ids,
        ["wang"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_mentions_whom_its_messages_would() {
    let app = app(&BY_NAME.replace("{from", "{mobiles: ['13900000000'], from")).await;
    app.notify(&firing("Early")).await;
    for (name, names) in [("A", "li"), ("B", "zhangsan wang"), ("C", "")] {
        app.notify(&group(name, [alert(name).label("oncall", names)])).await;
    }
    app.pass(Duration::from_mins(1), Duration::from_secs(12)).await;
    let posts = app.sim.posts_in("ops");
    assert_eq!(posts.len(), 2, "{posts:?}");
    assert_eq!(posts[1].mentions.mobiles, ["13900000000"]);
    let mut names = posts[1].mentions.user_ids.clone();
    names.sort();
    assert_eq!(names, ["li", "zhangsan"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn destinations_that_mention_the_same_people_get_the_same_message() {
    let app = TestApp::with(
        "
receivers:
  - name: ops
    chatbots:
      - {name: a, access_token: a, mention: {by_severity: {critical: {user_ids: [li]}}}}
      - {name: b, access_token: b, mention: {from_label: oncall, allow: 'l.*'}}
      - {name: c, access_token: c}",
    )
    .await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app.notify(&group("Disk", [alert("Disk").severity("critical").label("oncall", "li")])).await;
    let question = json!({"receiver": "ops", "payload": group("Disk", [alert("Disk").severity("critical").label("oncall", "li")])});
    let answer = app.post("/api/v1/templates/render", question).await.json();
    let of = |place: usize| answer["messages"][place]["destinations"].clone();
    assert_eq!(answer["messages"][0].get("not_mentioned"), None);
    assert_eq!((of(0), of(1), of(2)), (json!(["a", "b"]), json!(["c"]), Value::Null));
    let at = &answer["messages"][0]["parts"][0]["body"]["at"];
    assert_eq!(at["atUserIds"], json!(["li"]));
    let posts = app.sim.posts();
    let mentioned = posts.iter().filter(|post| post.mentions.user_ids == ["li"]).count();
    assert_eq!((posts.len(), mentioned), (3, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_who_is_on_call_then() {
    let app = app(ON_CALL).await;
    let ask = async |at: &str| {
        let question = json!({"receiver": "ops", "at": at});
        let answer = app.post("/api/v1/templates/render", question).await.json();
        answer["messages"][0]["parts"][0]["body"]["at"].clone()
    };
    for (at, mobiles, user_ids) in [
        ("2026-11-23T09:00:00+08:00", json!(["13800000000"]), json!([])),
        ("2026-11-23T20:59:59+08:00", json!(["13800000000"]), json!([])),
        ("2026-11-23T13:00:00Z", json!([]), json!(["night"])),
        ("-009999-01-02T01:59:59Z", json!(["13800000000"]), json!([])),
    ] {
        let found = ask(at).await;
        assert_eq!((&found["atMobiles"], &found["atUserIds"]), (&mobiles, &user_ids), "{at}");
    }
    let question = json!({"receiver": "ops", "at": "Monday"});
    let refused = app.post("/api/v1/templates/render", question).await;
    assert_eq!(refused.status, 400);
    assert!(refused.error().contains("\"at\" as 2026-11-21T09:00:00+08:00"), "{}", refused.error());
    let now = app.post("/api/v1/templates/render", json!({"receiver": "ops"})).await.json();
    assert_eq!(now["messages"][0]["parts"][0]["body"]["at"]["atUserIds"], json!(["night"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_rendered_again_or_falls_back_mentions_who_is_on_call_then() {
    let config = with(ON_CALL).replace("name: ops\n", "name: ops\n    fallback: rest\n")
        + "  - name: rest
    conditions: ['alertname=\"none\"']
    chatbots: [{name: rest-group, access_token: rest-token, mention: {from_label: oncall, allow: [li]}}]
";
    let app = TestApp::with(&config).await;
    for name in ["ops", "rest"] {
        app.sim.add_robot(Robot::new(format!("{name}-token")).group(name));
    }
    let gone = Trouble::Errcode(300_005, "token is not exist".into());
    app.sim.fail(Scope::Robot("ops-token".to_owned()), Fault::once(gone));
    let body = group("Disk", [alert("Disk").label("oncall", "li, wang")]);
    let dead = app.notify(&body).await.ids().remove(0);
    app.advance(Duration::from_secs(5)).await;
    assert_eq!(app.sim.posts_in("rest")[0].mentions.user_ids, ["li"]);
    let count = app.metric("campana_mentions_refused_total{receiver=\"rest\"}").await;
    assert!((count - 1.0).abs() < 0.1, "{count}");
    app.advance(Duration::from_hours(6)).await;
    let path = format!("/api/v1/deliveries/{dead}/replay?render=true");
    assert_eq!(app.call("POST", &path).await.status, 200);
    app.settle().await;
    assert_eq!(last(&app).mentions.mobiles, ["13800000000"], "by day");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_are_shown_and_a_slip_in_them_changes_nothing() {
    let app = app(BY_NAME).await;
    let yaml = app.get("/api/v1/status/config").await.json()["data"]["yaml"].to_string();
    assert!(yaml.contains("from_label: [oncall]"), "{yaml}");
    let answer = app.reload(&with("{from_label: oncall}")).await;
    assert_eq!(answer.status, 500, "{}", answer.text);
    assert!(
        answer.text.contains("chatbots[0].mention.from_label: needs `allow`"),
        "{}",
        answer.text
    );
    let mentioned = post(&app, &group("Disk", [alert("Disk").label("oncall", "li")])).await;
    assert_eq!(mentioned.mentions.user_ids, ["li"]);
}
