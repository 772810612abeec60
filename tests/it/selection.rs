//! Which receivers a notification reaches, with which of its alerts.

use serde_json::json;
use test_support::TestApp;
use test_support::alerts::{AlertBuilder, alert, firing, group};

const BY_SEVERITY: &str = "
receivers:
  - name: ops
    conditions: [{label: severity, operator: In, values: [critical, warning]}]
    chatbots: [{name: a, access_token: ta}]
  - name: db
    conditions: ['team=~\"db|数据库\"', {not: {label: namespace, operator: In, values: [kube-system]}}]
    chatbots: [{name: b, access_token: tb}]
  - name: firing
    send_resolved: false
    chatbots: [{name: c, access_token: tc}]
";

fn critical(name: &str) -> AlertBuilder {
    alert(name).severity("critical")
}

async fn by_severity() -> TestApp {
    let app = TestApp::with(BY_SEVERITY).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_no_condition_keeps_is_answered_200_and_leaves_nothing() {
    let app = by_severity().await;
    for path in ["/api/v1/receivers/ops/alerts", "/dingtalk/ops/send"] {
        for _ in 0..2 {
            let body = app.post(path, firing("Disk")).await.json();
            assert_eq!((&body["deliveries"], &body["ids"]), (&json!(0), &json!([])));
            assert_eq!(body.get("duplicate_of"), None, "it left no state");
        }
    }
    let nobody = app.post("/api/v1/receivers/ops/alerts", group("Empty", [])).await.json();
    assert_eq!(nobody["deliveries"], 0);
    assert_eq!(app.states().await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_receiver_gets_the_alerts_that_its_conditions_keep() {
    let app = by_severity().await;
    let alerts = [
        critical("Alpha").label("team", "web"),
        alert("Beta").severity("info").label("team", "数据库"),
        alert("Gamma").severity("warning").label("team", "db").label("namespace", "kube-system"),
        critical("Delta").label("team", "db").resolved(),
    ];
    let answer = app.post("/api/v1/alerts", group("Mixed", alerts)).await;
    assert_eq!(answer.ids().len(), 3);
    app.settle().await;
    let names = |token: &str| -> Vec<&str> {
        let sender = dingtalk_sim::Sender::Robot(token.to_owned());
        let posts = app.sim.posts();
        let text = &posts.iter().find(|post| post.sender == sender).unwrap().text;
        ["Alpha", "Beta", "Gamma", "Delta"].into_iter().filter(|name| text.contains(name)).collect()
    };
    assert_eq!(names("ta"), ["Alpha", "Gamma", "Delta"]);
    assert_eq!(names("tb"), ["Beta", "Delta"]);
    assert_eq!(names("tc"), ["Alpha", "Beta", "Gamma"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_decides_whether_the_message_says_firing_or_resolved() {
    let app = by_severity().await;
    let alerts = [alert("Alpha").severity("info"), critical("Beta").resolved()];
    app.notify(&group("Mixed", alerts)).await;
    let delivery = app.delivery("1").await;
    assert_eq!(delivery["summary"]["status"], "resolved");
    let title = delivery["title"].as_str().unwrap();
    assert!(title.contains("RESOLVED") && !title.contains("FIRING"), "{title}");
}

/// A receiver for critical alerts alone, one for firing alerts of the team `db`, and further lines.
fn two_of(further: &str) -> String {
    format!(
        "receivers:
  - name: ops
    conditions: ['severity=\"critical\"']
    chatbots: [{{name: a, access_token: ta}}]
  - name: db
    send_resolved: false
    conditions: ['team=\"db\"']
    chatbots: [{{name: b, access_token: tb}}]
{further}"
    )
}

const CATCH_ALL: &str = "  - name: rest
    catch_all: true
    chatbots: [{name: c, access_token: tc}]
";

async fn unmatched(app: &TestApp) -> f64 {
    app.metric("campana_alerts_unmatched_total").await
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_that_no_receiver_wants_are_counted_and_told_in_the_log() {
    let app = TestApp::with(&two_of("")).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    let alerts = [alert("Alpha"), critical("Beta"), alert("Gamma").label("team", "db").resolved()];
    let some = app.post("/api/v1/alerts", group("Some", alerts)).await.json();
    assert_eq!((&some["deliveries"], &some["unmatched"]), (&json!(1), &json!(1)));
    assert!((unmatched(&app).await - 1.0).abs() < 0.1, "the recovery is wanted by nobody's word");
    let none = app.post("/api/v1/alerts", group("None", [alert("Alpha"), alert("Delta")])).await;
    assert_eq!(none.json()["unmatched"], 2, "{}", none.text);
    assert!((unmatched(&app).await - 3.0).abs() < 0.1);
    let alone = app.post("/api/v1/receivers/ops/alerts", firing("Alpha")).await.json();
    assert_eq!((&alone["deliveries"], alone.get("unmatched")), (&json!(0), None));
    app.reload(&two_of("").replace("  - name: ", "  - enabled: false\n    name: ")).await;
    let disabled = app.post("/api/v1/alerts", firing("Alpha")).await.json();
    assert_eq!(disabled.get("unmatched"), None, "nobody is meant to be told");
    assert!((unmatched(&app).await - 3.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receiver_that_catches_all_gets_what_no_other_wants() {
    let app = TestApp::with(&two_of(CATCH_ALL)).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    let alerts = [alert("Alpha"), critical("Beta"), alert("Gamma").label("team", "db").resolved()];
    let answer = app.post("/api/v1/alerts", group("Some", alerts)).await;
    app.settle().await;
    assert_eq!((answer.ids().len(), answer.json().get("unmatched")), (2, None), "{}", answer.text);
    let text = |token: &str| {
        let sender = dingtalk_sim::Sender::Robot(token.to_owned());
        app.sim.posts().into_iter().find(|post| post.sender == sender).unwrap().text
    };
    assert!(text("tc").contains("Alpha"), "{}", text("tc"));
    assert!(!text("tc").contains("Beta") && !text("tc").contains("Gamma"), "{}", text("tc"));
    assert!(text("ta").contains("Beta") && !text("ta").contains("Alpha"), "{}", text("ta"));
    let own = app.post("/api/v1/receivers/rest/alerts", group("X", [critical("Beta")])).await;
    assert_eq!(own.ids().len(), 0, "another receiver keeps it: {}", own.text);
    let asked = json!({"labels": {"severity": "critical"}, "receiver": "rest"}).to_string();
    let traced = app.post("/api/v1/conditions/test", asked).await.json();
    let step = &traced["receivers"][0]["alerts"][0]["conditions"][0];
    assert_eq!((&step["held"], &step["why"]), (&json!(false), &json!("ops keeps it")));
    let config = app.get("/api/v1/status/config").await.json();
    let config = config["data"]["yaml"].as_str().unwrap();
    assert!(config.contains("name: rest\n    enabled: true\n    catch_all: true\n"), "{config}");
    assert!(unmatched(&app).await.abs() < 0.1);
    let without = two_of(CATCH_ALL).replace("name: ops", "enabled: false\n    name: ops");
    app.reload(&without).await;
    let critical = app.post("/api/v1/alerts", group("Y", [critical("Eta")])).await;
    assert_eq!(critical.ids().len(), 1, "who is disabled keeps nothing: {}", critical.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_conditions_can_be_tried_and_say_why() {
    let app = by_severity().await;
    let path = "/api/v1/conditions/test";
    let body = json!({"receiver": "ops", "labels": {"severity": "info"}});
    let answer = app.post(path, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let alert = answer.json()["receivers"][0]["alerts"][0].clone();
    assert_eq!((&alert["kept"], &alert["labels"]), (&json!(false), &json!({"severity": "info"})));
    assert!(alert["conditions"][0].to_string().contains("info"), "{alert}");
    let whole = json!({"payload": group("Mixed", [critical("A")])});
    let receivers = app.post(path, &whole).await.json()["receivers"].clone();
    let kept: Vec<_> = (0..3).map(|index| receivers[index]["alerts"][0]["kept"].clone()).collect();
    assert_eq!(kept, [json!(true), json!(false), json!(true)]);
    assert_eq!(app.states().await, [""; 0], "nothing is stored or sent");
    let many = json!({"payload": {"alerts": vec![json!({}); 5_000]}}).to_string();
    let one = json!({"receiver": "ops", "payload": {"alerts": vec![json!({}); 5_000]}});
    assert_eq!(app.post(path, &one).await.status, 200, "of one receiver");
    // So small ones that the body says little of what their answer takes.
    let labels = (0..100_000).map(|n| format!("\"{n}\":\"\"")).collect::<Vec<_>>().join(",");
    let labels = format!("{{\"labels\":{{{labels}}}}}");
    for (body, status, words) in [
        (&*labels, 400, "the 16 MiB that one answer has"),
        ("{}", 400, "give either \"labels\" or \"payload\""),
        ("[]", 400, "expected {\"labels\""),
        ("{\"labels\":{},\"receiver\":\"op\"}", 404, "did you mean \"ops\""),
        ("{\"payload\":{\"msgtype\":\"text\"}}", 400, "is a DingTalk message"),
        (&many, 400, "5000 alerts for 3 receivers are more than the 10000 traces"),
    ] {
        let answer = app.post(path, body).await;
        assert_eq!(answer.status, status, "{body}");
        assert!(answer.error().contains(words), "{}", answer.error());
    }
}
