//! A chatbot as it stands in the configuration: whom it mentions, and what of a copied webhook is sent.

use dingtalk_sim::Robot;
use serde_json::json;
use test_support::TestApp;
use test_support::alerts::firing;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_mentioned_is_notified_once_and_as_the_number_is_written() {
    let app = TestApp::with(
        "
receivers:
  - name: ops
    chatbots:
      - name: a
        access_token: ops-token
        mention: {mobiles: [+1-4155550100, 13800000000, '13800000000'], user_ids: [manager]}",
    )
    .await;
    app.sim.add_robot(Robot::new("ops-token").group("ops"));
    app.notify(&firing("Disk")).await;
    let post = app.sim.posts_in("ops").remove(0);
    assert_eq!(post.mentions.mobiles, ["+1-4155550100", "13800000000"]);
    assert_eq!(post.mentions.user_ids, ["manager"]);
    assert!(post.text.ends_with("@+1-4155550100 @13800000000 @manager"), "{}", post.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_signature_gives_way_to_a_new_one_and_is_refused_without_a_secret() {
    let app = TestApp::start().await;
    app.sim.add_robot(Robot::new("signed").group("signed").secret("SECsigned"));
    let url = format!("{}&timestamp=1732800000000&sign=abc%3D", app.sim.webhook("signed"));
    let test = "/api/v1/receivers/draft/test";
    let unsigned = json!({"config": {"chatbots": [{"name": "x", "webhook_url": url}]}});
    let answer = app.post(test, &unsigned).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    let words = "config.chatbots[0].webhook_url: holds a signature that was made once";
    assert!(answer.error().contains(words), "{}", answer.error());
    let chatbot = json!({"name": "x", "webhook_url": url, "secret": "SECsigned"});
    let signed = json!({"config": {"chatbots": [chatbot]}});
    let answer = app.post(test, &signed).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(app.sim.posts_in("signed").len(), 1);
}
