//! `campana demo`: runs the real server against a simulated DingTalk, on this machine alone.
//!
//! Only DingTalk is simulated. Its throttle lasts seconds instead of ten minutes, so that the demo
//! ends soon.

mod story;

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::Args;
use dingtalk_sim::{App as SimApp, Rate, Robot, Sim, SimSettings, announcement};
use reqwest::{Client, Url};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing::Level;

use super::{print, serve};
use crate::app::{App, RunningApp, Setup};
use crate::clock::{Clock as _, SystemClock};
use crate::language::Language;
use crate::settings::LogFormat;
use crate::settings::{Environment, Overrides, Settings};
use crate::telemetry;
use story::{EXAMPLES, Example, TAKEN};

/// The port that the README names, the default of `web.listen_address`.
const PORT: u16 = 8060;
/// The longest that one example may take on a machine that is busy with something else.
const EXAMPLE_TIMEOUT: Duration = Duration::from_mins(1);
/// How often the state of a delivery is asked for.
const POLL_INTERVAL: Duration = Duration::from_millis(50);
/// How many lines of a message are printed: a message has to fit on a screen.
const SHOWN_LINES: usize = 26;
/// How many characters of a link's address are printed.
const LINK_LENGTH: usize = 36;
/// The length of the simulated throttle, really ten minutes, and of our first park, really one.
const BAN: Duration = Duration::from_secs(2);

/// The simulated robot's window, as DingTalk's.
const WINDOW: Duration = Duration::from_mins(1);

#[derive(Debug, Args)]
pub(super) struct DemoArgs {
    /// End after the messages, instead of leaving both servers up.
    #[arg(long)]
    once: bool,
    /// The language of the messages: `en` or `zh-CN`.
    #[arg(long, value_name = "LANGUAGE", default_value = "en", value_parser = language)]
    language: Language,
}

fn language(text: &str) -> Result<Language, String> {
    let known = Language::ALL.map(Language::as_str);
    let found = Language::ALL.into_iter().find(|language| language.as_str() == text);
    found.ok_or_else(|| format!("expected one of {}", known.join(", ")))
}

pub(super) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    telemetry::start(Level::ERROR, LogFormat::Logfmt);
    serve::runtime()?.block_on(demo(args))
}

async fn demo(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let sim = simulator().await?;
    let folder = tempfile::tempdir().context("no temporary folder can be made")?;
    let listener = listen().await?;
    let address = listener.local_addr()?;
    let running = start(&sim, folder.path(), args.language, listener).await?;
    introduce(address, &sim);
    let mut presenter = Presenter { sim: &sim, shown: 0, client: client()?, address };
    for example in EXAMPLES {
        presenter.present(&example).await?;
    }
    if !args.once {
        invite(address);
        until_interrupted(&mut presenter).await?;
    }
    running.stop().await.map_err(anyhow::Error::msg)?;
    Ok(ExitCode::SUCCESS)
}

async fn simulator() -> anyhow::Result<Sim> {
    let sim = Sim::start(SimSettings::default()).await.context("the simulator cannot start")?;
    sim.add_robot(Robot::new("demo-ops").group("ops"));
    sim.add_robot(Robot::new("demo-db").group("database").secret("SECdemo").keyword("alert"));
    let mut busy = Robot::new("demo-busy").group("busy");
    // However slow this machine is, the next message is within the window.
    busy.rate = Some(Rate::of(TAKEN, WINDOW).ban(BAN));
    sim.add_robot(busy);
    sim.add_app(SimApp::new("dingdemo", "demo-app-secret").group("ciddemo=="));
    Ok(sim)
}

/// Listens on the usual port, or on a free one if that is taken.
async fn listen() -> anyhow::Result<TcpListener> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match TcpListener::bind(at(PORT)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind(at(0)).await.context("no port is free"),
    }
}

async fn start(
    sim: &Sim,
    folder: &Path,
    language: Language,
    listener: TcpListener,
) -> anyhow::Result<RunningApp> {
    let text = story::configuration(&sim.url(), &folder.join("campana.db"), BAN, language);
    let load = Arc::new(move || {
        let (folder, none) = (Path::new(""), Environment::default());
        Settings::from_text("demo.yml", &text, folder, &none, &Overrides::default())
    });
    let settings = load().map_err(|errors| anyhow::anyhow!("{errors}"))?.settings;
    let clock = Arc::new(SystemClock);
    let flags = BTreeMap::new();
    Ok(App::start(Setup { settings, load, flags, listener, clock }).await?)
}

fn client() -> anyhow::Result<Client> {
    // Both servers are on this machine, where a proxy in the environment does not lead.
    Client::builder().no_proxy().build().context("the HTTP client cannot start")
}

fn introduce(address: SocketAddr, sim: &Sim) {
    print::line(&format!(
        "Campana listens on http://{address}, a simulated DingTalk on {}.\n\
         The throttled robot takes {TAKEN} messages (really 20 in 60 s), then refuses for {} s (really \
         10 min); Campana parks it for {} s (really 60 s).",
        sim.url(),
        BAN.as_secs(),
        BAN.as_secs()
    ));
}

fn invite(address: SocketAddr) {
    print::line(&format!("\n{}", story::invitation(address)));
}

/// Posts the examples and prints the messages that arrive.
struct Presenter<'a> {
    sim: &'a Sim,
    shown: usize,
    client: Client,
    address: SocketAddr,
}

