//! Group chats by the older API: parts of its size, its tokens in every form of refusal, and what an app
//! that it refuses makes of the queue.

use std::time::Duration;

use dingtalk_sim::{App, Call, Endpoint, Fault, Scope, Sender, Trouble};
use serde_json::Value;
use test_support::alerts::{alert, firing, group};
use test_support::{FIRST_RETRY, TestApp};

/// One chat, `ops`, of the app `dingold`.
const ONE_CHAT: &str = "
receivers:
  - name: ops
    conversations: [{name: old, app_key: dingold, app_secret: old-secret, chat_ids: [chat1]}]
";

async fn with_chat() -> TestApp {
    let app = TestApp::with(ONE_CHAT).await;
    app.sim.add_app(App::new("dingold", "old-secret").chat("chat1"));
    app
}

fn calls(app: &TestApp, endpoint: Endpoint) -> Vec<Call> {
    app.sim.calls().into_iter().filter(|call| call.endpoint == endpoint).collect()
}

fn sends() -> Scope {
    Scope::Endpoint(Endpoint::ChatSend)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_and_a_test_message_reach_a_chat_and_one_token_serves_all() {
    let app = with_chat().await;
    for index in 0..15 {
        app.accept(&firing(&format!("Disk{index}"))).await;
    }
    app.settle().await;
    let test = app.post("/api/v1/receivers/ops/test", "").await.json();
    assert_eq!((&test["ok"], &test["destinations"][0]["kind"]), (&true.into(), &"chat".into()));
    let posts = app.sim.posts_in("chat1");
    assert_eq!(posts.len(), 16);
    assert!(posts[15].text.contains("Test message from Campana"));
    let tokens = calls(&app, Endpoint::GetToken);
    assert_eq!((tokens.len(), tokens[0].method.as_str()), (1, "GET"));
    assert_eq!(calls(&app, Endpoint::AccessToken).len(), 0, "the older API has its own");
    let delivery = app.delivery("1").await;
    let name = delivery["destination"].as_str().unwrap();
    assert!(name.starts_with("old/") && name.len() == 12, "{name}");
    let number = delivery["attempts"][0]["words"].as_str().unwrap();
    assert!(number.starts_with("msg"), "the message's number at DingTalk is kept: {number}");
    let receivers = app.get("/api/v1/receivers").await.json();
    assert_eq!(receivers["receivers"][0]["destinations"][0]["kind"], "chat");
    let attempts = "campana_attempts_total{kind=\"chat\",outcome=\"ok\"}";
    assert!((app.metric(attempts).await - 15.0).abs() < 0.1);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_message_arrives_in_parts_that_the_older_api_takes_with_short_titles() {
    let app = with_chat().await;
    for wide in ["磁盘", "🔴", "disk "] {
        app.sim.forget();
        let name = wide.repeat(60);
        let alerts = (0..9).map(|index| {
            alert(&format!("{name}{index}")).summary(&format!("{index} {}", wide.repeat(90)))
        });
        app.notify(&group(&name, alerts)).await;
        app.pass(Duration::from_secs(10), Duration::from_secs(1)).await;
        let sent = calls(&app, Endpoint::ChatSend);
        assert!(sent.len() > 1 && sent.iter().all(|call| call.posted), "{wide}: {sent:#?}");
        for call in &sent {
            assert!(call.body_bytes <= 2_000, "{wide}: {} bytes", call.body_bytes);
        }
        for post in app.sim.posts_in("chat1") {
            let title = post.title.unwrap();
            assert!(title.encode_utf16().count() <= 64 && title.ends_with(')'), "{title}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_larger_size_that_is_configured_is_used_and_cut_where_dingtalk_takes_less() {
    let config = ONE_CHAT.replace("chat_ids", "max_bytes: 5000, max_title: 20, chat_ids");
    let app = TestApp::with(&config).await;
    app.sim.add_app(App::new("dingold", "old-secret"));
    let alert = |index| {
        alert(&format!("Disk{index}")).summary(&format!("{index} {}", "is full, ".repeat(50)))
    };
    let alerts = || (0..6).map(alert);
    let id = app.notify(&group("Disks", alerts())).await.ids().remove(0);
    app.pass(Duration::from_secs(10), Duration::from_secs(1)).await;
    let delivery = app.delivery(&id).await;
    assert_eq!(delivery["attempts"][0]["outcome"], "too_long", "{delivery}");
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    app.sim.forget();
    app.sim.change_rules(|rules| rules.max_chat_bytes = 5_000);
    app.notify(&group("More of them than before", alerts())).await;
    let title = app.sim.posts_in("chat1").remove(0).title.unwrap();
    assert!(title.chars().count() == 20 && title.ends_with('…'), "{title}");
    let sent = calls(&app, Endpoint::ChatSend);
    assert_eq!(sent.len(), 1);
    assert!(sent[0].body_bytes > 2_000 && sent[0].body_bytes <= 5_000, "{}", sent[0].body_bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_in_any_form_is_fetched_anew_once_and_the_message_arrives_once() {
    let coded = |code: i64| Trouble::Errcode(code, "不合法的access_token".to_owned());
    let wrapped = |code: &str| {
        let body = format!(
            "{{\"errcode\":88,\"sub_code\":\"{code}\",\"sub_msg\":\"x\",\
             \"errmsg\":\"ding talk error[subcode={code},submsg=x]\"}}"
        );
        Trouble::Raw(200, body)
    };
    let text =
        Trouble::Raw(200, "{\"errcode\":\"42001\",\"errmsg\":\"access_token超时\"}".to_owned());
    for refusal in [
        coded(40_014),
        coded(42_001),
        coded(40_001),
        coded(41_001),
        wrapped("40014"),
        wrapped("42001"),
        text,
    ] {
        let app = with_chat().await;
        app.notify(&firing("Disk")).await;
        app.sim.fail(sends(), refusal.clone());
        let id = app.notify(&firing("Load")).await.ids().remove(0);
        let delivery = app.delivery(&id).await;
        assert_eq!(delivery["state"], "delivered", "{refusal:?}");
        assert_eq!(delivery["attempts"][1], Value::Null, "on the same slot: {refusal:?}");
        assert_eq!(calls(&app, Endpoint::GetToken).len(), 2, "{refusal:?}");
        assert_eq!(app.sim.posts().len(), 2, "{refusal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_revoked_or_runs_out_midway_is_fetched_anew() {
    for wrap in [false, true] {
        let app = with_chat().await;
        app.sim.change_rules(|rules| rules.wrap_token_errors = wrap);
        app.notify(&firing("Disk")).await;
        app.sim.revoke_tokens("dingold");
        let id = app.notify(&firing("Load")).await.ids().remove(0);
        assert_eq!(app.state(&id).await, "delivered", "{wrap}");
        let code = if wrap { 88 } else { 40_014 };
        let answers: Vec<_> =
            calls(&app, Endpoint::ChatSend).into_iter().map(|call| call.answer).collect();
        let refused = dingtalk_sim::Answer::Errcode(code);
        assert_eq!(answers, [dingtalk_sim::Answer::Ok, refused, dingtalk_sim::Answer::Ok]);
        assert_eq!(calls(&app, Endpoint::GetToken).len(), 2);
        app.pass(Duration::from_mins(116), Duration::from_mins(30)).await;
        app.notify(&firing("Memory")).await;
        assert_eq!(calls(&app, Endpoint::GetToken).len(), 3, "before it runs out");
        assert_eq!(app.sim.posts().len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_app_secret_buries_the_head_in_words_and_parks_the_rest() {
    let app = with_chat().await;
    app.sim.change_app("dingold", |app| app.secret = "another".to_owned());
    let head = app.notify(&firing("Disk")).await.ids().remove(0);
    let next = app.notify(&firing("Load")).await.ids().remove(0);
    let delivery = app.delivery(&head).await;
    assert_eq!((&delivery["state"], app.state(&next).await.as_str()), (&"dead".into(), "queued"));
    let reason = delivery["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("the app's token could not be fetched: DingTalk said 40096"),
        "{reason}"
    );
    assert!(reason.contains("copy app_key and app_secret"), "{reason}");
    assert!(!reason.contains("old-secret"), "{reason}");
    assert_eq!(calls(&app, Endpoint::GetToken).len(), 1);
    app.sim.change_app("dingold", |app| app.secret = "old-secret".to_owned());
    app.pass(Duration::from_mins(61), Duration::from_mins(1)).await;
    assert_eq!(app.state(&next).await, "delivered");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_administrator_has_to_grant_is_named() {
    for (code, said, outcome, words) in [
        (
            60_011,
            "没有调用该接口的权限",
            "permission",
            "the permission for enterprise conversations",
        ),
        (43_007, "需要授权", "permission", "an administrator has to grant it"),
        (60_020, "访问ip不在白名单之中", "ip", "allow-list"),
        (34_001, "无效的会话id", "conversation", "under open_conversation_ids (cid…) or chat_ids"),
        (90_020, "", "quota", "used up"),
    ] {
        let app = with_chat().await;
        app.sim.fail(sends(), Fault::once(Trouble::Errcode(code, said.to_owned())).lasting());
        let head = app.notify(&firing("Disk")).await.ids().remove(0);
        let next = app.notify(&firing("Load")).await.ids().remove(0);
        let delivery = app.delivery(&head).await;
        assert_eq!(delivery["state"], "dead", "{code}");
        assert_eq!(delivery["attempts"][0]["outcome"], outcome, "{code}");
        assert!(delivery["reason"].as_str().unwrap().contains(words), "{delivery}");
        assert_eq!(app.state(&next).await, "queued", "{code}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_dingtalk_asks_to_try_again_is_tried_again() {
    for (trouble, after) in [
        (Trouble::busy(), FIRST_RETRY),
        (Trouble::Errcode(34_015, "发送群会话消息失败".to_owned()), FIRST_RETRY),
        (Trouble::Errcode(400_001, "系统错误".to_owned()), FIRST_RETRY),
        (Trouble::Errcode(90_018, String::new()), Duration::from_secs(1)),
        (Trouble::punished(), Duration::from_secs(6)),
        (Trouble::Html(502), FIRST_RETRY),
    ] {
        let app = with_chat().await;
        app.sim.fail(sends(), trouble.clone());
        let id = app.notify(&firing("Disk")).await.ids().remove(0);
        assert_eq!(app.state(&id).await, "queued", "{trouble:?}");
        app.advance(after).await;
        assert_eq!(app.state(&id).await, "delivered", "{trouble:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_have_arrived_is_counted_as_a_possible_duplicate() {
    let app = with_chat().await;
    app.sim.fail(sends(), Fault::once(Trouble::Reset).after_accepting());
    app.notify(&firing("Disk")).await;
    app.advance(FIRST_RETRY).await;
    assert_eq!(app.sim.posts().len(), 2, "this API has no idempotency key");
    assert!((app.metric("campana_possible_duplicates_total").await - 1.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_of_one_app_share_its_budget_and_each_api_has_its_own() {
    let conversation = |ids: &str| {
        format!("[{{name: c, app_key: dingold, app_secret: old-secret, {ids}, overflow: queue}}]")
    };
    let config = format!(
        "receivers:\n  - {{name: one, conversations: {}}}\n  - {{name: two, conversations: {}}}\n",
        conversation("chat_ids: [chat1]"),
        conversation("chat_ids: [chat2], open_conversation_ids: ['cid1==']")
    );
    let app = TestApp::with(&config).await;
    app.sim.add_app(App::new("dingold", "old-secret"));
    for index in 0..15 {
        app.post("/api/v1/alerts", firing(&format!("Disk{index}"))).await;
    }
    app.settle().await;
    let sent = |endpoint| calls(&app, endpoint).len();
    assert_eq!(sent(Endpoint::ChatSend), 20, "of 30");
    assert_eq!(sent(Endpoint::GroupSend), 15, "all of the other API");
    app.pass(Duration::from_secs(2), Duration::from_millis(100)).await;
    assert_eq!(app.sim.posts().len(), 45);
    let refused = calls(&app, Endpoint::ChatSend).iter().filter(|call| !call.posted).count();
    assert_eq!(refused, 0, "DingTalk refuses none");
    let app_key = Sender::App("dingold".to_owned());
    assert!(app.sim.busiest_window(&app_key, Duration::from_secs(1)) <= 40, "20 of each API");
}
