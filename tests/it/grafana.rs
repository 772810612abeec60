//! Grafana's alerting webhook: its bodies, its signature, and that it never tries again.

use std::fmt::Write as _;
use std::pin::pin;
use std::time::Duration;

use campana::clock::Clock as _;
use dingtalk_sim::{Fault, Robot, Scope, Trouble};
use hmac::{Hmac, KeyInit, Mac};
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::Sha256;
use test_support::alerts::firing;
use test_support::{Answer, ONE_CHATBOT, TestApp};

const BODY: &str = include_str!("fixtures/grafana-13.json");

/// The body with its one firing alert alone.
fn lone() -> Value {
    let mut body: Value = serde_json::from_str(BODY).unwrap();
    body["alerts"].as_array_mut().unwrap().truncate(1);
    body
}

/// Sends a body as Grafana's client does, with these further headers.
async fn grafana(
    app: &TestApp,
    method: &str,
    path: &str,
    body: &str,
    headers: &[(&str, &str)],
) -> Answer {
    let request = app.http.request(method.parse().unwrap(), app.url(path));
    let own = [
        ("content-type", "text/plain"),
        ("user-agent", "Grafana"),
        ("accept-encoding", "gzip"),
        ("connection", "close"),
    ];
    let headers = own.iter().chain(headers);
    let request = headers.fold(request, |request, (name, value)| request.header(*name, *value));
    app.send(request.body(body.to_owned())).await
}

fn hex(secret: &str, signed: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(signed.as_bytes());
    let mut digits = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(digits, "{byte:02x}").unwrap();
    }
    digits
}

