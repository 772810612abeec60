//! A real Alertmanager in front of the real binary: what the groups' readers see in the end.
//!
//! Debian's, which is years old, and a current one that `scripts/newest-alertmanager` builds.
//! Where one of them cannot be had, its tests say so in a line and end.

use std::path::Path;

use campana::clock::{Clock as _, SystemClock};
use dingtalk_sim::{Fault, Gate, Scope, Trouble};
use rustix::process::Signal;
use serde_json::{Value, json};
use test_support::{Alertmanager, Server, Site, current, debian, free_port, reached, until};

/// The first receiver, behind an Alertmanager; both come back to their own ports.
struct Town {
    site: Site,
    port: u16,
}

impl Town {
    async fn new() -> Self {
        let site = Site::with_receivers(1).await;
        Self { site, port: free_port() }
    }

    async fn campana(&self) -> Server {
        let address = format!("127.0.0.1:{}", self.port);
        self.site.started(&mut self.site.serve(["--web.listen-address", &address])).await
    }

    async fn alertmanager(&self, binary: &Path, name: &str) -> Alertmanager {
        let target = format!("http://127.0.0.1:{}/dingtalk/r0/send", self.port);
        Alertmanager::start(binary, &self.site.path().join(name), &target).await
    }

    fn titles(&self) -> Vec<String> {
        let posts = self.site.sim.posts_in("g0");
        posts.into_iter().map(|post| post.title.unwrap_or_default()).collect()
    }

    /// Waits until the group's reader has seen as many messages, and compares all of them.
    async fn reader_sees(&self, expected: &[&str]) {
        let enough = async || self.titles().len() >= expected.len();
        assert!(reached(enough).await, "only {:#?}", self.titles());
        assert_eq!(self.titles(), expected);
    }
}

/// An alert that begins now: Alertmanager waits `group_wait` only for one that is no older.
fn alert(team: &str, name: &str) -> Value {
    json!({
        "labels": {"team": team, "alertname": name, "severity": "critical"},
        "annotations": {"summary": format!("{name} of team {team}")},
        "startsAt": now(),
    })
}

/// The same, over now.
fn over(alert: &Value) -> Value {
    let mut alert = alert.clone();
    alert["endsAt"] = json!(now());
    alert
}

fn now() -> String {
    SystemClock.now().wall.to_string()
}

const DISK: &str = "[FIRING:1] DiskFull critical a";
const LAGS: &str = "[FIRING:2] LagHigh, LagRising critical b";
const LAGS_AND_MORE: &str = "[FIRING:3] LagHigh, LagRising, LagWorse critical b";
const DISK_OVER: &str = "[RESOLVED:1] DiskFull critical a";

/// From the first alert to the last, with everything restarted in between.
async fn story(binary: &Path) {
    let town = Town::new().await;
    let campana = town.campana().await;
    let mut alertmanager = town.alertmanager(binary, "am").await;
    let mut seen = vec![DISK];
    let disk = alert("a", "DiskFull");
    alertmanager.post(std::slice::from_ref(&disk)).await;
    town.reader_sees(&seen).await;

    let lags = [alert("b", "LagHigh"), alert("b", "LagRising")];
    alertmanager.post(&lags).await;
    seen.push(LAGS);
    town.reader_sees(&seen).await;
    let worse = alert("b", "LagWorse");
    alertmanager.post(std::slice::from_ref(&worse)).await;
    seen.push(LAGS_AND_MORE);
    town.reader_sees(&seen).await;
    alertmanager.post(&[over(&disk)]).await;
    seen.push(DISK_OVER);
    town.reader_sees(&seen).await;

    alertmanager.restart().await;
    // Prometheus goes on telling it what still fires; that is known and nothing new.
    alertmanager.post(&lags).await;
    alertmanager.post(&[worse]).await;
    let cert = alert("c", "CertOld");
    alertmanager.post(std::slice::from_ref(&cert)).await;
    seen.push("[FIRING:1] CertOld critical c");
    town.reader_sees(&seen).await;
    alertmanager.post(&[over(&cert)]).await;
    seen.push("[RESOLVED:1] CertOld critical c");
    town.reader_sees(&seen).await;

    let campana = away(&town, campana, &alertmanager, &mut seen).await;
    campana.drained().await;
    town.reader_sees(&seen).await;
    let accepted = campana.assert_accounts().await;
    assert!((accepted - 8.0).abs() < 0.5, "{accepted} deliveries");
    town.site.assert_sound().await;
}

/// Campana dies twice: while Alertmanager wants to speak, and while DingTalk does.
async fn away(
    town: &Town,
    campana: Server,
    alertmanager: &Alertmanager,
    seen: &mut Vec<&str>,
) -> Server {
    campana.process.kill();
    alertmanager.post(&[alert("d", "NodeDown")]).await;
    let refused = "alertmanager_notification_requests_failed_total";
    until("refused", async || alertmanager.metric(refused).await > 0.5).await;
    let campana = town.campana().await;
    seen.push("[FIRING:1] NodeDown critical d");
    town.reader_sees(seen).await;

    // The message is in the group, and its answer never comes.
    let gate = Gate::new();
    let held = Fault::once(Trouble::Held(gate.clone())).after_accepting();
    town.site.sim.fail(Scope::Server, held);
    alertmanager.post(&[alert("e", "DiskSlow")]).await;
    gate.reached(1).await;
    campana.process.kill();
    gate.open();
    seen.push("[FIRING:1] DiskSlow critical e");
    town.campana().await
}

/// Two Alertmanagers that know nothing of each other, told the same by the same Prometheus.
async fn twins(binary: &Path) {
    let town = Town::new().await;
    let campana = town.campana().await;
    let twins = [town.alertmanager(binary, "one").await, town.alertmanager(binary, "two").await];
    let mut seen = Vec::new();
    let disk = alert("a", "DiskFull");
    let steps = [(disk.clone(), DISK), (over(&disk), DISK_OVER)];
    for (told, (alert, title)) in (1..).zip(steps) {
        for twin in &twins {
            twin.post(std::slice::from_ref(&alert)).await;
        }
        seen.push(title);
        let duplicates = "campana_notifications_duplicate_total";
        let both = f64::from(told) - 0.5;
        until("told by both", async || campana.metric(duplicates).await > both).await;
        campana.drained().await;
        town.reader_sees(&seen).await;
    }
    let received = campana.metric("campana_notifications_received_total").await;
    assert!((received - 4.0).abs() < 0.5, "{received} notifications");
    campana.assert_accounts().await;
    for twin in twins {
        twin.stop(Signal::TERM).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_with_debians_alertmanager() {
    if let Some(binary) = debian() {
        story(&binary).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_with_a_current_alertmanager() {
    if let Some(binary) = current().await {
        story(&binary).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_of_debians_alertmanager_make_one_message() {
    if let Some(binary) = debian() {
        twins(&binary).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn twins_of_a_current_alertmanager_make_one_message() {
    if let Some(binary) = current().await {
        twins(&binary).await;
    }
}
