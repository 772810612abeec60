//! Messages by templates of one's own: sent, cut, replaced where they fail, reloaded and tried.

use std::fs;
use std::time::Duration;

use dingtalk_sim::{Fault, Robot, Scope, Trouble};
use serde_json::{Value, json};
use test_support::alerts::{alert, firing, group};
use test_support::{Answer, TestApp};

/// A receiver `ops` whose message has these keys.
fn with_message(message: &str) -> String {
    format!(
        "receivers:\n  - name: ops\n    message:\n{message}\n    chatbots: [{{name: ops-group, \
         access_token: ops-token}}]\n"
    )
}

const LISTED: &str = "      title: '{{ .Status }}: {{ .GroupLabels.alertname }}'
      text: |-
        # {{ .GroupLabels.alertname }}
        {{ range .Alerts }}
        - {{ .Labels.n }} {{ .Annotations.summary }}
        {{- end }}";

async fn app(config: &str) -> TestApp {
    let app = TestApp::with(config).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app
}

/// The titles and texts that the group got.
fn posts(app: &TestApp) -> Vec<(String, String)> {
    let posts = app.sim.posts_in("ops");
    posts.into_iter().map(|post| (post.title.unwrap_or_default(), post.text)).collect()
}

fn numbered(name: &str, count: usize, summary: &str) -> Value {
    group(name, (0..count).map(|n| alert(name).label("n", &format!("{n:03}")).summary(summary)))
}