impl Presenter<'_> {
    /// Posts one example, waits until its deliveries are settled, and prints the messages.
    async fn present(&mut self, example: &Example) -> anyhow::Result<()> {
        print::line(&format!("\n━━━ {} ━━━", example.title));
        let answered = self.sim.calls().len();
        let mut deliveries = Vec::new();
        for body in (example.bodies)(SystemClock.now().wall) {
            let path = format!("/api/v1/receivers/{}/alerts", example.receiver);
            let request = self.client.post(self.url(&path)?).body(body.to_string());
            let response = request.send().await?;
            let status = response.status();
            let answer: Value = serde_json::from_str(&response.text().await?)?;
            print::line(&format!("POST {path} → {} {answer}", status.as_u16()));
            if !status.is_success() {
                bail!("the example was not accepted");
            }
            let ids = answer["ids"].as_array().cloned().unwrap_or_default();
            deliveries.extend(ids.iter().filter_map(Value::as_str).map(str::to_owned));
        }
        if deliveries.is_empty() {
            print::line("No condition held, so nothing is sent.");
        }
        if let Some(taken) = example.taken {
            self.take_again(answered + taken + 1).await?;
        }
        for id in deliveries {
            let delivery = self.settled(&id).await?;
            self.show_posts();
            Self::show_attempts(&delivery);
        }
        Ok(())
    }

    /// Waits until the throttled robot has refused a message, which is this answer of DingTalk's, and lets it
    /// take as many as a real one once it is not banned any more.
    async fn take_again(&self, answer: usize) -> anyhow::Result<()> {
        tokio::time::timeout(EXAMPLE_TIMEOUT, self.sim.wait_for_answers(answer))
            .await
            .context("no message was refused in time")?;
        let rate = Rate::of(20, WINDOW).ban(BAN);
        self.sim.change_robot("demo-busy", |robot| robot.rate = Some(rate));
        Ok(())
    }

    fn url(&self, path: &str) -> anyhow::Result<Url> {
        Url::parse(&format!("http://{}{path}", self.address)).context("no URL")
    }

    /// Waits until the delivery is settled.
    async fn settled(&mut self, id: &str) -> anyhow::Result<Value> {
        let url = self.url(&format!("/api/v1/deliveries/{id}"))?;
        let poll = async {
            loop {
                let text = self.client.get(url.clone()).send().await?.text().await?;
                let delivery: Value = serde_json::from_str(&text)?;
                if delivery["state"] != "queued" {
                    return Ok::<Value, anyhow::Error>(delivery);
                }
                tokio::time::sleep(POLL_INTERVAL).await;
            }
        };
        let delivery = tokio::time::timeout(EXAMPLE_TIMEOUT, poll)
            .await
            .with_context(|| format!("delivery {id} did not arrive in time"))??;
        if delivery["state"] != "delivered" {
            bail!("delivery {id} is {}: {}", delivery["state"], delivery["reason"]);
        }
        Ok(delivery)
    }

    /// Prints the messages that arrived since the last call.
    fn show_posts(&mut self) {
        let posts = self.sim.posts();
        for post in posts.iter().skip(self.shown) {
            let text = announcement(post);
            let lines: Vec<&str> = text.lines().collect();
            print::line("");
            for line in lines.iter().take(SHOWN_LINES) {
                print::line(&format!("  {}", with_short_links(line)));
            }
            if lines.len() > SHOWN_LINES {
                print::line(&format!("  … {} more lines", lines.len() - SHOWN_LINES));
            }
        }
        self.shown = posts.len();
    }

    /// Prints the attempts of the delivery that failed.
    fn show_attempts(delivery: &Value) {
        let attempts = delivery["attempts"].as_array().map(Vec::as_slice).unwrap_or_default();
        for attempt in attempts.iter().filter(|attempt| attempt["outcome"] != "ok") {
            print::line(&format!(
                "\n  (delivery {} was refused first: {})",
                delivery["id"].as_str().unwrap_or_default(),
                attempt["words"].as_str().unwrap_or_default()
            ));
        }
    }
}

/// The line with the addresses of its links cut short, so that it fits into a terminal.
fn with_short_links(line: &str) -> String {
    let mut short = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("<http") {
        let Some((address, following)) = after.split_once('>') else { break };
        let shown: String = address.chars().take(LINK_LENGTH).collect();
        let mark = if shown.len() < address.len() { "…" } else { "" };
        short.extend([before, "<http", &*shown, mark, ">"]);
        rest = following;
    }
    short + rest
}

/// Prints the messages that arrive, until SIGINT or SIGTERM.
async fn until_interrupted(presenter: &mut Presenter<'_>) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    loop {
        let next = presenter.shown + 1;
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            _ = presenter.sim.wait_for_posts(next) => presenter.show_posts(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_address_is_cut_and_the_words_stay() {
        let long = format!("http://alertmanager.example:9093/#/silences/new?{}", "x".repeat(90));
        let line = format!("Graph <http://a.example> · Silence <{long}> · end");
        let cut = "http://alertmanager.example:9093/#/silen…";
        let shown = format!("Graph <http://a.example> · Silence <{cut}> · end");
        assert_eq!(with_short_links(&line), shown);
        assert_eq!(with_short_links("1 < 2 <http"), "1 < 2 <http");
    }
}
