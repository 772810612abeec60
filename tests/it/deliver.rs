//! From a POST to the chat, and what happens when DingTalk does not play along.

use std::time::Duration;

use dingtalk_sim::{Fault, Scope, Trouble};

use crate::support::TestApp;
use crate::support::alerts::{alert, firing, group};

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_alert_is_in_the_chat() {
    let app = TestApp::start().await;
    let body =
        group("DiskFull", [alert("DiskFull").severity("critical").summary("disk 98 % full")]);
    let ids = app.notify(&body).await.ids();
    let posts = app.sim.posts_in("ops");
    assert_eq!(posts.len(), 1);
    assert!(posts[0].text.contains("disk 98 % full"), "{}", posts[0].text);
    assert_eq!(app.delivery(&ids[0]).await["state"], "delivered");
    app.assert_accounts().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_attempt_is_made_again_with_the_same_uuid() {
    let app = TestApp::start().await;
    app.sim.fail(Scope::Server, Fault::once(Trouble::Reset).after_accepting());
    let ids = app.notify(&firing("DiskFull")).await.ids();
    assert_eq!(app.delivery(&ids[0]).await["state"], "queued");
    app.advance(Duration::from_secs(2)).await;
    let delivery = app.delivery(&ids[0]).await;
    assert_eq!(delivery["state"], "delivered", "{delivery}");
    assert_eq!(app.sim.calls().len(), 2);
    assert_eq!(app.sim.posts_in("ops").len(), 1, "DingTalk knows the msgUuid");
}
