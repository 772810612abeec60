//! A dead letter that is rendered again: in today's words, or why not, and then nothing is lost.

use std::time::Duration;

use dingtalk_sim::{Dislike, Objection, Robot};
use serde_json::{Value, json};
use test_support::alerts::{alert, firing, group};
use test_support::{Answer, TestApp};

/// A receiver `ops` with the chatbots `a` and `b`, the text of its messages, and keys for `a`.
fn ops(text: &str, keys_of_a: &str) -> String {
    format!(
        "receivers:\n  - name: ops\n    message: {{title: Alerts, text: '{text}'}}\n    chatbots:\n      \
         - {{name: a, access_token: ta{keys_of_a}}}\n      - {{name: b, access_token: tb}}\n"
    )
}

/// Delivery 1, to `a`, is dead because its robot wants a keyword; delivery 2, to `b`, has arrived.
async fn with_dead_letter() -> TestApp {
    let app = TestApp::with(&ops("old words of {{ len .Alerts }}", "")).await;
    app.sim.add_robot(Robot::new("ta").group("a").keyword("告警"));
    app.sim.add_robot(Robot::new("tb").group("b"));
    let alerts = [alert("Disk").severity("critical"), alert("Net").severity("info")];
    app.notify(&group("Disk", alerts)).await;
    assert_eq!(app.states().await, ["delivered", "dead"]);
    app
}

