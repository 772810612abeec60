//! Cards with buttons, links and feed cards, by each API that has them.

use std::time::Duration;

use dingtalk_sim::{App, Endpoint, Fault, Post, Robot, Scope, Trouble};
use serde_json::{Value, json};
use test_support::TestApp;
use test_support::alerts::{alert, firing, group};

const CHATBOT: &str = "chatbots: [{name: b, access_token: ops-token}]";

const CONVERSATION: &str = "conversations: [{name: c, app_key: dingops, app_secret: app-secret, \
                            open_conversation_ids: [cid1==]}]";

const CHAT: &str = "conversations: [{name: c, app_key: dingops, app_secret: app-secret, \
                    chat_ids: [chat1]}]";

/// A receiver `ops` with these keys, one of them its destination; whatever DingTalk shows it shows in `ops`,
/// `cid1==` or `chat1`.
async fn with(keys: &str, destination: &str) -> TestApp {
    let app = TestApp::with(&config(keys, destination)).await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app.sim.add_app(App::new("dingops", "app-secret").chat("chat1"));
    app
}

fn config(keys: &str, destination: &str) -> String {
    format!("receivers:\n  - name: ops\n    {keys}\n    {destination}\n")
}

/// An alert with a runbook, whose graph and silence the usual payload has.
fn disk() -> Value {
    let disk = alert("Disk").severity("critical").summary("full");
    group("Disk", [disk.annotation("runbook_url", "https://wiki.example/Disk")])
}

/// What stands on the buttons of a post.
fn buttons(post: &Post) -> Vec<&str> {
    post.links.iter().map(|link| link.text.as_str()).collect()
}

