//! What may be posted, and what each body is answered.

use serde_json::json;
use test_support::alerts::{alert, firing, group};
use test_support::{ONE_CHATBOT, TestApp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const THREE: &str = "
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ops-token}]}
  - {name: db, chatbots: [{name: b, access_token: db-token}, {name: c, access_token: c-token}]}
  - {name: off, enabled: false, chatbots: [{name: d, access_token: off-token}]}
";

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_is_read_whatever_its_content_type() {
    let app = TestApp::start().await;
    let kinds = [
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain; charset=gbk",
        "nonsense",
        "multipart/form-data",
    ];
    for (index, kind) in kinds.into_iter().enumerate() {
        let body = firing(&format!("Disk{index}"));
        let answer = app.post_as("/dingtalk/ops/send", kind, &body).await;
        assert_eq!((answer.status, answer.ids().len()), (200, 1), "{kind}: {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/json");
    }
    app.settle().await;
    assert_eq!(app.sim.posts_in("ops").len(), kinds.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_notification_is_told_what_to_do() {
    let app = TestApp::start().await;
    for (body, words) in [
        ("", "the body is empty; post Alertmanager's webhook payload"),
        ("{\"alerts\": [\n  {]}", "the body is not JSON: key must be a string at line 2 column 4"),
        ("[{\"labels\": {}}]", "point that program at Alertmanager, and a webhook receiver"),
        (
            "[{\"labels\": {\"alertname\": \"Up\", \"alertgroup\": \"g\"}}]",
            "vmalert posts it; set its `-notifier.url` to Alertmanager",
        ),
        (
            "[{\"labels\": {\"elastalert_rule\": \"Errors\"}, \"annotations\": {}}]",
            "set its `alertmanager_hosts` to Alertmanager",
        ),
        (
            "{\"title\": \"[Alerting] Disk\", \"ruleId\": 7, \"state\": \"alerting\", \"orgId\": 1, \
             \"evalMatches\": [{\"value\": 100, \"metric\": \"high\"}]}",
            "Grafana's legacy alerting",
        ),
        (
            "{\"msgtype\": \"text\", \"text\": {\"content\": \"x\"}}",
            "writes the DingTalk message itself",
        ),
        ("{\"hello\": 1}", "none of a notification's fields"),
        ("\"text\"", "a string and no object"),
        ("{\"alerts\": [{\"status\": \"burning\"}]}", "expected `firing` or `resolved` at line 1"),
    ] {
        for path in ["/api/v2/alerts", "/dingtalk/ops/send"] {
            let answer = app.post(path, body).await;
            assert_eq!(answer.status, 400, "{body}");
            assert!(answer.error().contains(words), "{body}: {}", answer.error());
        }
    }
    assert_eq!(app.states().await, [""; 0]);
    let refused = "campana_notifications_refused_total{reason=\"payload\"}";
    assert!((app.metric(refused).await - 20.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sender_leaves_out_is_no_mistake() {
    let app = TestApp::start().await;
    for (index, body) in [
        json!({"version": "3", "status": "firing", "alerts": [{"labels": {"alertname": "V3"}}]}),
        json!({
            "groupKey": null, "groupLabels": null, "externalURL": null, "commonLabels": null,
            "commonAnnotations": null, "receiver": null, "truncatedAlerts": null,
            "alerts": [{"status": null, "labels": {"alertname": "V3", "n": null},
                        "annotations": null, "fingerprint": null, "startsAt": null,
                        "endsAt": null, "generatorURL": null}],
        }),
        json!({"alerts": [{"labels": null}], "later": {"field": [1, 2]}}),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = app.notify(&body).await;
        assert_eq!(answer.ids().len(), 1, "{index}: {}", answer.text);
        assert_eq!(app.state(&answer.ids()[0]).await, "delivered");
    }
    assert!(app.sim.posts()[0].text.contains("V3"), "{}", app.sim.posts()[0].text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_answered_413_in_words() {
    let app = TestApp::with(&format!("web: {{max_body_bytes: 64KiB}}\n{ONE_CHATBOT}")).await;
    let large = group("Disk", [alert("Disk").summary(&"x".repeat(70_000))]);
    let fits = group("Disk", [alert("Disk").summary(&"x".repeat(60_000))]);
    let answer = app.post("/api/v1/alerts", &large).await;
    assert_eq!(answer.status, 413, "{}", answer.text);
    assert!(answer.error().contains("larger than 65536 bytes; raise web.max_body_bytes"));
    assert_eq!(app.post("/api/v1/alerts", &fits).await.status, 200);
    let refused = "campana_notifications_refused_total{reason=\"too_large\"}";
    assert!((app.metric(refused).await - 1.0).abs() < 0.1);
}

/// The limit is known by the body's length, never by the type that the sender gives.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_answered_in_words_whatever_it_says_it_is() {
    let app = TestApp::with(&format!("web: {{max_body_bytes: 1KiB}}\n{ONE_CHATBOT}")).await;
    let large = json!({"alerts": [], "payload": {}, "text": "x".repeat(2_000)});
    let paths = ["/api/v1/alerts", "/api/v1/conditions/test", "/api/v1/templates/render"];
    for kind in ["application/json", "text/plain", "nonsense"] {
        for path in paths {
            let answer = app.post_as(path, kind, &large).await;
            assert_eq!(answer.status, 413, "{path} {kind}");
            assert_eq!(answer.headers["content-type"], "application/json", "{path} {kind}");
            assert!(answer.error().contains("larger than 1024 bytes"), "{}", answer.error());
        }
    }
}

/// The body is far larger than what a connection buffers, so the sender is still sending.
#[tokio::test(flavor = "multi_thread")]
async fn a_sender_hears_every_answer_that_is_given_before_its_body_is_read() {
    let app = TestApp::start().await;
    let large = "x".repeat(8 * 1024 * 1024);
    for (path, status) in [
        ("/api/v1/alerts", 413),
        ("/dingtalk/nobody/send", 413),
        ("/nothing", 413),
        ("/metrics", 413),
    ] {
        assert_eq!(app.post(path, &large).await.status, status, "{path}");
    }
    let refused = "campana_notifications_refused_total{reason=\"too_large\"}";
    assert!((app.metric(refused).await - 2.0).abs() < 0.1, "two of them were notifications");
    let fits = "x".repeat(3 * 1024 * 1024);
    for (path, status) in [("/dingtalk/nobody/send", 404), ("/nothing", 404), ("/metrics", 405)] {
        assert_eq!(app.post(path, &fits).await.status, status, "{path}");
    }
}

/// `curl` asks so before a large body; it is told without sending it.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_before_sending_a_body_that_is_too_large_is_told_at_once() {
    let app = TestApp::start().await;
    let mut stream = TcpStream::connect(app.running().address).await.unwrap();
    let head = "POST /api/v1/alerts HTTP/1.1\r\nhost: h\r\nexpect: 100-continue\r\n\
                content-length: 99999999\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 413");
}

/// A chunked body says no length, so only reading it tells.
#[tokio::test(flavor = "multi_thread")]
async fn a_chunked_body_is_read_and_has_the_same_limit() {
    let app = TestApp::with(&format!("web: {{max_body_bytes: 64KiB}}\n{ONE_CHATBOT}")).await;
    for (body, status) in [
        (group("Disk", [alert("Disk").summary(&"x".repeat(70_000))]), "413"),
        (firing("Disk"), "200"),
    ] {
        let mut stream = TcpStream::connect(app.running().address).await.unwrap();
        let head = "POST /api/v1/alerts HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        for chunk in body.to_string().as_bytes().chunks(8_192) {
            let size = format!("{:x}\r\n", chunk.len());
            stream.write_all(&[size.as_bytes(), chunk, b"\r\n"].concat()).await.unwrap();
        }
        stream.write_all(b"0\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(status == "200" || answer.contains("web.max_body_bytes"), "{answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_to_all_makes_a_delivery_for_each_destination_of_each_enabled_receiver() {
    let app = TestApp::with(THREE).await;
    app.sim.change_rules(|rules| rules.any_token = true);
    for (path, name) in [("/api/v1/alerts", "One"), ("/api/v2/alerts", "Two")] {
        let answer = app.post(path, firing(name)).await;
        assert_eq!(answer.ids().len(), 3, "{path}: {}", answer.text);
        assert_eq!(answer.json()["deliveries"], 3);
        assert_eq!(answer.json().get("disabled"), None);
    }
    app.settle().await;
    assert_eq!(app.states().await, ["delivered"; 6]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disabled_receiver_takes_a_notification_and_stores_nothing() {
    let app = TestApp::with(THREE).await;
    let answer = app.post("/api/v1/receivers/off/alerts", firing("Disk")).await;
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert_eq!((&body["disabled"], &body["deliveries"]), (&json!(true), &json!(0)));
    assert_eq!(body["ids"], json!([]));
    assert!(body["notification"].as_str().is_some_and(|id| id.len() == 36), "{body}");
    assert_eq!(app.post("/dingtalk/off/send", "").await.status, 400, "it is read all the same");
    assert_eq!(app.states().await, [""; 0]);
}

/// What is stored is what came, and the number of those that are left out is part of the state.
#[tokio::test(flavor = "multi_thread")]
async fn beyond_so_many_alerts_they_are_only_counted() {
    let app = TestApp::with(&format!("web: {{max_alerts: 3}}\n{ONE_CHATBOT}")).await;
    let instances = ["db-1", "db-2", "db-3", "db-4", "db-5"];
    let group_of = |firing: &[&str]| {
        let alerts = instances.map(|instance| {
            let one = alert("Disk").label("instance", instance);
            if firing.contains(&instance) { one } else { one.resolved() }
        });
        group("Disk", alerts)
    };
    let first = app.notify(&group_of(&["db-1", "db-5"])).await;
    let id = first.ids().remove(0);
    let detail = app.delivery(&id).await;
    let text = detail["parts"][0]["text"].as_str().unwrap();
    assert!(text.contains("db-1") && text.contains("db-5"), "what fires is shown: {text}");
    assert!(text.contains("2 more"), "{text}");
    let again = app.notify(&group_of(&["db-1", "db-5"])).await;
    assert_eq!(again.ids(), [""; 0], "it is a duplicate");
    let four = ["db-1", "db-2", "db-3", "db-5"];
    assert_eq!(app.notify(&group_of(&four)).await.ids().len(), 1);
    let five = ["db-1", "db-2", "db-3", "db-4"];
    assert_eq!(app.notify(&group_of(&five)).await.ids().len(), 1, "another one is not kept");
    let truncated = app.metric("campana_alerts_truncated_total").await;
    assert!((truncated - 8.0).abs() < 0.1, "{truncated}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_alerts_in_one_body_are_one_delivery_of_at_most_five_parts() {
    let app = TestApp::start().await;
    let alerts = (0..1_000).map(|index| {
        alert("Disk").label("instance", &format!("db-{index}")).summary(&"full ".repeat(20))
    });
    let id = app.notify(&group("Disk", alerts)).await.ids().remove(0);
    let delivery = app.delivery(&id).await;
    assert_eq!(delivery["state"], "delivered");
    let parts = delivery["parts"].as_array().unwrap().len();
    assert!((2..=5).contains(&parts), "{parts}");
    assert_eq!(app.sim.posts_in("ops").len(), parts);
}

/// Large bodies share room, and one that has only begun takes none of it.
#[tokio::test(flavor = "multi_thread")]
async fn slow_senders_of_large_bodies_keep_no_other_waiting() {
    let app = TestApp::with(ONE_CHATBOT).await;
    let mut slow = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(app.running().address).await.unwrap();
        let begun = "POST /api/v1/alerts HTTP/1.1\r\nhost: h\r\ncontent-length: 4194000\r\n\r\n{";
        stream.write_all(begun.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    let large = group("Disk", [alert("Disk").summary(&"x".repeat(1_000_000))]);
    let answer = app.post("/api/v1/alerts", &large).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for stream in &slow {
        let error = stream.try_read(&mut [0; 1]).expect_err("it is not answered yet");
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    }
}