async fn metric(app: &TestApp, name: &str, reason: &str) -> f64 {
    app.metric(&format!("campana_{name}_total{{reason=\"{reason}\"}}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_shows_its_own_values_links_and_picture_and_no_page_of_alertmanager() {
    let app = TestApp::start().await;
    for (index, (method, path)) in [
        ("POST", "/api/v1/alerts"),
        ("PUT", "/api/v2/alerts"),
        ("PUT", "/api/v1/receivers/ops/alerts"),
        ("POST", "/dingtalk/ops/send"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = lone();
        body["groupKey"] = json!(format!("{index}"));
        let answer = grafana(&app, method, path, &body.to_string(), &[]).await;
        assert_eq!((answer.status, answer.ids().len()), (200, 1), "{method} {path}");
        assert!(!answer.headers.contains_key("content-encoding"), "it is JSON as it is");
        app.settle().await;
        let text = app.sim.posts_in("ops").last().unwrap().text.clone();
        for part in [
            "### 🟠 [FIRING:1] Mem high warning db-1 Infra",
            "**memory of db-1 is above 90 %**",
            "\nValues: A = 93.2, B = 1",
            "since 2026-11-21 03:03 +08:00, for 8m",
            "[Dashboard](https://grafana.example.com/d/abcd?from=",
            "&viewPanel=7)",
            "[Silence](https://grafana.example.com/alerting/silence/new?alertmanager=grafana&matcher=",
            "\n\n![Picture](https://img.example.com/x.png)",
        ] {
            assert!(text.contains(part), "{part} not in {text}");
        }
        assert!(!text.contains("/#/"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_alerts_have_their_own_and_in_plain_text_as_addresses() {
    let app =
        TestApp::with(&ONE_CHATBOT.replace("chatbots:", "message: {type: text}\n    chatbots:"))
            .await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    grafana(&app, "POST", "/dingtalk/ops/send", BODY, &[]).await;
    app.settle().await;
    let text = app.sim.posts_in("ops").remove(0).text;
    let (firing, resolved) = text.split_once("✅").unwrap();
    for part in [
        "Values: A = 93.2, B = 1\n",
        "Silence: https://grafana.example.com/alerting/silence/new?",
        "Picture: https://img.example.com/x.png",
    ] {
        assert!(firing.contains(part) && !resolved.contains(part), "{part}: {text}");
    }
    // What both have stands once, above them.
    assert_eq!(text.matches("\nPanel: https://grafana.example.com/d/abcd").count(), 1, "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_finds_what_grafana_gives_and_nothing_where_alertmanager_gives_nothing() {
    let text = "{{ .OrgID }}|{{ .State }}|{{ .Title }}|{{ range .Alerts }}{{ .PanelURL }}|\
                {{ .Values.A }}|{{ len .Values }}|{{ .ImageURL }}{{ end }}.";
    let config = format!(
        "receivers: [{{name: ops, message: {{text: '{text}'}}, chatbots: [{{name: a, access_token: ta}}]}}]"
    );
    let app = TestApp::with(&config).await;
    app.sim.add_robot(Robot::new("ta").group("ops"));
    app.notify(&lone()).await;
    app.notify(&firing("Disk")).await;
    let texts: Vec<String> = app.sim.posts_in("ops").into_iter().map(|post| post.text).collect();
    assert!(texts[0].starts_with("1|alerting|[FIRING:1, RESOLVED:1] Mem high Infra"), "{texts:?}");
    assert!(texts[0].ends_with("&viewPanel=7|93.2|2|https://img.example.com/x.png."), "{texts:?}");
    assert_eq!(texts[1], "0||||0|0|.");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_stored_as_what_it_is_and_so_is_what_alertmanager_sends() {
    let app = TestApp::start().await;
    app.sim.change_robot("ops-token", |robot| robot.keywords = vec!["告警".to_owned()]);
    app.notify(&lone()).await;
    app.notify(&firing("Disk")).await;
    let database = Connection::open(app.folder.path().join("campana.db")).unwrap();
    let mut formats = database.prepare("SELECT format FROM notification ORDER BY id").unwrap();
    let formats: Vec<String> =
        formats.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(formats, ["grafana", "alertmanager"]);
    // A version before stored both as Alertmanager's.
    let sql = "UPDATE notification SET format = 'alertmanager'";
    for change in ["", sql] {
        database.execute_batch(change).unwrap();
        app.sim.change_robot("ops-token", |robot| robot.keywords.clear());
        let answer = app.call("POST", "/api/v1/deliveries/1/replay?render=true").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        app.settle().await;
        let text = app.sim.posts_in("ops").last().unwrap().text.clone();
        assert!(text.contains("Values: A = 93.2, B = 1") && !text.contains("/#/"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_about_a_rule_without_data_says_which_rule() {
    let app = TestApp::start().await;
    for (name, state) in [("DatasourceNoData", "NoData"), ("DatasourceError", "Error")] {
        let mut body = lone();
        let alert = &mut body["alerts"][0];
        alert["labels"]["alertname"] = json!(name);
        alert["labels"]["rulename"] = json!("Mem high");
        alert["annotations"]["grafana_state_reason"] = json!(state);
        alert["values"] = Value::Null;
        body["groupKey"] = json!(name);
        app.notify(&body).await;
        let text = app.sim.posts_in("ops").last().unwrap().text.clone();
        assert!(
            text.starts_with(&format!("### 🟠 [FIRING:1] {name} warning Mem high db-1")),
            "{text}"
        );
        assert!(text.contains(&format!("grafana\\_state\\_reason: {state}")), "{text}");
        assert!(
            text.contains("Values: \\[ var='A' labels={instance=db-1} value=93.2 \\]"),
            "{text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_values_in_the_fields_of_its_own_lose_no_alert() {
    let app = TestApp::start().await;
    let mut body = lone();
    body["orgId"] = json!("1");
    body["truncatedAlerts"] = json!("0");
    body["message"] = json!({"a": [1]});
    let alert = &mut body["alerts"][0];
    alert["labels"]["pod"] = json!(7);
    alert["values"] = json!({"A": null, "B": "much", "C": [1]});
    alert["imageURL"] = json!("javascript:alert(1)");
    alert["silenceURL"] = json!(17);
    alert["enrichments"] = json!({"later": true});
    app.notify(&body).await;
    let text = app.sim.posts_in("ops").remove(0).text;
    assert!(text.contains("Values: B = much") && text.contains("pod: 7"), "{text}");
    assert!(!text.contains("javascript") && !text.contains("[Silence]"), "{text}");
}

/// Two receivers that ask for signatures, one without and one with a time stamp, and one that does not.
const SIGNED: &str = "
receivers:
  - name: plain
    grafana: {hmac_secret: plain-secret}
    chatbots: [{name: a, access_token: ta}]
  - name: timed
    grafana: {hmac_secret: timed-secret, signature_header: X-Sig, timestamp_header: X-Time}
    chatbots: [{name: b, access_token: tb}]
  - {name: open, chatbots: [{name: c, access_token: tc}]}
";

async fn signed() -> TestApp {
    let app = TestApp::with(SIGNED).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    app
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_with_a_key_takes_only_what_is_signed_with_it() {
    let app = signed().await;
    let signature = hex("plain-secret", BODY);
    for path in ["/api/v1/receivers/plain/alerts", "/dingtalk/plain/send"] {
        let unsigned = grafana(&app, "POST", path, BODY, &[]).await;
        assert_eq!(unsigned.status, 401, "{}", unsigned.text);
        assert!(unsigned.headers.contains_key("www-authenticate"));
        let words = "the header X-Grafana-Alerting-Signature is missing";
        assert!(unsigned.error().contains(words), "{}", unsigned.text);
        for wrong in [hex("timed-secret", BODY), hex("plain-secret", "x"), "zz".to_owned()] {
            let headers = [("x-grafana-alerting-signature", &*wrong)];
            let refused = grafana(&app, "PUT", path, BODY, &headers).await;
            assert_eq!(refused.status, 403, "{}", refused.text);
            assert!(!refused.text.contains("plain-secret") && !refused.text.contains(&signature));
        }
        assert_eq!(app.post(path, firing("Disk")).await.status, 401, "whoever posts it");
    }
    assert!((metric(&app, "notifications_refused", "signature").await - 10.0).abs() < 0.1);
    let headers = [("x-grafana-alerting-signature", &*signature)];
    let taken = grafana(&app, "POST", "/dingtalk/plain/send", BODY, &headers).await;
    assert_eq!(taken.ids().len(), 1, "{}", taken.text);
    let config = app.get("/api/v1/status/config").await.text;
    assert!(
        config.contains("hmac_secret: <secret>") && !config.contains("plain-secret"),
        "{config}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_stamp_that_is_not_of_now_is_refused() {
    let app = signed().await;
    let path = "/api/v1/receivers/timed/alerts";
    let now = 1_795_201_920;
    for (apart, status) in [(0, 200), (-299, 200), (-301, 403), (301, 403), (-86_400, 403)] {
        let time = (now + apart).to_string();
        let signature = hex("timed-secret", &format!("{time}:{BODY}"));
        let headers = [("x-sig", &*signature), ("x-time", &*time)];
        let answer = grafana(&app, "POST", path, BODY, &headers).await;
        assert_eq!(answer.status, status, "{apart}: {}", answer.text);
        let words = format!("it was signed {} s from now", i64::from(apart).abs());
        assert_eq!(answer.text.contains(&words), status == 403, "{}", answer.text);
    }
    let signature = hex("timed-secret", BODY);
    let answer = grafana(&app, "POST", path, BODY, &[("x-sig", &signature)]).await;
    assert_eq!((answer.status, answer.error().contains("X-Time is missing")), (401, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_receivers_are_asked_a_signature_opens_those_that_ask_for_it() {
    let app = signed().await;
    let signature = hex("plain-secret", BODY);
    let headers = [("x-grafana-alerting-signature", &*signature)];
    let all = grafana(&app, "POST", "/api/v1/alerts", BODY, &headers).await;
    assert_eq!((all.ids().len(), &all.json()["unsigned"]), (2, &json!(["timed"])));
    let unsigned = app.post("/api/v1/alerts", firing("Disk")).await;
    assert_eq!(unsigned.ids().len(), 1, "{}", unsigned.text);
    assert_eq!(unsigned.json()["unsigned"], json!(["plain", "timed"]));
    app.reload(&SIGNED.replace("{name: open,", "{name: open, enabled: false,")).await;
    let nobody = app.post("/api/v1/alerts", firing("Net")).await;
    assert_eq!(nobody.status, 401, "nobody would hear of it: {}", nobody.text);
    app.reload(ONE_CHATBOT).await;
    let open = app.post("/api/v1/alerts", firing("Net")).await;
    assert_eq!(open.json().get("unsigned"), None);
}

/// A queue that one delivery fills, which is tried again in an hour.
async fn full() -> TestApp {
    let limits = "delivery: {retry: [1h]}\nstorage: {limits: {queued: 1}}\n";
    let app = TestApp::with(&format!("{limits}{ONE_CHATBOT}")).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app.sim.fail(Scope::Server, Fault::once(Trouble::Status(503)).lasting());
    app.notify(&firing("Disk")).await;
    assert_eq!(app.states().await, ["queued"]);
    app
}

/// The answer to a post, with the clock moved by a second whenever something sleeps for one.
async fn as_time_passes(app: &TestApp, post: impl Future<Output = Answer>) -> Answer {
    let second = Duration::from_secs(1);
    let mut post = pin!(post);
    loop {
        tokio::select! {
            answer = &mut post => return answer,
            () = app.sleeping_for(second) => app.clock.advance(second),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_grafana_posts_waits_for_a_store_that_takes_nothing_now() {
    let app = full().await;
    assert_eq!(app.accept(&firing("Net")).await.status, 503, "Alertmanager is told at once");
    let body = lone().to_string();
    let mut post = Box::pin(grafana(&app, "POST", "/dingtalk/ops/send", &body, &[]));
    tokio::select! {
        answer = &mut post => panic!("it does not wait: {}", answer.text),
        () = app.sleeping_for(Duration::from_secs(1)) => {}
    }
    app.call("POST", "/api/v1/deliveries/1/discard").await;
    let taken = as_time_passes(&app, post).await;
    assert_eq!(taken.ids().len(), 1, "{}", taken.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_refused_before_grafana_gives_up() {
    let app = full().await;
    let began = app.clock.now().boot;
    let body = lone().to_string();
    let post = grafana(&app, "POST", "/dingtalk/ops/send", &body, &[]);
    let refused = as_time_passes(&app, post).await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    let took = app.clock.now().boot - began;
    assert!((19..=21).contains(&took.as_secs()), "Grafana waits 30 s: {took:?}");
    assert!((metric(&app, "notifications_refused", "storage").await - 1.0).abs() < 0.1);
}