fn only(app: &TestApp) -> Post {
    let mut posts = app.sim.posts();
    assert_eq!(posts.len(), 1, "{posts:#?}");
    posts.remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_has_its_buttons_in_every_api_and_the_text_does_not_repeat_them() {
    for (destination, kind) in [(CHATBOT, "robot"), (CONVERSATION, "group"), (CHAT, "chat")] {
        let message = "message: {type: action_card, buttons: [runbook, silence, alertmanager]}";
        let app = with(message, destination).await;
        let id = app.notify(&disk()).await.ids().remove(0);
        let post = only(&app);
        assert_eq!(post.msgtype, "actionCard", "{kind}");
        let words: &[&str] = if kind == "chat" {
            &["Runbook", "Silence"]
        } else {
            &["Runbook", "Silence", "Alertmanager"]
        };
        assert!(buttons(&post).starts_with(words), "{kind}: {:?}", post.links);
        assert_eq!(post.links[0].url, "https://wiki.example/Disk");
        assert!(post.title.as_deref().is_some_and(|title| title.starts_with("[FIRING:1] Disk")));
        assert!(post.text.contains("full") && post.text.contains("[Graph]("), "{}", post.text);
        for word in words {
            assert!(!post.text.contains(&format!("[{word}](")), "{kind} {word}: {}", post.text);
        }
        let delivery = app.delivery(&id).await;
        let shown = &delivery["message"];
        assert_eq!(shown["type"], "action_card");
        assert_eq!(
            shown["buttons"][0],
            json!({"text": "Runbook", "url": "https://wiki.example/Disk"})
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_whole_or_has_its_buttons_side_by_side_as_configured() {
    for (layout, expected) in [
        ("vertical", r#""btnOrientation":"0","btns":"#),
        ("horizontal", r#""btnOrientation":"1","btns":"#),
        ("whole", r#""singleTitle":"Runbook","singleURL":"https://wiki.example/Disk""#),
    ] {
        let message = format!(
            "message: {{type: action_card, buttons: [dashboard, runbook, graph], buttons_layout: {layout}}}"
        );
        let app = with(&message, CHATBOT).await;
        app.notify(&disk()).await;
        let body = app.sim.calls().remove(0).body.unwrap().to_string();
        assert!(body.contains(expected), "{layout}: {body}");
        assert_eq!(only(&app).links.len(), if layout == "whole" { 1 } else { 2 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_whose_pages_an_alert_does_not_give_comes_as_markdown() {
    let app = with("message: {type: action_card, buttons: [runbook]}", CHATBOT).await;
    app.notify(&firing("Disk")).await;
    let post = only(&app);
    assert_eq!((post.msgtype.as_str(), post.links.len()), ("markdown", 0));
    assert!(post.text.contains("[Alertmanager]("), "{}", post.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_last_part_has_buttons_also_when_dingtalk_makes_it_come_in_more() {
    let app = with("message: {type: action_card, buttons: [alertmanager]}", CHATBOT).await;
    app.sim.fail(Scope::Server, Fault::once(Trouble::Errcode(460_101, "message too long".into())));
    let alerts = (0..200).map(|n| alert(&format!("Disk{n:03}")).summary(&"words ".repeat(140)));
    app.notify(&group("Disks", alerts)).await;
    app.pass(Duration::from_mins(1), Duration::from_secs(1)).await;
    let posts = app.sim.posts();
    let (last, others) = posts.split_last().unwrap();
    assert!(others.len() >= 2, "{}", posts.len());
    assert!(others.iter().all(|post| post.msgtype == "markdown" && post.links.is_empty()));
    assert_eq!((last.msgtype.as_str(), buttons(last)), ("actionCard", vec!["Alertmanager"]));
    for n in 0..200 {
        assert!(posts.iter().any(|post| post.text.contains(&format!("Disk{n:03}"))), "{n}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_proves_too_long_keeps_its_buttons_on_the_last_of_its_pieces() {
    let app = with("message: {type: action_card, buttons: [alertmanager]}", CHATBOT).await;
    app.sim.fail(Scope::Server, Fault::once(Trouble::Errcode(460_101, "message too long".into())));
    let alerts = (0..6).map(|n| alert(&format!("Disk{n}")).summary(&"words ".repeat(30)));
    app.notify(&group("Disks", alerts)).await;
    app.pass(Duration::from_secs(10), Duration::from_secs(1)).await;
    let posts = app.sim.posts();
    let kinds: Vec<&str> = posts.iter().map(|post| post.msgtype.as_str()).collect();
    assert_eq!(kinds, ["markdown", "actionCard"]);
    assert_eq!(buttons(&posts[1]), ["Alertmanager"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_mentions_as_markdown_does() {
    let chatbot =
        "chatbots: [{name: b, access_token: ops-token, mention: {mobiles: ['13800000000']}}]";
    let app = with("message: {type: action_card}", chatbot).await;
    app.notify(&disk()).await;
    let post = only(&app);
    assert_eq!(post.msgtype, "actionCard");
    assert_eq!(post.mentions.mobiles, ["13800000000"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_opens_the_groups_page_in_every_api() {
    for destination in [CHATBOT, CONVERSATION, CHAT] {
        let app = with("message: {type: link}", destination).await;
        app.notify(&disk()).await;
        let post = only(&app);
        assert_eq!(post.msgtype, "link");
        assert!(post.links[0].url.contains("/#/alerts?receiver="), "{:?}", post.links);
        assert!(post.links[0].text.starts_with("[FIRING:1] Disk"), "{:?}", post.links);
        assert!(post.text.starts_with("🔴 full\n"), "{}", post.text);
        assert!(!post.text.contains("http"), "no address that cannot be tapped: {}", post.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_says_its_title_again_where_only_that_has_the_keyword() {
    let chatbot = "chatbots: [{name: b, access_token: ops-token, keywords: [Disk]}]";
    let app = with("message: {type: link}", chatbot).await;
    app.sim.change_robot("ops-token", |robot| robot.keywords = vec!["Disk".to_owned()]);
    app.notify(&disk()).await;
    assert!(only(&app).text.starts_with("🔴 [FIRING:1] Disk critical"), "{}", only(&app).text);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_open_in_the_browser_where_that_is_configured() {
    let app =
        with("message: {type: action_card, links: browser, buttons: [runbook]}", CHATBOT).await;
    app.notify(&disk()).await;
    let post = only(&app);
    let runbook =
        "dingtalk://dingtalkclient/page/link?url=https%3A%2F%2Fwiki.example%2FDisk&pc_slide=false";
    assert_eq!(post.links[0].url, runbook);
    assert!(
        post.text.contains("](dingtalk://dingtalkclient/page/link?url=http%3A"),
        "{}",
        post.text
    );
    assert!(!post.text.contains("](http"), "{}", post.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_can_be_a_feed_card_with_an_entry_for_each_group() {
    let message = "message: {digest: feed_card, digest_picture: 'https://img.example/bell.png'}";
    let chatbot = "chatbots: [{name: b, access_token: ops-token, keywords: [duty]}]";
    let app = with(message, chatbot).await;
    for index in 0..15 {
        app.notify(&firing(&format!("Early{index}"))).await;
    }
    app.sim.forget();
    for name in ["DiskFull", "HostDown", "LoadHigh"] {
        app.accept(&group(name, [alert(name).severity("critical")])).await;
    }
    app.pass(Duration::from_secs(15), Duration::from_secs(1)).await;
    let post = only(&app);
    assert_eq!(post.msgtype, "feedCard");
    let entries = buttons(&post).join("\n");
    for name in ["DiskFull", "HostDown", "LoadHigh"] {
        assert!(entries.contains(name), "{entries}");
    }
    assert!(post.links.iter().all(|link| link.url.contains("/#/alerts?")), "{:?}", post.links);
    assert!(post.links[0].text.ends_with(" duty"), "a keyword stands in it: {entries}");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_that_mentions_somebody_is_no_feed_card() {
    let message = "message: {digest: feed_card, digest_picture: 'https://img.example/bell.png'}";
    let chatbot =
        "chatbots: [{name: b, access_token: ops-token, mention: {mobiles: ['13800000000']}}]";
    let app = with(message, chatbot).await;
    for index in 0..15 {
        app.notify(&firing(&format!("Early{index}"))).await;
    }
    app.sim.forget();
    for name in ["DiskFull", "HostDown"] {
        app.accept(&firing(name)).await;
    }
    app.pass(Duration::from_secs(15), Duration::from_secs(1)).await;
    let post = only(&app);
    assert_eq!((post.msgtype.as_str(), post.mentions.mobiles.len()), ("markdown", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_message_is_a_card_as_the_alerts_are() {
    for (message_type, kind) in [("action_card", "actionCard"), ("link", "link")] {
        let app = with(&format!("message: {{type: {message_type}}}"), CONVERSATION).await;
        let answer = app.post("/api/v1/receivers/ops/test", "").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let post = only(&app);
        assert_eq!((post.msgtype.as_str(), post.links.len()), (kind, 1), "{post:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_is_refused_is_a_dead_letter_that_can_be_replayed() {
    let app = with("message: {type: action_card}", CHATBOT).await;
    app.sim.fail(
        Scope::Endpoint(Endpoint::RobotSend),
        Fault::once(Trouble::Errcode(400_105, "unsupported msgtype".into())),
    );
    let id = app.notify(&disk()).await.ids().remove(0);
    assert_eq!(app.state(&id).await, "dead");
    let answer = app.call("POST", &format!("/api/v1/deliveries/{id}/replay")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    app.settle().await;
    assert_eq!(only(&app).msgtype, "actionCard");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_the_body_of_a_card() {
    let app = with("message: {type: action_card, buttons: [runbook]}", CHATBOT).await;
    let question = json!({"receiver": "ops", "payload": disk()});
    let answer = app.post("/api/v1/templates/render", &question).await;
    let part = &answer.json()["messages"][0]["parts"][0];
    assert_eq!(part["body"]["actionCard"]["btns"][0]["title"], "Runbook", "{}", answer.text);
    assert!(part["bytes"].as_u64().unwrap() > 200);
    let button = json!([{"text": "Runbook", "url": "https://wiki.example/Disk"}]);
    assert_eq!(part["buttons"], button);
}
