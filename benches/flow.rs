//! What the flow does in a second: messages written, and notifications accepted to disk.
//!
//! `cargo bench --bench flow` prints figures, each of `BENCH_SECONDS` (3); nothing is asserted, since
//! machines differ. Read them as ratios within one run.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench measures real time and prints it"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use campana::app::{App, Setup};
use campana::clock::SystemClock;
use campana::dingtalk::message::MessageType;
use campana::dingtalk::robot;
use campana::render::template::Stop;
use campana::render::{
    Format, Language, RenderBudget, SeverityOrder, Style, Subject, Surface, render,
};
use campana::settings::{Environment, Overrides, Settings};
use jiff::tz::TimeZone;
use serde_json::Value;
use test_support::alerts::{alert, group_by, notification};
use tokio::net::TcpListener;

fn main() {
    let seconds = std::env::var("BENCH_SECONDS").ok().and_then(|text| text.parse().ok());
    let time = Duration::from_secs_f64(seconds.unwrap_or(3.0));
    for alerts in [1, 10, 1_000, 10_000] {
        rendering(alerts, time);
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    for senders in [1, 16, 64] {
        runtime.block_on(accepting(senders, time));
    }
}

/// A payload with so many alerts, as Alertmanager sends it.
fn payload(key: &str, alerts: usize) -> Value {
    let alert = |number: usize| {
        alert("DiskFull")
            .label("instance", &format!("db-{number}:9100"))
            .label("job", "node")
            .label("team", "db")
            .severity("critical")
            .summary(&format!("the disk of db-{number} is 98 % full"))
            .annotation("description", "It fills in about 40 minutes.")
            .annotation("runbook_url", "https://runbooks.example/DiskFull")
    };
    group_by("key", key, (0..alerts).map(alert))
}

fn rendering(alerts: usize, time: Duration) {
    let notification = notification(&payload("g", alerts));
    let format = Format::of(MessageType::Markdown, Language::En);
    let style = Style::new(format, TimeZone::UTC);
    let surface = Surface::new(&robot::API);
    let now = "2026-11-20T19:12:00Z".parse().expect("a time");
    let (mut messages, mut parts) = (0_u32, 0);
    let began = Instant::now();
    while messages == 0 || began.elapsed() < time {
        let mut budget = RenderBudget::new(Stop::default());
        let subject = Subject::new(&notification, &SeverityOrder::USUAL);
        parts = render(&subject, &style, &surface, now, &mut budget).parts.len();
        messages += 1;
    }
    let each = began.elapsed() / messages;
    println!("render   {alerts:>6} alerts  {parts} parts  {each:>10.1?} a message");
}

/// POSTs from so many connections at once, each answered after its delivery is on disk.
async fn accepting(senders: u32, time: Duration) {
    let folder = tempfile::tempdir().expect("a folder");
    let address = serve(folder.path()).await;
    let url = format!("http://{address}/api/v1/receivers/ops/alerts");
    let began = Instant::now();
    let mut tasks = Vec::new();
    for sender in 0..senders {
        let url = url.clone();
        tasks.push(tokio::spawn(async move {
            let client = reqwest::Client::builder().no_proxy().build().expect("a client");
            let mut took = Vec::new();
            while took.is_empty() || began.elapsed() < time {
                let body = payload(&format!("{sender}-{}", took.len()), 1).to_string();
                let sent = Instant::now();
                let answer = client.post(&url).body(body).send().await.expect("an answer");
                assert_eq!(answer.status(), 200);
                took.push(sent.elapsed());
            }
            took
        }));
    }
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await.expect("no panic"));
    }
    took.sort_unstable();
    let rate = f64::from(u32::try_from(took.len()).expect("few")) / began.elapsed().as_secs_f64();
    let at = |percent: usize| took[(took.len() - 1) * percent / 100];
    println!(
        "accept   {senders:>6} senders  {rate:>7.0}/s  p50 {:>8.1?}  p99 {:>8.1?}",
        at(50),
        at(99)
    );
}

/// The real application, whose DingTalk does not answer: accepting must not depend on it.
async fn serve(folder: &Path) -> std::net::SocketAddr {
    let text = format!(
        "storage: {{url: 'sqlite:{}'}}\n\
         dingtalk: {{oapi_url: 'http://127.0.0.1:9', api_url: 'http://127.0.0.1:9'}}\n\
         receivers: [{{name: ops, chatbots: [{{name: bot, access_token: t}}]}}]\n",
        folder.join("campana.db").display()
    );
    let load = Arc::new(move || {
        let none = Environment::default();
        Settings::from_text("bench.yml", &text, Path::new(""), &none, &Overrides::default())
    });
    let settings = load().expect("valid").settings;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let clock = Arc::new(SystemClock);
    let flags = BTreeMap::new();
    let running =
        App::start(Setup { settings, load, flags, listener, clock }).await.expect("it starts");
    let address = running.address;
    // It ends with the bench.
    std::mem::forget(running);
    address
}
