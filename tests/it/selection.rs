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
