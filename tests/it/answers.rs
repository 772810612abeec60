//! What follows each answer of DingTalk, or none: the rows that try again and those that give up.

use std::time::Duration;

use dingtalk_sim::{Call, Endpoint, Fault, Scope, Trouble};
use test_support::alerts::{alert, firing, group};
use test_support::{ATTEMPT_LIMIT, FIRST_RETRY, ONE_CHATBOT, TestApp};

/// DingTalk's idempotency key of a call.
fn uuid(call: &Call) -> String {
    let body = call.body.as_ref().expect("a JSON body");
    body["msgUuid"].as_str().expect("a msgUuid").to_owned()
}

fn raw(text: &str) -> Trouble {
    Trouble::Raw(200, text.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_says_neither_yes_nor_no_is_tried_again_with_the_same_id() {
    let app = TestApp::start().await;
    for (index, (trouble, outcome)) in [
        (Trouble::Html(200), "no_errcode"),
        (Trouble::Html(502), "http_error"),
        (Trouble::Status(500), "http_error"),
        (Trouble::Status(503), "http_error"),
        (Trouble::Status(429), "http_error"),
        (Trouble::Redirect("http://127.0.0.1:1/".to_owned()), "redirect"),
        (Trouble::Redirect(app.sim.webhook("ops-token")), "redirect"),
        (Trouble::Truncated, "no_errcode"),
        (Trouble::Huge, "no_errcode"),
        (raw("{}"), "no_errcode"),
        (raw("[0]"), "no_errcode"),
        (raw("{\"errcode\":null,\"errmsg\":\"ok\"}"), "no_errcode"),
        (Trouble::Reset, "reset"),
        (Trouble::busy(), "busy"),
    ]
    .into_iter()
    .enumerate()
    {
        for after_accepting in [false, true] {
            app.sim.forget();
            let fault = Fault::once(trouble.clone());
            let fault = if after_accepting { fault.after_accepting() } else { fault };
            app.sim.fail(Scope::Server, fault);
            let id =
                app.notify(&firing(&format!("Disk{index}{after_accepting}"))).await.ids().remove(0);
            let delivery = app.delivery(&id).await;
            assert_eq!(delivery["state"], "queued", "{trouble:?}: {delivery}");
            assert_eq!(delivery["attempts"][0]["outcome"], outcome, "{trouble:?}: {delivery}");
            assert!(!delivery["reason"].as_str().unwrap().is_empty(), "{delivery}");
            app.advance(FIRST_RETRY).await;
            assert_eq!(app.state(&id).await, "delivered", "{trouble:?}");
            let calls = app.sim.calls();
            assert_eq!(calls.len(), 2, "{trouble:?}: nothing else is called");
            assert_eq!(uuid(&calls[0]), uuid(&calls[1]), "{trouble:?}");
            assert_eq!(app.sim.posts().len(), 1, "{trouble:?}: one bubble");
            app.advance(Duration::from_mins(1)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_without_an_answer_ends_at_its_limit_and_is_made_again_with_the_same_id() {
    let app = TestApp::start().await;
    for (trouble, after_accepting) in [
        (Trouble::Hang, false),
        (Trouble::Hang, true),
        (Trouble::Drip(Duration::from_millis(1)), true),
    ] {
        app.sim.forget();
        let fault = Fault::once(trouble.clone());
        let fault = if after_accepting { fault.after_accepting() } else { fault };
        app.sim.fail(Scope::Server, fault);
        let id =
            app.accept(&firing(&format!("{trouble:?}{after_accepting}"))).await.ids().remove(0);
        app.called(1).await;
        app.clock.advance(ATTEMPT_LIMIT - Duration::from_millis(1));
        assert_eq!(app.delivery(&id).await["attempts"][0]["outcome"], serde_json::Value::Null);
        app.advance(Duration::from_millis(1)).await;
        let delivery = app.delivery(&id).await;
        assert_eq!(delivery["attempts"][0]["outcome"], "timeout", "{delivery}");
        assert_eq!(delivery["attempts"][0]["duration_ms"], 10_000);
        app.advance(FIRST_RETRY).await;
        assert_eq!(app.state(&id).await, "delivered");
        let calls = app.sim.calls();
        assert_eq!((calls.len(), uuid(&calls[0])), (2, uuid(&calls[1])));
        assert_eq!(app.sim.posts().len(), 1);
        app.advance(Duration::from_mins(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_the_message_waits_and_says_what_to_check() {
    // Bound and never listening: refused, and given to no other test.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = socket.local_addr().unwrap();
    let config = format!(
        "receivers: [{{name: ops, chatbots: [{{name: bot, \
         webhook_url: 'http://{closed}/robot/send?access_token=far-token'}}]}}]"
    );
    let app = TestApp::with(&config).await;
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    let delivery = app.delivery(&id).await;
    assert_eq!(delivery["attempts"][0]["outcome"], "no_connection");
    let reason = delivery["reason"].as_str().unwrap();
    assert!(reason.contains("check this machine's DNS, proxy, firewall"), "{reason}");
    assert!(!reason.contains("far-token"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_that_the_gateway_asks_for_is_kept() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, Trouble::Punished { status: 200, wait: 5 });
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    app.advance(Duration::from_millis(4_900)).await;
    assert_eq!(app.sim.calls().len(), 1);
    app.advance(Duration::from_millis(200)).await;
    assert_eq!(app.state(&id).await, "delivered");
    assert_eq!(app.delivery(&id).await["attempts"][0]["outcome"], "banned");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_dingtalk_is_asked_three_times_more_and_then_slowly() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, Fault::once(Trouble::busy()).times(5));
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    app.pass(Duration::from_secs(3), Duration::from_secs(1)).await;
    assert_eq!(app.sim.calls().len(), 4);
    app.pass(Duration::from_secs(47), Duration::from_secs(1)).await;
    assert_eq!(app.sim.calls().len(), 4, "the fourth answer begins the slow schedule");
    app.pass(Duration::from_secs(25), Duration::from_secs(5)).await;
    assert_eq!(app.sim.calls().len(), 5);
    app.pass(Duration::from_mins(6), Duration::from_mins(1)).await;
    assert_eq!(app.state(&id).await, "delivered");
    let uuids: Vec<String> = app.sim.calls().iter().map(uuid).collect();
    assert!(uuids.iter().all(|id| *id == uuids[0]), "{uuids:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_code_has_five_tries_over_ten_minutes_each_with_an_id_of_its_own() {
    let app = TestApp::start().await;
    let odd = Trouble::Errcode(987_654, "天知道".to_owned());
    app.sim.fail(Scope::Server, Fault::once(odd).lasting());
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    app.pass(Duration::from_mins(7), Duration::from_secs(10)).await;
    assert_eq!((app.sim.calls().len(), &*app.state(&id).await), (4, "queued"));
    app.pass(Duration::from_mins(6), Duration::from_secs(30)).await;
    let delivery = app.delivery(&id).await;
    assert_eq!((app.sim.calls().len(), &delivery["state"]), (5, &"dead".into()));
    let reason = delivery["reason"].as_str().unwrap();
    assert!(reason.contains("987654") && reason.contains("天知道"), "{reason}");
    let mut uuids: Vec<String> = app.sim.calls().iter().map(uuid).collect();
    uuids.sort();
    uuids.dedup();
    assert_eq!(uuids.len(), 5);
    app.pass(Duration::from_hours(2), Duration::from_mins(10)).await;
    assert_eq!(app.sim.calls().len(), 5, "dead is dead");
    let dead = "campana_dead_letters_total{outcome=\"unknown\"}";
    assert!((app.metric(dead).await - 1.0).abs() < 0.1);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_whose_words_name_what_is_missing_is_a_dead_letter_at_once() {
    let app = TestApp::start().await;
    for (code, words, named) in [
        (400_403, "miss param : markdown->text", "missing or empty (markdown->text); "),
        (400_402, "错误描述:参数 markdown 的 title 缺失", "missing or empty (markdown 的 title); "),
        (987_654, "缺少参数 text", "missing or empty (text); "),
        (987_654, "param error", "DingTalk does not take this message"),
    ] {
        app.sim.fail(Scope::Server, Trouble::Errcode(code, words.to_owned()));
        let refused = app.notify(&firing(words)).await.ids().remove(0);
        let taken = app.notify(&firing(&format!("after {words}"))).await.ids().remove(0);
        let delivery = app.delivery(&refused).await;
        assert_eq!(delivery["state"], "dead", "{delivery}");
        assert_eq!(delivery["attempts"][0]["outcome"], "parameter", "{delivery}");
        assert!(delivery["reason"].as_str().unwrap().contains(named), "{delivery}");
        assert_eq!(app.state(&taken).await, "delivered", "{words}: the others go on");
    }
    assert_eq!(app.sim.calls().len(), 8, "none is tried again");
}

#[tokio::test(flavor = "multi_thread")]
async fn once_an_outcome_was_unknown_a_later_refusal_does_not_change_the_id() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, Trouble::Errcode(987_654, String::new()));
    app.sim.fail(Scope::Server, Fault::once(Trouble::Reset).after_accepting());
    app.sim.fail(Scope::Server, Trouble::Errcode(987_654, String::new()));
    app.notify(&firing("Disk")).await;
    app.pass(Duration::from_mins(3), Duration::from_secs(10)).await;
    let uuids: Vec<String> = app.sim.calls().iter().map(uuid).collect();
    assert_eq!(uuids.len(), 4);
    assert_ne!(uuids[0], uuids[1], "refused: a new id");
    assert_eq!((&uuids[1], &uuids[1]), (&uuids[2], &uuids[3]), "unknown: the same id for good");
    assert_eq!(app.sim.posts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_long_is_cut_again_and_its_first_text_stays_visible() {
    let app = TestApp::start().await;
    app.sim.change_rules(|rules| rules.max_body_bytes = 3_000);
    let alerts = (0..12).map(|index| {
        alert(&format!("Disk{index}")).summary(&format!("{index} is full, ").repeat(12))
    });
    let id = app.notify(&group("Disks", alerts)).await.ids().remove(0);
    app.pass(Duration::from_mins(2), Duration::from_secs(30)).await;
    let delivery = app.delivery(&id).await;
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    let posts = app.sim.posts_in("ops");
    assert_eq!(posts.len(), delivery["parts"].as_array().unwrap().len());
    assert!(posts.len() > 1);
    let first = delivery["message"]["text"].as_str().unwrap();
    for index in 0..12 {
        let name = format!("Disk{index}");
        assert!(first.contains(&name), "{name} not in {first}");
        assert!(posts.iter().any(|post| post.text.contains(&name)), "{name} did not arrive");
    }
    assert_eq!(delivery["attempts"][0]["outcome"], "too_long");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_is_dead_at_once_and_the_next_one_goes_on() {
    let app = TestApp::start().await;
    app.sim.change_robot("ops-token", |robot| robot.keywords = vec!["prod".to_owned()]);
    let refused = app.notify(&firing("Disk")).await.ids().remove(0);
    let taken = app.notify(&firing("prod-disk")).await.ids().remove(0);
    let delivery = app.delivery(&refused).await;
    assert_eq!(delivery["state"], "dead");
    let reason = delivery["reason"].as_str().unwrap();
    for words in [
        "310000",
        "关键词不匹配",
        "none of the robot's keywords",
        "add one under this chatbot's keywords",
    ] {
        assert!(reason.contains(words), "{words} not in {reason}");
    }
    assert_eq!(app.state(&taken).await, "delivered");
    assert_eq!(app.sim.calls().len(), 2);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_time_stamp_is_signed_again_and_counted() {
    let app = TestApp::with(
        "receivers: [{name: ops, chatbots: [{name: bot, access_token: ops-token, secret: SECx}]}]",
    )
    .await;
    app.sim.add_robot(dingtalk_sim::Robot::new("ops-token").group("ops").secret("SECx"));
    let words =
        "description:机器人发送签名过期;solution:签名生成时间和发送时间请保持在 timestampms 以内;";
    app.sim.fail(Scope::Server, Trouble::Errcode(310_000, words.to_owned()));
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    let reason = app.delivery(&id).await["reason"].to_string();
    assert!(reason.contains("set this machine's clock (NTP)"), "{reason}");
    app.advance(FIRST_RETRY).await;
    assert_eq!(app.state(&id).await, "delivered");
    let stamp = |call: &Call| call.query.iter().find(|(name, _)| name == "timestamp").cloned();
    let calls = app.sim.calls();
    assert_ne!(stamp(&calls[0]), stamp(&calls[1]));
    assert!((app.metric("campana_clock_refusals_total").await - 1.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_arrives_is_dead_at_its_max_age_with_the_last_reason() {
    let app = TestApp::with(&format!("delivery: {{max_age: 10m}}\n{ONE_CHATBOT}")).await;
    app.sim.fail(Scope::Endpoint(Endpoint::RobotSend), Fault::once(Trouble::Status(503)).lasting());
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    app.pass(Duration::from_secs(599), Duration::from_secs(20)).await;
    assert_eq!(app.state(&id).await, "queued");
    app.pass(Duration::from_secs(2), Duration::from_secs(1)).await;
    let delivery = app.delivery(&id).await;
    assert_eq!(delivery["state"], "dead", "{delivery}");
    let reason = delivery["reason"].as_str().unwrap();
    assert!(reason.starts_with("gave up after 10 min: DingTalk answered HTTP 503"), "{reason}");
    app.assert_accounts().await;
}