async fn reload(app: &TestApp, config: &str) {
    let answer = app.reload(config).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

async fn replay(app: &TestApp, query: &str) -> Answer {
    let answer = app.call("POST", &format!("/api/v1/deliveries/1/replay{query}")).await;
    app.settle().await;
    answer
}

fn texts(app: &TestApp, group: &str) -> Vec<String> {
    app.sim.posts_in(group).into_iter().map(|post| post.text).collect()
}

/// Nothing is lost by a refusal: the dead letter stands, nothing was made, and it can be replayed.
async fn assert_untouched(app: &TestApp) {
    assert_eq!(app.states().await, ["delivered", "dead"]);
    app.assert_accounts().await;
    app.sim.change_robot("ta", |robot| robot.keywords.clear());
    assert_eq!(replay(app, "").await.status, 200);
    assert_eq!(app.states().await, ["delivered", "delivered", "dead"]);
    assert_eq!(texts(app, "a"), ["old words of 2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_sent_in_the_words_of_today_to_its_destination_alone() {
    let app = with_dead_letter().await;
    let today = ops(
        "new words of {{ len .Alerts }}",
        ", keywords: [告警], mention: {mobiles: ['13800000000']}",
    )
    .replace("message:", "conditions: ['severity=critical']\n    message:");
    reload(&app, &today).await;
    let answer = replay(&app, "?render=true").await;
    assert_eq!(answer.json(), json!({"id": "3", "replay_of": "1", "rendered": true}));
    assert_eq!(app.states().await, ["delivered", "delivered", "dead"]);
    assert_eq!(texts(&app, "a"), ["new words of 1\n\n@13800000000\n\nkeyword: 告警"]);
    assert_eq!(texts(&app, "b"), ["old words of 2"], "nobody else hears of it again");
    let (new, old) = (app.delivery("3").await, app.delivery("1").await);
    assert_eq!((&new["origin"], &new["replay_of"]), (&json!("replay"), &json!("1")));
    assert_eq!((&new["notification"], &new["group"]), (&old["notification"], &old["group"]));
    assert_eq!((&new["summary"]["firing"], &old["summary"]["firing"]), (&json!(1), &json!(2)));
    assert_eq!(new["render_error"], Value::Null);
    assert_eq!(old["message"]["text"], "old words of 2", "the dead letter stays as it was");
    let accepted = "campana_deliveries_accepted_total{origin=\"replay\"}";
    assert!((app.metric(accepted).await - 1.0).abs() < 0.1);
    assert!(app.scrape().await.sum("campana_render_fallbacks_total").abs() < 0.1);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_render_the_old_words_are_sent_whatever_the_template_is_now() {
    for query in ["", "?render=false"] {
        let app = with_dead_letter().await;
        reload(&app, &ops("new words", ", keywords: [告警]")).await;
        app.sim.change_robot("ta", |robot| robot.keywords.clear());
        let answer = replay(&app, query).await;
        assert_eq!(answer.json(), json!({"id": "3", "replay_of": "1"}), "{query}");
        assert_eq!(texts(&app, "a"), ["old words of 2"], "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_that_died_as_well_is_rendered_as_its_dead_letter_was() {
    let app = with_dead_letter().await;
    replay(&app, "?render=true").await;
    assert_eq!(app.states().await, ["dead", "delivered", "dead"]);
    reload(&app, &ops("third words", ", keywords: [告警]")).await;
    let answer = app.call("POST", "/api/v1/deliveries/3/replay?render=true").await;
    assert_eq!(answer.json(), json!({"id": "4", "replay_of": "3", "rendered": true}));
    app.settle().await;
    assert_eq!(texts(&app, "a"), ["third words\n\nkeyword: 告警"]);
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_fails_sends_the_built_in_message_and_the_answer_says_so() {
    let endless = "{{ range 99999 }}{{ range 99999 }}x{{ end }}{{ end }}";
    let beyond = "{{ index .Alerts 7 }}";
    for (text, words) in [(beyond, "index out of range"), (endless, "over the limit")] {
        let app = with_dead_letter().await;
        // For these alerts alone: what fails for all is refused.
        let text = format!(
            "x{{{{ with index .Alerts 0 }}}}{{{{ if eq .Labels.alertname \"Disk\" }}}}\
                     {{{{ with $ }}}}{text}{{{{ end }}}}{{{{ end }}}}{{{{ end }}}}"
        );
        reload(&app, &ops(&text, ", keywords: [告警]")).await;
        let answer = replay(&app, "?render=true").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let error = answer.json()["render_error"].clone();
        assert!(error.as_str().unwrap().contains(words), "{error}");
        assert_eq!(app.delivery("3").await["render_error"], error);
        assert_eq!(app.states().await, ["delivered", "delivered", "dead"]);
        let sent = texts(&app, "a").remove(0);
        assert!(
            sent.starts_with("### 🔴 [FIRING:2]") && sent.contains("template failed"),
            "{sent}"
        );
        let counted = app.metric("campana_render_fallbacks_total{receiver=\"ops\"}").await;
        assert!((counted - 1.0).abs() < 0.1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_dead_letter_and_a_query_that_makes_no_sense_are_refused_in_words() {
    let app = with_dead_letter().await;
    for (id, query, status, words) in [
        ("99", "render=true", 404, "there is no delivery 99"),
        ("2", "render=true", 409, "delivery 2 is delivered; only a dead letter can be replayed"),
        ("x", "render=true", 400, "\"x\" is no delivery's id"),
        ("1", "render=yes", 400, "render \"yes\" is neither true nor false"),
        ("1", "render", 400, "render \"\" is neither true nor false"),
        ("1", "rendered=true", 400, "unknown field `rendered`, expected `render`"),
        ("1", "render=true&render=false", 400, "duplicate field `render`"),
    ] {
        let answer = app.call("POST", &format!("/api/v1/deliveries/{id}/replay?{query}")).await;
        assert_eq!(answer.status, status, "{id} {query}: {}", answer.text);
        assert!(answer.error().contains(words), "{id} {query}: {}", answer.error());
    }
    assert_untouched(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_or_destination_that_is_gone_is_named_with_those_that_there_are() {
    for (from, to, words) in [
        ("name: ops", "name: opps", "no receiver \"ops\"; did you mean \"opps\"?; known: opps"),
        ("name: a,", "name: c,", "receiver \"ops\" has no destination \"a\"; it has: c, b"),
    ] {
        let app = with_dead_letter().await;
        let config = ops("old words of {{ len .Alerts }}", "");
        reload(&app, &config.replace(from, to)).await;
        let answer = replay(&app, "?render=true").await;
        assert_eq!(answer.status, 409, "{}", answer.text);
        let error = answer.error();
        assert!(error.contains(words) && error.contains("and reload"), "{error}");
        reload(&app, &config).await;
        assert_untouched(&app).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_that_keep_no_alert_any_more_render_nothing_and_say_so() {
    let app = with_dead_letter().await;
    let none = ops("new words", "").replace("message:", "conditions: ['team=db']\n    message:");
    reload(&app, &none).await;
    let answer = replay(&app, "?render=true").await;
    assert_eq!(answer.status, 409, "{}", answer.text);
    let error = answer.error();
    assert!(error.contains("conditions of receiver \"ops\" now keep no alert"), "{error}");
    assert!(error.ends_with("replay it without render to send the stored message"), "{error}");
    assert_untouched(&app).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_is_not_stored_or_not_readable_leaves_the_stored_message() {
    for (sql, words) in [
        ("payload = ''", "delivery 1 cannot be rendered: its notification is not stored"),
        ("payload = '[]'", "not readable as it is stored: the body is a JSON array"),
        ("format = 'later'", "this version of campana knows no format \"later\""),
    ] {
        let mut app = with_dead_letter().await;
        app.end().await;
        let database = rusqlite::Connection::open(app.folder.path().join("campana.db")).unwrap();
        let sql = format!("UPDATE notification SET {sql}");
        assert_eq!(database.execute(&sql, []).unwrap(), 1);
        drop(database);
        app.begin().await;
        app.settle().await;
        let answer = replay(&app, "?render=true").await;
        assert_eq!(answer.status, 409, "{}", answer.text);
        let error = answer.error();
        assert!(error.contains(words) && error.contains("without render"), "{error}");
        assert_untouched(&app).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_handed_over_tells_the_alerts_of_the_first_receiver_and_why_it_came() {
    let config = "
receivers:
  - name: ops
    fallback: team
    chatbots: [{name: a, access_token: ta}]
  - name: team
    conditions: ['team=db']
    chatbots: [{name: b, access_token: tb}]
";
    let app = TestApp::with(config).await;
    for name in ["a", "b"] {
        app.sim.add_robot(Robot::new(format!("t{name}")).group(name).keyword("告警"));
    }
    app.notify(&firing("Disk")).await;
    app.advance(Duration::from_secs(5)).await;
    assert_eq!(app.states().await, ["dead", "dead"], "and what it was handed over by");
    app.sim.change_robot("tb", |robot| robot.keywords.clear());
    let answer = app.call("POST", "/api/v1/deliveries/2/replay?render=true").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.settle().await;
    assert_eq!(app.states().await, ["delivered", "dead", "dead"]);
    let text = texts(&app, "b").remove(0);
    assert!(text.contains("Disk") && text.contains("ops/a did not take it: "), "{text}");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_rendered_for_as_well() {
    let app = TestApp::with_conversation().await;
    let objection = Objection { containing: "Disk".to_owned(), dislike: Dislike::Text };
    app.sim.change_app("dingops", |of| of.objections.push(objection));
    let id = app.notify(&firing("Disk")).await.ids().remove(0);
    assert_eq!(app.state(&id).await, "dead");
    let quiet = test_support::ONE_CONVERSATION
        .replace("name: ops\n", "name: ops\n    message: {title: t, text: 'no name'}\n");
    reload(&app, &quiet).await;
    let answer = replay(&app, "?render=true").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(app.sim.posts()[0].text, "no name");
    app.assert_accounts().await;
}