async fn fallbacks(app: &TestApp) -> f64 {
    app.scrape().await.sum("campana_render_fallbacks_total")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receivers_own_title_and_text_are_sent() {
    let app = app(&with_message(LISTED)).await;
    let id = app.notify(&numbered("Disk", 2, "满了")).await.ids().remove(0);
    let expected = ("firing: Disk".to_owned(), "# Disk\n\n- 000 满了\n- 001 满了".to_owned());
    assert_eq!(posts(&app), [expected]);
    assert_eq!(app.delivery(&id).await["render_error"], Value::Null);
    assert!(fallbacks(&app).await.abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_receiver_does_not_write_itself_is_built_in() {
    let app = app(&with_message("      title: just {{ .Status }}")).await;
    app.notify(&firing("Disk")).await;
    app.reload(&with_message("      text: only {{ .Status }}")).await;
    app.notify(&firing("Net")).await;
    let posts = posts(&app);
    assert_eq!(posts[0].0, "just firing");
    assert!(posts[0].1.starts_with("### 🔴 [FIRING:1] Disk"), "{posts:?}");
    assert_eq!(posts[1], ("[FIRING:1] Net".to_owned(), "only firing".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_message_is_cut_between_alerts_and_each_part_is_whole() {
    let app = app(&with_message(LISTED)).await;
    let body = numbered("Disk", 100, &"words ".repeat(80));
    app.notify(&body).await;
    let posts = posts(&app);
    let count = posts.len();
    assert!((3..=5).contains(&count), "{count}");
    let mut seen = 0;
    for (index, (title, text)) in posts.iter().enumerate() {
        let mark = format!("({}/{count})", index + 1);
        assert_eq!(*title, format!("firing: Disk {mark}"));
        assert!(text.starts_with(&format!("# Disk {mark}\n")), "{text:.80}");
        for line in text.lines().filter(|line| line.starts_with("- ")) {
            assert!(line.starts_with(&format!("- {seen:03} ")), "{line:.20}");
            seen += 1;
        }
    }
    assert_eq!(seen, 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_proves_too_long_is_cut_as_it_was_queued_whatever_the_template_is_now() {
    let message = LISTED.replace("        # ", "        {{ \"\\n\" }}\n        # ");
    let config = with_message(&message).replace(
        "access_token: ops-token",
        "access_token: ops-token, keywords: [disk], mention: {mobiles: ['13800000000']}",
    );
    let app = app(&config).await;
    app.sim.change_rules(|rules| rules.max_body_bytes = 3_000);
    app.sim.fail(Scope::Robot("ops-token".into()), Fault::once(Trouble::Html(502)));
    let id = app.notify(&numbered("Disk", 60, &"words ".repeat(15))).await.ids().remove(0);
    assert_eq!(app.reload(&with_message("      text: other")).await.status, 200);
    app.pass(Duration::from_mins(3), Duration::from_secs(10)).await;
    let delivery = app.delivery(&id).await;
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    let posts = posts(&app);
    assert!(posts.len() > 2, "{posts:?}");
    let mut seen = 0;
    for (index, (title, text)) in posts.iter().enumerate() {
        let (_, mark) = title.split_once("firing: Disk disk ").unwrap();
        assert!(text.starts_with(&format!("# Disk {mark}\n")), "{title}: {text:.40}");
        assert!(text.contains("keyword: disk"), "{text}");
        assert_eq!(text.contains("@138"), index == 0, "{text}");
        for line in text.lines().filter(|line| line.starts_with("- ")) {
            assert!(line.starts_with(&format!("- {seen:03} ")), "{line:.20}");
            seen += 1;
        }
    }
    assert_eq!(seen, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_five_parts_the_rest_is_counted() {
    let app = app(&with_message(LISTED)).await;
    app.notify(&numbered("Disk", 400, &"words ".repeat(80))).await;
    let posts = posts(&app);
    assert_eq!(posts.len(), 5);
    let text: String = posts.iter().map(|(_, text)| text.as_str()).collect();
    let shown = text.lines().filter(|line| line.starts_with("- ")).count();
    assert!(shown > 100, "{shown}");
    let last = &posts[4].1;
    assert!(last.contains(&format!("\n\nand {} more", 400 - shown)), "{last}");
    assert!(!posts[3].1.contains(" more"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_fails_sends_the_built_in_message_that_says_so() {
    // No sample has such a name, and of what stands in a map of anything, no type is certain.
    let named = |name: &str, text: &str| {
        format!("some words {{{{ if eq .CommonLabels.alertname \"{name}\" }}}}{text}{{{{ end }}}}")
    };
    let nothing = "{{ $d := dict \"all\" . }}{{ $d.all.Nothing }}";
    let endless = "{{ define \"x\" }}{{ template \"x\" }}{{ end }}";
    let cases = [
        (named("Disk0", nothing), "can't evaluate field Nothing"),
        (
            "{{ if ne .CommonLabels.alertname \"Disk1\" }}x{{ end }}".to_owned(),
            "the template gave no text",
        ),
        (format!("{endless}{}", named("Disk2", "{{ template \"x\" }}")), "template failed: "),
        (named("Disk3", "{{ index .Alerts 7 }}"), "index out of range"),
    ];
    for (number, (text, words)) in cases.into_iter().enumerate() {
        let app = app(&with_message(&format!("      text: '{text}'"))).await;
        let name = format!("Disk{number}");
        let id = app.notify(&firing(&name)).await.ids().remove(0);
        let (title, sent) = posts(&app).remove(0);
        assert_eq!(title, format!("[FIRING:1] {name}"));
        assert!(sent.starts_with("### 🔴 [FIRING:1]"), "{sent}");
        let last = sent.lines().last().unwrap();
        assert!(last.starts_with("template failed: ") && last.contains(words), "{last}");
        let delivery = app.delivery(&id).await;
        assert!(delivery["render_error"].is_string(), "{delivery}");
        assert_eq!(delivery["state"], "delivered");
        let of_receiver = "campana_render_fallbacks_total{receiver=\"ops\"}";
        assert!((app.metric(of_receiver).await - 1.0).abs() < 0.1);
    }
}

/// A text that fails for the alert `Disk`, and for no sample.
const FAILS_FOR_DISK: &str =
    "x{{ if eq .CommonLabels.alertname \"Disk\" }}{{ index .Alerts 7 }}{{ end }}";

/// A duplicate's message is written before the store finds out, and nobody is sent it.
#[tokio::test(flavor = "multi_thread")]
async fn a_built_in_message_that_stands_in_is_counted_only_if_it_is_sent() {
    let failing = |name: &str| {
        format!(
            "  - {{name: {name}, message: {{text: '{FAILS_FOR_DISK}'}}, \
             chatbots: [{{name: b, access_token: ops-token}}]}}\n"
        )
    };
    let config = format!("receivers:\n{}", failing("ops"));
    let app = app(&config).await;
    for (posted, counted) in [(1, 1.0), (2, 1.0), (3, 1.0)] {
        app.notify(&firing("Disk")).await;
        assert!((fallbacks(&app).await - counted).abs() < 0.1, "{posted}");
    }
    // New for one receiver and a duplicate for the other.
    assert_eq!(app.reload(&format!("{config}{}", failing("new"))).await.status, 200);
    let both = app.post("/api/v1/alerts", firing("Disk")).await;
    assert_eq!((both.ids().len(), both.json().get("duplicate_of")), (1, None));
    assert!((fallbacks(&app).await - 2.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_never_ends_costs_its_fuel_and_no_more() {
    let endless = "x{{ if eq .CommonLabels.alertname \"Disk\" }}\
                   {{ range 99999 }}{{ range 99999 }}x{{ end }}{{ end }}{{ end }}";
    let receivers: Vec<String> = (0..12)
        .map(|n| {
            format!(
                "  - {{name: r{n}, message: {{text: '{endless}'}}, chatbots: [{{name: b, \
                 access_token: t{n}}}]}}"
            )
        })
        .collect();
    let app = TestApp::with(&format!("receivers:\n{}\n", receivers.join("\n"))).await;
    let answer = app.post("/api/v1/alerts", numbered("Disk", 300, "x")).await;
    assert_eq!(answer.ids().len(), 12);
    assert!((fallbacks(&app).await - 12.0).abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mentions_stand_once_and_only_those_that_are_configured() {
    let message =
        "      text: '{{ range .Alerts }}@13900000000 {{ .Labels.n }}{{ end }} @13800000000'";
    let config = with_message(message)
        .replace("ops-token}", "ops-token, mention: {mobiles: ['13800000000']}, keywords: [告警]}");
    let app = app(&config).await;
    app.notify(&numbered("Disk", 1, "x")).await;
    let post = app.sim.posts_in("ops").remove(0);
    assert_eq!(post.text, "@\u{200b}13900000000 000 @13800000000\n\nkeyword: 告警");
    assert_eq!(
        app.sim.calls()[0].body.as_ref().unwrap()["at"]["atMobiles"],
        json!(["13800000000"])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn template_files_are_read_again_by_a_reload_and_a_broken_one_changes_nothing() {
    let app = app(&with_message("      text: first")).await;
    let file = app.folder.path().join("ops.tmpl");
    let config = format!(
        "templates: ['*.tmpl']\n{}",
        with_message("      text: '{{ template \"ops.text\" . }}'")
    );
    let write = |text: &str| fs::write(&file, text).unwrap();
    write("{{ define \"ops.text\" }}second{{ end }}");
    assert_eq!(app.reload(&config).await.status, 200);
    app.notify(&firing("A")).await;
    write("{{ define \"ops.text\" }}third {{ .Status }}{{ end }}");
    app.notify(&firing("B")).await;
    assert_eq!(app.reload(&config).await.status, 200);
    app.notify(&firing("C")).await;
    write("{{ define \"ops.text\" }}\n{{ toUpperr .Status }}{{ end }}");
    let answer = app.reload(&config).await;
    assert_eq!(answer.status, 500);
    let words = answer.error();
    assert!(words.contains("ops.tmpl:2:4: function \"toUpperr\" not defined"), "{words}");
    assert!(words.contains("did you mean \"toUpper\"?"), "{words}");
    app.notify(&firing("D")).await;
    let texts: Vec<String> = posts(&app).into_iter().map(|(_, text)| text).collect();
    assert_eq!(texts, ["second", "second", "third firing", "third firing"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_always_fails_is_refused_and_the_old_one_stays_in_force() {
    let app = app(&with_message("      text: 'right {{ .Status }}'")).await;
    let bad = app.reload(&with_message("      text: 'of {{ .Nothing }}'")).await;
    assert_eq!(bad.status, 500);
    let words = bad.error();
    let place = "test.yml:6:20: receivers[0].message.text: receiver `ops`: the text fails with \
                 every sample: ";
    assert!(words.contains(place) && words.contains("field Nothing"), "{words}");
    let blank = app.reload(&with_message("      text: '{{ define \"x\" }}y{{ end }}'")).await;
    assert_eq!(blank.status, 500);
    assert!(blank.error().contains("the text writes nothing with every sample"), "{}", blank.text);
    app.notify(&firing("Disk")).await;
    assert_eq!(posts(&app)[0].1, "right firing");
    assert!(fallbacks(&app).await.abs() < 0.1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_that_fails_for_some_alerts_is_used_and_the_reload_warns() {
    let app = app(&with_message("      text: first")).await;
    let text = "{{ range .Alerts.Firing }}{{ .Labels.alertname }}{{ end }}";
    let answer = app.reload(&with_message(&format!("      text: '{text}'"))).await;
    assert_eq!(answer.status, 200);
    let warnings = answer.json()["warnings"].clone();
    assert_eq!(
        warnings,
        json!([
            "test.yml:6:14: warning: receivers[0].message.text: receiver `ops`: the text writes \
             nothing with resolved alerts, so the built-in message is sent; `send_resolved: false` \
             leaves them out"
        ])
    );
    app.notify(&firing("Disk")).await;
    assert_eq!(posts(&app)[0].1, "Disk");
    let quiet = with_message(&format!("      text: '{text}'"))
        .replace("    message:", "    send_resolved: false\n    message:");
    assert_eq!(app.reload(&quiet).await.json(), json!({"reloaded": true, "restart_needed": []}));
}

async fn render(app: &TestApp, question: &Value) -> Answer {
    app.post("/api/v1/templates/render", question).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receivers_message_can_be_looked_at_without_sending_it() {
    let app = app(&with_message(LISTED)).await;
    let answer =
        render(&app, &json!({"receiver": "ops", "payload": numbered("Disk", 1, "@x")})).await;
    let message = &answer.json()["messages"][0];
    assert_eq!(message["destinations"], json!(["ops-group"]));
    assert_eq!(message["error"], Value::Null);
    let part = &message["parts"][0];
    assert_eq!(part["title"], "firing: Disk");
    assert_eq!(part["text"], "# Disk\n\n- 000 @\u{200b}x");
    assert_eq!(part["before_mention_guard"], "# Disk\n\n- 000 @x");
    assert_eq!(part["max_bytes"], 19_500);
    app.notify(&numbered("Disk", 1, "@x")).await;
    let call = app.sim.calls().remove(0);
    let mut sent = call.body.clone().unwrap();
    sent.as_object_mut().unwrap().remove("msgUuid");
    assert_eq!(part["body"], sent, "it is what is sent");
    assert_eq!(app.states().await, ["delivered"], "looking stores nothing");
    let sample = render(&app, &json!({"receiver": "ops"})).await.json();
    assert!(sample["messages"][0]["parts"][0]["text"].as_str().unwrap().contains("已用 98 %"));
}

#[tokio::test(flavor = "multi_thread")]
async fn templates_of_the_callers_own_are_rendered() {
    let app = app(&with_message(LISTED)).await;
    let question = json!({
        "profile": "alertmanager",
        "title": "{{ template \"a\" . }}",
        "text": "{{ .Alerts | len }} {{ template \"b\" . }}",
        "templates": {"one.tmpl": "{{ define \"a\" }}A{{ end }}", "two.tmpl": "{{ define \"b\" }}B{{ end }}"},
    });
    let part = &render(&app, &question).await.json()["messages"][0]["parts"][0];
    assert_eq!((&part["title"], &part["text"]), (&json!("A"), &json!("3 B")));
    let failing = render(&app, &json!({"text": "{{ .Nothing }}"})).await.json();
    let message = &failing["messages"][0];
    assert!(message["error"].as_str().unwrap().contains("message.text:1:3"), "{message}");
    assert!(message["parts"][0]["text"].as_str().unwrap().contains("template failed: "));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_cannot_be_answered_says_why() {
    let app = app(&with_message(LISTED)).await;
    let cases = [
        (json!({}), 400, "give a \"receiver\""),
        (json!({"receiver": "ops", "text": "x"}), 400, "either \"receiver\" or templates"),
        (json!({"receiver": "opps"}), 404, "did you mean \"ops\"?"),
        (json!({"text": "x", "profile": "alertmanger"}), 400, "known: alertmanager, prometheus-"),
        (
            json!({"text": "a\n{{ lenn . }}"}),
            400,
            "message.text:2:4: function \"lenn\" not defined",
        ),
        (json!({"text": "x", "templates": {"t": "{{"}}), 400, "t:1:"),
        (json!({"text": "x", "payload": {"alerts": 7}}), 400, "not an Alertmanager notification"),
        (json!([]), 400, "expected {\"receiver\""),
    ];
    for (question, status, words) in cases {
        let answer = render(&app, &question).await;
        assert_eq!(answer.status, status, "{question} {}", answer.text);
        assert!(answer.error().contains(words), "{question} {}", answer.error());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_that_calls_a_configured_template_can_be_tested() {
    let app = app(&with_message(LISTED)).await;
    fs::write(app.folder.path().join("ops.tmpl"), "{{ define \"ops.text\" }}x{{ end }}").unwrap();
    let config = format!(
        "templates: ['*.tmpl']\n{}",
        with_message("      text: '{{ template \"ops.text\" . }}'")
    );
    assert_eq!(app.reload(&config).await.status, 200);
    let draft = |name: &str| {
        json!({"config": {
            "message": {"text": format!("{{{{ template \"{name}\" . }}}}")},
            "chatbots": [{"name": "b", "access_token": "ops-token"}],
        }})
    };
    let answer = app.post("/api/v1/receivers/draft/test", draft("ops.text")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let answer = app.post("/api/v1/receivers/draft/test", draft("ops.txt")).await;
    assert!(answer.error().contains("template \"ops.txt\" not defined"), "{}", answer.error());
}
