//! Which paths there are, with which methods, and what all the others are told.

use test_support::alerts::firing;
use test_support::{ONE_CHATBOT, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn every_path_answers_with_and_without_a_slash_at_its_end() {
    let app = TestApp::start().await;
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    let show = format!("/api/v1/deliveries/{id}");
    let (replay, discard) = (format!("{show}/replay"), format!("{show}/discard"));
    for (method, path, status) in [
        ("POST", "/api/v1/alerts", 400),
        ("POST", "/api/v2/alerts", 400),
        ("POST", "/api/v1/receivers/ops/alerts", 400),
        ("POST", "/dingtalk/ops/send", 400),
        ("POST", "/api/v1/receivers/ops/test", 200),
        ("GET", "/api/v1/receivers", 200),
        ("GET", "/api/v1/deliveries", 200),
        ("GET", "/api/v1/deliveries?state=dead", 200),
        ("GET", &show, 200),
        ("POST", &replay, 409),
        ("POST", &discard, 409),
        ("POST", "/api/v1/conditions/test", 400),
        ("POST", "/api/v1/templates/render", 400),
        ("GET", "/api/v1/status/config", 200),
        ("GET", "/api/v1/status/buildinfo", 200),
        ("GET", "/api/v1/status/flags", 200),
        ("GET", "/-/healthy", 200),
        ("GET", "/-/ready", 200),
        ("POST", "/-/reload", 200),
        ("PUT", "/-/reload", 200),
        ("GET", "/metrics", 200),
        ("GET", "/nothing", 404),
        ("GET", "/", 404),
    ] {
        for path in [path.to_owned(), path.replacen('?', "/?", 1), format!("{path}/")] {
            let answer = app.call(method, &path).await;
            if path.contains("dead/") {
                continue;
            }
            assert_eq!(answer.status, status, "{method} {path}: {}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_answers_as_get_without_the_body() {
    let app = TestApp::start().await;
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    let show = format!("/api/v1/deliveries/{id}");
    for path in [
        "/api/v1/receivers",
        "/api/v1/deliveries",
        &show,
        "/api/v1/deliveries/99",
        "/api/v1/status/config",
        "/api/v1/status/buildinfo",
        "/api/v1/status/flags",
        "/-/healthy",
        "/-/ready",
        "/metrics",
        "/nothing",
    ] {
        let (get, head) = (app.get(path).await, app.call("HEAD", path).await);
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.headers["content-type"], get.headers["content-type"], "{path}");
        assert_eq!(head.text, "", "{path}");
        assert!(!get.text.is_empty(), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_names_its_request() {
    let app = TestApp::start().await;
    let mut ids = Vec::new();
    for path in ["/-/ready", "/nothing", "/metrics", "/api/v1/alerts"] {
        let answer = app.get(path).await;
        let id = answer.headers["x-request-id"].to_str().unwrap().to_owned();
        assert_eq!(id.len(), 36, "{path}: {id}");
        assert!(!ids.contains(&id), "{path}: {id}");
        ids.push(id);
        let named = app.http.get(app.url(path)).header("x-request-id", "mine");
        assert_eq!(app.send(named).await.headers["x-request-id"], "mine", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_told_those_that_there_are() {
    let app = TestApp::start().await;
    let answer = app.post("/webhook", "{}").await;
    assert_eq!(answer.status, 404);
    let words = answer.error();
    assert!(words.contains("no path \"/webhook\""), "{words}");
    assert!(words.contains("/dingtalk/{receiver}/send"), "{words}");
    let paths = answer.json()["paths"].as_array().unwrap().clone();
    for path in &paths {
        let path = path.as_str().unwrap().replace("{receiver}", "ops").replace("{id}", "1");
        assert_ne!(app.call("PATCH", &path).await.status, 404, "{path} is listed and unknown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_is_no_text_is_answered_in_words_and_a_notification_there_is_counted() {
    let app = TestApp::start().await;
    for (method, path) in [
        ("POST", "/api/v1/receivers/%ff/alerts"),
        ("POST", "/dingtalk/%ff/send"),
        ("POST", "/api/v1/receivers/%ff/test"),
        ("GET", "/api/v1/deliveries/%ff"),
    ] {
        let answer = app.call(method, path).await;
        assert_eq!(answer.status, 400, "{path}");
        assert!(answer.error().contains("UTF-8"), "{path}: {}", answer.text);
    }
    let refused = "campana_notifications_refused_total{reason=\"invalid\"}";
    assert!((app.metric(refused).await - 2.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_of_another_product_is_told_what_to_write_here_and_no_secret_of_its_query() {
    let app = TestApp::with(&format!("web: {{route_prefix: /in}}\n{ONE_CHATBOT}")).await;
    let prometheusalert = "/prometheusalert?type=dd&tpl=prometheus-dd&at=13800000000\
                           &ddurl=https://oapi.dingtalk.com/robot/send?access_token=canary";
    for (path, words) in [
        (prometheusalert, "post to /in/api/v1/receivers/NAME/alerts"),
        ("/prometheusalert?type=wx", "Campana delivers to DingTalk alone"),
        ("/dingtalk/ops", "did you mean /in/dingtalk/ops/send?"),
        ("/dingtalk/ops/?access_token=canary", "did you mean /in/dingtalk/ops/send?"),
        ("/api/v2/notifications", "/in/api/v1/receivers/NAME/alerts"),
        ("/api/v2/verify", "/in/api/v1/receivers/NAME/test"),
    ] {
        for path in [path.to_owned(), format!("/in{path}")] {
            let answer = app.post(&path, firing("Disk")).await;
            assert_eq!(answer.status, 404, "{path}");
            assert!(answer.error().contains(words), "{path}: {}", answer.error());
            assert!(!answer.text.contains("canary") && !answer.text.contains("13800000000"));
        }
    }
    let metrics = app.get("/in/metrics").await.text;
    let refused = "\ncampana_notifications_refused_total{reason=\"unknown_path\"} 12\n";
    assert!(metrics.contains(refused), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_post_that_is_refused_is_counted_as_what_it_was() {
    let app = TestApp::start().await;
    for (method, path) in [
        ("POST", "/nothing"),
        ("GET", "/nothing"),
        ("DELETE", "/api/v1/alerts"),
        ("GET", "/api/v1/alerts"),
        ("POST", "/metrics"),
        ("PUT", "/api/v1/conditions/test"),
        ("POST", "/api/v1/conditions/test"),
        ("POST", "/api/v1/deliveries/99/replay"),
        ("POST", "/api/v1/receivers/nobody/test"),
        ("POST", "/dingtalk/nobody/send"),
    ] {
        let answer = app.call(method, path).await;
        assert!((400..500).contains(&answer.status), "{method} {path}: {}", answer.text);
    }
    for (name, reason, count) in [
        ("notifications", "unknown_path", 1.0),
        ("notifications", "unknown_receiver", 1.0),
        ("requests", "method", 2.0),
        ("requests", "invalid", 1.0),
        ("requests", "unknown_receiver", 1.0),
        ("requests", "storage", 1.0),
    ] {
        let name = format!("campana_{name}_refused_total{{reason=\"{reason}\"}}");
        assert!((app.metric(&name).await - count).abs() < 0.1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn below_a_prefix_the_paths_are_told_with_it() {
    let app = TestApp::with(&format!("web: {{route_prefix: /campana}}\n{ONE_CHATBOT}")).await;
    assert_eq!(app.get("/campana/-/ready").await.status, 200);
    assert_eq!(app.get("/campana/-/ready/").await.status, 200);
    for path in ["/-/ready", "/campana/nothing", "/campana"] {
        let answer = app.get(path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.json()["paths"][0], "/campana/api/v1/alerts", "{path}");
    }
    let answer = app.get("/campana/dingtalk/ops/send").await;
    assert_eq!(answer.status, 405);
    assert!(
        answer.error().ends_with("does not take GET; it takes POST or PUT"),
        "{}",
        answer.error()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_method_is_named_with_those_that_would_do() {
    let app = TestApp::start().await;
    for (method, path, words) in [
        ("GET", "/api/v1/alerts", "\"/api/v1/alerts\" does not take GET; it takes POST or PUT"),
        ("DELETE", "/dingtalk/ops/send", "does not take DELETE; it takes POST or PUT"),
        ("POST", "/metrics", "\"/metrics\" does not take POST; it takes GET"),
        ("GET", "/-/reload", "\"/-/reload\" does not take GET; it takes POST or PUT"),
        ("DELETE", "/api/v1/deliveries/1", "does not take DELETE; it takes GET"),
    ] {
        let answer = app.call(method, path).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert!(answer.error().contains(words), "{}", answer.error());
        assert!(answer.headers.contains_key("allow"), "{method} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_receiver_is_told_the_known_ones_and_the_nearest() {
    let app = TestApp::with(
        "
receivers:
  - {name: ops, chatbots: [{name: a, access_token: ta}]}
  - {name: database, chatbots: [{name: b, access_token: tb}]}",
    )
    .await;
    for path in ["/api/v1/receivers/databse/alerts", "/dingtalk/databse/send"] {
        let answer = app.post(path, firing("Disk")).await;
        assert_eq!(answer.status, 404);
        let words = "there is no receiver \"databse\"; did you mean \"database\"?; \
                     known: ops, database";
        assert_eq!(answer.error(), words);
    }
    let far = app.post("/dingtalk/something-else/send", firing("Disk")).await.error();
    assert_eq!(far, "there is no receiver \"something-else\"; known: ops, database");
    assert_eq!(app.post("/api/v1/receivers/nobody/test", "").await.status, 404);
    assert_eq!(app.states().await, [""; 0]);
}
