//! Each receiver in its language: its messages, its digests, and why a message did not arrive.

use std::time::Duration;

use dingtalk_sim::{Fault, Robot, Scope, Trouble};
use serde_json::json;
use test_support::TestApp;
use test_support::alerts::{alert, firing, group};

/// Two receivers that keep the same, one of them in Chinese.
const BOTH: &str = "
receivers:
  - {name: ops, chatbots: [{name: b, access_token: ops-token}]}
  - {name: zh, language: zh-CN, chatbots: [{name: b, access_token: zh-token}]}
";

async fn both() -> TestApp {
    let app = TestApp::with(BOTH).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app.sim.add_robot(Robot::new("zh-token").group("zh"));
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn one_notification_is_told_to_each_receiver_in_its_language() {
    let app = both().await;
    app.post("/api/v1/alerts", &group("Disk", [alert("Disk").severity("critical")])).await;
    app.settle().await;
    let (english, chinese) = (app.sim.posts_in("ops").remove(0), app.sim.posts_in("zh").remove(0));
    assert!(english.title.as_deref().is_some_and(|title| title.starts_with("[FIRING:1] Disk")));
    assert!(english.text.contains("since 2026-11-21 03:02 +08:00, for "), "{}", english.text);
    assert!(chinese.title.as_deref().is_some_and(|title| title.starts_with("[告警:1] Disk")));
    assert!(chinese.text.contains("开始时间：2026-11-21 03:02 +08:00，持续 "), "{}", chinese.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn why_a_message_did_not_arrive_is_kept_in_the_language_of_its_receiver() {
    let app = both().await;
    let stopped = Trouble::Errcode(400_102, "机器人已停用".into());
    app.sim.fail(Scope::Server, Fault::once(stopped).lasting());
    app.post("/api/v1/alerts", &firing("Disk")).await;
    app.settle().await;
    for (receiver, expected, attempt) in [
        ("ops", "DingTalk said 400102 \"机器人已停用\": the robot is switched off", "switch it on"),
        (
            "zh",
            "钉钉返回 400102“机器人已停用”：机器人已停用，或在本群被禁言；请在群设置里启用机器人",
            "请在群设置里启用",
        ),
    ] {
        let path = format!("/api/v1/deliveries?receiver={receiver}");
        let delivery = app.get(&path).await.json()["deliveries"][0].clone();
        let reason = delivery["reason"].as_str().unwrap();
        assert!(delivery["state"] == "dead" && reason.starts_with(expected), "{reason}");
        let detail = app.delivery(delivery["id"].as_str().unwrap()).await;
        let words = detail["attempts"][0]["words"].as_str().unwrap();
        assert!(words.contains(attempt), "{words}");
        let answer = app.post(&format!("/api/v1/receivers/{receiver}/test"), "").await.json();
        let tested = answer["destinations"][0]["reason"].as_str().unwrap();
        assert!(tested.starts_with(expected), "{tested}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_and_a_test_message_are_in_the_language_of_their_receiver() {
    let app = both().await;
    let send = "/api/v1/receivers/zh/alerts";
    for index in 0..15 {
        app.post(send, &firing(&format!("Early{index}"))).await;
    }
    app.settle().await;
    app.sim.forget();
    for name in ["DiskFull", "HostDown"] {
        app.post(send, &firing(name)).await;
    }
    app.pass(Duration::from_secs(15), Duration::from_secs(1)).await;
    let digest = app.sim.posts_in("zh").remove(0);
    assert!(digest.text.contains("DiskFull") && digest.text.contains("2 组"), "{}", digest.text);
    app.pass(Duration::from_mins(2), Duration::from_secs(30)).await;
    app.sim.forget();
    assert_eq!(app.post("/api/v1/receivers/zh/test", "").await.status, 200);
    assert!(app.sim.posts_in("zh")[0].text.contains("Campana 测试消息"));
    let body = json!({"config": {"language": "zh-CN", "chatbots": [
        {"name": "x", "access_token": "unknown"}]}});
    let answer = app.post("/api/v1/receivers/draft/test", &body).await.json();
    let reason = answer["destinations"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("没有机器人使用这个 access_token"), "{reason}");
}

/// A receiver in English whose messages go to one in Chinese when they have waited for ten minutes.
const HANDED_OVER: &str = "
receivers:
  - name: ops
    fallback: {receiver: zh, after: 10m}
    chatbots: [{name: b, access_token: ops-token}]
  - {name: zh, language: zh-CN, chatbots: [{name: b, access_token: zh-token}]}
";

#[tokio::test(flavor = "multi_thread")]
async fn why_a_message_was_handed_over_is_said_in_the_language_of_whom_it_tells() {
    let app = TestApp::with(HANDED_OVER).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app.sim.add_robot(Robot::new("zh-token").group("zh"));
    let down = Fault::once(Trouble::Status(502)).lasting();
    app.sim.fail(Scope::Robot("ops-token".to_owned()), down);
    app.post("/api/v1/receivers/ops/alerts", &firing("Disk")).await;
    app.settle().await;
    app.pass(Duration::from_mins(11), Duration::from_secs(30)).await;
    let text = app.sim.posts_in("zh").remove(0).text;
    assert!(text.contains("ops/b 未能送达，改发到这里：等待已超过 10 分钟"), "{text}");
}
