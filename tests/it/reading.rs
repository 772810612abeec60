//! What a reader of the group sees: addresses in labels, groups that were cut, and what alerts share.

use dingtalk_sim::reader_view;
use serde_json::{Value, json};
use test_support::TestApp;
use test_support::alerts::{alert, group};

/// What a phone shows of the only message, and its title.
async fn read(body: &Value) -> (String, String) {
    let app = TestApp::start().await;
    app.notify(body).await;
    let posts = app.sim.posts();
    assert_eq!(posts.len(), 1);
    (reader_view(&posts[0]), posts[0].title.clone().unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_a_label_can_be_copied_and_is_no_link() {
    let url = "https://a.example.com/x?y=1&z=(2)";
    let body = group("Probe", [alert("Probe").label("probe", url)]);
    let (view, _) = read(&body).await;
    assert!(view.contains(&format!("\nprobe: {url}\n")), "{view}");
    assert!(!view.contains('\u{200b}'), "{view}");
    let app = TestApp::start().await;
    app.notify(&body).await;
    let sent = app.sim.posts().remove(0).text;
    assert!(!sent.contains("https://a.example.com"), "{sent}");
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_quotes_have_kept_in_a_description_are_lines() {
    let text = "line one\\nline two\\nVALUE = 3\n  LABELS = map[__name__:probe_success job:bb]";
    let (view, _) = read(&group("Probe", [alert("Probe").annotation("description", text)])).await;
    let lines = "line one\nline two\nVALUE = 3\nLABELS = map[__name__:probe_success job:bb]\n";
    assert!(view.contains(lines), "{view}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_was_cut_is_resolved_only_where_alertmanager_says_so() {
    for (reason, title) in [
        ("some alerts resolved", "[1 of 4 resolved] Disk"),
        ("all alerts resolved", "[RESOLVED:1] +3 not shown: Disk"),
    ] {
        let mut body = group("Disk", [alert("Disk").resolved()]);
        body["truncatedAlerts"] = json!(3);
        body["notification_reason"] = json!(reason);
        let (view, seen) = read(&body).await;
        assert_eq!(seen, title);
        assert!(view.contains("and 3 more that Alertmanager did not send"), "{view}");
        let is_known = reason == "all alerts resolved";
        assert_eq!(view.starts_with("*✅"), is_known, "{view}");
        assert_eq!(view.contains("(firing or resolved)"), !is_known, "{view}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_alerts_of_a_group_share_stands_once_and_the_host_comes_first() {
    let disk = |host: &str, used: u8| {
        let one = alert("Disk").label("instance", host).label("cluster", "prod");
        one.summary(&format!("{host} is {used} % full"))
    };
    let alerts = [disk("db-1", 97), disk("db-2", 91), disk("db-3", 95).resolved()];
    let (view, _) = read(&group("Disk", alerts)).await;
    for once in ["cluster: prod", "since ", "Graph <", "Silence group <", "Alertmanager <"] {
        assert_eq!(view.matches(once).count(), 1, "{once} in {view}");
    }
    for line in [
        "🔴 *db-1 FIRING* db-1 is 97 % full",
        "🔴 *db-2 FIRING* db-2 is 91 % full",
        "✅ *db-3 RESOLVED*",
        "was: db-3 is 95 % full",
    ] {
        assert!(view.lines().any(|seen| seen == line), "{line} in {view}");
    }
}
