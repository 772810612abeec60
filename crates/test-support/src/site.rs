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

use crate::answer::Answer;
use crate::exposition::Exposition;
use crate::patience::{PATIENCE, until};
use crate::process::{Process, run};
use crate::record::Mark;

/// The folder of the workspace.
pub(crate) const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

/// A file in the folder of the build in which the running tests are, as `target/debug`.
pub(crate) fn beside_the_tests(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("the path of the running test");
    // The test itself is in `deps`.
    tests.parent().and_then(Path::parent).expect("the folder of the build").join(name)
}

/// A folder with a configuration, and the simulator that it points at.
#[derive(Debug)]
pub struct Site {
    /// The binary that was built with the tests, or another one.
    pub binary: PathBuf,
    /// DingTalk.
    pub sim: Sim,
    folder: TempDir,
    client: Client,
    starts: AtomicU32,
}

impl Site {
    /// Receivers `r0` to `r<n-1>` with one robot each, `t<i>`, which posts to the group `g<i>`.
    ///
    /// Each delivery is one message: a busy machine may let more wait than the rate lets through, and a
    /// test that counts messages would find a digest.
    pub async fn with_receivers(receivers: usize) -> Self {
        let lines = (0..receivers).map(|i| {
            let robot = format!("{{name: bot, access_token: t{i}, overflow: queue}}");
            format!("  - {{name: r{i}, chatbots: [{robot}]}}\n")
        });
        let site = Self::with(&format!("receivers:\n{}", lines.collect::<String>())).await;
        for i in 0..receivers {
            site.sim.add_robot(Robot::new(format!("t{i}")).group(format!("g{i}")));
        }
        site
    }

    /// This configuration; `dingtalk`, `storage` and `web` are added.
    ///
    /// # Panics
    ///
    /// When there is no port, folder or client.
    pub async fn with(configuration: &str) -> Self {
        let site = Self {
            binary: beside_the_tests("campana"),
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
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn configure(&self, configuration: &str) {
        let (url, database) = (self.sim.url(), self.database());
        let text = format!(
            "storage: {{url: 'sqlite:{}'}}\nweb: {{listen_address: '127.0.0.1:0'}}\n\
             dingtalk: {{oapi_url: '{url}', api_url: '{url}'}}\n{configuration}",
            database.display()
        );
        std::fs::write(self.config_file(), text).expect("the configuration is written");
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The configuration file.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.path().join("campana.yml")
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path().join("data/campana.db")
    }

    /// A command of the binary, without the environment's settings.
    pub fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(self.path()).args(arguments);
        command.env_remove("CAMPANA_FAILPOINT").env_remove("DINGTALK_ACCESS_TOKEN");
        command
    }

    /// Runs a command to its end: its status and what it printed.
    pub async fn run<'a>(
        &self,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> (ExitStatus, String) {
        run(&mut self.command(arguments), self.path()).await
    }

    /// `serve` with further flags, as it would be started.
    pub fn serve<'a>(&self, flags: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.command(["serve", "--config.file", "campana.yml"]);
        command.args(flags);
        command
    }

    /// Starts the server and does not wait for it.
    pub fn launch(&self, command: &mut Command) -> Process {
        let start = self.starts.fetch_add(1, Ordering::Relaxed);
        Process::start(command, &self.path().join(format!("serve-{start}.log")))
    }

    /// Starts the server; it takes notifications when this returns.
    pub async fn start(&self) -> Server {
        self.started(&mut self.serve([])).await
    }

    /// As `start`, with a point at which it is to die.
    pub async fn start_with_failpoint(&self, failpoint: &str) -> Server {
        self.started(self.serve([]).env("CAMPANA_FAILPOINT", failpoint)).await
    }

    /// Starts this command and waits until it takes notifications.
    ///
    /// # Panics
    ///
    /// When it ends instead.
    pub async fn started(&self, command: &mut Command) -> Server {
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
    ///
    /// # Panics
    ///
    /// When it finds the database not sound.
    pub async fn assert_sound(&self) -> String {
        let (status, text) = self.run(["queue", "check", "--config.file", "campana.yml"]).await;
        assert!(status.success() && text.contains("sound: "), "{text}");
        text
    }
}

/// Where a server listens that has said that it is ready.
fn ready_address(log: &str) -> Option<String> {
    // A line that is not whole yet may lack the end of its address.
    let whole = log.rsplit_once('\n')?.0;
    let line = whole.lines().find(|line| line.contains("Campana is ready"))?;
    let word = line.split_whitespace().find_map(|word| word.strip_prefix("address="))?;
    Some(word.to_owned())
}

/// A running server: its process, and its HTTP interface.
#[derive(Debug)]
pub struct Server {
    /// The process.
    pub process: Process,
    /// The HTTP interface.
    pub api: Api,
}

impl Deref for Server {
    type Target = Api;

    fn deref(&self) -> &Api {
        &self.api
    }
}

/// The HTTP interface of a server, which may be dead.
#[derive(Debug, Clone)]
pub struct Api {
    /// Where it listens.
    pub url: String,
    client: Client,
}

impl Api {
    /// Posts a notification for a receiver; none when the server died before it answered.
    pub async fn notify(&self, receiver: &str, body: &Value) -> Option<Answer> {
        self.post(&format!("/api/v1/receivers/{receiver}/alerts"), &body.to_string()).await
    }

    /// Posts a mark's notification.
    pub async fn post_mark(&self, mark: Mark) -> Option<Answer> {
        self.notify(&format!("r{}", mark.receiver), &mark.notification()).await
    }

    /// Whether it takes notifications.
    pub async fn is_ready(&self) -> bool {
        let answer = self.client.get(format!("{}/-/ready", self.url)).send().await;
        answer.is_ok_and(|answer| answer.status().is_success())
    }

    /// Posts a body; none when the server died before it answered.
    pub async fn post(&self, path: &str, body: &str) -> Option<Answer> {
        let request = self.client.post(format!("{}{path}", self.url)).body(body.to_owned());
        Answer::read(request.send().await.ok()?).await.ok()
    }

    /// Gets a page.
    ///
    /// # Panics
    ///
    /// When the server does not answer.
    pub async fn get(&self, path: &str) -> Answer {
        let response = self.client.get(format!("{}{path}", self.url)).send().await;
        let response = response.unwrap_or_else(|error| panic!("{path}: {error}"));
        Answer::read(response).await.expect("a body")
    }

    /// What `/metrics` says now.
    pub async fn scrape(&self) -> Exposition {
        Exposition(self.get("/metrics").await.text)
    }

    /// The sum of a metric over its labels.
    pub async fn metric(&self, name: &str) -> f64 {
        self.scrape().await.sum(name)
    }

    /// Waits until nothing is queued.
    pub async fn drained(&self) {
        until("drained", async || self.metric("campana_deliveries_queued").await < 0.5).await;
    }

    /// Accepted = delivered + folded + dead + discarded + queued, by one scrape; gives the first.
    ///
    /// # Panics
    ///
    /// When the two sides differ.
    pub async fn assert_accounts(&self) -> f64 {
        self.scrape().await.assert_accounts()
    }

    /// The states of all deliveries by their ids, read page by page.
    ///
    /// # Panics
    ///
    /// When a page is no list of deliveries.
    pub async fn states(&self) -> BTreeMap<String, String> {
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
