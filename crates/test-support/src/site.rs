//! Campana's binary with everything around it: a folder, a configuration, the simulated DingTalk.
//!
//! Only DingTalk is simulated. Binary, clock, disk and HTTP are real.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicU32, Ordering};

use dingtalk_sim::{Rate, Robot, Sim, SimSettings};
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use crate::process::{PATIENCE, Process, run, until};
use crate::record::Mark;

/// A folder with a configuration, and the simulator that it points at.
#[derive(Debug)]
pub(crate) struct Site {
    /// The binary that was built with the tests, or another one.
    pub(crate) binary: PathBuf,
    pub(crate) sim: Sim,
    pub(crate) folder: TempDir,
    pub(crate) client: Client,
    starts: AtomicU32,
}

/// An answer of the server, or that there was none.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }
}

impl Site {
    /// Receivers `r0` to `r<n-1>` with one robot each, `t<i>`, which posts to the group `g<i>`.
    pub(crate) async fn with_receivers(receivers: usize) -> Self {
        let lines = (0..receivers).map(|i| {
            format!("  - {{name: r{i}, chatbots: [{{name: bot, access_token: t{i}}}]}}\n")
        });
        let site = Self::with(&format!("receivers:\n{}", lines.collect::<String>())).await;
        for i in 0..receivers {
            site.sim.add_robot(Robot::new(format!("t{i}")).group(format!("g{i}")));
        }
        site
    }

    /// This configuration; `dingtalk`, `storage` and `web` are added.
    pub(crate) async fn with(configuration: &str) -> Self {
        let site = Self {
            binary: env!("CARGO_BIN_EXE_campana").into(),
            sim: Sim::start(SimSettings::default()).await.expect("the simulator starts"),
            folder: TempDir::new().expect("a folder"),
            client: Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client"),
            starts: AtomicU32::new(0),
        };
        // Campana keeps to its own 20 in a minute; what is tested here is not the ban.
        site.sim.change_rules(|rules| rules.rate = Rate::of(1_000, PATIENCE));
        site.configure(configuration);
        site
    }

    /// Writes the configuration file.
    pub(crate) fn configure(&self, configuration: &str) {
        let (url, database) = (self.sim.url(), self.database());
        let text = format!(
            "storage: {{url: 'sqlite:{}'}}\nweb: {{listen_address: '127.0.0.1:0'}}\n\
             dingtalk: {{oapi_url: '{url}', api_url: '{url}'}}\n{configuration}",
            database.display()
        );
        std::fs::write(self.config_file(), text).expect("the configuration is written");
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config_file(&self) -> PathBuf {
        self.path().join("campana.yml")
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path().join("data/campana.db")
    }

    /// A command of the binary, without the environment's settings.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(self.path()).args(arguments);
        command.env_remove("CAMPANA_FAILPOINT").env_remove("DINGTALK_ACCESS_TOKEN");
        command
    }

    /// Runs a command to its end: its status and what it printed.
    pub(crate) async fn run<'a>(
        &self,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> (ExitStatus, String) {
        run(&mut self.command(arguments), self.path()).await
    }

    /// `serve` with further flags, as it would be started.
    pub(crate) fn serve<'a>(&self, flags: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.command(["serve", "--config.file", "campana.yml"]);
        command.args(flags);
        command
    }

    /// Starts the server and does not wait for it.
    pub(crate) fn launch(&self, command: &mut Command) -> Process {
        let start = self.starts.fetch_add(1, Ordering::Relaxed);
        Process::start(command, &self.path().join(format!("serve-{start}.log")))
    }

    /// Starts the server; it takes notifications when this returns.
    pub(crate) async fn start(&self) -> Server {
        self.started(&mut self.serve([])).await
    }

    /// As `start`, with a point at which it is to die.
    pub(crate) async fn start_with_failpoint(&self, failpoint: &str) -> Server {
        self.started(self.serve([]).env("CAMPANA_FAILPOINT", failpoint)).await
    }

    /// Starts this command and waits until it takes notifications.
    pub(crate) async fn started(&self, command: &mut Command) -> Server {
        let mut process = self.launch(command);
        let mut address = None;
        until("started", async || {
            address = ready_address(&process.log());
            if address.is_none()
                && let Some(status) = process.status()
            {
                panic!("it ended with {status}\n{}", process.log());
            }
            address.is_some()
        })
        .await;
        let url = format!("http://{}", address.expect("it is ready"));
        Server { process, api: Api { url, client: self.client.clone() } }
    }

    /// `campana queue check`: its line, once it has found the database sound.
    pub(crate) async fn assert_sound(&self) -> String {
        let (status, text) = self.run(["queue", "check", "--config.file", "campana.yml"]).await;
        assert!(status.success() && text.contains("sound: "), "{text}");
        text
    }
}

/// Where a server listens that has said that it is ready.
pub(crate) fn ready_address(log: &str) -> Option<String> {
    // A line that is not whole yet may lack the end of its address.
    let whole = log.rsplit_once('\n')?.0;
    let line = whole.lines().find(|line| line.contains("Campana is ready"))?;
    let word = line.split_whitespace().find_map(|word| word.strip_prefix("address="))?;
    Some(word.to_owned())
}

/// A running server: its process, and its HTTP interface.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) process: Process,
    pub(crate) api: Api,
}

impl Deref for Server {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

/// The HTTP interface of a server, which may be dead.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) url: String,
    client: Client,
}

impl Api {
    /// Posts a notification for a receiver; none when the server died before it answered.
    pub(crate) async fn notify(&self, receiver: &str, body: &Value) -> Option<Answer> {
        self.post(&format!("/api/v1/receivers/{receiver}/alerts"), &body.to_string()).await
    }

    /// Posts a mark's notification.
    pub(crate) async fn post_mark(&self, mark: Mark) -> Option<Answer> {
        self.notify(&format!("r{}", mark.receiver), &mark.notification()).await
    }

    /// Whether it takes notifications.
    pub(crate) async fn is_ready(&self) -> bool {
        let answer = self.client.get(format!("{}/-/ready", self.url)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Option<Answer> {
        let request = self.client.post(format!("{}{path}", self.url)).body(body.to_owned());
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some(Answer { status, text: response.text().await.ok()? })
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        let response = self.client.get(format!("{}{path}", self.url)).send().await;
        let response = response.unwrap_or_else(|error| panic!("{path}: {error}"));
        let status = response.status().as_u16();
        Answer { status, text: response.text().await.expect("a body") }
    }

    /// The sum of a metric over its labels.
    pub(crate) async fn metric(&self, name: &str) -> f64 {
        let text = self.get("/metrics").await.text;
        let values = text.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let named = rest.starts_with('{') || rest.starts_with(' ');
            if named { rest.rsplit(' ').next()?.parse::<f64>().ok() } else { None }
        });
        values.sum()
    }

    /// Waits until nothing is queued.
    pub(crate) async fn drained(&self) {
        until("drained", async || self.metric("campana_deliveries_queued").await < 0.5).await;
    }

    /// Accepted = delivered + folded + dead + discarded + queued, by the metrics; gives the first.
    pub(crate) async fn assert_accounts(&self) -> f64 {
        let accepted = self.metric("campana_deliveries_accepted_total").await;
        let settled = self.metric("campana_deliveries_settled_total").await;
        let queued = self.metric("campana_deliveries_queued").await;
        assert!((accepted - settled - queued).abs() < 0.5, "{accepted} {settled} {queued}");
        accepted
    }

    /// The states of all deliveries by their ids, read page by page.
    pub(crate) async fn states(&self) -> BTreeMap<String, String> {
        let mut states = BTreeMap::new();
        let mut after = String::new();
        loop {
            let answer = self.get(&format!("/api/v1/deliveries?limit=500{after}")).await.json();
            let rows = answer["deliveries"].as_array().expect("a list").clone();
            let Some(last) = rows.last() else { return states };
            after = format!("&after={}", last["id"].as_str().expect("an id"));
            states.extend(rows.iter().map(|row| {
                let text = |key: &str| row[key].as_str().expect("a text").to_owned();
                (text("id"), text("state"))
            }));
        }
    }
}
